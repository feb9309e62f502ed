//! `wrapped-number`: a number that does not fit into what Monit keeps it in.

use std::fmt::Display;

use grammar::{Finding, Span, english};

use super::Entry;

const NAME: &str = "wrapped-number";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a number that is too large for Monit", include_str!("wrapped_number.md"));

/// The finding about a number and what is left of it.
pub(crate) fn finding(span: Span, written: &str, kept: impl Display) -> Finding {
    let limit = english::thousands(i32::MAX.unsigned_abs().into());
    let short = super::wording::written_unit(written);
    Finding::warning(NAME, span, format!("`{short}` becomes {kept}"))
        .here(format!("Monit keeps whole numbers in 32 bits, up to {limit}"))
        .help("use a larger unit, such as `3 GB`, or call the file `.rules`, where numbers have 64 bits")
}

/// The finding about a number of seconds, with what is left of it and how long that is.
pub(crate) fn time(span: Span, written: &str, kept: i64, lasts_s: u64, what: &str, example: &str) -> Finding {
    let finding = finding(span, written, kept);
    let finding = match kept {
        ..0 => finding.note(format!("so {what} would last {}", english::duration(lasts_s.saturating_mul(1_000)))),
        _ => finding,
    };
    finding.help(format!("write fewer seconds, as in `{example}`"))
}
