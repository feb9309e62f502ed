//! `unreadable-file`: a file that is there and cannot be read.

use grammar::{Finding, Span};

use super::Entry;
use crate::check::ReadError;

const NAME: &str = "unreadable-file";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a file that cannot be read", include_str!("unreadable_file.md"));

/// The finding about a file that cannot be read.
pub(crate) fn finding(span: Span, error: &ReadError) -> Finding {
    Finding::error(NAME, span, error.sentence.clone()).here("so nobody knows which rules stand in it")
}
