//! Good and bad peers for the NNTP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Nntp;

fn greeted() -> Script {
    script().says("200 news.example InterNetNews NNRP server INN 2.7.1 ready (posting ok)\r\n")
}

fn read_only() -> Script {
    script().says("201 news.example ready (no posting)\r\n")
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("QUIT\r\n").says("205 Bye!\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "tim").with("password", "tanstaaf")
}

fn logged_in(peer: Script) -> Script {
    let named = user(peer).hears("AUTHINFO USER tim\r\n").says("381 Enter password\r\n");
    named.hears("AUTHINFO PASS tanstaaf\r\n").says("281 Authentication succeeded\r\n")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no NNTP: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the probe should be told no: {other:?}"),
    }
}

#[test]
fn greets_and_says_goodbye() {
    let outcome = bids_farewell(greeted()).run::<Nntp>().unwrap();
    assert_eq!(outcome.summary, "news.example InterNetNews NNRP server INN 2.7.1 ready (posting ok)");
    assert_eq!(outcome.facts, [("posting".to_owned(), "allowed".to_owned())]);
    let drips = "200 x\r\n".bytes().fold(script(), |peer, byte| peer.says([byte]));
    assert!(bids_farewell(drips).run::<Nntp>().is_ok());
}

#[test]
fn a_server_that_lets_nobody_post_fails_unless_the_rule_allows_it() {
    match read_only().run::<Nntp>() {
        Err(Failure::Mismatch { expected, found, .. }) => {
            assert_eq!((expected.as_str(), found.as_str()), ("200", "201 news.example ready (no posting)"));
        }
        other => panic!("{other:?}"),
    }
    let allowed = bids_farewell(read_only()).with("posting", Value::Boolean(false)).run::<Nntp>().unwrap();
    assert_eq!(allowed.facts, [("posting".to_owned(), "prohibited".to_owned())]);
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    for said in ["400 Server temporarily unavailable", "502 You have no permission to talk. Goodbye.", "480 no"] {
        assert_eq!(rejected(script().says(format!("{said}\r\n")).run::<Nntp>()), said);
    }
    assert_eq!(rejected(greeted().hears("QUIT\r\n").says("500 What?\r\n").run::<Nntp>()), "500 What?");
    assert_eq!(rejected(script().says("220 mail ESMTP\r\n").run::<Nntp>()), "220 mail ESMTP");
}

const CAN: &str = "101 Capability list:\r\nVERSION 2\r\nREADER\r\nPOST\r\n.\r\n";

#[test]
fn logs_in() {
    let outcome = bids_farewell(logged_in(greeted()).hears("CAPABILITIES\r\n").says(CAN)).run::<Nntp>().unwrap();
    assert!(outcome.summary.ends_with(", logged in"));
    // A server that knows the user wants no password.
    let known = user(greeted()).hears("AUTHINFO USER tim\r\n").says("281 welcome\r\n");
    assert!(bids_farewell(known.hears("CAPABILITIES\r\n").says("500 What?\r\n")).run::<Nntp>().is_ok());
}

#[test]
fn whether_people_may_post_is_asked_when_they_have_logged_in() {
    for peer in [read_only(), greeted()] {
        let asks = logged_in(peer).hears("CAPABILITIES\r\n");
        assert!(bids_farewell(asks.clone().says(CAN)).run::<Nntp>().is_ok());
        let less = asks.says("101 list\r\nVERSION 2\r\nPOSTER\r\n.\r\n");
        assert!(matches!(less.run::<Nntp>(), Err(Failure::Mismatch { .. })));
    }
    let asks = logged_in(read_only()).hears("CAPABILITIES\r\n");
    assert!(matches!(asks.clone().says("500 What?\r\n").run::<Nntp>(), Err(Failure::Mismatch { .. })));
    assert!(refused(asks.clone().says("101 list\r\n").repeats("X\r\n").run::<Nntp>()).contains("200 lines"));
    assert!(refused(asks.says("101 list\r\n").repeats("X").run::<Nntp>()).contains("1024 bytes"));
}

#[test]
fn a_wrong_password_fails_and_is_not_repeated() {
    let named = user(greeted()).hears("AUTHINFO USER tim\r\n");
    let asked = named.clone().says("381 go on\r\n").hears("AUTHINFO PASS tanstaaf\r\n");
    assert_eq!(
        rejected(asked.clone().says("481 Authentication failed\r\n").run::<Nntp>()),
        "481 Authentication failed"
    );
    assert!(!rejected(asked.says("481 not tanstaaf\r\n").run::<Nntp>()).contains("tanstaaf"));
    let plain = "483 Encryption or stronger authentication required";
    assert_eq!(rejected(named.clone().says(format!("{plain}\r\n")).run::<Nntp>()), plain);
    let odd = greeted().with("username", "a\r\nPOST").run::<Nntp>();
    assert!(matches!(odd, Err(Failure::Misconfigured(_))), "{odd:?}");
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("STARTTLS\r\n").wants_start_tls();
    assert!(bids_farewell(asks.clone().says("382 Begin TLS negotiation now\r\n").starts_tls()).run::<Nntp>().is_ok());
    assert_eq!(rejected(asks.clone().says("580 not now\r\n").run::<Nntp>()), "580 not now");
    assert_eq!(asks.clone().says("382 go\r\n").refuses_tls().run::<Nntp>(), Err(Failure::Io(IoError::Tls)));
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(asks.says("382 go\r\n205 Bye\r\n").run::<Nntp>(), Err(Failure::Io(IoError::Tls)));
}

#[test]
fn refuses_what_is_no_nntp() {
    for other in ["SSH-2.0-OpenSSH_9.2\r\n", "+OK POP3\r\n", "* OK IMAP4rev1\r\n", "\u{15}\u{3}\u{1}\u{0}\u{2}\n"] {
        assert!(refused(script().says(other).run::<Nntp>()).contains("three digits"), "{other:?}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("200").run::<Nntp>()).contains("8192 bytes"));
    assert!(refused(script().repeats("200-x\r\n").run::<Nntp>()).contains("200 lines"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Nntp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("200 cu").run::<Nntp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Nntp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().breaks().run::<Nntp>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["200 x\r\n", "201 x\r\n", "381 x\r\n", "281 x\r\n", "382 x\r\n", "101 x\r\nPOST\r\n.\r\n", "205 x\r\n", "\r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Nntp>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Nntp>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
