//! `overridden-test`: a test of which Monit keeps only the last.

use grammar::Finding;
use grammar::ast::Rule;

use super::Entry;

const NAME: &str = "overridden-test";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a test that a later one replaces", include_str!("overridden_test.md"));

/// The finding about a rule that a later one replaces.
pub(crate) fn finding(rule: &Rule) -> Finding {
    Finding::warning(NAME, rule.condition.span, "a later test of this service takes the place of this one")
        .here("Monit knows one permission test for each service: the last")
        .also(rule.action.span, "so this would never happen")
        .help("leave it out, or call the file `.rules`, where each is a test")
}
