//! `replaceable-by-others`: a file of rules in whose place everybody may put another.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "replaceable-by-others";
pub(super) const ENTRY: Entry = Entry::reported(
    NAME,
    "a file of rules in whose place everybody may put another",
    include_str!("replaceable_by_others.md"),
);

/// The finding about the first file of a folder that everybody may write.
pub(crate) fn finding(span: Span, path: &str, folder: &str) -> Finding {
    let headline = format!("everybody may put another file in the place of {path}");
    Finding::warning(NAME, span, headline)
        .here("whoever does decides what is run here")
        .note(format!("everybody may write {folder}, and it has no sticky bit"))
        .help(format!("take the right away, as in `chmod o-w {folder}`"))
}
