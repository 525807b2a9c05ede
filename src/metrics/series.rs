//! Which cell of a tenant's counters is which series.

use crate::model::Limit;

/// Status classes, by the hundreds digit less one.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What caches had to do with responses.
pub(super) const CACHE_RESULTS: [&str; 8] = [
    "hit",
    "miss",
    "expired",
    "revalidated",
    "updating",
    "stale",
    "bypass",
    "dynamic",
];

/// As [`super::Outgoing`] is numbered.
const OUTGOING_RESULTS: [&str; 3] = ["ok", "failed", "refused"];
/// As [`super::BindingCall`] is numbered.
const BINDING_KINDS: [&str; 6] = ["kv", "cache", "worker", "assets", "ratelimit", "dataset"];

const LIMIT_LABELS: [&str; Limit::ALL.len()] = {
    let mut labels = [""; Limit::ALL.len()];
    let mut at = 0;
    while at < labels.len() {
        labels[at] = Limit::ALL[at].label();
        at += 1;
    }
    labels
};

/// The upper end of a histogram's bucket, in nanoseconds, and in seconds as its label.
type Bound = (u64, &'static str);

/// From a quick hello to the longest invocation that a default configuration allows.
const DURATION_BOUNDS: [Bound; 12] = [
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1"),
    (5_000_000_000, "5"),
    (30_000_000_000, "30"),
];

/// Fewer: what matters is whether the wait is before the first byte or after it.
const FIRST_BYTE_BOUNDS: [Bound; 8] = [
    (1_000_000, "0.001"),
    (5_000_000, "0.005"),
    (25_000_000, "0.025"),
    (100_000_000, "0.1"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1"),
    (5_000_000_000, "5"),
    (30_000_000_000, "30"),
];

// The cells, one after the other. A histogram has one for each bucket, one for what is beyond the last, and its sum.
const STATUS: usize = 0;
pub(super) const LIMITS: usize = STATUS + CLASSES.len();
pub(super) const CACHE: usize = LIMITS + LIMIT_LABELS.len();
pub(super) const CACHE_EVICTED: usize = CACHE + CACHE_RESULTS.len();
pub(super) const OUTGOING: usize = CACHE_EVICTED + 1;
pub(super) const BINDINGS: usize = OUTGOING + OUTGOING_RESULTS.len();
pub(super) const INSTANCES: usize = BINDINGS + BINDING_KINDS.len();
pub(super) const CODE_LOADS: usize = INSTANCES + 1;
pub(super) const DURATION: usize = CODE_LOADS + 1;
pub(super) const DURATION_SUM: usize = DURATION + DURATION_BOUNDS.len() + 1;
pub(super) const FIRST_BYTE: usize = DURATION_SUM + 1;
pub(super) const FIRST_BYTE_SUM: usize = FIRST_BYTE + FIRST_BYTE_BOUNDS.len() + 1;
/// Those that are counted here; the others are the ledger's.
pub(super) const OWN_CELLS: usize = FIRST_BYTE_SUM + 1;
pub(super) const CPU: usize = OWN_CELLS;
pub(super) const EXCEPTIONS: usize = CPU + 1;
pub(super) const RECEIVED: usize = EXCEPTIONS + 1;
pub(super) const SENT: usize = RECEIVED + 1;
/// All cells.
pub(super) const CELLS: usize = SENT + 1;

/// Amounts, one for each cell.
pub(super) type Cells = [u64; CELLS];

/// What goes up and down.
#[derive(Clone, Copy, Default)]
pub(super) struct Gauges {
    pub running: i64,
    pub cache_bytes: i64,
    pub memory_peak: u64,
}

impl Gauges {
    /// Of two tenants under one name.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            running: self.running + other.running,
            cache_bytes: self.cache_bytes + other.cache_bytes,
            memory_peak: self.memory_peak.max(other.memory_peak),
        }
    }
}

/// Series of one name.
pub(super) struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub shape: Shape,
}

