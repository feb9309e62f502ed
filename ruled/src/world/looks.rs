//! Hands observations to where they are taken: at once on this thread, or in the pool, grouped by file system.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use interpreter::engine::{Now, Plan};
use tokio::sync::mpsc::UnboundedSender;

use super::clock::Clock;
use super::places::Places;
use super::rounds::RoundKey;
use crate::observe::pool::Pool;
use crate::observe::process::Known;
use crate::observe::procfs::{self, Mounts};
use crate::observe::snapshot::Snapshot;
use crate::observe::{Seen, Sight};

/// How long the table of mounts is believed. It only decides who shares a lane, so a stale one delays but never
/// misleads.
const MOUNTS_AGE_MAX: Duration = Duration::from_secs(60);

/// The lane of looks that ask the kernel only.
const KERNEL_LANE: &str = "the kernel";

/// The lane of looks for the greatest takers: they pause, and nothing else is to wait for them.
const TAKERS_LANE: &str = "who takes it";

/// One look to be taken.
#[derive(Debug, Clone)]
pub struct Look {
    /// For which observation.
    pub key: RoundKey,
    /// Where.
    pub sight: Arc<Sight>,
    /// What is asked for.
    pub plan: Plan,
    /// The process that was seen last.
    pub known: Option<Known>,
    /// When nobody waits any more.
    pub until: Instant,
}

/// What a look saw, and when.
#[derive(Debug)]
pub struct Sighted {
    /// For which observation.
    pub key: RoundKey,
    /// When.
    pub taken: Now,
    /// What.
    pub seen: Seen,
}

/// Takes looks.
pub struct Looks {
    pool: Pool,
    clock: Clock,
    mounts: Option<(Instant, Mounts)>,
    places: Arc<Places>,
    results: UnboundedSender<Sighted>,
    /// Looks at what changed, by lane, that wait for the one job that takes them all.
    changed: HashMap<String, Arc<Mutex<Vec<Look>>>>,
}

impl Looks {
    /// Results of looks in the pool are sent there; as many as looks were handed in. What is looked at in the pool is
    /// watched for changes from then on.
    pub fn new(clock: Clock, places: Arc<Places>, results: UnboundedSender<Sighted>) -> Looks {
        Looks { pool: Pool::default(), clock, mounts: None, places, results, changed: HashMap::new() }
    }

    /// Looks on this thread, for what cannot wait for another.
    pub fn now(&self, look: &Look) -> Sighted {
        take(look, &Snapshot::default(), self.clock)
    }

    /// Takes all these looks as one batch: what they share is read once, and each file system has a thread.
    pub fn batch(&mut self, looks: Vec<Look>) -> Vec<Sighted> {
        let snapshot = Arc::new(Snapshot::default());
        let (mut done, mut lanes) = (Vec::new(), BTreeMap::<String, Vec<Look>>::new());
        let mut changed = BTreeMap::<String, Vec<Look>>::new();
        for look in looks {
            if look.sight.is_quick() && look.plan.takers.is_empty() {
                done.push(take(&look, &snapshot, self.clock));
            } else {
                let lanes = if look.plan.is_of_change() { &mut changed } else { &mut lanes };
                lanes.entry(self.lane(&look)).or_default().push(look);
            }
        }
        for (lane, looks) in lanes {
            done.extend(self.submit(&lane, &snapshot, Arc::new(Mutex::new(looks))));
        }
        // A lane has one job at a time for what changed, so that many changes leave room for the cycles.
        for (lane, looks) in changed {
            let waiting = Arc::clone(self.changed.entry(lane.clone()).or_default());
            let mut all = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let is_first = all.is_empty();
            all.extend(looks);
            drop(all);
            if is_first {
                done.extend(self.submit(&lane, &snapshot, waiting));
            }
        }
        done
    }

    /// Hands in a job that takes all looks that wait there when its turn comes.
    fn submit(&self, lane: &str, snapshot: &Arc<Snapshot>, waiting: Arc<Mutex<Vec<Look>>>) -> Vec<Sighted> {
        let all =
            |waiting: &Mutex<Vec<Look>>| std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let (clock, results, snapshot) = (self.clock, self.results.clone(), Arc::clone(snapshot));
        let (places, looks) = (Arc::clone(&self.places), Arc::clone(&waiting));
        let job = Box::new(move || {
            for look in all(&looks) {
                // A lane that hung for long has looks that nobody waits for any more.
                if Instant::now() < look.until {
                    places.prepare(look.key.generation, look.key.service, &look.sight);
                    // The loop is gone only when ruled ends.
                    results.send(take(&look, &snapshot, clock)).ok();
                }
            }
        });
        let Err(error) = self.pool.submit(lane, job) else { return Vec::new() };
        let taken = self.clock.now();
        let refused = |look: Look| Sighted { key: look.key, taken, seen: Seen::unknown(error.to_string()) };
        all(&waiting).into_iter().map(refused).collect()
    }

    fn lane(&mut self, look: &Look) -> String {
        if !look.plan.takers.is_empty() {
            return TAKERS_LANE.to_owned();
        }
        let Some(path) = look.sight.path() else { return KERNEL_LANE.to_owned() };
        let is_fresh = |read: &Instant| read.elapsed() < MOUNTS_AGE_MAX;
        if !self.mounts.as_ref().is_some_and(|(read, _)| is_fresh(read)) {
            // Without the table everything shares a lane.
            self.mounts = Some((Instant::now(), procfs::mounts().unwrap_or_default()));
        }
        // A filesystem may be named by what is mounted, and then it is its own place that may not answer.
        let place = |mounts: &'_ Mounts| match mounts.of_source(path) {
            Some(mount) => mount.place.clone(),
            None => mounts.holding(path).to_owned(),
        };
        self.mounts.as_ref().map_or_else(|| "/".to_owned(), |(_, mounts)| place(mounts))
    }
}

impl Drop for Looks {
    fn drop(&mut self) {
        self.pool.close();
    }
}

fn take(look: &Look, snapshot: &Snapshot, clock: Clock) -> Sighted {
    let seen = look.sight.look(&look.plan, look.known, snapshot);
    Sighted { key: look.key, taken: clock.now(), seen }
}
