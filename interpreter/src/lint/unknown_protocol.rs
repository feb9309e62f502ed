//! `unknown-protocol`: a protocol that ruled does not speak.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::{MONIT_PROTOCOLS, Protocols};

const NAME: &str = "unknown-protocol";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a protocol that ruled does not speak", include_str!("unknown_protocol.md"));

/// The finding about a name that is no protocol here.
pub(crate) fn finding(name: &Spanned<String>, protocols: &Protocols) -> Finding {
    let known: Vec<&str> = protocols.entries.iter().map(|entry| entry.name.as_str()).collect();
    let there = match known.as_slice() {
        [] => "ruled speaks no protocol here".to_owned(),
        known => format!("ruled speaks {}", english::and(known)),
    };
    let written = &name.node;
    if MONIT_PROTOCOLS.iter().any(|one| one.eq_ignore_ascii_case(written)) {
        return Finding::error(NAME, name.span, format!("ruled does not speak {written} yet"))
            .here("so nobody could tell whether the service answers")
            .note(format!("Monit has this protocol; {there}"))
            .help(format!("leave out `protocol {written}`: the test is then whether a connection can be made"));
    }
    let finding = Finding::error(NAME, name.span, format!("there is no protocol named `{written}`"))
        .here("so nobody could tell whether the service answers")
        .note(there);
    did_you_mean(finding, name.span, written, &known)
}
