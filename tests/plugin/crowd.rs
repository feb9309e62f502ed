//! Thousands of checks that wait at once.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use ruled::plugin::{Plugins, ProbeOutcome};
use rustix::process::{Resource, getrlimit, setrlimit};

use super::probe;
use crate::rig::skip;

/// As many as may run at once, and some that have to wait for their turn.
const PROBES: usize = 4_000 + 50;
/// How many maps of memory the kernel gives a process, by its own default (`vm.max_map_count`).
const MAPS_MAX: usize = 65_530;
/// Both ends of each connection are in this process, and there are other tests.
const DESCRIPTORS: u64 = 2 * PROBES as u64 + 2_000;
/// Far more than it takes.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn thousands_of_checks_wait_at_once() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|most| most < DESCRIPTORS) {
        return skip(&format!("this process may not have {DESCRIPTORS} descriptors"));
    }
    if limit.current.is_some_and(|soft| soft < DESCRIPTORS) {
        limit.current = Some(DESCRIPTORS);
        setrlimit(Resource::Nofile, limit).expect("a limit up to the hard one can be set");
    }

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    // The customary queue of 128 overflows when this thread is kept waiting, and the kernel may then forget connections
    // that the other side takes for made.
    rustix::net::listen(&listener, 4_096).expect("a longer queue");
    let port = listener.local_addr().expect("its number").port();
    let (ask, asked) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel();
    let server = std::thread::spawn(move || {
        // Nobody is answered before all wait.
        let streams: Vec<_> = listener.incoming().take(PROBES).flatten().collect();
        ask.send(streams.len()).expect("the test waits");
        goes_on.recv().expect("the test says so");
        for mut stream in streams {
            let _ = stream.write_all(b"SSH-2.0-patient\r\n");
        }
    });

    let plugins = Plugins::stock();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..PROBES {
        let mut probe = probe("ssh", port);
        probe.timeout = PATIENCE;
        let sender = sender.clone();
        plugins.probe(probe, Box::new(move |report| sender.send(report).expect("the test waits")));
    }
    assert_eq!(asked.recv_timeout(PATIENCE), Ok(PROBES), "not all connect at once");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs").lines().count();
    assert!(maps < MAPS_MAX / 2, "{maps} maps");
    go_on.send(()).expect("the server waits");
    let mut passed = 0;
    for _ in 0..PROBES {
        let report = receiver.recv_timeout(PATIENCE).expect("every probe is reported");
        match report.outcome {
            ProbeOutcome::Passed { .. } => passed += 1,
            other => panic!("after {passed} that passed: {other:?}"),
        }
    }
    server.join().expect("the server ends");
}
