//! Connections, what a protocol is asked to do, and echo requests.

use super::value::{Length, Operator, Quantity, Value};
use super::{ContentTest, HashKind, TlsOption};
use crate::{Span, Spanned};

/// `failed [host H] port N …`, `failed url U …`, `failed unixsocket PATH …`, or `succeeded …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Whether the rule holds when the connection fails or when it succeeds.
    pub wanted: Wanted,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The options in the order written.
    pub options: Vec<ConnectionOption>,
}

/// Where a connection goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Endpoint {
    /// A port of a host.
    Port {
        /// The host; the address of the `check host`, or `localhost`, when absent.
        host: Option<Spanned<String>>,
        /// The TCP or UDP port.
        port: Spanned<Value<f64>>,
    },
    /// A whole address: `https://user:password@host:port/path?query`.
    Url(Spanned<String>),
    /// A socket in the filesystem.
    Unix(Spanned<String>),
}

/// Which outcome of a test makes the rule hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// `failed`.
    Failed,
    /// `succeeded`.
    Succeeded,
}

/// An option of a connection test.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionOption {
    /// `protocol NAME …`.
    Protocol(Protocol),
    /// `send TEXT`.
    Send(Spanned<String>),
    /// `expect PATTERN`.
    Expect(Spanned<String>),
    /// `content = PATTERN`.
    Content(ContentTest),
    /// `with timeout N seconds`.
    Timeout(Length),
    /// `retry N`.
    Retry(Spanned<Value<f64>>),
    /// `ipv4` or `ipv6`.
    Family(Spanned<Family>),
    /// `type tcp`, `type udp` or `type tcpssl`.
    Socket(Spanned<SocketKind>),
    /// `ssl …`, `certificate …` and their like.
    Tls(TlsOption),
    /// `responsetime < 3 seconds`.
    ResponseTime(ResponseTime),
    /// `address IP`: where the connection comes from.
    SourceAddress(Spanned<String>),
}

/// The version of the Internet protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whatever the name resolves to.
    Any,
    /// Version 4.
    Ipv4,
    /// Version 6.
    Ipv6,
}

/// What is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketKind {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
    /// A stream with TLS, in Monit's old words.
    TcpSsl,
}

/// `responsetime OPERATOR N seconds`: the relation that is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseTime {
    /// The whole of it.
    pub span: Span,
    /// The comparison, where it was written.
    pub operator: Option<Spanned<Operator>>,
    /// The limit.
    pub value: Quantity,
}

/// `failed ping …` or `failed icmp type echo …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ping {
    /// Whether the rule holds when no answer comes or when one comes.
    pub wanted: Wanted,
    /// `ping4`, `ping6`, or either.
    pub family: Spanned<Family>,
    /// The options in the order written.
    pub options: Vec<PingOption>,
}

/// An option of an echo request.
#[derive(Debug, Clone, PartialEq)]
pub enum PingOption {
    /// `count N`.
    Count(Spanned<Value<f64>>),
    /// `size N`: bytes of data.
    Size(Spanned<Value<f64>>),
    /// `with timeout N seconds`.
    Timeout(Length),
    /// `address IP`: where the request comes from.
    SourceAddress(Spanned<String>),
    /// `responsetime < 100 ms`.
    ResponseTime(ResponseTime),
}

/// A protocol and what it is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// The whole of it.
    pub span: Span,
    /// The name as written.
    pub name: Spanned<String>,
    /// Its options, whether written as words or inside `with { … }`.
    pub options: Vec<ProtocolOption>,
}

/// One option of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolOption {
    /// The whole of it.
    pub span: Span,
    /// The name as written.
    pub name: Spanned<String>,
    /// A comparison, as in `status = 404`.
    pub operator: Option<Spanned<Operator>>,
    /// The value.
    pub value: Spanned<OptionValue>,
}

/// The value of a protocol's option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// A text, quoted or not.
    Text(String),
    /// A number with its unit, if any.
    Quantity(Quantity),
    /// `true` or `false`.
    Truth(bool),
    /// A bare word that names something declared.
    Name(String),
    /// `{name}`, alone in the place of the value.
    Hole(String),
    /// `[Name: value, Name: value]`.
    Headers(Vec<Header>),
    /// `["text", "text"]`.
    Texts(Vec<Spanned<String>>),
    /// A checksum with its kind: `rsakey checksum md5 HASH`.
    Hash {
        /// The kind, where it was written.
        kind: Option<HashKind>,
        /// The digits.
        digits: String,
    },
}

/// One header of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The whole of it.
    pub span: Span,
    /// The name.
    pub name: Spanned<String>,
    /// The value.
    pub value: Spanned<String>,
}
