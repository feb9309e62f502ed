//! The checker: it never panics, and a program comes out where, and only where, there is no error.

use grammar::{Dialect, Severity, Source};
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, Nowhere, Surroundings, check_loaded, load_text};
use interpreter::show;

use crate::{DIALECTS, point_inside};

/// The path by which the text can include itself.
const PATH: &str = "/etc/ruled/fuzz.rules";
/// A file that the text can include.
const OTHER: &str = "/etc/ruled/conf.d/other.rules";

/// Checks the bytes in both dialects, on a machine that has files or on one of which nothing is known: which of the
/// two hangs on the bytes, so that one run takes half the time.
pub fn holds(bytes: &[u8]) {
    let machine = Imaginary::new()
        .with_file(PATH, bytes)
        .with_file(OTHER, "check file other with path /etc/hosts\n    if changed size then alert\n")
        .with_locked_file("/etc/ruled/secret.rules")
        .without_user("nobody");
    let surroundings: [&dyn Surroundings; 2] = [&machine, &Nowhere];
    for (dialect, surroundings) in DIALECTS.into_iter().zip(surroundings.into_iter().cycle().skip(bytes.len() % 2)) {
        one(bytes, dialect, surroundings);
    }
}

fn one(bytes: &[u8], dialect: Dialect, surroundings: &dyn Surroundings) {
    let loaded = load_text(PATH, bytes, dialect, surroundings);
    let source: &Source = &loaded.source;
    let checked = check_loaded(&loaded, dialect, &Protocols::default(), surroundings);
    point_inside(&checked.findings, source.text());
    point_inside(&checked.suppressed, source.text());
    assert!(checked.suppressed.iter().all(|finding| finding.severity != Severity::Error), "a comment allows an error");
    let sound = checked.findings.iter().all(|finding| finding.severity != Severity::Error);
    assert_eq!(checked.program.is_some(), sound, "a program beside errors, or none without one");
    if let Some(program) = &checked.program {
        let shown = show::program(program);
        let read: Result<serde_json::Value, _> = serde_json::from_str(&shown);
        assert!(read.is_ok_and(|value| value.is_object()), "what is shown is no JSON: {shown}");
    }
}
