//! What a connection, a digest and a secret are to a guest, at their edges.

use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use ruled::plugin::{Pattern, Plugins, Probe, ProbeOutcome, Value};
use ruled::transport::{Endpoint, Route};

use super::{failed, faulted, outcome, peer, probe, report, with};

/// Where work that is done for a guest without end stops: whichever comes first on this machine.
const WORKED: &[&str] =
    &["the hostile plugin had more than 16 MiB digested or matched", "the hostile plugin used up its CPU budget"];

fn plugins() -> Plugins {
    Plugins::with(ruled_test_guests::HOSTILE)
}

fn deed(name: &'static str, port: u16) -> Probe {
    with(probe("hostile", port), "deed", Value::Text(name.into()))
}

/// What a deed says when it passes.
fn said(probe: Probe) -> String {
    match outcome(&plugins(), probe) {
        ProbeOutcome::Passed { summary, .. } => summary,
        other => panic!("the deed should pass: {other:?}"),
    }
}

#[test]
fn one_call_receives_a_burst_at_most() {
    assert_eq!(said(deed("receive_at_most", peer::endless())), "true");
    assert_eq!(said(deed("receive_nothing", peer::silent())), "0");
    let sentence = faulted(&plugins(), deed("exactly_much", peer::endless()));
    assert_eq!(sentence, "the hostile plugin wanted to receive more than 1 MiB at once");
}

#[test]
fn a_delimiter_is_found_across_packets_and_must_not_be_empty() {
    let port = peer::serve(|mut stream| {
        stream.set_nodelay(true).expect("an option of the socket");
        for piece in ["12E", "N", "D3", "4", "EN", "D"] {
            let _ = stream.write_all(piece.as_bytes());
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    assert_eq!(said(deed("until", port)), "5 5");
    assert_eq!(said(deed("until_nothing", peer::silent())), "Err(Other)");
    assert_eq!(said(deed("until_much", peer::greets("xxx"))), "Err(Other)");
}

#[test]
fn after_the_end_there_is_the_end() {
    assert_eq!(said(deed("after_the_end", peer::serve(drop))), "true");
}

#[test]
fn a_peer_that_says_a_byte_at_a_time_is_given_up_at_the_deadline() {
    let port = peer::serve(|mut stream| {
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let mut slow = deed("whole_line", port);
    slow.timeout = Duration::from_millis(400);
    assert_eq!(failed(&plugins(), slow), "no complete answer within 400 ms");
}

#[test]
fn a_guest_can_wait_less_than_its_deadline() {
    assert_eq!(said(deed("wait_a_little", peer::silent())), "Err(TimedOut)");
}

#[test]
fn a_connection_is_opened_anew_once() {
    // What was said and not read is gone with the connection before.
    let port = peer::greets("hello\r\nand more\r\n");
    assert_eq!(said(deed("reopen", port)), "hello hello Err(Other)");
    let once = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = once.local_addr().expect("its number").port();
    std::thread::spawn(move || {
        let (mut client, _) = once.accept().expect("a guest");
        drop(once);
        std::io::Write::write_all(&mut client, b"hello\r\n").expect("a guest that listens");
        std::io::Read::read(&mut client, &mut [0; 1]).ok();
    });
    assert_eq!(failed(&plugins(), deed("reopen", port)), "the service broke the connection");
}

#[test]
fn what_was_said_before_encryption_is_refused() {
    // In one packet, so that it has arrived when encryption begins: what an attacker in between would add.
    let port = peer::greets("220 go ahead\r\n250 a line that was put there\r\n");
    let sentence = failed(&plugins(), deed("start_tls", port));
    assert!(sentence.contains("encrypt"), "{sentence}");
}

#[test]
fn encryption_with_a_peer_that_does_not_speak_it_fails_with_a_sentence() {
    let port = peer::answers_line("220 go ahead\r\n", "500 what?\r\n");
    let sentence = failed(&plugins(), deed("start_tls", port));
    assert!(!sentence.is_empty() && !sentence.contains("plugin"), "{sentence}");
    let sentence = faulted(&plugins(), deed("tls_without_reason", peer::silent()));
    assert_eq!(sentence, "the hostile plugin reported that encryption failed, which it did not begin");
}

#[test]
fn datagrams_are_whole_or_cut() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("its number").port();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(if &buffer[..count] == b"ping" { b"pong and more" } else { b"what?" }, from);
        }
    });
    let mut probe = deed("datagrams", port);
    probe.route.datagrams = true;
    assert_eq!(said(probe), "pong Err(Other)");
}

#[test]
fn nobody_who_takes_datagrams_is_said_so() {
    let mut probe = deed("datagrams", peer::no_datagrams());
    probe.route.datagrams = true;
    assert_eq!(failed(&plugins(), probe), "nobody takes datagrams there");
}

#[test]
fn a_guest_knows_how_the_service_is_reached() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let _listener = UnixListener::bind(&path).expect("a socket");
    let mut probe = deed("peer", 1);
    probe.route = Route::to(Endpoint::Unix(path.clone()));
    let said = said(probe);
    assert!(said.contains("UnixStream") && said.contains("port: None"), "{said}");
    assert!(said.contains(&path.display().to_string()), "{said}");
}

#[test]
fn digests_are_right_and_bounded() {
    let words = "a9993e36 90015098 750c783e Some(\"55ac046e\") None";
    assert_eq!(said(deed("digest", peer::silent())), words);
    let sentence = faulted(&plugins(), deed("digest_on", peer::silent()));
    assert!(WORKED.iter().any(|bound| sentence.starts_with(bound)), "{sentence}");
}

#[test]
fn patterns_are_matched_by_the_host() {
    let pattern = |text: &'static str, negated, posix| Value::Pattern(Pattern { text: text.into(), negated, posix });
    let port = peer::greets("abc 123\r\n");
    let matching = |value| said(with(deed("match", port), "content", value));
    assert_eq!(matching(pattern("^abc [0-9]+$", false, true)), "Some(true)");
    assert_eq!(matching(pattern(r"\d{3}", false, false)), "Some(true)");
    assert_eq!(matching(pattern("xyz", false, false)), "Some(false)");
    assert_eq!(matching(pattern("xyz", true, false)), "Some(true)");
    assert_eq!(said(deed("match", port)), "None");
    let broken = with(deed("match", port), "content", pattern("a(", false, false));
    assert!(faulted(&plugins(), broken).contains("the pattern \"a(\" is none"));
    let endless = with(deed("match_on", port), "content", pattern("y", false, false));
    let sentence = faulted(&plugins(), endless);
    assert!(WORKED.iter().any(|bound| sentence.starts_with(bound)), "{sentence}");
}

#[test]
fn handles_and_chance_are_bounded() {
    assert!(faulted(&plugins(), deed("hoard_handles", peer::silent())).starts_with("the hostile plugin could not run"));
    let sentence = faulted(&plugins(), deed("random_much", peer::silent()));
    assert_eq!(sentence, "the hostile plugin asked for more than 4096 random bytes at once");
}

#[test]
fn secrets_stand_in_nothing_that_is_reported() {
    for name in ["betray", "betray_in_failure", "betray_in_panic"] {
        let probe = with(deed(name, peer::silent()), "password", Value::Text("hunter2-and-more".into()));
        let report = report(&plugins(), probe);
        let all = format!("{report:?}");
        assert!(!all.contains("hunter2") && all.contains("***"), "{all}");
    }
}
