//! `ignored-condition`: several conditions in one rule, of which Monit knows the last.

use grammar::ast::Test;
use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "ignored-condition";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "several conditions in one rule", include_str!("ignored_condition.md"));

/// The finding about conditions side by side.
pub(crate) fn finding(condition: Span, tests: &[Test]) -> Finding {
    let Some((last, ignored)) = tests.split_last() else {
        return Finding::warning(NAME, condition, "only the last condition counts");
    };
    let place = ignored.first().map_or(condition, |test| test.span);
    let mut finding = Finding::warning(NAME, place, "only the last condition of this rule counts")
        .here("Monit reads this and forgets it");
    for test in ignored.iter().skip(1) {
        finding = finding.also(test.span, "and this");
    }
    finding
        .also(last.span, "only this decides")
        .note("`and` and `or` mean nothing to Monit")
        .help("write two rules, one for each condition, or leave out what does not count")
}
