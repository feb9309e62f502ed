//! One step of an undertaking: run a program or send a signal, then look until it has had its effect.

use std::sync::Arc;
use std::time::Duration;

use super::deed::{Phase, Progress, Step, StepKind, Undertaking, UndertakingId};
use super::family::FamilyOf;
use super::judge::Existence;
use super::readings::{Identity, Presence, Reading, Readings};
use super::remains::left_over;
use super::{
    ABSENCE_BELIEVED, CALLED_LATE, Deed, DeedId, DeedKind, EXISTENCE_DEADLINE, Engine, FIRST_LOOK, KILL_TIMEOUT,
    LONGEST_LOOK, Order, Outcome, Owner, RoundId, STALL_GRACE, ServiceId, TERMINATE_TIMEOUT, Timer, first_lines, plan,
};
use crate::durable::KeptStep;
use crate::program::{Command, Service};
use grammar::ast::ServiceKind;

/// How far a step is.
#[derive(Debug)]
pub(super) enum Pace {
    /// It waits for a program, for readings or for time to pass.
    Waits,
    /// It has had its effect.
    Done,
    /// It has not, and will not: the sentence for the event.
    Failed(String),
}

impl Engine {
    /// Goes on with an undertaking until it waits or ends.
    pub(super) fn drive(&mut self, id: UndertakingId, mut one: Undertaking, mut pace: Pace) {
        loop {
            match pace {
                Pace::Waits => {
                    self.wait_for(id, &mut one);
                    self.undertakings.insert(id, one);
                    return;
                }
                Pace::Done => self.step_done(&mut one),
                Pace::Failed(message) => self.step_failed(&mut one, message),
            }
            pace = match self.next_step(&mut one) {
                Some(step) => match self.failing_need(&one, step) {
                    // Checked once; what still fails then keeps what needs it down.
                    Some(need)
                        if self.program.settings.behaviour.needs_are_checked
                            && !one.checked.contains(&need)
                            && self.may_check(&one, need) =>
                    {
                        one.checked.push(need);
                        if !one.services.contains(&need) {
                            self.occupy(need, id);
                            one.services.push(need);
                        }
                        one.steps.push_front(step);
                        self.begin_step(id, &mut one, Step { service: need, kind: StepKind::Check })
                    }
                    Some(need) => self.refuse_step(&mut one, step, need),
                    None => self.begin_step(id, &mut one, step),
                },
                None => {
                    self.finish(one);
                    return;
                }
            };
        }
    }

    fn begin_step(&mut self, id: UndertakingId, one: &mut Undertaking, step: Step) -> Pace {
        let Some((program, index)) = self.service(step.service) else { return Pace::Done };
        let Some(service) = program.services.get(index) else { return Pace::Done };
        let process = service.kind() == ServiceKind::Process;
        one.progress = Some(self.progress(step, service));
        let (fallen, family) = self.left_behind(one.wish.verb, step, service);
        if let Some(progress) = &mut one.progress {
            (progress.fallen, progress.family) = (fallen, family);
        }
        match step.kind {
            StepKind::Check => self.begin_check(one, step.service),
            StepKind::Start if service.start.is_none() && !self.is_looked_for(one, step, service) => Pace::Done,
            StepKind::Stop if service.stop.is_none() && !self.stops_by_signal(service) => Pace::Done,
            StepKind::Restart => self.run_step(id, one, service),
            StepKind::Start | StepKind::Stop if !process => self.run_step(id, one, service),
            StepKind::Start | StepKind::Stop => match self.believed(one, step) {
                Some(seen) => self.decide(id, one, service, seen),
                None => {
                    // Nobody starts a second copy or stops what is not there: look first.
                    if let Some(progress) = &mut one.progress {
                        progress.next_look = Some(self.now.monotonic);
                    }
                    Pace::Waits
                }
            },
        }
    }

    /// A step that begins.
    pub(super) fn progress(&mut self, step: Step, service: &Service) -> Progress {
        Progress {
            step,
            phase: Phase::Look,
            deed: None,
            ended: None,
            over: false,
            graced: false,
            gone: false,
            before: self.memory(step.service).and_then(|memory| memory.identity),
            family: None,
            fallen: None,
            mourned: None,
            killed: Vec::new(),
            deadline: self
                .now
                .monotonic
                .after(command(service, step.kind).map_or(TERMINATE_TIMEOUT, |one| one.timeout)),
            look: None,
            next_look: None,
            pause: FIRST_LOOK,
        }
    }

