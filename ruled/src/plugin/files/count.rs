//! Counts what is in a directory and below it, so that a check of a long queue costs no time of its own.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::super::bindings::checks::ruled::plugin::files::Tally;
use super::super::bindings::ruled::plugin::types::IoError;
use super::below::{Opened, Refusal, Target, directory, type_of, within_the_files};

/// How deep it goes at most, as the WIT says; each level holds a directory open.
const LEVELS_MAX: u32 = 32;

impl Opened {
    /// Counts, until nobody waits for it any more, and no more than `at_most` entries.
    pub(super) fn count(
        &mut self,
        target: &Target,
        levels: u32,
        at_most: u64,
        is_given_up: &dyn Fn() -> bool,
    ) -> Result<Tally, Refusal> {
        let too_long = || Refusal {
            error: IoError::TooLong,
            sentence: format!(
                "{} has more than the {at_most} entries that may still be counted, or is deeper than {LEVELS_MAX} levels",
                target.shown
            ),
            is_ours: false,
        };
        if levels > LEVELS_MAX {
            return Err(too_long());
        }
        let found = self.find(target, true)?;
        let mut tally = Tally { files: 0, directories: 0, links: 0, others: 0 };
        let mut open = vec![directory(&found, target)?];
        let mut counted = 0;
        loop {
            let depth = open.len();
            let Some(current) = open.last_mut() else { break };
            let entry = match current.read() {
                Some(Ok(entry)) => entry,
                Some(Err(errno)) => return Err(Refusal::of(errno, target)),
                None => {
                    open.pop();
                    continue;
                }
            };
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            counted += 1;
            if counted > at_most || is_given_up() {
                return Err(too_long());
            }
            let failed = |errno| Refusal::of(errno, target);
            let parent = current.fd().map_err(failed)?;
            match type_of(parent, &entry) {
                FileType::RegularFile => tally.files += 1,
                FileType::Symlink => tally.links += 1,
                FileType::Directory => {
                    tally.directories += 1;
                    if depth <= levels as usize
                        && let Some(child) = enter(parent, &entry, target)?
                    {
                        open.push(child);
                    }
                }
                _ => tally.others += 1,
            }
        }
        Ok(tally)
    }
}

/// Opens a directory by its name in the one above it; nothing where it has gone, or become something else, meanwhile.
fn enter(parent: impl AsFd, entry: &rustix::fs::DirEntry, target: &Target) -> Result<Option<Dir>, Refusal> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let child: OwnedFd = match rustix::fs::openat(parent, entry.file_name(), flags, Mode::empty()) {
        Ok(child) => child,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(None),
        Err(errno) => return Err(Refusal::of(errno, target)),
    };
    within_the_files(&child, target)?;
    Dir::new(child).map(Some).map_err(|errno| Refusal::of(errno, target))
}
