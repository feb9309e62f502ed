//! Rounds: observations are ordered, awaited and judged.

use std::sync::Arc;

use super::deed::Source;
use super::family::Fallen;
use super::follow::Consequences;
use super::judge::{self, Evidence, Existence};
use super::mark::Marks;
use super::measure;
use super::memory::{DataTrouble, Memory, Round, RuleMemory, Turn};
use super::message;
use super::readings::{Identity, PidfileState, Presence, Reading, Readings};
use super::reminder::Reminders;
use super::takers;
use super::verdict::{Sight, Truth};
use super::{
    CALLED_LATE, Engine, EventClass, Fact, FactValue, Order, RoundId, SETTLING_LOOKS, STALL_GRACE, ServiceId, Stage,
    Timer,
};
use crate::program::{Action, Changed, Owner, PluginTest, Rule, Service, Test};
use grammar::ast::ServiceKind;

impl Engine {
    /// Observes all services that are due: side by side, in one batch.
    pub(super) fn begin_cycle(&mut self) {
        let program = Arc::clone(&self.program);
        let is_monit = program.settings.behaviour.minutes_get_lost;
        // Whose turn it is is known of all before the first is observed: children wait for parents.
        for memory in &mut self.memories {
            memory.out_of_turn = !memory.turns.take(self.now.wall, &self.zone, is_monit);
        }
        for id in program.ids() {
            if self.memory(id).is_some_and(|memory| memory.turns.ran_minute().is_some()) {
                self.note(id);
            }
            if let Some(said) = self.memory(id).and_then(|memory| memory.said.take()) {
                self.judge_round(id, &said);
            }
            if self.memory(id).is_some_and(|memory| !memory.out_of_turn) {
                self.observe(id);
            }
        }
    }

    /// Begins a regular round of a service.
    ///
    /// **Invariant:** a service whose last regular observation still runs is not observed again; the cycle is
    /// counted as late.
    pub(super) fn observe(&mut self, id: ServiceId) {
        if matches!(self.stage, Stage::Ending | Stage::Retiring) {
            return;
        }
        let round = RoundId(self.number());
        let now = self.now.monotonic;
        let Some(plan) = self.plans.get(id.index()) else { return };
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        if !memory.monitored || memory.busy.is_some() {
            return;
        }
        if memory.round.is_some() {
            memory.late_cycles = memory.late_cycles.saturating_add(1);
            return;
        }
        let deadline = now.after(plan.deadline);
        let plan = plan.going_on_from(memory.position);
        memory.round = Some(Round { id: round, deadline, graced: false, held: None, untaken: None });
        self.timers.set(deadline, Timer::Round(id, round));
        // This look sees what changed so far, and nothing is read twice.
        self.cancel_change(id);
        self.orders.push(Order::Observe(id, round, plan));
    }

    pub(super) fn take_readings(&mut self, id: ServiceId, round: RoundId, readings: Readings) {
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        let waited = |regular: &Round| regular.id == round && regular.held.is_none();
        if memory.round.as_ref().is_some_and(waited) {
            if memory.round.as_ref().is_some_and(|regular| regular.untaken.is_some()) {
                self.take_takers(id, Some(readings));
            } else {
                self.take_regular(id, readings);
            }
        } else if memory.early.as_ref().is_some_and(|early| early.id == Some(round)) {
            self.take_early(id, &readings);
        } else if memory.change.awaits(round) {
            self.take_changed(id, &readings);
        } else if !self.take_look(id, round, &readings)
            && let Some(memory) = self.memory(id)
        {
            memory.dropped_rounds = memory.dropped_rounds.saturating_add(1);
        }
    }

    /// The readings of a regular round did not come in time: nothing is known of the service.
    pub(super) fn miss_round(&mut self, id: ServiceId, round: RoundId) {
        let patience = self.plans.get(id.index()).map(|plan| plan.deadline).unwrap_or_default();
        let now = self.now;
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        let Some(waited) = memory.round.as_mut().filter(|waited| waited.id == round) else { return };
        if now.monotonic.since(waited.deadline) > CALLED_LATE && !waited.graced {
            waited.graced = true;
            waited.deadline = now.monotonic.after(STALL_GRACE);
            self.timers.set(waited.deadline, Timer::Round(id, round));
            return;
        }
        if self.take_takers(id, None) {
            return;
        }
        let Some(memory) = self.memories.get_mut(id.index()) else { return };
        memory.unanswered_rounds = memory.unanswered_rounds.saturating_add(1);
        let reason = format!("the observation did not end within {} seconds", patience.as_secs());
        self.take_regular(id, Readings::of(now, Presence::Unknown(reason)));
    }

