//! What holds for every text, however broken.

use grammar::finding::{Help, concise, json, terminal};
use grammar::source::{decode, encode_back};
use grammar::{Dialect, Source, Span, parse};
use proptest::prelude::*;

/// Pieces that make interesting texts more often than arbitrary characters do.
const PIECES: &[&str] = &[
    "check",
    "process",
    "file",
    "host",
    "system",
    "set",
    "daemon",
    "mailserver",
    "alert",
    "if",
    "then",
    "else",
    "failed",
    "port",
    "80",
    "protocol",
    "http",
    "request",
    "with",
    "timeout",
    "5",
    "seconds",
    "for",
    "cycles",
    "start",
    "stop",
    "program",
    "=",
    "\"",
    "'",
    "\"/bin/x a\"",
    "'b'",
    "{",
    "}",
    "(",
    ")",
    ",",
    ";",
    "#",
    "\n",
    "\n",
    " ",
    " ",
    "\\",
    "\\\"",
    "%",
    ">",
    ">=",
    "=>",
    "<>",
    "100MB",
    "1h",
    "30m",
    "cpu",
    "cpu(user)",
    "loadavg (5min)",
    "memory",
    "usage",
    "not",
    "exist",
    "depends",
    "on",
    "a,",
    "b",
    "group",
    "@",
    "x@y",
    ":",
    "::1",
    "include",
    "x.conf",
    "é",
    "\u{feff}",
    "\u{10FE41}",
    "\u{0}",
    "\r\n",
    "\t",
    "uid",
    "root",
    "repeat",
    "every",
    "recovered",
    "$HOST",
    "nginx",
    "/run/x.pid",
    "pidfile",
    "matching",
    "address",
    "path",
    "permission",
    "640",
    "true",
    "pool:",
    "{name}",
    "chekc",
    "iff",
    "mode",
    "restart",
    "unmonitor",
    "exec",
    "noalert",
    "performance",
    "load1",
    "-5",
    "plugin",
    "grant",
    "connect",
    "depth",
    "[",
    "]",
    "only",
    "retry",
];

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 0..60);
    pieces.prop_map(|pieces| {
        pieces.into_iter().map(|(piece, spaced)| if spaced { format!("{piece} ") } else { piece.to_owned() }).collect()
    })
}

fn everything_holds(text: &str) {
    for dialect in [Dialect::Monit, Dialect::Rules] {
        let source = Source::new("a.rules", text);
        let parsed = parse(&source, dialect);
        for finding in &parsed.findings {
            assert!(parse::FINDINGS.contains(&finding.name), "{} is not in the list", finding.name);
            finding.labels.iter().for_each(|label| in_bounds(label.span, text));
            if let Some(Help::Fix(fix)) = &finding.help {
                fix.edits.iter().for_each(|edit| in_bounds(edit.span, text));
            }
            let look = terminal::Look { color: false, width: 100 };
            for shown in [concise::render(finding, &source), terminal::render(finding, &source, look)] {
                assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
            }
            assert!(json::render(finding, &source).starts_with('{'));
        }
        assert!(parsed.findings.is_sorted_by_key(|finding| finding.span().start));
        for check in parsed.file.statements.iter().filter_map(|statement| match statement {
            grammar::ast::Statement::Check(check) => Some(check),
            grammar::ast::Statement::Set(_) => None,
        }) {
            in_bounds(check.span, text);
            in_bounds(check.head, text);
            in_bounds(check.name.span, text);
        }
        for include in parse::includes(text, dialect) {
            in_bounds(include.span, text);
            in_bounds(include.pattern.span, text);
        }
    }
}

fn in_bounds(span: Span, text: &str) {
    assert!(span.start <= span.end, "{span:?} runs backwards");
    assert!(text.get(span.range()).is_some(), "{span:?} does not lie in {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn words_in_any_order_are_read(text in texts()) {
        everything_holds(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let decoded = decode(&bytes);
        prop_assert_eq!(encode_back(&decoded.text).into_owned(), bytes);
        everything_holds(&decoded.text);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        everything_holds(&text);
    }
}

#[test]
fn a_million_brackets_are_one_finding() {
    for dialect in [Dialect::Monit, Dialect::Rules] {
        for bracket in ["(", "{"] {
            let parsed = parse(&Source::new("a", bracket.repeat(1_000_000)), dialect);
            let names: Vec<&str> = parsed.findings.iter().map(|finding| finding.name).collect();
            assert_eq!(names, ["too-deep"], "{bracket} in {}", dialect.word());
        }
    }
}

#[test]
fn texts_that_would_be_read_again_and_again_take_linear_time() {
    for piece in [
        "\"\n if ",
        "'\"\n",
        "check ",
        "check x",
        "start program x ",
        "iff a b\n",
        "if foo\n",
        "{ \"",
        "depends on a, ",
    ] {
        let text = format!("check system s\n{}", piece.repeat(20_000));
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let findings = parse(&Source::new("a", text.clone()), dialect).findings.len();
            assert!(findings <= parse::FINDINGS_MAX + 1);
        }
    }
}
