//! The pages of the findings are tests: every block has exactly the findings that it marks.

use std::collections::BTreeSet;

use crate::rig::{Example, examples};
use interpreter::lint;

/// Findings that no text on a page can have, and why. Each has a test of its own in `check.rs`.
const UNSHOWABLE: [(&str, &str); 7] = [
    ("include-too-deep", "it takes more than a thousand files"),
    ("misread-by-monit", "it is the answer to a question of its own"),
    ("not-utf8", "a page is UTF-8"),
    ("nul-byte", "a page is text"),
    ("replaceable-by-others", "it is about the mode of a folder"),
    ("too-large", "it takes 64 MB"),
    ("writable-by-others", "it is about the mode of a file"),
];

#[test]
fn every_block_has_exactly_the_findings_that_it_marks() {
    let mut wrong = Vec::new();
    for entry in lint::list() {
        for example in examples(entry.page) {
            let (expected, found) = (example.expected(), example.found());
            if expected != found {
                wrong.push(format!("{}.md:{}\n  marked: {expected:?}\n  found:  {found:?}", entry.name, example.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_shows_the_finding_and_its_absence() {
    for entry in lint::list() {
        assert!(entry.page.starts_with(&format!("# {}\n\n", entry.name)), "{} has another title", entry.name);
        assert!(lint::explain(entry.name).is_some());
        let examples = examples(entry.page);
        let has = |example: &Example| {
            example.expected().iter().any(|(_, _, mark)| mark.ends_with(&format!("[{}]", entry.name)))
        };
        assert!(!examples.iter().all(has), "{} shows no text without it", entry.name);
        let unshowable = UNSHOWABLE.iter().any(|(name, _)| *name == entry.name);
        assert_eq!(examples.iter().any(has), !unshowable, "{}: a text that has the finding", entry.name);
    }
}

#[test]
fn every_finding_has_one_page() {
    let names: Vec<&str> = lint::list().iter().map(|entry| entry.name).collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(unique.len(), names.len(), "a name is listed twice");
    for name in grammar::FINDINGS {
        assert!(unique.contains(name), "{name} has no page");
    }
    assert!(lint::explain("no-such-finding").is_none());
}
