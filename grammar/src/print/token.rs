//! A text as the row of its tokens: what must stay as it is, and the gaps between, which may change.
//!
//! Only where blanks mean nothing is there a gap. Comments, quoted texts, URLs, lists of HTTP headers and the parts of a
//! mail format are one token each, whatever stands in them.

use crate::{Dialect, Span};

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// All of it.
    pub(super) text: &'a str,
    /// The offset of its first byte.
    pub(super) start: usize,
    /// What stood before it.
    pub(super) gap: Gap,
}

/// What a token is, as far as blanks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a text, a sign.
    Plain,
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `# …`, up to the end of its line.
    Comment,
}

/// The blanks before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    /// Whether there is no blank at all.
    pub(super) glued: bool,
    /// How many lines end in it.
    pub(super) breaks: usize,
    /// How far the token stands from the margin, if it is the first of its line.
    pub(super) indent: Option<usize>,
}

/// A tabulator goes on to the next multiple of this, as terminals have it.
const TABULATOR: usize = 8;

/// The parts of a mail format; each is raw up to the end of its line, the last up to the end of the format.
const MAIL_PARTS: [&str; 4] = ["from", "reply-to", "subject", "message"];

/// All tokens of a text. What begins at the start of an untouchable span ends with it.
pub(super) fn scan<'a>(text: &'a str, dialect: Dialect, untouchable: &[Span]) -> Vec<Token<'a>> {
    let mut scan = Scan { text, dialect, at: 0, in_mail: false, tokens: Vec::new() };
    let mut untouchable = untouchable.iter().peekable();
    loop {
        let gap = scan.gap();
        let rest = scan.rest();
        if rest.is_empty() {
            return scan.tokens;
        }
        while untouchable.next_if(|span| span.range().start < scan.at).is_some() {}
        let given = untouchable.next_if(|span| span.range().start == scan.at).map(|span| span.range().len());
        let (kind, length) = given.map_or_else(|| scan.token(rest), |length| (Kind::Plain, length));
        scan.push(kind, length, gap);
    }
}

struct Scan<'a> {
    text: &'a str,
    dialect: Dialect,
    at: usize,
    /// Whether the braces of a mail format are open.
    in_mail: bool,
    tokens: Vec<Token<'a>>,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Walks over the blanks. A byte order mark is one.
    fn gap(&mut self) -> Gap {
        let start = self.at;
        let (mut breaks, mut width) = (0, 0);
        for character in self.rest().chars() {
            match character {
                '\n' => (breaks, width) = (breaks + 1, 0),
                ' ' => width += 1,
                '\t' => width = (width / TABULATOR + 1) * TABULATOR,
                '\r' | '\u{FEFF}' => {}
                _ => break,
            }
            self.at += character.len_utf8();
        }
        let first = breaks > 0 || self.tokens.is_empty();
        Gap { glued: self.at == start, breaks, indent: first.then_some(width) }
    }

    fn push(&mut self, kind: Kind, length: usize, gap: Gap) {
        let text = self.rest().get(..length).unwrap_or_else(|| self.rest());
        match kind {
            Kind::Open => self.in_mail = self.is_before(1, "mail-format"),
            Kind::Close => self.in_mail = false,
            Kind::Plain | Kind::Comment => {}
        }
        self.tokens.push(Token { kind, text, start: self.at, gap });
        self.at += text.len();
    }

    /// Whether the last token, or the one so many before, is this word.
    fn is_before(&self, back: usize, word: &str) -> bool {
        self.tokens.iter().nth_back(back - 1).is_some_and(|token| token.text.eq_ignore_ascii_case(word))
    }

    /// The token that begins here: its kind and its length.
    fn token(&self, rest: &str) -> (Kind, usize) {
        if self.is_before(1, "headers")
            && self.is_before(2, "http")
            && let Some(length) = header_list(rest)
        {
            return (Kind::Plain, length);
        }
        if let Some(length) = self.in_mail.then(|| mail_part(rest)).flatten() {
            return (Kind::Plain, length);
        }
        let first = rest.chars().next().unwrap_or_default();
        match first {
            '#' => (Kind::Comment, line(rest).trim_end_matches(is_blank).len()),
            '"' | '\'' => (Kind::Plain, self.quoted(rest, first)),
            '{' => (Kind::Open, 1),
            '}' => (Kind::Close, 1),
            _ if is_word(first) => (Kind::Plain, word(rest)),
            _ => (Kind::Plain, first.len_utf8()),
        }
    }

    /// The length of a quoted text. One that is never closed ends with everything.
    fn quoted(&self, rest: &str, quote: char) -> usize {
        let mut protected = false;
        for (at, character) in rest.char_indices().skip(1) {
            match character {
                _ if protected => protected = false,
                '\\' => protected = self.dialect == Dialect::Rules,
                _ if character == quote => return at + 1,
                _ => {}
            }
        }
        rest.len()
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{FEFF}')
}

/// Whether a character belongs to an unquoted word.
fn is_word(character: char) -> bool {
    character > ' ' && character != '\u{7f}' && !"!@:{}\"';(),%".contains(character)
}

/// What is left of the line.
fn line(rest: &str) -> &str {
    rest.split('\n').next().unwrap_or_default()
}

/// The length of an unquoted word, or of a URL that begins with it.
fn word(rest: &str) -> usize {
    let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(length).unwrap_or_default();
    let is_number =
        |text: &str| text.chars().all(|character| character.is_ascii_digit() || "<>=!.".contains(character));
    if behind.starts_with("://") && word.chars().all(|character| character.is_ascii_alphabetic()) {
        rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len())
    } else if word.split_once('#').is_some_and(|(number, _)| is_number(number)) {
        // `30# seconds`: where a number is wanted a comment, elsewhere a word. For both the line is left alone.
        line(rest).trim_end_matches(is_blank).len()
    } else {
        length
    }
}

/// The length of one part of a mail format, without the blanks at its end.
fn mail_part(rest: &str) -> Option<usize> {
    let (name, value) = rest.split_once(':')?;
    let name = name.trim_end_matches([' ', '\t']);
    if !MAIL_PARTS.iter().any(|part| part.eq_ignore_ascii_case(name)) {
        return None;
    }
    let value = if name.eq_ignore_ascii_case("message") { value } else { line(value) };
    let value = value.split('}').next().unwrap_or_default().trim_end_matches(is_blank);
    // The value lies at the end of what was split off, so its place is known.
    let colon = rest.find(':')?;
    Some(colon + 1 + value.len())
}

/// The length of a list of HTTP headers, `[` and `]` with it.
fn header_list(rest: &str) -> Option<usize> {
    let mut at = 0;
    let mut value_begins = false;
    while let Some(character) = rest.get(at..)?.chars().next() {
        at += character.len_utf8();
        match character {
            ']' => return Some(at),
            '"' | '\'' if value_begins => at += rest.get(at..)?.find(character)? + 1,
            ' ' | '\t' if value_begins => continue,
            _ => {}
        }
        value_begins = character == ':';
    }
    None
}
