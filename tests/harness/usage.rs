//! What tenants have used up, as `cirque usage` says it.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::{Edge, until};

/// One row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Used {
    pub(crate) requests: u64,
    pub(crate) cpu_ms: f64,
    pub(crate) gb_s: f64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) subrequests: u64,
    pub(crate) cache_bytes: u64,
    pub(crate) exceptions: u64,
    pub(crate) limited: u64,
}

/// A day so long ago, as it is written.
pub(crate) fn days_ago(days: i64) -> String {
    (OffsetDateTime::now_utc().date() - Duration::days(days)).to_string()
}

/// Rows of CSV, by `<namespace>/<name>`.
pub(crate) fn rows(csv: &str) -> BTreeMap<String, Used> {
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "namespace,script,requests,cpu_ms,gb_s,bytes_in,bytes_out,subrequests,cache_bytes,exceptions,limited"
        )
    );
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 11, "{line}");
        let number = |at: usize| cells[at].parse::<u64>().expect("a number");
        let fraction = |at: usize| cells[at].parse::<f64>().expect("a number");
        let used = Used {
            requests: number(2),
            cpu_ms: fraction(3),
            gb_s: fraction(4),
            bytes_in: number(5),
            bytes_out: number(6),
            subrequests: number(7),
            cache_bytes: number(8),
            exceptions: number(9),
            limited: number(10),
        };
        (format!("{}/{}", cells[0], cells[1]), used)
    };
    lines.map(row).collect()
}

impl Edge {
    /// What everybody used up of late.
    pub(crate) fn all_used(&self) -> BTreeMap<String, Used> {
        rows(&self.cirque(&["usage", "--from", &days_ago(2), "--csv"]))
    }

    /// What one worker used up of late; `_/<name>` is a regular one.
    pub(crate) fn used(&self, worker: &str) -> Used {
        let rows = rows(&self.cirque(&["usage", worker, "--from", &days_ago(2), "--csv"]));
        assert!(rows.keys().all(|name| name == worker), "{rows:?}");
        rows.get(worker).copied().unwrap_or_default()
    }

    /// Waits until a worker has used up so many requests and all that belongs to them, and never more requests; what it has
    /// used up then. (A request is counted when it comes, the rest when it ends.)
    pub(crate) async fn until_used(
        &self,
        worker: &str,
        requests: u64,
        is_all: impl Fn(&Used) -> bool,
    ) -> Used {
        let mut used = Used::default();
        until("the requests are counted", async || {
            let now = self.used(worker);
            assert!(now.requests <= requests, "{worker}: {now:?}");
            if now != used {
                eprintln!("{worker}: {now:?}");
            }
            used = now;
            used.requests == requests && is_all(&used)
        })
        .await;
        used
    }
}
