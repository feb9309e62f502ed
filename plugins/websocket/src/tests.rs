//! Good and bad peers for the WebSocket probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::{USER_AGENT, WebSocket};

/// The key of the bytes 0 to 15, and its proof.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";
const ACCEPT: &str = "Bz3qJYTGdOe8gUSpLosEdiLKDrk=";

/// The mask of a frame is 0, 1, 2, 3 here, and the content of the ping 0 to 7.
const PING: &[u8] = &[0x89, 0x88, 0, 1, 2, 3, 0, 0, 0, 0, 4, 4, 4, 4];
const PONG: &[u8] = &[0x8a, 8, 0, 1, 2, 3, 4, 5, 6, 7];
const CLOSE: &[u8] = &[0x88, 0x82, 0, 1, 2, 3, 3, 0xe9];

fn request(path: &str, host: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n{more}\r\n"
    )
}

fn change(more: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\n{more}\r\n"
    )
}

/// A server that changed and was pinged.
fn pinged() -> Script {
    script().hears(request("/", "host.example:7", "Sec-WebSocket-Version: 13\r\n")).says(change("")).hears(PING)
}

fn answers(said: &str) -> Script {
    script().hears_anything().says(said)
}

#[test]
fn changes_and_pings() {
    pinged().says(PONG).hears(CLOSE).passes::<WebSocket>();
}

#[test]
fn a_header_may_be_a_list_in_several_lines() {
    let said = change("Sec-WebSocket-Protocol:\r\nSec-WebSocket-Extensions: \r\n");
    let said = said.replace("keep-alive, Upgrade", "keep-alive\r\nConnection: Upgrade");
    let peer = script().hears(request("/", "host.example:7", "Sec-WebSocket-Version: 13\r\n"));
    peer.says(said).hears(PING).says(PONG).hears(CLOSE).passes::<WebSocket>();
}

#[test]
fn what_was_not_asked_for_fails() {
    let extension = change("Sec-WebSocket-Extensions: permessage-deflate\r\n");
    let sentence = answers(&extension).is_foreign_to::<WebSocket>();
    assert!(sentence.contains("\"permessage-deflate\", which was not asked for"), "{sentence}");
    let sip = answers(&change("Sec-WebSocket-Protocol: sip\r\n")).mismatches::<WebSocket>();
    assert_eq!(sip, "the subprotocol is sip, expected none");
    // An empty name is none.
    let none = script().with("subprotocol", "");
    let none = none.hears(request("/", "host.example:7", "Sec-WebSocket-Version: 13\r\n"));
    none.says(change("")).hears(PING).says(PONG).hears(CLOSE).passes::<WebSocket>();
}

#[test]
fn asks_as_the_rule_wants_it() {
    let peer = script()
        .with("request", "/chat?a=1")
        .with("host", "chat.example")
        .with("origin", "https://chat.example")
        .with("version", Value::Integer(8))
        .with("subprotocol", "mqtt");
    let more = "Sec-WebSocket-Version: 8\r\nOrigin: https://chat.example\r\nSec-WebSocket-Protocol: mqtt\r\n";
    let peer = peer.hears(request("/chat?a=1", "chat.example", more));
    let taken = peer.clone().says(change("Sec-WebSocket-Protocol: mqtt\r\n")).hears(PING).says(PONG).hears(CLOSE);
    taken.passes::<WebSocket>();
    match peer.says(change("")).run::<WebSocket>() {
        Err(Failure::Mismatch { what, found, .. }) => {
            assert_eq!((what.as_str(), found.as_str()), ("subprotocol", "none"))
        }
        other => panic!("{other:?}"),
    }
    // The version that Monit writes where a rule says nothing.
    let zero = script().with("version", Value::Integer(0));
    let zero = zero.hears(request("/", "host.example:7", "Sec-WebSocket-Version: 13\r\n"));
    zero.says(change("")).hears(PING).says(PONG).hears(CLOSE).passes::<WebSocket>();
}

#[test]
fn an_option_cannot_smuggle_a_header_line() {
    for option in ["request", "host", "origin", "subprotocol"] {
        assert!(!script().with(option, "/a\r\nX: y").misconfigures::<WebSocket>().is_empty(), "{option}");
    }
}

