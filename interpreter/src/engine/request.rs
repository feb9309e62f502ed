//! What people ask for, and whether a service is watched.

use super::asked;
use super::deed::{Source, Verb, Wish};
use super::order::Reason;
use super::{Engine, EventClass, EventState, Request, ServiceId, Stage, Timer};
use crate::program::{Action, Service};

impl Engine {
    pub(super) fn take_request(&mut self, id: ServiceId, request: Request) {
        if self.program.service(id).is_none() {
            return;
        }
        if let Some(verb) = asked::verb(request) {
            self.pursue(id, asked::wish(verb, request, Source::Person), None);
            return;
        }
        if request == Request::Monitor {
            self.monitor(id);
        } else {
            self.unmonitor(id);
        }
        self.tell_done(id, request.word());
    }

    /// Stops all services that can be stopped, and before each those that need it. Nothing is watched any more, so that no
    /// rule starts again what was stopped.
    pub(super) fn stop_all(&mut self) {
        self.stage = Stage::Ending;
        let program = std::sync::Arc::clone(&self.program);
        for id in program.ids() {
            self.cancel_round(id);
            self.cancel_early(id);
        }
        let stops = |service: &&Service| service.stop.is_some() || self.stops_by_signal(service);
        let stoppable: Vec<ServiceId> =
            program.ids().filter(|id| program.service(*id).as_ref().is_some_and(stops)).collect();
        for id in stoppable {
            let message = "stop because ruled ends".to_owned();
            let reason = Reason { event: EventClass::Action.word(), message };
            self.pursue(id, Wish { verb: Verb::Stop, sources: vec![Source::Person], reason }, None);
        }
    }

    /// Tells that what a person asked for is done.
    pub(super) fn tell_done(&mut self, id: ServiceId, word: &str) {
        let message = format!("{word} action done");
        self.tell(id, false, EventClass::Action, EventState::Changed, Action::Alert.word(), message);
    }

    /// Watches a service and those that it needs; what was not watched is observed at once.
    fn monitor(&mut self, id: ServiceId) {
        let mut services = self.graph.ancestors(id);
        services.push(id);
        for service in services {
            if let Some(memory) = self.memory(service).filter(|memory| !memory.monitored) {
                memory.monitored = true;
                self.note(service);
                self.observe(service);
            }
        }
    }

    /// Watches a service no longer, nor those that need it, and forgets what was seen of them.
    pub(super) fn unmonitor(&mut self, id: ServiceId) {
        let mut services = self.graph.descendants(id);
        services.push(id);
        for service in services {
            self.unmonitor_one(service);
        }
    }

    pub(super) fn unmonitor_one(&mut self, id: ServiceId) {
        self.cancel_round(id);
        self.cancel_early(id);
        self.wishing.remove(&id);
        self.note(id);
        let program = std::sync::Arc::clone(&self.program);
        if let (Some(memory), Some(service)) = (self.memory(id), program.service(id)) {
            memory.monitored = false;
            memory.wipe(service, &program.settings.behaviour);
        }
    }

    pub(super) fn cancel_early(&mut self, id: ServiceId) {
        self.cancel_change(id);
        if let Some(early) = self.memory(id).and_then(|memory| memory.early.take()) {
            self.timers.unset(early.timer, Timer::Early(id));
        }
    }
}
