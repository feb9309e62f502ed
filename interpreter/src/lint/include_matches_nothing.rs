//! `include-matches-nothing`: an include without a file.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "include-matches-nothing";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an include without a file", include_str!("include_matches_nothing.md"));

/// The finding about a pattern that matches no file.
pub(crate) fn finding(span: Span, pattern: &str) -> Finding {
    Finding::warning(NAME, span, format!("no file matches `{pattern}`"))
        .here("so nothing is read here")
        .note("directories, and names that end in `~`, are left out")
}
