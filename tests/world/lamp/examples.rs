//! The examples by themselves: nothing is wrong with them, and both dialects say the same.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{DIALECTS, examples, files};
use crate::rig::{Finished, finish, ruled};

/// Services of which only the dialect `rules` can speak.
const OURS: [&str; 1] = ["dump"];

/// What Monit reads and never does is a comment in what is imported; the example in our dialect means it.
const NEVER_DONE: &str = "# Monit never makes this test in a process entry: ";

/// Runs ruled in the folder of the examples.
fn run(words: &[&str]) -> Finished {
    let mut command = ruled(words);
    command.current_dir(examples());
    finish(command)
}

/// The services of a program by their names, and its settings.
fn meaning(path: &str) -> (BTreeMap<String, Value>, Value) {
    let shown = run(&["show", "--format", "json", path]);
    assert_eq!(shown.status, 0, "{}{}", shown.out, shown.err);
    // The patterns of Monit are written again in our syntax, where this sign needs no backslash.
    let mut program: Value = serde_json::from_str(&shown.out.replace(r"\\]", "]")).expect("JSON");
    let mut services = program["services"].as_array().expect("services").clone();
    services.iter_mut().for_each(forget_origins);
    let name = |service: &Value| service["name"].as_str().expect("a name").to_owned();
    (services.into_iter().map(|service| (name(&service), service)).collect(), program["settings"].take())
}

/// Where a rule stands is not what it means.
fn forget_origins(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.remove("origin");
            entries.values_mut().for_each(forget_origins);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_origins),
        _ => {}
    }
}

#[test]
fn nothing_is_wrong_with_them() {
    for example in ["apache", "services"] {
        for (_, ending) in DIALECTS {
            let path = format!("{example}.{ending}");
            let checked = run(&["check", "--output", "jsonl", &path]);
            assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
            let lines = checked.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            // Whether echo requests may be sent, and where something is mounted, is a matter of this machine.
            let of_this_machine = ["not-a-mount-point", "ping-not-permitted", "replaceable-by-others"];
            let is_ours = |line: &Value| line["name"].as_str().is_some_and(|name| !of_this_machine.contains(&name));
            let found: Vec<Value> = lines.filter(is_ours).collect();
            assert_eq!(found, Vec::<Value>::new(), "{path}");
        }
    }
    for path in files(&examples()) {
        let formatted = run(&["fmt", "--check", path.to_str().expect("UTF-8")]);
        assert_eq!(formatted.status, 0, "{}: {}{}", path.display(), formatted.out, formatted.err);
    }
}

#[test]
fn what_is_imported_from_monits_means_what_ours_says() {
    let folder = tempfile::tempdir().expect("a folder");
    for example in ["apache", "services"] {
        let imported = folder.path().join(format!("{example}.rules")).display().to_string();
        let import = run(&["import", &format!("{example}.monitrc"), "-o", &imported]);
        assert_eq!(import.status, 0, "{}{}", import.out, import.err);
        let text = fs::read_to_string(&imported).expect("it was written");
        fs::write(&imported, text.replace(NEVER_DONE, "")).expect("written");
        let (theirs, settings) = meaning(&imported);
        let (mut ours, our_settings) = meaning(&format!("{example}.rules"));
        ours.retain(|name, _| !OURS.contains(&name.as_str()));
        assert_eq!(settings, our_settings, "{example}");
        assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>(), "{example}");
        for (name, service) in &theirs {
            assert_eq!(service, &ours[name], "{example}: {name}");
        }
    }
}

#[test]
fn everything_that_people_publish_is_in_them() {
    let all: Vec<(String, String)> = files(&examples())
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("an example")))
        .collect();
    for (_, ending) in DIALECTS {
        let of = all.iter().filter(|(path, _)| path.ends_with(&format!(".{ending}")));
        let text: String = of.map(|(_, text)| text.as_str()).collect();
        for words in [
            "set daemon 30 with start delay",
            "set mail-format {",
            "loadavg (5min)",
            "memory usage >",
            "cpu usage (wait)",
            "failed permission",
            "failed uid",
            "failed sha1 checksum",
            "depends on",
            "total memory usage",
            "children >",
            "3 restarts within",
            "check filesystem",
            "space usage >",
            "ping count",
            "include services.d/*",
            "group www",
            "mail-format {\n        subject:",
            "timestamp is older",
            "/proc/mdstat",
            "/usr/lib/nagios/plugins/",
            "protocol http",
            "protocol ssh",
            "type udp",
        ] {
            assert!(text.contains(words), "no example in .{ending} says `{words}`");
        }
    }
}
