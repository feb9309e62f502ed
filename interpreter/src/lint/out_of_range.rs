//! `out-of-range`: a number that cannot be meant.

use std::ops::RangeInclusive;

use grammar::ast::{Setting, SettingKind, Statement};
use grammar::{Dialect, Finding, Severity, Span, english};

use super::Entry;
use crate::check::View;

const NAME: &str = "out-of-range";
pub(super) const ENTRY: Entry = Entry::looked_for(NAME, "a number out of range", include_str!("out_of_range.md"), look);

/// A cycle without length is one only where no later statement gives it a length.
fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let settings = &view.program.settings;
    if !settings.cycle_written || !settings.cycle.is_zero() {
        return;
    }
    let mut cycles = view.file.statements.iter().filter_map(|statement| match statement {
        Statement::Set(Setting { kind: SettingKind::Daemon { cycle, .. }, .. }) => Some(cycle.span),
        _ => None,
    });
    let longest = i64::from(i32::MAX);
    findings.extend(cycles.next_back().map(|span| {
        let finding = finding(span, Severity::Error, "seconds", 0, &(1..=longest), view.dialect);
        finding.help("write how many seconds lie between two looks, such as `set daemon 30`")
    }));
}

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

/// The finding about a time-out in which nobody can answer.
pub(crate) fn no_time(span: Span, severity: Severity) -> Finding {
    let headline = "nobody answers in no time";
    let finding = match severity {
        Severity::Error => Finding::error(NAME, span, headline),
        Severity::Warning => Finding::warning(NAME, span, headline),
    };
    finding
        .here("so this would always fail")
        .help("write how long it may take, as in `timeout 5 seconds`, or leave it out")
}

/// The finding about more seconds than something can last, which lasts so many then.
pub(crate) fn longer_than_longest(span: Span, written: &str, lasts_s: u64, what: &str, example: &str) -> Finding {
    let (short, limit) = (super::wording::written_unit(written), english::thousands(lasts_s));
    let lasts = english::duration(lasts_s.saturating_mul(1_000));
    Finding::warning(NAME, span, format!("`{short}` seconds are more than {what} can last"))
        .here(format!("the number goes up to {limit}"))
        .note(format!("so {what} would last {lasts}"))
        .help(format!("write fewer seconds, as in `{example}`"))
}

/// The finding about a length of time that has too many cycles.
pub(crate) fn too_long(span: Span, most: i64, cycle: std::time::Duration) -> Finding {
    let most = english::thousands(u64::try_from(most).unwrap_or_default());
    let seconds = cycle.as_secs();
    Finding::error(NAME, span, "this is longer than can be remembered")
        .here(format!("up to {most} cycles can be counted, and a cycle lasts {seconds} s"))
        .help("name a shorter time")
}
