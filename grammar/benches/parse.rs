//! How long reading takes, in bytes a second: `cargo bench -p grammar --bench parse`.

#[path = "../../bench/services.rs"]
mod services;

use criterion::{BenchmarkId, Criterion, Throughput};
use grammar::{Dialect, Source, parse};

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("parse");
    for services in services::SIZES {
        let source = Source::new("bench", services::control_file(services));
        group.throughput(Throughput::Bytes(source.text().len() as u64));
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let parsed = parse(&source, dialect);
            assert_eq!(parsed.findings, [], "what is measured must be sound");
            group.bench_function(BenchmarkId::new(dialect.word(), services), |bencher| {
                bencher.iter(|| parse(&source, dialect));
            });
        }
    }
    group.finish();
    criterion.final_summary();
}
