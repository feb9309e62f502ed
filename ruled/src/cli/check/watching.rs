//! `--watch`: checks again whenever a file changes.

use std::collections::BTreeMap;
use std::fs;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use grammar::english;

use super::Check;
use crate::cli::rules::Text;
use crate::cli::{Global, UNUSABLE, print};
use crate::surroundings::Machine;

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(250);

/// Erases a terminal, with what was scrolled off it, and goes to its first line.
const ERASE: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// What tells that a file changed.
#[derive(PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    written: SystemTime,
}

impl Check {
    /// Checks, waits until something changes, and checks again. Ends by a signal only.
    pub(super) fn watch(&self, paths: &[String], global: &Global) -> u8 {
        if paths.iter().any(|path| path == "-") {
            eprintln!("ruled: standard input cannot be watched: name a file or a folder");
            return UNUSABLE;
        }
        loop {
            // Taken before the check reads the files, so that what is written meanwhile is a change, too.
            let watched = stamps(paths.iter().chain(&self.files(paths)));
            if std::io::stdout().is_terminal() {
                print(ERASE);
            }
            self.once(paths, global);
            if !global.quiet {
                eprintln!("watching {}; Ctrl-C ends", english::count(watched.len() as u64, "file"));
            }
            wait(&watched);
        }
    }

    /// The files that are read for some paths, with all that they include.
    fn files(&self, paths: &[String]) -> Vec<String> {
        let texts = paths.iter().filter_map(|path| Text::open(path, &self.stdin_name, &self.reading).ok());
        let names = |text: Text| {
            let source = text.load(&Machine).source;
            source.file_names().map(str::to_string).collect::<Vec<_>>()
        };
        texts.flat_map(names).collect()
    }
}

fn wait(watched: &BTreeMap<String, Option<Stamp>>) {
    loop {
        std::thread::sleep(PERIOD);
        if watched.iter().any(|(path, old)| stamp(path) != *old) {
            return;
        }
    }
}

/// The stamps of files, and of folders, in which new files may appear.
fn stamps<'a>(paths: impl Iterator<Item = &'a String>) -> BTreeMap<String, Option<Stamp>> {
    paths.map(|path| (path.clone(), stamp(path))).collect()
}

fn stamp(path: &str) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some(Stamp { inode: found.ino(), bytes: found.size(), written: found.modified().ok()? })
}
