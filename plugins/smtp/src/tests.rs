//! Good and bad peers for the SMTP probe.

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

#[test]
fn greets_and_says_goodbye() {
    let outcome = bids_farewell(greeted(OFFERS)).passes::<Smtp>();
    assert_eq!(outcome.summary, "mail.example ESMTP Postfix");
    let lines = script().says("220-mail\r\n220 second line\r\n").hears("EHLO localhost\r\n").says("250 mail\r\n");
    bids_farewell(lines).passes::<Smtp>();
}

#[test]
fn says_hello_in_the_old_way_where_the_new_one_is_not_known() {
    let old = greeted("502 what?\r\n").hears("HELO localhost\r\n").says("250 mail\r\n");
    bids_farewell(old).passes::<Smtp>();
    let neither = greeted("500 what?\r\n").hears("HELO localhost\r\n").says("500 what?\r\n");
    assert_eq!(neither.rejects::<Smtp>(), "500 what?");
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("421 4.7.0 mail.example too many connections\r\n");
    assert_eq!(busy.rejects::<Smtp>(), "421 4.7.0 mail.example too many connections");
    assert_eq!(script().says("554 not you\r\n").rejects::<Smtp>(), "554 not you");
    assert_eq!(greeted("421 shutting down\r\n").rejects::<Smtp>(), "421 shutting down");
    assert_eq!(greeted(OFFERS).hears("QUIT\r\n").says("500 no\r\n").rejects::<Smtp>(), "500 no");
}

#[test]
fn logs_in_by_plain_where_it_is_offered() {
    let hears = greeted(OFFERS).hears("AUTH PLAIN AHRpbQB0YW5zdGFhZg==\r\n");
    let good = hears.clone().says("235 2.7.0 Authentication successful\r\n");
    assert!(user(bids_farewell(good)).passes::<Smtp>().summary.ends_with("logged in"));
    let wrong = hears.says("535 5.7.8 Error: authentication failed\r\n");
    assert_eq!(user(wrong).rejects::<Smtp>(), "535 5.7.8 Error: authentication failed");
}

#[test]
fn logs_in_by_login_where_only_that_is_offered() {
    let hears = greeted("250-mail\r\n250 AUTH=login\r\n")
        .hears("AUTH LOGIN\r\n")
        .says("334 VXNlcm5hbWU6\r\n")
        .hears("dGlt\r\n")
        .says("334 UGFzc3dvcmQ6\r\n")
        .hears("dGFuc3RhYWY=\r\n");
    user(bids_farewell(hears.clone().says("235 ok\r\n"))).passes::<Smtp>();
    assert_eq!(user(hears.says("535 no\r\n")).rejects::<Smtp>(), "535 no");
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    assert!(user(greeted("250 mail\r\n")).is_foreign_to::<Smtp>().contains("not encrypted"));
    assert!(user(greeted("250 mail\r\n")).encrypted().is_foreign_to::<Smtp>().contains("neither PLAIN nor LOGIN"));
    assert!(user(greeted("250 AUTH GSSAPI\r\n")).is_foreign_to::<Smtp>().contains("neither PLAIN nor LOGIN"));
}

#[test]
fn nobody_logs_in_without_a_password() {
    bids_farewell(greeted(OFFERS)).with("username", "tim").passes::<Smtp>();
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    for repeated in ["tanstaaf", "AHRpbQB0YW5zdGFhZg=="] {
        let peer = greeted(OFFERS).hears_anything().says(format!("535 I do not know {repeated}\r\n"));
        let said = user(peer).rejects::<Smtp>();
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
    bids_farewell(peer).wants_start_tls().passes::<Smtp>();
}

#[test]
fn encryption_that_does_not_come_about_is_an_error() {
    assert!(greeted("250 mail\r\n").wants_start_tls().is_foreign_to::<Smtp>().contains("STARTTLS"));
    let asks = greeted(OFFERS).hears("STARTTLS\r\n").wants_start_tls();
    let unready = asks.clone().says("454 4.7.0 TLS not available due to local problem\r\n");
    assert!(unready.rejects::<Smtp>().starts_with("454"));
    let broken = asks.clone().says("220 go\r\n").refuses_tls();
    assert_eq!(broken.breaks_off::<Smtp>(), IoError::Tls);
    // What somebody puts in before encryption begins would count as said by the server.
    let injected = asks.says("220 go\r\n250 mail\r\n");
    assert_eq!(injected.breaks_off::<Smtp>(), IoError::Tls);
}

#[test]
fn refuses_what_is_no_smtp() {
    for (name, said) in strangers(&["SMTP"]) {
        assert!(script().says(said).is_foreign_to::<Smtp>().contains("three digits"), "{name}");
    }
    let ftp = script().says("220 (vsFTPd 3.0.3)\r\n").hears("EHLO localhost\r\n").says("530 Please login.\r\n");
    let ftp = ftp.hears("HELO localhost\r\n").says("530 Please login.\r\n");
    assert_eq!(ftp.rejects::<Smtp>(), "530 Please login.");
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("220-more\r\n").is_foreign_to::<Smtp>().contains("200 lines"));
    assert!(script().repeats("x").is_foreign_to::<Smtp>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted(OFFERS).hears("STARTTLS\r\n").says("220 go\r\n").starts_tls().wants_start_tls();
    let offers = guarded.hears("EHLO localhost\r\n").says("250-mail\r\n250 AUTH LOGIN\r\n");
    let asks = offers.hears("AUTH LOGIN\r\n").says("334 \r\n").hears("dGlt\r\n").says("334 \r\n");
    let asks = user(bids_farewell(asks.hears("dGFuc3RhYWY=\r\n").says("235 in\r\n")));
    asks.clone().needs_every_byte::<Smtp>();
    asks.drips().passes::<Smtp>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["220 mail\r\n", "250-STARTTLS\r\n", "250 AUTH PLAIN LOGIN\r\n", "334 \r\n", "235 \r\n", "500 \r\n", "221 \r\n"];

survives_any_peer!(Smtp, PIECES, after "220 mail\r\n");
