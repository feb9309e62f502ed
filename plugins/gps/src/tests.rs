//! Good and bad peers for the gpsd probe.

use proptest::prelude::*;
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

/// What is said of a daemon without receivers.
const NONE: &str = "the number of receivers is 0, expected at least 1";

#[test]
fn a_daemon_with_receivers_passes() {
    let outcome = asked().says(DEVICES).passes::<Gps>();
    assert_eq!(outcome.summary, "gpsd 3.22, 1 receiver: /dev/ttyS0");
    assert_eq!(outcome.facts, [("drivers".into(), "NMEA0183".into()), ("version".into(), "3.22".into())]);
    assert_eq!(outcome.metrics, [("receivers".into(), 1.0)]);
    // Reports of another kind may come before, and not all receivers have been heard yet.
    let two = "{\"class\":\"DEVICES\",\"devices\":[{\"path\":\"/dev/a\"},{\"path\":\"/dev/b\"}]}\r\n";
    let outcome = asked().says("{\"class\":\"SKY\"}\r\n").says(two).passes::<Gps>();
    assert_eq!(outcome.summary, "gpsd 3.22, 2 receivers: /dev/a, /dev/b");
}

#[test]
fn a_daemon_without_receivers_fails() {
    assert_eq!(asked().says("{\"class\":\"DEVICES\",\"devices\":[]}\r\n").mismatches::<Gps>(), NONE);
    assert_eq!(asked().says("{\"class\":\"DEVICES\"}\r\n").mismatches::<Gps>(), NONE);
    let error = asked().says("{\"class\":\"ERROR\",\"message\":\"Unrecognized request\"}\r\n");
    assert_eq!(error.rejects::<Gps>(), "Unrecognized request");
}

#[test]
fn a_daemon_of_old_is_asked_by_a_letter() {
    for kind in ["GPS", "RTCM104", "RTCM104v2"] {
        let outcome = old().says(format!("GPSD,G={kind}\r\n")).passes::<Gps>();
        assert_eq!(outcome.summary, format!("a receiver of kind {kind}"));
    }
    assert_eq!(old().says("GPSD,G=?\r\n").mismatches::<Gps>(), NONE);
    assert!(old().says("GPSD,G=42\r\n").is_foreign_to::<Gps>().contains("42"));
    // One that is only slow to begin is asked as all are; what it makes of the letter it does not say.
    old().says(BANNER).hears("?DEVICES;\r\n").says(DEVICES).passes::<Gps>();
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]) {
        assert!(script().says(said).is_foreign_to::<Gps>().contains("greet"), "{name}");
        assert!(old().says(said).is_foreign_to::<Gps>().contains("greet"), "{name}");
    }
    for said in ["{\"class\":\"TPV\"}\r\n", "\n", "{}\n"] {
        assert!(script().says(said).is_foreign_to::<Gps>().contains("greet"), "{said}");
    }
    assert!(asked().says("what?\r\n").is_foreign_to::<Gps>().contains("JSON"));
    assert!(script().repeats("x").is_foreign_to::<Gps>().contains("10240 bytes"));
    assert!(asked().repeats("{}\n").is_foreign_to::<Gps>().contains("50 reports"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    asked().says("{\"class\":\"SKY\"}\r\n").says(DEVICES).needs_every_byte::<Gps>();
    asked().says(DEVICES).drips().passes::<Gps>();
    old().says("GPSD,G=GPS\r\n").needs_every_byte::<Gps>();
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

survives_any_peer!(Gps, PIECES);

proptest! {
    #[test]
    fn any_banner_is_survived(banner in "[{}\\[\\]\",:\\\\a-cé]{0,60}") {
        script().says(banner).says("\n").hears_anything().says(DEVICES).run::<Gps>().ok();
    }
}
