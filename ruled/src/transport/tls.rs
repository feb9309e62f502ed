//! Encryption by TLS, and whether the other side is whom the rule trusts.

pub(super) mod certificate;
mod client;
pub(super) mod error;
mod witness;

use std::io;
use std::sync::Arc;
use std::time::Instant;

use interpreter::program::{Behaviour, HashKind, Tls};
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, ProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use certificate::CertificateInfo;
use client::Client;
use error::TlsError;

/// How a connection is to be encrypted, with everything filled in that the rule leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    said: Arc<Tls>,
    verifies: bool,
    checks_name: bool,
    within: bool,
}

impl Encryption {
    /// What is said of a connection, what `set ssl` says of all, and what the dialect does where neither says anything.
    pub fn of(said: &Tls, all: Option<&Tls>, behaviour: &Behaviour) -> Encryption {
        let said = said.completed_by(all);
        Encryption {
            verifies: said.verify.unwrap_or(behaviour.verify_tls),
            checks_name: behaviour.verify_tls,
            within: said.starttls,
            said: Arc::new(said),
        }
    }

    /// The same, but it begins when both sides have agreed on it within the protocol.
    #[must_use]
    pub fn within_the_protocol(self) -> Encryption {
        Encryption { within: true, ..self }
    }

    /// Whether it begins at once, and not within the protocol.
    pub fn begins_at_once(&self) -> bool {
        !self.within
    }
}

/// As connections are encrypted of which nobody says anything: the other side is verified.
impl Default for Encryption {
    fn default() -> Encryption {
        Encryption { said: Arc::new(Tls::default()), verifies: true, checks_name: true, within: true }
    }
}

/// Whether the other side is whom it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Somebody who is trusted says so.
    Verified,
    /// It says so itself, and the rule takes that.
    SelfSigned,
    /// The rule does not care.
    NotAsked,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsInfo {
    /// The version: `TLS 1.3`.
    pub version: String,
    /// The suite of ciphers by its standard name.
    pub cipher: String,
    /// What the other side has shown.
    pub certificate: Option<CertificateInfo>,
    /// Whether it is whom it says it is.
    pub verification: Verification,
}

/// Encrypts a connection to a service of that name, and judges who is there.
pub(super) async fn start(
    stream: TcpStream,
    name: &str,
    encryption: &Encryption,
    deadline: Instant,
) -> Result<(TlsStream<TcpStream>, TlsInfo), TlsError> {
    let began = Instant::now();
    let late = || TlsError::TimedOut(deadline.saturating_duration_since(began));
    let shaking = async {
        let client = client::client(&encryption.said, encryption.verifies).await?;
        let fallback = || stream.peer_addr().map(|address| ServerName::IpAddress(address.ip().into()));
        let server = match ServerName::try_from(name.to_owned()) {
            Ok(server) => server,
            // What is no name of the DNS is not sent, and no certificate is for it.
            Err(_) => fallback().map_err(|error| TlsError::Handshake(super::reason(&error)))?,
        };
        let connector = TlsConnector::from(Arc::clone(&client.config));
        let stream = connector.connect(server.clone(), stream).await.map_err(|error| handshake(&error))?;
        Ok::<_, TlsError>((stream, client, server))
    };
    let (stream, client, server) = tokio::time::timeout_at(deadline.into(), shaking).await.map_err(|_| late())??;
    let info = judge(&stream, &client, &server, encryption)?;
    Ok((stream, info))
}

