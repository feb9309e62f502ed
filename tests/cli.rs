//! The command line: what scripts rely on.

use std::fs;

use crate::rig::{Finished, finish, ruled, write};

const GOOD: &str = "set daemon 30\ncheck system box\n    if loadavg (1min) > 4 for 3 cycles then exec \"/bin/true\"\n";
const WARNED: &str = "set daemon 30\ncheck process web with pidfile /run/web.pid\n    \
                      start program = \"/bin/true\"\n    if memory usage > 200 then restart\n";
const BAD: &str = "set daemon 30\ncheck system box\n    if size > 1 MB then exec \"/bin/true\"\n";

fn run(words: &[&str]) -> Finished {
    finish(ruled(words))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_exit_status_says_how_bad_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = write(folder.path(), "good.rules", GOOD);
    let warned = write(folder.path(), "warned.rules", WARNED);
    let bad = write(folder.path(), "bad.rules", BAD);
    assert_eq!(run(&["check", &good]).status, 0);
    assert_eq!(run(&["check", &warned]).status, 0);
    assert_eq!(run(&["check", &good, &bad, &warned]).status, 1);
    assert_eq!(run(&["check", &bad, "/nowhere.rules"]).status, 2);
    assert_eq!(run(&["check", "--output", "sculpture", &good]).status, 2);
}

#[test]
fn concise_findings_are_a_line_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = write(folder.path(), "bad.rules", BAD);
    let found = run(&["check", "-q", "--output", "concise", &bad]).out;
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.starts_with(&format!("{bad}:3:8: error[misplaced-test]: ")), "{found}");
}

#[test]
fn json_is_alone_on_standard_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let warned = write(folder.path(), "warned.rules", WARNED);
    let found = run(&["check", "--output", "json", &warned]);
    let document = json(&found.out);
    assert_eq!(document["schema"], "ruled.findings/1");
    let names: Vec<&str> =
        document["findings"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&"bare-byte-threshold"), "{names:?}");
    assert!(found.err.contains("1 service, 1 rule"), "{}", found.err);
}

#[test]
fn a_folder_is_one_program() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "a.rules",
        "set daemon 5\ncheck system box\n    if swap usage > 20% then exec \"/bin/true\"\n",
    );
    write(
        folder.path(),
        "b.rules",
        "check file passwd with path /etc/passwd\n    if size > 1 MB then exec \"/bin/true\"\n",
    );
    write(folder.path(), "c.txt", "not rules at all");
    let path = folder.path().to_str().expect("UTF-8");
    let found = run(&["check", path]);
    assert!(found.out.contains("2 services, 2 rules, checked every 5 seconds"), "{}{}", found.out, found.err);
    fs::remove_file(folder.path().join("a.rules")).expect("a file");
    assert_eq!(run(&["check", path]).status, 0);
}

#[test]
fn the_name_chooses_the_dialect_and_the_option_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "set daemon 30\ncheck system box\n    if cpu>50% then exec \"/bin/true\"\n";
    let ours = write(folder.path(), "box.rules", text);
    let monits = write(folder.path(), "monitrc", text);
    assert_eq!(run(&["check", &ours]).status, 0);
    assert_eq!(run(&["check", &monits]).status, 1);
    assert_eq!(run(&["check", "--dialect", "monit", &ours]).status, 1);
    assert_eq!(run(&["check", "--dialect", "rules", &monits]).status, 0);
}

#[test]
fn show_prints_the_program_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = run(&["show", "--format", "json", &write(folder.path(), "good.rules", GOOD)]);
    let program = json(&shown.out);
    assert_eq!(program["schema"], "ruled.program/1");
    assert_eq!(program["settings"]["poll_s"], 30);
    assert_eq!(program["services"][0]["tests"][0]["kind"], "loadavg");
    let refused = run(&["show", &write(folder.path(), "bad.rules", BAD)]);
    assert_eq!((refused.status, refused.out.as_str()), (1, ""));
}

#[test]
fn every_finding_is_explained() {
    let list = run(&["explain", "--list"]).out;
    assert!(list.lines().count() > 40, "{list}");
    for name in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let page = run(&["explain", name]);
        assert!(page.status == 0 && page.out.starts_with(&format!("# {name}\n")), "{name}: {}", page.out);
    }
    let near = run(&["explain", "misplaced-tets"]);
    assert_eq!(near.status, 2);
    assert!(near.err.contains("misplaced-test"), "{}", near.err);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = write(folder.path(), "bad.rules", BAD);
    assert!(!run(&["check", &bad]).out.contains('\u{1b}'));
    assert!(run(&["check", "--color", "always", &bad]).out.contains('\u{1b}'));
}

#[test]
fn a_dry_run_looks_and_does_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display();
    let text = format!(
        "set daemon 30\ncheck process ghost with pidfile {place}/ghost.pid\n    start program = \"/bin/touch {place}/done\" with timeout 1 second\n"
    );
    let rules = write(folder.path(), "ghost.rules", text);
    let dry = run(&["run", "--once", "--dry", &rules]);
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(dry.err.contains("'ghost' process is not running") && dry.err.contains("dry run"), "{}", dry.err);
    assert!(!folder.path().join("done").exists());
    let real = run(&["run", "--once", &rules]);
    assert!(folder.path().join("done").exists(), "{}", real.err);
}
