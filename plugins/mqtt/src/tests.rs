//! Good and bad brokers for the MQTT probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Mqtt;

/// CONNECT of version 5 and of version 3.1.1 without a user.
const FIVE: &[u8] = b"\x10\x22\0\x04MQTT\x05\x02\0\x3c\0\0\x15ruled0001020304050607";
const THREE: &[u8] = b"\x10\x21\0\x04MQTT\x04\x02\0\x3c\0\x15ruled0001020304050607";
const DISCONNECT: &[u8] = b"\xe0\0";

/// CONNACK of version 5 with this code and without properties.
fn five(code: u8) -> [u8; 5] {
    [0x20, 3, 0, code, 0]
}

fn three(code: u8) -> [u8; 4] {
    [0x20, 2, 0, code]
}

/// An answer of version 5 with these properties.
fn with_properties(code: u8, properties: &[u8]) -> Vec<u8> {
    let length = properties.len() as u8;
    [&[0x20, length + 3, 0, code, length], properties].concat()
}

fn answers(said: impl AsRef<[u8]>) -> Check {
    script().hears_anything().says(said).run::<Mqtt>()
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no MQTT: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the broker should refuse: {other:?}"),
    }
}

#[test]
fn a_broker_of_version_5_lets_a_client_in() {
    let outcome = script().hears(FIVE).says(five(0)).hears(DISCONNECT).run::<Mqtt>().unwrap();
    assert_eq!(outcome.facts, [("version".to_owned(), "5".to_owned())]);
    // What a broker says beside it: user property, keep alive, a name for the client, maxima, a reason.
    let properties = b"\x26\0\x01a\0\x02bc\x13\0\x3c\x12\0\x01x\x24\x01\x25\0\x27\0\0\x10\0\x1f\0\x02ok";
    let peer = script().hears(FIVE).says(with_properties(0, properties)).hears(DISCONNECT);
    let facts = peer.run::<Mqtt>().unwrap().facts;
    assert_eq!(facts[1], ("maximum_qos".to_owned(), "1".to_owned()));
}

#[test]
fn a_broker_of_version_3_is_asked_again() {
    let again = |peer: Script| peer.reopens().hears(THREE).says(three(0)).hears(DISCONNECT).run::<Mqtt>().unwrap();
    let outcome = again(script().hears(FIVE).says(three(1)));
    assert_eq!(outcome.facts, [("version".to_owned(), "3.1.1".to_owned())]);
    again(script().hears(FIVE).says(five(0x84)).closes());
    again(script().hears(FIVE));
    again(script().hears(FIVE).breaks());
    let neither = script().hears(FIVE).says(three(1)).reopens().hears(THREE).says(three(1));
    assert!(rejected(neither.run::<Mqtt>()).contains("neither"));
    let wrong = script().hears(FIVE).says(three(1)).reopens().hears(THREE).says(three(4));
    assert_eq!(rejected(wrong.run::<Mqtt>()), "bad user name or password (code 0x04)");
}

#[test]
fn logs_in() {
    let five_user = b"\x10\x2a\0\x04MQTT\x05\xc2\0\x3c\0\0\x15ruled0001020304050607\0\x01u\0\x03p w";
    let peer = script().with("username", "u").with("password", "p w").hears(five_user).says(five(0)).hears(DISCONNECT);
    assert!(peer.run::<Mqtt>().is_ok());
    let named = b"\x10\x11\0\x04MQTT\x05\x82\0\x3c\0\0\x01c\0\x01u";
    let peer = script().with("username", "u").with("client_id", "c").hears(named).says(five(0)).hears(DISCONNECT);
    assert!(peer.run::<Mqtt>().is_ok());
    // A length of two bytes.
    let long = "x".repeat(200);
    let packet = [b"\x10\xd5\x01\0\x04MQTT\x05\x02\0\x3c\0\0\xc8".as_slice(), long.as_bytes()].concat();
    let peer = script().with("client_id", long.as_str()).hears(packet).says(five(0)).hears(DISCONNECT);
    assert!(peer.run::<Mqtt>().is_ok());
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    let misconfigured = |peer: Script| assert!(matches!(peer.run::<Mqtt>(), Err(Failure::Misconfigured(_))));
    misconfigured(script().with("password", "p"));
    misconfigured(script().with("username", "a\0b"));
    misconfigured(script().with("username", "u".repeat(65_536).as_str()));
}

#[test]
fn a_refusal_is_told_in_words() {
    assert_eq!(rejected(answers(five(0x86))), "bad user name or password (code 0x86)");
    assert_eq!(rejected(answers(three(5))), "not authorized (code 0x05)");
    let busy = with_properties(0x89, b"\x1f\0\x04load");
    assert_eq!(rejected(answers(busy)), "the broker is busy: load (code 0x89)");
    assert!(refused(answers(five(0x7f))).contains("0x7f"));
}

#[test]
fn absurd_answers_are_refused() {
    assert!(refused(answers(b"\x20\xff\xff\xff\xff")).contains("without end"));
    assert!(refused(answers(b"\x20\xff\xff\xff\x7f")).contains("announces"));
    assert!(refused(answers(b"\x20\x01\0")).contains("too few"));
    assert!(refused(answers(b"\x20\0")).contains("too few"));
    assert!(refused(answers(b"\x20\x02\xff\0")).contains("flags"));
    assert!(refused(answers(b"\x20\x03\0\0\x09")).contains("another length"));
    assert!(refused(answers(b"\x20\x07\0\0\xff\xff\xff\xff\x01")).contains("without end"));
    assert!(refused(answers(with_properties(0, b"\x1f\xff\xff"))).contains("too early"));
    assert!(refused(answers(with_properties(0, b"\x23\0\x01"))).contains("does not belong"));
}

#[test]
fn refuses_other_protocols() {
    for said in ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail ESMTP\r\n", "SSH-2.0-x\r\n", "\u{30}\u{2}"] {
        assert!(refused(answers(said)).contains("as a broker"), "{said}");
    }
    assert!(refused(answers([21, 3, 3, 0, 2, 2, 70])).contains("TLS"));
    assert!(refused(script().hears_anything().repeats("x").run::<Mqtt>()).contains("as a broker"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    // Nobody takes the second connection.
    assert_eq!(script().hears(FIVE).run::<Mqtt>(), Err(Failure::Io(IoError::Reset)));
    let twice = script().hears(FIVE).reopens().hears(THREE);
    assert_eq!(twice.run::<Mqtt>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().hears(FIVE).says(b"\x20\x03\0").times_out().run::<Mqtt>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().hears(FIVE).times_out().run::<Mqtt>(), Err(Failure::Io(IoError::TimedOut)));
}

/// What a broker says, and what it does not.
const PIECES: &[&[u8]] = &[
    b"\x20\x02\0\0",
    b"\x20\x03\0\0\0",
    b"\x20\x02\0\x01",
    b"\x20\x08\0\0\x05\x1f\0\x02ab",
    b"\x20\x80\x02\0\0",
    b"\x26\0\x01",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Mqtt>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Mqtt>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
