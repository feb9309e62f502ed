//! `writable-by-others`: a file of rules that strangers may change.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "writable-by-others";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a file of rules that strangers may change", include_str!("writable_by_others.md"));

/// The finding about the file of a plugin, with who may write it.
pub(crate) fn plugin(span: Span, path: &str, who: &str) -> Finding {
    Finding::warning(NAME, span, format!("{path} can be written by {who}"))
        .here("whoever writes this file decides which of the plugins that were added is run here, with these grants")
        .help(format!("take the right away, as in `chmod go-w {path}`, and give the file to root"))
}

/// The finding about a file of rules, with who may write it.
pub(crate) fn finding(span: Span, path: &str, who: &str) -> Finding {
    Finding::warning(NAME, span, format!("{path} can be written by {who}"))
        .here("whoever writes this file decides what is run here")
        .note("`ruled run` refuses it")
        .help(format!("take the right away, as in `chmod go-w {path}`, and give the file to root"))
}
