//! `inherited-address`: an echo request that comes from the address of another.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "inherited-address";
pub(super) const ENTRY: Entry = Entry::reported(
    NAME,
    "an echo request that comes from the address of another",
    include_str!("inherited_address.md"),
);

/// The finding about an echo request without an address, behind one that has one.
pub(crate) fn finding(span: Span, address: &str) -> Finding {
    Finding::warning(NAME, span, format!("this request comes from {address}, too"))
        .here("to Monit an address holds for all requests behind it")
        .help("write the address here, too, or put this request before those that have one")
}
