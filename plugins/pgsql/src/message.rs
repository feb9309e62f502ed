//! Messages of PostgreSQL: a byte that tells the kind, four of length, and the content.

use ruled_plugin::*;

/// No message of a login is near this size.
const MESSAGE_BYTES_MAX: u32 = 65_536;

/// What a message can be. Anything else is another protocol.
const TAGS: &[u8] = b"RENSKZvTDCI";

pub(crate) struct Message {
    pub(crate) tag: u8,
    pub(crate) content: Vec<u8>,
}

pub(crate) fn receive(conn: &Conn) -> Result<Message, Failure> {
    let head = conn.exactly(5)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    ensure!(!head.starts_with(b"HTTP"), "the server speaks HTTP, not the protocol of PostgreSQL");
    ensure!(TAGS.contains(&head[0]), "the server does not speak the protocol of PostgreSQL");
    ensure!(
        (4..=MESSAGE_BYTES_MAX).contains(&length),
        "the server announces a message of {length} bytes, so it does not speak the protocol of PostgreSQL"
    );
    // Nothing is asked for where nothing is announced.
    let content = if length == 4 { Vec::new() } else { conn.exactly(length - 4)? };
    Ok(Message { tag: head[0], content })
}

pub(crate) fn send(conn: &Conn, tag: u8, content: &[u8]) -> Result<(), Failure> {
    let length = content.len() as u32 + 4;
    Ok(conn.send([&[tag], length.to_be_bytes().as_slice(), content].concat())?)
}

/// Bytes up to a 0, or all.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// What a server says that refuses something.
pub(crate) struct Error {
    pub(crate) code: String,
    pub(crate) said: String,
}

/// The fields of an error: a byte that tells which, and a text, again and again.
pub(crate) fn error(content: &[u8]) -> Error {
    let field = |tag: u8| {
        let mut fields = content.split(|byte| *byte == 0);
        fields.find_map(|field| field.strip_prefix(&[tag])).map(text).unwrap_or_default()
    };
    Error { code: field(b'C'), said: field(b'M') }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Rejected(format!("{} ({})", error.said, error.code))
    }
}
