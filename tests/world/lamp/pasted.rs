//! Files as people paste them from web pages, forums and templates: findings say what is wrong with them, and offer changes
//! with which they load.

use std::fs;
use std::path::Path;

use crate::rig::{finish, ruled, write};

/// A pasted file, what is found in it, and what is left to be said when all changes are made, safe ones and others.
struct Pasted {
    file: &'static str,
    found: &'static [&'static str],
    left: &'static [&'static str],
}

const ALL: [Pasted; 3] = [
    Pasted {
        file: "howto.monitrc",
        found: &["not-portable", "pasted-typography", "placeholder"],
        // Who is to be told has to be filled in.
        left: &["nobody-told"],
    },
    Pasted {
        file: "forum.monitrc",
        found: &["never-fires", "not-portable", "pasted-typography", "swallowed-statement"],
        // Monit never makes this test, and no other says the same.
        left: &["never-fires"],
    },
    Pasted {
        file: "template.rules",
        found: &["pasted-typography", "placeholder", "unknown-statement"],
        left: &["nobody-told"],
    },
];

/// What `ruled check` finds: the names, each once and in order, and the exit status. What is missing on this machine only, such
/// as programs, is left out.
fn check(file: &str, words: &[&str]) -> (Vec<String>, i32) {
    let done = finish(ruled(&[&["check", "--output", "jsonl"], words, &[file]].concat()));
    let lines = done.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let names = lines.filter_map(|line| line["name"].as_str().map(str::to_owned));
    let mut names: Vec<String> = names.filter(|name| name != "missing-program").collect();
    names.sort();
    names.dedup();
    (names, done.status)
}

#[test]
fn what_is_pasted_can_be_made_to_load() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/world/lamp/pasted");
    let folder = tempfile::tempdir().expect("a folder");
    for Pasted { file, found, left } in ALL {
        let text = fs::read_to_string(pages.join(file)).expect("a page");
        let path = write(folder.path(), file, &text);
        assert_eq!(check(&path, &[]), (found.iter().map(|name| (*name).to_owned()).collect(), 1), "{file}");
        // Safe changes change no meaning of what can be read, and so cannot decide everything.
        check(&path, &["--fix"]);
        let safe = fs::read_to_string(&path).expect("the file");
        assert!(safe != text && !(file.ends_with("monitrc") && safe.contains("alert#")), "{file}:\n{safe}");
        check(&path, &["--fix", "--unsafe-fixes"]);
        let fixed = fs::read_to_string(&path).expect("the file");
        let names: Vec<String> = left.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(check(&path, &[]), (names, 0), "{file}:\n{fixed}");
        // What could be read all along is still there, and what nobody filled in stands in comments.
        for line in text.lines().filter(|line| line.is_ascii() && !line.contains(['<', '{', '@', '#', '\''])) {
            let kept = line.replace("gruop", "group");
            let is_kept = |fixed: &str| fixed.trim_start_matches([' ', '#']) == kept.trim_start();
            assert!(fixed.lines().any(is_kept), "{file}: `{kept}` is gone:\n{fixed}");
        }
        let marks = fixed.lines().filter(|line| line.contains("your") || line.contains("WEB_HOST"));
        assert!(marks.clone().all(|line| line.trim_start().starts_with('#')), "{file}:\n{fixed}");
    }
}
