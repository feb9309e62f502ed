//! Why a service is in the state it is in: plain data for `why`. Nothing is read for it.

use std::time::Duration;

use super::deed::{Phase, Source, Undertaking, Verb};
use super::memory::{Memory, RuleMemory};
use super::readings::{ConnectionResult, Presence, Reading};
use super::status::{ServiceStatus, State};
use super::{Engine, LastDeed, ServiceId, Wall, plugin, words};
use crate::program::{Rule, Service, Target, Test};

/// How many rules are told of at most: those that fail come first.
const RULES_MAX: usize = 64;

/// How many deeds are told of at most.
pub const DEEDS_TOLD: usize = 8;

/// Why a service is in its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// How it stands.
    pub status: ServiceStatus,
    /// What leads to that, in sentences.
    pub causes: Vec<String>,
    /// The rules that are not green: those that fail, and those that count towards it.
    pub rules: Vec<RuleStatus>,
    /// How many rules there are in all.
    pub rules_total: usize,
    /// What is being done to it, or for others with it.
    pub undertaken: Option<Undertaken>,
    /// What waits to be done until the services that it concerns are free, and why.
    pub wish: Option<String>,
    /// The services that it needs and that are not up.
    pub needs: Vec<NeedStatus>,
    /// What became of it, as far as that was told.
    pub last_deed: Option<LastOutcome>,
    /// What was last done to it, of each kind and for each rule, the newest first; [`DEEDS_TOLD`] at most.
    pub deeds: Vec<LastDeed>,
}

/// A rule that is not green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleStatus {
    /// What it asks: `memory usage > 500 MB`.
    pub asks: String,
    /// How often that must hold: `for 3 cycles`.
    pub rate: String,
    /// What is done then.
    pub action: &'static str,
    /// The file and the line where it stands; nothing of a rule that nobody wrote.
    pub place: Option<(String, u32)>,
    /// Whether it fails.
    pub failed: bool,
    /// What was last measured or seen, where that is known.
    pub last: Option<String>,
    /// How many cycles count towards the next change of its state.
    pub hits: u32,
    /// How many of them are needed.
    pub needed: u32,
    /// Among how many.
    pub cycles: u32,
    /// What was said when it failed.
    pub message: Option<String>,
    /// When its state last changed.
    pub since: Option<Wall>,
    /// How often something was tried to mend it.
    pub attempts: u32,
    /// In how many cycles the next attempt is made, where one is put off.
    pub retry_in_cycles: Option<u64>,
}

/// Something that is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undertaken {
    /// What: `start`, `stop`, `restart`.
    pub what: &'static str,
    /// For the sake of which service, where it is another.
    pub service: String,
    /// The sentence of the event that led to it.
    pub reason: String,
    /// What it waits for at the moment.
    pub waits_for: String,
    /// How long it waits for that at most, in milliseconds.
    pub left_ms: u64,
    /// How many steps follow.
    pub steps_left: usize,
}

/// A service that is needed and not up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedStatus {
    /// Its name.
    pub name: String,
    /// Why it is not up, in a sentence.
    pub why: String,
}

/// What was last done to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastOutcome {
    /// The sentence about it.
    pub message: String,
    /// Whether it failed, and nothing mended that since.
    pub failed: bool,
    /// When that became so.
    pub since: Option<Wall>,
    /// How long ago its start or restart program was last run, in milliseconds.
    pub started_ago_ms: Option<u64>,
}

