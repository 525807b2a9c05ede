//! Tails: what whoever watches a worker is told, in the shape that Cloudflare's clients read.

use std::io::BufRead;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::harness::api::Api;
use super::harness::wire::Wire;
use super::harness::{Builder, CIRQUE, Edge, PATIENCE, client, request, until};

async fn edge() -> Edge {
    Builder::new(&["limits.cpu_ms=1000", "log.level=cirque=debug"])
        .with_javascript()
        .with_api()
        .start()
        .await
}

/// Where the tails of a worker are.
pub(super) fn tails(api: &Api, worker: &str) -> String {
    match worker.split_once('/') {
        Some((namespace, name)) => api.dispatch(&format!("/{namespace}/scripts/{name}/tails")),
        None => api.workers(&format!("/scripts/{worker}/tails")),
    }
}

pub(super) async fn open(api: &Api, worker: &str, filters: Value) -> Value {
    let body = json!({ "filters": filters });
    api.json("POST", &tails(api, worker), body).await.result()
}

/// Reads a tail.
pub(super) struct Tail(WebSocketStream<TcpStream>);

impl Tail {
    /// Opens a tail and reads it.
    pub(super) async fn of(api: &Api, worker: &str, filters: Value) -> Self {
        let opened = open(api, worker, filters).await;
        Self::at(api, opened["url"].as_str().expect("a URL"))
            .await
            .expect("a WebSocket")
    }

    /// Reads the tail at a URL.
    pub(super) async fn at(api: &Api, url: &str) -> Result<Self, u16> {
        let mut request = url.into_client_request().expect("a URL");
        let protocol = "trace-v1".parse().expect("a value");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let stream = client::dial(api.port).await;
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, answer)) => {
                assert_eq!(answer.headers()["sec-websocket-protocol"], "trace-v1");
                Ok(Self(socket))
            }
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn message(&mut self) -> Option<Message> {
        let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
        message.expect("a message in time")?.ok()
    }

    /// The next event.
    pub(super) async fn event(&mut self) -> Value {
        let event = async {
            loop {
                match self.message().await.expect("a message") {
                    Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                    Message::Ping(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        // Pings alone are none.
        let event = tokio::time::timeout(PATIENCE, event).await;
        event.expect("an event in time")
    }

    /// The path and query of the next event's request.
    pub(super) async fn path(&mut self) -> String {
        let event = self.event().await;
        let url = event["event"]["request"]["url"].as_str().expect("a URL");
        let rest = url.strip_prefix("http://").expect("a scheme");
        rest[rest.find('/').expect("a path")..].to_owned()
    }

    /// The code that it is closed with.
    pub(super) async fn end(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => return frame.expect("a reason").code.into(),
                Some(_) => {}
                None => panic!("the tail ended without a word"),
            }
        }
    }
}

pub(super) const WORKER: &str = r#"
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/logs":
        console.log("hello", { a: 1 }, [2]);
        console.debug("quietly");
        console.info("for your information");
        console.warn("careful");
        console.error("wrong");
        ctx.waitUntil(scheduler.wait(20).then(() => console.log("after the answer")));
        return new Response("logged", { status: 201 });
      case "/throws":
        console.log("before");
        throw new RangeError("not: here");
      case "/rejects":
        return Promise.reject("a text");
      case "/spins":
        for (;;) {}
      case "/waits":
        await scheduler.wait(600000);
      case "/much":
        console.log("x".repeat(60000));
    }
    return new Response("fine");
  }
}"#;

