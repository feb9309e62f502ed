//! What the engine waits for, in the order of time.

use std::collections::BTreeSet;

use super::{Monotonic, RoundId, ServiceId, UndertakingId};

/// Something that happens by the passing of time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The readings of a regular round are of no use any more.
    Round(ServiceId, RoundId),
    /// The readings of an early round are of no use any more, or it is time to look again.
    Early(ServiceId),
    /// It is time to look at a file that changed, or the readings of that look are of no use any more.
    Changed(ServiceId),
    /// A process that left in good order is looked for again.
    Settled(ServiceId),
    /// An undertaking looks again, or has taken too long.
    Step(UndertakingId),
}

/// The timers that are set.
///
/// **Invariant:** whoever sets a timer unsets it when it is not needed any more; so there are at most three for each
/// service and one for each undertaking.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers {
    set: BTreeSet<(Monotonic, Timer)>,
}

impl Timers {
    pub(super) fn set(&mut self, at: Monotonic, timer: Timer) {
        self.set.insert((at, timer));
    }

    pub(super) fn unset(&mut self, at: Monotonic, timer: Timer) {
        self.set.remove(&(at, timer));
    }

    /// The time of the earliest.
    pub(super) fn next(&self) -> Option<Monotonic> {
        self.set.first().map(|(at, _)| *at)
    }

    /// Takes the earliest one that is due.
    pub(super) fn take_due(&mut self, now: Monotonic) -> Option<Timer> {
        let due = *self.set.first().filter(|(at, _)| *at <= now)?;
        self.set.remove(&due);
        Some(due.1)
    }
}
