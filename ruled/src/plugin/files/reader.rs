//! The thread on which one check reads files. It has descriptors of its own, so that no program that ruled runs meanwhile
//! gets a copy of a file whose server does not answer. When the check is over it closes them, and the next check may have it; one
//! that was given up ends when that server answers.
//!
//! **Invariant:** nothing on that thread wakes the plugins' runtime, because that takes a descriptor that it does not have.
//! What it found waits for a thread of the runtime's own, which waits for it.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::super::limits::READERS_MAX;
use super::below::{Opened, Refusal};
use crate::descriptors;

/// Something to ask the file system.
type Task = Box<dyn FnOnce(&mut Opened) + Send>;

/// So many threads wait for the next check: to start one costs more than most checks do.
const IDLE_MAX: usize = 16;

/// The threads of all checks.
#[derive(Default)]
pub(in super::super) struct Readers {
    /// How many there are.
    taken: Arc<AtomicUsize>,
    /// The ways to those that wait, which end with it.
    idle: Mutex<Vec<Sender<Task>>>,
}

impl Readers {
    /// A thread for one check; nothing where there are as many as there may be.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn take(self: &Arc<Readers>) -> io::Result<Option<Reader>> {
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let tasks = match waiting {
            Some(tasks) => tasks,
            None => {
                let Some(place) = Place::take(&self.taken) else { return Ok(None) };
                begin(place)?
            }
        };
        Ok(Some(Reader { tasks, asks: AtomicBool::new(false), given_up: Arc::default(), readers: Arc::clone(self) }))
    }
}

/// A place among the threads that there may be.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Place> {
        let more = |count| (count < READERS_MAX).then_some(count + 1);
        taken.fetch_update(SeqCst, SeqCst, more).ok()?;
        Some(Place(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Starts a thread, which keeps the place until it ends.
fn begin(place: Place) -> io::Result<Sender<Task>> {
    let (tasks, to_do) = mpsc::channel::<Task>();
    thread::Builder::new().name("plugin-files".to_owned()).spawn(move || {
        // Where the system does not allow descriptors of its own (some containers), those of all must do.
        descriptors::separate();
        let mut opened = Opened::default();
        while let Ok(task) = to_do.recv() {
            task(&mut opened);
        }
        drop(opened);
        drop(place);
    })?;
    Ok(tasks)
}

/// The way to the thread.
pub(super) struct Reader {
    tasks: Sender<Task>,
    /// Whether it was asked something, and has not answered.
    asks: AtomicBool,
    /// Whether nobody waits for the thread any more.
    given_up: Arc<AtomicBool>,
    readers: Arc<Readers>,
}

impl Reader {
    /// Asks, and waits for the answer; nothing where the thread has come to an end by a fault of ours.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Opened, &dyn Fn() -> bool) -> Result<T, Refusal> + Send + 'static,
    ) -> Option<Result<T, Refusal>> {
        let (answer, answered) = mpsc::channel();
        let given_up = Arc::clone(&self.given_up);
        let task: Task = Box::new(move |opened| {
            // Whoever gave up needs no answer.
            answer.send(ask(opened, &|| given_up.load(SeqCst))).ok();
        });
        self.asks.store(true, SeqCst);
        self.tasks.send(task).ok()?;
        let answer = tokio::task::spawn_blocking(move || answered.recv().ok()).await.ok().flatten()?;
        self.asks.store(false, SeqCst);
        Some(answer)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.given_up.store(true, SeqCst);
        if self.asks.load(SeqCst) {
            return;
        }
        let mut idle = self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // What the check had open is nothing to the next one.
        let closes: Task = Box::new(|opened| *opened = Opened::default());
        if idle.len() < IDLE_MAX && self.tasks.send(closes).is_ok() {
            idle.push(self.tasks.clone());
        }
    }
}
