//! Runs the blocks of `tests/language/parse`: each has exactly the findings of the parser that it marks.
//!
//! A mark is `# error[name]` or `# warning[name]` behind the line that the finding begins on. Marks of
//! findings that only checking makes are passed over here.

use grammar::{Dialect, Source, parse};
use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "the texts stand in files")]
fn every_block_has_the_findings_that_it_marks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/language/parse");
    let mut blocks = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("the folder of the tests") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a page is text");
        for (line, dialect, block) in examples(&text) {
            blocks += 1;
            let (marked, found) = (marks(&block), findings(&block, dialect));
            if marked != found {
                wrong.push(format!("{}:{line}\n  marked: {marked:?}\n  found:  {found:?}", path.display()));
            }
        }
    }
    assert!(blocks > 0, "there are no tests in {}", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The blocks of a page: the line of the first line in it, its dialect and its text.
fn examples(page: &str) -> Vec<(usize, Dialect, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, Option<Dialect>, String)> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some("rules")) => open = Some((index + 2, Some(Dialect::Rules), String::new())),
            (None, Some("monit")) => open = Some((index + 2, Some(Dialect::Monit), String::new())),
            (None, Some(_)) => open = Some((index + 2, None, String::new())),
            (None, None) => {}
            (Some((_, _, text)), None) => text.extend([line, "\n"]),
            (Some(_), Some(_)) => {
                let done = open.take();
                examples.extend(done.and_then(|(line, dialect, text)| Some((line, dialect?, text))));
            }
        }
    }
    examples
}

fn marks(block: &str) -> Vec<(usize, String)> {
    let mut marks = Vec::new();
    for (index, line) in block.lines().enumerate() {
        for mark in line.split("# ").skip(1).map(str::trim) {
            let name = mark.split_once('[').and_then(|(_, name)| name.strip_suffix(']')).unwrap_or_default();
            if parse::FINDINGS.contains(&name) {
                marks.push((index + 1, mark.to_owned()));
            }
        }
    }
    marks.sort();
    marks
}

fn findings(block: &str, dialect: Dialect) -> Vec<(usize, String)> {
    let source = Source::new("block", block);
    let parsed = parse(&source, dialect);
    let mut found: Vec<(usize, String)> = parsed
        .findings
        .iter()
        .map(|finding| {
            let line = source.place(finding.span().start).line as usize;
            (line, format!("{}[{}]", finding.severity.word(), finding.name))
        })
        .collect();
    found.sort();
    found
}
