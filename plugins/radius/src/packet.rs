//! Packets of RADIUS: a head of 20 bytes, and attributes (RFC 2865, section 3). The query is signed by an attribute, the
//! answer by its head and, where it has that attribute, by both.

use ruled_plugin::*;

const HEAD_BYTES: usize = 20;
const AUTHENTICATOR_BYTES: usize = 16;

/// Where the authenticator stands in a packet.
const AUTHENTICATOR: std::ops::Range<usize> = 4..HEAD_BYTES;

/// Codes of packets (RFC 2865, section 4; RFC 2866; RFC 5997; RFC 7930).
const STATUS_SERVER: u8 = 12;
const ACCESS_ACCEPT: u8 = 2;
const ACCESS_REJECT: u8 = 3;
const ACCOUNTING_RESPONSE: u8 = 5;
const ACCESS_CHALLENGE: u8 = 11;
const PROTOCOL_ERROR: u8 = 52;

/// Attributes that are looked at.
const REPLY_MESSAGE: u8 = 18;
const NAS_IDENTIFIER: u8 = 32;
const MESSAGE_AUTHENTICATOR: u8 = 80;

/// What we are called in the query.
const NAME: &[u8] = b"ruled";

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    AccessAccept,
    AccountingResponse,
    /// Anything else that a server may answer, as the documents call it.
    Refusal(&'static str),
}

/// An answer that is signed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Code,
    /// What the server says in words.
    pub(crate) message: Option<String>,
}

/// A datagram that answers the query, and is not signed with the secret.
pub(crate) struct NotSigned;

/// A query, which is another one each time.
pub(crate) struct Query {
    id: u8,
    authenticator: [u8; AUTHENTICATOR_BYTES],
}

impl Query {
    pub(crate) fn new() -> Query {
        let chance = random_bytes(AUTHENTICATOR_BYTES as u32 + 1);
        let mut authenticator = [0; AUTHENTICATOR_BYTES];
        let (id, rest) = chance.split_first().map_or((0, [].as_slice()), |(id, rest)| (*id, rest));
        authenticator.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        Query { id, authenticator }
    }

    /// The packet, signed.
    pub(crate) fn packet(&self, secret: &[u8]) -> Vec<u8> {
        let mut packet = vec![STATUS_SERVER, self.id, 0, 0];
        packet.extend(self.authenticator);
        packet.extend([NAS_IDENTIFIER, NAME.len() as u8 + 2]);
        packet.extend(NAME);
        packet.extend([MESSAGE_AUTHENTICATOR, AUTHENTICATOR_BYTES as u8 + 2]);
        let place = packet.len();
        packet.extend([0; AUTHENTICATOR_BYTES]);
        let length = packet.len() as u16;
        packet[2..4].copy_from_slice(&length.to_be_bytes());
        // It is made of the packet with zeros in its place (RFC 3579, section 3.2).
        let signature = hmac(HashKind::Md5, secret, &packet);
        packet.splice(place.., signature);
        packet
    }

    /// The answer that a datagram is; nothing where it is none to this query.
    pub(crate) fn answer(&self, datagram: &[u8], secret: &[u8]) -> Result<Option<Answer>, NotSigned> {
        let Some(packet) = whole(datagram) else { return Ok(None) };
        let code = match packet[0] {
            ACCESS_ACCEPT => Code::AccessAccept,
            ACCOUNTING_RESPONSE => Code::AccountingResponse,
            ACCESS_REJECT => Code::Refusal("Access-Reject"),
            ACCESS_CHALLENGE => Code::Refusal("Access-Challenge"),
            PROTOCOL_ERROR => Code::Refusal("Protocol-Error"),
            _ => return Ok(None),
        };
        if packet[1] != self.id {
            return Ok(None);
        }
        let Some(attributes) = attributes(&packet[HEAD_BYTES..]) else { return Ok(None) };
        // What is signed has the authenticator of the query in place of its own.
        let mut asked = packet.to_vec();
        asked[AUTHENTICATOR].copy_from_slice(&self.authenticator);
        let proof = digest(HashKind::Md5, &[asked.as_slice(), secret].concat());
        if proof != packet[AUTHENTICATOR] {
            return Err(NotSigned);
        }
        let mut message = None;
        for attribute in attributes {
            let content = &packet[attribute.start..attribute.end];
            match attribute.kind {
                MESSAGE_AUTHENTICATOR => {
                    asked[attribute.start..attribute.end].fill(0);
                    if hmac(HashKind::Md5, secret, &asked) != content {
                        return Err(NotSigned);
                    }
                    asked[attribute.start..attribute.end].copy_from_slice(content);
                }
                REPLY_MESSAGE => message = Some(String::from_utf8_lossy(content).into_owned()),
                _ => {}
            }
        }
        Ok(Some(Answer { code, message }))
    }
}

/// The packet of a datagram: what is behind its length is none of it, and one that is shorter is none (RFC 2865, section 3).
fn whole(datagram: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
    datagram.get(..length).filter(|packet| packet.len() >= HEAD_BYTES)
}

/// An attribute: its kind, and where its content stands in the packet.
struct Attribute {
    kind: u8,
    start: usize,
    end: usize,
}

/// The attributes behind the head; nothing where they do not fit together.
fn attributes(bytes: &[u8]) -> Option<Vec<Attribute>> {
    let mut attributes = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        let (kind, length) = (bytes[place], usize::from(*bytes.get(place + 1)?));
        let end = place + length;
        if length < 2 || end > bytes.len() {
            return None;
        }
        attributes.push(Attribute { kind, start: HEAD_BYTES + place + 2, end: HEAD_BYTES + end });
        place = end;
    }
    Some(attributes)
}
