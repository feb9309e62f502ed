//! What an observation of a service is asked for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Cause, Fact, Plan, mark};
use crate::program::{Service, Target, Test};
use grammar::ast::ServiceKind;

/// How long it may take to see whether a thing is there.
pub const EXISTENCE_DEADLINE: Duration = Duration::from_secs(5);
/// How long a regular observation may take beside its connections: files on a slow disk, names to resolve, and
/// the queue in front of them.
pub const CONNECTIONLESS_DEADLINE: Duration = Duration::from_secs(10);

/// How late the engine may be called before it mistrusts the clock: after a stall, what it waits for may have
/// happened long ago and stand in a queue.
pub const CALLED_LATE: Duration = Duration::from_millis(500);
/// How much longer a deadline is that passed in a stall. It is made longer once.
pub const STALL_GRACE: Duration = Duration::from_secs(1);

/// Among how many plans that differ one is looked for that is the same as the next: people watch many things of a kind
/// with the same rules.
const SHARED_AMONG: usize = 16;

/// What a regular cycle asks for of each service. Services that are asked for the same share a plan.
pub(super) fn all(services: &[Service]) -> Vec<Arc<Plan>> {
    let mut distinct: VecDeque<Arc<Plan>> = VecDeque::new();
    let share = |service| {
        let plan = regular(service);
        if let Some(same) = distinct.iter().find(|one| ***one == plan) {
            return Arc::clone(same);
        }
        let plan = Arc::new(plan);
        distinct.truncate(SHARED_AMONG - 1);
        distinct.push_front(Arc::clone(&plan));
        plan
    };
    services.iter().map(share).collect()
}

/// What a regular cycle asks for: everything that a rule needs.
fn regular(service: &Service) -> Plan {
    let mut plan = Plan { connections_after: connections_after(service), ..existence(None) };
    plan.deadline = CONNECTIONLESS_DEADLINE;
    if let Target::Program(command) = &service.target {
        plan.deadline = plan.deadline.saturating_add(command.timeout);
    }
    if let Target::Plugin(plugin) = &service.target {
        plan.deadline = plan.deadline.saturating_add(plugin.timeout);
    }
    for (place, rule) in (0_u32..).zip(&service.rules) {
        for test in rule.test.parts() {
            if let Test::Connection(connection) = test {
                plan.connections.push(place);
                // As if the connections were made one after another, which a driver may do.
                let takes = connection.timeout.saturating_mul(connection.attempts.max(1));
                plan.deadline = plan.deadline.saturating_add(takes);
            }
            if let Test::Ping(ping) = test {
                plan.pings.push(place);
                plan.deadline = plan.deadline.saturating_add(ping.timeout.saturating_mul(ping.count));
            }
            mark::ask(test, &mut plan);
        }
    }
    tidy(&mut plan, service.kind());
    plan
}

/// Asks for whether the thing is there, because its file changed. What rules need comes to it.
pub(super) fn changed() -> Plan {
    Plan { deadline: CONNECTIONLESS_DEADLINE, ..existence(Some(Cause::Changed)) }
}

/// Brings what tests asked for one after another into order.
pub(super) fn tidy(plan: &mut Plan, kind: ServiceKind) {
    plan.metrics.sort();
    plan.metrics.dedup();
    let unwanted = if kind == ServiceKind::Program { Fact::Lines } else { Fact::Output };
    plan.facts.retain(|fact| *fact != unwanted);
    plan.facts.sort();
    plan.facts.dedup();
}

/// Asks only whether the thing is there.
pub(super) fn existence(early: Option<Cause>) -> Plan {
    Plan {
        early,
        metrics: Vec::new(),
        facts: Vec::new(),
        follow: None,
        connections: Vec::new(),
        pings: Vec::new(),
        connections_after: Duration::ZERO,
        takers: Vec::new(),
        family: None,
        deadline: EXISTENCE_DEADLINE,
    }
}

/// A process that ruled starts is given its start time-out before anybody knocks at its doors.
fn connections_after(service: &Service) -> Duration {
    match &service.start {
        Some(start) if service.kind() == ServiceKind::Process => start.timeout,
        _ => Duration::ZERO,
    }
}
