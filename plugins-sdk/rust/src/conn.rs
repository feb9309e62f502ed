//! The connection as a probe sees it: the calls of [`Wire`] with the comfort that protocols of lines want.

use crate::{IoError, Peer, Wire};

/// The connection that the host opened for this check.
pub struct Conn<'a> {
    wire: &'a dyn Wire,
}

impl<'a> Conn<'a> {
    /// A connection over `wire`. The glue and the script make it; a probe is handed it.
    pub fn new(wire: &'a dyn Wire) -> Self {
        Conn { wire }
    }

    /// Whom the host connected to.
    pub fn peer(&self) -> Peer {
        self.wire.peer()
    }

    /// Writes all of `data`.
    pub fn send(&self, data: impl AsRef<[u8]>) -> Result<(), IoError> {
        self.wire.send(data.as_ref())
    }

    /// Reads at least one byte and at most `at_most`, however much has arrived.
    pub fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.wire.receive(at_most)
    }

    /// Reads `count` bytes.
    pub fn exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        self.wire.receive_exactly(count)
    }

    /// Reads up to and including `delimiter`, at most `at_most` bytes with it.
    pub fn until(&self, delimiter: impl AsRef<[u8]>, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.wire.receive_until(delimiter.as_ref(), at_most)
    }

    /// Reads a line that ends in LF or CR LF and returns it without its end. The line may have `at_most` bytes with
    /// its end; more are [`IoError::TooLong`]. Bytes that are no UTF-8 become U+FFFD.
    pub fn line(&self, at_most: u32) -> Result<String, IoError> {
        let mut bytes = self.wire.receive_until(b"\n", at_most)?;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads until the peer closes; more than `at_most` bytes are [`IoError::TooLong`].
    pub fn all(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.wire.receive_all(at_most)
    }

    /// Tells the peer that nothing more will be sent.
    pub fn finish_sending(&self) -> Result<(), IoError> {
        self.wire.finish_sending()
    }

    /// Microseconds since the host began to connect.
    pub fn elapsed_us(&self) -> u64 {
        self.wire.elapsed_us()
    }

    /// Microseconds until the deadline of the check.
    pub fn remaining_us(&self) -> u64 {
        self.wire.remaining_us()
    }
}
