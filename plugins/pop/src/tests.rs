//! Good and bad peers for the POP3 probe.

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

#[test]
fn greets_and_says_goodbye() {
    assert_eq!(bids_farewell(greeted()).passes::<Pop>().summary, "Dovecot (Debian) ready.");
    bids_farewell(script().says("+OK\n")).passes::<Pop>();
}

#[test]
fn a_server_that_has_no_time_is_told_in_its_words() {
    let busy = script().says("-ERR [SYS/TEMP] too many connections\r\n");
    assert_eq!(busy.rejects::<Pop>(), "[SYS/TEMP] too many connections");
    assert_eq!(greeted().hears("QUIT\r\n").says("-ERR no\r\n").rejects::<Pop>(), "no");
}

#[test]
fn logs_in_where_a_user_is_given() {
    let asks = greeted().hears("USER mrose\r\n").says("+OK\r\n").hears("PASS tanstaaf\r\n");
    let good = asks.clone().says("+OK Logged in.\r\n").hears("STAT\r\n").says("+OK 2 320\r\n");
    let outcome = user(bids_farewell(good)).passes::<Pop>();
    assert_eq!(outcome.metrics, [("messages".to_owned(), 2.0), ("mailbox_size".to_owned(), 320.0)]);
    let wrong = asks.clone().says("-ERR [AUTH] Authentication failed.\r\n");
    assert_eq!(user(wrong).rejects::<Pop>(), "[AUTH] Authentication failed.");
    let in_use = asks.clone().says("-ERR [IN-USE] the mailbox is locked\r\n");
    assert!(user(in_use).rejects::<Pop>().starts_with("[IN-USE]"));
    let odd = asks.says("+OK\r\n").hears("STAT\r\n").says("+OK many\r\n");
    assert!(user(odd).is_foreign_to::<Pop>().contains("how many"));
    let plain = greeted().hears("USER mrose\r\n").says("-ERR [AUTH] Cleartext authentication disallowed.\r\n");
    assert!(user(plain).rejects::<Pop>().contains("Cleartext"));
}

#[test]
fn a_server_that_repeats_the_password_is_not_quoted() {
    let peer = greeted().hears_anything().says("+OK\r\n").hears_anything().says("-ERR tanstaaf is wrong\r\n");
    assert!(!user(peer).rejects::<Pop>().contains("tanstaaf"));
}

#[test]
fn a_user_cannot_smuggle_a_command() {
    for (username, password) in [("a\r\nDELE 1", "p"), ("a", "p\r\nDELE 1")] {
        let peer = greeted().hears("USER a\r\n").says("+OK\r\n").with("username", username).with("password", password);
        assert!(peer.misconfigures::<Pop>().contains("line break"));
    }
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(greeted().with("password", "tanstaaf").misconfigures::<Pop>().contains("no user"));
    assert!(user(greeted()).with("username", "").misconfigures::<Pop>().contains("no name"));
}

#[test]
fn begins_encryption() {
    let asks = greeted().hears("STLS\r\n").wants_start_tls();
    let good = asks.clone().says("+OK Begin TLS negotiation now.\r\n").starts_tls();
    bids_farewell(good).passes::<Pop>();
    assert_eq!(asks.clone().says("-ERR TLS support isn't enabled.\r\n").rejects::<Pop>(), "TLS support isn't enabled.");
    assert_eq!(asks.clone().says("+OK\r\n").refuses_tls().breaks_off::<Pop>(), IoError::Tls);
    let injected = asks.says("+OK go\r\n+OK in\r\n");
    assert_eq!(injected.breaks_off::<Pop>(), IoError::Tls);
}

#[test]
fn refuses_what_is_no_pop3() {
    // Redis says no in the same word.
    for (name, said) in strangers(&["POP3", "Redis"]) {
        assert!(script().says(said).is_foreign_to::<Pop>().contains("+OK"), "{name}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("+OK ").is_foreign_to::<Pop>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted().hears("STLS\r\n").says("+OK\r\n").starts_tls().wants_start_tls();
    let asks = guarded.hears("USER mrose\r\n").says("+OK\r\n").hears("PASS tanstaaf\r\n").says("+OK in\r\n");
    let asks = user(bids_farewell(asks.hears("STAT\r\n").says("+OK 2 320\r\n")));
    asks.clone().needs_every_byte::<Pop>();
    asks.drips().passes::<Pop>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["+OK\r\n", "+OK 2 320\r\n", "-ERR x\r\n", "\r\n", "+OK 99999999999999999999 1\r\n"];

survives_any_peer!(Pop, PIECES);
