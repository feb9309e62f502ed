//! Good and bad peers for the rsync probe.

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

#[test]
fn lists_the_modules() {
    let listed = greeted()
        .says("Welcome\twith a tabulator\n\n")
        .hears("#list\n")
        .says("pub            \tfor all\na-name-of-more-letters\t\n")
        .says("@RSYNCD: EXIT\n");
    let outcome = listed.passes::<Rsync>();
    assert_eq!((outcome.summary.as_str(), outcome.metrics[0].1), ("it lists 2 modules", 2.0));
    assert_eq!(outcome.facts, [("protocol".into(), "32.0".into())]);
    let none = greeted().hears("#list\n").says("@RSYNCD: EXIT\n");
    assert_eq!(none.passes::<Rsync>().summary, "it lists 0 modules");
}

#[test]
fn an_old_server_is_spoken_to_in_its_version() {
    for (greeting, answer) in [("30.0", "30.0"), ("29", "29"), ("31.14", "31.0"), ("4000000000.0", "31.0")] {
        let peer = script().says(format!("@RSYNCD: {greeting}\n")).hears(format!("@RSYNCD: {answer}\n"));
        assert!(peer.hears("#list\n").says("@RSYNCD: EXIT\n").run::<Rsync>().is_ok(), "{greeting}");
    }
    let old = script().says("@RSYNCD: 29\n").hears("@RSYNCD: 29\nbackup\n").says("@RSYNCD: AUTHREQD x\n");
    let old = old.with("module", "backup").with("username", "anna");
    assert!(old.is_foreign_to::<Rsync>().contains("older than rsync 3.0"));
}

#[test]
fn opens_a_module() {
    assert_eq!(module().says("@RSYNCD: OK\n").passes::<Rsync>().summary, "the module backup is open");
    let guarded = module().says("@RSYNCD: AUTHREQD 69LaUs47zOuhPaFNgjvwyQ\n");
    assert_eq!(guarded.passes::<Rsync>().summary, "the module backup wants a password");
    let unknown = module().says("@ERROR: Unknown module 'backup'\n");
    assert_eq!(unknown.rejects::<Rsync>(), "Unknown module 'backup'");
    let full = module().says("@ERROR: max connections (1) reached -- try again later\n");
    assert_eq!(full.rejects::<Rsync>(), "max connections (1) reached -- try again later");
}

#[test]
fn proves_the_password() {
    // What md5sum and base64 make of "geheim" and "challenge".
    let asks = user().says("@RSYNCD: AUTHREQD challenge\n").hears("anna 7ylXDbtH2j6ZoQWxTZT7Pg\n");
    assert_eq!(asks.clone().says("@RSYNCD: OK\n").passes::<Rsync>().summary, "the module backup lets anna in");
    let wrong = asks.clone().says("@ERROR: auth failed on module backup\n");
    assert_eq!(wrong.rejects::<Rsync>(), "auth failed on module backup");
    let quoted = asks.clone().says("@ERROR: geheim is wrong\n");
    assert!(!quoted.rejects::<Rsync>().contains("geheim"));
    assert!(asks.says("@RSYNCD: AUTHREQD again\n").is_foreign_to::<Rsync>().contains("a login"));
    // Whoever is let in without being asked is let in.
    user().says("@RSYNCD: OK\n").passes::<Rsync>();
}

#[test]
fn a_setting_cannot_smuggle_a_line() {
    for (name, value) in
        [("module", "a\nb"), ("module", ""), ("module", "#list"), ("username", "a b"), ("username", "")]
    {
        assert!(!user().with(name, value).misconfigures::<Rsync>().is_empty(), "{value:?}");
    }
    assert!(!script().with("username", "anna").misconfigures::<Rsync>().is_empty());
    // Nobody would prove it.
    assert!(module().with("password", "geheim").misconfigures::<Rsync>().contains("none is named"));
}

#[test]
fn refuses_what_is_no_rsync() {
    for (name, said) in strangers(&[]) {
        assert!(script().says(said).is_foreign_to::<Rsync>().contains("greet"), "{name}");
    }
    for said in ["@RSYNCD: \n", "@RSYNCD: x.0\n", "@RSYNCD: 0\n", "\n"] {
        let quoted = format!("the server greets with {:?}, and not as", said.trim_end_matches(['\r', '\n']));
        assert!(script().says(said).is_foreign_to::<Rsync>().starts_with(&quoted), "{said}");
    }
    assert_eq!(script().says("@ERROR: no time\n").rejects::<Rsync>(), "no time");
    assert!(greeted().hears("#list\n").says("@RSYNCD: OK\n").is_foreign_to::<Rsync>().contains("for its modules"));
    assert!(module().says("@RSYNCD: EXIT\n").is_foreign_to::<Rsync>().contains("for a module"));
}

#[test]
fn an_answer_without_end_is_refused() {
    assert!(script().repeats("x").is_foreign_to::<Rsync>().contains("4096 bytes"));
    assert!(greeted().hears("#list\n").repeats("more\n").is_foreign_to::<Rsync>().contains("2000 lines"));
    assert!(module().repeats("more\n").is_foreign_to::<Rsync>().contains("2000 lines"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let asks = user().says("@RSYNCD: AUTHREQD challenge\n").hears("anna 7ylXDbtH2j6ZoQWxTZT7Pg\n");
    asks.says("@RSYNCD: OK\n").needs_every_byte::<Rsync>();
    let listed = greeted().says("Welcome\n\n").hears("#list\n").says("a\tb\n@RSYNCD: EXIT\n");
    listed.clone().needs_every_byte::<Rsync>();
    listed.drips().passes::<Rsync>();
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

survives_any_peer!(Rsync, PIECES);
