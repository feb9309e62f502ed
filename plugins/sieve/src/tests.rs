//! Good and bad peers for the ManageSieve probe.

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

#[test]
fn says_what_it_can_do_and_goodbye() {
    let outcome = bids_farewell(greeted()).passes::<Sieve>();
    assert_eq!(outcome.summary, "Dovecot (Debian) Pigeonhole");
    assert_eq!(outcome.facts, [("implementation".to_owned(), "Dovecot (Debian) Pigeonhole".to_owned())]);
    script().says("ok\r\n").hears("LOGOUT\r\n").says("OK\r\n").passes::<Sieve>();
}

#[test]
fn texts_may_be_announced_with_their_length() {
    let can = "{14}\r\nIMPLEMENTATION {5+}\r\na\r\nb\"\r\n\"SIEVE\" \"x\"\r\nOK (TAG {2}\r\n\"() {3}\r\nyes\r\n";
    let outcome = bids_farewell(script().says(can)).passes::<Sieve>();
    assert_eq!(outcome.summary, "a\r\nb\"");
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let busy = script().says("BYE (TRYLATER) \"Too many \\\"guests\\\"\"\r\n");
    assert_eq!(busy.rejects::<Sieve>(), "BYE Too many \"guests\"");
    assert_eq!(script().says("NO (QUOTA)\r\n").rejects::<Sieve>(), "NO (QUOTA)");
    assert_eq!(greeted().hears("LOGOUT\r\n").says("NO\r\n").rejects::<Sieve>(), "NO");
}

#[test]
fn logs_in() {
    let asks = user(greeted()).hears("AUTHENTICATE \"PLAIN\" \"AHRpbQB0YW5zdGFhZg==\"\r\n");
    let good = bids_farewell(asks.clone().says("OK \"Logged in.\"\r\n"));
    assert!(good.passes::<Sieve>().summary.ends_with(", logged in"));
    let wrong = asks.clone().says("NO \"Authentication failed.\"\r\n");
    assert_eq!(wrong.rejects::<Sieve>(), "NO Authentication failed.");
    assert!(!asks.clone().says("NO \"not tanstaaf\"\r\n").rejects::<Sieve>().contains("tanstaaf"));
    let echo = asks.clone().says("AUTHENTICATE \"PLAIN\" \"AHRpbQB0YW5zdGFhZg==\"\r\n");
    assert!(!echo.is_foreign_to::<Sieve>().contains("AHRp"));
    // Somebody who wants to know more than PLAIN has to say.
    assert_eq!(asks.says("\"more?\"\r\n").breaks_off::<Sieve>(), IoError::Closed);
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(greeted().with("password", "tanstaaf").misconfigures::<Sieve>().contains("no user"));
    assert!(user(greeted()).with("username", "").misconfigures::<Sieve>().contains("no name"));
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    let shy = user(script().says("\"SASL\" \"\"\r\n\"STARTTLS\"\r\nOK\r\n"));
    assert!(shy.clone().is_foreign_to::<Sieve>().contains("not encrypted"));
    assert!(!shy.encrypted().is_foreign_to::<Sieve>().contains("not encrypted"));
    assert!(user(script().says("OK\r\n")).is_foreign_to::<Sieve>().contains("PLAIN"));
}

#[test]
fn begins_encryption_and_hears_again_what_the_server_can_do() {
    let asks = greeted().hears("STARTTLS\r\n").wants_start_tls();
    let agreed = asks.clone().says("OK \"Begin TLS negotiation now.\"\r\n");
    bids_farewell(agreed.clone().starts_tls().says(CAN)).passes::<Sieve>();
    // What was said before encryption does not count.
    let other = agreed.clone().starts_tls().says("\"SASL\" \"SCRAM-SHA-1\"\r\nOK\r\n");
    assert!(user(other).is_foreign_to::<Sieve>().contains("PLAIN"));
    assert_eq!(asks.clone().says("NO \"not now\"\r\n").rejects::<Sieve>(), "NO not now");
    assert_eq!(agreed.clone().refuses_tls().breaks_off::<Sieve>(), IoError::Tls);
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(agreed.says(CAN).breaks_off::<Sieve>(), IoError::Tls);
    assert!(script().says("OK\r\n").wants_start_tls().is_foreign_to::<Sieve>().contains("STARTTLS"));
}

#[test]
fn refuses_what_is_no_managesieve() {
    for (name, said) in strangers(&[]).into_iter().chain([("silence", b"\r\n".as_slice())]) {
        assert!(script().says(said).is_foreign_to::<Sieve>().contains("ManageSieve"), "{name}");
    }
    let smtp = script().says("220 mail\r\n").is_foreign_to::<Sieve>();
    assert_eq!(smtp, "the server says \"220 mail\", which is no answer of ManageSieve");
    assert!(script().says("\"SIEVE\r\n").is_foreign_to::<Sieve>().contains("quote"));
    for odd in ["{x}\r\n", "{12\r\n", "{-1}\r\n", "{99999999999}\r\n"] {
        assert!(script().says(odd).is_foreign_to::<Sieve>().contains("how long"), "{odd:?}");
    }
}

#[test]
fn what_has_no_end_or_an_absurd_length_is_refused() {
    assert!(script().repeats("\"SIEVE\"\r\n").is_foreign_to::<Sieve>().contains("100 lines"));
    assert!(script().repeats("\"SIEVE\" ").is_foreign_to::<Sieve>().contains("8192 bytes"));
    assert!(script().says("{4294967295}\r\n").repeats("x").is_foreign_to::<Sieve>().contains("4294967295"));
    let long = format!("{{8192}}\r\n{}\r\n", "x".repeat(8_192));
    assert!(script().repeats(long).is_foreign_to::<Sieve>().contains("65536 bytes"));
    assert!(script().repeats("{0}\r\n").is_foreign_to::<Sieve>().contains("20 texts"));
    assert!(script().says("\"\"".repeat(21)).says("\r\n").is_foreign_to::<Sieve>().contains("20 texts"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted().hears("STARTTLS\r\n").says("OK\r\n").starts_tls().says(CAN).wants_start_tls();
    let asks = guarded.hears("AUTHENTICATE \"PLAIN\" \"AHRpbQB0YW5zdGFhZg==\"\r\n").says("OK {2}\r\nin\r\n");
    let asks = user(bids_farewell(asks));
    asks.clone().needs_every_byte::<Sieve>();
    asks.drips().passes::<Sieve>();
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

survives_any_peer!(Sieve, PIECES);
