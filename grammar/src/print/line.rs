//! Tokens as lines: the lines that were there, and one more before each statement that began within one.

use super::outline::{self, Part};
use super::token::{Kind, Token};

/// One line of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its tokens, at least one.
    pub(super) tokens: &'a [Token<'a>],
    pub(super) role: Role,
}

/// What a line is in its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It begins a statement.
    Begins(outline::Kind),
    /// It goes on with one.
    GoesOn,
    /// It is a comment and nothing else.
    Comment,
}

/// The lines of a text.
pub(super) fn lines<'a>(tokens: &'a [Token<'a>], statements: &[Part]) -> Vec<Line<'a>> {
    let begins = beginnings(tokens, statements);
    let mut lines = Vec::new();
    let mut rest = tokens;
    let mut kinds = begins.as_slice();
    while let (Some(first), Some(kind)) = (rest.first(), kinds.first()) {
        let ends = |(token, kind): (&Token<'_>, &Option<outline::Kind>)| token.gap.breaks > 0 || kind.is_some();
        let length = rest.iter().zip(kinds).skip(1).position(ends).map_or(rest.len(), |more| more + 1);
        let role = match kind {
            Some(kind) => Role::Begins(*kind),
            None if first.kind == Kind::Comment && first.gap.indent.is_some() => Role::Comment,
            None => Role::GoesOn,
        };
        let (tokens, behind) = rest.split_at(length);
        lines.push(Line { tokens, role });
        (rest, kinds) = (behind, kinds.get(length..).unwrap_or_default());
    }
    lines
}

/// For each token, the kind of the statement that begins a line with it.
fn beginnings(tokens: &[Token<'_>], statements: &[Part]) -> Vec<Option<outline::Kind>> {
    let mut begins = vec![None; tokens.len()];
    let mut end_before = 0;
    for part in statements {
        let span = part.span.range();
        // A statement never begins within a token; if it did, it would stay where it is.
        if let Ok(index) = tokens.binary_search_by_key(&span.start, |token| token.start)
            && let Some(first) = begins.get_mut(line_start(tokens, index, end_before))
        {
            *first = Some(part.kind);
        }
        end_before = span.end;
    }
    begins
}

/// The token that a statement takes to its own line with it: noise words and signs that begin the line already.
fn line_start(tokens: &[Token<'_>], index: usize, end_before: usize) -> usize {
    for at in (0..=index).rev() {
        match tokens.get(at) {
            Some(token) if at < index && token.start < end_before => break,
            Some(token) if token.gap.indent.is_some() => return at,
            _ => {}
        }
    }
    index
}

impl Line<'_> {
    /// The first token.
    pub(super) fn first(&self) -> Option<&Token<'_>> {
        self.tokens.first()
    }

    /// How many lines ended before this one; 0 where there was none.
    pub(super) fn breaks(&self) -> usize {
        self.first().map_or(0, |token| token.gap.breaks)
    }

    /// How far the line stood from the margin; nothing where it was no line.
    pub(super) fn indent(&self) -> Option<usize> {
        self.first().and_then(|token| token.gap.indent)
    }

    /// Writes the words of the line, with the blanks between them.
    pub(super) fn write(&self, text: &mut String) {
        for (index, token) in self.tokens.iter().enumerate() {
            if index > 0 && token.kind == Kind::Comment {
                text.push_str("  ");
            } else if index > 0 && !token.gap.glued {
                text.push(' ');
            }
            text.push_str(token.text);
        }
    }
}
