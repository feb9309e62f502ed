//! The directories that are watched, so that the change of a file is seen at once: a name is watched where it stands, not
//! the file, because files are replaced under their names.
//!
//! A change only pulls a look forward. What inotify does not tell is found by the next cycle: what other machines write to
//! a network file system, writes through a mapping or another hard link, directories that are moved with all that they hold.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grammar::ast::ServiceKind;
use interpreter::engine::ServiceId;
use rustix::fs::inotify::{self, CreateFlags, Event, ReadFlags, WatchFlags};
use rustix::io::Errno;

use crate::observe::{Sight, procfs};

pub mod way;

use way::{Stop, stops};

/// How many directories are watched at most; the kernel keeps about a kilobyte for each. What stands in others is looked at
/// once a cycle.
pub const PLACES_MAX: usize = 16_384;

/// How many buffers are read at once. What is told faster overflows in the kernel, which is told as well.
const READS_MAX: u32 = 8;

/// How often the way to a file is gone anew, because it was turned while it was gone.
const TURNS_MAX: usize = 3;

/// Where the kernel makes up files, which nobody writes: inotify says nothing of them.
const MADE_UP: [&str; 2] = [procfs::FOLDER, "/sys/"];

/// What becomes of names.
const NAMES: WatchFlags = WatchFlags::CREATE.union(WatchFlags::DELETE).union(WatchFlags::MOVE);
/// What becomes of a directory.
const ITSELF: WatchFlags = WatchFlags::DELETE_SELF.union(WatchFlags::MOVE_SELF).union(WatchFlags::ONLYDIR);
/// What becomes of files that are there.
const FILES: WatchFlags = WatchFlags::MODIFY.union(WatchFlags::ATTRIB).union(WatchFlags::EXCL_UNLINK);

/// The directories that are watched for services. Looks arm them from other threads, the main thread reads what happens.
#[derive(Debug)]
pub struct Places {
    told: Option<Arc<OwnedFd>>,
    /// Why nothing can be watched; it is said when somebody wants it.
    refused: Option<Errno>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// To which program the services belong.
    generation: u32,
    heeding: HashSet<ServiceId>,
    /// By the kernel's number of the watch.
    places: HashMap<i32, Place>,
    armed: HashMap<ServiceId, Armed>,
    trouble: Trouble,
}

/// A directory that is watched.
#[derive(Debug, Default)]
struct Place {
    names: HashMap<OsString, Vec<(ServiceId, bool)>>,
    /// The services that watch the directory itself.
    own: Vec<ServiceId>,
}

/// A name in a directory that is watched, or the directory itself.
type Held = (i32, Option<OsString>);

/// What is watched for a service.
#[derive(Debug, Default)]
struct Armed {
    /// What was found at the path; nothing where nothing was, or where not all could be watched.
    found: Option<(u64, u64)>,
    held: Vec<Held>,
    /// Whether the way to it may be another by now.
    is_stale: bool,
}

/// Why not all is watched that should be; it is said once.
#[derive(Debug, Default)]
enum Trouble {
    #[default]
    None,
    Untold(String),
    Told,
}

/// What was read of what happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The services whose files changed.
    pub services: BTreeSet<ServiceId>,
    /// Whether there is no more to read at present.
    pub is_all: bool,
}

