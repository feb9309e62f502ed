//! Follows a path without leaving what is granted, whatever is moved or linked meanwhile, and looks at what is there.
//!
//! **Invariant:** the kernel follows the path, below a descriptor of what is granted, and refuses every step out of it
//! (`openat2`, `RESOLVE_BENEATH`), and every link of /proc that leads anywhere. First there is only a descriptor that
//! names the file (`O_PATH`), which has no effect on it. Whether it may be opened is decided by that. What is opened then is the
//! same file, and not what has the path by now; it is opened without waiting, so that a pipe in its place does no harm.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, Stat};
use rustix::io::Errno;

use super::super::bindings::checks::ruled::plugin::files::{Kind, Metadata};
use super::super::bindings::ruled::plugin::types::IoError;
use super::{granted, kind};
use crate::{descriptors, words};

/// How often a path is followed again that was moved while it was followed.
const MOVED_MAX: u32 = 64;

/// What is read of a file at least, if it has so much.
const PIECE_BYTES: usize = 4 << 10;

/// A path below a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) grant: String,
    /// From there on; empty where it is the grant itself.
    pub(super) rest: String,
    /// The path, for people.
    pub(super) shown: String,
}

/// Why something was not done.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: IoError,
    pub(super) sentence: String,
    pub(super) is_ours: bool,
}

impl Refusal {
    pub(super) fn not_granted(sentence: String) -> Refusal {
        Refusal { error: IoError::NotGranted, sentence, is_ours: false }
    }

    pub(super) fn unreachable(sentence: String) -> Refusal {
        Refusal { error: IoError::Unreachable, sentence, is_ours: false }
    }

    pub(super) fn of(errno: Errno, target: &Target) -> Refusal {
        let shown = &target.shown;
        match errno {
            Errno::NOENT | Errno::NOTDIR => {
                Refusal { error: IoError::NotFound, sentence: format!("there is no {shown}"), is_ours: false }
            }
            Errno::XDEV => {
                Refusal::not_granted(format!("{shown} leads out of {}, which is what the rule grants", target.grant))
            }
            Errno::LOOP => {
                Refusal::not_granted(format!("{shown} leads over too many links, or over one of the kernel's own"))
            }
            Errno::ACCESS | Errno::PERM => Refusal {
                error: IoError::Unreachable,
                sentence: format!("{shown} cannot be read: {}", words::reason(&errno.into())),
                is_ours: true,
            },
            Errno::NOSYS => Refusal {
                error: IoError::Unreachable,
                sentence: "the kernel is too old for `grant read`: it has no openat2".to_owned(),
                is_ours: true,
            },
            other => Refusal::unreachable(format!("{shown} cannot be read: {}", words::reason(&other.into()))),
        }
    }
}

/// What one check has opened.
#[derive(Default)]
pub(super) struct Opened {
    /// What is granted, each opened once in a check.
    grants: HashMap<String, OwnedFd>,
    /// The file that was read last, so that what is read in pieces is of one file.
    last: Option<(Target, File)>,
}

