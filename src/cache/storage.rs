//! What is kept, in memory: bounded for all by what is used least, and for each owner by what he uses least himself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use http::{HeaderMap, StatusCode};
use indexmap::IndexMap;
use moka::notification::RemovalCause;
use moka::sync::Cache as Moka;
use url::Url;

use super::body::Stored;
use super::key::Key;
use super::policy::{Freshness, Variance};
use crate::metrics::TenantMetrics;
use crate::model::{Purge, PurgeLog};

/// Variants of one response that are kept.
const VARIANTS_MAX: usize = 32;
/// Entries that are looked at when one of them has to go.
const SAMPLES: usize = 5;
/// Memory that an entry needs beside what is in it, about.
const ENTRY_BYTES: u64 = 512;
/// Memory that a header field needs beside what is in it, about.
const FIELD_BYTES: u64 = 80;

/// A response as it is kept.
pub(super) struct Object {
    pub status: StatusCode,
    pub fields: HeaderMap,
    pub variance: Variance,
    pub freshness: Freshness,
    pub tags: Vec<Box<str>>,
    pub body: Stored,
}

impl Object {
    fn bytes(&self) -> u64 {
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str().len() + value.len()) as u64);
        let tags = self.tags.iter().map(|tag| tag.len() as u64);
        self.body.length().unwrap_or(0)
            + fields.map(|bytes| bytes + FIELD_BYTES).sum::<u64>()
            + tags.sum::<u64>()
            + self.variance.bytes() as u64
            + ENTRY_BYTES
    }
}

/// Bounds of what one owner may keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    pub bytes: u64,
    pub entries: usize,
}

/// One owner's share of the cache.
pub(super) struct Share {
    pub metrics: Arc<TenantMetrics>,
    quota: Quota,
    inner: Mutex<Inner>,
    bytes: AtomicU64,
    /// The number of the last purge that was carried out.
    seen: Mutex<u64>,
    dice: AtomicU32,
}

#[derive(Default)]
struct Inner {
    entries: IndexMap<Key, Arc<Entry>>,
    /// What is asked for at the moment, and may be kept when it comes.
    tickets: HashMap<u64, Key>,
    last_ticket: u64,
}

/// The right to keep a response, which ends when its key is purged.
pub(super) struct Ticket {
    share: Arc<Share>,
    id: u64,
}

impl Ticket {
    /// Whose it is.
    pub(super) fn share(&self) -> &Share {
        &self.share
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.share.inner().tickets.remove(&self.id);
    }
}

