//! Restarts that are too many: what a service's limits say of them.

use std::sync::Arc;

use grammar::ast::ServiceKind;

use super::deed::Source;
use super::follow::Consequences;
use super::judge::Existence;
use super::memory::Memory;
use super::verdict::Truth;
use super::{Engine, EventClass, ServiceId};
use crate::program::{Action, Behaviour, Mode, Service};

impl Memory {
    /// Counts a restart that a rule asks for.
    fn count_restart(&mut self, service: &Service, behaviour: &Behaviour) {
        let longest = service.restart_limits.iter().map(|limit| limit.cycles).max();
        if !behaviour.late_restart_is_lost && longest.is_some_and(|longest| self.restart_cycles >= longest) {
            self.restarts = 0;
            self.restart_cycles = 0;
        }
        self.restarts = self.restarts.saturating_add(1);
    }

    /// Whether it was restarted too often. Counted are the cycles in which it was checked, from the first restart on.
    pub(super) fn judge_limits(
        &mut self,
        service: &Service,
        now: super::Now,
        behaviour: &Behaviour,
        to: &mut Consequences,
    ) {
        let Some(longest) = service.restart_limits.iter().map(|limit| limit.cycles).max() else { return };
        if self.restarts == 0 {
            return;
        }
        self.restart_cycles = self.restart_cycles.saturating_add(1);
        let (restarts, cycles) = (self.restarts, self.restart_cycles);
        let mut limits: Vec<_> = service.restart_limits.iter().zip(&mut self.limits).collect();
        if behaviour.last_limit_first {
            limits.reverse();
        }
        for (limit, memory) in limits {
            if restarts < limit.restarts || cycles > limit.cycles {
                continue;
            }
            let sentence = || {
                let action = limit.action.word();
                format!("service restarted {restarts} times within {cycles} cycles(s) - {action}")
            };
            let turn = memory.take(Truth::Holds);
            to.add_own(memory, Some(Source::Limit), turn, (EventClass::Timeout, &limit.action), sentence, now);
            if behaviour.unmonitor_forgets_at_once && to.end_watch(service.mode) {
                return;
            }
        }
        if self.restart_cycles > longest {
            self.restarts = 0;
            self.restart_cycles = 0;
        }
    }

    /// Whether the next cycle finds that it was restarted too often, and watches it no longer.
    pub(super) fn is_at_limit(&self, service: &Service) -> bool {
        let (restarts, cycles) = (self.restarts, self.restart_cycles.saturating_add(1));
        let ends_watch = |action: &Action| match action {
            Action::Stop => service.mode != Mode::Passive,
            other => *other == Action::Unmonitor,
        };
        let mut limits = service.restart_limits.iter().filter(|limit| ends_watch(&limit.action));
        limits.any(|limit| restarts >= limit.restarts.max(1) && cycles <= limit.cycles)
    }

    /// A limit that was passed counts as kept again when the process runs all the same.
    pub(super) fn judge_limits_kept(
        &mut self,
        service: &Service,
        existence: Existence,
        now: super::Now,
        to: &mut Consequences,
    ) {
        if service.kind() != ServiceKind::Process || !matches!(existence, Existence::There | Existence::Undead) {
            return;
        }
        for limit in self.limits.iter_mut().filter(|limit| limit.failed) {
            let sentence = || "process is running after previous restart timeout (manually recovered?)".to_owned();
            let turn = limit.take(Truth::Passes);
            to.add_own(limit, None, turn, (EventClass::Timeout, &Action::Alert), sentence, now);
        }
    }
}

impl Engine {
    /// Counts a restart that a rule asks for.
    pub(super) fn count_restart(&mut self, id: ServiceId) {
        let program = Arc::clone(&self.program);
        if let (Some(service), Some(memory)) = (program.service(id), self.memory(id)) {
            memory.count_restart(service, &program.settings.behaviour);
        }
    }
}
