//! `wrong-mode`: a mode that no file can have.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "wrong-mode";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a mode that no file can have", include_str!("wrong_mode.md"));

/// The finding about digits that are no mode.
pub(crate) fn finding(mode: &Spanned<String>) -> Finding {
    Finding::error(NAME, mode.span, format!("`{}` is no mode of a file", mode.node))
        .here("a mode has up to four digits from 0 to 7")
        .help("write it as `ls` and `chmod` do: `0640`")
}
