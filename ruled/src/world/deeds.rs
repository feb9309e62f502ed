//! The programs under way: started here, attended, reaped, and ended when they take too long.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interpreter::engine::{DeedId, Identity, Outcome, ServiceId};
use interpreter::program::Command;
use rustix::process::{Pid, Signal};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, Semaphore};

use super::cgroups::{Cgroups, Remains};
use super::rounds::RoundKey;
use crate::act::attend::{LEFT_BEHIND_MAX, attend};
use crate::act::drain::Drain;
use crate::act::process::{kill_group, signal};
use crate::act::reap::{Exit, Reaper, Rest};
use crate::act::spawn::{Group, Manner, Spawner};
use crate::observe::place::Places;
use crate::observe::procfs::{self, ProcfsError};

/// How long a program that was killed may take to be gone. One that takes longer waits for a disk or a server, and may wait
/// for ever: no other is run for its service meanwhile.
const DYING_MAX: Duration = Duration::from_secs(5);

/// How many descendants of a program are ended one by one, beside its process group.
const TREE_MAX: usize = 1024;

/// Programs of how many generations back are known: no more finish what they began.
const GENERATIONS_MAX: u32 = 8;

/// Which deed; numbers belong to one generation of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeedKey {
    /// How often the program was exchanged.
    pub generation: u32,
    /// The engine's number.
    pub deed: DeedId,
}

/// A program has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pid: Pid,
    output: String,
}

/// What a program runs for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It does something.
    Deed(DeedKey),
    /// It says how something is.
    Check(RoundKey),
}

impl Purpose {
    /// The generation of the program whose rules asked for it.
    pub fn generation(self) -> u32 {
        match self {
            Purpose::Deed(key) => key.generation,
            Purpose::Check(key) => key.generation,
        }
    }
}

/// What is to become of a program and of what it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It may itself be the service, or its parent.
    MayStay,
    /// It brings down: whatever it leaves behind ends with it, as far as that has a control group.
    EndsWhole,
    /// It does something or says how something is.
    Passes,
}

/// A program that runs.
#[derive(Debug)]
struct Running {
    purpose: Purpose,
    service: ServiceId,
    program: String,
    began: Instant,
    /// Whether it may itself be the service, or its parent.
    role: Role,
    /// The control group that it entered before it began.
    group: Option<Group>,
    reaped: Arc<Notify>,
}

impl Running {
    fn finished(self, exit: Exit, was_late: bool, output: String) -> Finished {
        let Running { purpose, service, program, began, role, group, .. } = self;
        let rest = group.filter(|_| role == Role::EndsWhole);
        Finished { purpose, service, program, took: began.elapsed(), exit, was_late, rest, output }
    }
}

/// A program that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What it ran for.
    pub purpose: Purpose,
    /// For which service.
    pub service: ServiceId,
    /// Which program: the first word of its command.
    pub program: String,
    /// How long it ran.
    pub took: Duration,
    /// How it ended.
    pub exit: Exit,
    /// Whether it had been killed because it did not end in time.
    pub was_late: bool,
    /// The control group that has to be empty before it counts as ended.
    pub rest: Option<Group>,
    /// What it printed, cleaned and bounded.
    pub output: String,
}

/// The programs under way.
pub struct Deeds {
    spawner: Spawner,
    reaper: Reaper,
    running: HashMap<Pid, Running>,
    /// Those that were killed because they did not end in time, until what they printed is known.
    late: HashMap<Pid, Running>,
    left_behind: Arc<Semaphore>,
    drain: Drain,
    cgroups: Option<Cgroups>,
    places: Places,
    /// The program of each service, in a generation, that was killed last: its number, and when it was killed. It is a child
    /// until it was taken leave of, so nobody else has its number.
    killed: HashMap<(u32, ServiceId), (Pid, Instant)>,
    /// The program with which each service was started last.
    groups: HashMap<(u32, ServiceId), Pid>,
    ends: UnboundedSender<Ended>,
}

/// What a program that has not ended in time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It ends, or was never here.
    Nobody,
    /// It may be the service itself.
    MayStay(ServiceId),
    /// It has to end.
    MustEnd,
}

impl Deeds {
    /// No program runs yet. Ends are sent there; at most one for each program.
    pub fn new(spawner: Spawner, ends: UnboundedSender<Ended>) -> Deeds {
        let left_behind = Arc::new(Semaphore::new(LEFT_BEHIND_MAX));
        Deeds {
            spawner,
            reaper: Reaper::default(),
            running: HashMap::new(),
            late: HashMap::new(),
            left_behind,
            drain: Drain::default(),
            cgroups: None,
            places: Places::default(),
            killed: HashMap::new(),
            groups: HashMap::new(),
            ends,
        }
    }

