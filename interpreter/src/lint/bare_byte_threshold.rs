//! `bare-byte-threshold`: a size without a unit.

use grammar::Finding;
use grammar::ast::{ServiceKind, TestKind};

use super::Entry;
use super::wording::{behind, forever, size};
use crate::catalog::{Dimension, Metric, MetricEntry};
use crate::check::{View, Watched};
use crate::program::{Limit, Relation, Test};

const NAME: &str = "bare-byte-threshold";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a size without a unit", include_str!("bare_byte_threshold.md"), look);

/// Below so many bytes hardly anybody means bytes.
const FEW_BYTES: f64 = 1_048_576.0;

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for (watched, tree, rule) in view.rules() {
        for test in tree.condition.tests() {
            let TestKind::Limit(written) = &test.kind else { continue };
            let (None, Some(number)) = (&written.value.unit, written.value.number.node.literal()) else { continue };
            let metric = written.metric.node;
            // No bytes are no bytes in every unit.
            if *number == 0.0 || !is_size(metric) {
                continue;
            }
            let span = written.value.number.span;
            let digits = view.text(span);
            let few = *number < FEW_BYTES;
            let relation = crate::check::relation(written.operator.map(|one| one.node));
            let limit = Limit { metric, relation, value: *number, percent: false, pieces: false, window_s: None };
            let mut finding = Finding::warning(NAME, span, format!("`{digits}` without a unit means {digits} bytes"))
                .here(meaning(watched, &limit));
            if few && is_always_passed(&limit) && matches!(rule.test, Test::Limit(_)) {
                finding = finding.also(tree.action.span, forever(&rule.action, &watched.service.name, rule.rate));
            }
            let finding = finding.note("Monit reads it the same way: a size with no unit is a number of bytes");
            let (unit, safe) = if few { (" MB", false) } else { (" B", true) };
            findings.push(finding.fix("say which unit you mean", behind(span), unit, safe));
        }
    }
}

fn is_size(metric: Metric) -> bool {
    let entry = MetricEntry::of(metric);
    entry.is_some_and(|entry| {
        matches!(
            entry.dimension,
            Dimension::Size | Dimension::SizeOrShare | Dimension::SizeOrOperations | Dimension::SizeOrPackets
        )
    })
}

/// Whether everything that runs passes a limit of few bytes.
fn is_always_passed(limit: &Limit) -> bool {
    let memory = matches!(limit.metric, Metric::Memory | Metric::TotalMemory);
    memory && matches!(limit.relation, Relation::Greater | Relation::GreaterOrEqual)
}

/// What the limit means for the machine.
fn meaning(watched: &Watched<'_>, limit: &Limit) -> String {
    let bytes = size(limit.value);
    if limit.value >= FEW_BYTES {
        return format!("that is {bytes}");
    }
    let above = matches!(limit.relation, Relation::Greater | Relation::GreaterOrEqual);
    let below = matches!(limit.relation, Relation::Less | Relation::LessOrEqual);
    match (limit.metric, watched.check.kind.node) {
        (Metric::Memory | Metric::TotalMemory, ServiceKind::System) if above => {
            format!("every machine uses more than {bytes}")
        }
        (Metric::Memory | Metric::TotalMemory, ServiceKind::System) if below => {
            format!("no machine uses less than {bytes}")
        }
        (Metric::Memory | Metric::TotalMemory, _) if above => format!("every running process uses more than {bytes}"),
        (Metric::Memory | Metric::TotalMemory, _) if below => format!("no running process uses less than {bytes}"),
        (Metric::Swap, _) if above => format!("a machine that swaps at all uses more than {bytes}"),
        (Metric::Size, _) if above => format!("a file of a few lines is larger than {bytes}"),
        _ => format!("that is {bytes}, and no more"),
    }
}
