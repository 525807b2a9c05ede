//! Starting, ending, and being replaced.

use rustix::process::Signal;

use super::harness::redis::Redis;
use super::harness::steady::Steady;
use super::harness::wire::Wire;
use super::harness::{Builder, CIRQUE, Edge, client, free_port, until};

const HELLO: &str = "Hello, World!\n";

/// A request that is under way, on a connection of its own.
async fn under_way(edge: &Edge, ms: u64) -> Wire {
    edge.until_idle().await;
    let mut wire = Wire::open(edge.port).await;
    wire.send(format!(
        "GET /?ms={ms} HTTP/1.1\r\nhost: sleep.test\r\n\r\n"
    ))
    .await;
    until("the request is under way", async || {
        edge.metric("cirque_invocations").await == 1.0
    })
    .await;
    wire
}

#[tokio::test]
async fn sigterm_lets_what_runs_finish_and_takes_nothing_new() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=600"]).await;
    edge.serve("sleep", "sleep").await;
    let mut wire = under_way(&edge, 2_000).await;
    edge.signal(Signal::TERM);
    until("new connections are refused", async || {
        client::try_dial(edge.port).await.is_err()
    })
    .await;
    assert!(edge.is_running());
    let answer = wire.response().await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "slept\n"));
    // At once when the last is done, long before the time for draining is up.
    assert!(edge.ended().await.success(), "{}", edge.log());
    assert!(edge.log().contains("drained"), "{}", edge.log());
    let records = edge.access();
    let slept = records.iter().filter(|record| record["bytes_sent"] == 6);
    assert!(slept.count() >= 1, "the last request has its record");
}

#[tokio::test]
async fn sigterm_ends_an_idle_edge_at_once() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=600"]).await;
    edge.serve("hello", "hello").await;
    // An idle connection owes nobody anything.
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: hello.test\r\n\r\n")
        .await;
    assert_eq!(wire.response().await.text(), HELLO);
    edge.signal(Signal::TERM);
    assert!(edge.ended().await.success());
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn draining_ends_when_its_time_is_up() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=1", "limits.wall_ms=300000"]).await;
    edge.serve("sleep", "sleep").await;
    let mut wire = under_way(&edge, 250_000).await;
    edge.signal(Signal::TERM);
    edge.ended().await;
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn sigint_ends_the_edge_at_once() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=600", "limits.wall_ms=300000"]).await;
    edge.serve("sleep", "sleep").await;
    let mut wire = under_way(&edge, 250_000).await;
    edge.signal(Signal::INT);
    edge.ended().await;
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn everything_is_there_after_a_restart_also_after_a_crash() {
    let mut redis = Redis::durable().await;
    let setting = redis.setting();
    for settings in [&[][..], &[setting.as_str()]] {
        let edge = Edge::with(settings).await;
        edge.serve("production/hello", "hello").await;
        let edge = edge.restart().await;
        assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
        assert_eq!(
            edge.metric(r#"cirque_compilations_total{result="ok"}"#)
                .await,
            0.0
        );
        let edge = edge.crash().await.start().await;
        assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
    }
    redis.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_loses_no_request() {
    let mut edge = Edge::with(&["runtime.drain_timeout_s=600"]).await;
    edge.serve("hello", "hello").await;
    edge.serve("sleep", "sleep").await;
    let mut slow = under_way(&edge, 3_000).await;
    let visitors: Vec<Steady> = (0..3)
        .map(|_| Steady::visits(edge.port, &["hello.test"], HELLO))
        .collect();
    visitors[0].until_more(20).await;

    let pid_file = edge.directory.path().join("data/run/cirque.pid");
    let old = edge.pid();
    let mut successor = edge.successor();
    assert!(edge.ended().await.success(), "{}", edge.log());
    let pid = std::fs::read_to_string(&pid_file).expect("a file");
    assert_eq!(pid.trim(), successor.id().to_string());
    assert_ne!(successor.id(), old);
    // What the old one had begun it finished.
    assert_eq!(slow.response().await.text(), "slept\n");
    for visitor in visitors {
        visitor.until_more(20).await;
        visitor.was_always_answered().await;
    }
    assert!(successor.try_wait().expect("it can be asked").is_none());
    let answer = edge.get("hello.test", "/").await;
    assert_eq!(answer.text(), HELLO);
    successor.kill().expect("it runs");
    successor.wait().expect("it ends");
}

#[tokio::test]
async fn an_upgrade_of_nothing_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = std::process::Command::new(CIRQUE)
        .args(["run", "--upgrade"])
        .args([
            "--set",
            &format!("store.data_dir={}", directory.path().display()),
        ])
        .args(["--set", &format!("listen.http=127.0.0.1:{}", free_port())])
        .args(["--set", &format!("listen.ops=127.0.0.1:{}", free_port())])
        .output()
        .expect("the binary under test runs");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("there is no running edge to upgrade"),
        "{message}"
    );
}

