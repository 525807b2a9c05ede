//! What does finding a hostname's place cost, once this node has served it? An exact name, a name that a wildcard
//! answers (its candidates are looked for in turn), a name that nothing covers, and an exact name among 100,000.
//!
//! `cargo bench --bench router`

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cirque::conf::{Conf, Sources};
use cirque::metrics::Metrics;
use cirque::model::{Hostname, Route};
use cirque::router::{RouteError, Router};
use cirque::store::known::{Follow, Follower, Known, Trust};
use cirque::store::{self, KeyValue, Write, keys};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};

/// Where all of them lead.
const RECORD: &str = r#"{"namespace": "production", "worker": "shop"}"#;
/// Hostnames on the node that has many.
const MANY: usize = 100_000;
/// How long the node may take to hear of its store.
const PATIENCE: Duration = Duration::from_secs(10);

fn router(c: &mut Criterion) {
    let few = Node::new(&["shop.example", "*.wild.example"]);
    let mut group = c.benchmark_group("router");
    for (name, hostname) in [
        ("exact", "shop.example"),
        ("wildcard, one label below", "a.wild.example"),
        ("wildcard, four labels below", "a.b.c.d.wild.example"),
        ("nowhere", "www.nobody.example"),
    ] {
        few.bench(&mut group, name, &[hostname.to_owned()]);
    }
    drop(few);

    let names: Vec<String> = (0..MANY).map(|n| format!("shop{n}.example")).collect();
    let patterns: Vec<&str> = names.iter().map(String::as_str).collect();
    let many = Node::new(&patterns);
    many.bench(&mut group, "exact, 100,000 names in turn", &names);
    group.finish();
}

/// A router over an embedded store, as the edge has it.
struct Node {
    tokio: Runtime,
    router: Router,
    _directory: tempfile::TempDir,
}

impl Node {
    fn new(patterns: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let conf = conf(directory.path());
        let tokio = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread");
        let router = tokio.block_on(async {
            let url = conf.parsed().expect("the settings are usable").store;
            let store = store::open(&conf, &url).expect("the store opens");
            write(&*store, patterns).await;
            open(&conf, store).await
        });
        Self {
            tokio,
            router,
            _directory: directory,
        }
    }

    fn bench(
        &self,
        group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
        name: &str,
        hostnames: &[String],
    ) {
        let hostnames: Vec<Hostname> = hostnames
            .iter()
            .map(|name| Hostname::parse(name).expect("a hostname"))
            .collect();
        // The first question goes to the store; all later ones are answered from memory.
        self.tokio.block_on(async {
            for hostname in &hostnames {
                let _ = self.router.route(hostname).await;
            }
        });
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                self.tokio.block_on(async {
                    let began = Instant::now();
                    for hostname in hostnames.iter().cycle().take(count as usize) {
                        let found = self.router.route(black_box(hostname)).await;
                        assert!(
                            matches!(found, Ok(_) | Err(RouteError::UnknownHost)),
                            "{found:?}"
                        );
                    }
                    began.elapsed()
                })
            });
        });
    }
}

fn conf(directory: &std::path::Path) -> Conf {
    let data = format!("store.data_dir={}", directory.display());
    let sources = Sources {
        file: None,
        environment: Vec::new(),
        flags: vec![data],
    };
    Conf::load(&sources).expect("the settings are usable")
}

async fn write(store: &dyn KeyValue, patterns: &[&str]) {
    let put = |pattern: &&str| Write::Put(format!("{}{pattern}", keys::HOSTNAME), RECORD.into());
    let writes: Vec<Write> = patterns.iter().map(put).collect();
    store.write(&writes).await.expect("the store takes records");
}

/// The router, once its node knows that the store can be trusted.
async fn open(conf: &Conf, store: Arc<dyn KeyValue>) -> Router {
    let metrics = Arc::new(Metrics::new(0));
    let trust = Arc::new(Trust::new(metrics.clone()));
    let routes: Arc<Known<Route>> = Arc::new(Known::new(
        &conf.store,
        store.clone(),
        None,
        trust.clone(),
        metrics.clone(),
    ));
    let zones = Arc::new(Known::new(
        &conf.store,
        store.clone(),
        None,
        trust.clone(),
        metrics,
    ));
    let known: Vec<Arc<dyn Follow>> = vec![routes.clone(), zones.clone()];
    let (follower, mut ready) = Follower::new(&conf.store, store.clone(), known, trust);
    tokio::spawn(follower.run(store.watch(keys::FOLLOWED)));
    tokio::time::timeout(PATIENCE, ready.wait_for(|is_ready| *is_ready))
        .await
        .expect("the store is heard of in time")
        .expect("the follower runs");
    Router::new(routes, zones)
}

criterion_group!(benches, router);
criterion_main!(benches);
