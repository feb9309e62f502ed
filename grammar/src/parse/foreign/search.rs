//! The search for what does not belong into a text: marks of templates, and signs of a web page.

use super::super::scan;
use super::{FOREIGN_MAX, Foreign, Kind, NEAR_BYTES_MAX};
use crate::Dialect;
use crate::ast::EVENT_WORDS;
use crate::placeholder::{begins_mark, mark, marks, variable};
use std::ops::Range;

/// Words behind which a path, an address or a number stands.
const BEFORE_PATH: [&str; 8] = ["pidfile", "path", "logfile", "log", "idfile", "statefile", "unixsocket", "pemfile"];
const BEFORE_MAIL: [&str; 2] = ["alert", "noalert"];
const BEFORE_NUMBER: [&str; 15] = [
    "port", "daemon", "delay", "timeout", "every", "retry", "slots", "within", "for", ">", "<", ">=", "<=", "==", "!=",
];

/// Marks of templates in a part of the text that stands in no quotes.
pub(super) fn add_marks(part: &str, start: usize, dialect: Dialect, all: &mut Vec<Foreign>) {
    let mut add = |begins: fn(u8) -> bool, find: Find, breaks: fn(&str) -> bool, certain: bool| {
        for range in marks(part, begins, find).take(FOREIGN_MAX.saturating_sub(all.len())) {
            let place = start + range.start..start + range.end;
            let mark = part.get(range.clone()).unwrap_or_default();
            let instead = certain.then(|| filler(part, &range, mark));
            all.push(Foreign { range: place, kind: Kind::Mark, instead, breaks: breaks(mark) });
        }
    };
    add(begins_mark, mark, |mark| !mark.starts_with('<') || mark.starts_with("<%"), true);
    add(|byte| byte == b'$', variable, |_| false, true);
    if dialect == Dialect::Monit {
        add(|byte| byte == b'{', braced, |_| true, true);
    }
    add(|byte| byte.is_ascii_uppercase(), shouted, |_| false, false);
}

/// Tells how long the mark is that begins at an offset.
type Find = fn(&[u8], usize) -> Option<usize>;

/// `{name}`, unless it may be an event in braces.
fn braced(bytes: &[u8], at: usize) -> Option<usize> {
    let inside = bytes.get(at..)?.strip_prefix(b"{")?;
    let end = inside.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))?;
    let name = inside.get(..end)?;
    let closes = inside.get(end) == Some(&b'}');
    let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied().unwrap_or(b' ');
    let after = inside.get(end + 1).copied().unwrap_or(b' ');
    let first = name.first().is_some_and(u8::is_ascii_alphabetic);
    if !closes
        || !first
        || before == b'$'
        || EVENT_WORDS.iter().any(|event| name.eq_ignore_ascii_case(event.as_bytes()))
    {
        return None;
    }
    // Braces of the language stand between blanks; those behind an address hold events.
    let glued = scan::is_word(before) || scan::is_word(after);
    let near = bytes.get(at.saturating_sub(NEAR_BYTES_MAX)..at).unwrap_or_default();
    let line = near.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let alerts = line.split(u8::is_ascii_whitespace).any(|word| word.eq_ignore_ascii_case(b"alert"));
    (glued || !alerts).then_some(name.len() + 2)
}

/// `A_NAME_IN_CAPITALS`.
fn shouted(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    // A word is measured where it begins, and nowhere else.
    let inside = at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| scan::is_word(*byte));
    if inside || !rest.first()?.is_ascii_uppercase() {
        return None;
    }
    let length = rest.iter().position(|byte| !scan::is_word(*byte)).unwrap_or(rest.len());
    let word = rest.get(..length)?;
    let fits = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    (word.iter().all(fits) && word.contains(&b'_')).then_some(length)
}

/// What can be read in the place of a mark, as long as the mark.
fn filler(part: &str, range: &Range<usize>, mark: &str) -> String {
    let length = mark.len();
    if mark.starts_with("{%") || mark.starts_with("<%") && !mark.starts_with("<%=") {
        return " ".repeat(length);
    }
    let line = near(part, range.start).rsplit('\n').next().unwrap_or_default();
    let after = part.get(range.end..).and_then(|after| after.chars().next()).unwrap_or(' ');
    let glued = line.chars().next_back().is_some_and(|c| !c.is_whitespace() && !matches!(c, '=' | '<' | '>' | '{'));
    let word = line.split_ascii_whitespace().next_back().unwrap_or_default().to_ascii_lowercase();
    let behind = |words: &[&str]| !glued && words.contains(&word.as_str());
    let whole = !after.is_ascii_alphanumeric() && after != '@';
    let letters = |count: usize| "x".repeat(count);
    if behind(&BEFORE_MAIL) && length > 2 && whole {
        format!("x@{}", letters(length - 2))
    } else if behind(&BEFORE_PATH) || !glued && after == '/' {
        format!("/{}", letters(length - 1))
    } else if behind(&BEFORE_NUMBER) && whole {
        format!("{}1", "0".repeat(length - 1))
    } else {
        letters(length)
    }
}

