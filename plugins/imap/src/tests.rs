//! Good and bad peers for the IMAP probe.

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

#[test]
fn greets_and_says_goodbye() {
    assert_eq!(bids_farewell(greeted()).passes::<Imap>().summary, "Dovecot (Debian) ready.");
    let short = script().says("* ok\r\n").hears("A5 LOGOUT\r\n").says("* 3 EXISTS\r\n* bye\r\n");
    short.passes::<Imap>();
    bids_farewell(script().says("* PREAUTH hello\r\n")).passes::<Imap>();
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("* BYE [UNAVAILABLE] too many connections\r\n");
    assert_eq!(busy.rejects::<Imap>(), "[UNAVAILABLE] too many connections");
    assert_eq!(greeted().hears("A5 LOGOUT\r\n").says("A5 BAD what?\r\n").rejects::<Imap>(), "BAD what?");
}

#[test]
fn logs_in_by_plain_where_it_is_offered() {
    let asks = can("AUTH=PLAIN").hears("A3 AUTHENTICATE PLAIN\r\n").says("+ \r\n").hears("AGZyZWQAdGFuc3RhYWY=\r\n");
    let good = bids_farewell(asks.clone().says("* CAPABILITY IMAP4rev1\r\nA3 OK Logged in\r\n"));
    assert_eq!(user(good).passes::<Imap>().summary, "Dovecot (Debian) ready., logged in");
    let wrong = asks.says("A3 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n");
    assert_eq!(user(wrong).rejects::<Imap>(), "[AUTHENTICATIONFAILED] Authentication failed.");
    let not_now = can("AUTH=PLAIN").hears("A3 AUTHENTICATE PLAIN\r\n").says("A3 NO [UNAVAILABLE] later\r\n");
    assert_eq!(user(not_now).rejects::<Imap>(), "NO [UNAVAILABLE] later");
}

#[test]
fn logs_in_by_login_where_only_that_is_offered() {
    let good = can("IDLE").hears("A4 LOGIN \"fr\\\"e\\\\d\" \"tan staaf\"\r\n").says("A4 OK in\r\n");
    let good = bids_farewell(good).with("username", "fr\"e\\d").with("password", "tan staaf");
    good.passes::<Imap>();
    let wrong = can("IDLE").hears("A4 LOGIN \"fred\" \"tanstaaf\"\r\n").says("A4 NO wrong\r\n");
    assert_eq!(user(wrong).rejects::<Imap>(), "wrong");
    let odd = can("IDLE").with("username", "fréd").with("password", "p");
    assert!(odd.misconfigures::<Imap>().contains("ASCII"));
}

#[test]
fn a_server_that_lets_nobody_log_in_is_told() {
    assert!(user(can("LOGINDISABLED")).is_foreign_to::<Imap>().contains("not encrypted"));
    assert!(user(can("LOGINDISABLED")).encrypted().is_foreign_to::<Imap>().contains("neither"));
    let silent = greeted().hears("A2 CAPABILITY\r\n").says("A2 OK done\r\n");
    assert!(user(silent).is_foreign_to::<Imap>().contains("what it can do"));
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = can("IDLE").hears_anything().says("A4 NO tanstaaf is wrong\r\n");
    assert!(!user(peer).rejects::<Imap>().contains("tanstaaf"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    let peer = can("IDLE").with("username", "a\"\r\nA9 DELETE x").with("password", "p");
    assert!(peer.misconfigures::<Imap>().contains("line break"));
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(greeted().with("password", "tanstaaf").misconfigures::<Imap>().contains("no user"));
    assert!(user(greeted()).with("username", "").misconfigures::<Imap>().contains("no name"));
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("A1 STARTTLS\r\n").wants_start_tls();
    let good = asks.clone().says("A1 OK Begin TLS negotiation now.\r\n").starts_tls();
    bids_farewell(good).passes::<Imap>();
    assert_eq!(
        asks.clone().says("A1 BAD TLS support isn't enabled.\r\n").rejects::<Imap>(),
        "TLS support isn't enabled."
    );
    assert_eq!(asks.clone().says("A1 OK\r\n").refuses_tls().breaks_off::<Imap>(), IoError::Tls);
    let injected = asks.says("A1 OK go\r\n* BYE\r\n");
    assert_eq!(injected.breaks_off::<Imap>(), IoError::Tls);
    let logged_in = script().says("* PREAUTH hello\r\n").wants_start_tls();
    assert!(logged_in.is_foreign_to::<Imap>().contains("cannot begin"));
}

#[test]
fn refuses_what_is_no_imap() {
    for (name, said) in strangers(&["IMAP"]) {
        assert!(script().says(said).is_foreign_to::<Imap>().contains("* OK"), "{name}");
    }
    assert!(script().says("* NO\r\n").is_foreign_to::<Imap>().contains("* OK"));
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("* OK ").is_foreign_to::<Imap>().contains("8192 bytes"));
    let endless = greeted().hears("A5 LOGOUT\r\n").repeats("* 1 EXISTS\r\n");
    assert!(endless.is_foreign_to::<Imap>().contains("200 lines"));
    let literal = greeted().hears("A2 CAPABILITY\r\n").says("* X {4294967295}\r\n").repeats("x");
    assert!(user(literal).is_foreign_to::<Imap>().contains("4294967295"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted().hears("A1 STARTTLS\r\n").says("A1 OK go\r\n").starts_tls().wants_start_tls();
    let can = guarded.hears("A2 CAPABILITY\r\n").says("* CAPABILITY AUTH=PLAIN\r\n* X {3}\r\na\nb\r\nA2 OK\r\n");
    let asks = can.hears("A3 AUTHENTICATE PLAIN\r\n").says("+ \r\n").hears("AGZyZWQAdGFuc3RhYWY=\r\n");
    // Behind the goodbye nothing more is waited for.
    let asks = user(asks.says("A3 OK in\r\n").hears("A5 LOGOUT\r\n").says("* 3 EXISTS\r\n* BYE\r\n"));
    asks.clone().needs_every_byte::<Imap>();
    asks.drips().passes::<Imap>();
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

survives_any_peer!(Imap, PIECES, after "* OK x\r\n");