impl Engine {
    /// Why a service is in its state; nothing for a number that the program does not have.
    pub fn why(&self, id: ServiceId) -> Option<Why> {
        let service = self.program.service(id)?;
        let memory = self.memories.get(id.index())?;
        let status = self.status(id)?;
        let needs = self.needs(id);
        let rules = service.rules.iter().zip(&memory.rules).filter(|(_, own)| own.failed || own.hits() > 0);
        let mut rules: Vec<RuleStatus> =
            rules.map(|(rule, own)| self.rule_status(service, memory, rule, own)).collect();
        rules.sort_by_key(|rule| !rule.failed);
        rules.truncate(RULES_MAX);
        let undertaken = memory.busy.and_then(|busy| self.undertakings.get(&busy)).map(|one| self.undertaken(one));
        let wish = memory.wish.as_deref().map(|wish| {
            let asked = wish.sources.iter().any(|source| matches!(source, Source::Person | Source::Asked(_)));
            let why = if asked { "a person asked for it" } else { &wish.reason.message };
            format!("{} ({why})", verb(wish.verb))
        });
        Some(Why {
            causes: self.causes(service, &status, &needs, memory),
            rules,
            rules_total: service.rules.len(),
            undertaken,
            wish,
            needs,
            last_deed: self.last_outcome(memory),
            deeds: self.last_deeds(id).into_iter().take(DEEDS_TOLD).cloned().collect(),
            status,
        })
    }

    /// What leads to the state, the weightiest first.
    fn causes(&self, service: &Service, status: &ServiceStatus, needs: &[NeedStatus], memory: &Memory) -> Vec<String> {
        let mut causes: Vec<String> = match status.state {
            State::NotMonitored => {
                vec!["it is not watched: somebody or a rule ended that, or it waits for `monitor`".to_owned()]
            }
            State::Failed => status.faults.iter().map(|fault| fault.message.clone()).collect(),
            State::Blocked => needs.iter().map(|need| format!("it needs '{}', and {}", need.name, need.why)).collect(),
            State::Waiting => {
                let every = status.every.as_deref().unwrap_or("its schedule");
                vec![format!("it is not its turn in this cycle: it is checked {every}")]
            }
            State::Initializing => {
                vec!["it was not seen yet: its first look is under way or comes with the next cycle".to_owned()]
            }
            State::Ok => vec!["nothing fails".to_owned()],
        };
        if memory.busy.is_some_and(|busy| !self.undertakings.contains_key(&busy)) {
            causes.push("what was begun under the rules before is still under way".to_owned());
        }
        if let Some(Presence::Unknown(reason)) = &memory.presence {
            causes.push(match service.target {
                Target::Plugin(_) => format!("nothing is known of it: {reason}"),
                _ => format!("nobody can tell whether it is there: {reason}"),
            });
        }
        causes
    }

    fn rule_status(&self, service: &Service, memory: &Memory, rule: &Rule, own: &RuleMemory) -> RuleStatus {
        let rate = if own.failed { rule.recovery.rate } else { rule.rate };
        let changed = own.since != Wall::default();
        RuleStatus {
            asks: words::test(service, &rule.test),
            rate: words::rate(rule.rate),
            action: rule.action.word(),
            place: (!rule.implicit).then(|| (rule.origin.file.to_string(), rule.origin.line)),
            failed: own.failed,
            last: last(service, memory, rule),
            hits: own.hits(),
            needed: rate.count,
            cycles: rate.cycles,
            message: changed.then(|| own.message.clone()),
            since: changed.then_some(own.since),
            attempts: own.attempts,
            retry_in_cycles: own.retry_cycle.checked_sub(self.grid.number).filter(|left| own.failed && *left > 0),
        }
    }

    fn needs(&self, id: ServiceId) -> Vec<NeedStatus> {
        let behaviour = &self.program.settings.behaviour;
        let one = |parent: &ServiceId| {
            self.memories.get(parent.index()).filter(|memory| !memory.is_up(behaviour))?;
            let status = self.status(*parent)?;
            let why = match (status.doing, status.state) {
                (Some(doing), _) => format!("{doing} is under way"),
                (None, State::NotMonitored) => "it is not watched".to_owned(),
                (None, State::Failed) => {
                    status.faults.first().map_or_else(|| "it fails".to_owned(), |fault| fault.message.clone())
                }
                (None, State::Blocked) => "what it needs itself is not up".to_owned(),
                (None, State::Waiting) => "it is not its turn in this cycle".to_owned(),
                (None, State::Initializing | State::Ok) => "it was not seen well yet".to_owned(),
            };
            Some(NeedStatus { name: status.name, why })
        };
        self.graph.parents(id).iter().filter_map(one).collect()
    }

