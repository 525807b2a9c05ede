//! Values in memory, also of keys that have none, bounded in bytes.
//!
//! An entry counts as long as the feed of changes runs: a change removes it, and a doubt (the feed was lost) has each asked
//! for again before it counts.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::metrics::Metrics;
use crate::model::kv;
use crate::store::values::Stored;

/// Counters of changes; keys share them, so that they are few.
const COUNTERS: usize = 256;
/// What an entry costs beside its bytes.
const ENTRY_BYTES: usize = 160;
/// A value larger than this part of the cache is not kept: it would push all others out.
const PART: u64 = 8;

pub(super) struct Cache {
    entries: moka::sync::Cache<Box<str>, Arc<Entry>>,
    hasher: std::hash::RandomState,
    /// Changes heard of. A read that began before a change is not kept, for it may be the older value.
    changes: Box<[Mutex<u64>]>,
    /// Counts doubts.
    age: AtomicU64,
    bytes_max: u64,
    metrics: Arc<Metrics>,
}

struct Entry {
    value: Option<Arc<Stored>>,
    age: u64,
}

/// What memory knows.
pub(super) struct Hit {
    pub value: Option<Arc<Stored>>,
    /// The feed of changes has run ever since it was read.
    pub is_fresh: bool,
}

/// When a read began.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    counter: usize,
    changes: u64,
    age: u64,
}

impl Cache {
    pub(super) fn new(bytes_max: u64, metrics: Arc<Metrics>) -> Self {
        Self {
            entries: moka::sync::Cache::<Box<str>, Arc<Entry>>::builder()
                .max_capacity(bytes_max)
                .weigher(|key, entry| {
                    let value = entry.value.as_ref();
                    let value = value.map_or(0, |value| value.bytes.len() + value.metadata.len());
                    u32::try_from(key.len() + value + ENTRY_BYTES).unwrap_or(u32::MAX)
                })
                .build(),
            hasher: std::hash::RandomState::new(),
            changes: (0..COUNTERS).map(|_| Mutex::default()).collect(),
            age: AtomicU64::new(0),
            bytes_max,
            metrics,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Hit> {
        let entry = self.entries.get(key)?;
        let value = entry.value.clone();
        Some(Hit {
            value: value.filter(|value| !value.has_ended(kv::now())),
            is_fresh: entry.age == self.age.load(Ordering::Acquire),
        })
    }

    /// Called before a value is asked for.
    pub(super) fn begin(&self, key: &str) -> Begun {
        let counter = self.counter(key);
        Begun {
            counter,
            changes: *self.lock(counter),
            age: self.age.load(Ordering::Acquire),
        }
    }

    /// Keeps what was read, unless something has changed meanwhile.
    pub(super) fn keep(&self, key: &str, value: Option<Arc<Stored>>, begun: Begun) {
        let bytes = value.as_ref().map_or(0, |value| value.bytes.len() as u64);
        let changes = self.lock(begun.counter);
        if *changes != begun.changes {
            return;
        }
        if bytes > self.bytes_max / PART {
            // What was known before is no longer true.
            self.entries.invalidate(key);
            return;
        }
        let age = begun.age;
        self.entries
            .insert(key.into(), Arc::new(Entry { value, age }));
        drop(changes);
        let held = self.entries.weighted_size();
        self.metrics
            .kv_cache_bytes
            .set(i64::try_from(held).unwrap_or(i64::MAX));
    }

    /// A key has changed.
    pub(super) fn forget(&self, key: &str) {
        *self.lock(self.counter(key)) += 1;
        self.entries.invalidate(key);
    }

    /// Anything may have changed.
    pub(super) fn doubt(&self) {
        self.age.fetch_add(1, Ordering::AcqRel);
    }

    fn counter(&self, key: &str) -> usize {
        self.hasher.hash_one(key) as usize % COUNTERS
    }

    fn lock(&self, counter: usize) -> std::sync::MutexGuard<'_, u64> {
        self.changes[counter]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
