//! `unknown-option`: an option that a protocol does not have.

use grammar::ast::ProtocolOption;
use grammar::{Finding, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::ProtocolEntry;

const NAME: &str = "unknown-option";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an option that a protocol does not have", include_str!("unknown_option.md"));

/// The finding about an option that a protocol does not have.
pub(crate) fn finding(option: &ProtocolOption, protocol: &ProtocolEntry) -> Finding {
    let (name, owner) = (&option.name, &protocol.name);
    let known: Vec<&str> = protocol.options.iter().map(|option| option.name.as_str()).collect();
    let finding = Finding::error(NAME, name.span, format!("{owner} has no option named `{}`", name.node))
        .here("so what it should do would not be done");
    if known.is_empty() {
        return finding.note(format!("{owner} takes no options")).help("leave it out");
    }
    let finding = finding.note(format!("the options of {owner}: {}", english::and(&known)));
    did_you_mean(finding, name.span, &name.node, &known)
}
