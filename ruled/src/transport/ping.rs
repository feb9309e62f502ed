//! Echo requests (RFC 792, RFC 4443): through the socket for them that the system gives to ordinary users
//! (`net.ipv4.ping_group_range`), or through a raw one where that is permitted.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use interpreter::program::{Family, Ping};
use rustix::io::Errno;
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto};
use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::time::timeout_at;

use super::{ConnectError, address, reason};

/// The header of an echo request and of its answer, in bytes.
const HEADER_BYTES: usize = 8;

/// The longest answer that is read: what a request can carry, and the header of IPv4 that stands before it in a raw socket.
const ANSWER_BYTES_MAX: usize = 2_048;

/// How many strangers' packets are read for each request: a raw socket sees all of the machine's.
const STRANGERS_MAX: usize = 10_000;

/// Why an answer did not come.
#[derive(Debug, Error)]
pub enum PingError {
    /// The system lets us send none.
    #[error(
        "operation not permitted: echo requests need a right; `net.ipv4.ping_group_range` leaves out the group of ruled, and it has no CAP_NET_RAW"
    )]
    NotPermitted,
    /// The host cannot be found or reached, or does not answer.
    #[error("{0}")]
    NoAnswer(String),
}

/// Whether this process may send echo requests of that version of the Internet protocol; of either, where any will do.
pub fn is_permitted(family: Family) -> bool {
    let may = |is_ipv4| !open(is_ipv4, None).is_err_and(|error| is_forbidden(&error));
    match family {
        Family::Any => may(true) || may(false),
        Family::Ipv4 => may(true),
        Family::Ipv6 => may(false),
    }
}

/// Sends echo requests until one is answered, and says how long that one took.
///
/// # Errors
/// When none is answered, or when none may be sent.
pub async fn ping(host: &str, ping: &Ping, source: Option<IpAddr>) -> Result<Duration, PingError> {
    let mut last = PingError::NoAnswer("no request was sent".to_owned());
    for sequence in 0..ping.count {
        let sequence = u16::try_from(sequence % 0x1_0000).unwrap_or_default();
        let deadline = Instant::now() + ping.timeout;
        match timeout_at(deadline.into(), once(host, ping, source, sequence, deadline)).await {
            Ok(Ok(took)) => return Ok(took),
            Ok(Err(PingError::NotPermitted)) => return Err(PingError::NotPermitted),
            Ok(Err(error)) => last = error,
            Err(_) => last = PingError::NoAnswer(format!("no answer within {}", super::seconds(ping.timeout))),
        }
    }
    Err(last)
}

async fn once(
    host: &str,
    ping: &Ping,
    source: Option<IpAddr>,
    sequence: u16,
    deadline: Instant,
) -> Result<Duration, PingError> {
    let addresses = address::of_host(host, 0, ping.family, source).await;
    let addresses = addresses.map_err(|error: ConnectError| PingError::NoAnswer(error.to_string()))?;
    let mut last = PingError::NoAnswer("the name has no address".to_owned());
    let count = addresses.len();
    for (tried, address) in addresses.into_iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let until = Instant::now() + left / u32::try_from(count - tried).unwrap_or(u32::MAX);
        match timeout_at(until.into(), exchange(address, ping, source, sequence)).await {
            Ok(Ok(took)) => return Ok(took),
            Ok(Err(error)) if is_forbidden(&error) => return Err(PingError::NotPermitted),
            Ok(Err(error)) => last = PingError::NoAnswer(reason(&error)),
            Err(_) => last = PingError::NoAnswer(format!("no answer within {}", super::seconds(ping.timeout))),
        }
    }
    Err(last)
}

/// An open socket for echo requests.
struct EchoSocket {
    descriptor: UdpSocket,
    is_raw: bool,
    is_ipv4: bool,
}

