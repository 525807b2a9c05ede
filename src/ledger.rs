//! What each tenant uses up, counted exactly and in memory: atomics on a request's path, taken down now and then for the store.
//!
//! Unlike metrics it knows every tenant by itself. A tenant at rest whose amounts were all written may be forgotten; should it
//! come back, it counts from nothing under another name of this process, so that nothing that was written is ever replaced.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::usage::{Amounts, Day};
use crate::model::{Limit, TenantId};

/// Tenants whose worker is loaded at the same moment rarely wait for each other.
const SHARDS: usize = 16;
/// So many tenants are kept even when they rest: forgetting one costs a key more in the store.
const RESTING_MAX: usize = 20_000;

/// The amounts of all tenants.
pub struct Ledger {
    is_on: bool,
    shards: [Mutex<HashMap<TenantId, Arc<Counters>>>; SHARDS],
    hasher: RandomState,
    /// How often tenants were forgotten.
    forgotten: AtomicU32,
}

/// One tenant's amounts since it was first seen.
#[derive(Default)]
pub struct Counters {
    requests: AtomicU64,
    cpu_ns: AtomicU64,
    memory_kib_ms: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    subrequests: AtomicU64,
    cache_bytes: AtomicU64,
    exceptions: AtomicU64,
    limited: AtomicU64,
    /// Which of this process's names it counts under.
    life: u32,
    book: Mutex<Book>,
}

/// What was taken down of a tenant.
#[derive(Default)]
pub struct Book {
    seen: Seen,
    /// The days that are not over, or not written.
    pub days: Vec<DayBook>,
}

/// The counters as they were when they were last looked at. CPU time is in nanoseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Seen(Amounts);

/// A tenant's day.
#[derive(Clone, Debug)]
pub struct DayBook {
    /// Which day.
    pub day: Day,
    /// Its amounts; CPU time in nanoseconds.
    raw: Amounts,
    /// What the store has, as far as is known.
    pub written: Option<Amounts>,
    /// A write may have been done or not, or somebody else has changed what was written.
    pub is_unsure: bool,
    /// The store's list of the day names it.
    pub is_listed: bool,
    /// What was written is in the day's sum already; more goes there, too.
    pub is_summed: bool,
}

impl DayBook {
    /// The day's amounts.
    pub fn amounts(&self) -> Amounts {
        Amounts {
            cpu_us: self.raw.cpu_us / 1_000,
            ..self.raw
        }
    }

    /// Whether the store has all of it.
    pub fn is_written(&self) -> bool {
        self.written == Some(self.amounts()) && !self.is_unsure
    }
}

impl Ledger {
    /// An empty ledger; one that is off forgets what it is told.
    pub fn new(is_on: bool) -> Self {
        Self {
            is_on,
            shards: Default::default(),
            hasher: RandomState::new(),
            forgotten: AtomicU32::new(0),
        }
    }

    fn shard(&self, tenant: &TenantId) -> MutexGuard<'_, HashMap<TenantId, Arc<Counters>>> {
        let number = self.hasher.hash_one(tenant) as usize % SHARDS;
        let shard = &self.shards[number];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tenant's counters.
    pub fn open(&self, tenant: &TenantId) -> Arc<Counters> {
        let made = || {
            Arc::new(Counters {
                life: self.forgotten.load(Ordering::Acquire),
                ..Counters::default()
            })
        };
        if !self.is_on {
            return made();
        }
        let mut shard = self.shard(tenant);
        shard.entry(tenant.clone()).or_insert_with(made).clone()
    }

    /// A tenant's counters, if it has any.
    pub fn find(&self, tenant: &TenantId) -> Option<Arc<Counters>> {
        self.shard(tenant).get(tenant).cloned()
    }

    /// Everybody's.
    pub fn all(&self) -> Vec<(TenantId, Arc<Counters>)> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(
                shard
                    .iter()
                    .map(|(id, counters)| (id.clone(), counters.clone())),
            );
        }
        all
    }

    /// How many tenants are counted.
    pub fn len(&self) -> usize {
        let shards = self.shards.iter();
        let len = |shard: &Mutex<HashMap<_, _>>| {
            shard.lock().unwrap_or_else(PoisonError::into_inner).len()
        };
        shards.map(len).sum()
    }

    /// Whether no tenant is counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets tenants at rest, when there are many.
    pub fn forget_resting(&self) {
        self.forget_beyond(RESTING_MAX);
    }

    fn forget_beyond(&self, most: usize) {
        if self.len() <= most {
            return;
        }
        // Before anybody is forgotten, so that whoever comes back has another name.
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody else holds it, and nobody can get hold of it while the shard is locked.
            shard.retain(|_, counters| {
                Arc::get_mut(counters).is_none_or(|counters| !counters.is_written())
            });
        }
    }
}

/// What metrics show of a tenant's counters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// CPU time, in nanoseconds.
    pub cpu_ns: u64,
    /// Bytes of request bodies.
    pub bytes_in: u64,
    /// Bytes of response bodies.
    pub bytes_out: u64,
    /// Requests that its code failed.
    pub exceptions: u64,
}

