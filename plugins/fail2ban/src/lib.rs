//! The stock probe for Fail2ban: a ping over its socket, and which version and how many jails there are (the protocol of
//! `fail2ban-client`, in the sources of Fail2ban). Nobody is banned, and nothing is set.

mod pickle;

use pickle::Value;
use ruled_plugin::*;

/// What ends each message, in both directions.
const END: &[u8] = b"<F2B_END_COMMAND>";
/// What a client says before it leaves.
const CLOSE: &[u8] = b"<F2B_CLOSE_COMMAND><F2B_END_COMMAND>";

/// The names of all jails are in one answer.
const ANSWER_BYTES_MAX: u32 = 65_536;

struct Fail2ban;

impl Probe for Fail2ban {
    fn describe() -> Describe {
        Describe::new("fail2ban", "A Fail2ban that answers a ping on its socket")
            .version(env!("CARGO_PKG_VERSION"))
            .over(&[Transport::UnixStream, Transport::Tcp])
            .page(
                "Says `ping` as `fail2ban-client` does, and expects `pong`; then it asks for the version and the number \
                 of jails, which an old one need not tell. The socket is Fail2ban's own, `/var/run/fail2ban/fail2ban.sock` \
                 in most places, which is for root only.\n\n\
                 Specified in the sources of Fail2ban (`fail2ban/protocol.py`), in pickles of Python (`pickletools`).",
            )
            .metric("jails", MetricKind::Gauge, "Jails that are in force")
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        let pong = ask(conn, "ping")?;
        ensure!(pong.text() == Some("pong"), "the server does not answer a ping with pong");
        // Old ones do not know all of it.
        let version = known(ask(conn, "version"))?.and_then(|answer| answer.text().map(str::to_owned));
        let jails = known(ask(conn, "status"))?.and_then(|status| jails(&status));
        // It has said all that is wanted, so it does not matter whether this reaches it.
        conn.send(CLOSE).ok();
        let summary = match jails {
            None => "it answers".to_owned(),
            Some(1) => "1 jail".to_owned(),
            Some(jails) => format!("{jails} jails"),
        };
        let mut outcome = ok(summary);
        if let Some(version) = version {
            outcome = outcome.fact("version", version);
        }
        if let Some(jails) = jails {
            outcome = outcome.metric("jails", jails as f64);
        }
        outcome.into()
    }
}
probe!(Fail2ban);

/// Says a command of one word, and returns what is answered where it was done.
fn ask(conn: &Conn, command: &str) -> Result<Value, Failure> {
    conn.send([pickle::list_of(command).as_slice(), END].concat())?;
    let bytes = match conn.until(END, ANSWER_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server does not answer as Fail2ban does"),
        other => other?,
    };
    let Some(answer) = pickle::read(bytes.strip_suffix(END).unwrap_or(&bytes)) else {
        fail!("the server does not answer as Fail2ban does");
    };
    match answer {
        Value::List { mut items, .. } if items.len() == 2 && items[0] == Value::Number(0) => Ok(items.swap_remove(1)),
        refusal => Err(Failure::Rejected(refusal.first_text().unwrap_or("it does not say why").to_owned())),
    }
}

/// The answer; nothing where the server refuses it.
fn known(answer: Result<Value, Failure>) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Failure::Rejected(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The number of jails in a status, which is a list of names with their values.
fn jails(status: &Value) -> Option<i64> {
    status.items().iter().find_map(|pair| match pair.items() {
        [name, Value::Number(jails)] if name.text() == Some("Number of jail") => Some(*jails),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
