//! What operators count: one registry, its series bounded, its labels types.
//!
//! The doc comment of each field is its HELP text in other words; a tenant's counters are looked up
//! once, when its worker is loaded, and are plain atomics on a request's path.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Counter, CounterVec, Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter,
    IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::ledger::Ledger;
use crate::model::{Limit, TenantId};

/// The label of everything beyond the bound on tenants.
const OTHER: &str = "other";
/// The label of requests that a plain origin answered.
const ORIGIN: &str = "origin";
/// The label of requests that were refused before a tenant was known.
const NONE: &str = "none";

/// Status classes, by the hundreds digit less one.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// From a quick hello to the longest invocation that a default configuration allows.
const DURATION_BUCKETS: [f64; 12] = [
    0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0,
];

/// All counters of the process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    cpu: CounterVec,
    limits: IntCounterVec,
    cache: CacheSeries,
    tenants: Mutex<HashMap<TenantId, Arc<TenantMetrics>>>,
    tenants_max: usize,
    other: Arc<TenantMetrics>,
    /// Requests that a plain origin answered.
    pub origin: Arc<TenantMetrics>,
    /// Requests refused before a tenant was known.
    pub none: Arc<TenantMetrics>,
    /// Requests refused by the guard, by reason.
    pub refused: IntCounterVec,
    /// Visitors' open connections.
    pub connections: IntGauge,
    /// Looks at custom hostnames for a proof of control, by what was found.
    pub hostname_checks: IntCounterVec,
    /// Steps towards certificates of custom hostnames, by how they ended.
    pub certificate_steps: IntCounterVec,
    /// TLS handshakes, by how they ended.
    pub tls_handshakes: IntCounterVec,
    /// Connections refused because too many were open.
    pub connections_refused: IntCounter,
    /// Invocations under way.
    pub invocations: IntGauge,
    /// Invocations that outlived their first slice of CPU and moved to the heavy threads.
    pub invocations_moved: IntCounter,
    /// Compiled modules in memory, in bytes.
    pub modules_bytes: IntGauge,
    /// Static assets in memory, in bytes: those kept, and those that are still being sent.
    pub assets_bytes: IntGauge,
    /// Values of key-value namespaces in memory, in bytes.
    pub kv_cache_bytes: IntGauge,
    /// Values of key-value namespaces that were read, by where they came from.
    pub kv_reads: IntCounterVec,
    /// Values of key-value namespaces that could not be written, because the store could not be asked.
    pub kv_writes_failed: IntCounter,
    /// Modules that were in memory when they were asked for.
    pub modules_hits: IntCounter,
    /// Modules that had to be loaded.
    pub modules_misses: IntCounter,
    /// Compilations, by result.
    pub compilations: IntCounterVec,
    /// Artifacts on disk that failed their check and were compiled anew.
    pub artifacts_damaged: IntCounter,
    /// 1 while the store answers and its feed of changes runs.
    pub store_up: IntGauge,
    /// 1 while the store is there but holds none of the records this node knows.
    pub store_emptied: IntGauge,
    /// Times the feed of changes was lost.
    pub store_feed_lost: IntCounter,
    /// Records that could not be read, by kind.
    pub records_rejected: IntCounterVec,
    /// Answers given from a record that could not be verified, because the store was away.
    pub records_unverified: IntCounter,
    /// Requests to the control API, by status class.
    pub api_requests: IntCounterVec,
    /// Requests to the control API with wrong credentials.
    pub api_credentials_refused: IntCounter,
    /// Connections that workers hold open.
    pub egress_connections: IntGauge,
    /// Outgoing requests that were refused or failed, by reason.
    pub egress_failed: IntCounterVec,
    /// Connections to plain origins whose responses are cached.
    pub origin_connections: IntGauge,
    /// Requests to those that failed, by reason.
    pub origin_failed: IntCounterVec,
    /// Access records that were dropped because the log could not keep up.
    pub access_dropped: IntCounter,
    /// Workers' data points that were dropped because their log could not keep up.
    pub points_dropped: IntCounter,
    /// Events of watched workers, by what became of them.
    pub tail_events: IntCounterVec,
    /// Tenants whose usage is counted in memory.
    pub usage_tenants: IntGauge,
    /// Times that usage could not be written.
    pub usage_folds_failed: IntCounter,
    /// What each tenant uses up, exactly; no metric.
    pub ledger: Ledger,
}

