//! How every service stands: plain data for `status`, `summary` and whoever else asks. Nothing is read for it.

use std::borrow::Cow;

use grammar::ast::ServiceKind;

use super::memory::{Memory, RuleMemory};
use super::readings::{ConnectionResult, Identity, Presence, Reading};
use super::round::class_of;
use super::{Engine, EventClass, LastDeed, ServiceId, Wall, plugin, words};
use crate::program::{Every, Mode, OnReboot, Service, Test};

/// How a service stands, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was judged, and nothing fails.
    Ok,
    /// Something fails.
    Failed,
    /// It was not seen yet.
    Initializing,
    /// It is not judged, because a service that it needs is not up.
    Blocked,
    /// Its schedule leaves this cycle out, and nothing failed before.
    Waiting,
    /// Nobody watches it.
    NotMonitored,
}

impl State {
    /// The word in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Failed => "failed",
            State::Initializing => "initializing",
            State::Blocked => "blocked",
            State::Waiting => "waiting",
            State::NotMonitored => "not_monitored",
        }
    }

    /// Whether something is not as it should be.
    pub fn is_ill(self) -> bool {
        matches!(self, State::Failed | State::Blocked)
    }
}

/// How a service stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// What kind of thing it is.
    pub kind: ServiceKind,
    /// What its kind is called above its lines of status.
    pub title: &'static str,
    /// How it stands.
    pub state: State,
    /// Since when, as far as that is known: a service that never changed has always been so.
    pub since: Option<Wall>,
    /// What is being done to it: `start`, `stop`, `restart`, `check`.
    pub doing: Option<&'static str>,
    /// What fails.
    pub faults: Vec<FaultStatus>,
    /// Whether it is watched.
    pub monitored: bool,
    /// What rules may do to it.
    pub mode: &'static str,
    /// Whether it is watched after the machine has started.
    pub on_reboot: &'static str,
    /// In which cycles it is checked, where that is not every one.
    pub every: Option<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// What it needs.
    pub depends: Vec<String>,
    /// Whether it was there when it was last seen; absent where nobody could tell.
    pub exists: Option<bool>,
    /// Its process number, where it is a process that runs.
    pub pid: Option<u32>,
    /// How long that process has run, in seconds, counted to the present.
    pub uptime_s: Option<u64>,
    /// The twelve mode bits, where it is a file.
    pub mode_bits: Option<u32>,
    /// What was last measured, as far as rules ask for it.
    pub readings: Vec<ReadingStatus>,
    /// The connections that rules ask for.
    pub connections: Vec<ConnectionStatus>,
    /// How often rules asked for a start or a restart, as their limits count it.
    pub restarts: u32,
    /// Cycles in which it was not looked at because the last look still ran.
    pub late_cycles: u64,
    /// When it was last seen.
    pub taken: Option<Wall>,
    /// What was last done to it or for one of its rules, with no more of the output than is told of.
    pub last_deed: Option<LastDeed>,
}

/// Something that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultStatus {
    /// What it is about.
    pub class: EventClass,
    /// What was said when it failed.
    pub message: String,
    /// Since when.
    pub since: Wall,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingStatus {
    /// What it is called.
    pub name: Cow<'static, str>,
    /// The amount in the metric's base unit; absent where it is unknown.
    pub amount: Option<f64>,
    /// The same in percent of the whole, where there is a whole.
    pub percent: Option<f64>,
    /// The value with its unit, or why it is unknown.
    pub shown: String,
}

/// What a connection came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionStatus {
    /// Where it goes: `host localhost port 80`.
    pub place: String,
    /// The protocol, where one is spoken.
    pub protocol: Option<String>,
    /// How long the answer took, in milliseconds; absent where there was none.
    pub response_ms: Option<f64>,
    /// Why there was none.
    pub trouble: Option<String>,
}

impl Engine {
    /// How a service stands; nothing for a number that the program does not have.
    pub fn status(&self, id: ServiceId) -> Option<ServiceStatus> {
        let service = self.program.service(id)?;
        let memory = self.memories.get(id.index())?;
        let faults = faults(service, memory);
        let state = state(memory, !faults.is_empty());
        let name = |id: &ServiceId| Some(self.program.service(*id)?.name.clone());
        let (pid, uptime_s, mode_bits) = self.identity(memory);
        Some(ServiceStatus {
            name: service.name.clone(),
            kind: service.kind(),
            title: words::kind(service.kind()),
            state,
            since: since(state, service, memory),
            doing: self.doing(id, memory),
            faults,
            monitored: memory.monitored,
            mode: match service.mode {
                Mode::Active => "active",
                Mode::Passive => "passive",
                Mode::Manual => "manual",
            },
            on_reboot: match service.on_reboot {
                OnReboot::Start => "start",
                OnReboot::NoStart => "nostart",
                OnReboot::LastState => "laststate",
            },
            every: service.every.as_ref().map(every),
            groups: service.groups.clone(),
            depends: service.depends.iter().filter_map(name).collect(),
            exists: match memory.presence {
                Some(Presence::Present(_) | Presence::Zombie(_)) => Some(true),
                Some(Presence::Absent(_) | Presence::Invalid(_)) => Some(false),
                Some(Presence::Unknown(_)) | None => None,
            },
            pid,
            uptime_s,
            mode_bits,
            readings: readings(service, memory),
            connections: connections(service, memory),
            restarts: memory.restarts,
            late_cycles: memory.late_cycles,
            taken: memory.taken.map(|taken| taken.wall),
            last_deed: memory.deeds.last().map(LastDeed::shortened),
        })
    }

