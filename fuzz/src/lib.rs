//! What must hold for every text: one file for each fuzz target, with one function that panics where it does not.
//!
//! Every target is handed bytes and reads them in both dialects.

pub mod check;
pub mod fmt;
pub mod import;
pub mod parse;

use grammar::{Dialect, Finding, Span};

/// Both dialects.
pub const DIALECTS: [Dialect; 2] = [Dialect::Monit, Dialect::Rules];

/// Panics where a span does not lie in the text, or cuts a character in two.
fn lies_inside(span: Span, text: &str, what: &str) {
    assert!(span.start <= span.end, "the span of {what} runs backwards: {span:?}");
    assert!(text.get(span.range()).is_some(), "the span of {what} does not lie in the text: {span:?}");
}

/// Panics where a finding points out of the text, or its changes are out of order.
fn point_inside(findings: &[Finding], text: &str) {
    for finding in findings {
        for label in &finding.labels {
            lies_inside(label.span, text, finding.name);
        }
        if let Some(grammar::Help::Fix(fix)) = &finding.help {
            let mut end = 0;
            for edit in &fix.edits {
                lies_inside(edit.span, text, finding.name);
                assert!(edit.span.start >= end, "the changes of {} overlap: {:?}", finding.name, fix.edits);
                end = edit.span.end;
            }
        }
    }
}
