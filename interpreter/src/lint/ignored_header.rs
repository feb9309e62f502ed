//! `ignored-header`: a header of a request that does not do what it says.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "ignored-header";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a header that does not do what it says", include_str!("ignored_header.md"));

/// The finding about a header that asks the server to keep the connection open.
pub(crate) fn connection(span: Span) -> Finding {
    Finding::warning(NAME, span, "the connection is closed all the same")
        .here("a test makes one request")
        .help("leave this header out, or write `Connection: close`")
}
