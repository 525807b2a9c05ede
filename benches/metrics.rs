//! What does a request pay for being counted, and what does it cost to show 100,000 tenants: looking at all of them and writing
//! the text, and ranking them anew? How long is the text?
//!
//! `cargo bench --bench metrics`

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cirque::limiter::Tenant;
use cirque::metrics::Metrics;
use cirque::model::TenantId;
use criterion::{Criterion, criterion_group, criterion_main};

const TENANTS: usize = 100_000;
/// `log.tenants_max` unless it is set.
const PLACES: usize = 1_000;
const INTERVAL: Duration = Duration::from_secs(15);

fn metrics(c: &mut Criterion) {
    let metrics = Metrics::new(PLACES).with_ledger();
    let tenants: Vec<Arc<Tenant>> = (0..TENANTS)
        .map(|number| {
            let name = format!("customer-{number}");
            let id = TenantId::new("production", &name).expect("a name");
            Arc::new(Tenant::new(id, &metrics))
        })
        .collect();
    let mut group = c.benchmark_group("metrics");
    group.bench_function("a request, one tenant", |bencher| {
        bencher.iter(|| request(black_box(&tenants[0])));
    });
    // Each time another one, so that nothing of it is in the processor's caches.
    group.bench_function("a request, 100,000 tenants in turn", |bencher| {
        bencher.iter_custom(|count| {
            let began = Instant::now();
            // A large prime: neighbours in memory do not come one after the other.
            let mut number = 0;
            for _ in 0..count {
                number = (number + 48_611) % TENANTS;
                request(black_box(&tenants[number]));
            }
            began.elapsed()
        });
    });
    group.sample_size(10);
    let mut bytes = 0;
    group.bench_function(
        "a scrape, 100,000 tenants of whom 1,000 are shown",
        |bencher| {
            bencher.iter(|| {
                for tenant in tenants.iter().step_by(10) {
                    request(tenant);
                }
                bytes = black_box(metrics.render()).len();
            });
        },
    );
    group.bench_function("a ranking of 100,000 tenants", |bencher| {
        bencher.iter(|| metrics.rank_tenants(INTERVAL));
    });
    group.finish();
    println_bytes(bytes);
}

/// All that is counted of an ordinary request: one answer of a worker, from the sandbox that is made to the end.
fn request(tenant: &Tenant) {
    use std::sync::atomic::Ordering::Relaxed;
    let (metrics, usage) = (&tenant.metrics, &tenant.usage);
    usage.request();
    metrics.running.fetch_add(1, Relaxed);
    metrics.instance_started();
    let (cpu, wall) = (Duration::from_micros(80), Duration::from_micros(300));
    usage.invocation(cpu, 3 << 20, wall);
    metrics.memory_used(3 << 20);
    metrics.running.fetch_sub(1, Relaxed);
    metrics.answered(200, wall, Some(cpu));
    usage.received(0);
    usage.sent(1_000);
}

#[expect(clippy::print_stdout, reason = "a figure of this bench")]
fn println_bytes(bytes: usize) {
    println!("the text of a scrape: {:.1} MB", bytes as f64 / 1e6);
}

criterion_group!(benches, metrics);
criterion_main!(benches);
