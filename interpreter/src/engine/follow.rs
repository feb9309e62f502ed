//! What follows from verdicts: events are told, programs are run, wishes are pursued.

use std::sync::Arc;

use super::backoff::wait_cycles;
use super::deed::{Source, Verb, Wish};
use super::memory::{RuleMemory, Turn};
use super::order::Reason;
use super::readings::Identity;
use super::reminder::Reminders;
use super::round::class_of;
use super::{
    Deed, DeedId, DeedKind, Engine, EventClass, EventState, MOST_PROGRAMS, Monotonic, Now, Order, Outcome, Owner,
    ServiceId, Stage, Taking,
};
use crate::program::{Action, Command, Mode, Rule};

/// A service of which is known at this moment that it is gone (none) or there.
pub(super) type Seen = Option<(ServiceId, Monotonic, Option<Identity>)>;

/// What one judgement leads to, in the order of the rules.
#[derive(Debug, Default)]
pub(super) struct Consequences {
    list: Vec<Consequence>,
    /// Of what somebody wants to be reminded: the place of the rule, its class, the word of its action, what is to be said, and
    /// for how many cycles it has gone on.
    reminders: Vec<(Option<usize>, EventClass, &'static str, String, u64)>,
    /// Whether they are told only.
    is_told_only: bool,
    /// Whether somebody wants to be reminded of anything.
    is_reminding: bool,
}

#[derive(Debug)]
struct Consequence {
    /// The place of the rule; none for what nobody wrote.
    place: Option<usize>,
    source: Option<Source>,
    turn: Turn,
    class: EventClass,
    action: Action,
    message: String,
    cycles_failed: u64,
    retry_cycle: u64,
    takers: Vec<Taking>,
}

impl Consequences {
    /// None as yet; they will be told only, or followed too.
    pub(super) fn new(is_told_only: bool) -> Consequences {
        Consequences { list: Vec::new(), reminders: Vec::new(), is_told_only, is_reminding: false }
    }

    /// None as yet; whether somebody wants to be reminded of what goes on.
    #[must_use]
    pub(super) fn reminding(self, is_reminding: bool) -> Consequences {
        Consequences { is_reminding, ..self }
    }

    /// Adds what follows from a rule. Nearly always that is nothing.
    pub(super) fn add_rule(&mut self, place: usize, rule: &Rule, memory: &RuleMemory, turn: Turn) {
        let action = match turn {
            Turn::Quiet => return,
            Turn::StillFailing if rule.action == Action::Alert => return,
            Turn::Failed | Turn::StillFailing | Turn::Changed => &rule.action,
            Turn::Recovered => &rule.recovery.action,
        };
        if *action == Action::Ignore {
            return;
        }
        let source = if turn == Turn::Recovered { Source::Recovery } else { Source::Rule(place) };
        self.add(Some(source), turn, class_of(rule, memory), action, memory);
        if let Some(last) = self.list.last_mut() {
            last.place = Some(place);
        }
    }

    /// Adds what follows from a rule that nobody wrote.
    pub(super) fn add_own(
        &mut self,
        memory: &mut RuleMemory,
        source: Option<Source>,
        turn: Turn,
        (class, action): (EventClass, &Action),
        sentence: impl FnOnce() -> String,
        now: Now,
    ) {
        if matches!(turn, Turn::Failed | Turn::Recovered) {
            memory.message = sentence();
            memory.since = now.wall;
        } else if turn == Turn::StillFailing && self.is_reminding {
            self.remind(None, class, action, sentence(), memory.cycles_failed);
        }
        match turn {
            Turn::Quiet => {}
            Turn::StillFailing if *action == Action::Alert => {}
            Turn::Recovered => self.add(None, turn, class, &Action::Alert, memory),
            Turn::Failed | Turn::StillFailing | Turn::Changed => self.add(source, turn, class, action, memory),
        }
    }

    /// Reminds of what goes on.
    pub(super) fn remind(
        &mut self,
        place: Option<usize>,
        class: EventClass,
        action: &Action,
        said: String,
        cycles: u64,
    ) {
        self.reminders.push((place, class, action.word(), said, cycles));
    }

    /// Whether nothing follows.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.reminders.is_empty()
    }

    /// Whether the service is not to be watched any more.
    pub(super) fn end_watch(&self, mode: Mode) -> bool {
        let ends = |action: &Action| match action {
            Action::Unmonitor => true,
            Action::Stop => mode != Mode::Passive,
            _ => false,
        };
        self.list.iter().any(|one| ends(&one.action))
    }