impl Counters {
    /// What metrics show of it; each amount only grows.
    pub fn counted(&self) -> Counted {
        Counted {
            cpu_ns: self.cpu_ns.load(Ordering::Relaxed),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            exceptions: self.exceptions.load(Ordering::Relaxed),
        }
    }

    /// A request reached the worker.
    pub fn request(&self) {
        add(&self.requests, 1);
    }

    /// An invocation is over: its CPU time, the most memory it had, and how long it ran.
    pub fn invocation(&self, cpu: Duration, memory_bytes: u64, wall: Duration) {
        add(&self.cpu_ns, u64::try_from(cpu.as_nanos()).unwrap_or(0));
        let wall_us = u64::try_from(wall.as_micros()).unwrap_or(0);
        add(
            &self.memory_kib_ms,
            (memory_bytes >> 10).saturating_mul(wall_us).div_ceil(1_000),
        );
    }

    /// Bytes of a request's body.
    pub fn received(&self, bytes: u64) {
        add(&self.bytes_in, bytes);
    }

    /// Bytes of a response's body.
    pub fn sent(&self, bytes: u64) {
        add(&self.bytes_out, bytes);
    }

    /// The worker asked something of others.
    pub fn subrequest(&self) {
        add(&self.subrequests, 1);
    }

    /// Bytes that a cache gave the worker.
    pub fn from_cache(&self, bytes: u64) {
        add(&self.cache_bytes, bytes);
    }

    /// The worker's code failed a request.
    pub fn exception(&self) {
        add(&self.exceptions, 1);
    }

    /// A limit refused or ended a request.
    pub fn limited(&self, _: Limit) {
        add(&self.limited, 1);
    }

    /// Which of this process's names it counts under: 0 for the first.
    pub fn life(&self) -> u32 {
        self.life
    }

    /// What was taken down of it.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes down what came since the last time, for this day.
    pub fn take_down(&self, day: Day) {
        let now = self.now();
        let mut book = self.book();
        if book.seen == now {
            return;
        }
        let seen = std::mem::replace(&mut book.seen, now);
        let at = book.days.iter().position(|entry| entry.day == day);
        let at = at.unwrap_or_else(|| {
            book.days.push(DayBook {
                day,
                raw: Amounts::default(),
                written: None,
                is_unsure: false,
                is_listed: false,
                is_summed: false,
            });
            book.days.len() - 1
        });
        book.days[at].raw = book.days[at].raw.plus(now.0.since(seen.0));
    }

    fn is_written(&self) -> bool {
        let book = self.book();
        book.seen == self.now() && book.days.iter().all(DayBook::is_written)
    }

    fn now(&self) -> Seen {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Seen(Amounts {
            requests: read(&self.requests),
            cpu_us: read(&self.cpu_ns),
            memory_kib_ms: read(&self.memory_kib_ms),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            subrequests: read(&self.subrequests),
            cache_bytes: read(&self.cache_bytes),
            exceptions: read(&self.exceptions),
            limited: read(&self.limited),
        })
    }
}

fn add(counter: &AtomicU64, amount: u64) {
    // Most requests have no body.
    if amount != 0 {
        counter.fetch_add(amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_between_two_looks_counts_for_one_day() {
        let ledger = Ledger::new(true);
        let id = TenantId::regular("a").expect("a name");
        let counters = ledger.open(&id);
        let today = Day::today();
        for _ in 0..3 {
            counters.request();
        }
        counters.invocation(
            Duration::from_nanos(1_500),
            2 << 20,
            Duration::from_millis(10),
        );
        counters.take_down(today);
        counters.take_down(today.after(1));
        counters.request();
        counters.invocation(
            Duration::from_nanos(1_500),
            2 << 20,
            Duration::from_millis(10),
        );
        counters.take_down(today);
        counters.request();
        counters.take_down(today.after(1));
        let book = counters.book();
        let days: Vec<_> = book
            .days
            .iter()
            .map(|entry| (entry.day, entry.amounts()))
            .collect();
        assert_eq!(days.len(), 2);
        assert_eq!(
            (days[0].0, days[0].1.requests, days[0].1.cpu_us),
            (today, 4, 3)
        );
        assert_eq!(days[0].1.memory_kib_ms, 2 * 2_048 * 10);
        assert_eq!((days[1].0, days[1].1.requests), (today.after(1), 1));
    }

    #[test]
    fn only_tenants_at_rest_are_forgotten_and_come_back_under_another_name() {
        let ledger = Ledger::new(true);
        let id = |name: &str| TenantId::regular(name).expect("a name");
        let held = ledger.open(&id("held"));
        ledger.open(&id("busy")).request();
        ledger.open(&id("idle"));
        assert_eq!((ledger.len(), held.life()), (3, 0));
        ledger.forget_beyond(3);
        assert_eq!(ledger.len(), 3);
        ledger.forget_beyond(0);
        assert_eq!(ledger.len(), 2);
        assert!(ledger.find(&id("idle")).is_none());
        assert_eq!(ledger.open(&id("idle")).life(), 1);
        assert_eq!(ledger.open(&id("busy")).life(), 0);
        assert!(Arc::ptr_eq(&ledger.open(&id("held")), &held));
        let off = Ledger::new(false);
        off.open(&id("a")).request();
        assert!(off.is_empty());
    }
}
