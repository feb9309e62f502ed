//! The stock probe for ClamAV: a ping, and which program and signatures there are (clamd(8), commands in a session with
//! the prefix `z`). Nothing is scanned, and nothing reloaded.

mod age;

use ruled_plugin::*;

/// A session, in which each command is answered with its number, and the answer ends with a NUL byte.
const COMMANDS: &[u8] = b"zIDSESSION\0zPING\0zVERSION\0zEND\0";

/// What is answered to a command that the settings of the daemon switch off (since ClamAV 1.5).
const SWITCHED_OFF: &str = "COMMAND UNAVAILABLE";

/// What is answered is one line for people.
const ANSWER_BYTES_MAX: u32 = 1_024;

/// How long an hour is.
const HOUR_SECONDS: u64 = 3_600;

struct Clamav;

impl Probe for Clamav {
    fn describe() -> Describe {
        Describe::new("clamav", "A ClamAV that answers a ping, with signatures that are fresh where a rule wants that")
            .version(env!("CARGO_PKG_VERSION"))
            .port(3310)
            .page(
                "Opens a session (`IDSESSION`), says `PING` and `VERSION` in it, and expects `PONG` and a version. \
                 Nothing is scanned. Debian's daemon listens on a socket, `/run/clamav/clamd.ctl`.\n\n\
                 With `max_age` the daily signatures must not be older than that. The daemon says when they were made \
                 without a time zone; it is taken for UTC. One that has no daily signatures says nothing of their age, \
                 and fails then. So does one whose settings keep its version back (`EnableVersionCommand no`), which \
                 passes otherwise.\n\n\
                 Specified in clamd(8), of ClamAV 0.95 and later.",
            )
            .option("max_age", OptionType::Duration, "How old the daily signatures may be")
            .metric("signatures_age_days", MetricKind::Gauge, "How old the daily signatures are, where there are some")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        conn.send(COMMANDS)?;
        let pong = answer(conn, 1)?;
        ensure!(pong.eq_ignore_ascii_case("PONG"), "the server answers a ping with {pong:?}");
        let version = version(conn)?;
        let about = version.as_deref().map(age::About::read);
        let age = about.as_ref().and_then(|about| about.made).map(|made| now().0.saturating_sub(made));
        if let Some(most) = options.duration("max_age") {
            judge(age, most.as_secs())?;
        }
        let mut outcome = ok(version.as_deref().unwrap_or("it answers a ping"));
        let Some(about) = about else { return outcome.into() };
        outcome = outcome.fact("version", about.program);
        if let Some(signatures) = about.signatures {
            outcome = outcome.fact("signatures", signatures);
        }
        if let Some(age) = age {
            outcome = outcome.metric("signatures_age_days", age as f64 / age::DAY_SECONDS as f64);
        }
        outcome.into()
    }
}
probe!(Clamav);

/// What the daemon says of its version; nothing where it keeps that back.
fn version(conn: &Conn) -> Result<Option<String>, Failure> {
    match answer(conn, 2) {
        Ok(said) | Err(Failure::Rejected(said)) if said == SWITCHED_OFF => Ok(None),
        other => other.map(Some),
    }
}

/// The answer to the command of that number.
fn answer(conn: &Conn, number: u32) -> Result<String, Failure> {
    let mut bytes = match conn.until([0], ANSWER_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server does not answer as ClamAV does"),
        other => other?,
    };
    bytes.pop();
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    match text.split_once(": ") {
        Some((counted, error)) if counted == number.to_string() && error.ends_with("ERROR") => {
            Err(Failure::Rejected(error.to_owned()))
        }
        Some((counted, answer)) if counted == number.to_string() => Ok(answer.to_owned()),
        // What it does not do it says without a number, as one that is too old for sessions does.
        _ if text.contains(char::is_alphabetic) && !text.contains(char::is_control) => Err(Failure::Rejected(text)),
        _ => fail!("the server does not answer as ClamAV does"),
    }
}

/// Whether signatures of that age are fresh enough.
fn judge(age: Option<u64>, most: u64) -> Result<(), Failure> {
    let (unit, seconds) =
        if most < 2 * age::DAY_SECONDS { ("hours", HOUR_SECONDS) } else { ("days", age::DAY_SECONDS) };
    let tenths = |span: u64| span as f64 * 10.0 / seconds as f64;
    let found = match age {
        Some(age) if age <= most => return Ok(()),
        // Rounded up, so that what is a little too much does not look like what is allowed.
        Some(age) => format!("{:.1} {unit}", tenths(age).ceil() / 10.0),
        None => "not told".into(),
    };
    let expected = format!("{:.1} {unit} at most", tenths(most).floor() / 10.0);
    Err(Failure::Mismatch { what: "age of the signatures".into(), expected, found })
}

#[cfg(test)]
mod tests;
