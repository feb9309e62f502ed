//! `misplaced-test`: a test that this kind of service does not have.

use grammar::ast::{Check, ServiceKind};
use grammar::{Dialect, Finding, Span, english};

use super::Entry;
use super::wording::{a_kind, askable};
use crate::catalog::{MetricEntry, TestEntry};

const NAME: &str = "misplaced-test";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a test that this kind of service does not have", include_str!("misplaced_test.md"));

/// The finding about a metric.
pub(crate) fn metric(check: &Check, span: Span, entry: &MetricEntry, dialect: Dialect) -> Finding {
    finding(check, span, entry.words, entry.services, dialect)
}

/// The finding about another test.
pub(crate) fn test(check: &Check, span: Span, entry: &TestEntry, dialect: Dialect) -> Finding {
    let words = format!("{} test", entry.words);
    finding(check, span, &words, entry.services, dialect)
}

fn finding(check: &Check, span: Span, words: &str, services: &[ServiceKind], dialect: Dialect) -> Finding {
    let kind = check.kind.node;
    let owners: Vec<&str> = services.iter().map(|kind| a_kind(*kind)).collect();
    let verb = if owners.len() == 1 { "has" } else { "have" };
    Finding::error(NAME, span, format!("{} has no {words}", a_kind(kind)))
        .here(format!("only {} {verb} it", english::and(&owners)))
        .also(check.kind.span, format!("{} is {}", check.name.node, a_kind(kind)))
        .note(format!("what {} can be asked for: {}", a_kind(kind), askable(kind, dialect)))
}
