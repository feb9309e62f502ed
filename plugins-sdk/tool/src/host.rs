//! `ruled`, called as a child: it is the only program that runs plugins.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use ruled_manifest::{Description, Environment, FORMAT, Kind, Manifest, Need, Store, Want, sha256};

use crate::component::Outside;
use crate::{Refusal, compile, files, shown};

/// What `ruled` prints of a description is cut after so many bytes; its own limits are far below.
const DESCRIPTION_BYTES_MAX: u64 = 1 << 20;

/// What it complains of is cut after so many bytes.
const COMPLAINT_BYTES_MAX: u64 = 4 << 10;

/// The exit status of ruled for a name that a probe cannot have.
const TAKEN: i32 = 1;

/// From this size on it is said that a component is compiled: that takes longer than anybody waits without a word.
const LARGE_BYTES: u64 = 8 << 20;

/// How many plugins that were tried are kept compiled.
const TRIED_MAX: usize = 50;

/// The program: the one beside this one, otherwise the one in `PATH`.
pub(crate) fn ruled() -> Result<PathBuf, Refusal> {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("ruled")));
    beside.filter(|beside| beside.is_file()).or_else(|| files::in_path("ruled")).ok_or_else(|| {
        Refusal::unusable(
            "there is no `ruled` beside this program or in PATH, and only ruled runs plugins; install it first",
        )
    })
}

/// The argument of ruled that says where the words of a rule stand. It goes before what is looked at: behind that there are
/// only words.
pub(crate) const WORDS_ON_STDIN: &str = "--words-on-stdin";

/// `ruled` with these arguments and these words of a rule, for plugins of this store. Secrets may stand among the words, and
/// everybody on the machine may see the arguments of a program, so the words go another way, as `WORDS_ON_STDIN` among the
/// arguments says.
fn call(store: &Store, arguments: &[String], words: &[String], stdout: Stdio) -> Result<Child, Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot call ruled: {error}"));
    let words = serde_json::to_vec(words).map_err(|error| cannot(error.into()))?;
    let mut child = Command::new(ruled()?)
        .args(arguments)
        .env("RULED_PLUGINS", store.folder())
        .stdin(Stdio::piped())
        .stdout(stdout)
        .spawn()
        .map_err(cannot)?;
    // One that refuses its arguments does not read on.
    let feeding = child.stdin.take().map(|mut stdin| std::thread::spawn(move || stdin.write_all(&words).ok()));
    drop(feeding);
    Ok(child)
}

/// `ruled` with these arguments and these words of a rule. Its output is this program's.
pub(crate) fn run(store: &Store, arguments: &[String], words: &[String]) -> Result<ExitStatus, Refusal> {
    let mut child = call(store, arguments, words, Stdio::inherit())?;
    child.wait().map_err(|error| Refusal::unusable(format!("cannot wait for ruled: {error}")))
}

/// What `ruled` prints with these arguments and these words of a rule, which is one JSON object.
pub(crate) fn ask(store: &Store, arguments: &[String], words: &[String]) -> Result<serde_json::Value, Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot call ruled: {error}"));
    let mut child = call(store, arguments, words, Stdio::piped())?;
    let mut answer = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(DESCRIPTION_BYTES_MAX).read_to_end(&mut answer).map_err(cannot)?;
    }
    child.wait().map_err(cannot)?;
    // It has said on standard error what is wrong with the words.
    serde_json::from_slice(&answer).map_err(|_| Refusal::unusable("ruled does not take these words"))
}

/// The store of plugins that ruled may run.
pub(crate) fn added() -> Result<Store, Refusal> {
    let folder = Environment::own().plugins();
    folder.map(Store::at).ok_or_else(|| {
        Refusal::unusable("there is no folder for plugins: neither RULED_PLUGINS nor XDG_STATE_HOME nor HOME is set")
    })
}

/// A store for plugins that are only tried: nothing in it is run by a ruled that watches.
pub(crate) fn tried() -> Result<Store, Refusal> {
    let folder = Environment::own().cache();
    folder.map(|folder| Store::at(folder.join("tried"))).ok_or_else(|| {
        Refusal::unusable("there is no folder for what is compiled: neither XDG_CACHE_HOME nor HOME is set")
    })
}

