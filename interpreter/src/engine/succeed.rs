//! One engine after another: the rules were exchanged while ruled runs.
//!
//! The engine before *retires*: it begins nothing any more, and brings what is under way to its end under the definitions with
//! which it was begun. The engine after goes on with everything that the rules left as it was, and *holds* the services that
//! the other is still busy with: they are neither looked at nor touched until they are handed over.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::deed::UndertakingId;
use super::memory::{Memory, RuleMemory};
use super::readings::{Identity, Presence};
use super::{Engine, Monotonic, Now, ServiceId, Stage};
use crate::durable::{ServiceKey, rule_keys};
use crate::program::{Behaviour, Program, Service};

/// With whom a service is busy that another engine has not handed over yet. Undertakings are counted from 1.
const OTHER: UndertakingId = UndertakingId(0);

/// What a retired engine leaves of a service that it was busy with.
#[derive(Debug, Clone)]
pub struct Legacy {
    monitored: bool,
    exec: RuleMemory,
    exec_brings_up: bool,
    presence: Option<Presence>,
    identity: Option<Identity>,
    taken: Option<Now>,
    started: Option<Monotonic>,
    restarts: u32,
    restart_cycles: u32,
}

impl Engine {
    /// Begins nothing any more.
    pub(super) fn retire(&mut self) {
        self.order_to_keep();
        self.stage = Stage::Retiring;
        let program = Arc::clone(&self.program);
        for id in program.ids() {
            self.cancel_round(id);
            self.cancel_early(id);
            if let Some(memory) = self.memory(id) {
                memory.wish = None;
            }
        }
        self.wishing.clear();
    }

    /// Whether nothing is under way any more of what this engine began.
    pub fn is_retired(&self) -> bool {
        self.undertakings.is_empty() && self.deeds.is_empty()
    }

    /// The services with which the engine is busy, by what they are known by.
    pub fn busy(&self) -> impl Iterator<Item = (ServiceKey, ServiceId)> {
        let busy = |id: &ServiceId| self.memories.get(id.index()).is_some_and(|memory| memory.busy.is_some());
        let known = |id: ServiceId| Some((ServiceKey::of(self.program.service(id)?), id));
        self.program.ids().filter(busy).filter_map(known)
    }

    /// Goes on after an engine that retires: with the number of its cycle, without a delay of the start, and with what it
    /// remembers of each service and rule that are as they were. To be called before the first input.
    ///
    /// The exchange makes everything due, as SIGUSR1 does, and that is a cycle like any other.
    pub fn go_on_after(&mut self, former: &Engine, now: Now) {
        self.grid.number = former.grid.number;
        self.grid.skipped = former.grid.skipped;
        self.grid.next = now.monotonic;
        self.greeting = ("reload", "reloaded");
        self.learn_from(former);
        let behaviour = self.program.settings.behaviour;
        if behaviour != former.program.settings.behaviour || behaviour.faults_are_forgotten {
            // In Monit's dialect a reload keeps what a restart keeps.
            return;
        }
        let before: BTreeMap<ServiceKey, ServiceId> =
            former.program.ids().filter_map(|id| Some((ServiceKey::of(former.program.service(id)?), id))).collect();
        let program = Arc::clone(&self.program);
        for (service, memory) in program.services.iter().zip(&mut self.memories) {
            let Some(id) = before.get(&ServiceKey::of(service)) else { continue };
            if let (Some(earlier), Some(kept)) = (former.program.service(*id), former.memories.get(id.index())) {
                memory.go_on_after(service, earlier, kept, &behaviour);
            }
        }
    }

    /// Leaves a service to an engine that is busy with it.
    pub fn hold(&mut self, id: ServiceId) {
        if let Some(memory) = self.memory(id) {
            memory.busy = Some(OTHER);
            // It goes on with what it was doing itself.
            memory.earlier = None;
        }
    }

    /// Whether the service is left to another engine.
    pub fn holds(&self, id: ServiceId) -> bool {
        self.memories.get(id.index()).is_some_and(|memory| memory.busy == Some(OTHER))
    }

    /// What a retired engine leaves of a service.
    pub fn legacy(&self, id: ServiceId) -> Option<Legacy> {
        let memory = self.memories.get(id.index())?;
        Some(Legacy {
            monitored: memory.monitored,
            exec: memory.exec.clone(),
            exec_brings_up: memory.exec_brings_up,
            presence: memory.presence.clone(),
            identity: memory.identity,
            taken: memory.taken,
            started: memory.started,
            restarts: memory.restarts,
            restart_cycles: memory.restart_cycles,
        })
    }

