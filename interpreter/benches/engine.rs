//! How fast the engine judges, and how long a simulated year takes: `cargo bench -p interpreter --bench engine`.
//!
//! A judgement is one rule in one cycle. The year is run once a sample: 20 services with 5 rules each, every minute.

use std::fmt::Write;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load};
use interpreter::program::Program;
use interpreter::simulate::Scenario;

const SERVICES: u64 = 20;
const CYCLE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Twenty processes with five rules each, besides the one that nobody writes.
fn program(dialect: Dialect) -> Program {
    let mut text = format!("set daemon {}\n", CYCLE.as_secs());
    for number in 0..SERVICES {
        writeln!(
            text,
            "check process p{number} with pidfile /run/p{number}.pid\n  start program = \"/bin/up {number}\"\n  if cpu usage > 80% \
             for 5 cycles then alert\n  if memory usage > 500 MB for 3 cycles then alert\n  if 3 restarts within 10 cycles then \
             unmonitor\n  if threads > 500 then alert\n  if failed uid 0 then alert\n  if changed ppid then alert"
        )
        .expect("a text");
    }
    let machine = Imaginary::new().with_file("/etc/bench", text);
    let loaded = load("/etc/bench", dialect, &machine);
    check(&loaded.source, dialect, &Protocols::default(), &machine).program.expect("what is measured must be sound")
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("engine");
    for dialect in [Dialect::Monit, Dialect::Rules] {
        let program = program(dialect);
        let rules: u64 = program.services.iter().map(|service| service.rules.len() as u64).sum();
        for (name, length) in [("day", DAY), ("year", YEAR)] {
            group.throughput(Throughput::Elements(rules * (length.as_secs() / CYCLE.as_secs())));
            group.bench_function(format!("{name}/{}", dialect.word()), |bencher| {
                let begin = || Scenario::new(program.clone());
                bencher.iter_batched(begin, |scenario| scenario.run(length), BatchSize::PerIteration);
            });
        }
    }
    group.finish();
    criterion.final_summary();
}
