//! The connection that a guest is handed: the interface `net`, with its deadline and its quotas.

use std::future::Future;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wasmtime::component::Resource;

use super::bindings::ruled::plugin::net::{Certificate, Host, HostConnection, IoError, Peer, TlsInfo, Verification};
use super::bindings::ruled::plugin::types::Transport;
use super::guest::{Answer, Guest, Quota, Traffic, Why};
use super::limits::{CALL_BYTES_MAX, RECEIVE_BYTES_MAX};
use crate::transport::{self, ConnectError, Connected, Endpoint};

/// What is read from the socket at once: the greeting of most protocols fits, and 4,000 of them are 8 MiB.
const READ_BYTES: usize = 2 << 10;
/// The longest delimiter: whatever comes is searched for it again from so many bytes before its beginning.
const DELIMITER_BYTES_MAX: usize = 1 << 10;

/// The connection of one check.
#[allow(unreachable_pub, reason = "the generated bindings export it as their own")]
pub struct Connection {
    stream: Connected,
    /// The host as the rule names it, or the path.
    name: String,
    port: Option<u16>,
    began: Instant,
    deadline: Instant,
    /// What has arrived and was not asked for yet.
    unread: Vec<u8>,
    /// What all connections of the check have sent and received.
    traffic: Arc<Traffic>,
    used_up: Option<Quota>,
    /// Why the last call failed, where there is more to say than the error itself does.
    why: Option<Why>,
    /// Whether it was opened anew, which happens once.
    reopened: bool,
}

impl Connection {
    /// Takes over what was connected; every call waits at most until `deadline`.
    pub(super) fn new(connected: Connected, deadline: Instant, traffic: Arc<Traffic>) -> Connection {
        let (name, port) = match &connected.route().endpoint {
            Endpoint::Port { host, port } => (host.clone(), Some(*port)),
            Endpoint::Unix(path) => (path.display().to_string(), None),
        };
        Connection {
            began: connected.began,
            stream: connected,
            name,
            port,
            deadline,
            unread: Vec::new(),
            traffic,
            used_up: None,
            why: None,
            reopened: false,
        }
    }

    fn peer(&self) -> Peer {
        Peer {
            transport: match self.stream.transport() {
                transport::Transport::Tcp => Transport::Tcp,
                transport::Transport::Udp => Transport::Udp,
                transport::Transport::UnixStream => Transport::UnixStream,
                transport::Transport::UnixDatagram => Transport::UnixDatagram,
            },
            name: self.name.clone(),
            port: self.port,
            address: self.stream.address.clone(),
            encrypted: self.stream.is_encrypted(),
            start_tls_wanted: self.stream.start_tls_wanted(),
        }
    }

    fn tls(&self) -> Option<TlsInfo> {
        let tls = self.stream.tls_info()?;
        Some(TlsInfo {
            version: tls.version.clone(),
            cipher: tls.cipher.clone(),
            verification: match tls.verification {
                transport::Verification::Verified => Verification::Verified,
                transport::Verification::SelfSigned => Verification::SelfSigned,
                transport::Verification::NotAsked => Verification::NotAsked,
            },
            certificate: tls.certificate.as_ref().map(|certificate| Certificate {
                fingerprint: certificate.sha256.clone(),
                subject: certificate.subject.clone(),
                issuer: certificate.issuer.clone(),
                not_before: certificate.not_before,
                not_after: certificate.not_after,
            }),
        })
    }

