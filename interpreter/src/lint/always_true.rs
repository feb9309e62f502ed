//! `always-true`: a limit that everything passes.

use grammar::Finding;
use grammar::ast::TestKind;

use super::Entry;
use super::extent::Extent;
use super::wording::{forever, side, words, written_unit};
use crate::check::{View, tests};
use crate::program::Test;

const NAME: &str = "always-true";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a limit that is always passed", include_str!("always_true.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for (watched, tree, rule) in view.rules() {
        // A part of a condition decides nothing alone.
        let mut tests = tests(tree, rule);
        let (Some((test, Test::Limit(limit))), None) = (tests.next(), tests.next()) else { continue };
        let TestKind::Limit(written) = &test.kind else { continue };
        if matches!(rule.test, Test::Not(_)) || Extent::of(limit) != Extent::Always {
            continue;
        }
        let value = written_unit(view.text(written.value.span));
        let name = &watched.service.name;
        findings.push(
            Finding::warning(NAME, test.span, "this condition always holds")
                .here(format!("{} is always {} {value}", words(limit.metric), side(limit.relation)))
                .also(tree.action.span, forever(&rule.action, name, rule.rate))
                .help(format!("name a limit that {name} passes only when something is wrong")),
        );
    }
}