/// One tenant's counters.
pub struct TenantMetrics {
    status: [IntCounter; 5],
    duration: Histogram,
    cpu: Counter,
    limits: [IntCounter; Limit::ALL.len()],
    cache: [IntCounter; CACHE_RESULTS.len()],
    cache_evicted: IntCounter,
    cache_bytes: IntGauge,
}

/// What the caches count, by tenant.
struct CacheSeries {
    requests: IntCounterVec,
    evicted: IntCounterVec,
    bytes: IntGaugeVec,
}

/// What caches had to do with responses.
const CACHE_RESULTS: [&str; 8] = [
    "hit",
    "miss",
    "expired",
    "revalidated",
    "updating",
    "stale",
    "bypass",
    "dynamic",
];

impl Metrics {
    /// Registers everything; at most `tenants_max` tenants get series of their own.
    pub fn new(tenants_max: usize) -> Self {
        let registry = Registry::new();
        let requests = add(
            &registry,
            IntCounterVec::new(
                opts(
                    "requests_total",
                    "Requests answered, by tenant and status class.",
                ),
                &["tenant", "status"],
            ),
        );
        let duration = HistogramOpts::from(opts(
            "request_duration_seconds",
            "From a request's header to the last byte of its response.",
        ));
        let durations = add(
            &registry,
            HistogramVec::new(duration.buckets(DURATION_BUCKETS.to_vec()), &["tenant"]),
        );
        let cpu = add(
            &registry,
            CounterVec::new(
                opts("cpu_seconds_total", "CPU time that guests used."),
                &["tenant"],
            ),
        );
        let limits = add(
            &registry,
            IntCounterVec::new(
                opts("limits_exceeded_total", "Limits that invocations ran into."),
                &["tenant", "limit"],
            ),
        );
        let cache = CacheSeries {
            requests: add(
                &registry,
                IntCounterVec::new(
                    opts(
                        "cache_requests_total",
                        "Requests that could be answered from a cache, by tenant and what the cache had to do with it.",
                    ),
                    &["tenant", "result"],
                ),
            ),
            evicted: add(
                &registry,
                IntCounterVec::new(
                    opts(
                        "cache_evicted_total",
                        "Cached responses that made room for others, by tenant.",
                    ),
                    &["tenant"],
                ),
            ),
            bytes: add(
                &registry,
                IntGaugeVec::new(
                    opts("cache_bytes", "Cached responses in memory, by tenant."),
                    &["tenant"],
                ),
            ),
        };
        let counter = |name, help| add(&registry, IntCounter::with_opts(opts(name, help)));
        let gauge = |name, help| add(&registry, IntGauge::with_opts(opts(name, help)));
        let counters =
            |name, help, label| add(&registry, IntCounterVec::new(opts(name, help), &[label]));
        // What is there from the start counts its first event for `rate` and `increase`, and shows 0 before it.
        let results = |name, help, label, values: &[&str]| {
            let vector = counters(name, help, label);
            for value in values {
                vector.with_label_values(&[*value]);
            }
            vector
        };
        let tenant = |label| {
            Arc::new(TenantMetrics::new(
                label, &requests, &durations, &cpu, &limits, &cache,
            ))
        };
        Self {
            other: tenant(OTHER),
            origin: tenant(ORIGIN),
            none: tenant(NONE),
            refused: counters(
                "requests_refused_total",
                "Requests refused before routing, by reason.",
                "reason",
            ),
            connections: gauge("connections", "Visitors' open connections."),
            hostname_checks: results(
                "custom_hostname_checks_total",
                "Looks at custom hostnames for a proof of control, by result: proven, missing, unknown.",
                "result",
                &["proven", "missing", "unknown"],
            ),
            certificate_steps: results(
                "certificate_orders_total",
                "Steps towards certificates of custom hostnames, by result: issued, refused, proof_missing, authority_failed.",
                "result",
                &["issued", "refused", "proof_missing", "authority_failed"],
            ),
            tls_handshakes: results(
                "tls_handshakes_total",
                "TLS handshakes of visitors, by result: full, resumed, failed, unknown_name, challenge.",
                "result",
                &["full", "resumed", "failed", "unknown_name", "challenge"],
            ),
            connections_refused: counter(
                "connections_refused_total",
                "Connections refused because too many were open.",
            ),
            invocations: gauge("invocations", "Invocations under way."),
            invocations_moved: counter(
                "invocations_moved_total",
                "Invocations that outlived their first slice of CPU and moved to the heavy threads.",
            ),
            assets_bytes: gauge("assets_bytes", "Static assets in memory."),
            kv_cache_bytes: gauge(
                "kv_cache_bytes",
                "Values of key-value namespaces in memory.",
            ),
            kv_reads: results(
                "kv_reads_total",
                "Values of key-value namespaces that were read, by where they came from.",
                "result",
                &["hit", "miss", "stale", "failed"],
            ),
            kv_writes_failed: counter(
                "kv_writes_failed_total",
                "Values of key-value namespaces that could not be written.",
            ),
            modules_bytes: gauge("modules_bytes", "Compiled modules in memory."),
            modules_hits: counter(
                "module_hits_total",
                "Modules that were in memory when they were asked for.",
            ),
            modules_misses: counter("module_misses_total", "Modules that had to be loaded."),
            compilations: results(
                "compilations_total",
                "Compilations in the child process, by result.",
                "result",
                &["ok", "refused", "failed"],
            ),
            artifacts_damaged: counter(
                "artifacts_damaged_total",
                "Artifacts on disk that failed their check.",
            ),
            store_up: gauge(
                "store_up",
                "1 while the store answers and its feed of changes runs.",
            ),
            store_emptied: gauge(
                "store_emptied",
                "1 while the store holds none of the records this node knows.",
            ),
            store_feed_lost: counter(
                "store_feed_lost_total",
                "Times the feed of changes was lost.",
            ),
            records_rejected: counters(
                "records_rejected_total",
                "Records that could not be read, by kind.",
                "kind",
            ),
            api_requests: results(
                "api_requests_total",
                "Requests to the control API, by status class.",
                "status",
                &["2xx", "3xx", "4xx", "5xx"],
            ),
            api_credentials_refused: counter(
                "api_credentials_refused_total",
                "Requests to the control API with wrong credentials.",
            ),
            records_unverified: counter(
                "records_unverified_total",
                "Lookups answered from memory or the snapshot while the store was away.",
            ),
            egress_connections: gauge(
                "egress_connections",
                "Connections that workers hold open, idle ones included.",
            ),
            egress_failed: counters(
                "egress_failed_total",
                "Outgoing requests that were refused or failed, by reason.",
                "reason",
            ),
            origin_connections: gauge(
                "origin_connections",
                "Connections to plain origins whose responses are cached, idle ones included.",
            ),
            origin_failed: counters(
                "origin_failed_total",
                "Requests to plain origins whose responses are cached that failed, by reason.",
                "reason",
            ),
            access_dropped: counter(
                "access_records_dropped_total",
                "Access records dropped because the log could not keep up.",
            ),
            points_dropped: counter(
                "analytics_points_dropped_total",
                "Data points of workers dropped because their log could not keep up.",
            ),
            tail_events: results(
                "tail_events_total",
                "Events of watched workers, by result: shown to a reader of this node, relayed to another node, consumed by a worker, dropped.",
                "result",
                &["shown", "relayed", "consumed", "dropped"],
            ),
            usage_tenants: gauge("usage_tenants", "Tenants whose usage is counted in memory."),
            usage_folds_failed: counter(
                "usage_folds_failed_total",
                "Times that usage could not be written to the store; it is kept and written later.",
            ),
            ledger: Ledger::new(false),
            tenants: Mutex::default(),
            tenants_max,
            requests,
            durations,
            cpu,
            limits,
            cache,
            registry,
        }
    }

