//! What does a sandbox for one request cost without a network: store, instance, call, response read, everything
//! dropped? And what does a module cost that is not in memory, but on this node's disk?
//!
//! The median is time on one thread, with nothing to wait for. `cargo bench --bench modules`

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use cirque::assets::Assets;
use cirque::cache::Cache;
use cirque::conf::{Conf, Sources};
use cirque::egress::{self, Egress};
use cirque::kv::Kv;
use cirque::limiter::Limiter;
use cirque::logs::AnalyticsLog;
use cirque::metrics::Metrics;
use cirque::model::TenantId;
use cirque::runtime::artifacts::Artifacts;
use cirque::runtime::{self, Parts, RequestBody, Runtime, Visit, engine};
use cirque::secrets::Keyring;
use cirque::store;
use cirque::store::known::{Known, Trust};
use cirque::tail::Tails;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use http_body_util::BodyExt;
use tempfile::TempDir;

/// Guests compile in a child process of the edge's binary, so this is what deploys them.
const CIRQUE: &str = env!("CARGO_BIN_EXE_cirque");
const GUESTS: [&str; 2] = ["hello", "realistic"];

fn modules(c: &mut Criterion) {
    let directory = deployed();
    let mut group = c.benchmark_group("modules");
    for (name, modules_mb) in [("in memory", 512), ("on disk", 0)] {
        let node = Node::new(&directory, modules_mb);
        for guest in GUESTS {
            let tenant = TenantId::parse(guest).expect("a name");
            // Fails here rather than in the figures, and loads what is to be in memory.
            let body = node.tokio.block_on(node.fetch(&tenant));
            assert!(body > 0, "{guest} answers nothing");
            group.bench_function(format!("{guest}, {name}"), |bencher| {
                bencher.iter_custom(|count| {
                    node.tokio.block_on(async {
                        let began = Instant::now();
                        for _ in 0..count {
                            node.fetch(&tenant).await;
                        }
                        began.elapsed()
                    })
                });
            });
        }
    }
    group.finish();
}

/// A data directory in which the guests are deployed and compiled.
fn deployed() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for guest in GUESTS {
        let file = format!(
            "{}/tests/workers/built/{guest}.wasm",
            env!("CARGO_MANIFEST_DIR")
        );
        let status = Command::new(CIRQUE)
            .args(["--set", &data_dir(&directory), "deploy", guest, &file])
            .stdout(std::process::Stdio::null())
            .status()
            .expect("the edge's binary runs");
        assert!(status.success(), "{guest} cannot be deployed");
    }
    directory
}

fn data_dir(directory: &TempDir) -> String {
    format!("store.data_dir={}", directory.path().display())
}

/// A runtime as the edge has it, without the edge.
struct Node {
    tokio: tokio::runtime::Runtime,
    runtime: Arc<Runtime>,
    _heavy: tokio::runtime::Runtime,
}

impl Node {
    fn new(directory: &TempDir, modules_mb: u64) -> Self {
        let sources = Sources {
            file: None,
            environment: Vec::new(),
            flags: vec![data_dir(directory), "runtime.instances=100".to_owned()],
        };
        let mut conf = Conf::load(&sources).expect("the settings are usable");
        let store_url = conf.parsed().expect("the settings are usable").store;
        // Nothing that an operator can set: each request has its module read anew.
        conf.runtime.modules_mb = modules_mb;
        let heavy = runtime::heavy_threads(&conf).expect("threads");
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread");
        let runtime = tokio.block_on(async {
            let metrics = Arc::new(Metrics::new(10));
            let store = store::open(&conf, &store_url).expect("the store opens");
            let trust = Arc::new(Trust::new(metrics.clone()));
            let (s, t, m) = (store.clone(), trust.clone(), metrics.clone());
            let scripts = Known::new(&conf.store, s, None, t, m);
            let (s, t, m) = (store.clone(), trust.clone(), metrics.clone());
            let namespaces = Known::new(&conf.store, s, None, t, m);
            let kv = Kv::new(&conf.kv, store.clone(), trust, metrics.clone());
            let engine = engine::serving(&conf).expect("an engine");
            let limiter = Arc::new(Limiter::new(conf.runtime.instances, metrics.clone()));
            engine::tick(&engine, limiter.clone()).expect("a thread");
            let artifacts = Artifacts::open(directory.path(), &engine, 1 << 30).expect("artifacts");
            let rules = conf.parsed().expect("settings").egress;
            let resolver = egress::resolver(&conf.egress, &rules).expect("a resolver");
            let egress = Egress::new(&conf.egress, rules, resolver, Vec::new(), &metrics);
            let egress = egress.expect("a way out");
            let assets = Assets::open(&conf, &store_url, store.clone(), metrics.clone());
            let assets = assets.expect("assets");
            let analytics = AnalyticsLog::start(&conf.log, &metrics);
            let parts = Parts {
                engine,
                artifacts,
                store,
                scripts: Arc::new(scripts),
                namespaces: Arc::new(namespaces),
                keyring: Arc::new(Keyring::open(&conf).expect("keys")),
                limiter,
                egress: Arc::new(egress),
                cache: Arc::new(Cache::new(&conf.cache, metrics.clone())),
                assets: Arc::new(assets),
                kv: Arc::new(kv),
                tails: Arc::new(Tails::new(metrics.clone())),
                analytics: Arc::new(analytics.expect("standard output")),
                tracer: None,
                records: None,
                metrics,
                heavy: heavy.handle().clone(),
            };
            Arc::new(Runtime::new(&conf, parts))
        });
        Self {
            tokio,
            runtime,
            _heavy: heavy,
        }
    }

    /// One request, its answer read; the number of bytes.
    async fn fetch(&self, tenant: &TenantId) -> usize {
        let request = Request::get("/")
            .header("host", "shop.example")
            .header("accept", "*/*")
            .body(RequestBody::Empty)
            .expect("a request");
        let response = self
            .runtime
            .fetch(tenant, request, Visit::new("0123456789abcdef"))
            .await;
        let response = response.expect("the guest answers");
        let body = response.into_body().collect().await;
        let body = body.expect("the guest answers to the end");
        body.to_bytes().len()
    }
}

criterion_group!(benches, modules);
criterion_main!(benches);
