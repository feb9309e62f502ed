//! `server-certificate`: a door with encryption and without a certificate.

use grammar::{Finding, Span};

use super::Entry;

const NAME: &str = "server-certificate";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "encryption without a certificate", include_str!("server_certificate.md"));

/// The finding about a door that has no certificate.
pub(crate) fn missing(span: Span) -> Finding {
    Finding::error(NAME, span, "this asks for encryption and names no certificate")
        .here("nobody could connect")
        .help("add `pemfile: PATH` to the options of `ssl`, or `pemchain: PATH` with `pemkey: PATH`")
}

/// The finding about a door that has two certificates.
pub(crate) fn both(span: Span) -> Finding {
    Finding::error(NAME, span, "this names two certificates")
        .here("either `pemfile`, or `pemchain` with `pemkey`")
        .help("leave one of them out")
}
