//! The stock probe for the listener of an Oracle database (Transparent Network Substrate): a request that only pings, as
//! Oracle's own `tnsping` sends it, which the listener answers by refusing. Nobody logs in.
//!
//! What does not live here: the packets, which are `packet`.

use ruled_plugin::*;

mod packet;

use packet::{Answer, Refusal};

/// A listener may ask for the request again; one that asks more often does not answer.
const SENT_MAX: usize = 4;

/// What is shown of an answer.
const SHOWN_LETTERS: usize = 200;

struct Tns;

impl Probe for Tns {
    fn describe() -> Describe {
        Describe::new("tns", "An Oracle listener that refuses a ping as it should")
            .version(env!("CARGO_PKG_VERSION"))
            .port(1521)
            .tls_port(2484)
            .page(
                "Sends a request to connect (`CONNECT`) with `(CONNECT_DATA=(COMMAND=ping))`, as `tnsping` does, and \
                 expects that the listener refuses it (`REFUSE`), which is its answer to a ping. Where it tells its version \
                 and its name, these are shown. A listener that wants the request again (`RESEND`) gets it.\n\n\
                 This says that the listener works, not that it has a database behind it. A listener that closes the \
                 connection, as one does to hosts that it does not allow (`TCP.VALIDNODE_CHECKING`), fails.\n\n\
                 Specified in nothing that is public; the packets are those of `tnsping`.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        for _ in 0..SENT_MAX {
            conn.send(packet::ping())?;
            match Answer::read(conn)? {
                Answer::Refused(refusal) => return judge(&refusal),
                Answer::Again => {}
            }
        }
        fail!("the listener asks for the request {SENT_MAX} times and does not answer it")
    }
}
probe!(Tns);

fn judge(refusal: &Refusal) -> Check {
    let error = refusal.value("ERR").filter(|error| *error != "0");
    let mut outcome = match error {
        None => ok("the listener answers a ping"),
        Some(error) => ok(format!("the listener answers a ping, with the error {}", shown(error))),
    };
    if let Some(version) = refusal.version() {
        outcome = outcome.fact("version", version);
    }
    if let Some(alias) = refusal.value("ALIAS") {
        outcome = outcome.fact("alias", shown(alias));
    }
    if let Some(error) = error {
        outcome = outcome.fact("error", shown(error));
    }
    outcome.into()
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_LETTERS).collect()
}

#[cfg(test)]
mod tests;
