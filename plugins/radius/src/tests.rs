//! Good and bad peers for the RADIUS probe.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::Radius;

const SECRET: &[u8] = b"testing123";

/// The authenticator of the query: the bytes 1 to 16, behind the number, which is 0.
fn asked() -> Vec<u8> {
    (1..=16).collect()
}

/// The query as it is sent, signed with this secret.
fn query(secret: &[u8]) -> Vec<u8> {
    let mut query = vec![12, 0, 0, 45];
    query.extend(asked());
    query.extend(b"\x20\x07ruled\x50\x12");
    let unsigned = [query.as_slice(), [0; 16].as_slice()].concat();
    query.extend(hmac(HashKind::Md5, secret, &unsigned));
    query
}

/// An answer with these attributes, signed in its head.
fn answer(code: u8, attributes: &[u8], secret: &[u8]) -> Vec<u8> {
    let length = 20 + attributes.len() as u16;
    let head = [&[code, 0], length.to_be_bytes().as_slice()].concat();
    let proof = digest(HashKind::Md5, &[head.as_slice(), &asked(), attributes, secret].concat());
    [head.as_slice(), &proof, attributes].concat()
}

fn datagrams() -> Script {
    script().over(Transport::Udp)
}

fn says(datagram: impl AsRef<[u8]>) -> Script {
    datagrams().hears(query(SECRET)).says(datagram)
}

#[test]
fn the_query_is_signed_as_the_document_has_it() {
    // RFC 5997, section 6.1, has a packet with another authenticator, without a name; its signature is the same sum.
    let mut packet =
        b"\x0c\xda\x00\x26\x8a\x54\xf4\x68\x6f\xb3\x94\xc5\x28\x66\xe3\x02\x18\x5d\x06\x23\x50\x12".to_vec();
    packet.extend([0; 16]);
    let signature = hmac(HashKind::Md5, b"xyzzy5461", &packet);
    assert_eq!(hex(&signature), "5a665e2e1e8411f3e243822097c84fa3");
}

#[test]
fn both_kinds_of_servers_pass() {
    assert!(says(answer(2, b"", SECRET)).passes::<Radius>().summary.contains("authentication"));
    assert!(says(answer(5, b"", SECRET)).passes::<Radius>().summary.contains("accounting"));
    let spoken = says(answer(2, b"\x12\x0dup 5 days  \x19\x03x", SECRET)).passes::<Radius>();
    assert_eq!(spoken.facts, [("reply_message".to_owned(), "up 5 days  ".to_owned())]);
    // What follows the packet in the datagram is none of it.
    says([answer(2, b"", SECRET), vec![0; 7]].concat()).passes::<Radius>();
}

#[test]
fn the_secret_of_the_rule_is_used() {
    let peer = datagrams().with("secret", "xyzzy5461").hears(query(b"xyzzy5461"));
    peer.clone().says(answer(2, b"", b"xyzzy5461")).passes::<Radius>();
    assert!(!datagrams().with("secret", "").misconfigures::<Radius>().is_empty());
}

#[test]
fn a_server_that_refuses_fails() {
    for (code, word) in [(3, "Access-Reject"), (11, "Access-Challenge"), (52, "Protocol-Error")] {
        assert_eq!(says(answer(code, b"", SECRET)).rejects::<Radius>(), word);
    }
}

/// An answer with an attribute that signs it, and this secret in that.
fn doubly_signed(inner: &[u8]) -> Vec<u8> {
    let mut unsigned = vec![2, 0, 0, 38];
    unsigned.extend(asked());
    unsigned.extend([80, 18]);
    unsigned.extend([0; 16]);
    let attribute = [[80, 18].as_slice(), &hmac(HashKind::Md5, inner, &unsigned)].concat();
    answer(2, &attribute, SECRET)
}

#[test]
fn an_answer_that_is_not_signed_is_none() {
    says(doubly_signed(SECRET)).passes::<Radius>();
    let never = |datagram: Vec<u8>| {
        let peer = datagrams().hears(query(SECRET)).says(datagram).pauses();
        let peer = (0..2).fold(peer, |peer, _| peer.hears(query(SECRET)).pauses());
        let sentence = peer.hears(query(SECRET)).times_out().is_foreign_to::<Radius>();
        assert!(sentence.contains("not signed"), "{sentence}");
    };
    never(answer(2, b"", b"another"));
    // The deadline may pass in any wait.
    let soon = datagrams().hears(query(SECRET)).says(answer(2, b"", b"another")).times_out();
    assert!(soon.is_foreign_to::<Radius>().contains("not signed"));
    never(doubly_signed(b"another"));
    never(answer(2, b"\x50\x02", SECRET));
    // Somebody else's, and then the real one.
    let peer = datagrams().hears(query(SECRET)).says(answer(2, b"", b"another")).says(answer(2, b"", SECRET));
    peer.passes::<Radius>();
}

#[test]
fn strange_datagrams_are_passed_over() {
    let good = answer(2, b"", SECRET);
    let mut foreign = good.clone();
    foreign[1] = 9;
    let mut long = good.clone();
    long[3] = 200;
    let torn = answer(2, b"\x12\x09x", SECRET);
    let endless = answer(2, b"\x12\0\0", SECRET);
    let peer = datagrams().hears(query(SECRET)).says("").says("HTTP/1.1 400\r\n\r\n").says([2, 0, 0, 4]).says(foreign);
    peer.says(long).says(torn).says(endless).says([12, 0, 0, 20]).says(&good).passes::<Radius>();
    let flood = (0..70).fold(datagrams().hears(query(SECRET)), |peer, _| peer.says("x"));
    assert!(flood.is_foreign_to::<Radius>().contains("none of them"));
}

#[test]
fn a_lost_query_is_sent_again() {
    let late = datagrams().hears(query(SECRET)).pauses().hears(query(SECRET)).says(answer(2, b"", SECRET));
    late.passes::<Radius>();
}

#[test]
fn a_peer_that_is_silent_or_not_there_is_an_error_of_the_connection() {
    let never = (0..4).fold(datagrams(), |peer, _| peer.hears(query(SECRET)).pauses());
    assert_eq!(never.times_out().breaks_off::<Radius>(), IoError::TimedOut);
    let refuses = datagrams().hears(query(SECRET)).refuses();
    assert_eq!(refuses.breaks_off::<Radius>(), IoError::Refused);
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\x02\0\0\x14", b"\x05\0\0\x26", b"\x50\x12", b"\x12\x04ab", b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"];

survives_any_peer!(Radius, PIECES);

proptest! {
    #[test]
    fn any_attributes_are_survived(attributes in vec(any::<u8>(), 0..200)) {
        datagrams().hears_anything().says(answer(2, &attributes, SECRET)).times_out().run::<Radius>().ok();
    }
}
