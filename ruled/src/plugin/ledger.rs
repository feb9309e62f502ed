//! What is known of plugins beyond one check: their faults, and what they took. It outlives the thread on which they run,
//! and others may look into it at any time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::books::{Books, Told};
use super::quarantine::{Quarantine, Quarantined};
use super::source::Source;

/// Whoever wants to know of quarantines.
type Watcher = dyn Fn(Quarantined) + Send + Sync;

/// What is known of plugins beyond one check.
pub(super) struct Ledger {
    pub(super) quarantine: Quarantine,
    books: Books,
    watcher: Mutex<Option<Arc<Watcher>>>,
}

impl Ledger {
    /// An empty one. For so long a plugin is left alone that fails again and again.
    pub(super) fn new(quarantine: Duration) -> Ledger {
        Ledger { quarantine: Quarantine::new(quarantine), books: Books::default(), watcher: Mutex::default() }
    }

    /// Enters a check that came to its end: what it took of the processor, and the fault of the plugin, if it was one.
    pub(super) fn enter(&self, source: &Source, service: &str, cpu: Duration, fault: Option<&str>) {
        let news = match fault {
            Some(fault) => self.quarantine.failed(source, service, fault, Instant::now()),
            None => self.quarantine.passed(source, service),
        };
        self.books.enter(source, cpu, fault);
        if news.is_empty() {
            return;
        }
        // Nothing is locked while it is told, so whoever hears it may ask what is told of all plugins.
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(watcher) = watcher {
            news.into_iter().for_each(|news| watcher(news));
        }
    }

    /// From now on this one is told of quarantines, and nobody else.
    pub(super) fn watch(&self, watcher: Arc<Watcher>) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    /// What all plugins have done.
    pub(super) fn told(&self) -> Vec<Told> {
        let now = Instant::now();
        self.books.told(|identity| self.quarantine.of(identity, now))
    }
}
