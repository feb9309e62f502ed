//! `placeholder`: a mark that a template left behind.
//!
//! Where the mark cannot be read, the grammar has said so; here are those that are read as they stand.

use std::collections::{BTreeMap, BTreeSet};

use grammar::ast::{RuleFile, nodes};
use grammar::placeholder::{placeholders, variables};
use grammar::{Finding, Severity, Source, Span, english};

use super::{Entry, left_out};
use crate::check::View;

const NAME: &str = "placeholder";
const TYPOGRAPHY: &str = "pasted-typography";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a mark that a template left behind", include_str!("placeholder.md"), look);

/// The parts of the tree in which nobody means such a mark. A program may hand it to a shell, and a pattern may mean it.
const LOOKED_AT: [&str; 9] = ["address", "host", "interface", "name", "password", "path", "url", "user", "value"];

/// The parts in which a name with a `$` is none of a shell's, and no password.
const WITHOUT_VARIABLES: [&str; 4] = ["address", "host", "path", "url"];

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let text = view.source.text();
    if placeholders(text).is_empty() && variables(text).is_empty() {
        return;
    }
    let mut lines: BTreeMap<(usize, u32), Vec<Span>> = BTreeMap::new();
    for node in nodes(view.file).iter().filter(|node| LOOKED_AT.contains(&node.name)) {
        let text = view.text(node.span);
        if !text.contains(['<', '$', '{', '%', '@']) {
            continue;
        }
        let mut marks = placeholders(text);
        if WITHOUT_VARIABLES.contains(&node.name) {
            marks.extend(variables(text));
        }
        for mark in marks {
            let start = node.span.start as usize;
            let span = Span::new(start + mark.start, start + mark.end);
            lines.entry(line(view.source, span)).or_default().push(span);
        }
    }
    for mut marks in lines.into_values() {
        marks.sort();
        let Some(whole) = marks.iter().copied().reduce(Span::to) else { continue };
        let mut names: Vec<String> = marks.iter().map(|mark| format!("`{}`", view.text(*mark))).collect();
        names.dedup();
        let verb = if names.len() == 1 { "was" } else { "were" };
        findings.push(
            Finding::warning(NAME, whole, format!("{} {verb} never filled in", english::and(&names)))
                .here("a template left this behind, and it is taken as it stands")
                .help("write what belongs here, or have the template filled in before this file is used"),
        );
    }
}

/// Leaves one finding for each line with a mark, or with signs of a web page: what else is wrong with the mark, or with a line that cannot be read
/// because of it, is a consequence. A warning becomes the error that it stands for.
///
/// What the grammar has said stands behind what was looked for, and knows more of the line. Until the mark is filled in, its
/// statement can be left out.
pub(crate) fn settle(source: &Source, file: &RuleFile, findings: &mut Vec<Finding>) {
    if !findings.iter().any(|finding| matches!(finding.name, NAME | TYPOGRAPHY)) {
        return;
    }
    let overlap = |a: Span, b: Span| a.start < b.end && b.start < a.end;
    let errors: Vec<Span> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && finding.name != NAME)
        .map(Finding::span)
        .collect();
    for finding in findings.iter_mut().filter(|finding| finding.name == NAME) {
        if errors.iter().any(|error| overlap(*error, finding.span())) {
            finding.severity = Severity::Error;
        }
    }
    let broken = findings
        .iter()
        .filter(|finding| matches!(finding.name, NAME | TYPOGRAPHY) && finding.severity == Severity::Error);
    let broken: BTreeSet<(usize, u32)> = broken.map(|finding| line(source, finding.span())).collect();
    let mut said = BTreeSet::new();
    let mut keep = |finding: &Finding| {
        let line = line(source, finding.span());
        let is_broken = broken.contains(&line);
        match finding.name {
            NAME if is_broken => finding.severity == Severity::Error && said.insert(line),
            name => name == TYPOGRAPHY || !is_broken,
        }
    };
    findings.reverse();
    findings.retain(&mut keep);
    findings.reverse();
    let mut marks: Vec<&mut Finding> = findings.iter_mut().filter(|finding| finding.name == NAME).collect();
    marks.sort_by_key(|finding| finding.span());
    let mut read = left_out::Read::of(file);
    for finding in marks {
        left_out::offer(source, &mut read, finding);
    }
}

fn line(source: &Source, span: Span) -> (usize, u32) {
    let place = source.place(span.start);
    (place.file_index, place.line)
}
