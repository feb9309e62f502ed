//! What is marked in a text before pest reads it, so that the grammar knows by a byte what it would otherwise try word by
//! word: the words that Monit drops wherever they stand, and where a word ends.

use super::scan::is_word;

/// The mark of a noise word: it stands in the place of each letter, so that a gap is a row of bytes.
const WORD: u8 = 0x0e;
/// The marks of the first letters of the noise words that are keywords elsewhere.
const ON: u8 = 0x0f;
const PROGRAM: u8 = 0x10;
const USAGE: u8 = 0x11;
const FOR: u8 = 0x12;
/// The mark of two words that are noise together: it stands in the place of the first letter.
const PAIR: u8 = 0x13;
/// The mark of a blank before what is `plain` in the grammar, so that the gap ends with it.
const BLANK: u8 = 0x1f;
/// What stands in the place of a byte of the text that would be taken for a mark.
const CONTROL: u8 = 0x7f;

/// A text with its marks, byte for byte as long as before. What is in it is for pest only.
///
/// All letters are small, because the language does not tell them from capitals and pest compares small ones faster.
/// The last letter of a word, where a keyword may end, is a capital: `"checK"` in the grammar is the whole word.
pub(super) struct Marked(String);

impl Marked {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks the ends of words, the blanks that end a gap, and the noise words, wherever they stand: a word is noise only in
/// the gaps between others, and only the grammar knows where those are.
pub(super) fn mark(text: &str) -> Marked {
    marked(text, true)
}

/// Marks the ends of words alone: where a text is read as the row of its lexemes, there are no gaps, and noise is a word
/// among others.
pub(super) fn mark_ends(text: &str) -> Marked {
    marked(text, false)
}

fn marked(text: &str, with_gaps: bool) -> Marked {
    let mut bytes = text.as_bytes().to_ascii_lowercase();
    let mut at = 0;
    // Whether a noise word may begin here.
    let mut begins = with_gaps;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' => {
                at = mark_word(&mut bytes, at, begins, with_gaps);
                begins = false;
                continue;
            }
            b' ' => {
                begins = with_gaps;
                let is_plain = |next: &u8| matches!(next, b'-'..=b'9' | b'"' | b'<'..=b'@');
                if with_gaps && bytes.get(at + 1).is_some_and(is_plain) {
                    mark_blank(bytes.get_mut(at));
                }
            }
            b'<' | b'=' | b'>' => begins = with_gaps,
            // Behind a number, but not behind a word that ends in one.
            b'0'..=b'9' => {}
            b'.' => begins &= at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_digit),
            WORD..=PAIR | BLANK => {
                begins = with_gaps;
                if let Some(control) = bytes.get_mut(at) {
                    *control = CONTROL;
                }
            }
            byte => begins = with_gaps && !is_word(byte),
        }
        at += 1;
    }
    // One byte of ASCII took the place of another.
    Marked(String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()))
}

/// Marks what stands at an offset and begins with a letter; returns where it ends.
fn mark_word(bytes: &mut [u8], at: usize, may_be_noise: bool, with_gaps: bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = letters(rest);
    let found = if may_be_noise { noise(rest.get(..length).unwrap_or_default(), rest) } else { None };
    let end = at + found.map_or(length, |(_, length)| length);
    if !bytes.get(end).is_some_and(|byte| continues_keyword(*byte))
        && let Some(last) = bytes.get_mut(end - 1)
    {
        last.make_ascii_uppercase();
    }
    if let Some((mark, length)) = found {
        let rest = if mark == PAIR { 0 } else { length };
        bytes.get_mut(at..at + rest).unwrap_or_default().fill(WORD);
        if let Some(first) = bytes.get_mut(at) {
            *first = mark;
        }
    } else if with_gaps {
        mark_blank(at.checked_sub(1).and_then(|before| bytes.get_mut(before)));
    }
    end
}

fn mark_blank(byte: Option<&mut u8>) {
    if let Some(blank) = byte.filter(|byte| **byte == b' ') {
        *blank = BLANK;
    }
}

