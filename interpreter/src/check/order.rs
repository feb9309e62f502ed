//! The order in which the rules of a service are judged.

use grammar::ast::ServiceKind;
use grammar::{Dialect, ast};

use crate::catalog::Metric;
use crate::program::{Changed, Endpoint, Owner, Rule, Test};

/// A rule with the tree that it comes from; rules that nobody wrote come from none.
pub(super) type Pair<'a> = (Rule, Option<&'a ast::Rule>);

/// Sorts the rules of a service into the order in which they are judged.
///
/// In the `rules` dialect that is the order of the file. Monit keeps one list for each kind of test, judges the kinds
/// in a fixed order and nearly each list from its end; and of several tests of the owner, the permission or the checksum
/// it knows the last one only. Those that are left out are returned.
pub(super) fn sort<'a>(rules: &mut Vec<Pair<'a>>, kind: ServiceKind, dialect: Dialect) -> Vec<Pair<'a>> {
    if dialect == Dialect::Rules {
        return Vec::new();
    }
    rules.reverse();
    let mut taken: Vec<Slot> = Vec::new();
    let is_taken = |pair: &mut Pair<'_>| {
        let slot = slot(&pair.0.test);
        let is_taken = slot.is_some_and(|slot| taken.contains(&slot));
        taken.extend(slot);
        is_taken
    };
    let mut left_out: Vec<Pair<'a>> = rules.extract_if(.., is_taken).collect();
    left_out.reverse();
    rules.sort_by_key(|(rule, _)| rank(kind, &rule.test));
    // Patterns keep the order of the file; everything else stays as it is now, from the last to the first.
    let is_pattern = |(rule, _): &Pair<'_>| matches!(rule.test, Test::Content(_));
    let first = rules.iter().position(is_pattern).unwrap_or(rules.len());
    let behind = rules.iter().rposition(is_pattern).map_or(first, |last| last + 1);
    if let Some(patterns) = rules.get_mut(first..behind) {
        patterns.reverse();
    }
    left_out
}

/// What Monit has room for once in a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Owner(Owner),
    Permission,
    Checksum,
}

fn slot(test: &Test) -> Option<Slot> {
    Some(match test {
        Test::Owner(which, _) => Slot::Owner(*which),
        Test::Permission { .. } | Test::Changed(Changed::Permission) => Slot::Permission,
        Test::Checksum { .. } | Test::Changed(Changed::Checksum(_)) => Slot::Checksum,
        _ => return None,
    })
}

/// The place of a kind of test among the others of a service.
fn rank(kind: ServiceKind, test: &Test) -> u8 {
    match test {
        Test::Missing | Test::Present => 0,
        Test::Changed(Changed::Pid) => 1,
        Test::Changed(Changed::Ppid) => 2,
        Test::Checksum { .. } | Test::Changed(Changed::Checksum(_)) => 3,
        Test::Permission { .. } | Test::Changed(Changed::Permission) => 4,
        Test::Owner(Owner::Uid, _) => 5,
        Test::Owner(Owner::Euid, _) => 6,
        Test::Owner(Owner::Gid, _) => 7,
        Test::Changed(Changed::Size) => 10,
        Test::Changed(Changed::Timestamp(_)) => 11,
        Test::SecurityAttribute(_) => 12,
        Test::Changed(Changed::FilesystemFlags) => 13,
        Test::Link { .. } => 14,
        Test::Changed(Changed::Link) => 15,
        Test::Changed(Changed::Status) => 20,
        Test::Limit(limit) => metric_rank(kind, limit.metric),
        Test::Content(_) => 30,
        Test::Ping(_) => 31,
        Test::Connection(connection) if matches!(connection.endpoint, Endpoint::Unix(_)) => 33,
        Test::Connection(_) => 32,
        // Only the other dialect has these.
        Test::All(_) | Test::Any(_) | Test::Not(_) | Test::Performance(_) | Test::Plugin(_) => 40,
    }
}

fn metric_rank(kind: ServiceKind, metric: Metric) -> u8 {
    match (kind, metric) {
        (_, Metric::Size) => 10,
        (_, Metric::Timestamp(_)) => 11,
        // A process is asked for its age before everything else that is measured, the system after it.
        (ServiceKind::Process, Metric::Uptime) => 11,
        (ServiceKind::Process, Metric::FileDescriptors | Metric::TotalFileDescriptors) => 13,
        (_, Metric::Uptime) => 21,
        (_, Metric::FileDescriptors) => 22,
        (_, Metric::Saturation) => 16,
        (_, Metric::Upload) => 17,
        (_, Metric::Download) => 18,
        _ => 20,
    }
}
