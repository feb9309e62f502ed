//! `duplicate-option`: an option that is given twice where only one can be meant.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "duplicate-option";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an option that is given twice", include_str!("duplicate_option.md"));

/// The finding about the second of the two; `reason` says why there can be only one.
pub(crate) fn finding(span: Span, reason: &str) -> Finding {
    Finding::error(NAME, span, "this option is given twice").here(reason).help("leave one of them out")
}
