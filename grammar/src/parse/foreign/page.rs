//! Whether a text is a web page, and no text of rules.

use super::super::scan;
use crate::{Dialect, Finding, Severity, Span};

/// So many tags that end are a web page.
const TAGS_MIN: usize = 5;

/// Whether a text that cannot be read is a web page: its tags end where the first mistake is.
///
/// A page begins with a tag, and of a piece of one nothing can be read from its beginning on. Tags in a quoted text or in
/// a comment are no mistake of anybody's.
pub(in super::super) fn web_page(text: &str, dialect: Dialect, findings: &[Finding]) -> Option<Finding> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let first = errors.map(|finding| finding.span().start as usize).min()?;
    let blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
    let begins = text.trim_start_matches(blank).starts_with('<') || text.get(..first)?.trim_matches(blank).is_empty();
    let start = text.get(..first)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    let ends = |(at, _): &(usize, &str)| {
        line.get(at + "</".len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let tags: Vec<usize> = line.match_indices("</").filter(ends).map(|(at, _)| start + at).collect();
    if !begins || tags.len() < TAGS_MIN {
        return None;
    }
    let regions = scan::regions(text, dialect, false);
    let stands_free = |at: &&usize| {
        let before = regions.partition_point(|region| region.range.start <= **at);
        let last = before.checked_sub(1).and_then(|last| regions.get(last));
        last.is_none_or(|region| !region.range.contains(*at))
    };
    let first_tag = start + line.find('<').unwrap_or_default();
    (tags.iter().filter(stands_free).count() >= TAGS_MIN).then(|| {
        Finding::error(
            "syntax-error",
            Span::new(first_tag, start + line.trim_end().len()),
            "this is a web page, and no file of rules",
        )
        .help("copy the text of the rules, or fetch the plain file")
    })
}
