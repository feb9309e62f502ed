//! The stock probe for IMAP4 and, over TLS, IMAPS: greeting, STARTTLS and a login where a rule wants them, LOGOUT
//! (RFC 3501, RFC 9051). No mailbox is opened.

use ruled_plugin::*;

/// No greeting and no goodbye needs more.
const LINE_BYTES_MAX: u32 = 8_192;

/// A server may say something of its own before it says goodbye.
const LINES_MAX: usize = 200;

/// How a greeting says that we are logged in already.
const LOGGED_IN: &str = "PREAUTH";

struct Imap;

impl Probe for Imap {
    fn describe() -> Describe {
        Describe::new("imap", "A mailbox server that greets, and says goodbye")
            .version(env!("CARGO_PKG_VERSION"))
            .port(143)
            .tls_port(993)
            .start_tls()
            .page(
                "Waits for the greeting (`* OK`), says `LOGOUT` and waits for `* BYE`. With a user and a password it logs \
                 in between them: by `AUTHENTICATE PLAIN` where the server offers it, and by `LOGIN` otherwise. No \
                 mailbox is opened.\n\n\
                 Where a rule wants encryption on port 143, it begins by STARTTLS.\n\n\
                 Specified in RFC 9051 and RFC 3501.",
            )
            .option("username", OptionType::Text, "The user to log in as; without one nobody logs in")
            .option("password", OptionType::Secret, "The password to log in with")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = options.login()?;
        let (kind, greeting) = greeting(conn)?;
        if conn.peer().start_tls_wanted {
            // Somebody who is logged in cannot begin encryption any more (RFC 3501, section 6.2.1).
            ensure!(kind != LOGGED_IN, "the server greets as if somebody were logged in, so encryption cannot begin");
            ask(conn, "A1", "STARTTLS")?;
            conn.start_tls()?;
        }
        let mut summary = greeting;
        if let Some((username, password)) = login {
            ensure!(kind != LOGGED_IN, "the server greets as if somebody were logged in");
            log_in(conn, username, password)?;
            summary.push_str(", logged in");
        }
        conn.command("A5 LOGOUT")?;
        goodbye(conn)?;
        ok(summary).into()
    }
}
probe!(Imap);

/// The kind of the greeting, and its text.
fn greeting(conn: &Conn) -> Result<(String, String), Failure> {
    let line = line(conn)?;
    let Some(rest) = line.strip_prefix("* ") else { fail!("the server does not greet with * OK") };
    let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match kind.to_ascii_uppercase().as_str() {
        kind @ ("OK" | LOGGED_IN) => Ok((kind.to_owned(), without_code(text).to_owned())),
        "BYE" => Err(Failure::Rejected(text.to_owned())),
        _ => fail!("the server does not greet with * OK"),
    }
}

/// The text without the code in brackets before it, which is for programs: `[CAPABILITY …] ready`.
fn without_code(text: &str) -> &str {
    let code = text.strip_prefix('[').and_then(|code| code.split_once(']'));
    code.map_or(text, |(_, text)| text.trim_start())
}

fn ask(conn: &Conn, tag: &str, command: &str) -> Result<TaggedReply, Failure> {
    conn.command(&format!("{tag} {command}"))?;
    conn.tagged(tag)?.must_be_ok()
}

fn log_in(conn: &Conn, username: &str, password: &str) -> Result<(), Failure> {
    let reply = ask(conn, "A2", "CAPABILITY")?;
    let list = reply.untagged.iter().find_map(|line| line.strip_prefix("CAPABILITY "));
    let Some(list) = list else { fail!("the server does not say what it can do") };
    let can = |word: &str| list.split(' ').any(|one| one.eq_ignore_ascii_case(word));
    let plain = base64::encode(format!("\0{username}\0{password}").as_bytes());
    let logged_in = if can("AUTH=PLAIN") {
        authenticate(conn, &plain)
    } else if !can("LOGINDISABLED") {
        quoted(username)
            .and_then(|username| ask(conn, "A4", &format!("LOGIN {username} {}", quoted(password)?)).map(|_| ()))
    } else if conn.peer().encrypted {
        fail!("the server offers a login by neither PLAIN nor LOGIN")
    } else {
        fail!("the server lets nobody log in on a connection that is not encrypted")
    };
    logged_in.map_err(|failure| failure.without(&[password, &plain]))
}

/// Logs in by the mechanism PLAIN (RFC 4616), in the two steps that every server knows.
fn authenticate(conn: &Conn, plain: &str) -> Result<(), Failure> {
    conn.command("A3 AUTHENTICATE PLAIN")?;
    let mut line = line(conn)?;
    for _ in 0..LINES_MAX {
        if line.starts_with('+') {
            conn.command(plain)?;
            return conn.tagged("A3")?.must_be_ok().map(|_| ());
        }
        if let Some(no) = line.strip_prefix("A3 ") {
            return Err(Failure::Rejected(no.to_owned()));
        }
        ensure!(line.starts_with("* "), "the server does not answer to AUTHENTICATE");
        line = self::line(conn)?;
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

/// A text in quotes, which is one word to a server (RFC 3501, section 9).
fn quoted(text: &str) -> Result<String, Failure> {
    if !text.is_ascii() {
        let sentence = "the server offers no login but LOGIN, which takes no letters beyond ASCII";
        return Err(Failure::Misconfigured(sentence.into()));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Waits for the server's goodbye. Some servers close right behind it, without an end of the command.
fn goodbye(conn: &Conn) -> Result<(), Failure> {
    for _ in 0..LINES_MAX {
        let line = line(conn)?;
        if line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("* BYE")) {
            return Ok(());
        }
        if let Some(no) = line.strip_prefix("A5 ") {
            return Err(Failure::Rejected(no.to_owned()));
        }
        ensure!(line.starts_with("* "), "the server does not answer to LOGOUT with * BYE");
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests;
