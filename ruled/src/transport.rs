//! What a probe is given: connections, over TCP, UDP and sockets in the filesystem, encrypted where the rule wants it. A
//! plain connection test is one that is opened and let go.
//!
//! What does not live here: anything that is said on a connection, but the words of `send` and `expect` that authors of
//! rules write themselves (`dialogue`). Named protocols are components, see `plugin`.

mod address;
mod connected;
pub mod dialogue;
mod error;
mod open;
pub mod ping;
mod resolve;
mod stream;
mod tls;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use interpreter::program::Family;
use tokio::time::timeout_at;

pub use connected::{Connected, Phases};
pub use error::{ConnectError, Refusal};
pub use tls::certificate::CertificateInfo;
pub use tls::error::TlsError;
pub use tls::{Encryption, TlsInfo, Verification};

/// Where a service listens, as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A port of a host.
    Port {
        /// A name, or a numeric address of IPv4 or IPv6.
        host: String,
        /// The port of TCP or UDP.
        port: u16,
    },
    /// A socket in the filesystem.
    Unix(PathBuf),
}

impl Endpoint {
    /// A port of a host.
    pub fn port(host: impl Into<String>, port: u16) -> Endpoint {
        Endpoint::Port { host: host.into(), port }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Port { host, port } => write!(f, "{host} port {port}"),
            Endpoint::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A way to a service: where it listens, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// Whether datagrams are sent instead of a stream.
    pub datagrams: bool,
    /// The version of the Internet protocol.
    pub family: Family,
    /// The address from which it is reached.
    pub source: Option<IpAddr>,
    /// How the connection is encrypted; not at all when absent.
    pub tls: Option<Encryption>,
    /// How far a name may lead.
    pub reach: Reach,
}

/// How far the name of a host may lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Wherever it leads.
    #[default]
    Anywhere,
    /// Neither to this machine nor to its link, unless it is `localhost`, which says so, or the address itself is written:
    /// who answers for a name could lead somebody to services that only trust this machine.
    Elsewhere,
}

impl Route {
    /// A stream without anything special.
    pub fn to(endpoint: Endpoint) -> Route {
        Route { endpoint, datagrams: false, family: Family::Any, source: None, tls: None, reach: Reach::Anywhere }
    }

    /// A plain connection over TCP.
    pub fn tcp(host: impl Into<String>, port: u16) -> Route {
        Route::to(Endpoint::port(host, port))
    }

    /// What carries the bytes.
    pub fn transport(&self) -> Transport {
        match (&self.endpoint, self.datagrams) {
            (Endpoint::Port { .. }, false) => Transport::Tcp,
            (Endpoint::Port { .. }, true) => Transport::Udp,
            (Endpoint::Unix(_), false) => Transport::UnixStream,
            (Endpoint::Unix(_), true) => Transport::UnixDatagram,
        }
    }
}

/// What carries the bytes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A stream between hosts.
    Tcp,
    /// Datagrams between hosts.
    Udp,
    /// A stream within this machine.
    UnixStream,
    /// Datagrams within this machine.
    UnixDatagram,
}

/// Opens a connection: resolves the name, tries each of its addresses until one accepts, and encrypts where encryption
/// begins at once. All of it is bounded by `deadline`, and names are looked up on threads of their own, so nobody else waits.
///
/// # Errors
/// When the name has no address, when no address accepts, when the handshake of TLS fails, or when the deadline passes.
pub async fn connect(route: &Route, deadline: Instant) -> Result<Connected, ConnectError> {
    let began = Instant::now();
    let late = || ConnectError::TimedOut {
        endpoint: route.endpoint.clone(),
        after: deadline.saturating_duration_since(began),
    };
    let addresses = match timeout_at(deadline.into(), address::of(route)).await {
        Ok(found) => found?,
        Err(_) => return Err(ConnectError::unresolved(route, deadline.saturating_duration_since(began))),
    };
    let resolved = began.elapsed();
    let (stream, address) = open::open(route, addresses, deadline, late).await?;
    let phases = Phases { resolve: resolved, connect: began.elapsed().saturating_sub(resolved), tls: None };
    let mut connected = Connected::new(stream, route.clone(), address, began, phases);
    if route.tls.as_ref().is_some_and(Encryption::begins_at_once) {
        connected.encrypt(deadline).await?;
    }
    Ok(connected)
}

/// What an operating system error says, without the number that std appends to it.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "unknown reason".into(),
    }
}

/// A time span as a sentence has it: `5 s`, `200 ms`.
pub(crate) fn seconds(span: Duration) -> String {
    // A deadline that was computed a moment ago is a few microseconds short of what the rule says.
    let millis = span.as_micros().div_ceil(1_000);
    if millis >= 1_000 && millis.is_multiple_of(1_000) {
        format!("{} s", millis / 1_000)
    } else {
        format!("{millis} ms")
    }
}
