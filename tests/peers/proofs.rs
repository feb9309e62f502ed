//! Each protocol that is spoken was proven against somebody who speaks it: a server of Debian's, or, where there is none,
//! one that a test has from the specification. The tests print which, and `./test` ends with them; here it is read in
//! the tests what they print.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use interpreter::catalog::KNOWN_PROTOCOLS;

use crate::rig::{finish, write};

/// What a test prints that has proven a protocol, up to the kind of peer; not in one piece here, because here none is.
const WORDS: &str = concat!("proven ", "against a ");
const KINDS: [&str; 2] = ["real peer", "stand-in"];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// The texts of all tests below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let texts = entries.flat_map(|path| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => vec![fs::read_to_string(&path).expect("a source is UTF-8")],
        _ => Vec::new(),
    });
    texts.collect()
}

/// The protocols that the tests say were proven.
fn proven() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in sources(&tests()) {
        // A text that goes on in the next line is one text.
        let text = text.split("\\\n").map(str::trim_start).collect::<String>();
        for printed in text.split(&format!("\"{WORDS}")).skip(1) {
            let printed = printed.split('"').next().unwrap_or_default();
            let kind = KINDS.iter().find_map(|kind| printed.strip_prefix(*kind)?.strip_prefix(": "));
            let words = kind.and_then(|words| words.split_once(" (").map(|(names, _)| names));
            let Some(words) = words else { panic!("what is proven is not told as it should be: {printed}") };
            // What follows a name says how, such as STARTTLS.
            let words = words.split(" with ").next().unwrap_or_default().trim_end_matches(',');
            names.extend(words.split(", ").filter_map(|name| name.split(' ').next()).map(str::to_owned));
        }
    }
    names
}

#[test]
fn no_protocol_is_without_a_proof() {
    let spoken = |name: &str| name == "default" || ruled_embedded::STOCK.iter().any(|stock| stock.name == name);
    let known = KNOWN_PROTOCOLS.iter().filter(|known| spoken(known.spoken())).map(|known| known.name.to_owned());
    let all: BTreeSet<String> = known.chain(ruled_embedded::STOCK.iter().map(|stock| stock.name.to_owned())).collect();
    let proven = proven();
    let missing: Vec<&String> = all.difference(&proven).collect();
    assert!(
        missing.is_empty(),
        "no test prints `{WORDS}real peer: NAME (SERVER)` or `{WORDS}stand-in: …` of {missing:?}"
    );
    let strange: Vec<&String> = proven.difference(&all).collect();
    assert!(strange.is_empty(), "tests print that {strange:?} was proven, which is no protocol that is spoken");
}

#[test]
fn what_was_proven_is_counted_and_named_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let counted = |said: &str| {
        let mut command = Command::new(tests().join("proven"));
        command.arg(write(folder.path(), "said", said));
        let counted = finish(command);
        assert_eq!(counted.status, 0, "{}", counted.err);
        counted.out
    };
    let line = |kind: &str, rest: &str| format!("{WORDS}{kind}: {rest}\n");
    let [real, stand_in] = KINDS;
    let said = [
        line(real, "http (nginx)"),
        format!("test x ... {}", line(real, "nothing (x)")),
        line(real, "http (Apache)"),
        line(stand_in, "tns (a listener, from its specification)"),
        line(real, "imap, imaps (Dovecot)"),
        line(real, "imap, pop with STARTTLS (Dovecot)"),
        line(real, "lmtp, with STARTTLS, too (Dovecot)"),
        line(real, "imap over TLS (Dovecot)"),
        line(stand_in, "imap (nobody)"),
    ];
    let expected = "5 protocols against real peers: http, imap, imaps, lmtp, pop\n1 protocols against stand-ins: tns\n";
    assert_eq!(counted(&said.concat()), expected);
    assert_eq!(counted(""), "0 protocols against real peers\n0 protocols against stand-ins\n");
}
