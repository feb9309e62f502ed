//! How a connection is encrypted, and whom it trusts.

pub use grammar::ast::{HashKind, TlsProtocol};

/// How a connection is encrypted. Its paths are as they were written; whether they can be read is the machine's matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// The versions that are offered, sorted; the default (1.2 and 1.3) when absent.
    pub versions: Option<Vec<TlsProtocol>>,
    /// Whether the certificate of the other side, and the name in it, are verified; the default of the dialect when
    /// absent.
    pub verify: Option<bool>,
    /// Whether a certificate that nobody else has signed is accepted.
    pub self_signed: Option<bool>,
    /// The list of ciphers in OpenSSL's words.
    pub ciphers: Option<String>,
    /// The checksum that the certificate must have: its kind and its digits in lower case.
    pub checksum: Option<(HashKind, String)>,
    /// Certificate and key of a server.
    pub pem_file: Option<String>,
    /// The certificates of a server.
    pub pem_chain: Option<String>,
    /// The key to them.
    pub pem_key: Option<String>,
    /// Certificate and key of a client.
    pub client_pem_file: Option<String>,
    /// The file of the authorities that are trusted.
    pub ca_file: Option<String>,
    /// The directory of the authorities that are trusted.
    pub ca_path: Option<String>,
    /// Whether encryption begins within the protocol, by STARTTLS.
    pub starttls: bool,
}
