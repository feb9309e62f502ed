//! Good and bad peers for the Redis probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Redis;

const PING: &str = "*1\r\n$4\r\nPING\r\n";
const QUIT: &str = "*1\r\n$4\r\nQUIT\r\n";
const HELLO: &str = "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n";
const MASTER: &str = "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.1\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n\
                      :3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no Redis: {other:?}"),
    }
}

fn rejected(said: &str) -> Check {
    Err(Failure::Rejected(said.into()))
}

#[test]
fn pings() {
    assert!(script().hears(PING).says("+PONG\r\n").hears(QUIT).run::<Redis>().is_ok());
}

#[test]
fn a_server_that_wants_a_password_is_there() {
    let peer = script().hears(PING).says("-NOAUTH Authentication required.\r\n");
    assert_eq!(peer.clone().run::<Redis>().unwrap().summary, "it wants a password");
    let wanted = rejected("NOAUTH Authentication required.");
    assert_eq!(peer.with("writable", Value::Boolean(true)).run::<Redis>(), wanted);
}

#[test]
fn logs_in_with_and_without_a_user() {
    let peer = script().hears("*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n").says("+OK\r\n");
    let peer = peer.hears(PING).says("+PONG\r\n").hears(QUIT).with("password", "pwd");
    assert!(peer.run::<Redis>().is_ok());
    // Lengths are those in bytes, and a line break is a part of the password.
    let peer = script().hears("*3\r\n$4\r\nAUTH\r\n$4\r\nm\u{fc}x\r\n$9\r\na\r\nQUIT\r\n\r\n").says("+OK\r\n");
    let peer = peer.hears(PING).says("+PONG\r\n").hears(QUIT);
    assert!(peer.with("username", "m\u{fc}x").with("password", "a\r\nQUIT\r\n").run::<Redis>().is_ok());
}

#[test]
fn a_wrong_password_fails_and_is_not_repeated() {
    let wrong = "WRONGPASS invalid username-password pair or user is disabled.";
    let peer = script().hears_anything().says(format!("-{wrong}\r\n")).with("password", "hidden");
    assert_eq!(peer.run::<Redis>(), rejected(wrong));
    let peer =
        script().hears_anything().says("+OK\r\n").hears_anything().says("-NOAUTH again\r\n").with("password", "hidden");
    assert_eq!(peer.run::<Redis>(), rejected("NOAUTH again"));
    assert!(matches!(script().with("username", "u").run::<Redis>(), Err(Failure::Misconfigured(_))));
}

#[test]
fn a_server_that_cannot_work_says_why() {
    for said in [
        "LOADING Redis is loading the dataset in memory",
        "MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "ERR max number of clients reached",
    ] {
        assert_eq!(script().hears_anything().says(format!("-{said}\r\n")).run::<Redis>(), rejected(said));
    }
}

#[test]
fn a_replica_takes_no_writes() {
    let peer = script().hears(PING).says("+PONG\r\n").hears(HELLO).with("writable", Value::Boolean(true));
    let outcome = peer.clone().says(MASTER).hears(QUIT).run::<Redis>().unwrap();
    assert_eq!(outcome.facts, [("version".to_owned(), "7.0.1".to_owned())]);
    let replica = MASTER.replace("$6\r\nmaster", "$7\r\nreplica");
    match peer.clone().says(replica).run::<Redis>() {
        Err(Failure::Mismatch { found, .. }) => assert_eq!(found, "replica"),
        other => panic!("{other:?}"),
    }
    let old = peer.says("-ERR unknown command `HELLO`\r\n").run::<Redis>();
    assert_eq!(old, rejected("ERR unknown command `HELLO`"));
}

#[test]
fn absurd_lengths_are_refused() {
    let peer = script().hears(PING).says("+PONG\r\n").hears(HELLO).with("writable", Value::Boolean(true));
    for absurd in ["*4294967295\r\n", "*99999999999999999999\r\n", "*257\r\n", "*2\r\n$999999999\r\n", "*1\r\n$-2\r\n"]
    {
        assert!(refused(peer.clone().says(absurd).run::<Redis>()).contains("announces"), "{absurd}");
    }
    assert!(refused(peer.clone().repeats("*200\r\n").run::<Redis>()).contains("more than 256"));
    assert!(refused(peer.clone().says("*1\r\n$2\r\nabcd").run::<Redis>()).contains("longer"));
    assert!(refused(peer.says("*1\r\n$4\r\nrole\r\n").run::<Redis>()).contains("role"));
}

#[test]
fn refuses_other_protocols() {
    let answers = |said: &str| refused(script().hears_anything().says(said).run::<Redis>());
    assert!(answers("HTTP/1.1 400 Bad Request\r\n\r\n").contains("HTTP"));
    assert!(answers("220 mail ESMTP\r\n").contains("no answer of Redis"));
    assert!(answers("+OK\r\n").contains("PONG"));
    assert!(answers(":1\r\n").contains("PONG"));
    assert!(refused(script().hears_anything().repeats("x").run::<Redis>()).contains("1024 bytes"));
    // An alert of TLS, without a line break.
    let tls = script().hears_anything().says([21, 3, 3, 0, 2, 2, 70]).run::<Redis>();
    assert_eq!(tls, Err(Failure::Io(IoError::Closed)));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().hears(PING).run::<Redis>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().hears(PING).says("+PO").run::<Redis>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().hears(PING).times_out().run::<Redis>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(script().hears(PING).breaks().run::<Redis>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    "+PONG\r\n",
    "+OK\r\n",
    "-NOAUTH x\r\n",
    "*2\r\n",
    "$4\r\nrole\r\n",
    "$6\r\nmaster\r\n",
    ":1\r\n",
    "*-1\r\n",
    MASTER,
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Redis>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Redis>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
