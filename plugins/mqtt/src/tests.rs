//! Good and bad brokers for the MQTT probe.

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

fn answers(said: impl AsRef<[u8]>) -> Script {
    script().hears_anything().says(said)
}

#[test]
fn a_broker_of_version_5_lets_a_client_in() {
    let outcome = script().hears(FIVE).says(five(0)).hears(DISCONNECT).passes::<Mqtt>();
    assert_eq!(outcome.facts, [("version".to_owned(), "5".to_owned())]);
    // What a broker says beside it: user property, keep alive, a name for the client, maxima, a reason.
    let properties = b"\x26\0\x01a\0\x02bc\x13\0\x3c\x12\0\x01x\x24\x01\x25\0\x27\0\0\x10\0\x1f\0\x02ok";
    let peer = script().hears(FIVE).says(with_properties(0, properties)).hears(DISCONNECT);
    let facts = peer.passes::<Mqtt>().facts;
    assert_eq!(facts[1], ("maximum_qos".to_owned(), "1".to_owned()));
}

#[test]
fn a_broker_of_version_3_is_asked_again() {
    let again = |peer: Script| peer.reopens().hears(THREE).says(three(0)).hears(DISCONNECT).passes::<Mqtt>();
    let outcome = again(script().hears(FIVE).says(three(1)));
    assert_eq!(outcome.facts, [("version".to_owned(), "3.1.1".to_owned())]);
    again(script().hears(FIVE).says(five(0x84)).closes());
    again(script().hears(FIVE));
    again(script().hears(FIVE).breaks());
    let neither = script().hears(FIVE).says(three(1)).reopens().hears(THREE).says(three(1));
    assert!(neither.rejects::<Mqtt>().contains("neither"));
    let wrong = script().hears(FIVE).says(three(1)).reopens().hears(THREE).says(three(4));
    assert_eq!(wrong.rejects::<Mqtt>(), "bad user name or password (code 0x04)");
}

#[test]
fn logs_in() {
    let five_user = b"\x10\x2a\0\x04MQTT\x05\xc2\0\x3c\0\0\x15ruled0001020304050607\0\x01u\0\x03p w";
    let peer = script().with("username", "u").with("password", "p w").hears(five_user).says(five(0)).hears(DISCONNECT);
    peer.passes::<Mqtt>();
    let named = b"\x10\x11\0\x04MQTT\x05\x82\0\x3c\0\0\x01c\0\x01u";
    let peer = script().with("username", "u").with("client_id", "c").hears(named).says(five(0)).hears(DISCONNECT);
    peer.passes::<Mqtt>();
    // A length of two bytes.
    let long = "x".repeat(200);
    let packet = [b"\x10\xd5\x01\0\x04MQTT\x05\x02\0\x3c\0\0\xc8".as_slice(), long.as_bytes()].concat();
    let peer = script().with("client_id", long.as_str()).hears(packet).says(five(0)).hears(DISCONNECT);
    peer.passes::<Mqtt>();
}

#[test]
fn a_login_that_makes_no_sense_is_the_rules_mistake() {
    assert!(script().with("password", "p").misconfigures::<Mqtt>().contains("no user"));
    assert!(script().with("username", "a\0b").misconfigures::<Mqtt>().contains("NUL"));
    let long = script().with("username", "u".repeat(65_536).as_str());
    assert!(long.misconfigures::<Mqtt>().contains("65535 bytes"));
}

#[test]
fn a_refusal_is_told_in_words() {
    assert_eq!(answers(five(0x86)).rejects::<Mqtt>(), "bad user name or password (code 0x86)");
    assert_eq!(answers(three(5)).rejects::<Mqtt>(), "not authorized (code 0x05)");
    let busy = with_properties(0x89, b"\x1f\0\x04load");
    assert_eq!(answers(busy).rejects::<Mqtt>(), "the broker is busy: load (code 0x89)");
    assert!(answers(five(0x7f)).is_foreign_to::<Mqtt>().contains("0x7f"));
}

#[test]
fn a_broker_that_repeats_the_password_is_not_quoted() {
    let login = |peer: Script| peer.with("username", "anna").with("password", "geheim");
    let told = with_properties(0x86, b"\x1f\0\x0ageheim: no");
    assert!(!login(answers(&told)).rejects::<Mqtt>().contains("geheim"));
    let again = answers(three(1)).reopens().hears_anything().says(told);
    assert!(!login(again).rejects::<Mqtt>().contains("geheim"));
}

#[test]
fn absurd_answers_are_refused() {
    assert!(answers(b"\x20\xff\xff\xff\xff").is_foreign_to::<Mqtt>().contains("without end"));
    assert!(answers(b"\x20\xff\xff\xff\x7f").is_foreign_to::<Mqtt>().contains("announces"));
    assert!(answers(b"\x20\x01\0").is_foreign_to::<Mqtt>().contains("too few"));
    assert!(answers(b"\x20\0").is_foreign_to::<Mqtt>().contains("too few"));
    assert!(answers(b"\x20\x02\xff\0").is_foreign_to::<Mqtt>().contains("flags"));
    assert!(answers(b"\x20\x03\0\0\x09").is_foreign_to::<Mqtt>().contains("another length"));
    assert!(answers(b"\x20\x07\0\0\xff\xff\xff\xff\x01").is_foreign_to::<Mqtt>().contains("without end"));
    assert!(answers(with_properties(0, b"\x1f\xff\xff")).is_foreign_to::<Mqtt>().contains("too early"));
    assert!(answers(with_properties(0, b"\x23\0\x01")).is_foreign_to::<Mqtt>().contains("does not belong"));
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]).into_iter().chain([("a message that nobody asked for", b"\x30\x02".as_slice())])
    {
        let of = if name == "TLS" { "TLS" } else { "as a broker" };
        assert!(answers(said).is_foreign_to::<Mqtt>().contains(of), "{name}");
    }
    assert!(script().hears_anything().repeats("x").is_foreign_to::<Mqtt>().contains("as a broker"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    // Nobody takes the second connection.
    assert_eq!(script().hears(FIVE).breaks_off::<Mqtt>(), IoError::Reset);
    assert_eq!(script().hears(FIVE).reopens().hears(THREE).breaks_off::<Mqtt>(), IoError::Closed);
    for said in 0..4 {
        let silent = script().hears(FIVE).says(&five(0)[..said]).times_out();
        assert_eq!(silent.breaks_off::<Mqtt>(), IoError::TimedOut);
        let twice = script().hears(FIVE).reopens().hears(THREE).says(&three(0)[..said]);
        assert_eq!(twice.clone().breaks_off::<Mqtt>(), IoError::Closed);
        assert_eq!(twice.breaks().breaks_off::<Mqtt>(), IoError::Reset);
    }
    script().hears(FIVE).says(five(0)).drips().hears(DISCONNECT).passes::<Mqtt>();
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

survives_any_peer!(Mqtt, PIECES);
