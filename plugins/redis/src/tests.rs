//! Good and bad peers for the Redis probe.

use ruled_plugin::*;

use super::Redis;

const PING: &str = "*1\r\n$4\r\nPING\r\n";
const QUIT: &str = "*1\r\n$4\r\nQUIT\r\n";
const HELLO: &str = "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n";
const MASTER: &str = "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.1\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n\
                      :3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

#[test]
fn pings() {
    script().hears(PING).says("+PONG\r\n").hears(QUIT).passes::<Redis>();
}

#[test]
fn a_server_that_wants_a_password_is_there() {
    let peer = script().hears(PING).says("-NOAUTH Authentication required.\r\n");
    assert_eq!(peer.clone().passes::<Redis>().summary, "it wants a password");
    let writable = peer.with("writable", Value::Boolean(true));
    assert_eq!(writable.rejects::<Redis>(), "NOAUTH Authentication required.");
}

#[test]
fn logs_in_with_and_without_a_user() {
    let peer = script().hears("*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n").says("+OK\r\n");
    let peer = peer.hears(PING).says("+PONG\r\n").hears(QUIT).with("password", "pwd");
    peer.passes::<Redis>();
    // Lengths are those in bytes, and a line break is a part of the password.
    let peer = script().hears("*3\r\n$4\r\nAUTH\r\n$4\r\nm\u{fc}x\r\n$9\r\na\r\nQUIT\r\n\r\n").says("+OK\r\n");
    let peer = peer.hears(PING).says("+PONG\r\n").hears(QUIT);
    peer.with("username", "m\u{fc}x").with("password", "a\r\nQUIT\r\n").passes::<Redis>();
}

#[test]
fn a_wrong_password_fails_and_is_not_repeated() {
    let wrong = "WRONGPASS invalid username-password pair or user is disabled.";
    let peer = script().hears_anything().says(format!("-{wrong}\r\n")).with("password", "hidden");
    assert_eq!(peer.rejects::<Redis>(), wrong);
    let peer =
        script().hears_anything().says("+OK\r\n").hears_anything().says("-NOAUTH again\r\n").with("password", "hidden");
    assert_eq!(peer.rejects::<Redis>(), "NOAUTH again");
    assert!(script().with("username", "u").misconfigures::<Redis>().contains("no password"));
}

#[test]
fn a_server_that_cannot_work_says_why() {
    for said in [
        "LOADING Redis is loading the dataset in memory",
        "MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "ERR max number of clients reached",
    ] {
        assert_eq!(script().hears_anything().says(format!("-{said}\r\n")).rejects::<Redis>(), said);
    }
}

#[test]
fn a_replica_takes_no_writes() {
    let peer = script().hears(PING).says("+PONG\r\n").hears(HELLO).with("writable", Value::Boolean(true));
    let outcome = peer.clone().says(MASTER).hears(QUIT).passes::<Redis>();
    assert_eq!(outcome.facts, [("version".to_owned(), "7.0.1".to_owned())]);
    let replica = MASTER.replace("$6\r\nmaster", "$7\r\nreplica");
    assert!(peer.clone().says(replica).mismatches::<Redis>().contains("is replica, expected"));
    let old = peer.says("-ERR unknown command `HELLO`\r\n");
    assert_eq!(old.rejects::<Redis>(), "ERR unknown command `HELLO`");
}

#[test]
fn absurd_lengths_are_refused() {
    let peer = script().hears(PING).says("+PONG\r\n").hears(HELLO).with("writable", Value::Boolean(true));
    for absurd in ["*4294967295\r\n", "*99999999999999999999\r\n", "*257\r\n", "*2\r\n$999999999\r\n", "*1\r\n$-2\r\n"]
    {
        assert!(peer.clone().says(absurd).is_foreign_to::<Redis>().contains("announces"), "{absurd}");
    }
    assert!(peer.clone().repeats("*200\r\n").is_foreign_to::<Redis>().contains("more than 256"));
    assert!(peer.clone().says("*1\r\n$2\r\nabcd").is_foreign_to::<Redis>().contains("longer"));
    assert!(peer.says("*1\r\n$4\r\nrole\r\n").is_foreign_to::<Redis>().contains("role"));
}

#[test]
fn refuses_other_protocols() {
    let answers = |said: &str| script().hears_anything().says(said).is_foreign_to::<Redis>();
    assert!(answers("HTTP/1.1 400 Bad Request\r\n\r\n").contains("HTTP"));
    assert!(answers("220 mail ESMTP\r\n").contains("no answer of Redis"));
    assert!(answers("+OK\r\n").contains("PONG"));
    assert!(answers(":1\r\n").contains("PONG"));
    assert!(script().hears_anything().repeats("x").is_foreign_to::<Redis>().contains("1024 bytes"));
    // An alert of TLS, without a line break.
    assert_eq!(script().hears_anything().says([21, 3, 3, 0, 2, 2, 70]).breaks_off::<Redis>(), IoError::Closed);
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let logged_in = script().hears("*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n").says("+OK\r\n").with("password", "pwd");
    let pinged = logged_in.hears(PING).says("+PONG\r\n").with("writable", Value::Boolean(true));
    let good = pinged.hears(HELLO).says(MASTER).hears(QUIT);
    good.clone().needs_every_byte::<Redis>();
    good.drips().passes::<Redis>();
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

survives_any_peer!(Redis, PIECES);
