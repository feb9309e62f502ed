//! The stock probe for PostgreSQL: opens a session, logs in where a user is given, and ends it (PostgreSQL
//! documentation, chapter "Frontend/Backend Protocol", version 3.0).
//!
//! What does not live here: messages, which are `message`; the proof by SCRAM, which is `scram`.

use ruled_plugin::*;

mod message;
mod scram;

use message::{Message, error, text};

/// Version 3.0.
const PROTOCOL_VERSION: u32 = 3 << 16;
/// In place of a version: the wish to encrypt.
const WANTS_TLS: u32 = 1_234 << 16 | 5_679;

/// Who asks when nobody is named, and for which database.
const NOBODY: &str = "root";

/// A server tells some fifteen settings after a login, and may have notices.
const MESSAGES_MAX: usize = 200;

/// What is asked where the server must take writes.
const IS_READ_ONLY: &str = "SHOW transaction_read_only\0";

/// Classes of errors (appendix "PostgreSQL Error Codes") that say that nobody is served: resources, an operator's
/// intervention (start and end are such), the system, the server itself.
const NOT_SERVING: [&str; 4] = ["53", "57", "58", "XX"];

struct PgSql;

impl Probe for PgSql {
    fn describe() -> Describe {
        Describe::new("pgsql", "A PostgreSQL that answers, and lets a user in where one is given")
            .version(env!("CARGO_PKG_VERSION"))
            .port(5432)
            .tls_port(5432)
            .start_tls()
            .page(
                "Opens a session and ends it. Where a user or a database is given, the server must let that user into \
                 that database; where only one of them is, the other has the same name, as with `psql`. Where neither \
                 is given, `root` asks for `root`, and it suffices that the server answers, be it that it does not know \
                 them.\n\n\
                 A server that starts, ends or recovers, and one with too many connections, fails in any case.\n\n\
                 Passwords are proved by SCRAM-SHA-256 or MD5, or sent in clear where the server wants that. With SCRAM \
                 the server must prove, too, that it knows the password. Other methods (GSSAPI, SSPI) cannot be tested \
                 with a user, and the test says so. With TLS the server is asked to begin encryption first, and one \
                 that does not fails.\n\n\
                 Specified in the documentation of PostgreSQL, \"Frontend/Backend Protocol\", version 3.0.",
            )
            .option("username", OptionType::Text, "The user to log in as")
            .option("password", OptionType::Secret, "The password to log in with")
            .option("database", OptionType::Text, "The database to open")
            .option("writable", OptionType::Boolean, "Whether the server must be one that takes writes")
            .explained(
                "With `true` a server in hot standby fails, and so does one whose transactions are read-only. It needs a \
                 user who can log in.",
            )
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let (username, database) = (options.text("username"), options.text("database"));
        let writable = options.boolean("writable") == Some(true);
        let is_named = username.is_some() || database.is_some();
        if !is_named && (writable || options.secret("password").is_some()) {
            let sentence = "a password or what the server must be is given, and neither a user nor a database";
            return Err(Failure::Misconfigured(sentence.into()));
        }
        if conn.peer().start_tls_wanted {
            encrypt(conn)?;
        }
        let user = username.or(database).unwrap_or(NOBODY);
        start(conn, user, database.unwrap_or(user))?;
        let outcome = match log_in(conn, user, options.secret("password"), is_named) {
            Ok(Some(method)) => session(conn, method, writable),
            // A goodbye in place of a password would be an error in the log of the server.
            Ok(None) => return ok("it answers, and wants to know who asks").into(),
            Err(Refusal::Error(error)) if is_named || NOT_SERVING.iter().any(|class| error.code.starts_with(class)) => {
                return Err(error.into());
            }
            Err(Refusal::Error(error)) => return ok(format!("it answers: {}", error.said)).into(),
            Err(Refusal::Other(failure)) => return Err(failure),
        }?;
        message::send(conn, b'X', &[]).ok();
        outcome.into()
    }
}
probe!(PgSql);

/// Why a login does not come about.
enum Refusal {
    /// The server says why.
    Error(message::Error),
    Other(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal::Other(failure)
    }
}

impl From<IoError> for Refusal {
    fn from(error: IoError) -> Self {
        Refusal::Other(error.into())
    }
}

/// Begins encryption.
fn encrypt(conn: &Conn) -> Result<(), Failure> {
    conn.send([8_u32.to_be_bytes(), WANTS_TLS.to_be_bytes()].concat())?;
    match conn.exactly(1)?[0] {
        b'S' => Ok(conn.start_tls()?),
        b'N' => fail!("the server offers no encryption"),
        _ => fail!("the server does not speak the protocol of PostgreSQL"),
    }
}

/// Opens the session.
fn start(conn: &Conn, user: &str, database: &str) -> Result<(), Failure> {
    let mut content = PROTOCOL_VERSION.to_be_bytes().to_vec();
    for word in ["user", user, "database", database, "application_name", "ruled"] {
        if word.contains('\0') {
            return Err(Failure::Misconfigured("the name of the user or of the database has a NUL in it".into()));
        }
        content.extend_from_slice(word.as_bytes());
        content.push(0);
    }
    content.push(0);
    let length = content.len() as u32 + 4;
    Ok(conn.send([&length.to_be_bytes(), content.as_slice()].concat())?)
}

