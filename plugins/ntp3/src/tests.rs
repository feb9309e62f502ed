//! Good and bad peers for the probe of time servers.

use proptest::collection::vec;
use proptest::prelude::*;
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
    script().over(Transport::Udp).at_time(NOW).hears(question(4, COOKIE))
}

/// So many waits that end in another question, by turns of version 3 and 4.
fn asked_again(peer: Script, times: u8) -> Script {
    (0..times).fold(peer, |peer, time| peer.pauses().hears(question(3 + time % 2, COOKIE)))
}

fn says(answer: &[u8]) -> Script {
    asked().says(answer)
}

#[test]
fn asks_as_a_client_that_says_nothing_of_itself() {
    for (version, first) in [(3, 0x1b), (4, 0x23)] {
        let question = question(version, COOKIE);
        assert_eq!(question[..40], [&[first][..], &[0; 39]].concat());
        assert_eq!(question[40..], COOKIE);
    }
}

#[test]
fn a_synchronised_clock_passes() {
    let outcome = says(&good()).passes::<Ntp>();
    assert_eq!(outcome.summary, "stratum 2, its clock is 250.0 ms ahead of this machine's");
    assert_eq!(outcome.facts, [("reference".into(), "192.0.2.7".into())]);
    let metrics: Vec<(&str, f64)> = outcome.metrics.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let expected = [("offset_ms", 250.0), ("stratum", 2.0), ("root_delay_ms", 500.0), ("root_dispersion_ms", 125.0)];
    assert_eq!(metrics, expected);
    // A server of version 3, with a clock of its own, before a leap second, and with extensions behind the answer.
    let mut first = answer(1, 3, 4, 1, *b"GPS\0", 0);
    first.extend([7; 200]);
    let outcome = says(&first).passes::<Ntp>();
    assert_eq!(outcome.facts[0].0, "leap");
    assert_eq!(outcome.facts[1], ("reference".into(), "GPS".into()));
}

#[test]
fn a_clock_that_is_off_fails_where_the_rule_says_so() {
    let off = |ahead| asked().says(answer(0, 4, 4, 1, *b"PPS\0", ahead)).with("max_offset", Value::DurationMs(60_000));
    off(59).passes::<Ntp>();
    let sentence = "the clock is 60750.0 ms behind this machine's, expected 60000 ms at most";
    assert_eq!(off(-61).mismatches::<Ntp>(), sentence);
    says(&answer(0, 4, 4, 1, *b"PPS\0", -61)).passes::<Ntp>();
    // A little too much: 250 ms and 2^-32 seconds ahead.
    let mut barely = good();
    barely[47] = 2;
    let barely = asked().says(barely).with("max_offset", Value::DurationMs(250)).mismatches::<Ntp>();
    assert_eq!(barely, "the clock is 250.1 ms ahead of this machine's, expected 250 ms at most");
}

#[test]
fn the_turn_of_the_counter_is_no_offset() {
    // 2036-02-07 06:28:16 is 0 in seconds since 1900; this machine is a second before, the server half a second after.
    let mut turned = good();
    turned[32..40].copy_from_slice(&[0, 0, 0, 0, 0x80, 0, 0, 0]);
    turned[40..48].copy_from_slice(&[0, 0, 0, 0, 0x80, 0, 0, 0]);
    let outcome =
        script().over(Transport::Udp).at_time(2_085_978_495).hears(question(4, COOKIE)).says(turned).run::<Ntp>();
    assert_eq!(outcome.unwrap().metrics[0], ("offset_ms".into(), 1_500.0));
}

#[test]
fn a_clock_that_runs_by_nothing_fails() {
    for (leap, stratum) in [(3, 0), (3, 2), (0, 0), (0, 16), (0, 255)] {
        let sentence = says(&answer(leap, 4, 4, stratum, [0; 4], 0)).mismatches::<Ntp>();
        assert!(sentence.contains("not synchronised"), "{sentence}");
    }
}

#[test]
fn a_kiss_of_death_is_told_with_its_code() {
    for (code, told) in [
        (*b"RATE", "kiss-o'-death RATE: it is asked too often"),
        (*b"DENY", "kiss-o'-death DENY: it does not answer this machine"),
        (*b"XY\0\0", "kiss-o'-death XY"),
    ] {
        assert_eq!(says(&answer(3, 4, 4, 0, code, 0)).rejects::<Ntp>(), told);
    }
}

#[test]
fn what_answers_no_question_is_passed_over() {
    let mut foreign = good();
    foreign[24] = 9;
    // An echo, an answer to somebody else, a packet that is too short, and then the right one.
    let crowd = asked().says(question(4, COOKIE)).says(&foreign).says("").says(&good()[..47]);
    crowd.clone().says(good()).passes::<Ntp>();
    let silent = asked_again(crowd, 3).times_out();
    assert!(silent.is_foreign_to::<Ntp>().contains("no question of NTP"));
    // The deadline may pass in any wait.
    assert!(asked().says("x").times_out().is_foreign_to::<Ntp>().contains("no question of NTP"));
    let flood = (0..70).fold(asked(), |peer, _| peer.says(&foreign));
    assert!(flood.is_foreign_to::<Ntp>().contains("none of them"));
}

#[test]
fn what_no_server_answers_is_refused() {
    assert!(says(&answer(0, 4, 3, 2, [0; 4], 0)).is_foreign_to::<Ntp>().contains("mode 3"));
    assert!(says(&answer(0, 0, 4, 2, [0; 4], 0)).is_foreign_to::<Ntp>().contains("version 0"));
    assert!(says(&answer(0, 7, 4, 2, [0; 4], 0)).is_foreign_to::<Ntp>().contains("version 7"));
    let mut timeless = good();
    timeless[40..].fill(0);
    assert!(says(&timeless).is_foreign_to::<Ntp>().contains("when it was sent"));
}

#[test]
fn a_lost_question_is_asked_again() {
    asked_again(asked(), 2).says(good()).needs_every_byte::<Ntp>();
    assert_eq!(asked_again(asked(), 3).times_out().breaks_off::<Ntp>(), IoError::TimedOut);
    assert_eq!(asked().refuses().breaks_off::<Ntp>(), IoError::Refused);
    // A server that knows version 3 only, and drops the first question.
    let old = asked_again(asked(), 1).says(answer(0, 3, 4, 2, [192, 0, 2, 7], 0));
    assert!(old.passes::<Ntp>().summary.starts_with("stratum 2"));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[b"\x24\x02\0\xe7", b"\xe4\0\0\0", b"RATE", &COOKIE, &[0; 12], &[0xff; 16]];

survives_any_peer!(Ntp, PIECES);

proptest! {
    #[test]
    fn any_answer_is_survived(head in any::<[u8; 24]>(), times in any::<[u8; 16]>(), more in vec(any::<u8>(), 0..20)) {
        let answer = [head.as_slice(), &COOKIE, &times, &more].concat();
        says(&answer).run::<Ntp>().ok();
    }
}
