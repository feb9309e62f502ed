//! Plugins of Nagios, unchanged: what they report is held against limits.

use std::fs;
use std::path::Path;

use ruled::act::output::OUTPUT_LIMIT_BYTES;
use tempfile::TempDir;

use crate::peers::installed;
use crate::rig::{finish, ruled, write};

/// Runs one cycle of a program with these rules; what was told, as state and message, and what was said with it.
fn cycle(folder: &Path, program: &str, rules: &[&str]) -> (Vec<(String, String)>, String) {
    let text: String = rules.iter().map(|rule| format!("    if {rule} then alert\n")).collect();
    let text = format!("check program it with path \"{program}\" with timeout 20 seconds\n{text}");
    let path = write(folder, "it.rules", text);
    let (events, state) = (folder.join("events"), folder.join("state"));
    let (events, state) = (events.to_str().expect("UTF-8"), state.to_str().expect("UTF-8"));
    let run = finish(ruled(&["run", "--once", "-vv", "--events", events, "--state", state, &path]));
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines = fs::read_to_string(events).expect("events");
    fs::remove_file(events).expect("events");
    let all = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let word = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let told = all.filter(|event| event["service"] == "it").map(|event| {
        assert_eq!(event["event"], "resource", "{event}");
        (word(&event, "state"), word(&event, "message"))
    });
    (told.collect(), run.out + &run.err)
}

/// A program that prints this.
fn printing(folder: &Path, output: &[u8]) -> String {
    fs::write(folder.join("output"), output).expect("a file");
    format!("/bin/cat {}/output", folder.display())
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn what_a_plugin_reports_is_held_against_limits() {
    let folder = folder();
    let rules = [
        "performance load1 > 5",
        "performance '/var' > 80 %",
        "performance \"it's free\" < 10 MB",
        "performance time > 500 ms",
    ];
    let bad = b"bad | load1=5.2;5;10;0; '/var'=82%;80;90 \nmore\nand more | 'it''s free'=512KB;;;;\ntime=0.6s";
    let (told, said) = cycle(folder.path(), &printing(folder.path(), bad), &rules);
    let messages = [
        "performance 'load1' of 5.2 matches resource limit [performance 'load1' > 5]",
        "performance '/var' of 82.0% matches resource limit [performance '/var' > 80.0%]",
        "performance 'it's free' of 512 kB matches resource limit [performance 'it's free' < 10 MB]",
        "performance 'time' of 600 ms matches resource limit [performance 'time' > 500 ms]",
    ];
    assert_eq!(told, messages.map(|message| ("failed".to_owned(), message.to_owned())), "{said}");
    assert!(said.contains("performance 'load1': 5.2; performance '/var': 82;"), "{said}");
    // What cannot be told ends nothing.
    let odd = b"odd | load1=U '/var'=1s 'it''s free'=many\n";
    let (told, said) = cycle(folder.path(), &printing(folder.path(), odd), &rules);
    assert_eq!(told, [], "{said}");
    for reason in [
        "performance 'load1' is unknown: the program says that it does not know it",
        "performance '/var' is unknown: `1s` is no share in per cent",
        "performance 'it's free' is unknown: `many` is no number",
        "performance 'time' is unknown: it is not in the performance data",
    ] {
        assert!(said.contains(reason), "{reason}\n{said}");
    }
    let fine = b"fine|load1=0.5;5;10;0; /var=50%;80;90 'it''s free'=20MB time=3ms\n";
    let (told, said) = cycle(folder.path(), &printing(folder.path(), fine), &rules);
    let states: Vec<&str> = told.iter().map(|(state, _)| state.as_str()).collect();
    assert_eq!(states, ["succeeded"; 4], "{said}");
}

#[test]
fn a_figure_that_was_cut_is_unknown() {
    let folder = folder();
    let rules = ["performance first > 5", "performance last < 100", "not performance last > 100"];
    let begin = "fine | first=7 ";
    let rest = " last=123456 none=1";
    // So that the last digits that are kept are 12.
    let padding = "x".repeat(OUTPUT_LIMIT_BYTES - begin.len() - " last=12".len());
    let output = [begin, &padding, rest].concat();
    let (told, said) = cycle(folder.path(), &printing(folder.path(), output.as_bytes()), &rules);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(said.contains("performance 'last' is unknown: the output was cut behind `12`"), "{}", said.len());

    for end in ["kill -9 $$", "sleep 60"] {
        let script = write(folder.path(), "plugin", format!("printf 'fine | first=7 last=12'\n{end}\n"));
        let program = format!("/bin/sh {script}\" with timeout 1 second\n    # \"");
        let (told, said) = cycle(folder.path(), &program, &rules);
        assert_eq!(told, [], "{end}: {said}");
        assert!(said.contains("performance 'first': 7"), "{end}: {said}");
        assert!(said.contains("performance 'last' is unknown: the output was cut behind `12`"), "{end}: {said}");
    }
}

#[test]
fn foreign_output_harms_nobody() {
    let folder = folder();
    let rules = ["performance a > 5", "performance \"b\u{e9}\" > 5", "not performance c < 5 %"];
    let noise: Vec<u8> = (0..200_000_u32).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let quotes = "|'='''=;".repeat(20_000);
    for output in [&noise[..], quotes.as_bytes(), b"", b"|", b"\0|\0a=9\0", b"| a=\xff9 b\xe9=9\n", b"| a=9\r"] {
        let (told, said) = cycle(folder.path(), &printing(folder.path(), output), &rules);
        assert_eq!(told, [], "{said}");
    }
    // The ends of lines of other systems are none of the figure's.
    let (told, said) = cycle(folder.path(), &printing(folder.path(), b"fine | a=9\r\nmore\r\n"), &rules);
    assert_eq!(told.len(), 1, "{said}");
}

#[test]
fn plugins_of_debian() {
    let plugins = "/usr/lib/nagios/plugins";
    if !installed(&format!("{plugins}/check_load")) {
        return;
    }
    let folder = folder();
    let holds = |program: &str, rules: &[&str]| {
        let (told, said) = cycle(folder.path(), &format!("{plugins}/{program}"), rules);
        let held = told.iter().filter(|(state, _)| state == "failed").count();
        assert_eq!(held, rules.len(), "{told:?}\n{said}");
    };
    let load = "check_load -w 0,0,0 -c 999,999,999";
    holds(load, &["performance load1 >= 0", "performance load5 < 10000 and performance \"load15\" != -1"]);
    holds("check_users -w 9 -c 99", &["performance users >= 0", "not performance users > 4000000"]);
    holds(
        "check_disk -w 1% -c 1% -p /",
        &["performance / > 4 kB", "performance / < 1000000 TB", "performance / > 4096"],
    );
    holds("check_file_age -f /etc/passwd", &["performance age > 1 ms", "performance size >= 1 B"]);
    // It says what is wrong, and reports nothing.
    let (told, said) =
        cycle(folder.path(), &format!("{plugins}/check_disk -w 1% -c 1% -p /nowhere"), &["performance / < 0 B"]);
    assert_eq!(told, [], "{said}");
    assert!(said.contains("performance '/' is unknown: the program printed no performance data"), "{said}");
    println!("four plugins of Debian report figures");
}
