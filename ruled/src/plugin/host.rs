//! The engine, the components that are loaded, and what all checks share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ruled_embedded::Stock;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, PoolingAllocationConfig};

use super::added::Added;
use super::bindings::ProbePre;
use super::files::Readers;
use super::guest::Guest;
use super::ledger::Ledger;
use super::limits::{
    ASYNC_STACK_BYTES, CHECKS_AT_ONCE_MAX, MEMORY_BYTES_MAX, OWN_CHECKS_AT_ONCE_MAX, TABLE_ELEMENTS_MAX,
};
use super::load::{self, Loaded, Shelf};
use super::patterns::Compiled;
use super::source::Source;
use super::ticker::Ticker;

/// Whose guests run on a thread. Those of one's own have another than the stock, so that whatever they do delays no probe of
/// a stock protocol, which would take that for the service's fault.
#[derive(Clone, Debug)]
pub(super) enum Guests {
    /// Those of the program.
    Stock(Vec<&'static Stock>),
    /// Somebody's own.
    Own,
}

/// What all checks on a thread share.
pub(super) struct Host {
    pub(super) engine: Engine,
    pub(super) ticker: Ticker,
    /// Taken after connecting, so that hosts that do not answer keep nobody waiting.
    permits: Semaphore,
    /// The threads on which checks read files.
    pub(super) readers: Arc<Readers>,
    pub(super) patterns: Compiled,
    pub(super) ledger: Arc<Ledger>,
    linker: Linker<Guest>,
    guests: Guests,
    /// Components of the program that were used, ready to be instantiated.
    loaded: Mutex<HashMap<&'static str, ProbePre<Guest>>>,
    shelf: Shelf,
}

/// How many instances of modules a component has, and how many tables: the module itself, and what adapts it.
const PARTS_MAX: u32 = 4;

/// Places for guests that are used again and again, cleared after each check. To map and unmap memory for each would cost
/// more than the check, above all because each unmapping interrupts the other threads.
fn pool() -> PoolingAllocationConfig {
    let checks = u32::try_from(CHECKS_AT_ONCE_MAX).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(checks)
        .total_stacks(checks)
        .total_memories(checks)
        .max_memories_per_component(1)
        .max_memory_size(MEMORY_BYTES_MAX)
        .total_core_instances(checks.saturating_mul(PARTS_MAX))
        .max_core_instances_per_component(PARTS_MAX)
        .total_tables(checks.saturating_mul(PARTS_MAX))
        .max_tables_per_component(PARTS_MAX)
        .table_elements(TABLE_ELEMENTS_MAX);
    pool
}

/// What both engines have in common beside what compiled code depends on.
fn completed(mut config: Config) -> Config {
    config.async_stack_size(ASYNC_STACK_BYTES);
    // Guests carry no names, so a backtrace says nothing, and collecting it takes time.
    config.wasm_backtrace_max_frames(None);
    config
}

/// An engine for the guests of the program, with a pool; where the address space of this process has no room for one
/// (`ulimit -v`), without.
fn stock_engine() -> wasmtime::Result<Engine> {
    let config = completed(ruled_loader::engine_config());
    let mut pooled = config.clone();
    pooled.allocation_strategy(pool());
    Engine::new(&pooled).or_else(|_| Engine::new(&config))
}

impl Host {
    /// What can run these guests.
    pub(super) fn new(guests: Guests, ledger: Arc<Ledger>) -> Result<Host, String> {
        let engine = match &guests {
            Guests::Stock(_) => stock_engine(),
            Guests::Own => Engine::new(&completed(ruled_loader::own_engine_config())),
        };
        let engine = engine.map_err(cannot)?;
        let linker = load::free(&engine).map_err(cannot)?;
        let ticker = Ticker::start(engine.clone()).map_err(|error| format!("no thread for plugins: {error}"))?;
        Ok(Host {
            engine,
            ticker,
            permits: Semaphore::new(guests.at_once_max()),
            readers: Arc::default(),
            patterns: Compiled::default(),
            ledger,
            linker,
            guests,
            loaded: Mutex::default(),
            shelf: Shelf::default(),
        })
    }

    /// The component for a protocol, if there is one.
    pub(super) fn stock(&self, protocol: &str) -> Result<&'static Stock, String> {
        let found = match &self.guests {
            Guests::Stock(stock) => stock.iter().find(|stock| stock.name == protocol).copied(),
            Guests::Own => None,
        };
        found.ok_or_else(|| format!("there is no plugin for the protocol {protocol}"))
    }

    /// The component, loaded. The first call takes about 0.1 ms, later ones nothing.
    pub(super) fn load(&self, stock: &'static Stock) -> Result<ProbePre<Guest>, String> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pre) = loaded.get(stock.name) {
            return Ok(pre.clone());
        }
        let pre = ruled_loader::load(&self.engine, stock.precompiled, stock.precompiled_sha256)
            .and_then(|component| ProbePre::new(self.linker.instantiate_pre(&component)?))
            .map_err(|error| format!("the {} plugin cannot be loaded: {error}", stock.name))?;
        loaded.insert(stock.name, pre.clone());
        Ok(pre)
    }

    /// A plugin of one's own, loaded. The first call reads its code.
    pub(super) async fn load_added(&self, plugin: &Arc<Added>) -> Result<Arc<Loaded>, String> {
        self.shelf.get(&self.engine, plugin).await
    }

    /// Waits until one more check may run.
    pub(super) async fn permit(&self, source: &Source, deadline: Instant) -> Result<SemaphorePermit<'_>, String> {
        match tokio::time::timeout_at(deadline.into(), self.permits.acquire_many(source.weight())).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => {
                let whose = if matches!(self.guests, Guests::Own) { " of one's own" } else { "" };
                Err(format!("{} checks by plugins{whose} run already", self.guests.at_once_max()))
            }
        }
    }
}

impl Guests {
    /// How many checks run at once at most.
    fn at_once_max(&self) -> usize {
        match self {
            Guests::Stock(_) => CHECKS_AT_ONCE_MAX,
            Guests::Own => OWN_CHECKS_AT_ONCE_MAX,
        }
    }
}

fn cannot(error: wasmtime::Error) -> String {
    format!("plugins cannot run on this machine: {error}")
}
