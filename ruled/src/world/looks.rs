//! Hands observations to where they are taken: at once on this thread, or in the pool, in the lane of what may not answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use grammar::english;
use interpreter::engine::{EXISTENCE_DEADLINE, Fact, Now, Plan, Presence, ServiceId};
use tokio::sync::mpsc::UnboundedSender;

mod slot;

use super::clock::Clock;
use super::places::Places;
use super::rounds::RoundKey;
use crate::observe::apart::Reader;
use crate::observe::family;
use crate::observe::place;
use crate::observe::pool::{Job, Pool, Stuck};
use crate::observe::process::Known;
use crate::observe::snapshot::Snapshot;
use crate::observe::{Seen, Sight};
use slot::{Slot, Waiting};

/// How much sooner an observation is over here than for the engine: only here is known why there is no answer.
pub const MARGIN: Duration = Duration::from_millis(20);

/// How long looks take that are said to be late.
const LATE: Duration = EXISTENCE_DEADLINE;

/// The lane of looks that ask the kernel only.
const KERNEL_LANE: &str = "the table of processes";

/// The lane of looks for the greatest takers: they pause, and nothing else is to wait for them.
const TAKERS_LANE: &str = "who takes most";

/// One look to be taken.
#[derive(Debug, Clone)]
pub struct Look {
    /// For which observation.
    pub key: RoundKey,
    /// Where.
    pub sight: Arc<Sight>,
    /// What is asked for.
    pub plan: Arc<Plan>,
    /// The process that was seen last.
    pub known: Option<Known>,
    /// The process group of the program with which ruled started the service last.
    pub group: Option<u32>,
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

/// A lane whose looks do not come back.
#[derive(Debug)]
struct Late {
    /// Since when.
    since: Instant,
    /// How many looks got no answer since that was said.
    vain: u64,
}

/// Where looks of a kind at a service wait, and how they read.
#[derive(Debug, Clone)]
struct Lane {
    name: Arc<str>,
    reader: Reader,
}

/// Takes looks.
pub struct Looks {
    pool: Pool,
    clock: Clock,
    mounts: place::Places,
    places: Arc<Places>,
    /// What is under way for each service, by the generation of its program.
    slots: HashMap<(u32, ServiceId), Arc<Slot>>,
    /// The lanes of the services, for short looks and for long ones, as long as nothing is mounted.
    lanes: HashMap<((u32, ServiceId), bool), Lane>,
    takers_lane: Arc<str>,
    generation: u32,
    /// The lanes that were said to be late.
    late: BTreeMap<String, Late>,
    results: UnboundedSender<Sighted>,
}

impl Looks {
    /// Results of looks in the pool are sent there; as many as looks were handed in. What is looked at in the pool is
    /// watched for changes from then on.
    pub fn new(clock: Clock, places: Arc<Places>, results: UnboundedSender<Sighted>) -> Looks {
        Looks {
            pool: Pool::default(),
            clock,
            mounts: place::Places::default(),
            places,
            slots: HashMap::new(),
            lanes: HashMap::new(),
            takers_lane: TAKERS_LANE.into(),
            generation: 0,
            late: BTreeMap::new(),
            results,
        }
    }

    /// Looks on this thread, for what cannot wait for another; nothing where the answer may not come.
    pub fn now(&mut self, look: &Look) -> Option<Sighted> {
        let may_hang = match look.sight.path() {
            Some(path) => {
                self.refresh();
                let place = self.mounts.of(path);
                // A disk that is about to die is local too.
                !place.is_local || self.late.contains_key(&file_system(&place.mount))
            }
            None => !look.sight.is_quick(),
        };
        (!may_hang).then(|| take(look, Reader::Here, &Snapshot::default(), self.clock))
    }

    /// Takes all these looks as one batch: what they share is read once, and each lane has a thread. Handed back is what
    /// need not be waited for.
    pub fn batch(&mut self, looks: Vec<Look>) -> Vec<Sighted> {
        self.refresh();
        let snapshot = Arc::new(Snapshot::default());
        let (mut done, mut lanes) = (Vec::new(), BTreeMap::<Arc<str>, Vec<(RoundKey, Arc<Slot>)>>::new());
        for look in looks {
            if look.sight.is_quick() && look.plan.takers.is_empty() {
                done.push(take(&look, Reader::Here, &snapshot, self.clock));
                continue;
            }
            let (key, slot) = (look.key, self.slot(look.key));
            let Lane { name: lane, reader } = self.lane(&look);
            match slot.put(Waiting { look, reader, snapshot: Arc::clone(&snapshot) }, &lane) {
                Ok(true) => lanes.entry(lane).or_default().push((key, slot)),
                Ok(false) => {}
                Err(reason) => {
                    self.count_vain(&lane);
                    done.push(self.unknown(key, reason));
                }
            }
        }
        for (lane, slots) in lanes {
            let jobs = slots.iter().map(|(_, slot)| self.job(Arc::clone(slot))).collect();
            if let Err(error) = self.pool.submit(&lane, jobs) {
                for (key, slot) in slots {
                    slot.give_up();
                    done.push(self.unknown(key, error.to_string()));
                }
            }
        }
        done
    }

