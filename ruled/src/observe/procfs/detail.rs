//! What `/proc/PID` says of a process beside its status line: whose it is, what it moved, what it holds open.

use super::stat::Wanting;
use super::{ProcessStat, ProcfsError, STAT_LIMIT_BYTES, is_gone, read_bounded, unreadable};

/// How many descriptors of a process are counted; there are hardly more than the limit of the kernel (`fs.nr_open`).
const DESCRIPTORS_MAX: usize = 1 << 21;

/// The longest `/proc/PID/status` that is read: the numbers of all groups of its user stand in it, before the swap space.
const STATUS_LIMIT_BYTES: usize = 64 * 1024;

/// How many threads of a process are looked at one by one; the rest is taken to be like them.
const THREADS_MAX: usize = 4096;

/// Whose a process is, from `/proc/PID/status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners {
    /// The real user.
    pub uid: u32,
    /// The effective user.
    pub euid: u32,
    /// The real group.
    pub gid: u32,
}

/// What a process moved since it started, from `/proc/PID/io`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Bytes read, from wherever.
    pub read_bytes: u64,
    /// Bytes written, to wherever.
    pub written_bytes: u64,
    /// Calls that read.
    pub reads: u64,
    /// Calls that write.
    pub writes: u64,
    /// Bytes that came from a disk.
    pub disk_read_bytes: u64,
    /// Bytes that went to a disk.
    pub disk_written_bytes: u64,
}

/// Whose a process is.
pub fn owners(pid: u32) -> Result<Owners, ProcfsError> {
    let (path, text) = text_of(pid, "status")?;
    let numbers = |key: &str| -> Option<Vec<u32>> {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_ascii_whitespace().map(|word| word.parse().ok()).collect()
    };
    let all = || {
        let (users, groups) = (numbers("Uid:")?, numbers("Gid:")?);
        Some(Owners { uid: *users.first()?, euid: *users.get(1)?, gid: *groups.first()? })
    };
    all().ok_or(ProcfsError::Form { path })
}

/// What a process moved since it started. Others' processes are told to the superuser only.
pub fn moved(pid: u32) -> Result<Moved, ProcfsError> {
    let (path, text) = text_of(pid, "io")?;
    let number = |key: &str| text.lines().find_map(|line| line.strip_prefix(key))?.trim().parse().ok();
    let all = || {
        Some(Moved {
            read_bytes: number("rchar:")?,
            written_bytes: number("wchar:")?,
            reads: number("syscr:")?,
            writes: number("syscw:")?,
            disk_read_bytes: number("read_bytes:")?,
            disk_written_bytes: number("write_bytes:")?,
        })
    };
    all().ok_or(ProcfsError::Form { path })
}

/// How much of a process lies in swap space; nothing where the kernel does not say.
pub fn swapped_bytes(pid: u32) -> Result<Option<u64>, ProcfsError> {
    let (path, text) = text_within(pid, "status", STATUS_LIMIT_BYTES)?;
    let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmSwap:")) else { return Ok(None) };
    // Written in kB, which here means 1024 bytes.
    let number = line.split_ascii_whitespace().next().and_then(|number| number.parse::<u64>().ok());
    number.map(|number| Some(number.saturating_mul(1024))).ok_or(ProcfsError::Form { path })
}

/// How many threads of a process run or want to run, and how many wait for a disk or the like. `own` is the number of
/// the thread that asks: it runs because it looks.
pub fn wanting_threads(pid: u32, own: u32) -> Result<Wanting, ProcfsError> {
    let path = format!("/proc/{pid}/task");
    let mut wanting = Wanting::default();
    for entry in std::fs::read_dir(&path).map_err(|error| unreadable(path.clone(), &error))?.take(THREADS_MAX) {
        let name = entry.map_err(|error| unreadable(path.clone(), &error))?.file_name();
        let Some(thread) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends meanwhile wants nothing any more.
        let Ok(bytes) = read_bounded(&format!("{path}/{thread}/stat"), STAT_LIMIT_BYTES) else { continue };
        if let Some(stat) = ProcessStat::parse(&bytes).filter(|_| thread != own) {
            wanting.count(stat.state);
        }
    }
    Ok(wanting)
}

/// How many descriptors a process has open; nothing when there is no such process, or none any more.
pub fn descriptors(pid: u32) -> Result<Option<usize>, ProcfsError> {
    let path = format!("/proc/{pid}/fd");
    let count = || {
        let mut count = 0;
        for entry in std::fs::read_dir(&path)?.take(DESCRIPTORS_MAX) {
            entry?;
            count += 1;
        }
        Ok(count)
    };
    match count() {
        Ok(count) => Ok(Some(count)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// How many descriptors a process may have open: its soft limit, which is never above the hard one.
pub fn descriptors_max(pid: u32) -> Result<u64, ProcfsError> {
    let (path, text) = text_of(pid, "limits")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_ascii_whitespace().next());
    match soft {
        Some("unlimited") => Ok(u64::MAX),
        Some(number) => number.parse().map_err(|_| ProcfsError::Form { path }),
        None => Err(ProcfsError::Form { path }),
    }
}

/// The security attribute of a process, such as `unconfined` or `system_u:system_r:init_t:s0`.
pub fn security_attribute(pid: u32) -> Result<String, ProcfsError> {
    let (_, text) = text_of(pid, "attr/current")?;
    Ok(text.trim_end_matches(['\0', '\n']).to_owned())
}

pub(super) fn text_of(pid: u32, name: &str) -> Result<(String, String), ProcfsError> {
    text_within(pid, name, STAT_LIMIT_BYTES)
}

fn text_within(pid: u32, name: &str, limit_bytes: usize) -> Result<(String, String), ProcfsError> {
    let path = format!("/proc/{pid}/{name}");
    match read_bounded(&path, limit_bytes) {
        Ok(bytes) => Ok((path, String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if is_gone(&error) => {
            Err(ProcfsError::Read { path, reason: "the process has just ended".to_owned() })
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}
