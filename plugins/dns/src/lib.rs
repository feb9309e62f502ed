//! The stock probe for DNS: asks a name server for the servers of the root (RFC 1035, section 4), in datagrams or over
//! a stream.

use ruled_plugin::*;

/// How long the head of a message is.
const HEAD_BYTES: usize = 12;

/// Recursion desired: the query is one that a resolver answers, too.
const RECURSION_DESIRED: u16 = 0x0100;
const IS_ANSWER: u16 = 0x8000;
const TRUNCATED: u16 = 0x0200;
const CODE: u16 = 0x000f;

/// The name of the root, the type NS, the class IN.
const QUESTION: [u8; 5] = [0, 0, 2, 0, 1];

/// The largest datagram that a server may send to a client that announces nothing else is 512 bytes.
const DATAGRAM_BYTES_MAX: u32 = 4_096;

/// After so many milliseconds a query that may have been lost is sent again; the last wait ends with the check.
const WAITS_MS: [u32; 4] = [500, 1_000, 2_000, 4_000];

/// Datagrams that belong to no query of ours are passed over: anybody may send some.
const STRANGE_MAX: usize = 64;

struct Dns;

impl Probe for Dns {
    fn describe() -> Describe {
        Describe::new("dns", "A name server that knows the servers of the root, or refuses to say")
            .version(env!("CARGO_PKG_VERSION"))
            .port(53)
            .tls_port(853)
            .over(&[Transport::Udp, Transport::Tcp])
            .page(
                "Asks for the name servers of the root, with recursion desired. An answer with records passes, and so \
                 does a refusal (`REFUSED`), because a server that only knows its own zones refuses. Another error \
                 (`SERVFAIL`, for one) and an answer without a record fail.\n\n\
                 Over UDP, which the rule has to say (`type udp`), a query without an answer is sent again after half a \
                 second, and then after longer waits; datagrams that do not answer it are passed over.\n\n\
                 Specified in RFC 1035.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        let chance = random_bytes(2);
        let id = u16::from_be_bytes([chance[0], chance[1]]);
        let query = query(id);
        let answer = if conn.peer().transport.is_datagram() {
            in_datagrams(conn, id, &query)?
        } else {
            let length = (query.len() as u16).to_be_bytes();
            conn.send([length.as_slice(), query.as_slice()].concat())?;
            let length = conn.exactly(2)?;
            let length = u16::from_be_bytes([length[0], length[1]]);
            ensure!(
                usize::from(length) >= HEAD_BYTES,
                "the server announces an answer of {length} bytes, too few for one"
            );
            conn.exactly(u32::from(length))?
        };
        judge(id, &answer)
    }
}
probe!(Dns);

fn query(id: u16) -> Vec<u8> {
    let mut query = Vec::new();
    // One question, and nothing else.
    for number in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
        query.extend(number.to_be_bytes());
    }
    query.extend(QUESTION);
    query
}

fn in_datagrams(conn: &Conn, id: u16, query: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut strange = 0;
    for wait_ms in WAITS_MS.into_iter().chain([u32::MAX]) {
        conn.send(query)?;
        loop {
            match conn.receive_within(DATAGRAM_BYTES_MAX, wait_ms) {
                Ok(answer) if number(&answer, 0) == Some(id) && answer.len() >= HEAD_BYTES => return Ok(answer),
                Ok(_) => {
                    strange += 1;
                    ensure!(strange <= STRANGE_MAX, "{strange} datagrams came, and none of them answers the query");
                }
                Err(IoError::TimedOut) if wait_ms < u32::MAX => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Err(IoError::TimedOut.into())
}

/// The number of two bytes at this place.
fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

fn judge(id: u16, message: &[u8]) -> Check {
    let numbers: Vec<u16> = (0..HEAD_BYTES).step_by(2).filter_map(|at| number(message, at)).collect();
    let [answered, flags, questions, answers, authorities, _] = numbers[..] else {
        fail!("the server answers with {} bytes, too few for an answer", message.len());
    };
    ensure!(flags & IS_ANSWER != 0, "the server sends a query where an answer should be");
    ensure!(answered == id, "the server answers another query than the one that was sent");
    if questions == 1 {
        let question = message.get(HEAD_BYTES..HEAD_BYTES + QUESTION.len());
        ensure!(question == Some(&QUESTION), "the server answers another question than the one that was asked");
    }
    match flags & CODE {
        0 if answers > 0 => ok(format!("it knows {answers} servers of the root")).into(),
        0 if authorities > 0 => ok("it refers to other servers").into(),
        0 if flags & TRUNCATED != 0 => ok("it has an answer that is too long for a datagram").into(),
        0 => fail!("the server answers without a record"),
        5 => ok("it refuses to say, as a server does that only knows its own zones").into(),
        code => Err(Failure::Rejected(in_words(code))),
    }
}

/// The name of a response code (RFC 6895, section 2.3).
fn in_words(code: u16) -> String {
    match code {
        1 => "FORMERR: the query makes no sense to the server".into(),
        2 => "SERVFAIL: the server cannot find out".into(),
        3 => "NXDOMAIN: there is no root".into(),
        4 => "NOTIMP: the server does not know this kind of query".into(),
        9 => "NOTAUTH: the server is not responsible".into(),
        code => format!("the response code is {code}"),
    }
}

#[cfg(test)]
mod tests;
