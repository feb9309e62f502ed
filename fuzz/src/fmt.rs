//! The formatter: what it lays out is the same text but for blanks, and laid out again it is the same text.

use grammar::print::{Unformatted, format};
use grammar::source::decode;
use grammar::{Severity, Source, parse};

use crate::{DIALECTS, point_inside};

/// Formats the bytes in both dialects.
pub fn holds(bytes: &[u8]) {
    let text = decode(bytes).text;
    for dialect in DIALECTS {
        match format(&text, dialect) {
            Ok(formatted) => {
                let blank = |character: &char| !character.is_whitespace() && *character != '\u{feff}';
                assert!(text.chars().filter(blank).eq(formatted.chars().filter(blank)), "more than blanks changed");
                assert_eq!(format(&formatted, dialect).as_deref(), Ok(formatted.as_str()), "formatted twice");
            }
            Err(Unformatted::Unreadable(findings)) => {
                point_inside(&findings, &text);
                // A program whose quote is never closed can be read, but nothing can be laid out behind it.
                let stops = |one: &grammar::Finding| one.severity == Severity::Error || one.name == "unclosed-quote";
                assert!(findings.iter().any(stops), "unreadable, and no error");
            }
            Err(Unformatted::Fault(sentence)) => {
                let parsed = parse(&Source::new("fuzz.rules", text.as_str()), dialect);
                panic!("{sentence}; {} findings", parsed.findings.len());
            }
        }
    }
}
