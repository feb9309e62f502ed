//! The command lines of processes, as far as they can be had.
//!
//! A command line stands in the memory of its process, and whoever reads it waits while the process changes that memory:
//! for long, where the process is starved of time or waits for a disk meanwhile. So they are read on a thread that is
//! left behind when it gets no further.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::procfs::{self, ProcessStat};

/// How long it may take to read one. They take microseconds; a machine that is very busy may let the thread wait.
const STALL: Duration = Duration::from_secs(1);

/// How many threads are left behind at most; with more, what is not read yet stays unread.
const LEFT_BEHIND_MAX: usize = 16;

/// A process, whatever has its number later.
type Name = (u32, u64);

/// The processes whose lines somebody still waits for who was left behind.
static STUCK: LazyLock<Mutex<HashSet<Name>>> = LazyLock::new(Mutex::default);

/// How far the reading of many is.
struct Progress {
    lines: Vec<Option<String>>,
    /// Which one is read next, or is being read: since when.
    at: usize,
    since: Option<Instant>,
    /// How often somebody was left behind; who was does not go on.
    turn: usize,
}

struct Reading {
    processes: Vec<(Name, String)>,
    progress: Mutex<Progress>,
    further: Condvar,
}

/// The command lines of these processes, the kernel's names where they have none; nothing where it cannot be had.
pub fn read(processes: &[ProcessStat]) -> Vec<Option<String>> {
    let named = |process: &ProcessStat| ((process.pid, process.start_ticks), process.name.clone());
    let reading = Arc::new(Reading {
        processes: processes.iter().map(named).collect(),
        progress: Mutex::new(Progress { lines: vec![None; processes.len()], at: 0, since: None, turn: 0 }),
        further: Condvar::new(),
    });
    loop {
        let (reader, turn) = (Arc::clone(&reading), lock(&reading.progress).turn);
        let begun = thread::Builder::new().name("lines".to_owned()).spawn(move || reader.read(turn));
        if begun.is_err() {
            // Better to wait than not to know.
            reading.read(turn);
        }
        if reading.wait() {
            return std::mem::take(&mut lock(&reading.progress).lines);
        }
    }
}

/// Nothing panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reading {
    /// Reads on from where the one before got stuck.
    fn read(&self, turn: usize) {
        loop {
            let at = {
                let mut progress = lock(&self.progress);
                if progress.turn != turn {
                    return;
                }
                progress.since = Some(Instant::now());
                progress.at
            };
            let Some((name, kernels)) = self.processes.get(at) else {
                self.further.notify_all();
                return;
            };
            let is_stuck = lock(&STUCK).contains(name);
            let line = (!is_stuck).then(|| match procfs::command_line(name.0) {
                Ok(Some(line)) if !line.is_empty() => line,
                _ => kernels.clone(),
            });
            let mut progress = lock(&self.progress);
            if progress.turn != turn {
                lock(&STUCK).remove(name);
                return;
            }
            if let Some(place) = progress.lines.get_mut(at) {
                *place = line;
            }
            (progress.at, progress.since) = (at + 1, None);
        }
    }

    /// Waits until all are read, or somebody has to be left behind; whether it is done.
    fn wait(&self) -> bool {
        let mut progress = lock(&self.progress);
        loop {
            let Some((name, _)) = self.processes.get(progress.at) else { return true };
            // A thread that has no turn is not stuck.
            let left = progress.since.map_or(STALL, |since| STALL.saturating_sub(since.elapsed()));
            if left.is_zero() {
                let mut stuck = lock(&STUCK);
                stuck.insert(*name);
                progress.turn += 1;
                (progress.at, progress.since) = (progress.at + 1, None);
                return stuck.len() >= LEFT_BEHIND_MAX;
            }
            (progress, _) = self.further.wait_timeout(progress, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
