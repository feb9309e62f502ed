//! Looks at a process by its number and measures it.
//!
//! **Invariant:** a process is its number together with its start time. The pidfd is opened first and must still
//! be alive after the start time was read; only then do the two belong together.

use std::cell::OnceCell;
use std::os::fd::OwnedFd;
use std::time::Instant;

use interpreter::engine::{Fact, FactValue, Identity, Metric, PidfileState, Plan, Presence, Raw};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::procfs::{self, Moved, Owners, ProcessStat};
use super::snapshot::Snapshot;
use super::{Figures, readings};

/// How often a look is repeated when the process ended, and another took its number, in the middle of it.
const LOOKS_MAX: usize = 3;

/// The process that was seen last of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub start_ticks: u64,
    /// Whether somebody holds a handle on it, so that no other is needed.
    pub is_held: bool,
    /// When it was last known to be alive.
    pub alive: Instant,
}

/// A process that was found.
#[derive(Debug)]
pub struct Found {
    /// Which one.
    pub identity: Identity,
    /// A handle on it; absent where the kernel has no pidfds, and where one is held already.
    pub pidfd: Option<OwnedFd>,
    /// What `/proc` says of it.
    pub stat: ProcessStat,
}

/// What a look for a process found.
#[derive(Debug)]
pub struct Sighting {
    /// Whether it is there.
    pub presence: Presence,
    /// What the pid file says; absent for patterns.
    pub pidfile: Option<PidfileState>,
    /// The process, when it is there.
    pub found: Option<Found>,
    /// What is odd about it, in a sentence.
    pub note: Option<String>,
}

/// Takes the metrics of a process that was found.
pub fn measure(found: &Found, plan: &Plan, snapshot: &Snapshot) -> Figures {
    let pid = found.stat.pid;
    let value = |metric: Metric| match metric {
        Metric::Cpu => work(&[&found.stat], snapshot),
        Metric::Memory => memory(&[&found.stat], snapshot),
        Metric::TotalCpu => work(&family(found, snapshot)?, snapshot),
        Metric::TotalMemory => memory(&family(found, snapshot)?, snapshot),
        // The load is the host's, whoever asks.
        Metric::LoadAverage { minutes, per_core } => super::system::load(minutes, per_core, snapshot),
        Metric::Threads => Ok(Raw::Gauge(f64::from(found.stat.threads))),
        Metric::Children => Ok(Raw::Gauge(family(found, snapshot)?.len().saturating_sub(1) as f64)),
        Metric::FileDescriptors => descriptors(pid),
        Metric::TotalFileDescriptors => {
            let family = family(found, snapshot)?;
            let open = |one: &&ProcessStat| match open_descriptors(one.pid) {
                // Who has ended since the sweep holds nothing any more.
                Ok(None) if one.pid != pid => Ok(0),
                Ok(open) => open.ok_or_else(|| has_ended(pid)),
                Err(reason) => Err(reason),
            };
            Ok(Raw::Gauge(family.iter().map(open).sum::<Result<usize, String>>()? as f64))
        }
        Metric::Uptime => match found.identity {
            Identity::Process { uptime_s, .. } => Ok(Raw::Gauge(uptime_s as f64)),
            _ => Err("only a process has run for a while".to_owned()),
        },
        Metric::Read => moved(pid, |moved| (moved.read_bytes, moved.reads)),
        Metric::Write => moved(pid, |moved| (moved.written_bytes, moved.writes)),
        Metric::DiskRead => moved(pid, |moved| (moved.disk_read_bytes, moved.reads)),
        Metric::DiskWrite => moved(pid, |moved| (moved.disk_written_bytes, moved.writes)),
        _ => Err("a process has no such figure".to_owned()),
    };
    let owners = OnceCell::new();
    let owner = |which: fn(&Owners) -> u32| {
        let owners = owners.get_or_init(|| procfs::owners(pid));
        owners.as_ref().map(|owners| FactValue::Number(u64::from(which(owners)))).map_err(ToString::to_string)
    };
    let fact = |fact: Fact| match fact {
        Fact::Ppid => Ok(FactValue::Number(u64::from(found.stat.parent))),
        Fact::Uid => owner(|owners| owners.uid),
        Fact::Euid => owner(|owners| owners.euid),
        Fact::Gid => owner(|owners| owners.gid),
        Fact::SecurityAttribute => {
            procfs::security_attribute(pid).map(FactValue::Text).map_err(|error| error.to_string())
        }
        _ => Err("a process has nothing of the kind".to_owned()),
    };
    Figures { values: readings(&plan.metrics, |metric| value(*metric)), facts: readings(&plan.facts, |one| fact(*one)) }
}

/// How many descriptors a process has open, of as many as it may have.
fn descriptors(pid: u32) -> Result<Raw, String> {
    let open = open_descriptors(pid)?.ok_or_else(|| has_ended(pid))?;
    let most = procfs::descriptors_max(pid).map_err(|error| error.to_string())?;
    Ok(Raw::Part { amount: open as f64, whole: most as f64 })
}

