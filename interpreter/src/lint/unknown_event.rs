//! `unknown-event`: a class of events that there is not.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::EVENTS;

const NAME: &str = "unknown-event";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a class of events that there is not", include_str!("unknown_event.md"));

/// The finding about a word that names no class of events.
pub(crate) fn finding(word: &Spanned<String>) -> Finding {
    let words: Vec<&str> = EVENTS.iter().flat_map(|entry| entry.words).copied().collect();
    let raised: Vec<&str> = EVENTS.iter().filter_map(|entry| entry.words.first()).copied().collect();
    let finding = Finding::error(NAME, word.span, format!("there are no events named `{}`", word.node))
        .here("so nobody could say who is told")
        .note(format!("the events that ruled sends: {}", english::and(&raised)));
    if word.node.eq_ignore_ascii_case("match") {
        return finding.fix("the event of a pattern is `content`", word.span, "content", false);
    }
    did_you_mean(finding, word.span, &word.node, &words)
}
