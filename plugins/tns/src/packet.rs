//! Packets of TNS, as they are known from what Oracle's programs send: a head of eight bytes with the length and the type,
//! and what belongs to the type. There is no public specification.

use ruled_plugin::*;

const HEAD_BYTES: u16 = 8;

/// Before the listener agrees to more, no packet is longer than what the request offers.
const PACKET_BYTES_MAX: u16 = 2_048;

/// Types of packets.
const CONNECT: u8 = 1;
const ACCEPT: u8 = 2;
const REFUSE: u8 = 4;
const REDIRECT: u8 = 5;
const RESEND: u8 = 11;

/// What is asked for.
const PING: &[u8] = b"(CONNECT_DATA=(COMMAND=ping))";

/// What a request says before that: who is able to do what.
const OFFER: [u8; 16] = [
    0x01, 0x36, // the version that is spoken, 310
    0x01, 0x2c, // the oldest that is understood, 300
    0x00, 0x00, // no options
    0x08, 0x00, // packets of at most 2048 bytes
    0x7f, 0xff, // of the transport likewise
    0x7f, 0x08, // what the transport is able to do
    0x00, 0x00, // no turning round of the line
    0x00, 0x01, // a 1, which shows the order of bytes
];

/// How long a request is before what is asked for, its head included.
const REQUEST_BYTES: usize = 58;

/// The request.
pub(crate) fn ping() -> Vec<u8> {
    let number = |number: usize| (number as u16).to_be_bytes();
    let mut packet = Vec::with_capacity(REQUEST_BYTES + PING.len());
    packet.extend(number(REQUEST_BYTES + PING.len()));
    packet.extend([0, 0, CONNECT, 0, 0, 0]);
    packet.extend(OFFER);
    packet.extend(number(PING.len()));
    packet.extend(number(REQUEST_BYTES));
    // Flags, and numbers for traces, of which there are none.
    packet.resize(REQUEST_BYTES, 0);
    packet.extend(PING);
    packet
}

/// What the listener answers.
pub(crate) enum Answer {
    /// It refuses, as it does after a ping.
    Refused(Refusal),
    /// It wants the request once more.
    Again,
}

impl Answer {
    pub(crate) fn read(conn: &Conn) -> Result<Answer, Failure> {
        let head = conn.exactly(u32::from(HEAD_BYTES))?;
        ensure!(!head.starts_with(b"HTTP"), "the server speaks HTTP, not the protocol of an Oracle listener");
        let (length, kind) = (u16::from_be_bytes([head[0], head[1]]), head[4]);
        // The check sum of a packet and of its head are never used.
        let is_head = head[2..4] == [0, 0] && (CONNECT..=19).contains(&kind) && length >= HEAD_BYTES;
        ensure!(is_head, "the server answers {}, and not as an Oracle listener does", excerpt(&head));
        ensure!(length <= PACKET_BYTES_MAX, "the listener announces a packet of {length} bytes");
        let content = conn.exactly(u32::from(length - HEAD_BYTES))?;
        match kind {
            REFUSE => Ok(Answer::Refused(Refusal::read(&content)?)),
            RESEND => Ok(Answer::Again),
            ACCEPT => fail!("the listener accepts a ping as a connection, which it should refuse"),
            REDIRECT => fail!("the listener sends elsewhere who pings it"),
            other => fail!("the listener answers a ping with a packet of type {other}"),
        }
    }
}

/// What the listener says when it refuses: names and values in parentheses.
pub(crate) struct Refusal {
    text: String,
}

impl Refusal {
    /// Two reasons of a byte each, a length and the text.
    fn read(content: &[u8]) -> Result<Refusal, Failure> {
        let [_, _, high, low, ref text @ ..] = *content else {
            fail!("the refusal of the listener has {} bytes, too few for one", content.len());
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        // The text of a long refusal comes in a packet of its own, and is not waited for.
        let text = text.get(..length).unwrap_or(text);
        Ok(Refusal { text: String::from_utf8_lossy(text).into_owned() })
    }

    /// What stands behind `(NAME=`, up to the next parenthesis.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let places = self.text.split('(').skip(1);
        let mut pairs = places.filter_map(|place| place.split(')').next()?.split_once('='));
        let (_, value) = pairs.find(|(one, _)| one.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// The version, which is written as one number: a byte, two halves of a byte, a byte, a byte; since 18 a byte, a byte,
    /// half a byte, a byte and a half.
    pub(crate) fn version(&self) -> Option<String> {
        let number: u32 = self.value("VSNNUM")?.parse().ok()?;
        let part = |shift: u32, bits: u32| number >> shift & ((1 << bits) - 1);
        let major = part(24, 8);
        Some(if major >= 18 {
            format!("{major}.{}.{}.{}.{}", part(16, 8), part(12, 4), part(4, 8), part(0, 4))
        } else {
            format!("{major}.{}.{}.{}.{}", part(20, 4), part(12, 8), part(8, 4), part(0, 8))
        })
    }
}
