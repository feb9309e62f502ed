//! Who took it: when a limit of the machine is passed, the event names the processes that have most of it.
//!
//! Finding them takes a sweep over all processes, so it is asked for only when such an event is about to be told: the
//! round that leads to it is held open, a second look is ordered for the takers alone, and the round is judged when it
//! answers.
//!
//! **Invariant:** an event never waits for them longer than [`TAKERS_PATIENCE`], and is never lost for them: when they
//! are late it is told without.

use std::sync::Arc;
use std::time::Duration;

use super::figure::{bytes, percent};
use super::judge::{self, Evidence, Existence};
use super::mark::Marks;
use super::measure;
use super::memory::Turn;
use super::readings::{Reading, Readings};
use super::{Engine, Metric, Order, Plan, RoundId, ServiceId, Timer, plan};
use crate::program::{Action, Relation, Rule, Test};
use grammar::ast::ServiceKind;

/// How many processes are named.
pub const TAKERS_MAX: usize = 5;
/// How long an event waits for its takers; never longer than half a cycle, so that no cycle is late for it.
pub const TAKERS_PATIENCE: Duration = Duration::from_secs(2);

/// What processes take of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Threads that run, want to run or wait for a disk: what the load averages count.
    Load,
    /// Time of the processors.
    Cpu,
    /// Time of the processors outside the kernel.
    CpuUser,
    /// Time of the processors in the kernel.
    CpuSystem,
    /// Threads that wait for a disk.
    CpuWait,
    /// Memory.
    Memory,
    /// Swap space.
    Swap,
}

/// How much of it a process has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// A share of what all processors can do, in percent.
    Time(f64),
    /// Threads, on the average of some looks.
    Threads(f64),
    /// An amount of memory or swap space.
    Bytes {
        /// How much.
        bytes: f64,
        /// The same in percent of the whole.
        percent: f64,
    },
}

/// A process that has some of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Taker {
    /// Its number.
    pub pid: u32,
    /// The kernel's name of it, made harmless.
    pub name: String,
    /// The name of its user, made harmless, or the number where there is no name.
    pub user: String,
    /// How much it has.
    pub share: Share,
}

/// Who has most of a resource, as it is told with an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Taking {
    /// What is taken.
    pub resource: Resource,
    /// Who has most of it, the greatest first.
    pub takers: Reading<Vec<Taker>>,
}

impl Resource {
    /// What is taken of a machine when this is measured; nothing where no process takes it.
    fn of(metric: Metric) -> Option<Resource> {
        match metric {
            Metric::LoadAverage { .. } => Some(Resource::Load),
            Metric::Cpu => Some(Resource::Cpu),
            Metric::CpuUser | Metric::CpuNice | Metric::CpuGuest | Metric::CpuGuestNice => Some(Resource::CpuUser),
            Metric::CpuSystem => Some(Resource::CpuSystem),
            Metric::CpuWait => Some(Resource::CpuWait),
            Metric::Memory => Some(Resource::Memory),
            Metric::Swap => Some(Resource::Swap),
            _ => None,
        }
    }

    /// The word in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            Resource::Load => "load",
            Resource::Cpu => "cpu",
            Resource::CpuUser => "cpu_user",
            Resource::CpuSystem => "cpu_system",
            Resource::CpuWait => "cpu_wait",
            Resource::Memory => "memory",
            Resource::Swap => "swap",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Resource::Load => "load",
            Resource::Cpu => "cpu",
            Resource::CpuUser => "cpu (user)",
            Resource::CpuSystem => "cpu (system)",
            Resource::CpuWait => "cpu (wait)",
            Resource::Memory => "memory",
            Resource::Swap => "swap",
        }
    }
}

impl Taking {
    /// In words: `most memory: python3 (pid 4711, user root) 312.4 MB 1.3%`, one process behind the other.
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.title(), self.lines().join(", "))
    }

    /// What the list is of: `most memory`.
    pub fn title(&self) -> String {
        format!("most {}", self.resource.words())
    }

    /// The list: a line for each process, or one that says why there is none.
    pub fn lines(&self) -> Vec<String> {
        match &self.takers {
            Reading::Unknown(reason) => vec![format!("unknown, {reason}")],
            Reading::Known(takers) if takers.is_empty() => vec!["no process is found".to_owned()],
            Reading::Known(takers) => takers.iter().map(Taker::words).collect(),
        }
    }
}

impl Taker {
    /// In words: `python3 (pid 4711, user root) 312.4 MB 1.3%`.
    fn words(&self) -> String {
        let share = match self.share {
            Share::Time(share) => percent(share),
            Share::Threads(1.0) => "1 thread".to_owned(),
            Share::Threads(threads) if threads.fract() == 0.0 => format!("{threads:.0} threads"),
            Share::Threads(threads) => format!("{threads:.1} threads"),
            Share::Bytes { bytes: amount, percent: share } => format!("{} {}", bytes(amount), percent(share)),
        };
        format!("{} (pid {}, user {}) {share}", self.name, self.pid, self.user)
    }
}

