//! The quoted texts of a file, each with what it says, for those who write a file anew.

use super::grammar::{Rule, lexemes};
use super::{Pair, scan, span, unquote};
use crate::{Dialect, Spanned};

/// The quoted texts in the order in which they stand, with what they say in this dialect.
///
/// Programs in double quotes are not among them, nor is what is read as it stands: comments, the parts of a mail's
/// format, the headers of a request.
pub fn quoted_texts(text: &str, dialect: Dialect) -> Vec<Spanned<String>> {
    let scanned = scan::scan(text, dialect, true);
    let lexemes = lexemes(dialect, &scanned.text);
    let quoted = lexemes.items().filter(|lexeme| lexeme.as_rule() == Rule::quoted);
    let said = |lexeme: Pair<'_>| {
        let place = span(&lexeme);
        let written = scanned.text.get(place.range()).unwrap_or_default();
        let said = if dialect == Dialect::Monit { unquote::monit(written) } else { unquote::rules(written) };
        place.with(said)
    };
    quoted.map(said).collect()
}

/// Writes a text in quotes, so that the `rules` dialect reads it back.
pub fn quote(said: &str) -> String {
    let mut written = String::with_capacity(said.len() + 2);
    written.push('"');
    for (at, c) in said.char_indices() {
        let next = said.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        match (c, next) {
            ('"', _) => written.push_str("\\\""),
            ('\\', None | Some('n' | 't' | 'r' | ' ' | '\\' | '0' | '"')) => written.push_str("\\\\"),
            _ => written.push(c),
        }
    }
    written.push('"');
    written
}

/// Writes a program with its arguments in double quotes, so that the `rules` dialect splits it into the same words.
pub fn quote_program(words: &[Spanned<String>]) -> String {
    let words: Vec<String> = words.iter().map(|word| argument(&word.node)).collect();
    format!("\"{}\"", words.join(" "))
}

fn argument(word: &str) -> String {
    let plain = |c: char| !matches!(c, '"' | '\'' | '\\' | ' ' | '\t' | '\r' | '\n');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut written = String::with_capacity(word.len() + 2);
    written.push('\'');
    for c in word.chars() {
        match c {
            // A single quote would end the argument, and a double one the program to a hasty reader.
            '\'' => written.push_str("\\0x27"),
            '"' => written.push_str("\\0x22"),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            _ => written.push(c),
        }
    }
    written.push('\'');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_says_the_same() {
        for said in ["", "a b", "say \"so\"", "it's", "a\\", "\\n", "\\d+\\.", "\\\\", "\\\"", "\\0x41", " x ", "a\nb"]
        {
            assert_eq!(unquote::rules(&quote(said)), said, "{}", quote(said));
        }
    }
}
