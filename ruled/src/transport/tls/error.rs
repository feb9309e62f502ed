//! Why a connection is not encrypted as the rule wants it, in sentences for people.

use std::time::Duration;

use thiserror::Error;

use crate::transport::seconds;

/// Why a connection is not encrypted as the rule wants it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// This machine trusts nobody.
    #[error(
        "this machine trusts no authority: install `ca-certificates`, or name a file of authorities by `cacertificatefile:`"
    )]
    Authorities,
    /// Only versions are allowed that are not spoken.
    #[error("TLS 1.2 and 1.3 are spoken, and the rules allow neither")]
    Version,
    /// Only ciphers are allowed that are not spoken with the versions that are.
    #[error("no cipher of `{0}` is spoken with the versions of TLS that the rules allow")]
    Ciphers(String),
    /// The library refuses what it is told.
    #[error("cannot set up TLS: {0}")]
    Setup(String),
    /// What carries the connection is never encrypted.
    #[error("only connections over TCP can be encrypted")]
    Transport,
    /// It is encrypted already.
    #[error("the connection is encrypted already")]
    Twice,
    /// Something was sent that was to be taken for what comes after the encryption.
    #[error(
        "the service sent more than its answer before the encryption began, which somebody in between could have done"
    )]
    Injection,
    /// The handshake failed.
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
    /// The handshake took too long.
    #[error("no TLS handshake within {}", seconds(*.0))]
    TimedOut(Duration),
    /// The certificate is not to be trusted.
    #[error("the certificate of the service {0}")]
    Certificate(String),
    /// The certificate is another one.
    #[error("the {kind} checksum of the certificate is {found}, not {wanted}")]
    Checksum {
        /// The kind of the checksum.
        kind: &'static str,
        /// That of the certificate.
        found: String,
        /// That of the rule.
        wanted: String,
    },
}

impl TlsError {
    /// Whether the rule or this machine is to blame, and nothing is known about the service.
    pub fn is_ours(&self) -> bool {
        match self {
            TlsError::File { .. }
            | TlsError::Authorities
            | TlsError::Version
            | TlsError::Ciphers(_)
            | TlsError::Setup(_)
            | TlsError::Transport
            | TlsError::Twice => true,
            TlsError::Injection
            | TlsError::Handshake(_)
            | TlsError::TimedOut(_)
            | TlsError::Certificate(_)
            | TlsError::Checksum { .. } => false,
        }
    }
}
