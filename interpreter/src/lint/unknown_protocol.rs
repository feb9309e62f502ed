//! `unknown-protocol`: a protocol that nobody knows.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::Protocols;
use crate::check::Namesake;

const NAME: &str = "unknown-protocol";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a protocol that nobody knows", include_str!("unknown_protocol.md"));

/// The finding about a name that is no protocol.
pub(crate) fn finding(name: &Spanned<String>, protocols: &Protocols) -> Finding {
    let known = protocols.names();
    let finding = Finding::error(NAME, name.span, format!("there is no protocol named `{}`", name.node))
        .here("so nobody could tell whether the service answers")
        .note(format!("the protocols that there are: {}", english::and(&known)));
    let spoken = SPOKEN_BY.iter().find(|(server, _)| server.eq_ignore_ascii_case(&name.node));
    match spoken.filter(|(_, protocol)| known.is_empty() || known.contains(protocol)) {
        Some((server, protocol)) => {
            finding.fix(format!("name what {server} speaks: `{protocol}`"), name.span, *protocol, false)
        }
        None => did_you_mean(finding, name.span, &name.node, &known),
    }
}

/// The finding about the name of a plugin that was added and is no protocol.
pub(crate) fn namesake(name: &Spanned<String>, namesake: &Namesake) -> Finding {
    let word = &name.node;
    let (headline, help) = match namesake {
        Namesake::Outdated(file) => (
            format!("the probe `{word}` was added for another version of ruled"),
            format!("run `ruled-plugin add {file}`, which adds it again"),
        ),
        Namesake::Check(file) => (
            format!("`{word}` is a plugin that checks by itself, and no protocol"),
            format!("give it a service of its own: `check plugin {word} using \"{file}\"`"),
        ),
    };
    Finding::error(NAME, name.span, headline).here("so nobody could tell whether the service answers").help(help)
}

/// Servers whose names are often written in the place of the protocol that they speak.
const SPOKEN_BY: &[(&str, &str)] = &[
    ("apache", "http"),
    ("apache2", "http"),
    ("dovecot", "imap"),
    ("dropbear", "ssh"),
    ("haproxy", "http"),
    ("mariadb", "mysql"),
    ("memcached", "memcache"),
    ("mongo", "mongodb"),
    ("nginx", "http"),
    ("openssh", "ssh"),
    ("postfix", "smtp"),
    ("postgres", "pgsql"),
    ("postgresql", "pgsql"),
    ("sshd", "ssh"),
    ("tomcat", "http"),
];
