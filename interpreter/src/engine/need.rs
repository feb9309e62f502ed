//! What a service needs, right before it is started: it is checked, and what is started under it waits for it or stays down.

use super::deed::{Step, StepKind, Undertaking};
use super::memory::Memory;
use super::readings::Presence;
use super::step::Pace;
use super::{Engine, Order, RoundId, ServiceId};
use crate::program::Service;
use grammar::ast::ServiceKind;

impl Engine {
    /// A service that the step's own needs and that fails: where what is needed is checked, nothing is started before that
    /// is well. Elsewhere it must be there, and what ruled cannot start itself keeps the others down.
    pub(super) fn failing_need(&self, one: &Undertaking, step: Step) -> Option<ServiceId> {
        // What begins to fail meanwhile was well when this was decided.
        let counts = |parent: &ServiceId| one.services.contains(parent) || one.ailing.contains(parent);
        let has_errors = |parent: &ServiceId| self.memories.get(parent.index()).is_some_and(Memory::has_errors);
        let is_checked = self.program.settings.behaviour.needs_are_checked;
        let cannot_start = |parent: &ServiceId| self.program.service(*parent).is_some_and(|one| one.start.is_none());
        let fails = |parent: &&ServiceId| match is_checked {
            true => counts(parent) && has_errors(parent),
            // What was to come up together with these was looked for a moment ago.
            false => {
                let is_certain = one.services.contains(parent) || has_errors(parent);
                cannot_start(parent) && self.is_missing(**parent) && is_certain
            }
        };
        let asks = step.kind == StepKind::Start;
        asks.then(|| self.graph.parents(step.service).iter().find(fails).copied()).flatten()
    }

    /// Whether a process that ruled cannot start is looked for, because something is to be started that needs it.
    pub(super) fn is_looked_for(&self, one: &Undertaking, step: Step, service: &Service) -> bool {
        let dependants = self.graph.descendants(step.service);
        let is_needed = |later: &Step| later.kind == StepKind::Start && dependants.contains(&later.service);
        let is_strict = !self.program.settings.behaviour.needs_are_checked;
        is_strict && service.kind() == ServiceKind::Process && one.steps.iter().any(is_needed)
    }

    /// Takes the next step that makes sense.
    pub(super) fn next_step(&self, one: &mut Undertaking) -> Option<Step> {
        loop {
            let step = one.steps.pop_front()?;
            if !self.is_left_down(one, step) {
                return Some(step);
            }
            let dependants = self.graph.descendants(step.service);
            one.steps.retain(|other| !dependants.contains(&other.service));
        }
    }

    /// Whether a service that was stopped for the sake of this one stays down, because something else that it needs is not
    /// there. It comes up when that does, or when it is looked at after that. Its own start, and that of what it needs, is left
    /// to what these need where that has gone meanwhile, and waits for its turn to be started together with all that needs it.
    pub(super) fn is_left_down(&self, one: &Undertaking, step: Step) -> bool {
        // Those that it concerns come up before, unless it failed.
        let is_missing =
            |parent: &ServiceId| (one.failed || !one.services.contains(parent)) && self.is_missing(*parent);
        let is_for_another = step.kind == StepKind::Start
            && step.service != one.service
            && self.graph.descendants(one.service).contains(&step.service);
        // What an earlier run was about to start: nothing was known of its needs then.
        let goes_on = step.kind == StepKind::Start
            && self.memories.get(step.service.index()).is_some_and(|memory| memory.earlier.is_some());
        // It waited for what its predecessor left behind.
        let has_waited = one.progress.as_ref().is_some_and(|progress| progress.fallen.is_some());
        // What left in good order a moment ago is judged soon.
        let has_left = |parent: &ServiceId| {
            self.memories.get(parent.index()).is_some_and(|memory| memory.has_left || memory.settling.is_some())
        };
        let is_next = |parent: &ServiceId| {
            let is_awaited = self.wishing.contains(parent) || has_left(parent);
            !one.services.contains(parent) && self.is_missing(*parent) && is_awaited
        };
        let is_own = step.kind == StepKind::Start && !is_for_another;
        let is_strict = !self.program.settings.behaviour.needs_are_checked;
        let parents = self.graph.parents(step.service);
        (goes_on || has_waited || is_for_another && is_strict) && parents.iter().any(is_missing)
            || is_own && is_strict && parents.iter().any(is_next)
    }

    /// Whether a service is watched and known not to be there.
    pub(super) fn is_missing(&self, id: ServiceId) -> bool {
        self.memories.get(id.index()).is_some_and(|memory| {
            let is_gone = match &memory.presence {
                // One that was seen since came back.
                Some(Presence::Absent(_)) => memory.identity.is_none(),
                Some(Presence::Zombie(_)) => !self.program.settings.behaviour.zombie_exists,
                // Nobody saw it come. Monit goes by what it judged.
                Some(Presence::Unknown(_)) => memory.was_gone && !self.program.settings.behaviour.needs_are_checked,
                _ => false,
            };
            memory.monitored && (is_gone || memory.has_left)
        })
    }

    /// Whether nobody else is about to do something to the service.
    pub(super) fn may_check(&self, one: &Undertaking, id: ServiceId) -> bool {
        one.services.contains(&id) || self.memories.get(id.index()).is_some_and(|memory| memory.busy.is_none())
    }

    pub(super) fn refuse_step(&mut self, one: &mut Undertaking, step: Step, need: ServiceId) -> Pace {
        let Some((program, index)) = self.service(step.service) else { return Pace::Done };
        let Some(service) = program.services.get(index) else { return Pace::Done };
        one.progress = Some(self.progress(step, service));
        let name = program.service(need).map_or("", |need| need.name.as_str());
        Pace::Failed(format!("failed to start -- could not start required services: '{name}'"))
    }

    /// Looks at everything that rules want to know of a service.
    pub(super) fn begin_check(&mut self, one: &mut Undertaking, id: ServiceId) -> Pace {
        let round = RoundId(self.number());
        let now = self.now.monotonic;
        let follow = self.memories.get(id.index()).and_then(|memory| memory.position);
        let (Some(plan), Some(progress)) = (self.plans.get(id.index()), &mut one.progress) else { return Pace::Done };
        let plan = plan.going_on_from(follow);
        progress.deadline = now.after(plan.deadline);
        progress.look = Some((round, progress.deadline));
        self.orders.push(Order::Observe(id, round, plan));
        Pace::Waits
    }
}
