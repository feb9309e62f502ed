//! The parser: it never panics, and what it says of the text lies in the text.

use grammar::ast::Statement;
use grammar::parse::parse_in_windows;
use grammar::source::{decode, encode_back};
use grammar::{Severity, Source, parse};

use crate::{DIALECTS, lies_inside, point_inside};

/// Reads the bytes in both dialects.
pub fn holds(bytes: &[u8]) {
    let text = decode(bytes).text;
    assert_eq!(encode_back(&text).as_ref(), bytes, "bytes do not come back as they were");
    for dialect in DIALECTS {
        let source = Source::new("fuzz.rules", text.as_str());
        let parsed = parse(&source, dialect);
        for window_bytes in [1 + bytes.len() % 200] {
            assert!(
                parse_in_windows(&source, dialect, window_bytes) == parsed,
                "windows of {window_bytes} bytes differ"
            );
        }
        point_inside(&parsed.findings, &text);
        assert!(parsed.findings.is_sorted_by_key(|finding| finding.span().start), "findings are out of order");
        assert!(parsed.findings.iter().all(|finding| grammar::parse::FINDINGS.contains(&finding.name)));
        let mut end = 0;
        for statement in &parsed.file.statements {
            let span = statement.span();
            lies_inside(span, &text, "a statement");
            // A setting that stands in a check for want of its `set` is moved behind the check.
            let moved = matches!(statement, Statement::Set(setting) if setting.without_set);
            assert!(!moved || parsed.findings.iter().any(|one| one.severity == Severity::Error), "no `set`, no error");
            assert!(moved || span.start >= end, "{span:?} overlaps the statement before, which ends at {end}");
            end = end.max(span.end);
            if let Statement::Check(check) = statement {
                lies_inside(check.head, &text, "the head of a check");
                lies_inside(check.name.span, &text, "the name of a check");
                assert!(span.start <= check.head.start && check.head.end <= span.end, "a head outside its check");
                let mut end = check.head.end;
                for inner in &check.statements {
                    let inner = inner.span();
                    lies_inside(inner, &text, "a statement in a check");
                    assert!(inner.start >= end && inner.end <= span.end, "{inner:?} in {span:?}, behind {end}");
                    end = inner.end;
                }
            }
        }
        for include in grammar::parse::includes(&text, dialect) {
            lies_inside(include.span, &text, "an include");
            lies_inside(include.pattern.span, &text, "the pattern of an include");
        }
    }
}
