//! The stock probe for LMTP: greeting, LHLO, STARTTLS and a question for a mailbox where a rule wants them, QUIT (RFC 2033,
//! RFC 3207). No mail is handed over.

use ruled_plugin::*;

/// What we call ourselves, as in SMTP.
const NAME: &str = "localhost";

struct Lmtp;

impl Probe for Lmtp {
    fn describe() -> Describe {
        Describe::new("lmtp", "A mailbox that takes mail from a mail server of this site")
            .version(env!("CARGO_PKG_VERSION"))
            .port(24)
            .start_tls()
            .page(
                "Waits for the greeting (220), says `LHLO localhost` (250) and `QUIT` (221). No mail is handed over.\n\n\
                 Where a rule wants encryption on port 24, it begins by STARTTLS; a server that does not offer it \
                 fails.\n\n\
                 Specified in RFC 2033 and RFC 3207.",
            )
            .option("recipient", OptionType::Text, "A mailbox that must take mail")
            .explained(
                "The server is asked for it by `MAIL FROM:<>` and `RCPT TO`, which takes the list of users and the \
                 quota, and then told to forget about it (`RSET`).",
            )
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let greeting = conn.reply()?.must_have(220)?;
        let offers = hello(conn)?;
        if conn.peer().start_tls_wanted {
            ensure!(offers.names("STARTTLS"), "the server does not offer STARTTLS");
            conn.ask("STARTTLS")?.must_have(220)?;
            conn.start_tls()?;
            // What was said before could be anybody's (RFC 3207, section 4.2).
            hello(conn)?;
        }
        let mut summary = greeting.lines.first().cloned().unwrap_or_default();
        if let Some(recipient) = options.text("recipient") {
            deliverable(conn, recipient)?;
            summary.push_str(&format!(", takes mail for {recipient}"));
        }
        conn.ask("QUIT")?.must_have(221)?;
        ok(summary).into()
    }
}
probe!(Lmtp);

/// Says hello, and returns what the server offers.
fn hello(conn: &Conn) -> Result<Reply, Failure> {
    conn.ask(&format!("LHLO {NAME}"))?.must_have(250)
}

/// Asks whether mail for somebody would be taken.
fn deliverable(conn: &Conn, recipient: &str) -> Result<(), Failure> {
    if recipient.is_empty() || recipient.contains(['<', '>', ' ']) {
        return Err(Failure::Misconfigured(format!("{recipient:?} is no mailbox")));
    }
    conn.ask("MAIL FROM:<>")?.must_be(2)?;
    conn.ask(&format!("RCPT TO:<{recipient}>"))?.must_be(2)?;
    conn.ask("RSET")?.must_be(2)?;
    Ok(())
}

#[cfg(test)]
mod tests;
