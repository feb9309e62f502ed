//! What people want to know of a certificate.

use interpreter::program::HashKind;
use sha2::Digest;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::name::Name;

/// The longest name that is shown of an owner or an issuer, in characters.
const NAME_LETTERS_MAX: usize = 200;

/// A certificate that a service has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInfo {
    /// The fingerprint by SHA-256: digits in lower case.
    pub sha256: String,
    /// The fingerprint by SHA-1.
    pub sha1: String,
    /// The fingerprint by MD5.
    pub md5: String,
    /// From when it is valid, in seconds since 1970; nothing where it cannot be read.
    pub not_before: Option<i64>,
    /// Until when it is valid.
    pub not_after: Option<i64>,
    /// Its owner.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
}

impl CertificateInfo {
    /// Reads a certificate. What cannot be read of it is left empty; its fingerprints are those of its bytes.
    pub fn of(der: &[u8]) -> CertificateInfo {
        let read = Certificate::from_der(der).ok();
        let parts = read.as_ref().map(Certificate::tbs_certificate);
        let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
        CertificateInfo {
            sha256: fingerprint(HashKind::Sha256, der),
            sha1: fingerprint(HashKind::Sha1, der),
            md5: fingerprint(HashKind::Md5, der),
            not_before: parts.and_then(|parts| seconds(&parts.validity().not_before)),
            not_after: parts.and_then(|parts| seconds(&parts.validity().not_after)),
            subject: parts.map(|parts| shown(parts.subject())).unwrap_or_default(),
            issuer: parts.map(|parts| shown(parts.issuer())).unwrap_or_default(),
        }
    }

    /// The fingerprint of a kind.
    pub fn digits(&self, kind: HashKind) -> &str {
        match kind {
            HashKind::Md5 => &self.md5,
            HashKind::Sha1 => &self.sha1,
            HashKind::Sha256 => &self.sha256,
        }
    }
}

/// Whether the owner of a certificate signed it himself (RFC 5280, section 3.2), as far as its names say.
pub(super) fn is_self_issued(der: &[u8]) -> bool {
    let read = Certificate::from_der(der);
    read.is_ok_and(|read| read.tbs_certificate().subject() == read.tbs_certificate().issuer())
}

fn shown(name: &Name) -> String {
    crate::words::one_line(&name.to_string()).chars().take(NAME_LETTERS_MAX).collect()
}

fn fingerprint(kind: HashKind, der: &[u8]) -> String {
    match kind {
        HashKind::Md5 => hex(&md5::Md5::digest(der)),
        HashKind::Sha1 => hex(&sha1::Sha1::digest(der)),
        HashKind::Sha256 => hex(&sha2::Sha256::digest(der)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
