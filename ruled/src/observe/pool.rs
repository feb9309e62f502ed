//! A bounded pool of threads for looks that may hang, with a lane for each file system: one that does not answer
//! holds one thread and delays nobody else.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many threads look at the same time. Each can be lost to one dead file system; more than this many dead ones
/// at once make files unknown, while processes are still acted upon.
const THREADS_MAX: usize = 8;

/// How many looks wait in one lane. A lane that is so far behind belongs to a file system that does not answer.
const LANE_LENGTH_MAX: usize = 64;

/// A look, or several.
pub type Job = Box<dyn FnOnce() + Send>;

/// The pool. Its threads are started when they are first needed and stay.
#[derive(Clone, Default)]
pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    lanes: HashMap<String, VecDeque<Job>>,
    /// Lanes with work that no thread is in.
    ready: VecDeque<String>,
    /// Lanes that a thread is in.
    busy: HashSet<String>,
    threads: usize,
    idle: usize,
    closed: bool,
}

/// A job that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The lane is full.
    #[error("the file system at {0} does not answer")]
    Full(String),
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    NoThread(String),
}

impl Pool {
    /// Hands in a job for the lane. Jobs of one lane run one after the other.
    pub fn submit(&self, lane: &str, job: Job) -> Result<(), PoolError> {
        let mut state = self.shared.lock();
        let queue = state.lanes.entry(lane.to_owned()).or_default();
        if queue.len() >= LANE_LENGTH_MAX {
            return Err(PoolError::Full(lane.to_owned()));
        }
        queue.push_back(job);
        if queue.len() == 1 && !state.busy.contains(lane) {
            state.ready.push_back(lane.to_owned());
        }
        if state.idle == 0 && state.threads < THREADS_MAX {
            let shared = Arc::clone(&self.shared);
            match thread::Builder::new().name("files".to_owned()).spawn(move || shared.work()) {
                Ok(_) => state.threads += 1,
                Err(error) if state.threads == 0 => return Err(PoolError::NoThread(error.to_string())),
                // Those that there are get to it.
                Err(_) => {}
            }
        }
        drop(state);
        self.shared.work.notify_one();
        Ok(())
    }

    /// Lets the threads end when their work is done. A thread that hangs is left to the end of the process.
    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Jobs run outside the lock, so the state is whole even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        while !state.closed {
            let Some(lane) = state.ready.pop_front() else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                continue;
            };
            let Some(job) = state.lanes.get_mut(&lane).and_then(VecDeque::pop_front) else { continue };
            state.busy.insert(lane.clone());
            drop(state);
            job();
            state = self.lock();
            state.busy.remove(&lane);
            if state.lanes.get(&lane).is_some_and(|queue| !queue.is_empty()) {
                state.ready.push_back(lane);
            } else {
                state.lanes.remove(&lane);
            }
        }
    }
}
