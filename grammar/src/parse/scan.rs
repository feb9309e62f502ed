//! One walk over the bytes before pest sees them: what would mislead or exhaust the grammar is found
//! here, in linear time, and made harmless in the text that pest reads. Offsets stay as they are.
//!
//! A byte is looked at more than once only where something that opens is never closed, and so often has a limit.

mod near;

pub(super) use self::near::is_word;

use self::near::{
    address_end, begins_statement, blank_from, headers_end, line_end, opens_program, opens_text, raw_until, word_end,
};
use super::{DEPTH_MAX, STRING_BYTES_MAX, unquote};
use crate::placeholder::mark;
use crate::{Dialect, Finding, Severity, Span, english};
use std::borrow::Cow;
use std::ops::Range;

/// So often as many bytes as the whole text has are walked over in vain, in search of what closes a text or a list of
/// headers. Behind that a text is closed at the end of its line, and a list of headers is none. What people write takes
/// one such walk at most.
const VAIN_WALKS_MAX: usize = 4;

/// So many texts that are never closed are told of. They are more than are shown, since what follows from the marks of
/// templates is taken out later, and fewer than a long text of quotes could hold.
const UNCLOSED_MAX: usize = 10_000;

/// A text that pest can read.
pub(super) struct Scanned<'a> {
    /// The text, with as many bytes as before. Its last quote may be open; the grammar closes it at the end.
    pub(super) text: Cow<'a, str>,
    pub(super) findings: Vec<Finding>,
    /// Whether reading on makes no sense.
    pub(super) hopeless: bool,
    /// Whether a text was taken as it stands though it runs over the beginning of a statement.
    pub(super) runs_over: bool,
}

/// Looks for quotes that are never closed, NUL bytes, and brackets that stand in each other too deep.
///
/// A text that runs over the beginning of a statement up to a quote that opens another one is what the author wrote, and
/// hardly ever what he meant. `literal` takes it as it stands; otherwise it is closed at the end of its line.
pub(super) fn scan(text: &str, dialect: Dialect, literal: bool) -> Scanned<'_> {
    let mut scan = Scan::new(text, dialect, literal, None);
    scan.walk();
    let hopeless = scan.report_depth() | scan.report_nuls();
    Scanned { text: scan.text, findings: scan.findings, hopeless, runs_over: scan.runs_over }
}

/// A part of a text that is read as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) range: Range<usize>,
    /// The quote that it stands in; nothing for a comment, a part of a mail, the headers of a request.
    pub(super) quote: Option<u8>,
    /// Whether it ends where it is closed; a quoted text that is never closed ends with its line.
    pub(super) closed: bool,
    /// The marks of templates in it with a brace that would end it.
    pub(super) marks: Vec<Range<usize>>,
}

/// The comments, the quoted texts and whatever else is read as it stands, in the order of the text.
///
/// With `over_marks` a part of a mail goes on behind the marks of templates in it, as it will when they are filled in.
pub(super) fn regions(text: &str, dialect: Dialect, over_marks: bool) -> Vec<Region> {
    let mut scan = Scan::new(text, dialect, false, Some(Vec::new()));
    scan.over_marks = over_marks;
    scan.walk();
    scan.regions.unwrap_or_default()
}