impl Share {
    pub(super) fn new(metrics: Arc<TenantMetrics>, quota: Quota) -> Self {
        Self {
            metrics,
            quota,
            inner: Mutex::default(),
            bytes: AtomicU64::new(0),
            seen: Mutex::new(0),
            dice: AtomicU32::new(1),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to keep what is now asked for.
    pub(super) fn ticket(self: &Arc<Self>, key: &Key) -> Ticket {
        let mut inner = self.inner();
        inner.last_ticket += 1;
        let id = inner.last_ticket;
        inner.tickets.insert(id, key.clone());
        Ticket {
            share: self.clone(),
            id,
        }
    }

    /// Whether nothing is kept for this owner.
    pub(super) fn is_empty(&self) -> bool {
        {
            let inner = self.inner();
            inner.entries.is_empty() && inner.tickets.is_empty()
        }
    }

    /// The next of numbers that have no order.
    fn roll(&self, below: usize) -> usize {
        let step = |state: u32| {
            let mut x = state;
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            x
        };
        let rolled = self
            .dice
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
        rolled.unwrap_or(1) as usize % below.max(1)
    }
}

/// A key's responses.
pub(super) struct Entry {
    share: Arc<Share>,
    url: Url,
    variants: ArcSwap<Vec<Arc<Object>>>,
    /// What the share counts for it.
    bytes: AtomicU64,
    hits: AtomicU32,
    is_dead: AtomicBool,
}

impl Entry {
    /// The response to a request with these fields.
    pub(super) fn select(&self, request: &HeaderMap) -> Option<Arc<Object>> {
        let variants = self.variants.load();
        let mut variants = variants.iter();
        let found = variants.find(|object| object.variance.matches(request))?;
        // Hits of long ago count less each time somebody looks; see `Storage::make_room`.
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(found.clone())
    }

    fn is_meant(&self, purge: &Purge) -> bool {
        match purge {
            Purge::Everything => true,
            Purge::Url(url) => self.url.as_str() == url,
            Purge::Host(host) => {
                self.url
                    .host_str()
                    .is_some_and(|ours| match host.strip_prefix('*') {
                        Some(below) => ours.ends_with(below) && ours.len() > below.len(),
                        None => ours == host,
                    })
            }
            Purge::Prefix(prefix) => {
                let address = self.url.as_str().split_once("://");
                address.is_some_and(|(_, address)| address.starts_with(prefix.as_str()))
            }
            Purge::Tag(tag) => {
                let variants = self.variants.load();
                let mut tags = variants.iter().flat_map(|object| &object.tags);
                tags.any(|theirs| **theirs == **tag)
            }
        }
    }
}

/// Everything that is kept.
pub(super) struct Storage {
    entries: Moka<Key, Arc<Entry>>,
}

impl Storage {
    pub(super) fn new(bytes: u64) -> Self {
        let entries = Moka::builder()
            .max_capacity(bytes)
            .weigher(|key: &Key, entry: &Arc<Entry>| {
                let bytes = entry.bytes.load(Ordering::Relaxed) + key.bytes() as u64;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .eviction_listener(|key, entry: Arc<Entry>, cause| {
                if cause == RemovalCause::Size {
                    let share = entry.share.clone();
                    let mut inner = share.inner();
                    if bury(&mut inner.entries, &key, &entry) {
                        share.metrics.cache_evicted();
                    }
                }
            })
            .build();
        Self { entries }
    }

    /// What is kept under a key.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let entry = self.entries.get(key)?;
        (!entry.is_dead.load(Ordering::Acquire)).then_some(entry)
    }

    /// Keeps a response in place of those that the same requests got, unless the ticket is worth nothing any more.
    pub(super) fn put(&self, ticket: &Ticket, key: &Key, url: &Url, object: Arc<Object>) {
        let share = &ticket.share;
        let mut inner = share.inner();
        if !inner.tickets.contains_key(&ticket.id) {
            return;
        }
        let entry = inner.entries.entry(key.clone()).or_insert_with(|| {
            Arc::new(Entry {
                share: share.clone(),
                url: url.clone(),
                variants: ArcSwap::default(),
                bytes: AtomicU64::new(0),
                hits: AtomicU32::new(1),
                is_dead: AtomicBool::new(false),
            })
        });
        let entry = entry.clone();
        let others = entry.variants.load();
        let others = others
            .iter()
            .filter(|other| other.variance != object.variance);
        let variants: Vec<_> = std::iter::once(object.clone())
            .chain(others.take(VARIANTS_MAX - 1).cloned())
            .collect();
        let bytes = variants.iter().map(|object| object.bytes()).sum::<u64>();
        entry.variants.store(Arc::new(variants));
        let before = entry.bytes.swap(bytes, Ordering::Relaxed);
        share.bytes.fetch_add(bytes, Ordering::Relaxed);
        share.bytes.fetch_sub(before, Ordering::Relaxed);
        share.metrics.cache_grew(bytes as i64 - before as i64);
        let gone = self.make_room(share, &mut inner.entries, key);
        drop(inner);
        // What moka does at this, it does to the share as well: it must not be locked.
        for key in gone {
            self.entries.invalidate(&key);
        }
        self.entries.insert(key.clone(), entry);
    }

    /// Has what an owner uses least make room for the rest, until his quota holds.
    fn make_room(
        &self,
        share: &Share,
        entries: &mut IndexMap<Key, Arc<Entry>>,
        newest: &Key,
    ) -> Vec<Key> {
        let mut gone = Vec::new();
        while entries.len() > 1
            && (share.bytes.load(Ordering::Relaxed) > share.quota.bytes
                || entries.len() > share.quota.entries)
        {
            let samples = (0..SAMPLES).filter_map(|_| {
                let (key, entry) = entries.get_index(share.roll(entries.len()))?;
                let hits = entry.hits.load(Ordering::Relaxed);
                entry.hits.store(hits - hits / 4, Ordering::Relaxed);
                (key != newest).then(|| (hits, key.clone(), entry.clone()))
            });
            let Some((_, key, entry)) = samples.min_by_key(|(hits, _, _)| *hits) else {
                continue;
            };
            if bury(entries, &key, &entry) {
                share.metrics.cache_evicted();
            }
            gone.push(key);
        }
        gone
    }

    /// Forgets what is under a key.
    pub(super) fn remove(&self, share: &Share, key: &Key) {
        let mut inner = share.inner();
        // What comes in at the moment may be of before.
        inner.tickets.retain(|_, asked| asked != key);
        if let Some(entry) = inner.entries.get(key).cloned() {
            bury(&mut inner.entries, key, &entry);
        }
        drop(inner);
        self.entries.invalidate(key);
    }

    /// Carries out the purges that this node has not seen yet.
    pub(super) fn purge(&self, share: &Share, log: &PurgeLog) {
        let mut seen = share.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let purges = match log.last == *seen {
            true => return,
            false => log.after(*seen).unwrap_or(&[Purge::Everything]),
        };
        *seen = log.last;
        drop(seen);
        self.forget(share, purges);
    }

    /// Forgets all that an owner has.
    pub(super) fn forget_all(&self, share: &Share) {
        self.forget(share, &[Purge::Everything]);
    }

    fn forget(&self, share: &Share, purges: &[Purge]) {
        let mut inner = share.inner();
        // What comes in at the moment may be of before.
        inner.tickets.clear();
        let meant = |entry: &Entry| purges.iter().any(|purge| entry.is_meant(purge));
        let gone: Vec<_> = inner
            .entries
            .iter()
            .filter(|(_, entry)| meant(entry))
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        for (key, entry) in &gone {
            bury(&mut inner.entries, key, entry);
        }
        drop(inner);
        for (key, _) in &gone {
            self.entries.invalidate(key);
        }
    }
}

/// Takes an entry off its owner's account; false when somebody else did.
fn bury(entries: &mut IndexMap<Key, Arc<Entry>>, key: &Key, entry: &Arc<Entry>) -> bool {
    let is_ours = entries
        .get(key)
        .is_some_and(|found| Arc::ptr_eq(found, entry));
    if !is_ours {
        return false;
    }
    entries.swap_remove(key);
    entry.is_dead.store(true, Ordering::Release);
    let bytes = entry.bytes.swap(0, Ordering::Relaxed);
    entry.share.bytes.fetch_sub(bytes, Ordering::Relaxed);
    entry.share.metrics.cache_grew(-(bytes as i64));
    true
}
