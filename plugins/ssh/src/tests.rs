//! Good and bad peers for the SSH probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::{IDENTIFICATION, Ssh};

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no SSH: {other:?}"),
    }
}

#[test]
fn reads_the_identification_and_answers() {
    let peer = script().says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").hears(IDENTIFICATION);
    let outcome = peer.run::<Ssh>().unwrap();
    assert_eq!(outcome.summary, "OpenSSH_9.2p1 Debian-2");
    assert_eq!(outcome.facts, [("software".to_owned(), "OpenSSH_9.2p1".to_owned())]);
}

#[test]
fn accepts_version_1_99_and_a_bare_line_feed() {
    let peer = script().says("SSH-1.99-Cisco-1.25\n").hears(IDENTIFICATION);
    assert_eq!(peer.run::<Ssh>().unwrap().summary, "Cisco-1.25");
}

#[test]
fn skips_lines_before_the_identification() {
    let peer = script().says("Welcome\r\nto this host\r\n").says("SSH-2.0-x\r\n").hears(IDENTIFICATION);
    assert!(peer.run::<Ssh>().is_ok());
}

#[test]
fn refuses_another_version() {
    assert!(refused(script().says("SSH-1.5-old\r\n").run::<Ssh>()).contains("\"1.5\""));
    assert!(refused(script().says("SSH-2.0\r\n").run::<Ssh>()).contains("software"));
    assert!(refused(script().says("SSH-\r\n").run::<Ssh>()).contains("\"\""));
}

#[test]
fn refuses_other_protocols() {
    assert!(refused(script().says("HTTP/1.1 400 Bad Request\r\n\r\n").run::<Ssh>()).contains("HTTP"));
    assert!(refused(script().says("220 mail ESMTP\r\n").run::<Ssh>()).contains("identify"));
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("hello\r\n").run::<Ssh>()).contains("50 lines"));
    assert!(refused(script().repeats("x").run::<Ssh>()).contains("255 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Ssh>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("SSH-2.0-cut").run::<Ssh>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Ssh>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().breaks().run::<Ssh>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["SSH-2.0-x\r\n", "SSH-", "HTTP/1.1 200 OK\r\n", "\r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Ssh>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Ssh>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