    /// How a service stands, in a word, and nothing else.
    pub fn state(&self, id: ServiceId) -> Option<State> {
        let memory = self.memories.get(id.index())?;
        Some(state(memory, memory.has_errors() || memory.unjudged.failed))
    }

    /// Whether no look at a service is under way, so that each was judged by what was last seen.
    pub fn is_judged(&self) -> bool {
        self.memories.iter().all(|memory| memory.round.is_none() && memory.early.is_none() && memory.settling.is_none())
    }

    /// What is being done to a service; of one that another engine is busy with, no more is known than that.
    pub(super) fn doing(&self, id: ServiceId, memory: &Memory) -> Option<&'static str> {
        let busy = memory.busy?;
        let Some(one) = self.undertakings.get(&busy) else { return Some("change") };
        let own = one.progress.as_ref().filter(|progress| progress.step.service == id);
        let next = || one.steps.iter().find(|step| step.service == id);
        Some(own.map(|progress| progress.step).or_else(|| next().copied()).map_or("change", |step| step.kind.word()))
    }

    fn identity(&self, memory: &Memory) -> (Option<u32>, Option<u64>, Option<u32>) {
        match (memory.identity, memory.taken) {
            (Some(Identity::Process { pid, uptime_s, .. }), Some(taken)) => {
                let since = self.now.monotonic.since(taken.monotonic).as_secs();
                (Some(pid), Some(uptime_s.saturating_add(since)), None)
            }
            (Some(Identity::File { mode, .. }), _) => (None, None, Some(mode)),
            _ => (None, None, None),
        }
    }
}

fn state(memory: &Memory, has_faults: bool) -> State {
    match () {
        () if !memory.monitored => State::NotMonitored,
        () if has_faults => State::Failed,
        () if memory.blocked => State::Blocked,
        () if memory.out_of_turn => State::Waiting,
        () if memory.taken.is_none() && memory.presence.is_none() => State::Initializing,
        () => State::Ok,
    }
}

/// What fails of a service: what nobody writes rules for, limits of restarts, and rules.
fn faults(service: &Service, memory: &Memory) -> Vec<FaultStatus> {
    let own = [
        (EventClass::Data, &memory.data),
        (EventClass::Invalid, &memory.invalid),
        (EventClass::Exec, &memory.exec),
        (EventClass::Data, &memory.unjudged),
    ];
    let limits = memory.limits.iter().map(|limit| (EventClass::Timeout, limit));
    let rules = service.rules.iter().zip(&memory.rules).map(|(rule, memory)| (class_of(rule, memory), memory));
    let all = own.into_iter().chain(limits).chain(rules).filter(|(_, memory)| memory.failed);
    all.map(|(class, memory)| FaultStatus { class, message: memory.message.clone(), since: memory.since }).collect()
}

fn since(state: State, service: &Service, memory: &Memory) -> Option<Wall> {
    let own = [&memory.data, &memory.invalid, &memory.exec, &memory.unjudged];
    let all = own.into_iter().chain(&memory.limits).chain(memory.rules.iter().take(service.rules.len()));
    let known = all.filter(|memory: &&RuleMemory| memory.since != Wall::default());
    match state {
        State::Failed => known.filter(|memory| memory.failed).map(|memory| memory.since).min(),
        State::Ok => known.map(|memory| memory.since).max(),
        State::Initializing | State::Blocked | State::Waiting | State::NotMonitored => None,
    }
}

fn every(every: &Every) -> String {
    match every {
        Every::Cycles(cycles) => format!("every {}", grammar::english::count(u64::from(*cycles), "cycle")),
        Every::Cron { fields, excluded: false } => format!("every \"{fields}\""),
        Every::Cron { fields, excluded: true } => format!("not every \"{fields}\""),
    }
}

fn readings(service: &Service, memory: &Memory) -> Vec<ReadingStatus> {
    let one = |(metric, reading): &(super::Metric, Reading<super::Value>)| {
        let (amount, percent, shown) = match reading {
            Reading::Known(value) => (Some(value.amount), value.percent, words::value(*metric, value)),
            Reading::Unknown(reason) => (None, None, format!("unknown: {reason}")),
        };
        ReadingStatus { name: words::metric(*metric).into(), amount, percent, shown }
    };
    let plugin = memory.plugin.as_deref().map(|plugin| plugin::readings(service, plugin));
    memory.values.iter().map(one).chain(plugin.unwrap_or_default()).collect()
}

/// What stands in the place of a port where echo requests are sent.
const ECHO: &str = "ping";

fn connections(service: &Service, memory: &Memory) -> Vec<ConnectionStatus> {
    let one = |(place, reading): (&u32, &Reading<ConnectionResult>)| {
        let rule = service.rules.get(*place as usize)?;
        let (place, protocol) = rule.test.parts().find_map(|test| match test {
            Test::Connection(connection) => {
                let protocol = connection.protocol.as_ref().map(|call| call.name.clone());
                Some((words::endpoint(&connection.endpoint), protocol))
            }
            Test::Ping(_) => Some((ECHO.to_owned(), None)),
            _ => None,
        })?;
        let (response_ms, trouble) = match reading {
            Reading::Known(ConnectionResult::Passed { response_time, .. }) => {
                (Some(response_time.as_secs_f64() * 1_000.0), None)
            }
            Reading::Known(ConnectionResult::Failed(reason)) => (None, Some(reason.clone())),
            Reading::Unknown(reason) => (None, Some(format!("unknown: {reason}"))),
        };
        Some(ConnectionStatus { place, protocol, response_ms, trouble })
    };
    memory.connections.iter().filter_map(one).collect()
}
