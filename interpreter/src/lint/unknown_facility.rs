//! `unknown-facility`: a part of the system's log that there is not.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::facilities;

const NAME: &str = "unknown-facility";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a part of the system's log that there is not", include_str!("unknown_facility.md"));

/// The finding about a word that names no facility.
pub(crate) fn finding(word: &Spanned<String>) -> Finding {
    let finding = Finding::error(NAME, word.span, format!("the system's log has no facility `{}`", word.node))
        .here("so nobody would find the messages")
        .note(format!("there are {}", english::and(facilities())));
    did_you_mean(finding, word.span, &word.node, facilities())
}
