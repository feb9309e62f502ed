//! Undertakings: a wish becomes steps on a service, on those that it needs and on those that need it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::deed::{Source, Step, StepKind, Undertaking, UndertakingId, Verb, Wish};
use super::follow::Seen;
use super::memory::Memory;
use super::readings::Presence;
use super::step::Pace;
use super::{Engine, ServiceId, Stage};
use crate::durable::KeptStep;
use crate::program::Service;
use grammar::ast::ServiceKind;

impl Engine {
    /// Begins an undertaking; hands the wish back when a service that it concerns is busy with another.
    pub(super) fn undertake(&mut self, id: ServiceId, wish: Wish, seen: Seen) -> Result<(), Wish> {
        let steps = self.steps(id, wish.verb);
        let mut services: Vec<ServiceId> = steps.iter().map(|step| step.service).collect();
        services.push(id);
        services.sort();
        services.dedup();
        let busy = |one: &ServiceId| self.memories.get(one.index()).is_some_and(|memory| memory.busy.is_some());
        if services.iter().any(busy) {
            return Err(wish);
        }
        let undertaking = UndertakingId(self.number());
        for service in &services {
            self.occupy(*service, undertaking);
        }
        if wish.verb != Verb::Stop {
            // Whoever wants it up wants it watched, with all that it needs.
            let starts = steps.iter().filter(|step| step.kind != StepKind::Stop).map(|step| step.service);
            let needed = self.graph.ancestors(id);
            for service in starts.filter(|one| needed.contains(one)).chain([id]).collect::<Vec<_>>() {
                self.note(service);
                if let Some(memory) = self.memory(service) {
                    memory.monitored = true;
                }
            }
        }
        self.put_off(id, &wish.sources, 1);
        let is_asked = wish.sources.contains(&Source::Person);
        let has_errors = |one: &ServiceId| self.memories.get(one.index()).is_some_and(Memory::has_errors);
        let needed = services.iter().flat_map(|one| self.graph.parents(*one)).copied();
        let ailing: Vec<ServiceId> = needed.filter(has_errors).collect();
        let undertaken = Undertaking {
            service: id,
            wish,
            services,
            steps,
            progress: None,
            touched: Vec::new(),
            checked: Vec::new(),
            ailing,
            failed: false,
            seen,
            timer: None,
        };
        if is_asked && !undertaken.steps.is_empty() {
            // Others may be stopped or started before it is its turn.
            self.intend(&undertaken, id, KeptStep::Nothing, self.now.monotonic);
        }
        self.drive(undertaking, undertaken, Pace::Done);
        Ok(())
    }

    /// The steps in their order: what the service needs is started first, what needs it is stopped before it and
    /// started after it.
    pub(super) fn steps(&self, id: ServiceId, verb: Verb) -> VecDeque<Step> {
        let own = self.own_steps(id, verb);
        let mut steps = VecDeque::new();
        if own.is_empty() {
            return steps;
        }
        let descendants = self.graph.descendants(id);
        if matches!(verb, Verb::Start | Verb::Restart) {
            let down = |one: &ServiceId| self.memories.get(one.index()).is_some_and(is_down);
            let needed = self.graph.ancestors(id).into_iter().filter(down);
            steps.extend(needed.map(|service| Step { service, kind: StepKind::Start }));
        }
        let watched = |one: &ServiceId| self.memories.get(one.index()).is_some_and(|memory| memory.monitored);
        let dependants: Vec<Step> = match verb {
            Verb::Stop => descendants.into_iter().flat_map(|one| self.own_steps(one, verb)).collect(),
            Verb::Restart => descendants.into_iter().filter(watched).flat_map(|one| self.stop_and_start(one)).collect(),
            Verb::Start | Verb::Unmonitor => Vec::new(),
        };
        steps.extend(dependants.iter().rev().filter(|step| step.kind == StepKind::Stop));
        steps.extend(own);
        steps.extend(dependants.iter().filter(|step| step.kind == StepKind::Start));
        steps
    }

    /// The steps on the service itself.
    fn own_steps(&self, id: ServiceId, verb: Verb) -> Vec<Step> {
        let restart = self.program.service(id).is_some_and(|service| service.restart.is_some());
        let step = |kind| Step { service: id, kind };
        match verb {
            Verb::Start => vec![step(StepKind::Start)],
            Verb::Stop => vec![step(StepKind::Stop)],
            Verb::Restart if restart => vec![step(StepKind::Restart)],
            Verb::Restart => self.stop_and_start(id),
            Verb::Unmonitor => Vec::new(),
        }
    }

    /// Stops and starts, as far as there are programs for it. Signals end only what a program can bring back.
    fn stop_and_start(&self, id: ServiceId) -> Vec<Step> {
        let Some(service) = self.program.service(id) else { return Vec::new() };
        let by_signal = service.start.is_some() && self.stops_by_signal(service);
        let stop = (service.stop.is_some() || by_signal).then_some(StepKind::Stop);
        let start = service.start.is_some().then_some(StepKind::Start);
        stop.into_iter().chain(start).map(|kind| Step { service: id, kind }).collect()
    }

