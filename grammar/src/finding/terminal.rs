//! Findings for people: with the lines they are about, drawn by annotate-snippets.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use std::ops::Range;

use super::{Finding, Fix, Help, Label, Severity, clean, is_hidden};
use crate::source::byte_of;
use crate::{Source, Span};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether to use colour.
    pub color: bool,
    /// How many columns the terminal has.
    pub width: usize,
}

/// The picture of a finding, without a newline at its end.
pub fn render(finding: &Finding, source: &Source, look: Look) -> String {
    let headline = clean(&finding.headline);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(headline).id(finding.name).elements(snippets(finding, source));
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    let mut report: Vec<Group<'_>> = Vec::new();
    match &finding.help {
        Some(Help::Sentence(sentence)) => report.push(group.element(Level::HELP.message(clean(sentence)))),
        Some(Help::Fix(fix)) => {
            report.push(group);
            report.extend(patch(fix, source));
        }
        None => report.push(group),
    }
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Unicode).term_width(look.width).render(&report)
}

/// A label with the file it is in, and its place there.
struct Located<'a> {
    file: usize,
    range: Range<usize>,
    label: &'a Label,
}

/// Some lines of a file: the library is handed no more, since drawing takes time in proportion to the text.
struct Window<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

/// One snippet for each file that has a label, the file of the finding first.
fn snippets<'a>(finding: &'a Finding, source: &'a Source) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut files: Vec<Vec<Located<'_>>> = Vec::new();
    for label in &finding.labels {
        let (file, range) = locate(label.span, source);
        let located = Located { file, range, label };
        match files.iter_mut().find(|labels| labels.first().is_some_and(|first| first.file == file)) {
            Some(labels) => labels.push(located),
            None => files.push(vec![located]),
        }
    }
    files.into_iter().filter_map(|labels| snippet(&labels, source)).collect()
}

fn snippet<'a>(labels: &[Located<'a>], source: &'a Source) -> Option<Snippet<'a, Annotation<'a>>> {
    let file = labels.first()?.file;
    let window = Window::new(labels.iter().map(|label| &label.range), file, source)?;
    let mut snippet = Snippet::source(visible(window.text)).path(clean(source.file_name(file))).line_start(window.line);
    for Located { range, label, .. } in labels {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(window.inside(range));
        snippet = snippet.annotation(match label.text.as_str() {
            "" => annotation,
            text => annotation.label(clean(text)),
        });
    }
    Some(snippet)
}

fn patch<'a>(fix: &'a Fix, source: &'a Source) -> Option<Group<'a>> {
    let places: Vec<(usize, Range<usize>)> = fix.edits.iter().map(|edit| locate(edit.span, source)).collect();
    let file = places.first()?.0;
    let window = Window::new(places.iter().map(|(_, range)| range), file, source)?;
    let mut snippet = Snippet::source(visible(window.text)).path(clean(source.file_name(file))).line_start(window.line);
    for (edit, (_, range)) in fix.edits.iter().zip(&places) {
        snippet = snippet.patch(Patch::new(window.inside(range), visible(&edit.text)));
    }
    Some(Level::HELP.secondary_title(clean(&fix.sentence)).element(snippet))
}

impl<'a> Window<'a> {
    /// The whole lines round some places of a file.
    fn new<'r>(places: impl Iterator<Item = &'r Range<usize>>, file: usize, source: &'a Source) -> Option<Window<'a>> {
        let text = source.file_text(file);
        let whole = places.cloned().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
        let before = text.get(..whole.start)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = text.get(whole.end..)?.find('\n').map_or(text.len(), |newline| whole.end + newline);
        Some(Window { text: text.get(start..end)?, start, line: before.matches('\n').count() + 1 })
    }

    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.start..range.end - self.start
    }
}

/// The file of a span, and the span there. A place inside a letter could not be drawn, so it is moved before it.
fn locate(span: Span, source: &Source) -> (usize, Range<usize>) {
    let (file, span) = source.span_in_file(span);
    let text = source.file_text(file);
    let whole = |at: u32| (0..=(at as usize).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (file, whole(span.start)..whole(span.end))
}

/// The text with nothing in it that a terminal would obey or hide, and as many bytes as before, so that places
/// stay where they are. What the drawing library makes visible itself is left to it.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match (byte_of(character), character.len_utf8()) {
            // Four bytes stand for the one that is not UTF-8.
            (Some(byte), _) => shown.push_str(&format!("\\x{byte:02X}")),
            (None, 2) if is_hidden(character) => shown.push('\u{B7}'),
            (None, 3) if is_hidden(character) => shown.push(char::REPLACEMENT_CHARACTER),
            (None, _) => shown.push(character),
        }
    }
    shown
}
