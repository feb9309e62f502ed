//! One walk over the bytes before pest sees them: what would mislead or exhaust the grammar is found
//! here, in linear time, and made harmless in the text that pest reads. Offsets stay as they are.

use super::{DEPTH_MAX, STRING_BYTES_MAX};
use crate::{Dialect, Finding, Span, english};
use std::borrow::Cow;

/// A text that pest can read.
pub(super) struct Scanned<'a> {
    /// The text, with as many bytes as before. Its last quote may be open; the grammar closes it at the end.
    pub(super) text: Cow<'a, str>,
    pub(super) findings: Vec<Finding>,
    /// Whether reading on makes no sense.
    pub(super) hopeless: bool,
}

/// Looks for quotes that are never closed, NUL bytes, and brackets that stand in each other too deep.
pub(super) fn scan(text: &str, dialect: Dialect) -> Scanned<'_> {
    let mut scan = Scan { text: Cow::Borrowed(text), dialect, findings: Vec::new(), nuls: 0, depth: Depth::default() };
    let mut at = 0;
    while let Some(next) = scan.step(at) {
        at = next;
    }
    let hopeless = scan.report_depth() | scan.report_nuls();
    Scanned { text: scan.text, findings: scan.findings, hopeless }
}

struct Scan<'a> {
    text: Cow<'a, str>,
    dialect: Dialect,
    findings: Vec<Finding>,
    nuls: u64,
    depth: Depth,
}

/// How deep brackets stand in each other.
#[derive(Default)]
struct Depth {
    now: usize,
    deepest: usize,
    /// The bracket that is one too many.
    first_too_deep: Option<usize>,
}

impl Scan<'_> {
    /// Looks at what begins at an offset; returns where to go on.
    fn step(&mut self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        match *bytes.get(at)? {
            b'#' if !at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte)) => {
                Some(line_end(bytes, at))
            }
            b'(' | b'{' => {
                self.depth.open(at);
                Some(at + 1)
            }
            b')' | b'}' => {
                self.depth.now = self.depth.now.saturating_sub(1);
                Some(at + 1)
            }
            b'\\' if self.dialect == Dialect::Rules => Some(at + 1),
            0 => {
                self.nul(at);
                Some(at + 1)
            }
            quote @ (b'"' | b'\'') => Some(self.quoted(at, quote)),
            _ => Some(at + 1),
        }
    }

    /// Walks over a quoted text; mends it where its quote is never closed.
    fn quoted(&mut self, start: usize, quote: u8) -> usize {
        let bytes = self.text.as_bytes();
        let escapes = self.dialect == Dialect::Rules;
        let mut at = start + 1;
        let mut head_inside = false;
        let mut first_line_end = None;
        let mut nuls = Vec::new();
        let end = loop {
            match bytes.get(at) {
                None => break None,
                Some(byte) if *byte == quote => break Some(at),
                Some(b'\\') if escapes => at += 1,
                Some(b'\n') => {
                    first_line_end.get_or_insert(at);
                    head_inside = head_inside || begins_statement(bytes.get(at + 1..).unwrap_or_default());
                }
                Some(0) => nuls.push(at),
                Some(_) => {}
            }
            at += 1;
        };
        for nul in nuls {
            self.nul(nul);
        }
        // A text that runs into the next statement and ends at a quote that opens another text.
        let swallows = head_inside && end.is_some_and(|end| opens_text(self.text.as_bytes(), end));
        match (end, first_line_end) {
            (Some(end), _) if !swallows => {
                if end - start > STRING_BYTES_MAX {
                    let place = Span::new(start, start + 1);
                    let headline = format!("this text is longer than {} MB", STRING_BYTES_MAX >> 20);
                    self.findings.push(
                        Finding::error("too-large", place, headline).help("see whether its quote ends where it should"),
                    );
                }
                end + 1
            }
            (None, None) => self.mend(start, self.text.len(), quote),
            (None, Some(_)) if !head_inside => self.mend(start, self.text.len(), quote),
            (_, line_end) => self.mend(start, line_end.unwrap_or(start), quote),
        }
    }

    /// Closes a text: at the end of its line, in the place of the line break, or at the end of everything.
    fn mend(&mut self, start: usize, end: usize, quote: u8) -> usize {
        let at_the_end = end >= self.text.len();
        let close = if quote == b'"' { "\"" } else { "'" };
        let text = &self.text;
        let line = text.get(start..end).unwrap_or_default();
        let written = line.split('\n').next().unwrap_or_default().trim_end().len();
        let first_line = Span::new(start, start + written.max(1));
        let program_at_the_end =
            at_the_end && quote == b'"' && self.dialect == Dialect::Monit && opens_program(text, start);
        if !at_the_end {
            self.text.to_mut().replace_range(end..end + 1, close);
        }
        let headline = "this text is never closed";
        let finding = if program_at_the_end {
            Finding::warning("unclosed-quote", first_line, headline)
                .note("Monit closes a program at the end of the file")
        } else {
            Finding::error("unclosed-quote", first_line, headline)
        };
        let close_at = Span::new(start + written, start + written);
        let finding = finding.here("its quote has no partner").fix("close it where it ends", close_at, close, false);
        self.findings.push(finding);
        end + 1
    }

    fn nul(&mut self, at: usize) {
        self.nuls += 1;
        self.text.to_mut().replace_range(at..at + 1, " ");
        if self.nuls == 1 {
            let finding = Finding::error("nul-byte", Span::new(at, at + 1), "a NUL byte stands in this file")
                .here("no text holds this byte")
                .note("Monit reads on in its own way behind it; ruled reads none of such a file")
                .help("see whether this is a file of rules, and save it as plain text");
            self.findings.push(finding);
        }
    }

    fn report_nuls(&self) -> bool {
        self.nuls > 0
    }

    fn report_depth(&mut self) -> bool {
        let Some(at) = self.depth.first_too_deep else {
            return false;
        };
        let place = Span::new(at, at + 1);
        let deepest = english::count(self.depth.deepest as u64, "bracket");
        let headline = format!("{deepest} stand in each other");
        let parentheses = self.text.as_bytes().get(at) == Some(&b'(');
        // To Monit a parenthesis is a blank, so a file with many of them loads.
        let hopeless = !(self.dialect == Dialect::Monit && parentheses);
        let finding = if hopeless {
            Finding::error("too-deep", place, headline).help("close what is open, or split the rule")
        } else {
            Finding::warning("too-deep", place, headline).note("to Monit a parenthesis is a blank and means nothing")
        };
        self.findings.push(finding.here(format!("{DEPTH_MAX} are the limit")));
        hopeless
    }
}

