//! Good and bad peers for the probe of LDAP, version 3.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Ldap3;

const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

/// An element with a length of one byte.
fn element(tag: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 128).expect("a short element");
    [&[tag, length], content].concat()
}

fn message(id: u8, operation: impl AsRef<[u8]>) -> Vec<u8> {
    element(0x30, [&element(2, [id]), operation.as_ref()].concat())
}

/// An answer with a result.
fn result(id: u8, tag: u8, code: u8, words: &str) -> Vec<u8> {
    message(id, element(tag, [element(0x0a, [code]), element(4, ""), element(4, words)].concat()))
}

fn bind(id: u8, name: &str, password: &str) -> Vec<u8> {
    message(id, element(0x60, [element(2, [3]), element(4, name), element(0x80, password)].concat()))
}

fn unbind(id: u8) -> Vec<u8> {
    message(id, [0x42, 0])
}

fn search(id: u8, name: &str) -> Vec<u8> {
    let options = [0x0a, 1, 0, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0xff];
    let request = [&element(4, name), &options[..], &element(0x87, "objectClass"), &element(0x30, element(4, "1.1"))];
    message(id, element(0x63, request.concat()))
}

/// A server that lets anybody in.
fn open() -> Script {
    script().hears(bind(1, "", "")).says(result(1, 0x61, 0, ""))
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no LDAP: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the probe should be told no: {other:?}"),
    }
}

#[test]
fn binds_as_nobody() {
    let monit = [0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0];
    let answer = [0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0];
    let peer = script().hears(monit).says(answer).hears([0x30, 5, 2, 1, 2, 0x42, 0]);
    assert_eq!(peer.run::<Ldap3>().unwrap().summary, "it lets anybody in");
    // Active Directory writes all lengths in four bytes.
    let wide = [0x30, 0x84, 0, 0, 0, 0x10, 2, 1, 1, 0x61, 0x84, 0, 0, 0, 7, 0x0a, 1, 0, 4, 0, 4, 0];
    assert!(script().hears(monit).says(wide).hears(unbind(2)).run::<Ldap3>().is_ok());
    // A server that is gone before the goodbye was there all the same.
    assert!(open().hears_anything().run::<Ldap3>().is_ok());
}

#[test]
fn binds_by_name_and_password() {
    let named = |peer: Script| peer.with("username", "cn=eva").with("password", "geheim");
    let asked = script().hears(bind(1, "cn=eva", "geheim"));
    let good = asked.clone().says(result(1, 0x61, 0, "")).hears(unbind(2));
    assert_eq!(named(good).run::<Ldap3>().unwrap().summary, "it lets cn=eva in");
    assert_eq!(rejected(named(asked.clone().says(result(1, 0x61, 49, ""))).run::<Ldap3>()), "invalidCredentials (49)");
    let repeats = rejected(named(asked.says(result(1, 0x61, 49, "geheim is wrong"))).run::<Ldap3>());
    assert!(!repeats.contains("geheim"), "{repeats}");
}

#[test]
fn a_name_without_a_password_would_be_nobody() {
    for peer in [script().with("username", "cn=eva"), script().with("username", "cn=eva").with("password", "")] {
        assert!(matches!(peer.run::<Ldap3>(), Err(Failure::Misconfigured(_))));
    }
    assert!(matches!(script().with("password", "geheim").run::<Ldap3>(), Err(Failure::Misconfigured(_))));
}

#[test]
fn looks_for_an_entry() {
    let asked = open().hears(search(2, "dc=example,dc=org")).with("base", "dc=example,dc=org");
    let entry = message(2, element(0x64, [element(4, "dc=example,dc=org"), element(0x30, "")].concat()));
    let reference = message(2, element(0x73, element(4, "ldap://other")));
    let good = asked.clone().says(reference).says(&entry).says(result(2, 0x65, 0, "")).hears(unbind(3));
    assert_eq!(good.run::<Ldap3>().unwrap().summary, "it lets anybody in, and shows dc=example,dc=org");
    assert_eq!(rejected(asked.clone().says(result(2, 0x65, 32, "")).run::<Ldap3>()), "noSuchObject (32)");
    assert!(refused(asked.clone().says(result(2, 0x65, 0, "")).run::<Ldap3>()).contains("does not show"));
    assert!(refused(asked.clone().repeats(entry).run::<Ldap3>()).contains("more than 20"));
    assert!(refused(asked.says(result(2, 0x61, 0, "")).run::<Ldap3>()).contains("something else"));
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let asked = script().hears_anything();
    let old = asked.clone().says(result(1, 0x61, 48, "anonymous bind disallowed"));
    assert_eq!(rejected(old.run::<Ldap3>()), "inappropriateAuthentication (48): anonymous bind disallowed");
    let odd = asked.clone().says(result(1, 0x61, 119, "odd"));
    assert_eq!(rejected(odd.run::<Ldap3>()), "result (119): odd");
    // A server that ends says so by itself (RFC 4511, section 4.4.1).
    let ends = asked.says(result(0, 0x78, 52, "shutting down"));
    assert_eq!(rejected(ends.run::<Ldap3>()), "unavailable (52): shutting down");
}