#[test]
fn another_status_fails() {
    let found = |said: &str| match answers(said).run::<WebSocket>() {
        Err(Failure::Mismatch { found, .. }) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found("HTTP/1.1 404 Not Found\r\n\r\n"), "404 Not Found");
    let old = found("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13, 8\r\n\r\n");
    assert_eq!(old, "426 Upgrade Required (the server knows version 13, 8)");
}

#[test]
fn a_change_without_proof_fails() {
    let full = change("");
    assert!(
        answers(&full.replace("Upgrade: WebSocket", "Upgrade: h2c"))
            .is_foreign_to::<WebSocket>()
            .contains("something else")
    );
    assert!(answers(&full.replace(", Upgrade", "")).is_foreign_to::<WebSocket>().contains("as it was"));
    assert!(answers(&full.replace(ACCEPT, "x3JJHMbDL1EzLkh9GBhXDw==")).is_foreign_to::<WebSocket>().contains("prove"));
}

#[test]
fn what_is_said_before_the_pong_is_passed_over() {
    let long = [&[0x82, 126, 0x01, 0x00], [b'x'; 256].as_slice()].concat();
    let peer = pinged().says([0x81, 5]).says("hello").says(long).says([0x01, 1, b'a']).says([0x80, 1, b'b']);
    // A ping of the server, a pong that nobody asked for.
    let peer = peer.says([0x89, 1, b'z']).says([0x8a, 0]).says(PONG);
    let peer = peer.hears([0x8a, 0x81, 0, 1, 2, 3, b'z']).hears(CLOSE);
    peer.passes::<WebSocket>();
}

#[test]
fn a_server_that_closes_says_why() {
    let why = pinged().says(b"\x88\x0a\x03\xf1go away!").rejects::<WebSocket>();
    assert_eq!(why, "the server closes: go away! (code 1009)");
    assert!(pinged().says([0x88, 0]).rejects::<WebSocket>().contains("closes"));
}

#[test]
fn absurd_frames_are_refused() {
    let says = |frame: &[u8]| pinged().says(frame).is_foreign_to::<WebSocket>();
    assert!(says(&[0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).contains("announces"));
    assert!(says(&[0x8a, 126, 1, 0]).contains("not whole"));
    assert!(says(&[0x0a, 0]).contains("not whole"));
    assert!(says(&[0xc2, 0]).contains("extension"));
    assert!(says(&[0x82, 0x81]).contains("masks"));
    assert!(says(&[0x83, 0]).contains("does not exist"));
    assert!(says(&[0x8b, 0]).contains("does not exist"));
    let endless = |frame: &[u8]| pinged().repeats(frame).hears_anything().is_foreign_to::<WebSocket>();
    assert!(endless(&[0x82, 0]).contains("1000 frames"));
    assert!(endless(&[&[0x82, 126, 0xff, 0xff], [0; 65_535].as_slice()].concat()).contains("1048576 bytes"));
    assert!(endless(&[0x89, 0]).contains("20 times"));
}

#[test]
fn refuses_what_is_no_http() {
    let ssh = answers("SSH-2.0-OpenSSH_9.2\r\n").is_foreign_to::<WebSocket>();
    assert_eq!(ssh, "the answer begins with \"SSH-2.0-OpenSSH_9.2\", and not with a status line of HTTP");
    assert!(script().hears_anything().repeats("x").is_foreign_to::<WebSocket>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    pinged().says(PONG).hears(CLOSE).needs_every_byte::<WebSocket>();
    pinged().says(PONG).drips().hears(CLOSE).passes::<WebSocket>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[
    b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: Bz3qJYTGdOe8gUSpLosEdiLKDrk=\r\n\r\n",
    PONG,
    b"\x89\x01z",
    b"\x81\x05hello",
    b"\x88\x02\x03\xe8",
    b"\x82\x7e\x00\x05",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<WebSocket>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_changes_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<WebSocket>(&[head.to_vec(), PIECES[0].to_vec(), pieces.concat()].concat()).ok();
    }
}
