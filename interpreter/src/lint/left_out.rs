//! The change that makes a comment of a statement that nobody can read or fill in, so that the rest of its file can be used.
//!
//! Where a statement ends is told by lines, because one that cannot be read has no place in the tree. Whoever makes the
//! change looks afterwards whether it made anything worse.

use std::collections::BTreeSet;

use grammar::ast::{RuleFile, nodes};
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

/// What was read of a text, for those who ask whether a line was a part of it.
pub(super) struct Read {
    /// The smallest parts, in their order, and whether each is an argument of a program, which does without it.
    parts: Vec<(Span, bool)>,
    /// The ends of all parts, in their order.
    ends: Vec<u32>,
    /// Where the lines begin that are a part of nothing.
    apart: BTreeSet<usize>,
}

impl Read {
    /// What was read where a tree came of it.
    pub(super) fn of(file: &RuleFile) -> Read {
        let nodes = nodes(file);
        let parents: BTreeSet<usize> = nodes.iter().filter_map(|node| node.parent).collect();
        // The first word of a program is the program.
        let mut programs = BTreeSet::new();
        let mut parts = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let of_program = node.parent.filter(|parent| nodes.get(*parent).is_some_and(|one| one.name == "program"));
            let is_argument = of_program.is_some_and(|program| !programs.insert(program));
            if !parents.contains(&index) {
                parts.push((node.span, is_argument));
            }
        }
        parts.sort();
        let mut ends: Vec<u32> = nodes.iter().map(|node| node.span.end).collect();
        ends.sort_unstable();
        Read { parts, ends, apart: BTreeSet::new() }
    }

    /// The line that a place begins, where what stands above it was read to its end and needs nothing of it.
    fn line_apart(&mut self, text: &str, place: Span) -> Option<Span> {
        let start = line_start(text, place.start as usize);
        let is_first = text.get(start..place.start as usize)?.trim().is_empty();
        let next = self.parts.partition_point(|(part, _)| part.end <= place.start);
        let is_needed = self.parts.get(next).is_some_and(|(part, argument)| part.start < place.end && !argument);
        if !is_first || is_needed || !self.is_read_above(text, start) {
            return None;
        }
        self.apart.insert(start);
        let end = text.get(start..)?.find('\n').map_or(text.len(), |length| start + length);
        Some(Span::new(start, end))
    }

    /// Whether the last line above a place that says anything was read to its end.
    fn is_read_above(&self, text: &str, start: usize) -> bool {
        let mut start = start;
        for _ in 0..LINES_MAX {
            let Some(end) = start.checked_sub(1) else { return true };
            start = line_start(text, end);
            let line = text.get(start..end).unwrap_or_default();
            if matches!(line.trim_start().chars().next(), None | Some('#')) || self.apart.contains(&start) {
                continue;
            }
            let before = self.ends.partition_point(|read| *read as usize <= end);
            let read = before.checked_sub(1).and_then(|last| self.ends.get(last)).map_or(0, |read| *read as usize);
            // A quote closes what was read.
            let rest = text.get(read.max(start)..end).unwrap_or_default().trim_start_matches(['"', '\'']).trim_start();
            return read > start && matches!(rest.chars().next(), None | Some('#'));
        }
        false
    }
}

