//! What guests that loop cost everybody else: how long plain connections take beside eight of them that never stop, and
//! without any. `cargo bench -p ruled --bench guests`.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ruled::plugin::{Plugins, Probe, Setting, Value};
use ruled::transport::{Route, connect};

const GUESTS: usize = 8;
/// Enough for a quantile of 95 in a hundred.
const CONNECTIONS: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(2);

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let route = Route::tcp("127.0.0.1", listener.local_addr().expect("an address").port());
    std::thread::spawn(move || listener.incoming().for_each(drop));
    told("nobody", &measure(&route));

    // A silent server for those who loop, so that they are let in.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let loops = Route::tcp("127.0.0.1", silent.local_addr().expect("an address").port());
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for client in silent.incoming().flatten() {
            kept.push(client);
            if kept.len() > 4 * GUESTS {
                kept.remove(0);
            }
        }
    });
    let (plugins, goes_on) =
        (Plugins::with_quarantine(ruled_test_guests::HOSTILE, Duration::ZERO), Arc::new(AtomicBool::new(true)));
    let guests: Vec<_> = (0..GUESTS)
        .map(|_| {
            let (plugins, route, goes_on) = (plugins.clone(), loops.clone(), Arc::clone(&goes_on));
            std::thread::spawn(move || {
                while goes_on.load(Ordering::Relaxed) {
                    let (sender, receiver) = std::sync::mpsc::channel();
                    plugins.probe(looping(&route), Box::new(move |report| drop(sender.send(report))));
                    receiver.recv().expect("every probe is reported");
                }
            })
        })
        .collect();
    // Until all of them have begun.
    std::thread::sleep(Duration::from_millis(200));
    told("eight that loop", &measure(&route));
    goes_on.store(false, Ordering::Relaxed);
    guests.into_iter().for_each(|guest| guest.join().expect("it ends"));
}

fn looping(route: &Route) -> Probe {
    let deed = Setting { name: "deed".into(), value: Value::Text("loop".into()), is_secret: false };
    Probe { protocol: "hostile".into(), route: route.clone(), settings: vec![deed], timeout: Duration::from_secs(20) }
}

/// How long each connection took, the shortest first.
fn measure(route: &Route) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut took: Vec<Duration> = (0..CONNECTIONS)
        .map(|_| {
            std::thread::sleep(PAUSE);
            let began = Instant::now();
            runtime.block_on(connect(route, began + Duration::from_secs(5))).expect("it is accepted");
            began.elapsed()
        })
        .collect();
    took.sort();
    took
}

fn told(beside: &str, took: &[Duration]) {
    let part = |hundredths: usize| took[(took.len() * hundredths / 100).min(took.len() - 1)];
    println!("a connection beside {beside:16} p50 {:?}  p95 {:?}  p99 {:?}", part(50), part(95), part(99));
}
