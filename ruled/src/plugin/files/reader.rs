//! The thread on which one check reads files. It has descriptors of its own, so that no program that ruled runs meanwhile
//! gets a copy of a file whose server does not answer; and it ends with the check, or when that server answers.
//!
//! **Invariant:** nothing on that thread wakes the plugins' runtime, because that takes a descriptor that it does not have.
//! What it found waits for a thread of the runtime's own, which waits for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::super::limits::READERS_MAX;
use super::below::{Opened, Refusal};
use crate::descriptors;

/// Something to ask the file system.
type Task = Box<dyn FnOnce(&mut Opened) + Send>;

/// A place among the threads that there may be.
pub(super) struct Place(Arc<AtomicUsize>);

impl Place {
    /// Takes one, if there is one.
    pub(super) fn take(taken: &Arc<AtomicUsize>) -> Option<Place> {
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

/// The way to the thread.
pub(super) struct Reader {
    tasks: Sender<Task>,
    /// Whether nobody waits for the thread any more.
    given_up: Arc<AtomicBool>,
}

impl Reader {
    /// Starts the thread, which keeps the place until it ends.
    pub(super) fn begin(place: Place) -> io::Result<Reader> {
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
        Ok(Reader { tasks, given_up: Arc::default() })
    }

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
        self.tasks.send(task).ok()?;
        tokio::task::spawn_blocking(move || answered.recv().ok()).await.ok().flatten()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.given_up.store(true, SeqCst);
    }
}
