//! How long checking and showing take, in bytes of the rules a second: `cargo bench -p interpreter --bench check`.

#[path = "../../bench/services.rs"]
mod services;

use criterion::{BenchmarkId, Criterion, Throughput};
use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load};
use interpreter::show;

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("interpreter");
    let protocols = Protocols::default();
    for services in services::SIZES {
        let text = services::control_file(services);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let machine = Imaginary::new().with_file("/etc/bench", text);
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let checked = || check(&load("/etc/bench", dialect, &machine).source, dialect, &protocols, &machine);
            let program = checked().program.expect("what is measured must be sound");
            assert_eq!(program.services.len(), services, "a service is lost");
            group.bench_function(BenchmarkId::new(format!("check/{}", dialect.word()), services), |bencher| {
                bencher.iter(checked);
            });
            group.bench_function(BenchmarkId::new(format!("show/{}", dialect.word()), services), |bencher| {
                bencher.iter(|| show::program(&program));
            });
        }
    }
    group.finish();
    criterion.final_summary();
}
