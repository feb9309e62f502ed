//! The real clocks.

use std::time::{Duration, Instant};

use interpreter::engine::{Monotonic, Now};

use crate::report::wall_now;

/// The clock by which the engine lives: monotonic time since the start of ruled, and the clock on the wall.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// Starts the clock.
    pub fn start() -> Clock {
        Clock { origin: Instant::now() }
    }

    /// The present.
    pub fn now(&self) -> Now {
        Now { monotonic: Monotonic::default().after(self.origin.elapsed()), wall: wall_now() }
    }

    /// How long the clock has run.
    pub fn running(&self) -> Duration {
        self.origin.elapsed()
    }

    /// The engine's point in time as the runtime knows it.
    pub fn instant(&self, at: Monotonic) -> Instant {
        self.origin.checked_add(Duration::from_nanos(at.0)).unwrap_or_else(far_away)
    }
}

/// A time that never comes while ruled runs: a day, after which whoever waits looks again.
pub fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(24 * 3600)
}
