//! Reports and their sums, whatever interrupts those who write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use cirque::conf::UsageConf;
use cirque::metrics::Metrics;
use cirque::model::TenantId;
use cirque::model::usage::Day;
use cirque::store::embedded::Embedded;
use cirque::store::values::{Change, Found, Listed, Stored, Swapped, Values};
use cirque::store::{Feed, KeyValue, StoreError, Write};
use cirque::usage::{Folder, sums};
use proptest::prelude::*;

/// A store that fails after so many writes; the last of them may have been done, or not.
struct Failing {
    store: Embedded,
    left: AtomicI64,
}

impl Failing {
    /// Whether this write is done, and whether the answer comes.
    fn next(&self) -> (bool, bool) {
        match self.left.fetch_sub(1, Ordering::Relaxed) {
            0 => (true, false),
            left => (left > 0, left > 0),
        }
    }
}

fn away() -> StoreError {
    StoreError::Unreachable("cut off".into())
}

#[async_trait]
impl KeyValue for Failing {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        self.store.get(keys).await
    }

    async fn list(&self, _: &str, _: &str, _: usize) -> Result<Vec<String>, StoreError> {
        panic!("usage never looks through keys")
    }

    async fn write(&self, changes: &[Write]) -> Result<(), StoreError> {
        // As in a Redis Cluster: each by itself, in order.
        for change in changes {
            let (is_done, is_told) = self.next();
            if is_done {
                self.store.write(std::slice::from_ref(change)).await?;
            }
            if !is_told {
                return Err(away());
            }
        }
        Ok(())
    }

    async fn write_if(
        &self,
        expected: &[(String, Option<Bytes>)],
        changes: &[Write],
    ) -> Result<bool, StoreError> {
        let (is_done, is_told) = self.next();
        let done = match is_done {
            true => self.store.write_if(expected, changes).await?,
            false => false,
        };
        is_told.then_some(done).ok_or_else(away)
    }

    async fn members(&self, set: &str, after: &str, n: usize) -> Result<Vec<String>, StoreError> {
        self.store.members(set, after, n).await
    }

    async fn counts(&self, sets: &[String]) -> Result<Vec<u64>, StoreError> {
        self.store.counts(sets).await
    }

    async fn is_empty(&self, prefixes: &[&str]) -> Result<bool, StoreError> {
        self.store.is_empty(prefixes).await
    }

    fn watch(self: Arc<Self>, _: &'static [&'static str]) -> Feed {
        panic!("usage follows nothing")
    }
}

#[async_trait]
impl Values for Failing {
    async fn find(&self, _: &str, _: &[String]) -> Result<Option<Vec<Option<Found>>>, StoreError> {
        Err(away())
    }

    async fn fetch(&self, _: &str, _: &str) -> Result<Option<Stored>, StoreError> {
        Err(away())
    }

    async fn change(&self, _: &str, _: &[Change]) -> Result<bool, StoreError> {
        Err(away())
    }

    async fn swap(
        &self,
        _: &str,
        _: &str,
        _: Option<&Stored>,
        _: Stored,
    ) -> Result<Swapped, StoreError> {
        Err(away())
    }

    async fn keys(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: usize,
    ) -> Result<Option<Vec<Listed>>, StoreError> {
        Err(away())
    }

    async fn sweep(&self, _: &str) -> Result<bool, StoreError> {
        Err(away())
    }
}

/// What happens to the usage of three tenants that two processes count.
#[derive(Clone, Debug)]
enum Step {
    Request(usize, usize),
    Fold(usize),
    Sweep,
    /// The store is cut off after so many writes, until it is open again.
    CutOff(i64),
    Open,
    /// A process begins anew, which loses what it has not written.
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2usize, 0..3usize).prop_map(|(node, tenant)| Step::Request(node, tenant)),
        4 => (0..2usize).prop_map(Step::Fold),
        3 => Just(Step::Sweep),
        3 => (0..8i64).prop_map(Step::CutOff),
        2 => Just(Step::Open),
        1 => (0..2usize).prop_map(Step::Restart),
    ]
}

/// A process that counts.
struct Node {
    metrics: Arc<Metrics>,
    folder: Folder,
    /// Requests of each tenant that were counted since it began.
    counted: [u64; 3],
}

