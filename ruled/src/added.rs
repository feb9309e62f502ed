//! Plugins of somebody's own as rules name them: by a file. Which code that is, the store says, and nothing else is run:
//! the file is read for its SHA-256 alone.
//!
//! What does not live here: running them, which is the room `plugin`, and storing them, which is another program's.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use ruled_manifest::{Environment, Kind, Manifest, Store};
use sha2::{Digest, Sha256};

use crate::plugin::{self, Added, FoundProbe};

/// The largest component that is looked at: `ruled-plugin add` takes no larger one.
const COMPONENT_BYTES_MAX: u64 = 32 << 20;

/// What a file that rules name is.
#[derive(Debug, Clone)]
pub enum Found {
    /// It was added.
    Added(Arc<Added>),
    /// It was not added, or for another version of ruled. What to do, in a sentence without its full stop.
    NotAdded(String),
    /// There is no such file. Which, in a sentence without its full stop.
    Missing(String),
    /// It cannot be read. Why, in a sentence without its full stop.
    Unreadable(String),
    /// The store cannot be trusted. Why, in a sentence without its full stop.
    Refused(String),
}

/// What was added.
#[derive(Debug, Clone)]
pub struct Plugins {
    /// Nothing where there is no folder for it.
    store: Option<Store>,
}

impl Plugins {
    /// Those that the environment of this process leads to.
    pub fn own() -> Plugins {
        Plugins { store: Environment::own().plugins().map(Store::at) }
    }

    /// Those in this store.
    pub fn of(store: Store) -> Plugins {
        Plugins { store: Some(store) }
    }

    /// Where they lie.
    pub fn folder(&self) -> Option<&Path> {
        self.store.as_ref().map(Store::folder)
    }

    /// The plugin that a file is.
    pub fn find(&self, path: &Path) -> Found {
        match sha256(path) {
            Ok(sha256) => self.by_sha256(&sha256, &path.display().to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Found::Missing(format!("there is no file {}", path.display()))
            }
            Err(error) => Found::Unreadable(format!("cannot read {}: {error}", path.display())),
        }
    }

    /// The plugin whose component has this SHA-256. `shown` is what people call it.
    pub fn by_sha256(&self, sha256: &str, shown: &str) -> Found {
        let not_added =
            |why: &str| Found::NotAdded(format!("{shown} {why}; `ruled-plugin add {shown}` lets ruled run it"));
        let Some(store) = &self.store else { return not_added("was not added") };
        match store.find(sha256) {
            Ok(None) => not_added("was not added"),
            Ok(Some(manifest)) if manifest.engine != ruled_loader::engine_word() => {
                not_added("was added for another version of ruled")
            }
            Ok(Some(manifest)) => match added(store, manifest) {
                Ok(added) => Found::Added(Arc::new(added)),
                Err(why) => Found::Refused(why),
            },
            Err(error) => Found::Refused(error.to_string()),
        }
    }

    /// The same, and whether the code that is stored of it is what was stored.
    pub fn find_whole(&self, path: &Path) -> Found {
        let found = self.find(path);
        if let (Found::Added(plugin), Some(store)) = (&found, &self.store)
            && let Err(error) = store.code(plugin.manifest())
        {
            return Found::Refused(error.to_string());
        }
        found
    }

    /// Every plugin of this version of ruled, by name, of each name only the newest probe and the newest check, and sentences about what is of no use.
    pub fn newest(&self) -> (Vec<Manifest>, Vec<String>) {
        let Some(store) = &self.store else { return (Vec::new(), Vec::new()) };
        let (all, bad) = match store.list() {
            Ok(listed) => listed,
            Err(error) => return (Vec::new(), vec![error.to_string()]),
        };
        let mut newest: HashMap<(String, bool), Manifest> = HashMap::new();
        // The newest of each name is the last.
        for manifest in all.into_iter().filter(|manifest| manifest.engine == ruled_loader::engine_word()) {
            let is_probe = manifest.kind == Kind::Probe;
            newest.insert((manifest.description.name.to_string(), is_probe), manifest);
        }
        let mut newest: Vec<Manifest> = newest.into_values().collect();
        newest.sort_by(|left, right| left.description.name.cmp(&right.description.name));
        (newest, bad.into_iter().map(|error| error.to_string()).collect())
    }

