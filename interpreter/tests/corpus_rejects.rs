//! Files of strangers that Monit refuses: the cause is named at its line, and where a change makes the file load, the
//! change is offered.
//!
//! The files are not part of the repository; without them there is nothing to run, and the test says so.

#![expect(clippy::disallowed_methods, reason = "the files are read where they are")]

use grammar::finding::Edit;
use grammar::{Dialect, Finding, Help, Severity, Source};
use interpreter::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry, Protocols};
use interpreter::check::{Imaginary, check, load_text};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/files");
/// So often a file is mended at most.
const ROUNDS_MAX: usize = 8;

/// A file, the first finding that names the cause and its line, and whether the changes that are offered make it load.
const CAUSES: &[(&str, &str, u32, bool)] = &[
    ("0006", "placeholder", 23, true),
    ("0009", "reserved-word", 28, true),
    ("0028", "placeholder", 1, true),
    ("0029", "placeholder", 1, true),
    ("0030", "placeholder", 1, true),
    ("0135", "obsolete-tls", 57, true),
    ("0139", "placeholder", 20, true),
    ("0160", "reserved-word", 119, true),
    ("0257", "syntax-error", 6, true),
    ("0268", "syntax-error", 6, true),
    ("0280", "reserved-word", 2, true),
    ("0282", "syntax-error", 1, true),
    ("0298", "pasted-typography", 3, true),
    ("0325", "syntax-error", 11, true),
    ("0326", "syntax-error", 12, false),
    ("0331", "unknown-protocol", 51, false),
    ("0333", "placeholder", 19, true),
    ("0335", "placeholder", 160, true),
    ("0337", "placeholder", 134, true),
    ("0338", "duplicate-service", 26, false),
    ("0380", "reserved-word", 120, true),
    ("0460", "syntax-error", 1, false),
    ("0480", "placeholder", 29, true),
    ("0491", "duplicate-service", 30, false),
    ("0496", "placeholder", 14, true),
    ("0502", "placeholder", 7, false),
    ("0505", "syntax-error", 8, false),
    ("0509", "unknown-statement", 2, false),
    ("0510", "reserved-word", 16, true),
    ("0618", "unknown-statement", 8, false),
    ("0627", "unknown-statement", 88, false),
    ("0707", "placeholder", 1, true),
    ("0730", "not-portable", 1, true),
    ("0766", "syntax-error", 347, true),
    ("0828", "syntax-error", 18, true),
    ("0839", "placeholder", 5, true),
    ("0890", "placeholder", 2, true),
    ("0892", "syntax-error", 53, false),
    ("0906", "not-portable", 1, true),
    ("0935", "reserved-word", 6, true),
    ("0969", "syntax-error", 43, false),
    ("0977", "reserved-word", 3, true),
    ("0998", "placeholder", 11, true),
    ("1005", "reserved-word", 122, true),
    ("1035", "misplaced-test", 15, false),
    ("1038", "placeholder", 88, true),
];

fn findings(text: &[u8]) -> (Source, Vec<Finding>) {
    let loaded = load_text("file", text, Dialect::Monit, &Imaginary::new());
    let checked = check(&loaded.source, Dialect::Monit, &protocols(), &Imaginary::new());
    (loaded.source, loaded.findings.into_iter().chain(checked.findings).collect())
}

fn protocols() -> Protocols {
    let mut protocols = Protocols::default();
    for name in ["http", "https", "mysql", "pgsql", "redis", "sip", "smtp", "ssh"] {
        let text = |name: &str| ProtocolOptionEntry {
            name: name.to_owned(),
            help: String::new(),
            kind: OptionKind::Text,
            required: false,
        };
        let options = ["request", "target"].map(text).to_vec();
        let summary = String::new();
        protocols.entries.push(ProtocolEntry { name: name.to_owned(), summary, default_port: Some(80), options });
    }
    protocols
}

/// The file with every change made that is offered for an error, and whether it loads then.
fn loads_when_mended(bytes: &[u8]) -> bool {
    // What is included is not there, and would be taken out of the text.
    let included = |line: &str| line.trim_start().to_ascii_lowercase().starts_with("include");
    let text = String::from_utf8_lossy(bytes).into_owned();
    let lines = text.split_inclusive('\n').map(|line| if included(line) { "\n" } else { line });
    let mut text: String = lines.collect();
    for _ in 0..ROUNDS_MAX {
        let (source, findings) = findings(text.as_bytes());
        if !findings.iter().any(|one| one.severity == Severity::Error) {
            return true;
        }
        assert_eq!(source.text(), text);
        let mut edits: Vec<Edit> = Vec::new();
        for finding in findings.iter().filter(|one| one.severity == Severity::Error) {
            let Some(Help::Fix(fix)) = &finding.help else { continue };
            if fix
                .edits
                .iter()
                .all(|new| edits.iter().all(|old| new.span.end <= old.span.start || old.span.end <= new.span.start))
            {
                edits.extend(fix.edits.iter().cloned());
            }
        }
        if edits.is_empty() {
            return false;
        }
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        edits.iter().for_each(|edit| text.replace_range(edit.span.range(), &edit.text));
    }
    false
}

#[test]
fn what_monit_refuses_is_refused_for_its_cause() {
    if std::fs::read_dir(FILES).is_err() {
        println!("SKIPPED: there are no files in {FILES}");
        return;
    }
    let mut wrong = Vec::new();
    for (file, name, line, loads) in CAUSES {
        let bytes = std::fs::read(format!("{FILES}/{file}.monitrc")).unwrap_or_default();
        let (source, findings) = findings(&bytes);
        let place = |one: &Finding| source.place(one.span().start).line;
        if !findings.iter().any(|one| one.name == *name && place(one) == *line) {
            let said = findings.iter().filter(|one| one.severity == Severity::Error);
            let said: Vec<String> = said.map(|one| format!("{}: {}[{}]", place(one), one.headline, one.name)).collect();
            wrong.push(format!("{file}: no {name} in line {line}, but {said:#?}"));
        }
        if loads_when_mended(&bytes) != *loads {
            wrong.push(format!("{file}: that the changes make it load is {}", !loads));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
