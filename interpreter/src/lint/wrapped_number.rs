//! `wrapped-number`: a number that does not fit into what Monit keeps it in.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "wrapped-number";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a number that is too large for Monit", include_str!("wrapped_number.md"));

/// The finding about a number and what is left of it.
pub(crate) fn finding(span: Span, written: &str, stored: i32) -> Finding {
    let short = super::wording::written_unit(written);
    Finding::warning(NAME, span, format!("`{short}` becomes {stored}"))
        .here("Monit keeps whole numbers in 32 bits")
        .help("use a larger unit, such as `3 GB`, or call the file `.rules`, where numbers have 64 bits")
}