    async fn start_tls(&mut self) -> Result<(), IoError> {
        let unread = std::mem::take(&mut self.unread);
        match self.stream.start_tls(&unread, self.deadline).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.why = Some(Why::new(IoError::Tls, error.to_string(), error.is_ours()));
                Err(IoError::Tls)
            }
        }
    }

    async fn reopen(&mut self) -> Result<(), IoError> {
        if std::mem::replace(&mut self.reopened, true) {
            return Err(IoError::Other);
        }
        let route = self.stream.route().clone();
        match transport::connect(&route, self.deadline).await {
            Ok(stream) => {
                self.stream = stream;
                self.unread.clear();
                Ok(())
            }
            Err(ConnectError::TimedOut { .. }) => Err(IoError::TimedOut),
            // What is ours to mend is told in the same way.
            Err(error @ (ConnectError::Tls(_) | ConnectError::Exhausted { .. })) => {
                self.why = Some(Why::new(IoError::Tls, error.to_string(), error.is_ours()));
                Err(IoError::Tls)
            }
            // The name leads somewhere else than it did.
            Err(error @ ConnectError::Near { .. }) => {
                self.why = Some(Why::new(IoError::NotGranted, error.to_string(), error.is_ours()));
                Err(IoError::NotGranted)
            }
            Err(ConnectError::Connect { .. } | ConnectError::Resolve { .. }) => Err(IoError::Reset),
        }
    }

    fn is_datagram(&self) -> bool {
        matches!(self.stream.transport(), transport::Transport::Udp | transport::Transport::UnixDatagram)
    }

    /// What fails over datagrams, which are whole or nothing.
    fn needs_stream(&self) -> Result<(), IoError> {
        if self.is_datagram() { Err(IoError::Other) } else { Ok(()) }
    }

    /// Fails when the time of the check is over. Whoever waits takes what has arrived before looking at the time, so a peer
    /// that never stops talking would be listened to without end.
    fn in_time(&self) -> Result<(), IoError> {
        if Instant::now() < self.deadline { Ok(()) } else { Err(IoError::TimedOut) }
    }

    /// Waits for the socket at most until `deadline`.
    async fn within<T>(
        why: &mut Option<Why>,
        deadline: Instant,
        io: impl Future<Output = std::io::Result<T>>,
    ) -> Result<T, IoError> {
        match tokio::time::timeout_at(deadline.into(), io).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(match error.kind() {
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => IoError::Reset,
                ErrorKind::ConnectionRefused => IoError::Refused,
                ErrorKind::TimedOut => IoError::TimedOut,
                // What encryption says when it ends early: an alert, or bytes that are none of its.
                ErrorKind::InvalidData => {
                    *why = Some(Why::new(IoError::Tls, format!("the encrypted connection ended: {error}"), false));
                    IoError::Tls
                }
                _ => IoError::Other,
            }),
            Err(_) => Err(IoError::TimedOut),
        }
    }

    async fn send(&mut self, data: &[u8]) -> Result<(), IoError> {
        self.in_time()?;
        if !self.traffic.send(data.len()) {
            return Err(self.over(Quota::Sent));
        }
        let is_datagram = self.is_datagram();
        let stream = &mut self.stream;
        let sending = async {
            if is_datagram {
                // It goes whole, and may be empty.
                if stream.write(data).await? < data.len() {
                    return Err(ErrorKind::WriteZero.into());
                }
            } else {
                stream.write_all(data).await?;
            }
            // What is encrypted may wait for more.
            stream.flush().await
        };
        Self::within(&mut self.why, self.deadline, sending).await
    }

    /// Waits for more bytes. None means that the peer has closed.
    async fn fill(&mut self, wanted: usize) -> Result<Option<()>, IoError> {
        self.fill_until(self.deadline, wanted).await
    }

    async fn fill_until(&mut self, deadline: Instant, wanted: usize) -> Result<Option<()>, IoError> {
        self.in_time()?;
        if !self.traffic.may_receive() {
            return Err(self.over(Quota::Received));
        }
        self.unread.reserve(wanted.clamp(READ_BYTES, RECEIVE_BYTES_MAX));
        let reading = self.stream.read_buf(&mut self.unread);
        let count = Self::within(&mut self.why, deadline, reading).await?;
        self.traffic.received(count);
        Ok((count > 0).then_some(()))
    }

    async fn receive(&mut self, deadline: Instant, at_most: usize) -> Result<Vec<u8>, IoError> {
        let at_most = at_most.min(RECEIVE_BYTES_MAX);
        if self.is_datagram() {
            return self.datagram(deadline, at_most).await;
        }
        if self.unread.is_empty() && at_most > 0 {
            self.fill_until(deadline, at_most).await?.ok_or(IoError::Closed)?;
        }
        Ok(self.take(at_most.min(self.unread.len())))
    }

    /// One datagram, cut to `at_most` bytes.
    async fn datagram(&mut self, deadline: Instant, at_most: usize) -> Result<Vec<u8>, IoError> {
        self.in_time()?;
        if !self.traffic.may_receive() {
            return Err(self.over(Quota::Received));
        }
        let mut datagram = Vec::with_capacity(at_most.max(1));
        let reading = self.stream.read_buf(&mut datagram);
        let count = Self::within(&mut self.why, deadline, reading).await?;
        // Empty ones count too, or a flood of them would be free.
        self.traffic.received(count.max(1));
        datagram.truncate(at_most);
        Ok(datagram)
    }

    async fn exactly(&mut self, count: usize) -> Result<Vec<u8>, IoError> {
        self.needs_stream()?;
        self.in_time()?;
        if count > CALL_BYTES_MAX {
            return Err(self.over(Quota::Call));
        }
        while self.unread.len() < count {
            self.fill(count - self.unread.len()).await?.ok_or(IoError::Closed)?;
        }
        Ok(self.take(count))
    }

    async fn until(&mut self, delimiter: &[u8], at_most: usize) -> Result<Vec<u8>, IoError> {
        self.needs_stream()?;
        if delimiter.is_empty() || delimiter.len() > DELIMITER_BYTES_MAX {
            return Err(IoError::Other);
        }
        self.in_time()?;
        let at_most = at_most.min(CALL_BYTES_MAX);
        let mut searched = 0;
        loop {
            let end = self.unread.len().min(at_most);
            let found = self.unread.get(searched..end).and_then(|unread| memmem::find(unread, delimiter));
            if let Some(found) = found {
                return Ok(self.take(searched + found + delimiter.len()));
            }
            if self.unread.len() >= at_most {
                return Err(IoError::TooLong);
            }
            // The delimiter may lie across what has arrived and what comes.
            searched = end.saturating_sub(delimiter.len() - 1);
            self.fill(READ_BYTES).await?.ok_or(IoError::Closed)?;
        }
    }

    async fn all(&mut self, at_most: usize) -> Result<Vec<u8>, IoError> {
        self.needs_stream()?;
        let at_most = at_most.min(CALL_BYTES_MAX);
        while self.fill(RECEIVE_BYTES_MAX).await?.is_some() {
            if self.unread.len() > at_most {
                return Err(IoError::TooLong);
            }
        }
        if self.unread.len() > at_most { Err(IoError::TooLong) } else { Ok(std::mem::take(&mut self.unread)) }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        if count == self.unread.len() {
            return std::mem::take(&mut self.unread);
        }
        let rest = self.unread.split_off(count);
        std::mem::replace(&mut self.unread, rest)
    }

    fn over(&mut self, quota: Quota) -> IoError {
        self.used_up = Some(quota);
        IoError::Limit
    }
}

