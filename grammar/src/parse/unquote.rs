//! What a quoted text says: quotes taken off, escapes decoded, as each dialect reads them.

use crate::source::character_of;
use std::borrow::Cow;

/// The text between the two quotes, with nothing decoded; the second may be missing at the end of a file.
pub(super) fn inner(quoted: &str) -> &str {
    let mut characters = quoted.chars();
    let quote = characters.next();
    let inside = characters.as_str();
    quote.and_then(|quote| inside.strip_suffix(quote)).unwrap_or(inside)
}

/// How long the argument in single quotes is that begins here, inside a program; nothing where the word up to the next
/// blank is longer: `'a b'` is one, `'a'b` is none. It may hold double quotes and line breaks.
pub(super) fn argument(bytes: &[u8]) -> Option<usize> {
    let inside = bytes.strip_prefix(b"'")?;
    let length = inside.iter().position(|byte| *byte == b'\'')? + 2;
    let ends_word = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"');
    let word = bytes.iter().position(ends_word).unwrap_or(bytes.len());
    (word <= length).then_some(length)
}

/// What Monit makes of a quoted text: it takes off every quote and blank at either end, of either
/// kind and in any number, and then decodes escapes.
pub(super) fn monit(quoted: &str) -> String {
    let stripped = quoted.trim_matches(|c: char| matches!(c, '"' | '\'' | ' ' | '\t' | '\r' | '\n'));
    decode(stripped, None).into_owned()
}

/// What `rules` makes of it: what stands between the quotes, with escapes and `\"` decoded.
pub(super) fn rules(quoted: &str) -> String {
    decode(inner(quoted), quoted.chars().next()).into_owned()
}

/// Decodes `\n \t \r`, `\` and a blank, `\\`, `\0xHH` and, where one is given, the protected quote.
/// Any other backslash stays, so that patterns are written naturally.
pub(super) fn decode(text: &str, quote: Option<char>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        decoded.push_str(before);
        let (character, used) = match after.chars().next() {
            Some('n') => ('\n', 1),
            Some('t') => ('\t', 1),
            Some('r') => ('\r', 1),
            Some(' ') => (' ', 1),
            Some('\\') => ('\\', 1),
            Some(c) if Some(c) == quote => (c, 1),
            Some('0') => byte(after).map_or(('\\', 0), |character| (character, 4)),
            _ => ('\\', 0),
        };
        decoded.push(character);
        rest = after.get(used..).unwrap_or_default();
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// `0xHH`, except for the byte 0, which no text can hold.
fn byte(text: &str) -> Option<char> {
    let digits = text.strip_prefix("0x").and_then(|digits| digits.get(..2))?;
    let byte = u8::from_str_radix(digits, 16).ok().filter(|byte| *byte != 0 && !digits.starts_with('+'))?;
    Some(if byte.is_ascii() { char::from(byte) } else { character_of(byte) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monit_strips_again_and_again() {
        assert_eq!(monit("\"  a b  \""), "a b");
        assert_eq!(monit("\"'x'\""), "x");
        assert_eq!(monit("'a\"b'"), "a\"b");
        assert_eq!(monit(r#""a\.b\n\\ \0x41""#), "a\\.b\n\\ A");
    }

    #[test]
    fn rules_keep_what_stands_between() {
        assert_eq!(rules("\"  a b  \""), "  a b  ");
        assert_eq!(rules(r#""say \"so\"""#), "say \"so\"");
        assert_eq!(rules(r"'it\'s \d'"), r"it's \d");
    }
}
