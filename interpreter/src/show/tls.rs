//! Encryption as data.

use serde_json::{Value, json};

use crate::program::{HashKind, Tls, TlsProtocol};

/// How something is encrypted.
pub(super) fn tls(tls: &Tls) -> Value {
    json!({
        "versions": tls.versions.as_ref().map(|versions| versions.iter().map(|one| version(*one)).collect::<Vec<_>>()),
        "verify": tls.verify.unwrap_or(false),
        "self_signed": tls.self_signed.unwrap_or(false),
        "ciphers": tls.ciphers,
        "checksum": tls.checksum.as_ref().map(|(kind, value)| json!({ "type": hash(*kind), "value": value })),
        "pem_file": tls.pem_file,
        "pem_chain": tls.pem_chain,
        "pem_key": tls.pem_key,
        "client_pem_file": tls.client_pem_file,
        "ca_file": tls.ca_file,
        "ca_path": tls.ca_path,
        "starttls": tls.starttls,
    })
}

/// What holds for all connections; nothing where it says nothing but what holds anyway. `verified` is what holds when
/// nothing is said about verifying.
pub(super) fn defaults(defaults: &Tls, verified: bool) -> Option<Value> {
    let given = Tls {
        verify: defaults.verify.filter(|verify| *verify || verified),
        self_signed: defaults.self_signed.filter(|allowed| *allowed),
        ..defaults.clone()
    };
    (given != Tls::default()).then(|| tls(&given))
}

/// The word for a kind of checksum.
pub(super) fn hash(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Md5 => "md5",
        HashKind::Sha1 => "sha1",
        HashKind::Sha256 => "sha256",
    }
}

fn version(protocol: TlsProtocol) -> &'static str {
    match protocol {
        TlsProtocol::Sslv2 => "sslv2",
        TlsProtocol::Sslv3 => "sslv3",
        TlsProtocol::Tlsv1 => "tlsv1",
        TlsProtocol::Tlsv11 => "tlsv11",
        TlsProtocol::Tlsv12 => "tlsv12",
        TlsProtocol::Tlsv13 => "tlsv13",
        TlsProtocol::Auto => "auto",
    }
}
