//! The looks under way for one service: one at a time, so that a service that hangs holds one thread, and few that wait.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use grammar::english;

use super::Look;
use crate::observe::apart::Reader;
use crate::observe::snapshot::Snapshot;

/// How many looks of one service wait that somebody still waits for: one of a cycle, one because its process exited, one
/// of a step. More are a fault of ours.
const WAITING_MAX: usize = 8;

/// What is under way for one service.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
}

/// A look to be taken.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) look: Look,
    /// How files are read.
    pub(super) reader: Reader,
    /// What it shares with others.
    pub(super) snapshot: Arc<Snapshot>,
}

#[derive(Debug, Default)]
struct State {
    /// Boxed, because a queue keeps its room, and most have none to keep.
    waiting: VecDeque<Box<Waiting>>,
    /// The look that runs: since when, and until when somebody waits for it.
    running: Option<(Instant, Instant)>,
    /// At what the last look was.
    lane: Option<Arc<str>>,
    /// Whether somebody was asked to work and has not come yet.
    is_asked: bool,
}

impl Slot {
    /// Puts a look there, to be taken by [`Slot::work`]; whether that is to be called for it. Or says why it would be in
    /// vain.
    pub(super) fn put(&self, waiting: Waiting, lane: &Arc<str>) -> Result<bool, String> {
        let (mut state, now) = (self.lock(), Instant::now());
        if let Some((since, _)) = state.running.filter(|(_, until)| *until < now) {
            let waited = english::count(now.duration_since(since).as_secs(), "second");
            let lane = state.lane.as_ref().unwrap_or(lane);
            return Err(format!("no answer from {lane} for {waited}"));
        }
        // Nobody waits any more for those that have waited for too long themselves.
        state.waiting.retain(|waiting| waiting.look.until > now);
        if state.waiting.len() >= WAITING_MAX {
            return Err(format!("too many looks at {lane} wait"));
        }
        state.lane = Some(Arc::clone(lane));
        state.waiting.push_back(Box::new(waiting));
        // Whoever works here goes on as long as something waits.
        let asks = !state.is_asked && state.running.is_none();
        state.is_asked |= asks;
        Ok(asks)
    }

    /// Takes the looks that wait; nothing when somebody else does so already.
    pub(super) fn work(&self, take: impl Fn(&Waiting)) {
        let mut state = self.lock();
        state.is_asked = false;
        while state.running.is_none()
            && let Some(next) = state.waiting.pop_front()
        {
            let (until, now) = (next.look.until, Instant::now());
            if until <= now {
                continue;
            }
            state.running = Some((now, until));
            drop(state);
            take(&next);
            state = self.lock();
            state.running = None;
        }
    }

    /// Nobody comes to work.
    pub(super) fn give_up(&self) {
        let mut state = self.lock();
        state.is_asked = false;
        state.waiting.clear();
    }

    /// At what the last look was.
    pub(super) fn lane(&self) -> Option<Arc<str>> {
        self.lock().lane.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Looks are taken outside the lock, so the state is whole even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
