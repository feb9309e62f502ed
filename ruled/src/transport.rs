//! What a probe is given: connections. A plain connection test is one that is opened and let go.
//!
//! What does not live here: anything that is said on a connection. Named protocols are components, see `plugin`.

mod resolve;
mod tcp;

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::net::TcpStream;

/// Where a service listens, as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A name, or a numeric address of IPv4 or IPv6.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} port {}", self.host, self.port)
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Connected {
    /// The connection, which belongs to the runtime that opened it.
    pub stream: TcpStream,
    /// The numeric address that answered.
    pub address: SocketAddr,
    /// When resolving and connecting began.
    pub began: Instant,
    /// How long they took together.
    pub took: Duration,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The name has no address.
    #[error("cannot resolve {host}: {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// No address accepted; the reason is that of the last one.
    #[error("cannot connect to {endpoint}: {reason}")]
    Connect {
        /// What was to be connected to.
        endpoint: Endpoint,
        /// What the operating system says.
        reason: String,
    },
    /// The deadline passed first.
    #[error("cannot connect to {endpoint}: timed out after {}", seconds(*after))]
    TimedOut {
        /// What was to be connected to.
        endpoint: Endpoint,
        /// How long it was tried.
        after: Duration,
    },
}

impl ConnectError {
    /// The reason where the address has been named already, as the system words it: `Connection refused`.
    pub fn brief(&self) -> String {
        match self {
            ConnectError::Connect { reason, .. } => {
                let mut letters = reason.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            }
            ConnectError::TimedOut { .. } => "Connection timed out".to_owned(),
            ConnectError::Resolve { .. } => self.to_string(),
        }
    }
}

/// Resolves the host and tries each of its addresses until one accepts, bounded by `deadline`. Resolving happens in
/// the runtime's blocking threads, so nobody else waits for it.
///
/// # Errors
/// When the name has no address, when no address accepts, or when the deadline passes.
pub async fn connect(endpoint: &Endpoint, deadline: Instant) -> Result<Connected, ConnectError> {
    let began = Instant::now();
    match tokio::time::timeout_at(deadline.into(), tcp::open(endpoint)).await {
        Ok(opened) => {
            let (stream, address) = opened?;
            Ok(Connected { stream, address, began, took: began.elapsed() })
        }
        Err(_) => {
            Err(ConnectError::TimedOut { endpoint: endpoint.clone(), after: deadline.saturating_duration_since(began) })
        }
    }
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