impl Guest {
    fn connection(&mut self, handle: &Resource<Connection>) -> wasmtime::Result<&mut Connection> {
        Ok(self.table.get_mut(handle)?)
    }

    /// Remembers which quota an answer is about, or why encryption failed, for the sentence in the report.
    fn note<T>(&mut self, handle: &Resource<Connection>, answer: Result<T, IoError>) -> Answer<T> {
        match &answer {
            Err(IoError::Limit) => self.used_up = self.connection(handle)?.used_up,
            Err(error) => {
                let why = self.connection(handle)?.why.clone();
                self.why = why.filter(|why| why.error == *error);
            }
            Ok(_) => {}
        }
        Ok(answer)
    }
}

impl Host for Guest {}

impl HostConnection for Guest {
    fn peer(&mut self, handle: Resource<Connection>) -> wasmtime::Result<Peer> {
        Ok(self.connection(&handle)?.peer())
    }

    fn tls(&mut self, handle: Resource<Connection>) -> wasmtime::Result<Option<TlsInfo>> {
        Ok(self.connection(&handle)?.tls())
    }

    async fn start_tls(&mut self, handle: Resource<Connection>) -> Answer<()> {
        let connection = self.connection(&handle)?;
        let answer = connection.start_tls().await;
        let (phases, tls) = (connection.stream.phases, connection.stream.tls_info().cloned());
        self.phases = Some(phases);
        self.tls = tls;
        self.note(&handle, answer)
    }

    async fn reopen(&mut self, handle: Resource<Connection>) -> Answer<()> {
        let connection = self.connection(&handle)?;
        let answer = connection.reopen().await;
        let (phases, tls) = (connection.stream.phases, connection.stream.tls_info().cloned());
        self.phases = Some(phases);
        self.tls = tls;
        self.note(&handle, answer)
    }

    async fn send(&mut self, handle: Resource<Connection>, data: Vec<u8>) -> Answer<()> {
        let answer = self.connection(&handle)?.send(&data).await;
        self.note(&handle, answer)
    }

    async fn receive(&mut self, handle: Resource<Connection>, at_most: u32) -> Answer<Vec<u8>> {
        let connection = self.connection(&handle)?;
        let answer = connection.receive(connection.deadline, at_most as usize).await;
        self.note(&handle, answer)
    }

    async fn receive_within(&mut self, handle: Resource<Connection>, at_most: u32, wait_ms: u32) -> Answer<Vec<u8>> {
        let connection = self.connection(&handle)?;
        let until = Instant::now() + Duration::from_millis(wait_ms.into());
        let answer = connection.receive(until.min(connection.deadline), at_most as usize).await;
        self.note(&handle, answer)
    }

    async fn receive_exactly(&mut self, handle: Resource<Connection>, count: u32) -> Answer<Vec<u8>> {
        let answer = self.connection(&handle)?.exactly(count as usize).await;
        self.note(&handle, answer)
    }

    async fn receive_until(
        &mut self,
        handle: Resource<Connection>,
        delimiter: Vec<u8>,
        at_most: u32,
    ) -> Answer<Vec<u8>> {
        let answer = self.connection(&handle)?.until(&delimiter, at_most as usize).await;
        self.note(&handle, answer)
    }

    async fn receive_all(&mut self, handle: Resource<Connection>, at_most: u32) -> Answer<Vec<u8>> {
        let answer = self.connection(&handle)?.all(at_most as usize).await;
        self.note(&handle, answer)
    }

    async fn finish_sending(&mut self, handle: Resource<Connection>) -> Answer<()> {
        let connection = self.connection(&handle)?;
        let closing = connection.stream.shutdown();
        let answer = Connection::within(&mut connection.why, connection.deadline, closing).await;
        self.note(&handle, answer)
    }

    fn elapsed_us(&mut self, handle: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.connection(&handle)?.began.elapsed().as_micros() as u64)
    }

    fn remaining_us(&mut self, handle: Resource<Connection>) -> wasmtime::Result<u64> {
        let deadline = self.connection(&handle)?.deadline;
        Ok(deadline.saturating_duration_since(Instant::now()).as_micros() as u64)
    }

    fn drop(&mut self, handle: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
