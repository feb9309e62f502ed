//! Where a path lies: on which file system, and whether that asks somebody who may not answer. It is found out without
//! touching such a file system.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use super::procfs::{self, Mount, MountWatch, Mounts};

/// How long a place is believed while nothing is mounted or unmounted. In that time a symbolic link may come to lead
/// elsewhere.
const PLACE_AGE_MAX: Duration = Duration::from_secs(60);

/// How many symbolic links are followed in a path, as in the kernel (path_resolution(7)).
const LINKS_MAX: usize = 40;

/// How many places are remembered: those of the rules.
const PLACES_MAX: usize = 100_000;

/// Where a path lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where its file system is mounted.
    pub mount: String,
    /// Whether nobody else is asked when it is looked at.
    pub is_local: bool,
}

/// Where paths lie, as far as somebody has asked.
#[derive(Debug, Default)]
pub struct Places {
    mounts: Mounts,
    watch: Option<MountWatch>,
    read: Option<Instant>,
    known: HashMap<String, Place>,
}

impl Places {
    /// Reads the table of mounts again when it is another, or when the links may be others; whether it did. Whoever asks
    /// for many places does this once before.
    pub fn refresh(&mut self) -> bool {
        let is_fresh = self.read.is_some_and(|read| read.elapsed() < PLACE_AGE_MAX);
        let watch = self.watch.take().or_else(MountWatch::open);
        // Asked first: what changes while the table is read is seen the next time.
        let has_changed = watch.as_ref().is_some_and(MountWatch::has_changed);
        self.watch = watch;
        if is_fresh && !has_changed {
            return false;
        }
        // Without the table everything is in one place, which may not answer.
        self.mounts = procfs::mounts().unwrap_or_default();
        self.read = Some(Instant::now());
        self.known.clear();
        true
    }

    /// Where a path lies, symbolic links followed.
    pub fn of(&mut self, path: &str) -> Place {
        self.find(path, |mounts| walk(Path::new(path), mounts))
    }

    /// Where a file system lies that is named by its device, by `host:/path` or by its place.
    pub fn of_file_system(&mut self, written: &str) -> Place {
        self.find(written, |mounts| match mounts.of_source(written) {
            Some(mount) => Place::on(mount),
            None => walk(Path::new(written), mounts),
        })
    }

    /// Where the file system is mounted on which a folder or a file lies that names none itself, being neither a place where
    /// something is mounted nor a device. Nothing where somebody had to be asked who may not answer.
    pub fn lies_on(&mut self, written: &str) -> Option<String> {
        if !written.starts_with('/') || self.mounts.of_source(written).is_some() {
            return None;
        }
        let place = self.of(written);
        let real = std::fs::canonicalize(written).ok().filter(|_| place.is_local)?;
        let found = std::fs::metadata(&real).ok()?;
        let is_plain = found.is_dir() || found.is_file();
        (is_plain && self.mounts.at(real.to_str()?).is_none()).then_some(place.mount)
    }

    /// Whether a program of this name can be run without asking anybody who may not answer. `search` is the search path,
    /// for names without a folder.
    pub fn is_local_program(&mut self, program: &str, search: &str) -> bool {
        match program.contains('/') {
            true => program.starts_with('/') && self.of(program).is_local,
            false => search.split(':').all(|folder| folder.starts_with('/') && self.of(folder).is_local),
        }
    }

    fn find(&mut self, written: &str, place: impl FnOnce(&Mounts) -> Place) -> Place {
        if let Some(known) = self.known.get(written) {
            return known.clone();
        }
        let place = place(&self.mounts);
        if self.known.len() < PLACES_MAX {
            self.known.insert(written.to_owned(), place.clone());
        }
        place
    }
}

impl Place {
    fn on(mount: &Mount) -> Place {
        Place { mount: mount.place.clone(), is_local: mount.is_local() }
    }

    fn holding(path: &Path, mounts: &Mounts) -> Place {
        let mount = path.to_str().and_then(|path| mounts.mount_of(path));
        mount.map_or_else(|| Place { mount: "/".to_owned(), is_local: false }, Place::on)
    }
}

/// Follows a path as the kernel does, up to the first file system that asks somebody else: nothing behind that is touched.
fn walk(path: &Path, mounts: &Mounts) -> Place {
    let mut rest: Vec<PathBuf> = steps(path);
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    while let Some(step) = rest.pop() {
        if step == Path::new("..") {
            at.pop();
            continue;
        }
        at.push(step);
        let place = Place::holding(&at, mounts);
        if !place.is_local || links == LINKS_MAX {
            return place;
        }
        // What is no link, or not there, leads nowhere else.
        let Ok(target) = std::fs::read_link(&at) else { continue };
        links += 1;
        at.pop();
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        rest.extend(steps(&target));
    }
    Place::holding(&at, mounts)
}

/// The steps of a path, the last one first.
fn steps(path: &Path) -> Vec<PathBuf> {
    let step = |component: Component<'_>| match component {
        Component::Normal(name) => Some(PathBuf::from(name)),
        Component::ParentDir => Some(PathBuf::from("..")),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    };
    path.components().rev().filter_map(step).collect()
}