/// What stands right before a place.
fn near(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(NEAR_BYTES_MAX);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or_default()
}

/// Whether a sign stands between two letters or digits: a quote there is an apostrophe, and the word is one.
pub(super) fn stands_in_a_word(text: &str, at: usize, sign: char) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at + sign.len_utf8()..).and_then(|after| after.chars().next());
    before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
}

/// Signs of a web page in a part of the text that stands in no quotes.
pub(super) fn add_signs(text: &str, gap: Range<usize>, all: &mut Vec<Foreign>) {
    let Some(part) = text.get(gap.clone()).filter(|part| !part.is_ascii()) else { return };
    for (at, sign) in part.char_indices().filter(|(_, c)| !c.is_ascii()) {
        if all.len() >= FOREIGN_MAX {
            return;
        }
        let at = gap.start + at;
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + sign.len_utf8()..).unwrap_or_default();
        let Some(plain) = plain(text, at, sign) else { continue };
        let quote = plain == "\"" || plain == "'";
        let in_word = quote && goes_on(before.chars().next_back()) && goes_on(after.chars().next());
        let instead = (!in_word).then_some(plain);
        all.push(Foreign { range: at..at + sign.len_utf8(), kind: Kind::Sign, instead, breaks: false });
    }
}

/// Whether a word goes on with a character beside a quote: nobody who means a quote puts one there.
fn goes_on(beside: Option<char>) -> bool {
    beside.is_some_and(|beside| beside.is_alphanumeric() || matches!(beside, '/' | '.' | '_' | '-'))
}

/// What should stand in the place of a sign of a web page; nothing where it is none.
fn plain(text: &str, at: usize, sign: char) -> Option<String> {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + sign.len_utf8()..).unwrap_or_default();
    let plain = match sign {
        '“' | '”' | '„' | '‟' | '«' | '»' => "\"",
        '‘' | '’' | '‚' | '‛' | '‹' | '›' if !stands_in_a_word(text, at, sign) => {
            let line = near(text, at).rsplit('\n').next().unwrap_or_default();
            if line.contains(['“', '”', '„', '«', '»']) { "'" } else { "\"" }
        }
        '\u{A0}' | '\u{202F}' | '\u{2007}' | '\u{3000}' => " ",
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{AD}' => "",
        // A mark of the byte order in the middle of a text is a blank to ruled.
        '\u{FEFF}' if at > 0 => "",
        // Two short dashes are often written as one long one.
        '\u{2013}' | '\u{2014}'
            if before.ends_with([' ', '\t']) && after.starts_with(|c: char| c.is_ascii_lowercase()) =>
        {
            let word = after.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            if word.len() > 1 { "--" } else { "-" }
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{FF01}'..='\u{FF5E}' if !sign.is_alphanumeric() => {
            return char::from_u32(u32::from(sign) - 0xFEE0).map(String::from);
        }
        _ => return None,
    };
    Some(plain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_capitals_is_measured_where_it_begins() {
        assert_eq!(shouted(b"A_NAME b", 0), Some(6));
        for (text, at) in [("xA_NAME", 1), ("_A_NAME", 1), ("a_NAME", 0), ("A_name", 0), ("ANAME", 0), ("\u{a0}A_B", 2)]
        {
            assert_eq!(shouted(text.as_bytes(), at), None, "{text}");
        }
    }

    #[test]
    fn no_more_is_looked_for_than_is_looked_at() {
        let mut all = Vec::new();
        let text = "A_B ".repeat(FOREIGN_MAX + 5);
        add_marks(&text, 0, Dialect::Monit, &mut all);
        assert_eq!(all.len(), FOREIGN_MAX);
        let text = "“x” ".repeat(FOREIGN_MAX);
        all.clear();
        add_signs(&text, 0..text.len(), &mut all);
        assert_eq!(all.len(), FOREIGN_MAX);
    }
}
