//! From the bytes of a component to something that can be instantiated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ruled_manifest::{Kind, Want};
use tokio::sync::OnceCell;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::added::Added;
use super::bindings::checks::CheckWithEverythingPre;
use super::bindings::checks::ruled::plugin::{dial, files, http};
use super::bindings::{Probe, ProbePre};
use super::guest::Guest;
use super::interfaces::Interfaces;
use crate::words;

/// After so long it is tried again to load what could not be loaded: the machine may have lacked something.
const FAILED_FOR: Duration = Duration::from_secs(30);

/// A component, ready to be instantiated.
#[derive(Clone)]
pub(super) enum Ready {
    Probe(ProbePre<Guest>),
    Check(CheckWithEverythingPre<Guest>),
}

/// A plugin of one's own, loaded.
pub(super) struct Loaded {
    pub(super) engine: Engine,
    pub(super) ready: Ready,
    pub(super) kind: Kind,
    /// What its imports ask for.
    pub(super) wants: Vec<Want>,
}

/// What became of loading one; a sentence where it failed.
type Outcome = Result<Arc<Loaded>, String>;

/// The plugins of one's own that are loaded, as long as somebody has them.
#[derive(Default)]
pub(super) struct Shelf {
    places: Mutex<HashMap<[u8; 32], Place>>,
}

struct Place {
    plugin: Weak<Added>,
    began: Instant,
    loaded: Arc<OnceCell<Outcome>>,
}

impl Shelf {
    /// The plugin, loaded. The first call loads it, on a thread that may take its time.
    pub(super) async fn get(&self, engine: &Engine, plugin: &Arc<Added>) -> Outcome {
        let place = self.place(plugin);
        let load = || async {
            let (engine, plugin) = (engine.clone(), Arc::clone(plugin));
            let loading = tokio::task::spawn_blocking(move || load(engine, &plugin).map(Arc::new));
            loading.await.unwrap_or_else(|_| Err("the thread that loads plugins has come to an end".to_owned()))
        };
        place.get_or_init(load).await.clone()
    }

    fn place(&self, plugin: &Arc<Added>) -> Arc<OnceCell<Outcome>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get_mut(&plugin.code_sha256()) {
            let is_another = !std::ptr::eq(place.plugin.as_ptr(), Arc::as_ptr(plugin));
            let has_failed = matches!(place.loaded.get(), Some(Err(_)));
            if !(has_failed && (is_another || place.began.elapsed() > FAILED_FOR)) {
                // The rules may have been read again; the code is the same.
                place.plugin = Arc::downgrade(plugin);
                return Arc::clone(&place.loaded);
            }
        }
        // Those that no rule has any more are not kept.
        places.retain(|_, place| place.plugin.strong_count() > 0);
        let loaded = Arc::default();
        let place = Place { plugin: Arc::downgrade(plugin), began: Instant::now(), loaded: Arc::clone(&loaded) };
        places.insert(plugin.code_sha256(), place);
        loaded
    }
}

/// Loads a plugin of one's own.
fn load(engine: Engine, plugin: &Added) -> Result<Loaded, String> {
    let name = &plugin.manifest().description.name;
    let failed = |what: String| format!("the {name} plugin {what}");
    let cannot = |reason: String| failed(format!("cannot be loaded: {reason}"));
    if plugin.manifest().engine != ruled_loader::engine_word() {
        return Err(failed("was added for another version of ruled; `ruled-plugin add` adds it again".to_owned()));
    }
    let code = plugin.code().map_err(cannot)?;
    let component = ruled_loader::load_added(&engine, &code, plugin.code_sha256())
        .map_err(|error| cannot(error.root_cause().to_string()))?;
    drop(code);
    let Interfaces { kind, wants } = Interfaces::of(&component, &engine).map_err(failed)?;
    let linker = linker(&engine, &wants).map_err(|error| cannot(error.root_cause().to_string()))?;
    // Interfaces that this ruled has, with functions that it has not.
    let linked = linker.instantiate_pre(&component).map_err(|error| failed(lacking(&error)))?;
    let ready = match kind {
        Kind::Probe => ProbePre::new(linked).map(Ready::Probe),
        Kind::Check => CheckWithEverythingPre::new(linked).map(Ready::Check),
    };
    let ready = ready.map_err(|_| failed("exports its functions in another form than this ruled calls".to_owned()))?;
    Ok(Loaded { engine, ready, kind, wants })
}

/// Which function of an interface that this ruled has it has not, or not as the plugin calls it. The linker wraps its reason in
/// the names of both.
fn lacking(error: &wasmtime::Error) -> String {
    let named = error.chain().filter_map(|cause| cause.to_string().split('`').nth(1).map(str::to_owned));
    let named: Vec<String> = named.take(2).collect();
    let [interface, function] = named.as_slice() else {
        return "needs something that this ruled does not have; a newer one may".to_owned();
    };
    // In front of those of a resource stands what they are: `[method]connection.send`.
    let (interface, function) = (words::name(interface), words::name(function.rsplit(']').next().unwrap_or(function)));
    if error.root_cause().to_string().ends_with("implementation is missing") {
        return format!("needs {function} of {interface}, which this ruled does not have; a newer one may");
    }
    format!("needs {function} of {interface} in another form than this ruled has it")
}

/// What links what the component wants and nothing else.
fn linker(engine: &Engine, wants: &[Want]) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = free(engine)?;
    for want in wants {
        match want {
            Want::Connect => dial::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?,
            Want::Read => files::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?,
            Want::Fetch => http::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?,
        }
    }
    Ok(linker)
}

/// What every plugin has.
pub(super) fn free(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    Probe::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use wasmtime::Error;

    use super::*;

    #[test]
    fn what_is_lacking_is_named_in_words_of_ours() {
        let linker = |reason: &'static str, function: &str| {
            let error = Error::msg(reason).context(format!("instance export `{function}` has the wrong type"));
            error.context("component imports instance `ruled:plugin/net@0.1.3`, but there is no such thing")
        };
        let missing = lacking(&linker("function implementation is missing", "[method]connection.peek"));
        assert_eq!(
            missing,
            "needs connection.peek of ruled:plugin/net@0.1.3, which this ruled does not have; a newer one may"
        );
        let other = lacking(&linker("type mismatch with parameters", "dial"));
        assert_eq!(other, "needs dial of ruled:plugin/net@0.1.3 in another form than this ruled has it");
        assert!(lacking(&Error::msg("something new")).starts_with("needs something that this ruled does not have"));
    }
}
