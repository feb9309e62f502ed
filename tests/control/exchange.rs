//! Rules that are exchanged while ruled runs: what stays, what is said, and what is under way.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{Watched, sleeper};
use crate::rig::until;
use crate::world::mount::Mount;

const TWO: &str = "set daemon 3600\ncheck file a with path {here}/a\n    if does not exist then alert\n\
                   check file b with path /etc/passwd\n";

#[test]
fn good_rules_are_put_into_force_and_what_changed_is_said() {
    let watched = Watched::new(TWO);
    let said = watched.well(&["reload"]);
    assert!(said.contains("2 services unchanged") || said.contains("3 services unchanged"), "{said}");
    watched.rewrite(&format!(
        "# moved\n{}check file c with path /etc/passwd\n",
        TWO.replace("check file b with path /etc/passwd\n", "")
    ));
    let said = watched.well(&["reload"]);
    assert!(said.contains("new: c\n") && said.contains("gone: b\n") && !said.contains("changed: "), "{said}");
    let mut other = TWO.replace("does not exist", "does not exist for 2 cycles");
    other.push_str("set statefile {here}/state\n");
    watched.rewrite(&other);
    let said = watched.well(&["reload"]);
    assert!(said.contains("changed: a\n") && said.contains("the settings are others"), "{said}");
    let events = watched.well(&["events"]);
    assert_eq!(events.matches("instance changed, reload: ruled").count(), 3, "{events}");
}

#[test]
fn bad_rules_are_refused_with_file_and_line_and_told() {
    let watched = Watched::new(TWO);
    watched.rewrite(&format!("{TWO}check file c with nonsense\n"));
    let refused = watched.run(&["reload"]);
    assert_eq!(refused.status, 1);
    let wanted = format!("the old ones stay in force: {}:5:", watched.rules);
    assert!(refused.err.contains(&wanted), "{}", refused.err);
    assert!(watched.well(&["summary"]).contains("\nb "), "the old ones stay");
    let events = || watched.well(&["events"]).matches("instance failed, alert: the rules are not reloaded").count();
    assert_eq!(events(), 1);
    watched.daemon.as_ref().expect("a daemon").signal(Signal::SIGHUP);
    until(|| (events() == 2).then_some(())).expect("a signal is told of, too");
    fs::remove_file(&watched.rules).expect("ours");
    let refused = watched.run(&["reload"]);
    assert!(refused.status == 1 && refused.err.contains("no such file"), "{}", refused.err);
}

#[test]
fn what_was_counted_and_told_stays() {
    let rules = "set daemon 3600\ncheck file a with path {here}/a\n    if does not exist then alert\n    if size < 1 GB for 9 cycles then alert\n\
                 check file b with path /etc/passwd\n    if size < 1 GB for 9 cycles then alert\n";
    let watched = Watched::new(rules);
    watched.run(&["validate"]);
    let hits = || {
        let why: Value = serde_json::from_str(&watched.well(&["why", "--json", "b"])).expect("JSON");
        why["rules"][0]["hits"].as_u64()
    };
    assert_eq!(hits(), Some(2));
    watched.rewrite(&format!("check system box\n{rules}"));
    watched.well(&["reload"]);
    until(|| (hits() == Some(3)).then_some(())).expect("it counts on");
    assert_eq!(watched.well(&["events"]).matches("'a' nonexist failed").count(), 1, "what was told is not told again");
    let status: Value = serde_json::from_str(&watched.well(&["status", "--json"])).expect("JSON");
    assert_eq!(status["daemon"]["cycle"], 3, "cycles run on");
}

