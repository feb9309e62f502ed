//! What `/proc` says of the machine as a whole: its disks, its descriptors.

use super::{ProcfsError, STAT_LIMIT_BYTES, TABLE_LIMIT_BYTES, read_bounded, unreadable};

/// The size of a sector in `/proc/diskstats`, whatever that of the disk is (Documentation/admin-guide/iostats.rst).
const SECTOR_BYTES: u64 = 512;

/// What a disk did since boot, from `/proc/diskstats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskWork {
    /// Completed reads.
    pub reads: u64,
    /// What they brought.
    pub read_bytes: u64,
    /// Completed writes.
    pub writes: u64,
    /// What they took.
    pub written_bytes: u64,
    /// How long all of them took together, in milliseconds.
    pub busy_ms: u64,
}

/// What the disk of this number, `major:minor`, did since boot; nothing when it is no disk.
pub fn disk_work(device: &str) -> Result<Option<DiskWork>, ProcfsError> {
    let path = "/proc/diskstats".to_owned();
    let bytes = read_bounded(&path, TABLE_LIMIT_BYTES).map_err(|error| unreadable(path.clone(), &error))?;
    let text = String::from_utf8_lossy(&bytes);
    let Some((major, minor)) = device.split_once(':') else { return Ok(None) };
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if words.first() != Some(&major) || words.get(1) != Some(&minor) {
            continue;
        }
        // The name is the third word; behind it the counters are counted from 1.
        let number = |place: usize| words.get(place + 2).and_then(|word| word.parse::<u64>().ok());
        let all = || {
            Some(DiskWork {
                reads: number(1)?,
                read_bytes: number(3)?.saturating_mul(SECTOR_BYTES),
                writes: number(5)?,
                written_bytes: number(7)?.saturating_mul(SECTOR_BYTES),
                busy_ms: number(4)?.saturating_add(number(8)?),
            })
        };
        return all().map(Some).ok_or(ProcfsError::Form { path });
    }
    Ok(None)
}

/// How many descriptors the machine has open, and how many it may have.
pub fn descriptors_of_all() -> Result<(u64, u64), ProcfsError> {
    let path = "/proc/sys/fs/file-nr".to_owned();
    let bytes = read_bounded(&path, STAT_LIMIT_BYTES).map_err(|error| unreadable(path.clone(), &error))?;
    let text = String::from_utf8_lossy(&bytes);
    let numbers: Vec<u64> = text.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [allocated, free, most] => Ok((allocated.saturating_sub(*free), *most)),
        _ => Err(ProcfsError::Form { path }),
    }
}
