//! Stops that do not go smoothly, and starts that come late or not at all: what was there is gone before it is started again,
//! and where that cannot be, nothing is.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::deeds::{Stage, end, eventually, is_alive};
use super::mount::Mount;
use crate::rig::{Daemon, finish, free_port, ruled, until};

/// What a service does first: it tells who of those before it is still there.
const COUNTED: &str = "for pid in $(cat HERE/starts 2>/dev/null); do kill -0 $pid 2>/dev/null && echo $pid >>HERE/overlap; done\n\
                       echo $$ >>HERE/starts; echo $$ >HERE/pid";

/// A folder that nobody else may write in, so that there is a door.
fn private() -> Stage {
    let stage = Stage::new();
    fs::set_permissions(stage.path(), PermissionsExt::from_mode(0o700)).expect("a mode");
    stage
}

/// Runs a command for the daemon over the rules of this stage.
fn ask(stage: &Stage, words: &[&str]) -> (i32, String) {
    let mut command = ruled(words);
    command.arg("--config").arg(stage.file("deeds.rules")).env("RUNTIME_DIRECTORY", stage.path());
    let done = finish(command);
    (done.status, done.out + &done.err)
}

/// How a service stands, as `status --json` says it; null before there is a door.
fn service(stage: &Stage, name: &str) -> Value {
    let (status, text) = ask(stage, &["status", "--json", name]);
    if status == 0 { serde_json::from_str::<Value>(&text).expect("JSON")["services"][0].clone() } else { Value::Null }
}

/// Waits for twice as long as for anything else: SIGTERM alone has half a minute.
#[track_caller]
fn long<T>(daemon: &Daemon, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    until(&mut ask).or_else(|| until(&mut ask)).unwrap_or_else(|| panic!("{what}; it said:\n{}", daemon.said()))
}

#[test]
fn what_ignores_sigterm_is_killed_and_gone_before_it_is_started_again() {
    let stage = private();
    let text = format!("{COUNTED}\ntrap '' TERM\nwhile :; do sleep 0.1; done");
    let program = stage.program("service", &text);
    let rules = format!("set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{program}\"\n");
    let daemon = stage.start("rules", &rules);
    let first = eventually(&daemon, "it runs", || service(&stage, "p")["pid"].as_u64());
    let (status, said) = ask(&stage, &["restart", "--no-wait", "p"]);
    assert_eq!(status, 0, "{said}");
    long(&daemon, "it is started again", || (stage.numbers("starts").len() == 2).then_some(()));
    let said = daemon.said();
    let (asked, killed) = (said.find("stop: signal TERM"), said.find("stop: signal KILL to"));
    assert!(asked.is_some() && asked < killed, "{said}");
    assert!(!is_alive(u32::try_from(first).expect("a number")) && !stage.file("overlap").exists(), "{said}");
    let why = eventually(&daemon, "it runs", || {
        let why = ask(&stage, &["why", "p"]).1;
        why.contains(&format!("signal KILL to pid {first}, ")).then_some(why)
    });
    assert!(why.contains("because: restart on user request (action)"), "{why}");
}

/// A program of Perl that listens on a port, tells that in `HERE/NAME`, and stays.
fn listener(name: &str, port: u16) -> String {
    format!(
        "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => {port}, \
         Listen => 1) or die \"port {port} is taken\\n\"; open(F, \">>\", \"HERE/{name}\"); print F \"$$\\n\"; close F; \
         sleep 60' HERE"
    )
}

#[test]
fn what_a_stop_program_leaves_behind_is_ended_before_the_start() {
    let stage = private();
    let port = free_port();
    let program = stage.program("service", &format!("{COUNTED}\n{}", listener("listens", port)));
    let left = stage.program("left", &listener("left", port));
    // It takes the service down, and something else takes its port over: in a session of its own, with no parent but ruled.
    let stop = stage.program(
        "stop",
        &format!(
            "kill -9 $(cat HERE/pid); while kill -0 $(cat HERE/pid) 2>/dev/null; do sleep 0.05; done\n\
             setsid sh -c '{left} &' & while ! [ -s HERE/left ]; do sleep 0.05; done"
        ),
    );
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{program}\" with timeout 5 seconds\n    \
         stop program = \"{stop}\" with timeout 10 seconds\n"
    );
    let daemon = stage.start("rules", &rules);
    eventually(&daemon, "it listens", || (stage.numbers("listens").len() == 1).then_some(()));
    eventually(&daemon, "it is seen", || service(&stage, "p")["pid"].as_u64());
    let (status, said) = ask(&stage, &["restart", "p"]);
    let left = stage.number("left").expect("the stop program has left something behind");
    if daemon.said().contains("programs have control groups of their own") {
        println!("with control groups of version 2");
        assert_eq!(status, 0, "{said}{}", daemon.said());
        assert!(!is_alive(left), "{}", daemon.said());
        eventually(&daemon, "it listens again", || (stage.numbers("listens").len() == 2).then_some(()));
        assert!(daemon.said().contains("left behind is ended"), "{}", daemon.said());
    } else {
        println!("without control groups of version 2: {}", daemon.said());
        assert!(is_alive(left), "nobody can know whose it is");
    }
    assert!(!stage.file("overlap").exists());
}