    /// What was seen of the service so short a time ago that it need not be looked at again.
    fn believed(&self, one: &Undertaking, step: Step) -> Option<Option<Identity>> {
        let (seen, at, identity) = one.seen?;
        // Who belongs to a process can be seen only while it is there, and what could not be ended may be gone by now.
        let is_whole = match step.kind {
            StepKind::Stop if one.progress.as_ref().is_some_and(|progress| progress.fallen.is_some()) => false,
            StepKind::Stop => identity.is_none() || !self.program.settings.behaviour.stop_by_signal,
            _ => one.progress.as_ref().is_none_or(|progress| progress.family.is_none()),
        };
        (seen == step.service && is_whole && self.now.monotonic.since(at) <= ABSENCE_BELIEVED).then_some(identity)
    }

    /// A process is there or not: what is there to do?
    fn decide(&mut self, id: UndertakingId, one: &mut Undertaking, service: &Service, seen: Option<Identity>) -> Pace {
        let Some(progress) = &mut one.progress else { return Pace::Done };
        progress.before = seen;
        let (step, now) = (progress.step, self.now.monotonic);
        if step.kind == StepKind::Start && service.start.is_none() {
            return Pace::Done;
        }
        if let Some(until) = self.waits_for_earlier(step.service, step.kind, seen.is_some()) {
            let patience = command(service, step.kind).map_or(TERMINATE_TIMEOUT, |one| one.timeout);
            progress.deadline = until.after(patience);
            progress.next_look = Some(progress.next_look.unwrap_or(now).min(until).max(now.after(FIRST_LOOK)));
            return Pace::Waits;
        }
        if seen.is_none() && progress.has_remains() {
            return self.end_remains(id, one);
        }
        match (step.kind, seen) {
            (StepKind::Start, Some(_)) | (StepKind::Stop, None) => Pace::Done,
            // Beside what is left of the one before, no other is started.
            (StepKind::Start, None) if progress.family.as_ref().is_some_and(|family| !family.members.is_empty()) => {
                Pace::Failed(left_over(progress))
            }
            // It was waited for, and something that it needs is gone by now.
            (StepKind::Start, None) if self.is_left_down(one, step) => {
                let dependants = self.graph.descendants(step.service);
                one.steps.retain(|other| !dependants.contains(&other.service));
                Pace::Done
            }
            (StepKind::Stop, Some(identity)) if service.stop.is_none() => {
                self.signal(id, one, Phase::Terminate, identity);
                Pace::Waits
            }
            _ => self.run_step(id, one, service),
        }
    }

    fn run_step(&mut self, id: UndertakingId, one: &mut Undertaking, service: &Service) -> Pace {
        let Some(progress) = &mut one.progress else { return Pace::Done };
        let kind = progress.step.kind;
        let Some(command) = command(service, kind).cloned() else { return Pace::Done };
        if progress.fallen.take().is_some() {
            progress.family = None;
        }
        progress.phase = Phase::Program;
        progress.deadline = self.now.monotonic.after(command.timeout);
        let process = service.kind() == ServiceKind::Process;
        progress.next_look = process.then(|| self.now.monotonic.after(FIRST_LOOK));
        progress.pause = FIRST_LOOK;
        let kind = match kind {
            StepKind::Start => DeedKind::Start(command),
            StepKind::Stop => DeedKind::Stop(command),
            StepKind::Restart => DeedKind::Restart(command),
            StepKind::Check => return Pace::Done,
        };
        self.act(id, one, kind);
        Pace::Waits
    }

    fn signal(&mut self, id: UndertakingId, one: &mut Undertaking, phase: Phase, identity: Identity) {
        let Some(progress) = &mut one.progress else { return };
        progress.phase = phase;
        progress.before = Some(identity);
        progress.ended = None;
        progress.pause = FIRST_LOOK;
        progress.next_look = Some(self.now.monotonic.after(FIRST_LOOK));
        let kill = phase == Phase::Kill;
        progress.deadline = self.now.monotonic.after(if kill { KILL_TIMEOUT } else { TERMINATE_TIMEOUT });
        if kill {
            let mut all = vec![identity];
            all.extend(progress.family.iter().flat_map(|family| family.all_but(&[identity])));
            progress.killed.clone_from(&all);
            self.act(id, one, DeedKind::Kill(all));
        } else {
            self.act(id, one, DeedKind::Terminate(identity));
        }
    }