    /// Runs a program; the number under which its time can be ended, and what to tell the engine.
    pub fn start(
        &mut self,
        purpose: Purpose,
        service: ServiceId,
        role: Role,
        command: &Command,
        environment: Vec<(OsString, OsString)>,
    ) -> (Option<Pid>, Outcome) {
        if let Some(reason) = self.undead((purpose.generation(), service)) {
            return (None, Outcome::Refused(reason));
        }
        let program = command.argv.first().map_or("", String::as_str);
        let search = environment.iter().rev().find(|(name, _)| name == "PATH").and_then(|(_, path)| path.to_str());
        self.places.refresh();
        let may_hang = !self.places.is_local_program(program, search.unwrap_or_default());
        let is_check = matches!(purpose, Purpose::Check(_));
        // The step costs more than most programs that say how something is: they are moved when they have run for a while.
        let enters = role == Role::EndsWhole || is_check && self.spawner.takes_step(command, may_hang);
        let group = self.cgroups.as_ref().filter(|_| enters).map(|cgroups| cgroups.name(is_check));
        let child = match self.spawner.spawn(command, environment, may_hang, group.as_ref()) {
            Ok(child) => child,
            Err(error) => return (None, Outcome::Refused(error.to_string())),
        };
        let pid = child.pid;
        let reaped = Arc::new(Notify::new());
        self.killed.retain(|_, (former, _)| *former != pid);
        self.late.remove(&pid);
        self.reaper.expect(pid);
        if role == Role::MayStay {
            self.groups.insert((purpose.generation(), service), pid);
        }
        match &self.cgroups {
            Some(cgroups) if role == Role::MayStay => cgroups.take(pid),
            Some(cgroups) if is_check && group.is_none() => cgroups.take_later(pid),
            _ => {}
        }
        let (program, began) = (program.to_owned(), Instant::now());
        let running = Running { purpose, service, program, began, role, group, reaped: Arc::clone(&reaped) };
        self.running.insert(pid, running);
        let held = match purpose {
            Purpose::Deed(_) => self.drain.hold(child.output.as_fd(), &self.spawner.launcher).ok(),
            // What says how something is has ended before it is asked again.
            Purpose::Check(_) => None,
        };
        let ends = self.ends.clone();
        // The loop is gone only when ruled ends.
        let ended = move |output| ends.send(Ended { pid, output }).unwrap_or(());
        tokio::spawn(attend(child, held, reaped, Arc::clone(&self.left_behind), ended));
        (Some(pid), Outcome::Running)
    }

    /// Sends a signal to the process that was seen. One that is gone already has ended as it should.
    pub fn signal(identity: Identity, which: Signal) -> Outcome {
        match signal(identity, which, start_ticks) {
            Ok(_) => Outcome::Ended { status: 0, signal: None, output: String::new() },
            Err(error) => Outcome::Refused(error.to_string()),
        }
    }

    /// Gives programs that may be services groups of their own from here on.
    pub fn use_cgroups(&mut self, cgroups: Cgroups) {
        self.cgroups = Some(cgroups);
    }

    /// Ends all these processes at once, which are a service and what belongs to it; and whatever else is in its control
    /// group, unless these are. Those that are gone already have ended as they should.
    pub fn kill(&self, all: &[Identity], services: &[u32]) -> Outcome {
        for one in all {
            if let (Some(cgroups), Identity::Process { pid, start_ticks, .. }) = (&self.cgroups, one)
                && start_ticks_of(*pid) == Some(*start_ticks)
            {
                cgroups.end_with(*pid, services);
            }
        }
        let outcomes = all.iter().map(|one| Deeds::signal(*one, Signal::KILL)).collect::<Vec<_>>();
        let done = Outcome::Ended { status: 0, signal: None, output: String::new() };
        outcomes.into_iter().find(|outcome| matches!(outcome, Outcome::Refused(_))).unwrap_or(done)
    }

    /// The process group of the program with which a service of a generation was started last.
    pub fn group(&self, generation: u32, service: ServiceId) -> Option<u32> {
        self.groups.get(&(generation, service)).map(|pid| pid.as_raw_pid().unsigned_abs())
    }

    /// Other rules hold from here on: their programs may find something else, and services that were there before have other
    /// numbers, the earlier and the present one.
    pub fn begin_anew(&mut self, generation: u32, manner: Manner, same: impl Iterator<Item = (ServiceId, ServiceId)>) {
        let former = generation.wrapping_sub(1);
        let groups = same.filter_map(|(before, id)| Some(((generation, id), *self.groups.get(&(former, before))?)));
        let groups: Vec<((u32, ServiceId), Pid)> = groups.collect();
        self.groups.extend(groups);
        self.groups.retain(|(known, _), _| generation.wrapping_sub(*known) <= GENERATIONS_MAX);
        self.spawner.manner = manner;
    }

    /// A program has ended: whose it was, and how.
    pub fn ended(&mut self, ended: Ended) -> Option<Finished> {
        let Ended { pid, output } = ended;
        if let Some(running) = self.late.remove(&pid) {
            let exit = self.reaper.status(pid).unwrap_or(Exit { status: -1, signal: None });
            self.killed.retain(|_, (former, _)| *former != pid);
            return Some(running.finished(exit, true, output));
        }
        if !self.running.contains_key(&pid) {
            return None;
        }
        let exit = self.reaper.status(pid)?;
        Some(self.running.remove(&pid)?.finished(exit, false, output))
    }

