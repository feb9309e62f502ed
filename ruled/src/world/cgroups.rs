//! The control groups of the programs that may be services (cgroups(7), version 2): with one, all that a program started
//! can be ended at once, whatever session it went into and whoever its parent is by now.
//!
//! ruled uses them only where they are its own to divide: where systemd says so (`Delegate=yes`), or where ruled's group is
//! the root and no systemd is here, as in a container. Nothing waits for them: the kernel takes some milliseconds to move a
//! process, so a thread of their own does that while the program runs already, and moves what it started meanwhile, too. A
//! program that takes the step through `ruled launch` anyway enters its group there, before it begins.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::act::spawn::Group;
use crate::observe::procfs;

/// The folder below ruled's own group that holds those of the programs.
const FOLDER: &str = "ruled";

/// Where systemd is the manager of this machine, this folder is there (sd_booted(3)).
const SYSTEMD: &str = "/run/systemd/system";

/// How systemd marks a group that may be divided, and by which value.
const DELEGATED: [&str; 2] = ["user.delegate", "trusted.delegate"];
const YES: &[u8] = b"1";

/// The file with the processes of a group, and the one that ends them all (since Linux 5.14).
const PROCESSES: &str = "cgroup.procs";
const KILL: &str = "cgroup.kill";

/// How often a program's descendants are looked for that it started while it was moved.
const ROUNDS_MAX: usize = 4;

/// How many moves wait at most; one more is left out.
const WAITING_MAX: usize = 4096;

/// After how long a program that says how something is gets a group. Almost all have ended by then, and cost nothing.
const CHECKED_AFTER: Duration = Duration::from_millis(100);

/// How many processes and threads a program that says how something is may have, where the kernel counts them: more than any
/// that means well, and fewer than hurt.
const CHECK_PIDS_MAX: u32 = 512;

/// The controller that counts them, the files that name those of a group and those that its own groups have, and the limit.
const PIDS: &str = "pids";
const CONTROLLERS: &str = "cgroup.controllers";
const SUBTREE: &str = "cgroup.subtree_control";

/// The groups of programs.
#[derive(Debug)]
pub struct Cgroups {
    base: PathBuf,
    moves: Sender<(u32, Instant)>,
    /// How many groups were named.
    named: Cell<u64>,
    has_limit: bool,
    waiting: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

/// What is left in the group of a program that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// Nobody was there.
    Nobody,
    /// Somebody was there, and is gone.
    Ended,
    /// Somebody is there: killed and not gone yet, or spared.
    IsThere,
}

