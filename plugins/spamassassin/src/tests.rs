//! Good and bad peers for the SpamAssassin probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::SpamAssassin;

fn pinged() -> Script {
    script().hears("PING SPAMC/1.2\r\n\r\n")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no spamd: {other:?}"),
    }
}

#[test]
fn answers_a_ping() {
    let outcome = pinged().says("SPAMD/1.5 0 PONG\r\n").run::<SpamAssassin>().unwrap();
    assert_eq!(outcome.facts, [("protocol_version".to_owned(), "1.5".to_owned())]);
    let drips = "SPAMD/1.0 0 pong\n".bytes().fold(pinged(), |peer, byte| peer.says([byte]));
    assert!(drips.run::<SpamAssassin>().is_ok());
}

#[test]
fn a_result_that_is_an_error_is_told() {
    let bad = pinged().says("SPAMD/1.0 76 Bad header line: PING\r\n").run::<SpamAssassin>();
    assert_eq!(bad, Err(Failure::Rejected("Bad header line: PING (result 76)".into())));
}

#[test]
fn refuses_other_protocols() {
    for other in [
        "HTTP/1.1 400 Bad Request\r\n",
        "220 mail ESMTP\r\n",
        "SPAMD/\r\n",
        "SPAMD/1.5\r\n",
        "SPAMD/1.5 x PONG\r\n",
        "SPAMD/ 0 PONG\r\n",
    ] {
        assert!(refused(pinged().says(other).run::<SpamAssassin>()).contains("as spamd does"), "{other}");
    }
    assert!(refused(pinged().says("SPAMD/1.5 0 PING\r\n").run::<SpamAssassin>()).contains("not with PONG"));
    assert!(refused(pinged().says("SPAMD/1.5 0\r\n").run::<SpamAssassin>()).contains("not with PONG"));
    let tls = pinged().says([21, 3, 3, 0, 2, 2, 70]).run::<SpamAssassin>();
    assert_eq!(tls, Err(Failure::Io(IoError::Closed)));
}

#[test]
fn a_line_without_end_is_refused() {
    assert!(refused(pinged().repeats("SPAMD/1.5 0 PONG").run::<SpamAssassin>()).contains("1024 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(pinged().run::<SpamAssassin>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(pinged().says("SPAMD/1.5 0 PO").run::<SpamAssassin>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(pinged().times_out().run::<SpamAssassin>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(pinged().breaks().run::<SpamAssassin>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["SPAMD/", "1.5", " 0", " PONG", "\r\n", " ", "99999999999999999999"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<SpamAssassin>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<SpamAssassin>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