impl Node {
    fn begin(store: &Arc<Failing>) -> Self {
        let metrics = Arc::new(Metrics::new(0).with_ledger());
        let folder = Folder::new(&UsageConf::default(), store.clone(), metrics.clone());
        Self {
            metrics,
            folder: folder.expect("random numbers"),
            counted: [0; 3],
        }
    }
}

const OPEN: i64 = i64::MAX >> 1;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_interrupted_nothing_is_lost_or_doubled(steps in prop::collection::vec(step(), 1..60)) {
        holds(steps)?;
    }
}

/// A first write whose answer was lost, taken into the sum by somebody who was interrupted before he changed the list: what was
/// counted since was written under a name that the list then lost.
#[test]
fn what_was_taken_into_the_sum_is_not_written_anew() {
    let steps = vec![
        Step::Request(1, 1),
        Step::Request(0, 0),
        Step::Request(1, 2),
        Step::CutOff(4),
        Step::Fold(1),
        Step::Request(1, 1),
        Step::CutOff(5),
        Step::Sweep,
    ];
    holds(steps).expect("nothing is lost");
}

/// Whether nothing is lost or doubled by these steps.
fn holds(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Embedded::open(&directory.path().join("store.db")).expect("a store");
        let store = Arc::new(Failing {
            store,
            left: AtomicI64::new(OPEN),
        });
        let ids = ["n/a", "n/a-b", "m/a"].map(|name| TenantId::parse(name).expect("a name"));
        let mut nodes = [Node::begin(&store), Node::begin(&store)];
        let mut most = [0; 3];
        let mut least = [0; 3];
        let today = Day::today();
        // Today's reports are put together as those of a day that is over: nodes go on writing all the same.
        let sweep = async || sums::sweep(&*store, today.after(2), today.before(9)).await;
        for step in steps {
            match step {
                Step::Request(node, tenant) => {
                    nodes[node].metrics.ledger.open(&ids[tenant]).request();
                    nodes[node].counted[tenant] += 1;
                    most[tenant] += 1;
                }
                Step::Fold(node) => nodes[node].folder.fold().await,
                Step::Sweep => drop(sweep().await),
                Step::CutOff(after) => store.left.store(after, Ordering::Relaxed),
                Step::Open => store.left.store(OPEN, Ordering::Relaxed),
                Step::Restart(node) => {
                    // It may end well, or be killed at any time.
                    let before = nodes[node].metrics.usage_folds_failed.get();
                    nodes[node].folder.fold().await;
                    let is_written = nodes[node].metrics.usage_folds_failed.get() == before;
                    let counted = nodes[node].counted;
                    nodes[node] = Node::begin(&store);
                    if is_written {
                        (0..3).for_each(|tenant| least[tenant] += counted[tenant]);
                    }
                }
            }
            for (tenant, id) in ids.iter().enumerate() {
                let found = requests(&*store, id).await;
                prop_assert!(found <= most[tenant], "{id}: {found} of {}", most[tenant]);
            }
        }
        store.left.store(OPEN, Ordering::Relaxed);
        for node in &mut nodes {
            // What is in doubt is looked at once more.
            node.folder.fold().await;
            node.folder.fold().await;
            (0..3).for_each(|tenant| least[tenant] += node.counted[tenant]);
        }
        for round in 0..2 {
            for (tenant, id) in ids.iter().enumerate() {
                let found = requests(&*store, id).await;
                prop_assert!(
                    (least[tenant]..=most[tenant]).contains(&found),
                    "{id}, {round}: {found}, not {} to {}",
                    least[tenant],
                    most[tenant]
                );
            }
            prop_assert!(sweep().await.is_ok());
        }
        Ok(())
    })
}

/// What a list leads to, for one tenant and all days.
async fn requests(store: &dyn KeyValue, tenant: &TenantId) -> u64 {
    let today = Day::today();
    let prefix = format!("{}/{} ", tenant.namespace(), tenant.worker());
    let mut all = 0;
    for day in [today.before(1), today] {
        let (found, _) = sums::tenants(store, day, &prefix, "", 10)
            .await
            .expect("a list");
        for reports in found {
            assert_eq!(&reports.tenant, tenant);
            all += sums::read(store, day, &reports)
                .await
                .expect("reports")
                .requests;
        }
    }
    all
}
