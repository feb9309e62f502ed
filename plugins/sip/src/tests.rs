//! Good and bad peers for the SIP probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Sip;

/// The chance of a request.
const CHANCE: &str = "0001020304050607";

fn request(target: &str, transport: &str, hops: u8) -> String {
    let scheme = target.split(':').next().unwrap();
    let agent = env!("CARGO_PKG_VERSION");
    format!(
        "OPTIONS {target} SIP/2.0\r\nVia: SIP/2.0/{transport} ruled.invalid;branch=z9hG4bK{CHANCE};rport\r\n\
         Max-Forwards: {hops}\r\nTo: <{target}>\r\nFrom: <{scheme}:ruled@ruled.invalid>;tag={CHANCE}\r\n\
         Call-ID: {CHANCE}@ruled.invalid\r\nCSeq: 1 OPTIONS\r\nContact: <{scheme}:ruled@ruled.invalid>\r\n\
         Accept: application/sdp\r\nUser-Agent: ruled/{agent}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// An answer to it with more of a header.
fn answer(status: &str, more: &str) -> String {
    format!(
        "SIP/2.0 {status}\r\nVia: SIP/2.0/TCP ruled.invalid;branch=z9hG4bK{CHANCE};rport=5;received=192.0.2.9\r\n\
         To: <sip:monit@foo.bar>;tag=x\r\nFrom: <sip:ruled@ruled.invalid>;tag={CHANCE}\r\n\
         Call-ID: {CHANCE}@ruled.invalid\r\nCSeq: 1 OPTIONS\r\n{more}\r\n"
    )
}

fn tcp() -> Script {
    script().hears(request("sip:monit@foo.bar", "TCP", 70))
}

fn udp() -> Script {
    script().over(Transport::Udp)
}

fn asked() -> String {
    request("sip:monit@foo.bar", "UDP", 70)
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no SIP: {other:?}"),
    }
}

#[test]
fn a_server_that_says_what_it_can_do_passes() {
    let good = answer("200 OK", "Server: kamailio\r\nAllow: INVITE,\r\n ACK\r\nContent-Length: 3\r\n");
    let outcome = tcp().says(format!("{good}v=0")).run::<Sip>().unwrap();
    assert_eq!(outcome.summary, "200 OK");
    let facts = [("status", "200"), ("server", "kamailio"), ("allow", "INVITE, ACK")];
    assert_eq!(outcome.facts, facts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(udp().hears(asked()).says(good).run::<Sip>().unwrap(), outcome);
}

#[test]
fn asks_as_the_rule_wants_it() {
    let tls = script().encrypted().with("target", "alice@example.org").with("max_forward", Value::Integer(0));
    let tls = tls.hears(request("sips:alice@example.org", "TLS", 0));
    assert!(tls.says(answer("200 OK", "")).run::<Sip>().is_ok());
    let full = script().with("target", "sips:alice@example.org").hears(request("sip:alice@example.org", "TCP", 70));
    assert!(full.says(answer("200 OK", "")).run::<Sip>().is_ok());
}

#[test]
fn a_target_cannot_smuggle_a_header_line() {
    for target in ["", "sip:", "a@b\r\nX: y", "a b@c", "<a@b>", "\u{fc}@b"] {
        let check = script().with("target", target).run::<Sip>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{target:?}: {check:?}");
    }
}

#[test]
fn the_status_is_compared() {
    let unknown = tcp().says(answer("404 Not Found", ""));
    let (what, expected, found) = ("status".into(), "< 300".into(), "404 Not Found".into());
    assert_eq!(unknown.clone().run::<Sip>(), Err(Failure::Mismatch { what, expected, found }));
    let wanted = Value::Comparison(Comparison { relation: Relation::Equal, number: 404 });
    assert!(unknown.with("status", wanted).run::<Sip>().is_ok());
    assert!(tcp().says(answer("302 Moved", "")).run::<Sip>().is_err());
    assert!(tcp().says(answer("503 Service Unavailable", "")).run::<Sip>().is_err());
}

#[test]
fn provisional_answers_are_passed_over() {
    let trying = answer("100 Trying", "l: 2\r\n") + "ab\r\n\r\n";
    assert!(tcp().says(&trying).says(answer("200 OK", "")).run::<Sip>().is_ok());
    assert!(refused(tcp().repeats(&trying).run::<Sip>()).contains("20 provisional"));
    let late = udp().hears(asked()).says(&trying).pauses().hears(asked()).says(answer("200 OK", ""));
    assert!(late.run::<Sip>().is_ok());
}

#[test]
fn short_names_of_headers_are_understood() {
    let short = answer("200 OK", "").replace("Via:", "v:").replace("Call-ID:", "i:").replace("CSeq:  1", "cseq: 1");
    assert!(tcp().says(short).run::<Sip>().is_ok());
}

#[test]
fn answers_to_others_are_none() {
    let good = answer("200 OK", "");
    for (real, other) in [(CHANCE, "0001020304050608"), ("1 OPTIONS", "2 OPTIONS"), ("1 OPTIONS", "1 INVITE")] {
        let foreign = good.replace(real, other);
        assert!(refused(tcp().says(&foreign).run::<Sip>()).contains("another request"), "{other}");
        let peer = udp().hears(asked()).says(&foreign).says("").says("HTTP/1.1 400\r\n\r\n").says(&good);
        assert!(peer.run::<Sip>().is_ok(), "{other}");
    }
    let flood = (0..70).fold(udp().hears(asked()), |peer, _| peer.says("x"));
    assert!(refused(flood.run::<Sip>()).contains("none of them"));
}

#[test]
fn a_lost_request_is_sent_again() {
    let late = udp().hears(asked()).pauses().hears(asked()).pauses().hears(asked()).says(answer("200 OK", ""));
    assert!(late.run::<Sip>().is_ok());
    let never = (0..5).fold(udp(), |peer, _| peer.hears(asked()).pauses());
    assert_eq!(never.times_out().run::<Sip>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(udp().hears(asked()).refuses().run::<Sip>(), Err(Failure::Io(IoError::Refused)));
}

#[test]
fn refuses_what_is_no_sip() {
    let says = |said: &str| refused(tcp().says(said).run::<Sip>());
    assert!(says("HTTP/1.1 400 Bad Request\r\n\r\n").contains("status line"));
    assert!(says("220 mail ESMTP\r\n").contains("status line"));
    assert!(says("OPTIONS sip:a@b SIP/2.0\r\n").contains("a request"));
    assert!(says("SIP/2.0 2000 OK\r\n").contains("2000"));
    assert!(says("SIP/2.0 +20 OK\r\n").contains("+20"));
    assert!(says("SIP/2.0 200 OK\r\nno colon\r\n").contains("colon"));
    assert!(says(&answer("200 OK", "Content-Length: 99999999\r\n")).contains("announces"));
    assert!(says(&answer("200 OK", "Content-Length: -1\r\n")).contains("announces"));
    assert!(says(&"\r\n".repeat(30)).contains("status line"));
    assert!(refused(tcp().repeats("x").run::<Sip>()).contains("8192 bytes"));
    assert!(refused(tcp().says("SIP/2.0 200 OK\r\n").repeats("a: b\r\n").run::<Sip>()).contains("200 lines"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(tcp().run::<Sip>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(tcp().says("SIP/2.0 200 OK\r\nVia").run::<Sip>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(tcp().says(answer("200 OK", "l: 5\r\n")).run::<Sip>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(tcp().times_out().run::<Sip>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(tcp().breaks().run::<Sip>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    "SIP/2.0 200 OK\r\n",
    "SIP/2.0 100 Trying\r\n",
    "Via: SIP/2.0/UDP ruled.invalid;branch=z9hG4bK0001020304050607\r\n",
    "Call-ID: 0001020304050607@ruled.invalid\r\n",
    "CSeq: 1 OPTIONS\r\n",
    "Content-Length: 7\r\n",
    " folded\r\n",
    "\r\n",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Sip>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Sip>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
