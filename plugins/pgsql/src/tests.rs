//! Good and bad peers for the PostgreSQL probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::PgSql;

const TERMINATE: &[u8] = b"X\0\0\0\x04";
const WANTS_TLS: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";

// An exchange over the password `pwd`, made by Python from the chance that tests have.
const FIRST: &str = "n,,n=,r=AAECAwQFBgcICQoLDA0ODxAR";
const CHALLENGE: &str = "r=AAECAwQFBgcICQoLDA0ODxARSERVER,s=c2FsdHNhbHRzYWx0c2FsdA==,i=4096";
const ANSWER: &str = "c=biws,r=AAECAwQFBgcICQoLDA0ODxARSERVER,p=T7+HDrvN+k2mh/Oa3k8oeMML3cecEFgNa9TCEFKi0yY=";
const PROOF: &str = "v=HHw0dbuLLJ8rIWvRrmgaD0ITCE0u3ljVDyey5/JMmhI=";

fn message(tag: char, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let length = content.len() as u32 + 4;
    [&[tag as u8], length.to_be_bytes().as_slice(), content].concat()
}

fn wants(kind: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    message('R', [&[0, 0, 0, kind], content.as_ref()].concat())
}

fn start(user: &str, database: &str) -> Vec<u8> {
    let words = format!("user\0{user}\0database\0{database}\0application_name\0ruled\0\0");
    let length = words.len() as u32 + 8;
    [&length.to_be_bytes(), [0, 3, 0, 0].as_slice(), words.as_bytes()].concat()
}

fn error(code: &str, said: &str) -> Vec<u8> {
    message('E', format!("SFATAL\0VFATAL\0C{code}\0M{said}\0\0"))
}

/// What a server tells after a login.
fn ready() -> Vec<u8> {
    let settings = message('S', "server_version\x0015.6 (Debian)\0");
    [settings, message('K', [0; 8]), message('N', "Mhello\0\0"), message('Z', "I")].concat()
}

fn nobody() -> Script {
    script().hears(start("root", "root"))
}

fn user() -> Script {
    script().hears(start("u", "d")).with("username", "u").with("database", "d")
}

fn with_password() -> Script {
    user().with("password", "pwd")
}

#[test]
fn an_answer_suffices_where_nobody_is_named() {
    nobody().says(wants(0, "")).says(ready()).hears(TERMINATE).passes::<PgSql>();
    for kind in [3, 5, 7, 10] {
        nobody().says(wants(kind, "SCRAM-SHA-256\0\0")).passes::<PgSql>();
    }
    for code in ["28000", "28P01", "3D000"] {
        let outcome = nobody().says(error(code, "role \"root\" does not exist")).passes::<PgSql>();
        assert_eq!(outcome.summary, "it answers: role \"root\" does not exist");
    }
}

#[test]
fn a_server_that_serves_nobody_fails() {
    for (code, said) in [
        ("57P03", "the database system is starting up"),
        ("57P03", "the database system is in recovery mode"),
        ("53300", "sorry, too many clients already"),
        ("XX000", "oh"),
    ] {
        let told = format!("{said} ({code})");
        assert_eq!(nobody().says(error(code, said)).rejects::<PgSql>(), told);
        assert_eq!(user().says(error(code, said)).rejects::<PgSql>(), told);
    }
}

#[test]
fn a_user_must_be_let_in() {
    let outcome = user().says(wants(0, "")).says(ready()).hears(TERMINATE).passes::<PgSql>();
    assert_eq!(outcome.summary, "it lets the user in, version 15.6 (Debian)");
    let unknown = user().says(error("28000", "role \"u\" does not exist"));
    assert_eq!(unknown.rejects::<PgSql>(), "role \"u\" does not exist (28000)");
    let later = user().says(wants(0, "")).says(error("3D000", "database \"d\" does not exist"));
    assert_eq!(later.rejects::<PgSql>(), "database \"d\" does not exist (3D000)");
    let only = script().hears(start("u", "u")).says(wants(0, "")).says(ready()).hears(TERMINATE);
    only.with("username", "u").passes::<PgSql>();
    let only = script().hears(start("d", "d")).says(wants(0, "")).says(ready()).hears(TERMINATE);
    only.with("database", "d").passes::<PgSql>();
}