#[tokio::test]
async fn a_tail_shows_what_a_worker_answers_logs_and_throws() {
    let edge = edge().await;
    let api = edge.api().await;
    for name in ["watched", "other", "production/shop"] {
        edge.serve_script(name, WORKER).await;
    }
    // Whoever calls a worker is not shown what that one logs, and the other way round.
    let mut tail = Tail::of(&api, "watched", json!([])).await;
    let mut shop = Tail::of(&api, "production/shop", json!([])).await;
    edge.get("other.test", "/logs").await;
    let headers = [
        ("authorization", "Bearer hush"),
        ("Cookie", "session=hush"),
        ("x-api-key", "hush"),
        ("x-plain", "shown"),
    ];
    let path = "/logs?size=44&access_token=hush&id=0123456789abcdef0123456789abcdef";
    assert_eq!(
        edge.get_with("watched.test", path, &headers).await.status,
        201
    );
    let event = tail.event().await;
    assert_eq!(event["outcome"], "ok");
    assert_eq!(event["scriptName"], "watched");
    assert_eq!(event["dispatchNamespace"], Value::Null);
    assert_eq!(event["exceptions"], json!([]));
    assert_eq!(event["truncated"], false);
    assert!(event["cpuTime"].is_u64() && event["wallTime"].is_u64());
    assert!(event["eventTimestamp"].as_u64().expect("a time") > 1_600_000_000_000);
    assert_eq!(event["event"]["response"], json!({ "status": 201 }));
    let request = &event["event"]["request"];
    assert_eq!(request["method"], "GET");
    assert_eq!(
        request["url"],
        "http://watched.test/logs?size=44&access_token=REDACTED&id=REDACTED"
    );
    assert_eq!(request["cf"]["httpProtocol"], "HTTP/1.1");
    for (name, shown) in [
        ("authorization", "REDACTED"),
        ("cookie", "REDACTED"),
        ("x-api-key", "REDACTED"),
        ("x-plain", "shown"),
        ("host", "watched.test"),
    ] {
        assert_eq!(request["headers"][name], shown, "{name}");
    }
    assert!(!event.to_string().contains("hush"));
    let logs = event["logs"].as_array().expect("lines");
    let lines = logs.iter().map(|line| {
        assert!(
            line["timestamp"].is_u64() && line["message"].as_array().is_some_and(|m| m.len() == 1)
        );
        (
            line["level"].as_str().expect("a level"),
            line["message"][0].as_str().expect("a text"),
        )
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            ("log", "hello { a: 1 } [ 2 ]"),
            ("debug", "quietly"),
            ("info", "for your information"),
            ("warn", "careful"),
            ("error", "wrong"),
            ("log", "after the answer"),
        ]
    );

    edge.get("watched.test", "/throws").await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exception");
    assert_eq!(event["event"]["response"], Value::Null);
    assert_eq!(event["logs"][0]["message"], json!(["before"]));
    assert_eq!(event["logs"].as_array().map(Vec::len), Some(1));
    let exception = &event["exceptions"][0];
    assert_eq!(exception["name"], "RangeError");
    assert_eq!(exception["message"], "not: here");
    let stack = exception["stack"].as_str().expect("a stack");
    assert!(
        stack.contains("RangeError: not: here\n    at ") && stack.contains("worker.js:"),
        "{stack}"
    );
    assert_eq!(event["exceptions"].as_array().map(Vec::len), Some(1));

    edge.get("watched.test", "/rejects").await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exception");
    assert_eq!(
        event["exceptions"].as_array().map(Vec::len),
        Some(1),
        "{event}"
    );

    // A user worker, whom the operator does not trust with what is known of visitors.
    edge.get("shop.test", "/").await;
    let event = shop.event().await;
    assert_eq!(event["scriptName"], "shop");
    assert_eq!(event["dispatchNamespace"], "production");
    assert_eq!(event["event"]["request"]["url"], "http://shop.test/");
    assert_eq!(event["event"]["request"]["cf"], Value::Null);
    assert_eq!(event["event"]["response"]["status"], 200);
}

#[tokio::test]
async fn a_tail_says_what_ended_a_worker() {
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("watched", WORKER).await;
    edge.serve("component", "log").await;
    edge.serve("traps", "trap").await;
    let mut tail = Tail::of(&api, "watched", json!([])).await;
    edge.get("watched.test", "/spins").await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exceededCpu");
    assert_eq!(
        event["exceptions"][0]["message"],
        "Worker exceeded CPU time limit."
    );
    assert!(
        event["cpuTime"].as_u64().expect("a time") >= 1_000,
        "{event}"
    );

    // A visitor who leaves.
    let mut visitor = Wire::open(edge.port).await;
    visitor
        .send("GET /waits HTTP/1.1\r\nHost: watched.test\r\n\r\n")
        .await;
    until("the worker waits", async || {
        edge.metric("cirque_invocations").await == 1.0
    })
    .await;
    drop(visitor);
    let event = tail.event().await;
    assert_eq!(event["outcome"], "canceled");
    assert_eq!(event["exceptions"], json!([]));

    // Components: standard output and standard error, and a trap.
    let mut tail = Tail::of(&api, "component", json!([])).await;
    edge.get("component.test", "/?lines=2").await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "ok");
    let lines = event["logs"].as_array().expect("lines").iter();
    let mut lines: Vec<_> = lines
        .map(|line| format!("{} {}", line["level"], line["message"][0]))
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "\"error\" \"stderr line 1\"",
            "\"error\" \"stderr line 2\"",
            "\"log\" \"stdout line 1\"",
            "\"log\" \"stdout line 2\""
        ]
    );
    let mut tail = Tail::of(&api, "traps", json!([])).await;
    edge.get("traps.test", "/").await;
    let event = tail.event().await;
    assert_eq!(event["outcome"], "exception");
    let message = event["exceptions"][0]["message"].as_str().expect("a text");
    assert!(message.contains("unreachable"), "{message}");
}

