//! `--watch`: checks again whenever a file changes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use grammar::english;
use interpreter::check::{ReadError, Surroundings};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;

use super::Check;
use crate::cli::rules::{Text, pattern_of};
use crate::cli::{Global, UNUSABLE, print};
use crate::surroundings::Machine;

/// Erases a terminal, with what was scrolled off it, and goes to its first line.
const ERASE: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// So many bytes of what the kernel tells are read at once; the names in it are not looked at.
const TOLD_BYTES: usize = 4096;

impl Check {
    /// Checks, waits until something changes, and checks again. Ends by a signal, or when nothing can be watched.
    pub(super) fn watch(&self, paths: &[String], global: &Global) -> u8 {
        if paths.iter().any(|path| path == "-") {
            eprintln!("ruled: standard input cannot be watched: name a file or a folder");
            return UNUSABLE;
        }
        loop {
            match self.once_and_wait(paths, global) {
                Ok(()) => {}
                Err(error) => {
                    eprintln!("ruled: cannot watch files: {error}");
                    return UNUSABLE;
                }
            }
        }
    }

    fn once_and_wait(&self, paths: &[String], global: &Global) -> Result<(), Errno> {
        // All is noted before the check reads the files, so that what is written meanwhile is a change, too.
        let noted = Noting::new()?;
        for path in paths {
            if Path::new(path).is_dir() {
                noted.glob(&pattern_of(path));
            } else {
                noted.stamp(path);
            }
            if let Ok(text) = Text::open(path, &self.stdin_name, &self.reading) {
                text.load(&noted);
            }
        }
        if std::io::stdout().is_terminal() {
            print(ERASE);
        }
        self.once(paths, global);
        if !global.quiet {
            let files = noted.stamps.borrow().values().flatten().count() as u64;
            eprintln!("watching {}; Ctrl-C ends", english::count(files, "file"));
        }
        noted.wait()
    }
}

/// The machine, with a note of what was asked of its files. Whatever is noted is watched from then on.
///
/// Changes that another machine makes on a network filesystem are not told by the kernel.
struct Noting {
    told: OwnedFd,
    stamps: RefCell<BTreeMap<String, Option<Stamp>>>,
    patterns: RefCell<BTreeMap<String, Vec<String>>>,
}

/// What tells that a file changed.
#[derive(PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    written: SystemTime,
}

impl Noting {
    fn new() -> Result<Noting, Errno> {
        let told = inotify::init(CreateFlags::CLOEXEC)?;
        Ok(Noting { told, stamps: RefCell::default(), patterns: RefCell::default() })
    }

    /// Watches a file, and the folder in which it may be replaced.
    fn stamp(&self, path: &str) {
        self.watch_place_of(path);
        self.watch(Path::new(path));
        let found = stamp(path);
        self.stamps.borrow_mut().entry(path.to_owned()).or_insert(found);
    }

    /// Watches the folder of a path, or what there is of the way to it.
    fn watch_place_of(&self, path: &str) {
        let way = Path::new(path).ancestors().skip(1);
        let way = way.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        for folder in way {
            if self.watch(folder) {
                return;
            }
        }
    }

    fn watch(&self, path: &Path) -> bool {
        let changes = WatchFlags::MODIFY | WatchFlags::ATTRIB | WatchFlags::CREATE | WatchFlags::MOVE;
        let ends = WatchFlags::DELETE | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
        inotify::add_watch(&self.told, path, changes | ends).is_ok()
    }

    /// Waits until something differs from what was noted.
    fn wait(&self) -> Result<(), Errno> {
        let mut buffer = [MaybeUninit::uninit(); TOLD_BYTES];
        loop {
            match rustix::io::read(&self.told, &mut buffer) {
                Ok(_) if self.differs() => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a file is not as it was noted. Looks at it once its folder, which may be new, is watched.
    fn differs(&self) -> bool {
        let (stamps, patterns) = (self.stamps.borrow(), self.patterns.borrow());
        stamps.keys().chain(patterns.keys()).for_each(|path| self.watch_place_of(path));
        stamps.iter().any(|(path, noted)| stamp(path) != *noted)
            || patterns.iter().any(|(pattern, noted)| Machine.glob(pattern) != *noted)
    }
}

impl Surroundings for Noting {
    fn behind(&self) -> Option<&dyn Surroundings> {
        Some(&Machine)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.stamp(path);
        Machine.read(path)
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        self.watch_place_of(pattern);
        let found = Machine.glob(pattern);
        self.patterns.borrow_mut().insert(pattern.to_owned(), found.clone());
        found
    }
}

fn stamp(path: &str) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some(Stamp { inode: found.ino(), bytes: found.size(), written: found.modified().ok()? })
}
