//! Tails of a dispatch namespace, and of a tag within one.

use std::io::BufRead;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::harness::api::Api;
use super::harness::{Builder, CIRQUE, Edge};
use super::tail::{Tail, WORKER, tails};

async fn edge() -> Edge {
    let edge = Builder::new(&["limits.cpu_ms=1000"])
        .with_javascript()
        .with_api()
        .start()
        .await;
    for name in [
        "dispatcher",
        "production/shop",
        "production/free",
        "staging/shop2",
    ] {
        edge.serve_script(name, WORKER).await;
    }
    edge
}

fn of(api: &Api, namespace: &str) -> String {
    api.dispatch(&format!("/{namespace}/tails"))
}

async fn read(api: &Api, namespace: &str, body: Value) -> Tail {
    let opened = api.json("POST", &of(api, namespace), body).await.result();
    let url = opened["url"].as_str().expect("a URL");
    Tail::at(api, url).await.expect("a tail")
}

async fn tag(api: &Api, script: &str, tags: Value) {
    let (namespace, name) = script.split_once('/').expect("namespace/name");
    let path = api.dispatch(&format!("/{namespace}/scripts/{name}/tags"));
    api.json("PUT", &path, tags).await.result();
}

#[tokio::test]
async fn a_namespaces_tail_shows_all_of_its_workers_and_no_others() {
    let edge = edge().await;
    let api = edge.api().await;
    let mut all = read(&api, "production", Value::Null).await;
    let filters = json!({ "filters": [{ "outcome": ["exception"] }, { "method": ["GET"] }] });
    let mut failed = read(&api, "production", filters).await;
    let names = [
        "staging/shop2",
        "dispatcher",
        "production/shop",
        "production/free",
    ];
    for name in names {
        let hostname = super::harness::host(name);
        edge.get(&hostname, "/throws").await;
        edge.get(&hostname, "/").await;
        edge.post(&hostname, "/throws", "").await;
    }
    // Each comes when its invocation has ended, which is after its answer.
    let mut shown = Vec::new();
    for _ in 0..6 {
        let event = all.event().await;
        assert_eq!(event["dispatchNamespace"], "production");
        shown.push(format!("{} {}", event["scriptName"], event["outcome"]));
    }
    shown.sort();
    let expected = [
        r#""free" "exception""#,
        r#""free" "exception""#,
        r#""free" "ok""#,
        r#""shop" "exception""#,
        r#""shop" "exception""#,
        r#""shop" "ok""#,
    ];
    assert_eq!(shown, expected);
    let mut names = Vec::new();
    for _ in 0..2 {
        let event = failed.event().await;
        assert_eq!(event["event"]["request"]["method"], "GET");
        names.push(event["scriptName"].to_string());
    }
    names.sort();
    assert_eq!(names, [r#""free""#, r#""shop""#]);
}

#[tokio::test]
async fn a_tags_tail_shows_whoever_has_the_tag_at_the_time() {
    let edge = edge().await;
    let api = edge.api().await;
    tag(&api, "production/shop", json!(["premium", "eu"])).await;
    tag(&api, "production/free", json!(["premium-not"])).await;
    tag(&api, "staging/shop2", json!(["premium"])).await;
    let mut premium = read(&api, "production", json!({ "tag": "premium" })).await;
    super::harness::until("the tag is heard of", async || {
        edge.get("shop.test", "/until").await;
        edge.metric("cirque_tail_events_total{result=\"shown\"}")
            .await
            > 0.0
    })
    .await;
    edge.get("free.test", "/").await;
    edge.get("shop2.test", "/").await;
    edge.get("shop.test", "/last").await;
    let event = loop {
        let event = premium.event().await;
        assert_eq!(event["scriptName"], "shop");
        let url = event["event"]["request"]["url"].as_str().expect("a URL");
        if url.ends_with("/last") {
            break event;
        }
    };
    assert_eq!(event["scriptTags"], json!(["premium", "eu"]));
    // Who gets the tag later is shown from then on.
    tag(&api, "production/free", json!(["premium"])).await;
    super::harness::until("the tag is heard of", async || {
        edge.get("free.test", "/got").await;
        let shown = edge
            .metric("cirque_tail_events_total{result=\"shown\"}")
            .await;
        edge.get("shop.test", "/not").await;
        let event = premium.event().await;
        shown > 0.0 && event["scriptName"] == "free"
    })
    .await;
}

#[tokio::test]
async fn tails_of_namespaces_are_listed_ended_and_refused_like_those_of_workers() {
    let edge = edge().await;
    let api = edge.api().await;
    let path = of(&api, "production");
    let body = json!({ "tag": "premium", "filters": [{ "query": "a" }] });
    let opened = api.json("POST", &path, body).await.result();
    let listed = api.get(&path).await.result();
    assert_eq!(listed[0]["id"], opened["id"]);
    assert_eq!(listed[0]["tag"], "premium");
    // They are not those of its workers.
    let of_worker = tails(&api, "production/shop");
    assert_eq!(api.get(&of_worker).await.result(), json!([]));
    let id = opened["id"].as_str().expect("an id");
    let wrong = [
        format!("{of_worker}/{id}"),
        format!("{}/{id}", of(&api, "staging")),
    ];
    for wrong in wrong {
        assert_eq!(api.delete(&wrong).await.failure(), (404, 10404), "{wrong}");
    }
    let deleted = api.delete(&format!("{path}/{id}")).await;
    assert_eq!(deleted.json["id"], id);
    assert_eq!(api.get(&path).await.result(), json!([]));

    for (body, code) in [
        (json!({ "tag": 5 }), 10026),
        (json!({ "tag": ["premium"] }), 10026),
        (json!({ "tag": "a,b" }), 100134),
        (json!({ "tag": "" }), 100134),
        (json!({ "filters": "all" }), 10026),
    ] {
        let refused = api.json("POST", &path, body.clone()).await;
        assert_eq!(refused.failure(), (400, code), "{body}");
    }
    let missing = of(&api, "nowhere");
    assert_eq!(api.json("POST", &missing, json!({})).await.failure().0, 404);
    assert_eq!(api.get(&missing).await.failure().0, 404);

    // A token of one namespace watches that one.
    let mut scoped = edge
        .api_with(&["token", "create", "scoped", "--namespace", "production"])
        .await;
    scoped.account.clone_from(&api.account);
    let mut tail = read(&scoped, "production", Value::Null).await;
    let refused = scoped.json("POST", &of(&api, "staging"), json!({})).await;
    assert_eq!(refused.failure().0, 404);
    assert_eq!(scoped.get(&of(&api, "staging")).await.failure().0, 404);
    edge.get("shop2.test", "/").await;
    edge.get("shop.test", "/hers").await;
    assert_eq!(tail.path().await, "/hers");
    let reader = edge
        .api_with(&["token", "create", "reader", "--access", "read"])
        .await;
    assert_eq!(reader.json("POST", &path, json!({})).await.failure().0, 403);
}

#[tokio::test]
async fn the_command_line_watches_a_namespace_and_says_whose_each_event_is() {
    let edge = edge().await;
    let api = edge.api().await;
    tag(&api, "production/shop", json!(["premium"])).await;
    let base = format!("http://127.0.0.1:{}", api.port);
    for (arguments, wanted) in [
        (
            &["--namespace", "production"][..],
            "[shop] GET http://shop.test/ - ok",
        ),
        (
            &["--namespace", "production", "--tag", "premium"],
            "[shop] GET http://shop.test/ - ok",
        ),
        (
            &["shop", "--namespace", "production"],
            " GET http://shop.test/ - ok",
        ),
    ] {
        let mut tail = Command::new(CIRQUE)
            .arg("tail")
            .args(arguments)
            .args(["--api", &base, "--token", &api.token])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary under test runs");
        let output = std::io::BufReader::new(tail.stdout.take().expect("a pipe"));
        let first = tokio::task::spawn_blocking(move || output.lines().next());
        super::harness::until("an event is printed", async || {
            edge.get("shop.test", "/").await;
            first.is_finished()
        })
        .await;
        let line = first
            .await
            .expect("it ends")
            .expect("a line")
            .expect("text");
        assert!(line.contains(wanted), "{arguments:?}: {line}");
        tail.kill().expect("it runs");
        tail.wait().expect("it ends");
    }
    for arguments in [
        &["tail"][..],
        &["tail", "--tag", "premium"],
        &[
            "tail",
            "shop",
            "--namespace",
            "production",
            "--tag",
            "premium",
        ],
        &[
            "tail",
            "--namespace",
            "a/b",
            "--api",
            &base,
            "--token",
            &api.token,
        ],
    ] {
        let refused = edge.try_cirque(arguments);
        assert!(!refused.status.success(), "{arguments:?}");
    }
}
