//! How the connection to a mail server is encrypted, and whom it trusts.

use std::fs;
use std::path::Path;

use grammar::english;
use interpreter::program::{HashKind, Tls, TlsProtocol};
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, Identity, TlsParameters, TlsParametersBuilder, TlsVersion,
};
use sha2::Digest;
use thiserror::Error;

/// The longest file of certificates that is read, in bytes; that of all authorities has 250 kB.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How many files of a folder of authorities are read.
const FILES_MAX: usize = 1_000;

/// Why a connection is not to be trusted, or cannot be encrypted as the rules want it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum EncryptionError {
    /// A file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// Only versions are allowed that this program does not speak.
    #[error("TLS 1.2 and 1.3 are spoken, and the rules allow neither")]
    Version,
    /// The library refuses the parameters.
    #[error("cannot set up TLS: {0}")]
    Parameters(String),
    /// The certificate is another one.
    #[error("the {kind} checksum of the certificate is {found}, not {wanted}")]
    Checksum {
        /// The kind of the checksum.
        kind: &'static str,
        /// That of the certificate.
        found: String,
        /// That of the rules.
        wanted: String,
    },
    /// Nobody who is trusted signed the certificate, and not its owner either.
    #[error("the certificate is signed neither by anybody who is trusted nor by its owner")]
    Signer,
}

/// How strict a handshake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// The certificate must be signed by somebody who is trusted, and be that of the server.
    Verified,
    /// It may be anybody's: it is looked at afterwards, or nobody cares.
    Any,
}

/// What the rules say of encryption, with what they leave out filled in.
#[derive(Debug, Clone)]
pub(super) struct Encryption {
    said: Tls,
    is_verified: bool,
}

impl Encryption {
    /// What is said of a server, what is said of all connections, and whether certificates are verified where nothing is said.
    pub(super) fn of(server: &Tls, all: Option<&Tls>, is_verified: bool) -> Encryption {
        let all = all.cloned().unwrap_or_default();
        let said = Tls {
            versions: server.versions.clone().or(all.versions),
            verify: server.verify.or(all.verify),
            self_signed: server.self_signed.or(all.self_signed),
            checksum: server.checksum.clone().or(all.checksum),
            client_pem_file: server.client_pem_file.clone().or(all.client_pem_file),
            ca_file: server.ca_file.clone().or(all.ca_file),
            ca_path: server.ca_path.clone().or(all.ca_path),
            ..server.clone()
        };
        Encryption { is_verified: said.verify.unwrap_or(is_verified), said }
    }

    /// Whether encryption begins by STARTTLS.
    pub(super) fn is_within(&self) -> bool {
        self.said.starttls
    }

    /// How strict the first handshake is.
    pub(super) fn strictness(&self) -> Strictness {
        if self.is_verified { Strictness::Verified } else { Strictness::Any }
    }

    /// Whether a certificate that its owner signed is good enough where the strict handshake failed.
    pub(super) fn may_be_self_signed(&self) -> bool {
        self.is_verified && self.said.self_signed == Some(true)
    }

