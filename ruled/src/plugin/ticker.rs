//! The CPU budget: a thread that interrupts guests, and that only runs while they do, and meters of what they use.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Thread};
use std::time::Duration;

use nix::time::ClockId;
use wasmtime::{Engine, StoreContextMut, UpdateDeadline};

use super::limits::{Fault, TICK};

/// For so many ticks without a guest the thread stays awake, because waking it for each check would cost more.
const LINGER_TICKS: u32 = 5;

/// The thread and what it shares with those who run guests.
pub(super) struct Ticker {
    clock: Arc<Clock>,
    thread: Thread,
}

struct Clock {
    /// The engine of all guests on the thread.
    engine: Engine,
    ticks: AtomicU64,
    /// How often a guest was entered, so that the thread sees that one was between two ticks.
    entries: AtomicU64,
    /// Whether a guest runs at this moment. Each thread for guests has a ticker of its own.
    inside: AtomicBool,
    parked: AtomicBool,
    stop: AtomicBool,
}

/// What one check has used: CPU time of the thread in ticks that fall while its guest runs. So neither a slow peer uses up
/// the plugin's budget nor a machine that is busy with something else, and a call of the host costs one tick at most.
pub(super) struct Meter {
    clock: Arc<Clock>,
    entered_at_tick: AtomicU64,
    /// Whether a tick has fallen while the guest ran. Before, nothing of a stock plugin is measured, because asking the
    /// kernel at each turn costs more than most of them use in all.
    is_measured: AtomicBool,
    /// The CPU time of the thread up to which is charged, in nanoseconds.
    charged_to: AtomicU64,
    /// What is charged, in nanoseconds.
    used: AtomicU64,
}

impl Ticker {
    /// Starts the thread for the guests of `engine`.
    pub(super) fn start(engine: Engine) -> std::io::Result<Ticker> {
        let clock = Arc::new(Clock {
            engine,
            ticks: AtomicU64::new(0),
            entries: AtomicU64::new(0),
            inside: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("plugin-ticker".into()).spawn({
            let clock = Arc::clone(&clock);
            move || clock.run()
        })?;
        Ok(Ticker { clock, thread: thread.thread().clone() })
    }

    /// A meter for one check; one that measures all of it, or only what goes beyond a tick.
    pub(super) fn meter(&self, all: bool) -> Arc<Meter> {
        Arc::new(Meter {
            clock: Arc::clone(&self.clock),
            entered_at_tick: AtomicU64::new(0),
            is_measured: AtomicBool::new(all),
            charged_to: AtomicU64::new(0),
            used: AtomicU64::new(0),
        })
    }

    /// Runs a guest to its end and measures it meanwhile.
    pub(super) async fn metered<F: Future>(&self, meter: &Meter, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        poll_fn(|context| {
            self.enter(meter);
            let polled = guest.as_mut().poll(context);
            self.clock.inside.store(false, SeqCst);
            if meter.is_measured.load(SeqCst) {
                meter.charge();
            }
            polled
        })
        .await
    }

    fn enter(&self, meter: &Meter) {
        meter.entered_at_tick.store(self.clock.ticks.load(SeqCst), SeqCst);
        if meter.is_measured.load(SeqCst) {
            meter.charged_to.store(cpu_time(), SeqCst);
        }
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
    fn run(&self) {
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
            self.engine.increment_epoch();
            let entries = self.entries.load(SeqCst);
            idle = if self.inside.load(SeqCst) || entries != seen { 0 } else { idle + 1 };
            seen = entries;
        }
    }
}

impl Meter {
    /// The CPU time that is charged so far.
    pub(super) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.used.load(SeqCst))
    }

