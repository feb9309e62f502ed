//! The threads that run guests, one for those of the program and one for all others, and the way to them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ruled_embedded::Stock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::added::Job;
use super::books::Told;
use super::host::{Guests, Host};
use super::ledger::Ledger;
use super::limits::{BLOCKING_THREADS_MAX, QUEUE_MAX};
use super::source::Source;
use super::{CustomCheck, Probe, ProbeReport, Quarantined, check};

/// The components and the ways to the threads that run them.
pub(super) struct Threads {
    stock: Vec<&'static Stock>,
    ledger: Arc<Ledger>,
    to_stock: Way,
    to_own: Way,
}

/// The way to a thread, once there was something for it to do.
type Way = Mutex<Option<Sender<Order>>>;

/// What is to be checked.
pub(super) enum Task {
    Probe(Probe),
    Check(CustomCheck),
}

struct Order {
    task: Task,
    done: Done,
}

/// Calls back exactly once: with a report, or, when it is dropped without one, with the news that there is none.
struct Done {
    callback: Option<Box<dyn FnOnce(ProbeReport) + Send>>,
    submitted: Instant,
}

impl Threads {
    /// `quarantine` is for how long a plugin is left alone that fails again and again.
    pub(super) fn new(stock: Vec<&'static Stock>, quarantine: Duration) -> Threads {
        let ledger = Arc::new(Ledger::new(quarantine));
        Threads { stock, ledger, to_stock: Way::default(), to_own: Way::default() }
    }

    /// What all plugins have done so far.
    pub(super) fn told(&self) -> Vec<Told> {
        self.ledger.told()
    }

    /// Whoever is told of quarantines from now on.
    pub(super) fn watch(&self, watcher: Arc<dyn Fn(Quarantined) + Send + Sync>) {
        self.ledger.watch(watcher);
    }

    /// Hands a check to its thread, which is started if there is none.
    pub(super) fn submit(&self, task: Task, callback: Box<dyn FnOnce(ProbeReport) + Send>) {
        let done = Done { callback: Some(callback), submitted: Instant::now() };
        let orders = match self.sender(&task) {
            Ok(orders) => orders,
            Err(sentence) => return done.faulted(sentence),
        };
        if let Err(refused) = orders.try_send(Order { task, done }) {
            let order = refused.into_inner();
            order.done.faulted(format!("{QUEUE_MAX} checks by plugins wait already"));
        }
    }

    /// Whether a protocol is one of the components.
    pub(super) fn has(&self, protocol: &str) -> bool {
        self.stock.iter().any(|stock| stock.name == protocol)
    }

    fn sender(&self, task: &Task) -> Result<Sender<Order>, String> {
        let (way, name) = match task {
            Task::Probe(_) => (&self.to_stock, "plugin"),
            Task::Check(_) => (&self.to_own, "own-plugin"),
        };
        let mut orders = way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(orders) = orders.as_ref().filter(|orders| !orders.is_closed()) {
            return Ok(orders.clone());
        }
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            // After every guest's turn the sockets are looked at. With tokio's usual 61 turns, guests that loop for a
            // tick each would keep a well-behaved one waiting for 600 ms.
            .event_interval(1)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .build()
            .map_err(|error| format!("no runtime for plugins: {error}"))?;
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let guests = match task {
            Task::Probe(_) => Guests::Stock(self.stock.clone()),
            Task::Check(_) => Guests::Own,
        };
        let ledger = Arc::clone(&self.ledger);
        std::thread::Builder::new()
            .name(name.into())
            .spawn(move || serve(runtime, guests, ledger, receiver))
            .map_err(|error| format!("no thread for plugins: {error}"))?;
        *orders = Some(sender.clone());
        Ok(sender)
    }
}

/// Makes every check side by side until nobody can order any more.
fn serve(runtime: Runtime, guests: Guests, ledger: Arc<Ledger>, mut orders: Receiver<Order>) {
    let host = Host::new(guests, ledger).map(Arc::new);
    runtime.block_on(async {
        while let Some(Order { task, done }) = orders.recv().await {
            let prepared = host.as_ref().map_err(Clone::clone).and_then(|host| Ok((host, job(host, task)?)));
            match prepared {
                Ok((host, job)) => {
                    let host = Arc::clone(host);
                    tokio::spawn(async move { done.report(check::run(&host, job).await) });
                }
                Err(sentence) => done.faulted(sentence),
            }
        }
    });
    // A name that is still being looked up must not keep the program from ending.
    runtime.shutdown_background();
}

/// What is to be done for a task; or why it cannot be done.
fn job(host: &Host, task: Task) -> Result<Job, String> {
    match task {
        Task::Probe(Probe { protocol, route, settings, timeout }) => {
            Ok(Job::probe(Source::Stock(host.stock(&protocol)?), route, settings, timeout))
        }
        Task::Check(check) => Job::custom(check),
    }
}

impl Done {
    fn report(mut self, report: ProbeReport) {
        if let Some(callback) = self.callback.take() {
            callback(report);
        }
    }

    fn faulted(self, sentence: String) {
        let total = self.submitted.elapsed();
        self.report(ProbeReport::faulted(sentence, total));
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(callback) = self.callback.take() {
            callback(ProbeReport::faulted("the check was given up".to_owned(), self.submitted.elapsed()));
        }
    }
}