    /// Ends the regular round of a service without judging it. Its readings are dropped when they come.
    pub(super) fn cancel_round(&mut self, id: ServiceId) {
        let Some(round) = self.memory(id).and_then(|memory| memory.round.take()) else { return };
        self.timers.unset(round.deadline, Timer::Round(id, round.id));
        self.judged.push(id);
    }

    /// Judges the services whose readings waited for this one.
    pub(super) fn release_children(&mut self, id: ServiceId) {
        let children = self.graph.children(id).to_vec();
        for child in children {
            if self.waits(child) {
                continue;
            }
            let held = self.memory(child).and_then(|memory| memory.round.as_mut()?.held.take());
            if let Some(readings) = held {
                self.conclude(child, &readings);
            }
        }
    }

    /// A service is judged after those that it needs, so that it is not blamed for their faults.
    fn take_regular(&mut self, id: ServiceId, readings: Readings) {
        if !self.waits(id) {
            self.conclude(id, &readings);
            return;
        }
        if let Some(round) = self.memory(id).and_then(|memory| memory.round.as_mut()) {
            // Those it waits for have deadlines of their own, so the wait is bounded.
            round.held = Some(Box::new(readings));
            let (deadline, timer) = (round.deadline, Timer::Round(id, round.id));
            self.timers.unset(deadline, timer);
        }
    }

    fn waits(&self, id: ServiceId) -> bool {
        let open = |parent: &ServiceId| self.memories.get(parent.index()).is_some_and(|memory| memory.round.is_some());
        self.graph.parents(id).iter().any(open)
    }

    /// Whether a service that this one needs is not up. Such a service is not judged: its faults may be those of
    /// the other.
    pub(super) fn is_blocked(&self, id: ServiceId) -> bool {
        let behaviour = &self.program.settings.behaviour;
        // One that is gone, which nobody has judged yet, is not up either.
        let up = |parent: &ServiceId| {
            self.memories.get(parent.index()).is_some_and(|memory| memory.is_up(behaviour) && memory.settling.is_none())
        };
        !self.graph.parents(id).iter().all(up)
    }

    fn conclude(&mut self, id: ServiceId, readings: &Readings) {
        let untaken = self.untaken(id, readings);
        if untaken.is_empty() {
            self.end_round(id, readings);
        } else {
            self.ask_takers(id, readings, untaken);
        }
    }

    pub(super) fn end_round(&mut self, id: ServiceId, readings: &Readings) {
        self.cancel_round(id);
        let waits = self.program.settings.behaviour.programs_wait
            && self.program.service(id).is_some_and(|service| service.kind() == ServiceKind::Program);
        match self.memory(id) {
            Some(memory) if waits && memory.monitored => memory.said = Some(Box::new(readings.clone())),
            _ => self.judge_round(id, readings),
        }
        self.recall_change(id);
    }

    fn judge_round(&mut self, id: ServiceId, readings: &Readings) {
        self.judge_readings(id, readings, false);
    }

    /// Judges a service in the middle of something that is done to it or to those that need it. It is told, and nothing is
    /// begun because of it: something is being done already.
    pub(super) fn judge_within(&mut self, id: ServiceId, readings: &Readings) {
        self.judge_readings(id, readings, true);
    }

