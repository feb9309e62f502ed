//! A connection as `hyper` reads and writes it. Everything that arrives is charged for, whatever it turns out to be.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::guest::Traffic;
use crate::transport::Connected;

/// What is read at once.
const READ_BYTES: usize = 16 << 10;

/// A connection, with room for what is read from it.
pub(super) struct Stream {
    connected: Connected,
    room: Box<[u8]>,
    traffic: Arc<Traffic>,
}

impl Stream {
    pub(super) fn over(connected: Connected, traffic: Arc<Traffic>) -> Stream {
        Stream { connected, room: vec![0; READ_BYTES].into_boxed_slice(), traffic }
    }
}

impl Read for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, mut into: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if !stream.traffic.may_receive() {
            return Poll::Ready(Err(io::Error::other("more than a check may receive")));
        }
        let most = into.remaining().min(stream.room.len());
        let mut read = ReadBuf::new(&mut stream.room[..most]);
        ready!(Pin::new(&mut stream.connected).poll_read(context, &mut read))?;
        stream.traffic.received(read.filled().len());
        into.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().connected).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connected).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connected).poll_shutdown(context)
    }
}
