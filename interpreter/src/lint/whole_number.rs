//! `whole-number`: a fraction of something that is counted.

use grammar::{Finding, Span};

use super::Entry;
use super::wording::written_unit;

const NAME: &str = "whole-number";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a fraction of something that is counted", include_str!("whole_number.md"));

/// The finding about a number with a fraction.
pub(crate) fn finding(span: Span, written: &str, what: &str) -> Finding {
    let counted = match what {
        "port" => "a port is a whole number".to_owned(),
        what => format!("{what} are counted in whole numbers"),
    };
    Finding::error(NAME, span, format!("`{}` is not a whole number", written_unit(written))).here(counted)
}
