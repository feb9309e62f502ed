//! The only reader of `/proc`: bounded reads and parsers that trust no process's name.
//!
//! Not here: what the figures mean for a service (`process.rs`, `system.rs`).

use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;

mod detail;
mod machine;
mod mount;
mod own;
mod stat;

pub use detail::{
    Moved, Owners, descriptors, descriptors_max, moved, owners, security_attribute, swapped_bytes, wanting_threads,
};
pub use machine::{DiskWork, descriptors_of_all, disk_work};
pub use mount::{Mount, MountWatch, Mounts};
pub use own::{Handed, cgroup, children, door, handed, own_descriptors};
pub use stat::{CpuTimes, ProcessStat, Wanting};

/// Where the kernel shows what it knows as files.
pub const FOLDER: &str = "/proc/";

/// The longest `/proc/PID/stat`: 52 numbers and a name of at most 64 bytes stay far below.
const STAT_LIMIT_BYTES: usize = 4096;

/// How much of a command line is looked at; the rest cannot match.
const COMMAND_LINE_LIMIT_BYTES: usize = 64 * 1024;

/// How much of a table for the whole machine is read: `/proc/stat` has a line per core and one long line of
/// interrupts, `mountinfo` a line per mount; 4 MB holds ten thousands of either.
const TABLE_LIMIT_BYTES: usize = 4 << 20;

/// What is mounted where, as this process sees it.
const MOUNT_TABLE: &str = "/proc/self/mountinfo";

/// The program that runs here, also after its file was replaced by a newer one.
pub const OWN_EXECUTABLE: &str = "/proc/self/exe";

/// Why something could not be read from `/proc`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProcfsError {
    /// The file could not be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The file says something that proc(5) does not describe.
    #[error("cannot understand {path}")]
    Form {
        /// The file.
        path: String,
    },
}

/// The status of a process; nothing when there is no such process.
pub fn process(pid: u32) -> Result<Option<ProcessStat>, ProcfsError> {
    let path = format!("/proc/{pid}/stat");
    let mut buffer = [0; STAT_LIMIT_BYTES];
    // The kernel hands out the whole line with the first read, and most looks are looks at this file.
    match File::open(&path).and_then(|mut file| file.read(&mut buffer)) {
        Ok(length) => {
            let line = buffer.get(..length).unwrap_or_default();
            ProcessStat::parse(line).map(Some).ok_or(ProcfsError::Form { path })
        }
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The command line of a process, its words joined by blanks; nothing when there is no such process.
/// It is empty for a kernel thread and for a process that overwrote it.
pub fn command_line(pid: u32) -> Result<Option<String>, ProcfsError> {
    let path = format!("/proc/{pid}/cmdline");
    match read_bounded(&path, COMMAND_LINE_LIMIT_BYTES) {
        Ok(mut bytes) => {
            while bytes.last() == Some(&0) {
                bytes.pop();
            }
            for byte in &mut bytes {
                if *byte == 0 {
                    *byte = b' ';
                }
            }
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The numbers of all processes.
pub fn pids() -> Result<Vec<u32>, ProcfsError> {
    let failed = |error: io::Error| unreadable("/proc".to_owned(), &error);
    let mut pids = Vec::new();
    for entry in std::fs::read_dir("/proc").map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) {
            pids.push(pid);
        }
    }
    Ok(pids)
}

/// How the processors have spent their time since boot.
pub fn cpu_times() -> Result<CpuTimes, ProcfsError> {
    let path = "/proc/stat".to_owned();
    let bytes = read_bounded(&path, TABLE_LIMIT_BYTES).map_err(|error| unreadable(path.clone(), &error))?;
    CpuTimes::parse(&bytes).ok_or(ProcfsError::Form { path })
}

/// The time since boot, suspension included, to the nanosecond: the clock of a process's start time (proc_pid_stat(5)).
///
/// `/proc/uptime` is none for that: it leaves out up to 10 ms, and in many containers it tells the container's own age.
pub fn process_clock() -> Duration {
    let since = clock_gettime(ClockId::Boottime);
    Duration::try_from(since).unwrap_or_default()
}

/// How many clock ticks of a process's start time that is (proc_pid_stat(5)), as the kernel rounds it: down.
pub fn ticks(since_boot: Duration) -> u64 {
    let ticks = since_boot.as_nanos() * u128::from(rustix::param::clock_ticks_per_second()) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// For how long a process has been there that started then, in clock ticks since boot.
pub fn age(start_ticks: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second();
    let started = Duration::from_nanos(start_ticks.saturating_mul(1_000_000_000 / per_second.max(1)));
    process_clock().saturating_sub(started)
}

/// The time since boot in seconds, suspension included; in a container its own, where somebody tells it so.
pub fn uptime_s() -> Result<f64, ProcfsError> {
    let path = "/proc/uptime".to_owned();
    let bytes = read_bounded(&path, STAT_LIMIT_BYTES).map_err(|error| unreadable(path.clone(), &error))?;
    let text = String::from_utf8_lossy(&bytes);
    text.split_ascii_whitespace().next().and_then(|word| word.parse().ok()).ok_or(ProcfsError::Form { path })
}

/// The number that the kernel gives to this life of the machine (random(4)).
pub fn boot_id() -> Result<String, ProcfsError> {
    let path = "/proc/sys/kernel/random/boot_id".to_owned();
    let bytes = read_bounded(&path, STAT_LIMIT_BYTES).map_err(|error| unreadable(path, &error))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// What is mounted where in this process's view.
pub fn mounts() -> Result<Mounts, ProcfsError> {
    let path = MOUNT_TABLE.to_owned();
    let bytes = read_bounded(&path, TABLE_LIMIT_BYTES).map_err(|error| unreadable(path, &error))?;
    Ok(Mounts::parse(&bytes))
}

/// The open descriptors of this process, beside the three standard ones, that a program it runs would inherit.
/// Whatever is opened here closes itself then; what does not was left open by whoever started this process.
pub fn inheritable_descriptors() -> Result<Vec<i32>, ProcfsError> {
    /// The flag in the octal word of `/proc/PID/fdinfo/FD` (O_CLOEXEC).
    const CLOSES_ITSELF: u32 = 0o2_000_000;
    let failed = |error: io::Error| unreadable("/proc/self/fd".to_owned(), &error);
    let mut inheritable = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd").map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse::<i32>().ok()).filter(|number| *number > 2) else {
            continue;
        };
        // The descriptor of this very listing is gone by the time it is looked at.
        let Ok(bytes) = read_bounded(&format!("/proc/self/fdinfo/{number}"), STAT_LIMIT_BYTES) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
        if flags
            .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
            .is_some_and(|flags| flags & CLOSES_ITSELF == 0)
        {
            inheritable.push(number);
        }
    }
    Ok(inheritable)
}

/// A process that ends while it is read answers "no such process" (ESRCH, 3) instead of "no such file".
fn is_gone(error: &io::Error) -> bool {
    const ESRCH: i32 = 3;
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH)
}

fn unreadable(path: String, error: &io::Error) -> ProcfsError {
    ProcfsError::Read { path, reason: crate::words::reason(error) }
}

fn read_bounded(path: &str, limit_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1024);
    File::open(path)?.take(limit_bytes as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
