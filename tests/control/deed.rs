//! What was last done to a service: which program, why, when, for how long, how it ended and what it printed.

use nix::sys::signal::Signal;
use serde_json::Value;

use super::Watched;
use crate::rig::until;

/// What `why --json` says of the deeds of a service.
fn deeds(watched: &Watched, name: &str) -> Vec<Value> {
    let why: Value = serde_json::from_str(&watched.well(&["why", "--json", name])).expect("JSON");
    why["deeds"].as_array().cloned().unwrap_or_default()
}

/// The newest deed of this kind, once it has ended.
fn ended(watched: &Watched, name: &str, what: &str) -> Value {
    let ended = || {
        let found = deeds(watched, name).into_iter().find(|deed| deed["what"] == what)?;
        (found["how"] != "running").then_some(found)
    };
    until(ended).unwrap_or_else(|| panic!("{what} of {name}: {}", watched.said()))
}

const RULES: &str = "set daemon 3600\n\
    check process failing with pidfile {here}/failing.pid\n    \
        start program = \"/bin/sh -c 'i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; printf \\\\\\\\033[31mred >&2; exit 3'\"\n    \
        if does not exist then alert\n\
    check process hanging with pidfile {here}/hanging.pid\n    \
        start program = \"/bin/sh -c 'echo at work; exec sleep 60'\" with timeout 1 second\n    \
        if does not exist then alert\n\
    check process killed with pidfile {here}/killed.pid\n    \
        start program = \"/bin/sh -c 'echo last words; kill -SEGV $$'\"\n    \
        if does not exist then alert\n\
    check file here with path {here}/main.rules\n    \
        if size > 1 B then exec \"/bin/sh -c 'printf paged; exit 4'\"\n";

#[test]
fn deeds_say_which_program_why_how_and_what_it_printed_and_outlive_ruled() {
    let mut watched = Watched::new(RULES);
    for name in ["failing", "hanging", "killed"] {
        assert_eq!(watched.run(&["start", name]).status, 1, "{}", watched.said());
    }
    let check = |watched: &Watched| {
        let failing = ended(watched, "failing", "start");
        assert_eq!((failing["how"].as_str(), failing["status"].as_i64()), (Some("exited"), Some(3)), "{failing}");
        assert_eq!(
            (failing["event"].as_str(), failing["reason"].as_str()),
            (Some("action"), Some("start on user request"))
        );
        assert_eq!(failing["argv"][0], "/bin/sh");
        let output = failing["output"].as_str().expect("output");
        assert!(output.starts_with("line 0\nline 1\n") && output.ends_with("line 29\n\u{fffd}[31mred"), "{output}");
        let hanging = ended(watched, "hanging", "start");
        assert_eq!(
            (hanging["how"].as_str(), hanging["output"].as_str()),
            (Some("timed_out"), Some("at work")),
            "{hanging}"
        );
        assert!(hanging["took_ms"].as_u64().is_some_and(|took| (1_000..30_000).contains(&took)), "{hanging}");
        let killed = ended(watched, "killed", "start");
        assert_eq!((killed["how"].as_str(), killed["signal"].as_i64()), (Some("signalled"), Some(11)), "{killed}");
        assert_eq!(killed["output"], "last words");
        let paged = ended(watched, "here", "exec");
        assert_eq!((paged["status"].as_i64(), paged["output"].as_str()), (Some(4), Some("paged")), "{paged}");
        assert_eq!(paged["event"], "size");
        let why = watched.well(&["why", "failing"]);
        for words in [
            "done: start '/bin/sh -c ",
            "because: start on user request (action)",
            "exit status 3 after",
            "    | line 9\n    | … 170 more bytes in 21 lines\n",
        ] {
            assert!(why.contains(words), "{words}: {why}");
        }
        assert!(!why.contains("line 10"), "{why}");
        let status = watched.well(&["status", "hanging", "killed", "here"]);
        for words in
            ["last deed", "killed after 1 second", "| at work", "ended by signal SEGV", "exit status 4", "| paged"]
        {
            assert!(status.contains(words), "{words}: {status}");
        }
        let service = watched.service("failing");
        assert_eq!(service["last_deed"]["output_left_out_bytes"], 171, "{service}");
    };
    // What a program that was killed had printed comes when it is gone.
    until(|| (ended(&watched, "hanging", "start")["output"] == "at work").then_some(())).expect("its output");
    check(&watched);
    // The end is written, so that it is known however ruled ends.
    watched.run(&["unmonitor", "failing"]);
    let daemon = watched.daemon.take().expect("a daemon");
    daemon.signal(Signal::SIGKILL);
    drop(daemon);
    watched.start(&[]);
    check(&watched);
}

#[test]
fn a_signal_says_whom_it_was_for_and_an_exchange_of_rules_forgets_nothing() {
    let rules = "set daemon 3600\n\
        check process plain with pidfile {here}/plain.pid\n    \
            start program = \"/bin/sh -c 'sleep 300 & echo $! > {here}/plain.pid'\"\n";
    let watched = Watched::new(rules);
    watched.well(&["start", "plain"]);
    let pid = watched.service("plain")["pid"].clone();
    watched.well(&["stop", "plain"]);
    let sent = ended(&watched, "plain", "terminate");
    assert_eq!((sent["how"].as_str(), &sent["pid"]), (Some("sent"), &pid), "{sent}");
    assert_eq!(sent["reason"], "stop on user request");
    let why = watched.well(&["why", "plain"]);
    assert!(why.contains(&format!("done: signal TERM to pid {pid}, ")), "{why}");
    let before = deeds(&watched, "plain");
    watched.rewrite(&format!("{rules}    if does not exist for 5 cycles then alert\n"));
    watched.well(&["reload"]);
    assert_eq!(deeds(&watched, "plain"), before);
}