    /// Whether a stop without a stop program ends the process by signals.
    pub(super) fn stops_by_signal(&self, service: &Service) -> bool {
        self.program.settings.behaviour.stop_by_signal && service.kind() == ServiceKind::Process
    }

    /// Keeps a service for an undertaking: nothing else is begun with it, and what was being looked at is not waited for.
    pub(super) fn occupy(&mut self, id: ServiceId, undertaking: UndertakingId) {
        self.cancel_round(id);
        self.cancel_early(id);
        if let Some(memory) = self.memory(id) {
            memory.busy = Some(undertaking);
        }
    }

    /// Takes note that a step was done.
    pub(super) fn step_done(&mut self, undertaking: &mut Undertaking) {
        let Some(progress) = undertaking.progress.take() else { return };
        let Step { service, kind } = progress.step;
        if let Some(deed) = progress.deed {
            self.deeds.remove(&deed);
            undertaking.touched.push(service);
            // A stop on the way to a restart says nothing about whether the restart works, but what was stopped for the
            // sake of another lets go.
            if kind != StepKind::Stop || undertaking.wish.verb == Verb::Stop || service != undertaking.service {
                self.exec_succeeded(service, kind.done());
            }
        }
        if undertaking.wish.verb == Verb::Stop && kind == StepKind::Stop {
            self.unmonitor_one(service);
        }
    }

    /// Takes note that a step failed, and leaves out what makes no sense any more.
    ///
    /// **Invariant:** nothing is started while something that it needs did not come up, and what was stopped for
    /// the sake of a service that could not be stopped is started again.
    pub(super) fn step_failed(&mut self, undertaking: &mut Undertaking, message: String) {
        let Some(progress) = undertaking.progress.take() else { return };
        let Step { service, kind } = progress.step;
        if let Some(deed) = progress.deed {
            self.deeds.remove(&deed);
        }
        if let Some(memory) = self.memory(service) {
            memory.exec_brings_up = kind != StepKind::Stop;
            memory.left = progress.family.filter(|family| !family.members.is_empty()).map(Box::new);
        }
        self.exec_failed(service, message);
        if self.stage == Stage::Ending {
            // What can still be stopped in good order is.
            undertaking.failed = true;
            return;
        }
        let top = undertaking.service;
        let verb = undertaking.wish.verb;
        let dependants = self.graph.descendants(service);
        let dependant = self.graph.descendants(top).contains(&service);
        if dependant && kind != StepKind::Stop {
            undertaking.steps.retain(|step| !dependants.contains(&step.service));
            return;
        }
        undertaking.failed = true;
        // Monit tells of the service that could not be stopped, not of the one for whose sake it was to be.
        let is_told = !dependant || !self.program.settings.behaviour.needs_are_checked;
        if service != top && is_told {
            let name = Arc::clone(&self.program).service(service).map(|one| one.name.clone()).unwrap_or_default();
            let wanted = if verb == Verb::Start { "start" } else { kind.word() };
            if let Some(memory) = self.memory(top) {
                memory.exec_brings_up = kind != StepKind::Stop;
            }
            let word = kind.word();
            self.exec_failed(top, format!("failed to {wanted} -- could not {word} required services: '{name}'"));
        }
        let stopped =
            if kind == StepKind::Stop && verb == Verb::Restart { undertaking.touched.as_slice() } else { &[] };
        undertaking.steps.retain(|step| {
            step.kind == StepKind::Start
                && step.service != top
                && step.service != service
                && stopped.contains(&step.service)
        });
    }

    /// Ends an undertaking and sets its services free.
    pub(super) fn finish(&mut self, undertaking: Undertaking) {
        let ending = self.ending(&undertaking);
        let Undertaking { service, wish, services, touched, failed, .. } = undertaking;
        let next = self.grid.next;
        let behaviour = self.program.settings.behaviour;
        for one in services {
            self.forget_intent(one);
            if let Some(memory) = self.memory(one) {
                memory.busy = None;
                memory.earlier = None;
                if failed || touched.contains(&one) {
                    memory.change.leave_to(next);
                }
                if touched.contains(&one) {
                    memory.begin_anew(&behaviour);
                }
            }
        }
        self.put_off(service, &wish.sources, 0);
        let is_asked_for = |source: &Source| matches!(source, Source::Person | Source::Asked(_));
        if wish.sources.iter().any(is_asked_for) && !failed {
            let word = match wish.verb {
                Verb::Start => "start",
                Verb::Stop => "stop",
                Verb::Restart => "restart",
                Verb::Unmonitor => "unmonitor",
            };
            self.tell_done(service, word);
        }
        self.answer_all(&wish.sources, &ending);
        self.freed = true;
    }
}

/// Whether a service has to be started for the sake of another that needs it.
fn is_down(memory: &Memory) -> bool {
    !memory.monitored || memory.has_errors() || matches!(memory.presence, Some(Presence::Absent(_)))
}
