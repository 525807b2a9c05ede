//! Cached responses are forgotten when somebody says so, on every node, and those of plain origins are cached at all.

use serde_json::json;

use super::harness::link::Link;
use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, Response, request, until};

const OUTWARD: &str = r#"egress.allow_addresses=["127.0.0.0/8"]"#;

/// An origin whose answers are numbered, and tagged with the first part of their path.
async fn numbering() -> Origin {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Origin::answering(move |request| {
        let n = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let text = String::from_utf8_lossy(request);
        let target = text.split(' ').nth(1).unwrap_or_default();
        let tag = target.split('/').nth(1).unwrap_or_default();
        let host = text.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned));
        let body = format!("{n} {}", host.unwrap_or_default());
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\ncache-control: max-age=600\r\ncache-tag: all,{tag}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into()
    })
    .await
}

fn worker(origin: &Origin) -> String {
    format!(
        "export default {{ fetch: (request) => fetch('{}' + new URL(request.url).pathname) }}",
        origin.url()
    )
}

async fn visit(edge: &Edge, host: &str, path: &str) -> Response {
    request(edge.port, "GET", host, path, &[], Vec::new()).await
}

async fn status(edge: &Edge, host: &str, path: &str) -> String {
    visit(edge, host, path)
        .await
        .header("cf-cache-status")
        .to_owned()
}

/// Fills the cache with these paths.
async fn fill(edge: &Edge, host: &str, paths: &[&str]) {
    for path in paths {
        status(edge, host, path).await;
        assert_eq!(status(edge, host, path).await, "HIT", "{path}");
    }
}

#[tokio::test]
async fn what_is_purged_is_forgotten_and_nothing_else() {
    let origin = numbering().await;
    let edge = Builder::new(&["limits.cpu_ms=1000", OUTWARD])
        .with_javascript()
        .with_api()
        .start()
        .await;
    edge.serve_script("shop", &worker(&origin)).await;
    edge.serve_script("other", &worker(&origin)).await;
    let api = edge.api().await;
    let path = api.workers("/scripts/shop/purge_cache");
    let base = origin.url();
    let all = ["/a/1", "/a/2", "/b/1", "/b/2"];
    fill(&edge, "other.test", &all).await;
    for (body, gone) in [
        (json!({ "files": [format!("{base}/a/1")] }), vec!["/a/1"]),
        (
            json!({ "files": [{ "url": format!("{base}/a/1#x"), "headers": {} }] }),
            vec!["/a/1"],
        ),
        (
            json!({ "prefixes": [format!("{base}/a/")] }),
            vec!["/a/1", "/a/2"],
        ),
        (json!({ "tags": ["B"] }), vec!["/b/1", "/b/2"]),
        (json!({ "hosts": ["127.0.0.1"] }), all.to_vec()),
        (json!({ "hosts": ["example.com"] }), vec![]),
        (json!({ "purge_everything": true }), all.to_vec()),
    ] {
        fill(&edge, "shop.test", &all).await;
        let purged = api.json("POST", &path, body.clone()).await.result();
        assert_eq!(purged["id"], "shop");
        // Each look would fill it again, so the first must see it: the last one tells when it has come.
        if let Some(last) = gone.last() {
            until("it is purged", async || {
                status(&edge, "shop.test", last).await == "MISS"
            })
            .await;
        }
        for path in all {
            if Some(&path) != gone.last() {
                let expected = if gone.contains(&path) { "MISS" } else { "HIT" };
                assert_eq!(
                    status(&edge, "shop.test", path).await,
                    expected,
                    "{body}: {path}"
                );
            }
        }
    }
    for path in all {
        assert_eq!(
            status(&edge, "other.test", path).await,
            "HIT",
            "another's {path}"
        );
    }
    edge.cirque(&["purge", "other", "--tag", "a"]);
    until("the command purges", async || {
        status(&edge, "other.test", "/a/1").await == "MISS"
    })
    .await;
    assert_eq!(status(&edge, "other.test", "/b/1").await, "HIT");
}

#[tokio::test]
async fn a_purge_that_cannot_be_meant_is_refused() {
    let edge = Builder::new(&[]).with_api().start().await;
    edge.serve("shop", "hello").await;
    let api = edge.api().await;
    let path = api.workers("/scripts/shop/purge_cache");
    let many: Vec<String> = (0..501).map(|n| format!("tag{n}")).collect();
    for (body, code, says) in [
        (json!({}), 1012, "must contain one of"),
        (
            json!({ "purge_everything": false }),
            1012,
            "must contain one of",
        ),
        (json!({ "files": [] }), 1012, "must contain one of"),
        (json!({ "files": ["/logo.png"] }), 10026, "write it whole"),
        (
            json!({ "prefixes": ["http://a/?b"] }),
            10026,
            "a host and a path",
        ),
        (json!({ "hosts": ["a b"] }), 10026, "no hostname"),
        (json!({ "tags": ["a,b"] }), 10026, "none of them a comma"),
        (json!({ "tags": many }), 10026, "at most 500"),
        (json!({ "tags": "a" }), 10026, ""),
        (json!([]), 10026, ""),
    ] {
        let answer = api.json("POST", &path, body.clone()).await;
        let message = answer.message();
        assert_eq!(answer.failure(), (400, code), "{body}: {message}");
        assert!(message.contains(says), "{body}: {message}");
    }
    let nobody = api.workers("/scripts/nobody/purge_cache");
    let answer = api
        .json("POST", &nobody, json!({ "purge_everything": true }))
        .await;
    assert_eq!(answer.failure(), (404, 10_007));
    for (arguments, says) in [
        (&["purge", "shop"][..], "nothing is to be purged"),
        (&["purge", "shop", "--url", "logo.png"], "write it whole"),
        (&["purge", "nobody", "--everything"], "no worker nobody"),
        (
            &["purge", "nobody.example.com", "--everything"],
            "no hostname",
        ),
    ] {
        let output = edge.try_cirque(arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && text.contains(says),
            "{arguments:?}: {text}"
        );
    }
}

