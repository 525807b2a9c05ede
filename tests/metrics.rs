//! Metrics of many tenants: who has series of its own, and that everything is counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncWriteExt;

use super::harness::client::dial;
use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::{Edge, PATIENCE, request, until};

/// Ranked anew each second.
const OFTEN: &str = "log.tenants_interval_s=1";
/// Ranked never.
const NEVER: &str = "log.tenants_interval_s=86400";
/// Labels that are no tenant's.
const FIXED: [&str; 3] = ["other", "origin", "none"];

/// All samples of a text by their series' names, each there once.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a sample");
        let value = value.parse().expect("a number");
        let before = samples.insert(series.to_owned(), value);
        assert!(before.is_none(), "{series} is there twice");
    }
    samples
}

fn tenant_of(series: &str) -> Option<&str> {
    let (_, rest) = series.split_once("tenant=\"")?;
    rest.split_once('"').map(|(tenant, _)| tenant)
}

/// Tenants with series of their own.
fn shown(samples: &BTreeMap<String, f64>) -> BTreeSet<String> {
    let tenants = samples.keys().filter_map(|series| tenant_of(series));
    let own = tenants.filter(|tenant| !FIXED.contains(tenant));
    own.map(str::to_owned).collect()
}

/// The sum over all tenants and all other labels.
fn sum(samples: &BTreeMap<String, f64>, name: &str) -> f64 {
    let name = format!("{name}{{");
    let found = samples
        .iter()
        .filter(|(series, _)| series.starts_with(&name));
    found.map(|(_, value)| value).sum()
}

impl Edge {
    async fn samples(&self) -> BTreeMap<String, f64> {
        let answer = self.ops("/metrics").await;
        assert_eq!(answer.status, 200);
        samples(&answer.text())
    }

    /// What is counted for one tenant, whether or not it has series.
    async fn counted(&self, tenant: &str) -> BTreeMap<String, f64> {
        let answer = self.ops(&format!("/metrics/tenant/{tenant}")).await;
        assert_eq!(answer.status, 200, "{tenant}: {}", answer.text());
        samples(&answer.text())
    }

    /// Waits until as many requests are counted as there are access records.
    async fn until_counted(&self) -> BTreeMap<String, f64> {
        let mut found = BTreeMap::new();
        until("all requests are counted", async || {
            found = self.samples().await;
            let counted = sum(&found, "cirque_requests_total");
            self.access().len() as f64 == counted
        })
        .await;
        found
    }
}

