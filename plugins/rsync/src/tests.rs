//! Good and bad peers for the rsync probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Rsync;

/// The greeting of rsync 3.4, and what it hears.
fn greeted() -> Script {
    script().says("@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n").hears("@RSYNCD: 31.0\n")
}

fn module() -> Script {
    greeted().with("module", "backup").says("Welcome\n\n").hears("backup\n")
}

fn user() -> Script {
    module().with("username", "anna").with("password", "geheim")
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no rsync: {other:?}"),
    }
}

fn rejected(check: Check) -> String {
    match check {
        Err(Failure::Rejected(said)) => said,
        other => panic!("the probe should be told no: {other:?}"),
    }
}

#[test]
fn lists_the_modules() {
    let listed = greeted()
        .says("Welcome\twith a tabulator\n\n")
        .hears("#list\n")
        .says("pub            \tfor all\na-name-of-more-letters\t\n")
        .says("@RSYNCD: EXIT\n");
    let outcome = listed.run::<Rsync>().unwrap();
    assert_eq!((outcome.summary.as_str(), outcome.metrics[0].1), ("it lists 2 modules", 2.0));
    assert_eq!(outcome.facts, [("protocol".into(), "32.0".into())]);
    let none = greeted().hears("#list\n").says("@RSYNCD: EXIT\n");
    assert_eq!(none.run::<Rsync>().unwrap().summary, "it lists 0 modules");
}

#[test]
fn an_old_server_is_spoken_to_in_its_version() {
    for (greeting, answer) in [("30.0", "30.0"), ("29", "29"), ("31.14", "31.0"), ("4000000000.0", "31.0")] {
        let peer = script().says(format!("@RSYNCD: {greeting}\n")).hears(format!("@RSYNCD: {answer}\n"));
        assert!(peer.hears("#list\n").says("@RSYNCD: EXIT\n").run::<Rsync>().is_ok(), "{greeting}");
    }
    let old = script().says("@RSYNCD: 29\n").hears("@RSYNCD: 29\nbackup\n").says("@RSYNCD: AUTHREQD x\n");
    let old = old.with("module", "backup").with("username", "anna");
    assert!(refused(old.run::<Rsync>()).contains("older than rsync 3.0"));
}

#[test]
fn opens_a_module() {
    assert_eq!(module().says("@RSYNCD: OK\n").run::<Rsync>().unwrap().summary, "the module backup is open");
    let guarded = module().says("@RSYNCD: AUTHREQD 69LaUs47zOuhPaFNgjvwyQ\n");
    assert_eq!(guarded.run::<Rsync>().unwrap().summary, "the module backup wants a password");
    let unknown = module().says("@ERROR: Unknown module 'backup'\n");
    assert_eq!(rejected(unknown.run::<Rsync>()), "Unknown module 'backup'");
    let full = module().says("@ERROR: max connections (1) reached -- try again later\n");
    assert_eq!(rejected(full.run::<Rsync>()), "max connections (1) reached -- try again later");
}

#[test]
fn proves_the_password() {
    // What md5sum and base64 make of "geheim" and "challenge".
    let asks = user().says("@RSYNCD: AUTHREQD challenge\n").hears("anna 7ylXDbtH2j6ZoQWxTZT7Pg\n");
    assert_eq!(asks.clone().says("@RSYNCD: OK\n").run::<Rsync>().unwrap().summary, "the module backup lets anna in");
    let wrong = asks.clone().says("@ERROR: auth failed on module backup\n");
    assert_eq!(rejected(wrong.run::<Rsync>()), "auth failed on module backup");
    let quoted = asks.clone().says("@ERROR: geheim is wrong\n");
    assert!(!rejected(quoted.run::<Rsync>()).contains("geheim"));
    assert!(refused(asks.says("@RSYNCD: AUTHREQD again\n").run::<Rsync>()).contains("a login"));
    // Whoever is let in without being asked is let in.
    assert!(user().says("@RSYNCD: OK\n").run::<Rsync>().is_ok());
}

#[test]
fn a_setting_cannot_smuggle_a_line() {
    for (name, value) in
        [("module", "a\nb"), ("module", ""), ("module", "#list"), ("username", "a b"), ("username", "")]
    {
        let check = user().with(name, value).run::<Rsync>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{value:?}: {check:?}");
    }
    let check = script().with("username", "anna").run::<Rsync>();
    assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
}

#[test]
fn refuses_what_is_no_rsync() {
    for said in ["SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "@RSYNCD: \n", "@RSYNCD: x.0\n", "@RSYNCD: 0\n", "\n"]
    {
        assert!(refused(script().says(said).run::<Rsync>()).contains("greet"), "{said}");
    }
    assert_eq!(rejected(script().says("@ERROR: no time\n").run::<Rsync>()), "no time");
    assert!(refused(greeted().hears("#list\n").says("@RSYNCD: OK\n").run::<Rsync>()).contains("for its modules"));
    assert!(refused(module().says("@RSYNCD: EXIT\n").run::<Rsync>()).contains("for a module"));
}

#[test]
fn an_answer_without_end_is_refused() {
    assert!(refused(script().repeats("x").run::<Rsync>()).contains("4096 bytes"));
    assert!(refused(greeted().hears("#list\n").repeats("more\n").run::<Rsync>()).contains("2000 lines"));
    assert!(refused(module().repeats("more\n").run::<Rsync>()).contains("2000 lines"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(script().run::<Rsync>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().says("@RSYNCD: 3").run::<Rsync>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(script().times_out().run::<Rsync>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(greeted().hears("#list\n").says("a\n").run::<Rsync>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(greeted().breaks().run::<Rsync>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    "@RSYNCD: 31.0\n",
    "@RSYNCD: 29\n",
    "@RSYNCD: OK\n",
    "@RSYNCD: AUTHREQD x\n",
    "@RSYNCD: EXIT\n",
    "@ERROR\n",
    "a\tb\n",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Rsync>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Rsync>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
