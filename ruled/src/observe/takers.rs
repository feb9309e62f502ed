//! Finds the processes that have most of what a machine has too little of.
//!
//! It looks twice, with a pause between: time of the processors is what was used between the two looks, threads that
//! want to run or wait are counted in both. Memory and swap space are those of the second look. What shares memory with
//! others has it counted in each.

use std::collections::{BTreeMap, HashMap};
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{Reading, Resource, Share, TAKERS_MAX, Taker};
use nix::unistd::{Uid, User};

use super::procfs::{self, ProcessStat, ProcfsError, Wanting};
use super::snapshot::{Snapshot, Sweep};

/// How long is waited between the two looks. The kernel counts time in ticks of 10 ms, so one core is told to a twentieth;
/// and a person who is woken does not notice it.
const PAUSE: Duration = Duration::from_millis(200);

/// How many threads are looked at one by one in a look. Of more, those of the processes that are not reached are
/// judged by their first.
const THREADS_MAX: u32 = 10_000;

/// Who has most of each of these, the greatest first. It takes a pause longer than it works, so it is for a thread that
/// has time.
pub fn find(asked: &[Resource], snapshot: &Snapshot) -> BTreeMap<Resource, Reading<Vec<Taker>>> {
    match Looks::take(asked, snapshot) {
        Ok(looks) => {
            let mut users = HashMap::new();
            asked.iter().map(|resource| (*resource, looks.greatest(*resource, &mut users))).collect()
        }
        Err(error) => asked.iter().map(|resource| (*resource, Reading::Unknown(error.to_string()))).collect(),
    }
}

/// A process, whatever has its number later.
type Name = (u32, u64);

fn name(process: &ProcessStat) -> Name {
    (process.pid, process.start_ticks)
}

/// What was seen in both looks.
struct Looks<'a> {
    snapshot: &'a Snapshot,
    /// The times of the first look: outside the kernel, and in it.
    before: HashMap<Name, (u64, u64)>,
    /// The threads that wanted something, in all looks together.
    wanting: HashMap<Name, Wanting>,
    looks: u32,
    after: Sweep,
    between: Duration,
}