/// Offers to make a comment of the statement that a finding is about, and of the whole service where that is its head. Where
/// the line of the finding is a part of neither, it is the line alone. Findings come in their order.
pub(super) fn offer(source: &Source, read: &mut Read, finding: &mut Finding) {
    let text = source.text();
    let line = read.line_apart(text, finding.span());
    let Some(extent) = line.or_else(|| extent(text, finding.span())) else { return };
    if source.span_in_file(extent).1.end - source.span_in_file(extent).1.start != extent.end - extent.start {
        return;
    }
    let what = match (line, head(source.slice(extent))) {
        (Some(_), _) => "make a comment of this line until it is filled in",
        (None, Some("check")) => "make a comment of this service until it is filled in",
        (None, _) => "make a comment of this statement until it is filled in",
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
    use grammar::Dialect;

    /// The text with what is left out because of its marks.
    fn left_out_in(text: &str, dialect: Dialect) -> String {
        let source = Source::new("test", text);
        let mut read = Read::of(&grammar::parse(&source, dialect).file);
        let mut text = text.to_owned();
        let mut edits = Vec::new();
        for (at, mark) in text.match_indices("@@X@@") {
            let place = Span::new(at, at + mark.len());
            let mut finding = Finding::warning("placeholder", place, "not filled in").help("fill it in");
            offer(&source, &mut read, &mut finding);
            if let Some(Help::Fix(fix)) = finding.help {
                edits.extend(fix.edits);
            }
        }
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        text
    }

    fn left_out(text: &str) -> String {
        left_out_in(text, Dialect::Rules)
    }

    #[test]
    fn a_statement_ends_where_the_next_begins() {
        assert_eq!(left_out("set daemon 1\nset alert @@X@@\nset init"), "set daemon 1\n# set alert @@X@@\nset init");
        assert_eq!(
            left_out("check host x\n  if failed port 1\n    and y @@X@@\n    then alert\n\n  # next\n  group g"),
            "check host x\n  # if failed port 1\n    # and y @@X@@\n    # then alert\n\n  # next\n  group g"
        );
    }

    #[test]
    fn a_service_ends_where_the_next_begins() {
        assert_eq!(
            left_out("check host @@X@@\n  if failed port 1 then alert\n\n# next\ncheck host y"),
            "# check host @@X@@\n  # if failed port 1 then alert\n\n# next\ncheck host y"
        );
    }

    #[test]
    fn what_has_no_head_is_left() {
        assert_eq!(left_out("nothing @@X@@\nset daemon 1"), "nothing @@X@@\nset daemon 1");
    }

    #[test]
    fn a_line_below_what_is_whole_is_left_out_alone() {
        for above in [
            "set daemon 30",
            "set daemon 30   # a remark",
            "set alert a@example.com",
            "set httpd port 2812 and\n  allow localhost",
            "set mail-format { from: a@example.com }",
            "check system box\n  if memory > 90% then alert",
            "check system box\n  if memory > 90% for 5 cycles then exec \"/bin/true\"",
            "check process p with pidfile /p",
            "check process p with pidfile /p\n  start program = \"/bin/true\"",
            "check process p with pidfile /p\n  start program = /bin/true",
            "check program p with path /bin/true",
            "check host h with address h.example.com\n  if failed port 80 protocol http then alert",
        ] {
            for dialect in [Dialect::Monit, Dialect::Rules] {
                for line in ["@@X@@", "  @@X@@ ;", "@@X@@\n\n# a remark\n@@X@@"] {
                    let text = format!("{above}\n{line}\nset init\n");
                    let wanted = format!("{above}\n{}\nset init\n", line.replace("@@X@@", "# @@X@@"));
                    assert_eq!(left_out_in(&text, dialect), wanted, "{dialect:?}");
                }
            }
        }
        assert_eq!(left_out("@@X@@"), "# @@X@@");
        assert_eq!(left_out("# a remark\n@@X@@\nset daemon 1"), "# a remark\n# @@X@@\nset daemon 1");
    }

    #[test]
    fn a_line_that_is_needed_is_left_out_with_what_needs_it() {
        for text in [
            "check file f with path\n  @@X@@\n",
            "check process p with pidfile\n  @@X@@\n  group g\n",
            "check system box\n  if memory >\n  @@X@@ then alert\n",
            "check system box\n  if memory > 90%\n  @@X@@\n  then alert\n",
            "check system box\n  if memory > 90% then\n  @@X@@\n",
            "check process p with pidfile /p\n  start program =\n  @@X@@\n",
            "set alert\n  @@X@@\n",
            "check file f with path /f\n  depends on g,\n  @@X@@\n",
        ] {
            for dialect in [Dialect::Monit, Dialect::Rules] {
                let changed = left_out_in(text, dialect);
                // The line above the mark is one that needs it.
                let mark = text.lines().position(|line| line.trim_start().starts_with("@@X@@"));
                let above = mark.and_then(|mark| changed.lines().nth(mark.checked_sub(1)?));
                assert!(
                    above.is_some_and(|line| line.trim_start().starts_with("# ")),
                    "{dialect:?}\n{text}\n{changed}"
                );
            }
        }
    }
}
