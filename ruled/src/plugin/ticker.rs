//! The clock of the CPU budget: a thread that interrupts guests, and that only runs while they do.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Thread};

use wasmtime::{Engine, StoreContextMut, UpdateDeadline};

use super::limits::{Fault, TICK};

/// For so many ticks without a guest the thread stays awake, because waking it for each check would cost more.
const LINGER_TICKS: u32 = 5;

/// The thread and what it shares with those who run guests.
pub(super) struct Ticker {
    clock: Arc<Clock>,
    thread: Thread,
}

#[derive(Default)]
struct Clock {
    ticks: AtomicU64,
    /// How often a guest was entered, so that the thread sees that one was between two ticks.
    entries: AtomicU64,
    /// Whether a guest runs at this moment. There is one thread for guests.
    inside: AtomicBool,
    parked: AtomicBool,
    stop: AtomicBool,
}

/// What one check has used. It is charged for ticks that fall while it runs, not for those while it waits, so a slow
/// peer does not use up the plugin's budget.
pub(super) struct Meter {
    clock: Arc<Clock>,
    entered_at_tick: AtomicU64,
}

impl Ticker {
    /// Starts the thread for the guests of `engine`.
    pub(super) fn start(engine: Engine) -> std::io::Result<Ticker> {
        let clock = Arc::new(Clock::default());
        let thread = thread::Builder::new().name("plugin-ticker".into()).spawn({
            let clock = Arc::clone(&clock);
            move || clock.run(&engine)
        })?;
        Ok(Ticker { clock, thread: thread.thread().clone() })
    }

    /// A meter for one check.
    pub(super) fn meter(&self) -> Arc<Meter> {
        Arc::new(Meter { clock: Arc::clone(&self.clock), entered_at_tick: AtomicU64::new(0) })
    }

    /// Runs a guest to its end and measures it meanwhile.
    pub(super) async fn metered<F: Future>(&self, meter: &Meter, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        poll_fn(|context| {
            self.enter(meter);
            let polled = guest.as_mut().poll(context);
            self.clock.inside.store(false, SeqCst);
            polled
        })
        .await
    }

    fn enter(&self, meter: &Meter) {
        meter.entered_at_tick.store(self.clock.ticks.load(SeqCst), SeqCst);
        self.clock.inside.store(true, SeqCst);
        self.clock.entries.fetch_add(1, SeqCst);
        // The thread says that it parks, then looks whether a guest was entered; here it is the other way round. So
        // one of the two always sees the other.
        if self.clock.parked.swap(false, SeqCst) {
            self.thread.unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.clock.stop.store(true, SeqCst);
        self.thread.unpark();
    }
}

impl Clock {
    fn run(&self, engine: &Engine) {
        let mut seen = 0;
        let mut idle = 0;
        while !self.stop.load(SeqCst) {
            if idle >= LINGER_TICKS {
                self.parked.store(true, SeqCst);
                if !self.inside.load(SeqCst) && self.entries.load(SeqCst) == seen && !self.stop.load(SeqCst) {
                    thread::park();
                }
                self.parked.store(false, SeqCst);
                idle = 0;
            }
            thread::sleep(TICK);
            self.ticks.fetch_add(1, SeqCst);
            engine.increment_epoch();
            let entries = self.entries.load(SeqCst);
            idle = if self.inside.load(SeqCst) || entries != seen { 0 } else { idle + 1 };
            seen = entries;
        }
    }
}

impl Meter {
    /// What a store does at each tick that its guest notices: charge it, and let others run.
    pub(super) fn on_tick<T>(
        self: Arc<Self>,
        ticks_max: u32,
    ) -> impl FnMut(StoreContextMut<T>) -> wasmtime::Result<UpdateDeadline> + Send + Sync + 'static {
        let mut used = 0;
        move |_| {
            if self.entered_at_tick.load(SeqCst) == self.clock.ticks.load(SeqCst) {
                // The tick fell while the guest waited for its peer.
                return Ok(UpdateDeadline::Continue(1));
            }
            // One at a time, also when this thread was kept waiting by the machine for several.
            used += 1;
            if used > ticks_max { Err(Fault::Cpu(ticks_max).into()) } else { Ok(UpdateDeadline::Yield(1)) }
        }
    }
}
