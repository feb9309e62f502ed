//! Messages of MongoDB: a head of 16 bytes, and an OP_MSG with one document (MongoDB specifications, "OP_MSG").

use ruled_plugin::*;

use crate::bson::Document;

const HEAD_BYTES: u32 = 16;
const OP_MSG: i32 = 2_013;
/// What servers before 3.6 answer with.
const OP_REPLY: i32 = 1;

/// The flag that a check sum stands behind the document, and the others that must be understood.
const HAS_CHECKSUM: u32 = 1;
const MUST_BE_KNOWN: u32 = 0xffff;

/// What a server tells about itself, with all members of a replica set, is some kilobytes.
const MESSAGE_BYTES_MAX: i32 = 256 << 10;

/// What stands between the head and the document: flags, and that there is one document.
const BEFORE_DOCUMENT: usize = 5;

/// Sends a command without arguments, and returns the answer.
pub(crate) fn ask(conn: &Conn, id: i32, command: &str) -> Result<Document, Failure> {
    conn.send(packet(id, command))?;
    let head = conn.exactly(HEAD_BYTES)?;
    ensure!(!head.starts_with(b"HTTP"), "the server speaks HTTP, not the protocol of MongoDB");
    let number = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (length, answered, kind) = (number(0), number(8), number(12));
    ensure!(kind != OP_REPLY, "the server is older than MongoDB 3.6");
    ensure!(kind == OP_MSG, "the server does not answer as a MongoDB does");
    ensure!(answered == id, "the server answers another message than the one that was sent");
    let Some(rest) = length.checked_sub(HEAD_BYTES as i32).filter(|rest| (0..=MESSAGE_BYTES_MAX).contains(rest)) else {
        fail!("the server announces a message of {length} bytes");
    };
    let content = conn.exactly(rest as u32)?;
    let [f0, f1, f2, f3, section, ref document @ ..] = content[..] else {
        fail!("the server answers with {} bytes, too few for an answer", content.len());
    };
    let flags = u32::from_le_bytes([f0, f1, f2, f3]);
    ensure!(
        flags & MUST_BE_KNOWN & !HAS_CHECKSUM == 0,
        "the answer of the server has flags that no answer to this has: {flags:#x}"
    );
    ensure!(section == 0, "the answer of the server does not begin with a document");
    Document::read(document)
}

/// `{command: 1, $db: "admin"}` as a message.
fn packet(id: i32, command: &str) -> Vec<u8> {
    let mut elements = vec![0x10];
    elements.extend(command.as_bytes());
    elements.push(0);
    elements.extend(1_i32.to_le_bytes());
    elements.extend(b"\x02$db\0");
    elements.extend(6_i32.to_le_bytes());
    elements.extend(b"admin\0");
    // Its own length, and the 0 at its end.
    let document = elements.len() + 5;
    let length = HEAD_BYTES as usize + BEFORE_DOCUMENT + document;
    let mut packet = Vec::with_capacity(length);
    for number in [length as i32, id, 0, OP_MSG] {
        packet.extend(number.to_le_bytes());
    }
    packet.extend([0; BEFORE_DOCUMENT]);
    packet.extend((document as i32).to_le_bytes());
    packet.extend(elements);
    packet.push(0);
    packet
}
