//! Probes of one's own that rules name by their protocol. They are looked for on a thread of its own, because that reads
//! files, and whoever begins a check waits for none.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::added::{Added, CustomCheck, Grant};
use super::thread::{Task, Threads};
use super::{Probe, ProbeReport};

/// A probe that was found under its name.
#[derive(Debug)]
pub struct FoundProbe {
    /// The probe.
    pub plugin: Arc<Added>,
    /// What is to be said where it takes the place of another one, once: a sentence without its full stop.
    pub news: Option<String>,
}

/// Looks for the probe that was added under a name.
pub(super) type Find = dyn FnMut(&str) -> Option<FoundProbe> + Send;

/// Whoever is told of probes that take the place of others.
pub(super) type Watcher = dyn Fn(String) + Send + Sync;

/// The way to the thread that looks, which is started with the first probe.
pub(super) struct Finder {
    find: Arc<Mutex<Box<Find>>>,
    jobs: Mutex<Option<Sender<Job>>>,
    watcher: Arc<Mutex<Option<Arc<Watcher>>>>,
}

struct Job {
    probe: Probe,
    done: Box<dyn FnOnce(ProbeReport) + Send>,
    /// Where it is run.
    threads: Arc<Threads>,
}

impl Finder {
    pub(super) fn new(find: Box<Find>) -> Finder {
        Finder { find: Arc::new(Mutex::new(find)), jobs: Mutex::default(), watcher: Arc::default() }
    }

    /// From now on this one is told, and nobody else.
    pub(super) fn watch(&self, watcher: Arc<Watcher>) {
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    /// Has the probe looked for and then run.
    pub(super) fn begin(&self, probe: Probe, done: Box<dyn FnOnce(ProbeReport) + Send>, threads: &Arc<Threads>) {
        let job = Job { probe, done, threads: Arc::clone(threads) };
        let unsent = match self.sender() {
            Ok(jobs) => jobs.send(job).map_err(|unsent| (unsent.0, "the thread for probes has ended".to_owned())),
            Err(sentence) => Err((job, sentence)),
        };
        if let Err((job, sentence)) = unsent {
            (job.done)(ProbeReport::faulted(sentence, Duration::ZERO));
        }
    }

    fn sender(&self) -> Result<Sender<Job>, String> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref() {
            return Ok(jobs.clone());
        }
        // Bounded by the rules: a service has one look under way at a time.
        let (sender, inbox) = mpsc::channel::<Job>();
        let (find, watcher) = (Arc::clone(&self.find), Arc::clone(&self.watcher));
        let looks = move || {
            while let Ok(job) = inbox.recv() {
                job.run(&find, &watcher);
            }
        };
        std::thread::Builder::new()
            .name("probes".to_owned())
            .spawn(looks)
            .map_err(|error| format!("no thread for probes: {error}"))?;
        *jobs = Some(sender.clone());
        Ok(sender)
    }
}

impl Job {
    fn run(self, find: &Mutex<Box<Find>>, watcher: &Mutex<Option<Arc<Watcher>>>) {
        let Job { probe, done, threads } = self;
        let found = find.lock().unwrap_or_else(PoisonError::into_inner)(&probe.protocol);
        let Some(FoundProbe { plugin, news }) = found else { return threads.submit(Task::Probe(probe), done) };
        let watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some(news), Some(watcher)) = (news, watcher) {
            watcher(news);
        }
        let Probe { protocol: _, route, settings, timeout } = probe;
        let name = route.endpoint.to_string();
        let check = CustomCheck { plugin, name, settings, grants: vec![Grant::Service(route)], timeout };
        threads.submit(Task::Check(check), done);
    }
}
