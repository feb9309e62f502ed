//! Good and bad peers for the NNTP probe.

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

#[test]
fn greets_and_says_goodbye() {
    let outcome = bids_farewell(greeted()).passes::<Nntp>();
    assert_eq!(outcome.summary, "news.example InterNetNews NNRP server INN 2.7.1 ready (posting ok)");
    assert_eq!(outcome.facts, [("posting".to_owned(), "allowed".to_owned())]);
}

#[test]
fn a_server_that_lets_nobody_post_fails_unless_the_rule_allows_it() {
    let sentence =
        "the server's answer to people who want to post is 201 news.example ready (no posting), expected 200";
    assert_eq!(read_only().mismatches::<Nntp>(), sentence);
    let allowed = bids_farewell(read_only()).with("posting", Value::Boolean(false)).passes::<Nntp>();
    assert_eq!(allowed.facts, [("posting".to_owned(), "prohibited".to_owned())]);
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    for said in ["400 Server temporarily unavailable", "502 You have no permission to talk. Goodbye.", "480 no"] {
        assert_eq!(script().says(format!("{said}\r\n")).rejects::<Nntp>(), said);
    }
    assert_eq!(greeted().hears("QUIT\r\n").says("500 What?\r\n").rejects::<Nntp>(), "500 What?");
    assert_eq!(script().says("220 mail ESMTP\r\n").rejects::<Nntp>(), "220 mail ESMTP");
}

const CAN: &str = "101 Capability list:\r\nVERSION 2\r\nREADER\r\nPOST\r\n.\r\n";

#[test]
fn logs_in() {
    let outcome = bids_farewell(logged_in(greeted()).hears("CAPABILITIES\r\n").says(CAN)).passes::<Nntp>();
    assert!(outcome.summary.ends_with(", logged in"));
    // A server that knows the user wants no password.
    let known = user(greeted()).hears("AUTHINFO USER tim\r\n").says("281 welcome\r\n");
    bids_farewell(known.hears("CAPABILITIES\r\n").says("500 What?\r\n")).passes::<Nntp>();
}

#[test]
fn whether_people_may_post_is_asked_when_they_have_logged_in() {
    for peer in [read_only(), greeted()] {
        let asks = logged_in(peer).hears("CAPABILITIES\r\n");
        bids_farewell(asks.clone().says(CAN)).passes::<Nntp>();
        // What the greeting said of it does not count any more, and is not held against the server.
        let less = asks.says("101 list\r\nVERSION 2\r\nPOSTER\r\n.\r\n");
        let sentence = "the list of what the server can do for this user is one without POST, expected one with POST";
        assert_eq!(less.clone().mismatches::<Nntp>(), sentence);
        let allowed = bids_farewell(less).with("posting", Value::Boolean(false)).passes::<Nntp>();
        assert_eq!(allowed.facts, [("posting".to_owned(), "prohibited".to_owned())]);
    }
    let asks = logged_in(read_only()).hears("CAPABILITIES\r\n");
    assert!(asks.clone().says("500 What?\r\n").mismatches::<Nntp>().contains("201 news.example"));
    assert!(asks.clone().says("101 list\r\n").repeats("X\r\n").is_foreign_to::<Nntp>().contains("200 lines"));
    assert!(asks.says("101 list\r\n").repeats("X").is_foreign_to::<Nntp>().contains("1024 bytes"));
}

#[test]
fn a_wrong_password_fails_and_is_not_repeated() {
    let named = user(greeted()).hears("AUTHINFO USER tim\r\n");
    let asked = named.clone().says("381 go on\r\n").hears("AUTHINFO PASS tanstaaf\r\n");
    assert_eq!(asked.clone().says("481 Authentication failed\r\n").rejects::<Nntp>(), "481 Authentication failed");
    assert!(!asked.says("481 not tanstaaf\r\n").rejects::<Nntp>().contains("tanstaaf"));
    let plain = "483 Encryption or stronger authentication required";
    assert_eq!(named.clone().says(format!("{plain}\r\n")).rejects::<Nntp>(), plain);
    assert!(greeted().with("username", "a\r\nPOST").misconfigures::<Nntp>().contains("line break"));
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(greeted().with("password", "tanstaaf").misconfigures::<Nntp>().contains("no user"));
    assert!(user(greeted()).with("username", "").misconfigures::<Nntp>().contains("no name"));
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("STARTTLS\r\n").wants_start_tls();
    bids_farewell(asks.clone().says("382 Begin TLS negotiation now\r\n").starts_tls()).passes::<Nntp>();
    assert_eq!(asks.clone().says("580 not now\r\n").rejects::<Nntp>(), "580 not now");
    assert_eq!(asks.clone().says("382 go\r\n").refuses_tls().breaks_off::<Nntp>(), IoError::Tls);
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(asks.says("382 go\r\n205 Bye\r\n").breaks_off::<Nntp>(), IoError::Tls);
}

#[test]
fn refuses_what_is_no_nntp() {
    // A mail server says a number, too.
    for (name, said) in strangers(&["SMTP"]) {
        assert!(script().says(said).is_foreign_to::<Nntp>().contains("three digits"), "{name}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("200").is_foreign_to::<Nntp>().contains("8192 bytes"));
    assert!(script().repeats("200-x\r\n").is_foreign_to::<Nntp>().contains("200 lines"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted().hears("STARTTLS\r\n").says("382 go\r\n").starts_tls().wants_start_tls();
    let asks = bids_farewell(logged_in(guarded).hears("CAPABILITIES\r\n").says(CAN));
    asks.clone().needs_every_byte::<Nntp>();
    asks.drips().passes::<Nntp>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["200 x\r\n", "201 x\r\n", "381 x\r\n", "281 x\r\n", "382 x\r\n", "101 x\r\nPOST\r\n.\r\n", "205 x\r\n", "\r\n"];

survives_any_peer!(Nntp, PIECES);
