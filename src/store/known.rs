//! The records a node knows: in memory, verified by the feed of changes, and served on when the store is away.
//!
//! A record that was read once is trusted for as long as the feed runs, since the feed tells of every change.
//! When the feed is lost everything stays as it is; when it is back, everything is read again in the background.
//! A record that no longer can be read never replaces a good one.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use moka::sync::Cache;
use tokio::time::Instant;

use super::keys::RECORDS;
use super::snapshot::Snapshot;
use super::{Event, Feed, KeyValue, StoreError};
use crate::conf;
use crate::metrics::Metrics;

/// Records read again in one round trip.
const VERIFY_BATCH: usize = 500;
/// How long after a failed read everything is read again.
const RETRY: Duration = Duration::from_secs(1);
/// How often a read is repeated when records change while it is under way.
const LOAD_ATTEMPTS: usize = 3;

/// A record as its type.
pub trait Record: Sized + Send + Sync + 'static {
    /// Its name in messages and metrics.
    const KIND: &'static str;
    /// What its keys begin with.
    const PREFIX: &'static str;
    /// How long a key is known not to exist. The feed tells of one that comes to be; this bounds
    /// how long memory is held for names that visitors make up.
    const ABSENT_FOR: Duration = Duration::from_secs(60);

    /// Reads the record.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    fn read(bytes: &[u8]) -> Result<Self, String>;
}

/// What is known of a key.
pub enum Found<R> {
    /// It exists.
    Present(Arc<R>),
    /// It does not exist.
    Absent,
    /// Nobody has asked yet.
    Unknown,
}

/// Why nothing is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The store is away, and this node has not served the key before.
    StoreAway,
    /// The record cannot be read, and there is no earlier one.
    Unreadable,
}

/// How far the store can be trusted at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Health {
    /// Not heard of yet.
    Starting,
    /// It answers, and the feed runs.
    Live,
    /// It cannot be asked.
    Away,
    /// It answers, but holds nothing of ours: it has lost its data, so what is missing is not taken as deleted.
    Emptied,
}

/// Shared by all kinds of records.
pub struct Trust {
    health: AtomicU8,
    metrics: Arc<Metrics>,
}

impl Trust {
    /// Nothing is known of the store yet.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            health: AtomicU8::new(Health::Starting as u8),
            metrics,
        }
    }

    /// For whoever asks the store and follows no feed: what it does not have is not there.
    pub fn without_feed(metrics: Arc<Metrics>) -> Self {
        Self {
            health: AtomicU8::new(Health::Live as u8),
            metrics,
        }
    }

    /// How far the store can be trusted at the moment.
    pub fn health(&self) -> Health {
        match self.health.load(Ordering::Acquire) {
            0 => Health::Starting,
            1 => Health::Live,
            2 => Health::Away,
            _ => Health::Emptied,
        }
    }

    fn set(&self, health: Health) {
        let before = self.health();
        self.health.store(health as u8, Ordering::Release);
        self.metrics.store_up.set((health == Health::Live).into());
        self.metrics
            .store_emptied
            .set((health == Health::Emptied).into());
        if before != health {
            match health {
                Health::Live => tracing::info!("the store answers, and its changes are followed"),
                Health::Emptied => tracing::error!(
                    "the store has lost all its records; this node serves on from what it knows. Restore the store, or, \
                     if it was emptied on purpose, write the new records: they count once the store has been quiet for `store.settle_ms`"
                ),
                Health::Away if before == Health::Live => self.metrics.store_feed_lost.inc(),
                Health::Away | Health::Starting => {}
            }
        }
    }
}

/// The known records of one kind.
pub struct Known<R> {
    store: Arc<dyn KeyValue>,
    snapshot: Option<Arc<Snapshot>>,
    trust: Arc<Trust>,
    metrics: Arc<Metrics>,
    present: Cache<Box<str>, Arc<R>>,
    absent: Cache<Box<str>, ()>,
    /// Counts changes heard of. A read that began before a change is not kept, for it may be the older value.
    changes: Mutex<u64>,
    record_bytes_max: usize,
    on_change: OnceLock<OnChange>,
}

/// Told of each key whose record was read again.
type OnChange = Box<dyn Fn(&str) + Send + Sync>;