#[test]
fn mistakes_of_the_rule_are_told_as_such() {
    for peer in [
        script().with("password", "pwd"),
        script().with("writable", Value::Boolean(true)),
        script().with("username", "a\0b"),
        user().says(wants(10, "SCRAM-SHA-256\0\0")),
        with_password().says(wants(7, "")),
        with_password().says(wants(10, "SCRAM-SHA-512\0\0")),
    ] {
        assert!(!peer.misconfigures::<PgSql>().is_empty());
    }
}

#[test]
fn logs_in_by_md5_and_in_clear() {
    let md5 = message('p', "md573b69f8e9df69352eaebf210a7e8e2d0\0");
    let peer = with_password().says(wants(5, [1, 2, 3, 4])).hears(&md5);
    peer.clone().says(wants(0, "")).says(ready()).hears(TERMINATE).passes::<PgSql>();
    let wrong = "password authentication failed for user \"u\"";
    assert_eq!(peer.clone().says(error("28P01", wrong)).rejects::<PgSql>(), format!("{wrong} (28P01)"));
    assert!(peer.says(wants(5, "")).is_foreign_to::<PgSql>().contains("method 5"));
    let peer = with_password().says(wants(3, "")).hears(message('p', "pwd\0"));
    peer.says(wants(0, "")).says(ready()).hears(TERMINATE).passes::<PgSql>();
}

