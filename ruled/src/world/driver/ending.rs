//! The end of ruled where it is the first process, as in a container: all others end with it, so services are stopped before,
//! in the order in which they need each other.

use std::time::{Duration, Instant};

use interpreter::engine::Input;

use super::{Driver, Due};
use crate::report::level::Level;

/// How long a run of one cycle, or the end, lasts at most beside the longest time-outs of the rules.
const RESERVE: Duration = Duration::from_secs(60);

/// The number of the first process: the parent of all whose parents have ended.
const FIRST: u32 = 1;

impl Driver {
    /// Whether everything here ends with ruled, and ruled may do something about it. Whoever asks twice does not want to wait.
    pub(super) fn is_first(&self) -> bool {
        std::process::id() == FIRST && !self.options.once && !self.options.dry && !self.is_ending
    }

    /// How long one cycle can take at most, or the end: their longest programs and connections.
    pub(super) fn longest_once(&self) -> Duration {
        let programs = self.program.services.iter().flat_map(|service| {
            [&service.start, &service.stop, &service.restart].into_iter().flatten().map(|command| command.timeout)
        });
        programs.max().unwrap_or_default().saturating_mul(3).saturating_add(RESERVE)
    }

    /// Stops all services, and then ends.
    pub(super) fn end(&mut self) {
        self.say(Level::Info, "all services are stopped, because ruled is the first process here and all end with it");
        self.is_ending = true;
        self.timers.set(Instant::now() + self.longest_once(), Due::EndOfAll);
        self.feed(Input::End);
    }
}
