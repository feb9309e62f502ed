//! What is remembered of a service from one cycle to the next.

use std::collections::BTreeMap;

use super::change::Change;
use super::deed::Wish;
use super::family::{Fallen, Family};
use super::intent::Earlier;
use super::last::LastDeed;
use super::mark::{self, Marks, Subject};
use super::measure::{Base, Value};
use super::plugin::PluginMemory;
use super::readings::{ConnectionResult, Identity, Presence, Reading};
use super::record::Record;
use super::schedule::Turns;
use super::total::Totals;
use super::unjudged;
use super::verdict::Truth;
use super::window::Count;
use super::{EventClass, Metric, Monotonic, Now, Position, Readings, Resource, RoundId, UndertakingId, Wall};
use crate::durable::KeptIntent;
use crate::program::{Behaviour, HashKind, OnReboot, Rate, Service};

/// What is remembered of one rule.
#[derive(Debug, Clone)]
pub(super) struct RuleMemory {
    /// Whether somebody was told that it holds and not yet that it ended.
    pub(super) failed: bool,
    counts: Counts,
    at_once: (bool, bool),
    /// Results since the rule failed, the first included; programs are repeated by it.
    pub(super) cycles_failed: u64,
    /// How often a start, stop or restart was tried since the rule failed.
    pub(super) attempts: u32,
    /// The cycle before which no further attempt is made.
    pub(super) retry_cycle: u64,
    /// When the state last changed.
    pub(super) since: Wall,
    /// What was said then.
    pub(super) message: String,
    /// The class of its events while that is another than its test's.
    pub(super) fails_as: Option<EventClass>,
}

/// The results of a rule, as far as they count.
#[derive(Debug, Clone)]
enum Counts {
    /// As the words say: those since the last change of state.
    Words { failure: Count, recovery: Count },
    /// As Monit counts.
    Bits(Record),
}

/// How long a process lived that has exited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Long enough for its exit to have nothing to do with its start, or a cycle saw it well.
    Long,
    /// It died soon after its start. The one before did not.
    Short,
    /// It died soon after its start, as the one before.
    ShortAgain,
}

/// What a result changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    Quiet,
    /// The rule has held often enough: it fails.
    Failed,
    /// It failed before and its test holds in this cycle too.
    StillFailing,
    /// It failed before and has not held for long enough.
    Recovered,
    /// Something is another than before, which is told each time.
    Changed,
}

impl RuleMemory {
    pub(super) fn new(failure: Rate, recovery: Rate, behaviour: &Behaviour) -> RuleMemory {
        let counts = if behaviour.counts_in_bits {
            Counts::Bits(Record::of(failure, recovery))
        } else {
            Counts::Words { failure: Count::of(failure), recovery: Count::of(recovery) }
        };
        RuleMemory {
            failed: false,
            counts,
            at_once: (failure == Rate::ONCE, recovery == Rate::ONCE),
            cycles_failed: 0,
            attempts: 0,
            retry_cycle: 0,
            since: Wall::default(),
            message: String::new(),
            fails_as: None,
        }
    }

    /// Takes the result of a regular cycle.
    ///
    /// **Invariant:** `Failed` and `Recovered` take turns, beginning with `Failed`.
    pub(super) fn take(&mut self, truth: Truth) -> Turn {
        let Counts::Words { failure, recovery } = &mut self.counts else { return self.take_recorded(truth, false) };
        if !self.failed {
            return if failure.push(truth == Truth::Holds) { self.fail() } else { Turn::Quiet };
        }
        if truth != Truth::Unknown {
            self.cycles_failed = self.cycles_failed.saturating_add(1);
        }
        // A failure in a window that is full otherwise ends nothing.
        if recovery.push(truth == Truth::Passes) && truth == Truth::Passes {
            return self.recover();
        }
        if truth == Truth::Holds { Turn::StillFailing } else { Turn::Quiet }
    }

