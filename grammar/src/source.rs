//! The text that is read: the files it was spliced from, and the way back from an offset to a line.
//!
//! Offsets into the spliced text are the only coordinates inside the house. Files are named here,
//! never opened; how bytes become text is [`decode()`].

mod decode;

pub use decode::{Decoded, decode, decode_owned, encode_back, is_undecoded};
pub(crate) use decode::{byte_of, character_of};

use crate::Span;

/// One text, spliced from parts of files.
#[derive(Debug, Clone)]
pub struct Source {
    text: String,
    files: Vec<IndexedFile>,
    /// Sorted by where they begin in the text; never empty.
    pieces: Vec<Piece>,
}

/// A file with its whole text, as snippets need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name that users see.
    pub name: String,
    /// Everything that stands in it.
    pub text: String,
}

/// A part of a file, in the order in which the parts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Which of the files.
    pub file: usize,
    /// Which part of that file's text.
    pub span: Span,
}

/// Where an offset is, as people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The line without its end.
    pub line_text: &'a str,
    /// Which of the files, for [`Source::file_text`].
    pub file_index: usize,
    /// The offset in that file.
    pub file_offset: u32,
}

#[derive(Debug, Clone)]
struct IndexedFile {
    name: String,
    /// Absent when the spliced text is this file and nothing else.
    text: Option<String>,
    line_starts: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u32,
    len: u32,
    file: usize,
    file_offset: u32,
}

impl Source {
    /// A text that is one whole file.
    pub fn new(file_name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let file = IndexedFile { name: file_name.into(), text: None, line_starts: line_starts(&text) };
        let piece = Piece { start: 0, len: offset(text.len()), file: 0, file_offset: 0 };
        Source { text, files: vec![file], pieces: vec![piece] }
    }

    /// A text that is spliced from parts of files.
    ///
    /// A line break is put between two parts, so that the last word of one never touches the first
    /// of the next. Parts that lie outside their file are left out.
    pub fn from_segments(mut files: Vec<SourceFile>, segments: &[Segment]) -> Source {
        if let ([file], [segment]) = (files.as_mut_slice(), segments)
            && segment.file == 0
            && segment.span.range() == (0..file.text.len())
        {
            return Source::new(std::mem::take(&mut file.name), std::mem::take(&mut file.text));
        }
        let mut text = String::new();
        let mut pieces = Vec::with_capacity(segments.len().max(1));
        for segment in segments {
            let Some(part) = files.get(segment.file).and_then(|file| file.text.get(segment.span.range())) else {
                continue;
            };
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            let start = offset(text.len());
            pieces.push(Piece { start, len: offset(part.len()), file: segment.file, file_offset: segment.span.start });
            text.push_str(part);
        }
        if pieces.is_empty() {
            pieces.push(Piece { start: 0, len: 0, file: 0, file_offset: 0 });
        }
        let index = |file: SourceFile| IndexedFile {
            line_starts: line_starts(&file.text),
            name: file.name,
            text: Some(file.text),
        };
        Source { text, files: files.into_iter().map(index).collect(), pieces }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text at a span; empty when the span does not lie in the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Where an offset of the text is.
    pub fn place(&self, offset_in_text: u32) -> Place<'_> {
        let (file_index, file_offset) = self.in_file(offset_in_text);
        let Some(file) = self.files.get(file_index) else {
            return Place { file: "", line: 1, column: 1, line_text: "", file_index, file_offset };
        };
        let text = self.file_text(file_index);
        let line = file.line_starts.partition_point(|start| *start <= file_offset).max(1);
        let start = file.line_starts.get(line - 1).copied().unwrap_or_default() as usize;
        let rest = text.get(start..).unwrap_or_default();
        let line_text = rest.lines().next().unwrap_or_default();
        let before = (file_offset as usize).saturating_sub(start);
        let column = rest.char_indices().take_while(|(at, _)| *at < before).count() + 1;
        Place { file: &file.name, line: offset(line), column: offset(column), line_text, file_index, file_offset }
    }

    /// Which file an offset of the text is in, and the line there, counted from 1. This takes less time than the whole
    /// place.
    pub fn line(&self, offset_in_text: u32) -> (usize, u32) {
        let (file, file_offset) = self.in_file(offset_in_text);
        let starts = self.files.get(file).map(|file| file.line_starts.as_slice()).unwrap_or_default();
        (file, offset(starts.partition_point(|start| *start <= file_offset).max(1)))
    }

    /// Which file an offset of the text is in, and the offset there.
    ///
    /// An offset on a line break that was put between two parts belongs to the end of the first.
    pub fn in_file(&self, offset_in_text: u32) -> (usize, u32) {
        let after = self.pieces.partition_point(|piece| piece.start <= offset_in_text);
        let Some(piece) = self.pieces.get(after.saturating_sub(1)) else {
            return (0, 0);
        };
        let inside = offset_in_text.saturating_sub(piece.start).min(piece.len);
        (piece.file, piece.file_offset.saturating_add(inside))
    }

