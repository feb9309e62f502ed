//! The stock probe for time servers: one question of NTP version 4 (RFC 5905), and where it is not answered one of
//! version 3 (RFC 1305). It sets no clock.

mod packet;

use packet::{Answer, Stamp};
use ruled_plugin::*;

/// Extensions may follow the answer; nobody reads them.
const DATAGRAM_BYTES_MAX: u32 = 1_024;

/// Questions by their version, and after how many milliseconds the next one is sent; the last wait ends with the check.
/// Servers that know version 3 only drop those of a later one, or answer them in their own.
const QUESTIONS: [(u8, u32); 4] = [(4, 1_000), (3, 2_000), (4, 4_000), (3, u32::MAX)];

/// Datagrams that answer no question of ours are passed over: anybody may send some.
const STRANGE_MAX: usize = 64;

/// From here on a stratum says that the clock runs by nothing.
const STRATUM_UNSYNCHRONISED: u8 = 16;

struct Ntp;

/// A question that was sent: what it is known by, and when that was.
struct Asked {
    cookie: [u8; 8],
    at: Stamp,
}

impl Probe for Ntp {
    fn describe() -> Describe {
        Describe::new("ntp3", "A time server whose clock runs by another one")
            .version(env!("CARGO_PKG_VERSION"))
            .port(123)
            .over(&[Transport::Udp])
            .page(
                "Asks for the time as a client of NTP version 4, and expects an answer of a server to this very \
                 question: with the number by which it was asked, in mode 4, of a clock that is synchronised (stratum 1 \
                 to 15, and no leap indicator of 3). A kiss-o'-death (`RATE`, `DENY`) fails with its code.\n\n\
                 A question without an answer is repeated after a second, and then after longer waits, by turns in \
                 version 3 and in version 4; datagrams that answer none are passed over. The name of the protocol is \
                 Monit's, whose question is one of version 3.\n\n\
                 Specified in RFC 5905.",
            )
            .option("max_offset", OptionType::Duration, "How far its clock may be from this machine's")
            .metric("offset_ms", MetricKind::DurationMs, "How far its clock is from this machine's, in either direction")
            .metric("stratum", MetricKind::Gauge, "Over how many servers its time comes from a clock")
            .metric("root_delay_ms", MetricKind::DurationMs, "How long packets take from there to that clock and back")
            .metric("root_dispersion_ms", MetricKind::DurationMs, "How far it may be off that clock at most")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let mut asked: Vec<Asked> = Vec::new();
        let mut strange = 0;
        for (version, wait_ms) in QUESTIONS {
            asked.push(ask(conn, version).map_err(|failure| ended(failure, strange))?);
            loop {
                let datagram = match conn.receive_within(DATAGRAM_BYTES_MAX, wait_ms) {
                    Ok(datagram) => datagram,
                    Err(IoError::TimedOut) if wait_ms < u32::MAX => break,
                    Err(error) => return Err(ended(error.into(), strange)),
                };
                let known = Answer::read(&datagram)
                    .and_then(|answer| Some((asked.iter().rev().find(|asked| asked.cookie == answer.origin)?, answer)));
                if let Some((asked, answer)) = known {
                    return judge(&answer, answer.offset_ms(asked.at, time()), options);
                }
                strange += 1;
                ensure!(strange <= STRANGE_MAX, "{strange} datagrams came, and none of them answers the question");
            }
        }
        Err(IoError::TimedOut.into())
    }
}
probe!(Ntp);

/// Why there is no answer, where so many datagrams came that are none.
fn ended(failure: Failure, strange: usize) -> Failure {
    if strange > 0 && failure == Failure::Io(IoError::TimedOut) {
        return Failure::Protocol("what came answers no question of NTP".into());
    }
    failure
}

/// Sends a question. What it is known by is chance and not the time, so that nobody can guess it.
fn ask(conn: &Conn, version: u8) -> Result<Asked, Failure> {
    let Ok(cookie) = <[u8; 8]>::try_from(random_bytes(8)) else { fail!("there are no random bytes") };
    let asked = Asked { cookie, at: time() };
    conn.send(packet::question(version, cookie))?;
    Ok(asked)
}

fn time() -> Stamp {
    let (seconds, nanoseconds) = now();
    Stamp::of(seconds, nanoseconds)
}

fn judge(answer: &Answer, offset_ms: f64, options: &Options) -> Check {
    ensure!(answer.mode == packet::SERVER, "the answer is of mode {}, where a server's is of mode 4", answer.mode);
    ensure!((1..=4).contains(&answer.version), "the answer is of version {}, which is none of NTP's", answer.version);
    if let Some(code) = answer.kiss() {
        return Err(Failure::Rejected(format!("kiss-o'-death {code}{}", in_words(&code))));
    }
    let Answer { leap, stratum, .. } = *answer;
    if leap == packet::UNSYNCHRONISED || stratum == 0 || stratum >= STRATUM_UNSYNCHRONISED {
        return Err(Failure::Mismatch {
            what: "clock".into(),
            expected: "synchronised".into(),
            found: format!("not synchronised (stratum {stratum}, leap indicator {leap})"),
        });
    }
    ensure!(answer.transmitted != Stamp::ZERO, "the answer does not say when it was sent");
    let direction = if offset_ms < 0.0 { "behind" } else { "ahead of" };
    let found = |offset_ms: f64| format!("{offset_ms:.1} ms {direction} this machine's");
    if let Some(most) = options.duration("max_offset")
        && offset_ms.abs() > most.as_secs_f64() * 1_000.0
    {
        let expected = format!("{} ms at most", most.as_millis());
        // Rounded up, so that what is a little too much does not look like what is allowed.
        let found = found((offset_ms.abs() * 10.0).ceil() / 10.0);
        return Err(Failure::Mismatch { what: "clock".into(), expected, found });
    }
    let mut outcome = ok(format!("stratum {stratum}, its clock is {}", found(offset_ms.abs())));
    match leap {
        1 => outcome = outcome.fact("leap", "the last minute of the day has a second more"),
        2 => outcome = outcome.fact("leap", "the last minute of the day has a second less"),
        _ => {}
    }
    outcome
        .fact("reference", answer.reference())
        .metric("offset_ms", offset_ms.abs())
        .metric("stratum", f64::from(stratum))
        .metric("root_delay_ms", answer.root_delay_ms)
        .metric("root_dispersion_ms", answer.root_dispersion_ms)
        .into()
}

/// What a kiss code means (RFC 5905, section 7.4).
fn in_words(code: &str) -> &'static str {
    match code {
        "RATE" => ": it is asked too often",
        "DENY" | "RSTR" => ": it does not answer this machine",
        "INIT" => ": it has only just started",
        "STEP" => ": its clock was only just set",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
