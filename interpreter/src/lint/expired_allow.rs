//! `expired-allow`: a comment that has allowed something for long enough.

use grammar::{Finding, Spanned};

use super::Entry;
use crate::check::Allow;

const NAME: &str = "expired-allow";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a comment that has allowed something for long enough", include_str!("expired_allow.md"));

/// The finding about a comment whose last day is over.
pub(crate) fn finding(allow: &Allow, until: &Spanned<String>) -> Finding {
    let what = if allow.names.len() == 1 { "this finding was" } else { "these findings were" };
    Finding::warning(NAME, until.span, format!("{what} allowed until {}", until.node))
        .here("this day is over, so what the comment names is shown again")
        .help("mend what it allowed and remove the comment, or set another day")
}
