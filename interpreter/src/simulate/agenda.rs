//! What is going to happen in a simulated world, in the order of time and then of entry; so the same script gives the same
//! timeline.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::act::Change;
use super::ending::Ending;
use super::letters::Passage;
use super::mail_server::Mood;
use super::weather::Blow;
use crate::engine::{DeedId, Input, Interval, Monotonic, Plan, RoundId, ServiceId};

/// What is going to happen.
#[derive(Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<Appointment>>,
    sequence: u64,
}

/// Something that happens at a point in time.
struct Appointment {
    at: Monotonic,
    sequence: u64,
    /// On the heap, because the agenda moves its appointments about.
    what: Box<Happening>,
}

pub(super) enum Happening {
    /// The engine is handed something.
    Input(Input),
    /// An observation ends.
    Observed(ServiceId, RoundId, Arc<Plan>),
    /// The world changes.
    Change(ServiceId, Change),
    /// The world changes of its own accord: what befell the thing, in words.
    Befalls(ServiceId, String, Blow),
    /// A deed has its effect, unless it was ended before.
    Effect(ServiceId, DeedId, Change),
    /// The time-out of a program has passed.
    TimeOut(ServiceId, DeedId),
    /// The clock on the wall is put forward (or back) by so many microseconds.
    WallJumps(i64),
    /// The engine is not called until then.
    Stalls(Monotonic),
    /// The machine sleeps for so long: the engine is not called.
    Sleeps(Duration),
    /// The clock on the wall is set forward, or back, by so many seconds.
    ClockIsSet(i64),
    /// ruled is about to end without a word.
    Ends(Ending),
    /// What is to be kept is written.
    Written,
    /// A letter moves on.
    Letter(Passage),
    /// A mail server, by its place, behaves otherwise.
    MailServer(usize, Mood),
    /// Another engine takes the place of this one.
    Again(Interval),
}

impl Agenda {
    /// Enters something.
    pub(super) fn put(&mut self, at: Monotonic, what: Happening) {
        self.sequence += 1;
        self.heap.push(Reverse(Appointment { at, sequence: self.sequence, what: Box::new(what) }));
    }

    /// When the next of it happens.
    pub(super) fn next_at(&self) -> Option<Monotonic> {
        self.heap.peek().map(|next| next.0.at)
    }

    /// Takes the next of it.
    pub(super) fn pop(&mut self) -> Option<(Monotonic, Happening)> {
        self.heap.pop().map(|Reverse(next)| (next.at, *next.what))
    }

    /// Leaves out what was for an engine that is gone. Its programs go on, and nobody is left to end them.
    pub(super) fn forget_engine(&mut self) {
        for Reverse(Appointment { at, sequence, what }) in std::mem::take(&mut self.heap) {
            let what = match *what {
                Happening::Input(Input::Readings(..) | Input::Outcome(..) | Input::Woken(..))
                | Happening::Observed(..)
                | Happening::TimeOut(..)
                | Happening::Written
                | Happening::Letter(..) => continue,
                Happening::Effect(id, _, change) => Happening::Change(id, change),
                other => other,
            };
            self.heap.push(Reverse(Appointment { at, sequence, what: Box::new(what) }));
        }
    }
}

impl PartialEq for Appointment {
    fn eq(&self, other: &Appointment) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Appointment {}

impl PartialOrd for Appointment {
    fn partial_cmp(&self, other: &Appointment) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Appointment {
    fn cmp(&self, other: &Appointment) -> Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}
