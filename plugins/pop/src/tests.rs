//! Good and bad peers for the POP3 probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Pop;

fn greeted() -> Script {
    script().says("+OK Dovecot (Debian) ready.\r\n")
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("QUIT\r\n").says("+OK Logging out\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "mrose").with("password", "tanstaaf")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no POP3: {other:?}"),
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
    assert_eq!(bids_farewell(greeted()).run::<Pop>().unwrap().summary, "Dovecot (Debian) ready.");
    assert!(bids_farewell(script().says("+OK\n")).run::<Pop>().is_ok());
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("-ERR [SYS/TEMP] too many connections\r\n");
    assert_eq!(rejected(busy.run::<Pop>()), "[SYS/TEMP] too many connections");
    assert_eq!(rejected(greeted().hears("QUIT\r\n").says("-ERR no\r\n").run::<Pop>()), "no");
}

#[test]
fn logs_in_where_a_user_is_given() {
    let asks = greeted().hears("USER mrose\r\n").says("+OK\r\n").hears("PASS tanstaaf\r\n");
    let good = asks.clone().says("+OK Logged in.\r\n").hears("STAT\r\n").says("+OK 2 320\r\n");
    let outcome = user(bids_farewell(good)).run::<Pop>().unwrap();
    assert_eq!(outcome.metrics, [("messages".to_owned(), 2.0), ("mailbox_size".to_owned(), 320.0)]);
    let wrong = asks.clone().says("-ERR [AUTH] Authentication failed.\r\n");
    assert_eq!(rejected(user(wrong).run::<Pop>()), "[AUTH] Authentication failed.");
    let in_use = asks.clone().says("-ERR [IN-USE] the mailbox is locked\r\n");
    assert!(rejected(user(in_use).run::<Pop>()).starts_with("[IN-USE]"));
    let odd = asks.says("+OK\r\n").hears("STAT\r\n").says("+OK many\r\n");
    assert!(refused(user(odd).run::<Pop>()).contains("how many"));
    let plain = greeted().hears("USER mrose\r\n").says("-ERR [AUTH] Cleartext authentication disallowed.\r\n");
    assert!(rejected(user(plain).run::<Pop>()).contains("Cleartext"));
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = greeted().hears_anything().says("+OK\r\n").hears_anything().says("-ERR tanstaaf is wrong\r\n");
    assert!(!rejected(user(peer).run::<Pop>()).contains("tanstaaf"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    for (username, password) in [("a\r\nDELE 1", "p"), ("a", "p\r\nDELE 1")] {
        let peer = greeted().hears("USER a\r\n").says("+OK\r\n").with("username", username).with("password", password);
        let check = peer.run::<Pop>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
    }
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("STLS\r\n").wants_start_tls();
    let good = asks.clone().says("+OK Begin TLS negotiation now.\r\n").starts_tls();
    assert!(bids_farewell(good).run::<Pop>().is_ok());
    assert_eq!(
        rejected(asks.clone().says("-ERR TLS support isn't enabled.\r\n").run::<Pop>()),
        "TLS support isn't enabled."
    );
    assert_eq!(asks.clone().says("+OK\r\n").refuses_tls().run::<Pop>(), Err(Failure::Io(IoError::Tls)));
    let injected = asks.says("+OK go\r\n+OK in\r\n");
    assert_eq!(injected.run::<Pop>(), Err(Failure::Io(IoError::Tls)));
}

#[test]
fn refuses_what_is_no_pop3() {
    for other in ["SSH-2.0-OpenSSH_9.2\r\n", "* OK IMAP4rev1\r\n", "220 mail\r\n", "\u{15}\u{3}\u{1}\u{0}\u{2}\n"] {
        assert!(refused(script().says(other).run::<Pop>()).contains("+OK"), "{other:?}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("+OK ").run::<Pop>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Pop>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("+OK cu").run::<Pop>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Pop>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().breaks().run::<Pop>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["+OK\r\n", "+OK 2 320\r\n", "-ERR x\r\n", "\r\n", "+OK 99999999999999999999 1\r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Pop>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Pop>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
