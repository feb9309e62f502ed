//! The bytes of a connection, whatever carries them: a stream, or datagrams that are read and written one at a time.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UdpSocket, UnixDatagram, UnixStream};
use tokio::time::{Instant, Sleep};
use tokio_rustls::client::TlsStream;

/// What carries the bytes.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Udp(Datagrams),
    Unix(UnixStream),
    UnixDatagram(UnixDatagram),
    /// Nothing any more: encryption failed.
    Gone,
}

/// How often it is looked whether a datagram was refused: the runtime wakes nobody for that.
const LOOK: Duration = Duration::from_millis(20);

/// Datagrams to one address.
#[derive(Debug)]
pub(super) struct Datagrams {
    socket: UdpSocket,
    look: Pin<Box<Sleep>>,
}

impl Datagrams {
    pub(super) fn of(socket: UdpSocket) -> Datagrams {
        Datagrams { socket, look: Box::pin(tokio::time::sleep(LOOK)) }
    }

    fn poll_receive(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(received) = self.socket.poll_recv(context, buffer) {
            return Poll::Ready(received);
        }
        loop {
            match self.socket.take_error() {
                Ok(None) => {}
                Ok(Some(error)) | Err(error) => return Poll::Ready(Err(error)),
            }
            ready!(self.look.as_mut().poll(context));
            self.look.as_mut().reset(Instant::now() + LOOK);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => {
                let before = buffer.filled().len();
                match ready!(Pin::new(stream).poll_read(context, buffer)) {
                    // Many servers end without the farewell of TLS; what they said was whole to the plugin, or was not.
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && buffer.filled().len() == before => {
                        Poll::Ready(Ok(()))
                    }
                    other => Poll::Ready(other),
                }
            }
            Stream::Udp(datagrams) => datagrams.poll_receive(context, buffer),
            Stream::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::UnixDatagram(socket) => socket.poll_recv(context, buffer),
            Stream::Gone => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Udp(datagrams) => datagrams.socket.poll_send(context, bytes),
            Stream::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::UnixDatagram(socket) => socket.poll_send(context, bytes),
            Stream::Gone => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
            Stream::Unix(stream) => Pin::new(stream).poll_flush(context),
            Stream::Udp(_) | Stream::UnixDatagram(_) | Stream::Gone => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(context),
            // Datagrams have no end.
            Stream::Udp(_) | Stream::UnixDatagram(_) | Stream::Gone => Poll::Ready(Ok(())),
        }
    }
}
