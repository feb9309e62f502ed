//! A web server, its program, its disk and the machine below.

use super::{DIALECTS, Machine, in_both_dialects};

const PIDFILE: &str = "/run/apache2/apache2.pid";

/// The number of the server's process in its machine.
fn pid(machine: &Machine) -> String {
    machine.does(&format!("cat {PIDFILE}"))
}

/// Whether the server runs.
fn runs(machine: &Machine) -> bool {
    machine.runs(&format!("kill -0 $(cat {PIDFILE})")).status == 0
}

#[test]
fn a_server_that_leaks_is_restarted_in_the_third_cycle_and_its_recovery_is_told() {
    in_both_dialects("apache", |machine| {
        machine.comes_up("apache2");
        let (before, cycle) = (pid(machine), machine.cycle());
        // A filter of its log takes 200 MB.
        machine.does("touch /run/leak");
        let failed =
            machine.tells_that("apache2", "resource failed", "matches resource limit [total mem amount > 150 MB]");
        assert_eq!(failed["action"], "restart");
        let at = failed["cycle"].as_u64().expect("a cycle");
        assert!(at >= cycle as u64 + 3, "three cycles must see it: {cycle}, {at}\n{}", machine.said());
        machine.tells_that("apache2", "resource succeeded", "total mem amount check succeeded");
        assert_ne!(pid(machine), before, "it is another process");
        // What is told looks as the rules want it.
        let mail = machine.mails("webmaster@example.com", "matches resource limit [total mem amount");
        for words in
            ["Subject: [box] apache2: Resource limit matched", "watch@example.com", "What is done about it: restart"]
        {
            assert!(mail.contains(words), "{words} is missing:\n{mail}");
        }
        machine.mails("webmaster@example.com", "Subject: [box] apache2: Resource limit succeeded");
        assert!(machine.events("box").iter().all(|event| event["event"] == "instance"), "{}", machine.said());
    });
}

#[test]
fn three_restarts_within_their_cycles_end_the_watching() {
    in_both_dialects("apache", |machine| {
        machine.comes_up("apache2");
        // The start is the first of them.
        machine.kills(PIDFILE);
        machine.comes_up("apache2");
        machine.kills(PIDFILE);
        machine.tells("apache2", "nonexist failed");
        let told = machine.tells_that("apache2", "timeout failed", "service restarted 3 times within");
        assert_eq!(told["action"], "unmonitor");
        assert_eq!(machine.service("apache2")["state"], "not_monitored", "{}", machine.said());
        // Nobody brings it back any more.
        if runs(machine) {
            machine.kills(PIDFILE);
        }
        machine.passes(2);
        assert!(!runs(machine), "{}", machine.said());
    });
}

#[test]
fn a_program_that_was_changed_is_not_started_any_more_until_somebody_says_so() {
    in_both_dialects("apache", |machine| {
        machine.comes_up("apache2");
        machine.does("chmod 4755 /usr/sbin/apache2");
        let told = machine.tells_that("apache2_bin", "permission failed", "4755");
        assert_eq!(told["action"], "unmonitor");
        machine.mails("webmaster@example.com", "Subject: [box] apache2_bin: Permission failed");
        let is_unwatched = |name: &str| machine.service(name)["state"] == "not_monitored";
        crate::rig::until(|| (is_unwatched("apache2_bin") && is_unwatched("apache2")).then_some(()))
            .unwrap_or_else(|| panic!("what needs it is watched\n{}", machine.said()));
        machine.kills(PIDFILE);
        machine.passes(2);
        assert!(!runs(machine), "{}", machine.said());
        // Somebody has looked, and has mended it.
        machine.does("chmod 755 /usr/sbin/apache2");
        let ruled = env!("CARGO_BIN_EXE_ruled");
        machine.does(&format!("{ruled} monitor --config {} apache2", machine.rules));
        machine.comes_up("apache2");
        assert_eq!(machine.service("apache2_bin")["state"], "ok", "{}", machine.said());
        // Another program under the name.
        machine.does(
            "cp -p /usr/sbin/apache2 /usr/sbin/new && echo >>/usr/sbin/new && mv /usr/sbin/new /usr/sbin/apache2",
        );
        let told = machine.tells_that("apache2_bin", "checksum failed", "checksum");
        assert_eq!(told["action"], "unmonitor");
        crate::rig::until(|| is_unwatched("apache2").then_some(()))
            .unwrap_or_else(|| panic!("what needs it is watched\n{}", machine.said()));
        assert!(runs(machine), "and what runs goes on");
    });
}

#[test]
fn a_full_disk_and_a_high_load_are_told_and_so_are_their_ends() {
    in_both_dialects("apache", |machine| {
        machine.comes_up("apache2");
        machine.does("head -c 1000000 /dev/zero >/srv/www/upload");
        machine.does("echo 13.50 2.00 1.00 1/100 1 >/proc/loadavg");
        let told = machine.tells_that("site", "resource failed", "matches resource limit [space usage > 90.0%]");
        assert_eq!(told["action"], "alert");
        machine.tells_that("box", "resource failed", "loadavg (1min) of 13.5 matches resource limit");
        machine.mails("webmaster@example.com", "Subject: [box] site: Resource limit matched");
        machine.does("rm /srv/www/upload");
        machine.does("echo 0.50 2.00 1.00 1/100 1 >/proc/loadavg");
        machine.tells("site", "resource succeeded");
        machine.tells("box", "resource succeeded");
    });
}

#[test]
fn a_server_that_hangs_is_restarted_and_answers_again() {
    in_both_dialects("apache", |machine| {
        machine.comes_up("apache2");
        let before = pid(machine);
        machine.does(&format!("kill -STOP -$(cat {PIDFILE})"));
        let told = machine.tells_that("apache2", "connection failed", "[HTTP] at [127.0.0.1]:80");
        assert_eq!(told["action"], "restart");
        machine.tells("apache2", "connection succeeded");
        assert_ne!(pid(machine), before);
    });
}

#[test]
fn what_a_server_leaves_behind_that_dies_alone_is_ended_before_the_next_is_started() {
    let Some(machine) = Machine::start("apache", DIALECTS[0]) else { return };
    machine.comes_up("apache2");
    let before = pid(&machine);
    // Its workers keep the port.
    machine.does(&format!("kill -KILL {before}"));
    machine.comes_up("apache2");
    let told = machine.events("apache2");
    assert!(told.iter().all(|event| event["event"] == "nonexist"), "{}", machine.said());
    assert_ne!(
        machine.runs(&format!("kill -0 -{}", before.trim())).status,
        0,
        "nothing of it is left: {}",
        machine.said()
    );
    assert!(runs(&machine), "{}", machine.said());
}
