//! The system's log: one datagram for each line, in the form in which the C library sends it.
//!
//! Whoever reads there may be gone, start again, or not read: it is never waited for.

use std::io;
use std::os::unix::net::UnixDatagram;

use jiff::tz::TimeZone;

use super::line::{Line, time};

/// Where the system's log takes datagrams (syslog(3)).
const SOCKET: &str = "/dev/log";

/// Names another socket than [`SOCKET`], for tests.
const SOCKET_ELSEWHERE: &str = "RULED_SYSLOG_SOCKET";

/// Syslog's facility `user`, Monit's default.
const FACILITY_USER: u8 = 1;

/// The system's log, as somebody who writes to it.
#[derive(Debug)]
pub struct Syslog {
    path: String,
    facility: u8,
    socket: Option<UnixDatagram>,
}

impl Syslog {
    /// The log with the facility of this name, or with that for programs of users. It is opened with the first line.
    pub fn new(name: Option<&str>) -> Syslog {
        let elsewhere = std::env::var(SOCKET_ELSEWHERE).ok().filter(|path| !path.is_empty());
        Syslog::at(elsewhere.unwrap_or_else(|| SOCKET.to_owned()), name)
    }

    /// The same at this socket.
    pub fn at(path: String, name: Option<&str>) -> Syslog {
        Syslog { path, facility: name.and_then(facility).unwrap_or(FACILITY_USER), socket: None }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Lets the socket go, so that the next line opens it anew.
    pub fn close(&mut self) {
        self.socket = None;
    }

    /// Sends a line. One that was started again since the last line is found again.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there does not read; the line is lost then.
    pub fn send(&mut self, line: &Line, zone: &TimeZone) -> io::Result<()> {
        // RFC 3164, section 4.1; the name of the machine is left to whoever reads.
        let priority = self.facility * 8 + line.level.severity();
        let when = time(line.at, zone, "%b %e %H:%M:%S");
        let text = format!("<{priority}>{when} ruled[{}]: {}", std::process::id(), line.text);
        let was_open = self.socket.is_some();
        match self.send_once(text.as_bytes()) {
            // What is bound there now is another socket than the one that is open.
            Err(error) if was_open && error.kind() != io::ErrorKind::WouldBlock => {
                self.close();
                self.send_once(text.as_bytes())
            }
            sent => sent,
        }
    }

    fn send_once(&mut self, text: &[u8]) -> io::Result<()> {
        let socket = match &self.socket {
            Some(socket) => socket,
            None => {
                let fresh = UnixDatagram::unbound()?;
                // A log that does not read must not hold up the reports.
                fresh.set_nonblocking(true)?;
                fresh.connect(&self.path)?;
                self.socket.insert(fresh)
            }
        };
        socket.send(text).map(drop)
    }
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
