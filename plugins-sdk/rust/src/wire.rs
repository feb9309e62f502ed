//! What a connection can do: a trait, because a component has the host's connection and a test has a script.

use std::fmt;

/// Why sending or receiving failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoError {
    /// The deadline of the check passed.
    TimedOut,
    /// The peer closed the connection in an orderly way.
    Closed,
    /// The connection broke.
    Reset,
    /// Nobody takes datagrams there.
    Refused,
    /// There was no delimiter, or no end, within the allowed number of bytes.
    TooLong,
    /// Encryption did not come about. The host knows why, and says so when the check fails with this.
    Tls,
    /// The rule does not grant what was asked for. The host says which grant is missing.
    NotGranted,
    /// There is no file of this name.
    NotFound,
    /// What is granted could not be reached or read. The host knows why, and says so when the check fails with this.
    Unreachable,
    /// A quota of this check is used up.
    Limit,
    /// Anything else, such as an empty delimiter.
    Other,
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IoError::TimedOut => "the deadline passed",
            IoError::Closed => "the peer closed the connection",
            IoError::Reset => "the connection broke",
            IoError::Refused => "nobody takes datagrams there",
            IoError::TooLong => "the peer sent more than is allowed there",
            IoError::Tls => "encryption did not come about",
            IoError::NotGranted => "the rule does not grant it",
            IoError::NotFound => "there is no such file",
            IoError::Unreachable => "it could not be reached",
            IoError::Limit => "a quota is used up",
            IoError::Other => "it could not be used",
        })
    }
}

impl std::error::Error for IoError {}

/// How a service is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream over TCP.
    Tcp,
    /// Datagrams over UDP.
    Udp,
    /// A stream over a socket in the file system.
    UnixStream,
    /// Datagrams over a socket in the file system.
    UnixDatagram,
}

impl Transport {
    /// Whether what is sent arrives whole or not at all, and one piece at a time.
    pub fn is_datagram(self) -> bool {
        matches!(self, Transport::Udp | Transport::UnixDatagram)
    }
}

/// Whom the host connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// How it is reached.
    pub transport: Transport,
    /// The host as the rule names it; the path of a Unix socket.
    pub name: String,
    /// The port; absent for a Unix socket.
    pub port: Option<u16>,
    /// The numeric address, or the path.
    pub address: String,
    /// Whether the connection is encrypted at this moment.
    pub encrypted: bool,
    /// Whether the rule wants encryption that begins within the protocol, and it has not begun.
    pub start_tls_wanted: bool,
}

/// How the certificate of the peer was looked at. One that does not pass ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is vouched for by somebody whom the host trusts.
    Verified,
    /// It is signed by itself, and the rule allows that.
    SelfSigned,
    /// The rule does not ask for it.
    NotAsked,
}

/// The certificate of the peer itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of the certificate, hexadecimal in lower case.
    pub fingerprint: String,
    /// Whose it is.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// From when it is valid, in seconds since 1970; nothing where it cannot be read.
    pub not_before: Option<i64>,
    /// Until when it is valid, likewise.
    pub not_after: Option<i64>,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsInfo {
    /// As people write it: `TLS 1.3`.
    pub version: String,
    /// The cipher suite.
    pub cipher: String,
    /// How the certificate was looked at.
    pub verification: Verification,
    /// Absent only where the peer showed none.
    pub certificate: Option<Certificate>,
}

/// What a connection can do. Every call waits at most until the deadline of the check.
pub trait Wire {
    /// Whom the host connected to.
    fn peer(&self) -> Peer;
    /// How the connection is encrypted, once it is.
    fn tls(&self) -> Option<TlsInfo>;
    /// Encrypts the connection from here on.
    fn start_tls(&self) -> Result<(), IoError>;
    /// Opens the connection anew, once.
    fn reopen(&self) -> Result<(), IoError>;
    /// Writes all of `data`; over datagrams, one datagram.
    fn send(&self, data: &[u8]) -> Result<(), IoError>;
    /// Reads at least one byte and at most `at_most`; over datagrams, one datagram.
    fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError>;
    /// The same, and gives up after so many milliseconds.
    fn receive_within(&self, at_most: u32, wait_ms: u32) -> Result<Vec<u8>, IoError>;
    /// Reads `count` bytes.
    fn receive_exactly(&self, count: u32) -> Result<Vec<u8>, IoError>;
    /// Reads up to and including `delimiter`, at most `at_most` bytes with it.
    fn receive_until(&self, delimiter: &[u8], at_most: u32) -> Result<Vec<u8>, IoError>;
    /// Reads until the peer closes; more than `at_most` bytes are an error.
    fn receive_all(&self, at_most: u32) -> Result<Vec<u8>, IoError>;
    /// Tells the peer that nothing more will be sent.
    fn finish_sending(&self) -> Result<(), IoError>;
    /// Microseconds since the host began to connect.
    fn elapsed_us(&self) -> u64;
    /// Microseconds until the deadline of the check.
    fn remaining_us(&self) -> u64;
}