/// What a family is made of.
pub(super) enum Shape {
    /// One counter.
    Counter(usize),
    /// One counter of nanoseconds, shown in seconds.
    Seconds(usize),
    /// Counters from this cell on, by a label.
    Counters(usize, &'static str, &'static [&'static str]),
    /// A histogram of nanoseconds from this cell on.
    Histogram(usize, &'static [Bound]),
    /// A gauge.
    Gauge(fn(&Gauges) -> i64),
}

/// All families that have a tenant, by name.
pub(super) const FAMILIES: [Family; 17] = [
    Family {
        name: "cirque_binding_calls_total",
        help: "What workers did through their bindings, by tenant and what was called.",
        shape: Shape::Counters(BINDINGS, "binding", &BINDING_KINDS),
    },
    Family {
        name: "cirque_cache_bytes",
        help: "Cached responses in memory, by tenant.",
        shape: Shape::Gauge(|gauges| gauges.cache_bytes),
    },
    Family {
        name: "cirque_cache_evicted_total",
        help: "Cached responses that made room for others, by tenant.",
        shape: Shape::Counter(CACHE_EVICTED),
    },
    Family {
        name: "cirque_cache_requests_total",
        help: "Requests that could be answered from a cache, by tenant and what the cache had to do with it.",
        shape: Shape::Counters(CACHE, "result", &CACHE_RESULTS),
    },
    Family {
        name: "cirque_code_loads_total",
        help: "Requests for which a worker's code had to be loaded, by tenant.",
        shape: Shape::Counter(CODE_LOADS),
    },
    Family {
        name: "cirque_cpu_seconds_total",
        help: "CPU time that guests used.",
        shape: Shape::Seconds(CPU),
    },
    Family {
        name: "cirque_exceptions_total",
        help: "Requests that a worker's code failed, by tenant.",
        shape: Shape::Counter(EXCEPTIONS),
    },
    Family {
        name: "cirque_first_byte_seconds",
        help: "From a request's header to the header of its response.",
        shape: Shape::Histogram(FIRST_BYTE, &FIRST_BYTE_BOUNDS),
    },
    Family {
        name: "cirque_in_flight",
        help: "Invocations under way, by tenant.",
        shape: Shape::Gauge(|gauges| gauges.running),
    },
    Family {
        name: "cirque_instances_started_total",
        help: "Sandboxes made, one for each invocation, by tenant.",
        shape: Shape::Counter(INSTANCES),
    },
    Family {
        name: "cirque_limits_exceeded_total",
        help: "Limits that invocations ran into.",
        shape: Shape::Counters(LIMITS, "limit", &LIMIT_LABELS),
    },
    Family {
        name: "cirque_memory_peak_bytes",
        help: "The most memory that an invocation had of late (in this interval of log.tenants_interval_s or the one before), by tenant.",
        shape: Shape::Gauge(|gauges| i64::try_from(gauges.memory_peak).unwrap_or(i64::MAX)),
    },
    Family {
        name: "cirque_outgoing_requests_total",
        help: "Requests of workers to the network, by tenant and result: ok, failed, refused.",
        shape: Shape::Counters(OUTGOING, "result", &OUTGOING_RESULTS),
    },
    Family {
        name: "cirque_request_bytes_total",
        help: "Bytes of request bodies, by tenant.",
        shape: Shape::Counter(RECEIVED),
    },
    Family {
        name: "cirque_request_duration_seconds",
        help: "From a request's header to the last byte of its response.",
        shape: Shape::Histogram(DURATION, &DURATION_BOUNDS),
    },
    Family {
        name: "cirque_requests_total",
        help: "Requests answered, by tenant and status class.",
        shape: Shape::Counters(STATUS, "status", &CLASSES),
    },
    Family {
        name: "cirque_response_bytes_total",
        help: "Bytes of response bodies, by tenant.",
        shape: Shape::Counter(SENT),
    },
];

/// The cell of a status; 0, where there was no answer, counts as the first class.
pub(super) fn status(status: u16) -> usize {
    STATUS + usize::from(status / 100).clamp(1, CLASSES.len()) - 1
}

pub(super) fn duration_bucket(ns: u64) -> usize {
    bucket(&DURATION_BOUNDS, ns)
}

pub(super) fn first_byte_bucket(ns: u64) -> usize {
    bucket(&FIRST_BYTE_BOUNDS, ns)
}

fn bucket(bounds: &[Bound], ns: u64) -> usize {
    let fitting = bounds.iter().position(|(most, _)| ns <= *most);
    fitting.unwrap_or(bounds.len())
}

/// Requests answered, as the ranking counts them.
pub(super) fn requests(cells: &Cells) -> u64 {
    cells[STATUS..LIMITS].iter().sum()
}

/// What an operator would look for: server errors, exceptions, limits, and CPU time, a tenth of a second of which counts as one.
pub(super) fn troubles(cells: &Cells) -> u64 {
    let limits: u64 = cells[LIMITS..CACHE].iter().sum();
    cells[status(500)] + cells[EXCEPTIONS] + limits + cells[CPU] / 100_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{BindingCall, Outgoing};

    #[test]
    fn numbers_and_labels_agree() {
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, index, "{limit:?}");
        }
        assert_eq!(OUTGOING_RESULTS[Outgoing::Failed as usize], "failed");
        assert_eq!(OUTGOING_RESULTS[Outgoing::Refused as usize], "refused");
        assert_eq!(BINDING_KINDS[BindingCall::Worker as usize], "worker");
        assert_eq!(BINDING_KINDS[BindingCall::Dataset as usize], "dataset");
        for (bounds, least) in [
            (&DURATION_BOUNDS[..], "0.0005"),
            (&FIRST_BYTE_BOUNDS[..], "0.001"),
        ] {
            assert_eq!(bounds[0].1, least);
            for (ns, seconds) in bounds {
                let seconds: f64 = seconds.parse().expect("a number");
                assert_eq!(*ns as f64 / 1e9, seconds);
            }
        }
    }

    #[test]
    fn each_cell_belongs_to_one_family_and_each_duration_to_one_bucket() {
        let mut taken = [0; CELLS];
        for family in &FAMILIES {
            let (from, count) = match family.shape {
                Shape::Counter(cell) | Shape::Seconds(cell) => (cell, 1),
                Shape::Counters(from, _, values) => (from, values.len()),
                Shape::Histogram(from, bounds) => (from, bounds.len() + 2),
                Shape::Gauge(_) => continue,
            };
            taken[from..from + count].iter_mut().for_each(|n| *n += 1);
        }
        assert_eq!(taken, [1; CELLS]);
        assert!(FAMILIES.is_sorted_by_key(|family| family.name));
        for (ns, expected) in [
            (0, 0),
            (500_000, 0),
            (500_001, 1),
            (30_000_000_000, 11),
            (u64::MAX, 12),
        ] {
            assert_eq!(duration_bucket(ns), expected, "{ns}");
        }
    }
}