impl Depth {
    fn open(&mut self, at: usize) {
        self.now += 1;
        self.deepest = self.deepest.max(self.now);
        if self.now > DEPTH_MAX {
            self.first_too_deep.get_or_insert(at);
        }
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

/// Whether a byte belongs to an unquoted word.
fn is_word(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && !b"!@:{}\"';(),%".contains(&byte)
}

/// Whether the line that begins here begins a statement.
fn begins_statement(line: &[u8]) -> bool {
    const HEADS: [&[u8]; 8] = [b"check", b"set", b"if", b"start", b"stop", b"restart", b"depends", b"alert"];
    let line = line.trim_ascii_start();
    let length = line.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(length).unwrap_or_default();
    rest.first().is_some_and(u8::is_ascii_whitespace) && HEADS.iter().any(|head| word.eq_ignore_ascii_case(head))
}

/// Whether the quote at an offset more likely opens a text than closes one: it follows a blank or `=`,
/// and something follows it.
fn opens_text(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied().unwrap_or(b' ');
    let after = bytes.get(at + 1).copied().unwrap_or(b' ');
    (before.is_ascii_whitespace() || before == b'=') && !after.is_ascii_whitespace()
}

/// Whether the quote at an offset stands right behind the words that open a program.
fn opens_program(text: &str, quote: usize) -> bool {
    let line = text.get(..quote).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let mut words = line.trim_end().trim_end_matches('=').split_ascii_whitespace().rev();
    let is =
        |word: Option<&str>, list: &[&str]| word.is_some_and(|word| list.iter().any(|w| w.eq_ignore_ascii_case(word)));
    let last = words.next();
    let methods = ["start", "stop", "restart", "exec", "execute"];
    is(last, &methods) || is(last, &["program"]) && is(words.next(), &methods)
}
