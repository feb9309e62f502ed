//! Findings in the Static Analysis Results Interchange Format (SARIF 2.1.0, OASIS Standard), for services that show
//! what many tools found.
//!
//! Columns count code points. What a comment allows is a result with `suppressions`. A fix is offered as SARIF's `fixes`; labels on other places are `relatedLocations`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Fix, Help, Report, clean};
use crate::{Finding, Severity, Source, Span};

/// What is said once about all findings of a name.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// The name.
    pub name: &'a str,
    /// What it is about, in a few words.
    pub title: &'a str,
    /// The page that explains it, in Markdown.
    pub page: &'a str,
}

/// All findings as one JSON document. `version` is that of this program; of `rules`, those that occur are described.
pub fn document(reports: &[Report<'_>], rules: &[Rule<'_>], version: &str) -> String {
    let names = reports.iter().flat_map(|report| report.findings.iter().chain(report.suppressed)).map(|one| one.name);
    let mut indices: BTreeMap<&str, usize> = names.map(|name| (name, 0)).collect();
    for (position, index) in indices.values_mut().enumerate() {
        *index = position;
    }
    let described: Vec<Value> = indices.keys().map(|name| describe(name, rules)).collect();
    let mut results = Vec::new();
    for report in reports {
        results.extend(report.findings.iter().map(|finding| result(finding, report.source, &indices)));
        for finding in report.suppressed {
            let mut result = result(finding, report.source, &indices);
            set(&mut result, "suppressions", json!([{ "kind": "inSource" }]));
            results.push(result);
        }
    }
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "ruled", "version": version, "rules": described } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document}\n")
}

fn describe(name: &str, rules: &[Rule<'_>]) -> Value {
    match rules.iter().find(|rule| rule.name == name) {
        Some(rule) => json!({
            "id": name,
            "shortDescription": { "text": rule.title },
            "help": { "text": rule.page, "markdown": rule.page },
        }),
        None => json!({ "id": name }),
    }
}

fn result(finding: &Finding, source: &Source, indices: &BTreeMap<&str, usize>) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut message = clean(&finding.headline);
    let here = finding.labels.iter().find(|label| label.primary).map(|label| &label.text);
    for more in here.into_iter().chain(&finding.notes).filter(|text| !text.is_empty()) {
        message.push('\n');
        message.push_str(&clean(more));
    }
    let mut result = json!({
        "ruleId": finding.name,
        "ruleIndex": indices.get(finding.name),
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": location(finding.span(), source) }],
    });
    let elsewhere = finding.labels.iter().filter(|label| !label.primary).map(
        |label| json!({ "physicalLocation": location(label.span, source), "message": { "text": clean(&label.text) } }),
    );
    let elsewhere: Vec<Value> = elsewhere.collect();
    if !elsewhere.is_empty() {
        set(&mut result, "relatedLocations", Value::from(elsewhere));
    }
    match &finding.help {
        Some(Help::Fix(fix)) => set(&mut result, "fixes", json!([change(fix, source)])),
        Some(Help::Sentence(sentence)) => {
            let text = format!("{message}\nhelp: {}", clean(sentence));
            set(&mut result, "message", json!({ "text": text }));
        }
        None => {}
    }
    result
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn change(fix: &Fix, source: &Source) -> Value {
    let mut files: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacement =
            json!({ "deletedRegion": region(edit.span, source), "insertedContent": { "text": edit.text } });
        files.entry(source.place(edit.span.start).file_index).or_default().push(replacement);
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(file, replacements)| {
            json!({ "artifactLocation": { "uri": uri(source.file_name(file)) }, "replacements": replacements })
        })
        .collect();
    json!({ "description": { "text": clean(&fix.sentence) }, "artifactChanges": changes })
}

fn location(span: Span, source: &Source) -> Value {
    json!({
        "artifactLocation": { "uri": uri(source.place(span.start).file) },
        "region": region(span, source),
    })
}

fn region(span: Span, source: &Source) -> Value {
    let (start, end) = (source.place(span.start), source.place(span.end));
    let end = if end.file_index == start.file_index { end } else { start };
    json!({
        "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
    })
}

/// A path as a URI (RFC 3986): an absolute one of the scheme `file`, or a relative reference.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("/etc/my rules/ä.rules"), "file:///etc/my%20rules/%C3%A4.rules");
        assert_eq!(uri("web:1.rules"), "web%3A1.rules");
    }
}
