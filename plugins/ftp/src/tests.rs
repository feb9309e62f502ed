//! Good and bad peers for the FTP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Ftp;

fn greeted() -> Script {
    script().says("220 (vsFTPd 3.0.3)\r\n")
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("QUIT\r\n").says("221 Goodbye.\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "anna").with("password", "geheim")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no FTP: {other:?}"),
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
    assert_eq!(bids_farewell(greeted()).run::<Ftp>().unwrap().summary, "(vsFTPd 3.0.3)");
    // Of the lines between, only the first and the last have the number (RFC 959, section 4.2).
    let lines = script().says("220-Welcome\r\n 230 is no end\r\nnor this\r\n220 ready\r\n");
    assert_eq!(bids_farewell(lines).run::<Ftp>().unwrap().summary, "Welcome");
    let later = script().says("120 ready in 0 minutes\r\n").says("220 ready\r\n");
    assert_eq!(bids_farewell(later).run::<Ftp>().unwrap().summary, "ready");
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("421 There are too many connected users, please try later.\r\n");
    assert_eq!(rejected(busy.run::<Ftp>()), "421 There are too many connected users, please try later.");
    assert_eq!(rejected(script().says("500 OOPS: vsftpd: refusing\r\n").run::<Ftp>()), "500 OOPS: vsftpd: refusing");
    assert_eq!(rejected(greeted().hears("QUIT\r\n").says("500 what?\r\n").run::<Ftp>()), "500 what?");
    assert!(refused(script().repeats("120 soon\r\n").run::<Ftp>()).contains("10 times"));
}

#[test]
fn logs_in_where_a_user_is_given() {
    let asks = greeted().hears("USER anna\r\n").says("331 Please specify the password.\r\n").hears("PASS geheim\r\n");
    let good = bids_farewell(asks.clone().says("230 Login successful.\r\n"));
    assert_eq!(user(good).run::<Ftp>().unwrap().summary, "(vsFTPd 3.0.3), logged in");
    assert_eq!(rejected(user(asks.says("530 Login incorrect.\r\n")).run::<Ftp>()), "530 Login incorrect.");
    let trusted = bids_farewell(greeted().hears("USER anna\r\n").says("230 in\r\n"));
    assert!(user(trusted).run::<Ftp>().is_ok());
    let account = greeted().hears("USER anna\r\n").says("332 Need account for login.\r\n");
    assert_eq!(rejected(user(account).run::<Ftp>()), "332 Need account for login.");
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = greeted().hears_anything().says("331 \r\n").hears_anything().says("530 geheim is wrong\r\n");
    assert!(!rejected(user(peer).run::<Ftp>()).contains("geheim"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    for (username, password) in [("a\r\nDELE x", "p"), ("a", "p\r\nDELE x")] {
        let peer = greeted().hears("USER a\r\n").says("331 \r\n").with("username", username).with("password", password);
        let check = peer.run::<Ftp>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
    }
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("AUTH TLS\r\n").wants_start_tls();
    let good = asks.clone().says("234 Proceed with negotiation.\r\n").starts_tls();
    assert!(bids_farewell(good).run::<Ftp>().is_ok());
    assert_eq!(rejected(asks.clone().says("530 Please login.\r\n").run::<Ftp>()), "530 Please login.");
    let broken = asks.clone().says("234 go\r\n").refuses_tls();
    assert_eq!(broken.run::<Ftp>(), Err(Failure::Io(IoError::Tls)));
    let injected = asks.says("234 go\r\n230 in\r\n");
    assert_eq!(injected.run::<Ftp>(), Err(Failure::Io(IoError::Tls)));
}

#[test]
fn refuses_what_is_no_ftp() {
    assert!(refused(script().says("SSH-2.0-OpenSSH_9.2\r\n").run::<Ftp>()).contains("three digits"));
    assert!(refused(script().says("* OK IMAP4rev1\r\n").run::<Ftp>()).contains("three digits"));
    assert!(refused(script().says("220\u{0}\r\n").run::<Ftp>()).contains("three digits"));
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().says("220-a\r\n").repeats("more\r\n").run::<Ftp>()).contains("200 lines"));
    assert!(refused(script().repeats("x").run::<Ftp>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Ftp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("220 cu").run::<Ftp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Ftp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().breaks().run::<Ftp>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["220 x\r\n", "220-x\r\n", "120 \r\n", "234 \r\n", "331 \r\n", "230 \r\n", "221 \r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Ftp>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Ftp>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
