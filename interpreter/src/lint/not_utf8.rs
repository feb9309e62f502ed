//! `not-utf8`: bytes that are no text.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "not-utf8";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "bytes that are no text", include_str!("not_utf8.md"));

/// The finding about the first such byte of a file.
pub(crate) fn finding(span: Span) -> Finding {
    Finding::warning(NAME, span, "this file is not UTF-8")
        .here("this is the first byte that is no text")
        .note("it is kept as it is in paths and arguments; anywhere else it is shown as a stand-in")
        .help("save the file as UTF-8")
}