    fn add(&mut self, source: Option<Source>, turn: Turn, class: EventClass, action: &Action, memory: &RuleMemory) {
        self.list.push(Consequence {
            place: None,
            source,
            turn,
            class,
            action: action.clone(),
            message: memory.message.clone(),
            cycles_failed: memory.cycles_failed,
            retry_cycle: memory.retry_cycle,
            takers: Vec::new(),
        });
    }

    /// Names who took what the rule that was added last is about.
    pub(super) fn name_takers(&mut self, takers: Vec<Taking>) {
        if let Some(last) = self.list.last_mut().filter(|_| !takers.is_empty()) {
            last.takers = takers;
        }
    }
}

impl Engine {
    /// Tells what changed and does what is to be done. Programs of rules run at once, each after its event; a
    /// start, stop or restart follows after all events, and only the strongest of several.
    pub(super) fn follow(&mut self, id: ServiceId, consequences: Consequences, early: bool, seen: Seen) {
        self.note(id);
        let mut wish: Option<Wish> = None;
        let passive = self.program.service(id).is_some_and(|service| service.mode == Mode::Passive);
        let is_told_only = consequences.is_told_only;
        for mut one in consequences.list {
            let state = match one.turn {
                Turn::Failed => Some(EventState::Failed),
                Turn::Recovered => Some(EventState::Succeeded),
                Turn::Changed => Some(EventState::Changed),
                Turn::StillFailing | Turn::Quiet => None,
            };
            let again = self.program.settings.behaviour.act_every_cycle || self.grid.number >= one.retry_cycle;
            let counts =
                !is_told_only && matches!(one.action, Action::Start | Action::Restart) && (state.is_some() || again);
            if counts && one.source.is_some() {
                self.count_restart(id);
            }
            if passive && matches!(one.action, Action::Start | Action::Stop | Action::Restart) {
                one.action = Action::Alert;
            }
            if let Some(state) = state {
                self.tell(id, early, one.class, state, one.action.word(), one.message.clone());
                if let Some(Order::Tell(event)) = self.orders.last_mut() {
                    event.takers = std::mem::take(&mut one.takers);
                    event.rule = one.place.and_then(|place| u32::try_from(place).ok());
                }
            }
            let reason = Reason { event: one.class.word(), message: one.message };
            let verb = match one.action {
                Action::Alert | Action::Ignore => continue,
                Action::Exec(exec) => {
                    let repeat = u64::from(exec.repeat_cycles);
                    // Programs are repeated by cycles, and a look out of turn is none.
                    if state.is_some() || !early && repeat > 0 && one.cycles_failed.is_multiple_of(repeat) {
                        self.run_program(id, one.place, exec.command, reason);
                    }
                    continue;
                }
                Action::Start => Verb::Start,
                Action::Restart => Verb::Restart,
                Action::Stop => Verb::Stop,
                Action::Unmonitor => Verb::Unmonitor,
            };
            if let Some(source) = one.source.filter(|_| state.is_some() || again) {
                join(&mut wish, Wish { verb, sources: vec![source], reason });
            }
        }
        for (place, class, action, message, cycles) in consequences.reminders {
            if !self.reminds(id, class, cycles) {
                continue;
            }
            self.tell(id, early, class, EventState::Failed, action, message);
            if let Some(Order::Tell(mut event)) = self.orders.pop() {
                event.rule = place.and_then(|place| u32::try_from(place).ok());
                self.orders.push(Order::Remind(Box::new(event), cycles));
            }
        }
        if let Some(wish) = wish.filter(|_| !is_told_only) {
            self.pursue(id, wish, seen);
        }
    }

    /// Whether somebody wants to be reminded of this at this moment.
    fn reminds(&self, id: ServiceId, class: EventClass, cycles: u64) -> bool {
        let settings = &self.program.settings;
        let service = self.program.service(id);
        service.is_some_and(|service| Reminders::of(service, settings).are_due(class, cycles))
    }

    /// Runs a rule's program beside everything else.
    fn run_program(&mut self, id: ServiceId, rule: Option<usize>, command: Command, reason: Reason) {
        if self.programs >= MOST_PROGRAMS {
            let program = command.argv.first().cloned().unwrap_or_default();
            self.program_failed(id, &format!("{program}: {MOST_PROGRAMS} programs run already"));
            return;
        }
        let deed = DeedId(self.number());
        self.programs += 1;
        self.deeds.insert(deed, Owner::Program(id));
        let ordered = Deed { service: id, kind: DeedKind::Exec(command), reason };
        self.begin_deed(deed, &ordered, rule);
        self.orders.push(Order::Act(deed, ordered));
    }

