//! `out-of-range`: a number that cannot be meant.

use std::ops::RangeInclusive;

use grammar::{Dialect, Finding, Severity, Span, english};

use super::Entry;

const NAME: &str = "out-of-range";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a number out of range", include_str!("out_of_range.md"));

/// The finding about a number of something that lies outside its range.
pub(crate) fn finding(
    span: Span,
    severity: Severity,
    what: &str,
    number: i64,
    range: &RangeInclusive<i64>,
    dialect: Dialect,
) -> Finding {
    let (least, most) = (*range.start(), *range.end());
    let headline = match (what, number) {
        ("port", _) => format!("there is no port {number}"),
        (_, 1) => format!("1 {} is out of range", what.trim_end_matches('s')),
        (_, number) => format!("{number} {what} are out of range"),
    };
    let finding = match severity {
        Severity::Error => Finding::error(NAME, span, headline),
        Severity::Warning => Finding::warning(NAME, span, headline),
    };
    // Port numbers are written without separators.
    let shown = |number: i64| match (what, u64::try_from(number)) {
        ("port", _) | (_, Err(_)) => number.to_string(),
        (_, Ok(number)) => english::thousands(number),
    };
    let finding = finding.here(format!("the number goes from {} to {}", shown(least), shown(most)));
    // Only the number of cycles is limited more tightly by Monit than here.
    if dialect == Dialect::Monit && what == "cycles" && most == 64 {
        return finding.note("Monit remembers 64 cycles; in a `.rules` file up to 10,000 can be counted");
    }
    finding
}

/// The finding about `5 times within 3 cycles`.
pub(crate) fn more_than_all(span: Span, count: i64, cycles: i64) -> Finding {
    Finding::error(NAME, span, format!("{count} of {cycles} cycles can never be reached"))
        .here(format!("there are only {cycles} cycles to count in"))
        .help(format!("write `{cycles} times within {count} cycles`, or a smaller number of times"))
}
