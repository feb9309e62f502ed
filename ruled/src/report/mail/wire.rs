//! The connection to a mail server as the mail library is given it: what a server says has a limit, and nothing that was sent
//! before encryption began is taken for what was sent in it.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much a server may say in one conversation, in bytes: a hundred times of what is needed.
pub const SAID_BYTES_MAX: usize = 256 * 1024;

/// A bounded connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    said_bytes: usize,
    /// Whether the answer to STARTTLS comes next, behind which nothing may stand (RFC 3207, section 4.2).
    begins_tls: bool,
}

impl Wire {
    /// A connection that was made.
    pub(super) fn new(stream: TcpStream) -> Wire {
        Wire { stream, said_bytes: 0, begins_tls: false }
    }

    fn check(&mut self, said: &[u8]) -> Result<()> {
        self.said_bytes += said.len();
        if self.said_bytes > SAID_BYTES_MAX {
            return Err(Error::other(format!("the server said more than {} kB", SAID_BYTES_MAX / 1024)));
        }
        let end = said.iter().position(|byte| *byte == b'\n');
        if self.begins_tls && end.is_some_and(|end| end + 1 < said.len() && said.get(3) != Some(&b'-')) {
            return Err(Error::other("the server said something before encryption began, as an attacker would"));
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let said = buffer.filled().get(before..).unwrap_or_default();
        Poll::Ready(self.check(said))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.begins_tls = bytes.eq_ignore_ascii_case(b"STARTTLS\r\n");
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
