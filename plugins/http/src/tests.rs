//! Good and bad peers for the HTTP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::{Http, USER_AGENT};

fn request(line: &str, host: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n")
}

/// A server that answers whatever it is asked.
fn answers(answer: &str) -> Script {
    script().hears_anything().says(answer)
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no HTTP: {other:?}"),
    }
}

fn status(relation: Relation, number: i64) -> Value {
    Value::Comparison(Comparison { relation, number })
}

#[test]
fn asks_for_the_root_and_reads_the_header() {
    let peer = script()
        .at("www.example.org", 80)
        .hears(request("GET /", "www.example.org"))
        .says("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 3\r\n\r\nabc");
    let outcome = peer.run::<Http>().unwrap();
    assert_eq!(outcome.summary, "200 OK");
    let facts = [("status".to_owned(), "200".to_owned()), ("server".to_owned(), "nginx".to_owned())];
    assert_eq!(outcome.facts, facts);
}

#[test]
fn names_path_method_and_host_as_the_rule_does() {
    let peer = script()
        .at("10.0.0.1", 8080)
        .with("request", Value::Text("/health?full=1".into()))
        .with("method", Value::Text("head".into()))
        .with("host_header", Value::Text("app.example".into()))
        .hears(request("HEAD /health?full=1", "app.example"))
        .says("HTTP/1.0 204\r\n\r\n");
    assert_eq!(peer.run::<Http>().unwrap().summary, "204");
}

#[test]
fn names_the_port_unless_it_is_the_usual_one() {
    let answer = "HTTP/1.1 200 OK\r\n\r\n";
    assert!(script().at("a", 8080).hears(request("GET /", "a:8080")).says(answer).run::<Http>().is_ok());
    assert!(script().at("::1", 81).hears(request("GET /", "[::1]:81")).says(answer).run::<Http>().is_ok());
    assert!(script().at("::1", 80).hears(request("GET /", "[::1]")).says(answer).run::<Http>().is_ok());
}

#[test]
fn the_status_is_compared() {
    let not_found = "HTTP/1.1 404 Not Found\r\n\r\n";
    assert_eq!(
        answers(not_found).run::<Http>(),
        Err(Failure::Mismatch { what: "status".into(), expected: "< 400".into(), found: "404 Not Found".into() })
    );
    assert!(answers(not_found).with("status", status(Relation::Equal, 404)).run::<Http>().is_ok());
    assert!(answers(not_found).with("status", status(Relation::GreaterOrEqual, 405)).run::<Http>().is_err());
    assert!(answers("HTTP/1.1 399 x\r\n\r\n").run::<Http>().is_ok());
    assert!(answers("HTTP/1.1 400 x\r\n\r\n").run::<Http>().is_err());
}

#[test]
fn interim_answers_are_passed_over() {
    assert!(answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").run::<Http>().is_ok());
    let endless = script().hears_anything().repeats("HTTP/1.1 100 Continue\r\n\r\n");
    assert!(refused(endless.run::<Http>()).contains("interim"));
}

#[test]
fn a_path_cannot_smuggle_a_header_line() {
    for path in ["/a\r\nX: y", "/a b", "no-slash", "/\u{7f}", "/ü"] {
        let check = answers("").with("request", Value::Text(path.into())).run::<Http>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{path:?}: {check:?}");
    }
    let check = answers("").with("host_header", Value::Text("a\r\nX: y".into())).run::<Http>();
    assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
}

#[test]
fn refuses_what_is_no_http() {
    assert!(refused(answers("SSH-2.0-OpenSSH_9.2\r\n").run::<Http>()).contains("status line"));
    assert!(refused(answers("HTTP/2 200\r\n\r\n").run::<Http>()).contains("HTTP/2"));
    assert!(refused(answers("HTTP/1.1 2000 OK\r\n\r\n").run::<Http>()).contains("2000"));
    assert!(refused(answers("HTTP/1.1 -20 OK\r\n\r\n").run::<Http>()).contains("-20"));
    assert!(refused(answers("HTTP/1.1 99999999999999999999 OK\r\n\r\n").run::<Http>()).contains("three digits"));
    assert!(refused(answers("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").run::<Http>()).contains("colon"));
}

#[test]
fn a_header_without_end_is_refused() {
    let peer = script().hears_anything().says("HTTP/1.1 200 OK\r\n");
    assert!(refused(peer.clone().repeats("a: b\r\n").run::<Http>()).contains("200 lines"));
    assert!(refused(peer.repeats("x").run::<Http>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(answers("").run::<Http>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(answers("HTTP/1.1 200 OK\r\nServer: cut").run::<Http>(), Err(Failure::Io(IoError::Closed)));
    let silent = script().hears_anything().times_out();
    assert_eq!(silent.run::<Http>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().breaks().run::<Http>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 \r\n", "Server: x\r\n", "\r\n", "0\r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Http>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Http>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