#[test]
fn what_a_process_that_died_left_behind_is_ended_before_the_start() {
    for (dialect, is_ended) in [("rules", true), ("monit", false)] {
        let stage = private();
        let port = free_port();
        // The socket is inherited by a worker, which lives on when its master is killed.
        let forks = "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => PORT, \
                     Listen => 1) or die \"port taken\\n\"; $worker = fork // die; if (!$worker) { sleep 60; exit } \
                     open(F, \">>\", \"HERE/workers\"); print F \"$worker\\n\"; close F; sleep 60' HERE";
        let forks = forks.replace("PORT", &port.to_string());
        let program = stage.program("service", &format!("{COUNTED}\n{forks}"));
        let rules = format!(
            "set daemon 1\ncheck process p with pidfile HERE/pid\n    \
             start program = \"{program}\" with timeout 5 seconds\n"
        );
        let daemon = stage.start(dialect, &rules);
        eventually(&daemon, "it listens", || (stage.numbers("workers").len() == 1).then_some(()));
        let master = eventually(&daemon, "it is seen", || service(&stage, "p")["pid"].as_u64());
        end(u32::try_from(master).expect("a number"));
        let worker = stage.numbers("workers")[0];
        if is_ended {
            eventually(&daemon, "it listens again", || (stage.numbers("workers").len() == 2).then_some(()));
            assert!(!is_alive(worker), "{}", daemon.said());
            assert_eq!(stage.numbers("starts").len(), 2, "{}", daemon.said());
        } else {
            eventually(&daemon, "it is started again", || (stage.numbers("starts").len() >= 2).then_some(()));
            assert!(is_alive(worker), "{}", daemon.said());
            end(worker);
        }
    }
}

#[test]
fn a_stop_program_that_hangs_ends_with_all_it_started_and_the_stop_goes_on() {
    let stage = private();
    let program = stage.program("service", &format!("{COUNTED}\nexec HERE/sleep 609"));
    let stop = stage.program(
        "stop",
        "trap '' TERM; echo cannot reach it; echo $$ >>HERE/tree; HERE/sleep 610 & echo $! >>HERE/tree\n\
         setsid sh -c 'HERE/sleep 611 & echo $! >>HERE/lost'; while :; do sleep 0.1; done",
    );
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{program}\"\n    \
         stop program = \"{stop}\" with timeout 2 seconds\n"
    );
    let daemon = stage.start("rules", &rules);
    let first = eventually(&daemon, "it is seen", || service(&stage, "p")["pid"].as_u64());
    let (status, said) = ask(&stage, &["restart", "p"]);
    assert_eq!(status, 0, "{said}{}", daemon.said());
    assert!(!is_alive(u32::try_from(first).expect("a number")), "{}", daemon.said());
    let tree = stage.numbers("tree");
    eventually(&daemon, "its tree is ended", || (!tree.iter().any(|pid| is_alive(*pid))).then_some(()));
    assert_eq!((tree.len(), stage.numbers("starts").len()), (2, 2), "{}", daemon.said());
    if daemon.said().contains("programs have control groups of their own") {
        let lost = stage.number("lost").expect("it has lost a child");
        eventually(&daemon, "and what it lost", || (!is_alive(lost)).then_some(()));
    }
    assert!(!stage.file("overlap").exists(), "{}", daemon.said());
    let (_, why) = ask(&stage, &["why", "p"]);
    assert!(why.contains("killed after 2 seconds") && why.contains("| cannot reach it"), "{why}");
}

