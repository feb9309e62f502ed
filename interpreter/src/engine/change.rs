//! Judgement out of turn: a file changed, and nobody waits for the next cycle to notice.
//!
//! Cycles stay the truth: what nobody tells of is found by the next one, and `for 3 cycles` counts cycles.

use std::sync::Arc;
use std::time::Duration;

use super::follow::Consequences;
use super::judge::{self, Evidence, Existence};
use super::mark::Marks;
use super::memory::{Life, Memory, RuleMemory, Turn};
use super::message;
use super::readings::{Presence, Reading, Readings};
use super::scope::Scope;
use super::verdict::Truth;
use super::{Engine, Fact, FactValue, Monotonic, Order, RoundId, ServiceId, Timer};

/// How long nothing must have changed before a file is looked at: who writes it may not be done.
pub const SILENCE: Duration = Duration::from_millis(10);
/// How long is waited for that at most.
pub const LONGEST_SILENCE: Duration = Duration::from_millis(30);
/// The time between two looks at a file that goes on changing: at first, and after it was doubled again and again. A
/// busy log must not cost a look for each line.
pub const SHORTEST_GAP: Duration = Duration::from_millis(50);
/// See [`SHORTEST_GAP`].
pub const LONGEST_GAP: Duration = Duration::from_secs(1);
/// How often something is told of a file out of turn in quick succession. A file that keeps fitting a rule, perhaps because
/// of what the rule does, is told little more often than cycles tell it.
pub const MOST_TELLINGS: u32 = 10;
/// After that many, and before each further one, half a cycle passes, but no more than this.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A look that took long, at a large file or a slow disk, is followed by a pause of so many times its length.
const LOOK_SHARE: u32 = 20;

/// What is under way because a file changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    stage: Stage,
    /// Whether it changed since the look that runs was ordered, be it this one or that of a cycle.
    again: bool,
    /// Since when it is gone, as far as only looks out of turn saw it.
    gone: Option<Monotonic>,
    looks: Pace,
    tellings: Allowance,
    /// No look out of turn is taken before.
    not_before: Monotonic,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Idle,
    /// A look is due at a time, because of changes that began at another.
    Waits { first: Monotonic, due: Monotonic },
    /// A look was ordered at a time and is given up at another.
    Looks { id: RoundId, ordered: Monotonic, deadline: Monotonic },
}

/// How far looks are kept apart: a gap that doubles while they come as soon as they may.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    last: Option<Monotonic>,
    gap: Duration,
}

impl Pace {
    /// Takes one; the earliest time of the next.
    fn take(&mut self, now: Monotonic) -> Monotonic {
        let doubled = self.gap.saturating_mul(2);
        let is_soon = self.last.is_some_and(|last| now.since(last) <= doubled);
        self.gap = if is_soon { doubled.clamp(SHORTEST_GAP, LONGEST_GAP) } else { SHORTEST_GAP };
        self.last = Some(now);
        now.after(self.gap)
    }
}

/// How often something may still be told. What was used comes back with time, one after the other.
#[derive(Debug, Clone, Copy, Default)]
struct Allowance {
    used: u32,
    /// When one came back last, or the first was used.
    since: Monotonic,
}

impl Allowance {
    /// Takes one; the earliest time of the next.
    fn take(&mut self, now: Monotonic, pause: Duration) -> Monotonic {
        while self.used > 0 && now >= self.since.after(pause) {
            self.used -= 1;
            self.since = self.since.after(pause);
        }
        if self.used == 0 {
            self.since = now;
        }
        self.used += 1;
        if self.used < MOST_TELLINGS { now } else { self.since.after(pause) }
    }
}

impl Change {
    /// Leaves what changes to the cycle that begins at this time: ruled did something to the service, and that may be
    /// what changed the file.
    pub(super) fn leave_to(&mut self, cycle: Monotonic) {
        self.not_before = self.not_before.max(cycle);
    }

    pub(super) fn awaits(&self, round: RoundId) -> bool {
        matches!(self.stage, Stage::Looks { id, .. } if id == round)
    }
}

