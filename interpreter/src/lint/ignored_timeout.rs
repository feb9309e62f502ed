//! `ignored-timeout`: a time-out that Monit does not take.

use std::time::Duration;

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "ignored-timeout";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a time-out for mail that Monit passes over", include_str!("ignored_timeout.md"));

/// The finding about a time-out that is shorter than the one that counts.
pub(crate) fn finding(span: Span, counts: Duration) -> Finding {
    let seconds = counts.as_secs();
    Finding::warning(NAME, span, format!("a mail server is given {seconds} seconds all the same"))
        .here(format!("Monit 5.33 takes note of it only above {seconds} seconds"))
        .help("leave it out, or call the file `.rules`, where it counts")
}
