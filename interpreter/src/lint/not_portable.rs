//! `not-portable`: what ruled takes and Monit refuses.

use grammar::ast::{SettingKind, Statement};
use grammar::{Dialect, Finding, Span};

use super::Entry;
use crate::check::View;

const NAME: &str = "not-portable";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "what ruled takes and Monit refuses", include_str!("not_portable.md"), look);

/// Monit does not stay in the foreground without a cycle.
fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    if view.dialect != Dialect::Monit || !view.complete {
        return;
    }
    let mut settings = view.file.statements.iter().filter_map(|statement| match statement {
        Statement::Set(setting) => Some(setting),
        Statement::Check(_) => None,
    });
    if settings.clone().any(|setting| matches!(setting.kind, SettingKind::Daemon { .. })) {
        return;
    }
    if let Some(init) = settings.find(|setting| matches!(setting.kind, SettingKind::Init)) {
        let before = Span { start: init.span.start, end: init.span.start };
        findings.push(
            Finding::warning(NAME, init.span, "Monit refuses `set init` without `set daemon`")
                .here("nothing says how long a cycle is, unless `monit -d SECONDS` does")
                .fix("say how many seconds a cycle takes", before, "set daemon 30\n", false),
        );
    }
}

/// The same where it is refused here, too: in Monit's dialect, what Monit would have to be told in other words.
pub(crate) fn refused(span: Span, headline: impl Into<String>, reason: &str) -> Finding {
    let finding = Finding::error(NAME, span, headline).here(reason);
    finding.note("files that end in `.rules` may say it").help("write it as Monit takes it")
}

/// The finding about something that Monit refuses, with the reason.
pub(crate) fn finding(span: Span, headline: impl Into<String>, reason: &str) -> Finding {
    Finding::warning(NAME, span, headline).here(reason).note("ruled reads it as it is meant")
}