    /// Takes a service over from a retired engine, and looks at it: the orders come with the next input.
    pub fn take_over(&mut self, id: ServiceId, legacy: Legacy) {
        let Some(memory) = self.memories.get_mut(id.index()).filter(|memory| memory.busy == Some(OTHER)) else {
            return;
        };
        memory.busy = None;
        memory.monitored = legacy.monitored;
        memory.exec = legacy.exec;
        memory.exec_brings_up = legacy.exec_brings_up;
        memory.presence = legacy.presence;
        memory.identity = legacy.identity;
        memory.taken = legacy.taken;
        memory.started = legacy.started;
        memory.restarts = legacy.restarts;
        memory.restart_cycles = legacy.restart_cycles;
        self.forget_intent(id);
        self.note(id);
        self.freed = true;
        if self.stage == Stage::Running {
            self.observe(id);
        }
    }
}

impl Memory {
    /// Goes on with what is remembered of the service under the rules before.
    fn go_on_after(&mut self, service: &Service, earlier: &Service, kept: &Memory, behaviour: &Behaviour) {
        self.monitored = kept.monitored;
        self.restarts = kept.restarts;
        self.restart_cycles = kept.restart_cycles;
        self.started = kept.started;
        self.exec = kept.exec.clone();
        self.exec_brings_up = kept.exec_brings_up;
        if service.every == earlier.every {
            self.turns = kept.turns.clone();
        }
        let keys = rule_keys(&earlier.rules);
        for (place, key) in rule_keys(&service.rules).iter().enumerate() {
            let found = keys.iter().position(|other| other == key);
            let rules = found.and_then(|found| Some((earlier.rules.get(found)?, kept.rules.get(found)?)));
            if let (Some(now), Some((before, counted)), Some(own)) =
                (service.rules.get(place), rules, self.rules.get_mut(place))
                && (now.rate, &now.recovery.rate) == (before.rate, &before.recovery.rate)
            {
                *own = counted.clone();
            }
        }
        if service.target == earlier.target {
            self.data = kept.data.clone();
            self.data_trouble = kept.data_trouble;
            self.invalid = kept.invalid.clone();
            self.unjudged = kept.unjudged.clone();
            self.presence = kept.presence.clone();
            self.identity = kept.identity;
            self.taken = kept.taken;
            self.settles = kept.settles;
            self.base = kept.base.clone();
            self.values = kept.values.clone();
            self.plugin = kept.plugin.clone();
            self.references = kept.references.clone();
            self.position = kept.position;
            if service.rules.iter().map(|rule| &rule.test).eq(earlier.rules.iter().map(|rule| &rule.test)) {
                self.marks = kept.marks.clone();
                self.totals = kept.totals.clone();
                self.connections = kept.connections.clone();
            }
        }
        if service.restart_limits.len() == earlier.restart_limits.len() {
            self.limits = kept.limits.clone();
        }
        self.kept = self.kept_hash(service, behaviour);
    }
}

/// What an exchange of the rules changes, by the names of services.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Services that are new.
    pub added: Vec<String>,
    /// Services that are gone.
    pub removed: Vec<String>,
    /// Services whose definition is another.
    pub changed: Vec<String>,
    /// How many services are as they were.
    pub unchanged: usize,
    /// Whether what holds for all services is another.
    pub settings: bool,
}

impl Difference {
    /// What lies between two programs. Where something stands in a file does not count.
    pub fn between(before: &Program, after: &Program) -> Difference {
        let mut earlier: BTreeMap<ServiceKey, &Service> =
            before.services.iter().map(|service| (ServiceKey::of(service), service)).collect();
        let mut difference = Difference { settings: before.settings != after.settings, ..Difference::default() };
        for service in &after.services {
            match earlier.remove(&ServiceKey::of(service)) {
                None => difference.added.push(service.name.clone()),
                Some(other) if meaning(other, before) == meaning(service, after) => difference.unchanged += 1,
                Some(_) => difference.changed.push(service.name.clone()),
            }
        }
        difference.removed = earlier.into_values().map(|service| service.name.clone()).collect();
        difference
    }
}

/// A service without the places where it was written, and the names of those that it needs.
fn meaning(service: &Service, program: &Program) -> (Service, Vec<String>) {
    let mut plain = service.clone();
    let needs = std::mem::take(&mut plain.depends);
    let needs = needs.iter().filter_map(|id| Some(program.service(*id)?.name.to_ascii_lowercase())).collect();
    plain.origin = crate::program::Origin::default();
    for rule in plain.rules.iter_mut().chain(&mut plain.asleep) {
        rule.origin = crate::program::Origin::default();
    }
    for limit in &mut plain.restart_limits {
        limit.origin = crate::program::Origin::default();
    }
    (plain, needs)
}
