//! `never-true`: a limit that nothing passes.

use grammar::Finding;
use grammar::ast::TestKind;

use super::Entry;
use super::extent::Extent;
use super::wording::{never, side, words, written_unit};
use crate::check::{View, tests};
use crate::program::Test;

const NAME: &str = "never-true";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a limit that is never passed", include_str!("never_true.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for (watched, tree, rule) in view.rules() {
        // A part of a condition decides nothing alone.
        let mut tests = tests(tree, rule);
        let (Some((test, Test::Limit(limit))), None) = (tests.next(), tests.next()) else { continue };
        let TestKind::Limit(written) = &test.kind else { continue };
        if matches!(rule.test, Test::Not(_)) || Extent::of(limit) != Extent::Never {
            continue;
        }
        let value = written_unit(view.text(written.value.span));
        let reason = if limit.percent && limit.value > 0.0 {
            "a share of a whole ends at 100%".to_owned()
        } else {
            format!("{} is never {} {value}", words(limit.metric), side(limit.relation))
        };
        findings.push(
            Finding::warning(NAME, test.span, "this condition never holds")
                .here(reason)
                .also(tree.action.span, never(&rule.action, &watched.service.name))
                .help("name a limit that can be passed"),
        );
    }
}