    /// For which service a program runs.
    pub fn service(&self, pid: Pid) -> Option<ServiceId> {
        self.running.get(&pid).map(|running| running.service)
    }

    /// Takes leave of all children that have ended.
    pub fn reap(&mut self) -> Rest {
        let (pids, rest) = self.reaper.reap();
        for pid in pids {
            if let Some(running) = self.running.get(&pid) {
                running.reaped.notify_one();
            }
        }
        rest
    }

    /// What the program of this deed is when its time is over.
    pub fn late(&self, pid: Pid, purpose: Purpose) -> Late {
        match self.running.get(&pid) {
            Some(running) if running.purpose == purpose && !self.reaper.was_reaped(pid) => {
                if running.role == Role::MayStay { Late::MayStay(running.service) } else { Late::MustEnd }
            }
            _ => Late::Nobody,
        }
    }

    /// Ends the program and all that it started, at once, but not these services. **Invariant:** it is late, see
    /// [`Deeds::late`].
    pub fn end(&mut self, pid: Pid, services: &[u32]) -> Outcome {
        self.cut_short(pid, services);
        match self.running.remove(&pid) {
            Some(running) => {
                let service = (running.purpose.generation(), running.service);
                self.killed.insert(service, (pid, Instant::now()));
                self.late.insert(pid, running);
            }
            None => self.reaper.forget(pid),
        }
        Outcome::TimedOut
    }

    /// Why no program can be run for a service: the last one was killed long ago and is still there.
    fn undead(&mut self, service: (u32, ServiceId)) -> Option<String> {
        let (pid, at) = *self.killed.get(&service)?;
        // The kernel is not asked about it by its number: of a program that waits for a dead file server even that waits.
        if self.reaper.status(pid).is_some() {
            self.killed.remove(&service);
            return None;
        }
        let number = pid.as_raw_pid();
        (at.elapsed() > DYING_MAX).then(|| format!("the last program (pid {number}) was killed and has not ended"))
    }

    /// Ends the program and all that it started, but not these services; how it ended comes as its end. **Invariant:** it is
    /// late.
    pub fn cut_short(&self, pid: Pid, services: &[u32]) {
        kill_tree(pid, services);
        if let Some(cgroups) = &self.cgroups {
            cgroups.end(pid, services);
            if let Some(group) = self.running.get(&pid).and_then(|running| running.group.as_ref()) {
                cgroups.end_group(group, services);
            }
        }
    }

    /// Ends what a program left behind in its control group, but not these services.
    pub fn end_rest(&self, group: &Group, services: &[u32]) -> Remains {
        self.cgroups.as_ref().map_or(Remains::Nobody, |cgroups| cgroups.end_group(group, services))
    }

    /// Ends the programs that were to say how something is: nobody listens any more, nor looks at their time.
    pub fn end_checks(&mut self, services: &[u32]) {
        self.reap();
        let checks = self.running.iter().filter(|(_, running)| matches!(running.purpose, Purpose::Check(_)));
        for (pid, _) in checks.filter(|(pid, _)| !self.reaper.was_reaped(**pid)) {
            self.cut_short(*pid, services);
        }
    }

    /// Whether a program still runs that was to say how this service is.
    pub fn is_checking(&self, key: RoundKey) -> bool {
        let is_same = |other: RoundKey| (other.generation, other.service) == (key.generation, key.service);
        self.running.values().any(|running| matches!(running.purpose, Purpose::Check(other) if is_same(other)))
    }

    /// Whether no program runs but those that may stay with their service.
    pub fn is_settled(&self) -> bool {
        self.running.values().all(|running| running.role == Role::MayStay)
    }
}

/// Ends the process group of a program at once, and its descendants in other groups and sessions, but not these. Those whose
/// parent has ended are nobody's descendants any more, and are not found. **Invariant:** the program was not reaped.
fn kill_tree(leader: Pid, services: &[u32]) {
    let leader_pid = leader.as_raw_pid().unsigned_abs();
    let mut tree: Vec<(u32, Option<u64>)> = Vec::new();
    let mut open = vec![leader_pid];
    while let Some(pid) = open.pop() {
        for child in procfs::children(pid) {
            let is_known = child == leader_pid || tree.iter().any(|(known, _)| *known == child);
            if tree.len() < TREE_MAX && !is_known && !services.contains(&child) {
                // Whoever ends meanwhile is not ended: the start time would not be its own.
                tree.push((child, start_ticks_of(child)));
                open.push(child);
            }
        }
    }
    // From the top, so that nobody notices that a child of his has ended, and starts another.
    kill_group(leader);
    for (pid, started) in tree {
        if let Some(start_ticks) = started {
            Deeds::signal(Identity::Process { pid, start_ticks, uptime_s: 0 }, Signal::KILL);
        }
    }
}

fn start_ticks_of(pid: u32) -> Option<u64> {
    start_ticks(pid).ok().flatten()
}

/// When the process of this number started, in clock ticks since boot; nothing when there is none.
pub fn start_ticks(pid: u32) -> Result<Option<u64>, ProcfsError> {
    Ok(procfs::process(pid)?.map(|stat| stat.start_ticks))
}
