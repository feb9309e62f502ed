//! Holds a handle on every process that was seen, and says at once when one exits.
//!
//! An exit only pulls a look forward: what is so is decided by what is seen then.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use interpreter::engine::{Identity, ServiceId};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::act::exit::ExitHandle;
use crate::observe::process::{Known, has_exited};

/// A watched process has exited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Whose it was.
    pub service: ServiceId,
    /// Which one it was.
    pub identity: Identity,
}

/// How a process is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// It was watched before.
    Unchanged,
    /// By a pidfd: its exit is seen at once.
    Pidfd,
    /// By looking once a cycle, because the kernel or a limit allows no more.
    Polling,
}

/// The processes that were seen last; one for each service, and one descriptor for each.
pub struct Watches {
    watches: HashMap<ServiceId, Watch>,
    exits: UnboundedSender<Exit>,
}

struct Watch {
    identity: Identity,
    task: Option<AbortHandle>,
    /// When it was looked at last.
    seen: Instant,
    /// When its exit was noticed.
    exited: Arc<OnceLock<Instant>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Watches {
    /// Watches nothing yet. Exits are sent there; at most one for each process that was held.
    pub fn new(exits: UnboundedSender<Exit>) -> Watches {
        Watches { watches: HashMap::new(), exits }
    }

    /// Holds the process that was seen. Must be called within the runtime.
    pub fn hold(&mut self, service: ServiceId, identity: Identity, pidfd: Option<OwnedFd>) -> Means {
        let Some(name) = name(identity) else { return Means::Unchanged };
        let before = self.known(service);
        let is_same = before.is_some_and(|known| (known.pid, known.start_ticks) == name);
        // A look that was under way while the service was restarted may come late and show the process before: with
        // a handle on what has exited, or without any because there was one when it began.
        let is_late = before.is_some_and(|known| known.is_held) && pidfd.as_ref().is_none_or(has_exited);
        if is_same && let Some(watch) = self.watches.get_mut(&service) {
            watch.seen = Instant::now();
        }
        if is_same || is_late {
            return Means::Unchanged;
        }
        let exited = Arc::new(OnceLock::new());
        let handle = pidfd.and_then(|pidfd| ExitHandle::new(pidfd).ok());
        let task = handle.map(|handle| {
            let (exits, exited) = (self.exits.clone(), Arc::clone(&exited));
            let watching = async move {
                // A handle that cannot be waited for leaves the process to the cycle.
                if handle.exited().await.is_ok() {
                    exited.set(Instant::now()).ok();
                    // The loop is gone only when ruled ends.
                    exits.send(Exit { service, identity }).ok();
                }
            };
            tokio::spawn(watching).abort_handle()
        });
        let means = if task.is_some() { Means::Pidfd } else { Means::Polling };
        self.watches.insert(service, Watch { identity, task, seen: Instant::now(), exited });
        means
    }

    /// Lets go of what was seen of the service.
    pub fn let_go(&mut self, service: ServiceId) {
        self.watches.remove(&service);
    }

    /// Lets go of everything: the numbers of services belong to another program from here on.
    pub fn clear(&mut self) {
        self.watches.clear();
    }

    /// The process that was seen last.
    pub fn known(&self, service: ServiceId) -> Option<Known> {
        let watch = self.watches.get(&service)?;
        let (pid, start_ticks) = name(watch.identity)?;
        let is_held = watch.task.is_some();
        // What is held and has not exited is alive.
        let alive = watch.exited.get().copied().unwrap_or_else(|| if is_held { Instant::now() } else { watch.seen });
        Some(Known { pid, start_ticks, is_held, alive })
    }

    /// The numbers of the processes that were seen last.
    pub fn pids(&self) -> Vec<u32> {
        self.watches.values().filter_map(|watch| name(watch.identity)).map(|(pid, _)| pid).collect()
    }

    /// Whether the exit is that of the process that was seen last.
    pub fn is_current(&self, exit: &Exit) -> bool {
        self.watches.get(&exit.service).is_some_and(|watch| watch.identity.is_same(&exit.identity))
    }
}

/// What makes a process itself: its number and its start time.
fn name(identity: Identity) -> Option<(u32, u64)> {
    match identity {
        Identity::Process { pid, start_ticks, .. } => Some((pid, start_ticks)),
        Identity::Itself | Identity::File { .. } => None,
    }
}