#[tokio::test]
async fn a_tail_shows_what_its_filters_ask_for() {
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("watched", WORKER).await;
    let errors = json!([{ "outcome": ["exception", "exceededCpu", "exceededMemory", "unknown"] }]);
    let mut tails = Vec::new();
    for (filters, passed) in [
        (errors, vec!["/throws"]),
        (
            json!([{ "outcome": ["ok"] }, { "query": "careful" }]),
            vec!["/logs"],
        ),
        (json!([{ "method": ["post", "PUT"] }]), vec!["/posted"]),
        (json!([{ "header": { "key": "X-Shop" } }]), vec!["/a", "/b"]),
        (
            json!([{ "header": { "key": "x-shop", "query": "sho" } }]),
            vec!["/b"],
        ),
        // A filter does not find out what is not shown.
        (
            json!([{ "header": { "key": "authorization", "query": "hush" } }]),
            vec![],
        ),
        (
            json!([{ "header": { "key": "authorization" } }]),
            vec!["/b"],
        ),
        (
            json!([{ "client_ip": ["self"] }, { "sampling_rate": 0.5 }]),
            vec!["/logs", "/posted", "/b"],
        ),
        (json!([{ "client_ip": "192.0.2.1" }]), vec![]),
    ] {
        tails.push((Tail::of(&api, "watched", filters).await, passed));
    }
    // Opened last, it is told last: what it shows, all others have been offered.
    let mut all = Tail::of(&api, "watched", json!([])).await;
    let headers = [("x-shop", "shoes"), ("authorization", "Bearer hush")];
    for (method, path, headers) in [
        ("GET", "/throws", &[][..]),
        ("GET", "/logs", &[]),
        ("GET", "/a", &[("x-shop", "toys")]),
        ("POST", "/posted", &[]),
        ("GET", "/c", &[]),
        ("GET", "/b", &headers),
    ] {
        request(edge.port, method, "watched.test", path, headers, Vec::new()).await;
        assert_eq!(all.path().await, path);
    }
    // Each tail is ended when its events are read: nothing else has come.
    let listed = api.get(&tails_of(&api)).await.result();
    for (index, (mut tail, passed)) in tails.into_iter().enumerate() {
        for path in passed {
            assert_eq!(tail.path().await, path, "filter {index}");
        }
        let id = listed[index]["id"].as_str().expect("an id");
        let path = format!("{}/{id}", tails_of(&api));
        assert_eq!(api.delete(&path).await.status, 200);
        match tail.message().await {
            Some(Message::Close(_)) => {}
            other => panic!("filter {index} let through {other:?}"),
        }
    }
}

fn tails_of(api: &Api) -> String {
    tails(api, "watched")
}

#[tokio::test]
async fn tails_are_listed_and_ended() {
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("watched", WORKER).await;
    let path = tails(&api, "watched");
    assert_eq!(api.get(&path).await.result(), json!([]));
    // Without a body, as the cloudflare package sends it, and through a proxy that ends TLS.
    let headers = [("x-forwarded-proto", "https")];
    let opened = api.send("POST", &path, &headers, Vec::new()).await;
    let opened = opened.result();
    let url = opened["url"].as_str().expect("a URL").to_owned();
    let key = url
        .strip_prefix("wss://api.test/client/v4/tails/")
        .expect("the place that the client knows");
    assert_eq!(key.len(), 64);
    let expires_at = opened["expires_at"].as_str().expect("a time");
    let listed = api.get(&path).await.result();
    assert_eq!(
        listed,
        json!([{ "id": opened["id"], "expires_at": expires_at }]),
        "the secret is shown once"
    );
    let url = format!("ws://api.test/client/v4/tails/{key}");
    let mut first = Tail::at(&api, &url)
        .await
        .unwrap_or_else(|_| panic!("a tail"));
    // One reader at a time: a client that comes back takes over from its lost connection.
    let mut tail = Tail::at(&api, &url)
        .await
        .unwrap_or_else(|_| panic!("a tail"));
    assert_eq!(first.end().await, 1000);
    // wrangler's own ping, which it wants to have back as it was.
    tail.0
        .send(Message::Ping("wrangler tail ping".into()))
        .await
        .expect("it is open");
    let pong = tail.message().await.expect("a message");
    assert_eq!(pong, Message::Pong("wrangler tail ping".into()));
    edge.get("watched.test", "/read").await;
    assert_eq!(tail.path().await, "/read");

    let one = format!("{path}/{}", opened["id"].as_str().expect("an id"));
    let deleted = api.delete(&one).await;
    assert_eq!(
        deleted.json["id"], opened["id"],
        "what the package looks at"
    );
    assert_eq!(deleted.result(), json!({ "id": opened["id"] }));
    assert_eq!(tail.end().await, 1000);
    assert_eq!(Tail::at(&api, &url).await.err(), Some(404));
    assert_eq!(api.delete(&one).await.failure(), (404, 10404));
    assert_eq!(api.get(&path).await.result(), json!([]));
    assert!(!edge.log().contains(key), "the secret is in the log");
    let audits = format!("/client/v4/accounts/{}/audit_logs", api.account);
    let audited = api.get(&audits).await.result();
    assert!(audited.to_string().contains("\"tail\""), "{audited}");
}

