//! A finding as JSON for programs, in a schema of its own: `ruled.findings/1`.
//!
//! A document is `{"schema": "ruled.findings/1", "findings": [FINDING…]}`. A FINDING has:
//! `file`, `line`, `column`, `end` (`line`, `column`, behind the last character), `name`, `severity`
//! (`error` or `warning`), `message`, `labels` (each with `file`, `line`, `column`, `end`, `text`,
//! `primary`), `notes` (sentences), `help` (a sentence or null) and `fix` (null, or `sentence`,
//! `safe` and `edits`, each with `file`, `line`, `column`, `end` and `text`, the replacement).
//! Lines and columns count from 1; columns count characters. New members may be added to `1`;
//! none is renamed or removed without a new number.

use crate::finding::{Edit, Fix, Help, Label, Report};
use crate::{Finding, Source, Span};
use serde::Serialize;

/// The name and version of the schema.
pub const SCHEMA: &str = "ruled.findings/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    findings: Vec<FindingOut<'a>>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    #[serde(flatten)]
    at: Range<'a>,
    name: &'a str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<LabelOut<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fix: Option<FixOut<'a>>,
}

#[derive(Serialize)]
struct LabelOut<'a> {
    #[serde(flatten)]
    at: Range<'a>,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct FixOut<'a> {
    sentence: &'a str,
    safe: bool,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    #[serde(flatten)]
    at: Range<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

/// The finding as one JSON object.
pub fn render(finding: &Finding, source: &Source) -> String {
    write(&FindingOut::new(finding, source))
}

/// All findings as one JSON document, those of each file or folder behind those of the one before.
pub fn document(reports: &[Report<'_>]) -> String {
    let mut findings = Vec::new();
    for report in reports {
        findings.extend(report.findings.iter().map(|finding| FindingOut::new(finding, report.source)));
    }
    write(&Document { schema: SCHEMA, findings })
}

fn write(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them always have a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

impl<'a> FindingOut<'a> {
    fn new(finding: &'a Finding, source: &'a Source) -> FindingOut<'a> {
        let label = |label: &'a Label| LabelOut {
            at: Range::new(label.span, source),
            text: &label.text,
            primary: label.primary,
        };
        let (help, fix) = match &finding.help {
            Some(Help::Sentence(sentence)) => (Some(sentence.as_str()), None),
            Some(Help::Fix(fix)) => (None, Some(FixOut::new(fix, source))),
            None => (None, None),
        };
        FindingOut {
            at: Range::new(finding.span(), source),
            name: finding.name,
            severity: finding.severity.word(),
            message: &finding.headline,
            labels: finding.labels.iter().map(label).collect(),
            notes: &finding.notes,
            help,
            fix,
        }
    }
}

impl<'a> FixOut<'a> {
    fn new(fix: &'a Fix, source: &'a Source) -> FixOut<'a> {
        let edit = |edit: &'a Edit| EditOut { at: Range::new(edit.span, source), text: &edit.text };
        FixOut { sentence: &fix.sentence, safe: fix.safe, edits: fix.edits.iter().map(edit).collect() }
    }
}

impl<'a> Range<'a> {
    fn new(span: Span, source: &'a Source) -> Range<'a> {
        let (start, end) = (source.place(span.start), source.place(span.end));
        // A span that runs on into another file ends, for the reader, where it began.
        let end = if end.file_index == start.file_index { end } else { start };
        let end = Point { line: end.line, column: end.column };
        Range { file: start.file, line: start.line, column: start.column, end }
    }
}