    /// Takes the result of a rule about changes or contents: each one is news, and its end is none.
    pub(super) fn take_change(&mut self, truth: Truth) -> Turn {
        let Counts::Words { failure, .. } = &mut self.counts else { return self.take_recorded(truth, true) };
        // A window that is full otherwise tells of no change.
        let changed = failure.push(truth == Truth::Holds) && truth == Truth::Holds;
        self.failed = changed || self.failed && truth == Truth::Unknown;
        self.cycles_failed = u64::from(changed);
        if changed { Turn::Changed } else { Turn::Quiet }
    }

    /// Takes a result as Monit does. What nobody can tell is none.
    fn take_recorded(&mut self, truth: Truth, is_news: bool) -> Turn {
        let Counts::Bits(record) = &mut self.counts else { return Turn::Quiet };
        if truth == Truth::Unknown {
            return Turn::Quiet;
        }
        let holds = truth == Truth::Holds;
        let enough = record.push(holds);
        self.cycles_failed = self.cycles_failed.saturating_add(1);
        match (holds, enough, self.failed) {
            (true, true, _) if is_news => {
                self.fail();
                Turn::Changed
            }
            (true, true, false) => self.fail(),
            // That nothing changes any more is no news.
            (false, true, true) if is_news => {
                self.recover();
                Turn::Quiet
            }
            (false, true, true) => self.recover(),
            (true, _, true) => Turn::StillFailing,
            _ => Turn::Quiet,
        }
    }

    /// Takes a result out of turn: it decides what needs one cycle only, and counts for nothing else.
    ///
    /// What fails already has been mended since, when it was well for a while: what holds anew is worth an attempt at
    /// once, and the attempts before have nothing to do with it.
    pub(super) fn take_early(&mut self, truth: Truth, life: Life) -> Turn {
        match (self.failed, truth) {
            (false, Truth::Holds) if self.at_once.0 => self.fail(),
            (true, Truth::Holds) if self.at_once.0 && life != Life::ShortAgain => {
                // The attempt that led to a short life is made once more, and counts once.
                self.attempts = if life == Life::Long { 0 } else { self.attempts.saturating_sub(1) };
                self.retry_cycle = 0;
                Turn::StillFailing
            }
            (true, Truth::Passes) if self.at_once.1 => self.recover(),
            _ => Turn::Quiet,
        }
    }

    /// Forgets what was counted towards a failure: it belongs to what was there before. Monit does not.
    pub(super) fn forget_count(&mut self) {
        if let Counts::Words { failure, recovery } = &mut self.counts {
            failure.clear();
            recovery.clear();
        }
    }

    /// Goes on as one that failed before this engine began.
    pub(super) fn resume(&mut self, since: Wall, message: &str, attempts: u32) {
        self.fail();
        self.since = since;
        message.clone_into(&mut self.message);
        self.attempts = attempts;
    }

    /// How many results count towards the next change of state.
    pub(super) fn hits(&self) -> u32 {
        match &self.counts {
            Counts::Words { recovery, .. } if self.failed => recovery.hits(),
            Counts::Words { failure, .. } => failure.hits(),
            Counts::Bits(record) => record.hits(!self.failed),
        }
    }

    fn fail(&mut self) -> Turn {
        self.change(true);
        self.cycles_failed = 1;
        Turn::Failed
    }

    fn recover(&mut self) -> Turn {
        self.change(false);
        Turn::Recovered
    }

    fn change(&mut self, failed: bool) {
        self.failed = failed;
        self.forget_count();
        if let Counts::Bits(record) = &mut self.counts {
            record.change(failed);
        }
        self.cycles_failed = 0;
        self.attempts = 0;
        self.retry_cycle = 0;
    }
}

/// A regular observation that runs.
#[derive(Debug, Clone)]
pub(super) struct Round {
    pub(super) id: RoundId,
    /// When its readings are of no use any more.
    pub(super) deadline: Monotonic,
    /// Whether the deadline was made longer after a stall.
    pub(super) graced: bool,
    /// Its readings, when they wait for the judgement of a service that this one needs.
    pub(super) held: Option<Box<Readings>>,
    /// Its readings, when they wait for the takers of these.
    pub(super) untaken: Option<(Box<Readings>, Vec<Resource>)>,
}

