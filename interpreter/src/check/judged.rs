//! What this version can judge. Everything else is read, shown, and said to be asleep.

use grammar::ast::ServiceKind;

use super::connection;
use crate::catalog::{Metric, Protocols};
use crate::program::Test;

/// Whether services of this kind are observed.
pub(crate) fn is_observed(kind: ServiceKind) -> bool {
    matches!(kind, ServiceKind::Process | ServiceKind::File | ServiceKind::Host | ServiceKind::System)
}

/// Whether a test of a service of this kind can be judged.
pub(crate) fn is_judged(kind: ServiceKind, test: &Test, protocols: &Protocols) -> bool {
    match test {
        Test::Missing | Test::Present => matches!(kind, ServiceKind::Process | ServiceKind::File),
        Test::Limit(limit) => !limit.pieces && limit.window_s.is_none() && is_measured(kind, limit.metric),
        Test::Permission { .. } => kind == ServiceKind::File,
        Test::Connection(one) => is_observed(kind) && connection::is_judged(one, protocols),
        // The readings of connections are known by their rules, so a rule has one of them only.
        Test::All(_) | Test::Any(_) | Test::Not(_) => {
            let parts = test.parts();
            !parts.is_empty()
                && parts.iter().all(|part| !matches!(part, Test::Connection(_)) && is_judged(kind, part, protocols))
        }
        Test::Changed(_)
        | Test::Owner(..)
        | Test::SecurityAttribute(_)
        | Test::Checksum { .. }
        | Test::Content(_)
        | Test::Link { .. }
        | Test::Ping(_) => false,
    }
}

/// Whether the metric is measured for services of this kind.
pub(crate) fn is_measured(kind: ServiceKind, metric: Metric) -> bool {
    match kind {
        ServiceKind::Process => matches!(
            metric,
            Metric::Cpu | Metric::TotalCpu | Metric::Memory | Metric::TotalMemory | Metric::LoadAverage { .. }
        ),
        ServiceKind::System => matches!(
            metric,
            Metric::Cpu
                | Metric::CpuUser
                | Metric::CpuSystem
                | Metric::CpuWait
                | Metric::Memory
                | Metric::Swap
                | Metric::LoadAverage { .. }
        ),
        ServiceKind::File => matches!(metric, Metric::Size | Metric::Timestamp(_)),
        _ => false,
    }
}
