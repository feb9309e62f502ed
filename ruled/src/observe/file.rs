//! Looks at files: what is at a path, its size and its age.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use grammar::ast::TimestampKind;
use interpreter::engine::{Identity, Metric, Presence, Raw, Reading, Wall};

/// Looks at the path, symbolic links followed, and takes the metrics when a file is there.
pub fn look(path: &str, metrics: &[Metric]) -> (Presence, BTreeMap<Metric, Reading<Raw>>) {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return (missing(path, &error), BTreeMap::new()),
    };
    if let Some(other) = other_kind(&metadata) {
        return (Presence::Invalid(format!("{path} is {other}")), BTreeMap::new());
    }
    let identity = Identity::File { device: metadata.dev(), inode: metadata.ino(), mode: metadata.mode() & 0o7777 };
    (Presence::Present(identity), metrics.iter().map(|metric| (*metric, value(*metric, &metadata))).collect())
}

fn missing(path: &str, error: &io::Error) -> Presence {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Presence::Absent(format!("{path} does not exist")),
        _ => Presence::Unknown(format!("cannot look at {path}: {}", crate::words::reason(error))),
    }
}

/// What else can be at a path where a file is wanted. A socket passes as a file, as with Monit.
fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_socket() {
        None
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a named pipe")
    } else {
        Some("a device")
    }
}

fn value(metric: Metric, metadata: &Metadata) -> Reading<Raw> {
    match metric {
        Metric::Size => Reading::Known(Raw::Gauge(metadata.len() as f64)),
        Metric::Timestamp(which) => {
            let changed = (metadata.ctime(), metadata.ctime_nsec());
            let modified = (metadata.mtime(), metadata.mtime_nsec());
            let (seconds, nanoseconds) = match which {
                // A changed name, owner or mode counts as a change too, so the younger of the two decides.
                TimestampKind::Any => changed.max(modified),
                TimestampKind::Access => (metadata.atime(), metadata.atime_nsec()),
                TimestampKind::Change => changed,
                TimestampKind::Modify => modified,
            };
            Reading::Known(Raw::Stamp(Wall(seconds.saturating_mul(1_000_000).saturating_add(nanoseconds / 1_000))))
        }
        _ => Reading::Unknown("a file has no such figure".to_owned()),
    }
}
