//! What was never meant for this language: marks that a template left behind, and the signs of a web page.
//!
//! Where such a sign breaks the reading, the text is read again with the sign mended, so that there is one finding about
//! each line and not one about each consequence. Offsets stay as they are.

mod page;
mod search;

pub(super) use self::page::web_page;

use self::search::{add_marks, add_signs, stands_in_a_word};
use super::scan::{self, Region};
use crate::finding::Edit;
use crate::{Dialect, Finding, Fix, Help, Severity, Span, english};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// So many quotes of a web page that close a straight one are mended.
const MIXED_MAX: usize = 16;

/// So many foreign signs are looked at; a text with more is most likely no text of rules.
const FOREIGN_MAX: usize = 10_000;

/// So far back the words before a mark are looked at, and so far a word is moved.
const NEAR_BYTES_MAX: usize = 512;

/// A longer mark is cut off in messages.
const LONGEST_CHARS: usize = 40;

/// What stands where it was not meant to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A mark of a template.
    Mark,
    /// A sign of a web page.
    Sign,
}

#[derive(Debug, Clone)]
struct Foreign {
    range: Range<usize>,
    kind: Kind,
    /// What takes its place; nothing where nobody can tell.
    instead: Option<String>,
    /// Whether nothing can be read with it.
    breaks: bool,
}

/// What was found in a text, line by line.
pub(super) struct Found {
    /// The text with what breaks the reading mended, byte for byte as long as before.
    pub(super) mended: String,
    /// The text with marks of templates mended only, where there is more to mend: what takes the place of a longer sign
    /// begins and ends in the middle of it.
    pub(super) filled: Option<String>,
    lines: BTreeMap<usize, Line>,
    starts: Vec<usize>,
}

#[derive(Default)]
struct Line {
    foreign: Vec<Foreign>,
    breaks: bool,
}

/// Looks for what does not belong into a text, given what was found when it was read.
pub(super) fn find(text: &str, dialect: Dialect, findings: &[Finding]) -> Option<Found> {
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    if !broken && text.is_ascii() {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    let (mut all, regions) = mixed(text, &mut bytes, dialect, findings);
    let mut from = 0;
    let end = Region { range: text.len()..text.len(), quote: None, closed: true, marks: Vec::new() };
    for region in regions.into_iter().chain([end]) {
        // A mended quote may end in the middle of a sign of the text.
        while from < text.len() && !text.is_char_boundary(from) {
            from += 1;
        }
        let gap = from..region.range.start.max(from);
        from = region.range.end.max(from);
        let Some(part) = text.get(gap.clone()) else { continue };
        if broken {
            add_marks(part, gap.start, dialect, &mut all);
        }
        add_signs(text, gap, &mut all);
        let room = FOREIGN_MAX.saturating_sub(all.len());
        all.extend(region.marks.into_iter().take(room).map(|range| {
            let instead = Some("x".repeat(range.len()));
            Foreign { range, kind: Kind::Mark, instead, breaks: true }
        }));
    }
    if all.is_empty() {
        return None;
    }
    all.truncate(FOREIGN_MAX);
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
    let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
    for foreign in all {
        lines.entry(line_of(&starts, foreign.range.start)).or_default().foreign.push(foreign);
    }
    for finding in findings {
        let line = line_of(&starts, finding.span().start as usize);
        // What Monit refuses and ruled reads is no error here, and still a sign of a line that cannot be meant.
        let wrong = finding.severity == Severity::Error || finding.name == "not-portable";
        if let (true, Some(line)) = (wrong, lines.get_mut(&line)) {
            line.breaks = true;
        }
    }
    let touched = Touched::new(findings);
    for line in lines.values_mut() {
        line.settle(&touched);
    }
    lines.retain(|_, line| !line.foreign.is_empty());
    let signs = lines.values().any(|line| line.has(Kind::Sign));
    let mut filled = text.as_bytes().to_vec();
    for foreign in lines.values().rev().flat_map(|line| line.foreign.iter().rev()) {
        replace(&mut bytes, text, foreign);
        if foreign.kind == Kind::Mark && signs {
            replace(&mut filled, text, foreign);
        }
    }
    let whole = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned());
    Some(Found { mended: whole(bytes), filled: signs.then(|| whole(filled)), lines, starts })
}