/// A server that has heard the beginning of SCRAM.
fn scram() -> Script {
    let first = [b"SCRAM-SHA-256\0\0\0\0\x20", FIRST.as_bytes()].concat();
    let offered = wants(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
    with_password().says(offered).hears(message('p', first))
}

#[test]
fn logs_in_by_scram_and_wants_the_servers_proof() {
    let peer = scram().says(wants(11, CHALLENGE)).hears(message('p', ANSWER));
    let good = peer.clone().says(wants(12, PROOF)).says(wants(0, "")).says(ready()).hears(TERMINATE);
    assert_eq!(good.passes::<PgSql>().facts[1].1, "SCRAM-SHA-256");
    assert!(peer.clone().says(wants(12, "v=AAAA")).is_foreign_to::<PgSql>().contains("does not prove"));
    assert!(peer.clone().says(wants(0, "")).is_foreign_to::<PgSql>().contains("method 0"));
    let wrong = peer.says(error("28P01", "password authentication failed"));
    assert_eq!(wrong.rejects::<PgSql>(), "password authentication failed (28P01)");
}

#[test]
fn odd_challenges_are_refused() {
    for (challenge, words) in [
        ("", "none of SCRAM"),
        ("e=other-error", "none of SCRAM"),
        ("r=AAECAwQFBgcICQoLDA0ODxAR,s=AAAA,i=1", "another login"),
        ("r=x,s=AAAA,i=4096", "another login"),
        ("r=AAECAwQFBgcICQoLDA0ODxARS,s=!,i=4096", "none of SCRAM"),
        ("r=AAECAwQFBgcICQoLDA0ODxARS,s=AAAA,i=-1", "none of SCRAM"),
        ("r=AAECAwQFBgcICQoLDA0ODxARS,s=AAAA,i=0", "stretched 0 times"),
        ("r=AAECAwQFBgcICQoLDA0ODxARS,s=AAAA,i=4294967295", "stretched 4294967295 times"),
    ] {
        let sentence = scram().says(wants(11, challenge)).is_foreign_to::<PgSql>();
        assert!(sentence.contains(words), "{challenge}: {sentence}");
    }
    assert!(scram().says(wants(12, PROOF)).is_foreign_to::<PgSql>().contains("method 12"));
}

#[test]
fn encryption_begins_before_the_session() {
    let asked = script().wants_start_tls().hears(WANTS_TLS);
    let good = asked.clone().says("S").starts_tls().hears(start("root", "root")).says(wants(5, [0; 4]));
    good.passes::<PgSql>();
    assert!(asked.clone().says("N").is_foreign_to::<PgSql>().contains("no encryption"));
    assert!(asked.clone().says("E").is_foreign_to::<PgSql>().contains("does not speak"));
    assert!(asked.clone().says("HTTP/1.1 400\r\n").is_foreign_to::<PgSql>().contains("does not speak"));
    // What somebody puts before encryption is not believed.
    let injected = asked.clone().says([b"S".as_slice(), &wants(0, ""), &ready()].concat()).starts_tls();
    assert_eq!(injected.breaks_off::<PgSql>(), IoError::Tls);
    assert_eq!(asked.says("S").refuses_tls().breaks_off::<PgSql>(), IoError::Tls);
}

#[test]
fn a_server_that_is_read_only_takes_no_writes() {
    let query = message('Q', "SHOW transaction_read_only\0");
    let asked = || user().with("writable", Value::Boolean(true)).says(wants(0, "")).says(ready()).hears(&query);
    let answer = |value: &str| {
        let row = [&[0, 1, 0, 0, 0, value.len() as u8], value.as_bytes()].concat();
        [message('T', "x"), message('D', row), message('C', "SHOW\0"), message('Z', "I")].concat()
    };
    asked().says(answer("off")).hears(TERMINATE).passes::<PgSql>();
    assert!(asked().says(answer("on")).mismatches::<PgSql>().contains("is on, expected"));
    assert!(asked().says(message('Z', "I")).is_foreign_to::<PgSql>().contains("does not say"));
    assert_eq!(asked().says(error("57P01", "bye")).rejects::<PgSql>(), "bye (57P01)");
}

#[test]
fn refuses_other_protocols() {
    let says = |said: &[u8]| nobody().says(said).is_foreign_to::<PgSql>();
    assert!(says(b"HTTP/1.1 400 Bad Request\r\n\r\n").contains("HTTP"));
    assert!(says(b"220 mail ESMTP\r\n").contains("does not speak"));
    assert!(says(b"SSH-2.0-OpenSSH\r\n").contains("announces"));
    assert!(says(&[0x15, 3, 3, 0, 2, 2, 10]).contains("does not speak"));
    assert!(says(b"R\0\0\0\x03").contains("announces"));
    assert!(says(b"R\xff\xff\xff\xff").contains("announces"));
    assert!(says(&message('R', "")).contains("too early"));
    assert!(says(&message('Z', "I")).contains("how to log in"));
    assert!(nobody().repeats(message('N', "Mx\0\0")).is_foreign_to::<PgSql>().contains("how to log in"));
    let endless = nobody().says(wants(0, "")).repeats(message('N', "Mx\0\0"));
    assert!(endless.is_foreign_to::<PgSql>().contains("200 messages"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let peer = with_password().says(wants(5, [1, 2, 3, 4])).hears_anything();
    let good = peer.says(wants(0, "")).says(ready()).hears(TERMINATE);
    good.clone().needs_every_byte::<PgSql>();
    good.drips().passes::<PgSql>();
}

/// What a peer of the protocol says.
fn pieces() -> Vec<Vec<u8>> {
    vec![
        wants(0, ""),
        wants(3, ""),
        wants(5, [1, 2, 3, 4]),
        wants(10, "SCRAM-SHA-256\0\0"),
        wants(11, CHALLENGE.replace("4096", "2")),
        wants(12, PROOF),
        ready(),
        error("28000", "x"),
        message('D', [0, 1, 0, 0, 0, 3, 111, 102, 102]),
        b"S".to_vec(),
    ]
}

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<PgSql>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![9 => select(pieces()), 1 => vec(any::<u8>(), 0..9)], 0..30),
    ) {
        fuzz::<PgSql>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
