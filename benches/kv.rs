//! What does a worker's read of a key-value namespace cost the edge, when the value is in memory? A short value, one of 10 kB,
//! a key that is not there, and 100,000 keys in turn.
//!
//! `cargo bench --bench kv`

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cirque::conf::{Conf, Sources};
use cirque::kv::{Kv, Share};
use cirque::metrics::Metrics;
use cirque::model::KvKey;
use cirque::store::known::{Follower, Trust};
use cirque::store::values::Stored;
use cirque::store::{self, Write, keys};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};

/// A namespace's id.
const NAMESPACE: &str = "0f2ac74b498b48028cb68387c421e279";
/// Keys of the namespace that has many.
const MANY: usize = 100_000;
/// How long the node may take to hear of its store.
const PATIENCE: Duration = Duration::from_secs(10);

fn kv(c: &mut Criterion) {
    let mut group = c.benchmark_group("kv");
    let few = Node::new(&[("short", 16), ("long", 10_240)]);
    for (name, key) in [
        ("a short value", "short"),
        ("a value of 10 kB", "long"),
        ("a key that is not there", "nobody"),
    ] {
        few.bench(&mut group, name, &[key.to_owned()]);
    }
    drop(few);
    let names: Vec<String> = (0..MANY).map(|n| format!("key{n}")).collect();
    let values: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 16)).collect();
    let many = Node::new(&values);
    many.bench(&mut group, "100,000 keys in turn", &names);
    group.finish();
}

/// A namespace over an embedded store, as the edge has it.
struct Node {
    tokio: Runtime,
    kv: Arc<Kv>,
    _directory: tempfile::TempDir,
}

impl Node {
    fn new(values: &[(&str, usize)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let sources = Sources {
            file: None,
            environment: Vec::new(),
            flags: vec![
                format!("store.data_dir={}", directory.path().display()),
                "kv.cache_mb=256".to_owned(),
            ],
        };
        let conf = Conf::load(&sources).expect("the settings are usable");
        let tokio = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread");
        let kv = tokio.block_on(open(&conf, values));
        Self {
            tokio,
            kv,
            _directory: directory,
        }
    }

    fn bench(
        &self,
        group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
        name: &str,
        keys: &[String],
    ) {
        let keys: Vec<KvKey> = keys
            .iter()
            .map(|key| KvKey::new(key.as_str()).expect("a key"))
            .collect();
        let share = Share::default();
        // The first question goes to the store; all later ones are answered from memory.
        self.tokio.block_on(async {
            for key in &keys {
                self.kv
                    .get(NAMESPACE, key, &share)
                    .await
                    .expect("an answer");
            }
        });
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                self.tokio.block_on(async {
                    let began = Instant::now();
                    for key in keys.iter().cycle().take(count as usize) {
                        let read = self.kv.get(NAMESPACE, black_box(key), &share).await;
                        assert!(read.expect("an answer").is_cached);
                    }
                    began.elapsed()
                })
            });
        });
    }
}

/// The namespace with these values, once its node knows that the store can be trusted.
async fn open(conf: &Conf, values: &[(&str, usize)]) -> Arc<Kv> {
    let url = conf.parsed().expect("the settings are usable").store;
    let store = store::open(conf, &url).expect("the store opens");
    let record = Write::Put(keys::kv_namespace(NAMESPACE), r#"{"title":"bench"}"#.into());
    store.write(&[record]).await.expect("the store takes it");
    let metrics = Arc::new(Metrics::new(0));
    let trust = Arc::new(Trust::new(metrics.clone()));
    let kv = Kv::new(&conf.kv, store.clone(), trust.clone(), metrics);
    let kv = Arc::new(kv);
    let (follower, mut ready) = Follower::new(&conf.store, store.clone(), vec![kv.clone()], trust);
    tokio::spawn(follower.run(store.watch(keys::FOLLOWED)));
    tokio::time::timeout(PATIENCE, ready.wait_for(|is_ready| *is_ready))
        .await
        .expect("the store is heard of in time")
        .expect("the follower runs");
    for (key, length) in values {
        let value = Stored {
            bytes: vec![b'x'; *length].into(),
            metadata: "".into(),
            expiration: 0,
        };
        let key = KvKey::new(*key).expect("a key");
        kv.put(NAMESPACE, key, value).await.expect("it is taken");
    }
    kv
}

criterion_group!(benches, kv);
criterion_main!(benches);
