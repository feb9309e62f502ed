//! `ruled check` as scripts, editors and servers use it: forms of output, fixes, standard input, watching.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::rig::{Finished, finish, ruled, skip, until, wait, write};

/// Warnings with a safe and an unsafe fix, and an error with a safe one.
const MIXED: &str = "set daemon 30\n\
    check process web with pidfile /run/web.pid\n    \
    start program = \"/bin/true\"\n    \
    if memory usage > 200 then restart\n    \
    if cpu usage => 90% then restart\n";
const FINE: &str = "set daemon 30\ncheck process web with pidfile /run/web.pid\n    start program = \"/bin/true\"\n    \
                    if cpu usage > 90% for 3 cycles then exec \"/bin/true\"\n";

fn run(words: &[&str]) -> Finished {
    finish(ruled(words))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Runs ruled with something on standard input.
fn piped(words: &[&str], input: &str) -> Finished {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "input", input);
    let mut command = ruled(words);
    command.stdin(fs::File::open(path).expect("the input"));
    finish(command)
}

/// Runs a program that holds a document against a schema.
fn holds(program: &str, words: &[&str]) {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/schemas");
    let mut command = Command::new(program);
    command.args(words).current_dir(schemas).stdin(Stdio::null());
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            skip(&format!("{program} is missing ({error}), which tests/install installs"));
        }
    }
}

#[test]
fn sarif_is_what_its_schema_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mixed, fine) = (write(folder.path(), "my rules.rules", MIXED), write(folder.path(), "fine.rules", FINE));
    let found = run(&["check", "--output", "sarif", &mixed, &fine]);
    assert_eq!(found.status, 1, "{}", found.err);
    let document = json(&found.out);
    let results = document["runs"][0]["results"].as_array().expect("results");
    let wrong = results.iter().find(|one| one["ruleId"] == "syntax-error").expect("an error");
    assert_eq!(wrong["level"], "error");
    let place = &wrong["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 5);
    assert!(place["artifactLocation"]["uri"].as_str().expect("a URI").ends_with("/my%20rules.rules"), "{place}");
    assert_eq!(wrong["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], ">=");
    let rule = &document["runs"][0]["tool"]["driver"]["rules"][wrong["ruleIndex"].as_u64().expect("a number") as usize];
    assert_eq!(rule["id"], "syntax-error");
    assert!(rule["help"]["markdown"].as_str().is_some_and(|page| page.starts_with("# syntax-error")), "{rule}");
    let written = write(folder.path(), "found.sarif", &found.out);
    let validate = "import json, sys, jsonschema\n\
        jsonschema.validate(json.load(open(sys.argv[1])), json.load(open('sarif-2.1.0.json')))";
    holds("/usr/bin/python3", &["-c", validate, &written]);
}

#[test]
fn junit_is_what_its_schema_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mixed, fine) = (write(folder.path(), "a&b.rules", MIXED), write(folder.path(), "fine.rules", FINE));
    let found = run(&["check", "--output", "junit", &mixed, &fine]);
    assert!(found.out.contains("failures=\"1\""), "{}", found.out);
    let written = write(folder.path(), "found.xml", &found.out);
    holds("xmllint", &["--noout", "--nonet", "--schema", "junit-10.xsd", &written]);
    let strict = run(&["check", "--output", "junit", "--fail-level", "warning", &mixed]);
    assert!(!strict.out.contains("failures=\"1\"") && !strict.out.contains("<system-out>"), "{}", strict.out);
}

#[test]
fn every_form_names_the_same_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "web.rules", MIXED);
    let concise = run(&["check", "-q", "--output", "concise", &path]).out;
    assert_eq!(concise.lines().count(), 1, "quiet shows errors only: {concise}");
    let names = |output: &str| run(&["check", "--output", output, &path]).out;
    let all = json(&names("json"))["findings"].as_array().expect("findings").len();
    assert!(all >= 2, "{}", names("json"));
    assert_eq!(names("jsonl").lines().map(json).filter(|one| one["name"].is_string()).count(), all);
    let annotations = names("github");
    assert_eq!(annotations.lines().count(), all, "{annotations}");
    assert!(annotations.lines().all(|line| line.starts_with("::error file=") || line.starts_with("::warning file=")));
    assert_eq!(names("sarif").matches("\"ruleId\"").count(), all);
    assert_eq!(names("junit").matches("<testcase").count(), all);
}