#[tokio::test]
async fn what_is_no_tail_is_refused() {
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("watched", WORKER).await;
    edge.serve_script("production/shop", WORKER).await;
    let filter = |filter: Value| json!({ "filters": [filter] });
    let many: Vec<_> = (0..21).map(|_| json!({ "query": "a" })).collect();
    for body in [
        json!([]),
        json!("filters"),
        json!({ "filters": {} }),
        json!({ "filters": "all" }),
        json!({ "filters": many }),
        filter(json!("ok")),
        filter(json!({})),
        filter(json!({ "color": "red" })),
        filter(json!({ "outcome": "ok" })),
        filter(json!({ "outcome": ["fine"] })),
        filter(json!({ "outcome": [] })),
        filter(json!({ "method": 5 })),
        filter(json!({ "method": ["a", 5] })),
        filter(json!({ "method": vec!["GET"; 21] })),
        filter(json!({ "header": "x" })),
        filter(json!({ "header": { "query": "x" } })),
        filter(json!({ "header": { "key": "x", "more": 1 } })),
        filter(json!({ "query": "a".repeat(1_001) })),
        filter(json!({ "query": ["a"] })),
        filter(json!({ "sampling_rate": 0 })),
        filter(json!({ "sampling_rate": -1 })),
        filter(json!({ "sampling_rate": 1.5 })),
        filter(json!({ "sampling_rate": "half" })),
        filter(json!({ "client_ip": [] })),
        filter(json!({ "query": "a", "method": "GET" })),
    ] {
        let path = tails(&api, "watched");
        let refused = api.json("POST", &path, body.clone()).await;
        assert_eq!(refused.failure(), (400, 10026), "{body}");
    }
    let path = tails(&api, "watched");
    let broken = api
        .send("POST", &path, &[], b"{\"filters\":".to_vec())
        .await;
    assert_eq!(broken.failure(), (400, 10026));
    let large = api.send("POST", &path, &[], vec![b' '; 65 << 10]).await;
    assert_eq!(large.failure(), (413, 10027));
    assert_eq!(api.get(&path).await.result(), json!([]));

    for (worker, code) in [("nobody", 10007), ("production/nobody", 10092)] {
        let path = tails(&api, worker);
        let refused = api.json("POST", &path, json!({})).await;
        assert_eq!(refused.failure(), (404, code), "{worker}");
        assert_eq!(api.get(&path).await.failure(), (404, code), "{worker}");
        let refused = api.delete(&format!("{path}/abc")).await;
        assert_eq!(refused.failure(), (404, code), "{worker}");
    }
    // A tail belongs to its worker.
    let opened = open(&api, "watched", json!([])).await;
    let id = opened["id"].as_str().expect("an id");
    let other = format!("{}/{id}", tails(&api, "production/shop"));
    assert_eq!(api.delete(&other).await.failure(), (404, 10404));
    // Neither its id nor a guess opens it, and only a WebSocket does.
    let at = |key: &str| format!("ws://api.test/client/v4/tails/{key}");
    for key in [id, "abc", &"0".repeat(64)] {
        assert_eq!(Tail::at(&api, &at(key)).await.err(), Some(404), "{key}");
    }
    let url = opened["url"].as_str().expect("a URL");
    let path = &url[url.find("/client").expect("a path")..];
    let plain = api.raw("GET", path, &[], Vec::new()).await;
    assert_eq!(plain.failure(), (426, 10026));
    assert_eq!(api.raw("POST", path, &[], Vec::new()).await.status, 401);

    // Who may only read opens none, and a token of a namespace only those of its workers.
    let reader = edge
        .api_with(&["token", "create", "reader", "--access", "read"])
        .await;
    let refused = reader
        .json("POST", &tails(&api, "watched"), json!({}))
        .await;
    assert_eq!(refused.failure().0, 403);
    let mut scoped = edge
        .api_with(&["token", "create", "scoped", "--namespace", "production"])
        .await;
    scoped.account.clone_from(&api.account);
    let refused = scoped
        .json("POST", &tails(&api, "watched"), json!({}))
        .await;
    assert_eq!(refused.failure().0, 403);
    open(&scoped, "production/shop", json!([])).await;

    // Ten at a time; one that is ended makes room.
    for _ in 1..10 {
        open(&api, "watched", json!([])).await;
    }
    let eleventh = api.json("POST", &tails(&api, "watched"), json!({})).await;
    assert_eq!(eleventh.failure(), (409, 10035));
    assert_eq!(eleventh.headers["x-should-retry"], "false");
    let one = format!("{}/{id}", tails(&api, "watched"));
    assert_eq!(api.delete(&one).await.status, 200);
    open(&api, "watched", json!([])).await;
}

