//! `wrong-schedule`: five fields that name no minutes.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "wrong-schedule";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a schedule that names no minutes", include_str!("wrong_schedule.md"));

/// The finding about five fields that cannot be read, with the reason.
pub(crate) fn finding(fields: &Spanned<String>, reason: &str) -> Finding {
    Finding::error(NAME, fields.span, "this schedule cannot be read")
        .here(reason)
        .help("write minute, hour, day of the month, month and day of the week: `\"0-59 8-18 * * 1-5\"`")
}

/// The finding about fields that Monit takes all the same.
pub(crate) fn warning(fields: &Spanned<String>, reason: &str) -> Finding {
    Finding::warning(NAME, fields.span, "this schedule names no minute that comes")
        .here(reason)
        .note("Monit takes the fields without looking at the numbers")
}
