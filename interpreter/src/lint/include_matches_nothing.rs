//! `include-matches-nothing`: an include without a file.

use grammar::{Dialect, Finding, Span};

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

/// The finding about a pattern that is the name of a folder.
pub(crate) fn folder(span: Span, pattern: &str, dialect: Dialect) -> Finding {
    let folder = pattern.trim_end_matches('/');
    let ending = if dialect == Dialect::Rules { ".rules" } else { "" };
    Finding::warning(NAME, span, format!("`{pattern}` is a folder"))
        .here("so nothing is read here")
        .help(format!("write `include {folder}/*{ending}` to read the files in it"))
}
