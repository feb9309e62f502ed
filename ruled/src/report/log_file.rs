//! The log: a file that is appended to, or the system's log.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use interpreter::program::LogTarget;
use jiff::tz::TimeZone;
use thiserror::Error;

use super::appended;
use super::line::Line;
use super::syslog::Syslog;

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
    /// The system's log.
    Syslog(Syslog),
}

impl Log {
    /// The log that the rules name. It is opened with the first line.
    pub fn new(target: Option<&LogTarget>) -> Log {
        match target {
            None => Log::None,
            Some(LogTarget::File(path)) => Log::File(path.clone(), None),
            Some(LogTarget::Syslog(name)) => Log::Syslog(Syslog::new(name.as_deref())),
        }
    }

    /// Lets the file go, so that the next line opens it anew: after a rotation.
    pub fn reopen(&mut self) {
        match self {
            Log::None => {}
            Log::File(_, file) => *file = None,
            Log::Syslog(syslog) => syslog.close(),
        }
    }

    /// Appends a line.
    pub fn write(&mut self, line: &Line, zone: &TimeZone) -> Result<(), LogError> {
        let (path, result) = match self {
            Log::None => return Ok(()),
            Log::File(path, file) => (path.as_str(), append(path, file, &line.render(zone))),
            Log::Syslog(syslog) => {
                let sent = syslog.send(line, zone);
                (syslog.path(), sent)
            }
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
        None => file.insert(appended::open(Path::new(path), 0o640)?),
    };
    // One write for the whole line, so that lines of others in the same file stay whole.
    file.write_all(format!("{line}\n").as_bytes())
}
