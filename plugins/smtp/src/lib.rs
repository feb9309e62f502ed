//! The stock probe for SMTP and, over TLS, SMTPS: greeting, EHLO, STARTTLS (RFC 3207) and a login where a rule wants
//! them, QUIT (RFC 5321, RFC 4954). No mail is sent.

use ruled_plugin::*;

/// What we call ourselves. Monit does so, too; a server on the same machine knows the name.
const NAME: &str = "localhost";

struct Smtp;

impl Probe for Smtp {
    fn describe() -> Describe {
        Describe::new("smtp", "A mail server that greets, and lets a user in where one is given")
            .version(env!("CARGO_PKG_VERSION"))
            .port(25)
            .tls_port(465)
            .start_tls()
            .page(
                "Waits for the greeting (220), says `EHLO localhost` (or `HELO localhost`, where that is not known) and \
                 `QUIT`. No mail is sent.\n\n\
                 Where a rule wants encryption on port 25 or 587, it begins by STARTTLS; a server that does not offer \
                 it fails.\n\n\
                 With a user and a password it logs in, by AUTH PLAIN where the server offers it, and otherwise by AUTH \
                 LOGIN. Many servers offer a login only over an encrypted connection.\n\n\
                 Specified in RFC 5321, RFC 4954 and RFC 3207.",
            )
            .option("username", OptionType::Text, "The user to log in as")
            .explained("Nobody logs in unless there is a password, too.")
            .option("password", OptionType::Secret, "The password to log in with")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let greeting = conn.reply()?.must_have(220)?;
        let mut offers = hello(conn)?;
        if conn.peer().start_tls_wanted {
            ensure!(offers.names("STARTTLS"), "the server does not offer STARTTLS");
            conn.ask("STARTTLS")?.must_have(220)?;
            conn.start_tls()?;
            // What was said before could be anybody's (RFC 3207, section 4.2).
            offers = hello(conn)?;
        }
        let mut summary = greeting.lines.first().cloned().unwrap_or_default();
        if let (Some(username), Some(password)) = (options.text("username"), options.secret("password")) {
            log_in(conn, &offers, username, password)?;
            summary.push_str(", logged in");
        }
        conn.ask("QUIT")?.must_have(221)?;
        ok(summary).into()
    }
}
probe!(Smtp);

/// Says hello, and returns what the server offers.
fn hello(conn: &Conn) -> Result<Reply, Failure> {
    let offers = conn.ask(&format!("EHLO {NAME}"))?;
    // A server that knows no extensions does not know the word.
    if offers.is(5) {
        return conn.ask(&format!("HELO {NAME}"))?.must_have(250);
    }
    offers.must_have(250)
}

/// Logs in by a way that the server offers (RFC 4954).
fn log_in(conn: &Conn, offers: &Reply, username: &str, password: &str) -> Result<(), Failure> {
    let plain = base64::encode(format!("\0{username}\0{password}").as_bytes());
    let encoded = base64::encode(password.as_bytes());
    let secrets = [password, plain.as_str(), encoded.as_str()];
    let answer = if offers_login(offers, "PLAIN") {
        conn.ask(&format!("AUTH PLAIN {plain}"))
    } else if offers_login(offers, "LOGIN") {
        asked(conn, "AUTH LOGIN")
            .and_then(|()| asked(conn, &base64::encode(username.as_bytes())))
            .and_then(|()| conn.ask(&encoded))
    } else if conn.peer().encrypted || offers.names("AUTH") {
        fail!("the server offers a login by neither PLAIN nor LOGIN")
    } else {
        fail!("the server offers no login on a connection that is not encrypted")
    };
    answer.and_then(|answer| answer.must_have(235)).map(|_| ()).map_err(|failure| failure.without(&secrets))
}

/// Sends a step of a login after which the server asks for the next.
fn asked(conn: &Conn, step: &str) -> Result<(), Failure> {
    conn.ask(step)?.must_have(334).map(|_| ())
}

/// Whether the server offers a login by this mechanism. Some old servers write `AUTH=` instead of `AUTH `.
fn offers_login(offers: &Reply, mechanism: &str) -> bool {
    offers.lines.iter().any(|line| {
        let mut words = line.split([' ', '=']);
        words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
            && words.any(|word| word.eq_ignore_ascii_case(mechanism))
    })
}

#[cfg(test)]
mod tests;