/// Workers of a namespace, all with the code of the first, and a hostname for each.
async fn write(redis: &Redis, numbers: impl Iterator<Item = usize>) {
    let script = redis.get("cirque:script:{many}:t0").await;
    let script = String::from_utf8(script).expect("JSON");
    let mut command = vec!["MSET".to_owned()];
    for n in numbers {
        command.extend([format!("cirque:script:{{many}}:t{n}"), script.clone()]);
        command.push(format!("cirque:hostname:t{n}.test"));
        command.push(format!(r#"{{"namespace":"many","worker":"t{n}"}}"#));
    }
    redis.run(&command).await;
}

async fn many(settings: &[&str], count: usize, guest: &str) -> (Redis, Edge) {
    let redis = Redis::start().await;
    let store = redis.setting();
    let settings = [&[store.as_str()], settings].concat();
    let edge = Edge::with(&settings).await;
    edge.deploy("many/t0", guest);
    write(&redis, 0..count).await;
    edge.until_routed("t0.test").await;
    edge.until_routed(&format!("t{}.test", count - 1)).await;
    (redis, edge)
}

#[tokio::test]
async fn with_more_tenants_than_places_everything_is_counted_once() {
    const TENANTS: usize = 40;
    let (_redis, edge) = many(&[NEVER, "log.tenants_max=5"], TENANTS, "echo").await;
    for n in 0..TENANTS {
        for _ in 0..=n % 3 {
            let body = vec![b'x'; 100 + n];
            let host = format!("t{n}.test");
            let answer = request(edge.port, "POST", &host, "/", &[], body).await;
            assert_eq!((answer.status, answer.body.len()), (200, 100 + n));
        }
    }
    edge.get("nobody.test", "/").await;
    let found = edge.until_counted().await;
    assert_eq!(shown(&found).len(), 5);
    assert_eq!(found["cirque_tenants"], TENANTS as f64);
    assert_eq!(found["cirque_tenants_shown"], 5.0);
    // Each by itself, and all of them together.
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for n in 0..TENANTS {
        let own = edge.counted(&format!("many/t{n}")).await;
        let answered = own[&format!(r#"cirque_requests_total{{status="2xx",tenant="many/t{n}"}}"#)];
        let found_by = usize::from(n == 0 || n == TENANTS - 1);
        assert!(answered >= (1 + n % 3 + found_by) as f64, "{n}: {answered}");
        let sent = (1 + n % 3) * (100 + n);
        let bytes = own[&format!(r#"cirque_request_bytes_total{{tenant="many/t{n}"}}"#)];
        assert_eq!(bytes, sent as f64, "{n}");
        for name in [
            "cirque_requests_total",
            "cirque_request_bytes_total",
            "cirque_cpu_seconds_total",
        ] {
            *sums.entry(name.to_owned()).or_default() += sum(&own, name);
        }
        // What has series shows the same there.
        for (series, value) in own.iter().filter(|(series, _)| series.contains("_total{")) {
            assert_eq!(found.get(series).unwrap_or(value), value, "{series}");
        }
    }
    for name in ["cirque_requests_total", "cirque_request_bytes_total"] {
        let nobodys: f64 = found
            .iter()
            .filter(|(series, _)| series.starts_with(&format!("{name}{{")))
            .filter(|(series, _)| matches!(tenant_of(series), Some("none" | "origin")))
            .map(|(_, value)| value)
            .sum();
        assert_eq!(sum(&found, name), sums[name] + nobodys, "{name}");
    }
    let cpu = sum(&found, "cirque_cpu_seconds_total");
    assert!(
        (cpu - sums["cirque_cpu_seconds_total"]).abs() < 1e-6,
        "{cpu}"
    );
}

#[tokio::test]
async fn who_begins_to_fail_gets_a_place_of_its_own() {
    // Of four places one goes by trouble.
    let (_redis, edge) = many(&[OFTEN, "log.tenants_max=4"], 8, "echo").await;
    edge.serve("many/fails", "trap").await;
    for n in 0..8 {
        for _ in 0..30 {
            edge.get(&format!("t{n}.test"), "/").await;
        }
    }
    let failed = r#"cirque_requests_total{status="5xx",tenant="many/fails"}"#;
    until("the one that fails is seen to fail", async || {
        edge.get("fails.test", "/").await;
        let found = edge.samples().await;
        let shown = shown(&found);
        assert!(shown.len() <= 4, "{shown:?}");
        found.get(failed).is_some_and(|errors| *errors > 0.0)
    })
    .await;
    // It has been counted from its first request on; what came before it had a place is in `other`.
    let own = edge.counted("many/fails").await[failed];
    let found = edge.samples().await;
    let other = found[r#"cirque_requests_total{status="5xx",tenant="other"}"#];
    assert_eq!(own, found[failed] + other);
    let exceptions = r#"cirque_exceptions_total{tenant="many/fails"}"#;
    assert_eq!(edge.counted("many/fails").await[exceptions], own);
}

#[tokio::test]
async fn any_tenant_can_be_asked_for_by_name() {
    let edge = Edge::with(&[NEVER, "log.tenants_max=0"]).await;
    for name in ["shop", "production/shop", "other"] {
        edge.deploy(name, "echo");
        let host = format!("{}.test", name.replace('/', "-"));
        edge.cirque(&["route", &host, name]);
        edge.until_routed(&host).await;
    }
    for _ in 0..3 {
        edge.get("production-shop.test", "/").await;
    }
    let found = edge.until_counted().await;
    assert_eq!(shown(&found), BTreeSet::new());
    let requests = |tenant| format!(r#"cirque_requests_total{{status="2xx",tenant="{tenant}"}}"#);
    for (path, label, count) in [
        ("production/shop", "production/shop", 4.0),
        ("shop", "shop", 1.0),
        ("_/shop", "shop", 1.0),
        // Not what is shown for all others.
        ("other", "_/other", 1.0),
    ] {
        let own = edge.counted(path).await;
        assert_eq!(own[&requests(label)], count, "{path}");
        assert!(own.keys().all(|series| tenant_of(series) == Some(label)));
    }
    for (path, said) in [
        ("production/nobody", "nothing for production/nobody"),
        ("origin", "nothing for origin"),
        ("a/b/c", "is no tenant"),
        ("", "is no tenant"),
        ("%2e%2e", "is no tenant"),
    ] {
        let answer = edge.ops(&format!("/metrics/tenant/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains(said), "{path}: {}", answer.text());
    }
    assert_eq!(edge.ops("/metrics/tenant").await.status, 404);
    let path = "/metrics/tenant/shop";
    let answer = request(edge.ops_port, "POST", "localhost", path, &[], Vec::new()).await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn what_a_worker_does_is_counted_for_it() {
    let origin = Origin::echo().await;
    let settings = [
        NEVER,
        r#"egress.allow_addresses=["127.0.0.0/8"]"#,
        "cache.memory_mb=0",
    ];
    let edge = Edge::with(&settings).await;
    edge.serve("production/fetch", "fetch").await;
    edge.serve("production/trap", "trap").await;
    let (url, forbidden) = (origin.url(), "http://10.0.0.1/".to_owned());
    let closed = format!("http://127.0.0.1:{}/", super::harness::free_port());
    for (url, count) in [(&url, "4"), (&forbidden, "2"), (&closed, "1")] {
        let fields = [("x-fetch", url.as_str()), ("x-fetch-count", count)];
        assert_eq!(edge.get_with("fetch.test", "/", &fields).await.status, 200);
    }
    assert_eq!(edge.get("trap.test", "/").await.status, 500);
    edge.until_idle().await;
    let found = edge.until_counted().await;
    let fetched = |name: &str, label: &str| {
        found[&format!(r#"cirque_{name}{{{label}tenant="production/fetch"}}"#)]
    };
    let asked =
        fetched("requests_total", "status=\"2xx\",") + fetched("requests_total", "status=\"4xx\",");
    for (result, count) in [("ok", 4.0), ("refused", 2.0), ("failed", 1.0)] {
        let label = format!("result=\"{result}\",");
        assert_eq!(
            fetched("outgoing_requests_total", &label),
            count,
            "{result}"
        );
    }
    assert_eq!(fetched("instances_started_total", ""), asked);
    assert_eq!(fetched("first_byte_seconds_count", ""), asked);
    assert_eq!(fetched("code_loads_total", ""), 1.0);
    assert_eq!(fetched("in_flight", ""), 0.0);
    assert_eq!(fetched("exceptions_total", ""), 0.0);
    assert!(fetched("response_bytes_total", "") > 0.0);
    let memory = fetched("memory_peak_bytes", "");
    assert!((65_536.0..256e6).contains(&memory), "{memory}");
    let (begins, ends) = (
        fetched("first_byte_seconds_sum", ""),
        fetched("request_duration_seconds_sum", ""),
    );
    assert!(0.0 < begins && begins <= ends, "{begins} {ends}");
    let failed = |name: &str| found[&format!(r#"cirque_{name}{{tenant="production/trap"}}"#)];
    assert_eq!(
        failed("exceptions_total"),
        failed("instances_started_total")
    );
    // The node's own.
    let version = format!(
        r#"cirque_build_info{{version="{}"}}"#,
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(found[&version], 1.0);
    assert!(found["process_resident_memory_bytes"] > 1e6);
    assert!(found["process_start_time_seconds"] > 1.7e9);
    assert_eq!(
        (found["cirque_workers"], found["cirque_modules"]),
        (2.0, 2.0)
    );
    assert_eq!(found["cirque_instances_max"], 1_000.0);
    assert!(found["cirque_store_change_seconds_count"] > 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_come_and_go_while_several_read() {
    const AT_A_TIME: usize = 24;
    let (redis, edge) = many(&[OFTEN, "log.tenants_max=6"], AT_A_TIME, "echo").await;
    let edge = Arc::new(edge);
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (edge, is_over) = (edge.clone(), is_over.clone());
            tokio::spawn(async move {
                let (mut before, mut readings) = (BTreeMap::new(), 0);
                while !is_over.load(Ordering::Relaxed) {
                    let now = edge.samples().await;
                    assert!(shown(&now).len() <= 6, "{:?}", shown(&now));
                    for (series, value) in now.iter().filter(|(series, _)| {
                        series.contains("_total{") || series.contains("_bucket{")
                    }) {
                        let before = before.get(series).unwrap_or(value);
                        assert!(value >= before, "{series} fell from {before} to {value}");
                    }
                    let others = r#"cirque_requests_total{status="2xx",tenant="other"}"#;
                    assert!(now.contains_key(others));
                    (before, readings) = (now, readings + 1);
                }
                readings
            })
        })
        .collect();
    for round in 1..6 {
        let range = round * AT_A_TIME..(round + 1) * AT_A_TIME;
        write(&redis, range.clone()).await;
        for n in range.clone() {
            edge.until_routed(&format!("t{n}.test")).await;
        }
        for n in range.clone().cycle().take(5 * AT_A_TIME) {
            let answer = edge.get(&format!("t{n}.test"), "/").await;
            assert_eq!(answer.status, 200, "{n}");
        }
        let mut command = vec!["DEL".to_owned()];
        for n in range {
            command.push(format!("cirque:script:{{many}}:t{n}"));
            command.push(format!("cirque:hostname:t{n}.test"));
        }
        redis.run(&command).await;
    }
    is_over.store(true, Ordering::Relaxed);
    for reader in readers {
        let readings = reader.await.expect("what was read is right");
        assert!(readings > 3, "{readings}");
    }
    // Everybody is known by itself, with all its requests.
    for n in AT_A_TIME..6 * AT_A_TIME {
        let own = edge.counted(&format!("many/t{n}")).await;
        let answered = own[&format!(r#"cirque_requests_total{{status="2xx",tenant="many/t{n}"}}"#)];
        assert_eq!(answered, 6.0, "{n}");
    }
}

#[tokio::test]
async fn a_reader_that_never_reads_keeps_nobody_waiting() {
    const CONNECTIONS: usize = 8;
    /// More than the system's buffers hold of the answers to them.
    const QUESTIONS: usize = 200;
    let (_redis, edge) = many(&[NEVER, "log.tenants_max=100"], 100, "echo").await;
    for n in 0..100 {
        edge.get(&format!("t{n}.test"), "/").await;
    }
    let question = "GET /metrics HTTP/1.1\r\nhost: ops\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = dial(edge.ops_port).await;
        let questions = question.repeat(QUESTIONS);
        connection
            .write_all(questions.as_bytes())
            .await
            .expect("it is listened to");
        held.push(connection);
    }
    for _ in 0..20 {
        let answered = async {
            assert_eq!(edge.ops("/healthz").await.status, 200);
            assert_eq!(shown(&edge.samples().await).len(), 100);
            assert_eq!(edge.get("t7.test", "/").await.status, 200);
        };
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        answered.expect("others are answered");
    }
    drop(held);
}
