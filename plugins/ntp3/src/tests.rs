//! Good and bad peers for the probe of time servers.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Ntp;
use super::packet::{HEAD_BYTES, question};

/// What questions are known by in tests.
const COOKIE: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

/// 2026-01-01, and the same in seconds since 1900.
const NOW: u64 = 1_767_225_600;
const NOW_1900: u32 = 3_976_214_400;

/// An answer with these three in its first byte, this stratum and this reference, of a clock so many seconds ahead.
fn answer(leap: u8, version: u8, mode: u8, stratum: u8, reference: [u8; 4], ahead: i32) -> Vec<u8> {
    let time = NOW_1900.wrapping_add_signed(ahead).to_be_bytes();
    let mut answer = vec![leap << 6 | version << 3 | mode, stratum, 0, 0xe7];
    // Half a second there and back, an eighth off at most.
    answer.extend([0, 0, 0x80, 0, 0, 0, 0x20, 0]);
    answer.extend(reference);
    answer.extend([time, [0; 4]].concat());
    answer.extend(COOKIE);
    answer.extend([time, [0; 4], time, [0x80, 0, 0, 0]].concat());
    assert_eq!(answer.len(), HEAD_BYTES);
    answer
}

fn good() -> Vec<u8> {
    answer(0, 4, 4, 2, [192, 0, 2, 7], 0)
}

fn asked() -> Script {
    script().over(Transport::Udp).at_time(NOW).hears(question(COOKIE))
}

fn says(answer: &[u8]) -> Check {
    asked().says(answer).run::<Ntp>()
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no time server: {other:?}"),
    }
}

#[test]
fn asks_as_a_client_that_says_nothing_of_itself() {
    let question = question(COOKIE);
    assert_eq!(question[..40], [&[0x23][..], &[0; 39]].concat());
    assert_eq!(question[40..], COOKIE);
}

#[test]
fn a_synchronised_clock_passes() {
    let outcome = says(&good()).unwrap();
    assert_eq!(outcome.summary, "stratum 2, its clock is 250.0 ms ahead of this machine's");
    assert_eq!(outcome.facts, [("reference".into(), "192.0.2.7".into())]);
    let metrics: Vec<(&str, f64)> = outcome.metrics.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let expected = [("offset_ms", 250.0), ("stratum", 2.0), ("root_delay_ms", 500.0), ("root_dispersion_ms", 125.0)];
    assert_eq!(metrics, expected);
    // A server of version 3, with a clock of its own, before a leap second, and with extensions behind the answer.
    let mut first = answer(1, 3, 4, 1, *b"GPS\0", 0);
    first.extend([7; 200]);
    let outcome = says(&first).unwrap();
    assert_eq!(outcome.facts[0].0, "leap");
    assert_eq!(outcome.facts[1], ("reference".into(), "GPS".into()));
}

#[test]
fn a_clock_that_is_off_fails_where_the_rule_says_so() {
    let off = |ahead| asked().says(answer(0, 4, 4, 1, *b"PPS\0", ahead)).with("max_offset", Value::DurationMs(60_000));
    assert!(off(59).run::<Ntp>().is_ok());
    match off(-61).run::<Ntp>() {
        Err(Failure::Mismatch { what, expected, found }) => {
            let sentence = format!("the {what} is {found}, expected {expected}");
            assert_eq!(sentence, "the clock is 60750.0 ms behind this machine's, expected 60000 ms at most");
        }
        other => panic!("{other:?}"),
    }
    assert!(says(&answer(0, 4, 4, 1, *b"PPS\0", -61)).is_ok());
}

#[test]
fn the_turn_of_the_counter_is_no_offset() {
    // 2036-02-07 06:28:16 is 0 in seconds since 1900; this machine is a second before, the server half a second after.
    let mut turned = good();
    turned[32..40].copy_from_slice(&[0, 0, 0, 0, 0x80, 0, 0, 0]);
    turned[40..48].copy_from_slice(&[0, 0, 0, 0, 0x80, 0, 0, 0]);
    let outcome =
        script().over(Transport::Udp).at_time(2_085_978_495).hears(question(COOKIE)).says(turned).run::<Ntp>();
    assert_eq!(outcome.unwrap().metrics[0], ("offset_ms".into(), 1_500.0));
}

#[test]
fn a_clock_that_runs_by_nothing_fails() {
    for (leap, stratum) in [(3, 0), (3, 2), (0, 0), (0, 16), (0, 255)] {
        match says(&answer(leap, 4, 4, stratum, [0; 4], 0)) {
            Err(Failure::Mismatch { found, .. }) => assert!(found.contains("not synchronised"), "{found}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_kiss_of_death_is_told_with_its_code() {
    for (code, told) in [
        (*b"RATE", "kiss-o'-death RATE: it is asked too often"),
        (*b"DENY", "kiss-o'-death DENY: it does not answer this machine"),
        (*b"XY\0\0", "kiss-o'-death XY"),
    ] {
        assert_eq!(says(&answer(3, 4, 4, 0, code, 0)), Err(Failure::Rejected(told.into())));
    }
}

#[test]
fn what_answers_no_question_is_passed_over() {
    let mut foreign = good();
    foreign[24] = 9;
    // An echo, an answer to somebody else, a packet that is too short, and then the right one.
    let crowd = asked().says(question(COOKIE)).says(&foreign).says("").says(&good()[..47]);
    assert!(crowd.clone().says(good()).run::<Ntp>().is_ok());
    let silent = (0..3).fold(crowd, |peer, _| peer.pauses().hears(question(COOKIE))).times_out();
    assert!(refused(silent.run::<Ntp>()).contains("no question of NTP"));
    let flood = (0..70).fold(asked(), |peer, _| peer.says(&foreign));
    assert!(refused(flood.run::<Ntp>()).contains("none of them"));
}

#[test]
fn what_no_server_answers_is_refused() {
    assert!(refused(says(&answer(0, 4, 3, 2, [0; 4], 0))).contains("mode 3"));
    assert!(refused(says(&answer(0, 0, 4, 2, [0; 4], 0))).contains("version 0"));
    assert!(refused(says(&answer(0, 7, 4, 2, [0; 4], 0))).contains("version 7"));
    let mut timeless = good();
    timeless[40..].fill(0);
    assert!(refused(says(&timeless)).contains("when it was sent"));
}

#[test]
fn a_lost_question_is_asked_again() {
    let late = asked().pauses().hears(question(COOKIE)).pauses().hears(question(COOKIE)).says(good());
    assert!(late.run::<Ntp>().is_ok());
    let never = (0..3).fold(asked(), |peer, _| peer.pauses().hears(question(COOKIE)));
    assert_eq!(never.times_out().run::<Ntp>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().refuses().run::<Ntp>(), Err(Failure::Io(IoError::Refused)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[b"\x24\x02\0\xe7", b"\xe4\0\0\0", b"RATE", &COOKIE, &[0; 12], &[0xff; 16]];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Ntp>(&bytes).ok();
    }

    #[test]
    fn any_answer_is_survived(head in any::<[u8; 24]>(), times in any::<[u8; 16]>(), more in vec(any::<u8>(), 0..20)) {
        let answer = [head.as_slice(), &COOKIE, &times, &more].concat();
        says(&answer).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Ntp>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
