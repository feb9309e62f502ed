//! `too-large`: more text than anybody means to be rules.

use grammar::{Finding, Span};

use super::Entry;
use crate::check::{FILES_MAX, TEXT_BYTES_MAX};

const NAME: &str = "too-large";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "more text than is read", include_str!("too_large.md"));

/// The finding about a file that makes the text too large.
pub(crate) fn finding(span: Span, path: &str) -> Finding {
    let limit = TEXT_BYTES_MAX >> 20;
    Finding::error(NAME, span, format!("with {path} there are more than {limit} MB of rules"))
        .here("so this file is not read")
        .help("see whether the path is right: this is hardly a file of rules")
}

/// The finding about the include that makes the files too many.
pub(crate) fn too_many(span: Span, path: &str) -> Finding {
    Finding::error(NAME, span, format!("with {path} more than {FILES_MAX} files are included"))
        .here("so this file is not read")
        .help("see whether the same files are included again and again")
}
