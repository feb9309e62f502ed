//! Opening a connection: each address of a host in turn, or a socket in the filesystem.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram as StdUnixDatagram};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::net::{TcpSocket, UdpSocket, UnixDatagram, UnixStream};
use tokio::time::timeout_at;

use super::error::Refusal;
use super::stream::{Datagrams, Stream};
use super::{ConnectError, Endpoint, Route, reason};

/// Each address has an equal share of the time that is left, but not less than this.
const SHARE_MIN: Duration = Duration::from_millis(250);

/// Opens the connection to the first address that accepts; says where that is.
pub(super) async fn open(
    route: &Route,
    addresses: Vec<SocketAddr>,
    deadline: Instant,
    late: impl Fn() -> ConnectError,
) -> Result<(Stream, String), ConnectError> {
    let refused = |refusal| ConnectError::Connect { endpoint: route.endpoint.clone(), refusal };
    let exhausted =
        |error: &io::Error| ConnectError::Exhausted { endpoint: route.endpoint.clone(), reason: reason(error) };
    if let Endpoint::Unix(path) = &route.endpoint {
        let opened = match timeout_at(deadline.into(), unix(path, route.datagrams)).await {
            Ok(opened) => opened,
            Err(_) => return Err(late()),
        };
        let stream = opened.map_err(|error| match is_exhausted(&error) {
            true => exhausted(&error),
            false => refused(Refusal { reason: reason(&error), by: None }),
        })?;
        return Ok((stream, path.display().to_string()));
    }
    let mut answers = Vec::new();
    let count = addresses.len();
    for (tried, address) in addresses.into_iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let rest = u32::try_from(count - tried).unwrap_or(u32::MAX);
        let until = deadline.min(Instant::now() + (left / rest).max(SHARE_MIN));
        match timeout_at(until.into(), to(address, route)).await {
            Ok(Ok(stream)) => return Ok((stream, address.ip().to_string())),
            Ok(Err(error)) if is_exhausted(&error) => return Err(exhausted(&error)),
            Ok(Err(error)) => answers.push((address.ip(), Some(error))),
            Err(_) => answers.push((address.ip(), None)),
        }
    }
    if answers.iter().all(|(_, error)| error.is_none()) {
        return Err(late());
    }
    Err(refused(verdict(answers)))
}

/// What is told of what the addresses said; nothing is said where one was silent.
fn verdict(answers: Vec<(IpAddr, Option<io::Error>)>) -> Refusal {
    let words = |error: &Option<io::Error>| error.as_ref().map_or("connection timed out".to_owned(), reason);
    let meaningful: Vec<(IpAddr, String)> = answers
        .iter()
        .filter(|(_, error)| error.as_ref().is_none_or(means_something))
        .map(|(address, error)| (*address, words(error)))
        .collect();
    match meaningful.as_slice() {
        [] => Refusal { reason: answers.first().map_or(String::new(), |(_, error)| words(error)), by: None },
        [(first, said), others @ ..] => {
            let agree = others.iter().all(|(_, other)| other == said);
            Refusal { reason: said.clone(), by: (!agree).then_some(*first) }
        }
    }
}

/// Whether an answer is about the service, and not only about this machine, which has no such address or no way there.
fn means_something(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::AddrNotAvailable | ErrorKind::NetworkUnreachable | ErrorKind::Unsupported | ErrorKind::InvalidInput
    ) && error.raw_os_error() != Some(nix::errno::Errno::EAFNOSUPPORT as i32)
}

/// Whether an error says that this machine has nothing left to make a connection with: descriptors or memory.
fn is_exhausted(error: &io::Error) -> bool {
    use nix::errno::Errno::{EMFILE, ENFILE, ENOBUFS, ENOMEM};
    [EMFILE, ENFILE, ENOBUFS, ENOMEM].iter().any(|errno| error.raw_os_error() == Some(*errno as i32))
}

async fn to(address: SocketAddr, route: &Route) -> io::Result<Stream> {
    let unspecified: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    if route.datagrams {
        let socket = UdpSocket::bind((route.source.unwrap_or(unspecified), 0)).await?;
        socket.connect(address).await?;
        return Ok(Stream::Udp(Datagrams::of(socket)));
    }
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(source) = route.source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let stream = socket.connect(address).await?;
    // A probe speaks in turns, and small packets must not wait for each other. Without it the check is
    // slower but right, so a refusal does not matter.
    let _ = stream.set_nodelay(true);
    Ok(Stream::Tcp(stream))
}

async fn unix(path: &Path, datagrams: bool) -> io::Result<Stream> {
    if !datagrams {
        return Ok(Stream::Unix(UnixStream::connect(path).await?));
    }
    // Whoever answers needs an address to answer to.
    let socket = StdUnixDatagram::bind_addr(&UnixAddress::from_abstract_name(own_name())?)?;
    socket.connect(path)?;
    socket.set_nonblocking(true)?;
    Ok(Stream::UnixDatagram(UnixDatagram::from_std(socket)?))
}

/// A name in the abstract namespace that nobody else has.
fn own_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("ruled-{}-{now:x}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answers: &[(&str, Option<ErrorKind>)]) -> String {
        let answers = answers.iter().map(|(address, kind)| {
            (address.parse().expect("an address"), kind.map(|kind| io::Error::new(kind, format!("{kind}"))))
        });
        verdict(answers.collect()).to_string()
    }

    #[test]
    fn the_first_answer_that_means_something_is_told() {
        use ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable};
        assert_eq!(said(&[("127.0.0.1", Some(ConnectionRefused))]), "connection refused");
        // They agree, or one of them says nothing.
        assert_eq!(
            said(&[("::1", Some(ConnectionRefused)), ("127.0.0.1", Some(ConnectionRefused))]),
            "connection refused"
        );
        assert_eq!(
            said(&[("::1", Some(AddrNotAvailable)), ("127.0.0.1", Some(ConnectionRefused))]),
            "connection refused"
        );
        // They do not.
        assert_eq!(said(&[("::1", Some(ConnectionRefused)), ("127.0.0.1", None)]), "connection refused (at ::1)");
        assert_eq!(
            said(&[("192.0.2.1", None), ("192.0.2.2", Some(HostUnreachable))]),
            "connection timed out (at 192.0.2.1)"
        );
        assert_eq!(said(&[("::1", Some(AddrNotAvailable))]), "address not available");
    }
}
