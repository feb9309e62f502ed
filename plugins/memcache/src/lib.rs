//! The stock probe for memcached: a request of its binary protocol that does nothing (the wiki of memcached,
//! `BinaryProtocolRevamped`, no-op). It reads and writes no keys.

use ruled_plugin::*;

/// How long the head of a request and of an answer is.
const HEAD_BYTES: usize = 24;

const REQUEST: u8 = 0x80;
const ANSWER: u8 = 0x81;
const NO_OP: u8 = 0x0a;

/// What an answer may have beside its head, such as the words of an error.
const BODY_BYTES_MAX: u32 = 1_024;

/// What a server says in words before it closes.
const WORDS_BYTES_MAX: u32 = 256;

struct Memcache;

impl Probe for Memcache {
    fn describe() -> Describe {
        Describe::new("memcache", "A memcached that answers in its binary protocol")
            .version(env!("CARGO_PKG_VERSION"))
            .port(11211)
            .page(
                "Sends a request of the binary protocol that does nothing, and expects an answer without an error.\n\n\
                 A server with too many connections says so, and fails. One that speaks the text protocol only \
                 (`memcached -B ascii`) refuses the request; `send \"version\\r\\n\" expect \"VERSION\"` tests it. One that \
                 wants a login (`memcached -S`) refuses the request, and fails.\n\n\
                 Specified in the wiki of memcached, `BinaryProtocolRevamped`.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        let mut request = [0; HEAD_BYTES];
        (request[0], request[1]) = (REQUEST, NO_OP);
        conn.send(request)?;
        let first = conn.exactly(1)?;
        if first[0] == b'E' {
            return Err(in_words(conn)?);
        }
        ensure!(first[0] == ANSWER, "the server does not answer in the binary protocol of memcached");
        let rest = conn.exactly(HEAD_BYTES as u32 - 1)?;
        let [operation, _, _, _, _, high, low, b3, b2, b1, b0, ..] = rest[..] else {
            return Err(IoError::Closed.into());
        };
        ensure!(operation == NO_OP, "the server answers another request than the one that was sent");
        let body = u32::from_be_bytes([b3, b2, b1, b0]);
        ensure!(body <= BODY_BYTES_MAX, "the server announces {body} bytes where there should be none");
        match u16::from_be_bytes([high, low]) {
            0 => ok("it answers in its binary protocol").into(),
            status => {
                let words = conn.exactly(body)?;
                let words = String::from_utf8_lossy(&words);
                Err(Failure::Rejected(format!("{words} (status {status:#04x})")))
            }
        }
    }
}
probe!(Memcache);

/// What the server says to a client that it does not serve, after an E.
fn in_words(conn: &Conn) -> Result<Failure, Failure> {
    let rest = match conn.line(WORDS_BYTES_MAX) {
        Ok(rest) => rest,
        Err(IoError::TooLong) => fail!("the server does not answer in the binary protocol of memcached"),
        Err(error) => return Err(error.into()),
    };
    ensure!(rest.starts_with("RROR"), "the server does not answer in the binary protocol of memcached");
    Ok(Failure::Rejected(format!("E{rest}")))
}

#[cfg(test)]
mod tests;
