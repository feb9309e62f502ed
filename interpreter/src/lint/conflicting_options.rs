//! `conflicting-options`: options that cannot all be meant.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "conflicting-options";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "options that cannot all be meant", include_str!("conflicting_options.md"));

/// The finding about a look at the content of an answer that has none.
pub(crate) fn no_content(span: Span) -> Finding {
    Finding::error(NAME, span, "an answer to `head` has no content")
        .here("so there is nothing that could be looked at")
        .help("leave out `method head`")
}

/// The finding about `send` or `expect` beside a protocol that says everything by itself.
pub(crate) fn own_words(span: Span, protocol: &str) -> Finding {
    Finding::error(NAME, span, format!("{protocol} says by itself what has to be said"))
        .here("there is no room for words of one's own")
        .help(format!("leave this out, or leave out `protocol {protocol}`"))
}

/// The finding about `send` or `expect` before a protocol that takes their place.
pub(crate) fn forgotten_words(span: Span, protocol: &str) -> Finding {
    Finding::warning(NAME, span, "this is never sent nor expected")
        .here(format!("`protocol {protocol}` behind it takes its place"))
        .help("leave out one of the two")
}

/// The finding about a protocol of datagrams on a stream.
pub(crate) fn needs_datagrams(span: Span, protocol: &str) -> Finding {
    Finding::error(NAME, span, format!("{protocol} is spoken over UDP"))
        .here("without a word a connection is made over TCP")
        .help("write `type udp` behind the port")
}

/// The finding about the checksum of a key that is not used.
pub(crate) fn no_key(span: Span, reason: &str) -> Finding {
    Finding::error(NAME, span, "the server's key would not be used").here(reason.to_owned())
}
