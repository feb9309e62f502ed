//! `unknown-protocol`: a protocol that nobody knows.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::Protocols;

const NAME: &str = "unknown-protocol";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a protocol that nobody knows", include_str!("unknown_protocol.md"));

/// The finding about a name that is no protocol.
pub(crate) fn finding(name: &Spanned<String>, protocols: &Protocols) -> Finding {
    let known = protocols.names();
    let finding = Finding::error(NAME, name.span, format!("there is no protocol named `{}`", name.node))
        .here("so nobody could tell whether the service answers")
        .note(format!("the protocols that there are: {}", english::and(&known)));
    did_you_mean(finding, name.span, &name.node, &known)
}
