//! Good and bad peers for the ManageSieve probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Sieve;

const CAN: &str = "\"IMPLEMENTATION\" \"Dovecot (Debian) Pigeonhole\"\r\n\"SIEVE\" \"fileinto reject envelope\"\r\n\
                   \"SASL\" \"PLAIN LOGIN\"\r\n\"STARTTLS\"\r\n\"VERSION\" \"1.0\"\r\nOK \"Dovecot (Debian) ready.\"\r\n";

fn greeted() -> Script {
    script().says(CAN)
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("LOGOUT\r\n").says("OK \"Logout completed.\"\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "tim").with("password", "tanstaaf")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no ManageSieve: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the probe should be told no: {other:?}"),
    }
}

#[test]
fn says_what_it_can_do_and_goodbye() {
    let outcome = bids_farewell(greeted()).run::<Sieve>().unwrap();
    assert_eq!(outcome.summary, "Dovecot (Debian) Pigeonhole");
    assert_eq!(outcome.facts, [("implementation".to_owned(), "Dovecot (Debian) Pigeonhole".to_owned())]);
    assert!(script().says("ok\r\n").hears("LOGOUT\r\n").says("OK\r\n").run::<Sieve>().is_ok());
    let drips = CAN.bytes().fold(script(), |peer, byte| peer.says([byte]));
    assert!(bids_farewell(drips).run::<Sieve>().is_ok());
}

#[test]
fn texts_may_be_announced_with_their_length() {
    let can = "{14}\r\nIMPLEMENTATION {5+}\r\na\r\nb\"\r\n\"SIEVE\" \"x\"\r\nOK (TAG {2}\r\n\"() {3}\r\nyes\r\n";
    let outcome = bids_farewell(script().says(can)).run::<Sieve>().unwrap();
    assert_eq!(outcome.summary, "a\r\nb\"");
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let busy = script().says("BYE (TRYLATER) \"Too many \\\"guests\\\"\"\r\n");
    assert_eq!(rejected(busy.run::<Sieve>()), "BYE Too many \"guests\"");
    assert_eq!(rejected(script().says("NO (QUOTA)\r\n").run::<Sieve>()), "NO (QUOTA)");
    assert_eq!(rejected(greeted().hears("LOGOUT\r\n").says("NO\r\n").run::<Sieve>()), "NO");
}

#[test]
fn logs_in() {
    let asks = user(greeted()).hears("AUTHENTICATE \"PLAIN\" \"AHRpbQB0YW5zdGFhZg==\"\r\n");
    let good = bids_farewell(asks.clone().says("OK \"Logged in.\"\r\n"));
    assert!(good.run::<Sieve>().unwrap().summary.ends_with(", logged in"));
    let wrong = asks.clone().says("NO \"Authentication failed.\"\r\n");
    assert_eq!(rejected(wrong.run::<Sieve>()), "NO Authentication failed.");
    assert!(!rejected(asks.clone().says("NO \"not tanstaaf\"\r\n").run::<Sieve>()).contains("tanstaaf"));
    // Somebody who wants to know more than PLAIN has to say.
    assert_eq!(asks.says("\"more?\"\r\n").run::<Sieve>(), Err(Failure::Io(IoError::Closed)));
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    let shy = user(script().says("\"SASL\" \"\"\r\n\"STARTTLS\"\r\nOK\r\n"));
    assert!(refused(shy.clone().run::<Sieve>()).contains("not encrypted"));
    assert!(!refused(shy.encrypted().run::<Sieve>()).contains("not encrypted"));
    assert!(refused(user(script().says("OK\r\n")).run::<Sieve>()).contains("PLAIN"));
}

#[test]
fn begins_encryption_and_hears_again_what_the_server_can_do() {
    let asks = greeted().hears("STARTTLS\r\n").wants_start_tls();
    let agreed = asks.clone().says("OK \"Begin TLS negotiation now.\"\r\n");
    assert!(bids_farewell(agreed.clone().starts_tls().says(CAN)).run::<Sieve>().is_ok());
    // What was said before encryption does not count.
    let other = agreed.clone().starts_tls().says("\"SASL\" \"SCRAM-SHA-1\"\r\nOK\r\n");
    assert!(refused(user(other).run::<Sieve>()).contains("PLAIN"));
    assert_eq!(rejected(asks.clone().says("NO \"not now\"\r\n").run::<Sieve>()), "NO not now");
    assert_eq!(agreed.clone().refuses_tls().run::<Sieve>(), Err(Failure::Io(IoError::Tls)));
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(agreed.says(CAN).run::<Sieve>(), Err(Failure::Io(IoError::Tls)));
    assert!(refused(script().says("OK\r\n").wants_start_tls().run::<Sieve>()).contains("STARTTLS"));
}

#[test]
fn refuses_what_is_no_managesieve() {
    for other in
        ["SSH-2.0-OpenSSH_9.2\r\n", "+OK POP3\r\n", "* OK IMAP4rev1\r\n", "220 mail\r\n", "\u{15}\u{3}\u{1}\n", "\r\n"]
    {
        assert!(refused(script().says(other).run::<Sieve>()).contains("ManageSieve"), "{other:?}");
    }
    assert!(refused(script().says("\"SIEVE\r\n").run::<Sieve>()).contains("quote"));
    for odd in ["{x}\r\n", "{12\r\n", "{-1}\r\n", "{99999999999}\r\n"] {
        assert!(refused(script().says(odd).run::<Sieve>()).contains("how long"), "{odd:?}");
    }
}

#[test]
fn what_has_no_end_or_an_absurd_length_is_refused() {
    assert!(refused(script().repeats("\"SIEVE\"\r\n").run::<Sieve>()).contains("100 lines"));
    assert!(refused(script().repeats("\"SIEVE\" ").run::<Sieve>()).contains("8192 bytes"));
    assert!(refused(script().says("{4294967295}\r\n").repeats("x").run::<Sieve>()).contains("4294967295"));
    assert!(refused(script().repeats("{0}\r\n").run::<Sieve>()).contains("20 texts"));
    assert!(refused(script().says("\"\"".repeat(21)).says("\r\n").run::<Sieve>()).contains("20 texts"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Sieve>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("\"SIEVE\" \"x\"\r\n").run::<Sieve>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Sieve>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().breaks().run::<Sieve>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    CAN,
    "OK\r\n",
    "NO (X) \"y\"\r\n",
    "BYE\r\n",
    "\"SASL\" \"PLAIN\"\r\n",
    "{3}\r\n",
    "{0+}\r\n",
    "\"",
    "(",
    "\\",
    "\r\n",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Sieve>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Sieve>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