#[tokio::test]
async fn a_reader_that_never_reads_slows_nobody_and_is_told_what_it_missed() {
    const REQUESTS: u64 = 400;
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("watched", WORKER).await;
    let mut slow = Tail::of(&api, "watched", json!([])).await;
    let mut quick = Tail::of(&api, "watched", json!([])).await;
    // More than the system keeps for a reader, and then more than the edge does. Whoever reads gets all of it.
    for _ in 0..REQUESTS {
        assert_eq!(edge.get("watched.test", "/much").await.status, 200);
        assert_eq!(quick.path().await, "/much");
    }
    let (mut seen, mut missed) = (0, 0);
    while seen + missed < REQUESTS {
        let event = slow.event().await;
        match event["event"]["type"].as_str() {
            Some(kind) => {
                assert_eq!(kind, "overload");
                let count = event["event"]["dropped"].as_u64().expect("a number");
                let message = event["event"]["message"].as_str().expect("a text");
                assert!(
                    count > 0 && message.starts_with(&format!("{count} events")),
                    "{message}"
                );
                missed += count;
            }
            None => {
                assert_eq!(
                    event["logs"][0]["message"][0].as_str().map(str::len),
                    Some(60_000)
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen + missed, REQUESTS);
    assert!(missed > 0, "all {seen} events fitted");
    edge.get("watched.test", "/next").await;
    assert_eq!(slow.path().await, "/next");
}

#[tokio::test]
async fn the_command_line_prints_a_tail_and_ends_it() {
    let edge = edge().await;
    let api = edge.api().await;
    edge.serve_script("production/shop", WORKER).await;
    let base = format!("http://127.0.0.1:{}", api.port);
    for (format, wanted) in [
        (
            "pretty",
            vec![
                "GET http://shop.test/throws - exception",
                "  (log) before",
                "  RangeError: not: here",
            ],
        ),
        ("json", vec!["\"outcome\":\"exception\""]),
    ] {
        let mut tail = Command::new(CIRQUE)
            .args([
                "tail",
                "production/shop",
                "--format",
                format,
                "--status",
                "error",
            ])
            .args(["--api", &base, "--token", &api.token])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary under test runs");
        let printed = Arc::new(Mutex::new(String::new()));
        let output = std::io::BufReader::new(tail.stdout.take().expect("a pipe"));
        let into = printed.clone();
        let reading = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                *into.lock().expect("a lock") += &(line + "\n");
            }
        });
        until("the worker's event is printed", async || {
            edge.get("shop.test", "/throws").await;
            let printed = printed.lock().expect("a lock").clone();
            wanted.iter().all(|words| printed.contains(words))
        })
        .await;
        let listed = api.get(&tails(&api, "production/shop")).await.result();
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
        let pid = rustix::process::Pid::from_raw(tail.id() as i32).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
        let ended = tokio::task::spawn_blocking(move || tail.wait()).await;
        assert!(ended.expect("it ends").expect("it ends").success());
        reading.join().expect("all was read");
        let listed = api.get(&tails(&api, "production/shop")).await.result();
        assert_eq!(listed, json!([]));
    }
    let refused = edge.try_cirque(&["tail", "production/shop"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("--api"),
        "{said}"
    );
    let refused = edge.try_cirque(&["tail", "nobody", "--api", &base, "--token", &api.token]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("10007"),
        "{said}"
    );
}
