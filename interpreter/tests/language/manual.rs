//! The manual's chapter on the language: its lists are those of the catalog, and its examples are read.

use std::path::{Path, PathBuf};

use crate::rig::examples;
use interpreter::catalog;

const MARK: &str = "<!-- from the catalog:";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/language.md")
}

#[expect(clippy::disallowed_methods, reason = "tests read the files that hold them")]
fn chapter() -> String {
    std::fs::read_to_string(path()).expect("the chapter is there")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the chapter is written when somebody asks for it")]
fn the_lists_of_the_manual_are_those_of_the_catalog() {
    let chapter = chapter();
    let start = chapter.find(MARK).expect("the chapter says where its lists begin");
    let end = start + chapter[start..].find('\n').expect("a line ends") + 1;
    let written = format!("{}{}", &chapter[..end], catalog::manual());
    if std::env::var_os("RULED_WRITE_MANUAL").is_some() {
        std::fs::write(path(), &written).expect("the chapter can be written");
        return;
    }
    let line = written.lines().zip(chapter.lines()).position(|(one, other)| one != other);
    assert!(
        written == chapter,
        "docs/language.md has drifted from the catalog at line {:?}; RULED_WRITE_MANUAL=1 writes it anew",
        line.map(|line| line + 1)
    );
}

#[test]
fn the_examples_of_the_manual_are_read() {
    let chapter = chapter();
    let examples = examples(&chapter);
    assert!(examples.len() >= 4, "the chapter has examples");
    for example in examples {
        let mut found = example.found();
        found.retain(|(_, _, mark)| mark.starts_with("error"));
        assert!(found.is_empty(), "docs/language.md:{}: {found:?}", example.line);
    }
}
