//! Good and bad peers for the DWP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::{Dwp, USER_AGENT};

fn asked() -> Script {
    script().at("db.example", 8088).hears(format!(
        "HEAD / HTTP/1.1\r\nHost: db.example:8088\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
         Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ))
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no HTTP: {other:?}"),
    }
}

#[test]
fn a_status_below_400_passes() {
    let outcome = asked().says("HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n").run::<Dwp>().unwrap();
    assert_eq!(outcome.summary, "200 OK");
    assert!(asked().says("HTTP/1.0 302 Found\r\n\r\n").run::<Dwp>().is_ok());
}

#[test]
fn another_status_fails() {
    let (what, expected, found) = ("status".into(), "< 400".into(), "503 Service Unavailable".into());
    let answer = asked().says("HTTP/1.1 503 Service Unavailable\r\n\r\n").run::<Dwp>();
    assert_eq!(answer, Err(Failure::Mismatch { what, expected, found }));
    assert!(asked().says("HTTP/1.1 400 Bad Request\r\n\r\n").run::<Dwp>().is_err());
}

#[test]
fn refuses_what_is_no_http() {
    let says = |said: &str| refused(asked().says(said).run::<Dwp>());
    assert!(says("SSH-2.0-OpenSSH_9.2\r\n").contains("status line"));
    assert!(says("220 mail ESMTP\r\n").contains("status line"));
    assert!(says("HTTP/1.1 20 OK\r\n\r\n").contains("three digits"));
    assert!(refused(asked().repeats("x").run::<Dwp>()).contains("8192 bytes"));
    assert!(refused(asked().says("HTTP/1.1 200 OK\r\n").repeats("a: b\r\n").run::<Dwp>()).contains("200 lines"));
    assert!(refused(asked().repeats("HTTP/1.1 100 x\r\n\r\n").run::<Dwp>()).contains("interim"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(asked().run::<Dwp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says("HTTP/1.1 200 OK\r\nServer: cut").run::<Dwp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().times_out().run::<Dwp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().breaks().run::<Dwp>(), Err(Failure::Io(IoError::Reset)));
}

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Dwp>(&bytes).ok();
    }

    #[test]
    fn any_header_is_survived(head in any::<[u8; 2]>(), rest in "HTTP/1.1 [0-9]{3} [ -~\r\n]{0,300}") {
        fuzz::<Dwp>(&[head.to_vec(), rest.into_bytes()].concat()).ok();
    }
}