/// Moves the places of findings to where signs of the text begin and end.
pub(super) fn snap(text: &str, findings: &mut [Finding]) {
    let snapped = |span: Span| {
        let Range { mut start, mut end } = span.range();
        while start > 0 && !text.is_char_boundary(start) {
            start -= 1;
        }
        while end < text.len() && !text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(start, end)
    };
    for finding in findings {
        finding.labels.iter_mut().for_each(|label| label.span = snapped(label.span));
        if let Some(Help::Fix(fix)) = &mut finding.help {
            fix.edits.iter_mut().for_each(|edit| edit.span = snapped(edit.span));
        }
    }
}

impl Line {
    /// Keeps what is worth saying.
    fn settle(&mut self, touched: &Touched) {
        self.breaks |= self.foreign.iter().any(|foreign| foreign.breaks);
        let breaks = self.breaks;
        // Marks that can be read are looked at when everything is known; names in capitals may be names.
        self.foreign.retain(|foreign| {
            let meant = || foreign.instead.is_some() || touched.holds(&foreign.range);
            foreign.kind == Kind::Sign || foreign.breaks || breaks && meant()
        });
        if self.of(Kind::Sign).any(|sign| sign.instead.is_none()) {
            // Where one quote is not mended, its partner would be left alone.
            let quotes = |foreign: &&mut Foreign| matches!(foreign.instead.as_deref(), Some("\"" | "'"));
            self.foreign.iter_mut().filter(quotes).for_each(|foreign| foreign.instead = None);
        }
        self.foreign.sort_by_key(|foreign| foreign.range.start);
        let mut end = 0;
        self.foreign.retain(|foreign| {
            let apart = foreign.range.start >= end;
            end = end.max(foreign.range.end);
            apart
        });
    }
}

/// The places of findings: where each begins, and how far those up to it reach.
struct Touched {
    reach: Vec<(usize, usize)>,
}

impl Touched {
    fn new(findings: &[Finding]) -> Touched {
        let spans = findings.iter().map(|finding| finding.span().range());
        let mut reach: Vec<(usize, usize)> = spans.map(|range| (range.start, range.end)).collect();
        reach.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut reach {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Touched { reach }
    }

    /// Whether a finding is about a part of this.
    fn holds(&self, range: &Range<usize>) -> bool {
        let before = self.reach.partition_point(|(start, _)| *start < range.end);
        let last = before.checked_sub(1).and_then(|last| self.reach.get(last));
        last.is_some_and(|(_, end)| *end > range.start)
    }
}

impl Found {
    /// Whether the text must be read again.
    pub(super) fn breaks(&self) -> bool {
        self.lines.values().any(|line| line.breaks)
    }

