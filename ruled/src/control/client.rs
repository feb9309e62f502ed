//! The other side of the door: asks a daemon and reads its answers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

use super::protocol::{ANSWER_BYTES_MAX, Ask, Request, Says, VERSION};
use crate::words::{clean, reason};

/// How long a daemon may take to take a request.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("nobody listens on {0}")]
    Nobody(String),
    /// Nobody may ask but the daemon's user and root.
    #[error("the ruled behind {0} belongs to another user; ask as that user or as root")]
    Forbidden(String),
    /// It went wrong on the way.
    #[error("cannot talk to the ruled behind {path}: {reason}")]
    Broken {
        /// The socket.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The daemon says no.
    #[error("{0}")]
    Refused(String),
    /// What came is no answer.
    #[error("what listens on {0} does not answer as ruled does")]
    Strange(String),
}

/// A conversation with a daemon.
pub struct Client {
    path: String,
    answers: BufReader<UnixStream>,
}

impl Client {
    /// Asks; answers are waited for `patience` long each, and for ever without.
    pub fn ask(path: &Path, ask: Ask, patience: Option<Duration>) -> Result<Client, ClientError> {
        let shown = path.display().to_string();
        let stream = UnixStream::connect(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ClientError::Nobody(shown.clone()),
            io::ErrorKind::PermissionDenied => ClientError::Forbidden(shown.clone()),
            _ => ClientError::Broken { path: shown.clone(), reason: reason(&error) },
        })?;
        let mut client = Client { path: shown, answers: BufReader::new(stream) };
        let mut line = serde_json::to_vec(&Request { ruled: VERSION, ask }).map_err(|_| client.strange())?;
        line.push(b'\n');
        let stream = client.answers.get_mut();
        let sent = stream
            .set_write_timeout(Some(WRITE_PATIENCE))
            .and_then(|()| stream.set_read_timeout(patience))
            .and_then(|()| stream.write_all(&line));
        match sent {
            // A daemon that lets nobody in says so before it closes.
            Ok(()) => Ok(client),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(client),
            Err(error) => Err(client.broken(&error)),
        }
    }

    /// The next line of the answer as it came, without its end; nothing when the daemon has closed.
    pub fn line(&mut self) -> Result<Option<String>, ClientError> {
        let mut line = Vec::new();
        let read = self.answers.by_ref().take(ANSWER_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line);
        match read {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Err(ClientError::Broken { path: self.path.clone(), reason: "it does not answer in time".to_owned() })
            }
            Err(error) => Err(self.broken(&error)),
            Ok(0) => Ok(None),
            Ok(_) if line.pop_if(|last| *last == b'\n').is_none() => Err(self.strange()),
            Ok(_) => String::from_utf8(line).map(Some).map_err(|_| self.strange()),
        }
    }

    /// What a line says; a refusal is an error.
    pub fn read(&self, line: &str) -> Result<Says, ClientError> {
        match Says::read(line) {
            Ok(Says::Refused { reason }) => Err(ClientError::Refused(clean(&reason))),
            Ok(says) => Ok(says),
            Err(_) => Err(self.strange()),
        }
    }

    /// That the daemon closed before it had answered.
    pub fn closed(&self) -> ClientError {
        ClientError::Broken { path: self.path.clone(), reason: "it closed before it had answered".to_owned() }
    }

    fn broken(&self, error: &io::Error) -> ClientError {
        ClientError::Broken { path: self.path.clone(), reason: reason(error) }
    }

    fn strange(&self) -> ClientError {
        ClientError::Strange(self.path.clone())
    }
}
