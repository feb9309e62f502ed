//! The two packets of a login: CONNECT, which is sent, and CONNACK, which answers it (MQTT 5.0, sections 3.1 and 3.2; MQTT
//! 3.1.1, the same sections).

use std::fmt;

use ruled_plugin::*;

/// Properties of a version 5 answer may have texts; no broker comes near this.
const ANSWER_BYTES_MAX: u32 = 65_536;

/// After so many seconds without a word a broker forgets the client; the check is over long before.
const KEEP_ALIVE_SECONDS: u16 = 60;

/// The types of packets, in the upper half of their first byte.
const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
/// A record of TLS that is an alert.
const TLS_ALERT: u8 = 0x15;

/// Flags of CONNECT.
const CLEAN_START: u8 = 0x02;
const HAS_PASSWORD: u8 = 0x40;
const HAS_USERNAME: u8 = 0x80;

/// "Unacceptable protocol version" of 3.1.1, and "unsupported protocol version" of 5.
const UNKNOWN_VERSIONS: [u8; 2] = [0x01, 0x84];

/// Properties that are looked at (MQTT 5.0, section 2.2.2.2).
const SERVER_REFERENCE: u8 = 0x1c;
const REASON: u8 = 0x1f;
const MAXIMUM_QOS: u8 = 0x24;

/// How long texts of the broker are shown.
const SHOWN_LETTERS: usize = 200;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Version 3.1.1, of 2014.
    Three,
    /// Version 5, of 2019.
    Five,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::Three => "3.1.1",
            Version::Five => "5",
        })
    }
}

/// As whom one connects.
pub(crate) struct Login<'a> {
    pub(crate) client: String,
    pub(crate) username: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
}

impl Login<'_> {
    /// CONNECT, with a new session that ends with the connection.
    pub(crate) fn packet(&self, version: Version) -> Result<Vec<u8>, Failure> {
        let mut content = text("MQTT")?;
        content.push(match version {
            Version::Three => 4,
            Version::Five => 5,
        });
        let login = |given: Option<&str>, flag: u8| if given.is_some() { flag } else { 0 };
        content.push(CLEAN_START | login(self.username, HAS_USERNAME) | login(self.password, HAS_PASSWORD));
        content.extend(KEEP_ALIVE_SECONDS.to_be_bytes());
        if version == Version::Five {
            // No properties.
            content.push(0);
        }
        content.extend(text(&self.client)?);
        for given in [self.username, self.password].into_iter().flatten() {
            content.extend(text(given)?);
        }
        let mut packet = vec![CONNECT];
        packet.extend(length(content.len()));
        packet.extend(content);
        Ok(packet)
    }
}

/// A text behind its length of two bytes.
fn text(text: &str) -> Result<Vec<u8>, Failure> {
    // The value may be a secret.
    let Ok(bytes) = u16::try_from(text.len()) else {
        return Err(Failure::Misconfigured("a user, a password or a client has more than 65535 bytes".into()));
    };
    if text.contains('\0') {
        return Err(Failure::Misconfigured("a user, a password or a client has a NUL in it".into()));
    }
    Ok([bytes.to_be_bytes().as_slice(), text.as_bytes()].concat())
}

/// A length in groups of seven bits, the lowest first (section 1.5.5).
fn length(mut bytes: usize) -> Vec<u8> {
    let mut groups = Vec::new();
    loop {
        let group = (bytes & 0x7f) as u8;
        bytes >>= 7;
        if bytes == 0 {
            groups.push(group);
            return groups;
        }
        groups.push(group | 0x80);
    }
}

/// What the broker answers, where it does not refuse.
pub(crate) enum Answer {
    /// The client is in.
    Accepted(Properties),
    /// The broker does not know the version.
    UnknownVersion,
}

impl Answer {
    /// Reads a CONNACK. One that refuses is [`Failure::Rejected`].
    pub(crate) fn read(conn: &Conn) -> Result<Answer, Failure> {
        let content = content(conn)?;
        let [flags, code, ref rest @ ..] = content[..] else {
            fail!("the answer of the broker has {} bytes, too few for one", content.len());
        };
        ensure!(flags <= 1, "the answer of the broker has flags that do not exist: {flags:#04x}");
        if UNKNOWN_VERSIONS.contains(&code) {
            return Ok(Answer::UnknownVersion);
        }
        // An answer of 3.1.1 ends here, and some brokers refuse so whoever speaks a later version.
        let properties = if rest.is_empty() { Properties::default() } else { Properties::read(rest)? };
        if code == 0 {
            return Ok(Answer::Accepted(properties));
        }
        let Some(words) = reason(code) else {
            fail!("the broker answers with the code {code:#04x}, which does not exist")
        };
        let said: Vec<&str> = [Some(words), properties.reason.as_deref()].into_iter().flatten().collect();
        Err(Failure::Rejected(format!("{} (code {code:#04x})", said.join(": "))))
    }
}

