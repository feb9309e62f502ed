//! The engine, the components that are loaded, and what all checks share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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

/// What all checks share.
pub(super) struct Host {
    pub(super) engine: Engine,
    pub(super) ticker: Ticker,
    /// Taken after connecting, so that hosts that do not answer keep nobody waiting.
    permits: Semaphore,
    /// The same for plugins of one's own.
    own_permits: Semaphore,
    /// The threads on which checks read files.
    pub(super) readers: Arc<Readers>,
    pub(super) patterns: Compiled,
    pub(super) ledger: Arc<Ledger>,
    linker: Linker<Guest>,
    stock: Vec<&'static Stock>,
    /// Components that were used, ready to be instantiated.
    loaded: Mutex<HashMap<&'static str, ProbePre<Guest>>>,
    /// The engine for plugins of one's own, once there is one.
    own_engine: OnceLock<Engine>,
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

/// An engine with a pool; where the address space of this process has no room for one (`ulimit -v`), without.
fn engine() -> wasmtime::Result<Engine> {
    let config = completed(ruled_loader::engine_config());
    let mut pooled = config.clone();
    pooled.allocation_strategy(pool());
    Engine::new(&pooled).or_else(|_| Engine::new(&config))
}

impl Host {
    /// An engine that can run `stock`, and one that can run plugins of one's own, when there is one.
    pub(super) fn new(stock: Vec<&'static Stock>, ledger: Arc<Ledger>) -> Result<Host, String> {
        let engine = engine().map_err(cannot)?;
        let linker = load::free(&engine).map_err(cannot)?;
        let ticker = Ticker::start(engine.clone()).map_err(|error| format!("no thread for plugins: {error}"))?;
        Ok(Host {
            engine,
            ticker,
            permits: Semaphore::new(CHECKS_AT_ONCE_MAX),
            own_permits: Semaphore::new(OWN_CHECKS_AT_ONCE_MAX),
            readers: Arc::default(),
            patterns: Compiled::default(),
            ledger,
            linker,
            stock,
            loaded: Mutex::default(),
            own_engine: OnceLock::new(),
            shelf: Shelf::default(),
        })
    }

    /// The component for a protocol, if there is one.
    pub(super) fn stock(&self, protocol: &str) -> Result<&'static Stock, String> {
        let found = self.stock.iter().find(|stock| stock.name == protocol);
        found.copied().ok_or_else(|| format!("there is no plugin for the protocol {protocol}"))
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
        let engine = match self.own_engine.get() {
            Some(engine) => engine,
            None => {
                let engine = Engine::new(&completed(ruled_loader::own_engine_config())).map_err(cannot)?;
                self.ticker.also(engine.clone());
                self.own_engine.get_or_init(|| engine)
            }
        };
        self.shelf.get(engine, plugin).await
    }

    /// Waits until one more check may run.
    pub(super) async fn permit(&self, source: &Source, deadline: Instant) -> Result<SemaphorePermit<'_>, String> {
        let (permits, most, whose) = match source {
            Source::Stock(_) => (&self.permits, CHECKS_AT_ONCE_MAX, ""),
            Source::Added(_) => (&self.own_permits, OWN_CHECKS_AT_ONCE_MAX, " of one's own"),
        };
        match tokio::time::timeout_at(deadline.into(), permits.acquire_many(source.weight())).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(format!("{most} checks by plugins{whose} run already")),
        }
    }
}

fn cannot(error: wasmtime::Error) -> String {
    format!("plugins cannot run on this machine: {error}")
}