impl Engine {
    /// Whether a change of its file is of any use to this service: whether something is decided out of turn.
    pub fn heeds_changes(&self, id: ServiceId) -> bool {
        self.scope(id).is_some()
    }

    fn scope(&self, id: ServiceId) -> Option<&Scope> {
        self.scopes.get(id.index())?.as_deref()
    }

    /// A file changed. Looks at it as soon as whoever writes it seems to be done.
    ///
    /// **Invariant:** while ruled itself does something to the service, a change is no news; what was never seen in a
    /// cycle has nothing with which it could be compared.
    pub(super) fn wake_changed(&mut self, id: ServiceId) {
        if !self.heeds_changes(id) || self.is_blocked(id) {
            return;
        }
        let now = self.now.monotonic;
        let Some(memory) = self.memory(id) else { return };
        if !memory.monitored || memory.busy.is_some() || memory.taken.is_none() {
            return;
        }
        let change = &mut memory.change;
        let first = match change.stage {
            Stage::Looks { .. } => {
                change.again = true;
                return;
            }
            // It may have changed after the cycle looked.
            _ if memory.round.is_some() => {
                change.again = true;
                return;
            }
            Stage::Waits { first, .. } if change.gone.is_none() => first,
            Stage::Waits { .. } | Stage::Idle => now,
        };
        let due = now.after(SILENCE).min(first.after(LONGEST_SILENCE)).max(change.not_before);
        self.wait_for_change(id, first, due);
    }

    fn wait_for_change(&mut self, id: ServiceId, first: Monotonic, due: Monotonic) {
        self.unset_change(id);
        if let Some(memory) = self.memory(id) {
            memory.change.stage = Stage::Waits { first, due };
            self.timers.set(due, Timer::Changed(id));
        }
    }

    fn unset_change(&mut self, id: ServiceId) {
        let Some(memory) = self.memory(id) else { return };
        let (Stage::Waits { due: timer, .. } | Stage::Looks { deadline: timer, .. }) =
            std::mem::take(&mut memory.change.stage)
        else {
            return;
        };
        self.timers.unset(timer, Timer::Changed(id));
    }

    /// Ends what is under way: a cycle looks, or something is done to the service.
    pub(super) fn cancel_change(&mut self, id: ServiceId) {
        self.unset_change(id);
        if let Some(memory) = self.memory(id) {
            memory.change.again = false;
            memory.change.gone = None;
        }
    }

    /// A cycle has looked. What changed meanwhile, it may have missed.
    pub(super) fn recall_change(&mut self, id: ServiceId) {
        if self.memory(id).is_some_and(|memory| std::mem::take(&mut memory.change.again)) {
            self.wake_changed(id);
        }
    }

    /// The time has come to look, or to give up a look.
    pub(super) fn pass_change(&mut self, id: ServiceId) {
        let now = self.now.monotonic;
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        match std::mem::take(&mut memory.change.stage) {
            Stage::Waits { .. } => self.look_changed(id),
            // No readings came. The next cycle will tell.
            Stage::Looks { .. } => {
                memory.unanswered_rounds = memory.unanswered_rounds.saturating_add(1);
                memory.change.gone = None;
                memory.change.not_before = now.after(LONGEST_GAP);
                self.recall_change(id);
            }
            Stage::Idle => {}
        }
    }

    fn look_changed(&mut self, id: ServiceId) {
        let round = RoundId(self.number());
        let ordered = self.now.monotonic;
        let Some(Some(scope)) = self.scopes.get(id.index()) else { return };
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        let deadline = ordered.after(scope.plan.deadline);
        memory.change.stage = Stage::Looks { id: round, ordered, deadline };
        let plan = scope.plan.going_on_from(memory.position);
        self.timers.set(deadline, Timer::Changed(id));
        self.orders.push(Order::Observe(id, round, plan));
    }

