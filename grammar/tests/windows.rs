//! How much of a text is read at once makes no difference to what is found.
#![expect(clippy::disallowed_methods, reason = "the texts stand in files")]

use std::path::Path;

use grammar::parse::parse_in_windows;
use grammar::{Dialect, Source};

fn is_the_same_in_every_window(text: &str) {
    for dialect in [Dialect::Monit, Dialect::Rules] {
        let source = Source::new("web.rules", text);
        let whole = parse_in_windows(&source, dialect, usize::MAX);
        for bytes in [1, 100, 1_000] {
            let found = parse_in_windows(&source, dialect, bytes);
            assert!(found == whole, "{bytes} bytes in {} of:\n{text}", dialect.word());
        }
    }
}

#[test]
fn the_texts_of_the_tests_are_the_same_in_every_window() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders =
        ["tests/language", "examples", "fuzz/seeds", "grammar/tests/spans"].map(|one| root.join(one)).to_vec();
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder with texts") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a text");
            let text = String::from_utf8_lossy(&bytes);
            is_the_same_in_every_window(&text);
            for block in text.split("\n```").filter(|_| path.extension().is_some_and(|end| end == "md")) {
                is_the_same_in_every_window(block);
            }
            all.push_str(&text);
        }
    }
    assert!(all.len() > 1 << 16, "there are hardly any texts");
    is_the_same_in_every_window(&all);
}
