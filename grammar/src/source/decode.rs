//! Bytes to text and back: a control file need not be UTF-8.
//!
//! Each byte that is not part of valid UTF-8 becomes one private code point, so that it can be
//! restored in arguments and paths. Valid text that happens to use these code points is treated as
//! invalid bytes too; hence the way back is exact for every input.

use crate::Span;
use std::borrow::Cow;

/// The code point that stands for the byte 0; the other bytes follow.
const FIRST: u32 = 0x10_FE00;

/// A file's bytes as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, with a private code point for each invalid byte.
    pub text: String,
    /// Where the first invalid byte is in the text, if there is one.
    pub first_invalid: Option<Span>,
}

/// Only the code points that stand for a byte begin so; nearly every text has none.
const FIRST_BYTE: u8 = 0xF4;

/// Reads bytes as UTF-8 and keeps what is not.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let (Ok(text), None) = (std::str::from_utf8(bytes), memchr::memchr(FIRST_BYTE, bytes)) {
        return Decoded { text: text.to_owned(), first_invalid: None };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut first_invalid = None;
    let mut keep = |text: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let start = text.len();
            text.push(character_of(*byte));
            first_invalid.get_or_insert(Span::new(start, text.len()));
        }
    };
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(is_undecoded) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let len = from.chars().next().map_or(0, char::len_utf8);
            let (taken, after) = from.split_at(len);
            keep(&mut text, taken.as_bytes());
            rest = after;
        }
        text.push_str(rest);
        keep(&mut text, chunk.invalid());
    }
    Decoded { text, first_invalid }
}

/// The same of bytes that are handed over: nearly always they are the text.
pub fn decode_owned(bytes: Vec<u8>) -> Decoded {
    if memchr::memchr(FIRST_BYTE, &bytes).is_some() {
        return decode(&bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, first_invalid: None },
        Err(error) => decode(error.as_bytes()),
    }
}

/// The bytes that a decoded text, or a part of it, was read from.
pub fn encode_back(text: &str) -> Cow<'_, [u8]> {
    if !text.contains(is_undecoded) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        match byte_of(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

/// Whether a character stands for a byte that is not UTF-8.
pub fn is_undecoded(character: char) -> bool {
    byte_of(character).is_some()
}

/// The character that stands for a byte that is not UTF-8.
pub(crate) fn character_of(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that a character stands for.
pub(crate) fn byte_of(character: char) -> Option<u8> {
    u32::from(character).checked_sub(FIRST).and_then(|byte| u8::try_from(byte).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let inputs: [&[u8]; 4] = [b"caf\xe9 au lait", b"\xff\xfe\x00", "\u{10FE41}x\u{10FEFF}".as_bytes(), b"\xe2\x82"];
        for bytes in inputs {
            assert_eq!(encode_back(&decode(bytes).text).as_ref(), bytes);
            assert_eq!(decode_owned(bytes.to_vec()), decode(bytes));
        }
        assert_eq!(decode("ünïcödé".as_bytes()), Decoded { text: "ünïcödé".to_owned(), first_invalid: None });
        assert_eq!(decode(b"a\xe9").first_invalid, Some(Span::new(1, 5)));
    }
}
