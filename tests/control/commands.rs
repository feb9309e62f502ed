//! What the commands say and do.

use std::fs;

use serde_json::Value;

use super::{Watched, sleeper};
use crate::rig::until;

fn shop() -> Watched {
    let rules = format!(
        "set daemon 3600\n{}    group shop\n{}    depends on web\n    group shop\n\
         check file passwd with path /etc/passwd\n    if size > 1 B then alert\n\
         check system box\n    if loadavg (1min) > 9999 for 3 cycles then alert\n",
        sleeper("web", "0"),
        sleeper("worker", "0"),
    );
    let watched = Watched::new(&rules);
    until(|| watched.path().join("worker.pid").exists().then_some(())).expect("both are started");
    watched
}

fn end(watched: &Watched) {
    watched.well(&["stop", "all"]);
}

#[test]
fn status_and_summary_show_what_was_last_seen() {
    let watched = shop();
    let status = watched.well(&["status"]);
    for words in [
        "Process 'web'",
        "System 'box'",
        "depends on                   web",
        "groups                       shop",
        "Size failed",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    assert!(status.contains("size test failed for /etc/passwd"), "{status}");
    assert_eq!(watched.service("passwd")["state"], "failed");
    assert_eq!(watched.service("PASSWD")["name"], "passwd", "names are compared without regard to case");
    let summary = watched.well(&["summary"]);
    let kinds: Vec<&str> = summary.lines().filter_map(|line| line.split("  ").next()).collect();
    let place = |name: &str| kinds.iter().position(|kind| *kind == name).unwrap_or_else(|| panic!("{name}: {summary}"));
    assert!(place("box") < place("web") && place("web") < place("passwd"), "by kind, as Monit does it: {summary}");
    assert_eq!(watched.well(&["summary", "w.*"]).lines().count(), 5, "a pattern fits whole names");
    assert_eq!(watched.well(&["summary", "-g", "SHOP"]).lines().count(), 5);
    end(&watched);
}

#[test]
fn what_is_asked_for_is_waited_for() {
    let watched = shop();
    let before = watched.service("web")["pid"].clone();
    let said = watched.well(&["restart", "web"]);
    let after = watched.service("web")["pid"].clone();
    assert!(before != after && said.contains(&format!("'web' is restarted and runs with pid {after}")), "{said}");
    let said = watched.well(&["stop", "-g", "shop"]);
    assert!(said.contains("'worker' is stopped with 'web'") && said.contains("'web' is stopped"), "{said}");
    assert!(!watched.path().join("web.pid").exists() && !watched.path().join("worker.pid").exists());
    assert_eq!(watched.service("web")["state"], "not_monitored");
    let said = watched.well(&["start", "worker"]);
    assert!(said.contains("'worker' runs with pid"), "{said}");
    assert!(watched.path().join("web.pid").exists(), "what it needs is started too");
    watched.well(&["unmonitor", "box"]);
    assert_eq!(watched.service("box")["monitored"], false);
    watched.well(&["monitor", "box"]);
    assert_eq!(watched.service("box")["monitored"], true);
    let said = watched.well(&["stop", "--no-wait", "worker"]);
    assert!(said.contains("stop is asked for"), "{said}");
    until(|| (!watched.path().join("worker.pid").exists()).then_some(())).expect("it is stopped all the same");
    end(&watched);
}

#[test]
fn a_failure_is_said_with_its_reason_and_in_the_exit_status() {
    let watched = Watched::new(
        "set daemon 3600\ncheck process p with pidfile {here}/p.pid\n    start program = \"/bin/sh -c 'echo no port; exit 3'\"\n    \
         if does not exist then alert\n",
    );
    let failed = watched.run(&["start", "p"]);
    assert_eq!(failed.status, 1);
    assert!(failed.err.contains("failed to start (exit status 3)") && failed.err.contains("no port"), "{}", failed.err);
    let why = watched.well(&["why", "p"]);
    assert!(why.contains("process is not running") && why.contains("last deed: failed to start"), "{why}");
}

#[test]
fn a_wait_ends_and_the_deed_goes_on() {
    let watched = Watched::new(&format!("set daemon 3600\n{}    onreboot nostart\n", sleeper("slow", "3")));
    let late = watched.run(&["start", "--timeout", "1", "slow"]);
    assert_eq!(late.status, 1);
    assert!(late.err.contains("'slow' start did not end in time: it goes on"), "{}", late.err);
    let why = watched.well(&["why", "slow"]);
    assert!(why.contains("under way: start (start on user request)"), "{why}");
    assert!(why.contains("waits for the start program of 'slow' to have its effect, for"), "{why}");
    until(|| watched.path().join("slow.pid").exists().then_some(())).expect("it goes on");
    assert_eq!(watched.run(&["stop", "all"]).status, 0);
}

#[test]
fn why_names_rules_limits_and_needs() {
    let watched = Watched::new(
        "set daemon 3600\ncheck file f with path {here}/f\n    if does not exist then alert\n\
         check file g with path /etc/passwd\n    depends on f\n    if size < 1 GB for 3 cycles then alert\n",
    );
    let why = watched.well(&["why", "f"]);
    assert!(
        why.contains("because: file doesn't exist") && why.contains("rule fails: if does not exist at once then alert"),
        "{why}"
    );
    assert!(why.contains("main.rules:3)"), "{why}");
    let why = watched.well(&["why", "g"]);
    assert!(why.contains("it needs 'f', and file doesn't exist"), "{why}");
    fs::write(watched.path().join("f"), "").expect("a file");
    watched.well(&["validate"]);
    let why: Value = serde_json::from_str(&watched.well(&["why", "--json", "g"])).expect("JSON");
    let rule = why["rules"].as_array().and_then(|rules| rules.iter().find(|rule| rule["asks"] == "size < 1 GB"));
    let rule = rule.unwrap_or_else(|| panic!("{why}"));
    assert_eq!((rule["failed"].as_bool(), rule["needed"].as_u64()), (Some(false), Some(3)));
    assert!(
        rule["hits"].as_u64().is_some_and(|hits| hits > 0)
            && rule["last"].as_str().is_some_and(|last| last.starts_with("size is"))
    );
}

#[test]
fn validate_judges_now_and_says_what_is_not_well() {
    let watched = Watched::new("set daemon 3600\ncheck file f with path {here}/f\n    if does not exist then alert\n");
    let ill = watched.run(&["validate"]);
    assert_eq!(ill.status, 1);
    assert!(ill.out.contains("1 service is not well") && ill.out.contains("file doesn't exist"), "{}", ill.out);
    fs::write(watched.path().join("f"), "").expect("a file");
    assert!(watched.well(&["validate"]).contains("all is well in cycle"));
}

#[test]
fn events_are_kept_and_followed() {
    let watched = Watched::new("set daemon 3600\ncheck file f with path {here}/f\n    if does not exist then alert\n");
    let kept = watched.well(&["events"]);
    assert!(kept.contains("'f' nonexist failed, alert: file doesn't exist"), "{kept}");
    assert_eq!(watched.well(&["events", "-n", "1"]).lines().count(), 1);
    let mut client = watched.connect();
    client.send(b"{\"ruled\":1,\"ask\":\"events\",\"last\":0,\"follow\":true}\n").expect("sent");
    // It follows as soon as it has asked; another question shows that the first was read.
    watched.well(&["status"]);
    fs::write(watched.path().join("f"), "").expect("a file");
    watched.well(&["validate"]);
    let event: Value = serde_json::from_str(&client.line()).expect("an event");
    assert_eq!(
        (event["says"].as_str(), event["event"]["state"].as_str()),
        (Some("event"), Some("succeeded")),
        "{event}"
    );
    watched.well(&["quit"]);
    assert!(client.line().contains("stopped"), "the last that is told");
    assert_eq!(client.line(), "", "the end of ruled is the end of the line");
}

#[test]
fn quit_waits_for_the_end() {
    let mut watched = Watched::new("set daemon 3600\ncheck system box\n");
    let socket = watched.file(".sock");
    assert!(watched.well(&["quit"]).contains("ended"));
    assert!(!socket.exists());
    assert_eq!(watched.daemon.take().expect("a daemon").wait(), 0);
    let nobody = watched.run(&["status"]);
    assert_eq!(nobody.status, 2);
    let wanted = format!("no ruled runs for {0}; start it with `ruled run {0}`", watched.rules);
    assert!(nobody.err.contains(&wanted), "{}", nobody.err);
}

#[test]
fn names_that_are_wrong_are_answered_with_those_that_are_meant() {
    let watched = Watched::new("set daemon 3600\ncheck file passwd with path /etc/passwd\n    group users\n");
    for (words, wanted) in [
        (&["status", "paswd"][..], "there is no service 'paswd'; did you mean 'passwd'?"),
        (&["why", "passwort"], "there is no service 'passwort'"),
        (&["start", "passwd2"], "did you mean 'passwd'?"),
        (&["stop", "-g", "usres"], "there is no group 'usres'; did you mean users?"),
        (&["summary", "x.*"], "there is no service 'x.*'"),
    ] {
        let refused = watched.run(words);
        assert!(refused.status == 1 && refused.err.contains(wanted), "{words:?}: {}", refused.err);
        assert_eq!(refused.out, "");
    }
    assert_eq!(watched.run(&["start"]).status, 2, "nothing named is no service");
    assert_eq!(watched.run(&["start", "all", "passwd"]).status, 2);
    let json = watched.run(&["status", "--json", "paswd"]);
    let refused: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!((json.status, refused["says"].as_str(), json.err.as_str()), (1, Some("refused"), ""));
}
