//! A guest that loops delays nobody outside its thread, and is itself told in time.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use ruled::plugin::{Plugins, ProbeOutcome, Value};
use ruled::transport::{Route, connect};

use super::{peer, probe, with};
use crate::rig::PATIENCE;

pub(super) const GUESTS: usize = 8;
const CONNECTIONS: usize = 40;

/// On a runtime that guests share, connections took 600 ms and more. The bound leaves room for what the guests themselves take.
const P95_MAX: Duration = Duration::from_millis(200);

/// How many threads have to get their turn one after the other for a connection or a probe: who asks, the thread of
/// probes, the peer, and both of the first again.
const HOPS: u32 = 5;

#[test]
fn looping_guests_do_not_delay_native_connections() {
    let plugins = Plugins::with(ruled_test_guests::HOSTILE);
    let port = peer::silent();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..GUESTS {
        let sender = sender.clone();
        let deed = with(probe("hostile", port), "deed", Value::Text("loop".into()));
        plugins.probe(deed, Box::new(move |report| sender.send(report).expect("the test waits")));
    }

    connects_fast(port);
    for _ in 0..GUESTS {
        let report = receiver.recv_timeout(PATIENCE).expect("every probe is reported");
        assert!(matches!(report.outcome, ProbeOutcome::Faulted(_)), "{report:?}");
    }
}

/// Connects again and again while guests loop.
pub(super) fn connects_fast(port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let route = Route::tcp("127.0.0.1", port);
    is_fast(|| {
        runtime.block_on(connect(&route, Instant::now() + PATIENCE)).expect("the peer accepts");
    });
}

/// Does something again and again, which takes no longer because guests loop.
///
/// Whatever is done goes from thread to thread some times. A machine that is busy with other things lets each of them wait,
/// which is nobody's fault here: how long is measured beside it.
pub(super) fn is_fast(mut deed: impl FnMut()) {
    let (ends, end) = mpsc::channel();
    let (mut took, late) = std::thread::scope(move |scope| {
        let waits = scope.spawn(|| longest_wait(end));
        let deeds = (0..CONNECTIONS).map(|_| {
            let began = Instant::now();
            deed();
            began.elapsed()
        });
        let took: Vec<Duration> = deeds.collect();
        drop(ends);
        (took, waits.join().expect("it only sleeps"))
    });
    took.sort();
    let max = P95_MAX + late * HOPS;
    assert!(took[CONNECTIONS * 95 / 100] < max, "{took:?}, with waits of up to {late:?}");
}

/// How late a thread that has nothing to do with guests got its turn, at most, until nobody can send to it any more.
fn longest_wait(end: Receiver<()>) -> Duration {
    const SLEEP: Duration = Duration::from_millis(2);
    let mut longest = Duration::ZERO;
    loop {
        let began = Instant::now();
        if end.recv_timeout(SLEEP) != Err(RecvTimeoutError::Timeout) {
            return longest;
        }
        longest = longest.max(began.elapsed().saturating_sub(SLEEP));
    }
}

#[test]
fn dropping_the_last_handle_still_reports_every_probe() {
    let plugins = Plugins::with(ruled_test_guests::HOSTILE);
    let (sender, receiver) = mpsc::channel();
    for _ in 0..GUESTS {
        let sender = sender.clone();
        let deed = with(probe("hostile", peer::silent()), "deed", Value::Text("receive".into()));
        plugins.probe(deed, Box::new(move |report| sender.send(report).expect("the test waits")));
    }
    drop(plugins);
    for _ in 0..GUESTS {
        let report = receiver.recv_timeout(PATIENCE).expect("every probe is reported");
        assert!(matches!(report.outcome, ProbeOutcome::Faulted(_)), "{report:?}");
    }
}
