//! Echo requests: answered, unanswered, and not permitted.

use std::os::unix::process::CommandExt;
use std::process::Command;

use interpreter::program::Family;
use ruled::transport::ping::is_permitted;

use super::{fails, passes, rule};
use crate::rig::{finish, ruled, skip, write};

#[test]
fn echoes() {
    if !is_permitted(Family::Ipv4) {
        return skip("echo requests are not permitted here");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    passes(folder, "if failed ping then alert");
    passes(folder, "if failed ping4 count 2 size 1000 with timeout 5 seconds address 127.0.0.5 then alert");
    passes(folder, "if failed ping responsetime < 5 seconds then alert");
    fails(folder, "if failed ping responsetime > 5 seconds then alert", "speed", "doesn't match limit [time > 5 s]");
    let events = rule(folder, "monit", "if succeeded ping then alert");
    assert_eq!(events.len(), 1, "{events:?}");
    let message = events[0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("ping test succeeded [response time "), "{message}");
    let ipv6 = "check host peer with address \"::1\"\n    if failed ping6 then alert";
    if std::net::UdpSocket::bind("[::1]:0").is_ok() {
        assert_eq!(super::cycle(folder, "rules", ipv6), Vec::<serde_json::Value>::new());
    }
}

/// Nobody has an address of this kind of ours, and the port behind it is not even tried.
#[test]
fn silence() {
    if !is_permitted(Family::Ipv4) {
        return skip("echo requests are not permitted here");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let silent = "check host peer with address 127.0.0.1\n    \
                  if failed ping address 192.0.2.7 then alert\n    if failed port 1 then alert";
    for (dialect, message) in
        [("rules", "ping test failed -- cannot assign requested address"), ("monit", "ping test failed")]
    {
        let events = super::cycle(folder.path(), dialect, silent);
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!((&events[0]["event"], &events[0]["message"]), (&"icmp".into(), &message.into()));
    }
}

/// Somebody who may not send any is told so when the rules are checked, and the answer is unknown.
#[test]
fn not_permitted() {
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can become somebody without rights");
    }
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap_or_default();
    let numbers: Vec<u32> = range.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    if numbers.len() != 2 || (numbers[0]..=numbers[1]).contains(&65_534) {
        return skip("everybody may send echo requests here");
    }
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("ours");
    let rules =
        write(folder.path(), "ping.rules", "check host peer with address 127.0.0.1\n    if failed ping then alert\n");
    // Whoever lies below a folder of root cannot be run by others.
    let program = folder.path().join("ruled");
    std::fs::copy(env!("CARGO_BIN_EXE_ruled"), &program).expect("a copy");
    let nobody = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.args(words).env("NO_COLOR", "1").env("STATE_DIRECTORY", folder.path());
        command.env("RUNTIME_DIRECTORY", folder.path()).current_dir(folder.path()).uid(65_534).gid(65_534);
        finish(command)
    };
    let checked = nobody(&["check", "--here", &rules]);
    assert!((checked.out.clone() + &checked.err).contains("ping-not-permitted"), "{}{}", checked.out, checked.err);
    let run = nobody(&["run", "--once", "--events", "-", &rules]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("\"icmp\""), "nothing is known: {}", run.out);
    assert!((run.out.clone() + &run.err).contains("echo requests need a right"), "{}{}", run.out, run.err);
    // Root is told nothing of the kind.
    let checked = finish(ruled(&["check", "--here", &rules]));
    assert!(!(checked.out + &checked.err).contains("ping-not-permitted"));
}

/// On a machine that lets its users send echo requests, somebody without any rights does.
#[test]
fn permitted_to_everybody() {
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can make a network of its own");
    }
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("ours");
    let text =
        "check host peer with address 127.0.0.1\n    if failed ping then alert\n    if succeeded ping then alert\n";
    let rules = write(folder.path(), "ping.rules", text);
    let program = folder.path().join("ruled");
    std::fs::copy(env!("CARGO_BIN_EXE_ruled"), &program).expect("a copy");
    // In a network namespace of its own the range is this test's.
    let script = "ip link set lo up && echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range && \
                  exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--net", "sh", "-c", script, "sh"]).arg(&program).args(["run", "--once", "--events", "-", &rules]);
    command.env("STATE_DIRECTORY", folder.path()).env("RUNTIME_DIRECTORY", folder.path()).current_dir(folder.path());
    let run = finish(command);
    if run.err.contains("unshare failed") {
        return skip("unshare(1) may not make a network namespace");
    }
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("ping test succeeded [response time "), "{}{}", run.out, run.err);
    assert!(!run.out.contains("ping test failed"), "{}", run.out);
}