#[test]
fn what_cannot_be_ended_is_said_to_be_so_and_not_started_a_second_time() {
    let Some(mount) = Mount::new("holder:/export", &[("file", "some text\n")]) else { return };
    let stage = private();
    // It waits for the server where no signal reaches it: read(2) of a file that is not answered.
    let text = format!("{COUNTED}\nexec perl -e 'open(F, \"<\", \"{}\") and <F>; sleep 60' HERE", mount.text("file"));
    let program = stage.program("service", &text);
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{program}\" with timeout 5 seconds\n"
    );
    mount.falls_silent_when_read();
    let daemon = stage.start("rules", &rules);
    let first = eventually(&daemon, "it is seen", || service(&stage, "p")["pid"].as_u64());
    eventually(&daemon, "it waits for the server", || mount.is_silent().then_some(()));
    ask(&stage, &["restart", "--no-wait", "p"]);
    let state = long(&daemon, "the stop is given up", || {
        let state = service(&stage, "p");
        let faults = state["faults"].as_array().cloned().unwrap_or_default();
        let wanted = "failed to stop -- the process is still there after SIGTERM and SIGKILL";
        faults.iter().any(|fault| fault["message"] == wanted).then_some(state)
    });
    assert_eq!(
        (state["state"].as_str(), state["last_deed"]["what"].as_str()),
        (Some("failed"), Some("kill")),
        "{state}"
    );
    let cycle = |daemon: &Daemon| daemon.said().matches(" is over").count();
    let before = cycle(&daemon);
    eventually(&daemon, "cycles go on", || (cycle(&daemon) > before + 3).then_some(()));
    assert_eq!(stage.numbers("starts").len(), 1, "no second copy is started:\n{}", daemon.said());
    assert!(is_alive(u32::try_from(first).expect("a number")));
    mount.answers();
    long(&daemon, "it is started again", || (stage.numbers("starts").len() == 2).then_some(()));
    eventually(&daemon, "it is well", || (service(&stage, "p")["state"] == "ok").then_some(()));
    assert!(!stage.file("overlap").exists(), "{}", daemon.said());
    end(stage.number("pid").expect("it runs"));
}

#[test]
fn a_start_is_waited_for_and_what_does_not_come_is_said_in_words_of_its_own() {
    let stage = private();
    let sleeper = |name: &str| format!("echo $$ >>HERE/{name}.starts; HERE/sleep 612 & p=$!");
    // The script comes back at once, and the daemon comes a second later.
    stage.program(
        "late",
        "setsid sh -c 'sleep 1; echo $$ >>HERE/late.starts; echo $$ >HERE/late.pid; exec HERE/sleep 612' &",
    );
    stage.program("never", "echo $$ >>HERE/never.starts; exit 0");
    stage.program("pidlate", &format!("{}; sleep 1; echo $p >HERE/pidlate.pid", sleeper("pidlate")));
    stage.program("empty", &format!("{}; : >HERE/empty.pid; sleep 1; echo $p >HERE/empty.pid", sleeper("empty")));
    stage.program("blank", &format!("{}; : >HERE/blank.pid", sleeper("blank")));
    let check = |name: &str, seconds: u32| {
        format!(
            "check process {name} with pidfile HERE/{name}.pid\n    \
             start program = \"HERE/{name}\" with timeout {seconds} seconds\n    if does not exist then alert\n"
        )
    };
    let all = [("late", 20), ("pidlate", 20), ("empty", 20), ("never", 1), ("blank", 1)];
    let checks: String = all.iter().map(|(name, seconds)| check(name, *seconds)).collect();
    let daemon = stage.start("rules", &format!("set daemon 3600\n{checks}"));
    eventually(&daemon, "a cycle is over", || daemon.said().contains("cycle 1 is over").then_some(()));
    for name in ["late", "pidlate", "empty"] {
        let (status, said) = ask(&stage, &["start", name]);
        assert_eq!(status, 0, "{name}: {said}{}", daemon.said());
        assert_eq!(stage.numbers(&format!("{name}.starts")).len(), 1, "{name} is started once");
    }
    let here = stage.path().display();
    for (name, why) in [("never", "does not exist"), ("blank", "is empty")] {
        let (status, said) = ask(&stage, &["start", name]);
        let wanted = format!("failed to start (exit status 0) -- no output; the pid file {here}/{name}.pid {why}");
        assert!(status == 1 && said.contains(&wanted), "{wanted}: {said}");
        assert_eq!(stage.numbers(&format!("{name}.starts")).len(), 1, "{name} is started once");
    }
    daemon.signal(Signal::SIGTERM);
    assert_eq!(fs::read_to_string(stage.file("blank.pid")).expect("a pid file"), "");
}

#[test]
fn the_deadline_of_a_check_ends_what_it_lost_where_there_are_control_groups() {
    let stage = private();
    let text = "HERE/sleep 0.5; setsid sh -c 'HERE/sleep 613 & echo $! >HERE/lost'; HERE/sleep 614";
    let check = stage.program("check", text);
    let rules = format!(
        "set daemon 1\ncheck program c with path \"{check}\" timeout 3 seconds\n    every 600 cycles\n    if status > 1 then alert\n"
    );
    let daemon = stage.start("rules", &rules);
    let lost = eventually(&daemon, "it leaves a process behind", || stage.number("lost"));
    eventually(&daemon, "its time is over", || (service(&stage, "c")["state"] == "failed").then_some(()));
    if daemon.said().contains("programs have control groups of their own") {
        println!("with control groups of version 2");
        eventually(&daemon, "what it lost ends with it", || (!is_alive(lost)).then_some(()));
    } else {
        println!("without control groups of version 2: {}", daemon.said());
        assert!(is_alive(lost), "nobody can know whose it is");
    }
}
