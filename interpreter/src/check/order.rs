//! The order in which the rules of a service are judged.

use grammar::{Dialect, ast};

use crate::catalog::Metric;
use crate::program::{Rule, Test};

/// A rule with the tree that it comes from; rules that nobody wrote come from none.
pub(super) type Pair<'a> = (Rule, Option<&'a ast::Rule>);

/// Sorts the rules of a service into the order in which they are judged.
///
/// In the `rules` dialect that is the order of the file. Monit keeps one list for each kind of test, judges the kinds
/// in a fixed order and each list from its end; and of several `permission` tests it knows the last one only, which is
/// what is returned beside the rules: the ones that are left out.
pub(super) fn sort<'a>(rules: Vec<Pair<'a>>, dialect: Dialect) -> (Vec<Pair<'a>>, Vec<Pair<'a>>) {
    if dialect == Dialect::Rules {
        return (rules, Vec::new());
    }
    let last_mode = rules.iter().rposition(|(rule, _)| is_mode(rule));
    let mut kept = Vec::with_capacity(rules.len());
    let mut left_out = Vec::new();
    for (place, pair) in rules.into_iter().enumerate() {
        let overridden = is_mode(&pair.0) && Some(place) != last_mode;
        if overridden { left_out.push(pair) } else { kept.push(pair) }
    }
    kept.reverse();
    kept.sort_by_key(|(rule, _)| rank(&rule.test));
    (kept, left_out)
}

fn is_mode(rule: &Rule) -> bool {
    matches!(rule.test, Test::Permission { .. })
}

/// The place of a kind of test among the others.
fn rank(test: &Test) -> u8 {
    match test {
        Test::Missing | Test::Present => 0,
        Test::Permission { .. } => 1,
        Test::Limit(limit) => match limit.metric {
            Metric::Size => 2,
            Metric::Timestamp => 3,
            _ => 4,
        },
        Test::Connection(_) => 5,
    }
}
