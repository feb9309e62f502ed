//! Whether two texts differ in nothing but blanks.

use super::{Read, Unformatted};
use crate::ast::RuleFile;
use std::fmt::Write;

/// Compares what was read with what is written.
pub(super) fn compare(before: &Read<'_>, after: &Read<'_>) -> Result<(), Unformatted> {
    if !characters(before.text).eq(characters(after.text)) {
        return Err(Unformatted::Fault("a character was lost or moved"));
    }
    let words =
        |read: &Read<'_>| read.tokens.iter().map(|token| (token.kind, token.text.to_owned())).collect::<Vec<_>>();
    if words(before) != words(after) {
        return Err(Unformatted::Fault("a word is not what it was"));
    }
    if without_places(&before.outline.tree) != without_places(&after.outline.tree) {
        return Err(Unformatted::Fault("the rules would mean something else"));
    }
    Ok(())
}

/// Everything that is no blank.
fn characters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{FEFF}'))
}

/// What a tree says, without the offsets in it.
fn without_places(tree: &RuleFile) -> String {
    const PLACE: &str = "Span { start: ";
    let mut said = String::new();
    // Writing to a string never fails.
    write!(said, "{tree:?}").ok();
    let mut bare = String::with_capacity(said.len());
    for (index, part) in said.split(PLACE).enumerate() {
        let behind = if index == 0 { part } else { part.split_once('}').map_or(part, |(_, behind)| behind) };
        bare.push_str(behind);
    }
    bare
}
