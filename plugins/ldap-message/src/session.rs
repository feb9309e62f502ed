//! Requests and their answers, one after the other.

use ruled_plugin::*;

use crate::ber::{ENUMERATED, Elements, INTEGER, Length, OCTETS, SEQUENCE, element, length, number, small};

/// No answer to what is asked here needs more; an entry is read without its attributes.
const MESSAGE_BYTES_MAX: u32 = 65_536;

/// How many messages a search for one entry may be answered with.
const MESSAGES_MAX: usize = 20;

/// How much of what a server says is shown.
const WORDS_LETTERS_MAX: usize = 300;

// Operations by their tags (RFC 4511, section 4).
const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const UNBIND_REQUEST: u8 = 0x42;
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

/// A password in a bind, and the name of an extended request: the first element of a choice.
const SIMPLE: u8 = 0x80;
/// A filter that asks for an attribute to be present.
const PRESENT: u8 = 0x87;
/// Yes or no.
const BOOLEAN: u8 = 0x01;

/// StartTLS (RFC 4511, section 4.14).
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

/// What asks for no attributes (RFC 4511, section 4.5.1.8).
const NO_ATTRIBUTES: &str = "1.1";

/// The number of a message that nobody has asked for (RFC 4511, section 4.4).
const UNSOLICITED: u32 = 0;

/// A conversation: requests are numbered from 1.
pub(crate) struct Session<'c, 'w> {
    conn: &'c Conn<'w>,
    asked: u8,
}

impl<'c, 'w> Session<'c, 'w> {
    pub(crate) fn over(conn: &'c Conn<'w>) -> Self {
        Session { conn, asked: 0 }
    }

    /// Agrees on encryption, and begins it.
    pub(crate) fn begin_encryption(&mut self) -> Result<(), Failure> {
        self.send(element(EXTENDED_REQUEST, element(SIMPLE, START_TLS)))?;
        let (tag, content) = self.receive()?;
        ensure!(tag == EXTENDED_RESPONSE, "the server answers StartTLS with something else");
        succeeded(&content)?;
        Ok(self.conn.start_tls()?)
    }

    /// Binds by name and password; empty ones are nobody's.
    pub(crate) fn bind(&mut self, version: u8, name: &str, password: &str) -> Result<(), Failure> {
        let request = [small(INTEGER, version), element(OCTETS, name), element(SIMPLE, password)].concat();
        self.send(element(BIND_REQUEST, request))?;
        let (tag, content) = self.receive()?;
        ensure!(tag == BIND_RESPONSE, "the server answers a bind with something else");
        succeeded(&content)
    }

    /// Looks for one entry by its name.
    pub(crate) fn look_up(&mut self, name: &str) -> Result<(), Failure> {
        let request = [
            element(OCTETS, name),
            // Only the entry itself, and no alias is followed.
            small(ENUMERATED, 0),
            small(ENUMERATED, 0),
            // As many entries and as long as the server likes; names of attributes only.
            small(INTEGER, 0),
            small(INTEGER, 0),
            element(BOOLEAN, [0xff]),
            element(PRESENT, "objectClass"),
            element(SEQUENCE, element(OCTETS, NO_ATTRIBUTES)),
        ];
        self.send(element(SEARCH_REQUEST, request.concat()))?;
        let mut is_there = false;
        for _ in 0..MESSAGES_MAX {
            match self.receive()? {
                (SEARCH_ENTRY, _) => is_there = true,
                (SEARCH_REFERENCE, _) => {}
                (SEARCH_DONE, content) => {
                    succeeded(&content)?;
                    ensure!(is_there, "the server does not show the entry {name:?}");
                    return Ok(());
                }
                _ => fail!("the server answers a search with something else"),
            }
        }
        fail!("the server answers a search for one entry with more than {MESSAGES_MAX} messages")
    }

    /// Says goodbye, which nobody answers.
    pub(crate) fn unbind(&mut self) {
        // Whether the server is still there does not matter any more.
        self.send(element(UNBIND_REQUEST, [])).ok();
    }

    fn send(&mut self, operation: Vec<u8>) -> Result<(), Failure> {
        self.asked += 1;
        let message = [small(INTEGER, self.asked), operation].concat();
        Ok(self.conn.send(element(SEQUENCE, message))?)
    }

    /// The next message that answers the last request: its tag and its content.
    fn receive(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        let message = message(self.conn)?;
        let mut elements = Elements(&message);
        let id = elements.expect(INTEGER).filter(|id| id.len() <= 4).map(number);
        let (Some(id), Some((tag, content))) = (id, elements.next()) else {
            fail!("the server sends something that is no message of LDAP")
        };
        if id == UNSOLICITED && tag == EXTENDED_RESPONSE {
            succeeded(content)?;
            fail!("the server says something of its own instead of an answer");
        }
        ensure!(id == u32::from(self.asked), "the server answers request {id}, and request {} was sent", self.asked);
        Ok((tag, content.to_vec()))
    }
}

/// The content of the next message.
fn message(conn: &Conn) -> Result<Vec<u8>, Failure> {
    let first = conn.exactly(1)?;
    ensure!(first == [SEQUENCE], "the server does not answer in LDAP");
    let first = conn.exactly(1)?;
    let bytes = match first.first().and_then(|first| length(*first)) {
        Some(Length::Is(length)) => length,
        Some(Length::Follows(count)) => number(&conn.exactly(count)?),
        None => fail!("the server does not answer in LDAP"),
    };
    ensure!(bytes <= MESSAGE_BYTES_MAX, "the server announces a message of {bytes} bytes");
    Ok(conn.exactly(bytes)?)
}

/// What a result says: nothing where it is success.
fn succeeded(content: &[u8]) -> Result<(), Failure> {
    let mut elements = Elements(content);
    let code = elements.expect(ENUMERATED).filter(|code| (1..=4).contains(&code.len())).map(number);
    let words = elements.expect(OCTETS).and_then(|_| elements.expect(OCTETS));
    let (Some(code), Some(words)) = (code, words) else { fail!("the server sends a result that cannot be read") };
    if code == 0 {
        return Ok(());
    }
    let words: String = String::from_utf8_lossy(words).trim().chars().take(WORDS_LETTERS_MAX).collect();
    let name = NAMES.iter().find(|(one, _)| *one == code).map_or("result", |(_, name)| name);
    let separator = if words.is_empty() { "" } else { ": " };
    Err(Failure::Rejected(format!("{name} ({code}){separator}{words}")))
}

/// What results are called (RFC 4511, appendix A).
const NAMES: [(u32, &str); 21] = [
    (1, "operationsError"),
    (2, "protocolError"),
    (3, "timeLimitExceeded"),
    (4, "sizeLimitExceeded"),
    (7, "authMethodNotSupported"),
    (8, "strongerAuthRequired"),
    (10, "referral"),
    (11, "adminLimitExceeded"),
    (12, "unavailableCriticalExtension"),
    (13, "confidentialityRequired"),
    (14, "saslBindInProgress"),
    (32, "noSuchObject"),
    (34, "invalidDNSyntax"),
    (48, "inappropriateAuthentication"),
    (49, "invalidCredentials"),
    (50, "insufficientAccessRights"),
    (51, "busy"),
    (52, "unavailable"),
    (53, "unwillingToPerform"),
    (54, "loopDetect"),
    (80, "other"),
];