/// The content of a CONNACK.
fn content(conn: &Conn) -> Result<Vec<u8>, Failure> {
    let first = conn.exactly(1)?[0];
    ensure!(first != TLS_ALERT, "the server wants TLS");
    ensure!(first == CONNACK, "the server does not answer as a broker of MQTT does");
    let mut bytes = 0;
    for place in 0..4 {
        let group = conn.exactly(1)?[0];
        bytes |= u32::from(group & 0x7f) << (7 * place);
        if group & 0x80 == 0 {
            ensure!(bytes <= ANSWER_BYTES_MAX, "the broker announces an answer of {bytes} bytes");
            return Ok(conn.exactly(bytes)?);
        }
    }
    fail!("the answer of the broker has a length without end")
}

/// What an answer of version 5 says beside its code.
#[derive(Default)]
pub(crate) struct Properties {
    /// In words, why it is so.
    reason: Option<String>,
    /// Which other broker is to be used.
    other: Option<String>,
    /// The highest quality of service; nothing where it is 2.
    maximum_qos: Option<u8>,
}

impl Properties {
    fn read(bytes: &[u8]) -> Result<Properties, Failure> {
        let mut reader = Reader { left: bytes };
        let announced = reader.length()?;
        ensure!(announced == reader.left.len(), "the properties in the answer of the broker have another length");
        let mut properties = Properties::default();
        while !reader.left.is_empty() {
            match reader.bytes(1)?[0] {
                REASON => properties.reason = Some(reader.text()?),
                SERVER_REFERENCE => properties.other = Some(reader.text()?),
                MAXIMUM_QOS => properties.maximum_qos = Some(reader.bytes(1)?[0]),
                other => reader.skip(other)?,
            }
        }
        Ok(properties)
    }

    /// The outcome with what is worth showing of them.
    pub(crate) fn shown(self, mut outcome: Outcome) -> Outcome {
        if let Some(quality) = self.maximum_qos {
            outcome = outcome.fact("maximum_qos", quality.to_string());
        }
        if let Some(other) = self.other {
            outcome = outcome.fact("server_reference", other);
        }
        outcome
    }
}

struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Failure> {
        let Some((bytes, left)) = self.left.split_at_checked(count) else {
            fail!("the properties in the answer of the broker end too early");
        };
        self.left = left;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<usize, Failure> {
        let mut length = 0;
        for place in 0..4 {
            let group = self.bytes(1)?[0];
            length |= usize::from(group & 0x7f) << (7 * place);
            if group & 0x80 == 0 {
                return Ok(length);
            }
        }
        fail!("the properties in the answer of the broker have a length without end")
    }

    /// What stands behind a length of two bytes.
    fn counted(&mut self) -> Result<&'a [u8], Failure> {
        let length = self.bytes(2)?;
        self.bytes(usize::from(u16::from_be_bytes([length[0], length[1]])))
    }

    fn text(&mut self) -> Result<String, Failure> {
        Ok(String::from_utf8_lossy(self.counted()?).chars().take(SHOWN_LETTERS).collect())
    }

    /// Passes over the value of a property that may stand in a CONNACK (section 3.2.2.3).
    fn skip(&mut self, property: u8) -> Result<(), Failure> {
        match property {
            // Whether something is available.
            0x25 | 0x28 | 0x29 | 0x2a => self.bytes(1)?,
            // Numbers of two bytes: keep alive, maxima.
            0x13 | 0x21 | 0x22 => self.bytes(2)?,
            // Numbers of four bytes: when the session ends, the longest packet.
            0x11 | 0x27 => self.bytes(4)?,
            // Texts and data.
            0x12 | 0x15 | 0x16 | 0x1a => self.counted()?,
            // A pair of texts of the broker's own.
            0x26 => {
                self.counted()?;
                self.counted()?
            }
            _ => fail!("the answer of the broker has a property that does not belong there: {property:#04x}"),
        };
        Ok(())
    }
}

/// What a code says: those below 0x80 are of 3.1.1 (section 3.2.2.3), the others of 5 (section 3.2.2.2).
fn reason(code: u8) -> Option<&'static str> {
    Some(match code {
        0x02 | 0x85 => "the name of the client is not allowed",
        0x03 | 0x88 => "the broker is not available",
        0x04 | 0x86 => "bad user name or password",
        0x05 | 0x87 => "not authorized",
        0x80 => "unspecified error",
        0x81 => "the packet is malformed",
        0x82 => "protocol error",
        0x83 => "an error of this broker's own",
        0x89 => "the broker is busy",
        0x8a => "this client is banned",
        0x8c => "the broker wants another method of authentication",
        0x90 => "the topic of the will is not allowed",
        0x95 => "the packet is too large",
        0x97 => "a quota is exceeded",
        0x99 => "the payload of the will has another format",
        0x9a => "the broker retains no messages",
        0x9b => "the broker does not support this quality of service",
        0x9c => "another broker is to be used for a while",
        0x9d => "another broker is to be used from now on",
        0x9f => "too many connections come at once",
        _ => return None,
    })
}
