//! `include-loop`: a file that includes itself.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "include-loop";
pub(super) const ENTRY: Entry = Entry::reported(NAME, "a file that includes itself", include_str!("include_loop.md"));

/// The finding about an include that closes a circle: the files from the first to the one that is included again.
pub(crate) fn finding(span: Span, chain: &[&str]) -> Finding {
    let path = chain.last().copied().unwrap_or_default();
    Finding::warning(NAME, span, format!("{path} would be read inside itself"))
        .here("so it is not read again here")
        .note(format!("the files include each other like this: {}", chain.join(" → ")))
        .help("leave this include out")
}
