//! Good and bad peers for the LMTP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
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

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no LMTP: {other:?}"),
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
    let outcome = bids_farewell(greeted(OFFERS)).run::<Lmtp>().unwrap();
    assert_eq!(outcome.summary, "mail.example Dovecot (Debian) ready.");
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let busy = script().says("421 4.3.2 too many connections\r\n");
    assert_eq!(rejected(busy.run::<Lmtp>()), "421 4.3.2 too many connections");
    // What answers is a server of SMTP.
    assert_eq!(
        rejected(greeted("502 5.5.2 Error: command not recognized\r\n").run::<Lmtp>()),
        "502 5.5.2 Error: command not recognized"
    );
    assert_eq!(rejected(greeted(OFFERS).hears("QUIT\r\n").says("500 no\r\n").run::<Lmtp>()), "500 no");
}

#[test]
fn asks_for_a_mailbox() {
    let asks = greeted(OFFERS).hears("MAIL FROM:<>\r\n").with("recipient", "anna@mail.example");
    let named = asks.clone().says("250 2.1.0 OK\r\n").hears("RCPT TO:<anna@mail.example>\r\n");
    let good = bids_farewell(named.clone().says("250 2.1.5 OK\r\n").hears("RSET\r\n").says("250 2.0.0 OK\r\n"));
    assert!(good.run::<Lmtp>().unwrap().summary.ends_with("takes mail for anna@mail.example"));
    let unknown = "550 5.1.1 <anna@mail.example> User doesn't exist: anna@mail.example";
    assert_eq!(rejected(named.says(format!("{unknown}\r\n")).run::<Lmtp>()), unknown);
    assert_eq!(rejected(asks.says("451 4.3.0 later\r\n").run::<Lmtp>()), "451 4.3.0 later");
}

#[test]
fn a_mailbox_cannot_smuggle_a_command() {
    for odd in ["", "a b", "a>", "<a>"] {
        let check = greeted(OFFERS).with("recipient", odd).run::<Lmtp>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
    }
    let asks = greeted(OFFERS).hears("MAIL FROM:<>\r\n").says("250 ok\r\n").with("recipient", "a\r\nDATA");
    assert!(matches!(asks.run::<Lmtp>(), Err(Failure::Misconfigured(_))));
}

#[test]
fn begins_encryption_and_says_hello_again() {
    let asks = greeted(OFFERS).hears("STARTTLS\r\n").wants_start_tls();
    let good = asks.clone().says("220 2.0.0 go\r\n").starts_tls().hears("LHLO localhost\r\n").says("250 mail\r\n");
    assert!(bids_farewell(good).run::<Lmtp>().is_ok());
    assert!(refused(greeted("250 mail\r\n").wants_start_tls().run::<Lmtp>()).contains("STARTTLS"));
    assert_eq!(rejected(asks.clone().says("454 4.7.0 not now\r\n").run::<Lmtp>()), "454 4.7.0 not now");
    assert_eq!(asks.clone().says("220 go\r\n").refuses_tls().run::<Lmtp>(), Err(Failure::Io(IoError::Tls)));
    // What somebody puts in before encryption begins would count as said by the server.
    assert_eq!(asks.says("220 go\r\n250 mail\r\n").run::<Lmtp>(), Err(Failure::Io(IoError::Tls)));
}

#[test]
fn refuses_what_is_no_lmtp() {
    for other in ["SSH-2.0-OpenSSH_9.2\r\n", "+OK POP3\r\n", "* OK IMAP4rev1\r\n", "\u{15}\u{3}\u{1}\u{0}\u{2}\n"] {
        assert!(refused(script().says(other).run::<Lmtp>()).contains("three digits"), "{other:?}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(refused(script().repeats("220-x\r\n").run::<Lmtp>()).contains("200 lines"));
    assert!(refused(script().repeats("220").run::<Lmtp>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_drips_is_read_to_its_end() {
    let drips = |peer: Script, text: &str| text.bytes().fold(peer, |peer, byte| peer.says([byte]));
    let peer = drips(drips(script(), "220 x\r\n").hears("LHLO localhost\r\n"), "250 x\r\n");
    assert!(bids_farewell(peer).run::<Lmtp>().is_ok());
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Lmtp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("220 cu").run::<Lmtp>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Lmtp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted(OFFERS).breaks().run::<Lmtp>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["220 x\r\n", "250-STARTTLS\r\n", "250 x\r\n", "221 x\r\n", "550 x\r\n", "\r\n", "2"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Lmtp>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Lmtp>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