impl<R: Record> Known<R> {
    /// Knows nothing yet.
    pub fn new(
        conf: &conf::Store,
        store: Arc<dyn KeyValue>,
        snapshot: Option<Arc<Snapshot>>,
        trust: Arc<Trust>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            store,
            snapshot,
            trust,
            metrics,
            present: Cache::new(conf.records_max),
            absent: Cache::builder()
                .max_capacity(conf.unknown_max)
                .time_to_live(R::ABSENT_FOR)
                .build(),
            changes: Mutex::new(0),
            record_bytes_max: conf.record_bytes_max,
            on_change: OnceLock::new(),
        }
    }

    /// Has this told of each key whose record changes; once.
    pub fn on_change(&self, told: impl Fn(&str) + Send + Sync + 'static) {
        // One is told, for as long as the process runs.
        let _ = self.on_change.set(Box::new(told));
    }

    /// What memory says; never waits.
    pub fn peek(&self, key: &str) -> Found<R> {
        match self.present.get(key) {
            Some(record) => Found::Present(record),
            None if self.absent.contains_key(key) => Found::Absent,
            None => Found::Unknown,
        }
    }

    /// The record under a key, from memory wherever it was asked before.
    ///
    /// # Errors
    /// [`Unavailable`] when neither the store nor this node can tell.
    pub async fn get(&self, key: &str) -> Result<Option<Arc<R>>, Unavailable> {
        match self.peek(key) {
            Found::Present(record) => Ok(Some(record)),
            Found::Absent => Ok(None),
            Found::Unknown => {
                let loaded = self.load(&[key.to_owned()]).await;
                loaded.into_iter().next().unwrap_or(Ok(None))
            }
        }
    }

    /// Whether a name that is not known may be called non-existent.
    pub fn is_live(&self) -> bool {
        self.trust.health() == Health::Live
    }

    /// Reads these keys, in one round trip; from the snapshot when the store is away.
    pub async fn load(&self, keys: &[String]) -> Vec<Result<Option<Arc<R>>, Unavailable>> {
        for attempt in 1..=LOAD_ATTEMPTS {
            if self.trust.health() == Health::Away {
                break;
            }
            let before = *self.lock();
            let values = match self.store.get(keys).await {
                Ok(values) => values,
                Err(error) => {
                    tracing::debug!(%error, "a record could not be read");
                    break;
                }
            };
            let found: Vec<_> = keys
                .iter()
                .zip(values)
                .map(|(key, value)| self.judge(key, value))
                .collect();
            let now = self.lock();
            if *now == before {
                for (key, (found, bytes)) in keys.iter().zip(&found) {
                    self.keep(key, found, bytes.as_ref());
                }
            } else if attempt < LOAD_ATTEMPTS {
                continue;
            }
            drop(now);
            return found.into_iter().map(|(found, _)| found).collect();
        }
        keys.iter().map(|key| self.recall(key)).collect()
    }

    /// Keeps for the time without the store that `key` does not exist but is answered by a wildcard.
    pub fn keep_absent(&self, key: &str) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.put_absent(key);
        }
    }

    /// The meaning of what the store holds under a key, and the bytes worth keeping.
    fn judge(
        &self,
        key: &str,
        value: Option<Bytes>,
    ) -> (Result<Option<Arc<R>>, Unavailable>, Option<Bytes>) {
        let Some(bytes) = value else {
            return match self.trust.health() {
                Health::Live => (Ok(None), None),
                _ => (self.recall(key), None),
            };
        };
        match self.read(key, &bytes) {
            Some(record) => (Ok(Some(Arc::new(record))), Some(bytes)),
            None => (self.recall(key).map_err(|_| Unavailable::Unreadable), None),
        }
    }

    /// Reads a record; one that cannot be read is told of and counted.
    fn read(&self, key: &str, bytes: &Bytes) -> Option<R> {
        let result = match bytes.len() <= self.record_bytes_max {
            true => R::read(bytes),
            false => Err(format!(
                "it has {} bytes, more than `store.record_bytes_max`",
                bytes.len()
            )),
        };
        result
            .inspect_err(|reason| {
                self.metrics
                    .records_rejected
                    .with_label_values(&[R::KIND])
                    .inc();
                tracing::warn!(
                    key,
                    reason,
                    kind = R::KIND,
                    "a record cannot be read; the last good one stays in use"
                );
            })
            .ok()
    }

    fn keep(&self, key: &str, found: &Result<Option<Arc<R>>, Unavailable>, bytes: Option<&Bytes>) {
        match found {
            Ok(Some(record)) => {
                self.present.insert(key.into(), record.clone());
                if let (Some(snapshot), Some(bytes)) = (&self.snapshot, bytes) {
                    snapshot.put(key, bytes);
                }
            }
            Ok(None) => self.absent.insert(key.into(), ()),
            Err(_) => {}
        }
    }

    /// What memory or the snapshot says of a key while the store cannot be trusted.
    fn recall(&self, key: &str) -> Result<Option<Arc<R>>, Unavailable> {
        if let Some(record) = self.present.get(key) {
            return Ok(Some(record));
        }
        let recalled = self
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.get(key));
        let value = recalled.ok_or(Unavailable::StoreAway)?;
        self.metrics.records_unverified.inc();
        let Some(bytes) = value else {
            self.absent.insert(key.into(), ());
            return Ok(None);
        };
        let record = Arc::new(R::read(&bytes).map_err(|_| Unavailable::Unreadable)?);
        self.present.insert(key.into(), record.clone());
        Ok(Some(record))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u64> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads keys again and puts what they hold now in place of what was known.
    async fn refresh(&self, keys: &[String]) -> Result<(), StoreError> {
        let values = self.store.get(keys).await?;
        for (key, value) in keys.iter().zip(values) {
            let record = match &value {
                Some(bytes) => match self.read(key, bytes) {
                    Some(record) => Ok(Some(Arc::new(record))),
                    None => continue,
                },
                // The store has lost everything: that this key is gone says nothing.
                None if self.trust.health() != Health::Live => continue,
                None => Ok(None),
            };
            let order = self.lock();
            if matches!(record, Ok(None)) {
                self.present.invalidate(key.as_str());
                if let Some(snapshot) = &self.snapshot {
                    snapshot.forget(key);
                }
            } else {
                self.absent.invalidate(key.as_str());
            }
            self.keep(key, &record, value.as_ref());
            drop(order);
            if let Some(told) = self.on_change.get() {
                told(key);
            }
        }
        Ok(())
    }
}

