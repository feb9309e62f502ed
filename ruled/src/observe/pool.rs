//! A bounded pool of threads for looks that may hang, with a lane for each thing that may not answer, such as a file
//! system: one that does not holds two threads at most and delays nobody else.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many threads look at the same time, beside those that hang.
const THREADS_MAX: usize = 8;

/// How many threads may hang. With more, looks in the pool become unknown, while processes are still acted upon.
const HANGING_MAX: usize = 56;

/// How many threads are in one lane: one, and another that goes on with what waits behind a slow job.
const LANE_THREADS_MAX: usize = 2;

/// How long a job takes that is slow: its lane gets a second thread, and the pool counts it as one that hangs.
const SLOW: Duration = Duration::from_secs(1);

/// How many jobs wait in one lane: more than any rules have services.
const LANE_LENGTH_MAX: usize = 100_000;

/// A look.
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
    /// The lanes with jobs; their turns go round.
    lanes: VecDeque<Lane>,
    threads: usize,
    /// Threads without work.
    idle: usize,
    /// Whether one of them waits for a job to become slow.
    is_watched: bool,
    last_number: u64,
    closed: bool,
}

struct Lane {
    name: String,
    waiting: VecDeque<Job>,
    /// The jobs that run: their numbers, and since when.
    running: Vec<(u64, Instant)>,
}

/// A lane whose jobs do not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Which.
    pub lane: String,
    /// Since when.
    pub since: Instant,
}

/// Jobs that were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The lane is full.
    #[error("too many looks at {0} wait")]
    Full(String),
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    NoThread(String),
}

impl Pool {
    /// Hands in jobs for a lane: all or none. Jobs of one lane run one after the other, as long as none is slow.
    pub fn submit(&self, lane: &str, jobs: Vec<Job>) -> Result<(), PoolError> {
        let mut state = self.shared.lock();
        let room = LANE_LENGTH_MAX - state.lane(lane).waiting.len();
        if jobs.len() > room {
            return Err(PoolError::Full(lane.to_owned()));
        }
        if state.idle == 0
            && let Err(error) = self.shared.add_thread(&mut state)
            && state.threads == 0
        {
            return Err(PoolError::NoThread(error.to_string()));
        }
        state.lane(lane).waiting.extend(jobs);
        drop(state);
        self.shared.work.notify_one();
        Ok(())
    }

    /// The lanes with a job that takes longer than this already.
    pub fn stuck(&self, than: Duration) -> Vec<Stuck> {
        let state = self.shared.lock();
        let first = |lane: &Lane| {
            let since = lane.running.iter().map(|(_, since)| *since).min()?;
            (since.elapsed() > than).then(|| Stuck { lane: lane.name.clone(), since })
        };
        state.lanes.iter().filter_map(first).collect()
    }

    /// Lets the threads end when their work is done. A thread that hangs is left to the end of the process.
    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl State {
    fn lane(&mut self, name: &str) -> &mut Lane {
        let place = self.lanes.iter().position(|lane| lane.name == name).unwrap_or_else(|| {
            self.lanes.push_back(Lane { name: name.to_owned(), waiting: VecDeque::new(), running: Vec::new() });
            self.lanes.len() - 1
        });
        &mut self.lanes[place]
    }

    fn hanging(&self, now: Instant) -> usize {
        let running = self.lanes.iter().flat_map(|lane| &lane.running);
        running.filter(|(_, since)| now.duration_since(*since) > SLOW).count()
    }

    /// Takes the next job that may run; or when there may be one, if nothing happens before.
    fn next(&mut self, now: Instant) -> Result<(String, u64, Job), Option<Instant>> {
        let mut earliest: Option<Instant> = None;
        for place in 0..self.lanes.len() {
            let number = self.last_number + 1;
            let lane = &mut self.lanes[place];
            if let Some(may) = lane.may_run(now).filter(|_| !lane.waiting.is_empty()) {
                if may > now {
                    earliest = Some(earliest.map_or(may, |earliest| earliest.min(may)));
                } else if let Some(job) = lane.waiting.pop_front() {
                    lane.running.push((number, now));
                    let name = lane.name.clone();
                    self.last_number = number;
                    // The others have their turn before this lane has another.
                    self.lanes.rotate_left(place + 1);
                    return Ok((name, number, job));
                }
            }
        }
        Err(earliest)
    }

    /// Whether something waits behind a job that may turn out to be slow, and nobody waits for that.
    fn wants_watch(&self) -> bool {
        let waits = |lane: &Lane| !lane.waiting.is_empty() && lane.running.len() < LANE_THREADS_MAX;
        !self.is_watched && self.lanes.iter().any(waits)
    }

    fn done(&mut self, name: &str, number: u64) {
        let Some(place) = self.lanes.iter().position(|lane| lane.name == name) else { return };
        let lane = &mut self.lanes[place];
        lane.running.retain(|(running, _)| *running != number);
        if lane.running.is_empty() && lane.waiting.is_empty() {
            self.lanes.remove(place);
        }
    }
}

impl Lane {
    /// From when on a job that waits may run; never, as long as nothing comes back.
    fn may_run(&self, now: Instant) -> Option<Instant> {
        match self.running.iter().map(|(_, since)| *since).max() {
            None => Some(now),
            Some(last) => (self.running.len() < LANE_THREADS_MAX).then(|| last + SLOW),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Jobs run outside the lock, so the state is whole even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_thread(self: &Arc<Self>, state: &mut State) -> std::io::Result<()> {
        let hanging = state.hanging(Instant::now()).min(HANGING_MAX);
        if state.threads >= THREADS_MAX + hanging {
            return Ok(());
        }
        let shared = Arc::clone(self);
        thread::Builder::new().name("files".to_owned()).spawn(move || shared.work())?;
        state.threads += 1;
        Ok(())
    }

    fn work(self: &Arc<Self>) {
        let mut state = self.lock();
        while !state.closed {
            let now = Instant::now();
            match state.next(now) {
                Ok((lane, number, job)) => {
                    if state.wants_watch() {
                        // Somebody has to see when a job turns out to be slow.
                        if state.idle > 0 {
                            self.work.notify_one();
                        } else {
                            self.add_thread(&mut state).ok();
                        }
                    }
                    drop(state);
                    job();
                    state = self.lock();
                    state.done(&lane, number);
                    // Those that were added for jobs that hung are not needed any more when these come back.
                    if state.threads > THREADS_MAX + state.hanging(Instant::now()) {
                        state.threads -= 1;
                        return;
                    }
                }
                Err(slow) => {
                    let watch = slow.filter(|_| !state.is_watched).map(|at| at - now);
                    state = self.rest(state, watch);
                }
            }
        }
    }

    /// Waits for work, or for so long.
    fn rest<'a>(&'a self, mut state: MutexGuard<'a, State>, watch: Option<Duration>) -> MutexGuard<'a, State> {
        state.idle += 1;
        let mut state = match watch {
            None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                state.is_watched = true;
                let (mut state, _) = self.work.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
                state.is_watched = false;
                state
            }
        };
        state.idle -= 1;
        state
    }
}
