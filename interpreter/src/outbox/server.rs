//! How a server fares: one that fails is left alone for a while, each time for longer.

use std::time::Duration;

use crate::engine::Monotonic;

/// How long a server that failed is left alone, at first and at most. The same holds for a letter that is not taken.
pub const PAUSE_FIRST: Duration = Duration::from_secs(10);
/// See [`PAUSE_FIRST`].
pub const PAUSE_LAST: Duration = Duration::from_secs(15 * 60);

/// How a server fares.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// Until when it is left alone.
    pub(super) pause_until: Monotonic,
    pause: Duration,
    /// How many letters are being handed to it.
    pub(super) busy: usize,
    /// Why it failed; nothing while it does not.
    pub(super) trouble: Option<String>,
}

impl Server {
    /// Whether it can be handed a letter. One that failed gets a single one, to see.
    pub(super) fn is_free(&self, now: Monotonic) -> bool {
        if self.trouble.is_none() { true } else { self.pause_until <= now && self.busy == 0 }
    }

    /// It failed; whether that is news.
    pub(super) fn fail(&mut self, now: Monotonic, reason: &str) -> bool {
        // Letters that were under way when it failed say the same again.
        if self.trouble.is_none() || self.pause_until <= now {
            self.pause = longer(self.pause);
            self.pause_until = now.after(self.pause);
        }
        let before = self.trouble.replace(reason.to_owned());
        before.as_deref() != Some(reason)
    }

    /// It answered as servers should; whether that is news.
    pub(super) fn work(&mut self) -> bool {
        (self.pause, self.pause_until) = (Duration::ZERO, Monotonic::default());
        self.trouble.take().is_some()
    }
}

/// The pause after this one.
pub(super) fn longer(pause: Duration) -> Duration {
    if pause.is_zero() { PAUSE_FIRST } else { (pause * 2).min(PAUSE_LAST) }
}