#[test]
fn begins_encryption() {
    let asks = script().wants_start_tls().hears(message(1, element(0x77, element(0x80, START_TLS))));
    let agreed = asks.clone().says(result(1, 0x78, 0, ""));
    let good = agreed.clone().starts_tls().hears(bind(2, "", "")).says(result(2, 0x61, 0, "")).hears(unbind(3));
    assert!(good.run::<Ldap3>().is_ok());
    let unready = asks.clone().says(result(1, 0x78, 2, "unsupported extended operation"));
    assert_eq!(rejected(unready.run::<Ldap3>()), "protocolError (2): unsupported extended operation");
    assert_eq!(agreed.clone().refuses_tls().run::<Ldap3>(), Err(Failure::Io(IoError::Tls)));
    // What somebody puts in before encryption begins would count as said by the server.
    let injected = agreed.says(result(2, 0x61, 0, ""));
    assert_eq!(injected.run::<Ldap3>(), Err(Failure::Io(IoError::Tls)));
    assert!(refused(asks.says(result(1, 0x61, 0, "")).run::<Ldap3>()).contains("something else"));
}

#[test]
fn refuses_what_is_no_ldap() {
    for other in
        ["SSH-2.0-OpenSSH_9.2\r\n", "+OK POP3\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{15}\u{3}\u{1}\u{0}"]
    {
        assert!(refused(script().hears_anything().says(other).run::<Ldap3>()).contains("in LDAP"), "{other:?}");
    }
    let answers = |bytes: &[u8]| refused(script().hears_anything().says(bytes).run::<Ldap3>());
    assert!(answers(&[0x30, 0x80]).contains("in LDAP"));
    assert!(answers(&[0x30, 0x85, 1, 1, 1, 1, 1]).contains("in LDAP"));
    assert!(answers(&[0x30, 0]).contains("no message"));
    assert!(answers(&result(2, 0x61, 0, "")).contains("request 2"));
    assert!(answers(&message(1, [0x61, 3, 0x0a, 1, 0])).contains("cannot be read"));
    assert!(answers(&message(1, [0x61, 100, 0x0a, 1, 0])).contains("no message"));
}

#[test]
fn absurd_lengths_are_refused() {
    for length in [&[0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x83, 0x10, 0, 0]] {
        let peer = script().hears_anything().says([&[0x30], length].concat()).repeats("x");
        assert!(refused(peer.run::<Ldap3>()).contains("announces"));
    }
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().hears_anything().run::<Ldap3>(), Err(Failure::Io(IoError::Closed)));
    let cut = script().hears_anything().says(&result(1, 0x61, 0, "")[..9]);
    assert_eq!(cut.run::<Ldap3>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().hears_anything().times_out().run::<Ldap3>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().hears_anything().breaks().run::<Ldap3>(), Err(Failure::Io(IoError::Reset)));
}

#[test]
fn a_peer_that_drips_is_read_to_its_end() {
    let peer = result(1, 0x61, 0, "").into_iter().fold(script().hears_anything(), |peer, byte| peer.says([byte]));
    assert!(peer.hears(unbind(2)).run::<Ldap3>().is_ok());
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[
    &[0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0],
    &[0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0],
    &[0x30, 0x0c, 2, 1, 2, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0],
    &[0x30, 0x0c, 2, 1, 2, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0],
    &[0x30, 9, 2, 1, 2, 0x64, 4, 4, 0, 0x30, 0],
    &[0x30, 0x84, 0, 0, 1, 0],
    &[2, 1, 1],
    &[0x61, 0x81],
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Ldap3>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![4 => select(PIECES).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Ldap3>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
