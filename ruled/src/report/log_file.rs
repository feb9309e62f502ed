//! The log: a file that is appended to, or the system's log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;

use interpreter::program::LogTarget;
use jiff::tz::TimeZone;
use thiserror::Error;

use super::line::{Line, time};

/// Where the system's log takes datagrams (syslog(3)).
const SYSLOG_SOCKET: &str = "/dev/log";

/// Syslog's facility `user`, Monit's default.
const FACILITY_USER: u8 = 1;

/// Why the log could not be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot write {path}: {reason}")]
pub struct LogError {
    /// The file or socket.
    path: String,
    /// The system's words.
    reason: String,
}

/// The log beside standard error.
#[derive(Debug)]
pub enum Log {
    /// None.
    None,
    /// A file, open while it can be.
    File(String, Option<File>),
    /// The system's log, with this facility.
    Syslog(u8, Option<UnixDatagram>),
}

impl Log {
    /// The log that the rules name. It is opened with the first line.
    pub fn new(target: Option<&LogTarget>) -> Log {
        match target {
            None => Log::None,
            Some(LogTarget::File(path)) => Log::File(path.clone(), None),
            Some(LogTarget::Syslog(name)) => {
                Log::Syslog(name.as_deref().and_then(facility).unwrap_or(FACILITY_USER), None)
            }
        }
    }

    /// Lets the file go, so that the next line opens it anew: after a rotation.
    pub fn reopen(&mut self) {
        match self {
            Log::None => {}
            Log::File(_, file) => *file = None,
            Log::Syslog(_, socket) => *socket = None,
        }
    }

    /// Appends a line.
    pub fn write(&mut self, line: &Line, zone: &TimeZone) -> Result<(), LogError> {
        let (path, result) = match self {
            Log::None => return Ok(()),
            Log::File(path, file) => (path.as_str(), append(path, file, &line.render(zone))),
            Log::Syslog(facility, socket) => (SYSLOG_SOCKET, send(*facility, socket, line, zone)),
        };
        let failed = result.map_err(|error| LogError { path: path.to_owned(), reason: crate::words::reason(&error) });
        if failed.is_err() {
            self.reopen();
        }
        failed
    }
}

fn append(path: &str, file: &mut Option<File>, line: &str) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        // The log names services, programs and what they print: nobody else's business.
        None => file.insert(OpenOptions::new().append(true).create(true).mode(0o640).open(path)?),
    };
    // One write for the whole line, so that lines of others in the same file stay whole.
    file.write_all(format!("{line}\n").as_bytes())
}

fn send(facility: u8, socket: &mut Option<UnixDatagram>, line: &Line, zone: &TimeZone) -> io::Result<()> {
    let socket = match socket {
        Some(socket) => socket,
        None => {
            let fresh = UnixDatagram::unbound()?;
            fresh.connect(SYSLOG_SOCKET)?;
            // A log that does not read must not hold up the reports.
            fresh.set_nonblocking(true)?;
            socket.insert(fresh)
        }
    };
    // The form of RFC 3164, as the C library sends it.
    let priority = facility * 8 + line.level.severity();
    let when = time(line.at, zone, "%b %e %H:%M:%S");
    socket.send(format!("<{priority}>{when} ruled[{}]: {}", std::process::id(), line.text).as_bytes()).map(drop)
}

/// The number of a facility of syslog(3), written with or without `log_`.
fn facility(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("log_").unwrap_or(&name);
    let fixed = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];
    let number = match name.strip_prefix("local") {
        Some(digit) => digit.parse::<usize>().ok().filter(|digit| *digit < 8).map(|digit| 16 + digit),
        None => fixed.iter().position(|known| *known == name),
    };
    number.and_then(|number| u8::try_from(number).ok())
}
