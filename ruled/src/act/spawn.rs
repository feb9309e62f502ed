//! Runs a program: no shell, a process group of its own, nothing on standard input, output into a pipe, no signal blocked or
//! ignored, no descriptor of ruled's.
//!
//! The standard library spawns by `posix_spawn` as long as neither user nor group is changed, which costs the same
//! however large ruled is; who runs as somebody else goes through [`super::launch`], and so does who is to have another
//! umask than ruled, or a session of its own: no safe call of the standard library gives either.

use std::ffi::OsString;
use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, getrlimit, pidfd_open, prlimit};
use thiserror::Error;

use super::identity::{IdentityError, RunAs};
use super::launch;

/// Why a program could not be run.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// There is no such user or group.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The command has no words.
    #[error("the command is empty")]
    Empty,
    /// The system refused.
    #[error("cannot run {program}: {reason}")]
    Run {
        /// The program.
        program: String,
        /// The system's words.
        reason: String,
    },
}

/// How programs are run.
#[derive(Debug, Clone)]
pub struct Spawner {
    /// ruled's own executable, for [`super::launch`].
    pub launcher: PathBuf,
    /// The soft limit of descriptors to give back to programs, where ruled has raised its own.
    pub nofile: Option<u64>,
    /// What else programs find.
    pub manner: Manner,
}

/// What programs find beside their environment, where it is not what ruled has itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manner {
    /// The folder in which they begin.
    pub folder: Option<PathBuf>,
    /// Which rights are taken from files that they make (umask(2)).
    pub umask: Option<u32>,
    /// Whether each needs a session of its own (setsid(2)), because ruled has a terminal: it is neither stopped nor ended
    /// from there.
    pub needs_session: bool,
}

/// A control group that a program is to have from its beginning (cgroups(7), version 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its folder, which is made for it.
    pub folder: PathBuf,
    /// How many processes and threads there may be in it, where the kernel counts them.
    pub pids_max: Option<u32>,
}

/// A program that runs.
#[derive(Debug)]
pub struct Child {
    /// Its number, which is also that of its process group.
    pub pid: Pid,
    /// A handle on it; absent where the kernel has no pidfds.
    pub pidfd: Option<OwnedFd>,
    /// What it prints, on both streams.
    pub output: PipeReader,
}

impl Spawner {
    /// Whether the command takes the step through [`super::launch`] in any case.
    pub fn takes_step(&self, command: &interpreter::program::Command, may_hang: bool) -> bool {
        let Manner { umask, needs_session, .. } = self.manner;
        may_hang || umask.is_some() || needs_session || RunAs::of(command).is_ok_and(|run_as| !run_as.is_own())
    }

    /// Runs the command with exactly this environment, in this control group. The caller must reap it. Where it may take for ever until the
    /// program is read, ruled does not wait for that: then the reason why it cannot be run is what it prints.
    pub fn spawn(
        &self,
        command: &interpreter::program::Command,
        environment: Vec<(OsString, OsString)>,
        may_hang: bool,
        group: Option<&Group>,
    ) -> Result<Child, SpawnError> {
        let (program, arguments) = command.argv.split_first().ok_or(SpawnError::Empty)?;
        let failed =
            |error: io::Error| SpawnError::Run { program: program.clone(), reason: crate::words::reason(&error) };
        let (output, writer) = io::pipe().map_err(failed)?;
        let (mut process, has_session) = self.prepare(program, RunAs::of(command)?, may_hang, group);
        process
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(failed)?)
            .stderr(writer);
        if !has_session {
            // Whoever begins a session leads its group too, and must not lead one before.
            process.process_group(0);
        }
        if let Some(folder) = &self.manner.folder {
            process.current_dir(folder);
        }
        let child = process.spawn().map_err(failed)?;
        // Numbers of processes are positive and fit.
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(SpawnError::Empty)?;
        if let Some(soft) = self.nofile.filter(|_| !has_session) {
            // It is still being loaded. The step through `launch` would cost more than the rest of the start.
            let maximum = getrlimit(Resource::Nofile).maximum;
            prlimit(Some(pid), Resource::Nofile, Rlimit { current: Some(soft), maximum }).ok();
        }
        // Nobody else reaps it, so the number cannot have passed to another process. `child` is let go without
        // being waited for: the reaper does that.
        Ok(Child { pid, pidfd: pidfd_open(pid, PidfdFlags::empty()).ok(), output })
    }

    /// What to run, and whether it will begin a session. Whoever takes the step through `launch` does: there it costs
    /// nothing, and where the kernel shares the processors among sessions (sched(7), autogroups), a program that multiplies
    /// takes no more of them than another.
    fn prepare(&self, program: &str, run_as: RunAs, may_hang: bool, group: Option<&Group>) -> (Command, bool) {
        let Manner { umask, needs_session, .. } = self.manner;
        if run_as.is_own() && umask.is_none() && !needs_session && !may_hang && group.is_none() {
            return (Command::new(program), false);
        }
        let mut process = Command::new(&self.launcher);
        process.arg(launch::WORD);
        if let Some(Group { folder, pids_max }) = group {
            process.arg("--cgroup").arg(folder);
            if let Some(most) = pids_max {
                process.arg("--pids").arg(most.to_string());
            }
        }
        if !run_as.is_own() {
            for (option, number) in [("--uid", run_as.uid), ("--gid", run_as.gid)] {
                if let Some(number) = number {
                    process.arg(option).arg(number.to_string());
                }
            }
        }
        if let Some(soft) = self.nofile {
            process.arg("--nofile").arg(soft.to_string());
        }
        if let Some(umask) = umask {
            process.arg("--umask").arg(format!("{umask:03o}"));
        }
        process.arg("--session").arg("--").arg(program);
        (process, true)
    }
}