    /// Ends whoever came to a family that is being killed.
    fn kill_more(&mut self, id: UndertakingId, one: &mut Undertaking) {
        let Some(progress) = &mut one.progress else { return };
        let more = progress.family.as_ref().map(|family| family.all_but(&progress.killed)).unwrap_or_default();
        if progress.phase == Phase::Kill && !more.is_empty() {
            progress.killed.extend(&more);
            self.act(id, one, DeedKind::Kill(more));
        }
    }

    pub(super) fn act(&mut self, id: UndertakingId, one: &mut Undertaking, kind: DeedKind) {
        let (deed, now) = (DeedId(self.number()), self.now.monotonic);
        let reason = one.wish.reason.clone();
        let Some(progress) = &mut one.progress else { return };
        if let Some(former) = progress.deed.replace(deed) {
            self.deeds.remove(&former);
        }
        let (service, deadline) = (progress.step.service, progress.deadline);
        let intended = match kind {
            DeedKind::Start(_) | DeedKind::Restart(_) | DeedKind::Exec(_) => KeptStep::Start,
            DeedKind::Stop(_) => KeptStep::Stop,
            DeedKind::Terminate(_) | DeedKind::Kill(_) => KeptStep::Signal,
        };
        self.intend(one, service, intended, deadline);
        self.deeds.insert(deed, Owner::Step(id));
        if matches!(kind, DeedKind::Start(_) | DeedKind::Restart(_))
            && let Some(memory) = self.memory(service)
        {
            memory.started = Some(now);
        }
        let ordered = Deed { service, kind, reason };
        self.begin_deed(deed, &ordered, None);
        self.orders.push(Order::Act(deed, ordered));
    }

    /// Looks if it is time to, and sets the timer of the undertaking.
    fn wait_for(&mut self, id: UndertakingId, one: &mut Undertaking) {
        let now = self.now.monotonic;
        let round = RoundId(self.number());
        let Some(progress) = &mut one.progress else { return };
        if progress.look.is_none() && progress.next_look.is_some_and(|at| at <= now) {
            progress.look = Some((round, now.after(EXISTENCE_DEADLINE)));
            progress.next_look = None;
            let mut plan = plan::existence(None);
            if let Some(known) = progress.family.clone() {
                plan.family = Some(Box::new(FamilyOf { main: progress.before.or(progress.fallen), known }));
            }
            self.orders.push(Order::Observe(progress.step.service, round, Arc::new(plan)));
        }
        let look = progress.look.map(|(_, deadline)| deadline);
        let timer = [look, progress.next_look.filter(|_| look.is_none())]
            .into_iter()
            .flatten()
            .fold(progress.deadline, Ord::min);
        if let Some(former) = one.timer.replace(timer) {
            self.timers.unset(former, Timer::Step(id));
        }
        self.timers.set(timer, Timer::Step(id));
    }

    /// Takes an undertaking out, to go on with it.
    fn resume(&mut self, id: UndertakingId) -> Option<Undertaking> {
        let mut one = self.undertakings.remove(&id)?;
        if let Some(timer) = one.timer.take() {
            self.timers.unset(timer, Timer::Step(id));
        }
        Some(one)
    }

    /// The time has come to look again, to give up a look, or to give up the step.
    pub(super) fn continue_undertaking(&mut self, id: UndertakingId) {
        let now = self.now.monotonic;
        let Some(mut one) = self.resume(id) else { return };
        let Some(progress) = &mut one.progress else { return };
        if progress.look.is_some_and(|(_, deadline)| deadline <= now) {
            look_again(progress, now.after(progress.pause));
        }
        if now.since(progress.deadline) > CALLED_LATE && !progress.graced {
            progress.graced = true;
            progress.deadline = now.after(STALL_GRACE);
            progress.next_look = progress.next_look.map(|_| now);
        }
        let pace = if progress.deadline <= now { self.overdue(id, &mut one) } else { Pace::Waits };
        self.drive(id, one, pace);
    }