    /// The part of a span that lies in the file where the span begins, as offsets in that file.
    pub fn span_in_file(&self, span: Span) -> (usize, Span) {
        let (file, start) = self.in_file(span.start);
        let after = self.pieces.partition_point(|piece| piece.start <= span.start);
        let end = self.pieces.get(after.saturating_sub(1)).map_or(start, |piece| {
            piece.file_offset.saturating_add(span.end.saturating_sub(piece.start).min(piece.len))
        });
        (file, Span { start, end: end.max(start) })
    }

    /// The same with stars in the place of all letters at these places, so that it can be shown to others. All places stay where
    /// they are; a span that does not lie in the text is left out.
    #[must_use]
    pub fn masked(&self, spans: &[Span]) -> Source {
        let mut masked = self.clone();
        for span in spans {
            let (file, inside) = self.span_in_file(*span);
            let text = match masked.files.get_mut(file).and_then(|file| file.text.as_mut()) {
                Some(text) => text,
                None => &mut masked.text,
            };
            if let Some(part) = text.get(inside.range()) {
                let star = |byte: u8| if byte == b'\n' { '\n' } else { '*' };
                let stars: String = part.bytes().map(star).collect();
                text.replace_range(inside.range(), &stars);
            }
        }
        masked
    }

    /// The names of all files that the text comes from.
    pub fn file_names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }

    /// The name of a file.
    pub fn file_name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.name)
    }

    /// The whole text of a file.
    pub fn file_text(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| file.text.as_deref().unwrap_or(&self.text))
    }

    /// Where a line of a file, counted from 1, begins in that file; the end of the file when there is no such line.
    pub fn line_start(&self, file: usize, line: u32) -> u32 {
        let starts = self.files.get(file).map(|file| file.line_starts.as_slice()).unwrap_or_default();
        let index = line.saturating_sub(1) as usize;
        starts.get(index).copied().unwrap_or_else(|| offset(self.file_text(file).len()))
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1));
    std::iter::once(0).chain(breaks).collect()
}

fn offset(bytes: usize) -> u32 {
    // The text is limited to 64 MB, so this never saturates for a text that is parsed.
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced() -> Source {
        let files = vec![
            SourceFile { name: "main".to_owned(), text: "one\ninclude x\ntwö three\n".to_owned() },
            SourceFile { name: "part".to_owned(), text: "a\nb".to_owned() },
        ];
        let part = |file, start, end| Segment { file, span: Span::new(start, end) };
        Source::from_segments(files, &[part(0, 0, 4), part(1, 0, 3), part(0, 13, 25)])
    }

    fn where_is(source: &Source, word: &str) -> (String, u32, u32) {
        let at = source.text().find(word).unwrap_or_default();
        let place = source.place(u32::try_from(at).unwrap_or_default());
        (place.file.to_owned(), place.line, place.column)
    }

    #[test]
    fn what_is_masked_keeps_its_place() {
        let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
        let files = vec![file("a", "one \"sécret\"\ntwo"), file("b", "three")];
        let segment = |file: usize, end: usize| Segment { file, span: Span::new(0, end) };
        let source = Source::from_segments(files, &[segment(0, 17), segment(1, 5)]);
        let masked = source.masked(&[Span::new(4, 13), Span::new(18, 20), Span::new(90, 95)]);
        assert_eq!(masked.file_text(0), "one *********\ntwo");
        assert_eq!(masked.file_text(1), "**ree");
        assert_eq!(Source::new("c", "user: pass").masked(&[Span::new(6, 10)]).text(), "user: ****");
    }

    #[test]
    fn spliced_text_leads_back_to_its_files() {
        let source = spliced();
        assert_eq!(source.text(), "one\na\nb\n\ntwö three\n");
        assert_eq!(where_is(&source, "one"), ("main".to_owned(), 1, 1));
        assert_eq!(where_is(&source, "b"), ("part".to_owned(), 2, 1));
        assert_eq!(where_is(&source, "three"), ("main".to_owned(), 3, 5));
        assert_eq!(source.place(u32::MAX).line, 4);
        for at in 0..30 {
            let place = source.place(at);
            assert_eq!(source.line(at), (place.file_index, place.line));
        }
        assert_eq!(source.place(12).line_text, "twö three");
    }

    #[test]
    fn a_span_ends_where_its_part_ends() {
        let source = spliced();
        assert_eq!(source.span_in_file(Span::new(6, 12)), (1, Span::new(2, 3)));
        assert_eq!(source.file_text(1), "a\nb");
        assert_eq!(source.line_start(0, 2), 4);
        assert_eq!(source.line_start(0, 99), 25);
    }

    #[test]
    fn a_text_can_be_one_file_or_none() {
        let source = Source::new("a.rules", "x\r\ny");
        let file = SourceFile { name: "a.rules".to_owned(), text: "x\r\ny".to_owned() };
        let whole = Source::from_segments(vec![file], &[Segment { file: 0, span: Span::new(0, 4) }]);
        assert_eq!(format!("{whole:?}"), format!("{source:?}"));
        assert_eq!(where_is(&source, "y"), ("a.rules".to_owned(), 2, 1));
        assert_eq!(source.place(0).line_text, "x");
        assert_eq!(Source::from_segments(Vec::new(), &[]).place(0).line, 1);
        assert_eq!(Source::new("empty", "").place(9).column, 1);
    }
}
