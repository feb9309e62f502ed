//! What must hold whatever happens, watched from outside the engine: by what it is handed, what it orders, and what becomes of
//! the world.
//!
//! - There are never two living copies of a service.
//! - Nothing is started while a service that it needs is known not to be there.
//! - A service is not started more often than its limit of restarts lets it.
//! - What was told as failing is told as ended before it is told as failing again.
//! - `for N cycles` comes at the N-th, neither sooner nor later.
//! - What waits, and what is kept, does not grow.
//!
//! What ruled forgets when it ends without a word is forgotten here too: it may be told a second time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::engine::{
    DeedId, DeedKind, Event, EventClass, EventState, Input, Monotonic, Order, Presence, Readings, RoundId, ServiceId,
};
use crate::program::{Program, Service};

use super::counted::Counted;

/// How many breaches are told; the others follow from them.
const BREACHES_MAX: usize = 20;

/// How many observations of one service are under way at most: of a cycle, out of turn, of a deed, each once more where the
/// last has not come back.
const ROUNDS_MAX: usize = 16;

/// How many programs of one service run at most, as far as the engine knows.
const DEEDS_MAX: usize = 16;

/// How many bytes are kept of one service at most.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// The keeper of the promises.
#[derive(Debug)]
pub(super) struct Promises {
    posts: Vec<Post>,
    /// How long a cycle is.
    cycle: Duration,
    /// Whether things are to be as with Monit.
    is_monit: bool,
    deeds: BTreeMap<DeedId, ServiceId>,
    breaches: Vec<String>,
}

/// What is known of one service.
#[derive(Debug)]
struct Post {
    name: String,
    /// The observations under way: when they were ordered, until when they are waited for, and whether out of turn.
    rounds: BTreeMap<RoundId, (Monotonic, Duration, bool)>,
    /// Since when the engine knows that it is not there.
    missing: Option<Monotonic>,
    /// What was told as failing, as far as it is told in turns.
    failing: BTreeSet<EventClass>,
    /// Those of which there is one rule at most, so that they are told in turns.
    in_turns: BTreeSet<EventClass>,
    counted: Option<Counted>,
    /// When it was started at the behest of rules.
    starts: VecDeque<Monotonic>,
    /// How often it may be started within how long a time.
    limit: Option<(usize, Duration)>,
    deeds: usize,
}

impl Promises {
    pub(super) fn of(program: &Program) -> Promises {
        let cycle = program.settings.cycle;
        let post = |service: &Service| Post {
            name: service.name.clone(),
            rounds: BTreeMap::new(),
            missing: None,
            failing: BTreeSet::new(),
            in_turns: in_turns(service),
            counted: Counted::of(service, &program.settings.behaviour),
            starts: VecDeque::new(),
            // What is restarted for the sake of another does not count.
            limit: service
                .restart_limits
                .iter()
                .find(|limit| limit.action.word() == "unmonitor" && service.depends.is_empty())
                .map(|limit| (limit.restarts as usize, cycle * limit.cycles)),
            deeds: 0,
        };
        Promises {
            posts: program.services.iter().map(post).collect(),
            cycle,
            is_monit: program.settings.behaviour.zombie_exists,
            deeds: BTreeMap::new(),
            breaches: Vec::new(),
        }
    }

    pub(super) fn breaches(&self) -> &[String] {
        &self.breaches
    }

    /// ruled has ended, and begins anew.
    pub(super) fn begin_anew(&mut self) {
        self.deeds.clear();
        for post in &mut self.posts {
            post.rounds.clear();
            post.missing = None;
            post.failing.clear();
            post.starts.clear();
            post.deeds = 0;
            if let Some(counted) = &mut post.counted {
                counted.forget();
            }
        }
    }

    /// A process came up beside another of the same service.
    pub(super) fn second_copy(&mut self, now: Monotonic, id: ServiceId, program: &Program) {
        let name = program.service(id).map_or("?", |service| &service.name);
        self.breach(now, name.to_owned(), "there are two living copies");
    }

    /// The engine is about to be handed this.
    pub(super) fn handed(&mut self, now: Monotonic, input: &Input) {
        match input {
            Input::Readings(id, round, readings) => self.read(now, *id, *round, readings),
            Input::Outcome(deed, outcome) if *outcome != crate::engine::Outcome::Running => {
                if let Some(id) = self.deeds.remove(deed)
                    && let Some(post) = self.posts.get_mut(id.index())
                {
                    post.deeds = post.deeds.saturating_sub(1);
                }
            }
            // Whoever asks for a service begins to count anew.
            Input::Request(id, _) => {
                if let Some(post) = self.posts.get_mut(id.index()) {
                    post.starts.clear();
                }
            }
            _ => {}
        }
    }

    fn read(&mut self, now: Monotonic, id: ServiceId, round: RoundId, readings: &Readings) {
        let Some(post) = self.posts.get_mut(id.index()) else { return };
        let Some((ordered, patience, early)) = post.rounds.remove(&round) else { return };
        if now.since(ordered) >= patience {
            // Nobody waits for it any more.
            if let Some(counted) = post.counted.as_mut().filter(|_| !early) {
                counted.lost();
            }
            return;
        }
        post.missing = match readings.presence {
            Presence::Present(_) => None,
            Presence::Zombie(_) if self.is_monit => None,
            // Monit knows of nothing that it did not judge, because something that this one needs is ill.
            _ if self.is_monit => post.missing,
            Presence::Absent(_) | Presence::Zombie(_) => Some(post.missing.unwrap_or(now)),
            Presence::Invalid(_) | Presence::Unknown(_) => post.missing,
        };
        if let Some(counted) = post.counted.as_mut().filter(|_| !early)
            && let Err(breach) = counted.read(readings)
        {
            let name = post.name.clone();
            self.breach(now, name, &breach);
        }
    }