/// Proves who asks, and returns how that was done; nothing where nobody is named, and that does not suffice.
fn log_in(conn: &Conn, user: &str, password: Option<&str>, is_named: bool) -> Result<Option<&'static str>, Refusal> {
    let (kind, rest) = authentication(conn)?;
    if kind == 0 {
        return Ok(Some("trust"));
    }
    if !is_named {
        return Ok(None);
    }
    let Some(password) = password.filter(|_| matches!(kind, 3 | 5 | 10)) else {
        let sentence = match kind {
            3 | 5 | 10 => "the server wants a password for this user, and none is given",
            _ => "the server wants this user to log in in a way that cannot be tested, such as GSSAPI",
        };
        return Err(Failure::Misconfigured(sentence.into()).into());
    };
    let method = match kind {
        10 => {
            scram(conn, password, &rest)?;
            "SCRAM-SHA-256"
        }
        5 => {
            let inner = hex(&digest(HashKind::Md5, format!("{password}{user}").as_bytes()));
            let outer = hex(&digest(HashKind::Md5, &[inner.as_bytes(), &rest].concat()));
            message::send(conn, b'p', format!("md5{outer}\0").as_bytes())?;
            "MD5"
        }
        _ => {
            if password.contains('\0') {
                return Err(Failure::Misconfigured("the password has a NUL in it".into()).into());
            }
            message::send(conn, b'p', format!("{password}\0").as_bytes())?;
            "password"
        }
    };
    match authentication(conn)? {
        (0, _) => Ok(Some(method)),
        (kind, _) => Err(Failure::Protocol(format!("the server goes on with method {kind} after the login")).into()),
    }
}

/// The next message of the server, which must be about who asks: its kind, and what is in it.
fn authentication(conn: &Conn) -> Result<(u32, Vec<u8>), Refusal> {
    for _ in 0..MESSAGES_MAX {
        let Message { tag, content } = message::receive(conn)?;
        match tag {
            b'R' => {
                let Some((kind, rest)) = content.split_first_chunk::<4>() else {
                    return Err(Failure::Protocol("a message of the server ends too early".into()).into());
                };
                return Ok((u32::from_be_bytes(*kind), rest.to_vec()));
            }
            b'E' => return Err(Refusal::Error(error(&content))),
            // Notices, and that the server is older than the client.
            b'N' | b'v' => {}
            _ => break,
        }
    }
    Err(Failure::Protocol("the server does not say how to log in".into()).into())
}

fn scram(conn: &Conn, password: &str, offered: &[u8]) -> Result<(), Refusal> {
    let mut offered = offered.split(|byte| *byte == 0);
    if !offered.any(|method| method == scram::METHOD.as_bytes()) {
        return Err(
            Failure::Misconfigured("the server wants a login by SASL in a way that cannot be tested".into()).into()
        );
    }
    let login = scram::Login::new(password);
    let first = login.first();
    let mut content = scram::METHOD.as_bytes().to_vec();
    content.push(0);
    content.extend((first.len() as u32).to_be_bytes());
    content.extend(first.as_bytes());
    message::send(conn, b'p', &content)?;
    let (kind, challenge) = authentication(conn)?;
    let (answer, proof) = match kind {
        11 => login.answer(&text(&challenge))?,
        kind => return Err(Failure::Protocol(format!("the server goes on with method {kind} within SCRAM")).into()),
    };
    message::send(conn, b'p', answer.as_bytes())?;
    match authentication(conn)? {
        (12, last) if text(&last) == proof => Ok(()),
        (12, _) => Err(Failure::Protocol("the server does not prove that it knows the password".into()).into()),
        (kind, _) => Err(Failure::Protocol(format!("the server goes on with method {kind} within SCRAM")).into()),
    }
}

/// What the server tells until it is ready for a query, and what it is asked then.
fn session(conn: &Conn, method: &str, writable: bool) -> Result<Outcome, Failure> {
    let mut version = String::new();
    until_ready(conn, |message| {
        if let (b'S', Some(told)) = (message.tag, message.content.strip_prefix(b"server_version\0")) {
            version = text(told);
        }
    })?;
    if writable {
        message::send(conn, b'Q', IS_READ_ONLY.as_bytes())?;
        let mut value = None;
        until_ready(conn, |message| {
            // One column, its length, and the value.
            if message.tag == b'D' {
                value = message.content.get(6..).map(text);
            }
        })?;
        match value.as_deref() {
            Some("off") => {}
            Some(found) => {
                let (what, expected) = ("setting transaction_read_only".into(), "off".into());
                return Err(Failure::Mismatch { what, expected, found: found.into() });
            }
            None => fail!("the server does not say whether it takes writes"),
        }
    }
    Ok(ok(format!("it lets the user in, version {version}")).fact("version", version).fact("method", method))
}

/// Reads on until the server is ready for a query. An error ends the check.
fn until_ready(conn: &Conn, mut see: impl FnMut(&Message)) -> Result<(), Failure> {
    for _ in 0..MESSAGES_MAX {
        let message = message::receive(conn)?;
        match message.tag {
            b'Z' => return Ok(()),
            b'E' => return Err(error(&message.content).into()),
            _ => see(&message),
        }
    }
    fail!("the server is not ready for a query after {MESSAGES_MAX} messages")
}

#[cfg(test)]
mod tests;
