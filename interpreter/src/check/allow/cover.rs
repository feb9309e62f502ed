//! Which part of its file a comment covers.

use std::collections::BTreeMap;

use grammar::ast::{RuleFile, Statement};
use grammar::{Dialect, Source, Span};

/// What a comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covered {
    /// The line at whose end it stands.
    Line,
    /// The statement, or the line of a statement, that follows it.
    Next,
    /// The whole file.
    File,
    /// Nothing, since nothing follows it.
    Nothing,
}

/// A part of a file. A finding is in it when it begins there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) covered: Covered,
    pub(super) file: usize,
    start: usize,
    /// The last place that is covered.
    end: usize,
}

impl Cover {
    /// Whether a place of the same file is covered.
    pub(super) fn holds(&self, offset: u32) -> bool {
        self.covered != Covered::Nothing && (self.start..=self.end).contains(&(offset as usize))
    }
}

/// Where the statements of each file stand.
pub(super) struct Outline<'a> {
    source: &'a Source,
    dialect: Dialect,
    /// Every part of the tree that counts, by its file: where it begins and ends, and whether statements stand in it.
    written: BTreeMap<usize, Vec<Piece>>,
    files: BTreeMap<usize, FileOutline>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    /// Whether it is a whole check, in which statements stand.
    holds_more: bool,
}

#[derive(Debug, Default)]
struct FileOutline {
    /// Everything that begins somewhere, the longer first.
    all: Vec<Piece>,
    /// Those in which no statement stands.
    leaves: Vec<Piece>,
    /// A comment that stands before this, and on a line of its own, covers the file.
    head: usize,
    /// From where a line with words was looked for last, and which was found.
    looked: Option<(usize, (usize, usize))>,
}

impl<'a> Outline<'a> {
    pub(super) fn new(source: &'a Source, file: &RuleFile, dialect: Dialect) -> Outline<'a> {
        let mut outline = Outline { source, dialect, written: BTreeMap::new(), files: BTreeMap::new() };
        for statement in &file.statements {
            match statement {
                Statement::Set(setting) => outline.add(setting.span, false),
                Statement::Check(check) => {
                    outline.add(check.span, true);
                    outline.add(check.head, false);
                    for inner in &check.statements {
                        outline.add(inner.span(), false);
                    }
                }
            }
        }
        outline
    }

    fn add(&mut self, span: Span, holds_more: bool) {
        let (file, start) = self.source.in_file(span.start);
        let (end_file, end) = self.source.in_file(span.end);
        // What goes on in another file ends, for this one, where that is included.
        let end = if end_file == file && end >= start { end } else { self.source.span_in_file(span).1.end };
        let piece = Piece { start: start as usize, end: end as usize, holds_more };
        self.written.entry(file).or_default().push(piece);
    }

    /// What a comment of the text covers.
    pub(super) fn cover(&mut self, comment: Span) -> Cover {
        let (file, at) = self.source.in_file(comment.start);
        let at = at as usize;
        let text = self.source.file_text(file);
        let outline = self.files.entry(file).or_insert_with(|| {
            let mut all = self.written.remove(&file).unwrap_or_default();
            let includes = grammar::parse::includes(text, self.dialect);
            all.extend(includes.iter().map(|include| Piece {
                start: include.span.start as usize,
                // What is said about it stands behind it.
                end: line_end(text, include.span.end as usize),
                holds_more: false,
            }));
            FileOutline::new(text, all)
        });
        let begin = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let end = line_end(text, at);
        let cover = |covered, start, end| Cover { covered, file, start, end };
        let before = text.get(begin..at).unwrap_or_default().trim_start_matches('\u{FEFF}');
        if !before.trim().is_empty() {
            return cover(Covered::Line, begin, end);
        }
        if at < outline.head {
            return cover(Covered::File, 0, text.len());
        }
        if outline.is_within(at) {
            // One of many comments in a row need not be walked over for each of them.
            let known = outline.looked.filter(|(from, (start, _))| (*from..*start).contains(&end));
            let (from, (start, end)) = known.unwrap_or_else(|| (end, next_line(text, end)));
            outline.looked = Some((from, (start, end)));
            return cover(Covered::Next, start, end);
        }
        match outline.next(end) {
            Some(next) => cover(Covered::Next, next.start, next.end),
            None => cover(Covered::Nothing, end, end),
        }
    }
}

impl FileOutline {
    fn new(text: &str, mut all: Vec<Piece>) -> FileOutline {
        all.sort_by_key(|piece| (piece.start, std::cmp::Reverse(piece.end)));
        let leaves = all.iter().filter(|piece| !piece.holds_more).copied().collect();
        let head = all.first().map_or(text.len(), |first| {
            let before = text.get(..first.start).unwrap_or_default();
            // The line on which the first statement begins is not empty.
            let lines = before.get(..before.rfind('\n').map_or(0, |newline| newline + 1)).unwrap_or_default();
            let mut head = 0;
            let mut at = 0;
            for line in lines.split_inclusive('\n') {
                if line.trim().is_empty() {
                    head = at;
                }
                at += line.len();
            }
            head
        });
        FileOutline { all, leaves, head, looked: None }
    }

    /// Whether a place is between the words of one statement.
    fn is_within(&self, at: usize) -> bool {
        let behind = self.leaves.partition_point(|piece| piece.start < at);
        let before = behind.checked_sub(1).and_then(|index| self.leaves.get(index));
        before.is_some_and(|piece| at < piece.end)
    }

    /// What begins first behind a place: of a check and its first words, the check.
    fn next(&self, at: usize) -> Option<Piece> {
        self.all.get(self.all.partition_point(|piece| piece.start < at)).copied()
    }
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline)
}

/// The first line behind the end of another that has more on it than a comment.
fn next_line(text: &str, end: usize) -> (usize, usize) {
    let mut at = end + 1;
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        let written = line.trim();
        if !written.is_empty() && !written.starts_with('#') {
            return (at, at + line.len());
        }
        at += line.len();
    }
    (text.len(), text.len())
}
