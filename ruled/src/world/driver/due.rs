//! What comes due beside the engine's own wishes.

use rustix::process::Pid;

use crate::world::deeds::{DeedKey, Finished};
use crate::world::looks::Look;
use crate::world::rounds::RoundKey;

/// Something that comes due beside the engine's own wishes.
#[derive(Debug)]
pub(super) enum Due {
    /// Look again for a process that exited, for the time of this number.
    LookAgain(Box<Look>, u32),
    Deed(Pid, DeedKey),
    Check(Pid, RoundKey),
    /// See whether what this program left behind is gone, for the time of this number.
    Rest(Box<Finished>, u32),
    Reap,
    /// The rules of this reading.
    RulesLate(u64),
    EndOfOnce,
    EndOfAll,
}
