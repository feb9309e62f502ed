//! Good and bad peers for the DNS probe.

use ruled_plugin::*;

use super::Dns;

/// The query, whose number is made of the bytes 0 and 1.
const QUERY: &[u8] = b"\x00\x01\x01\x00\x00\x01\0\0\0\0\0\0\0\0\x02\0\x01";

/// An answer with these flags and so many records.
fn answer(flags: u16, answers: u8, authorities: u8) -> Vec<u8> {
    let mut answer = vec![0, 1];
    answer.extend(flags.to_be_bytes());
    answer.extend([0, 1, 0, answers, 0, authorities, 0, 0]);
    answer.extend(&QUERY[12..]);
    answer
}

fn with_length(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

/// A server over a stream that was asked.
fn stream() -> Script {
    script().hears(with_length(QUERY))
}

fn datagrams() -> Script {
    script().over(Transport::Udp)
}

#[test]
fn servers_of_the_root_pass() {
    let good = answer(0x8180, 13, 0);
    let outcome = datagrams().hears(QUERY).says(&good).passes::<Dns>();
    assert_eq!(outcome.summary, "it knows 13 servers of the root");
    assert_eq!(stream().says(with_length(&good)).passes::<Dns>(), outcome);
    stream().says(with_length(&answer(0x8000, 0, 13))).passes::<Dns>();
    datagrams().hears(QUERY).says(answer(0x8200, 0, 0)).passes::<Dns>();
}

#[test]
fn a_refusal_passes_and_other_errors_fail() {
    stream().says(with_length(&answer(0x8005, 0, 0))).passes::<Dns>();
    // A refusal need not repeat the question.
    datagrams().hears(QUERY).says(b"\0\x01\x80\x05\0\0\0\0\0\0\0\0").passes::<Dns>();
    for (code, word) in [(1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (9, "NOTAUTH"), (15, "15")] {
        match stream().says(with_length(&answer(0x8000 | code, 0, 0))).run::<Dns>() {
            Err(Failure::Rejected(said)) => assert!(said.contains(word), "{said}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_lost_query_is_sent_again() {
    let late = datagrams().hears(QUERY).pauses().hears(QUERY).pauses().hears(QUERY).says(answer(0x8180, 1, 0));
    late.passes::<Dns>();
    let never = (0..5).fold(datagrams(), |peer, _| peer.hears(QUERY).pauses());
    assert_eq!(never.times_out().breaks_off::<Dns>(), IoError::TimedOut);
}

#[test]
fn strange_datagrams_are_passed_over() {
    let foreign = [&[9, 9], &answer(0x8180, 1, 0)[2..]].concat();
    let peer = datagrams().hears(QUERY).says("").says(&foreign).says([0, 1]).says(answer(0x8180, 1, 0));
    peer.passes::<Dns>();
    let flood = (0..70).fold(datagrams().hears(QUERY), |peer, _| peer.says(&foreign));
    assert!(flood.is_foreign_to::<Dns>().contains("none of them"));
    assert_eq!(datagrams().hears(QUERY).refuses().breaks_off::<Dns>(), IoError::Refused);
}

#[test]
fn what_is_no_answer_is_refused() {
    let says = |message: &[u8]| stream().says(with_length(message)).is_foreign_to::<Dns>();
    assert!(says(&answer(0x0100, 1, 0)).contains("a query"));
    assert!(says(&answer(0x8180, 0, 0)).contains("without a record"));
    assert!(says(&[&[7, 7], &answer(0x8180, 1, 0)[2..]].concat()).contains("another query"));
    assert!(says(&answer(0x8180, 1, 0)[..14]).contains("another question"));
    assert!(says(&[0; 11]).contains("too few"));
    assert!(says(&[]).contains("too few"));
    assert!(stream().repeats("x").is_foreign_to::<Dns>().contains("a query"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    stream().says(with_length(&answer(0x8180, 13, 0))).needs_every_byte::<Dns>();
    stream().says(with_length(&answer(0x8180, 13, 0))).drips().passes::<Dns>();
    let asked = datagrams().hears(QUERY).pauses().hears(QUERY);
    asked.says(answer(0x8180, 13, 0)).needs_every_byte::<Dns>();
    // What begins as a length in other protocols is a long one.
    for (name, said) in strangers(&["MySQL"]) {
        assert_eq!(stream().says(said).breaks_off::<Dns>(), IoError::Closed, "{name}");
    }
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\0\x11", b"\0\x01\x81\x80\0\x01\0\x01", b"\0\x01\x80\x05\0\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\x02\0\x01"];

survives_any_peer!(Dns, PIECES);
