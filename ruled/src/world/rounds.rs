//! The observations under way: each gathers what was seen on this machine and its connections, until all is there
//! or its time is over.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use interpreter::engine::{
    ConnectionResult, Fact, FactValue, Identity, Metric, Now, Plan, PluginReport, Presence, Raw, Reading, Readings,
    RoundId, ServiceId,
};

use crate::observe::Seen;

/// Which observation; numbers of services and rounds belong to one generation of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundKey {
    /// How often the program was exchanged.
    pub generation: u32,
    /// Whose.
    pub service: ServiceId,
    /// The engine's number.
    pub round: RoundId,
}

/// The observations under way.
#[derive(Debug, Default)]
pub struct Rounds {
    // Boxed, because the map keeps room for as many as were ever under way together.
    pending: HashMap<RoundKey, Box<Round>>,
    /// When they are given up.
    deadlines: BTreeSet<(Instant, RoundKey)>,
}

#[derive(Debug)]
struct Round {
    plan: Arc<Plan>,
    deadline: Instant,
    readings: Option<Readings>,
    waiting: BTreeSet<u32>,
    /// The connections that are made when the host has answered echo requests.
    behind: Vec<u32>,
}

/// What stands before the time in which an observation was to be complete.
pub const LATE: &str = " within ";

/// Why no connection is made to a host.
pub const SILENT: &str = "the host does not answer echo requests, so no connection is tried";

/// What is next for an observation.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// These connections are to be made.
    Connect(Vec<u32>),
    /// It is complete.
    Complete(Readings),
    /// Nothing: it waits, or nobody waits for it any more.
    Nothing,
}

impl Rounds {
    /// An observation begins; it is given up at the deadline.
    pub fn begin(&mut self, key: RoundKey, plan: Arc<Plan>, deadline: Instant) {
        let round = Round { plan, deadline, readings: None, waiting: BTreeSet::new(), behind: Vec::new() };
        self.deadlines.insert((deadline, key));
        self.pending.insert(key, Box::new(round));
    }

