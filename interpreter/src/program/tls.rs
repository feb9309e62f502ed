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

impl Tls {
    /// What holds of a connection: what is said of it, and of everything else what `set ssl` says of all.
    pub fn completed_by(&self, all: Option<&Tls>) -> Tls {
        let Some(all) = all else { return self.clone() };
        let own = self.clone();
        Tls {
            versions: own.versions.or_else(|| all.versions.clone()),
            verify: own.verify.or(all.verify),
            self_signed: own.self_signed.or(all.self_signed),
            ciphers: own.ciphers.or_else(|| all.ciphers.clone()),
            checksum: own.checksum.or_else(|| all.checksum.clone()),
            pem_file: own.pem_file.or_else(|| all.pem_file.clone()),
            pem_chain: own.pem_chain.or_else(|| all.pem_chain.clone()),
            pem_key: own.pem_key.or_else(|| all.pem_key.clone()),
            client_pem_file: own.client_pem_file.or_else(|| all.client_pem_file.clone()),
            ca_file: own.ca_file.or_else(|| all.ca_file.clone()),
            ca_path: own.ca_path.or_else(|| all.ca_path.clone()),
            starttls: own.starttls,
        }
    }
}