impl Cgroups {
    /// The groups, where ruled may make some; otherwise why not, in words.
    pub fn open() -> Result<Cgroups, String> {
        let own = own_folder()?;
        let root = procfs::cgroup(std::process::id()).is_some_and(|path| path == "/");
        if !(is_delegated(&own) || root && !Path::new(SYSTEMD).exists()) {
            return Err(format!("{} is not delegated to ruled", own.display()));
        }
        let base = own.join(FOLDER);
        let refused = |error: io::Error| format!("cannot make {}: {}", base.display(), crate::words::reason(&error));
        make(&base).map_err(refused)?;
        if !base.join(KILL).exists() {
            fs::remove_dir(&base).ok();
            return Err("the kernel cannot end a group at once".to_owned());
        }
        let has_limit = [&own, &base].into_iter().all(|folder| divides_pids(folder));
        let (moves, orders) = channel::<(u32, Instant)>();
        let waiting = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (place, left) = (base.clone(), std::sync::Arc::clone(&waiting));
        let work = move || {
            let mut later: VecDeque<(u32, Instant)> = VecDeque::new();
            loop {
                let wait = later.front().map(|(_, at)| at.saturating_duration_since(Instant::now()));
                let order = match wait {
                    Some(wait) => orders.recv_timeout(wait),
                    None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                };
                let pid = match order {
                    Ok((pid, at)) if at <= Instant::now() => pid,
                    Ok(order) => {
                        // All wait for the same time, so those that came first are due first.
                        later.push_back(order);
                        continue;
                    }
                    Err(RecvTimeoutError::Timeout) => match later.pop_front() {
                        Some((pid, _)) => pid,
                        None => continue,
                    },
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                take(&place, pid);
            }
            sweep(&place);
            fs::remove_dir(&place).ok();
        };
        std::thread::Builder::new().name("cgroups".to_owned()).spawn(work).map_err(refused)?;
        Ok(Cgroups { base, moves, named: Cell::new(0), has_limit, waiting })
    }

    /// Whether the number of processes in a group can be limited.
    pub fn has_limit(&self) -> bool {
        self.has_limit
    }

    /// A group for a program that enters it before it begins. One that says how something is has a limit of processes.
    pub fn name(&self, is_check: bool) -> Group {
        self.named.set(self.named.get() + 1);
        let name = format!("p{}-{}", std::process::id(), self.named.get());
        Group { folder: self.base.join(name), pids_max: is_check.then_some(CHECK_PIDS_MAX) }
    }

    /// Ends everything that is left in a group, if none of these is in it; what is left of it then.
    pub fn end_group(&self, group: &Group, spared: &[u32]) -> Remains {
        let was_killed = self.kill(&group.folder, spared);
        match processes(&group.folder).is_empty() {
            false => Remains::IsThere,
            true if was_killed => Remains::Ended,
            true => Remains::Nobody,
        }
    }

    /// Gives a program that has just been started a group of its own, soon. **Invariant:** it is a child that was not
    /// reaped; a number that has passed on by the time of the move is that of no child of ruled's any more.
    pub fn take(&self, program: Pid) {
        self.order(program, Duration::ZERO);
    }

    /// The same for a program that says how something is, if it has not ended by then.
    pub fn take_later(&self, program: Pid) {
        self.order(program, CHECKED_AFTER);
    }

    fn order(&self, program: Pid, after: Duration) {
        let waiting = self.waiting.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // The thread is gone only when ruled ends.
        if waiting >= WAITING_MAX || self.moves.send((number(program), Instant::now() + after)).is_err() {
            self.waiting.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// Ends everything in the group of this program at once, if it has one and none of these is in it. Whether it did.
    pub fn end(&self, program: Pid, spared: &[u32]) -> bool {
        self.kill(&self.base.join(number(program).to_string()), spared)
    }

    /// Ends everything in the group of one of ruled's programs to which this process belongs. Whether it did.
    pub fn end_with(&self, pid: u32, spared: &[u32]) -> bool {
        let Some(path) = procfs::cgroup(pid) else { return false };
        let name = path.rsplit('/').next().unwrap_or_default();
        let folder = self.base.join(name);
        // Its group may only be called like one of ruled's.
        let is_inside = !name.is_empty() && processes(&folder).contains(&pid);
        is_inside && self.kill(&folder, spared)
    }

    fn kill(&self, folder: &Path, spared: &[u32]) -> bool {
        let inside = processes(folder);
        if inside.is_empty() || inside.iter().any(|pid| spared.contains(pid) || *pid == std::process::id()) {
            return false;
        }
        fs::write(folder.join(KILL), "1").is_ok()
    }
}

/// Where ruled's own group lies.
fn own_folder() -> Result<PathBuf, String> {
    let path = procfs::cgroup(std::process::id()).ok_or("no group of version 2")?;
    let mounts = procfs::mounts().map_err(|error| error.to_string())?;
    let place = mounts.of_kind("cgroup2").ok_or("cgroup2 is not mounted")?;
    Ok(Path::new(&place.place).join(path.trim_start_matches('/')))
}

fn is_delegated(folder: &Path) -> bool {
    DELEGATED.iter().any(|name| {
        let mut value = [0_u8; 8];
        rustix::fs::getxattr(folder, *name, &mut value).is_ok_and(|length| value.get(..length) == Some(YES))
    })
}

/// Whether the groups in this one have a limit of processes; asks for it where it may.
fn divides_pids(folder: &Path) -> bool {
    let has = |file: &str| {
        fs::read_to_string(folder.join(file)).is_ok_and(|text| text.split_whitespace().any(|one| one == PIDS))
    };
    if has(CONTROLLERS) && !has(SUBTREE) {
        // The kernel refuses it to a group with processes of its own, unless that is the root.
        fs::write(folder.join(SUBTREE), format!("+{PIDS}")).ok();
    }
    has(SUBTREE)
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Moves a program, and what it started, into a group that is called after its number.
fn take(base: &Path, program: u32) {
    sweep(base);
    let is_child = |pid| procfs::process(pid).ok().flatten().is_some_and(|stat| stat.parent == std::process::id());
    let folder = base.join(program.to_string());
    if !is_child(program) || make(base).and_then(|()| make(&folder)).is_err() {
        return;
    }
    for _ in 0..ROUNDS_MAX {
        let outside = outside(program, &processes(&folder));
        if outside.is_empty() {
            break;
        }
        for pid in outside {
            // Who has ended meanwhile need not be moved.
            fs::write(folder.join(PROCESSES), pid.to_string()).ok();
        }
    }
    // Nothing is left where it ended at once.
    fs::remove_dir(&folder).ok();
}

/// The program and its descendants, as far as they are not inside.
fn outside(program: u32, inside: &[u32]) -> Vec<u32> {
    let (mut found, mut next) = (vec![program], 0);
    while let Some(pid) = found.get(next).copied().filter(|_| found.len() <= WAITING_MAX) {
        let children = procfs::children(pid);
        found.extend(children.into_iter().filter(|child| !found.contains(child)).collect::<Vec<_>>());
        next += 1;
    }
    let is_there = |pid: u32| procfs::process(pid).ok().flatten().is_some_and(|stat| !stat.has_ended());
    found.into_iter().filter(|pid| !inside.contains(pid) && is_there(*pid)).collect()
}

/// Removes the groups in which nobody is any more: the kernel refuses that for all others.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::remove_dir(entry.path()).ok();
        }
    }
}

fn processes(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join(PROCESSES)).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

fn number(pid: Pid) -> u32 {
    pid.as_raw_pid().unsigned_abs()
}
