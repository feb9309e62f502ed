//! Good and bad peers for the SpamAssassin probe.

use ruled_plugin::*;

use super::SpamAssassin;

fn pinged() -> Script {
    script().hears("PING SPAMC/1.2\r\n\r\n")
}

#[test]
fn answers_a_ping() {
    let outcome = pinged().says("SPAMD/1.5 0 PONG\r\n").passes::<SpamAssassin>();
    assert_eq!(outcome.facts, [("protocol_version".to_owned(), "1.5".to_owned())]);
    pinged().says("SPAMD/1.0 0 pong\n").drips().passes::<SpamAssassin>();
}

#[test]
fn a_result_that_is_an_error_is_told() {
    let bad = pinged().says("SPAMD/1.0 76 Bad header line: PING\r\n");
    assert_eq!(bad.rejects::<SpamAssassin>(), "Bad header line: PING (result 76)");
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]) {
        assert!(pinged().says(said).is_foreign_to::<SpamAssassin>().contains("as spamd does"), "{name}");
    }
    for other in ["SPAMD/\r\n", "SPAMD/1.5\r\n", "SPAMD/1.5 x PONG\r\n", "SPAMD/ 0 PONG\r\n"] {
        let quoted = format!("the server answers a ping with {:?}, and not as spamd does", other.trim_end());
        assert!(pinged().says(other).is_foreign_to::<SpamAssassin>().starts_with(&quoted), "{other}");
    }
    assert!(pinged().says("SPAMD/1.5 0 PING\r\n").is_foreign_to::<SpamAssassin>().contains("not with PONG"));
    assert!(pinged().says("SPAMD/1.5 0\r\n").is_foreign_to::<SpamAssassin>().contains("not with PONG"));
    // Another alert of TLS, without a line break.
    assert_eq!(pinged().says([21, 3, 3, 0, 2, 2, 70]).breaks_off::<SpamAssassin>(), IoError::Closed);
}

#[test]
fn a_line_without_end_is_refused() {
    assert!(pinged().repeats("SPAMD/1.5 0 PONG").is_foreign_to::<SpamAssassin>().contains("1024 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    pinged().says("SPAMD/1.5 0 PONG\r\n").needs_every_byte::<SpamAssassin>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["SPAMD/", "1.5", " 0", " PONG", "\r\n", " ", "99999999999999999999"];

survives_any_peer!(SpamAssassin, PIECES);
