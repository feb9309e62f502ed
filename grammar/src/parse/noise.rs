//! Words that Monit drops wherever they stand. They are marked before pest reads a text, so that the grammar knows one
//! by its first byte instead of trying thirty words in every gap.

use super::scan::is_word;

/// The mark of a noise word: it stands in the place of the word's first letter.
const WORD: u8 = 0x0e;
/// The mark of `on`, which is a keyword behind `depends`.
const ON: u8 = 0x0f;
/// The mark of two words that are noise together.
const PAIR: u8 = 0x10;
/// What stands in the place of a byte of the text that would be taken for a mark.
const CONTROL: u8 = 0x7f;

/// A text with its noise words marked, byte for byte as long as before. What is in it is for pest only.
pub(super) struct Marked(String);

impl Marked {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks the noise words, wherever they stand: a word is noise only in the gaps between others, and only the grammar
/// knows where those are.
pub(super) fn mark(text: &str) -> Marked {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    // Whether a word may begin here.
    let mut begins = true;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphabetic() {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut length = letters(rest);
            let found = if begins { noise(rest.get(..length).unwrap_or_default(), rest) } else { None };
            if let (Some((mark, whole)), Some(first)) = (found, bytes.get_mut(at)) {
                *first = mark;
                length = whole;
            }
            begins = false;
            at += length;
            continue;
        }
        begins = match byte {
            b'<' | b'=' | b'>' => true,
            // Behind a number, but not behind a word that ends in one.
            b'0'..=b'9' => begins,
            b'.' => begins && at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_digit),
            byte => !is_word(byte),
        };
        if (WORD..=PAIR).contains(&byte)
            && let Some(control) = bytes.get_mut(at)
        {
            *control = CONTROL;
        }
        at += 1;
    }
    // One byte of ASCII took the place of another.
    Marked(String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()))
}

/// The mark of a word and how long it is, with the second of two, if it is noise.
fn noise(word: &[u8], rest: &[u8]) -> Option<(u8, usize)> {
    let ends = |length: usize| !rest.get(length).is_some_and(|byte| continues_keyword(*byte));
    if !(2..=8).contains(&word.len()) {
        return None;
    }
    let mut lower = [0; 8];
    for (lower, byte) in lower.iter_mut().zip(word) {
        *lower = byte.to_ascii_lowercase();
    }
    let partner: &[u8] = match lower.get(..word.len())? {
        b"on" => return ends(word.len()).then_some((ON, word.len())),
        b"as" | b"in" | b"is" | b"of" | b"or" | b"to" | b"and" | b"are" | b"but" | b"for" | b"has" | b"per"
        | b"sum" | b"the" | b"use" | b"via" | b"was" | b"does" | b"last" | b"only" | b"rate" | b"than" | b"with"
        | b"times" | b"usage" | b"using" | b"option" | b"within" | b"options" | b"program" | b"without"
        | b"activity" | b"capacity" | b"programs" => return ends(word.len()).then_some((WORD, word.len())),
        b"disable" => b"ssl",
        b"ssl" => b"disable",
        _ => return None,
    };
    let behind = rest.get(word.len()..).unwrap_or_default();
    let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let follows = behind.get(blanks..blanks + partner.len()).is_some_and(|word| word.eq_ignore_ascii_case(partner));
    let whole = word.len() + blanks + partner.len();
    (blanks > 0 && follows && ends(whole)).then_some((PAIR, whole))
}

fn letters(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()
}

/// Whether a keyword goes on with a byte: `kc` of the grammar.
fn continues_keyword(byte: u8) -> bool {
    byte == b'@' || is_word(byte) && !matches!(byte, b'<' | b'=' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        let show = |c| match c {
            '\u{e}' => '·',
            '\u{f}' => '°',
            '\u{10}' => '²',
            '\u{7f}' => '?',
            c => c,
        };
        mark(text).as_str().chars().map(show).collect()
    }

    #[test]
    fn noise_is_marked_where_a_word_can_begin() {
        assert_eq!(marked("for 5 times within 15 cycles"), "·or 5 ·imes ·ithin 15 cycles");
        assert_eq!(marked("depends on, the"), "depends °n, ·he");
        assert_eq!(marked("Program programs PROGRAMME"), "·rogram ·rograms PROGRAMME");
        assert_eq!(
            marked("cpu>for 5 5for 1.5for a5for \"x\"for\n\twith"),
            "cpu>·or 5 5·or 1.5·or a5for \"x\"·or\n\t·ith"
        );
        assert_eq!(
            marked("read-only mail-format for-x for@x for= /for x/for"),
            "read-only mail-format for-x for@x ·or= /for x/for"
        );
        assert_eq!(
            marked("ssl disable; disable \t ssl disablessl ssl enable ssl disable ssl disable ssl"),
            "²sl disable; ²isable \t ssl disablessl ssl enable ²sl disable ²sl disable ssl"
        );
        assert_eq!(marked("für forü \u{e}or \u{10}"), "für forü ?·r ?");
    }
}