/// An observation out of turn, because the process exited.
#[derive(Debug, Clone)]
pub(super) struct EarlyRound {
    /// The observation that runs; none while it waits to look again.
    pub(super) id: Option<RoundId>,
    /// When it is given up, or made again.
    pub(super) timer: Monotonic,
    /// The process that exited.
    pub(super) exited: Identity,
    /// How often was looked.
    pub(super) looks: u32,
}

/// Why data could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataTrouble {
    /// The process is a zombie.
    Zombie,
    /// Something could not be read.
    Access,
}

/// What is remembered of one service.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    pub(super) monitored: bool,
    /// Whether a service that it needs is not up, so that it is not judged.
    pub(super) blocked: bool,
    pub(super) turns: Turns,
    /// Whether it is not its turn in this cycle.
    pub(super) out_of_turn: bool,
    /// How often rules asked for a start or a restart, and in how many cycles since the first.
    pub(super) restarts: u32,
    pub(super) restart_cycles: u32,
    /// What is remembered of the limits of restarts.
    pub(super) limits: Vec<RuleMemory>,
    /// What a program said, until the next cycle judges it.
    pub(super) said: Option<Box<Readings>>,
    pub(super) rules: Vec<RuleMemory>,
    /// The rules that nobody writes: data can be read, the type is right, deeds succeed.
    pub(super) data: RuleMemory,
    pub(super) invalid: RuleMemory,
    pub(super) exec: RuleMemory,
    /// The same for connections: that they can be judged. What needs this service is judged all the same.
    pub(super) unjudged: RuleMemory,
    pub(super) data_trouble: DataTrouble,
    /// Whether what failed last brings the service up; then its being there ends the failure.
    pub(super) exec_brings_up: bool,
    pub(super) presence: Option<Presence>,
    pub(super) identity: Option<Identity>,
    /// Whether it was not there when somebody could tell last.
    pub(super) was_gone: bool,
    pub(super) taken: Option<Now>,
    pub(super) values: Vec<(Metric, Reading<Value>)>,
    pub(super) connections: BTreeMap<u32, Reading<ConnectionResult>>,
    pub(super) base: Base,
    /// What is remembered of the plugin, where one checks it.
    pub(super) plugin: Option<Box<PluginMemory>>,
    /// What rules about changes compare.
    pub(super) subjects: Vec<Subject>,
    /// What was seen of it the last time.
    pub(super) marks: Marks,
    /// The first checksum of each kind.
    pub(super) references: Vec<(HashKind, String)>,
    /// How far the file was read.
    pub(super) position: Option<Position>,
    pub(super) totals: Totals,
    pub(super) round: Option<Round>,
    pub(super) early: Option<EarlyRound>,
    /// What is under way because its file changed.
    pub(super) change: Change,
    /// Until when an absence is not judged, because the process left in good order just now.
    pub(super) settles: Monotonic,
    /// When is looked again because of that, if a round was not judged.
    pub(super) settling: Option<Monotonic>,
    /// Whether it was seen to be gone in good order since it was last looked at in its turn.
    pub(super) has_left: bool,
    pub(super) busy: Option<UndertakingId>,
    pub(super) wish: Option<Box<Wish>>,
    /// When its start or restart program was last ordered.
    pub(super) started: Option<Monotonic>,
    /// What belonged to the process before, and could not be ended.
    pub(super) left: Option<Box<Family>>,
    /// What it left behind, when it ended by itself.
    pub(super) fallen: Option<Box<Fallen>>,
    /// Whether the process before the present one died soon after its start, before a cycle saw it well.
    pub(super) died_young: bool,
    pub(super) late_cycles: u64,
    pub(super) dropped_rounds: u64,
    pub(super) unanswered_rounds: u64,
    /// What is being done to it.
    pub(super) intent: Option<Box<KeptIntent>>,
    /// What an earlier engine was doing to it.
    pub(super) earlier: Option<Earlier>,
    /// What was last done to it, the newest last.
    pub(super) deeds: Vec<LastDeed>,
    /// A number that stands for what was last kept of it.
    pub(super) kept: u64,
}

