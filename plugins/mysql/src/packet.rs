//! Packets of MySQL: three bytes of length, a number that counts on, and as many bytes.

use ruled_plugin::*;

/// No packet of a login, and none of the one value that is asked for, is near this size.
const PACKET_BYTES_MAX: u32 = 16_384;

/// The error of a server whose connections are all taken, and of others that end before the login, comes without a
/// marker and a state.
const STATE_BYTES: usize = 5;

pub(crate) struct Packets<'a> {
    conn: &'a Conn<'a>,
    next: u8,
}

impl<'a> Packets<'a> {
    pub(crate) fn new(conn: &'a Conn<'a>) -> Self {
        Packets { conn, next: 0 }
    }

    /// A command begins a new count.
    pub(crate) fn restart(&mut self) {
        self.next = 0;
    }

    pub(crate) fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        let head = self.conn.exactly(4)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
        ensure!(!head.starts_with(b"HTTP"), "the server speaks HTTP, not the protocol of MySQL");
        ensure!(
            (1..=PACKET_BYTES_MAX).contains(&length),
            "the server announces a packet of {length} bytes, so it does not speak the protocol of MySQL"
        );
        self.next = head[3].wrapping_add(1);
        Ok(self.conn.exactly(length)?)
    }

    pub(crate) fn send(&mut self, content: &[u8]) -> Result<(), Failure> {
        let length = content.len() as u32;
        if length > PACKET_BYTES_MAX {
            return Err(Failure::Misconfigured("the name of the user or the password is too long".into()));
        }
        let mut packet = length.to_le_bytes()[..3].to_vec();
        packet.push(self.next);
        packet.extend_from_slice(content);
        self.next = self.next.wrapping_add(1);
        Ok(self.conn.send(packet)?)
    }
}

/// The content of a packet, from its beginning to its end.
pub(crate) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(content: &'a [u8]) -> Self {
        Reader { left: content }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.left)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let Some((bytes, left)) = self.left.split_at_checked(count) else {
            fail!("a packet of the server ends too early");
        };
        self.left = left;
        Ok(bytes)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Failure> {
        Ok(self.bytes(1)?[0])
    }

    /// A number of at most four bytes, the lowest first.
    pub(crate) fn number(&mut self, count: usize) -> Result<u32, Failure> {
        Ok(self.bytes(count)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// Up to the next 0, or to the end.
    pub(crate) fn text(&mut self) -> Result<String, Failure> {
        let end = self.left.iter().position(|byte| *byte == 0);
        let text = self.bytes(end.unwrap_or(self.left.len()))?;
        if end.is_some() {
            self.byte()?;
        }
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}

/// What the server says in a packet that begins with 255.
pub(crate) fn error(mut reader: Reader) -> Failure {
    let code = match reader.number(2) {
        Ok(code) => code,
        Err(failure) => return failure,
    };
    let rest = reader.rest();
    let message = match rest.split_first() {
        Some((b'#', stated)) => stated.get(STATE_BYTES..).unwrap_or_default(),
        _ => rest,
    };
    Failure::Rejected(format!("{} (error {code})", String::from_utf8_lossy(message)))
}
