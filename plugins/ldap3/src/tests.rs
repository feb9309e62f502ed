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

#[test]
fn binds_as_nobody() {
    let monit = [0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0];
    let answer = [0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0];
    let peer = script().hears(monit).says(answer).hears([0x30, 5, 2, 1, 2, 0x42, 0]);
    assert_eq!(peer.passes::<Ldap3>().summary, "it lets anybody in");
    // Active Directory writes all lengths in four bytes.
    let wide = [0x30, 0x84, 0, 0, 0, 0x10, 2, 1, 1, 0x61, 0x84, 0, 0, 0, 7, 0x0a, 1, 0, 4, 0, 4, 0];
    script().hears(monit).says(wide).hears(unbind(2)).passes::<Ldap3>();
    // A server that is gone before the goodbye was there all the same.
    open().hears_anything().passes::<Ldap3>();
}

#[test]
fn binds_by_name_and_password() {
    let named = |peer: Script| peer.with("username", "cn=eva").with("password", "geheim");
    let asked = script().hears(bind(1, "cn=eva", "geheim"));
    let good = asked.clone().says(result(1, 0x61, 0, "")).hears(unbind(2));
    assert_eq!(named(good).passes::<Ldap3>().summary, "it lets cn=eva in");
    assert_eq!(named(asked.clone().says(result(1, 0x61, 49, ""))).rejects::<Ldap3>(), "invalidCredentials (49)");
    let repeats = named(asked.says(result(1, 0x61, 49, "geheim is wrong"))).rejects::<Ldap3>();
    assert!(!repeats.contains("geheim"), "{repeats}");
}

#[test]
fn a_name_without_a_password_would_be_nobody() {
    for peer in [script().with("username", "cn=eva"), script().with("username", "cn=eva").with("password", "")] {
        assert!(peer.misconfigures::<Ldap3>().contains("no password"));
    }
    assert!(script().with("password", "geheim").misconfigures::<Ldap3>().contains("no user"));
}

#[test]
fn looks_for_an_entry() {
    let asked = open().hears(search(2, "dc=example,dc=org")).with("base", "dc=example,dc=org");
    let entry = message(2, element(0x64, [element(4, "dc=example,dc=org"), element(0x30, "")].concat()));
    let reference = message(2, element(0x73, element(4, "ldap://other")));
    let good = asked.clone().says(reference).says(&entry).says(result(2, 0x65, 0, "")).hears(unbind(3));
    assert_eq!(good.passes::<Ldap3>().summary, "it lets anybody in, and shows dc=example,dc=org");
    let root = message(2, element(0x64, [element(4, ""), element(0x30, "")].concat()));
    let root = open().hears(search(2, "")).with("base", "").says(root).says(result(2, 0x65, 0, "")).hears(unbind(3));
    assert_eq!(root.passes::<Ldap3>().summary, "it lets anybody in, and shows its root");
    assert_eq!(asked.clone().says(result(2, 0x65, 32, "")).rejects::<Ldap3>(), "noSuchObject (32)");
    assert!(asked.clone().says(result(2, 0x65, 0, "")).is_foreign_to::<Ldap3>().contains("does not show"));
    assert!(asked.clone().repeats(entry).is_foreign_to::<Ldap3>().contains("more than 20"));
    assert!(asked.says(result(2, 0x61, 0, "")).is_foreign_to::<Ldap3>().contains("something else"));
}

#[test]
fn a_server_that_says_no_is_told_in_its_words() {
    let asked = script().hears_anything();
    let old = asked.clone().says(result(1, 0x61, 48, "anonymous bind disallowed"));
    assert_eq!(old.rejects::<Ldap3>(), "inappropriateAuthentication (48): anonymous bind disallowed");
    let odd = asked.clone().says(result(1, 0x61, 119, "odd"));
    assert_eq!(odd.rejects::<Ldap3>(), "result (119): odd");
    // A server that ends says so by itself (RFC 4511, section 4.4.1).
    let ends = asked.says(result(0, 0x78, 52, "shutting down"));
    assert_eq!(ends.rejects::<Ldap3>(), "unavailable (52): shutting down");
}

#[test]
fn begins_encryption() {
    let asks = script().wants_start_tls().hears(message(1, element(0x77, element(0x80, START_TLS))));
    let agreed = asks.clone().says(result(1, 0x78, 0, ""));
    let good = agreed.clone().starts_tls().hears(bind(2, "", "")).says(result(2, 0x61, 0, "")).hears(unbind(3));
    good.passes::<Ldap3>();
    let unready = asks.clone().says(result(1, 0x78, 2, "unsupported extended operation"));
    assert_eq!(unready.rejects::<Ldap3>(), "protocolError (2): unsupported extended operation");
    assert_eq!(agreed.clone().refuses_tls().breaks_off::<Ldap3>(), IoError::Tls);
    // What somebody puts in before encryption begins would count as said by the server.
    let injected = agreed.says(result(2, 0x61, 0, ""));
    assert_eq!(injected.breaks_off::<Ldap3>(), IoError::Tls);
    assert!(asks.says(result(1, 0x61, 0, "")).is_foreign_to::<Ldap3>().contains("something else"));
}

#[test]
fn refuses_what_is_no_ldap() {
    for (name, said) in strangers(&[]) {
        assert!(script().hears_anything().says(said).is_foreign_to::<Ldap3>().contains("in LDAP"), "{name}");
    }
    let answers = |bytes: &[u8]| script().hears_anything().says(bytes).is_foreign_to::<Ldap3>();
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
        assert!(peer.is_foreign_to::<Ldap3>().contains("announces"));
    }
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let guarded = script().wants_start_tls().hears(message(1, element(0x77, element(0x80, START_TLS))));
    let bound = guarded.says(result(1, 0x78, 0, "")).starts_tls().hears(bind(2, "", "")).says(result(2, 0x61, 0, ""));
    let entry = message(3, element(0x64, [element(4, "dc=x"), element(0x30, "")].concat()));
    let asks = bound.hears(search(3, "dc=x")).says(entry).says(result(3, 0x65, 0, "")).hears(unbind(4));
    let asks = asks.with("base", "dc=x");
    asks.clone().needs_every_byte::<Ldap3>();
    asks.drips().passes::<Ldap3>();
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
