//! A probe that uses all of the contract that probes have.

use frozen_guests::{ambient, digests, ended, options, understood};
use ruled_plugin::*;

struct Frozen;

impl Probe for Frozen {
    fn describe() -> Describe {
        let describe = Describe::new("frozen_probe", "A probe of the first contract").version("0.1.0").page("A page.");
        options(describe.port(7).tls_port(8).start_tls().over(&[Transport::Tcp, Transport::UnixStream]))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let peer = conn.peer();
        let whole = conn.until("\n", 80)?;
        let exactly = conn.exactly(3)?;
        conn.send("more\n")?;
        let received = conn.receive(1)?;
        let silence = conn.receive_within(1, 20);
        conn.finish_sending()?;
        let rest = conn.all(100)?;
        let timely = conn.elapsed_us() > 0 && conn.remaining_us() > 0;
        conn.reopen()?;
        let again = conn.until("\n", 80)?;
        // The other side has gone by now.
        let encrypted = conn.start_tls();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let outcome = ok(format!("{}{}{}{}{}", text(whole), text(exactly), text(received), text(rest), text(again)))
            .fact("peer", format!("{:?} {} {} {}", peer.transport, peer.name, peer.encrypted, peer.start_tls_wanted))
            .fact("tls", format!("{:?}", conn.tls().map(|tls| tls.version)))
            .fact("silence", format!("{silence:?}"))
            .fact("encrypted", format!("{encrypted:?}"))
            .fact("timely", timely.to_string())
            .fact("options", understood(options))
            .fact("digests", digests())
            .fact("ambient", ambient());
        ended(options.text("deed").unwrap_or_default(), outcome)
    }
}
probe!(Frozen);
