//! The change that makes a comment of a statement that nobody can read or fill in, so that the rest of its file can be used.
//!
//! Where a statement ends is told by lines, because one that cannot be read has no place in the tree. Whoever makes the
//! change looks afterwards whether it made anything worse.

use grammar::finding::{Edit, Fix};
use grammar::{Finding, Help, Source, Span};

/// The words with which the lines of statements begin.
const HEADS: [&str; 16] = [
    "alert", "check", "depends", "every", "group", "if", "ignore", "include", "mode", "noalert", "not", "onreboot",
    "restart", "set", "start", "stop",
];

/// Those that end a service.
const ENDS: [&str; 3] = ["check", "include", "set"];

/// A longer statement, or a service with more lines, is left as it is.
const LINES_MAX: usize = 200;

/// Offers to make a comment of the statement that a finding is about, and of the whole service where that is its head.
pub(super) fn offer(source: &Source, finding: &mut Finding) {
    let text = source.text();
    let Some(extent) = extent(text, finding.span()) else { return };
    if source.span_in_file(extent).1.end - source.span_in_file(extent).1.start != extent.end - extent.start {
        return;
    }
    let what = match head(source.slice(extent)) {
        Some("check") => "make a comment of this service until it is filled in",
        _ => "make a comment of this statement until it is filled in",
    };
    let edits = lines(text, extent).filter_map(|line| {
        let written = source.slice(line);
        let first = written.trim_start().chars().next().filter(|first| *first != '#')?;
        let start = line.start as usize + (written.len() - written.trim_start().len());
        Some(Edit { span: Span::new(start, start + first.len_utf8()), text: format!("# {first}") })
    });
    let edits: Vec<Edit> = edits.collect();
    if let Some(Help::Sentence(sentence)) = finding.help.take() {
        finding.notes.push(sentence);
    }
    finding.help = Some(Help::Fix(Fix { sentence: what.to_owned(), edits, safe: false }));
}

/// The lines of the statement in which a place lies.
fn extent(text: &str, place: Span) -> Option<Span> {
    let mut start = line_start(text, place.start as usize);
    for _ in 0..LINES_MAX {
        if head(text.get(start..)?).is_some() {
            break;
        }
        start = line_start(text, start.checked_sub(1)?);
    }
    let ends: &[&str] = match head(text.get(start..)?)? {
        "check" => &ENDS,
        _ => &HEADS,
    };
    let whole = Span::new(start, text.len());
    let mut end = start;
    for (count, line) in lines(text, whole).enumerate() {
        let written = text.get(line.start as usize..line.end as usize)?;
        if count > 0 && head(written).is_some_and(|word| ends.contains(&word)) {
            return Some(Span::new(start, end));
        }
        if count == LINES_MAX {
            return None;
        }
        // What is empty or a comment at its end belongs to what follows.
        if !matches!(written.trim_start().chars().next(), None | Some('#')) {
            end = line.end as usize;
        }
    }
    Some(Span::new(start, end))
}

/// The word of a statement with which a text begins.
fn head(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches([' ', '\t']);
    let word = text.split(|sign: char| !sign.is_ascii_alphabetic()).next()?;
    HEADS.into_iter().find(|head| word.eq_ignore_ascii_case(head))
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The lines within a place, without their ends.
fn lines(text: &str, place: Span) -> impl Iterator<Item = Span> {
    let mut at = place.start as usize;
    let rest = text.get(at..place.end as usize).unwrap_or_default();
    rest.split('\n').map(move |line| {
        let span = Span::new(at, at + line.len());
        at += line.len() + 1;
        span
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with the statement left out in which the mark stands.
    fn left_out(text: &str) -> String {
        let source = Source::new("test", text);
        let at = text.find('@').unwrap_or_default();
        let mut finding = Finding::warning("placeholder", Span::new(at, at + 1), "not filled in").help("fill it in");
        offer(&source, &mut finding);
        let Some(Help::Fix(fix)) = finding.help else { return text.to_owned() };
        let mut text = text.to_owned();
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        text
    }

    #[test]
    fn a_statement_ends_where_the_next_begins() {
        assert_eq!(left_out("set daemon 1\nset alert @\nset init"), "set daemon 1\n# set alert @\nset init");
        assert_eq!(
            left_out("check host x\n  if failed port 1\n    and y @\n    then alert\n\n  # next\n  group g"),
            "check host x\n  # if failed port 1\n    # and y @\n    # then alert\n\n  # next\n  group g"
        );
    }

    #[test]
    fn a_service_ends_where_the_next_begins() {
        assert_eq!(
            left_out("check host @\n  if failed port 1 then alert\n\n# next\ncheck host y"),
            "# check host @\n  # if failed port 1 then alert\n\n# next\ncheck host y"
        );
    }

    #[test]
    fn what_has_no_head_is_left() {
        assert_eq!(left_out("nothing @\nset daemon 1"), "nothing @\nset daemon 1");
        assert_eq!(left_out("@"), "@");
    }
}