impl Places {
    /// Watches nothing yet.
    pub fn open() -> Places {
        match inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK) {
            Ok(told) => Places { told: Some(Arc::new(told)), ..Places::none() },
            Err(error) => Places { refused: Some(error), ..Places::none() },
        }
    }

    /// Never watches anything.
    pub fn none() -> Places {
        Places { told: None, refused: None, table: Mutex::default() }
    }

    /// What becomes readable when something happened.
    pub fn descriptor(&self) -> Option<Arc<OwnedFd>> {
        self.told.clone()
    }

    /// From here on these services are watched for, which belong to a program of this generation.
    pub fn heed(&self, generation: u32, services: impl IntoIterator<Item = ServiceId>) {
        let heeding: HashSet<ServiceId> = services.into_iter().collect();
        let mut table = self.lock();
        if let Some(error) = self.refused
            && !heeding.is_empty()
        {
            table.trouble.put(&format!("cannot watch files for changes: {}", words(error)));
        }
        let Some(told) = &self.told else { return };
        for watch in table.places.keys() {
            // One that the kernel gave up before is no loss.
            inotify::remove_watch(told, *watch).ok();
        }
        let trouble = std::mem::take(&mut table.trouble);
        *table = Table { generation, heeding, trouble, ..Table::default() };
    }

    /// Watches for a service, right before it is looked at: so nothing that happens behind the look is missed. It may
    /// wait for a file system that does not answer.
    pub fn prepare(&self, generation: u32, service: ServiceId, sight: &Sight) {
        let (Some(told), Sight::File(path, kind, _)) = (&self.told, sight) else { return };
        if MADE_UP.iter().any(|folder| path.starts_with(folder)) || !self.lock().heeds(generation, service) {
            return;
        }
        let found = std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let is_armed = |armed: &Armed| found.is_some() && armed.found == found && !armed.is_stale;
        if self.lock().armed.get(&service).is_some_and(is_armed) {
            return;
        }
        let mut arming = Arming { told, generation, service, held: Vec::new(), is_whole: true };
        self.arm(&mut arming, Path::new(path), *kind);
        let mut table = self.lock();
        if table.heeds(generation, service) {
            table.take_over(arming, found);
        }
    }

    fn arm(&self, arming: &mut Arming<'_>, path: &Path, kind: ServiceKind) {
        if let Some(armed) = self.lock().armed_of(arming.generation, arming.service) {
            // What happens while the way is gone makes it stale again.
            armed.is_stale = false;
        }
        let mut way = stops(path);
        for _ in 0..TURNS_MAX {
            for stop in &way {
                self.watch(arming, Some(stop), &stop.directory);
            }
            if kind == ServiceKind::Directory {
                self.watch(arming, None, path);
            }
            let turned = std::mem::replace(&mut way, stops(path));
            if way == turned {
                break;
            }
        }
    }

    /// Watches a stop on the way of a service, or the directory that is the service.
    fn watch(&self, arming: &mut Arming<'_>, stop: Option<&Stop>, directory: &Path) {
        if MADE_UP.iter().any(|folder| directory.starts_with(folder)) {
            return;
        }
        let wanted = match stop {
            Some(stop) if stop.is_end => NAMES | ITSELF | FILES,
            Some(_) => NAMES | ITSELF,
            // What is written to the files in it does not change a directory.
            None => NAMES | ITSELF | WatchFlags::ATTRIB,
        };
        if self.lock().places.len() >= PLACES_MAX {
            arming.is_whole = false;
            self.lock().trouble.put(&format!("no more than {PLACES_MAX} directories are watched for changes"));
            return;
        }
        // Not under the lock: the file system may not answer.
        match inotify::add_watch(arming.told, directory, wanted | WatchFlags::MASK_ADD) {
            Ok(watch) => {
                let mut table = self.lock();
                if !table.heeds(arming.generation, arming.service) {
                    return;
                }
                table.places.entry(watch).or_default().add(arming.service, stop);
                arming.held.push((watch, stop.map(|stop| stop.name.clone())));
            }
            Err(error) => {
                arming.is_whole = false;
                if error == Errno::NOSPC {
                    let limit = "the limit of the system is reached (fs.inotify.max_user_watches)";
                    self.lock().trouble.put(&format!("cannot watch all files for changes: {limit}"));
                }
            }
        }
    }

    /// Reads what happened, a few buffers at most.
    pub fn read(&self, buffer: &mut [std::mem::MaybeUninit<u8>]) -> Told {
        let mut read = Told::default();
        let Some(told) = &self.told else { return read };
        let mut reader = inotify::Reader::new(told, buffer);
        let mut table = self.lock();
        let mut reads = 0;
        loop {
            match reader.next() {
                Ok(event) => table.take(&event, &mut read.services),
                Err(Errno::INTR) => continue,
                Err(_) => {
                    read.is_all = true;
                    return read;
                }
            }
            if reader.is_buffer_empty() {
                reads += 1;
                if reads == READS_MAX {
                    return read;
                }
            }
        }
    }

    /// How many directories are watched, and for how many services.
    pub fn count(&self) -> (usize, usize) {
        let table = self.lock();
        (table.places.len(), table.armed.values().filter(|armed| !armed.held.is_empty()).count())
    }

    /// Why not all is watched that should be; once.
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.take()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Each change of the table is whole before anything can panic.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempt to watch all that a service needs.
struct Arming<'a> {
    told: &'a OwnedFd,
    generation: u32,
    service: ServiceId,
    held: Vec<Held>,
    is_whole: bool,
}

impl Table {
    fn heeds(&self, generation: u32, service: ServiceId) -> bool {
        self.generation == generation && self.heeding.contains(&service)
    }