    fn overdue(&mut self, id: UndertakingId, one: &mut Undertaking) -> Pace {
        let Some(progress) = &one.progress else { return Pace::Done };
        let Step { service, kind } = progress.step;
        let cannot_start = self.program.service(service).is_some_and(|one| one.start.is_none());
        if kind == StepKind::Check || kind == StepKind::Start && cannot_start {
            return Pace::Done;
        }
        match (progress.phase, progress.before) {
            (Phase::Terminate, Some(identity)) => {
                self.signal(id, one, Phase::Kill, identity);
                Pace::Waits
            }
            (Phase::Terminate | Phase::Kill, _) => Pace::Failed(left_over(progress)),
            (Phase::Look, _) if progress.has_remains() => self.end_remains(id, one),
            (Phase::Look, _) => {
                let word = kind.word();
                Pace::Failed(format!("failed to {word} -- nobody can tell whether the process is running"))
            }
            (Phase::Program, _) => self.without_effect(id, one),
        }
    }

    /// The time of a program is over. A stop that is to end all of a process goes on by signals.
    fn without_effect(&mut self, id: UndertakingId, one: &mut Undertaking) -> Pace {
        let Some(progress) = &one.progress else { return Pace::Done };
        let is_stop = progress.step.kind == StepKind::Stop;
        let members = progress.family.as_ref().map(|family| !family.members.is_empty());
        match (progress.gone && is_stop, members, progress.before) {
            (true, Some(true), Some(identity)) => self.signal(id, one, Phase::Kill, identity),
            (true, ..) => return Pace::Done,
            (false, Some(_), Some(identity)) if is_stop => self.signal(id, one, Phase::Terminate, identity),
            (false, ..) => return Pace::Failed(self.failure(progress, None)),
        }
        Pace::Waits
    }

    /// Takes readings that a step asked for; whether they were.
    pub(super) fn take_look(&mut self, service: ServiceId, round: RoundId, readings: &Readings) -> bool {
        let Some(id) = self.memories.get(service.index()).and_then(|memory| memory.busy) else { return false };
        let asked = |one: &Undertaking| {
            one.progress.as_ref().is_some_and(|progress| progress.look.is_some_and(|(look, _)| look == round))
        };
        if !self.undertakings.get(&id).is_some_and(asked) {
            return false;
        }
        let Some(mut one) = self.resume(id) else { return false };
        let pace = self.judge_look(id, &mut one, service, readings);
        self.drive(id, one, pace);
        true
    }

    fn judge_look(&mut self, id: UndertakingId, one: &mut Undertaking, at: ServiceId, readings: &Readings) -> Pace {
        let Some((program, index)) = self.service(at) else { return Pace::Done };
        let Some(service) = program.services.get(index) else { return Pace::Done };
        if one.progress.as_ref().is_some_and(|progress| progress.step.kind == StepKind::Check) {
            self.judge_within(at, readings);
            return Pace::Done;
        }
        let existence = Existence::of(&readings.presence, &program.settings.behaviour);
        let now = self.now.monotonic;
        let Some(progress) = &mut one.progress else { return Pace::Done };
        look_again(progress, now.after(progress.pause));
        let seen = match (&readings.presence, existence.exists()) {
            (_, None) => return Pace::Waits,
            (Presence::Present(identity) | Presence::Zombie(identity), Some(true)) => Some(*identity),
            _ => None,
        };
        if let Some(memory) = self.memory(at) {
            let fallen = memory.fallen.take().filter(|_| seen.is_none());
            memory.see_presence(readings);
            // What the step began with is its affair, and what it stops does not fall.
            memory.fallen = fallen;
        }
        one.seen = Some((at, now, seen));
        if let (Some(family), Some(Reading::Known(seen))) = (&mut progress.family, &readings.family) {
            family.clone_from(seen);
            if progress.fallen.is_some() {
                family.kin.clear();
            }
        }
        let well = existence == Existence::There;
        let same = progress.before.zip(seen).is_some_and(|(before, seen)| before.is_same(&seen));
        progress.gone = !same;
        let is_alone = progress
            .family
            .as_ref()
            .is_none_or(|family| family.members.is_empty() && (progress.phase != Phase::Kill || family.kin.is_empty()));
        let done = match (progress.phase, progress.step.kind) {
            (Phase::Look, _) => return self.decide(id, one, service, seen),
            (Phase::Program, StepKind::Start) => well,
            (_, StepKind::Check) => true,
            (Phase::Program, StepKind::Restart) => well && (progress.ended.is_some() || !same),
            // A stop program that still runs might take down what is started next.
            (Phase::Program, StepKind::Stop) => !same && progress.over && is_alone,
            // What was left behind is gone.
            (Phase::Kill, StepKind::Start) if is_alone => return self.decide(id, one, service, seen),
            (Phase::Terminate | Phase::Kill, _) => !same && is_alone,
        };
        if done {
            return Pace::Done;
        }
        self.kill_more(id, one);
        Pace::Waits
    }

