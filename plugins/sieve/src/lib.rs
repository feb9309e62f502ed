//! The stock probe for ManageSieve: what the server can do, STARTTLS and a login where a rule wants them, LOGOUT
//! (RFC 5804). No script is read or changed.
//!
//! What does not live here: how an answer is read, which is `answer`.

mod answer;

use ruled_plugin::*;

use answer::{Answer, answer};

/// How much of what a server calls itself is shown.
const NAME_LETTERS_MAX: usize = 200;

struct Sieve;

impl Probe for Sieve {
    fn describe() -> Describe {
        Describe::new("sieve", "A server of mail filters that says what it can do")
            .version(env!("CARGO_PKG_VERSION"))
            .port(4190)
            .start_tls()
            .page(
                "Waits until the server has said what it can do (`OK`), says `LOGOUT` and waits for `OK`. With a user \
                 and a password it logs in between them, by `AUTHENTICATE \"PLAIN\"`; many servers offer that only on an \
                 encrypted connection. No script is read or changed.\n\n\
                 Where a rule wants encryption on port 4190, it begins by STARTTLS; a server that does not \
                 offer it fails.\n\n\
                 Specified in RFC 5804.",
            )
            .option("username", OptionType::Text, "The user to log in as; without one nobody logs in")
            .option("password", OptionType::Secret, "The password to log in with")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = options.login()?;
        let mut can = answer(conn)?.must_be_ok()?;
        if conn.peer().start_tls_wanted {
            ensure!(can.capability("STARTTLS").is_some(), "the server does not offer STARTTLS");
            conn.command("STARTTLS")?;
            answer(conn)?.must_be_ok()?;
            conn.start_tls()?;
            // What was said before could be anybody's, so the server says it again (RFC 5804, section 2.2).
            can = answer(conn)?.must_be_ok()?;
        }
        let name = can.capability("IMPLEMENTATION").unwrap_or_default();
        let name: String = name.chars().take(NAME_LETTERS_MAX).collect();
        let mut summary = if name.is_empty() { "it says what it can do".to_owned() } else { name.clone() };
        if let Some((username, password)) = login {
            log_in(conn, &can, username, password)?;
            summary.push_str(", logged in");
        }
        conn.command("LOGOUT")?;
        answer(conn)?.must_be_ok()?;
        ok(summary).fact("implementation", name).into()
    }
}
probe!(Sieve);

/// Logs in by the mechanism PLAIN (RFC 4616).
fn log_in(conn: &Conn, can: &Answer, username: &str, password: &str) -> Result<(), Failure> {
    let offers = can.capability("SASL").unwrap_or_default();
    if !offers.split(' ').any(|mechanism| mechanism.eq_ignore_ascii_case("PLAIN")) {
        if conn.peer().encrypted {
            fail!("the server does not offer a login by PLAIN");
        }
        fail!("the server does not offer a login by PLAIN on a connection that is not encrypted");
    }
    let plain = base64::encode(format!("\0{username}\0{password}").as_bytes());
    conn.command(&format!("AUTHENTICATE \"PLAIN\" \"{plain}\""))?;
    match answer(conn) {
        // What it says may be a part of what was sent.
        Err(Failure::Protocol(_)) => fail!("the server says something else than an answer of ManageSieve to a login"),
        answered => answered?.must_be_ok().map_err(|failure| failure.without(&[password, &plain]))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests;