    fn judge_readings(&mut self, id: ServiceId, readings: &Readings, is_within: bool) {
        self.note(id);
        let Some((program, index)) = self.service(id) else { return };
        let Some(service) = program.services.get(index) else { return };
        let blocked = self.is_blocked(id);
        let now = self.now;
        let settling = self.settling();
        let Some(memory) = self.memories.get_mut(index) else { return };
        if !memory.monitored || memory.busy.is_some() && !is_within {
            return;
        }
        let blocked = blocked && !is_within;
        let existence = Existence::of(&readings.presence, &program.settings.behaviour);
        let left = existence == Existence::Missing
            && matches!(readings.pidfile, Some(PidfileState::Gone | PidfileState::Unreadable));
        if left && matches!(memory.presence, Some(Presence::Present(_))) {
            // It left in good order since it was last seen: somebody may be about to start it again.
            memory.settles = now.monotonic.after(settling);
        }
        memory.see(readings);
        if left && now.monotonic < memory.settles {
            if memory.settling.is_none() {
                let look = now.monotonic.after(settling / SETTLING_LOOKS).min(memory.settles);
                memory.settling = Some(look);
                self.timers.set(look, Timer::Settled(id));
            }
            return;
        }
        memory.blocked = blocked;
        if blocked {
            return;
        }
        memory.see_contents(readings);
        let reminders = Reminders::of(service, &program.settings);
        let mut consequences = Consequences::new(is_within).reminding(reminders.is_wanted());
        if !is_within {
            memory.judge_limits(service, now, &program.settings.behaviour, &mut consequences);
        }
        if consequences.end_watch(service.mode) {
            self.follow(id, consequences, false, None);
            return;
        }
        let values = std::mem::take(&mut memory.values);
        let totals = std::mem::take(&mut memory.totals);
        let plugin = std::mem::take(&mut memory.plugin);
        let before = std::mem::take(&mut memory.marks);
        let references = std::mem::take(&mut memory.references);
        let marks = Marks::of(&memory.subjects, readings);
        let patterns = Arc::clone(&self.patterns);
        let zone = self.zone.clone();
        let evidence = Evidence {
            readings,
            existence,
            values: &values,
            before: &before,
            now: &marks,
            references: &references,
            totals: &totals,
            rates: plugin.as_ref().map_or(&[], |plugin| &plugin.rates),
            behaviour: &program.settings.behaviour,
            patterns: &patterns,
            zone: &zone,
            ignored: &service.ignored_content,
        };
        let mut rules = std::mem::take(&mut memory.rules);
        let mut data_judged = false;
        let mut is_forgotten = false;
        for (place, (rule, own)) in service.rules.iter().zip(&mut rules).enumerate() {
            // Whether it is there is told before what it is.
            if !data_judged && !matches!(rule.test, Test::Missing | Test::Present) {
                data_judged = true;
                memory.judge_limits_kept(service, existence, now, &mut consequences);
                memory.judge_data(service, &evidence, now, &mut consequences);
            }
            if is_forgotten {
                *own = RuleMemory::new(rule.rate, rule.recovery.rate, &program.settings.behaviour);
            }
            let verdict = judge::judge(place, rule, &evidence);
            let turn = if rule.test.is_news() { own.take_change(verdict.truth) } else { own.take(verdict.truth) };
            if turn == Turn::Failed {
                own.fails_as = lapse(verdict.sight);
            }
            if matches!(turn, Turn::Failed | Turn::Recovered | Turn::Changed) {
                own.message = message::rule(service, place, rule, &evidence);
                own.since = now.wall;
            }
            is_forgotten |= program.settings.behaviour.unmonitor_forgets_at_once
                && matches!(turn, Turn::Failed | Turn::Changed)
                && rule.action == Action::Unmonitor;
            consequences.add_rule(place, rule, own, turn);
            let goes_on = turn == Turn::StillFailing && rule.action != Action::Ignore;
            if goes_on && reminders.are_due(class_of(rule, own), own.cycles_failed) {
                let said = message::rule(service, place, rule, &evidence);
                consequences.remind(Some(place), class_of(rule, own), &rule.action, said, own.cycles_failed);
            }
            if turn == Turn::Failed {
                consequences.name_takers(takers::of(rule, readings));
            }
        }
        if !data_judged {
            memory.judge_limits_kept(service, existence, now, &mut consequences);
            memory.judge_data(service, &evidence, now, &mut consequences);
        }
        memory.rules = rules;
        memory.judge_exec(service, existence, now, &mut consequences);
        memory.judge_connections(service, &readings.connections, (&program.settings.behaviour, now), &mut consequences);
        memory.values = values;
        memory.totals = totals;
        memory.plugin = plugin;
        memory.references = references;
        memory.marks = before;
        if existence == Existence::Missing && program.settings.behaviour.absence_ends_comparison {
            memory.marks.end_process();
        }
        if existence == Existence::Missing && program.settings.behaviour.missing_has_no_mode {
            memory.marks.begin_without_mode(&memory.subjects);
        }
        memory.marks.take(marks);
        let gone = (existence == Existence::Missing).then_some((id, now.monotonic, None));
        let there = memory.identity.map(|identity| (id, now.monotonic, Some(identity)));
        self.follow(id, consequences, false, gone.or(there));
    }
}