impl Opened {
    /// A descriptor that names what is there.
    pub(super) fn find(&mut self, target: &Target, follows_last: bool) -> Result<OwnedFd, Refusal> {
        let failed = |errno| Refusal::of(errno, target);
        if !self.grants.contains_key(&target.grant) {
            self.grants.insert(target.grant.clone(), granted::open(target)?);
        }
        let granted = &self.grants[&target.grant];
        if target.rest.is_empty() {
            return rustix::io::fcntl_dupfd_cloexec(granted, 0).map_err(failed);
        }
        let mut flags = OFlags::PATH | OFlags::CLOEXEC;
        flags.set(OFlags::NOFOLLOW, !follows_last);
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let mut tried = 0;
        let found = loop {
            match rustix::fs::openat2(granted, &target.rest, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) if tried < MOVED_MAX => tried += 1,
                other => break other.map_err(failed)?,
            }
        };
        within_the_files(&found, target)?;
        Ok(found)
    }

    /// Opens for reading the very file that a descriptor names.
    fn open(&self, target: &Target, named: &OwnedFd) -> Result<File, Refusal> {
        let failed = |errno| Refusal::of(errno, target);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        // The descriptor itself is the door to the file: nothing else can have its path meanwhile.
        let door = descriptors::door(named.as_raw_fd());
        let opened = match rustix::fs::open(&door, flags, Mode::empty()) {
            // Without procfs it is opened by its path, and must be the same file.
            Err(Errno::NOENT) if target.rest.is_empty() => rustix::fs::open(&target.grant, flags, Mode::empty()),
            Err(Errno::NOENT) => {
                let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
                rustix::fs::openat2(&self.grants[&target.grant], &target.rest, flags, Mode::empty(), resolve)
            }
            opened => opened,
        };
        let opened = opened.map_err(failed)?;
        let identity = |stat: Stat| (stat.st_dev, stat.st_ino);
        let (one, other) = (rustix::fs::fstat(named).map_err(failed)?, rustix::fs::fstat(&opened).map_err(failed)?);
        if identity(one) != identity(other) {
            return Err(Refusal::unreachable(format!("{} became another file while it was opened", target.shown)));
        }
        Ok(opened.into())
    }

    /// What is known of it without opening it.
    pub(super) fn inspect(&mut self, target: &Target, follows_last: bool) -> Result<Metadata, Refusal> {
        let found = self.find(target, follows_last)?;
        let stat = rustix::fs::fstat(&found).map_err(|errno| Refusal::of(errno, target))?;
        Ok(Metadata {
            kind: kind(FileType::from_raw_mode(stat.st_mode)),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mode: stat.st_mode & 0o7777,
            owner: stat.st_uid,
            group: stat.st_gid,
            links: links(&stat),
            modified: (stat.st_mtime, u32::try_from(stat.st_mtime_nsec).unwrap_or(0)),
            changed: (stat.st_ctime, u32::try_from(stat.st_ctime_nsec).unwrap_or(0)),
        })
    }

    /// So many bytes of a file; fewer only where it ends.
    pub(super) fn read(&mut self, target: &Target, offset: u64, at_most: usize) -> Result<Vec<u8>, Refusal> {
        let failed = |error: std::io::Error| {
            Refusal::unreachable(format!("{} cannot be read: {}", target.shown, words::reason(&error)))
        };
        if self.last.as_ref().is_none_or(|(last, _)| last != target) {
            self.last = None;
            let found = self.find(target, true)?;
            needs(&found, target, FileType::RegularFile)?;
            let file = self.open(target, &found)?;
            self.last = Some((target.clone(), file));
        }
        let Some((_, file)) = &self.last else { return Ok(Vec::new()) };
        // Room for what there is, so that what may be read at most costs nothing; some of the kernel's files say that they are
        // empty.
        let length = file.metadata().map_or(0, |found| found.len().saturating_sub(offset));
        let expected = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1).max(PIECE_BYTES);
        let mut content = Vec::new();
        let mut count = 0;
        while count < at_most {
            if content.len() == count {
                content.resize(at_most.min(expected.max(count.saturating_mul(2))), 0);
            }
            match file.read_at(&mut content[count..], offset.saturating_add(count as u64)) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                // No file is so long.
                Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) && offset > i64::MAX as u64 => break,
                Err(error) => return Err(failed(error)),
            }
        }
        content.truncate(count);
        Ok(content)
    }

    /// What is in a directory, at most so many entries, and whether these are all.
    pub(super) fn entries(&mut self, target: &Target, at_most: usize) -> Result<(Vec<(String, Kind)>, bool), Refusal> {
        let found = self.find(target, true)?;
        let mut entries = Vec::new();
        for entry in directory(&found, target)? {
            let entry = entry.map_err(|errno| Refusal::of(errno, target))?;
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            if entries.len() >= at_most {
                return Ok((entries, false));
            }
            let name = String::from_utf8_lossy(entry.file_name().to_bytes()).into_owned();
            entries.push((name, kind(type_of(&found, &entry))));
        }
        Ok((entries, true))
    }
}

/// Opens a directory that a descriptor names.
pub(super) fn directory(named: &OwnedFd, target: &Target) -> Result<Dir, Refusal> {
    needs(named, target, FileType::Directory)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = rustix::fs::openat(named, ".", flags, Mode::empty()).map_err(|errno| Refusal::of(errno, target))?;
    Dir::new(opened).map_err(|errno| Refusal::of(errno, target))
}

/// What an entry is; where the file system does not say it with the name, it is asked.
pub(super) fn type_of(directory: impl AsFd, entry: &rustix::fs::DirEntry) -> FileType {
    match entry.file_type() {
        FileType::Unknown => rustix::fs::statat(directory, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
            .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
        known => known,
    }
}

/// Refuses what is of another kind.
fn needs(named: &OwnedFd, target: &Target, wanted: FileType) -> Result<(), Refusal> {
    let stat = rustix::fs::fstat(named).map_err(|errno| Refusal::of(errno, target))?;
    let found = FileType::from_raw_mode(stat.st_mode);
    if found == wanted {
        return Ok(());
    }
    let shown = &target.shown;
    Err(match found {
        FileType::RegularFile => Refusal::unreachable(format!("{shown} is a file, and no directory")),
        FileType::Directory => Refusal::unreachable(format!("{shown} is a directory, and no file")),
        FileType::Fifo => Refusal::not_granted(format!("{shown} is a pipe, which is not opened")),
        FileType::Socket => Refusal::not_granted(format!("{shown} is a socket, which is not opened")),
        _ => Refusal::not_granted(format!("{shown} is a device or the like, which is not opened")),
    })
}

/// Refuses what is the kernel's: there, files are doors to processes. What a rule names by itself is meant.
pub(super) fn within_the_files(named: &OwnedFd, target: &Target) -> Result<(), Refusal> {
    match rustix::fs::fstatfs(named) {
        Ok(system) if system.f_type == PROC_SUPER_MAGIC => Err(Refusal::not_granted(format!(
            "{} is one of the kernel's own files, which is read only where the rule grants it by its own name",
            target.shown
        ))),
        Ok(_) => Ok(()),
        Err(errno) => Err(Refusal::of(errno, target)),
    }
}

/// The width of this number differs from processor to processor.
#[allow(clippy::useless_conversion, reason = "it is one only where the number has this width already")]
fn links(stat: &Stat) -> u64 {
    u64::from(stat.st_nlink)
}
