//! `missing-comparison`: a limit without a comparison.

use grammar::ast::TestKind;
use grammar::{Dialect, Finding, Span};

use super::Entry;
use super::wording::written_unit;
use crate::catalog::Metric;
use crate::check::View;

const NAME: &str = "missing-comparison";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a limit without a comparison", include_str!("missing_comparison.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for (_, tree, _) in view.rules() {
        for test in tree.condition.tests() {
            let TestKind::Limit(limit) = &test.kind else { continue };
            if limit.operator.is_some() {
                continue;
            }
            let value = limit.value.span;
            let written = written_unit(view.text(value));
            // It is one of a few numbers, and one of them may well be meant.
            if limit.metric.node == Metric::Status {
                let finding =
                    Finding::warning(NAME, value, format!("without a comparison this means: exactly {written}"));
                let place = Span { end: value.start, ..value };
                findings.push(finding.here("and no other status counts").fix("say so", place, "== ", true));
                continue;
            }
            findings.push(
                Finding::warning(NAME, value, format!("without a comparison this means: exactly {written}"))
                    .here("and hardly anything that is measured is exactly that")
                    .fix(
                        "say on which side of the limit the trouble is",
                        Span { end: value.start, ..value },
                        "> ",
                        false,
                    ),
            );
        }
    }
}

/// The finding about a time to answer without a comparison.
pub(crate) fn response_time(span: Span, written: &str, dialect: Dialect) -> Finding {
    let written = written_unit(written);
    let (meaning, what_follows) = match dialect {
        Dialect::Monit => (format!("exactly {written}"), "and no answer takes exactly that long"),
        Dialect::Rules => (format!("less than {written}"), "an answer that takes longer has failed"),
    };
    Finding::warning(NAME, span, format!("without a comparison this means: {meaning}")).here(what_follows).fix(
        "say which time is accepted",
        Span { end: span.start, ..span },
        "< ",
        false,
    )
}
