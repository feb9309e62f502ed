//! What an observation of a service is asked for.

use std::time::Duration;

use super::{Cause, Metric, Plan};
use crate::program::{Service, Test};
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

/// What a regular cycle asks for: everything that a rule needs.
pub(super) fn regular(service: &Service) -> Plan {
    let mut metrics: Vec<Metric> = Vec::new();
    let mut connections = Vec::new();
    let mut deadline = CONNECTIONLESS_DEADLINE;
    for (place, rule) in (0_u32..).zip(&service.rules) {
        for test in rule.test.parts() {
            match test {
                Test::Limit(limit) => metrics.push(limit.metric),
                Test::Connection(connection) => {
                    connections.push(place);
                    // As if the connections were made one after another, which a driver may do.
                    deadline = deadline.saturating_add(connection.timeout.saturating_mul(connection.attempts.max(1)));
                }
                _ => {}
            }
        }
    }
    metrics.sort();
    metrics.dedup();
    Plan { early: None, metrics, connections, connections_after: connections_after(service), deadline }
}

/// Asks only whether the thing is there.
pub(super) fn existence(early: Option<Cause>) -> Plan {
    Plan {
        early,
        metrics: Vec::new(),
        connections: Vec::new(),
        connections_after: Duration::ZERO,
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
