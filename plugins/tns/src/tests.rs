//! Good and bad listeners for the TNS probe.

use proptest::prelude::*;
use ruled_plugin::*;

use super::Tns;

/// The request as it is on the wire.
const PING: &[u8] = b"\0\x57\0\0\x01\0\0\0\x01\x36\x01\x2c\0\0\x08\0\x7f\xff\x7f\x08\0\0\0\x01\0\x1d\0\x3a\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0(CONNECT_DATA=(COMMAND=ping))";

/// A packet of this type with this content.
fn packet(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = (8 + content.len() as u16).to_be_bytes();
    [[length[0], length[1], 0, 0, kind, 0, 0, 0].as_slice(), content].concat()
}

fn refusal(text: &str) -> Vec<u8> {
    let length = (text.len() as u16).to_be_bytes();
    packet(4, &[[1, 0, length[0], length[1]].as_slice(), text.as_bytes()].concat())
}

fn answers(said: impl AsRef<[u8]>) -> Script {
    script().hears(PING).says(said)
}

#[test]
fn a_listener_that_refuses_a_ping_passes() {
    let outcome = answers(refusal("(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=0)(ALIAS=LISTENER))")).passes::<Tns>();
    assert_eq!(outcome.summary, "the listener answers a ping");
    let facts = [("version".to_owned(), "19.0.0.0.0".to_owned()), ("alias".to_owned(), "LISTENER".to_owned())];
    assert_eq!(outcome.facts, facts);
    assert!(answers(packet(4, &[0, 0, 0, 0])).passes::<Tns>().facts.is_empty());
}

#[test]
fn versions_are_written_as_people_know_them() {
    for (number, version) in [(186_647_552, "11.2.0.4.0"), (202_375_680, "12.1.0.2.0"), (301_989_888, "18.0.0.0.0")] {
        let outcome = answers(refusal(&format!("(DESCRIPTION=(VSNNUM={number}))"))).passes::<Tns>();
        assert_eq!(outcome.facts, [("version".to_owned(), version.to_owned())]);
    }
    assert!(answers(refusal("(VSNNUM=99999999999)(VSNNUM=")).passes::<Tns>().facts.is_empty());
}

#[test]
fn an_error_is_told_and_passes() {
    let outcome = answers(refusal("(DESCRIPTION=(ERR=12508))")).passes::<Tns>();
    assert!(outcome.summary.ends_with("12508"), "{}", outcome.summary);
    // A text that is shorter than it says, or that has no pairs.
    answers(packet(4, b"\0\0\xff\xff(ERR=0")).passes::<Tns>();
    answers(refusal("ERR=1)((=)()=(")).passes::<Tns>();
}

#[test]
fn a_request_is_sent_again_where_the_listener_wants_that() {
    let again = packet(11, &[]);
    let peer = script().hears(PING).says(&again).hears(PING).says(&again).hears(PING).says(refusal("(ERR=0)"));
    peer.passes::<Tns>();
    let endless = (0..4).fold(script(), |peer, _| peer.hears(PING).says(&again));
    assert!(endless.is_foreign_to::<Tns>().contains("4 times"));
}

#[test]
fn other_answers_are_refused() {
    assert!(answers(packet(2, &[0; 24])).is_foreign_to::<Tns>().contains("accepts"));
    assert!(answers(packet(5, b"\0\0")).is_foreign_to::<Tns>().contains("elsewhere"));
    assert!(answers(packet(6, b"\0\0")).is_foreign_to::<Tns>().contains("type 6"));
    assert!(answers(packet(4, b"\0\0\0")).is_foreign_to::<Tns>().contains("too few"));
    assert!(answers([0, 7, 0, 0, 4, 0, 0, 0]).is_foreign_to::<Tns>().contains("as an Oracle listener"));
    assert!(answers([0xff, 0xff, 0, 0, 4, 0, 0, 0]).is_foreign_to::<Tns>().contains("announces"));
}

#[test]
fn refuses_other_protocols() {
    for said in ["220 mail ESMTP\r\n", "SSH-2.0-OpenSSH\r\n", "-ERR no\r\n"] {
        let quoted = format!("the server answers {:?}, and not as an Oracle listener does", &said[..8]);
        assert_eq!(answers(said).is_foreign_to::<Tns>(), quoted);
    }
    assert!(answers("HTTP/1.1 400 Bad Request\r\n\r\n").is_foreign_to::<Tns>().contains("HTTP"));
    assert!(script().hears(PING).repeats("x").is_foreign_to::<Tns>().contains("as an Oracle listener"));
    // An alert of TLS is shorter than a head.
    assert_eq!(answers([21, 3, 3, 0, 2, 2, 70]).breaks_off::<Tns>(), IoError::Closed);
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    answers(refusal("(ERR=0)")).needs_every_byte::<Tns>();
}

/// What a listener says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\0\x10\0\0\x04\0\0\0", b"\0\0\0\x04abcd", b"\0\x08\0\0\x0b\0\0\0", b"(VSNNUM=1)", b"(ERR=", b"\xff\xff"];

survives_any_peer!(Tns, PIECES);

proptest! {
    #[test]
    fn any_text_is_survived(text in "[()A-Z=0-9 é]{0,200}") {
        answers(refusal(&text)).passes::<Tns>();
    }
}