    fn job(&self, slot: Arc<Slot>) -> Job {
        let (results, clock, places) = (self.results.clone(), self.clock, Arc::clone(&self.places));
        Box::new(move || {
            slot.work(|Waiting { look, reader, snapshot }| {
                places.prepare(look.key.generation, look.key.service, &look.sight);
                // The loop is gone only when ruled ends.
                results.send(take(look, *reader, snapshot, clock)).ok();
            });
        })
    }

    /// Why there is no answer to a look, whose time is over.
    pub fn reason(&mut self, key: RoundKey) -> Option<String> {
        let slot = self.slots.get(&(key.generation, key.service))?;
        let lane = slot.lane()?;
        self.count_vain(&lane);
        Some(format!("no answer from {lane}"))
    }

    fn count_vain(&mut self, lane: &str) {
        if let Some(late) = self.late.get_mut(lane) {
            late.vain += 1;
        }
    }

    /// What is to be said of lanes that are late, and of those that are not any more: each once.
    pub fn news(&mut self) -> Vec<String> {
        let stuck = self.pool.stuck(LATE);
        let mut news = Vec::new();
        self.late.retain(|lane, late| {
            let is_late = stuck.iter().any(|stuck| stuck.lane == *lane);
            if !is_late {
                let (time, vain) = (seconds(late.since), english::count(late.vain, "look"));
                news.push(format!("looks at {lane} come back again, after {time}; {vain} got no answer"));
            }
            is_late
        });
        for Stuck { lane, since } in stuck {
            self.late.entry(lane).or_insert_with_key(|lane| {
                news.push(format!("looks at {lane} do not come back, for {} so far", seconds(since)));
                Late { since, vain: 0 }
            });
        }
        news
    }

    fn refresh(&mut self) {
        if self.mounts.refresh() {
            self.lanes.clear();
        }
    }

    fn unknown(&self, key: RoundKey, reason: String) -> Sighted {
        Sighted { key, taken: self.clock.now(), seen: Seen::unknown(reason) }
    }

    /// The slot of a service. Those of an earlier program stay as long as looks are under way in them.
    fn slot(&mut self, key: RoundKey) -> Arc<Slot> {
        if key.generation > self.generation {
            self.generation = key.generation;
            self.slots.retain(|_, slot| Arc::strong_count(slot) > 1);
            self.lanes.clear();
        }
        Arc::clone(self.slots.entry((key.generation, key.service)).or_default())
    }

    fn lane(&mut self, look: &Look) -> Lane {
        if !look.plan.takers.is_empty() {
            return Lane { name: Arc::clone(&self.takers_lane), reader: Reader::Here };
        }
        // All of a large file is read for its checksum, which is no reason to let the others wait.
        let is_long = look.plan.facts.iter().any(|fact| matches!(fact, Fact::Checksum(_)));
        let which = ((look.key.generation, look.key.service), is_long);
        if let Some(known) = self.lanes.get(&which) {
            return known.clone();
        }
        let place = match &*look.sight {
            Sight::Filesystem(written) => Some(self.mounts.of_file_system(written)),
            sight => sight.path().map(|path| self.mounts.of(path)),
        };
        let is_local = place.as_ref().is_none_or(|place| place.is_local);
        let name: Arc<str> = match place {
            Some(place) if is_long => format!("{} (checksums)", file_system(&place.mount)).into(),
            Some(place) => file_system(&place.mount).into(),
            None => KERNEL_LANE.into(),
        };
        let lane = Lane { name, reader: if is_local { Reader::Here } else { Reader::Apart } };
        self.lanes.insert(which, lane.clone());
        lane
    }
}

/// The lane of a file system.
fn file_system(mount: &str) -> String {
    format!("the file system on {mount}")
}

fn seconds(since: Instant) -> String {
    english::count(since.elapsed().as_secs(), "second")
}

impl Drop for Looks {
    fn drop(&mut self) {
        self.pool.close();
    }
}

fn take(look: &Look, reader: Reader, snapshot: &Snapshot, clock: Clock) -> Sighted {
    let mut seen = look.sight.look_by(reader, &look.plan, look.known, snapshot);
    seen.family = match (&look.plan.family, look.known, &seen.presence) {
        (Some(asked), _, _) => Some(family::find(asked, &seen.presence, look.group, snapshot)),
        (None, Some(known), Presence::Absent(_) | Presence::Zombie(_)) => {
            Some(family::left_behind(known, look.group, snapshot))
        }
        _ => None,
    };
    Sighted { key: look.key, taken: clock.now(), seen }
}
