//! `not-portable`: what ruled takes and Monit refuses.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "not-portable";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "what ruled takes and Monit refuses", include_str!("not_portable.md"));

/// The same where it is refused here, too: in Monit's dialect, what Monit would have to be told in other words.
pub(crate) fn refused(span: Span, headline: impl Into<String>, reason: &str) -> Finding {
    let finding = Finding::error(NAME, span, headline).here(reason);
    finding.note("files that end in `.rules` may say it").help("write it as Monit takes it")
}

/// The finding about something that Monit refuses, with the reason.
pub(crate) fn finding(span: Span, headline: impl Into<String>, reason: &str) -> Finding {
    Finding::warning(NAME, span, headline).here(reason).note("ruled reads it as it is meant")
}
