//! Key-value namespaces as workers have them: read from memory where that is known to be true, written through to the store.
//!
//! It knows namespaces by their ids and asks nobody who may reach them: that a worker reaches those alone which its bindings
//! name is for whoever opens the bindings.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;

use crate::conf;
use crate::metrics::Metrics;
use crate::model::KvKey;
use crate::model::kv::{self, InvalidKv};
use crate::store::known::{Follow, Health, Trust};
use crate::store::values::{Change, Found, SMALL_BYTES, Stored};
use crate::store::{KeyValue, StoreError, keys};

mod budget;
mod cache;
mod cursor;
mod swap;

pub use budget::{Claim, Share};
pub use cursor::{after, cursor};
pub use swap::Seen;

use budget::Budget;
use cache::{Cache, Hit};

/// The namespaces of an account.
pub struct Kv {
    store: Arc<dyn KeyValue>,
    trust: Arc<Trust>,
    cache: Cache,
    budget: Budget,
    metrics: Arc<Metrics>,
    value_bytes_max: usize,
}

/// Why a namespace did not do what it was asked for.
#[derive(Debug, Error)]
pub enum KvError {
    /// It cannot be meant.
    #[error(transparent)]
    Invalid(#[from] InvalidKv),
    /// There is no such namespace any more.
    #[error("Namespace not found.")]
    NoNamespace,
    /// Too many large values are being moved.
    #[error("Too many large values are being read and written; try again.")]
    TooMuch,
    /// What is to be added to is no number.
    #[error("The value is no whole number of 64 bits in decimal digits.")]
    NoNumber,
    /// Others change the same value all the time.
    #[error("The value changes too often; try again.")]
    Busy,
    /// The store could not be asked.
    #[error("The store cannot be asked at the moment.")]
    Store(#[from] StoreError),
}

impl KvError {
    /// HTTP's status for it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(invalid) => invalid.status(),
            Self::NoNamespace => 404,
            Self::NoNumber => 400,
            Self::TooMuch | Self::Busy => 429,
            Self::Store(_) => 503,
        }
    }
}

/// What a read found.
pub struct Read {
    /// The value; `None` when there is none.
    pub value: Option<Arc<Stored>>,
    /// It was in memory.
    pub is_cached: bool,
}

/// A page of a list.
pub struct Page {
    /// The keys.
    pub keys: Vec<crate::store::values::Listed>,
    /// They are the last ones.
    pub is_complete: bool,
}

impl Kv {
    /// Knows nothing yet.
    pub fn new(
        conf: &conf::KvConf,
        store: Arc<dyn KeyValue>,
        trust: Arc<Trust>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let cache_bytes = conf.cache_mb << 20;
        Self {
            cache: Cache::new(cache_bytes, metrics.clone()),
            budget: Budget::new(cache_bytes, conf.value_bytes_max),
            store,
            trust,
            metrics,
            value_bytes_max: conf.value_bytes_max,
        }
    }

