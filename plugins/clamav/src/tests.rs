//! Good and bad peers for the ClamAV probe.

use proptest::prelude::*;
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

#[test]
fn a_ping_is_answered() {
    let outcome = fresh().passes::<Clamav>();
    assert_eq!(outcome.summary, "ClamAV 1.4.6/27869/Thu Jan  1 00:00:00 2026");
    assert_eq!(outcome.facts[0], ("version".into(), "1.4.6".into()));
    assert_eq!(outcome.metrics, [("signatures_age_days".into(), 4.0)]);
    // Without daily signatures, and in other letters.
    let outcome = asked().says("1: pong\0").says("2: ClamAV 1.4.6\0").passes::<Clamav>();
    assert_eq!((outcome.summary.as_str(), outcome.metrics.len()), ("ClamAV 1.4.6", 0));
}

#[test]
fn old_signatures_fail_where_the_rule_says_so() {
    let days = |days: u64| Value::DurationMs(days * 86_400_000);
    fresh().with("max_age", days(4)).passes::<Clamav>();
    let old = fresh().with("max_age", days(3)).mismatches::<Clamav>();
    assert_eq!(old, "the age of the signatures is 4.0 days, expected 3.0 days at most");
    let hours = fresh().with("max_age", Value::DurationMs(5_400_000)).mismatches::<Clamav>();
    assert_eq!(hours, "the age of the signatures is 96.0 hours, expected 1.5 hours at most");
    let barely = fresh().at_time(1_767_225_600 + 4 * 86_400 + 1).with("max_age", days(4)).mismatches::<Clamav>();
    assert_eq!(barely, "the age of the signatures is 4.1 days, expected 4.0 days at most");
    let untold = asked().says("1: PONG\0").says("2: ClamAV 1.4.6\0").with("max_age", days(3));
    assert!(untold.mismatches::<Clamav>().contains("not told"));
    // Signatures of tomorrow, as another time zone has them, are new.
    let tomorrow = fresh().at_time(1_767_225_600 - 3_600).with("max_age", days(1)).run::<Clamav>();
    assert_eq!(tomorrow.unwrap().metrics, [("signatures_age_days".into(), 0.0)]);
}

#[test]
fn a_daemon_that_keeps_its_version_back_is_there() {
    for said in ["2: COMMAND UNAVAILABLE\0", "COMMAND UNAVAILABLE\0"] {
        let peer = asked().says("1: PONG\0").says(said);
        let outcome = peer.clone().passes::<Clamav>();
        assert_eq!((outcome.summary.as_str(), outcome.facts.len()), ("it answers a ping", 0));
        let aged = peer.with("max_age", Value::DurationMs(86_400_000)).mismatches::<Clamav>();
        assert_eq!(aged, "the age of the signatures is not told, expected 24.0 hours at most");
    }
    // But not one that answers no ping.
    assert_eq!(asked().says("COMMAND UNAVAILABLE\0").rejects::<Clamav>(), "COMMAND UNAVAILABLE");
}

#[test]
fn what_it_does_not_do_is_told_in_its_words() {
    assert_eq!(asked().says("UNKNOWN COMMAND\0").rejects::<Clamav>(), "UNKNOWN COMMAND");
    assert_eq!(asked().says("1: PONG\0UNKNOWN COMMAND\0").rejects::<Clamav>(), "UNKNOWN COMMAND");
    assert_eq!(asked().says("2: PONG\0").rejects::<Clamav>(), "2: PONG");
    // An error is no version, though it has the number of the question.
    let error = "Command invalid inside IDSESSION. ERROR";
    assert_eq!(asked().says("1: PONG\0").says(format!("2: {error}\0")).rejects::<Clamav>(), error);
}

#[test]
fn refuses_other_protocols() {
    assert!(asked().says("1: OK\0").is_foreign_to::<Clamav>().contains("a ping"));
    assert!(asked().repeats("x").is_foreign_to::<Clamav>().contains("ClamAV"));
    assert!(asked().repeats("220 mail\r\n").is_foreign_to::<Clamav>().contains("ClamAV"));
    for (name, said) in strangers(&[]) {
        let peer = asked().says(said);
        match name {
            "MySQL" | "TLS" => assert!(peer.is_foreign_to::<Clamav>().contains("ClamAV"), "{name}"),
            // No line of theirs ends as ClamAV's do.
            _ => assert_eq!(peer.breaks_off::<Clamav>(), IoError::Closed, "{name}"),
        }
    }
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    fresh().needs_every_byte::<Clamav>();
    fresh().drips().passes::<Clamav>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] =
    &["1: PONG\0", "2: ClamAV 1/2/", "Thu Jan  1 00:00:00 2026\0", "Feb", " 31 ", "99:99:99", "UNKNOWN COMMAND\0"];

survives_any_peer!(Clamav, PIECES);

proptest! {
    #[test]
    fn any_version_is_survived(version in "[^\0]{0,60}") {
        asked().says("1: PONG\0").says(format!("2: {version}\0")).run::<Clamav>().ok();
    }
}
