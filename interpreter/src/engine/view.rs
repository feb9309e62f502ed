//! What others may see of the engine: plain data for status, summary and page.

use std::collections::BTreeMap;

use super::memory::RuleMemory;
use super::readings::{ConnectionResult, Identity, Presence, Reading};
use super::round::class_of;
use super::{Engine, EventClass, Metric, Now, ServiceId, Value, Wall};
use crate::program::Program;

/// How a service stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceView<'a> {
    /// Which service.
    pub id: ServiceId,
    /// Whether it is watched.
    pub monitored: bool,
    /// Whether it is not judged because a service that it needs is not up.
    pub blocked: bool,
    /// What is being done to it: `start`, `stop`, `restart`; or nothing.
    pub doing: Option<&'static str>,
    /// Whether it was there when it was last seen; absent before the first round.
    pub presence: Option<&'a Presence>,
    /// The process or file that was last seen.
    pub identity: Option<&'a Identity>,
    /// When it was last seen.
    pub taken: Option<Now>,
    /// The metrics of the last regular round, as far as rules need them.
    pub values: &'a [(Metric, Reading<Value>)],
    /// The connections of the last regular round, by the rule's place in the service.
    pub connections: &'a BTreeMap<u32, Reading<ConnectionResult>>,
    /// The rules in the order of the program.
    pub rules: Vec<RuleView>,
    /// What fails at present: rules, and what nobody writes rules for (data, type, deeds).
    pub failures: Vec<FailureView<'a>>,
    /// Cycles in which it was not observed because its last observation still ran.
    pub late_cycles: u64,
    /// Readings that came when nobody waited for them any more.
    pub dropped_rounds: u64,
    /// Observations whose readings did not come in time.
    pub unanswered_rounds: u64,
}

/// How a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleView {
    /// Whether it fails: somebody was told, and not yet that it ended.
    pub failed: bool,
    /// How many cycles count towards its next change of state.
    pub hits: u32,
    /// How often a start, stop or restart was tried since it failed.
    pub attempts: u32,
}

/// Something that fails at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureView<'a> {
    /// What it is about.
    pub class: EventClass,
    /// What was said when it failed.
    pub message: &'a str,
    /// Since when.
    pub since: Wall,
    /// The rule's place in the service; absent for what nobody writes rules for.
    pub rule: Option<u32>,
}

impl ServiceView<'_> {
    /// Whether it is watched, judged, and nothing fails.
    pub fn is_well(&self) -> bool {
        self.monitored && !self.blocked && self.failures.is_empty()
    }
}

impl Engine {
    /// The program that the engine runs.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The number of the present cycle; 0 before the first.
    pub fn cycle(&self) -> u64 {
        self.grid.number
    }

    /// How many points of the grid passed without a cycle, because the engine was not called in time.
    pub fn skipped_cycles(&self) -> u64 {
        self.grid.skipped
    }

    /// Whether nothing is under way: no observation, also none that was put off, no deed that somebody waits for.
    /// Programs of rules do not count, nor do looks at files that changed, which may go on changing. `--once` ends when a cycle has begun and this is so.
    pub fn is_settled(&self) -> bool {
        let unseen =
            |memory: &super::Memory| memory.round.is_none() && memory.early.is_none() && memory.settling.is_none();
        let quiet = |memory: &super::Memory| unseen(memory) && memory.busy.is_none();
        self.memories.iter().all(quiet)
    }

    /// How a service stands; nothing for a number that the program does not have.
    pub fn service_view(&self, id: ServiceId) -> Option<ServiceView<'_>> {
        let service = self.program.service(id)?;
        let memory = self.memories.get(id.index())?;
        let failure = |class, rule, memory: &'_ RuleMemory| FailureParts { class, rule, failed: memory.failed };
        let own = [
            (failure(EventClass::Data, None, &memory.data), &memory.data),
            (failure(EventClass::Invalid, None, &memory.invalid), &memory.invalid),
            (failure(EventClass::Exec, None, &memory.exec), &memory.exec),
            (failure(EventClass::Data, None, &memory.unjudged), &memory.unjudged),
        ];
        let written = (0_u32..).zip(service.rules.iter().zip(&memory.rules));
        let written =
            written.map(|(place, (rule, memory))| (failure(class_of(rule, memory), Some(place), memory), memory));
        let failures = own.into_iter().chain(written).filter(|(parts, _)| parts.failed);
        let doing = memory.busy.and_then(|busy| self.undertakings.get(&busy)).and_then(|one| one.progress.as_ref());
        Some(ServiceView {
            id,
            monitored: memory.monitored,
            blocked: memory.blocked,
            doing: doing.filter(|progress| progress.step.service == id).map(|progress| progress.step.kind.word()),
            presence: memory.presence.as_ref(),
            identity: memory.identity.as_ref(),
            taken: memory.taken,
            values: &memory.values,
            connections: &memory.connections,
            rules: memory.rules.iter().map(view).collect(),
            failures: failures
                .map(|(parts, memory)| FailureView {
                    class: parts.class,
                    message: &memory.message,
                    since: memory.since,
                    rule: parts.rule,
                })
                .collect(),
            late_cycles: memory.late_cycles,
            dropped_rounds: memory.dropped_rounds,
            unanswered_rounds: memory.unanswered_rounds,
        })
    }
}

struct FailureParts {
    class: EventClass,
    rule: Option<u32>,
    failed: bool,
}

fn view(memory: &RuleMemory) -> RuleView {
    RuleView { failed: memory.failed, hits: memory.hits(), attempts: memory.attempts }
}
