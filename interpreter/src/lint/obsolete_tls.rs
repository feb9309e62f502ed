//! `obsolete-tls`: versions and ciphers that are read and no longer spoken.

use grammar::{Finding, Span};

use super::Entry;
use crate::program::TlsProtocol;

const NAME: &str = "obsolete-tls";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "versions and ciphers that are no longer spoken", include_str!("obsolete_tls.md"));

fn name(protocol: TlsProtocol) -> &'static str {
    match protocol {
        TlsProtocol::Sslv2 => "SSL 2",
        TlsProtocol::Sslv3 => "SSL 3",
        TlsProtocol::Tlsv1 => "TLS 1.0",
        TlsProtocol::Tlsv11 => "TLS 1.1",
        TlsProtocol::Tlsv12 => "TLS 1.2",
        TlsProtocol::Tlsv13 => "TLS 1.3",
        TlsProtocol::Auto => "TLS",
    }
}

/// The finding about a version that nobody speaks any more.
pub(crate) fn unspoken(span: Span, protocol: TlsProtocol) -> Finding {
    Finding::error(NAME, span, format!("nobody speaks {} any more", name(protocol)))
        .here("Monit's library has lost it, too")
        .fix("name a version that is spoken", span, "tlsv12", false)
}

/// The finding about a version that is read, but not spoken.
pub(crate) fn version(span: Span, protocol: TlsProtocol) -> Finding {
    Finding::warning(NAME, span, format!("{} is not spoken", name(protocol)))
        .here("ruled speaks TLS 1.2 or newer instead")
        .note("Monit offers it, and servers of today refuse it")
        .help("leave the version out, so that both sides agree on the newest they know")
}

/// The finding about a cipher that is read, but not offered.
pub(crate) fn cipher(span: Span, cipher: &str) -> Finding {
    Finding::warning(NAME, span, format!("the cipher `{cipher}` is not offered"))
        .here("ruled speaks TLS 1.2 or newer, with the ciphers of these versions")
        .help("leave it out")
}

/// The finding about a word for ciphers that nobody knows.
pub(crate) fn unknown_cipher(span: Span, cipher: &str) -> Finding {
    Finding::warning(NAME, span, format!("nobody knows the cipher `{cipher}`"))
        .here("this word is left out")
        .help("write the names that `openssl ciphers` prints, such as `ECDHE-RSA-AES128-GCM-SHA256`")
}

/// The finding about a list of ciphers that asks for none.
pub(crate) fn no_cipher(span: Span) -> Finding {
    Finding::warning(NAME, span, "this list asks for no cipher")
        .here("so no connection can be encrypted")
        .help("name those that may be used, such as `HIGH`, before those that may not")
}
