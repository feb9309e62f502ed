//! What this process was handed by whoever started it, and what programs that it runs would inherit.

use super::{ProcfsError, STAT_LIMIT_BYTES, detail, read_bounded, unreadable};

/// What whoever started this process left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// Which rights are taken from files that it makes (umask(2)).
    pub umask: u32,
    /// The signals that are ignored, the first in the lowest bit (signal(7)).
    pub ignored: u64,
    /// Whether it has a terminal of which it can be stopped and ended.
    pub has_terminal: bool,
}

/// What this process was handed.
pub fn handed() -> Result<Handed, ProcfsError> {
    let pid = std::process::id();
    let (path, text) = detail::text_of(pid, "status")?;
    let value = |key: &str, radix| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        u64::from_str_radix(line.trim(), radix).ok()
    };
    let umask = value("Umask:", 8).and_then(|mask| u32::try_from(mask).ok());
    let (Some(umask), Some(ignored)) = (umask, value("SigIgn:", 16)) else { return Err(ProcfsError::Form { path }) };
    let path = format!("/proc/{pid}/stat");
    let line = read_bounded(&path, STAT_LIMIT_BYTES).map_err(|error| unreadable(path, &error))?;
    // Behind the name, which ends at the last parenthesis, the fields are counted from 3; the terminal is field 7.
    let rest = line.rsplit(|byte| *byte == b')').next().unwrap_or_default();
    let terminal = String::from_utf8_lossy(rest).split_ascii_whitespace().nth(4).is_some_and(|number| number != "0");
    Ok(Handed { umask, ignored, has_terminal: terminal })
}

/// The control group of a process in the hierarchy of version 2, as a path from where this process sees its root.
pub fn cgroup(pid: u32) -> Option<String> {
    let (_, text) = detail::text_of(pid, "cgroup").ok()?;
    text.lines().find_map(|line| line.strip_prefix("0::")).map(str::to_owned)
}

/// The children of a process at this moment; none where there is no such process, or the kernel does not list them.
pub fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        // One more file than there are threads in the worst case; one that ends meanwhile has no children.
        let path = thread.path().join("children");
        let list = read_bounded(&path.to_string_lossy(), super::TABLE_LIMIT_BYTES).unwrap_or_default();
        children.extend(
            String::from_utf8_lossy(&list).split_ascii_whitespace().filter_map(|word| word.parse::<u32>().ok()),
        );
    }
    children
}

/// The numbers of the descriptors that this thread can use: those of this process, unless it has its own (unshare(2)). That
/// of the listing itself is among them.
pub fn own_descriptors() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc/thread-self/fd") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// A path that leads to the very file that a descriptor of this thread names, whatever has the file's own path by now
/// (proc_pid_fd(5)). Where there is no procfs it leads nowhere.
pub fn door(descriptor: i32) -> String {
    format!("/proc/thread-self/fd/{descriptor}")
}
