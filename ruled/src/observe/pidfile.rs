//! Reads pid files: a file that anybody may have written, so nothing in it is trusted.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use rustix::fs::OFlags;

use super::apart::{self, Reader};

/// How much of a pid file is read. PostgreSQL's is the longest in common use and has its number in the first line.
const LIMIT_BYTES: u64 = 4096;

/// What a pid file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pidfile {
    /// It begins with this number; and what changes when somebody writes it anew.
    Names(u32, Stamp),
    /// There is no such file.
    Gone,
    /// It holds no number of a process: the reason, in a sentence.
    Garbage(String),
    /// It could not be read: the reason, in a sentence.
    Unreadable(String),
}

/// What changes whenever a file is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Stamp { device: metadata.dev(), inode: metadata.ino(), changed }
    }
}

/// Reads the first number of the file. Never waits for a writer: the file is opened without blocking and only a
/// regular file is read. A file that is `scanned` may hold a sign before the number and anything behind it.
pub fn read(reader: Reader, path: &str, scanned: bool) -> Pidfile {
    match reader {
        Reader::Here => read_here(path, scanned),
        Reader::Apart => {
            let path = path.to_owned();
            apart::read(move || read_here(&path, scanned))
        }
    }
}

fn read_here(path: &str, scanned: bool) -> Pidfile {
    match open(path) {
        Ok(file) => match contents(file) {
            Ok(Some((bytes, stamp))) => parse(path, &bytes, stamp, scanned),
            Ok(None) => Pidfile::Garbage(format!("the pid file {path} is not a regular file")),
            Err(error) => Pidfile::Unreadable(format!("cannot read {path}: {}", crate::words::reason(&error))),
        },
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Pidfile::Gone,
        // A socket cannot be opened at all (ENXIO).
        Err(error) => Pidfile::Unreadable(format!("cannot read {path}: {}", crate::words::reason(&error))),
    }
}

fn open(path: &str) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

fn contents(file: File) -> io::Result<Option<(Vec<u8>, Stamp)>> {
    // Looked at before it is read: who writes it meanwhile is believed, or makes it another.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(64);
    file.take(LIMIT_BYTES).read_to_end(&mut bytes)?;
    Ok(Some((bytes, Stamp::of(&metadata))))
}

fn parse(path: &str, bytes: &[u8], stamp: Stamp, scanned: bool) -> Pidfile {
    let text = bytes.trim_ascii_start();
    let text = text.strip_prefix(b"+").filter(|_| scanned).unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    // `12x` or `1.5` is no number of a process; what stands behind a blank does not matter.
    let ends_well = scanned || rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || *byte == 0);
    let number = std::str::from_utf8(number).ok().and_then(|number| number.parse::<i32>().ok());
    match number {
        Some(pid) if ends_well && pid > 0 => Pidfile::Names(pid.unsigned_abs(), stamp),
        Some(_) if ends_well => Pidfile::Garbage(format!("the pid file {path} names pid 0, which is no process")),
        _ if text.is_empty() => Pidfile::Garbage(format!("the pid file {path} is empty")),
        _ => Pidfile::Garbage(format!("the pid file {path} does not begin with the number of a process")),
    }
}