/// What the follower needs of each kind of record.
#[async_trait]
pub trait Follow: Send + Sync {
    /// Takes changed keys in; those of other kinds are passed over.
    async fn change(&self, keys: &[String]) -> Result<(), StoreError>;
    /// Reads everything known again.
    async fn verify(&self) -> Result<(), StoreError>;
    /// Whether any record is known.
    fn knows_any(&self) -> bool;
}

#[async_trait]
impl<R: Record> Follow for Known<R> {
    async fn change(&self, keys: &[String]) -> Result<(), StoreError> {
        let ours: Vec<&String> = keys
            .iter()
            .filter(|key| key.starts_with(R::PREFIX))
            .collect();
        // Reads under way are not disturbed by what changes elsewhere: values of workers change all the time.
        if ours.is_empty() {
            return Ok(());
        }
        *self.lock() += 1;
        let mut known = Vec::new();
        for key in ours {
            self.absent.invalidate(key.as_str());
            let is_kept = || {
                self.snapshot
                    .as_ref()
                    .is_some_and(|snapshot| snapshot.get(key).is_some())
            };
            if self.present.contains_key(key.as_str()) || is_kept() {
                known.push(key.clone());
            }
        }
        for batch in known.chunks(VERIFY_BATCH) {
            self.refresh(batch).await?;
        }
        Ok(())
    }

    async fn verify(&self) -> Result<(), StoreError> {
        *self.lock() += 1;
        self.absent.invalidate_all();
        let mut in_memory: Vec<String> = self
            .present
            .iter()
            .map(|(key, _)| key.to_string())
            .collect();
        in_memory.sort_unstable();
        for batch in in_memory.chunks(VERIFY_BATCH) {
            self.refresh(batch).await?;
        }
        let Some(snapshot) = &self.snapshot else {
            return Ok(());
        };
        let mut after = String::new();
        loop {
            let page = snapshot.keys(R::PREFIX, &after, VERIFY_BATCH as u32);
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(last);
            let rest: Vec<String> = page
                .into_iter()
                .filter(|key| in_memory.binary_search(key).is_err())
                .collect();
            self.verify_kept(snapshot, &rest).await?;
        }
    }

