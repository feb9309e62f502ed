//! `ruled launch`: the step between ruled and a program that runs as somebody else. ruled starts itself, the copy
//! gives up its rights and becomes the program. So ruled itself never forks its whole memory.
//!
//! ```text
//! ruled launch [--session] [--cgroup DIR] [--pids N] [--uid N] [--gid N] [--umask OCTAL] [--nofile N] -- PROGRAM [ARGUMENT…]
//! ```
//! It is no command for people, and is looked for before the command line is read.

use std::ffi::{CString, OsString};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use nix::unistd::{Gid, Uid, User, initgroups, setgid, setgroups, setuid};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thiserror::Error;

/// The word that leads here.
pub const WORD: &str = "launch";

/// Exit status when the rights cannot be taken, as with env(1): "found but not to be invoked".
const CANNOT_CHANGE: u8 = 126;

/// Exit status when the program cannot be run, as with env(1).
const CANNOT_RUN: u8 = 127;

/// How often it is tried to enter a control group.
const ENTERED_AT_MOST: usize = 3;

/// Why the launch failed.
#[derive(Debug, Error)]
enum LaunchError {
    #[error(
        "usage: ruled launch [--session] [--cgroup DIR] [--pids N] [--uid N] [--gid N] [--umask OCTAL] [--nofile N] -- PROGRAM [ARGUMENT…]"
    )]
    Usage,
    #[error("cannot begin a session: {reason}")]
    Session { reason: String },
    #[error("cannot run as {what} {number}: {reason}")]
    Refused { what: &'static str, number: u32, reason: String },
    #[error("cannot run {program}: {reason}")]
    Run { program: String, reason: String },
}

/// What is to be changed before the program runs.
#[derive(Debug, Default)]
struct Changes {
    session: bool,
    uid: Option<u32>,
    gid: Option<u32>,
    umask: Option<u32>,
    nofile: Option<u64>,
    cgroup: Option<PathBuf>,
    pids: Option<u32>,
}

/// Changes what the arguments behind the word `launch` say and becomes the program. It comes back only when that
/// fails, with the reason on standard error and 126 or 127 as the exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let error = match run(arguments.into_iter()) {
        Ok(never) => match never {},
        Err(error) => error,
    };
    eprintln!("ruled: {error}");
    ExitCode::from(match error {
        LaunchError::Run { .. } => CANNOT_RUN,
        LaunchError::Usage | LaunchError::Session { .. } | LaunchError::Refused { .. } => CANNOT_CHANGE,
    })
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<std::convert::Infallible, LaunchError> {
    let changes = changes(&mut arguments)?;
    let program = arguments.next().ok_or(LaunchError::Usage)?;
    let mut command = Command::new(&program);
    command.args(arguments);
    changes.apply(&mut command)?;
    let error = command.exec();
    Err(LaunchError::Run { program: program.to_string_lossy().into_owned(), reason: crate::words::reason(&error) })
}

fn changes(arguments: &mut impl Iterator<Item = OsString>) -> Result<Changes, LaunchError> {
    let mut changes = Changes::default();
    loop {
        let name = arguments.next().ok_or(LaunchError::Usage)?;
        if name == "--" {
            return Ok(changes);
        }
        if name == "--session" {
            changes.session = true;
            continue;
        }
        let value = arguments.next().ok_or(LaunchError::Usage)?;
        if name == "--cgroup" {
            changes.cgroup = Some(PathBuf::from(value));
            continue;
        }
        let value = value.to_str().ok_or(LaunchError::Usage)?;
        let number = || value.parse().map_err(|_| LaunchError::Usage);
        match name.to_str() {
            Some("--uid") => changes.uid = Some(number()?),
            Some("--gid") => changes.gid = Some(number()?),
            Some("--pids") => changes.pids = Some(number()?),
            Some("--umask") => {
                changes.umask = Some(u32::from_str_radix(value, 8).map_err(|_| LaunchError::Usage)?);
            }
            Some("--nofile") => changes.nofile = Some(value.parse().map_err(|_| LaunchError::Usage)?),
            _ => return Err(LaunchError::Usage),
        }
    }
}

impl Changes {
    /// Group before user, because the right to change groups goes with the user; a failure of any step ends it.
    fn apply(&self, command: &mut Command) -> Result<(), LaunchError> {
        if let Some(folder) = &self.cgroup {
            // Without a group it runs all the same: it is only not found as a whole when it has to end.
            enter(folder, self.pids);
        }
        if self.session {
            let failed =
                |error: rustix::io::Errno| LaunchError::Session { reason: crate::words::reason(&error.into()) };
            rustix::process::setsid().map_err(failed)?;
        }
        if let Some(soft) = self.nofile {
            let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
            setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum })
                .map_err(|error| refused("a process with a limit of descriptors of", 0, error.into()))?;
        }
        if let Some(mask) = self.umask {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
        }
        // A user that nobody entered in the table of users has no other groups and no home.
        let user = self.uid.and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten());
        let gid = self.gid.or(user.as_ref().map(|user| user.gid.as_raw()));
        if let Some(uid) = self.uid {
            let group = Gid::from_raw(gid.unwrap_or(uid));
            let name = user.as_ref().and_then(|user| CString::new(user.name.as_str()).ok());
            match name {
                Some(name) => initgroups(&name, group),
                None => setgroups(&[group]),
            }
            .map_err(|error| refused("user", uid, error.into()))?;
        } else if let Some(gid) = self.gid {
            setgroups(&[Gid::from_raw(gid)]).map_err(|error| refused("group", gid, error.into()))?;
        }
        if let Some(gid) = gid {
            setgid(Gid::from_raw(gid)).map_err(|error| refused("group", gid, error.into()))?;
        }
        if let Some(uid) = self.uid {
            setuid(Uid::from_raw(uid)).map_err(|error| refused("user", uid, error.into()))?;
        }
        if let Some(user) = user {
            command.env("HOME", user.dir).env("USER", &user.name).env("LOGNAME", &user.name);
        }
        Ok(())
    }
}

/// Makes a control group and becomes its first process (cgroups(7)). Whoever sweeps away groups in which nobody is may come
/// in between, which is why it is tried again.
fn enter(folder: &Path, pids: Option<u32>) {
    for _ in 0..ENTERED_AT_MOST {
        std::fs::create_dir_all(folder).ok();
        if let Some(most) = pids {
            // The file is there only where the controller is.
            OpenOptions::new()
                .write(true)
                .open(folder.join("pids.max"))
                .and_then(|mut file| file.write_all(most.to_string().as_bytes()))
                .ok();
        }
        if std::fs::write(folder.join("cgroup.procs"), "0").is_ok() {
            return;
        }
    }
}

fn refused(what: &'static str, number: u32, error: std::io::Error) -> LaunchError {
    LaunchError::Refused { what, number, reason: crate::words::reason(&error) }
}
