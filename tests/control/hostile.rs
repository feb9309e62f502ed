//! Clients that hang, flood, close early or say nonsense delay nobody.

use std::fs;

use serde_json::Value;

use super::{Connected, Watched};
use crate::rig::until;
use ruled::control::protocol::REQUEST_BYTES_MAX;
use ruled::control::server::{CLIENTS_MAX, FOLLOWERS_MAX};

const BOX: &str = "set daemon 3600\ncheck system box\n    if loadavg (1min) > 9999 then alert\n";
const STATUS: &str = "{\"ruled\":1,\"ask\":\"status\"}";

fn is_answered(watched: &Watched) {
    assert!(watched.well(&["status"]).contains("System 'box'"));
}

#[test]
fn nonsense_is_answered_with_what_is_wrong() {
    let watched = Watched::new(BOX);
    let mut client = watched.connect();
    for (line, wanted) in [
        ("", "no JSON object"),
        ("{", "no JSON object"),
        ("[[[[[[", "no JSON object"),
        ("null", "does not say its version"),
        ("{\"ask\":\"status\"}", "does not say its version"),
        ("{\"ruled\":2,\"ask\":\"status\"}", "is of version 2, and this ruled knows 1"),
        ("{\"ruled\":1,\"ask\":\"dance\"}", "unknown variant `dance`"),
        ("{\"ruled\":1,\"ask\":\"do\",\"action\":\"start\"}", "no service is named"),
        ("{\"ruled\":1,\"ask\":\"why\",\"service\":\"\\u001b[2J\\nx\"}", "there is no service"),
    ] {
        let answer = client.ask(line);
        let reason = answer["reason"].as_str().unwrap_or_default();
        assert!(answer["says"] == "refused" && reason.contains(wanted), "{line}: {answer}");
        assert!(!reason.contains(['\u{1b}', '\n']), "{reason:?}");
    }
    // Keys that nobody knows are left alone, and the line is still good for questions.
    assert_eq!(client.ask("{\"ruled\":1,\"ask\":\"status\",\"colour\":7}")["says"], "status");
    client.send(b"\xff\xfe\x00\n").expect("sent");
    assert!(client.line().contains("refused"));
    is_answered(&watched);
}

#[test]
fn a_line_without_end_is_cut_off() {
    let watched = Watched::new(BOX);
    let mut client = watched.connect();
    // As soon as it is too long the other side may close.
    let sent = client.send(&vec![b'x'; 4 * REQUEST_BYTES_MAX]);
    let line = client.line();
    assert!(line.contains("longer than") || line.is_empty() || sent.is_err(), "{line}");
    is_answered(&watched);
    let mut client = watched.connect();
    client.send(STATUS.as_bytes()).expect("sent");
    client.0.get_ref().shutdown(std::net::Shutdown::Write).expect("a socket");
    assert_eq!(client.line(), "", "half a line is no question");
}

#[test]
fn whoever_never_reads_or_goes_away_delays_nobody() {
    let mut services = String::from("set daemon 3600\ncheck system box\n");
    for number in 0..400 {
        services.push_str(&format!("check file f{number} with path /etc/passwd\n"));
    }
    let watched = Watched::new(&services);
    // Questions without reading an answer: more than any buffer of the kernel holds.
    let mut deaf = watched.connect();
    let many = format!("{STATUS}\n").repeat(500);
    deaf.0.get_ref().set_nonblocking(true).expect("a socket");
    deaf.send(many.as_bytes()).ok();
    for _ in 0..50 {
        let mut hasty = watched.connect();
        // Who comes when all places are taken is turned away, and cannot send.
        hasty.send(format!("{STATUS}\n").as_bytes()).ok();
        drop(hasty);
    }
    // So many may fill all places for a moment.
    until(|| (watched.run(&["status"]).status == 0).then_some(())).expect("an answer");
    let mut waiter = watched.connect();
    waiter.send(b"{\"ruled\":1,\"ask\":\"validate\"}\n").expect("sent");
    drop(waiter);
    assert_eq!(watched.run(&["validate"]).status, 0);
    assert_eq!(watched.daemon.as_ref().map(|daemon| daemon.said().contains("panicked")), Some(false));
}

#[test]
fn there_is_room_for_so_many_and_again_when_they_go() {
    let watched = Watched::new(BOX);
    let mut silent: Vec<Connected> = (0..CLIENTS_MAX).map(|_| watched.connect()).collect();
    // The last of them was let in when it is answered.
    for client in &mut silent {
        assert_eq!(client.ask(STATUS)["says"], "status");
    }
    let refused: Value = serde_json::from_str(&watched.connect().line()).expect("JSON");
    assert!(refused["reason"].as_str().is_some_and(|reason| reason.contains("others are being served")), "{refused}");
    drop(silent);
    until(|| (watched.run(&["status"]).status == 0).then_some(())).expect("room again");
}

#[test]
fn followers_leave_room_for_others() {
    let watched = Watched::new(BOX);
    let follow = "{\"ruled\":1,\"ask\":\"events\",\"last\":1,\"follow\":true}";
    let mut followers: Vec<Connected> = (0..FOLLOWERS_MAX).map(|_| watched.connect()).collect();
    for follower in &mut followers {
        assert_eq!(follower.ask(follow)["says"], "event");
    }
    assert!(
        watched.connect().ask(follow)["reason"].as_str().is_some_and(|reason| reason.contains("follow the events"))
    );
    is_answered(&watched);
}

#[test]
fn clients_leave_no_descriptor_behind() {
    let watched = Watched::new(BOX);
    let count = || fs::read_dir(format!("/proc/{}/fd", watched.pid())).map_or(0, |all| all.count());
    is_answered(&watched);
    let before = count();
    for _ in 0..200 {
        let mut client = watched.connect();
        // So many may fill all places for a moment, and who is turned away cannot send.
        client.send(b"{\"ruled\":1,\"ask\":\"sta").ok();
    }
    let after = until(|| (count() <= before).then_some(()));
    assert!(after.is_some(), "{before} before, {} after", count());
}
