//! The engine, the components that are loaded, and what all checks share.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ruled_embedded::Stock;
use tokio::sync::Semaphore;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, PoolingAllocationConfig};

use super::bindings::{Probe, ProbePre};
use super::guest::Guest;
use super::limits::{ASYNC_STACK_BYTES, CHECKS_AT_ONCE_MAX, MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX};
use super::patterns::Compiled;
use super::quarantine::Quarantine;
use super::ticker::Ticker;

/// What all checks share.
pub(super) struct Host {
    pub(super) engine: Engine,
    pub(super) ticker: Ticker,
    /// Taken after connecting, so that hosts that do not answer keep nobody waiting.
    pub(super) permits: Semaphore,
    pub(super) patterns: Compiled,
    pub(super) quarantine: Quarantine,
    linker: Linker<Guest>,
    stock: Vec<&'static Stock>,
    /// Components that were used, ready to be instantiated.
    loaded: Mutex<HashMap<&'static str, ProbePre<Guest>>>,
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

/// An engine with a pool; where the address space of this process has no room for one (`ulimit -v`), without.
fn engine() -> wasmtime::Result<Engine> {
    let mut config = ruled_loader::engine_config();
    config.async_stack_size(ASYNC_STACK_BYTES);
    // Guests carry no names, so a backtrace says nothing, and collecting it takes time.
    config.wasm_backtrace_max_frames(None);
    let mut pooled = config.clone();
    pooled.allocation_strategy(pool());
    Engine::new(&pooled).or_else(|_| Engine::new(&config))
}

impl Host {
    /// An engine that can run `stock`.
    pub(super) fn new(stock: Vec<&'static Stock>, quarantine: Duration) -> Result<Host, String> {
        let cannot = |error: wasmtime::Error| format!("plugins cannot run on this machine: {error}");
        let engine = engine().map_err(cannot)?;
        let mut linker = Linker::new(&engine);
        Probe::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest).map_err(cannot)?;
        let ticker = Ticker::start(engine.clone()).map_err(|error| format!("no thread for plugins: {error}"))?;
        let permits = Semaphore::new(CHECKS_AT_ONCE_MAX);
        Ok(Host {
            engine,
            ticker,
            permits,
            patterns: Compiled::default(),
            quarantine: Quarantine::new(quarantine),
            linker,
            stock,
            loaded: Mutex::default(),
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
}