#[tokio::test]
async fn an_origins_responses_are_kept_when_the_operator_says_so() {
    let origin = numbering().await;
    let redis = Redis::start().await;
    let edge = Builder::new(&[&redis.setting()]).with_api().start().await;
    let plain = json!({ "origin": origin.url() }).to_string();
    let kept = json!({ "origin": origin.url(), "cache": true }).to_string();
    redis.set("cirque:hostname:plain.example.com", &plain).await;
    redis.set("cirque:hostname:kept.example.com", &kept).await;
    redis.set("cirque:hostname:*.wild.example.org", &kept).await;
    for host in [
        "plain.example.com",
        "kept.example.com",
        "a.wild.example.org",
    ] {
        edge.until_routed(host).await;
    }
    for _ in 0..2 {
        assert_eq!(
            status(&edge, "plain.example.com", "/a").await,
            "",
            "nothing is said of a cache"
        );
    }
    let first = visit(&edge, "kept.example.com", "/a").await;
    assert!(
        first.text().ends_with(" kept.example.com"),
        "{}",
        first.text()
    );
    let second = visit(&edge, "kept.example.com", "/a").await;
    assert_eq!(
        (second.header("cf-cache-status"), second.text()),
        ("HIT", first.text())
    );
    assert!(!second.header("age").is_empty());
    // A visitor can neither have it fetched anew nor have another URL kept under this one.
    let fields = [
        ("cache-control", "no-cache"),
        ("x-forwarded-host", "evil.test"),
        ("x-original-url", "/b"),
    ];
    let third = request(
        edge.port,
        "GET",
        "kept.example.com",
        "/a",
        &fields,
        Vec::new(),
    )
    .await;
    assert_eq!(third.header("cf-cache-status"), "HIT");
    let head = request(edge.port, "HEAD", "kept.example.com", "/a", &[], Vec::new()).await;
    assert_eq!(head.header("cf-cache-status"), "HIT");
    let part = request(
        edge.port,
        "GET",
        "kept.example.com",
        "/a",
        &[("range", "bytes=0-0")],
        Vec::new(),
    )
    .await;
    assert_eq!((part.status, part.body.len()), (206, 1));
    // What changes it goes the other way, and is noticed.
    request(
        edge.port,
        "POST",
        "kept.example.com",
        "/a",
        &[],
        b"x".to_vec(),
    )
    .await;
    assert_eq!(status(&edge, "kept.example.com", "/a").await, "MISS");

    fill(&edge, "kept.example.com", &["/a", "/b"]).await;
    fill(&edge, "a.wild.example.org", &["/a"]).await;
    let api = edge.api().await;
    let zones = api.get("/client/v4/zones?name=example.com").await.result();
    let zone = zones[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/client/v4/zones/{zone}/purge_cache");
    let body = json!({ "files": ["http://kept.example.com/a"] });
    assert_eq!(api.json("POST", &path, body).await.result()["id"], *zone);
    until("it is purged", async || {
        status(&edge, "kept.example.com", "/a").await == "MISS"
    })
    .await;
    assert_eq!(status(&edge, "kept.example.com", "/b").await, "HIT");
    api.json("POST", &path, json!({ "purge_everything": true }))
        .await
        .result();
    until("all is purged", async || {
        status(&edge, "kept.example.com", "/b").await == "MISS"
    })
    .await;
    assert_eq!(
        status(&edge, "a.wild.example.org", "/a").await,
        "HIT",
        "another zone's"
    );
}

// The link needs a thread of its own while a command runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_reaches_every_node_also_one_that_was_cut_off() {
    let origin = numbering().await;
    let redis = Redis::start().await;
    let link = Link::to(redis.port).await;
    let cut = format!("store.url=redis://127.0.0.1:{}/", link.port);
    let near = Builder::new(&["limits.cpu_ms=1000", OUTWARD, &redis.setting()])
        .with_javascript()
        .start()
        .await;
    let far = Builder::new(&["limits.cpu_ms=1000", OUTWARD, &cut])
        .with_javascript()
        .start()
        .await;
    near.serve_script("shop", &worker(&origin)).await;
    far.until_routed("shop.test").await;
    for edge in [&near, &far] {
        fill(edge, "shop.test", &["/a", "/b"]).await;
    }
    near.cirque(&["purge", "shop", "--tag", "a"]);
    for edge in [&near, &far] {
        until("both forget", async || {
            status(edge, "shop.test", "/a").await == "MISS"
        })
        .await;
        assert_eq!(status(edge, "shop.test", "/b").await, "HIT");
    }
    link.cut();
    until("it is cut off", async || {
        far.metric("cirque_store_up").await == 0.0
    })
    .await;
    near.cirque(&["purge", "shop", "--tag", "b"]);
    until("one forgets", async || {
        status(&near, "shop.test", "/b").await == "MISS"
    })
    .await;
    assert_eq!(
        status(&far, "shop.test", "/b").await,
        "HIT",
        "it has not heard of it"
    );
    link.open();
    until("the other forgets too", async || {
        status(&far, "shop.test", "/b").await == "MISS"
    })
    .await;
    assert_eq!(
        status(&far, "shop.test", "/a").await,
        "HIT",
        "and no more than that"
    );
}