    /// What memory knows of a key; never waits.
    pub fn peek(&self, namespace: &str, key: &KvKey) -> Option<Read> {
        let is_live = self.trust.health() == Health::Live;
        match self.cache.get(&keys::kv_value(namespace, key.as_str()))? {
            // Without the feed what was true last is the best there is.
            Hit { value, is_fresh } if is_fresh || !is_live => {
                self.count(if is_fresh { "hit" } else { "stale" });
                Some(Read {
                    value,
                    is_cached: true,
                })
            }
            _ => None,
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// [`KvError`], each variant its own case.
    pub async fn get(&self, namespace: &str, key: &KvKey, share: &Share) -> Result<Read, KvError> {
        if let Some(read) = self.peek(namespace, key) {
            return Ok(read);
        }
        let mut found = self
            .load(namespace, std::slice::from_ref(key), share)
            .await?;
        found.pop().ok_or(KvError::NoNamespace)
    }

    /// Reads several values, in the order of their keys.
    ///
    /// # Errors
    /// [`KvError`], each variant its own case.
    pub async fn get_many(
        &self,
        namespace: &str,
        keys: &[KvKey],
        share: &Share,
    ) -> Result<Vec<Read>, KvError> {
        let known: Vec<Option<Read>> = keys.iter().map(|key| self.peek(namespace, key)).collect();
        let missing = keys.iter().zip(&known).filter(|(_, read)| read.is_none());
        let missing: Vec<KvKey> = missing.map(|(key, _)| key.clone()).collect();
        let mut loaded = match missing.is_empty() {
            true => Vec::new(),
            false => self.load(namespace, &missing, share).await?,
        }
        .into_iter();
        let all = known.into_iter().map(|read| read.or_else(|| loaded.next()));
        all.map(|read| read.ok_or(KvError::NoNamespace)).collect()
    }

    /// Sets a value.
    ///
    /// # Errors
    /// [`KvError`]: after [`KvError::Store`] it is not known whether it was set.
    pub async fn put(&self, namespace: &str, key: KvKey, value: Stored) -> Result<(), KvError> {
        self.check_length(&value.bytes)?;
        if !value.metadata.is_empty() {
            kv::check_metadata(&value.metadata)?;
        }
        self.change(namespace, Change::Put(key.into_string(), value))
            .await
    }

    /// Removes a value, if it is there.
    ///
    /// # Errors
    /// [`KvError`]: after [`KvError::Store`] it is not known whether it is there.
    pub async fn delete(&self, namespace: &str, key: KvKey) -> Result<(), KvError> {
        self.change(namespace, Change::Delete(key.into_string()))
            .await
    }

    /// Lists keys in the order of their bytes.
    ///
    /// # Errors
    /// [`KvError`], each variant its own case.
    pub async fn list(
        &self,
        namespace: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Page, KvError> {
        list(&*self.store, namespace, prefix, after, limit).await
    }

    /// Lets a large value in that is to be written; a small one needs no claim.
    ///
    /// # Errors
    /// [`KvError::TooMuch`] when too many are being moved.
    pub fn admit(&self, share: &Share, bytes: usize) -> Result<Option<Claim>, KvError> {
        match bytes > SMALL_BYTES {
            true => Ok(Some(self.claim(share, bytes)?)),
            false => Ok(None),
        }
    }

    fn check_length(&self, bytes: &Bytes) -> Result<(), InvalidKv> {
        match bytes.len() > self.value_bytes_max {
            true => Err(InvalidKv::ValueTooLong(bytes.len(), self.value_bytes_max)),
            false => Ok(()),
        }
    }

    fn claim(&self, share: &Share, bytes: usize) -> Result<Claim, KvError> {
        self.budget
            .admit(share, bytes as u64)
            .ok_or(KvError::TooMuch)
    }

    async fn change(&self, namespace: &str, change: Change) -> Result<(), KvError> {
        let told = keys::kv_value(namespace, change.key());
        match self.store.change(namespace, &[change]).await {
            Ok(exists) => {
                // The feed tells of it, too, but not before this worker asks again.
                self.cache.forget(&told);
                exists.then_some(()).ok_or(KvError::NoNamespace)
            }
            Err(error) => {
                self.metrics.kv_writes_failed.inc();
                tracing::warn!(%error, namespace, "a value could not be written");
                Err(error.into())
            }
        }
    }

    /// Reads from the store; where it cannot be asked, what was true last.
    async fn load(
        &self,
        namespace: &str,
        names: &[KvKey],
        share: &Share,
    ) -> Result<Vec<Read>, KvError> {
        let texts: Vec<String> = names.iter().map(|key| key.as_str().to_owned()).collect();
        let told: Vec<String> = texts
            .iter()
            .map(|key| keys::kv_value(namespace, key))
            .collect();
        let before: Vec<_> = told.iter().map(|key| self.cache.begin(key)).collect();
        let found = match self.store.find(namespace, &texts).await {
            Ok(found) => found,
            Err(error) => return self.recall(&told, error),
        };
        // A store that has lost everything: that the namespace is not there says nothing.
        let has_lost_all = self.trust.health() == Health::Emptied;
        let Some(found) = found else {
            return match has_lost_all {
                true => self.recall(&told, StoreError::Refused("it is empty".into())),
                false => Err(KvError::NoNamespace),
            };
        };
        let mut reads = Vec::with_capacity(found.len());
        for (((found, key), told), before) in found.into_iter().zip(&texts).zip(&told).zip(before) {
            let value = match found {
                Some(Found::Small(stored)) => Some(Arc::new(stored)),
                Some(Found::Large(size)) => self
                    .load_large(namespace, key, size, share)
                    .await?
                    .map(Arc::new),
                None => None,
            };
            self.count("miss");
            self.cache.keep(told, value.clone(), before);
            reads.push(Read {
                value,
                is_cached: false,
            });
        }
        Ok(reads)
    }

    async fn load_large(
        &self,
        namespace: &str,
        key: &str,
        size: usize,
        share: &Share,
    ) -> Result<Option<Stored>, KvError> {
        let claim = self.claim(share, size)?;
        let found = self.store.fetch(namespace, key).await?;
        // Between the two questions somebody may have put a larger one.
        Ok(found.map(|stored| Stored {
            bytes: claim.hold(stored.bytes),
            ..stored
        }))
    }

    fn recall(&self, told: &[String], error: StoreError) -> Result<Vec<Read>, KvError> {
        let recalled: Option<Vec<Read>> = told
            .iter()
            .map(|key| {
                let Hit { value, .. } = self.cache.get(key)?;
                Some(Read {
                    value,
                    is_cached: true,
                })
            })
            .collect();
        self.count(if recalled.is_some() {
            "stale"
        } else {
            "failed"
        });
        recalled.ok_or_else(|| {
            tracing::warn!(%error, "a value could not be read");
            error.into()
        })
    }

    fn count(&self, result: &str) {
        self.metrics.kv_reads.with_label_values(&[result]).inc();
    }
}

#[async_trait]
impl Follow for Kv {
    async fn change(&self, changed: &[String]) -> Result<(), StoreError> {
        for key in changed {
            if key.starts_with(keys::KV) {
                self.cache.forget(key);
            } else if key.starts_with(keys::KV_NAMESPACE) {
                // One is made, renamed or deleted: rare, and whatever is in memory is asked for again before it counts.
                self.cache.doubt();
            }
        }
        Ok(())
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.cache.doubt();
        Ok(())
    }

    fn knows_any(&self) -> bool {
        false
    }
}

/// Lists keys of a namespace.
///
/// # Errors
/// [`KvError`], each variant its own case.
pub async fn list(
    store: &dyn KeyValue,
    namespace: &str,
    prefix: &str,
    after: &str,
    limit: usize,
) -> Result<Page, KvError> {
    let found = store.keys(namespace, prefix, after, limit + 1).await?;
    let mut keys = found.ok_or(KvError::NoNamespace)?;
    let is_complete = keys.len() <= limit;
    keys.truncate(limit);
    Ok(Page { keys, is_complete })
}

/// A value that is to be put.
///
/// # Errors
/// [`InvalidKv`] when it would end too soon.
pub fn value(
    bytes: Bytes,
    metadata: Option<String>,
    expiration: Option<f64>,
    ttl: Option<f64>,
) -> Result<Stored, InvalidKv> {
    Ok(Stored {
        bytes,
        metadata: metadata.unwrap_or_default().into(),
        expiration: kv::ending(expiration, ttl, kv::now())?,
    })
}
