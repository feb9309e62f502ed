//! Good and bad peers for the probe of Apache's scoreboard.

use ruled_plugin::*;

use super::{ApacheStatus, STATES};

/// A server with this scoreboard.
fn board(slots: &str) -> Script {
    let page = format!("localhost\nServerVersion: Apache/2.4.67 (Debian)\nTotal Accesses: 3\nScoreboard: {slots}\n");
    let length = page.len();
    script().hears_anything().says(format!(
        "HTTP/1.1 200 OK\r\nServer: Apache/2.4.67\r\nContent-Length: {length}\r\n\
         Content-Type: text/plain; charset=ISO-8859-1\r\n\r\n{page}"
    ))
}

fn share(relation: Relation, number: i64) -> Value {
    Value::Comparison(Comparison { relation, number })
}

#[test]
fn asks_for_the_page_and_counts_its_slots() {
    let peer = script()
        .at("www", 80)
        .with("path", "/status")
        .with("username", "u")
        .with("password", "p")
        .hears(format!(
            "GET /status?auto HTTP/1.1\r\nHost: www\r\nUser-Agent: {}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\
             Connection: close\r\nAuthorization: Basic dTpw\r\n\r\n",
            super::USER_AGENT
        ))
        .says("HTTP/1.1 200 OK\r\n\r\nScoreboard: __W.\n");
    let outcome = peer.passes::<ApacheStatus>();
    assert_eq!(outcome.summary, "1 of 4 slots are busy");
    let metric = |name: &str| outcome.metrics.iter().find(|(one, _)| one == name).map(|(_, value)| *value);
    assert_eq!((metric("waiting"), metric("replying"), metric("open")), (Some(50.0), Some(25.0), Some(25.0)));
}

#[test]
fn each_limit_is_about_its_letter() {
    for state in STATES {
        let Some(limit) = state.limit else { continue };
        let letter = char::from(state.letter);
        let half = format!("{letter}.");
        let half = if letter == '.' { panic!("open slots have no limit") } else { half };
        let fails = board(&half).with(limit, share(Relation::GreaterOrEqual, 50)).run::<ApacheStatus>();
        assert!(matches!(fails, Err(Failure::Mismatch { .. })), "{limit}: {fails:?}");
        let passes = board(&half).with(limit, share(Relation::Greater, 50)).run::<ApacheStatus>();
        assert!(passes.is_ok(), "{limit}: {passes:?}");
    }
}

#[test]
fn shares_are_compared_exactly_and_a_limit_of_zero_is_none() {
    // 2 of 3 are 66.67 %.
    assert_eq!(
        board("WW.").with("replylimit", share(Relation::Greater, 66)).run::<ApacheStatus>(),
        Err(Failure::Mismatch {
            what: "share of slots that send an answer".into(),
            expected: "not > 66 % (replylimit)".into(),
            found: "66.7 %".into()
        })
    );
    board("WW.").with("replylimit", share(Relation::Greater, 67)).passes::<ApacheStatus>();
    board("WW.").with("replylimit", share(Relation::Greater, 0)).passes::<ApacheStatus>();
    assert!(board("WW.").with("waitlimit", share(Relation::Less, 1)).run::<ApacheStatus>().is_err());
}

#[test]
fn a_page_that_is_not_there_or_forbidden_is_told_by_its_status() {
    for line in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "503 Service Unavailable"] {
        let check = script().hears_anything().says(format!("HTTP/1.1 {line}\r\n\r\n")).run::<ApacheStatus>();
        let expected = Failure::Mismatch { what: "status".into(), expected: "200".into(), found: line.into() };
        assert_eq!(check, Err(expected));
    }
}

#[test]
fn refuses_what_is_no_scoreboard() {
    let page = |content: &str| script().hears_anything().says(format!("HTTP/1.1 200 OK\r\n\r\n{content}"));
    assert!(page("<html>It works!</html>").is_foreign_to::<ApacheStatus>().contains("mod_status"));
    assert!(page("").is_foreign_to::<ApacheStatus>().contains("no scoreboard"));
    assert!(board("").is_foreign_to::<ApacheStatus>().contains("empty"));
    assert!(board("__x_").is_foreign_to::<ApacheStatus>().contains("'x'"));
    assert!(page("").repeats("W".repeat(60_000)).is_foreign_to::<ApacheStatus>().contains("512 KiB"));
    assert!(script().hears_anything().says("220 ftp\r\n").is_foreign_to::<ApacheStatus>().contains("HTTP"));
    let long = script().hears_anything().says("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nScore");
    assert!(long.is_foreign_to::<ApacheStatus>().contains("before the end"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    let cut = script().hears_anything().says("HTTP/1.1 200 OK\r\nServer: x");
    assert_eq!(cut.breaks_off::<ApacheStatus>(), IoError::Closed);
    assert_eq!(script().hears_anything().times_out().breaks_off::<ApacheStatus>(), IoError::TimedOut);
    let slow = script().hears_anything().says("HTTP/1.1 200 OK\r\n\r\nScoreboard: _").times_out();
    assert_eq!(slow.breaks_off::<ApacheStatus>(), IoError::TimedOut);
}

#[test]
fn a_path_cannot_smuggle_a_header_line() {
    for path in ["/a\r\nX: y", "/a b", "no-slash"] {
        assert!(!script().hears_anything().with("path", path).misconfigures::<ApacheStatus>().is_empty(), "{path:?}");
    }
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["Content-Length: 30\r\n", "\r\n", "Scoreboard: ", "__W", "\n", "K.", "0\r\n"];

survives_any_peer!(ApacheStatus, PIECES, after "HTTP/1.1 200 OK\r\n");