    fn knows_any(&self) -> bool {
        self.present.run_pending_tasks();
        self.present.entry_count() > 0
            || self
                .snapshot
                .as_ref()
                .is_some_and(|snapshot| !snapshot.is_empty())
    }
}

impl<R: Record> Known<R> {
    /// Brings snapshot rows up to date without filling memory with them.
    async fn verify_kept(&self, snapshot: &Snapshot, keys: &[String]) -> Result<(), StoreError> {
        let values = self.store.get(keys).await?;
        for (key, value) in keys.iter().zip(values) {
            match value {
                Some(bytes) if self.read(key, &bytes).is_some() => snapshot.put(key, &bytes),
                Some(_) => {}
                None if self.trust.health() == Health::Live => match snapshot.get(key) {
                    // Still a name that only a wildcard answers.
                    Some(None) => {}
                    _ => snapshot.forget(key),
                },
                None => {}
            }
        }
        Ok(())
    }
}

/// Follows the feed of changes for all kinds of records, until the feed ends.
pub struct Follower {
    store: Arc<dyn KeyValue>,
    known: Vec<Arc<dyn Follow>>,
    trust: Arc<Trust>,
    settle: Duration,
    ready: tokio::sync::watch::Sender<bool>,
}

impl Follower {
    /// A follower, and a watch that turns true when the edge may serve.
    pub fn new(
        conf: &conf::Store,
        store: Arc<dyn KeyValue>,
        known: Vec<Arc<dyn Follow>>,
        trust: Arc<Trust>,
    ) -> (Self, tokio::sync::watch::Receiver<bool>) {
        let (ready, is_ready) = tokio::sync::watch::channel(false);
        (
            Self {
                store,
                known,
                trust,
                settle: Duration::from_millis(conf.settle_ms),
                ready,
            },
            is_ready,
        )
    }

    /// Follows until the feed ends.
    pub async fn run(self, mut feed: Feed) {
        // When to read everything again by ourselves: an emptied store has settled, or a read has failed.
        let mut again_at: Option<Instant> = None;
        loop {
            let again = async {
                match again_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                event = feed.next() => match event {
                    Some(event) => event,
                    None => return,
                },
                () = again => {
                    again_at = None;
                    Event::ChangedAll
                }
            };
            let waiting = i64::try_from(feed.waiting()).unwrap_or(i64::MAX);
            self.trust.metrics.store_feed_queue.set(waiting);
            let result = match event {
                Event::Up | Event::ChangedAll => self.begin_again().await,
                Event::Changed(keys) => {
                    // What is no record says nothing of whether they come back.
                    let is_record =
                        |key: &String| RECORDS.iter().any(|prefix| key.starts_with(prefix));
                    if self.trust.health() == Health::Emptied && keys.iter().any(is_record) {
                        again_at = Some(Instant::now() + self.settle);
                    }
                    self.change(&keys).await
                }
                Event::Down => {
                    again_at = None;
                    self.trust.set(Health::Away);
                    if self.known.iter().any(|known| known.knows_any()) {
                        self.ready.send_replace(true);
                    }
                    Ok(())
                }
            };
            if let Err(error) = result {
                tracing::warn!(%error, "changed records could not be read; serving what is known");
                again_at = Some(Instant::now() + RETRY);
            }
        }
    }

    async fn change(&self, keys: &[String]) -> Result<(), StoreError> {
        let began = Instant::now();
        for known in &self.known {
            known.change(keys).await?;
        }
        let metrics = &self.trust.metrics;
        metrics
            .store_change_duration
            .observe(began.elapsed().as_secs_f64());
        Ok(())
    }

    /// Decides how far the store can be trusted, then reads everything known again.
    async fn begin_again(&self) -> Result<(), StoreError> {
        let is_empty = self.store.is_empty(RECORDS).await?;
        let has_lost_all = is_empty && self.known.iter().any(|known| known.knows_any());
        self.trust.set(if has_lost_all {
            Health::Emptied
        } else {
            Health::Live
        });
        self.ready.send_replace(true);
        for known in &self.known {
            known.verify().await?;
        }
        Ok(())
    }
}
