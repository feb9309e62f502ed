//! `recovery-word`: an `else if` that says the opposite.

use grammar::{Finding, Span, Spanned};

use super::Entry;
use crate::program::Wanted;

const NAME: &str = "recovery-word";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an `else if` that repeats the condition", include_str!("recovery_word.md"));

/// The finding about the word behind `else if`, and the condition that it should be the end of.
pub(crate) fn finding(word: &Spanned<String>, condition: Span, wanted: Wanted) -> Finding {
    let (other, holds) = match wanted {
        Wanted::Failed => ("recovered", "this is the failure"),
        Wanted::Succeeded => ("failed", "this is the success"),
    };
    Finding::error(NAME, word.span, format!("`else if {}` is no end of this condition", word.node))
        .here(format!("what ends it is `{other}`"))
        .also(condition, holds)
        .fix(format!("write `{other}`"), word.span, other, false)
}
