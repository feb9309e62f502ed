//! Findings as a report of tests in the form that JUnit made customary, for servers that collect such reports.
//!
//! Each file or folder that was checked is a suite, and each finding a case in it, which fails when findings of its
//! severity fail the check. A file without findings is a suite with one case that passed. The attributes are those of
//! the schema `junit-10.xsd` of the xUnit plugin of Jenkins.

use std::fmt::Write;

use super::{Report, clean, concise};
use crate::{Finding, Severity};

/// All findings as one XML document. `fails` says whether findings of a severity fail the check.
pub fn document(reports: &[Report<'_>], fails: impl Fn(Severity) -> bool) -> String {
    let mut document = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ruled check\">\n");
    for report in reports {
        let failures = report.findings.iter().filter(|finding| fails(finding.severity)).count();
        let (name, tests) = (attribute(&clean(report.path)), report.findings.len().max(1));
        writeln!(
            document,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
        )
        .ok();
        if report.findings.is_empty() {
            writeln!(document, "    <testcase name=\"nothing is wrong\" classname=\"{name}\"/>").ok();
        }
        for finding in report.findings {
            case(&mut document, finding, report, fails(finding.severity));
        }
        document.push_str("  </testsuite>\n");
    }
    document.push_str("</testsuites>\n");
    document
}

fn case(document: &mut String, finding: &Finding, report: &Report<'_>, fails: bool) {
    let place = report.source.place(finding.span().start);
    let (file, name) = (attribute(&clean(place.file)), finding.name);
    write!(document, "    <testcase name=\"{name}:{}:{}\" classname=\"{file}\">", place.line, place.column).ok();
    let line = concise::render(finding, report.source);
    if fails {
        let (message, kind) = (attribute(&clean(&finding.headline)), finding.severity.word());
        write!(document, "<failure type=\"{kind}\" message=\"{message}\">{}</failure>", text(&line)).ok();
    } else {
        write!(document, "<system-out>{}</system-out>", text(&line)).ok();
    }
    document.push_str("</testcase>\n");
}

/// Text between tags. XML 1.0 has no control characters, and none are left after [`clean`].
fn text(text: &str) -> String {
    let allowed = |c: &char| !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let text: String = text.chars().filter(allowed).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, Span};

    #[test]
    fn what_was_written_is_no_markup() {
        let source = Source::new("a<b>&\".rules", "set <x>\n");
        let findings = [
            Finding::error("syntax-error", Span::new(4, 7), "`<x>` & \"y\"\u{1}"),
            Finding::warning("placeholder", Span::new(4, 7), "this is left over"),
        ];
        let reports = [Report { path: "a<b>&\".rules", findings: &findings, suppressed: &[], source: &source }];
        let document = document(&reports, |severity| severity == Severity::Error);
        let expected = "  <testsuite name=\"a&lt;b&gt;&amp;&quot;.rules\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    \
            <testcase name=\"syntax-error:1:5\" classname=\"a&lt;b&gt;&amp;&quot;.rules\"><failure type=\"error\" \
            message=\"`&lt;x&gt;` &amp; &quot;y&quot;\\u{1}\">";
        assert!(document.contains(expected), "{document}");
        assert!(document.contains("<system-out>"), "{document}");
    }
}
