//! The folder in which one program sees a world: its files, its processes, its port.

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::world::Change;
use crate::rig::{finish, free_port, until};

/// What services of worlds are. Each stage has it under a name of its own, so that patterns and the end of a world find
/// the processes of this stage and no others.
const SERVICE: &str = "/bin/sleep";

/// Starts a service, as an init script does: it runs on under a parent that notices at once when it dies.
const START: &str = r#"#!/bin/sh
[ ! -e "{here}/$1.lame" ] || exit 1
echo "start $1" >>"{here}/deeds"
sh -c '"{here}/service-$1" 600 & echo $! >>"{here}/started"; echo $! >"{here}/$1.pid.new"; mv "{here}/$1.pid.new" "{here}/$1.pid"; wait' sh "$1" </dev/null >/dev/null 2>&1 &
"#;

/// Ends a service.
const STOP: &str = r#"#!/bin/sh
[ ! -e "{here}/$1.stubborn" ] || exit 1
echo "stop $1" >>"{here}/deeds"
kill "$(cat "{here}/$1.pid")"
"#;

/// What rules execute: it leaves a trace only.
const NOTE: &str = r#"#!/bin/sh
echo "exec $1" >>"{here}/deeds"
"#;

/// What program entries run: it says what `said` holds and ends as `status` says.
const PROGRAM: &str = r#"#!/bin/sh
cat "{here}/said" 2>/dev/null
exit "$(cat "{here}/status")"
"#;

/// Services by these names can be run in a world.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// One folder.
pub(super) struct Stage {
    folder: tempfile::TempDir,
    port: u16,
    listener: Option<TcpListener>,
    processes: HashMap<&'static str, Child>,
    mounted: Option<PathBuf>,
}

impl Stage {
    /// An empty one, with the programs that worlds may name: `{here}/start a`, `{here}/stop a`, `{here}/note TEXT`,
    /// `{here}/program`.
    pub(super) fn new() -> Stage {
        let folder = tempfile::Builder::new().prefix("world").tempdir().expect("a folder");
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
        let here = folder.path().to_str().expect("UTF-8");
        for (name, text) in [("start", START), ("stop", STOP), ("note", NOTE), ("program", PROGRAM)] {
            let path = crate::rig::write(folder.path(), name, text.replace("{here}", here));
            fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a mode");
        }
        for name in NAMES {
            symlink(SERVICE, folder.path().join(format!("service-{name}"))).expect("a link");
        }
        Stage { folder, port: free_port(), listener: None, processes: HashMap::new(), mounted: None }
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its path as text.
    pub(super) fn here(&self) -> &str {
        self.folder.path().to_str().expect("UTF-8")
    }

    /// A text of the world, with what differs between stages filled in.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut text = text.replace("{here}", self.here()).replace("{port}", &self.port.to_string());
        for (name, child) in &self.processes {
            text = text.replace(&format!("{{pid {name}}}"), &child.id().to_string());
        }
        text
    }

    /// Makes a change. What people ask for is not the stage's.
    pub(super) fn change(&mut self, change: Change) {
        let at = |name: &str| self.folder.path().join(name);
        match change {
            Change::Write(name, text) => fs::write(at(name), self.fill(text)).expect("written"),
            Change::Fill(name, bytes) => fs::write(at(name), vec![b'x'; bytes]).expect("written"),
            Change::Append(name, text) => {
                let before = fs::read_to_string(at(name)).unwrap_or_default();
                fs::write(at(name), before + text).expect("written");
            }
            Change::Replace(name, text) => {
                fs::write(at("new"), self.fill(text)).expect("written");
                fs::rename(at("new"), at(name)).expect("renamed");
            }
            Change::Link(name, target) => symlink(target, at(name)).expect("a link"),
            Change::Remove(name) if at(name).is_dir() => fs::remove_dir(at(name)).expect("removed"),
            Change::Remove(name) => fs::remove_file(at(name)).expect("removed"),
            Change::Folder(name) => fs::create_dir(at(name)).expect("a folder"),
            Change::Pipe(name) => {
                nix::unistd::mkfifo(&at(name), nix::sys::stat::Mode::from_bits_truncate(0o600)).expect("a pipe");
            }
            Change::Mode(name, mode) => fs::set_permissions(at(name), PermissionsExt::from_mode(mode)).expect("a mode"),
            Change::Owner(name, uid) => chown(at(name), Some(uid), None).expect("root gives files away"),
            Change::Group(name, gid) => chown(at(name), None, Some(gid)).expect("root gives files away"),
            Change::Age(name, seconds) => {
                let then = SystemTime::now() - Duration::from_secs(seconds);
                let times = fs::FileTimes::new().set_accessed(then).set_modified(then);
                fs::File::open(at(name)).and_then(|file| file.set_times(times)).expect("a time");
            }
            Change::Run(name) => {
                let mut command = Command::new(at(&format!("service-{name}")));
                let child = command.arg("600").stdin(Stdio::null()).spawn().expect("a process");
                fs::write(at(&format!("{name}.pid")), format!("{}\n", child.id())).expect("written");
                self.bury(name);
                // Until then its memory and its name are still those of the test.
                until(|| sleeps(child.id()).then_some(())).expect("it begins to sleep");
                self.processes.insert(name, child);
            }
            Change::Start(name) => {
                let mut command = Command::new(at("start"));
                command.arg(name);
                assert_eq!(finish(command).status, 0, "{name} starts");
                let pid = until(|| fs::read_to_string(at(&format!("{name}.pid"))).ok()?.trim().parse().ok());
                let pid: u32 = pid.expect("a pid file");
                until(|| sleeps(pid).then_some(())).expect("it begins to sleep");
            }
            Change::Kill(name) => self.kill(name),
            Change::Zombie(name) => {
                let child = self.processes.get_mut(name).expect("it runs");
                child.kill().expect("killed");
                let ended = || (state(child.id()) == Some('Z')).then_some(());
                until(ended).expect("it ends");
            }
            Change::Listen => self.listener = Some(TcpListener::bind(("127.0.0.1", self.port)).expect("the port")),
            Change::HangUp => self.listener = None,
            Change::Mount(name) => {
                mount(&at(name)).expect("root mounts");
                self.mounted = Some(at(name));
            }
            Change::Ask(..) | Change::Again => unreachable!("this happens to the programs"),
        }
    }

