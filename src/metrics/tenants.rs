//! All tenants' counters, found by name, and what each of them shows.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::accounts::{Accounts, Newcomer, is_known_here_alone};
use super::tenant::TenantMetrics;
use super::text::{self, Figures};
use super::{NONE, ORIGIN, OTHER};
use crate::ledger::Counters;
use crate::model::TenantId;

/// Tenants whose worker is loaded at the same moment rarely wait for each other.
const SHARDS: usize = 16;

type Shard = HashMap<TenantId, Arc<TenantMetrics>>;

/// All tenants' counters.
pub(super) struct Tenants {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    /// Those that the accounts have not heard of.
    newcomers: Mutex<Vec<Newcomer>>,
    accounts: Mutex<Accounts>,
    pub other: Arc<TenantMetrics>,
    pub origin: Arc<TenantMetrics>,
    pub none: Arc<TenantMetrics>,
}

/// How many tenants there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub all: usize,
    /// Those with series of their own.
    pub shown: usize,
}

impl Tenants {
    /// No tenants yet, of whom at most `places` will have series of their own.
    pub(super) fn new(places: usize) -> Self {
        let fixed = |label| {
            let metrics = TenantMetrics::new(label);
            metrics.usage(|| Arc::new(Counters::default()));
            Arc::new(metrics)
        };
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            newcomers: Mutex::default(),
            accounts: Mutex::new(Accounts::new(places)),
            other: fixed(OTHER),
            origin: fixed(ORIGIN),
            none: fixed(NONE),
        }
    }

    fn shard(&self, tenant: &TenantId) -> MutexGuard<'_, Shard> {
        let number = self.hasher.hash_one(tenant) as usize % SHARDS;
        lock(&self.shards[number])
    }

    /// A tenant's counters.
    pub(super) fn open(&self, tenant: &TenantId) -> Arc<TenantMetrics> {
        let mut shard = self.shard(tenant);
        if let Some(found) = shard.get(tenant) {
            return found.clone();
        }
        let made = Arc::new(TenantMetrics::of(tenant));
        shard.insert(tenant.clone(), made.clone());
        lock(&self.newcomers).push((tenant.clone(), made.clone()));
        made
    }

    /// A tenant's counters, if it has any.
    pub(super) fn find(&self, tenant: &TenantId) -> Option<Arc<TenantMetrics>> {
        self.shard(tenant).get(tenant).cloned()
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        let mut accounts = lock(&self.accounts);
        let newcomers = std::mem::take(&mut *lock(&self.newcomers));
        accounts.open(newcomers.into_iter());
        accounts
    }

    /// Decides anew who has series of its own, and forgets tenants at rest that nobody refers to.
    pub(super) fn rank(&self, passed: Duration) -> Count {
        let mut accounts = self.accounts();
        accounts.rank(passed, |id, metrics| {
            let mut shard = self.shard(id);
            let is_alone = is_known_here_alone(metrics);
            if is_alone {
                shard.remove(id);
            }
            is_alone
        });
        count(&accounts)
    }

    /// Writes what every name shows.
    pub(super) fn write(&self, text: &mut Vec<u8>) -> Count {
        let mut accounts = self.accounts();
        let (lines, mut folded, gauges) = accounts.look();
        let count = count(&accounts);
        drop(accounts);
        // What belongs to no single tenant of these is counted for all of them.
        for (cell, more) in folded.iter_mut().zip(self.other.cells()) {
            *cell += more;
        }
        let (origin, none) = (self.origin.cells(), self.none.cells());
        let fixed = [
            (&self.other, &*folded, gauges.with(self.other.gauges())),
            (&self.origin, &origin, self.origin.gauges()),
            (&self.none, &none, self.none.gauges()),
        ];
        let own = lines
            .iter()
            .map(|line| (&line.metrics, &*line.cells, line.gauges));
        let figures: Vec<Figures<'_>> = fixed
            .into_iter()
            .chain(own)
            .map(|(metrics, cells, gauges)| Figures {
                label: &metrics.label,
                cells,
                gauges,
            })
            .collect();
        text::write(text, &figures);
        count
    }

    /// Writes all that was counted for one tenant, whether or not it has series; false when nobody knows it.
    pub(super) fn write_one(&self, text: &mut Vec<u8>, tenant: &TenantId) -> bool {
        let Some(metrics) = self.find(tenant) else {
            return false;
        };
        let figures = Figures {
            label: &metrics.label,
            cells: &metrics.cells(),
            gauges: metrics.gauges(),
        };
        text::write(text, &[figures]);
        true
    }
}

fn count(accounts: &Accounts) -> Count {
    let (all, shown) = accounts.count();
    Count { all, shown }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
