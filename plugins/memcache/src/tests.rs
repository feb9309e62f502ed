//! Good and bad peers for the memcached probe.

use ruled_plugin::*;

use super::Memcache;

/// A head with these bytes first, and so many bytes announced behind it.
fn head(magic: u8, operation: u8, status: u8, body: u32) -> Vec<u8> {
    let mut head = vec![magic, operation, 0, 0, 0, 0, 0, status];
    head.extend(body.to_be_bytes());
    head.resize(24, 0);
    head
}

fn asked() -> Script {
    script().hears(head(0x80, 0x0a, 0, 0))
}

#[test]
fn an_answer_without_an_error_passes() {
    asked().says(head(0x81, 0x0a, 0, 0)).passes::<Memcache>();
}

#[test]
fn an_error_is_told_in_its_words() {
    let refuses = asked().says(head(0x81, 0x0a, 0x20, 13)).says("Auth failure.");
    assert_eq!(refuses.rejects::<Memcache>(), "Auth failure. (status 0x20)");
    let full = asked().says("ERROR Too many open connections\r\n");
    assert_eq!(full.rejects::<Memcache>(), "ERROR Too many open connections");
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]).into_iter().chain([("a mail server", b"EHLO?\r\n".as_slice())]) {
        assert!(asked().says(said).is_foreign_to::<Memcache>().contains("binary protocol"), "{name}");
    }
    assert!(asked().says(head(0x81, 0x0b, 0, 0)).is_foreign_to::<Memcache>().contains("another request"));
    assert!(asked().says(head(0x81, 0x0a, 1, u32::MAX)).is_foreign_to::<Memcache>().contains("announces"));
    assert!(asked().repeats("E").is_foreign_to::<Memcache>().contains("binary protocol"));
    assert!(asked().repeats("x").is_foreign_to::<Memcache>().contains("binary protocol"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    asked().says(head(0x81, 0x0a, 0, 0)).needs_every_byte::<Memcache>();
    asked().says(head(0x81, 0x0a, 0, 0)).drips().passes::<Memcache>();
    // Its refusal, too, is read to its end.
    assert_eq!(asked().says("ERROR Too").breaks_off::<Memcache>(), IoError::Closed);
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\x81\x0a\0\0\0\0\0\0", b"\x81\x0a\0\0\0\0\0\x20\0\0\0\x04", b"\0\0\0\0\0\0\0\0", b"ERROR x\r\n"];

survives_any_peer!(Memcache, PIECES);