impl<'a> Looks<'a> {
    fn take(asked: &[Resource], snapshot: &'a Snapshot) -> Result<Looks<'a>, ProcfsError> {
        let of = |resources: &[Resource]| asked.iter().any(|resource| resources.contains(resource));
        let wants_threads = of(&[Resource::Load, Resource::CpuWait]);
        let mut looks = Looks {
            snapshot,
            before: HashMap::new(),
            wanting: HashMap::new(),
            looks: 0,
            after: Sweep::default(),
            between: Duration::ZERO,
        };
        if wants_threads || of(&[Resource::Cpu, Resource::CpuUser, Resource::CpuSystem]) {
            let began = Instant::now();
            let first = Sweep::take()?;
            if wants_threads {
                looks.count_threads(&first);
            }
            let times = |process: &ProcessStat| (name(process), (process.user_ticks, process.system_ticks));
            looks.before = first.processes().iter().map(times).collect();
            thread::sleep(PAUSE);
            looks.between = began.elapsed();
        }
        looks.after = Sweep::take()?;
        if wants_threads {
            let second = std::mem::take(&mut looks.after);
            looks.count_threads(&second);
            looks.after = second;
        }
        Ok(looks)
    }

    fn count_threads(&mut self, sweep: &Sweep) {
        // Whoever looks runs.
        let own = rustix::thread::gettid().as_raw_pid().unsigned_abs();
        let mut left = THREADS_MAX;
        self.looks += 1;
        for process in sweep.processes() {
            let alone = || Wanting::of(process.state);
            let wanting = if process.threads > 1 && process.threads <= left {
                left -= process.threads;
                procfs::wanting_threads(process.pid, own).unwrap_or_else(|_| alone())
            } else {
                alone()
            };
            let sum = self.wanting.entry(name(process)).or_default();
            sum.running += wanting.running;
            sum.waiting += wanting.waiting;
        }
    }

    fn greatest(&self, resource: Resource, users: &mut HashMap<u32, String>) -> Reading<Vec<Taker>> {
        match self.shares(resource) {
            Ok(mut shares) => {
                shares.sort_by(|(left, one), (right, other)| {
                    amount(*other).total_cmp(&amount(*one)).then_with(|| name(left).cmp(&name(right)))
                });
                shares.truncate(TAKERS_MAX);
                Reading::Known(shares.into_iter().map(|(process, share)| taker(process, share, users)).collect())
            }
            Err(reason) => Reading::Unknown(reason),
        }
    }

    /// All processes that have any of it.
    fn shares(&self, resource: Resource) -> Result<Vec<(&ProcessStat, Share)>, String> {
        let whole = self.whole(resource)?;
        let processes = self.after.processes().iter();
        let shares = processes.filter_map(|process| Some((process, self.share(resource, process, whole)?)));
        Ok(shares.filter(|(_, share)| amount(*share) > 0.0).collect())
    }

    /// How much there is of it: ticks of all processors between the looks, bytes.
    fn whole(&self, resource: Resource) -> Result<f64, String> {
        let memory = || self.snapshot.memory().map_err(|error| error.to_string());
        match resource {
            Resource::Load | Resource::CpuWait => Ok(f64::INFINITY),
            Resource::Cpu | Resource::CpuUser | Resource::CpuSystem => {
                let cores = f64::from(self.snapshot.cpu().map_err(|error| error.to_string())?.cores);
                Ok(self.between.as_secs_f64() * cores * rustix::param::clock_ticks_per_second() as f64)
            }
            Resource::Memory => Ok(memory()?.total as f64),
            Resource::Swap => Ok(memory()?.swap_total as f64),
        }
    }

    /// How much of it this process has; nothing when nobody can tell.
    fn share(&self, resource: Resource, process: &ProcessStat, whole: f64) -> Option<Share> {
        let threads = |which: fn(&Wanting) -> u32| {
            let all = self.wanting.get(&name(process)).map(which)?;
            Some(Share::Threads(f64::from(all) / f64::from(self.looks.max(1))))
        };
        // One that was born between the looks has worked between the looks.
        let (user, system) = self.before.get(&name(process)).copied().unwrap_or_default();
        let (user, system) = (process.user_ticks.saturating_sub(user), process.system_ticks.saturating_sub(system));
        let time = |ticks: u64| Some(Share::Time(percent(ticks, whole)?));
        let part = |bytes: u64| Some(Share::Bytes { bytes: bytes as f64, percent: percent(bytes, whole)? });
        match resource {
            Resource::Load => threads(|wanting| wanting.running + wanting.waiting),
            Resource::CpuWait => threads(|wanting| wanting.waiting),
            Resource::Cpu => time(user.saturating_add(system)),
            Resource::CpuUser => time(user),
            Resource::CpuSystem => time(system),
            Resource::Memory => part(process.resident_pages.saturating_mul(rustix::param::page_size() as u64)),
            // A kernel without the figure, and a process that has just ended, say nothing.
            Resource::Swap => part(procfs::swapped_bytes(process.pid).ok()??),
        }
    }
}

fn percent(part: u64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part as f64 / whole * 100.0).min(100.0))
}

fn amount(share: Share) -> f64 {
    match share {
        Share::Time(amount) | Share::Threads(amount) | Share::Bytes { bytes: amount, .. } => amount,
    }
}

fn taker(process: &ProcessStat, share: Share, users: &mut HashMap<u32, String>) -> Taker {
    let user = match procfs::owners(process.pid) {
        // It may take a while where the table of users is elsewhere; whoever waits for it does not wait for ever.
        Ok(owners) => users.entry(owners.euid).or_insert_with(|| user_name(owners.euid)).clone(),
        Err(_) => "?".to_owned(),
    };
    Taker { pid: process.pid, name: crate::words::name(&process.name), user, share }
}

/// The name of a user; the number where there is none.
fn user_name(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| crate::words::name(&user.name))
}
