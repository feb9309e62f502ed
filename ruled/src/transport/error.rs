//! Why there is no connection, in sentences for people.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use thiserror::Error;

use super::{Endpoint, Route, TlsError, seconds};

/// What an address of a service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the operating system says.
    pub reason: String,
    /// Which address said it, where several were tried and did not agree.
    pub by: Option<IpAddr>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Some(address) => write!(f, "{} (at {address})", self.reason),
            None => write!(f, "{}", self.reason),
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The name has no address, or nobody has told it in time.
    #[error("cannot resolve {host}: {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// The name leads to this machine or its link, where that is not wanted.
    #[error(
        "{host} leads to {address}, which is this machine or on its link; where that is meant, the grant names the address"
    )]
    Near {
        /// The name.
        host: String,
        /// The first address that it has.
        address: IpAddr,
    },
    /// No address accepted; of what they said it is the first that means something.
    #[error("cannot connect to {endpoint}: {refusal}")]
    Connect {
        /// What was to be connected to.
        endpoint: Endpoint,
        /// What was said there.
        refusal: Refusal,
    },
    /// This machine has nothing left to make a connection with, and nobody was asked.
    #[error("cannot connect to {endpoint}: {reason}, which is a limit of this machine or of ruled's process")]
    Exhausted {
        /// What was to be connected to.
        endpoint: Endpoint,
        /// What the operating system says.
        reason: String,
    },
    /// No address answered before the deadline.
    #[error("cannot connect to {endpoint}: timed out after {}", seconds(*after))]
    TimedOut {
        /// What was to be connected to.
        endpoint: Endpoint,
        /// How long it was tried.
        after: Duration,
    },
    /// The connection was made and could not be encrypted as the rule wants it.
    #[error("{0}")]
    Tls(#[from] TlsError),
}

impl ConnectError {
    /// Nobody has told the addresses in time.
    pub(super) fn unresolved(route: &Route, after: Duration) -> ConnectError {
        let host = match &route.endpoint {
            Endpoint::Port { host, .. } => host.clone(),
            Endpoint::Unix(path) => path.display().to_string(),
        };
        ConnectError::Resolve { host, reason: format!("no answer within {}", seconds(after)) }
    }

    /// The reason where the address has been named already, as the system words it: `Connection refused`.
    pub fn brief(&self) -> String {
        match self {
            ConnectError::Connect { refusal, .. } => capitalised(&refusal.to_string()),
            ConnectError::TimedOut { .. } => "Connection timed out".to_owned(),
            ConnectError::Resolve { .. } | ConnectError::Near { .. } | ConnectError::Exhausted { .. } => {
                self.to_string()
            }
            ConnectError::Tls(error) => capitalised(&error.to_string()),
        }
    }

    /// Whether the rule or this machine is to blame, and nothing is known about the service.
    pub fn is_ours(&self) -> bool {
        match self {
            ConnectError::Exhausted { .. } => true,
            ConnectError::Tls(error) => error.is_ours(),
            _ => false,
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
