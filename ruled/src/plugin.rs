//! Components: each named protocol is one. Here they are loaded, run one check at a time in an instance of its own,
//! bounded in time, memory and output, and their answers cleaned. Only this file and this folder know wasmtime.
//!
//! Every check runs on one thread of its own name, so that a guest that loops delays nobody but other guests.
//!
//! What does not live here: opening connections (`transport`) and what any protocol says (the components).

mod bindings;
mod check;
mod connection;
mod convert;
mod described;
mod digests;
mod guest;
mod host;
mod limits;
mod patterns;
mod quarantine;
mod thread;
mod ticker;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

pub use ruled_embedded::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation, Stock,
    Transport, Value,
};

use crate::transport::{Phases, Route, TlsInfo};

/// A set of components and the thread that runs them. Clones share both; the thread starts with the first probe and
/// ends with the last clone, and checks that still run then are reported as faulted.
#[derive(Clone)]
pub struct Plugins {
    thread: Arc<thread::Thread>,
}

/// A check of one service by one component.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The protocol, which is the name of the component.
    pub protocol: String,
    /// The way to the service.
    pub route: Route,
    /// What the rule sets. Options that it leaves out get their defaults here.
    pub settings: Vec<Setting>,
    /// For all of it: resolving, connecting, speaking.
    pub timeout: Duration,
}

/// An option that a rule sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The name of the option.
    pub name: String,
    /// Its value, of the type that the description gives the option.
    pub value: Value,
}

/// What became of a probe.
#[derive(Clone, Debug)]
pub struct ProbeReport {
    /// Passed, failed, or not known because of the plugin.
    pub outcome: ProbeOutcome,
    /// How long resolving, connecting and encrypting took; absent when there was no connection.
    pub phases: Option<Phases>,
    /// How the connection was encrypted in the end, and what the service has shown of itself.
    pub tls: Option<TlsInfo>,
    /// How long all of it took.
    pub total: Duration,
    /// What the plugin wrote to its log, cleaned; at most 100 lines.
    pub log: Vec<String>,
}

/// The result of a probe. All texts are cleaned: one line, no control characters, bounded.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeOutcome {
    /// The service answers as it should.
    Passed {
        /// One line for people.
        summary: String,
        /// Facts worth showing, as pairs of a name and a text.
        facts: Vec<(String, String)>,
        /// Finite numbers whose names stand in the description.
        metrics: Vec<(String, f64)>,
    },
    /// The service's fault, as a sentence without its full stop.
    Failed(String),
    /// The plugin's own fault, or that of the rule; nothing is known about the service. A sentence likewise.
    Faulted(String),
}

impl Plugins {
    /// The stock plugins. Each is loaded when it is first used.
    pub fn stock() -> Plugins {
        Plugins::with(ruled_embedded::STOCK)
    }

    /// Exactly these components.
    pub fn with(components: impl IntoIterator<Item = &'static Stock>) -> Plugins {
        Plugins::with_quarantine(components, quarantine::QUARANTINE)
    }

    /// Exactly these components; one that fails three times in a row with a service is not asked about it for so long.
    pub fn with_quarantine(components: impl IntoIterator<Item = &'static Stock>, lasts: Duration) -> Plugins {
        Plugins { thread: Arc::new(thread::Thread::new(components.into_iter().collect(), lasts)) }
    }

    /// Begins a check and returns at once. `done` is called exactly once, mostly on the plugins' thread, whatever
    /// happens; it must not wait for anything.
    pub fn probe(&self, probe: Probe, done: Box<dyn FnOnce(ProbeReport) + Send>) {
        self.thread.submit(probe, done);
    }
}

/// Asks a component what it is, in an instance of its own. The answer should be the embedded description.
///
/// # Errors
/// A sentence, when the component cannot be loaded or does not answer within its limits.
///
/// # Panics
/// Inside an asynchronous runtime, because it waits.
pub fn describe(stock: &'static Stock) -> Result<Description, String> {
    let host = host::Host::new(vec![stock], quarantine::QUARANTINE)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| format!("no runtime for plugins: {error}"))?;
    runtime.block_on(check::describe(&host, stock))
}