    /// The same, with an account of what each tenant uses up.
    #[must_use]
    pub fn with_ledger(mut self) -> Self {
        self.ledger = Ledger::new(true);
        self
    }

    /// A tenant's counters; those of `other` once `tenants_max` tenants have theirs.
    pub fn tenant(&self, tenant: &TenantId) -> Arc<TenantMetrics> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = tenants.get(tenant) {
            return found.clone();
        }
        if tenants.len() >= self.tenants_max {
            return self.other.clone();
        }
        let label = tenant.to_string();
        let made = Arc::new(TenantMetrics::new(
            &label,
            &self.requests,
            &self.durations,
            &self.cpu,
            &self.limits,
            &self.cache,
        ));
        tenants.insert(tenant.clone(), made.clone());
        made
    }

    /// The counters of what belongs to no single tenant of those that have their own.
    pub fn other(&self) -> Arc<TenantMetrics> {
        self.other.clone()
    }

    /// Everything in Prometheus' text format.
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(16 << 10);
        // Writing to memory cannot fail.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text
    }
}

impl TenantMetrics {
    fn new(
        label: &str,
        requests: &IntCounterVec,
        durations: &HistogramVec,
        cpu: &CounterVec,
        limits: &IntCounterVec,
        cache: &CacheSeries,
    ) -> Self {
        Self {
            status: CLASSES.map(|class| requests.with_label_values(&[label, class])),
            duration: durations.with_label_values(&[label]),
            cpu: cpu.with_label_values(&[label]),
            limits: Limit::ALL.map(|limit| limits.with_label_values(&[label, limit.label()])),
            cache: CACHE_RESULTS.map(|result| cache.requests.with_label_values(&[label, result])),
            cache_evicted: cache.evicted.with_label_values(&[label]),
            cache_bytes: cache.bytes.with_label_values(&[label]),
        }
    }

