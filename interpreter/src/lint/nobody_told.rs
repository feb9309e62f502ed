//! `nobody-told`: alerts without a recipient.

use grammar::Finding;
use grammar::ast::{ActionKind, Statement};

use super::Entry;
use crate::check::View;
use crate::program::AlertTarget;

const NAME: &str = "nobody-told";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "alerts without a recipient", include_str!("nobody_told.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    // A text without any setting is a part of a larger one, which may name the recipients.
    let whole = view.file.statements.iter().any(|statement| matches!(statement, Statement::Set(_)));
    let elsewhere = hears(&view.program.settings.alerts) || !view.program.settings.mmonit.is_empty();
    if !view.complete || !whole || elsewhere {
        return;
    }
    let alone = view
        .rules()
        .filter(|(watched, tree, _)| matches!(tree.action.kind, ActionKind::Alert) && !hears(&watched.service.alerts));
    let mut places: Vec<_> = alone.map(|(_, tree, _)| tree.action.span).collect();
    places.sort();
    let Some((first, others)) = places.split_first() else { return };
    let finding = Finding::warning(NAME, *first, "nobody is told: there is no recipient")
        .here("so this stands in the log and goes no further")
        .help("add `set alert you@example.com`, or `alert you@example.com` in the service");
    findings.push(match others.len() {
        0 => finding,
        1 => finding.note("one more rule alerts nobody"),
        more => finding.note(format!("{more} more rules alert nobody")),
    });
}

fn hears(targets: &[AlertTarget]) -> bool {
    targets.iter().any(|target| !target.events.classes().is_empty())
}
