//! Good and bad peers for the FTP probe.

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

#[test]
fn greets_and_says_goodbye() {
    assert_eq!(bids_farewell(greeted()).passes::<Ftp>().summary, "(vsFTPd 3.0.3)");
    // Of the lines between, only the first and the last have the number (RFC 959, section 4.2).
    let lines = script().says("220-Welcome\r\n 230 is no end\r\nnor this\r\n220 ready\r\n");
    assert_eq!(bids_farewell(lines).passes::<Ftp>().summary, "Welcome");
    let later = script().says("120 ready in 0 minutes\r\n").says("220 ready\r\n");
    assert_eq!(bids_farewell(later).passes::<Ftp>().summary, "ready");
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("421 There are too many connected users, please try later.\r\n");
    assert_eq!(busy.rejects::<Ftp>(), "421 There are too many connected users, please try later.");
    assert_eq!(script().says("500 OOPS: vsftpd: refusing\r\n").rejects::<Ftp>(), "500 OOPS: vsftpd: refusing");
    assert_eq!(greeted().hears("QUIT\r\n").says("500 what?\r\n").rejects::<Ftp>(), "500 what?");
    assert!(script().repeats("120 soon\r\n").is_foreign_to::<Ftp>().contains("10 times"));
}

#[test]
fn logs_in_where_a_user_is_given() {
    let asks = greeted().hears("USER anna\r\n").says("331 Please specify the password.\r\n").hears("PASS geheim\r\n");
    let good = bids_farewell(asks.clone().says("230 Login successful.\r\n"));
    assert_eq!(user(good).passes::<Ftp>().summary, "(vsFTPd 3.0.3), logged in");
    assert_eq!(user(asks.says("530 Login incorrect.\r\n")).rejects::<Ftp>(), "530 Login incorrect.");
    let trusted = bids_farewell(greeted().hears("USER anna\r\n").says("230 in\r\n"));
    user(trusted).passes::<Ftp>();
    let account = greeted().hears("USER anna\r\n").says("332 Need account for login.\r\n");
    assert_eq!(user(account).rejects::<Ftp>(), "332 Need account for login.");
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = greeted().hears_anything().says("331 \r\n").hears_anything().says("530 geheim is wrong\r\n");
    assert!(!user(peer).rejects::<Ftp>().contains("geheim"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    for (username, password) in [("a\r\nDELE x", "p"), ("a", "p\r\nDELE x")] {
        let peer = greeted().hears("USER a\r\n").says("331 \r\n").with("username", username).with("password", password);
        assert!(peer.misconfigures::<Ftp>().contains("line break"));
    }
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(greeted().with("password", "geheim").misconfigures::<Ftp>().contains("no user"));
    assert!(user(greeted()).with("username", "").misconfigures::<Ftp>().contains("no name"));
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("AUTH TLS\r\n").wants_start_tls();
    let good = asks.clone().says("234 Proceed with negotiation.\r\n").starts_tls();
    bids_farewell(good).passes::<Ftp>();
    assert_eq!(asks.clone().says("530 Please login.\r\n").rejects::<Ftp>(), "530 Please login.");
    let broken = asks.clone().says("234 go\r\n").refuses_tls();
    assert_eq!(broken.breaks_off::<Ftp>(), IoError::Tls);
    let injected = asks.says("234 go\r\n230 in\r\n");
    assert_eq!(injected.breaks_off::<Ftp>(), IoError::Tls);
}

#[test]
fn refuses_what_is_no_ftp() {
    // A mail server greets alike.
    for (name, said) in strangers(&["SMTP"]) {
        assert!(script().says(said).is_foreign_to::<Ftp>().contains("three digits"), "{name}");
    }
    assert!(script().says("220\u{0}\r\n").is_foreign_to::<Ftp>().contains("three digits"));
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().says("220-a\r\n").repeats("more\r\n").is_foreign_to::<Ftp>().contains("200 lines"));
    assert!(script().repeats("x").is_foreign_to::<Ftp>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let slow = script().says("120 soon\r\n").says("220-Welcome\r\nnobody\r\n220 ready\r\n");
    let guarded = slow.hears("AUTH TLS\r\n").says("234 go\r\n").starts_tls().wants_start_tls();
    let asks = guarded.hears("USER anna\r\n").says("331 \r\n").hears("PASS geheim\r\n").says("230 in\r\n");
    user(bids_farewell(asks.clone())).needs_every_byte::<Ftp>();
    user(bids_farewell(asks).drips()).passes::<Ftp>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["220 x\r\n", "220-x\r\n", "120 \r\n", "234 \r\n", "331 \r\n", "230 \r\n", "221 \r\n"];

survives_any_peer!(Ftp, PIECES);
