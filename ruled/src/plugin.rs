//! Components: each named protocol is one, and so is each plugin of one's own. Here they are loaded, run one check at a
//! time in an instance of its own, bounded in time, memory and output, and their answers cleaned. Only this file and this
//! folder know wasmtime.
//!
//! Checks by stock plugins run on one thread, those by plugins of one's own on another: so a guest that loops delays nobody
//! but other guests of its kind.
//!
//! What does not live here: opening connections (`transport`) and what any protocol says (the components).

mod added;
mod bindings;
mod books;
mod check;
mod connection;
mod convert;
mod described;
mod dial;
mod digests;
mod files;
mod finder;
mod guest;
mod host;
mod http;
mod interfaces;
mod ledger;
mod limits;
mod load;
mod patterns;
mod quarantine;
mod reach;
mod secrets;
mod source;
mod thread;
mod ticker;
mod verdict;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use ruled_embedded::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation, Stock,
    Transport, Value,
};

pub use added::{Added, CustomCheck, Grant};
pub use books::Told;
pub use finder::FoundProbe;
pub use http::Origin;
pub use quarantine::{Quarantined, Turn};
pub use ruled_manifest::{Kind, Need, Want};

use crate::transport::{Phases, Route, TlsInfo};
use finder::Finder;
use ledger::Ledger;

/// A set of components and the threads that run them and others. Clones share both; a thread starts with its first check and
/// ends with the last clone, and checks that still run then are reported as faulted.
#[derive(Clone)]
pub struct Plugins {
    threads: Arc<thread::Threads>,
    finder: Option<Arc<Finder>>,
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
#[derive(Clone, PartialEq)]
pub struct Setting {
    /// The name of the option.
    pub name: String,
    /// Its value, of the type that the description gives the option.
    pub value: Value,
    /// Whether the rules were read as holding a secret here, whatever the plugin says of it by now.
    pub is_secret: bool,
}

impl fmt::Debug for Setting {
    /// The value is left out: it may be a secret, and this goes into messages of a panic.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("name", &self.name).finish_non_exhaustive()
    }
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

impl ProbeReport {
    /// That nothing is known, for this reason.
    fn faulted(sentence: String, total: Duration) -> ProbeReport {
        ProbeReport { outcome: ProbeOutcome::Faulted(sentence), phases: None, tls: None, total, log: Vec::new() }
    }
}

/// What a plugin says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// What it exports.
    pub kind: Kind,
    /// Its name, its options and its metrics.
    pub description: Description,
    /// The grants that a check cannot do without.
    pub needs: Vec<Need>,
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
        let threads = Arc::new(thread::Threads::new(components.into_iter().collect(), lasts));
        Plugins { threads, finder: None }
    }

    /// The stock plugins, and where a rule names another protocol the probe of that name that `find` finds. It is asked
    /// before each check by such a probe, on a thread of its own, which it may keep waiting.
    pub fn stock_and(find: impl FnMut(&str) -> Option<FoundProbe> + Send + 'static) -> Plugins {
        Plugins { finder: Some(Arc::new(Finder::new(Box::new(find)))), ..Plugins::stock() }
    }

    /// Begins a check and returns at once. `done` is called exactly once, mostly on the plugin's thread, whatever
    /// happens; it must not wait for anything.
    pub fn probe(&self, probe: Probe, done: Box<dyn FnOnce(ProbeReport) + Send>) {
        match self.finder.as_ref().filter(|_| !self.threads.has(&probe.protocol)) {
            Some(finder) => finder.begin(probe, done, &self.threads),
            None => self.threads.submit(thread::Task::Probe(probe), done),
        }
    }

    /// Begins a check by a plugin of one's own, in the same manner.
    pub fn check(&self, check: CustomCheck, done: Box<dyn FnOnce(ProbeReport) + Send>) {
        self.threads.submit(thread::Task::Check(check), done);
    }

    /// Has `tell` told of every quarantine, once when it begins and once when it ends, in place of whoever was told before.
    /// It is called on the plugin's thread, before the report of the check that brought it about, and must not wait.
    pub fn watch(&self, tell: impl Fn(Quarantined) + Send + Sync + 'static) {
        self.threads.watch(Arc::new(tell));
    }

    /// Has `tell` told, in a sentence without its full stop, of every probe that takes the place of another one under its
    /// name, once and in place of whoever was told before. It is called on the thread that looks for probes.
    pub fn watch_probes(&self, tell: impl Fn(String) + Send + Sync + 'static) {
        if let Some(finder) = &self.finder {
            finder.watch(Arc::new(tell));
        }
    }

    /// What each plugin has done since ruled began, by name; those that did nothing are left out.
    pub fn told(&self) -> Vec<Told> {
        self.threads.told()
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
    asking(host::Guests::Stock(vec![stock]), |host| {
        Box::pin(async move { Ok(check::describe(host, stock).await?.description) })
    })
}

/// Asks a plugin of one's own what it is, whatever its manifest says, and what its imports want to be granted. Of its
/// description only the name is used, for sentences.
///
/// # Errors
/// A sentence, when the component cannot be loaded, is no plugin for this ruled, or does not answer within its limits.
///
/// # Panics
/// Inside an asynchronous runtime, because it waits.
pub fn describe_added(plugin: Arc<Added>) -> Result<(Described, Vec<Want>), String> {
    asking(host::Guests::Own, |host| Box::pin(check::describe_added(host, plugin)))
}

/// Asks something of a host of its own.
fn asking<T>(
    guests: host::Guests,
    ask: impl for<'a> FnOnce(&'a host::Host) -> Pin<Box<dyn Future<Output = Result<T, String>> + 'a>>,
) -> Result<T, String> {
    let host = host::Host::new(guests, Arc::new(Ledger::new(quarantine::QUARANTINE)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| format!("no runtime for plugins: {error}"))?;
    runtime.block_on(ask(&host))
}
