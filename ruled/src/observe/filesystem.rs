//! Looks at file systems: how much room they have, how they are mounted, what their disks do.

use std::os::unix::fs::{FileTypeExt, MetadataExt};

use interpreter::engine::{Fact, FactValue, Identity, Metric, Plan, Presence, Raw};
use rustix::fs::statvfs;

use super::procfs::{self, DiskWork, Mount};
use super::snapshot::Snapshot;
use super::{Figures, readings};

/// Looks at the file system that is meant by a device, a place where something is mounted, or `host:/path`. A path on which
/// nothing is mounted is none: a disk that is not there must not be taken for the one below. It may wait for a server that
/// does not answer.
pub fn look(written: &str, plan: &Plan, snapshot: &Snapshot) -> (Presence, Figures) {
    let mounts = match snapshot.mounts() {
        Ok(mounts) => mounts,
        Err(error) => return (Presence::Unknown(error.to_string()), Figures::default()),
    };
    let absent = |reason: String| (Presence::Absent(reason), Figures::default());
    let mount = match mounts.of_source(written) {
        Some(mount) => mount,
        None if !written.starts_with('/') => return absent(format!("{written} is not mounted")),
        None => match of_path(written, mounts) {
            Ok(Some(mount)) => mount,
            Ok(None) => return absent(format!("nothing is mounted on {written}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return absent(format!("{written} does not exist"));
            }
            Err(error) => {
                let reason = crate::words::reason(&error);
                return (Presence::Unknown(format!("cannot look at {written}: {reason}")), Figures::default());
            }
        },
    };
    let place = match std::fs::metadata(&mount.place) {
        Ok(place) => place,
        Err(error) => {
            let reason = crate::words::reason(&error);
            return (Presence::Unknown(format!("cannot look at {}: {reason}", mount.place)), Figures::default());
        }
    };
    let identity = Identity::File { device: place.dev(), inode: place.ino(), mode: place.mode() & 0o7777 };
    let fact = |fact: Fact| match fact {
        Fact::Uid => Ok(FactValue::Number(u64::from(place.uid()))),
        Fact::Gid => Ok(FactValue::Number(u64::from(place.gid()))),
        Fact::MountFlags => Ok(FactValue::Text(mount.options.clone())),
        _ => Err("a filesystem has nothing of the kind".to_owned()),
    };
    let figures = Figures {
        values: readings(&plan.metrics, |metric| value(*metric, mount)),
        facts: readings(&plan.facts, |one| fact(*one)),
    };
    (Presence::Present(identity), figures)
}

fn of_path<'a>(written: &str, mounts: &'a procfs::Mounts) -> std::io::Result<Option<&'a Mount>> {
    let metadata = std::fs::metadata(written)?;
    if metadata.file_type().is_block_device() {
        let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
        return Ok(mounts.of_device(&format!("{major}:{minor}")));
    }
    let real = std::fs::canonicalize(written)?;
    Ok(real.to_str().and_then(|real| mounts.at(real)))
}

fn value(metric: Metric, mount: &Mount) -> Result<Raw, String> {
    match metric {
        Metric::Space | Metric::SpaceFree | Metric::Inodes | Metric::InodesFree => room(metric, mount),
        Metric::Read => {
            disk(mount).map(|work| Raw::Growth { bytes: work.read_bytes as f64, pieces: work.reads as f64 })
        }
        Metric::Write => {
            disk(mount).map(|work| Raw::Growth { bytes: work.written_bytes as f64, pieces: work.writes as f64 })
        }
        Metric::ServiceTime => disk(mount).map(|work| Raw::Mean {
            sum: work.busy_ms as f64 / 1000.0,
            count: work.reads.saturating_add(work.writes) as f64,
        }),
        _ => Err("a filesystem has no such figure".to_owned()),
    }
}

/// What the superuser keeps for himself counts as free, as with Monit.
fn room(metric: Metric, mount: &Mount) -> Result<Raw, String> {
    let room = statvfs(mount.place.as_str())
        .map_err(|error| format!("cannot measure {}: {}", mount.place, crate::words::reason(&error.into())))?;
    let (all, free, each) = match metric {
        Metric::Space | Metric::SpaceFree => (room.f_blocks, room.f_bfree, room.f_frsize),
        _ => (room.f_files, room.f_ffree, 1),
    };
    if all == 0 {
        return Err(format!("{} does not say how many it has", mount.place));
    }
    let amount = match metric {
        Metric::Space | Metric::Inodes => all.saturating_sub(free),
        _ => free,
    };
    Ok(Raw::Part { amount: amount as f64 * each as f64, whole: all as f64 * each as f64 })
}

fn disk(mount: &Mount) -> Result<DiskWork, String> {
    let device = match std::fs::metadata(&mount.source) {
        // Some file systems have numbers of their own beside those of their disks.
        Ok(source) if source.file_type().is_block_device() => {
            format!("{}:{}", rustix::fs::major(source.rdev()), rustix::fs::minor(source.rdev()))
        }
        _ => mount.device.clone(),
    };
    let work = procfs::disk_work(&device).map_err(|error| error.to_string())?;
    work.ok_or_else(|| format!("{} lies on no disk that the kernel counts", mount.place))
}
