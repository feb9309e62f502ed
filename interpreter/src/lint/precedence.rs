//! Which of two rules of a service acts first, and whether one holds whenever the other does.

use std::collections::BTreeSet;

use grammar::ast;

use crate::check::{View, Watched};
use crate::program::{Behaviour, Limit, PluginTest, Rate, Relation, Rule, Service, ServiceId, Target, Test};

/// Rules of a service are compared with each other up to this number. A service with more was written by a program, and
/// comparing them all would take long.
const MOST_RULES: usize = 200;

/// The rules of a service that somebody wrote and that are judged, in the order of the text; none where there are too
/// many to compare.
pub(super) fn judged<'a>(watched: &Watched<'a>) -> Vec<(&'a ast::Rule, &'a Rule)> {
    if watched.rules.len() > MOST_RULES {
        return Vec::new();
    }
    let is_judged = |rule: &Rule| watched.service.rules.iter().any(|one| std::ptr::eq(one, rule));
    let mut rules: Vec<_> = watched.rules.iter().copied().filter(|(_, rule)| is_judged(rule)).collect();
    rules.sort_by_key(|(tree, _)| tree.span);
    rules
}

/// The services that others need.
pub(super) fn needed(view: &View<'_>) -> BTreeSet<ServiceId> {
    view.program.services.iter().flat_map(|service| service.depends.iter().copied()).collect()
}

/// Whether the second test holds in every cycle in which the first one does. Both see the same readings.
pub(super) fn implies(first: &Test, second: &Test) -> bool {
    match (first, second) {
        (Test::Limit(first), Test::Limit(second)) => limit_implies(first, second),
        (Test::Performance(first), Test::Performance(second)) => {
            let same = first.label == second.label && first.unit == second.unit;
            same && bound_implies((first.relation, first.value), (second.relation, second.value))
        }
        (Test::Plugin(first), Test::Plugin(second)) => match (&**first, &**second) {
            (PluginTest::Limit(first), PluginTest::Limit(second))
            | (PluginTest::Rate(first), PluginTest::Rate(second))
                if first.label == second.label =>
            {
                bound_implies((first.relation, first.value), (second.relation, second.value))
            }
            _ => first == second,
        },
        _ => first == second,
    }
}

fn limit_implies(first: &Limit, second: &Limit) -> bool {
    let measured = |limit: &Limit| (limit.metric, limit.percent, limit.pieces, limit.window_s);
    if measured(first) != measured(second) {
        return false;
    }
    bound_implies((first.relation, first.value), (second.relation, second.value))
}

/// Whether a value beyond the first bound is beyond the second.
fn bound_implies((first, from): (Relation, f64), (second, to): (Relation, f64)) -> bool {
    match (first, second) {
        (Relation::Equal, relation) => relation.holds(from, to),
        (Relation::GreaterOrEqual, Relation::Greater) => from > to,
        (Relation::LessOrEqual, Relation::Less) => from < to,
        (Relation::Greater | Relation::GreaterOrEqual, Relation::Greater | Relation::GreaterOrEqual) => from >= to,
        (Relation::Less | Relation::LessOrEqual, Relation::Less | Relation::LessOrEqual) => from <= to,
        (one, other) => one == other && from == to,
    }
}

/// Whether a rule with this test may be judged out of turn when it has no rate: because a process exited, or a file
/// changed.
pub(super) fn is_judged_early(service: &Service, behaviour: &Behaviour, test: &Test) -> bool {
    let is_file = matches!(service.target, Target::File(_) | Target::Directory(_) | Target::Fifo(_));
    let exists = |part: &Test| matches!(part, Test::Missing | Test::Present);
    behaviour.changes_wake && is_file || test.parts().into_iter().any(exists)
}

/// Whether two rates are reached by the same cycles.
pub(super) fn same_rate(one: Rate, other: Rate) -> bool {
    (one.count, one.cycles) == (other.count, other.cycles)
}

/// Whether whoever reaches the later rate has reached the earlier one in a cycle before.
pub(super) fn reached_before(earlier: Rate, later: Rate) -> bool {
    // The cycle in which the later one is reached is the last of its cycles and one of its hits.
    most_without(later.cycles.saturating_sub(1), earlier) < later.count.saturating_sub(1)
}

/// Whether whoever reaches the later rate has reached the earlier one in the same cycle or before.
pub(super) fn reached_with(earlier: Rate, later: Rate) -> bool {
    most_without(later.cycles, earlier) < later.count
}

/// In how many of so many cycles a test can hold without reaching a rate: as often as the rate just does not allow, in
/// each stretch of its length.
fn most_without(cycles: u32, rate: Rate) -> u32 {
    let length = rate.cycles.max(1);
    let allowed = rate.count.saturating_sub(1);
    (cycles / length).saturating_mul(allowed).saturating_add(allowed.min(cycles % length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a rate is reached by these hits, and in which cycle first.
    fn first(rate: Rate, hits: u32, cycles: u32) -> Option<u32> {
        let held = |cycle: u32| hits & (1 << cycle) != 0;
        (0..cycles).find(|end| {
            let from = (end + 1).saturating_sub(rate.cycles);
            (from..=*end).filter(|cycle| held(*cycle)).count() >= rate.count as usize
        })
    }

    #[test]
    fn rates_are_reached_before_others_exactly_where_every_sequence_says_so() {
        const CYCLES: u32 = 11;
        let rates = || (1..=5).flat_map(|cycles| (1..=cycles).map(move |count| Rate::of(count, cycles)));
        for earlier in rates() {
            for later in rates() {
                let (mut before, mut with) = (true, true);
                for hits in 0..1 << CYCLES {
                    let Some(at) = first(later, hits, CYCLES) else { continue };
                    let other = first(earlier, hits, CYCLES);
                    before &= other.is_some_and(|other| other < at);
                    with &= other.is_some_and(|other| other <= at);
                }
                assert_eq!(reached_before(earlier, later), before, "{earlier:?} {later:?}");
                assert_eq!(reached_with(earlier, later), with, "{earlier:?} {later:?}");
            }
        }
    }

    #[test]
    fn limits_imply_others_exactly_where_every_value_says_so() {
        use crate::catalog::Metric;
        let relations = [
            Relation::Greater,
            Relation::GreaterOrEqual,
            Relation::Less,
            Relation::LessOrEqual,
            Relation::Equal,
            Relation::NotEqual,
        ];
        let limits = || relations.iter().flat_map(|relation| [2.0, 3.0, 4.0].map(|value| (*relation, value)));
        let limit = |(relation, value): (Relation, f64)| {
            let metric = Metric::Memory;
            Test::Limit(Limit { metric, relation, value, percent: false, pieces: false, window_s: None })
        };
        let mut implied = 0;
        for one in limits() {
            for other in limits() {
                let values = (0..24).map(|quarter| f64::from(quarter) / 4.0);
                let so = values.filter(|value| one.0.holds(*value, one.1)).all(|value| other.0.holds(value, other.1));
                // What is not seen is not claimed: `> 3` means `!= 2` too.
                assert!(so || !implies(&limit(one), &limit(other)), "{one:?} {other:?}");
                implied += u32::from(implies(&limit(one), &limit(other)));
            }
        }
        assert!(implied > 60, "{implied}");
    }
}