impl Memory {
    pub(super) fn new(service: &Service, behaviour: &Behaviour) -> Memory {
        let rule = |rule: &crate::program::Rule| RuleMemory::new(rule.rate, rule.recovery.rate, behaviour);
        let implicit = || RuleMemory::new(Rate::ONCE, Rate::ONCE, behaviour);
        let mut memory = Memory {
            monitored: service.on_reboot != OnReboot::NoStart,
            blocked: false,
            turns: Turns::new(service, behaviour.minutes_get_lost),
            out_of_turn: false,
            restarts: 0,
            restart_cycles: 0,
            limits: service.restart_limits.iter().map(|_| implicit()).collect(),
            said: None,
            rules: service.rules.iter().map(rule).collect(),
            data: implicit(),
            invalid: implicit(),
            exec: implicit(),
            unjudged: RuleMemory::new(unjudged::PATIENCE, Rate::ONCE, behaviour),
            data_trouble: DataTrouble::Access,
            exec_brings_up: false,
            presence: None,
            identity: None,
            was_gone: false,
            taken: None,
            values: Vec::new(),
            connections: BTreeMap::new(),
            base: Base::default(),
            plugin: None,
            subjects: mark::subjects(service),
            marks: Marks::default(),
            references: Vec::new(),
            position: None,
            totals: Totals::new(service),
            round: None,
            early: None,
            change: Change::default(),
            settles: Monotonic::default(),
            settling: None,
            has_left: false,
            busy: None,
            wish: None,
            started: None,
            left: None,
            fallen: None,
            died_young: false,
            late_cycles: 0,
            dropped_rounds: 0,
            unanswered_rounds: 0,
            intent: None,
            earlier: None,
            deeds: Vec::new(),
            kept: 0,
        };
        memory.kept = memory.kept_hash(service, behaviour);
        memory
    }

    /// Whether a rule, written or not, fails at present.
    pub(super) fn has_errors(&self) -> bool {
        self.exec.failed || self.limits.iter().any(|limit| limit.failed) || self.has_observed_errors()
    }

    /// The same without the outcome of deeds.
    pub(super) fn has_observed_errors(&self) -> bool {
        self.data.failed || self.invalid.failed || self.rules.iter().any(|rule| rule.failed)
    }

    /// Whether services that need this one may be judged.
    pub(super) fn is_up(&self, behaviour: &Behaviour) -> bool {
        let blocked = self.blocked && !behaviour.masks_the_next_only;
        self.monitored && self.busy.is_none() && !blocked && !self.out_of_turn && !self.has_errors()
    }

    /// Forgets everything but whether it is monitored, what is under way, what was done and the counters for the status.
    pub(super) fn wipe(&mut self, service: &Service, behaviour: &Behaviour) {
        let fresh = Memory::new(service, behaviour);
        *self = Memory {
            monitored: self.monitored,
            turns: std::mem::take(&mut self.turns),
            out_of_turn: self.out_of_turn,
            busy: self.busy,
            started: self.started,
            left: self.left.take(),
            fallen: self.fallen.take(),
            died_young: self.died_young,
            // What was read is not read again.
            position: self.position,
            round: self.round.take(),
            early: self.early.take(),
            change: std::mem::take(&mut self.change),
            settling: self.settling,
            late_cycles: self.late_cycles,
            dropped_rounds: self.dropped_rounds,
            unanswered_rounds: self.unanswered_rounds,
            intent: self.intent.take(),
            earlier: self.earlier,
            deeds: std::mem::take(&mut self.deeds),
            kept: self.kept,
            ..fresh
        };
    }

    /// Forgets what was counted, and with what is compared: a restart of ours makes another process of it.
    pub(super) fn begin_anew(&mut self, behaviour: &Behaviour) {
        for rule in &mut self.rules {
            rule.forget_count();
        }
        if behaviour.absence_ends_comparison {
            self.marks.end_process();
        }
    }
}
