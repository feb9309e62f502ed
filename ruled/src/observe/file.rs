//! Looks at files, directories and named pipes: what is at a path, whose it is, its size, its age, what it holds.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use grammar::ast::{ServiceKind, TimestampKind};
use interpreter::engine::{Fact, FactValue, Identity, Metric, Plan, Presence, Raw, Wall};

use super::apart::{self, Reader};
use super::checksum::Checksums;
use super::lines::Follower;
use super::{Figures, lines, readings};

/// What is remembered of a file from one look to the next.
#[derive(Debug, Default)]
pub struct Remembered {
    checksums: Checksums,
    /// Follows it closely, if so wanted.
    follower: Option<Follower>,
}

impl Remembered {
    /// Nothing yet; rotations are followed, or not.
    pub fn new(follows_rotations: bool) -> Remembered {
        Remembered { checksums: Checksums::default(), follower: follows_rotations.then(Follower::default) }
    }
}

/// Looks at the path, symbolic links followed, and takes what the plan asks for when a thing of that kind is there.
pub fn look(reader: Reader, path: &str, kind: ServiceKind, plan: &Plan, before: &Remembered) -> (Presence, Figures) {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return (missing(path, &error), Figures::default()),
    };
    if let Some(other) = other_kind(kind, &metadata) {
        return (Presence::Invalid(format!("{path} is {other}")), Figures::default());
    }
    let identity = Identity::File { device: metadata.dev(), inode: metadata.ino(), mode: metadata.mode() & 0o7777 };
    let figures = Figures {
        values: readings(&plan.metrics, |metric| value(*metric, &metadata)),
        facts: readings(&plan.facts, |one| fact(reader, *one, path, &metadata, plan, before)),
    };
    (Presence::Present(identity), figures)
}

fn missing(path: &str, error: &io::Error) -> Presence {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Presence::Absent(format!("{path} does not exist")),
        _ => Presence::Unknown(format!("cannot look at {path}: {}", crate::words::reason(error))),
    }
}

/// What else is at a path where a thing of this kind is wanted. A socket passes as a file, as with Monit.
fn other_kind(wanted: ServiceKind, metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    let (found, is_wanted) = if kind.is_file() {
        ("a file", wanted == ServiceKind::File)
    } else if kind.is_socket() {
        ("a socket", wanted == ServiceKind::File)
    } else if kind.is_dir() {
        ("a directory", wanted == ServiceKind::Directory)
    } else if kind.is_fifo() {
        ("a named pipe", wanted == ServiceKind::Fifo)
    } else {
        ("a device", false)
    };
    (!is_wanted).then_some(found)
}

fn value(metric: Metric, metadata: &Metadata) -> Result<Raw, String> {
    match metric {
        Metric::Size => Ok(Raw::Gauge(metadata.len() as f64)),
        Metric::Timestamp(which) => Ok(Raw::Stamp(stamp(which, metadata))),
        _ => Err("a file has no such figure".to_owned()),
    }
}

/// When a file changed, in which way.
pub(super) fn stamp(which: TimestampKind, metadata: &Metadata) -> Wall {
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    let (seconds, nanoseconds) = match which {
        // A changed name, owner or mode counts as a change too, so the younger of the two decides.
        TimestampKind::Any => changed.max(modified),
        TimestampKind::Access => (metadata.atime(), metadata.atime_nsec()),
        TimestampKind::Change => changed,
        TimestampKind::Modify => modified,
    };
    Wall(seconds.saturating_mul(1_000_000).saturating_add(nanoseconds / 1_000))
}

fn fact(
    reader: Reader,
    fact: Fact,
    path: &str,
    metadata: &Metadata,
    plan: &Plan,
    before: &Remembered,
) -> Result<FactValue, String> {
    match fact {
        Fact::Uid => Ok(FactValue::Number(u64::from(metadata.uid()))),
        Fact::Gid => Ok(FactValue::Number(u64::from(metadata.gid()))),
        Fact::Checksum(hash) => before.checksums.of(reader, path, hash, metadata).map(FactValue::Text),
        Fact::Lines => {
            let (follow, follows) = (plan.follow, before.follower.is_some());
            let lines = match (&before.follower, reader) {
                (_, Reader::Apart) => {
                    let path = path.to_owned();
                    // Nothing is kept open there.
                    apart::read(move || match follows {
                        true => Follower::default().since(&path, follow),
                        false => lines::since(&path, follow),
                    })
                }
                (Some(follower), Reader::Here) => follower.since(path, follow),
                (None, Reader::Here) => lines::since(path, follow),
            };
            lines.map(FactValue::Lines)
        }
        _ => Err("a file has nothing of the kind".to_owned()),
    }
}