#[tokio::test]
async fn an_edge_that_cannot_start_says_why() {
    let running = Edge::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let data = format!("store.data_dir={}", directory.path().join("data").display());
    let free = || format!("127.0.0.1:{}", free_port());
    let (http, ops) = (
        format!("listen.http={}", free()),
        format!("listen.ops={}", free()),
    );
    let taken = format!("127.0.0.1:{}", running.port);
    let file = file.display();
    for (settings, reason) in [
        (
            vec![format!("listen.http={taken}"), ops.clone(), data.clone()],
            format!("listen.http {taken}: "),
        ),
        (
            vec![http.clone(), format!("listen.ops={taken}"), data.clone()],
            format!("listen.ops {taken}: "),
        ),
        (
            vec![http.clone(), ops.clone(), format!("store.data_dir={file}")],
            "set `store.data_dir` to a directory".into(),
        ),
        (
            vec![
                http.clone(),
                ops.clone(),
                data.clone(),
                format!("store.url=file:{file}/store"),
            ],
            format!("{file}/store"),
        ),
        (
            vec![
                http.clone(),
                ops.clone(),
                data.clone(),
                format!("listen.https={}", free()),
                "tls.certificate_file=/nowhere/cert.pem".into(),
                "tls.key_file=/nowhere/key.pem".into(),
            ],
            "/nowhere/".into(),
        ),
        (
            vec![
                http.clone(),
                ops.clone(),
                data.clone(),
                "log.level=a=b=c".into(),
            ],
            "log.level".into(),
        ),
        (
            vec![http, ops, data, "egress.ca_file=/nowhere/ca.pem".into()],
            "egress.ca_file".into(),
        ),
    ] {
        let mut command = std::process::Command::new(CIRQUE);
        command.arg("run");
        for setting in &settings {
            command.args(["--set", setting]);
        }
        let output = command.output().expect("the binary under test runs");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{settings:?}: {message}");
        let last = message.lines().last().unwrap_or("");
        assert!(
            last.starts_with("cirque: ") && last.contains(&reason),
            "{settings:?}: {message}"
        );
        assert!(!message.contains("panicked"), "{message}");
    }
}

