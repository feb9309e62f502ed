//! The connection as a probe sees it: the calls of [`Wire`] with the comfort that protocols of lines want.

use std::rc::Rc;

use crate::{Failure, IoError, Peer, TlsInfo, Wire};

/// A connection: the one that the host opened for this check, or one of those that the check opened by itself.
pub struct Conn<'a> {
    held: Held<'a>,
}

enum Held<'a> {
    Borrowed(&'a dyn Wire),
    Owned(Rc<dyn Wire>),
}

impl<'a> Conn<'a> {
    /// A connection over `wire`. The glue and the script make it; a probe is handed it.
    pub fn new(wire: &'a dyn Wire) -> Self {
        Conn { held: Held::Borrowed(wire) }
    }

    /// A connection that lasts as long as it is held.
    pub(crate) fn owned(wire: Rc<dyn Wire>) -> Self {
        Conn { held: Held::Owned(wire) }
    }

    fn wire(&self) -> &dyn Wire {
        match &self.held {
            Held::Borrowed(wire) => *wire,
            Held::Owned(wire) => wire.as_ref(),
        }
    }

    /// Whom the host connected to.
    pub fn peer(&self) -> Peer {
        self.wire().peer()
    }

    /// How the connection is encrypted; nothing while it is not.
    pub fn tls(&self) -> Option<TlsInfo> {
        self.wire().tls()
    }

    /// Encrypts the connection from here on, as STARTTLS does. What has arrived and was not read yet is an error.
    pub fn start_tls(&self) -> Result<(), IoError> {
        self.wire().start_tls()
    }

    /// Opens the connection anew, as the host opened it at first, because a server that does not know the newer version
    /// of a protocol hangs up. It can be done once in a check; what was received and not read is gone.
    pub fn reopen(&self) -> Result<(), IoError> {
        self.wire().reopen()
    }

    /// Writes all of `data`; over datagrams, one datagram.
    pub fn send(&self, data: impl AsRef<[u8]>) -> Result<(), IoError> {
        self.wire().send(data.as_ref())
    }

    /// Writes a command and CR LF. What rules say stands in commands, so one with control characters in it is refused
    /// as a mistake of the rule: it would be two commands.
    pub fn command(&self, line: &str) -> Result<(), Failure> {
        if line.chars().any(char::is_control) {
            let sentence = "what is sent in one line has a line break or another control character in it";
            return Err(Failure::Misconfigured(sentence.into()));
        }
        Ok(self.wire().send(format!("{line}\r\n").as_bytes())?)
    }

    /// Reads at least one byte and at most `at_most`, however much has arrived. Over datagrams it is one datagram,
    /// which may be empty; of one that is longer the rest is lost.
    pub fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.wire().receive(at_most)
    }

    /// The same, and gives up after so many milliseconds with [`IoError::TimedOut`]; for datagrams that are sent again.
    pub fn receive_within(&self, at_most: u32, wait_ms: u32) -> Result<Vec<u8>, IoError> {
        self.wire().receive_within(at_most, wait_ms)
    }

    /// Reads `count` bytes.
    pub fn exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        self.wire().receive_exactly(count)
    }

    /// Reads up to and including `delimiter`, at most `at_most` bytes with it.
    pub fn until(&self, delimiter: impl AsRef<[u8]>, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.wire().receive_until(delimiter.as_ref(), at_most)
    }

    /// Reads a line that ends in LF or CR LF and returns it without its end. The line may have `at_most` bytes with
    /// its end; more are [`IoError::TooLong`]. Bytes that are no UTF-8 become U+FFFD.
    pub fn line(&self, at_most: u32) -> Result<String, IoError> {
        let mut bytes = self.wire().receive_until(b"\n", at_most)?;
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
        self.wire().receive_all(at_most)
    }

    /// Tells the peer that nothing more will be sent.
    pub fn finish_sending(&self) -> Result<(), IoError> {
        self.wire().finish_sending()
    }

    /// Microseconds since the host began to connect.
    pub fn elapsed_us(&self) -> u64 {
        self.wire().elapsed_us()
    }

    /// Microseconds until the deadline of the check.
    pub fn remaining_us(&self) -> u64 {
        self.wire().remaining_us()
    }
}
