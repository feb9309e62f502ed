//! Good and bad peers for the probe of the time protocol.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::Rdate;

/// 2026-01-01, and the same in seconds since 1900.
const NOW: u64 = 1_767_225_600;
const NOW_1900: u32 = 3_976_214_400;

fn time(ahead: i32) -> [u8; 4] {
    NOW_1900.wrapping_add_signed(ahead).to_be_bytes()
}

fn stream() -> Script {
    script().at_time(NOW)
}

fn datagrams() -> Script {
    script().over(Transport::Udp).at_time(NOW).hears("")
}

#[test]
fn the_time_of_this_machine_passes() {
    let outcome = stream().says(time(0)).passes::<Rdate>();
    assert_eq!(outcome.summary, "its clock is 0 s ahead of this machine's");
    let outcome = datagrams().says(time(-2)).passes::<Rdate>();
    assert_eq!(outcome.summary, "its clock is 2 s behind this machine's");
    assert_eq!(outcome.metrics, [("offset_ms".into(), 2_000.0)]);
}

#[test]
fn three_seconds_are_allowed_or_what_the_rule_says() {
    for ahead in [-3, 3] {
        stream().says(time(ahead)).passes::<Rdate>();
    }
    let sentence = "the clock is 4 s behind this machine's, expected 3.0 s at most";
    assert_eq!(stream().says(time(-4)).mismatches::<Rdate>(), sentence);
    assert!(datagrams().says(time(4)).mismatches::<Rdate>().contains("4 s ahead of"));
    let told = |ahead, most| stream().says(time(ahead)).with("max_offset", Value::DurationMs(most)).run::<Rdate>();
    assert!(told(3_600, 3_600_000).is_ok());
    assert!(told(2, 1_999).is_err());
    assert!(told(0, 0).is_ok());
    // The same clock, read before and after a second began.
    for (ahead, most) in [(1, 999), (-1, 999), (-1, 0)] {
        assert!(told(ahead, most).is_ok());
    }
    let off = stream().says(time(2)).with("max_offset", Value::DurationMs(500)).mismatches::<Rdate>();
    assert_eq!(off, "the clock is 2 s ahead of this machine's, expected 1.0 s at most");
    assert!(told(i32::MIN, u64::MAX).is_ok());
}

#[test]
fn the_turn_of_the_counter_is_no_offset() {
    // 2036-02-07 06:28:16 is 0 in seconds since 1900.
    let turned = |time: u32| script().at_time(2_085_978_495).says(time.to_be_bytes()).run::<Rdate>();
    assert!(turned(u32::MAX).unwrap().summary.contains("0 s ahead"));
    assert!(turned(1).unwrap().summary.contains("2 s ahead"));
}

#[test]
fn a_lost_datagram_is_sent_again() {
    datagrams().pauses().hears("").pauses().hears("").says(time(0)).passes::<Rdate>();
    let never = (0..3).fold(datagrams(), |peer, _| peer.pauses().hears("")).pauses();
    assert_eq!(never.breaks_off::<Rdate>(), IoError::TimedOut);
    assert_eq!(datagrams().refuses().breaks_off::<Rdate>(), IoError::Refused);
}

#[test]
fn what_is_no_time_is_refused() {
    for said in ["SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "* OK IMAP4rev1\r\n"] {
        assert!(stream().says(said).is_foreign_to::<Rdate>().contains(&said[..4]), "{said}");
    }
    assert!(stream().repeats("x").is_foreign_to::<Rdate>().contains("xxxx"));
    assert!(datagrams().says("").is_foreign_to::<Rdate>().contains("0 bytes"));
    assert!(datagrams().says([0xff; 5]).is_foreign_to::<Rdate>().contains("5 bytes"));
    assert!(stream().says([0; 9]).mismatches::<Rdate>().contains("expected"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    stream().says(time(0)).needs_every_byte::<Rdate>();
    datagrams().says(time(0)).needs_every_byte::<Rdate>();
}

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::<Rdate>(&bytes).ok();
    }

    #[test]
    fn a_time_passes_where_it_is_near(ahead in any::<i32>(), most in 0_u64..100_000) {
        let check = stream().says(time(ahead)).with("max_offset", Value::DurationMs(most * 1_000)).run::<Rdate>();
        prop_assert_eq!(check.is_ok(), u64::from(ahead.unsigned_abs()) <= most.max(1));
    }
}
