//! The stock probe for POP3 and, over TLS, POP3S: greeting, STLS (RFC 2595) and a login where a rule wants them, QUIT
//! (RFC 1939). No message is read.

use ruled_plugin::*;

struct Pop;

impl Probe for Pop {
    fn describe() -> Describe {
        Describe::new("pop", "A mailbox server that greets, and says goodbye")
            .version(env!("CARGO_PKG_VERSION"))
            .port(110)
            .tls_port(995)
            .start_tls()
            .page(
                "Waits for the greeting (`+OK`) and says `QUIT`. With a user and a password it logs in between them by \
                 `USER` and `PASS`, and counts the messages; none is read or deleted. A server locks the mailbox for \
                 that long, so it should be one that nobody else uses.\n\n\
                 Where encryption begins within the protocol, it does so by `STLS`.\n\n\
                 Specified in RFC 1939 and RFC 2595.",
            )
            .option("username", OptionType::Text, "The user to log in as; without one nobody logs in")
            .option("password", OptionType::Secret, "The password to log in with")
            .metric("messages", MetricKind::Gauge, "Messages in the mailbox, where somebody logs in")
            .metric("mailbox_size", MetricKind::Bytes, "Bytes of all messages, where somebody logs in")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = options.login()?;
        let greeting = conn.status()?;
        if conn.peer().start_tls_wanted {
            ask(conn, "STLS")?;
            conn.start_tls()?;
        }
        let mut outcome = ok(greeting);
        if let Some((username, password)) = login {
            log_in(conn, username, password).map_err(|failure| failure.without(&[password]))?;
            let (messages, bytes) = mailbox(&ask(conn, "STAT")?)?;
            outcome = ok(format!("{messages} messages")).metric("messages", messages).metric("mailbox_size", bytes);
        }
        ask(conn, "QUIT")?;
        outcome.into()
    }
}
probe!(Pop);

fn ask(conn: &Conn, command: &str) -> Result<String, Failure> {
    conn.command(command)?;
    conn.status()
}

fn log_in(conn: &Conn, username: &str, password: &str) -> Result<(), Failure> {
    ask(conn, &format!("USER {username}"))?;
    ask(conn, &format!("PASS {password}"))?;
    Ok(())
}

/// How many messages there are, and how many bytes: `2 320` (RFC 1939, section 5).
fn mailbox(said: &str) -> Result<(f64, f64), Failure> {
    let mut words = said.split(' ').map(|word| word.parse::<u64>().ok());
    match (words.next().flatten(), words.next().flatten()) {
        (Some(messages), Some(bytes)) => Ok((messages as f64, bytes as f64)),
        _ => fail!("the server does not say how many messages there are"),
    }
}

#[cfg(test)]
mod tests;