    /// Counts one answered request.
    pub fn answered(&self, status: u16, duration: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.status[class].inc();
        self.duration.observe(duration.as_secs_f64());
    }

    /// Counts CPU time of a guest.
    pub fn cpu_used(&self, time: Duration) {
        self.cpu.inc_by(time.as_secs_f64());
    }

    /// Counts a request that could have been answered from a cache.
    pub fn cache_answered(&self, result: usize) {
        if let Some(counter) = self.cache.get(result) {
            counter.inc();
        }
    }

    /// Counts a cached response that made room for others.
    pub fn cache_evicted(&self) {
        self.cache_evicted.inc();
    }

    /// Counts bytes that a cache holds more than before.
    pub fn cache_grew(&self, bytes: i64) {
        self.cache_bytes.add(bytes);
    }

    /// Counts a limit that an invocation ran into.
    pub fn limit_exceeded(&self, limit: Limit) {
        self.limits[limit as usize].inc();
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("cirque")
}

/// Registers a metric whose name and labels are written in this file.
fn add<C: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<C>) -> C {
    let metric = metric.expect("names and labels in this file are valid");
    registry
        .register(Box::new(metric.clone()))
        .expect("each name in this file is registered once");
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_beyond_the_bound_fold_into_other() {
        let metrics = Metrics::new(2);
        for n in 0..10 {
            let tenant = TenantId::regular(&format!("t{n}")).expect("valid");
            metrics
                .tenant(&tenant)
                .answered(200, Duration::from_millis(1));
        }
        let text = String::from_utf8(metrics.render()).expect("text");
        assert!(
            text.contains(r#"cirque_requests_total{status="2xx",tenant="t1"} 1"#),
            "{text}"
        );
        assert!(
            text.contains(r#"cirque_requests_total{status="2xx",tenant="other"} 8"#),
            "{text}"
        );
        assert!(!text.contains(r#"tenant="t2""#), "{text}");
    }

    #[test]
    fn limits_are_counted_under_their_own_label() {
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, index, "{limit:?}");
        }
    }
}