#[test]
fn the_level_that_fails_is_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "web.rules", MIXED);
    let warned = write(folder.path(), "warned.rules", MIXED.replace("=> 90%", "> 90%"));
    assert_eq!(run(&["check", &path]).status, 1);
    assert_eq!(run(&["check", "--fail-level", "never", &path]).status, 0);
    assert_eq!(run(&["check", &warned]).status, 0);
    assert_eq!(run(&["check", "--fail-level", "warning", &warned]).status, 1);
}

#[test]
fn safe_fixes_are_written_and_unsafe_ones_only_when_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "web.rules", MIXED);
    let shown = run(&["check", "--diff", &path]);
    assert_eq!(shown.status, 1);
    assert!(shown.out.contains("-    if cpu usage => 90% then restart\n+    if cpu usage >= 90%"), "{}", shown.out);
    assert_eq!(fs::read_to_string(&path).expect("the file"), MIXED, "--diff writes nothing");
    let fixed = run(&["check", "--fix", &path]);
    assert_eq!(fixed.status, 0, "{}{}", fixed.out, fixed.err);
    assert!(fixed.err.contains("fixed syntax-error"), "{}", fixed.err);
    let safe = MIXED.replace("=> 90%", ">= 90%");
    assert_eq!(fs::read_to_string(&path).expect("the file"), safe);
    run(&["check", "--fix", "--unsafe-fixes", &path]);
    let all = fs::read_to_string(&path).expect("the file");
    assert!(all.contains("> 200 MB"), "{all}");
    assert_eq!(run(&["check", "--unsafe-fixes", &path]).status, 2, "it says what to do with --fix or --diff only");
    let again = run(&["check", "--diff", &path]);
    assert_eq!((again.status, again.out.as_str()), (0, ""));
}

#[test]
fn standard_input_is_a_file_with_a_name() {
    let found = piped(&["check", "--output", "concise", "--stdin-name", "web.rules", "-"], MIXED);
    assert_eq!(found.status, 1);
    assert!(found.out.contains("web.rules:5:18: error[syntax-error]"), "{}", found.out);
    let fixed = piped(&["check", "--fix", "--stdin-name", "web.rules", "-"], MIXED);
    assert_eq!(fixed.out, MIXED.replace("=> 90%", ">= 90%"), "{}", fixed.err);
    assert!(fixed.err.contains("bare-byte-threshold"), "{}", fixed.err);
    let monit = piped(&["check", "--output", "concise", "-"], "check system box\n    if cpu>50% then alert\n");
    assert!(monit.out.contains("error[joined-operator]"), "without a name it is read as Monit reads it: {}", monit.out);
}

#[test]
fn whoever_pipes_a_text_gets_it_back_and_nothing_with_it() {
    let hopeless = "set daemon 30\nset alert ops@example.com\nsett x\n";
    let found = piped(&["check", "--fix", "--stdin-name", "web.rules", "-"], hopeless);
    assert_eq!((found.status, found.out.as_str()), (1, hopeless), "{}", found.err);
    for output in ["json", "sarif", "junit", "jsonl", "github", "concise"] {
        let found = piped(&["check", "--fix", "--output", output, "--stdin-name", "web.rules", "-"], MIXED);
        assert_eq!(found.out, MIXED.replace("=>", ">="), "{output}");
        assert!(found.err.contains("bare-byte-threshold"), "{output}: {}", found.err);
        // What was fixed is not found any more.
        assert_eq!((found.status, found.err.contains("cpu usage =>")), (0, false), "{output}: {}", found.err);
    }
    let quiet = piped(&["check", "-q", "--output", "json", "--stdin-name", "web.rules", "-"], MIXED);
    let names: Vec<String> = json(&quiet.out)["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|one| one["severity"].to_string())
        .collect();
    assert_eq!(names, ["\"error\""], "{}", quiet.out);
    assert!(quiet.out.ends_with('\n'));
}

#[test]
fn a_patch_is_one_and_its_status_tells_of_what_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let shared = write(folder.path(), "shared", "check system box\n    if cpu usage => 95% then exec \"/bin/true\"\n");
    let text = format!("set daemon 30\ninclude {shared}\n");
    let paths = ["one.rules", "two.rules"].map(|name| write(folder.path(), name, text.as_str()));
    let found = run(&["check", "--diff", &paths[0], &paths[1]]);
    assert_eq!((found.status, found.out.matches("@@").count()), (1, 2), "{}", found.out);
    let broken = write(folder.path(), "broken.rules", "sett x\n");
    assert_eq!(run(&["check", "--diff", &broken]).status, 1);
    assert_eq!(run(&["check", "--diff", "/none.rules"]).status, 2);
    let fine = write(folder.path(), "fine.rules", FINE);
    assert_eq!(run(&["check", "--diff", &fine]).status, 0);
    // A carriage return without a line feed ends no line.
    let bare = write(folder.path(), "bare.rules", format!("{}\r", MIXED.trim_end()));
    let found = run(&["check", "--diff", &bare]);
    assert!(found.out.contains("\\ No newline at end of file"), "{}", found.out);
}