    fn undertaken(&self, one: &Undertaking) -> Undertaken {
        let name = |id: ServiceId| self.program.service(id).map_or("", |service| service.name.as_str());
        let (waits_for, left) = match &one.progress {
            Some(progress) => {
                let whose = name(progress.step.service);
                let word = progress.step.kind.word();
                let waits_for = match progress.phase {
                    Phase::Look => format!("to see whether '{whose}' is there, before its {word}"),
                    Phase::Program => format!("the {word} program of '{whose}' to have its effect"),
                    Phase::Terminate => format!("the process of '{whose}' to end after SIGTERM"),
                    Phase::Kill => format!("the process of '{whose}' to end after SIGKILL"),
                };
                (waits_for, progress.deadline.since(self.now.monotonic))
            }
            None => ("its next step".to_owned(), Duration::ZERO),
        };
        Undertaken {
            what: verb(one.wish.verb),
            service: name(one.service).to_owned(),
            reason: one.wish.reason.message.clone(),
            waits_for,
            left_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
            steps_left: one.steps.len(),
        }
    }

    /// What was last done to a service, as far as its memory tells.
    fn last_outcome(&self, memory: &Memory) -> Option<LastOutcome> {
        let ago = memory.started.map(|at| self.now.monotonic.since(at));
        let changed = memory.exec.since != Wall::default();
        let message = match (changed, memory.exec.failed) {
            (true, _) => memory.exec.message.clone(),
            (false, _) if ago.is_some() => "it was started or restarted".to_owned(),
            (false, _) => return None,
        };
        Some(LastOutcome {
            message,
            failed: memory.exec.failed,
            since: changed.then_some(memory.exec.since),
            started_ago_ms: ago.map(|ago| u64::try_from(ago.as_millis()).unwrap_or(u64::MAX)),
        })
    }
}

/// What was last measured or seen of what a rule asks.
fn last(service: &Service, memory: &Memory, rule: &Rule) -> Option<String> {
    let one = |test: &Test| match test {
        Test::Limit(limit) => {
            let (_, reading) = memory.values.iter().find(|(metric, _)| *metric == limit.metric)?;
            Some(match reading {
                Reading::Known(value) => {
                    let amount = limit.window_s.is_none().then(|| value.compared(limit)).flatten()?;
                    format!("{} is {}", words::metric(limit.metric), words::figure(limit, amount))
                }
                Reading::Unknown(reason) => format!("{} is unknown: {reason}", words::metric(limit.metric)),
            })
        }
        Test::Plugin(asked) => plugin::last(asked, memory.plugin.as_deref()?),
        Test::Missing | Test::Present => match memory.presence.as_ref()? {
            Presence::Present(super::Identity::Process { pid, .. }) => Some(words::presence(service, true, Some(*pid))),
            Presence::Present(_) => Some(words::presence(service, true, None)),
            Presence::Absent(reason) if reason.is_empty() => Some(words::presence(service, false, None)),
            Presence::Absent(reason) => Some(format!("{}: {reason}", words::presence(service, false, None))),
            Presence::Zombie(_) => Some("process is a zombie".to_owned()),
            Presence::Invalid(reason) | Presence::Unknown(reason) => Some(reason.clone()),
        },
        _ => None,
    };
    let connected = service.rules.iter().position(|other| std::ptr::eq(other, rule)).and_then(|place| {
        match memory.connections.get(&u32::try_from(place).ok()?)? {
            Reading::Known(ConnectionResult::Passed { response_time, .. }) => {
                Some(format!("answered in {:.3} ms", response_time.as_secs_f64() * 1_000.0))
            }
            Reading::Known(ConnectionResult::Failed(reason)) => Some(reason.clone()),
            Reading::Unknown(reason) => Some(format!("unknown: {reason}")),
        }
    });
    let seen: Vec<String> = rule.test.parts().filter_map(one).chain(connected).collect();
    (!seen.is_empty()).then(|| seen.join("; "))
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Start => "start",
        Verb::Restart => "restart",
        Verb::Unmonitor => "unmonitor",
        Verb::Stop => "stop",
    }
}
