//! Good and bad peers for the memcached probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
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

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no memcached: {other:?}"),
    }
}

#[test]
fn an_answer_without_an_error_passes() {
    assert!(asked().says(head(0x81, 0x0a, 0, 0)).run::<Memcache>().is_ok());
}

#[test]
fn an_error_is_told_in_its_words() {
    let refuses = asked().says(head(0x81, 0x0a, 0x20, 13)).says("Auth failure.");
    assert_eq!(refuses.run::<Memcache>(), Err(Failure::Rejected("Auth failure. (status 0x20)".into())));
    let full = asked().says("ERROR Too many open connections\r\n");
    assert_eq!(full.run::<Memcache>(), Err(Failure::Rejected("ERROR Too many open connections".into())));
}

#[test]
fn refuses_other_protocols() {
    for said in ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail ESMTP\r\n", "EHLO?\r\n", "\u{15}\u{3}\u{3}"] {
        assert!(refused(asked().says(said).run::<Memcache>()).contains("binary protocol"), "{said}");
    }
    assert!(refused(asked().says(head(0x81, 0x0b, 0, 0)).run::<Memcache>()).contains("another request"));
    assert!(refused(asked().says(head(0x81, 0x0a, 1, u32::MAX)).run::<Memcache>()).contains("announces"));
    assert!(refused(asked().repeats("E").run::<Memcache>()).contains("binary protocol"));
    assert!(refused(asked().repeats("x").run::<Memcache>()).contains("binary protocol"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(asked().run::<Memcache>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says(&head(0x81, 0x0a, 0, 0)[..23]).run::<Memcache>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says("ERROR Too").run::<Memcache>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().times_out().run::<Memcache>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().breaks().run::<Memcache>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\x81\x0a\0\0\0\0\0\0", b"\x81\x0a\0\0\0\0\0\x20\0\0\0\x04", b"\0\0\0\0\0\0\0\0", b"ERROR x\r\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Memcache>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Memcache>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
