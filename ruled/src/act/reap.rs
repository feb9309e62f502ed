//! The one reaper: takes leave of every child that has ended, ours and those that came to us as the subreaper.

use std::collections::HashMap;

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, WaitStatus, wait, waitpid};

/// How many children are reaped in one go, so that a fork storm of orphans does not hold up the loop.
const REAPED_AT_ONCE_MAX: usize = 1024;

/// The exit status when nobody can tell it any more.
const STATUS_UNKNOWN: Exit = Exit { status: -1, signal: None };

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The exit status; 128 plus the signal's number for a child that a signal ended, as shells say it.
    pub status: i32,
    /// The number of that signal.
    pub signal: Option<i32>,
}

/// The children that were started here, with the status of those that were reaped.
#[derive(Debug, Default)]
pub struct Reaper {
    children: HashMap<Pid, Option<Exit>>,
}

/// Whether children are left that could be reaped at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// None.
    Nothing,
    /// Perhaps; call again soon.
    More,
}

impl Reaper {
    /// Becomes the parent of all orphans below this process, so that a service that daemonises stays a child.
    pub fn adopt_orphans() -> Result<(), Errno> {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
    }

    /// Keeps the status of this child when it ends.
    pub fn expect(&mut self, pid: Pid) {
        self.children.insert(pid, None);
    }

    /// Reaps whoever has ended, without waiting. The expected ones among them are named.
    pub fn reap(&mut self) -> (Vec<Pid>, Rest) {
        let mut ended = Vec::new();
        for _ in 0..REAPED_AT_ONCE_MAX {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    if let Some(kept) = self.children.get_mut(&pid) {
                        *kept = Some(exit(status));
                        ended.push(pid);
                    }
                }
                Err(Errno::INTR) => {}
                // Nobody has ended, or there are no children.
                Ok(None) | Err(_) => return (ended, Rest::Nothing),
            }
        }
        (ended, Rest::More)
    }

    /// The status of an expected child that has ended, which is then forgotten; nothing while it runs.
    pub fn status(&mut self, pid: Pid) -> Option<Exit> {
        let kept = *self.children.get(&pid)?;
        let status = kept.or_else(|| match waitpid(Some(pid), WaitOptions::NOHANG) {
            Ok(Some((_, status))) => Some(exit(status)),
            Err(Errno::CHILD) => Some(STATUS_UNKNOWN),
            Ok(None) | Err(_) => None,
        })?;
        self.children.remove(&pid);
        Some(status)
    }

    /// Whether the expected child has ended and was reaped, so that its number may be another's.
    pub fn was_reaped(&self, pid: Pid) -> bool {
        self.children.get(&pid).is_some_and(Option::is_some)
    }

    /// Does not keep the status of this child; it is reaped like a stranger.
    pub fn forget(&mut self, pid: Pid) {
        self.children.remove(&pid);
    }
}

fn exit(found: WaitStatus) -> Exit {
    let signal = found.terminating_signal();
    match found.exit_status().or(signal.map(|signal| 128 + signal)) {
        Some(status) => Exit { status, signal },
        None => STATUS_UNKNOWN,
    }
}
