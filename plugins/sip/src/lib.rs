//! The stock probe for SIP: asks a server what it can do (OPTIONS, RFC 3261, section 11), over UDP, TCP and TLS. Nobody is
//! called, and nobody registers.
//!
//! What does not live here: how requests and answers are written, which is `message`.

use ruled_plugin::*;

mod message;

use message::{Answer, Request};

/// The largest datagram there is.
const DATAGRAM_BYTES_MAX: u32 = 65_535;

/// After so many milliseconds a request that may have been lost is sent again (RFC 3261, section 17.1.2.2); the last wait
/// ends with the check.
const WAITS_MS: [u32; 4] = [500, 1_000, 2_000, 4_000];

/// Datagrams that answer no request of ours are passed over: anybody may send some.
const STRANGE_MAX: usize = 64;

/// Answers below 200 say that the real one will come.
const PROVISIONAL_MAX: usize = 20;

/// What a server says of itself is shown in facts, which are short.
const FACT_LETTERS_MAX: usize = 200;

/// What is a success where a rule does not say.
const SUCCESS: Comparison = Comparison { relation: Relation::Less, number: 300 };

/// Whose options Monit asks for where a rule says nothing.
const TARGET: &str = "monit@foo.bar";

/// Over how many proxies a request usually goes (RFC 3261, section 8.1.1.6).
const HOPS: i64 = 70;

struct Sip;

impl Probe for Sip {
    fn describe() -> Describe {
        Describe::new("sip", "A SIP server that says what it can do")
            .version(env!("CARGO_PKG_VERSION"))
            .port(5060)
            .tls_port(5061)
            .over(&[Transport::Tcp, Transport::Udp])
            .page(
                "Sends `OPTIONS`, and expects a status from 200 to 299. Those below 200 only say that the real answer will \
                 come, which is waited for. Where the connection is encrypted, the address begins with `sips:`.\n\n\
                 Over UDP, which the rule has to say (`type udp`), a request without an answer is sent again after half a \
                 second, and then after longer waits; datagrams that do not answer it are passed over.\n\n\
                 A server may not know the address, and say so (404), or want a login (401): `status` says where that is \
                 well. What it says of itself (`Server`, `Allow`) is shown.\n\n\
                 Specified in RFC 3261.",
            )
            .option("target", OptionType::Text, "The address whose options are asked for")
            .default_value(Value::Text(TARGET.into()))
            .option("max_forward", OptionType::Integer(0, 255), "Over how many proxies the request may go")
            .default_value(Value::Integer(HOPS))
            .option("status", OptionType::Comparison, "What the status must be")
            .default_value(Value::Comparison(SUCCESS))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let target = options.text("target").unwrap_or(TARGET);
        let hops = options.integer("max_forward").unwrap_or(HOPS);
        let request = Request::new(&conn.peer(), target, hops)?;
        let answer = if conn.peer().transport.is_datagram() {
            in_datagrams(conn, &request)?
        } else {
            in_stream(conn, &request)?
        };
        let wanted = options.comparison("status").unwrap_or(SUCCESS);
        if !wanted.holds(answer.status) {
            let (what, expected) = ("status".into(), wanted.to_string());
            return Err(Failure::Mismatch { what, expected, found: answer.line() });
        }
        let mut outcome = ok(answer.line()).fact("status", answer.status.to_string());
        for (name, header) in [("server", "server"), ("server", "user-agent"), ("allow", "allow")] {
            let known = outcome.facts.iter().any(|(fact, _)| fact == name);
            if let Some(value) = answer.header(header).filter(|value| !known && !value.is_empty()) {
                outcome = outcome.fact(name, value.chars().take(FACT_LETTERS_MAX).collect::<String>());
            }
        }
        outcome.into()
    }
}
probe!(Sip);

/// Asks over a stream, in which everything is an answer to us.
fn in_stream(conn: &Conn, request: &Request) -> Result<Answer, Failure> {
    conn.send(request.text())?;
    for _ in 0..=PROVISIONAL_MAX {
        let answer = Answer::read(conn)?;
        ensure!(request.is_answered_by(&answer), "the server answers another request than the one that was sent");
        if answer.is_final() {
            return Ok(answer);
        }
    }
    fail!("the server sends more than {PROVISIONAL_MAX} provisional answers")
}

/// Asks in datagrams, which may be lost, and be anybody's.
fn in_datagrams(conn: &Conn, request: &Request) -> Result<Answer, Failure> {
    let text = request.text();
    let mut strange = 0;
    for wait_ms in WAITS_MS.into_iter().chain([u32::MAX]) {
        conn.send(&text)?;
        loop {
            match conn.receive_within(DATAGRAM_BYTES_MAX, wait_ms) {
                Ok(datagram) => match Answer::whole(&datagram) {
                    Some(answer) if request.is_answered_by(&answer) && answer.is_final() => return Ok(answer),
                    _ => {
                        strange += 1;
                        ensure!(
                            strange <= STRANGE_MAX,
                            "{strange} datagrams came, and none of them answers the request"
                        );
                    }
                },
                Err(IoError::TimedOut) if wait_ms < u32::MAX => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Err(IoError::TimedOut.into())
}

#[cfg(test)]
mod tests;
