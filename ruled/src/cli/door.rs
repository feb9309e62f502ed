//! How commands reach a daemon: which one is meant, and what is said when there is none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::{ERRORS, UNUSABLE, rules};
use crate::control::client::{Client, ClientError};
use crate::control::place::{self, Environment};
use crate::control::protocol::{Ask, Says, WAIT_MS_MAX, Waiting};

/// How long a daemon may take to answer what needs no waiting.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How much longer than asked is waited for the answer that it took too long.
const MARGIN: Duration = Duration::from_secs(20);

/// Which daemon is meant.
#[derive(Args)]
pub(super) struct Door {
    /// The rules whose ruled is meant; the customary file when absent.
    #[arg(short = 'c', long, value_name = "PATH")]
    config: Option<String>,
    /// The socket of the ruled that is meant.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    socket: Option<PathBuf>,
    /// Prints what the daemon answers: JSON, one object per line.
    #[arg(long)]
    pub(super) json: bool,
}

/// How long a command waits.
#[derive(Args)]
pub(super) struct Patience {
    /// Waits no longer than this, in seconds (at most 3600); what was begun goes on.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=WAIT_MS_MAX / 1000))]
    timeout: Option<u64>,
}

impl Patience {
    /// As it is said to the daemon.
    pub(super) fn waiting(&self) -> Waiting {
        Waiting { wait_ms: self.timeout.map(|seconds| seconds.saturating_mul(1000)) }
    }

    /// How long the answer is waited for.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(WAIT_MS_MAX).min(self.timeout.map_or(Duration::MAX, Duration::from_secs)) + MARGIN
    }
}

impl Door {
    /// Asks the daemon; the error is the exit status, and was explained.
    pub(super) fn ask(&self, ask: Ask, patience: Option<Duration>) -> Result<Client, u8> {
        let (socket, rules) = self.place()?;
        Client::ask(&socket, ask, patience).map_err(|error| match (&error, &rules) {
            (ClientError::Nobody(_), Some(rules)) => {
                eprintln!("ruled: no ruled runs for {rules}; start it with `ruled run {rules}`, or name another with --config or --socket");
                UNUSABLE
            }
            _ => explain(&error),
        })
    }

    /// The only answer to a question. With `--json` it was printed, and there is nothing more to do.
    pub(super) fn answer(&self, ask: Ask, patience: Duration) -> Result<Says, u8> {
        let mut client = self.ask(ask, Some(patience))?;
        self.next(&mut client)?.ok_or_else(|| explain(&client.closed()))
    }

    /// The next answer, printed as it came where that is wanted.
    pub(super) fn next(&self, client: &mut Client) -> Result<Option<Says>, u8> {
        let line = client.line().map_err(|error| explain(&error))?;
        let Some(line) = line else { return Ok(None) };
        if self.json {
            super::print(&(line.clone() + "\n"));
        }
        match client.read(&line) {
            Ok(says) => Ok(Some(says)),
            // The reason was printed.
            Err(ClientError::Refused(_)) if self.json => Err(ERRORS),
            Err(error) => Err(explain(&error)),
        }
    }

    /// The socket, and the rules where these were named.
    fn place(&self) -> Result<(PathBuf, Option<String>), u8> {
        if let Some(socket) = &self.socket {
            return Ok((socket.clone(), None));
        }
        let rules = rules::paths(self.config.iter().cloned().collect())?.into_iter().next().unwrap_or_default();
        match place::of(Path::new(&rules), &Environment::own()) {
            Some(place) => Ok((place.socket, Some(rules))),
            None => {
                eprintln!("ruled: there is no customary place for the socket of {rules}; name it with --socket FILE");
                Err(UNUSABLE)
            }
        }
    }
}

/// Says what went wrong; the exit status that it amounts to.
pub(super) fn explain(error: &ClientError) -> u8 {
    eprintln!("ruled: {error}");
    match error {
        ClientError::Refused(_) => ERRORS,
        ClientError::Nobody(_) | ClientError::Forbidden(_) | ClientError::Broken { .. } | ClientError::Strange(_) => {
            UNUSABLE
        }
    }
}

/// Says that the answer was another than the question asks for.
pub(super) fn odd() -> u8 {
    eprintln!("ruled: the answer belongs to another question; the daemon may be of another version");
    UNUSABLE
}