impl Engine {
    /// What the events about these readings will want to know of the takers. Nearly always that is nothing, and costs
    /// nothing.
    pub(super) fn untaken(&self, id: ServiceId, readings: &Readings) -> Vec<Resource> {
        let mut untaken = Vec::new();
        let (Some(service), Some(memory)) = (self.program.service(id), self.memories.get(id.index())) else {
            return untaken;
        };
        let is_judged = memory.monitored && memory.busy.is_none();
        if service.kind() != ServiceKind::System || !is_judged || self.is_blocked(id) {
            return untaken;
        }
        let behaviour = &self.program.settings.behaviour;
        let existence = Existence::of(&readings.presence, behaviour);
        let values = measure::measure(readings, &memory.base, memory.identity);
        let evidence = Evidence {
            readings,
            existence,
            values: &values,
            before: &memory.marks,
            now: &Marks::default(),
            references: &memory.references,
            totals: &memory.totals,
            rates: &[],
            behaviour,
            patterns: &self.patterns,
            zone: &self.zone,
            ignored: &[],
        };
        for (place, (rule, own)) in service.rules.iter().zip(&memory.rules).enumerate() {
            let resources = resources(rule);
            if resources.is_empty() {
                continue;
            }
            // A copy counts, so that the rule itself does not.
            if own.clone().take(judge::judge(place, rule, &evidence).truth) == Turn::Failed {
                untaken.extend(resources);
            }
        }
        untaken.sort();
        untaken.dedup();
        untaken
    }

    /// Holds the round open and looks for the takers.
    pub(super) fn ask_takers(&mut self, id: ServiceId, readings: &Readings, untaken: Vec<Resource>) {
        let number = RoundId(self.number());
        let patience = TAKERS_PATIENCE.min(self.grid.length / 2);
        let deadline = self.now.monotonic.after(patience);
        let Some(round) = self.memories.get_mut(id.index()).and_then(|memory| memory.round.as_mut()) else { return };
        self.timers.unset(round.deadline, Timer::Round(id, round.id));
        (round.id, round.deadline, round.graced) = (number, deadline, false);
        round.untaken = Some((Box::new(readings.clone()), untaken.clone()));
        self.timers.set(deadline, Timer::Round(id, number));
        let plan = Plan { takers: untaken, deadline: patience, ..plan::existence(None) };
        self.orders.push(Order::Observe(id, number, Arc::new(plan)));
    }

    /// Goes on with a round that was held open; whether it was. Without an answer it goes on without the takers.
    pub(super) fn take_takers(&mut self, id: ServiceId, mut answer: Option<Readings>) -> bool {
        let round = self.memories.get_mut(id.index()).and_then(|memory| memory.round.as_mut());
        let Some((mut readings, untaken)) = round.and_then(|round| round.untaken.take()) else { return false };
        for resource in untaken {
            let found = answer.as_mut().and_then(|answer| answer.takers.remove(&resource));
            let late = || Reading::Unknown("the look at all processes did not end in time".to_owned());
            readings.takers.insert(resource, found.unwrap_or_else(late));
        }
        self.end_round(id, &readings);
        true
    }
}

/// Who took what a rule of the machine is about.
pub(super) fn of(rule: &Rule, readings: &Readings) -> Vec<Taking> {
    if readings.takers.is_empty() {
        return Vec::new();
    }
    let taking = |resource: Resource| Some(Taking { resource, takers: readings.takers.get(&resource)?.clone() });
    resources(rule).into_iter().filter_map(taking).collect()
}

/// What is taken when a rule of the machine fails, each once.
fn resources(rule: &Rule) -> Vec<Resource> {
    let mut resources = Vec::new();
    // What nobody is told needs no explanation.
    if rule.action != Action::Ignore {
        add(&rule.test, false, &mut resources);
        resources.sort();
        resources.dedup();
    }
    resources
}

fn add(test: &Test, is_denied: bool, to: &mut Vec<Resource>) {
    match test {
        // Nobody is to blame for a machine that has much left.
        Test::Limit(limit) if matches!(limit.relation, Relation::Less | Relation::LessOrEqual) != is_denied => {}
        Test::Limit(limit) => to.extend(Resource::of(limit.metric)),
        Test::All(parts) | Test::Any(parts) => parts.iter().for_each(|part| add(part, is_denied, to)),
        Test::Not(part) => add(part, !is_denied, to),
        _ => {}
    }
}