    /// Takes the readings of a look out of turn.
    pub(super) fn take_changed(&mut self, id: ServiceId, readings: &Readings) {
        let now = self.now.monotonic;
        let blocked = self.is_blocked(id);
        let settling = self.settling();
        let behaviour = self.program.settings.behaviour;
        let Some(memory) = self.memory(id) else { return };
        let Stage::Looks { ordered, .. } = memory.change.stage else { return };
        self.unset_change(id);
        let Some(memory) = self.memory(id) else { return };
        let took = now.since(ordered).saturating_mul(LOOK_SHARE);
        let change = &mut memory.change;
        change.not_before = change.looks.take(now).max(now.after(took));
        let existence = Existence::of(&readings.presence, &behaviour);
        let was_gone = matches!(memory.presence, Some(Presence::Absent(_)));
        if existence == Existence::Missing && !was_gone {
            // Who renames a log or replaces a file by hand leaves a moment in which there is none.
            let since = *change.gone.get_or_insert(now);
            if now < since.after(settling) {
                self.wait_for_change(id, now, since.after(settling));
                self.recall_change(id);
                return;
            }
        }
        change.gone = None;
        match existence {
            _ if blocked => {}
            Existence::There | Existence::Missing => self.judge_change(id, existence, readings),
            // What is in the way, and what nobody can tell, is the cycle's affair.
            Existence::Undead | Existence::Wrong | Existence::Unknown => {}
        }
        self.recall_change(id);
    }

    /// Judges a change: only rules that need a single cycle and ask what the file is like at the moment.
    ///
    /// **Invariant:** no history moves; a rule that fails already is not told again; what is compared or read is so once,
    /// for all rules that use it.
    fn judge_change(&mut self, id: ServiceId, existence: Existence, readings: &Readings) {
        self.note(id);
        let Some((program, index)) = self.service(id) else { return };
        let Some(service) = program.services.get(index) else { return };
        let (now, zone, patterns) = (self.now, self.zone.clone(), Arc::clone(&self.patterns));
        let Some(Some(scope)) = self.scopes.get(index) else { return };
        let Some(memory) = self.memories.get_mut(index) else { return };
        memory.see_presence(readings);
        let before = std::mem::take(&mut memory.marks);
        let mut rules = std::mem::take(&mut memory.rules);
        let marks = Marks::of(&scope.subjects, readings);
        let values = super::measure::measure(readings, &memory.base, memory.identity);
        let evidence = Evidence {
            readings,
            existence,
            values: &values,
            before: &before,
            now: &marks,
            references: &memory.references,
            totals: &memory.totals,
            rates: &[],
            behaviour: &program.settings.behaviour,
            patterns: &patterns,
            zone: &zone,
            ignored: &service.ignored_content,
        };
        let mut consequences = Consequences::default();
        for (place, (rule, own)) in service.rules.iter().zip(&mut rules).enumerate() {
            if scope.decides.get(place) != Some(&true) {
                continue;
            }
            let truth = judge::judge(place, rule, &evidence).truth;
            let turn = if rule.test.is_news() {
                own.take_early_change(truth)
            } else {
                own.take_early(truth, Life::ShortAgain)
            };
            if turn != Turn::Quiet {
                own.message = message::rule(service, place, rule, &evidence);
                own.since = now.wall;
            }
            consequences.add_rule(place, rule, own, turn);
        }
        memory.rules = rules;
        memory.marks = before;
        // A first mark is left for the cycle: the file may have come into being just now.
        memory.marks.move_on(marks);
        if let Some(Reading::Known(FactValue::Lines(lines))) = readings.facts.get(&Fact::Lines) {
            memory.position = Some(lines.until);
        }
        let told = !consequences.is_empty();
        self.follow(id, consequences, true, None);
        if told {
            self.pause_tellings(id);
        }
    }

    fn pause_tellings(&mut self, id: ServiceId) {
        let (now, pause) = (self.now.monotonic, (self.grid.length / 2).min(LONGEST_PAUSE));
        let Some(Memory { change, .. }) = self.memory(id) else { return };
        change.not_before = change.tellings.take(now, pause).max(change.not_before);
    }
}

impl RuleMemory {
    /// Takes a change, or what was written, out of turn. That there is none is for the cycle to say.
    fn take_early_change(&mut self, truth: Truth) -> Turn {
        if truth != Truth::Holds {
            return Turn::Quiet;
        }
        self.failed = true;
        self.cycles_failed = 1;
        Turn::Changed
    }
}
