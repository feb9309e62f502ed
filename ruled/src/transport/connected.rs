//! An open connection, and how it becomes an encrypted one.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::net::RecvFlags;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::stream::Stream;
use super::{Endpoint, Route, TlsError, TlsInfo, Transport, tls};

/// How long each phase of opening a connection took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Looking the name up.
    pub resolve: Duration,
    /// Connecting.
    pub connect: Duration,
    /// The handshake of TLS, where there was one.
    pub tls: Option<Duration>,
}

/// An open connection, which belongs to the runtime that opened it.
///
/// Of datagrams one is read and one is written at a time, and what does not fit into the reader's buffer is lost.
#[derive(Debug)]
pub struct Connected {
    stream: Stream,
    route: Route,
    /// The numeric address that answered, or the path.
    pub address: String,
    /// When resolving and connecting began.
    pub began: Instant,
    /// How long the phases took.
    pub phases: Phases,
    tls: Option<TlsInfo>,
}

impl Connected {
    pub(super) fn new(stream: Stream, route: Route, address: String, began: Instant, phases: Phases) -> Connected {
        Connected { stream, route, address, began, phases, tls: None }
    }

    /// The way by which the service was reached.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// What carries the bytes.
    pub fn transport(&self) -> Transport {
        self.route.transport()
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether the rule wants encryption that begins within the protocol, and it has not begun.
    pub fn start_tls_wanted(&self) -> bool {
        self.tls.is_none() && self.route.tls.as_ref().is_some_and(|tls| !tls.begins_at_once())
    }

    /// How it is encrypted; nothing where it is not.
    pub fn tls_info(&self) -> Option<&TlsInfo> {
        self.tls.as_ref()
    }

    /// Encrypts the connection, because both sides have agreed on that in the protocol. Where the rule says nothing about
    /// encryption it is encrypted as all connections are.
    ///
    /// `unread` is what was read and not used yet. Somebody in between could have put it there, before the encryption, to be
    /// taken for what comes after it; so it is an error, and so is what has arrived since.
    ///
    /// # Errors
    /// When something was sent before its time, when there is nothing to encrypt, or when the handshake fails. Then the
    /// connection is of no use any more.
    pub async fn start_tls(&mut self, unread: &[u8], deadline: Instant) -> Result<(), TlsError> {
        let injected = match &self.stream {
            Stream::Tcp(stream) => !unread.is_empty() || has_arrived(stream),
            Stream::Tls(_) => return Err(TlsError::Twice),
            _ => return Err(TlsError::Transport),
        };
        if injected {
            self.stream = Stream::Gone;
            return Err(TlsError::Injection);
        }
        self.encrypt(deadline).await
    }

    pub(super) async fn encrypt(&mut self, deadline: Instant) -> Result<(), TlsError> {
        let stream = match std::mem::replace(&mut self.stream, Stream::Gone) {
            Stream::Tcp(stream) => stream,
            other => {
                self.stream = other;
                return Err(TlsError::Transport);
            }
        };
        let began = Instant::now();
        let encryption = self.route.tls.clone().unwrap_or_default();
        let (stream, info) = tls::start(stream, &self.name(), &encryption, deadline).await?;
        self.stream = Stream::Tls(Box::new(stream));
        self.tls = Some(info);
        self.phases.tls = Some(began.elapsed());
        Ok(())
    }

    /// The name under which the service is known, for its certificate.
    fn name(&self) -> String {
        match &self.route.endpoint {
            Endpoint::Port { host, .. } => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                // An address with an interface behind it is known without that.
                let bare = host.split('%').next().unwrap_or(host);
                if bare.parse::<IpAddr>().is_ok() { bare.to_owned() } else { host.to_owned() }
            }
            Endpoint::Unix(_) => String::new(),
        }
    }
}

/// Whether bytes have arrived that nobody has read.
fn has_arrived(stream: &TcpStream) -> bool {
    let looked = rustix::net::recv(stream, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    looked.is_ok_and(|(_, count)| count > 0)
}

impl AsyncRead for Connected {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connected {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
