//! Includes are lexical: they are found by a scan of the text, before it is parsed.

use pest::Parser;

use super::grammar::{Grammar, Rule};
use super::text::unquote;
use crate::{Dialect, Span, Spanned};

/// One `include`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// From the word to the end of the pattern.
    pub span: Span,
    /// The path or pattern of paths.
    pub pattern: Spanned<String>,
}

/// The includes of a text, in their order; those in comments and texts are none.
pub fn includes(text: &str, dialect: Dialect) -> Vec<Include> {
    // Most files include nothing, and looking for the word is a hundred times faster than a scan of lexemes.
    let found = text.as_bytes().windows(7).any(|word| word.eq_ignore_ascii_case(b"include"));
    let Some(lexemes) = found.then(|| Grammar::parse(Rule::lexemes, text).ok()).flatten() else { return Vec::new() };
    let mut includes = Vec::new();
    for lexeme in lexemes.flat_map(pest::iterators::Pair::into_inner) {
        if lexeme.as_rule() == Rule::lexeme_include
            && let Some(pattern) = lexeme.clone().into_inner().next()
        {
            let place =
                |pair: &pest::iterators::Pair<'_, Rule>| Span::new(pair.as_span().start(), pair.as_span().end());
            let written = place(&pattern).with(unquote(pattern.as_str(), dialect));
            includes.push(Include { span: place(&lexeme), pattern: written });
        }
    }
    includes
}
