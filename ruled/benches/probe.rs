//! What the sandbox costs: an ssh check by the component beside the same exchange in native code, taken in turns on
//! the loopback in one process. `cargo bench -p ruled --bench probe`; add `--profile dev` for the profile of the tests.

fn main() {
    bench::run();
}

mod bench {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use ruled::plugin::{Plugins, Probe, ProbeOutcome};
    use ruled::transport::{Route, connect};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt};

    /// Enough for a steady median, few enough for a coffee sip.
    const ROUNDS: usize = 2_000;
    /// The first rounds load the component and warm the caches.
    const WARM_UP: usize = 100;

    pub(super) fn run() {
        let route = Route::tcp("127.0.0.1", serve());
        let plugins = Plugins::stock();
        // Both sides hand each exchange to a thread with a runtime of its own and wait for the answer.
        let native = native(route.clone());
        let mut component_took = Vec::with_capacity(ROUNDS);
        let mut native_took = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS + WARM_UP {
            let one = component_round(&plugins, &route);
            let other = native();
            if round >= WARM_UP {
                component_took.push(one);
                native_took.push(other);
            }
        }
        let (component, native) = (median(component_took), median(native_took));
        println!("component  p50 {component:?}");
        println!("native     p50 {native:?}");
        println!("ratio      {:.2}", component.as_secs_f64() / native.as_secs_f64());
    }

    fn component_round(plugins: &Plugins, route: &Route) -> Duration {
        let (sender, receiver) = mpsc::channel();
        let probe = Probe {
            protocol: "ssh".into(),
            route: route.clone(),
            settings: Vec::new(),
            timeout: Duration::from_secs(5),
        };
        plugins.probe(probe, Box::new(move |report| sender.send(report).expect("the bench waits")));
        let report = receiver.recv().expect("every probe is reported");
        assert!(matches!(report.outcome, ProbeOutcome::Passed { .. }), "{report:?}");
        report.total
    }

    /// The same exchange in native code; each call runs one and returns how long it took.
    fn native(route: Route) -> impl Fn() -> Duration {
        let (jobs, mut inbox) = tokio::sync::mpsc::channel::<mpsc::Sender<Duration>>(1);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                while let Some(done) = inbox.recv().await {
                    let began = Instant::now();
                    exchange(&route, began + Duration::from_secs(5)).await;
                    done.send(began.elapsed()).expect("the bench waits");
                }
            });
        });
        move || {
            let (sender, receiver) = mpsc::channel();
            jobs.blocking_send(sender).expect("the thread runs");
            receiver.recv().expect("every exchange ends")
        }
    }

    async fn exchange(route: &Route, deadline: Instant) {
        let connected = connect(route, deadline).await.expect("the server accepts");
        let mut stream = tokio::io::BufReader::new(connected);
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("the server speaks");
        assert!(line.starts_with("SSH-2.0-"));
        stream.get_mut().write_all(b"SSH-2.0-ruled_0.1.0\r\n").await.expect("the server listens");
    }

    fn serve() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
        let port = listener.local_addr().expect("its number").port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.write_all(b"SSH-2.0-bench\r\n");
                let mut rest = BufReader::new(stream);
                let _ = rest.read_line(&mut String::new());
                let _ = rest.read_to_end(&mut Vec::new());
            }
        });
        port
    }

    fn median(mut took: Vec<Duration>) -> Duration {
        took.sort();
        took[took.len() / 2]
    }
}
