//! Reads files of file systems that may not answer, on threads with descriptors of their own.
//!
//! Whoever runs a program closes, in its copy, what is open here; and closing a file asks its file server (FUSE: FLUSH). A
//! file that is open while its server falls silent would hold up every program that is run from then on, before its first
//! instruction. So such a file is opened, read and closed on a thread whose descriptors no program gets a copy of.
//!
//! **Invariants:** what is read there is handed back as plain data, never with a descriptor: its number means nothing here. And no
//! signal is handled there: a handler wakes the rest of the program through a descriptor, which this thread has not.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::descriptors;

/// Where a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reader {
    /// On this thread: its file system asks nobody.
    #[default]
    Here,
    /// On a thread with descriptors of its own, while this one waits.
    Apart,
}

/// Something to read.
type Task = Box<dyn FnOnce() + Send>;

/// The threads that have nothing to do. Whoever waits for one is a thread of the pool, so there are no more than there are
/// of those.
static IDLE: Mutex<Vec<Sender<Task>>> = Mutex::new(Vec::new());

/// Reads on a thread with descriptors of its own, and waits for that. Where the system refuses such threads, as some
/// containers do (unshare(2)), it reads here.
pub fn read<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> T {
    let before = idle().pop();
    let Some(worker) = before.or_else(begin) else { return read() };
    let (answer, answered) = mpsc::channel();
    let task: Task = Box::new(move || {
        // A fault of ours is reported by who asked.
        answer.send(catch_unwind(AssertUnwindSafe(read))).ok();
    });
    if worker.send(task).is_err() {
        unreachable!("a reader goes on as long as somebody may ask it");
    }
    match answered.recv() {
        Ok(Ok(read)) => {
            idle().push(worker);
            read
        }
        Ok(Err(panic)) => {
            idle().push(worker);
            resume_unwind(panic)
        }
        Err(_) => unreachable!("each task answers"),
    }
}

fn idle() -> MutexGuard<'static, Vec<Sender<Task>>> {
    // Adding and taking away one is whole or did not happen.
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a thread with descriptors of its own; nothing where there can be none.
fn begin() -> Option<Sender<Task>> {
    let (worker, tasks) = mpsc::channel::<Task>();
    let (ready, is_ready) = mpsc::channel();
    let work = move || {
        let is_apart = descriptors::separate();
        ready.send(is_apart).ok();
        if is_apart {
            work(&tasks);
        }
    };
    thread::Builder::new().name("apart".to_owned()).spawn(work).ok()?;
    is_ready.recv().is_ok_and(|is_apart| is_apart).then_some(worker)
}

fn work(tasks: &Receiver<Task>) {
    while let Ok(task) = tasks.recv() {
        task();
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{SigSet, Signal};

    use super::*;

    #[test]
    fn no_signal_is_handled_on_such_a_thread() {
        let told = || SigSet::thread_get_mask().expect("the mask of this thread");
        let (apart, here) = (read(told), told());
        for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1, Signal::SIGCHLD] {
            assert!(apart.contains(signal), "{signal} would be lost there");
            assert!(!here.contains(signal), "{signal} is for the others");
        }
    }
}
