//! A guest that loops delays nobody outside its thread, and is itself told in time.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use ruled::plugin::{Plugins, ProbeOutcome, Value};
use ruled::transport::{Route, connect};

use super::{peer, probe, with};
use crate::rig::PATIENCE;

pub(super) const GUESTS: usize = 8;
const CONNECTIONS: usize = 40;

/// On a runtime that guests share, connections took 600 ms and more. The bound leaves room for a busy machine.
const P95_MAX: Duration = Duration::from_millis(200);

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
pub(super) fn is_fast(mut deed: impl FnMut()) {
    let mut took: Vec<Duration> = (0..CONNECTIONS)
        .map(|_| {
            let began = Instant::now();
            deed();
            began.elapsed()
        })
        .collect();
    took.sort();
    assert!(took[CONNECTIONS * 95 / 100] < P95_MAX, "{took:?}");
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
