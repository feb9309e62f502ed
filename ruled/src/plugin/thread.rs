//! The thread that runs guests, and the way to it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ruled_embedded::Stock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::host::Host;
use super::limits::{BLOCKING_THREADS_MAX, QUEUE_MAX};
use super::{Probe, ProbeOutcome, ProbeReport, check};

/// The components and, once there was a probe, the way to the thread that runs them.
pub(super) struct Thread {
    stock: Vec<&'static Stock>,
    quarantine: Duration,
    jobs: Mutex<Option<Sender<Job>>>,
}

struct Job {
    probe: Probe,
    done: Done,
}

/// Calls back exactly once: with a report, or, when it is dropped without one, with the news that there is none.
struct Done {
    callback: Option<Box<dyn FnOnce(ProbeReport) + Send>>,
    submitted: Instant,
}

impl Thread {
    /// `quarantine` is for how long a plugin is left alone that fails again and again.
    pub(super) fn new(stock: Vec<&'static Stock>, quarantine: Duration) -> Thread {
        Thread { stock, quarantine, jobs: Mutex::new(None) }
    }

    /// Hands a probe to the thread, which is started if there is none.
    pub(super) fn submit(&self, probe: Probe, callback: Box<dyn FnOnce(ProbeReport) + Send>) {
        let done = Done { callback: Some(callback), submitted: Instant::now() };
        let jobs = match self.sender() {
            Ok(jobs) => jobs,
            Err(sentence) => return done.faulted(sentence),
        };
        if let Err(refused) = jobs.try_send(Job { probe, done }) {
            let job = refused.into_inner();
            job.done.faulted(format!("{QUEUE_MAX} checks by plugins wait already"));
        }
    }

    fn sender(&self) -> Result<Sender<Job>, String> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref().filter(|jobs| !jobs.is_closed()) {
            return Ok(jobs.clone());
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
        let (stock, quarantine) = (self.stock.clone(), self.quarantine);
        std::thread::Builder::new()
            .name("plugin".into())
            .spawn(move || serve(runtime, stock, quarantine, receiver))
            .map_err(|error| format!("no thread for plugins: {error}"))?;
        *jobs = Some(sender.clone());
        Ok(sender)
    }
}

/// Runs every job side by side until nobody can send any more.
fn serve(runtime: Runtime, stock: Vec<&'static Stock>, quarantine: Duration, mut jobs: Receiver<Job>) {
    let host = Host::new(stock, quarantine).map(Arc::new);
    runtime.block_on(async {
        while let Some(Job { probe, done }) = jobs.recv().await {
            match &host {
                Ok(host) => {
                    let host = Arc::clone(host);
                    tokio::spawn(async move { done.report(check::run(&host, probe).await) });
                }
                Err(sentence) => done.faulted(sentence.clone()),
            }
        }
    });
    // A name that is still being looked up must not keep the program from ending.
    runtime.shutdown_background();
}

impl Done {
    fn report(mut self, report: ProbeReport) {
        if let Some(callback) = self.callback.take() {
            callback(report);
        }
    }

    fn faulted(self, sentence: String) {
        let total = self.submitted.elapsed();
        self.report(ProbeReport {
            outcome: ProbeOutcome::Faulted(sentence),
            phases: None,
            tls: None,
            total,
            log: Vec::new(),
        });
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(callback) = self.callback.take() {
            let outcome = ProbeOutcome::Faulted("the check was given up".into());
            callback(ProbeReport {
                outcome,
                phases: None,
                tls: None,
                total: self.submitted.elapsed(),
                log: Vec::new(),
            });
        }
    }
}
