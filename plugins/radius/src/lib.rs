//! The stock probe for RADIUS: asks a server whether it is there (Status-Server, RFC 5997), in datagrams, and verifies who
//! answers (RFC 2865, section 3; RFC 3579, section 3.2). Nobody logs in.
//!
//! What does not live here: how packets are written and read, which is `packet`.

use ruled_plugin::*;

mod packet;

use packet::{Answer, Code, Query};

/// No packet is longer (RFC 2865, section 3).
const PACKET_BYTES_MAX: u32 = 4_096;

/// After so many milliseconds a query that may have been lost is sent again; the last wait ends with the check.
const WAITS_MS: [u32; 3] = [1_000, 2_000, 4_000];

/// Datagrams that answer no query of ours are passed over: anybody may send some.
const STRANGE_MAX: usize = 64;

/// How long a message of the server is shown.
const SHOWN_LETTERS: usize = 200;

/// What everybody has in a new installation, and Monit where a rule says nothing.
const SECRET: &str = "testing123";

struct Radius;

impl Probe for Radius {
    fn describe() -> Describe {
        Describe::new("radius", "A RADIUS server that says that it is there")
            .version(env!("CARGO_PKG_VERSION"))
            .port(1812)
            .over(&[Transport::Udp])
            .page(
                "Sends `Status-Server`, signed with the secret (`Message-Authenticator`), and expects `Access-Accept`, as \
                 servers of authentication answer it, or `Accounting-Response`, as servers of accounting do. The answer \
                 must be signed with the same secret. The rule has to say `type udp`.\n\n\
                 A server is silent to hosts that it does not know as its clients, and to another secret; then the \
                 deadline passes. One that does not know `Status-Server` is silent, too (FreeRADIUS: `status_server = \
                 yes`). A query without an answer is sent again after a second, and then after longer waits. Datagrams \
                 that do not answer it are passed over.\n\n\
                 Specified in RFC 5997, RFC 2865 and RFC 3579.",
            )
            .option("secret", OptionType::Secret, "The secret that the server shares with this machine")
            .default_value(Value::Text(SECRET.into()))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let secret = options.secret("secret").unwrap_or(SECRET).as_bytes();
        if secret.is_empty() {
            return Err(Failure::Misconfigured("the secret is empty, and with an empty one nothing is signed".into()));
        }
        let answer = ask(conn, &Query::new(), secret)?;
        let summary = match answer.code {
            Code::AccessAccept => "it answers as a server of authentication",
            Code::AccountingResponse => "it answers as a server of accounting",
            Code::Refusal(word) => return Err(Failure::Rejected(word.into())),
        };
        let mut outcome = ok(summary);
        if let Some(message) = answer.message {
            outcome = outcome.fact("reply_message", message.chars().take(SHOWN_LETTERS).collect::<String>());
        }
        outcome.into()
    }
}
probe!(Radius);

/// Sends the query until there is an answer to it.
fn ask(conn: &Conn, query: &Query, secret: &[u8]) -> Result<Answer, Failure> {
    let packet = query.packet(secret);
    let (mut strange, mut unsigned) = (0, false);
    for wait_ms in WAITS_MS.into_iter().chain([u32::MAX]) {
        conn.send(&packet).map_err(|error| ended(error, unsigned))?;
        loop {
            match conn.receive_within(PACKET_BYTES_MAX, wait_ms) {
                Ok(datagram) => match query.answer(&datagram, secret) {
                    Ok(Some(answer)) => return Ok(answer),
                    // Both may be somebody else's; what is signed may still come (RFC 2865, section 3).
                    other => {
                        unsigned |= other.is_err();
                        strange += 1;
                        ensure!(strange <= STRANGE_MAX, "{strange} datagrams came, and none of them answers the query");
                    }
                },
                Err(IoError::TimedOut) if wait_ms < u32::MAX => break,
                Err(error) => return Err(ended(error, unsigned)),
            }
        }
    }
    Err(ended(IoError::TimedOut, unsigned))
}

/// Why there is no answer; `unsigned` where there were some that the secret does not sign.
fn ended(error: IoError, unsigned: bool) -> Failure {
    if unsigned && error == IoError::TimedOut {
        let sentence = "the answer of the server is not signed with this secret; the rule must have the one that the \
                        server has for this machine";
        return Failure::Protocol(sentence.into());
    }
    error.into()
}

#[cfg(test)]
mod tests;
