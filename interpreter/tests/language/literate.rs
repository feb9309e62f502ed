//! The literate tests of checking: `tests/language/check/*.md`.
//!
//! A block of rules has exactly the findings that it marks at the ends of its lines. A block of JSON behind it says
//! what the rules mean: every field that it names has that value in `show`, and a list has that many members.

use std::path::{Path, PathBuf};

use crate::rig::{Example, blocks, examples};
use interpreter::show;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/language/check")
}

#[expect(clippy::disallowed_methods, reason = "tests read the files that hold them")]
fn pages() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder()).expect("the folder of the tests");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    assert!(!paths.is_empty(), "there are no tests");
    paths
        .into_iter()
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a page is text")))
        .collect()
}

#[test]
fn every_block_has_exactly_the_findings_that_it_marks() {
    let mut wrong = Vec::new();
    for (path, text) in pages() {
        for example in examples(&text) {
            let (expected, found) = (example.expected(), example.found());
            if expected != found {
                wrong.push(format!("{path}:{}\n  marked: {expected:?}\n  found:  {found:?}", example.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_block_means_what_the_json_behind_it_says() {
    let mut wrong = Vec::new();
    for (path, text) in pages() {
        let examples = examples(&text);
        for block in blocks(&text).into_iter().filter(|block| block.info == "json") {
            let wanted: Value = serde_json::from_str(&block.text).expect("a block of JSON is JSON");
            let example: &Example =
                examples.iter().rfind(|example| example.line < block.line).expect("rules stand before their meaning");
            let (_, checked) = example.check();
            let Some(program) = checked.program else {
                wrong.push(format!("{path}:{} has errors", example.line));
                continue;
            };
            let shown: Value = serde_json::from_str(&show::program(&program)).expect("what is shown is JSON");
            let mut differences = Vec::new();
            compare(&wanted, &shown, "", &mut differences);
            wrong.extend(differences.iter().map(|difference| format!("{path}:{}{difference}", block.line)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Takes note of every field of `wanted` that is another in `shown`.
fn compare(wanted: &Value, shown: &Value, place: &str, differences: &mut Vec<String>) {
    match (wanted, shown) {
        (Value::Object(fields), Value::Object(others)) => {
            for (name, value) in fields {
                compare(value, others.get(name).unwrap_or(&Value::Null), &format!("{place}.{name}"), differences);
            }
        }
        (Value::Array(members), Value::Array(others)) if members.len() == others.len() => {
            for (number, (value, other)) in members.iter().zip(others).enumerate() {
                compare(value, other, &format!("{place}[{number}]"), differences);
            }
        }
        (Value::Number(number), Value::Number(other)) if number.as_f64() == other.as_f64() => {}
        _ if wanted == shown => {}
        _ => differences.push(format!(" {place}: {wanted} is wanted, {shown} is there")),
    }
}
