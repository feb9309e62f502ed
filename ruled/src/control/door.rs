//! The socket and the lock, made with care: the folder is private, nothing foreign is followed or replaced, and a second daemon
//! for the same rules is refused.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::stat::{Mode, umask};
use thiserror::Error;

use super::place::Place;
use crate::words::reason;

/// The longest path of a socket, in bytes (unix(7)).
const PATH_BYTES_MAX: usize = 107;

/// The longest that a lock or a pid file is read, in bytes.
const NUMBER_BYTES_MAX: u64 = 32;

/// Why there is no door.
#[derive(Debug, Error)]
pub enum DoorError {
    /// Another daemon runs these rules.
    #[error(
        "another ruled{} runs {rules} already; end it with `ruled quit --config {rules}`, or look beside it with \
         `ruled run --dry`",
        named(.pid)
    )]
    Held {
        /// The rules.
        rules: String,
        /// The number of its process, where it could be read.
        pid: Option<u32>,
    },
    /// Another program listens there.
    #[error("another program listens on {0}; name another place with --socket FILE")]
    Listened(String),
    /// Something is in the way.
    #[error(
        "{path} is {what}, which ruled neither follows nor replaces; take it away, or name another place with --socket FILE"
    )]
    Foreign {
        /// Where.
        path: String,
        /// What is there.
        what: &'static str,
    },
    /// The folder is not private.
    #[error(
        "{0} can be written to by others, so no door is made in it; make it private (mode 0700), or name another place with --socket FILE"
    )]
    Open(String),
    /// The path is too long.
    #[error(
        "{0} is longer than the {PATH_BYTES_MAX} bytes that a socket's path may have; name a shorter one with --socket FILE"
    )]
    Long(String),
    /// The system says no.
    #[error("cannot make {path}: {reason}")]
    System {
        /// What was to be made.
        path: String,
        /// The system's words.
        reason: String,
    },
}

fn named(pid: &Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (pid {pid})"))
}

/// How long a lock is waited for: a ruled that was killed may leave a program behind that has not yet become itself, and holds
/// the lock for that moment.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// The lock that says that these rules are run. It is given back when it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock for these rules, and writes into it whose it is.
    pub fn take(place: &Place, rules: &str) -> Result<Lock, DoorError> {
        make_folder(&place.lock)?;
        refuse_foreign(&place.lock, "a lock", fs::FileType::is_file)?;
        let failed = |error: io::Error| system(&place.lock, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(NOFOLLOW);
        let mut file = options.open(&place.lock).map_err(failed)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_PATIENCE => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(DoorError::Held { rules: rules.to_owned(), pid: number(&mut file) });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
        Ok(Lock(file))
    }

    /// Whether the file is still open, which holds the lock.
    pub fn is_held(&self) -> bool {
        self.0.metadata().is_ok()
    }
}

/// Symbolic links are not followed.
const NOFOLLOW: i32 = nix::fcntl::OFlag::O_NOFOLLOW.bits();

/// The number that a file begins with.
fn number(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(NUMBER_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The socket on which the daemon listens. It is taken away when this is dropped.
#[derive(Debug)]
pub struct Door {
    listener: Option<UnixListener>,
    path: PathBuf,
    /// The number of the file, so that nobody else's is taken away.
    inode: u64,
}

impl Door {
    /// Makes the socket, with mode 0600. What a dead daemon left is replaced.
    ///
    /// To be called while the process has one thread, because for a moment no file is made that others may read.
    pub fn open(path: &Path) -> Result<Door, DoorError> {
        if path.as_os_str().len() > PATH_BYTES_MAX {
            return Err(DoorError::Long(path.display().to_string()));
        }
        make_folder(path)?;
        refuse_foreign(path, "a socket", |kind| kind.is_socket())?;
        let failed = |error: io::Error| system(path, &error);
        if path.symlink_metadata().is_ok() {
            match UnixStream::connect(path) {
                Ok(_) => return Err(DoorError::Listened(path.display().to_string())),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    fs::remove_file(path).map_err(failed)?
                }
                Err(error) => return Err(failed(error)),
            }
        }
        let before = umask(Mode::from_bits_truncate(0o177));
        let bound = UnixListener::bind(path);
        umask(before);
        let listener = bound.map_err(failed)?;
        let inode = path.symlink_metadata().map_err(failed)?.ino();
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Door { listener: Some(listener), path: path.to_path_buf(), inode })
    }

    /// The listener; once.
    pub fn listener(&mut self) -> Option<UnixListener> {
        self.listener.take()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // Whoever put another file there wants to keep it.
        if self.path.symlink_metadata().is_ok_and(|found| found.ino() == self.inode) {
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Makes the folder of a file, private; one that is there must not be open to others.
fn make_folder(file: &Path) -> Result<(), DoorError> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    if let Err(error) = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        return Err(system(folder, &error));
    }
    let found = folder.metadata().map_err(|error| system(folder, &error))?;
    let (own, mode) = (nix::unistd::geteuid().as_raw(), found.permissions().mode());
    // In a sticky folder nobody takes away or renames the files of others.
    let is_private = mode & 0o022 == 0 || mode & 0o1000 != 0;
    if !is_private || ![0, own].contains(&found.uid()) {
        return Err(DoorError::Open(folder.display().to_string()));
    }
    Ok(())
}

/// Refuses whatever is there and is not of ours and of the right kind.
fn refuse_foreign(path: &Path, wanted: &str, fits: impl Fn(&fs::FileType) -> bool) -> Result<(), DoorError> {
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(system(path, &error)),
    };
    let what = match found.file_type() {
        kind if kind.is_symlink() => "a symbolic link",
        kind if !fits(&kind) => {
            if wanted == "a lock" {
                "no lock of ruled"
            } else {
                "no socket"
            }
        }
        _ if found.uid() != nix::unistd::geteuid().as_raw() => "somebody else's",
        _ => return Ok(()),
    };
    Err(DoorError::Foreign { path: path.display().to_string(), what })
}

fn system(path: &Path, error: &io::Error) -> DoorError {
    DoorError::System { path: path.display().to_string(), reason: reason(error) }
}
