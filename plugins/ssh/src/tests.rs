//! Good and bad peers for the SSH probe.

use ruled_plugin::*;

use super::{IDENTIFICATION, Ssh};

#[test]
fn reads_the_identification_and_answers() {
    let peer = script().says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").hears(IDENTIFICATION);
    let outcome = peer.passes::<Ssh>();
    assert_eq!(outcome.summary, "OpenSSH_9.2p1 Debian-2");
    assert_eq!(outcome.facts, [("software".to_owned(), "OpenSSH_9.2p1".to_owned())]);
}

#[test]
fn accepts_version_1_99_and_a_bare_line_feed() {
    let peer = script().says("SSH-1.99-Cisco-1.25\n").hears(IDENTIFICATION);
    assert_eq!(peer.passes::<Ssh>().summary, "Cisco-1.25");
}

#[test]
fn skips_lines_before_the_identification() {
    let peer = script().says("Welcome\r\nto this host\r\n").says("SSH-2.0-x\r\n").hears(IDENTIFICATION);
    peer.passes::<Ssh>();
}

#[test]
fn refuses_another_version() {
    assert!(script().says("SSH-1.5-old\r\n").is_foreign_to::<Ssh>().contains("\"1.5\""));
    assert!(script().says("SSH-2.0\r\n").is_foreign_to::<Ssh>().contains("software"));
    assert!(script().says("SSH-\r\n").is_foreign_to::<Ssh>().contains("\"\""));
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&["SSH"]) {
        let of = if name == "HTTP" { "HTTP" } else { "identify" };
        assert!(script().says(said).is_foreign_to::<Ssh>().contains(of), "{name}");
    }
}

#[test]
fn a_banner_without_end_is_refused() {
    assert!(script().repeats("hello\r\n").is_foreign_to::<Ssh>().contains("50 lines"));
    assert!(script().repeats("x").is_foreign_to::<Ssh>().contains("255 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let good = script().says("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").hears(IDENTIFICATION);
    good.clone().needs_every_byte::<Ssh>();
    good.drips().passes::<Ssh>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["SSH-2.0-x\r\n", "SSH-", "HTTP/1.1 200 OK\r\n", "\r\n"];

survives_any_peer!(Ssh, PIECES);
