//! Good and bad peers for the DNS probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
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

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no DNS: {other:?}"),
    }
}

#[test]
fn servers_of_the_root_pass() {
    let good = answer(0x8180, 13, 0);
    let outcome = datagrams().hears(QUERY).says(&good).run::<Dns>().unwrap();
    assert_eq!(outcome.summary, "it knows 13 servers of the root");
    assert_eq!(stream().says(with_length(&good)).run::<Dns>().unwrap(), outcome);
    assert!(stream().says(with_length(&answer(0x8000, 0, 13))).run::<Dns>().is_ok());
    assert!(datagrams().hears(QUERY).says(answer(0x8200, 0, 0)).run::<Dns>().is_ok());
}

#[test]
fn a_refusal_passes_and_other_errors_fail() {
    assert!(stream().says(with_length(&answer(0x8005, 0, 0))).run::<Dns>().is_ok());
    // A refusal need not repeat the question.
    assert!(datagrams().hears(QUERY).says(b"\0\x01\x80\x05\0\0\0\0\0\0\0\0").run::<Dns>().is_ok());
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
    assert!(late.run::<Dns>().is_ok());
    let never = (0..5).fold(datagrams(), |peer, _| peer.hears(QUERY).pauses());
    assert_eq!(never.times_out().run::<Dns>(), Err(Failure::Io(IoError::TimedOut)));
}

#[test]
fn strange_datagrams_are_passed_over() {
    let foreign = [&[9, 9], &answer(0x8180, 1, 0)[2..]].concat();
    let peer = datagrams().hears(QUERY).says("").says(&foreign).says([0, 1]).says(answer(0x8180, 1, 0));
    assert!(peer.run::<Dns>().is_ok());
    let flood = (0..70).fold(datagrams().hears(QUERY), |peer, _| peer.says(&foreign));
    assert!(refused(flood.run::<Dns>()).contains("none of them"));
    assert_eq!(datagrams().hears(QUERY).refuses().run::<Dns>(), Err(Failure::Io(IoError::Refused)));
}

#[test]
fn what_is_no_answer_is_refused() {
    let says = |message: &[u8]| refused(stream().says(with_length(message)).run::<Dns>());
    assert!(says(&answer(0x0100, 1, 0)).contains("a query"));
    assert!(says(&answer(0x8180, 0, 0)).contains("without a record"));
    assert!(says(&[&[7, 7], &answer(0x8180, 1, 0)[2..]].concat()).contains("another query"));
    assert!(says(&answer(0x8180, 1, 0)[..14]).contains("another question"));
    assert!(says(&[0; 11]).contains("too few"));
    assert!(says(&[]).contains("too few"));
    assert!(refused(stream().repeats("x").run::<Dns>()).contains("a query"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(stream().run::<Dns>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(stream().says([0xff, 0xff, 0, 1]).run::<Dns>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(stream().says("HTTP/1.1 400 Bad Request\r\n\r\n").run::<Dns>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(stream().says("SSH-2.0-x\r\n").run::<Dns>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(stream().says([0x15, 3, 3, 0, 2, 2, 10]).run::<Dns>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(stream().times_out().run::<Dns>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(stream().breaks().run::<Dns>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] =
    &[b"\0\x11", b"\0\x01\x81\x80\0\x01\0\x01", b"\0\x01\x80\x05\0\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\x02\0\x01"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Dns>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Dns>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
