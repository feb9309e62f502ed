//! The stock probe for Redis, and for what speaks its protocol (the Redis serialization protocol, RESP, version 2):
//! logs in where a password is given (`AUTH`, with the users of access control lists), and pings. It reads and writes no
//! keys.

use ruled_plugin::*;

/// A line of the server: an answer of one line, or the length of what follows.
const LINE_BYTES_MAX: u32 = 1_024;

/// A text of the server within a list.
const TEXT_BYTES_MAX: u32 = 1_024;

/// What a server tells about itself has seven pairs, and three more for each of its modules.
const ELEMENTS_MAX: u32 = 256;

/// What a server answers that wants a password, and has none yet.
const PASSWORD_WANTED: &str = "NOAUTH";

struct Redis;

impl Probe for Redis {
    fn describe() -> Describe {
        Describe::new("redis", "A Redis that answers a ping, or wants a password")
            .version(env!("CARGO_PKG_VERSION"))
            .port(6379)
            .tls_port(6379)
            .page(
                "Sends `PING` and expects `PONG`. Where a password is given, `AUTH` with it goes before; an answer other \
                 than `OK` fails the test with what the server said.\n\n\
                 A server that wants a password passes without one, because it is there and works. One that loads its \
                 data (`LOADING`), cannot save it (`MISCONF`), has lost its master (`MASTERDOWN`) or has too many clients \
                 says so, and fails.\n\n\
                 Specified in the Redis serialization protocol, RESP, version 2.",
            )
            .option("username", OptionType::Text, "The user to log in as")
            .explained("A user of the access control list. Without one the password is that of the user `default`.")
            .option("password", OptionType::Secret, "The password to log in with")
            .option("writable", OptionType::Boolean, "Whether the server must be one that takes writes")
            .explained(
                "With `true` the server is asked for its role (`HELLO`, Redis 6 or later), and a replica fails. Where a \
                 password is wanted, it has to be given.",
            )
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        log_in(conn, options)?;
        if let Err(failure) = ask(conn, &["PING"], "PONG") {
            let wants_password = matches!(&failure, Failure::Rejected(said) if said.starts_with(PASSWORD_WANTED));
            if !wants_password || options.secret("password").is_some() || options.boolean("writable") == Some(true) {
                return Err(failure);
            }
            return ok("it wants a password").into();
        }
        let outcome = if options.boolean("writable") == Some(true) { writable(conn)? } else { ok("it answers a ping") };
        // Its answer does not matter, and neither does whether it is still there.
        conn.send(command(&["QUIT"])).ok();
        outcome.into()
    }
}
probe!(Redis);

fn log_in(conn: &Conn, options: &Options) -> Result<(), Failure> {
    match (options.text("username"), options.secret("password")) {
        (_, None) if options.text("username").is_some() => {
            Err(Failure::Misconfigured("a user is given, and no password".into()))
        }
        (_, None) => Ok(()),
        (None, Some(password)) => ask(conn, &["AUTH", password], "OK"),
        (Some(username), Some(password)) => ask(conn, &["AUTH", username, password], "OK"),
    }
}

/// A command as a list of texts with their lengths, in which nothing can be mistaken for another command.
fn command(words: &[&str]) -> String {
    let mut text = format!("*{}\r\n", words.len());
    for word in words {
        text.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    text
}

/// Sends a command whose answer is one line, and must be this one.
fn ask(conn: &Conn, words: &[&str], wanted: &str) -> Result<(), Failure> {
    conn.send(command(words))?;
    let line = line(conn)?;
    match line.split_at_checked(1) {
        Some(("+", said)) if said == wanted => Ok(()),
        Some(("-", said)) => Err(Failure::Rejected(said.into())),
        _ => fail!("the server answers {} with {line:?}, not with {wanted}", words[0]),
    }
}

/// An answer of one line, or the head of a longer one.
fn line(conn: &Conn) -> Result<String, Failure> {
    let line = match conn.line(LINE_BYTES_MAX) {
        Ok(line) => line,
        Err(IoError::TooLong) => fail!("the server answers with a line of more than {LINE_BYTES_MAX} bytes"),
        Err(error) => return Err(error.into()),
    };
    ensure!(!line.starts_with("HTTP/"), "the server speaks HTTP, not the protocol of Redis");
    ensure!(line.starts_with(['+', '-', ':', '$', '*']), "the server answers {line:?}, which is no answer of Redis");
    Ok(line)
}

/// Whether the server takes writes, from what it tells about itself.
fn writable(conn: &Conn) -> Result<Outcome, Failure> {
    conn.send(command(&["HELLO", "2"]))?;
    let texts = texts(conn)?;
    let told = |name: &str| texts.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1].as_str());
    let Some(role) = told("role") else { fail!("the server does not tell its role") };
    if role != "master" {
        let (what, expected) = ("role of the server".into(), "master".into());
        return Err(Failure::Mismatch { what, expected, found: role.into() });
    }
    let version = told("version").unwrap_or_default();
    Ok(ok(format!("it answers a ping and takes writes, version {version}")).fact("version", version))
}

/// All texts of a list and of the lists in it, in their order.
fn texts(conn: &Conn) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    let (mut pending, mut seen) = (1_u32, 0);
    while pending > 0 {
        pending -= 1;
        seen += 1;
        ensure!(seen <= ELEMENTS_MAX, "the server tells more than {ELEMENTS_MAX} things about itself");
        let head = line(conn)?;
        let (kind, rest) = head.split_at(1);
        match kind {
            "-" => return Err(Failure::Rejected(rest.into())),
            // -1 stands for no list.
            "*" if rest != "-1" => match rest.parse::<u32>() {
                Ok(count) if count <= ELEMENTS_MAX => pending += count,
                _ => fail!("the server announces a list of {rest:?} elements"),
            },
            "$" if rest != "-1" => match rest.parse::<u32>() {
                Ok(count) if count <= TEXT_BYTES_MAX => {
                    let bytes = conn.exactly(count + 2)?;
                    ensure!(bytes.ends_with(b"\r\n"), "a text of the server is longer than it says");
                    texts.push(String::from_utf8_lossy(&bytes[..count as usize]).into_owned());
                }
                _ => fail!("the server announces a text of {rest:?} bytes"),
            },
            _ => texts.push(rest.into()),
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
