//! The grid of cycles: fixed points in time at which all services are due.

use std::time::Duration;

use super::Monotonic;

/// The shortest cycle. A shorter one is lengthened to this, so that the grid always moves on.
pub const SHORTEST_CYCLE: Duration = Duration::from_millis(1);

/// The points at which cycles begin.
///
/// **Invariant:** the distance of two points is a multiple of the cycle, except where somebody wakes ruled, which
/// moves the grid. Work never moves it, so cycles do not drift.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// The length of a cycle.
    pub(super) length: Duration,
    /// When the next cycle begins.
    pub(super) next: Monotonic,
    /// The number of the present cycle; 0 before the first.
    pub(super) number: u64,
    /// How many points passed without a cycle, because nobody came.
    pub(super) skipped: u64,
}

impl Grid {
    pub(super) fn new(first: Monotonic, length: Duration) -> Grid {
        Grid { length: length.max(SHORTEST_CYCLE), next: first, number: 0, skipped: 0 }
    }

    /// Begins a cycle if its time has come. After a stall one cycle begins and the points that were missed
    /// are counted, not made up for.
    pub(super) fn begin(&mut self, now: Monotonic) -> bool {
        if now < self.next {
            return false;
        }
        let length = u64::try_from(self.length.as_nanos()).unwrap_or(u64::MAX);
        let missed = now.0.saturating_sub(self.next.0) / length;
        self.skipped = self.skipped.saturating_add(missed);
        self.number = self.number.saturating_add(1);
        self.next = Monotonic(self.next.0.saturating_add(length.saturating_mul(missed.saturating_add(1))));
        true
    }

    /// Begins a cycle now and moves the grid so that the next is a whole cycle away.
    pub(super) fn wake(&mut self, now: Monotonic) {
        self.number = self.number.saturating_add(1);
        self.next = now.after(self.length);
    }
}
