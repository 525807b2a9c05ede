//! One tenant's counters: plain atomics, looked up once, when its worker is loaded.
//!
//! They lie in one array, so that all that is done with all of them is arithmetic on arrays: `series` says which cell is which
//! series, `accounts` under whose name it is shown.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::series::{self, CELLS, Cells, Gauges, OWN_CELLS};
use crate::ledger::{Counted, Counters};
use crate::model::{Limit, TenantId};

/// Labels that are no tenant's.
const RESERVED: [&str; 3] = [super::OTHER, super::ORIGIN, super::NONE];

/// One tenant's counters.
pub struct TenantMetrics {
    pub(super) label: Box<str>,
    cells: [AtomicU64; OWN_CELLS],
    /// What it uses up, which is counted there and only read here.
    usage: OnceLock<Usage>,
    /// Invocations under way; admission counts by it, too.
    pub running: AtomicU32,
    cache_bytes: AtomicI64,
    /// The most memory of an invocation since somebody last asked.
    memory_peak: AtomicU64,
}

struct Usage {
    counters: Arc<Counters>,
    /// What was counted there before these metrics were.
    before: Counted,
}

/// How a request to the network ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// An answer came.
    Ok,
    /// None came.
    Failed,
    /// It was not sent: the operator's rules or bounds are against it.
    Refused,
}

/// What a worker reaches through a binding, or through one that every worker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingCall {
    /// A key-value namespace.
    Kv,
    /// A cache.
    Cache,
    /// Another worker: by a service binding, a dispatcher, or as the outbound worker.
    Worker,
    /// Static assets.
    Assets,
    /// A rate limit.
    RateLimit,
    /// A dataset.
    Dataset,
}

impl TenantMetrics {
    /// Counters at 0, under the tenant's name.
    pub(super) fn of(id: &TenantId) -> Self {
        let label = id.to_string();
        match RESERVED.contains(&label.as_str()) {
            // Regular workers of these names: `_/other` is how they are written in full.
            true => Self::new(&format!("{}/{}", id.namespace(), id.worker())),
            false => Self::new(&label),
        }
    }

    /// Counters at 0.
    pub(super) fn new(label: &str) -> Self {
        Self {
            label: label.into(),
            cells: [const { AtomicU64::new(0) }; OWN_CELLS],
            usage: OnceLock::new(),
            running: AtomicU32::new(0),
            cache_bytes: AtomicI64::new(0),
            memory_peak: AtomicU64::new(0),
        }
    }

    /// What the tenant uses up: the given counters from now on, or those that were given before.
    pub fn usage(&self, open: impl FnOnce() -> Arc<Counters>) -> &Arc<Counters> {
        let usage = self.usage.get_or_init(|| {
            let counters = open();
            let before = counters.counted();
            Usage { counters, before }
        });
        &usage.counters
    }

    /// What the tenant uses up, if that was given.
    pub fn known_usage(&self) -> Option<&Arc<Counters>> {
        self.usage.get().map(|usage| &usage.counters)
    }

    /// Counts one answered request; `first_byte` is when the answer's header was there.
    pub fn answered(&self, status: u16, duration: Duration, first_byte: Option<Duration>) {
        self.add(series::status(status), 1);
        let duration = nanos(duration);
        self.add(series::DURATION + series::duration_bucket(duration), 1);
        self.add(series::DURATION_SUM, duration);
        if let Some(first_byte) = first_byte {
            let first_byte = nanos(first_byte);
            self.add(
                series::FIRST_BYTE + series::first_byte_bucket(first_byte),
                1,
            );
            self.add(series::FIRST_BYTE_SUM, first_byte);
        }
    }

    /// Counts a sandbox that was made.
    pub fn instance_started(&self) {
        self.add(series::INSTANCES, 1);
    }

    /// Notes the most memory that an invocation had.
    pub fn memory_used(&self, bytes: u64) {
        // Most invocations are no record, and a load costs less than an exchange.
        if bytes > self.memory_peak.load(Ordering::Relaxed) {
            self.memory_peak.fetch_max(bytes, Ordering::Relaxed);
        }
    }

    /// Counts a request for which the worker's code had to be loaded.
    pub fn code_loaded(&self) {
        self.add(series::CODE_LOADS, 1);
    }

    /// Counts a request to the network.
    pub fn sent(&self, outgoing: Outgoing) {
        self.add(series::OUTGOING + outgoing as usize, 1);
    }

    /// Counts what a worker did through a binding.
    pub fn binding_called(&self, call: BindingCall) {
        self.add(series::BINDINGS + call as usize, 1);
    }

    /// Counts a request that could have been answered from a cache.
    pub fn cache_answered(&self, result: usize) {
        if result < series::CACHE_RESULTS.len() {
            self.add(series::CACHE + result, 1);
        }
    }

    /// Counts a cached response that made room for others.
    pub fn cache_evicted(&self) {
        self.add(series::CACHE_EVICTED, 1);
    }

    /// Counts bytes that a cache holds more than before.
    pub fn cache_grew(&self, bytes: i64) {
        self.cache_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a limit that an invocation ran into.
    pub fn limit_exceeded(&self, limit: Limit) {
        self.add(series::LIMITS + limit as usize, 1);
    }

    fn add(&self, cell: usize, amount: u64) {
        self.cells[cell].fetch_add(amount, Ordering::Relaxed);
    }

    /// All that was counted so far. What is read twice has only grown.
    pub(super) fn cells(&self) -> Cells {
        let mut cells = [0; CELLS];
        for (cell, counter) in cells.iter_mut().zip(&self.cells) {
            *cell = counter.load(Ordering::Relaxed);
        }
        if let Some(usage) = self.usage.get() {
            let now = usage.counters.counted();
            cells[series::CPU] = now.cpu_ns - usage.before.cpu_ns;
            cells[series::EXCEPTIONS] = now.exceptions - usage.before.exceptions;
            cells[series::RECEIVED] = now.bytes_in - usage.before.bytes_in;
            cells[series::SENT] = now.bytes_out - usage.before.bytes_out;
        }
        cells
    }

    /// What goes up and down.
    pub(super) fn gauges(&self) -> Gauges {
        Gauges {
            running: self.running.load(Ordering::Relaxed).into(),
            cache_bytes: self.cache_bytes.load(Ordering::Relaxed),
            memory_peak: self.memory_peak.load(Ordering::Relaxed),
        }
    }

    /// The most memory of an invocation since the last time this was asked.
    pub(super) fn take_memory_peak(&self) -> u64 {
        self.memory_peak.swap(0, Ordering::Relaxed)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