/// A file with these bytes, by which ruled finds what is stored of them: a module that was packed has none of its own.
pub(crate) fn file(component: &[u8]) -> Result<tempfile::NamedTempFile, Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot write a file for ruled: {error}"));
    let mut file = tempfile::Builder::new().suffix(".wasm").tempfile().map_err(cannot)?;
    file.write_all(component).map_err(cannot)?;
    Ok(file)
}

/// Why a probe cannot be called that, as a sentence; nothing where it can, or where there is no ruled to ask.
pub(crate) fn taken(name: &str) -> Option<String> {
    let mut ruled = Command::new(ruled().ok()?);
    let answer = ruled.args(["plugin", "name", name]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let why = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    (answer.status.code() == Some(TAKEN) && !why.is_empty()).then_some(why)
}

/// Sees to it that a component is in a store, as the newest there: compiled, described, stored.
pub(crate) fn store(store: &Store, path: &Path, component: &[u8], outside: &Outside) -> Result<Manifest, Refusal> {
    let wasm_sha256 = sha256(component);
    let engine = ruled_builder::engine_word();
    let unusable = |error: ruled_manifest::StoreError| Refusal::unusable(error.to_string());
    let of_path = |refusal: Refusal| refusal.of(&format!("{}: ", path.display()));
    let from = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string();
    if let Some((manifest, _)) = stored(store, &wasm_sha256, &engine) {
        // It may have been described to a ruled that knew fewer protocols.
        let taken = || taken(&manifest.description.name);
        if let Some(why) = (manifest.kind == Kind::Probe).then(taken).flatten() {
            return Err(of_path(Refusal::failed(why)));
        }
        return store.renew(Manifest { from, ..manifest }).map_err(unusable);
    }
    let code = match compiled_before(store, &wasm_sha256, &engine) {
        Some(code) => code,
        None => {
            if component.len() as u64 >= LARGE_BYTES {
                let (path, size) = (shown::path(path), component.len() >> 20);
                eprintln!("ruled-plugin: compiling {path}, once; its {size} MiB may take a minute");
            }
            compile::compile(component.to_vec()).map_err(of_path)?
        }
    };
    let undescribed = Manifest {
        format: FORMAT,
        wasm_sha256,
        wasm_bytes: component.len() as u64,
        engine,
        code_sha256: sha256(&code),
        kind: outside.kind,
        wants: outside.wants.clone(),
        needs: Vec::new(),
        description: nothing(),
        from,
        added: 0,
    };
    let Answer { wants, needs, description } = described(&undescribed, &code).map_err(of_path)?;
    store.put_as_newest(Manifest { wants, needs, description, ..undescribed }, &code).map_err(unusable)
}

/// A store that has this plugin alone: there its name means it, whatever else was tried or added under that name.
pub(crate) struct Alone {
    pub(crate) store: Store,
    _folder: tempfile::TempDir,
}

impl Alone {
    /// Takes a plugin out of a store.
    pub(crate) fn of(store: &Store, manifest: &Manifest) -> Result<Alone, Refusal> {
        let code = store.code(manifest).map_err(|error| Refusal::unusable(error.to_string()))?;
        Alone::with(manifest, &code)
    }

    fn with(manifest: &Manifest, code: &[u8]) -> Result<Alone, Refusal> {
        let folder = tempfile::tempdir()
            .map_err(|error| Refusal::unusable(format!("cannot make a temporary folder: {error}")))?;
        let store = Store::at(folder.path().join("plugins"));
        store.put(manifest, code).map_err(|error| Refusal::unusable(error.to_string()))?;
        Ok(Alone { store, _folder: folder })
    }
}

/// What a store has of a component for this engine. What is damaged there is as good as nothing, and so is what somebody
/// else could have written.
fn stored(store: &Store, wasm_sha256: &str, engine: &str) -> Option<(Manifest, Vec<u8>)> {
    let manifest = store.find(wasm_sha256).ok()??;
    let code = (manifest.engine == engine).then(|| store.code(&manifest).ok())??;
    Some((manifest, code))
}

/// The code of a component that was compiled for the other store, so that what was tried is not compiled again when it is
/// added. Both stores belong to whoever calls this, or to the administrator, and nobody else can write there.
fn compiled_before(store: &Store, wasm_sha256: &str, engine: &str) -> Option<Vec<u8>> {
    let others = [tried(), added()].into_iter().flatten().filter(|other| other != store);
    others.into_iter().find_map(|other| stored(&other, wasm_sha256, engine)).map(|(_, code)| code)
}

/// Removes what was tried longest ago, but not this plugin.
pub(crate) fn forget(store: &Store, but: &Manifest) {
    let Ok((mut all, _)) = store.list() else { return };
    all.retain(|manifest| manifest.wasm_sha256 != but.wasm_sha256);
    all.sort_by_key(|manifest| manifest.added);
    let old = (all.len() + 1).saturating_sub(TRIED_MAX);
    for manifest in &all[..old] {
        store.remove(&manifest.wasm_sha256).ok();
    }
}

/// What a plugin is called before it has said its name.
const UNDESCRIBED: &str = "undescribed";

/// The description before the plugin was asked for its own.
fn nothing() -> Description {
    Description {
        name: UNDESCRIBED.into(),
        version: "".into(),
        summary: "".into(),
        page: "".into(),
        transports: Vec::new().into(),
        default_port: None,
        default_tls_port: None,
        start_tls: false,
        options: Vec::new().into(),
        metrics: Vec::new().into(),
    }
}

/// What ruled says of a plugin that it has asked.
#[derive(serde::Deserialize)]
struct Answer {
    wants: Vec<Want>,
    needs: Vec<Need>,
    description: Description,
}

/// What the plugin says about itself. It is asked in a store of its own, so that nothing lies in the real one before it
/// has answered.
fn described(manifest: &Manifest, code: &[u8]) -> Result<Answer, Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot call ruled: {error}"));
    let alone = Alone::with(manifest, code)?;
    let mut child = Command::new(ruled()?)
        .args(["plugin", "describe", &manifest.wasm_sha256])
        .env("RULED_PLUGINS", alone.store.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let (mut answer, mut complaint) = (Vec::new(), Vec::new());
    if let Some(stdout) = child.stdout.take() {
        stdout.take(DESCRIPTION_BYTES_MAX).read_to_end(&mut answer).map_err(cannot)?;
    }
    if let Some(stderr) = child.stderr.take() {
        stderr.take(COMPLAINT_BYTES_MAX).read_to_end(&mut complaint).map_err(cannot)?;
    }
    let status = child.wait().map_err(cannot)?;
    if !status.success() {
        let complaint = String::from_utf8_lossy(&complaint).replace(&format!("the {UNDESCRIBED} plugin"), "the plugin");
        let why = complaint.trim().trim_start_matches("ruled: ");
        return Err(Refusal::failed(if why.is_empty() {
            format!("ruled ended with {status}")
        } else {
            why.to_owned()
        }));
    }
    serde_json::from_slice(&answer).map_err(|error| {
        Refusal::unusable(format!("this ruled is of another version: its answer is not understood ({error})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_longest_ago_is_forgotten_but_not_what_is_being_tried() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::at(folder.path().join("tried"));
        let manifest = |added: u64| Manifest {
            format: FORMAT,
            wasm_sha256: sha256(&added.to_le_bytes()),
            wasm_bytes: 1,
            engine: "an engine".into(),
            code_sha256: sha256(b"code"),
            kind: Kind::Check,
            wants: Vec::new(),
            needs: Vec::new(),
            description: nothing(),
            from: "a test".into(),
            added,
        };
        for added in 0..TRIED_MAX as u64 + 3 {
            store.put(&manifest(added), b"code").expect("it is stored");
        }
        forget(&store, &manifest(0));
        let dates: Vec<u64> = store.list().expect("a list").0.iter().map(|manifest| manifest.added).collect();
        assert_eq!(dates.len(), TRIED_MAX);
        assert_eq!(dates[..3], [0, 4, 5]);
    }
}
