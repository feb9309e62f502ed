//! What a guest may use, and what happens when it wants more. Every number has its reason beside it.

use std::time::Duration;

pub(super) use ruled_loader::{MEMORY_BYTES_MAX, OWN_MEMORY_BYTES_MAX};
use thiserror::Error;
use wasmtime::ResourceLimiter;

/// How much memory a plugin of one's own may have that carries no interpreter.
pub(super) const SMALL_MEMORY_BYTES_MAX: usize = 32 << 20;
/// A component larger than this carries the interpreter of its language: the smallest of those has 1.6 MB, the largest of
/// the others some hundred thousand bytes.
pub(super) const SMALL_WASM_BYTES_MAX: u64 = 512 << 10;
/// Tables hold functions; a guest in Rust has some hundreds.
pub(super) const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Interpreters are larger.
pub(super) const OWN_TABLE_ELEMENTS_MAX: usize = 100_000;
/// How often guests are interrupted: seldom enough to cost nothing, often enough for a budget of some of them.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// CPU time; a check of a stock protocol uses well under a millisecond.
pub(super) const CHECK_CPU_MAX: Duration = Duration::from_millis(200);
/// CPU time of a plugin of one's own.
pub(super) const OWN_CHECK_CPU_MAX: Duration = Duration::from_millis(500);
/// CPU time of one that carries an interpreter.
pub(super) const LARGE_CHECK_CPU_MAX: Duration = Duration::from_secs(2);
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
/// How often a key may be stretched in one check: some 50 ms, on the plugin's thread.
pub(super) const STRETCHES_MAX: u32 = 100_000;
/// Connections that a check opens by itself, as the WIT says.
pub(super) const CONNECTIONS_MAX: u32 = 4;
/// Requests that a check makes over HTTP, as the WIT says.
pub(super) const FETCHES_MAX: u32 = 16;
/// Connections and digests.
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
/// Grants that a check cannot do without.
pub(super) const NEEDS_MAX: usize = 16;
/// What is said of one of them.
pub(super) const NEED_BYTES_MAX: usize = 256;
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
/// Checks by plugins of one's own: each holds its memory while it waits for whatever it asks.
pub(super) const OWN_CHECKS_AT_ONCE_MAX: usize = 256;
/// One that carries an interpreter counts for so many of them.
pub(super) const LARGE_CHECK_WEIGHT: u32 = 16;
/// Checks that read files, one thread each: all that run at once, and some that were given up because a file system does
/// not answer.
pub(super) const READERS_MAX: usize = OWN_CHECKS_AT_ONCE_MAX + 64;
/// Jobs that wait for the thread. A caller with more than this has lost sight of what it started.
pub(super) const QUEUE_MAX: usize = 65_536;
/// How long after the deadline a guest may take to put into words that it passed. It is told at once and ends by its CPU
/// budget, so this is for a machine that is so busy that the guest does not get what it has a right to.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// Threads that read files for encryption, where one that hangs occupies one, and those that wait for readers.
pub(super) const BLOCKING_THREADS_MAX: usize = 16 + READERS_MAX;
/// The host's side of a check: fibers run on it, with the guest's stack of 512 KiB in it.
pub(super) const ASYNC_STACK_BYTES: usize = 1 << 20;

/// A limit that a guest ran into; each ends the check. They are continued after "the NAME plugin".
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum Fault {
    #[error("used up its CPU budget of {} ms", .0.as_millis())]
    Cpu(Duration),
    #[error("asked for more than {} MiB of memory", .0 >> 20)]
    Memory(usize),
    #[error("asked for a table of more than {0} elements")]
    Table(usize),
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
    #[error("opened more than {CONNECTIONS_MAX} connections")]
    Connections,
    #[error("read more than {} MiB of files", RECEIVED_BYTES_MAX >> 20)]
    Read,
    #[error("asked more than {FETCHES_MAX} times over HTTP")]
    Fetches,
}

/// What a guest may use, by where it comes from and how large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// All its memories together.
    pub(super) memory_bytes: usize,
    /// Each of its tables.
    pub(super) table_elements: usize,
    /// Instances of modules, and tables, in one component.
    pub(super) parts: usize,
    /// Memories in one component.
    pub(super) memories: usize,
    /// The CPU budget of a check.
    pub(super) cpu: Duration,
    /// The CPU budget of describing itself.
    pub(super) describe_cpu: Duration,
}

impl Allowance {
    /// For a stock plugin.
    pub(super) const STOCK: Allowance = Allowance {
        memory_bytes: MEMORY_BYTES_MAX,
        table_elements: TABLE_ELEMENTS_MAX,
        // A component of Rust has the module and two small ones that join it to its imports.
        parts: 16,
        memories: 1,
        cpu: CHECK_CPU_MAX,
        describe_cpu: DESCRIBE_CPU_MAX,
    };

    /// For a plugin of one's own, of so many bytes of WebAssembly.
    pub(super) const fn own(wasm_bytes: u64) -> Allowance {
        let is_large = wasm_bytes > SMALL_WASM_BYTES_MAX;
        let cpu = if is_large { LARGE_CHECK_CPU_MAX } else { OWN_CHECK_CPU_MAX };
        Allowance {
            memory_bytes: if is_large { OWN_MEMORY_BYTES_MAX } else { SMALL_MEMORY_BYTES_MAX },
            table_elements: OWN_TABLE_ELEMENTS_MAX,
            // An interpreter comes in many modules.
            parts: 64,
            memories: 16,
            cpu,
            // An interpreter starts before it can say anything.
            describe_cpu: cpu,
        }
    }
}

/// What an element of a table takes: a pointer.
const TABLE_ELEMENT_BYTES: usize = size_of::<usize>();

/// Refuses growth beyond the limits.
#[derive(Debug)]
pub(super) struct Limiter {
    allowance: Allowance,
    memory_bytes: usize,
}

impl Limiter {
    pub(super) fn new(allowance: Allowance) -> Limiter {
        Limiter { allowance, memory_bytes: 0 }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let all = self.memory_bytes.saturating_add(desired.saturating_sub(current));
        if all > self.allowance.memory_bytes {
            // An error ends the guest with the reason; a refusal would let it end itself without one.
            return Err(Fault::Memory(self.allowance.memory_bytes).into());
        }
        self.memory_bytes = all;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let most = self.allowance.table_elements;
        if desired > most {
            return Err(Fault::Table(most).into());
        }
        // Its elements are memory, too.
        let bytes = |elements: usize| elements.saturating_mul(TABLE_ELEMENT_BYTES);
        self.memory_growing(bytes(current), bytes(desired), maximum)
    }

    fn instances(&self) -> usize {
        self.allowance.parts
    }

    fn tables(&self) -> usize {
        self.allowance.parts
    }

    fn memories(&self) -> usize {
        self.allowance.memories
    }
}
