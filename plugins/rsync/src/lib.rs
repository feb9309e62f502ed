//! The stock probe for the rsync daemon: greetings, and then the list of modules, or the way into one of them
//! (`csprotocol.txt` of the rsync sources). No file is listed or transferred.

use ruled_plugin::*;

/// What both greetings and all words of the server begin with that are no text for people.
const WORD: &str = "@RSYNCD: ";
const ERROR: &str = "@ERROR";

/// Servers of a later version speak this one, too; from 32 on clients must offer digests of their own.
const VERSION: u32 = 31;
/// From here on passwords are proved by MD5; before it was MD4.
const VERSION_OF_MD5: u32 = 30;

/// The longest line that a daemon writes, of a module or of the message of the day.
const LINE_BYTES_MAX: u32 = 4_096;
/// Modules, and lines of the message of the day.
const LINES_MAX: usize = 2_000;

/// In a list of modules the name is filled up to so many letters, and a tabulator follows.
const NAME_LETTERS: usize = 15;

struct Rsync;

impl Probe for Rsync {
    fn describe() -> Describe {
        Describe::new("rsync", "An rsync daemon that lists its modules, or opens one")
            .version(env!("CARGO_PKG_VERSION"))
            .port(873)
            .page(
                "Answers the greeting (`@RSYNCD:`) and asks for the list of modules (`#list`), which must come to its \
                 end (`@RSYNCD: EXIT`). No file is listed or transferred.\n\n\
                 With a module it asks for that one instead, and the daemon must open it (`@RSYNCD: OK`) or want a \
                 password (`@RSYNCD: AUTHREQD`). Where a user is given, the password must be right. A module that is \
                 not there, refuses this host or has too many connections (`@ERROR`) fails. The connection ends there, \
                 which the daemon may note in its log.\n\n\
                 Specified in `csprotocol.txt` of the rsync sources.",
            )
            .option("module", OptionType::Text, "The module to open; without one the modules are listed")
            .option("username", OptionType::Text, "The user of the module to log in as")
            .option("password", OptionType::Secret, "The password to log in with; it is proved, and not sent")
            .metric("modules", MetricKind::Gauge, "Modules in the list, where no module is opened")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let module = options.text("module");
        let username = options.text("username");
        if let Some(sentence) = mistake(module, username, options.secret("password")) {
            return Err(Failure::Misconfigured(sentence.into()));
        }
        let (version, written) = greeting(conn)?;
        let outcome = match module {
            None => {
                let modules = list(conn)?;
                let word = if modules == 1 { "module" } else { "modules" };
                ok(format!("it lists {modules} {word}")).metric("modules", modules as f64)
            }
            Some(module) => {
                let password = options.secret("password").unwrap_or_default();
                let opened = open(conn, version, module, username.map(|username| (username, password)));
                ok(opened.map_err(|failure| failure.without(&[password]))?)
            }
        };
        outcome.fact("protocol", written).into()
    }
}
probe!(Rsync);

/// What is wrong with the settings, if anything is.
fn mistake(module: Option<&str>, username: Option<&str>, password: Option<&str>) -> Option<&'static str> {
    let blank = |text: &str| text.chars().any(|letter| letter.is_control() || letter == ' ');
    match (module, username) {
        (None, Some(_)) => Some("users belong to modules, and none is named"),
        (_, None) if password.is_some() => Some("a password belongs to a user, and none is named"),
        (Some(module), _) if module.is_empty() || module.starts_with('#') => Some("no module has a name like that"),
        (Some(module), _) if module.chars().any(char::is_control) => Some("no module has a name like that"),
        (_, Some(username)) if username.is_empty() || blank(username) => Some("no user has a name like that"),
        _ => None,
    }
}

/// Greets, and returns the version that is spoken and the one that the server wrote.
fn greeting(conn: &Conn) -> Result<(u32, String), Failure> {
    let line = line(conn)?;
    refusal(&line)?;
    let written = line.strip_prefix(WORD).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let number = written.split('.').next().and_then(|number| number.parse::<u32>().ok());
    let Some(number) = number.filter(|number| *number > 0) else {
        fail!("the server greets with {}, and not as an rsync daemon does (@RSYNCD: 31.0)", excerpt(&line));
    };
    let version = number.min(VERSION);
    // Old ones know no second number, and later ones insist on it.
    let tail = if version < VERSION_OF_MD5 { "" } else { ".0" };
    conn.send(format!("{WORD}{version}{tail}\n"))?;
    Ok((version, written.to_owned()))
}

/// How many modules the server lists.
fn list(conn: &Conn) -> Result<usize, Failure> {
    conn.send("#list\n")?;
    let mut modules = 0;
    for _ in 0..LINES_MAX {
        let line = line(conn)?;
        refusal(&line)?;
        match line.strip_prefix(WORD) {
            Some("EXIT") => return Ok(modules),
            Some(word) => fail!("the server answers the request for its modules with {word:?}"),
            None => modules += usize::from(line.find('\t').is_some_and(|place| place >= NAME_LETTERS)),
        }
    }
    fail!("the server lists more than {LINES_MAX} lines")
}

/// Asks for a module, and says how it is reached.
fn open(conn: &Conn, version: u32, module: &str, login: Option<(&str, &str)>) -> Result<String, Failure> {
    conn.send(format!("{module}\n"))?;
    let word = word(conn)?;
    if word == "OK" {
        return Ok(format!("the module {module} is open"));
    }
    let Some(challenge) = word.strip_prefix("AUTHREQD ") else {
        fail!("the server answers the request for a module with {word:?}");
    };
    let Some((username, password)) = login else {
        return Ok(format!("the module {module} wants a password"));
    };
    ensure!(
        version >= VERSION_OF_MD5,
        "the server is older than rsync 3.0, and proofs of passwords for it are not known"
    );
    let proof = digest(HashKind::Md5, &[password.as_bytes(), challenge.as_bytes()].concat());
    conn.send(format!("{username} {}\n", base64::encode(&proof).trim_end_matches('=')))?;
    match self::word(conn)?.as_str() {
        "OK" => Ok(format!("the module {module} lets {username} in")),
        word => fail!("the server answers a login with {word:?}"),
    }
}

/// The next word of the server; the message of the day is passed over.
fn word(conn: &Conn) -> Result<String, Failure> {
    for _ in 0..LINES_MAX {
        let line = line(conn)?;
        refusal(&line)?;
        if let Some(word) = line.strip_prefix(WORD) {
            return Ok(word.to_owned());
        }
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}

/// An error where the line says that the server does not want to.
fn refusal(line: &str) -> Result<(), Failure> {
    match line.strip_prefix(ERROR) {
        Some(rest) => Err(Failure::Rejected(rest.trim_start_matches(':').trim().to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
