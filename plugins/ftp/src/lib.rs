//! The stock probe for FTP: greeting, encryption (RFC 4217) and a login where a rule wants them, QUIT (RFC 959). No
//! second connection is made, and nothing is listed or fetched.

use ruled_plugin::*;

/// A server may say several times that it will be there in some minutes, before it is.
const DELAYS_MAX: usize = 10;

struct Ftp;

impl Probe for Ftp {
    fn describe() -> Describe {
        Describe::new("ftp", "A file server that greets, and says goodbye")
            .version(env!("CARGO_PKG_VERSION"))
            .port(21)
            .tls_port(990)
            .start_tls()
            .page(
                "Waits for the greeting (220) and says `QUIT` (221). With a user and a password it logs in between \
                 them. Nothing is listed or fetched, so the ports for data are not tried.\n\n\
                 Where encryption begins within the protocol, it does so by `AUTH TLS`.\n\n\
                 Specified in RFC 959 and RFC 4217.",
            )
            .option("username", OptionType::Text, "The user to log in as; without one nobody logs in")
            .option("password", OptionType::Secret, "The password to log in with")
            .explained("Where it is left out and the server asks for one, an empty one is sent.")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = options.login()?;
        let greeting = greeting(conn)?;
        if conn.peer().start_tls_wanted {
            conn.ask("AUTH TLS")?.must_have(234)?;
            conn.start_tls()?;
        }
        let mut summary = greeting.lines.first().cloned().unwrap_or_default();
        if let Some((username, password)) = login {
            log_in(conn, username, password).map_err(|failure| failure.without(&[password]))?;
            summary.push_str(", logged in");
        }
        conn.ask("QUIT")?.must_have(221)?;
        ok(summary).into()
    }
}
probe!(Ftp);

fn greeting(conn: &Conn) -> Result<Reply, Failure> {
    for _ in 0..=DELAYS_MAX {
        let reply = conn.reply()?;
        // "Service ready in nnn minutes" (RFC 959, section 5.4).
        if reply.code != 120 {
            return reply.must_have(220);
        }
    }
    fail!("the server puts us off more than {DELAYS_MAX} times")
}

fn log_in(conn: &Conn, username: &str, password: &str) -> Result<(), Failure> {
    let answer = conn.ask(&format!("USER {username}"))?;
    // 230 and 232 let the user in without a password.
    let answer = if answer.code == 331 { conn.ask(&format!("PASS {password}"))? } else { answer };
    answer.must_be(2).map(|_| ())
}

#[cfg(test)]
mod tests;