fn open_descriptors(pid: u32) -> Result<Option<usize>, String> {
    procfs::descriptors(pid).map_err(|error| error.to_string())
}

fn has_ended(pid: u32) -> String {
    format!("pid {pid} has just ended")
}

fn moved(pid: u32, which: impl Fn(&Moved) -> (u64, u64)) -> Result<Raw, String> {
    let moved = procfs::moved(pid).map_err(|error| error.to_string())?;
    let (bytes, pieces) = which(&moved);
    Ok(Raw::Growth { bytes: bytes as f64, pieces: pieces as f64 })
}

fn family<'a>(found: &Found, snapshot: &'a Snapshot) -> Result<Vec<&'a ProcessStat>, String> {
    let family = snapshot.sweep().map_err(|error| error.to_string())?.family(found.stat.pid);
    // The sweep is taken after the process was seen, so it may have ended.
    if family.is_empty() { Err(has_ended(found.stat.pid)) } else { Ok(family) }
}

fn work(family: &[&ProcessStat], snapshot: &Snapshot) -> Result<Raw, String> {
    let ticks: u64 = family.iter().map(|process| process.user_ticks.saturating_add(process.system_ticks)).sum();
    let threads: u32 = family.iter().map(|process| process.threads).fold(0, u32::saturating_add);
    let cores = snapshot.cpu().map_err(|error| error.to_string())?.cores;
    Ok(Raw::Work {
        seconds: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
        // A program with one thread that uses one of two cores uses all that it can.
        capacity: f64::from(threads.clamp(1, cores)),
    })
}

fn memory(family: &[&ProcessStat], snapshot: &Snapshot) -> Result<Raw, String> {
    let pages: u64 = family.iter().map(|process| process.resident_pages).sum();
    let whole = snapshot.memory().map_err(|error| error.to_string())?.total;
    Ok(Raw::Part { amount: pages.saturating_mul(rustix::param::page_size() as u64) as f64, whole: whole as f64 })
}

/// What stands under a process number.
#[derive(Debug)]
pub(super) enum Look {
    Alive(Found),
    Ended(Identity),
    Nobody,
    Thread,
    Unknown(String),
}

/// Opens the process first, then reads who it is, then makes sure that it still lives.
pub(super) fn look(pid: u32, known: Option<Known>) -> Look {
    if let Some(alive) = look_by_start(pid, known) {
        return alive;
    }
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Look::Nobody };
    for _ in 0..LOOKS_MAX {
        let pidfd = match pidfd_open(number, PidfdFlags::empty()) {
            Ok(pidfd) => Some(pidfd),
            Err(Errno::SRCH) => return Look::Nobody,
            // The number of a thread: EINVAL, on newer kernels ENOENT.
            Err(Errno::INVAL | Errno::NOENT) => return Look::Thread,
            // An old kernel or a sandbox without pidfds: exits are seen in the cycle only.
            Err(Errno::NOSYS | Errno::PERM) => None,
            Err(error) => {
                return Look::Unknown(format!("cannot open pid {pid}: {}", crate::words::reason(&error.into())));
            }
        };
        let stat = match procfs::process(pid) {
            Ok(Some(stat)) => stat,
            Ok(None) => return Look::Nobody,
            Err(error) => return Look::Unknown(error.to_string()),
        };
        let identity = identity(&stat);
        // When its first thread has ended, a process is shown as a zombie though others of its threads go on.
        let is_over = pidfd.as_ref().map_or(stat.has_ended(), has_exited);
        match (is_over, stat.has_ended()) {
            (false, _) => return Look::Alive(Found { identity, pidfd, stat }),
            (true, true) => return Look::Ended(identity),
            // It ended in the middle of the look.
            (true, false) => {}
        }
    }
    // It ends and comes back faster than it can be looked at.
    Look::Nobody
}

/// Looks without a new handle: a number with the start time that was seen is the process that was seen.
pub(super) fn look_by_start(pid: u32, known: Option<Known>) -> Option<Look> {
    let known = known.filter(|known| known.is_held && known.pid == pid)?;
    let stat = procfs::process(pid).ok()??;
    if stat.start_ticks != known.start_ticks || stat.has_ended() {
        return None;
    }
    let identity = identity(&stat);
    Some(Look::Alive(Found { identity, pidfd: None, stat }))
}

/// Whether the process behind a pidfd has ended: then the pidfd is readable (pidfd_open(2)).
pub(crate) fn has_exited(pidfd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(pidfd, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut fds, Some(&at_once)), Ok(1))
}

fn identity(stat: &ProcessStat) -> Identity {
    let uptime_s = procfs::age(stat.start_ticks).as_secs();
    Identity::Process { pid: stat.pid, start_ticks: stat.start_ticks, uptime_s }
}

impl Sighting {
    pub(super) fn with(found: Found, pidfile: Option<PidfileState>) -> Sighting {
        Sighting { presence: Presence::Present(found.identity), pidfile, found: Some(found), note: None }
    }

    pub(super) fn without(presence: Presence, pidfile: Option<PidfileState>) -> Sighting {
        Sighting { presence, pidfile, found: None, note: None }
    }
}