/// Holds against the rule what the other side has shown.
fn judge(
    stream: &TlsStream<TcpStream>,
    client: &Client,
    server: &ServerName<'_>,
    encryption: &Encryption,
) -> Result<TlsInfo, TlsError> {
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    let certificate = chain.first().map(|own| CertificateInfo::of(own));
    let verification = match (&client.verifier, chain) {
        (None, _) => Verification::NotAsked,
        (Some(_), []) => return Err(TlsError::Certificate("is missing".to_owned())),
        (Some(verifier), [own, others @ ..]) => {
            let verified = verifier.verify_server_cert(own, others, server, &[], UnixTime::now());
            match verified {
                Ok(_) => Verification::Verified,
                Err(rustls::Error::InvalidCertificate(error)) => {
                    excused(&error, own, certificate.as_ref(), client, server, encryption)?
                }
                Err(error) => return Err(TlsError::Certificate(format!("cannot be verified: {error}"))),
            }
        }
    };
    if let (Some((kind, wanted)), Some(certificate)) = (&encryption.said.checksum, &certificate) {
        let found = certificate.digits(*kind);
        if !found.eq_ignore_ascii_case(wanted) {
            let (found, wanted) = (found.to_owned(), wanted.clone());
            return Err(TlsError::Checksum { kind: hash(*kind), found, wanted });
        }
    }
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    Ok(TlsInfo {
        version: version.to_owned(),
        cipher: cipher.unwrap_or_default().replacen("TLS13_", "TLS_", 1),
        certificate,
        verification,
    })
}

/// What speaks for a certificate that the library does not take: the rule takes what its owner signed, the certificate
/// itself is among those that are trusted, or nobody asks for its name.
fn excused(
    error: &CertificateError,
    own: &CertificateDer<'_>,
    certificate: Option<&CertificateInfo>,
    client: &Client,
    server: &ServerName<'_>,
    encryption: &Encryption,
) -> Result<Verification, TlsError> {
    let is_of_another_name =
        matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. });
    if is_of_another_name && !encryption.checks_name {
        return Ok(Verification::Verified);
    }
    let refused = || Err(TlsError::Certificate(words(error, own, server)));
    let is_timely = || {
        let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
        certificate.is_some_and(|seen| {
            seen.not_before.is_some_and(|from| from <= now) && seen.not_after.is_some_and(|until| now <= until)
        })
    };
    if is_of_another_name || !is_timely() {
        return refused();
    }
    if client.trusted.iter().any(|trusted| trusted == own) {
        let fits = || {
            let parsed = rustls::server::ParsedCertificate::try_from(own).ok()?;
            rustls::client::verify_server_name(&parsed, server).ok()
        };
        if encryption.checks_name && fits().is_none() {
            return Err(TlsError::Certificate(words(&CertificateError::NotValidForName, own, server)));
        }
        return Ok(Verification::Verified);
    }
    if encryption.said.self_signed == Some(true) && certificate::is_self_issued(own) {
        return Ok(Verification::SelfSigned);
    }
    refused()
}

/// What is wrong with a certificate, behind "the certificate of the service".
fn words(error: &CertificateError, own: &CertificateDer<'_>, server: &ServerName<'_>) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("is not for {}", server.to_str())
        }
        CertificateError::Revoked => "has been revoked".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not for servers".to_owned()
        }
        _ if certificate::is_self_issued(own) => "is self-signed".to_owned(),
        CertificateError::UnknownIssuer => "is signed by nobody who is trusted".to_owned(),
        CertificateError::BadSignature => "bears a wrong signature".to_owned(),
        other => format!("cannot be verified: {}", crate::words::one_line(&other.to_string())),
    }
}

fn hash(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Md5 => "MD5",
        HashKind::Sha1 => "SHA-1",
        HashKind::Sha256 => "SHA-256",
    }
}

/// Why a handshake failed.
fn handshake(error: &io::Error) -> TlsError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    TlsError::Handshake(match inner {
        Some(rustls::Error::InvalidMessage(_)) => "the service does not speak TLS here".to_owned(),
        Some(rustls::Error::AlertReceived(alert)) => match alert {
            AlertDescription::ProtocolVersion => "the service speaks none of the versions that are offered".to_owned(),
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
                "the service speaks none of the ciphers that are offered".to_owned()
            }
            AlertDescription::CertificateRequired => "the service wants a certificate of the client".to_owned(),
            AlertDescription::UnrecognisedName => "the service knows nobody of this name".to_owned(),
            other => format!("the service answers with the alert {other:?}"),
        },
        Some(rustls::Error::PeerIncompatible(_)) => {
            "the service speaks none of the versions and ciphers that are offered".to_owned()
        }
        Some(other) => crate::words::one_line(&other.to_string()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the service closed the connection".to_owned(),
        None => super::reason(error),
    })
}
