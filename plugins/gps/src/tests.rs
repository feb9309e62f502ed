//! Good and bad peers for the gpsd probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Gps;

/// What gpsd 3.22 says first.
const BANNER: &str =
    "{\"class\":\"VERSION\",\"release\":\"3.22\",\"rev\":\"3.22\",\"proto_major\":3,\"proto_minor\":14}\r\n";

/// And where it has a receiver.
const DEVICES: &str = "{\"class\":\"DEVICES\",\"devices\":[{\"class\":\"DEVICE\",\"path\":\"/dev/ttyS0\",\"driver\":\
                       \"NMEA0183\",\"activated\":\"2026-01-01T00:00:00.000Z\",\"flags\":1}]}\r\n";

fn asked() -> Script {
    script().says(BANNER).hears("?DEVICES;\r\n")
}

/// A daemon of old, which waits to be asked.
fn old() -> Script {
    script().pauses().hears("G\r\n")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no gpsd: {other:?}"),
    }
}

fn without_receivers(check: Check) -> bool {
    matches!(check, Err(Failure::Mismatch { what, .. }) if what == "number of receivers")
}

#[test]
fn a_daemon_with_receivers_passes() {
    let outcome = asked().says(DEVICES).run::<Gps>().unwrap();
    assert_eq!(outcome.summary, "gpsd 3.22, 1 receiver: /dev/ttyS0");
    assert_eq!(outcome.facts, [("drivers".into(), "NMEA0183".into()), ("version".into(), "3.22".into())]);
    assert_eq!(outcome.metrics, [("receivers".into(), 1.0)]);
    // Reports of another kind may come before, and not all receivers have been heard yet.
    let two = "{\"class\":\"DEVICES\",\"devices\":[{\"path\":\"/dev/a\"},{\"path\":\"/dev/b\"}]}\r\n";
    let outcome = asked().says("{\"class\":\"SKY\"}\r\n").says(two).run::<Gps>().unwrap();
    assert_eq!(outcome.summary, "gpsd 3.22, 2 receivers: /dev/a, /dev/b");
}

#[test]
fn a_daemon_without_receivers_fails() {
    assert!(without_receivers(asked().says("{\"class\":\"DEVICES\",\"devices\":[]}\r\n").run::<Gps>()));
    assert!(without_receivers(asked().says("{\"class\":\"DEVICES\"}\r\n").run::<Gps>()));
    let error = asked().says("{\"class\":\"ERROR\",\"message\":\"Unrecognized request\"}\r\n");
    assert_eq!(error.run::<Gps>(), Err(Failure::Rejected("Unrecognized request".into())));
}

#[test]
fn a_daemon_of_old_is_asked_by_a_letter() {
    for kind in ["GPS", "RTCM104", "RTCM104v2"] {
        let outcome = old().says(format!("GPSD,G={kind}\r\n")).run::<Gps>().unwrap();
        assert_eq!(outcome.summary, format!("a receiver of kind {kind}"));
    }
    assert!(without_receivers(old().says("GPSD,G=?\r\n").run::<Gps>()));
    assert!(refused(old().says("GPSD,G=42\r\n").run::<Gps>()).contains("42"));
    // One that is only slow to begin is asked as all are; what it makes of the letter it does not say.
    assert!(old().says(BANNER).hears("?DEVICES;\r\n").says(DEVICES).run::<Gps>().is_ok());
}

#[test]
fn refuses_other_protocols() {
    for said in ["SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "{\"class\":\"TPV\"}\r\n", "\n", "{}\n"] {
        assert!(refused(script().says(said).run::<Gps>()).contains("greet"), "{said}");
    }
    assert!(refused(old().says("HTTP/1.1 400 Bad Request\r\n").run::<Gps>()).contains("greet"));
    assert!(refused(asked().says("what?\r\n").run::<Gps>()).contains("JSON"));
    assert!(refused(script().repeats("x").run::<Gps>()).contains("10240 bytes"));
    assert!(refused(asked().repeats("{}\n").run::<Gps>()).contains("50 reports"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Gps>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("{\"class").run::<Gps>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Gps>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(old().times_out().run::<Gps>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().run::<Gps>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().breaks().run::<Gps>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    BANNER,
    DEVICES,
    "{\"class\":",
    "\"DEVICES\"",
    "\"devices\":[",
    "{",
    "}",
    "]",
    ",",
    "\"",
    "\\u00",
    "\r\n",
    "GPSD,G=GPS\r\n",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Gps>(&bytes).ok();
    }

    #[test]
    fn any_banner_is_survived(banner in "[{}\\[\\]\",:\\\\a-cé]{0,60}") {
        script().says(banner).says("\n").hears_anything().says(DEVICES).run::<Gps>().ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Gps>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
