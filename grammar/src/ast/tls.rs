//! `ssl { … }`, `certificate …` and Monit's old words for the same.

use super::HashKind;
use super::value::Quantity;
use crate::{Span, Spanned};

/// One thing that is said about TLS beside a server or a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum TlsOption {
    /// `ssl` alone.
    Plain(Span),
    /// `ssl { … }`.
    Block(TlsBlock),
    /// A word for a version, in Monit's old form.
    Version(Spanned<TlsVersion>),
    /// `certmd5 HASH`, in Monit's old form.
    CertMd5(Spanned<String>),
    /// `certificate checksum [md5|sha1] HASH`.
    CertificateChecksum {
        /// The whole of it.
        span: Span,
        /// The kind of checksum, where it was written.
        hash: Option<Spanned<HashKind>>,
        /// The checksum that the certificate should have.
        expected: Spanned<String>,
    },
    /// `certificate valid > N days`.
    CertificateValid {
        /// The whole of it.
        span: Span,
        /// How long it should be valid at least.
        days: Quantity,
    },
}

impl TlsOption {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            TlsOption::Plain(span)
            | TlsOption::CertificateChecksum { span, .. }
            | TlsOption::CertificateValid { span, .. } => *span,
            TlsOption::Block(block) => block.span,
            TlsOption::Version(version) => version.span,
            TlsOption::CertMd5(text) => text.span,
        }
    }
}

/// `{ verify: enable, … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct TlsBlock {
    /// The whole of it, with the word before the braces.
    pub span: Span,
    /// The options in the order written.
    pub options: Vec<TlsSetting>,
}

/// One option in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct TlsSetting {
    /// The whole of it.
    pub span: Span,
    /// What it says.
    pub kind: TlsSettingKind,
}

/// What an option in braces says.
#[derive(Debug, Clone, PartialEq)]
pub enum TlsSettingKind {
    /// `version: …`: the versions that are offered, and those that are not.
    Versions(Vec<Spanned<TlsVersion>>),
    /// `verify: enable|disable`.
    Verify(Spanned<bool>),
    /// `selfsigned: allow|reject`.
    SelfSigned(Spanned<bool>),
    /// `ciphers: LIST`.
    Ciphers(Spanned<String>),
    /// `pemfile: PATH`: certificate and key of a server.
    PemFile(Spanned<String>),
    /// `pemchain: PATH`: certificates of a server.
    PemChain(Spanned<String>),
    /// `pemkey: PATH`: the key to them.
    PemKey(Spanned<String>),
    /// `clientpemfile: PATH`: certificate and key of a client, or the certificates of the clients that are let in.
    ClientPemFile(Spanned<String>),
    /// `cacertificatefile: PATH`.
    CaFile(Spanned<String>),
    /// `cacertificatepath: PATH`: a directory.
    CaPath(Spanned<String>),
}

/// A word for a version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TlsVersion {
    /// Whether it is left out: `-tlsv1`.
    pub excluded: bool,
    /// Which version.
    pub protocol: TlsProtocol,
}

/// Which version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsProtocol {
    /// SSL 2.
    Sslv2,
    /// SSL 3.
    Sslv3,
    /// TLS 1.0.
    Tlsv1,
    /// TLS 1.1.
    Tlsv11,
    /// TLS 1.2.
    Tlsv12,
    /// TLS 1.3.
    Tlsv13,
    /// `auto`: TLS 1.2 and 1.3.
    Auto,
}
