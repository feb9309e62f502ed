//! Good and bad peers for the ClamAV probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Clamav;

fn asked() -> Script {
    script().hears("zIDSESSION\0zPING\0zVERSION\0zEND\0")
}

/// A daemon whose signatures are of 2026-01-01, on the fourth day after it.
fn fresh() -> Script {
    let four_days = 4 * 86_400;
    asked()
        .at_time(1_767_225_600 + four_days)
        .says("1: PONG\0")
        .says("2: ClamAV 1.4.6/27869/Thu Jan  1 00:00:00 2026\0")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no ClamAV: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the probe should be told no: {other:?}"),
    }
}

#[test]
fn a_ping_is_answered() {
    let outcome = fresh().run::<Clamav>().unwrap();
    assert_eq!(outcome.summary, "ClamAV 1.4.6/27869/Thu Jan  1 00:00:00 2026");
    assert_eq!(outcome.facts[0], ("version".into(), "1.4.6".into()));
    assert_eq!(outcome.metrics, [("signatures_age_days".into(), 4.0)]);
    // Without daily signatures, and in other letters.
    let outcome = asked().says("1: pong\0").says("2: ClamAV 1.4.6\0").run::<Clamav>().unwrap();
    assert_eq!((outcome.summary.as_str(), outcome.metrics.len()), ("ClamAV 1.4.6", 0));
}

#[test]
fn old_signatures_fail_where_the_rule_says_so() {
    let days = |days: u64| Value::DurationMs(days * 86_400_000);
    assert!(fresh().with("max_age", days(4)).run::<Clamav>().is_ok());
    let sentence = |check: Check| match check {
        Err(Failure::Mismatch { what, expected, found }) => format!("the {what} is {found}, expected {expected}"),
        other => panic!("{other:?}"),
    };
    let old = fresh().with("max_age", days(3)).run::<Clamav>();
    assert_eq!(sentence(old), "the age of the signatures is 4.0 days, expected 3.0 days at most");
    let untold = asked().says("1: PONG\0").says("2: ClamAV 1.4.6\0").with("max_age", days(3)).run::<Clamav>();
    assert!(sentence(untold).contains("not told"));
    // Signatures of tomorrow, as another time zone has them, are new.
    let tomorrow = fresh().at_time(1_767_225_600 - 3_600).with("max_age", days(1)).run::<Clamav>();
    assert_eq!(tomorrow.unwrap().metrics, [("signatures_age_days".into(), 0.0)]);
}

#[test]
fn what_it_does_not_do_is_told_in_its_words() {
    assert_eq!(rejected(asked().says("UNKNOWN COMMAND\0").run::<Clamav>()), "UNKNOWN COMMAND");
    assert_eq!(rejected(asked().says("1: PONG\0COMMAND UNAVAILABLE\0").run::<Clamav>()), "COMMAND UNAVAILABLE");
    assert_eq!(rejected(asked().says("2: PONG\0").run::<Clamav>()), "2: PONG");
}

#[test]
fn refuses_other_protocols() {
    assert!(refused(asked().says("1: OK\0").run::<Clamav>()).contains("a ping"));
    assert!(refused(asked().repeats("x").run::<Clamav>()).contains("ClamAV"));
    assert!(refused(asked().repeats("220 mail\r\n").run::<Clamav>()).contains("ClamAV"));
    let http = asked().says("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(http.run::<Clamav>(), Err(Failure::Io(IoError::Closed)));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(asked().run::<Clamav>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says("1: PON").run::<Clamav>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says("1: PONG\0").run::<Clamav>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().times_out().run::<Clamav>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().breaks().run::<Clamav>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["1: PONG\0", "2: ClamAV 1/2/", "Thu Jan  1 00:00:00 2026\0", "Feb", " 31 ", "99:99:99", "UNKNOWN COMMAND\0"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Clamav>(&bytes).ok();
    }

    #[test]
    fn any_version_is_survived(version in "[^\0]{0,60}") {
        asked().says("1: PONG\0").says(format!("2: {version}\0")).run::<Clamav>().ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Clamav>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
