//! Sends signals to processes: never to a number, always to the process that was seen.

use interpreter::engine::Identity;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal};
use thiserror::Error;

/// Why a signal could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignalError {
    /// The order names no process.
    #[error("only a process can be ended")]
    NoProcess,
    /// Nobody can tell whether it is still the same process.
    #[error("cannot tell whether pid {pid} is still the process that was seen: {reason}")]
    Unknown {
        /// The number.
        pid: u32,
        /// What stood in the way.
        reason: String,
    },
    /// The system refused.
    #[error("cannot signal pid {pid}: {reason}")]
    Refused {
        /// The number.
        pid: u32,
        /// The system's words.
        reason: String,
    },
}

/// Whether the process was still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The signal was sent.
    Sent,
    /// The process has ended; another may have its number.
    Gone,
}

/// Sends the signal, if the process is still this one. `start_ticks_of` tells when the process of a number started,
/// in clock ticks since boot, or nothing when there is none.
pub fn signal<E: ToString>(
    identity: Identity,
    signal: Signal,
    start_ticks_of: impl FnOnce(u32) -> Result<Option<u64>, E>,
) -> Result<Sent, SignalError> {
    let Identity::Process { pid, start_ticks, .. } = identity else { return Err(SignalError::NoProcess) };
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(SignalError::NoProcess)?;
    let refused = |error: Errno| SignalError::Refused { pid, reason: crate::words::reason(&error.into()) };
    // The handle first, the comparison after: what is compared is then what is signalled, because the number cannot
    // pass on while the process behind the handle has not been reaped, and a handle of one that was reaped is dead.
    let pidfd = match pidfd_open(number, PidfdFlags::empty()) {
        Ok(pidfd) => Some(pidfd),
        Err(Errno::SRCH | Errno::INVAL | Errno::NOENT) => return Ok(Sent::Gone),
        Err(Errno::NOSYS) => None,
        Err(error) => return Err(refused(error)),
    };
    let started = start_ticks_of(pid).map_err(|error| SignalError::Unknown { pid, reason: error.to_string() })?;
    if started != Some(start_ticks) {
        return Ok(Sent::Gone);
    }
    let sent = match &pidfd {
        Some(pidfd) => pidfd_send_signal(pidfd, signal),
        // An old kernel: a moment remains in which the number could pass on.
        None => kill_process(number, signal),
    };
    match sent {
        Ok(()) => Ok(Sent::Sent),
        Err(Errno::SRCH) => Ok(Sent::Gone),
        Err(error) => Err(refused(error)),
    }
}

/// Ends a whole process group at once. **Invariant:** its leader is a child of ours that was not reaped, so the
/// number is still the group's.
pub fn kill_group(leader: Pid) {
    // It fails only when nobody is left in the group.
    kill_process_group(leader, Signal::KILL).ok();
}