/// The system sees to it that the answers of an ordinary socket are its own; of a raw one the number tells.
fn open(is_ipv4: bool, source: Option<IpAddr>) -> io::Result<(OwnedFd, bool)> {
    let (family, protocol): (AddressFamily, Protocol) = match is_ipv4 {
        true => (AddressFamily::INET, ipproto::ICMP),
        false => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let make = |kind| rustix::net::socket_with(family, kind, flags, Some(protocol));
    let (socket, is_raw) = match make(SocketType::DGRAM) {
        Ok(socket) => (socket, false),
        Err(Errno::ACCESS | Errno::PERM | Errno::PROTONOSUPPORT) => (make(SocketType::RAW)?, true),
        Err(error) => return Err(error.into()),
    };
    if let Some(source) = source {
        rustix::net::bind(&socket, &SocketAddr::new(source, 0))?;
    }
    Ok((socket, is_raw))
}

fn is_forbidden(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

async fn exchange(address: SocketAddr, ping: &Ping, source: Option<IpAddr>, sequence: u16) -> io::Result<Duration> {
    let (socket, is_raw) = open(address.is_ipv4(), source)?;
    rustix::net::connect(&socket, &address)?;
    // For what has a descriptor and is read and written a packet at a time, this is what the runtime offers.
    let descriptor = UdpSocket::from_std(socket.into())?;
    let socket = EchoSocket { descriptor, is_raw, is_ipv4: address.is_ipv4() };
    let number = number();
    let request = request(socket.is_ipv4, number, sequence, ping.size_bytes as usize);
    let began = Instant::now();
    socket.descriptor.send(&request).await?;
    let mut answer = [0; ANSWER_BYTES_MAX];
    for _ in 0..STRANGERS_MAX {
        let length = socket.descriptor.recv(&mut answer).await?;
        let received = answer.get(..length).unwrap_or_default();
        if socket.is_answer(received, number, sequence) {
            return Ok(began.elapsed());
        }
    }
    Err(io::Error::other("too many other packets arrived"))
}

impl EchoSocket {
    /// Whether a packet is the answer to our request.
    fn is_answer(&self, packet: &[u8], number: u16, sequence: u16) -> bool {
        let packet = match packet.first() {
            // A raw socket of IPv4 hands over its header, too.
            Some(first) if self.is_raw && self.is_ipv4 => {
                packet.get(usize::from(first & 0x0f) * 4..).unwrap_or_default()
            }
            _ => packet,
        };
        let kind = if self.is_ipv4 { 0 } else { 129 };
        let Some([own_kind, 0, _, _, number_high, number_low, sequence_high, sequence_low]) =
            packet.get(..HEADER_BYTES)
        else {
            return false;
        };
        let is_ours = !self.is_raw || u16::from_be_bytes([*number_high, *number_low]) == number;
        *own_kind == kind && is_ours && u16::from_be_bytes([*sequence_high, *sequence_low]) == sequence
    }
}

/// A number that tells our requests from those of others on this machine.
fn number() -> u16 {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() & 0xffff).unwrap_or_default();
    process.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed))
}

fn request(is_ipv4: bool, number: u16, sequence: u16, size: usize) -> Vec<u8> {
    let kind = if is_ipv4 { 8 } else { 128 };
    let mut packet = vec![kind, 0, 0, 0];
    packet.extend_from_slice(&number.to_be_bytes());
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend((0_u8..=255).cycle().take(size));
    if is_ipv4 {
        // That of ICMPv6 covers addresses that only the system knows, so it fills it in.
        let sum = checksum(&packet).to_be_bytes();
        packet[2..4].copy_from_slice(&sum);
    }
    packet
}

/// The checksum of the Internet (RFC 1071).
fn checksum(packet: &[u8]) -> u16 {
    let words = packet.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_their_checksum() {
        for size in [8, 9, 64, 1_492] {
            let packet = request(true, 0x1234, 7, size);
            assert_eq!(packet.len(), HEADER_BYTES + size);
            assert_eq!(checksum(&packet), 0, "size {size}");
        }
    }
}
