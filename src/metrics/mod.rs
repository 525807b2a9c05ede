//! What operators count: one registry, its series bounded, its labels types.
//!
//! The doc comment of each field is its HELP text in other words. A tenant's counters are looked up once, when its worker is
//! loaded, and are plain atomics on a request's path; every tenant has them, and those with most requests or trouble have
//! series of their own (`accounts`, `ranking`). All others are shown together.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    PullingGauge, Registry, TextEncoder,
};

use crate::ledger::Ledger;
use crate::model::TenantId;

mod accounts;
mod ranking;
mod series;
mod tenant;
mod tenants;
mod text;

pub use tenant::{BindingCall, Outgoing, TenantMetrics};
use tenants::{Count, Tenants};

/// The label of all tenants without series of their own.
const OTHER: &str = "other";
/// The label of requests that a plain origin answered.
const ORIGIN: &str = "origin";
/// The label of requests that were refused before a tenant was known.
const NONE: &str = "none";

/// From one read of a store nearby to one that is waited for in vain.
const CHANGE_BUCKETS: [f64; 7] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// All counters of the process.
pub struct Metrics {
    registry: Registry,
    tenants: Tenants,
    tenants_known: IntGauge,
    tenants_shown: IntGauge,
    /// Requests refused by the guard, by reason.
    pub refused: IntCounterVec,
    /// Visitors' open connections.
    pub connections: IntGauge,
    /// Looks at custom hostnames for a proof of control, by what was found.
    pub hostname_checks: IntCounterVec,
    /// Custom hostnames whose next step is due or being taken, on the node that takes them.
    pub hostnames_due: IntGauge,
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
    /// Tasks on the heavy threads: invocations that compute for long or run on after their response, and who watches over them.
    pub heavy_tasks: Asked,
    /// Of these, those that no heavy thread has taken up yet.
    pub heavy_queue: Asked,
    /// Child processes that compile.
    pub compiling: IntGauge,
    /// Code that waits for one of them.
    pub compile_queue: IntGauge,
    /// Sandboxes that may be in use at a time.
    pub instances_max: IntGauge,
    /// Workers whose record, bindings and limits are ready.
    pub workers: Asked,
    /// Compiled modules in memory.
    pub modules: IntGauge,
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
    /// News of the store that wait to be taken in.
    pub store_feed_queue: IntGauge,
    /// How long it takes to take changes in.
    pub store_change_duration: Histogram,
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
    /// Spans, by what became of them.
    pub spans: IntCounterVec,
    /// Log records for the collector, by what became of them.
    pub log_records: IntCounterVec,
    /// Events of watched workers, by what became of them.
    pub tail_events: IntCounterVec,
    /// Tenants whose usage is counted in memory.
    pub usage_tenants: IntGauge,
    /// Times that usage could not be written.
    pub usage_folds_failed: IntCounter,
    /// What each tenant uses up, exactly; no metric.
    pub ledger: Ledger,
}

/// Counts one in a gauge for as long as it is there.
pub struct Counting(IntGauge);