#[test]
fn what_is_under_way_is_finished_under_the_old_rules() {
    let rules = format!(
        "set daemon 3600\n{}    onreboot nostart\n{}    onreboot nostart\n",
        sleeper("slow", "2"),
        sleeper("quick", "0")
    );
    let watched = Watched::new(&rules);
    let starting = |name: &str| {
        let mut client = watched.connect();
        let line = format!("{{\"ruled\":1,\"ask\":\"do\",\"action\":\"start\",\"services\":[\"{name}\"]}}\n");
        client.send(line.as_bytes()).expect("sent");
        client
    };
    let mut client = starting("slow");
    until(|| watched.well(&["why", "slow"]).contains("under way: start").then_some(())).expect("it is being started");
    // The new rules would never start it.
    watched.rewrite(&rules.replace("sleep 2;", "exit 9;"));
    assert!(watched.well(&["reload"]).contains("changed: slow"));
    assert!(!watched.path().join("slow.pid").exists(), "the reload waited for nothing");
    assert_eq!(watched.service("slow")["doing"], "change");
    assert!(watched.well(&["why", "slow"]).contains("under the rules before"));
    watched.well(&["start", "quick"]);
    let outcome: Value = serde_json::from_str(&client.line()).expect("JSON");
    assert_eq!((outcome["says"].as_str(), outcome["how"].as_str()), (Some("outcome"), Some("done")), "{outcome}");
    assert!(watched.path().join("slow.pid").exists());
    until(|| (watched.service("slow")["pid"].is_u64() && watched.service("slow")["state"] == "ok").then_some(()))
        .expect("the new rules go on with it");
    assert_eq!(watched.said().matches("'slow' start:").count(), 1, "{}", watched.said());
    watched.well(&["stop", "all"]);
}

#[test]
fn a_hundred_reloads_under_load_leave_nothing_behind() {
    let rules = format!("set daemon 3600\n{}    onreboot nostart\n{TWO}", sleeper("p", "0"))
        .replace("set daemon 3600\ncheck file", "check file");
    let watched = Watched::new(&rules);
    let descriptors = || fs::read_dir(format!("/proc/{}/fd", watched.pid())).map_or(0, |all| all.count());
    let threads = || fs::read_dir(format!("/proc/{}/task", watched.pid())).map_or(0, |all| all.count());
    watched.well(&["start", "p"]);
    watched.well(&["reload"]);
    let before = (descriptors(), threads());
    let mut client = watched.connect();
    for number in 0..100 {
        if number % 10 == 0 {
            watched.well(&["restart", "--no-wait", "p"]);
        }
        watched.rewrite(&format!("{rules}check file f{number} with path /etc/passwd\n"));
        let answer = client.ask("{\"ruled\":1,\"ask\":\"reload\"}");
        assert_eq!(answer["says"], "reloaded", "{answer}");
    }
    drop(client);
    watched.well(&["stop", "p"]);
    let settled = until(|| (descriptors() <= before.0 && threads() <= before.1 + 1).then_some(()));
    assert!(settled.is_some(), "{before:?} before, {:?} after", (descriptors(), threads()));
    assert!(watched.well(&["summary"]).contains("f99"));
}

#[test]
fn rules_on_a_file_server_that_is_gone_hang_nobody() {
    let text = "set daemon 3600\ncheck system box\n    if loadavg (1min) > 9999 then alert\n";
    let Some(mount) = Mount::new("server:/rules", &[("main.rules", text)]) else { return };
    let mut watched = Watched::prepared("");
    watched.rules = mount.text("main.rules");
    watched.start(&[]);
    mount.falls_silent();
    let reload = b"{\"ruled\":1,\"ask\":\"reload\"}\n";
    let (mut first, mut second) = (watched.connect(), watched.connect());
    first.send(reload).expect("sent");
    second.send(reload).expect("sent");
    for _ in 0..5 {
        assert_eq!(watched.run(&["validate"]).status, 0, "{}", watched.said());
    }
    assert_eq!(watched.run(&["reload", "--timeout", "1"]).status, 1, "nobody can read them");
    assert_eq!(watched.well(&["events"]).matches("reloaded").count(), 0);
    mount.answers();
    for client in [&mut first, &mut second] {
        assert!(client.line().contains("\"says\":\"reloaded\""), "{}", watched.said());
    }
    // Who came while they were read had them read once more, together with the one who did not wait.
    let reloads = || watched.well(&["events"]).matches("instance changed, reload").count();
    until(|| (reloads() == 2).then_some(())).expect("twice");
    watched.well(&["quit"]);
}
