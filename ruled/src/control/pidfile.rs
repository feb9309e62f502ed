//! The pid file of `set pidfile`: written when ruled runs, taken away when it ends, and refused where another process holds it.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::observe::procfs;
use crate::words::{name, reason};

/// How much of a pid file is read, in bytes.
const NUMBER_BYTES_MAX: u64 = 64;

/// How much later than its pid file a process may have been started and still be the one that is meant, in seconds: times of
/// processes are exact to a tick, and clocks are set.
const SLACK_S: f64 = 2.0;

/// Why a pid file is not ours.
#[derive(Debug, Error)]
pub enum PidfileError {
    /// A process that lives is named there.
    #[error(
        "{path} belongs to {process} (pid {pid}), which runs; end it first, name another file with `set pidfile`, or look beside \
         it with `ruled run --dry`"
    )]
    Held {
        /// The pid file.
        path: String,
        /// What the process is called.
        process: String,
        /// Its number.
        pid: u32,
    },
    /// It cannot be written.
    #[error("cannot write the pid file {path}: {reason}")]
    Write {
        /// The pid file.
        path: String,
        /// The system's words.
        reason: String,
    },
}

/// Our number, written down. It is taken away when this is dropped.
#[derive(Debug)]
pub struct Pidfile(PathBuf);

impl Pidfile {
    /// Writes the number of this process there.
    pub fn write(path: &Path) -> Result<Pidfile, PidfileError> {
        refuse_held(path)?;
        let failed =
            |error: std::io::Error| PidfileError::Write { path: path.display().to_string(), reason: reason(&error) };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o644);
        // A link that somebody else made is not followed.
        options.custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits() | nix::fcntl::OFlag::O_NONBLOCK.bits());
        let mut file = options.open(path).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Pidfile(path.to_path_buf()))
    }
}

impl Drop for Pidfile {
    fn drop(&mut self) {
        if number(&self.0) == Some(std::process::id()) {
            fs::remove_file(&self.0).ok();
        }
    }
}

/// Refuses a pid file that names a process that lives and is older than the file: a younger one was given the number since.
pub fn refuse_held(path: &Path) -> Result<(), PidfileError> {
    let Some(pid) = number(path).filter(|pid| *pid != std::process::id()) else { return Ok(()) };
    let Ok(Some(stat)) = procfs::process(pid) else { return Ok(()) };
    if stat.has_ended() || is_younger(stat.start_ticks, path) {
        return Ok(());
    }
    Err(PidfileError::Held { path: path.display().to_string(), process: name(&stat.name), pid })
}

/// The number in a pid file; nothing where it is none.
fn number(path: &Path) -> Option<u32> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    let mut text = String::new();
    options.open(path).ok()?.take(NUMBER_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Whether a process was started after the file was written. Where nobody can tell, it was not.
fn is_younger(start_ticks: u64, path: &Path) -> bool {
    let Ok(written) = fs::metadata(path) else { return false };
    #[expect(clippy::cast_precision_loss, reason = "ticks and seconds of a lifetime fit")]
    let written_s = crate::report::wall_now().0 as f64 / 1_000_000.0 - written.mtime() as f64;
    procfs::age(start_ticks).as_secs_f64() + SLACK_S < written_s
}