struct Scan<'a> {
    text: Cow<'a, str>,
    dialect: Dialect,
    findings: Vec<Finding>,
    nuls: u64,
    depth: Depth,
    /// Whether a mail's format has begun and not ended.
    in_format: bool,
    literal: bool,
    runs_over: bool,
    /// Whether one of the texts that were told of is an error.
    wrong: bool,
    /// So many bytes may still be walked over in vain.
    patience: usize,
    /// Whether the brace of a template's mark ends no part of a mail.
    over_marks: bool,
    /// The marks in the part of a mail that was walked over last.
    marks: Vec<Range<usize>>,
    /// What is read as it stands, where somebody wants to know.
    regions: Option<Vec<Region>>,
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
    fn new(text: &str, dialect: Dialect, literal: bool, regions: Option<Vec<Region>>) -> Scan<'_> {
        Scan {
            text: Cow::Borrowed(text),
            dialect,
            findings: Vec::new(),
            nuls: 0,
            depth: Depth::default(),
            in_format: false,
            literal,
            runs_over: false,
            wrong: false,
            patience: text.len().saturating_mul(VAIN_WALKS_MAX),
            over_marks: false,
            marks: Vec::new(),
            regions,
        }
    }

    fn walk(&mut self) {
        let mut at = 0;
        while let Some(next) = self.step(at) {
            at = next;
        }
    }

    /// Looks at what begins at an offset; returns where to go on.
    fn step(&mut self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        match *bytes.get(at)? {
            b'#' if !at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte)) => {
                let end = line_end(bytes, at);
                Some(self.region(at, end, None, true))
            }
            b'(' | b'{' => {
                self.depth.open(at);
                Some(at + 1)
            }
            byte @ (b')' | b'}') => {
                self.in_format &= byte == b')';
                self.depth.now = self.depth.now.saturating_sub(1);
                Some(at + 1)
            }
            b'\\' if self.dialect == Dialect::Rules => Some(at + 1),
            0 => {
                self.nul(at);
                Some(at + 1)
            }
            quote @ (b'"' | b'\'') => {
                let (end, closed) = self.quoted(at, quote);
                Some(self.region(at, end, Some(quote), closed))
            }
            // An address ends at a blank, whatever signs it holds.
            b':' if bytes.get(at..).is_some_and(|rest| rest.starts_with(b"://")) => Some(address_end(bytes, at)),
            b'f' | b'F' | b'r' | b'R' | b's' | b'S' | b'm' | b'M' | b'h' | b'H' | b'i' | b'I' => {
                let end = self.raw(at);
                Some(if end > word_end(self.text.as_bytes(), at) { self.region(at, end, None, true) } else { end })
            }
            byte if is_word(byte) => Some(word_end(bytes, at)),
            _ => Some(at + 1),
        }
    }

    /// Remembers a part that is read as it stands; returns its end.
    fn region(&mut self, start: usize, end: usize, quote: Option<u8>, closed: bool) -> usize {
        if let Some(regions) = &mut self.regions {
            let range = start..end.min(self.text.len());
            regions.push(Region { range, quote, closed, marks: std::mem::take(&mut self.marks) });
        }
        end
    }

    /// Walks over what is read as it stands: the parts of a mail's format, and the headers of a request.
    fn raw(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let rest = bytes.get(at..).unwrap_or_default();
        let begins = |word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte)) {
            return word_end(bytes, at);
        }
        if begins(b"include") && rest.get(7).is_some_and(u8::is_ascii_whitespace) {
            let blanks = rest.iter().skip(7).take_while(|byte| byte.is_ascii_whitespace()).count();
            let quoted = rest.get(7 + blanks).is_some_and(|byte| matches!(byte, b'"' | b'\''));
            return if quoted { at + 7 + blanks } else { blank_from(bytes, at + 7 + blanks) };
        }
        if begins(b"mail-format") {
            self.in_format = true;
        } else if begins(b"http headers") {
            return self.headers(at);
        } else if self.in_format && begins(b"message:") {
            self.in_format = false;
            return self.mail_part(at, b"}");
        } else if self.in_format && [&b"from:"[..], b"reply-to:", b"subject:"].into_iter().any(begins) {
            return self.mail_part(at, b"}\n");
        }
        word_end(bytes, at)
    }

    /// Walks over a part of a mail's format, up to one of these bytes.
    fn mail_part(&mut self, start: usize, ends: &[u8]) -> usize {
        let bytes = self.text.as_bytes();
        if !self.over_marks {
            return raw_until(bytes, start, ends);
        }
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            if let Some(length) = mark(bytes, at) {
                let range = at..at + length;
                at = range.end;
                if bytes.get(range.clone()).is_some_and(|mark| mark.contains(&b'}')) {
                    self.marks.push(range);
                }
            } else if ends.contains(byte) {
                break;
            } else {
                at += 1;
            }
        }
        at
    }

    /// Walks over the headers of a request, where they end.
    fn headers(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = if self.patience > 0 { headers_end(bytes, at) } else { None };
        end.unwrap_or_else(|| {
            self.patience = self.patience.saturating_sub(bytes.len() - at);
            at + 1
        })
    }

    /// Walks over a quoted text; mends it where its quote is never closed. Tells whether it is closed, too.
    fn quoted(&mut self, start: usize, quote: u8) -> (usize, bool) {
        let bytes = self.text.as_bytes();
        let escapes = self.dialect == Dialect::Rules;
        let mut at = start + 1;
        let mut head_inside = false;
        let mut first_line_end = None;
        let mut nuls = Vec::new();
        // An argument in single quotes may hold the quote of its program.
        let program = quote == b'"' && opens_program(bytes, start);
        let limit = if self.patience > 0 { bytes.len() } else { line_end(bytes, start) };
        let mut word_start = program;
        let end = loop {
            if word_start && let Some(length) = unquote::argument(bytes.get(at..).unwrap_or_default()) {
                at += length;
            }
            word_start = program && bytes.get(at).is_some_and(u8::is_ascii_whitespace);
            match bytes.get(at) {
                None => break None,
                Some(_) if at >= limit => {
                    first_line_end.get_or_insert(limit);
                    head_inside = true;
                    break None;
                }
                Some(byte) if *byte == quote => break Some(at),
                Some(b'\\') if escapes => at += 1,
                Some(b'\n') => {
                    first_line_end.get_or_insert(at);
                    let statement = || begins_statement(bytes.get(at + 1..).unwrap_or_default());
                    head_inside = head_inside || !self.literal || statement();
                }
                Some(0) => nuls.push(at),
                Some(_) => {}
            }
            at += 1;
        };
        let walked = at - start;
        for nul in nuls {
            self.nul(nul);
        }
        // A text that runs into the next statement and ends at a quote that opens another text.
        let runs_over = first_line_end.is_some() && end.is_none_or(|end| opens_text(self.text.as_bytes(), end));
        let swallows = if self.literal && (end.is_some() || program) {
            self.runs_over |= runs_over;
            if runs_over && head_inside && end.is_some() {
                self.warn_of(start, first_line_end.unwrap_or(start));
            }
            false
        } else {
            runs_over && head_inside
        };
        if swallows {
            self.patience = self.patience.saturating_sub(walked);
        }
        match (end, first_line_end) {
            (Some(end), _) if !swallows => {
                if end - start > STRING_BYTES_MAX {
                    let place = Span::new(start, start + 1);
                    let headline = format!("this text is longer than {} MB", STRING_BYTES_MAX >> 20);
                    self.findings.push(
                        Finding::error("too-large", place, headline).help("see whether its quote ends where it should"),
                    );
                }
                (end + 1, true)
            }
            (None, None) => (self.mend(start, self.text.len(), quote), false),
            (None, Some(_)) if !swallows => (self.mend(start, self.text.len(), quote), false),
            (_, line_end) => (self.mend(start, line_end.unwrap_or(start), quote), false),
        }
    }

    /// Whether one more text is told of; an error is told of in any case where there was none before.
    fn tells(&mut self, severity: Severity) -> bool {
        let error = severity == Severity::Error;
        let tells = self.regions.is_none() && (self.findings.len() < UNCLOSED_MAX || error && !self.wrong);
        self.wrong |= error;
        tells
    }

    /// Says of a text that it holds the beginning of a statement. It may be meant, and Monit takes it.
    fn warn_of(&mut self, start: usize, line_end: usize) {
        if !self.tells(Severity::Warning) {
            return;
        }
        let written = self.text.get(start..line_end).unwrap_or_default().trim_end().len();
        let line = Span::new(start, start + written.max(1));
        let close = Span { start: line.end, end: line.end };
        let quote = self.text.get(start..start + 1).unwrap_or("\"").to_owned();
        let finding = Finding::warning("unclosed-quote", line, "this text runs on into the next statement")
            .here("so what follows, up to the next quote, would be part of it, and not obeyed")
            .fix("close it where it ends", close, quote, false);
        self.findings.push(finding);
    }

    /// Closes a text: at the end of its line, in the place of the line break, or at the end of everything.
    fn mend(&mut self, start: usize, end: usize, quote: u8) -> usize {
        let at_the_end = end >= self.text.len();
        let close = if quote == b'"' { "\"" } else { "'" };
        let program_at_the_end = at_the_end && quote == b'"' && opens_program(self.text.as_bytes(), start);
        if !at_the_end {
            self.text.to_mut().replace_range(end..end + 1, close);
        }
        if !self.tells(if program_at_the_end { Severity::Warning } else { Severity::Error }) {
            return end + 1;
        }
        let text = &self.text;
        let line = text.get(start..end).unwrap_or_default();
        let written = line.split('\n').next().unwrap_or_default().trim_end().len();
        let first_line = Span::new(start, start + written.max(1));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of rules in which each quote is walked over to the end in vain, so many times.
    fn escaped_quotes(times: usize) -> String {
        format!("set daemon 30\n{}set logfile x\n", "\\\"\n".repeat(times))
    }

    #[test]
    fn walks_in_vain_are_counted() {
        let vain = |text: &str| {
            let mut scan = Scan::new(text, Dialect::Rules, true, None);
            let patience = scan.patience;
            scan.walk();
            patience - scan.patience
        };
        assert_eq!(vain("check file a with path \"/a\"\n if content = \"b\n c\" then alert\n"), 0);
        let text = "group \"a\ncheck file b with path /b\n";
        assert!((1..=text.len()).contains(&vain(text)), "{}", vain(text));
        for text in
            [escaped_quotes(500), "http headers [ ".repeat(500), format!("{}:\"]\"", "http headers [ ".repeat(500))]
        {
            // The last walk may begin with one byte of patience.
            let most = (VAIN_WALKS_MAX + 1) * text.len();
            assert!(vain(&text) <= most, "{} of {most}", vain(&text));
        }
    }

    #[test]
    fn a_text_is_closed_in_its_line_when_patience_is_over() {
        let text = escaped_quotes(500);
        let scanned = scan(&text, Dialect::Rules, true);
        assert_eq!(scanned.text.len(), text.len());
        assert_eq!(scanned.findings.len(), 500);
        let regions = regions(&text, Dialect::Rules, false);
        assert_eq!(regions.len(), 500);
        assert!(regions.iter().all(|region| region.range.len() == 2));
    }

    #[test]
    fn headers_end_where_patience_has_not() {
        let text = "if failed http headers [ A: \"]\", B: c ] then alert";
        let regions = regions(text, Dialect::Monit, false);
        let [headers] = &regions[..] else { panic!("{regions:?}") };
        assert_eq!(headers.range, 10..38);
    }

    #[test]
    fn of_too_many_unclosed_texts_the_first_are_told_of_and_one_error() {
        let warned = "exec \"\nset a \"x\n".repeat(UNCLOSED_MAX + 5);
        let scanned = scan(&warned, Dialect::Monit, true);
        assert_eq!(scanned.findings.len(), UNCLOSED_MAX);
        assert!(scanned.findings.iter().all(|finding| finding.severity == Severity::Warning));
        let wrong = format!("{warned}group \"");
        let scanned = scan(&wrong, Dialect::Monit, true);
        assert_eq!(scanned.findings.len(), UNCLOSED_MAX + 1);
        assert!(scanned.findings.iter().any(|finding| finding.severity == Severity::Error));
    }

    #[test]
    fn a_part_of_a_mail_goes_on_behind_a_mark() {
        let text = "set mail-format { from: {{ a }} b {{ c }} } \"x\" set mail-format { message: ${a}\n}";
        let [over, plain] = [true, false].map(|over_marks| regions(text, Dialect::Monit, over_marks));
        let said = |regions: &[Region]| {
            let words = regions.iter().map(|region| text[region.range.clone()].to_owned());
            words.zip(regions.iter().map(|region| region.marks.len())).collect::<Vec<_>>()
        };
        let expected = [("from: {{ a }} b {{ c }} ", 2), ("\"x\"", 0), ("message: ${a}\n", 1)];
        assert_eq!(said(&over), expected.map(|(words, marks)| (words.to_owned(), marks)));
        let expected = [("from: {{ a ", 0), ("\"x\"", 0), ("message: ${a", 0)];
        assert_eq!(said(&plain), expected.map(|(words, marks)| (words.to_owned(), marks)));
    }
}