/// The mark of a word and how long it is, with the second of two, if it is noise.
fn noise(word: &[u8], rest: &[u8]) -> Option<(u8, usize)> {
    let ends = |length: usize| !rest.get(length).is_some_and(|byte| continues_keyword(*byte));
    if !(2..=8).contains(&word.len()) {
        return None;
    }
    let mark = match word {
        b"on" => ON,
        b"for" => FOR,
        b"usage" => USAGE,
        b"program" => PROGRAM,
        b"ssl" | b"disable" => PAIR,
        b"as" | b"in" | b"is" | b"of" | b"or" | b"to" | b"and" | b"are" | b"but" | b"has" | b"per" | b"sum"
        | b"the" | b"use" | b"via" | b"was" | b"does" | b"last" | b"only" | b"rate" | b"than" | b"with" | b"times"
        | b"using" | b"option" | b"within" | b"options" | b"without" | b"activity" | b"capacity" | b"programs" => WORD,
        _ => return None,
    };
    if mark != PAIR {
        return ends(word.len()).then_some((mark, word.len()));
    }
    let partner: &[u8] = if word == b"ssl" { b"disable" } else { b"ssl" };
    let behind = rest.get(word.len()..).unwrap_or_default();
    let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let follows = behind.get(blanks..blanks + partner.len()) == Some(partner);
    let whole = word.len() + blanks + partner.len();
    (blanks > 0 && follows && ends(whole)).then_some((PAIR, whole))
}

fn letters(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_lowercase()).count()
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
            '\u{f}' => 'ö',
            '\u{10}' => 'þ',
            '\u{11}' => 'µ',
            '\u{12}' => 'ƒ',
            '\u{13}' => '²',
            '\u{7f}' => '?',
            '\u{1f}' => '_',
            c => c,
        };
        mark(text).as_str().chars().map(show).collect()
    }

    #[test]
    fn noise_is_marked_where_a_word_can_begin() {
        assert_eq!(marked("for 5 times within 15 cycles"), "ƒ··_5 ····· ······_15_cycleS");
        assert_eq!(marked("depends on, the"), "dependS ö·, ···");
        assert_eq!(marked("Program programs PROGRAMME"), "þ······ ········_programmE");
        assert_eq!(
            marked("cpu>for 5 5for 1.5for a5for \"x\"for\n\twith"),
            "cpU>ƒ··_5_5ƒ··_1.5ƒ··_a5foR_\"X\"ƒ··\n\t····"
        );
        assert_eq!(
            marked("read-only mail-format for-x for@x for= /for x/for"),
            "read-onlY_mail-formaT_for-X_for@X ƒ··=_/foR_x/foR"
        );
        assert_eq!(
            marked("ssl disable; disable \t ssl disablessl ssl enable ssl disable ssl disable ssl"),
            "²sl disablE; ²isable \t ssL_disablessL_ssL_enablE ²sl disablE ²sl disablE_ssL"
        );
        assert_eq!(marked("für forü \u{e}or usage \u{13}"), "füR_forü ?·· µ···· ?");
    }

    #[test]
    fn where_a_keyword_ends_a_letter_is_a_capital() {
        assert_eq!(marked("CHECK Process a1"), "checK_procesS_a1");
        assert_eq!(marked("if cpu>5% (x) then: \"y\""), "iF_cpU>5% (X)_theN:_\"Y\"");
        assert_eq!(marked("ab@c d-e f#g hé i_j k"), "ab@C_d-E_f#G_hé_i_J_K");
        assert_eq!(mark_ends("for THE\u{1f}x").as_str(), "foR thE\u{7f}X");
    }

    #[test]
    fn a_blank_is_marked_before_what_is_plain() {
        assert_eq!(marked("  a\n b (c 1 \"d\" 'e' /f"), "_A\n_B (C_1_\"D\" 'E'_/F".replacen('_', " _", 1));
    }
}