    /// The engine orders this.
    pub(super) fn ordered(&mut self, now: Monotonic, order: &Order, program: &Program) {
        match order {
            Order::Observe(id, round, plan) => {
                let Some(post) = self.posts.get_mut(id.index()) else { return };
                let is_lost = |(ordered, patience, _): &(Monotonic, Duration, bool)| now.since(*ordered) >= *patience;
                if let Some(counted) = &mut post.counted
                    && post.rounds.values().any(|round| is_lost(round) && !round.2)
                {
                    counted.lost();
                }
                post.rounds.retain(|_, round| !is_lost(round));
                post.rounds.insert(*round, (now, plan.deadline, plan.early.is_some()));
                if post.rounds.len() > ROUNDS_MAX {
                    let name = post.name.clone();
                    self.breach(now, name, "more observations are under way than anybody can want");
                }
            }
            Order::Act(deed, what) => self.act(now, *deed, what.service, &what.kind, program),
            Order::Tell(event) => self.told(now, event),
            Order::Keep(id, kept) => {
                let size = serde_json::to_vec(kept).map_or(0, |text| text.len());
                let Some(post) = self.posts.get_mut(id.index()) else { return };
                if kept.monitored == Some(false) {
                    // What is watched no longer is forgotten.
                    post.failing.clear();
                    post.starts.clear();
                    post.missing = None;
                    if let Some(counted) = &mut post.counted {
                        counted.forget();
                    }
                }
                if size > KEPT_BYTES_MAX {
                    let name = post.name.clone();
                    self.breach(now, name, &format!("{size} bytes are kept"));
                }
            }
            Order::Remind(..) | Order::Answer(..) => {}
        }
    }

    fn act(&mut self, now: Monotonic, deed: DeedId, id: ServiceId, kind: &DeedKind, program: &Program) {
        let Some(service) = program.service(id) else { return };
        let is_start = matches!(kind, DeedKind::Start(_) | DeedKind::Restart(_));
        let mut found = Vec::new();
        if is_start {
            // Monit judges one service after the other, and goes by what it saw of what is needed in its last turn.
            let patience = if self.is_monit { self.cycle * 2 } else { Duration::ZERO };
            let missing = service.depends.iter().filter_map(|needed| {
                let needed = self.posts.get(needed.index())?;
                let is_known = needed.missing.is_some_and(|since| now.since(since) >= patience);
                is_known.then_some(needed.name.as_str())
            });
            found.extend(missing.map(|needed| format!("it is started while {needed}, which it needs, is not there")));
        }
        let Some(post) = self.posts.get_mut(id.index()) else { return };
        if is_start {
            post.missing = None;
            post.starts.push_back(now);
            if let Some((most, time)) = post.limit {
                while post.starts.front().is_some_and(|first| now.since(*first) + self.cycle >= time) {
                    post.starts.pop_front();
                }
                // The time in which they are counted begins with the first of them, so two such times may lie behind each other.
                if post.starts.len() > most * 2 - 1 {
                    let times = post.starts.len();
                    found.push(format!("it is started {times} times where its limit is {most}"));
                }
            }
        }
        self.deeds.insert(deed, id);
        post.deeds += 1;
        if post.deeds > DEEDS_MAX {
            found.push("more programs run than anybody can want".to_owned());
        }
        let name = post.name.clone();
        for what in found {
            self.breach(now, name.clone(), &what);
        }
    }

    fn told(&mut self, now: Monotonic, event: &Event) {
        let Some(post) = self.posts.get_mut(event.service.index()) else { return };
        let mut found = None;
        if let Some(counted) = &mut post.counted
            && let Err(breach) = counted.told(event)
        {
            found = Some(breach);
        }
        if self.is_monit && (event.class, event.state) == (EventClass::Nonexist, EventState::Failed) {
            post.missing.get_or_insert(now);
        }
        if post.in_turns.contains(&event.class) {
            match event.state {
                EventState::Failed if !post.failing.insert(event.class) => {
                    found = Some(format!("{} fails a second time, and was not told to be well", event.class.word()));
                }
                EventState::Succeeded => {
                    post.failing.remove(&event.class);
                }
                EventState::Failed | EventState::Changed => {}
            }
        }
        if let Some(found) = found {
            let name = post.name.clone();
            self.breach(now, name, &found);
        }
    }

    /// Something is not as it must be.
    pub(super) fn breach(&mut self, now: Monotonic, service: String, what: &str) {
        if self.breaches.len() < BREACHES_MAX {
            let at = now.since(Monotonic(1_000_000_000));
            self.breaches.push(format!("{}.{:03}s {service}: {what}", at.as_secs(), at.subsec_millis()));
        }
    }
}

/// The classes of which a service has one rule at most, whose end is told and which nothing else tells of.
fn in_turns(service: &Service) -> BTreeSet<EventClass> {
    let mut times: BTreeMap<EventClass, usize> = BTreeMap::new();
    for rule in &service.rules {
        *times.entry(crate::engine::class_of(&rule.test)).or_default() += if rule.test.is_news() { 2 } else { 1 };
    }
    times.into_iter().filter(|(_, times)| *times == 1).map(|(class, _)| class).collect()
}