#[tokio::test]
async fn operators_see_health_and_counters_and_visitors_do_not() {
    let edge = Builder::new(&[]).start().await;
    edge.serve("hello", "hello").await;
    assert_eq!(edge.ops("/healthz").await.text(), "ok\n");
    assert_eq!(edge.ops("/readyz").await.text(), "ready\nstore: live\n");
    let metrics = edge.ops("/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = metrics.text();
    for name in [
        "cirque_requests_total",
        "cirque_request_duration_seconds",
        "cirque_cpu_seconds_total",
        "cirque_limits_exceeded_total",
        "cirque_connections",
        "cirque_connections_refused_total",
        "cirque_invocations",
        "cirque_invocations_moved_total",
        "cirque_modules_bytes",
        "cirque_artifacts_damaged_total",
        "cirque_store_up",
        "cirque_store_emptied",
        "cirque_store_feed_lost_total",
        "cirque_records_unverified_total",
        "cirque_access_records_dropped_total",
    ] {
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
    assert!(
        edge.metric(r#"cirque_requests_total{status="2xx",tenant="hello"}"#)
            .await
            >= 1.0
    );
    assert_eq!(edge.ops("/other").await.status, 404);
    let post = super::harness::request(
        edge.ops_port,
        "POST",
        "localhost",
        "/metrics",
        &[],
        Vec::new(),
    );
    assert_eq!(post.await.status, 405);
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(edge.get("localhost", path).await.status, 404, "{path}");
        assert_eq!(edge.get("hello.test", path).await.text(), HELLO, "{path}");
    }
}

#[tokio::test]
async fn each_request_has_one_record_of_one_line() {
    let edge = Edge::start().await;
    edge.serve("production/hello", "hello").await;
    // Only these: the harness asks in other ways, and its records may come late.
    let gets = || -> Vec<_> {
        let records = edge.access().into_iter();
        records.filter(|record| record["method"] == "GET").collect()
    };
    let strange = "/a%0ab\"'\\{}%1b[31m?secret=1";
    for (hostname, target) in [("hello.test", strange), ("unknown.test", "/?secret=2")] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "GET {target} HTTP/1.1\r\nhost: {hostname}\r\nauthorization: secret\r\ncookie: secret\r\n\r\n"
        ))
        .await;
        wire.response().await;
    }
    until("both are recorded", async || gets().len() >= 2).await;
    let records = gets();
    let [answered, unknown] = &records[..] else {
        panic!("not one record for each request: {records:?}");
    };
    let fields = [
        "time_ms",
        "request_id",
        "client",
        "hostname",
        "tenant",
        "method",
        "path",
        "protocol",
        "status",
        "error",
        "bytes_received",
        "bytes_sent",
        "duration_us",
        "cpu_us",
    ];
    for record in [answered, unknown] {
        let object = record.as_object().expect("an object");
        assert_eq!(object.len(), fields.len(), "{record}");
        assert!(
            fields.iter().all(|field| object.contains_key(*field)),
            "{record}"
        );
        assert_eq!(record["client"], "127.0.0.1");
        assert_eq!(record["protocol"], "HTTP/1.1");
        assert!(!record.to_string().contains("secret"), "{record}");
    }
    assert_eq!(answered["tenant"], "production/hello");
    assert_eq!(answered["hostname"], "hello.test");
    assert_eq!(
        (&answered["status"], &answered["error"]),
        (&200.into(), &"".into())
    );
    assert_eq!(answered["bytes_sent"], HELLO.len());
    assert!(
        answered["path"]
            .as_str()
            .expect("text")
            .starts_with("/a%0ab"),
        "{answered}"
    );
    assert_eq!(
        (&unknown["status"], &unknown["error"]),
        (&404.into(), &"unknown_host".into())
    );
    assert_eq!(unknown["tenant"], "");
    assert_ne!(answered["request_id"], unknown["request_id"]);
}

#[tokio::test]
async fn logs_go_on_in_new_files_at_a_hangup() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("access");
    let mut edge = Edge::with(&[&format!("log.access_file={}", file.display())]).await;
    let paths = |file: &std::path::Path| -> Vec<String> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let record = |line| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let records = text.lines().map(record);
        records
            .map(|record| record["path"].as_str().expect("a path").to_owned())
            .collect()
    };
    let mut written = 0;
    for turn in 0..3 {
        for _ in 0..20 {
            edge.get("nobody.test", &format!("/{turn}")).await;
            written += 1;
        }
        let old = directory.path().join(format!("access.{turn}"));
        std::fs::rename(&file, &old).expect("it is renamed");
        edge.signal(rustix::process::Signal::HUP);
        until("a new file is there", async || file.exists()).await;
        assert!(edge.is_running());
    }
    edge.get("nobody.test", "/last").await;
    until("the new file is written to", async || {
        paths(&file) == ["/last"]
    })
    .await;
    let all = (0..3).flat_map(|turn| paths(&directory.path().join(format!("access.{turn}"))));
    assert_eq!(all.count(), written, "none is lost");
    assert!(edge.access().is_empty(), "none is on standard output");
}
