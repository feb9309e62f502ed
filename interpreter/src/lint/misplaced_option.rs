//! `misplaced-option`: an option that a connection of this kind does not have.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "misplaced-option";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an option that a connection does not have", include_str!("misplaced_option.md"));

/// The finding about an option of a connection, which `whose` kind does not have for this reason.
pub(crate) fn finding(span: Span, whose: &str, reason: &str) -> Finding {
    Finding::error(NAME, span, format!("{whose} does not have this option"))
        .here(reason.to_owned())
        .help("leave it out")
}
