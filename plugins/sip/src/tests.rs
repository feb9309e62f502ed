//! Good and bad peers for the SIP probe.

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

#[test]
fn a_server_that_says_what_it_can_do_passes() {
    let good = answer("200 OK", "Server: kamailio\r\nAllow: INVITE,\r\n ACK\r\nContent-Length: 3\r\n");
    let outcome = tcp().says(format!("{good}v=0")).passes::<Sip>();
    assert_eq!(outcome.summary, "200 OK");
    let facts = [("status", "200"), ("server", "kamailio"), ("allow", "INVITE, ACK")];
    assert_eq!(outcome.facts, facts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(udp().hears(asked()).says(good).passes::<Sip>(), outcome);
}

#[test]
fn asks_as_the_rule_wants_it() {
    let tls = script().encrypted().with("target", "alice@example.org").with("max_forward", Value::Integer(0));
    let tls = tls.hears(request("sips:alice@example.org", "TLS", 0));
    tls.says(answer("200 OK", "")).passes::<Sip>();
    let capitals = script().with("target", "SIP:alice@example.org:5070");
    let capitals = capitals.hears(request("sip:alice@example.org:5070", "TCP", 70));
    assert!(capitals.says(answer("200 OK", "")).run::<Sip>().is_ok());
    let full = script().with("target", "sips:alice@example.org").hears(request("sip:alice@example.org", "TCP", 70));
    full.says(answer("200 OK", "")).passes::<Sip>();
}

#[test]
fn a_target_cannot_smuggle_a_header_line() {
    for target in ["", "sip:", "a@b\r\nX: y", "a b@c", "<a@b>", "\u{fc}@b"] {
        assert!(!script().with("target", target).misconfigures::<Sip>().is_empty(), "{target:?}");
    }
}

#[test]
fn the_status_is_compared() {
    let unknown = tcp().says(answer("404 Not Found", ""));
    assert_eq!(unknown.clone().mismatches::<Sip>(), "the status is 404 Not Found, expected < 300");
    let wanted = Value::Comparison(Comparison { relation: Relation::Equal, number: 404 });
    unknown.with("status", wanted).passes::<Sip>();
    for status in ["302 Moved", "503 Service Unavailable"] {
        assert!(tcp().says(answer(status, "")).mismatches::<Sip>().contains(status));
    }
}

#[test]
fn provisional_answers_are_passed_over() {
    let trying = answer("100 Trying", "l: 2\r\n") + "ab\r\n\r\n";
    tcp().says(&trying).says(answer("200 OK", "")).passes::<Sip>();
    assert!(tcp().repeats(&trying).is_foreign_to::<Sip>().contains("20 provisional"));
    let late = udp().hears(asked()).says(&trying).pauses().hears(asked()).says(answer("200 OK", ""));
    late.passes::<Sip>();
}

#[test]
fn short_names_of_headers_are_understood() {
    let short = answer("200 OK", "").replace("Via:", "v:").replace("Call-ID:", "i:").replace("CSeq:  1", "cseq: 1");
    tcp().says(short).passes::<Sip>();
}

#[test]
fn answers_to_others_are_none() {
    let good = answer("200 OK", "");
    for (real, other) in [(CHANCE, "0001020304050608"), ("1 OPTIONS", "2 OPTIONS"), ("1 OPTIONS", "1 INVITE")] {
        let foreign = good.replace(real, other);
        assert!(tcp().says(&foreign).is_foreign_to::<Sip>().contains("another request"), "{other}");
        let peer = udp().hears(asked()).says(&foreign).says("").says("HTTP/1.1 400\r\n\r\n").says(&good);
        assert!(peer.run::<Sip>().is_ok(), "{other}");
    }
    let flood = (0..70).fold(udp().hears(asked()), |peer, _| peer.says("x"));
    assert!(flood.is_foreign_to::<Sip>().contains("none of them"));
}

#[test]
fn a_lost_request_is_sent_again() {
    let late = udp().hears(asked()).pauses().hears(asked()).pauses().hears(asked()).says(answer("200 OK", ""));
    late.passes::<Sip>();
    let never = (0..5).fold(udp(), |peer, _| peer.hears(asked()).pauses());
    assert_eq!(never.times_out().breaks_off::<Sip>(), IoError::TimedOut);
    assert_eq!(udp().hears(asked()).refuses().breaks_off::<Sip>(), IoError::Refused);
}

#[test]
fn refuses_what_is_no_sip() {
    let says = |said: &str| tcp().says(said).is_foreign_to::<Sip>();
    for (name, said) in strangers(&[]) {
        assert!(tcp().says(said).is_foreign_to::<Sip>().contains("status line"), "{name}");
    }
    assert!(says("220 mail ESMTP\r\n").contains("\"220 mail ESMTP\", and not with a status line"));
    assert!(says("OPTIONS sip:a@b SIP/2.0\r\n").contains("a request"));
    assert!(says("SIP/2.0 2000 OK\r\n").contains("2000"));
    assert!(says("SIP/2.0 +20 OK\r\n").contains("+20"));
    assert!(says("SIP/2.0 200 OK\r\nno colon\r\n").contains("colon"));
    assert!(says(&answer("200 OK", "Content-Length: 99999999\r\n")).contains("announces"));
    assert!(says(&answer("200 OK", "Content-Length: -1\r\n")).contains("announces"));
    assert!(says(&"\r\n".repeat(30)).contains("status line"));
    assert!(tcp().repeats("x").is_foreign_to::<Sip>().contains("8192 bytes"));
    assert!(tcp().says("SIP/2.0 200 OK\r\n").repeats("a: b\r\n").is_foreign_to::<Sip>().contains("200 lines"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let good = tcp().says(answer("200 OK", "Content-Length: 3\r\n")).says("v=0");
    good.clone().needs_every_byte::<Sip>();
    good.drips().passes::<Sip>();
    udp().hears(asked()).says(answer("200 OK", "")).needs_every_byte::<Sip>();
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

survives_any_peer!(Sip, PIECES);