    /// When the next observation is to be given up.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// An observation whose time is over.
    pub fn overdue(&self, now: Instant) -> Option<RoundKey> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, key)| *key)
    }

    /// Whether somebody still waits for the observation.
    pub fn is_pending(&self, key: RoundKey) -> bool {
        self.pending.contains_key(&key)
    }

    /// Whether no observation is under way.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Drops all observations but these; what still comes of the others is not waited for.
    pub fn retain(&mut self, is_awaited: impl Fn(&RoundKey) -> bool) {
        self.pending.retain(|key, _| is_awaited(key));
        self.deadlines.retain(|(_, key)| is_awaited(key));
    }

    /// What was seen on this machine.
    pub fn seen(&mut self, key: RoundKey, taken: Now, seen: Seen) -> Next {
        let Some(round) = self.pending.get_mut(&key) else { return Next::Nothing };
        let (pings, connections) = round.connections(&seen.presence);
        round.readings = Some(Readings {
            pidfile: seen.pidfile,
            values: seen.figures.values,
            facts: seen.figures.facts,
            takers: seen.takers,
            family: seen.family,
            ..Readings::of(taken, seen.presence)
        });
        let (first, behind) = if pings.is_empty() { (connections, Vec::new()) } else { (pings, connections) };
        round.waiting = first.iter().copied().collect();
        round.behind = behind;
        if first.is_empty() { self.complete(key) } else { Next::Connect(first) }
    }

    /// What a program said, and how it ended.
    pub fn said(&mut self, key: RoundKey, taken: Now, status: i32, output: String) -> Next {
        let Some(round) = self.pending.get_mut(&key) else { return Next::Nothing };
        let mut readings = Readings::of(taken, Presence::Present(Identity::Itself));
        readings.values.insert(Metric::Status, Reading::Known(Raw::Gauge(f64::from(status))));
        readings.facts.insert(Fact::Output, Reading::Known(FactValue::Text(output)));
        round.readings = Some(readings);
        self.complete(key)
    }

    /// What a plugin found out that checks something.
    pub fn reported(&mut self, key: RoundKey, taken: Now, report: Reading<PluginReport>) -> Next {
        let Some(round) = self.pending.get_mut(&key) else { return Next::Nothing };
        // A plugin that cannot be asked is a service that cannot be read, and somebody is told.
        let presence = match &report {
            Reading::Known(_) => Presence::Present(Identity::Itself),
            Reading::Unknown(reason) => Presence::Unknown(reason.clone()),
        };
        let mut readings = Readings::of(taken, presence);
        readings.plugin = Some(Box::new(report));
        round.readings = Some(readings);
        self.complete(key)
    }

    /// What a connection came to.
    pub fn connected(&mut self, key: RoundKey, rule: u32, result: Reading<ConnectionResult>) -> Next {
        let Some(round) = self.pending.get_mut(&key) else { return Next::Nothing };
        if let Some(readings) = &mut round.readings
            && round.waiting.remove(&rule)
        {
            readings.connections.insert(rule, result);
        }
        if !round.waiting.is_empty() {
            return Next::Nothing;
        }
        match round.follow_up() {
            connections if connections.is_empty() => self.complete(key),
            connections => Next::Connect(connections),
        }
    }

    /// The time of the observation is over: what is missing is unknown, and `why` says whose fault it is.
    pub fn expire(&mut self, key: RoundKey, now: Now, why: &str) -> Next {
        let Some(round) = self.pending.get_mut(&key) else { return Next::Nothing };
        let reason = format!("{why}{LATE}{:?}", round.plan.deadline);
        let plan = &round.plan;
        let readings = round.readings.get_or_insert_with(|| Readings {
            values: plan.metrics.iter().map(|metric| (*metric, Reading::Unknown(reason.clone()))).collect(),
            facts: plan.facts.iter().map(|fact| (*fact, Reading::Unknown(reason.clone()))).collect(),
            ..Readings::of(now, Presence::Unknown(reason.clone()))
        });
        for rule in std::mem::take(&mut round.waiting).into_iter().chain(std::mem::take(&mut round.behind)) {
            readings.connections.insert(rule, Reading::Unknown(reason.clone()));
        }
        self.complete(key)
    }

    fn complete(&mut self, key: RoundKey) -> Next {
        let round = self.pending.remove(&key);
        if let Some(round) = &round {
            self.deadlines.remove(&(round.deadline, key));
        }
        match round.and_then(|round| round.readings) {
            Some(readings) => Next::Complete(readings),
            None => Next::Nothing,
        }
    }
}

impl Round {
    /// The echo requests and the connections that are to be made: none to what is not there, none while it starts.
    fn connections(&self, presence: &Presence) -> (Vec<u32>, Vec<u32>) {
        let is_up = match presence {
            Presence::Present(Identity::Process { uptime_s, .. }) => {
                let after = self.plan.connections_after;
                after.is_zero() || *uptime_s as f64 > after.as_secs_f64()
            }
            Presence::Present(_) => true,
            Presence::Absent(_) | Presence::Zombie(_) | Presence::Invalid(_) | Presence::Unknown(_) => false,
        };
        if is_up { (self.plan.pings.clone(), self.plan.connections.clone()) } else { (Vec::new(), Vec::new()) }
    }

    /// What is to be done when all that was waited for is there: the connections behind the echo requests, but none where
    /// the host answered no request. That is told, and the rest follows from it.
    fn follow_up(&mut self) -> Vec<u32> {
        let connections = std::mem::take(&mut self.behind);
        let Some(readings) = &mut self.readings else { return connections };
        let is_silent =
            |place: &u32| matches!(readings.connections.get(place), Some(Reading::Known(ConnectionResult::Failed(_))));
        if self.plan.pings.is_empty() || !self.plan.pings.iter().all(is_silent) {
            self.waiting = connections.iter().copied().collect();
            return connections;
        }
        for place in connections {
            readings.connections.insert(place, Reading::Unknown(SILENT.to_owned()));
        }
        Vec::new()
    }
}
