//! `not-portable`: what ruled takes and Monit refuses.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "not-portable";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "what ruled takes and Monit refuses", include_str!("not_portable.md"));

/// The finding about something that Monit refuses, with the reason.
pub(crate) fn finding(span: Span, headline: impl Into<String>, reason: &str) -> Finding {
    Finding::warning(NAME, span, headline).here(reason).note("ruled reads it as it is meant")
}
