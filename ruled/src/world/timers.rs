//! What is due when, beside the engine's own wishes.

use std::collections::BTreeMap;
use std::time::Instant;

/// A queue of things that come due. Nothing is ever cancelled: whoever takes a thing out looks whether it still
/// matters, which costs less than keeping track.
#[derive(Debug)]
pub struct Timers<T> {
    due: BTreeMap<(Instant, u64), T>,
    count: u64,
}

impl<T> Timers<T> {
    /// An empty queue.
    pub fn new() -> Timers<T> {
        Timers { due: BTreeMap::new(), count: 0 }
    }

    /// Something comes due at that time. What is due at the same time comes out in the order in which it went in.
    pub fn set(&mut self, at: Instant, what: T) {
        self.count += 1;
        self.due.insert((at, self.count), what);
    }

    /// When the next thing is due.
    pub fn next(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes out the next thing that is due.
    pub fn take(&mut self, now: Instant) -> Option<T> {
        if self.next()? > now {
            return None;
        }
        self.due.pop_first().map(|(_, what)| what)
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}