    /// Leaves out what follows from the marks of templates, and says what was found.
    pub(super) fn report(&self, text: &str, findings: &mut Vec<Finding>) {
        findings.retain(|finding| {
            let line = self.lines.get(&line_of(&self.starts, finding.span().start as usize));
            !line.is_some_and(|line| {
                line.breaks && (line.has(Kind::Mark) || line.has(Kind::Sign) && finding.name == "not-portable")
            })
        });
        for line in self.lines.values() {
            findings.extend(line.marks(text));
            findings.extend(line.signs(text));
        }
    }
}

impl Line {
    fn has(&self, kind: Kind) -> bool {
        self.foreign.iter().any(|foreign| foreign.kind == kind)
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Foreign> {
        self.foreign.iter().filter(move |foreign| foreign.kind == kind)
    }

    fn marks(&self, text: &str) -> Option<Finding> {
        let first = self.of(Kind::Mark).next()?;
        let last = self.of(Kind::Mark).last()?;
        let mut names: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for foreign in self.of(Kind::Mark) {
            let name = format!("`{}`", shorten(text.get(foreign.range.clone()).unwrap_or_default()));
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
        let verb = if names.len() == 1 { "was" } else { "were" };
        let headline = format!("{} {verb} never filled in", english::and(&names));
        Some(
            Finding::error("placeholder", Span::new(first.range.start, last.range.end), headline)
                .here("a template left this behind")
                .help("write what belongs here, or have the template filled in before this file is used"),
        )
    }

    fn signs(&self, text: &str) -> Option<Finding> {
        let first = self.of(Kind::Sign).next()?;
        let last = self.of(Kind::Sign).last()?;
        let edit = |foreign: &Foreign| {
            let span = Span::new(foreign.range.start, foreign.range.end);
            foreign.instead.clone().map(|text| Edit { span, text })
        };
        let edits: Option<Vec<Edit>> = self.of(Kind::Sign).map(edit).collect();
        let sign = text.get(first.range.clone()).and_then(|sign| sign.chars().next()).unwrap_or_default();
        let name = name_of(sign);
        let others = self.of(Kind::Sign).count() - 1;
        let headline = match others {
            0 => format!("{name} stands here, as a web page writes it"),
            _ => format!(
                "{name} and {} stand here, as a web page writes them",
                english::count(others as u64, "other such sign")
            ),
        };
        let place = Span::new(first.range.start, last.range.end);
        let mut finding = if self.breaks {
            Finding::error("pasted-typography", place, headline).here("this cannot be read as it is meant")
        } else {
            Finding::warning("pasted-typography", place, headline).here("this is taken for a part of the word")
        };
        // What loads may be meant as it stands.
        let safe = self.breaks;
        let sentence = "write plain signs".to_owned();
        finding.help = Some(match edits {
            Some(edits) => Help::Fix(Fix { sentence, edits, safe }),
            None => Help::Sentence(sentence),
        });
        Some(finding)
    }
}

fn name_of(sign: char) -> String {
    match sign {
        '\u{A0}' | '\u{202F}' | '\u{2007}' | '\u{3000}' => "a blank that is none".to_owned(),
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => "a sign that nobody sees".to_owned(),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => format!("the dash `{sign}`"),
        '\u{FF01}'..='\u{FF5E}' => format!("the wide sign `{sign}`"),
        _ => format!("the quote `{sign}`"),
    }
}

fn shorten(mark: &str) -> String {
    match mark.char_indices().nth(LONGEST_CHARS) {
        Some((at, _)) => format!("{}…", mark.get(..at).unwrap_or_default()),
        None => mark.to_owned(),
    }
}

fn line_of(starts: &[usize], at: usize) -> usize {
    starts.partition_point(|start| *start <= at).saturating_sub(1)
}

// ---- what is looked for ----

/// Quotes of a web page that close a straight one; they are mended at once, since they turn inside out what follows.
fn mixed(text: &str, bytes: &mut [u8], dialect: Dialect, findings: &[Finding]) -> (Vec<Foreign>, Vec<Region>) {
    let mut all = Vec::new();
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    let mut regions = scan::regions(text, dialect, broken);
    let unclosed = findings.iter().any(|finding| finding.name == "unclosed-quote");
    if text.is_ascii() || !broken && !unclosed {
        return (all, regions);
    }
    let runs_on = |region: &Region| {
        // What is closed, if on a later line, is no business of ours.
        let quoted = text.get(region.range.clone()).filter(|_| region.quote.is_some() && !region.closed)?;
        let first_line = quoted.split('\n').next()?;
        let double = region.quote == Some(b'"');
        let fits =
            |sign: char| if double { matches!(sign, '“' | '”' | '„') } else { matches!(sign, '’' | '‘') };
        let closes = |(at, sign): &(usize, char)| fits(*sign) && !stands_in_a_word(first_line, *at, *sign);
        let (at, sign) = first_line.char_indices().find(closes)?;
        let range = region.range.start + at..region.range.start + at + sign.len_utf8();
        Some((range, if double { "\"" } else { "'" }))
    };
    while all.len() < MIXED_MAX {
        // A text that is never closed ends with its line, so that one has nothing to do with another.
        let new = regions.iter().filter_map(runs_on);
        let new = new.filter(|(range, _)| all.iter().all(|old: &Foreign| old.range != *range));
        let new: Vec<(Range<usize>, &str)> = new.take(MIXED_MAX - all.len()).collect();
        if new.is_empty() {
            break;
        }
        for (range, quote) in new {
            if let Some(place) = bytes.get_mut(range.clone()) {
                place.fill(b' ');
                place.iter_mut().zip(quote.bytes()).for_each(|(byte, new)| *byte = new);
            }
            all.push(Foreign { range, kind: Kind::Sign, instead: Some(quote.to_owned()), breaks: broken });
        }
        let Ok(mended) = std::str::from_utf8(bytes) else { break };
        regions = scan::regions(mended, dialect, broken);
    }
    (all, regions)
}

/// Puts something else in the place of what is foreign. What is shorter moves the rest of its word to the left.
fn replace(bytes: &mut [u8], text: &str, foreign: &Foreign) {
    let Range { start, end } = foreign.range.clone();
    let Some(instead) = foreign.instead.as_ref().map(String::as_bytes).filter(|new| new.len() <= end - start) else {
        return;
    };
    let spare = end - start - instead.len();
    let before = text.get(..start).and_then(|before| before.chars().next_back()).unwrap_or(' ');
    let opens = matches!(instead, b"\"" | b"'")
        && (before.is_whitespace() || matches!(before, '=' | '(' | ':' | '“' | '„' | '«'));
    if opens {
        // The blanks stand before a quote that opens.
        if let Some(place) = bytes.get_mut(start..end) {
            place.fill(b' ');
            place.iter_mut().rev().zip(instead.iter().rev()).for_each(|(byte, new)| *byte = *new);
        }
        return;
    }
    let quote = matches!(instead, b"\"" | b"'");
    let rest = bytes.get(end..).unwrap_or_default();
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let rest = rest.get(..NEAR_BYTES_MAX).unwrap_or(rest);
    let whole = || rest.iter().position(ends).or((rest.len() < NEAR_BYTES_MAX).then_some(rest.len()));
    let word = if quote || spare == 0 { None } else { whole() };
    let word = word.unwrap_or_default();
    let Some(place) = bytes.get_mut(start..end + word) else { return };
    place.rotate_left(end - start - instead.len());
    let length = place.len();
    if let Some((written, blanks)) = place.split_at_mut_checked(length - spare) {
        blanks.fill(b' ');
        written.iter_mut().zip(instead).for_each(|(byte, new)| *byte = *new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_that_closes_a_text_is_mended_once_and_not_too_many_are() {
        let wrong = [Finding::error("unclosed-quote", Span::new(0, 1), "no")];
        let signs = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let (all, _) = mixed(text, &mut bytes, Dialect::Monit, &wrong);
            assert!(String::from_utf8(bytes).is_ok_and(|mended| mended.len() == text.len()));
            all.iter().map(|foreign| foreign.range.start).collect::<Vec<_>>()
        };
        assert_eq!(signs("group \"a”\ngroup 'b’\ngroup \"c”\n"), [8, 20, 32]);
        assert_eq!(signs("exec \"'a” b'\n"), [8]);
        assert_eq!(signs(&"group \"a”\n".repeat(MIXED_MAX + 5)).len(), MIXED_MAX);
    }

    #[test]
    fn a_place_is_touched_by_what_overlaps_it() {
        let finding = |start, end| Finding::error("syntax-error", Span::new(start, end), "no");
        let touched = Touched::new(&[finding(40, 50), finding(0, 30), finding(5, 6)]);
        for range in [0..1, 29..35, 10..12, 35..41, 49..60] {
            assert!(touched.holds(&range), "{range:?}");
        }
        for range in [30..40, 50..60] {
            assert!(!touched.holds(&range), "{range:?}");
        }
        assert!(!Touched::new(&[]).holds(&(0..9)));
    }
}
