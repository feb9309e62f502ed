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
    /// There was no delimiter, or no end, within the allowed number of bytes.
    TooLong,
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
            IoError::TooLong => "the peer sent more than is allowed there",
            IoError::Limit => "a quota is used up",
            IoError::Other => "the connection could not be used",
        })
    }
}

impl std::error::Error for IoError {}

/// Whom the host connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The host as the rule names it.
    pub name: String,
    /// The TCP port.
    pub port: u16,
    /// The numeric address.
    pub address: String,
}

/// What a connection can do. Every call waits at most until the deadline of the check.
pub trait Wire {
    /// Whom the host connected to.
    fn peer(&self) -> Peer;
    /// Writes all of `data`.
    fn send(&self, data: &[u8]) -> Result<(), IoError>;
    /// Reads at least one byte and at most `at_most`.
    fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError>;
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
