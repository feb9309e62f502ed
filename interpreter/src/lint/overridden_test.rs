//! `overridden-test`: a test of which Monit keeps only the last.

use grammar::Finding;
use grammar::ast::{CheckStatement, Every, Rule};

use super::Entry;
use crate::program::{Changed, Owner, Test};

const NAME: &str = "overridden-test";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a test that a later one replaces", include_str!("overridden_test.md"));

/// The finding about a rule that a later one replaces.
pub(crate) fn finding(rule: &Rule, test: &Test) -> Finding {
    let kind = match test {
        Test::Owner(Owner::Uid, _) => "uid",
        Test::Owner(Owner::Euid, _) => "euid",
        Test::Owner(Owner::Gid, _) => "gid",
        Test::Checksum { .. } | Test::Changed(Changed::Checksum(_)) => "checksum",
        _ => "permission",
    };
    Finding::warning(NAME, rule.condition.span, "a later test of this service takes the place of this one")
        .here(format!("Monit knows one {kind} test for each service: the last"))
        .also(rule.action.span, "so this would never happen")
        .help("leave it out, or call the file `.rules`, where each is a test")
}

/// The finding about an `every` that takes the place of an earlier one of the same service.
pub(crate) fn every(later: &Every, statements: &[CheckStatement]) -> Finding {
    let finding = Finding::warning(NAME, later.span, "a service has one `every`, and this is another")
        .here("this one counts")
        .help("leave the one out that is not meant");
    let mut earlier = statements.iter().filter_map(|statement| match statement {
        CheckStatement::Every(every) if every.span < later.span => Some(every.span),
        _ => None,
    });
    match earlier.next_back() {
        Some(span) => finding.also(span, "so this does not"),
        None => finding,
    }
}
