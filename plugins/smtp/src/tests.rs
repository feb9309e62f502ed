//! Good and bad peers for the SMTP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Smtp;

const OFFERS: &str =
    "250-mail.example\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n";

/// A server that has greeted and said what it offers.
fn greeted(offers: &str) -> Script {
    script().says("220 mail.example ESMTP Postfix\r\n").hears("EHLO localhost\r\n").says(offers)
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("QUIT\r\n").says("221 2.0.0 Bye\r\n")
}

fn user(peer: Script) -> Script {
    peer.with("username", "tim").with("password", "tanstaaf")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no SMTP: {other:?}"),
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
    let outcome = bids_farewell(greeted(OFFERS)).run::<Smtp>().unwrap();
    assert_eq!(outcome.summary, "mail.example ESMTP Postfix");
    let lines = script().says("220-mail\r\n220 second line\r\n").hears("EHLO localhost\r\n").says("250 mail\r\n");
    assert!(bids_farewell(lines).run::<Smtp>().is_ok());
}

#[test]
fn says_hello_in_the_old_way_where_the_new_one_is_not_known() {
    let old = greeted("502 what?\r\n").hears("HELO localhost\r\n").says("250 mail\r\n");
    assert!(bids_farewell(old).run::<Smtp>().is_ok());
    let neither = greeted("500 what?\r\n").hears("HELO localhost\r\n").says("500 what?\r\n");
    assert_eq!(rejected(neither.run::<Smtp>()), "500 what?");
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("421 4.7.0 mail.example too many connections\r\n");
    assert_eq!(rejected(busy.run::<Smtp>()), "421 4.7.0 mail.example too many connections");
    assert_eq!(rejected(script().says("554 not you\r\n").run::<Smtp>()), "554 not you");
    assert_eq!(rejected(greeted("421 shutting down\r\n").run::<Smtp>()), "421 shutting down");
    assert_eq!(rejected(greeted(OFFERS).hears("QUIT\r\n").says("500 no\r\n").run::<Smtp>()), "500 no");
}

#[test]
fn logs_in_by_plain_where_it_is_offered() {
    let hears = greeted(OFFERS).hears("AUTH PLAIN AHRpbQB0YW5zdGFhZg==\r\n");
    let good = hears.clone().says("235 2.7.0 Authentication successful\r\n");
    assert!(user(bids_farewell(good)).run::<Smtp>().unwrap().summary.ends_with("logged in"));
    let wrong = hears.says("535 5.7.8 Error: authentication failed\r\n");
    assert_eq!(rejected(user(wrong).run::<Smtp>()), "535 5.7.8 Error: authentication failed");
}

#[test]
fn logs_in_by_login_where_only_that_is_offered() {
    let hears = greeted("250-mail\r\n250 AUTH=login\r\n")
        .hears("AUTH LOGIN\r\n")
        .says("334 VXNlcm5hbWU6\r\n")
        .hears("dGlt\r\n")
        .says("334 UGFzc3dvcmQ6\r\n")
        .hears("dGFuc3RhYWY=\r\n");
    assert!(user(bids_farewell(hears.clone().says("235 ok\r\n"))).run::<Smtp>().is_ok());
    assert_eq!(rejected(user(hears.says("535 no\r\n")).run::<Smtp>()), "535 no");
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    assert!(refused(user(greeted("250 mail\r\n")).run::<Smtp>()).contains("not encrypted"));
    assert!(refused(user(greeted("250 mail\r\n")).encrypted().run::<Smtp>()).contains("neither PLAIN nor LOGIN"));
    assert!(refused(user(greeted("250 AUTH GSSAPI\r\n")).run::<Smtp>()).contains("neither PLAIN nor LOGIN"));
}

#[test]
fn nobody_logs_in_without_a_password() {
    assert!(bids_farewell(greeted(OFFERS)).with("username", "tim").run::<Smtp>().is_ok());
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    for repeated in ["tanstaaf", "AHRpbQB0YW5zdGFhZg=="] {
        let peer = greeted(OFFERS).hears_anything().says(format!("535 I do not know {repeated}\r\n"));
        let said = rejected(user(peer).run::<Smtp>());
        assert!(!said.contains(repeated), "{said}");
    }
}

#[test]
fn begins_encryption_and_says_hello_again() {
    let peer = greeted(OFFERS)
        .hears("STARTTLS\r\n")
        .says("220 2.0.0 Ready to start TLS\r\n")
        .starts_tls()
        .hears("EHLO localhost\r\n")
        .says("250 mail.example\r\n");
    assert!(bids_farewell(peer).wants_start_tls().run::<Smtp>().is_ok());
}

#[test]
fn encryption_that_does_not_come_about_is_an_error() {
    assert!(refused(greeted("250 mail\r\n").wants_start_tls().run::<Smtp>()).contains("STARTTLS"));
    let asks = greeted(OFFERS).hears("STARTTLS\r\n").wants_start_tls();
    let unready = asks.clone().says("454 4.7.0 TLS not available due to local problem\r\n");
    assert!(rejected(unready.run::<Smtp>()).starts_with("454"));
    let broken = asks.clone().says("220 go\r\n").refuses_tls();
    assert_eq!(broken.run::<Smtp>(), Err(Failure::Io(IoError::Tls)));
    // What somebody puts in before encryption begins would count as said by the server.
    let injected = asks.says("220 go\r\n250 mail\r\n");
    assert_eq!(injected.run::<Smtp>(), Err(Failure::Io(IoError::Tls)));
}

#[test]
fn refuses_what_is_no_smtp() {
    assert!(refused(script().says("SSH-2.0-OpenSSH_9.2\r\n").run::<Smtp>()).contains("three digits"));
    assert!(refused(script().says("+OK POP3\r\n").run::<Smtp>()).contains("three digits"));
    assert!(refused(script().says("\u{15}\u{3}\u{1}\u{0}\u{2}\n").run::<Smtp>()).contains("three digits"));
    let ftp = script().says("220 (vsFTPd 3.0.3)\r\n").hears("EHLO localhost\r\n").says("530 Please login.\r\n");
    let ftp = ftp.hears("HELO localhost\r\n").says("530 Please login.\r\n");
    assert_eq!(rejected(ftp.run::<Smtp>()), "530 Please login.");
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("220-more\r\n").run::<Smtp>()).contains("200 lines"));
    assert!(refused(script().repeats("x").run::<Smtp>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Smtp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("220 cu").run::<Smtp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(greeted("250-more\r\n").run::<Smtp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Smtp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().says("220 mail\r\n").breaks().run::<Smtp>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["220 mail\r\n", "250-STARTTLS\r\n", "250 AUTH PLAIN LOGIN\r\n", "334 \r\n", "235 \r\n", "500 \r\n", "221 \r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Smtp>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Smtp>(&[head.to_vec(), b"220 mail\r\n".to_vec(), pieces.concat()].concat()).ok();
    }
}
