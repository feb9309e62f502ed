//! What the library for TLS is told: versions, ciphers, authorities, a certificate of our own. It reads files, so it is made
//! on a thread of its own, and kept for a while for all connections that want the same.

use std::fs;
use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use interpreter::program::cipher::{self, CipherSuite};
use interpreter::program::{Tls, TlsProtocol};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::sync::OnceCell;

use super::error::TlsError;
use super::witness::Witness;

/// How long files are believed to be as they were.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// How long it is believed that they cannot be used.
const BAD_FOR: Duration = Duration::from_secs(2);

/// How many different wishes are kept.
const KEPT_MAX: usize = 256;

/// The longest file of certificates that is read, in bytes; that of all authorities has 250 kB.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How many files of a folder of authorities are read.
const FILES_MAX: usize = 1_000;

/// What the library is told, and by whom certificates are verified.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) config: Arc<ClientConfig>,
    /// Nothing where certificates are not verified.
    pub(super) verifier: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates that are trusted themselves.
    pub(super) trusted: Vec<CertificateDer<'static>>,
}

type Made = Result<Arc<Client>, TlsError>;

struct Kept {
    said: Arc<Tls>,
    verifies: bool,
    made: Instant,
    cell: Arc<OnceCell<Made>>,
}

static KEPT: OnceLock<Mutex<Vec<Kept>>> = OnceLock::new();

/// What the library is told for such a connection. Of all that ask for the same at the same time one makes it.
pub(super) async fn client(said: &Arc<Tls>, verifies: bool) -> Made {
    let cell = cell(said, verifies);
    let make = || async {
        let said = Arc::clone(said);
        let made = tokio::task::spawn_blocking(move || make(&said, verifies).map(Arc::new));
        made.await.unwrap_or_else(|_| Err(TlsError::Setup("the thread that reads files has ended".to_owned())))
    };
    cell.get_or_init(make).await.clone()
}

fn cell(said: &Arc<Tls>, verifies: bool) -> Arc<OnceCell<Made>> {
    let mut all = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let is_fresh = |kept: &Kept| match kept.cell.get() {
        // Whoever makes it may have been given up; the next takes over.
        None => true,
        Some(made) => kept.made.elapsed() < if made.is_ok() { GOOD_FOR } else { BAD_FOR },
    };
    all.retain(is_fresh);
    let same = |kept: &&Kept| kept.verifies == verifies && (Arc::ptr_eq(&kept.said, said) || kept.said == *said);
    if let Some(kept) = all.iter().find(same) {
        return Arc::clone(&kept.cell);
    }
    if all.len() >= KEPT_MAX {
        all.remove(0);
    }
    let cell = Arc::new(OnceCell::new());
    all.push(Kept { said: Arc::clone(said), verifies, made: Instant::now(), cell: Arc::clone(&cell) });
    cell
}

fn make(said: &Tls, verifies: bool) -> Result<Client, TlsError> {
    let versions = versions(said)?;
    let provider = Arc::new(provider(said, &versions)?);
    let (verifier, trusted) = if verifies {
        let trusted = authorities(said)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        if roots.is_empty() {
            return Err(match said.ca_file.as_ref().or(said.ca_path.as_ref()) {
                Some(path) => trouble(path, "it holds no certificate of an authority in PEM"),
                None => TlsError::Authorities,
            });
        }
        let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        (Some(built.map_err(|error| TlsError::Setup(error.to_string()))?), trusted)
    } else {
        (None, Vec::new())
    };
    // Who only wants to see a certificate also sees one whose signatures are too old to be verified.
    let is_strict = verifies || said.checksum.is_some();
    let witness = Arc::new(Witness::new(provider.signature_verification_algorithms, is_strict));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .map_err(|error| TlsError::Setup(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(witness);
    let mut config = match &said.client_pem_file {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let (chain, key) = identity(path)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| trouble(path, &error.to_string()))?
        }
    };
    // Each check makes a whole handshake, and sees the certificate as a new client would.
    config.resumption = Resumption::disabled();
    Ok(Client { config: Arc::new(config), verifier, trusted })
}

fn versions(said: &Tls) -> Result<Vec<&'static SupportedProtocolVersion>, TlsError> {
    let Some(allowed) = &said.versions else { return Ok(vec![&TLS13, &TLS12]) };
    let allows = |version| allowed.contains(&version) || allowed.contains(&TlsProtocol::Auto);
    let known = [(TlsProtocol::Tlsv13, &TLS13), (TlsProtocol::Tlsv12, &TLS12)];
    let versions: Vec<_> = known.into_iter().filter(|(one, _)| allows(*one)).map(|(_, version)| version).collect();
    if versions.is_empty() { Err(TlsError::Version) } else { Ok(versions) }
}

fn provider(said: &Tls, versions: &[&'static SupportedProtocolVersion]) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    let Some(list) = &said.ciphers else { return Ok(provider) };
    let none = || TlsError::Ciphers(crate::words::one_line(list));
    let chosen = cipher::chosen(list);
    let find = |suite: &CipherSuite| {
        let name = suite.standard_name();
        // The library leaves the `TLS_` of the newest ones to `TLS13_`.
        let is_it = |one: &&rustls::SupportedCipherSuite| {
            one.suite().as_str().is_some_and(|own| own == name || own.replacen("TLS13_", "TLS_", 1) == name)
        };
        ring::ALL_CIPHER_SUITES.iter().find(is_it).copied()
    };
    provider.cipher_suites = chosen.iter().filter_map(find).collect();
    let serves = |suite: &rustls::SupportedCipherSuite| versions.contains(&suite.version());
    if provider.cipher_suites.iter().any(serves) { Ok(provider) } else { Err(none()) }
}

/// Those who are trusted: those that the rules name, and nobody else then; otherwise those of this machine.
fn authorities(said: &Tls) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    if said.ca_file.is_none() && said.ca_path.is_none() {
        return Ok(rustls_native_certs::load_native_certs().certs);
    }
    let mut all = Vec::new();
    if let Some(path) = &said.ca_file {
        all.extend(certificates(path, &read(path)?)?);
    }
    if let Some(folder) = &said.ca_path {
        let entries = fs::read_dir(folder).map_err(|error| trouble(folder, &crate::words::reason(&error)))?;
        let files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
        for path in files.take(FILES_MAX) {
            let path = path.display().to_string();
            // A folder may hold other things, too.
            all.extend(read(&path).and_then(|pem| certificates(&path, &pem)).unwrap_or_default());
        }
    }
    Ok(all)
}

fn identity(path: &str) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let pem = read(path)?;
    let chain = certificates(path, &pem)?;
    if chain.is_empty() {
        return Err(trouble(path, "it holds no certificate in PEM"));
    }
    let key = PrivateKeyDer::from_pem_slice(&pem);
    let key = key.map_err(|_| trouble(path, "it holds no private key in PEM that can be read without a password"))?;
    Ok((chain, key))
}

fn certificates(path: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    all.map_err(|error| trouble(path, &error.to_string()))
}

fn read(path: &str) -> Result<Vec<u8>, TlsError> {
    let failed = |error: std::io::Error| trouble(path, &crate::words::reason(&error));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(trouble(path, &format!("it is longer than {} MB", FILE_BYTES_MAX >> 20)));
    }
    Ok(bytes)
}

fn trouble(path: &str, reason: &str) -> TlsError {
    TlsError::File { path: path.to_owned(), reason: reason.to_owned() }
}
