//! `include`: purely lexical, so it is found among lexemes before anything is parsed.

use super::grammar::{Rule, lexemes};
use super::{Pair, scan, span, unquote};
use crate::{Dialect, Span, Spanned};

/// An `include` statement: the files that match the pattern are read in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The whole statement, which the text of the files replaces.
    pub span: Span,
    /// The pattern.
    pub pattern: Spanned<String>,
}

/// The `include` statements of the text of one file, in the order in which they stand.
///
/// Comments, texts, programs and names that hold the word are not taken for one.
pub fn includes(text: &str, dialect: Dialect) -> Vec<Include> {
    if !mentions_include(text) {
        return Vec::new();
    }
    let scanned = scan::scan(text, dialect, true);
    let lexemes = lexemes(dialect, &scanned.text);
    let statements = lexemes.items().filter(|lexeme| lexeme.as_rule() == Rule::lex_include);
    let include = |lexeme: Pair<'_>| {
        let place = span(&lexeme);
        let pattern = lexeme.into_inner().last()?;
        let here = span(&pattern);
        let written = scanned.text.get(here.range()).unwrap_or_default();
        let written = match pattern.as_rule() {
            Rule::include_quoted => unquote::inner(written),
            Rule::include_bare => written,
            // `include` alone includes nothing.
            _ => "",
        };
        Some(Include { span: place, pattern: here.with(written.to_owned()) })
    };
    statements.filter_map(include).collect()
}

/// Most files have no include; those are not read twice.
fn mentions_include(text: &str) -> bool {
    const WORD: &[u8] = b"include";
    let is_word =
        |at: usize| text.as_bytes().get(at..at + WORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(WORD));
    // The rarest letter of the word leads to it.
    memchr::memchr2_iter(b'u', b'U', text.as_bytes()).any(|at| at.checked_sub(4).is_some_and(is_word))
}
