//! Connections and echo requests, with defaults filled in.

use core::net::IpAddr;
use std::time::Duration;

use super::{ContentTest, Relation, Tls};

pub use grammar::ast::Family;

/// A connection test.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Which outcome makes the rule hold.
    pub wanted: Wanted,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The version of the Internet protocol.
    pub family: Family,
    /// Whether datagrams are sent instead of a stream.
    pub datagrams: bool,
    /// How it is encrypted; not at all when absent.
    pub tls: Option<Tls>,
    /// For how many days at least the certificate must be valid.
    pub certificate_min_days: Option<u32>,
    /// The protocol; a bare connection when absent.
    pub protocol: Option<ProtocolCall>,
    /// What is sent and expected where no protocol is named; then the protocol is `generic`.
    pub steps: Vec<Step>,
    /// What the content must or must not be.
    pub content: Option<ContentTest>,
    /// How long the whole of one attempt may take.
    pub timeout: Duration,
    /// How many attempts are made within a cycle, at least 1.
    pub attempts: u32,
    /// The time to answer that is accepted.
    pub response_time: Option<ResponseTime>,
    /// The address from which the connection is made.
    pub source_address: Option<String>,
}

/// Whether a host is the machine itself: `localhost`, or an address of the loopback interface.
pub fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Where a connection goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A port of a host.
    Port {
        /// The host, filled in.
        host: String,
        /// The TCP or UDP port.
        port: u16,
    },
    /// A socket in the filesystem.
    Unix(String),
}

impl Endpoint {
    /// Whether the connection stays on this machine.
    pub fn is_here(&self) -> bool {
        match self {
            Endpoint::Port { host, .. } => is_this_machine(host),
            Endpoint::Unix(_) => true,
        }
    }
}

/// Which outcome of a connection makes the rule hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It fails.
    Failed,
    /// It succeeds.
    Succeeded,
}

/// A time to answer that is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseTime {
    /// The relation that the time must have to the limit.
    pub relation: Relation,
    /// The limit, in seconds.
    pub seconds: f64,
}

/// One step of a conversation that the author wrote himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Sends these bytes.
    Send(String),
    /// Waits for something that this pattern matches.
    Expect(String),
}

/// An echo request.
#[derive(Debug, Clone, PartialEq)]
pub struct Ping {
    /// Which outcome makes the rule hold.
    pub wanted: Wanted,
    /// The version of the Internet protocol.
    pub family: Family,
    /// How many requests are sent until one is answered.
    pub count: u32,
    /// How many bytes a request carries.
    pub size_bytes: u32,
    /// How long each answer may take.
    pub timeout: Duration,
    /// The time to answer that is accepted.
    pub response_time: Option<ResponseTime>,
    /// The address from which it is sent.
    pub source_address: Option<String>,
}

/// A protocol with its settings, checked against what the protocol's plugin describes.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolCall {
    /// The protocol's name in the catalog.
    pub name: String,
    /// Its settings.
    pub settings: Vec<ProtocolSetting>,
}

/// One setting of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolSetting {
    /// The option's name.
    pub name: String,
    /// The value, of the option's type.
    pub value: SettingValue,
}

/// The value of a protocol's setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// A text or one of the words of a choice.
    Text(String),
    /// A text that is never printed.
    Secret(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// A length of time.
    Duration(Duration),
    /// A size in bytes.
    Size(u64),
    /// A comparison with a whole number.
    Comparison(Relation, i64),
    /// A checksum: its kind and its digits in lower case.
    Hash(super::HashKind, String),
    /// Headers of a request: names and values.
    Headers(Vec<(String, String)>),
    /// A pattern that something must match.
    Pattern(ContentTest),
    /// Texts.
    Texts(Vec<String>),
}