    /// What a store does at each tick that its guest notices: charge it, and let others run.
    pub(super) fn on_tick<T>(
        self: Arc<Self>,
        cpu_max: Duration,
    ) -> impl FnMut(StoreContextMut<T>) -> wasmtime::Result<UpdateDeadline> + Send + Sync + 'static {
        move |_| {
            if self.notice(cpu_max)? { Ok(UpdateDeadline::Yield(1)) } else { Ok(UpdateDeadline::Continue(1)) }
        }
    }

    /// Charges a tick, and says whether it fell while the guest ran, and not while it waited for its peer.
    fn notice(&self, cpu_max: Duration) -> Result<bool, Fault> {
        if self.entered_at_tick.load(SeqCst) == self.clock.ticks.load(SeqCst) {
            return Ok(false);
        }
        if self.is_measured.swap(true, SeqCst) {
            self.charge();
        } else {
            self.charged_to.store(cpu_time(), SeqCst);
        }
        let used = Duration::from_nanos(self.used.load(SeqCst));
        if used > cpu_max { Err(Fault::Cpu(cpu_max)) } else { Ok(true) }
    }

    /// Charges what the thread has used since it was charged, but no more than a tick: the rest was the host's.
    fn charge(&self) {
        let now = cpu_time();
        let since = now.saturating_sub(self.charged_to.swap(now, SeqCst));
        self.used.fetch_add(since.min(TICK.as_nanos() as u64), SeqCst);
    }
}

/// The CPU time of this thread in nanoseconds. Every kernel tells it.
fn cpu_time() -> u64 {
    let time = ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(Duration::from).unwrap_or_default();
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::time::Instant;

    use super::*;
    use crate::plugin::limits::CHECK_CPU_MAX;

    /// Far more than any of them takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Runs something as if it were a guest.
    fn run<T>(guest: impl AsyncFnOnce(&Meter) -> T) -> T {
        let engine = Engine::new(&ruled_loader::engine_config()).expect("an engine");
        let ticker = Ticker::start(engine).expect("a thread");
        let meter = ticker.meter(false);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(ticker.metered(&meter, guest(&meter)))
    }

    #[test]
    fn a_thread_that_the_machine_keeps_waiting_uses_nothing() {
        let noticed = run(async |meter| {
            // It gets a moment of each tick, as beside many other programs.
            let began = Instant::now();
            let mut noticed = 0;
            while noticed < 40 && began.elapsed() < PATIENCE {
                thread::sleep(TICK);
                let fell = meter.notice(CHECK_CPU_MAX).expect("it waits and does not work");
                noticed += u32::from(fell);
            }
            noticed
        });
        assert_eq!(noticed, 40);
    }

    #[test]
    fn work_is_charged_up_to_the_budget() {
        let fault = run(async |meter| {
            let began = Instant::now();
            while began.elapsed() < PATIENCE {
                if let Err(fault) = meter.notice(CHECK_CPU_MAX) {
                    return Some(fault);
                }
            }
            None
        });
        assert_eq!(fault, Some(Fault::Cpu(CHECK_CPU_MAX)));
    }

    #[test]
    fn what_is_used_in_many_turns_is_added_up() {
        let fault = run(async |meter| {
            let began = Instant::now();
            while began.elapsed() < PATIENCE {
                for _ in 0..10_000 {
                    black_box(0);
                }
                if let Err(fault) = meter.notice(CHECK_CPU_MAX) {
                    return Some(fault);
                }
                // Others have their turn.
                tokio::task::yield_now().await;
            }
            None
        });
        assert_eq!(fault, Some(Fault::Cpu(CHECK_CPU_MAX)));
    }

    #[test]
    fn one_call_of_the_host_costs_a_tick_at_most() {
        let used = run(async |meter| {
            let work = || {
                let (until, began) = (cpu_time() + 5 * TICK.as_nanos() as u64, Instant::now());
                // The thread that ticks may be kept waiting, too.
                let is_seen = || meter.entered_at_tick.load(SeqCst) < meter.clock.ticks.load(SeqCst);
                while (cpu_time() < until || !is_seen()) && began.elapsed() < PATIENCE {}
            };
            work();
            meter.notice(CHECK_CPU_MAX).expect("the first is free");
            work();
            meter.notice(CHECK_CPU_MAX).expect("a tick is not the budget");
            Duration::from_nanos(meter.used.load(SeqCst))
        });
        assert_eq!(used, TICK);
    }
}