impl Counting {
    /// One more.
    pub fn one(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A gauge whose value somebody else knows, who is asked when it is read.
#[derive(Clone, Default)]
pub struct Asked(Arc<OnceLock<Box<dyn Fn() -> u64 + Send + Sync>>>);

impl Asked {
    /// Whom to ask; before that it is 0. Only the first counts.
    pub fn ask(&self, whom: impl Fn() -> u64 + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(whom));
    }

    fn value(&self) -> f64 {
        self.0.get().map_or(0.0, |ask| ask() as f64)
    }
}

impl Metrics {
    /// Registers everything; at most `tenants_max` tenants have series of their own at a time.
    pub fn new(tenants_max: usize) -> Self {
        let registry = Registry::new();
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
        let asked = |name: &str, help: &str| {
            let asked = Asked::default();
            let value = asked.clone();
            let read = Box::new(move || value.value());
            add(
                &registry,
                PullingGauge::new(format!("cirque_{name}"), help, read),
            );
            asked
        };
        let build = add(
            &registry,
            IntGaugeVec::new(
                opts("build_info", "1, with the version of the program."),
                &["version"],
            ),
        );
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let process = Box::new(ProcessCollector::for_self());
        registry.register(process).expect("its names are not ours");
        Self {
            tenants_known: gauge("tenants", "Tenants with counters in memory."),
            tenants_shown: gauge("tenants_shown", "Tenants with series of their own."),
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
            hostnames_due: gauge(
                "custom_hostnames_due",
                "Custom hostnames whose next step is due or being taken, up to 1,000, on the node that takes them; 0 on others.",
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
            heavy_tasks: asked(
                "heavy_tasks",
                "Tasks on the heavy threads: invocations that compute for long or run on after their response, and their watchers.",
            ),
            heavy_queue: asked(
                "heavy_queue",
                "Tasks that wait for a heavy thread to take them up for the first time.",
            ),
            compiling: gauge("compiling", "Child processes that compile."),
            compile_queue: gauge(
                "compile_queue",
                "Code that waits for a child process to compile it.",
            ),
            instances_max: gauge(
                "instances_max",
                "Sandboxes that may be in use at a time (runtime.instances).",
            ),
            workers: asked(
                "workers",
                "Workers whose record, bindings and limits are ready in memory.",
            ),
            modules: gauge("modules", "Compiled modules in memory, by number."),
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
            store_feed_queue: gauge(
                "store_feed_queue",
                "Changes heard of from the store that wait to be taken in.",
            ),
            store_change_duration: add(
                &registry,
                Histogram::with_opts(
                    HistogramOpts::from(opts(
                        "store_change_seconds",
                        "How long it takes to read changed records and to serve by them, once it is their turn.",
                    ))
                    .buckets(CHANGE_BUCKETS.to_vec()),
                ),
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
            spans: results(
                "spans_total",
                "Spans of traces that are sent, by what became of them: sent, left_out, queue_full, refused, failed.",
                "result",
                &["sent", "left_out", "queue_full", "refused", "failed"],
            ),
            log_records: results(
                "log_records_total",
                "Log records for the collector, by what became of them: sent, queue_full, refused, failed.",
                "result",
                &["sent", "queue_full", "refused", "failed"],
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
            tenants: Tenants::new(tenants_max),
            registry,
        }
    }

    /// The same, with an account of what each tenant uses up.
    #[must_use]
    pub fn with_ledger(mut self) -> Self {
        self.ledger = Ledger::new(true);
        self
    }

    /// A tenant's counters.
    pub fn tenant(&self, tenant: &TenantId) -> Arc<TenantMetrics> {
        self.tenants.open(tenant)
    }

    /// A tenant's counters if it has any, or else those of `other`: for names that anybody can make up.
    pub fn known_tenant(&self, tenant: &TenantId) -> Arc<TenantMetrics> {
        let found = self.tenants.find(tenant);
        found.unwrap_or_else(|| self.tenants.other.clone())
    }

    /// The counters of what belongs to no single tenant of those that have their own.
    pub fn other(&self) -> &Arc<TenantMetrics> {
        &self.tenants.other
    }

    /// The counters of requests that a plain origin answered.
    pub fn origin(&self) -> &Arc<TenantMetrics> {
        &self.tenants.origin
    }

    /// The counters of requests that were refused before a tenant was known.
    pub fn none(&self) -> &Arc<TenantMetrics> {
        &self.tenants.none
    }

    /// Decides now and then which tenants have series of their own, for as long as the process runs.
    pub async fn follow_tenants(self: Arc<Self>, interval: Duration) {
        let mut before = Instant::now();
        loop {
            tokio::time::sleep(interval).await;
            let passed = before.elapsed();
            before = Instant::now();
            let metrics = self.clone();
            // With 100,000 tenants this takes long enough for others to notice.
            let ranked = tokio::task::spawn_blocking(move || metrics.rank_tenants(passed));
            if let Err(error) = ranked.await {
                tracing::error!(%error, "tenants could not be ranked; those with series of their own stay the same");
            }
        }
    }

    /// Decides anew which tenants have series of their own; `passed` is the time since the last time.
    pub fn rank_tenants(&self, passed: Duration) {
        self.note(self.tenants.rank(passed));
    }

    /// Everything in Prometheus' text format.
    pub fn render(&self) -> Vec<u8> {
        let mut tenants = Vec::with_capacity(64 << 10);
        self.note(self.tenants.write(&mut tenants));
        let mut text = Vec::with_capacity(tenants.len() + (32 << 10));
        // Writing to memory cannot fail.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text.append(&mut tenants);
        text
    }

    /// All that was counted for one tenant since it was last forgotten, whether or not it has series of its own; `None` for
    /// one that this node knows nothing of.
    pub fn render_tenant(&self, tenant: &TenantId) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(16 << 10);
        self.tenants.write_one(&mut text, tenant).then_some(text)
    }

    fn note(&self, count: Count) {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.tenants_known.set(number(count.all));
        self.tenants_shown.set(number(count.shown));
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
mod tests;