    /// What the library is told. It reads files, which may take a while.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or no allowed version is spoken.
    pub(super) fn parameters(&self, host: &str, strictness: Strictness) -> Result<TlsParameters, EncryptionError> {
        let mut builder = TlsParametersBuilder::new(host.to_owned()).set_min_tls_version(self.version()?);
        if strictness == Strictness::Any {
            builder = builder.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true);
            builder = builder.certificate_store(CertificateStore::None);
        } else if self.said.ca_file.is_some() || self.said.ca_path.is_some() {
            builder = builder.certificate_store(CertificateStore::None);
            for (path, pem) in self.authorities()? {
                let certificate = Certificate::from_pem(&pem).map_err(|error| trouble(&path, &error.to_string()))?;
                builder = builder.add_root_certificate(certificate);
            }
        }
        if let Some(path) = &self.said.client_pem_file {
            let pem = read(path)?;
            let identity = Identity::from_pem(&pem, &pem).map_err(|error| trouble(path, &error.to_string()))?;
            builder = builder.identify_with(identity);
        }
        builder.build().map_err(|error| EncryptionError::Parameters(error.to_string()))
    }

    /// Looks at the certificate with which the connection was made.
    ///
    /// # Errors
    ///
    /// It is not the one of the rules, or nobody has signed it.
    pub(super) fn check(&self, certificate: &[u8], strictness: Strictness) -> Result<(), EncryptionError> {
        if let Some((kind, wanted)) = &self.said.checksum {
            let (kind, found) = match kind {
                HashKind::Md5 => ("MD5", hex(&md5::Md5::digest(certificate))),
                HashKind::Sha1 => ("SHA-1", hex(&sha1::Sha1::digest(certificate))),
                HashKind::Sha256 => ("SHA-256", hex(&sha2::Sha256::digest(certificate))),
            };
            if !found.eq_ignore_ascii_case(wanted) {
                return Err(EncryptionError::Checksum { kind, found, wanted: wanted.clone() });
            }
        }
        if self.is_verified && strictness == Strictness::Any && !is_self_issued(certificate) {
            return Err(EncryptionError::Signer);
        }
        Ok(())
    }

    fn version(&self) -> Result<TlsVersion, EncryptionError> {
        let Some(versions) = &self.said.versions else { return Ok(TlsVersion::Tlsv12) };
        let allows = |version: TlsProtocol| versions.contains(&version);
        match (allows(TlsProtocol::Tlsv12) || allows(TlsProtocol::Auto), allows(TlsProtocol::Tlsv13)) {
            (true, _) => Ok(TlsVersion::Tlsv12),
            (false, true) => Ok(TlsVersion::Tlsv13),
            (false, false) => Err(EncryptionError::Version),
        }
    }

    fn authorities(&self) -> Result<Vec<(String, Vec<u8>)>, EncryptionError> {
        let mut paths: Vec<String> = self.said.ca_file.iter().cloned().collect();
        if let Some(folder) = &self.said.ca_path {
            let entries = fs::read_dir(folder).map_err(|error| trouble(folder, &crate::words::reason(&error)))?;
            let files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
            paths.extend(files.take(FILES_MAX).map(|path| path.display().to_string()));
        }
        paths.into_iter().map(|path| read(&path).map(|pem| (path, pem))).collect()
    }
}

fn read(path: &str) -> Result<Vec<u8>, EncryptionError> {
    let length = fs::metadata(Path::new(path)).map(|found| found.len());
    let length = length.map_err(|error| trouble(path, &crate::words::reason(&error)))?;
    if length > FILE_BYTES_MAX {
        let limit = english::count(FILE_BYTES_MAX / 1024 / 1024, "megabyte");
        return Err(trouble(path, &format!("it is longer than {limit}")));
    }
    fs::read(path).map_err(|error| trouble(path, &crate::words::reason(&error)))
}

fn trouble(path: &str, reason: &str) -> EncryptionError {
    EncryptionError::File { path: path.to_owned(), reason: reason.to_owned() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the issuer of a certificate is its owner (RFC 5280, section 4.1).
fn is_self_issued(certificate: &[u8]) -> bool {
    let names = || {
        let (_, whole, _) = element(certificate)?;
        let (_, inner, _) = element(whole)?;
        // The version is left out in version 1; then come the number, the kind of signature, the issuer, the time, the owner.
        let (tag, _, rest) = element(inner)?;
        let rest = if tag == 0xa0 { element(rest)?.2 } else { rest };
        let (_, _, rest) = element(rest)?;
        let (_, issuer, rest) = element(rest)?;
        let (_, _, rest) = element(rest)?;
        let (_, owner, _) = element(rest)?;
        Some((issuer, owner))
    };
    names().is_some_and(|(issuer, owner)| issuer == owner)
}

/// The first element of a text in DER (ITU-T X.690): its tag, what is in it, and what stands behind it.
fn element(text: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length) = (*text.first()?, *text.get(1)?);
    let (length, begin) = if length < 0x80 {
        (usize::from(length), 2)
    } else {
        let digits = text.get(2..2 + usize::from(length & 0x7f))?;
        let length =
            digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()))?;
        (length, 2 + digits.len())
    };
    let end = begin.checked_add(length)?;
    Some((tag, text.get(begin..end)?, text.get(end..)?))
}
