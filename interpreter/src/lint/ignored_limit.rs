//! `ignored-limit`: a limit that comes too late.

use std::time::Duration;

use grammar::{Finding, Span, english};

use super::Entry;

const NAME: &str = "ignored-limit";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a limit that comes too late", include_str!("ignored_limit.md"));

/// The finding about a test that waits for another time than `set limits` says.
pub(crate) fn finding(span: Span, waits: Duration) -> Finding {
    Finding::warning(NAME, span, format!("this test is given {} all the same", english::duration(milliseconds(waits))))
        .here("Monit fills in `networkTimeout` behind a test, for the next one")
        .help("write the time-out here, as in `with timeout 10 seconds`")
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
