//! The stock probe for the daemon of SpamAssassin: a ping (`spamd/PROTOCOL` of SpamAssassin). No mail is judged.

use ruled_plugin::*;

/// No answer to a ping needs more.
const LINE_BYTES_MAX: u32 = 1_024;

/// The version of the protocol that is asked in. All servers of the last twenty years know it.
const PING: &str = "PING SPAMC/1.2\r\n\r\n";

struct SpamAssassin;

impl Probe for SpamAssassin {
    fn describe() -> Describe {
        Describe::new("spamassassin", "A SpamAssassin that answers a ping")
            .version(env!("CARGO_PKG_VERSION"))
            .port(783)
            .tls_port(783)
            .page(
                "Sends `PING` to spamd and expects `PONG` with the result 0. No mail is judged.\n\n\
                 A ping is answered by one of the processes that judge mail, so a server whose processes are all busy \
                 lets it wait, and fails when the time is over. To an address that it does not know (`--allowed-ips`) \
                 spamd says nothing and closes.\n\n\
                 Specified in `spamd/PROTOCOL` of SpamAssassin.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        conn.send(PING)?;
        let line = match conn.line(LINE_BYTES_MAX) {
            Err(IoError::TooLong) => fail!("the server answers with a line of more than {LINE_BYTES_MAX} bytes"),
            other => other?,
        };
        let mut words = line.strip_prefix("SPAMD/").unwrap_or_default().splitn(3, ' ');
        let (version, code) =
            (words.next().unwrap_or_default(), words.next().and_then(|code| code.parse::<u32>().ok()));
        let (Some(code), false) = (code, version.is_empty()) else {
            fail!("the server answers a ping with {}, and not as spamd does (SPAMD/1.5 0 PONG)", excerpt(&line))
        };
        let said = words.next().unwrap_or_default().trim();
        if code != 0 {
            return Err(Failure::Rejected(format!("{said} (result {code})")));
        }
        ensure!(said.eq_ignore_ascii_case("PONG"), "the server answers a ping with {said:?}, not with PONG");
        ok("it answers a ping").fact("protocol_version", version).into()
    }
}
probe!(SpamAssassin);

#[cfg(test)]
mod tests;
