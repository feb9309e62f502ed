//! The stock probe for NNTP: greeting, STARTTLS (RFC 4642) and a login (RFC 4643) where a rule wants them, QUIT (RFC 3977).
//! No article is read or posted.

use ruled_plugin::*;

/// Longer than any capability.
const LINE_BYTES_MAX: u32 = 1_024;

/// What a server can do takes some dozens of lines.
const LINES_MAX: usize = 200;

// Answers (RFC 3977, section 5.1; RFC 4642; RFC 4643).
const CAPABILITIES_FOLLOW: u16 = 101;
const POSTING_ALLOWED: u16 = 200;
const POSTING_PROHIBITED: u16 = 201;
const GOODBYE: u16 = 205;
const LOGGED_IN: u16 = 281;
const BEGIN_TLS: u16 = 382;
const PASSWORD_WANTED: u16 = 381;

struct Nntp;

impl Probe for Nntp {
    fn describe() -> Describe {
        Describe::new("nntp", "A news server that greets, and says goodbye")
            .version(env!("CARGO_PKG_VERSION"))
            .port(119)
            .tls_port(563)
            .start_tls()
            .page(
                "Waits for the greeting and says `QUIT` (205). A greeting with 200 lets people post. One with 201 does \
                 not, and fails unless `posting` is `false`; so does a server that is busy (400) or does not want us \
                 (502).\n\n\
                 With a user and a password it logs in by `AUTHINFO USER`; whether people may post is asked then \
                 (`CAPABILITIES`). No article is read or posted.\n\n\
                 Where a rule wants encryption on port 119, it begins by STARTTLS.\n\n\
                 Specified in RFC 3977, RFC 4642 and RFC 4643.",
            )
            .option("username", OptionType::Text, "The user to log in as; without one nobody logs in")
            .option("password", OptionType::Secret, "The password to log in with")
            .option("posting", OptionType::Boolean, "Whether the server must be one that lets people post")
            .default_value(Value::Boolean(true))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = options.login()?;
        let greeting = conn.reply()?;
        if ![POSTING_ALLOWED, POSTING_PROHIBITED].contains(&greeting.code) {
            return Err(Failure::Rejected(greeting.line()));
        }
        if conn.peer().start_tls_wanted {
            conn.ask("STARTTLS")?.must_have(BEGIN_TLS)?;
            conn.start_tls()?;
        }
        let mut summary = greeting.lines.first().cloned().unwrap_or_default();
        let mut posting = greeting.code == POSTING_ALLOWED;
        let mut listed = None;
        if let Some((username, password)) = login {
            log_in(conn, username, password).map_err(|failure| failure.without(&[password]))?;
            // A greeting with 200 may mean that people may post when they have logged in.
            listed = offers_posting(conn)?;
            posting = listed.unwrap_or(posting);
            summary.push_str(", logged in");
        }
        if !posting && options.boolean("posting") == Some(true) {
            return Err(prohibited(&greeting, listed.is_some()));
        }
        conn.ask("QUIT")?.must_have(GOODBYE)?;
        ok(summary).fact("posting", if posting { "allowed" } else { "prohibited" }).into()
    }
}
probe!(Nntp);

/// That nobody may post: as the server lists it for who has logged in, or else as it greets.
fn prohibited(greeting: &Reply, is_listed: bool) -> Failure {
    let (what, found, expected) = if is_listed {
        ("list of what the server can do for this user", "one without POST".into(), "one with POST".into())
    } else {
        ("server's answer to people who want to post", greeting.line(), POSTING_ALLOWED.to_string())
    };
    Failure::Mismatch { what: what.into(), expected, found }
}

/// Logs in. Some servers want no password.
fn log_in(conn: &Conn, username: &str, password: &str) -> Result<(), Failure> {
    let answer = conn.ask(&format!("AUTHINFO USER {username}"))?;
    if answer.code == PASSWORD_WANTED {
        conn.ask(&format!("AUTHINFO PASS {password}"))?.must_have(LOGGED_IN)?;
        return Ok(());
    }
    answer.must_have(LOGGED_IN).map(|_| ())
}

/// Whether the server says that it takes articles from whoever has logged in; nothing where it is older than the question.
fn offers_posting(conn: &Conn) -> Result<Option<bool>, Failure> {
    let answer = conn.ask("CAPABILITIES")?;
    if answer.is(5) {
        return Ok(None);
    }
    answer.must_have(CAPABILITIES_FOLLOW)?;
    let mut posting = false;
    for _ in 0..LINES_MAX {
        let line = match conn.line(LINE_BYTES_MAX) {
            Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
            other => other?,
        };
        if line == "." {
            return Ok(Some(posting));
        }
        posting |= line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("POST"));
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

#[cfg(test)]
mod tests;
