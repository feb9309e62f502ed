//! Good and bad peers for the IMAP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Imap;

fn greeted() -> Script {
    script().says("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot (Debian) ready.\r\n")
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("A5 LOGOUT\r\n").says("* BYE Logging out\r\nA5 OK Logout completed.\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "fred").with("password", "tanstaaf")
}

/// A server that can do this.
fn can(words: &str) -> Script {
    greeted().hears("A2 CAPABILITY\r\n").says(format!("* CAPABILITY IMAP4rev1 {words}\r\nA2 OK done\r\n"))
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no IMAP: {other:?}"),
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
    assert_eq!(bids_farewell(greeted()).run::<Imap>().unwrap().summary, "Dovecot (Debian) ready.");
    let short = script().says("* ok\r\n").hears("A5 LOGOUT\r\n").says("* 3 EXISTS\r\n* bye\r\n");
    assert!(short.run::<Imap>().is_ok());
    assert!(bids_farewell(script().says("* PREAUTH hello\r\n")).run::<Imap>().is_ok());
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("* BYE [UNAVAILABLE] too many connections\r\n");
    assert_eq!(rejected(busy.run::<Imap>()), "[UNAVAILABLE] too many connections");
    assert_eq!(rejected(greeted().hears("A5 LOGOUT\r\n").says("A5 BAD what?\r\n").run::<Imap>()), "BAD what?");
}

#[test]
fn logs_in_by_plain_where_it_is_offered() {
    let asks = can("AUTH=PLAIN").hears("A3 AUTHENTICATE PLAIN\r\n").says("+ \r\n").hears("AGZyZWQAdGFuc3RhYWY=\r\n");
    let good = bids_farewell(asks.clone().says("* CAPABILITY IMAP4rev1\r\nA3 OK Logged in\r\n"));
    assert_eq!(user(good).run::<Imap>().unwrap().summary, "Dovecot (Debian) ready., logged in");
    let wrong = asks.says("A3 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n");
    assert_eq!(rejected(user(wrong).run::<Imap>()), "[AUTHENTICATIONFAILED] Authentication failed.");
    let not_now = can("AUTH=PLAIN").hears("A3 AUTHENTICATE PLAIN\r\n").says("A3 NO [UNAVAILABLE] later\r\n");
    assert_eq!(rejected(user(not_now).run::<Imap>()), "NO [UNAVAILABLE] later");
}

#[test]
fn logs_in_by_login_where_only_that_is_offered() {
    let good = can("IDLE").hears("A4 LOGIN \"fr\\\"e\\\\d\" \"tan staaf\"\r\n").says("A4 OK in\r\n");
    let good = bids_farewell(good).with("username", "fr\"e\\d").with("password", "tan staaf");
    assert!(good.run::<Imap>().is_ok());
    let wrong = can("IDLE").hears("A4 LOGIN \"fred\" \"tanstaaf\"\r\n").says("A4 NO wrong\r\n");
    assert_eq!(rejected(user(wrong).run::<Imap>()), "wrong");
    let odd = can("IDLE").with("username", "fréd").with("password", "p").run::<Imap>();
    assert!(matches!(odd, Err(Failure::Misconfigured(_))), "{odd:?}");
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    assert!(refused(user(can("LOGINDISABLED")).run::<Imap>()).contains("not encrypted"));
    assert!(refused(user(can("LOGINDISABLED")).encrypted().run::<Imap>()).contains("neither"));
    let silent = greeted().hears("A2 CAPABILITY\r\n").says("A2 OK done\r\n");
    assert!(refused(user(silent).run::<Imap>()).contains("what it can do"));
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = can("IDLE").hears_anything().says("A4 NO tanstaaf is wrong\r\n");
    assert!(!rejected(user(peer).run::<Imap>()).contains("tanstaaf"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    let peer = can("IDLE").with("username", "a\"\r\nA9 DELETE x").with("password", "p");
    let check = peer.run::<Imap>();
    assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("A1 STARTTLS\r\n").wants_start_tls();
    let good = asks.clone().says("A1 OK Begin TLS negotiation now.\r\n").starts_tls();
    assert!(bids_farewell(good).run::<Imap>().is_ok());
    assert_eq!(
        rejected(asks.clone().says("A1 BAD TLS support isn't enabled.\r\n").run::<Imap>()),
        "TLS support isn't enabled."
    );
    assert_eq!(asks.clone().says("A1 OK\r\n").refuses_tls().run::<Imap>(), Err(Failure::Io(IoError::Tls)));
    let injected = asks.says("A1 OK go\r\n* BYE\r\n");
    assert_eq!(injected.run::<Imap>(), Err(Failure::Io(IoError::Tls)));
    let logged_in = script().says("* PREAUTH hello\r\n").wants_start_tls();
    assert!(refused(logged_in.run::<Imap>()).contains("cannot begin"));
}

#[test]
fn refuses_what_is_no_imap() {
    for other in ["SSH-2.0-OpenSSH_9.2\r\n", "+OK POP3\r\n", "220 mail\r\n", "* NO\r\n", "\u{15}\u{3}\u{1}\u{2}\n"] {
        assert!(refused(script().says(other).run::<Imap>()).contains("* OK"), "{other:?}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("* OK ").run::<Imap>()).contains("8192 bytes"));
    let endless = greeted().hears("A5 LOGOUT\r\n").repeats("* 1 EXISTS\r\n");
    assert!(refused(endless.run::<Imap>()).contains("200 lines"));
    let literal = greeted().hears("A2 CAPABILITY\r\n").says("* X {4294967295}\r\n").repeats("x");
    assert!(refused(user(literal).run::<Imap>()).contains("4294967295"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Imap>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("* OK cu").run::<Imap>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Imap>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().breaks().run::<Imap>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    "* OK x\r\n",
    "* CAPABILITY AUTH=PLAIN\r\n",
    "A1 OK\r\n",
    "A2 OK\r\n",
    "+ \r\n",
    "A3 OK\r\n",
    "A4 OK\r\n",
    "* X {3}\r\n",
    "* BYE\r\n",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Imap>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Imap>(&[head.to_vec(), b"* OK x\r\n".to_vec(), pieces.concat()].concat()).ok();
    }
}
