//! `undeclared-name`: a word in the place of a value.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "undeclared-name";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a name in the place of a value", include_str!("undeclared_name.md"));

/// The finding about a name that nothing declares.
pub(crate) fn finding(span: Span, name: &str) -> Finding {
    Finding::error(NAME, span, format!("nothing says what `{name}` is"))
        .here("a value is wanted here")
        .help("write the value itself; a text needs quotes")
}