    /// Ends the service of this name, whoever started it, and waits until nothing of it is left.
    fn kill(&mut self, name: &str) {
        if self.processes.contains_key(name) {
            self.bury(name);
            return;
        }
        let pidfile = self.folder.path().join(format!("{name}.pid"));
        let pid = until(|| fs::read_to_string(&pidfile).ok()?.trim().parse().ok()).expect("a pid file");
        self.end(pid);
        let gone = until(|| (!Path::new(&format!("/proc/{pid}")).exists()).then_some(()));
        gone.unwrap_or_else(|| panic!("nobody buries {pid}"));
    }

    /// Ends a process of this test and takes leave of it.
    fn bury(&mut self, name: &str) {
        if let Some(mut child) = self.processes.remove(name) {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Ends a process, if it is one of this stage: its number may be somebody else's by then.
    fn end(&self, pid: i32) {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if command.starts_with(self.here()) {
            kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
        }
    }
}

/// Mounts a file system of one megabyte; what the system said when it would not.
fn mount(folder: &Path) -> Result<(), String> {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", "size=1m", "world"]).arg(folder);
    let done = finish(command);
    if done.status == 0 { Ok(()) } else { Err(done.err) }
}

fn unmount(folder: &Path) {
    Command::new("umount").arg(folder).status().ok();
}

/// Whether the test may mount file systems.
pub(super) fn may_mount() -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let may = mount(folder.path()).is_ok();
    if may {
        unmount(folder.path());
    }
    may
}

/// The letter of a process's state; nothing when there is no such process.
pub(crate) fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The system calls with which a program sleeps, nanosleep and clock_nanosleep, and where in their arguments is for how
/// long.
#[cfg(target_arch = "x86_64")]
const SLEEPS: [(&str, usize); 2] = [("35", 0), ("230", 2)];
#[cfg(not(target_arch = "x86_64"))]
const SLEEPS: [(&str, usize); 2] = [("101", 0), ("115", 2)];

/// What is more than a pause between two deeds, in seconds.
const LONG: i64 = 60;

/// Whether the process sleeps for long. Monit pauses here and there for a moment, and what it is told then is lost.
pub(crate) fn sleeps(pid: u32) -> bool {
    let asleep = || {
        let call = fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
        let mut words = call.split(' ');
        let name = words.next()?;
        let (_, place) = SLEEPS.iter().find(|(number, _)| *number == name)?;
        let address = u64::from_str_radix(words.nth(*place)?.strip_prefix("0x")?, 16).ok()?;
        let mut seconds = [0; 8];
        fs::File::open(format!("/proc/{pid}/mem")).ok()?.read_exact_at(&mut seconds, address).ok()?;
        Some(i64::from_ne_bytes(seconds) >= LONG)
    };
    asleep().unwrap_or(false)
}

impl Drop for Stage {
    fn drop(&mut self) {
        for name in NAMES {
            self.bury(name);
        }
        let started = fs::read_to_string(self.folder.path().join("started")).unwrap_or_default();
        for pid in started.lines().filter_map(|line| line.parse().ok()) {
            self.end(pid);
        }
        if let Some(mounted) = &self.mounted {
            unmount(mounted);
        }
    }
}