    pub(super) fn take_step_outcome(&mut self, id: UndertakingId, deed: DeedId, outcome: Outcome) {
        let Some(mut one) = self.resume(id) else { return };
        let pace = self.judge_outcome(id, &mut one, deed, outcome);
        self.drive(id, one, pace);
    }

    fn judge_outcome(&mut self, id: UndertakingId, one: &mut Undertaking, deed: DeedId, outcome: Outcome) -> Pace {
        let now = self.now.monotonic;
        let counts = self.program.settings.behaviour.exit_status_counts;
        let program = Arc::clone(&self.program);
        let Some(progress) = one.progress.as_mut().filter(|progress| progress.deed == Some(deed)) else {
            return Pace::Waits;
        };
        let process = program.service(progress.step.service).is_some_and(|one| one.kind() == ServiceKind::Process);
        let signal = progress.phase != Phase::Program;
        progress.over |= outcome != Outcome::Running;
        match outcome {
            Outcome::Running => Pace::Waits,
            Outcome::Ended { status, output, .. } if !signal => {
                progress.ended = Some((status, output));
                if counts && status != 0 {
                    return Pace::Failed(self.failure(progress, None));
                }
                if !process {
                    return Pace::Done;
                }
                look_soon(progress, now);
                Pace::Waits
            }
            // Whoever may not end a process may not kill it either.
            Outcome::Refused(reason) if !signal || progress.phase == Phase::Terminate => {
                Pace::Failed(self.failure(progress, Some(&reason)))
            }
            Outcome::TimedOut if !signal => self.without_effect(id, one),
            // The signal was sent, or there was nobody to send it to.
            Outcome::Ended { .. } | Outcome::Refused(_) | Outcome::TimedOut => {
                look_soon(progress, now);
                Pace::Waits
            }
        }
    }

    /// The sentence about a program that had no effect.
    fn failure(&self, progress: &Progress, refused: Option<&str>) -> String {
        let word = progress.step.kind.word();
        let command = self.program.service(progress.step.service).and_then(|one| command(one, progress.step.kind));
        let path = command.and_then(|command| command.argv.first()).map_or("", String::as_str);
        let timeout = command.map(|command| command.timeout).unwrap_or_default();
        let unseen = self.unseen(progress);
        match (refused, &progress.ended) {
            (Some(reason), _) => format!("failed to {word} (exit status -1) -- {reason}"),
            (None, Some((status, output))) => match output.trim() {
                "" => format!("failed to {word} (exit status {status}) -- no output{unseen}"),
                output => {
                    format!("failed to {word} (exit status {status}) -- '{path}': {}{unseen}", first_lines(output))
                }
            },
            (None, None) => {
                format!(
                    "failed to {word} -- '{path}' still runs without effect after {} seconds{unseen}",
                    timeout.as_secs()
                )
            }
        }
    }
}

/// The program that a step runs.
fn command(service: &Service, kind: StepKind) -> Option<&Command> {
    match kind {
        StepKind::Start => service.start.as_deref(),
        StepKind::Stop => service.stop.as_deref(),
        StepKind::Restart => service.restart.as_deref(),
        StepKind::Check => None,
    }
}

/// Ends a look and arranges the next, after a longer pause.
fn look_again(progress: &mut Progress, at: super::Monotonic) {
    progress.look = None;
    progress.next_look = Some(at);
    progress.pause = progress.pause.saturating_mul(2).min(LONGEST_LOOK).max(Duration::from_millis(1));
}

/// Something happened: the next look is due now, and those after it follow closely again.
fn look_soon(progress: &mut Progress, now: super::Monotonic) {
    progress.next_look = Some(now);
    progress.pause = FIRST_LOOK;
}