impl Memory {
    /// Remembers what a regular round saw; rates start from it the next time.
    fn see(&mut self, readings: &Readings) {
        self.see_presence(readings);
        self.values = measure::measure(readings, &self.base, self.identity);
        self.base.take(readings, self.identity);
        self.totals.take(readings);
        if let Some(report) = &readings.plugin {
            self.plugin.get_or_insert_default().see(report, readings.taken.monotonic);
        }
        for (fact, reading) in &readings.facts {
            if let (Fact::Checksum(hash), Reading::Known(FactValue::Text(digits))) = (fact, reading)
                && !self.references.iter().any(|(kind, _)| kind == hash)
            {
                self.references.push((*hash, digits.clone()));
            }
        }
        self.connections.clone_from(&readings.connections);
    }

    /// Remembers how far a file was read. What is not judged is read again, so that no line is missed.
    fn see_contents(&mut self, readings: &Readings) {
        if let Some(Reading::Known(FactValue::Lines(lines))) = readings.facts.get(&Fact::Lines) {
            self.position = Some(lines.until);
        }
    }

    /// Remembers whether the thing is there.
    pub(super) fn see_presence(&mut self, readings: &Readings) {
        match (&readings.presence, self.identity) {
            (Presence::Absent(_), Some(main)) => self.fall(main, readings),
            (Presence::Zombie(main), _) => self.fall(*main, readings),
            (Presence::Present(_), _) => self.fallen = None,
            _ => {}
        }
        self.identity = match &readings.presence {
            Presence::Present(identity) | Presence::Zombie(identity) => Some(*identity),
            Presence::Absent(_) | Presence::Invalid(_) => None,
            // Nobody saw it leave.
            Presence::Unknown(_) => self.identity,
        };
        self.was_gone = match &readings.presence {
            Presence::Present(_) => false,
            Presence::Absent(_) | Presence::Invalid(_) | Presence::Zombie(_) => true,
            Presence::Unknown(_) => self.was_gone,
        };
        self.has_left = false;
        self.presence = Some(readings.presence.clone());
        self.taken = Some(readings.taken);
    }

    /// Remembers what a process left behind that ended by itself.
    pub(super) fn fall(&mut self, main: Identity, readings: &Readings) {
        self.fallen = Fallen::of(main, readings).map(Box::new);
    }

    /// The rules that nobody writes: what is there can be read, and is of the right type.
    fn judge_data(
        &mut self,
        service: &Service,
        evidence: &Evidence<'_>,
        now: super::Now,
        consequences: &mut Consequences,
    ) {
        let presence = &evidence.readings.presence;
        let undead = self.data_trouble == DataTrouble::Zombie;
        let truth = match evidence.existence {
            Existence::Unknown | Existence::Undead => Truth::Holds,
            // What is gone is no zombie, but nobody has seen one that is well either.
            Existence::Missing if undead => Truth::Unknown,
            _ => Truth::Passes,
        };
        match evidence.existence {
            Existence::Unknown => self.data_trouble = DataTrouble::Access,
            Existence::Undead => self.data_trouble = DataTrouble::Zombie,
            _ => {}
        }
        let sentence = || match presence {
            Presence::Unknown(reason) => reason.clone(),
            _ if truth == Truth::Holds => message::zombie(judge::pid(presence)),
            _ if undead => "zombie check succeeded".to_owned(),
            _ => "data access succeeded".to_owned(),
        };
        let turn = self.data.take(truth);
        consequences.add_own(&mut self.data, None, turn, (EventClass::Data, &Action::Alert), sentence, now);

        let truth = match evidence.existence {
            Existence::Wrong => Truth::Holds,
            Existence::There | Existence::Undead => Truth::Passes,
            Existence::Missing | Existence::Unknown => Truth::Unknown,
        };
        let sentence = || match presence {
            Presence::Invalid(_) if evidence.behaviour.tells_what_it_is_not => message::wrong_type(service),
            Presence::Invalid(reason) => reason.clone(),
            _ => message::right_type(service),
        };
        let turn = self.invalid.take(truth);
        let invalid = (EventClass::Invalid, &Action::Restart);
        consequences.add_own(&mut self.invalid, Some(Source::Invalid), turn, invalid, sentence, now);
    }

