//! `wrong-pattern`: a regular expression that cannot be read.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "wrong-pattern";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a regular expression that cannot be read", include_str!("wrong_pattern.md"));

/// The finding about a pattern that cannot be read, with the reason.
pub(crate) fn finding(pattern: &Spanned<String>, reason: &str) -> Finding {
    // The reason ends in a line of its own, below a picture that would be a second one here.
    let last = reason.lines().last().unwrap_or_default();
    let reason = last.trim().trim_start_matches("error: ").to_owned();
    Finding::error(NAME, pattern.span, "this pattern is no regular expression")
        .here(reason)
        .help("put a backslash before a sign that is to stand for itself, such as `\\(`")
}

/// The finding about a line of a file of patterns.
pub(crate) fn in_file(path: &Spanned<String>, line: &str, reason: &str) -> Finding {
    let line = super::wording::written_unit(line);
    Finding::error(NAME, path.span, format!("{} holds a line that is no regular expression", path.node))
        .here(reason)
        .note(format!("the line is `{line}`"))
}
