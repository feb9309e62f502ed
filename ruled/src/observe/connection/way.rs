//! From a rule to the way on which its service is reached.

use std::net::IpAddr;
use std::path::PathBuf;

use interpreter::pattern::Syntax;
use interpreter::program::{self, Behaviour, Connection, Settings, Tls};

use crate::transport::{Encryption, Endpoint, Reach, Route};

/// The protocols in which encryption begins within them, whatever the port.
const UPGRADING: [&str; 2] = ["mysql", "pgsql"];

/// What holds for all connections of a program.
#[derive(Clone, Debug)]
pub struct Manner {
    /// What `set ssl` says.
    tls: Option<Tls>,
    behaviour: Behaviour,
    /// How much of an answer a pattern is held against.
    pub(super) expect_bytes: u64,
    /// How much of a content a pattern is held against.
    pub(super) content_bytes: u64,
}

impl Manner {
    /// What the settings say.
    pub fn of(settings: &Settings) -> Manner {
        Manner {
            tls: settings.tls.clone(),
            behaviour: settings.behaviour,
            expect_bytes: settings.limits.send_expect_buffer_bytes,
            content_bytes: settings.limits.http_content_buffer_bytes,
        }
    }

    /// The syntax of patterns.
    pub(super) fn syntax(&self) -> Syntax {
        if self.behaviour.posix_patterns { Syntax::Posix } else { Syntax::Regex }
    }

    /// Whether an answer that is not the expected one yet is waited for.
    pub(super) fn is_patient(&self) -> bool {
        !self.behaviour.posix_patterns
    }

    /// The way of a connection.
    ///
    /// # Errors
    /// Where the address of the sender cannot be used.
    pub(super) fn route(&self, connection: &Connection) -> Result<Route, String> {
        let encryption = |tls| Encryption::of(tls, self.tls.as_ref(), &self.behaviour);
        let tls = connection.tls.as_ref().map(encryption);
        let upgrades = connection.protocol.as_ref().is_some_and(|call| UPGRADING.contains(&call.name.as_str()));
        Ok(Route {
            endpoint: match &connection.endpoint {
                program::Endpoint::Port { host, port } => Endpoint::port(host.clone(), *port),
                program::Endpoint::Unix(path) => Endpoint::Unix(PathBuf::from(path)),
            },
            datagrams: connection.datagrams,
            family: connection.family,
            source: connection.source_address.as_deref().map(source).transpose()?,
            tls: if upgrades { tls.map(Encryption::within_the_protocol) } else { tls },
            reach: Reach::Anywhere,
        })
    }
}

impl Manner {
    /// The way of a connection that is granted to a plugin of one's own.
    pub(crate) fn granted(&self, host: &str, port: u16, tls: Option<&Tls>) -> Route {
        Route {
            endpoint: Endpoint::port(host.to_owned(), port),
            datagrams: false,
            family: program::Family::Any,
            source: None,
            tls: tls.map(|tls| Encryption::of(tls, self.tls.as_ref(), &self.behaviour)),
            reach: Reach::Anywhere,
        }
    }

    /// How connections are encrypted of which nothing is said.
    pub(crate) fn usual_encryption(&self) -> Encryption {
        Encryption::of(&Tls::default(), self.tls.as_ref(), &self.behaviour)
    }
}

/// The address of the sender.
pub(super) fn source(written: &str) -> Result<IpAddr, String> {
    written
        .parse()
        .map_err(|_| format!("the source address {written} is not written in four numbers, or as IPv6 has it"))
}
