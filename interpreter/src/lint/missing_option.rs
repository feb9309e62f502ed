//! `missing-option`: a protocol that needs to be told more.

use grammar::ast::Protocol;
use grammar::{Finding, english};

use super::Entry;
use crate::catalog::{ProtocolEntry, ProtocolOptionEntry};

const NAME: &str = "missing-option";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a protocol that needs to be told more", include_str!("missing_option.md"));

/// The finding about an option that must be given and is not.
pub(crate) fn finding(written: &Protocol, protocol: &ProtocolEntry, option: &ProtocolOptionEntry) -> Finding {
    let (protocol, name) = (&protocol.name, &option.name);
    Finding::error(NAME, written.name.span, format!("{protocol} needs the option `{name}`"))
        .here("so this test could not be made")
        .note(format!("{name}: {}", option.help))
        .help(format!("write `protocol {protocol} with {{ {name}: … }}`"))
}

/// The finding about a protocol that was told nothing and needs to be told something.
pub(crate) fn any(written: &Protocol, protocol: &ProtocolEntry) -> Finding {
    let name = &protocol.name;
    let known = protocol.options.iter().map(|option| format!("`{}`", option.name));
    Finding::error(NAME, written.name.span, format!("{name} needs at least one of its options"))
        .here("so nobody could tell what is wanted")
        .note(format!("the options of {name}: {}", english::and(known)))
}
