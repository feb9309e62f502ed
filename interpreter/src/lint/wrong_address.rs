//! `wrong-address`: a name, or nothing, where the number of an address is wanted.

use grammar::{Finding, Spanned};

use super::Entry;
use super::wording::written_unit;

const NAME: &str = "wrong-address";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an address that is not written in numbers", include_str!("wrong_address.md"));

/// The finding about the address that a connection should come from.
pub(crate) fn finding(address: &Spanned<String>) -> Finding {
    let headline = format!("`{}` is no address of this machine", written_unit(&address.node));
    Finding::error(NAME, address.span, headline)
        .here("where a connection comes from is written in numbers")
        .help("write an address of one of this machine's interfaces, such as `192.0.2.7` or `2001:db8::7`")
}