    /// What was added for another version of ruled, and must be added again.
    pub fn outdated(&self) -> Vec<Manifest> {
        let Some(Ok((all, _))) = self.store.as_ref().map(Store::list) else { return Vec::new() };
        all.into_iter().filter(|manifest| manifest.engine != ruled_loader::engine_word()).collect()
    }

    /// Every probe of this version of ruled, by name, the newest of each name.
    fn probes(&self) -> HashMap<String, Manifest> {
        let probes = self.newest().0.into_iter().filter(|manifest| manifest.kind == Kind::Probe);
        probes.map(|manifest| (manifest.description.name.to_string(), manifest)).collect()
    }
}

/// The stock plugins, and the probes that were added: those that are added while ruled runs, too.
pub fn plugins() -> plugin::Plugins {
    let (added, mut probes) = (Plugins::own(), Probes::default());
    plugin::Plugins::stock_and(move |name| probes.find(&added, name))
}

/// The probes that were added, looked up again when something was added or removed.
#[derive(Default)]
struct Probes {
    seen: Option<Mark>,
    stored: HashMap<String, Manifest>,
    in_use: HashMap<String, Arc<Added>>,
}

impl Probes {
    /// The probe of this name, if there is one.
    fn find(&mut self, added: &Plugins, name: &str) -> Option<FoundProbe> {
        let store = added.store.as_ref()?;
        let now = Mark::at(store.folder());
        if self.seen != now || now.is_none() {
            self.stored = added.probes();
            self.seen = now;
        }
        let manifest = self.stored.get(name)?;
        let used = self.in_use.get(name);
        // The same component stays the same plugin, with its faults and what was loaded of it.
        if let Some(used) = used.filter(|used| used.manifest() == manifest) {
            return Some(FoundProbe { plugin: Arc::clone(used), news: None });
        }
        let fresh = self::added(store, manifest.clone()).ok()?;
        let replaced = used.filter(|used| used.manifest().wasm_sha256 != fresh.manifest().wasm_sha256);
        let news = replaced.map(|used| {
            let (now, before) = (identity(fresh.manifest()), identity(used.manifest()));
            format!("`protocol {name}` is checked by {now} from here on, no longer by {before}")
        });
        let plugin = Arc::new(fresh);
        self.in_use.insert(name.to_owned(), Arc::clone(&plugin));
        Some(FoundProbe { plugin, news })
    }
}

/// What tells a plugin from others of its name, for people.
fn identity(manifest: &Manifest) -> String {
    let (about, sha256) = (&manifest.description, &manifest.wasm_sha256);
    format!("{} {} (SHA-256 {}…)", about.name, about.version, sha256.get(..8).unwrap_or(sha256))
}

/// A plugin whose code is read from the store when it is first used.
fn added(store: &Store, manifest: Manifest) -> Result<Added, String> {
    let (store, stored) = (store.clone(), manifest.clone());
    Added::new(manifest, move || store.code(&stored).map_err(|error| error.to_string()))
}