#[test]
fn all_files_are_fixed_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule =
        |name: &str| format!("check process {name} with pidfile /run/{name}.pid\n    if cpu usage => 95% then alert\n");
    let part = write(folder.path(), "part", rule("part"));
    // A file without a name can be read, and nobody can put another one in its place.
    let gone = write(folder.path(), "gone", format!("include {part}\n{}", rule("web")));
    let mut command = ruled(&["check", "--fix", "--dialect", "rules", "/dev/stdin"]);
    command.stdin(fs::File::open(&gone).expect("the file"));
    fs::remove_file(&gone).expect("the name goes");
    let found = finish(command);
    assert!(found.status == 2 && found.err.contains("cannot write /dev/stdin"), "{}", found.err);
    assert_eq!(fs::read_to_string(&part).expect("the part"), rule("part"));
}

#[test]
fn the_last_line_says_what_a_cycle_costs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(
        folder.path(),
        "web.rules",
        "check process a with pidfile /run/a.pid\n    if failed port 80 protocol http then exec \"/bin/true\"\n\
         check process b with pidfile /run/b.pid\ncheck file c with path /etc/passwd\n",
    );
    let found = run(&["check", &path]);
    assert!(found.out.ends_with("a cycle reads 2 processes and 1 file, opens 1 connection\n"), "{}", found.out);
}

#[test]
fn a_watched_file_is_checked_again_when_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = write(folder.path(), "more", "check system box\n    if cpu usage > 90% then exec \"/bin/true\"\n");
    let included = format!("{}/web.d/*.conf", folder.path().display());
    let path = write(folder.path(), "web.rules", format!("set daemon 30\ninclude {more}\ninclude {included}\n"));
    let said = folder.path().join("said");
    let mut command = ruled(&["check", "--watch", "--output", "concise", &path]);
    command.stdout(fs::File::create(&said).expect("a file")).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let shown = |wanted: &str| until(|| fs::read_to_string(&said).ok().filter(|text| text.contains(wanted)));
    let first = shown("include-matches-nothing");
    // The included file is watched, too.
    let mut file = fs::OpenOptions::new().append(true).open(&more).expect("the file");
    file.write_all(b"    if cpu usage => 95% then exec \"/bin/true\"\n").expect("a longer file");
    let second = shown("syntax-error");
    // So is a folder that is not there yet.
    let late = folder.path().join("web.d");
    fs::create_dir(&late).expect("a folder");
    write(&late, "late.conf", "check process late with pidfile\n");
    let third = shown("late.conf");
    child.kill().ok();
    wait(&mut child);
    assert!(first.is_some() && second.is_some() && third.is_some(), "{:?}", fs::read_to_string(&said));
    assert_eq!(run(&["check", "--watch", "-"]).status, 2);
}

#[test]
fn words_of_the_language_have_pages() {
    for (word, wanted) in [
        ("restart", "Actions"),
        ("memory usage", "What is measured"),
        ("loadavg", "loadavg"),
        ("HTTPS", "customary port is 443"),
        ("set mailserver", "set mailserver HOST"),
        ("daemon", "set daemon SECONDS"),
        ("process", "check process"),
        ("nonexist", "only on { nonexist }"),
        ("every", "### `every`"),
    ] {
        let page = finish(ruled(&["docs", word]));
        assert!(page.status == 0 && page.out.contains(wanted), "{word}: {}{}", page.out, page.err);
    }
    assert_eq!(run(&["docs", "memory", "usage"]).out, run(&["docs", "memory usage"]).out);
    let near = run(&["docs", "restrat"]);
    assert_eq!(near.status, 2);
    assert!(near.err.contains("did you mean restart"), "{}", near.err);
    let list = run(&["docs", "--list"]).out;
    assert!(list.lines().count() > 150, "{list}");
    let pages = list.lines().filter_map(|line| line.strip_prefix("  "));
    for word in pages.step_by(7) {
        assert_eq!(until(|| Some(run(&["docs", word]).status)), Some(0), "{word}");
    }
}
