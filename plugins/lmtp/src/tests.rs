//! Good and bad peers for the LMTP probe.

use ruled_plugin::*;

use super::Lmtp;

const OFFERS: &str = "250-mail.example\r\n250-STARTTLS\r\n250-8BITMIME\r\n250 PIPELINING\r\n";

/// A server that has greeted and said what it offers.
fn greeted(offers: &str) -> Script {
    script().says("220 mail.example Dovecot (Debian) ready.\r\n").hears("LHLO localhost\r\n").says(offers)
}

fn bids_farewell(peer: Script) -> Script {
    peer.hears("QUIT\r\n").says("221 2.0.0 Bye\r\n")
}

#[test]
fn greets_and_says_goodbye() {
    let outcome = bids_farewell(greeted(OFFERS)).passes::<Lmtp>();
    assert_eq!(outcome.summary, "mail.example Dovecot (Debian) ready.");
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let busy = script().says("421 4.3.2 too many connections\r\n");
    assert_eq!(busy.rejects::<Lmtp>(), "421 4.3.2 too many connections");
    // What answers is a server of SMTP.
    assert_eq!(
        greeted("502 5.5.2 Error: command not recognized\r\n").rejects::<Lmtp>(),
        "502 5.5.2 Error: command not recognized"
    );
    assert_eq!(greeted(OFFERS).hears("QUIT\r\n").says("500 no\r\n").rejects::<Lmtp>(), "500 no");
}

#[test]
fn asks_for_a_mailbox() {
    let asks = greeted(OFFERS).hears("MAIL FROM:<>\r\n").with("recipient", "anna@mail.example");
    let named = asks.clone().says("250 2.1.0 OK\r\n").hears("RCPT TO:<anna@mail.example>\r\n");
    let good = bids_farewell(named.clone().says("250 2.1.5 OK\r\n").hears("RSET\r\n").says("250 2.0.0 OK\r\n"));
    assert!(good.passes::<Lmtp>().summary.ends_with("takes mail for anna@mail.example"));
    let unknown = "550 5.1.1 <anna@mail.example> User doesn't exist: anna@mail.example";
    assert_eq!(named.says(format!("{unknown}\r\n")).rejects::<Lmtp>(), unknown);
    assert_eq!(asks.says("451 4.3.0 later\r\n").rejects::<Lmtp>(), "451 4.3.0 later");
}

#[test]
fn a_mailbox_cannot_smuggle_a_command() {
    for odd in ["", "a b", "a>", "<a>"] {
        assert!(greeted(OFFERS).with("recipient", odd).misconfigures::<Lmtp>().contains("no mailbox"), "{odd:?}");
    }
    let asks = greeted(OFFERS).hears("MAIL FROM:<>\r\n").says("250 ok\r\n").with("recipient", "a\r\nDATA");
    assert!(asks.misconfigures::<Lmtp>().contains("line break"));
}

#[test]
fn begins_encryption_and_says_hello_again() {
    let asks = greeted(OFFERS).hears("STARTTLS\r\n").wants_start_tls();
    let good = asks.clone().says("220 2.0.0 go\r\n").starts_tls().hears("LHLO localhost\r\n").says("250 mail\r\n");
    bids_farewell(good).passes::<Lmtp>();
    assert!(greeted("250 mail\r\n").wants_start_tls().is_foreign_to::<Lmtp>().contains("STARTTLS"));
    assert_eq!(asks.clone().says("454 4.7.0 not now\r\n").rejects::<Lmtp>(), "454 4.7.0 not now");
    assert_eq!(asks.clone().says("220 go\r\n").refuses_tls().breaks_off::<Lmtp>(), IoError::Tls);
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(asks.says("220 go\r\n250 mail\r\n").breaks_off::<Lmtp>(), IoError::Tls);
}

#[test]
fn refuses_what_is_no_lmtp() {
    // What says 220 is asked further, and then does not know LHLO.
    for (name, said) in strangers(&["SMTP"]) {
        assert!(script().says(said).is_foreign_to::<Lmtp>().contains("three digits"), "{name}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("220-x\r\n").is_foreign_to::<Lmtp>().contains("200 lines"));
    assert!(script().repeats("220").is_foreign_to::<Lmtp>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = greeted(OFFERS).hears("STARTTLS\r\n").says("220 go\r\n").starts_tls().wants_start_tls();
    let greeted = guarded.hears("LHLO localhost\r\n").says("250-mail\r\n250 PIPELINING\r\n");
    let asks = greeted.hears("MAIL FROM:<>\r\n").says("250 \r\n").hears("RCPT TO:<anna>\r\n").says("250 \r\n");
    let asks = bids_farewell(asks.hears("RSET\r\n").says("250 \r\n")).with("recipient", "anna");
    asks.clone().needs_every_byte::<Lmtp>();
    asks.drips().passes::<Lmtp>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["220 x\r\n", "250-STARTTLS\r\n", "250 x\r\n", "221 x\r\n", "550 x\r\n", "\r\n", "2"];

survives_any_peer!(Lmtp, PIECES);