    /// A deed that failed counts as mended when its service is there all the same.
    fn judge_exec(&mut self, service: &Service, existence: Existence, now: super::Now, to: &mut Consequences) {
        if !self.exec.failed || existence != Existence::There {
            return;
        }
        let process = service.kind() == ServiceKind::Process;
        if !(process && self.exec_brings_up) && self.has_observed_errors() {
            return;
        }
        let what = if process { "process is running".to_owned() } else { message::there(service, None) };
        let sentence = || format!("{what} after previous exec error (slow starting or manually recovered?)");
        let turn = self.exec.take(Truth::Passes);
        to.add_own(&mut self.exec, None, turn, (EventClass::Exec, &Action::Alert), sentence, now);
    }
}

/// What a rule fails as, where that is not what its test is about: a connection that was made can be slow, and its
/// certificate can be about to expire.
fn lapse(sight: Sight<'_>) -> Option<EventClass> {
    match sight {
        Sight::Slow(_) => Some(EventClass::Speed),
        Sight::Expiring(_) => Some(EventClass::Timestamp),
        _ => None,
    }
}

/// The class of the present events of a rule.
pub(super) fn class_of(rule: &Rule, memory: &RuleMemory) -> EventClass {
    memory.fails_as.unwrap_or_else(|| class(&rule.test))
}

/// The class of a rule's events.
pub(crate) fn class(test: &Test) -> EventClass {
    use super::Metric;
    match test {
        Test::Missing => EventClass::Nonexist,
        Test::Present => EventClass::Exist,
        Test::Permission { .. } => EventClass::Permission,
        Test::Connection(_) => EventClass::Connection,
        Test::Limit(limit) => match limit.metric {
            Metric::Size => EventClass::Size,
            Metric::Timestamp(_) => EventClass::Timestamp,
            Metric::Uptime => EventClass::Uptime,
            Metric::Status => EventClass::Status,
            Metric::Saturation => EventClass::Saturation,
            Metric::Upload if limit.pieces => EventClass::PacketOut,
            Metric::Upload => EventClass::ByteOut,
            Metric::Download if limit.pieces => EventClass::PacketIn,
            Metric::Download => EventClass::ByteIn,
            _ => EventClass::Resource,
        },
        // Tests that are joined are told as the first of them.
        Test::All(parts) | Test::Any(parts) => parts.first().map_or(EventClass::Resource, class),
        Test::Not(part) => class(part),
        Test::Changed(changed) => match changed {
            Changed::Pid => EventClass::Pid,
            Changed::Ppid => EventClass::Ppid,
            Changed::FilesystemFlags => EventClass::FilesystemFlags,
            Changed::Status => EventClass::Status,
            Changed::Link => EventClass::Speed,
            Changed::Timestamp(_) => EventClass::Timestamp,
            Changed::Size => EventClass::Size,
            Changed::Permission => EventClass::Permission,
            Changed::Checksum(_) => EventClass::Checksum,
        },
        Test::Owner(Owner::Uid | Owner::Euid, _) => EventClass::Uid,
        Test::Owner(Owner::Gid, _) => EventClass::Gid,
        Test::SecurityAttribute(_) => EventClass::Invalid,
        Test::Checksum { .. } => EventClass::Checksum,
        Test::Content(_) => EventClass::Content,
        Test::Link { .. } => EventClass::Link,
        Test::Ping(_) => EventClass::Icmp,
        Test::Performance(_) => EventClass::Resource,
        Test::Plugin(test) => match **test {
            PluginTest::Outcome(_) => EventClass::Status,
            PluginTest::Limit(_) | PluginTest::Rate(_) | PluginTest::Changed(_) => EventClass::Resource,
        },
    }
}