    fn armed_of(&mut self, generation: u32, service: ServiceId) -> Option<&mut Armed> {
        self.heeds(generation, service).then(|| self.armed.entry(service).or_default())
    }

    /// What was watched for a service before is not any more, where it is no longer needed.
    fn take_over(&mut self, arming: Arming<'_>, found: Option<(u64, u64)>) {
        let Arming { told, service, held, is_whole, .. } = arming;
        let armed = self.armed.entry(service).or_default();
        armed.found = found.filter(|_| is_whole);
        let before = std::mem::take(&mut armed.held);
        for (watch, name) in before.iter().filter(|before| !held.contains(before)) {
            self.forget(told, service, *watch, name.as_deref());
        }
        self.armed.entry(service).or_default().held = held;
    }

    fn take(&mut self, event: &Event<'_>, changed: &mut BTreeSet<ServiceId>) {
        let events = event.events();
        if events.contains(ReadFlags::QUEUE_OVERFLOW) {
            // Nobody knows what was lost.
            self.armed.values_mut().for_each(|armed| armed.is_stale = true);
            changed.extend(self.armed.keys());
            return;
        }
        // What a watch that was given up tells late was looked at when it was given up.
        let Some(place) = self.places.get(&event.wd()) else { return };
        let is_lost =
            events.intersects(ReadFlags::IGNORED | ReadFlags::UNMOUNT | ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF);
        let (mut concerned, mut stale) = (Vec::new(), Vec::new());
        match event.file_name() {
            Some(name) => {
                for (service, is_end) in place.names.get(OsStr::from_bytes(name.to_bytes())).into_iter().flatten() {
                    concerned.push(*service);
                    stale.extend((!is_end).then_some(*service));
                }
                // What comes and goes in a directory changes it.
                if events
                    .intersects(ReadFlags::CREATE | ReadFlags::DELETE | ReadFlags::MOVED_FROM | ReadFlags::MOVED_TO)
                {
                    concerned.extend(&place.own);
                }
            }
            None if is_lost => {
                concerned.extend(place.services());
                stale.extend(place.services());
            }
            None => concerned.extend(&place.own),
        }
        for service in stale {
            self.armed.entry(service).or_default().is_stale = true;
        }
        changed.extend(concerned);
        if events.contains(ReadFlags::IGNORED) {
            self.places.remove(&event.wd());
        }
    }

    /// A service needs this no longer.
    fn forget(&mut self, told: &OwnedFd, service: ServiceId, watch: i32, name: Option<&OsStr>) {
        let Some(place) = self.places.get_mut(&watch) else { return };
        place.remove(service, name);
        if place.names.is_empty() && place.own.is_empty() {
            self.places.remove(&watch);
            // One that the kernel gave up before is no loss.
            inotify::remove_watch(told, watch).ok();
        }
    }
}

impl Place {
    fn add(&mut self, service: ServiceId, stop: Option<&Stop>) {
        let Some(stop) = stop else {
            if !self.own.contains(&service) {
                self.own.push(service);
            }
            return;
        };
        let services = self.names.entry(stop.name.clone()).or_default();
        services.retain(|(other, _)| *other != service);
        services.push((service, stop.is_end));
    }

    fn remove(&mut self, service: ServiceId, name: Option<&OsStr>) {
        let Some(name) = name else {
            self.own.retain(|other| *other != service);
            return;
        };
        let Some(services) = self.names.get_mut(name) else { return };
        services.retain(|(other, _)| *other != service);
        if services.is_empty() {
            self.names.remove(name);
        }
    }

    fn services(&self) -> impl Iterator<Item = ServiceId> {
        self.names.values().flatten().map(|(service, _)| *service).chain(self.own.iter().copied())
    }
}

impl Trouble {
    fn put(&mut self, text: &str) {
        if matches!(self, Trouble::None) {
            *self = Trouble::Untold(format!("{text}; what is not watched is looked at once a cycle"));
        }
    }

    fn take(&mut self) -> Option<String> {
        match std::mem::replace(self, Trouble::Told) {
            Trouble::Untold(text) => Some(text),
            Trouble::None => {
                *self = Trouble::None;
                None
            }
            Trouble::Told => None,
        }
    }
}

fn words(error: Errno) -> String {
    let words = crate::words::reason(&io::Error::from(error));
    // The kernel has a limit of its own for this, and tells it in the words of another.
    if error == Errno::MFILE { format!("{words}, or inotify instances (fs.inotify.max_user_instances)") } else { words }
}