/// The SHA-256 of a file. One that changes while it is read has the digest of neither, and is found by none.
fn sha256(path: &Path) -> std::io::Result<String> {
    let other = |why: &str| std::io::Error::other(why.to_owned());
    let mut file = File::options().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(other("it is not a regular file"));
    }
    if found.len() > COMPONENT_BYTES_MAX {
        return Err(other("it has more than 32 MiB"));
    }
    let mut digest = Sha256::new();
    let mut room = vec![0; 64 << 10];
    let mut left = COMPONENT_BYTES_MAX;
    loop {
        let count = file.read(&mut room)?;
        let Some(read) = room.get(..count).filter(|read| !read.is_empty()) else { break };
        left = left.checked_sub(count as u64).ok_or_else(|| other("it has more than 32 MiB"))?;
        digest.update(read);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What tells a file from the one that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl Mark {
    fn at(path: &Path) -> Option<Mark> {
        let found = std::fs::metadata(path).ok()?;
        let changed = (found.ctime(), found.ctime_nsec());
        Some(Mark { device: found.dev(), inode: found.ino(), size: found.size(), changed })
    }
}

/// What a file that rules name is to be run as, while it may be replaced.
#[derive(Default)]
pub struct Followed {
    /// By what it is known that the file is as it was, and its SHA-256.
    seen: Option<(Mark, String)>,
    /// The plugin that runs, and by what it is known that the store is as it was when it was found there.
    running: Option<Arc<Added>>,
    store: Option<Mark>,
    /// What was said last of a file that does not run.
    said: Option<String>,
}

impl Followed {
    /// The plugin that stands for a file: what was stored of the file as it is, or else what ran before, unless that was removed
    /// from the store. With it comes, once for each change, a sentence about that.
    ///
    /// # Errors
    /// When nothing was stored of the file, and what ran before is not there or was removed: a sentence.
    pub fn plugin(&mut self, path: &Path, plugins: &Plugins) -> Result<(Arc<Added>, Option<String>), String> {
        let shown = path.display().to_string();
        self.look_after(plugins, &shown)?;
        let sha256 = match self.digest(path) {
            Ok(sha256) => sha256,
            // What runs was stored, and needs the file no more: whoever replaces it may be about to put the next one there.
            Err(error) => {
                let why = || format!("cannot read {shown}: {error}");
                return self.running.clone().map(|running| (running, None)).ok_or_else(why);
            }
        };
        if let Some(running) = self.running.as_ref().filter(|running| running.manifest().wasm_sha256 == sha256) {
            self.said = None;
            return Ok((Arc::clone(running), None));
        }
        let why = match plugins.by_sha256(&sha256, &shown) {
            Found::Added(added) => {
                let about = &added.manifest().description;
                let note = self.running.replace(Arc::clone(&added)).map(|_| {
                    format!("{shown} was replaced and added: {} {} checks from here on", about.name, about.version)
                });
                self.said = None;
                return Ok((added, note));
            }
            Found::NotAdded(why) | Found::Missing(why) | Found::Unreadable(why) | Found::Refused(why) => why,
        };
        let Some(running) = self.running.clone() else { return Err(why) };
        let is_new = self.said.as_ref() != Some(&why);
        self.said = Some(why.clone());
        Ok((running, is_new.then(|| format!("goes on with the plugin as it was: {why}"))))
    }

    /// What runs, found again where the store has changed: it may have been removed, or added again.
    fn look_after(&mut self, plugins: &Plugins, shown: &str) -> Result<(), String> {
        let now = plugins.store.as_ref().and_then(|store| Mark::at(store.folder()));
        if now.is_some() && now == self.store {
            return Ok(());
        }
        self.store = now;
        let Some(running) = &self.running else { return Ok(()) };
        let manifest = running.manifest();
        match plugins.by_sha256(&manifest.wasm_sha256, shown) {
            Found::Added(found) if found.manifest() != manifest => self.running = Some(found),
            // What runs was verified when it was loaded, whatever has become of the store since.
            Found::Added(_) | Found::Missing(_) | Found::Unreadable(_) | Found::Refused(_) => {}
            Found::NotAdded(_) => {
                let about = &manifest.description;
                let why = format!(
                    "{} {}, which ran for {shown}, was removed; `ruled-plugin add {shown}` lets ruled run it again",
                    about.name, about.version
                );
                self.running = None;
                return Err(why);
            }
        }
        Ok(())
    }

    /// The SHA-256 of the file, which is read where it may have changed.
    fn digest(&mut self, path: &Path) -> std::io::Result<String> {
        let now = Mark::at(path);
        if let (Some(now), Some((mark, sha256))) = (now, &self.seen)
            && now == *mark
        {
            return Ok(sha256.clone());
        }
        let digest = sha256(path)?;
        self.seen = now.map(|now| (now, digest.clone()));
        Ok(digest)
    }
}
