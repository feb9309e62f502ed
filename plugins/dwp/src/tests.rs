//! Good and bad peers for the DWP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::{Dwp, USER_AGENT};

fn asked() -> Script {
    script().at("db.example", 8088).hears(format!(
        "HEAD / HTTP/1.1\r\nHost: db.example:8088\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
         Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ))
}

#[test]
fn a_status_below_400_passes() {
    let outcome = asked().says("HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n").passes::<Dwp>();
    assert_eq!(outcome.summary, "200 OK");
    asked().says("HTTP/1.0 302 Found\r\n\r\n").passes::<Dwp>();
}

#[test]
fn another_status_fails() {
    let down = asked().says("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    assert_eq!(down.mismatches::<Dwp>(), "the status is 503 Service Unavailable, expected < 400");
    assert!(asked().says("HTTP/1.1 400 Bad Request\r\n\r\n").run::<Dwp>().is_err());
}

#[test]
fn refuses_what_is_no_http() {
    for (name, said) in strangers(&["HTTP"]) {
        assert!(asked().says(said).is_foreign_to::<Dwp>().contains("status line"), "{name}");
    }
    assert!(asked().says("HTTP/1.1 20 OK\r\n\r\n").is_foreign_to::<Dwp>().contains("three digits"));
    assert!(asked().repeats("x").is_foreign_to::<Dwp>().contains("8192 bytes"));
    assert!(asked().says("HTTP/1.1 200 OK\r\n").repeats("a: b\r\n").is_foreign_to::<Dwp>().contains("200 lines"));
    assert!(asked().repeats("HTTP/1.1 100 x\r\n\r\n").is_foreign_to::<Dwp>().contains("interim"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let interim = asked().says("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    interim.says("HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n").drips().needs_every_byte::<Dwp>();
}

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Dwp>(&bytes).ok();
    }

    #[test]
    fn any_header_is_survived(head in any::<[u8; 2]>(), rest in "HTTP/1.1 [0-9]{3} [ -~\r\n]{0,300}") {
        fuzz::<Dwp>(&[head.to_vec(), rest.into_bytes()].concat()).ok();
    }
}
