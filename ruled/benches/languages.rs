//! What a check costs in each language: the probes of a store of plugins, each against a service that greets, beside the same
//! exchange in native code; what ruled takes for a plugin in memory; and a thousand checks at once. The probes are those of
//! the templates: `RULED_PLUGINS=folder cargo bench -p ruled --bench languages`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use ruled::plugin::{Plugins, Probe, ProbeOutcome, ProbeReport};
use ruled::transport::{Route, connect};
use ruled_manifest::Kind;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};

/// Enough for a steady median; one in Python takes some milliseconds.
const ROUNDS: u32 = 200;
/// What a busy cycle asks for.
const AT_ONCE: usize = 1_000;

fn main() {
    let (found, bad) = ruled::added::Plugins::own().newest();
    bad.iter().for_each(|sentence| eprintln!("{sentence}"));
    let names: Vec<String> = found
        .iter()
        .filter(|manifest| manifest.kind == Kind::Probe)
        .map(|manifest| manifest.description.name.to_string())
        .collect();
    if names.is_empty() {
        println!("no probe lies in the folder that RULED_PLUGINS names; `ruled-plugin add` puts one there");
        return;
    }
    let route = Route::tcp("127.0.0.1", serve());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let native = measured(|| {
        let began = Instant::now();
        runtime.block_on(exchange(&route, began + Duration::from_secs(5)));
        began.elapsed()
    });
    println!("{:20} {:>12} {:>12} {:>12} {:>16} {:>14}", "", "p50", "cpu", "beside", "memory, loaded", "1,000 at once");
    println!("{:20} {:>12?} {:>12?}", "native", native.0, native.1);
    for name in names {
        // A handle of its own, so that what it loads is this plugin alone.
        let (before, plugins) = (resident(), ruled::added::plugins());
        let first = one(&plugins, &name, &route);
        assert!(matches!(first.outcome, ProbeOutcome::Passed { .. }), "{name}: {first:?}");
        let memory = resident().saturating_sub(before);
        let (p50, cpu) = measured(|| one(&plugins, &name, &route).total);
        let (wall, used, passed) = many(&plugins, &name, &route);
        println!(
            "{name:20} {p50:>12?} {cpu:>12?} {:>10.1} x {:>13} kB   {wall:.1?}, cpu {used:.1?}, {passed} passed",
            cpu.as_secs_f64() / native.1.as_secs_f64(),
            memory >> 10,
        );
    }
}

/// The median of the time that one takes, and the mean of the processor time, which includes that of the service.
fn measured(mut once: impl FnMut() -> Duration) -> (Duration, Duration) {
    for _ in 0..ROUNDS / 10 {
        once();
    }
    let before = used();
    let mut took: Vec<Duration> = (0..ROUNDS).map(|_| once()).collect();
    let cpu = (used() - before) / ROUNDS;
    took.sort();
    (took[took.len() / 2], cpu)
}

fn probe(name: &str, route: &Route, timeout: Duration) -> Probe {
    Probe { protocol: name.into(), route: route.clone(), settings: Vec::new(), timeout }
}

fn one(plugins: &Plugins, name: &str, route: &Route) -> ProbeReport {
    let (sender, receiver) = mpsc::channel();
    let probe = probe(name, route, Duration::from_secs(5));
    plugins.probe(probe, Box::new(move |report| sender.send(report).expect("the bench waits")));
    receiver.recv().expect("every probe is reported")
}

/// How long as many take that are asked for at once, their processor time, and how many passed.
fn many(plugins: &Plugins, name: &str, route: &Route) -> (Duration, Duration, usize) {
    let (sender, receiver) = mpsc::channel();
    let (began, before) = (Instant::now(), used());
    for _ in 0..AT_ONCE {
        let sender = sender.clone();
        let probe = probe(name, route, Duration::from_secs(60));
        plugins.probe(probe, Box::new(move |report| drop(sender.send(report))));
    }
    drop(sender);
    let passed = receiver.iter().filter(|report| matches!(report.outcome, ProbeOutcome::Passed { .. })).count();
    (began.elapsed(), used() - before, passed)
}

/// The same exchange in native code.
async fn exchange(route: &Route, deadline: Instant) {
    let connected = connect(route, deadline).await.expect("the server accepts");
    let mut stream = tokio::io::BufReader::new(connected);
    let mut line = String::new();
    stream.read_line(&mut line).await.expect("the server speaks");
    assert!(line.starts_with("HELLO "));
    stream.get_mut().write_all(b"BYE\r\n").await.expect("the server listens");
}

fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let port = listener.local_addr().expect("its number").port();
    std::thread::spawn(move || {
        // Side by side: whoever is connected may still wait for its turn in the sandbox.
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.write_all(b"HELLO world\r\n");
                let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
                let _ = stream.read(&mut [0; 16]);
            });
        }
    });
    port
}

/// The processor time of this process.
fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("there is such a clock").into()
}

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("it is read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is there");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).expect("a number") << 10
}
