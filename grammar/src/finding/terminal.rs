//! Findings for people: with the lines they are about, drawn by annotate-snippets.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

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

/// Labels with their places in their file.
type Placed<'a> = Vec<(std::ops::Range<usize>, &'a Label)>;

/// One snippet for each file that has a label, the file of the finding first.
fn snippets<'a>(finding: &'a Finding, source: &'a Source) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<(&str, &str, Placed<'a>)> = Vec::new();
    for label in &finding.labels {
        let Some((name, text, range)) = locate(label.span, source) else { continue };
        match files.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, _, labels)) => labels.push((range, label)),
            None => files.push((name, text, vec![(range, label)])),
        }
    }
    files.into_iter().map(|(name, text, labels)| snippet(name, text, labels)).collect()
}

fn snippet<'a>(name: &str, text: &'a str, labels: Placed<'a>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    // Only the lines around the labels are handed over: drawing takes time in proportion to the text.
    let first = labels.iter().map(|(range, _)| range.start).min().unwrap_or_default();
    let last = labels.iter().map(|(range, _)| range.end).max().unwrap_or_default();
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let end = text.get(last..).and_then(|behind| behind.find('\n')).map_or(text.len(), |newline| last + newline);
    let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    let mut snippet =
        Snippet::source(visible(text.get(start..end).unwrap_or_default())).path(clean(name)).line_start(line);
    for (range, label) in labels {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range.start - start..range.end - start);
        snippet = snippet.annotation(match label.text.as_str() {
            "" => annotation,
            text => annotation.label(clean(text)),
        });
    }
    snippet
}

fn patch<'a>(fix: &'a Fix, source: &'a Source) -> Option<Group<'a>> {
    let (name, text, first) = locate(fix.edits.first()?.span, source)?;
    let start = text.get(..first.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let last = locate(fix.edits.last()?.span, source)?.2.end;
    let end = text.get(last..)?.find('\n').map_or(text.len(), |newline| last + newline);
    let line = text.get(..start)?.matches('\n').count() + 1;
    let mut snippet = Snippet::source(visible(text.get(start..end)?)).path(clean(name)).line_start(line);
    for edit in &fix.edits {
        let range = locate(edit.span, source)?.2;
        snippet = snippet.patch(Patch::new(range.start - start..range.end - start, visible(&edit.text)));
    }
    Some(Level::HELP.secondary_title(clean(&fix.sentence)).element(snippet))
}

fn locate(span: Span, source: &Source) -> Option<(&str, &str, std::ops::Range<usize>)> {
    let (file, span) = source.span_in_file(span);
    let text = source.file_text(file);
    // A place inside a letter could not be drawn.
    let inside = |at: u32| (0..=(at as usize).min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    Some((source.file_name(file), text, inside(span.start)?..inside(span.end)?))
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
