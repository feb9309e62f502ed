//! `missing-option`: a protocol that needs to be told more.

use grammar::Finding;
use grammar::ast::Protocol;

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
