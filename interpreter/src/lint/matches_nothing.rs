//! `matches-nothing`: a pattern that no text matches.

use grammar::{Finding, Span};

use super::Entry;
use crate::pattern::Never;

const NAME: &str = "matches-nothing";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a pattern that no text matches", include_str!("matches_nothing.md"));

/// The finding about a pattern, with the reason.
pub(crate) fn finding(span: Span, reason: Never) -> Finding {
    let finding = Finding::warning(NAME, span, "this pattern matches nothing");
    match reason {
        Never::BeforeStart => finding
            .here("`^` is the beginning of the text, and something would have to stand before it")
            .help("write `\\^` for the sign itself, or move the `^` to the beginning"),
        Never::BehindEnd => finding
            .here("`$` is the end of the text, and something would have to stand behind it")
            .help("write `\\$` for the sign itself, or move the `$` to the end"),
        Never::EmptyClass => {
            finding.here("one of its classes has no character").help("say which characters may stand there")
        }
    }
}
