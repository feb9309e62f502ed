//! What a guest may use, and what happens when it wants more. Every number has its reason beside it.

use std::time::Duration;

pub(super) use ruled_loader::MEMORY_BYTES_MAX;
use thiserror::Error;
use wasmtime::ResourceLimiter;

/// Tables hold functions; a guest in Rust has some hundreds.
pub(super) const TABLE_ELEMENTS_MAX: usize = 20_000;
/// How often guests are interrupted: seldom enough to cost nothing, often enough for a budget of some of them.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// CPU time; a check of a stock protocol uses well under a millisecond.
pub(super) const CHECK_CPU_MAX: Duration = Duration::from_millis(200);
/// Describing itself is copying constants.
pub(super) const DESCRIBE_CPU_MAX: Duration = Duration::from_millis(20);
/// What one call may hand to the host; more is never sent in one piece.
pub(super) const CALL_BYTES_MAX: usize = 1 << 20;
/// A check asks; it does not upload.
pub(super) const SENT_BYTES_MAX: usize = 1 << 20;
/// Enough for any page that a rule looks at, too little to fill memory with.
pub(super) const RECEIVED_BYTES_MAX: usize = 8 << 20;
/// What `receive` returns at most: a peer's burst.
pub(super) const RECEIVE_BYTES_MAX: usize = 64 << 10;
/// What `random-bytes` returns at most, as the WIT says.
pub(super) const RANDOM_BYTES_MAX: u32 = 4_096;
/// How often a key may be stretched in one check: some 50 ms, on the plugins' thread.
pub(super) const STRETCHES_MAX: u32 = 100_000;
/// A check has one connection; the rest is room for later interfaces.
pub(super) const HANDLES_MAX: usize = 16;
/// What the host digests and matches for one check: everything that a peer may send, twice.
pub(super) const WORKED_BYTES_MAX: usize = 2 * RECEIVED_BYTES_MAX;
/// Compiled patterns that are kept; rules have some dozens. With more, all are compiled again.
pub(super) const PATTERNS_KEPT_MAX: usize = 256;
/// What a person reads of one check.
pub(super) const LOG_LINES_MAX: usize = 100;
/// A line longer than this is cut.
pub(super) const LOG_LINE_BYTES_MAX: usize = 4 << 10;
/// All lines of a check together.
pub(super) const LOG_BYTES_MAX: usize = 64 << 10;
/// One line, however wide.
pub(super) const SUMMARY_BYTES_MAX: usize = 1 << 10;
/// Enough for the status page of a database.
pub(super) const METRICS_MAX: usize = 64;
/// What a plugin may describe; the one of the stock plugins with the most options has not half as many.
pub(super) const OPTIONS_MAX: usize = 64;
/// Words that an option may be one of.
pub(super) const CHOICES_MAX: usize = 64;
/// A name that a person writes in a rule.
pub(super) const NAME_BYTES_MAX: usize = 64;
/// What a manual page says of a plugin or of one of its options.
pub(super) const PAGE_BYTES_MAX: usize = 16 << 10;
/// What fits on a screen.
pub(super) const FACTS_MAX: usize = 32;
/// A name or a text of a fact.
pub(super) const FACT_BYTES_MAX: usize = 256;
/// Each instance needs 4 mappings, and the kernel allows 65,530 of them to a process.
pub(super) const CHECKS_AT_ONCE_MAX: usize = 4_000;
/// Jobs that wait for the thread. A caller with more than this has lost sight of what it started.
pub(super) const QUEUE_MAX: usize = 65_536;
/// How long after the deadline a guest may take to put into words that it passed. It is told at once and ends by its CPU
/// budget, so this is for a machine that is so busy that the guest does not get what it has a right to.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// Threads that read files for encryption; one that hangs occupies one.
pub(super) const BLOCKING_THREADS_MAX: usize = 16;
/// The host's side of a check: fibers run on it, with the guest's stack of 512 KiB in it.
pub(super) const ASYNC_STACK_BYTES: usize = 1 << 20;

/// A limit that a guest ran into; each ends the check. They are continued after "the NAME plugin".
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum Fault {
    #[error("used up its CPU budget of {} ms", .0.as_millis())]
    Cpu(Duration),
    #[error("asked for more than {} MiB of memory", MEMORY_BYTES_MAX >> 20)]
    Memory,
    #[error("asked for a table of more than {TABLE_ELEMENTS_MAX} elements")]
    Table,
    #[error("wrote more than {LOG_LINES_MAX} lines or {} KiB to its log", LOG_BYTES_MAX >> 10)]
    Log,
    #[error("asked for more than {RANDOM_BYTES_MAX} random bytes at once")]
    Random,
    #[error("had more than {} MiB digested or matched", WORKED_BYTES_MAX >> 20)]
    Work,
    #[error("sent more than {} MiB", SENT_BYTES_MAX >> 20)]
    Sent,
    #[error("wanted to receive more than {} MiB at once", CALL_BYTES_MAX >> 20)]
    Call,
}

/// Refuses growth beyond the limits.
#[derive(Debug, Default)]
pub(super) struct Limiter;

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        // An error ends the guest with the reason; a refusal would let it end itself without one.
        if desired > MEMORY_BYTES_MAX { Err(Fault::Memory.into()) } else { Ok(true) }
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS_MAX { Err(Fault::Table.into()) } else { Ok(true) }
    }

    fn instances(&self) -> usize {
        // A component of Rust has the module and two small ones that join it to its imports.
        16
    }

    fn tables(&self) -> usize {
        16
    }

    fn memories(&self) -> usize {
        // Each memory may have MEMORY_BYTES_MAX, so there is only one.
        1
    }
}
