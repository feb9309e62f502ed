//! What stands before and behind an offset of a text: where something ends, and what opens it.

pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

pub(super) fn blank_from(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len())
}

/// Where a word that begins here or goes on here ends.
pub(super) fn word_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len())
}

/// Where one of these bytes stands, or the end.
pub(super) fn raw_until(bytes: &[u8], at: usize, ends: &[u8]) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len())
}

/// Where an address ends: at a blank. In its path a tab is none to Monit.
pub(super) fn address_end(bytes: &[u8], colon: usize) -> usize {
    let host = raw_until(bytes, colon + b"://".len(), b"/ \t\r\n");
    if bytes.get(host) == Some(&b'/') { raw_until(bytes, host, b" \r\n") } else { host }
}

/// Where a list of headers ends: at a bracket that stands in no quoted value; nothing where it never ends.
pub(super) fn headers_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b']' => return Some(at),
            b':' => {
                let rest = bytes.get(at + 1..).unwrap_or_default();
                let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                let quote = rest.get(blanks).filter(|byte| matches!(byte, b'"' | b'\''));
                let inside = rest.get(blanks + 1..).unwrap_or_default();
                let close = quote.and_then(|quote| inside.iter().position(|byte| byte == quote));
                at += 1 + close.map_or(blanks, |close| blanks + close + 2);
            }
            _ => at += 1,
        }
    }
}

/// Whether a byte belongs to an unquoted word: `wc` of the grammar.
pub(in super::super) fn is_word(byte: u8) -> bool {
    // Nearly every byte of a text is asked about, and looking one up takes less time than comparing it.
    const WORDS: [bool; 256] = words();
    WORDS.get(usize::from(byte)).copied().unwrap_or_default()
}

#[expect(clippy::indexing_slicing, reason = "the compiler runs this")]
const fn words() -> [bool; 256] {
    let mut words = [true; 256];
    let mut byte = 0;
    while byte < words.len() {
        words[byte] = !matches!(
            byte as u8,
            0..=b' ' | 0x7f | b'!' | b'@' | b':' | b'{' | b'}' | b'"' | b'\'' | b';' | b'(' | b')' | b',' | b'%'
        );
        byte += 1;
    }
    words
}

/// Whether the line that begins here begins a statement.
pub(super) fn begins_statement(line: &[u8]) -> bool {
    const HEADS: [&[u8]; 15] = [
        b"check",
        b"set",
        b"if",
        b"start",
        b"stop",
        b"restart",
        b"depends",
        b"alert",
        b"noalert",
        b"every",
        b"group",
        b"mode",
        b"onreboot",
        b"ignore",
        b"include",
    ];
    // A line without a word begins nothing, and what stands below it is looked at in its own turn.
    let blanks = line.iter().take_while(|byte| **byte != b'\n' && byte.is_ascii_whitespace()).count();
    let line = line.get(blanks..).unwrap_or_default();
    let length = line.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(length).unwrap_or_default();
    rest.first().is_some_and(u8::is_ascii_whitespace) && HEADS.iter().any(|head| word.eq_ignore_ascii_case(head))
}

/// Whether the quote at an offset more likely opens a text than closes one: it follows a blank or `=`,
/// and something follows it.
pub(super) fn opens_text(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied().unwrap_or(b' ');
    let after = bytes.get(at + 1).copied().unwrap_or(b' ');
    (before.is_ascii_whitespace() || before == b'=') && !after.is_ascii_whitespace()
}

/// How many words stand between `program` and its path at most: a name with blanks, and noise.
const PATH_BEHIND_MAX: usize = 12;

/// So many bytes before a quote are looked at for the words that open a program: room for every word there may be, and
/// little enough to be looked at for every quote of a text.
pub(super) const BEFORE_PROGRAM_BYTES_MAX: usize = 1024;

/// Whether the quote at an offset stands right behind the words that open a program.
pub(super) fn opens_program(bytes: &[u8], quote: usize) -> bool {
    const METHODS: [&str; 5] = ["start", "stop", "restart", "exec", "execute"];
    let near = bytes.get(quote.saturating_sub(BEFORE_PROGRAM_BYTES_MAX)..quote).unwrap_or_default();
    let line = trim_line_end(near);
    let equals = line.iter().rev().take_while(|byte| **byte == b'=').count();
    let line = line.get(..line.len() - equals).unwrap_or_default();
    let ends_with_method = |line| METHODS.iter().any(|method| strip_last_word(line, method).is_some());
    // `path` names a program in `check program`, and a file elsewhere.
    let path = || {
        let words = || near.rsplit(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(PATH_BEHIND_MAX);
        let is = |word: &[u8], other: &str| word.eq_ignore_ascii_case(other.as_bytes());
        words().zip(words().skip(1)).any(|(word, before)| is(word, "program") && is(before, "check"))
    };
    ends_with_method(line)
        || strip_last_word(line, "program").is_some_and(ends_with_method)
        || strip_last_word(line, "path").is_some() && path()
}

/// What stands before the last word of a line, where this is its last word.
fn strip_last_word<'a>(line: &'a [u8], word: &str) -> Option<&'a [u8]> {
    let line = trim_line_end(line);
    let (before, last) = line.split_at_checked(line.len().checked_sub(word.len())?)?;
    let whole = before.last().is_none_or(u8::is_ascii_whitespace);
    (whole && last.eq_ignore_ascii_case(word.as_bytes())).then_some(before)
}

/// A line without the blanks at its end; it does not go back to the line before.
fn trim_line_end(line: &[u8]) -> &[u8] {
    let blanks = line.iter().rev().take_while(|byte| **byte != b'\n' && byte.is_ascii_whitespace()).count();
    line.get(..line.len() - blanks).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(before: &str) -> bool {
        opens_program(format!("{before}\"/bin/true\"").as_bytes(), before.len())
    }

    #[test]
    fn a_program_stands_behind_its_words() {
        for before in ["start program = ", "exec", "STOP PROGRAM=", "check program a with path ", "restart =\t"] {
            assert!(opens(before), "{before}");
        }
        for before in ["program ", "check file a with path ", "restarted ", "start\n", "start program\n= ", "group "] {
            assert!(!opens(before), "{before}");
        }
        let words = "x ".repeat(PATH_BEHIND_MAX - 3);
        assert!(opens(&format!("check program {words}path ")));
        assert!(!opens(&format!("check program x {words}path ")));
    }

    #[test]
    fn only_what_is_near_opens_a_program() {
        let blanks = |count: usize| " ".repeat(count);
        assert!(opens(&format!("start program{}", blanks(BEFORE_PROGRAM_BYTES_MAX - "start program".len()))));
        assert!(!opens(&format!("start program{}", blanks(BEFORE_PROGRAM_BYTES_MAX))));
        let name = |length: usize| format!("check program {} path ", "x".repeat(length));
        assert!(opens(&name(BEFORE_PROGRAM_BYTES_MAX - "check program  path ".len())));
        assert!(!opens(&name(BEFORE_PROGRAM_BYTES_MAX)));
    }

    #[test]
    fn only_the_line_itself_says_whether_it_begins_a_statement() {
        assert!(begins_statement(b" \tcheck file"));
        assert!(!begins_statement(b"\n\ncheck file"));
        assert!(!begins_statement(b"checked file"));
    }
}