    pub(super) fn take_outcome(&mut self, deed: DeedId, outcome: Outcome) {
        self.end_deed(deed, &outcome);
        match self.deeds.get(&deed).copied() {
            Some(Owner::Step(undertaking)) => self.take_step_outcome(undertaking, deed, outcome),
            Some(Owner::Program(_)) if outcome == Outcome::Running => {}
            Some(Owner::Program(id)) => {
                self.deeds.remove(&deed);
                self.programs = self.programs.saturating_sub(1);
                match outcome {
                    Outcome::Refused(reason) => self.program_failed(id, &reason),
                    Outcome::TimedOut => self.program_failed(id, "it did not end in time and was killed"),
                    // What a rule's program thinks of its own work is its own affair.
                    Outcome::Ended { .. } | Outcome::Running => {}
                }
            }
            None => {}
        }
    }

    fn program_failed(&mut self, id: ServiceId, reason: &str) {
        let Some(memory) = self.memory(id) else { return };
        memory.exec_brings_up = false;
        self.exec_failed(id, format!("failed to exec -- {reason}"));
    }

    /// A deed failed; told once until one succeeds.
    pub(super) fn exec_failed(&mut self, id: ServiceId, message: String) {
        self.note(id);
        let wall = self.now.wall;
        let Some(memory) = self.memory(id) else { return };
        memory.exec.message.clone_from(&message);
        if memory.exec.take(super::verdict::Truth::Holds) == Turn::Failed {
            memory.exec.since = wall;
            self.tell(id, false, EventClass::Exec, EventState::Failed, Action::Alert.word(), message);
        }
    }

    /// A deed succeeded; told only when one failed before.
    pub(super) fn exec_succeeded(&mut self, id: ServiceId, message: &str) {
        self.note(id);
        let wall = self.now.wall;
        let Some(memory) = self.memory(id) else { return };
        if memory.exec.take(super::verdict::Truth::Passes) == Turn::Recovered {
            memory.exec.since = wall;
            self.tell(id, false, EventClass::Exec, EventState::Succeeded, Action::Alert.word(), message.to_owned());
        }
    }

    /// Begins what is wished for, or keeps the wish until the services that it concerns are free. There is one
    /// place for a wish in each service; a newer wish takes the place of an older.
    pub(super) fn pursue(&mut self, id: ServiceId, wish: Wish, seen: Seen) {
        if wish.verb == Verb::Unmonitor {
            self.unmonitor(id);
            return;
        }
        if self.stage == Stage::Retiring {
            return;
        }
        if let Err(wish) = self.undertake(id, wish, seen)
            && let Some(memory) = self.memory(id)
        {
            memory.wish = Some(Box::new(wish));
            self.wishing.insert(id);
        }
    }

    /// Pursues the wishes that waited, as far as their reasons still stand.
    pub(super) fn pursue_waiting(&mut self) {
        for id in std::mem::take(&mut self.wishing) {
            let Some(wish) = self.memory(id).and_then(|memory| memory.wish.take()) else { continue };
            if wish.sources.iter().any(|source| self.still_stands(id, *source)) {
                self.pursue(id, *wish, None);
            }
        }
    }

    fn still_stands(&mut self, id: ServiceId, source: Source) -> bool {
        match source {
            Source::Person | Source::Asked(_) | Source::Recovery | Source::Limit => true,
            Source::Rule(_) | Source::Invalid => self.wishing_rule(id, source).is_some_and(|rule| rule.failed),
        }
    }

    /// Counts an attempt to mend what a rule complains of, and puts off the next one.
    pub(super) fn put_off(&mut self, id: ServiceId, sources: &[Source], attempts: u32) {
        let cycle = Arc::clone(&self.program).settings.cycle;
        let number = self.grid.number;
        self.note(id);
        for source in sources {
            if let Some(rule) = self.wishing_rule(id, *source) {
                rule.attempts = rule.attempts.saturating_add(attempts);
                rule.retry_cycle = number.saturating_add(wait_cycles(rule.attempts, cycle));
            }
        }
    }

    fn wishing_rule(&mut self, id: ServiceId, source: Source) -> Option<&mut RuleMemory> {
        let memory = self.memory(id)?;
        match source {
            Source::Rule(place) => memory.rules.get_mut(place),
            Source::Invalid => Some(&mut memory.invalid),
            Source::Recovery | Source::Person | Source::Asked(_) | Source::Limit => None,
        }
    }
}

/// Joins a wish to those of the same judgement.
fn join(wish: &mut Option<Wish>, other: Wish) {
    match wish {
        Some(strongest) if strongest.verb == other.verb => strongest.sources.extend(other.sources),
        Some(strongest) if strongest.verb > other.verb => {}
        _ => *wish = Some(other),
    }
}
