//! Tails across nodes: what is watched on one runs on another.

use serde_json::{Value, json};

use super::harness::api::{Api, shared_key};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, host, until};
use super::tail::{Tail, WORKER, open, tails};

/// Two nodes on one Redis, each with the control API.
struct Nodes {
    here: Edge,
    there: Edge,
    /// The same token, at either node.
    api: Api,
    api_there: Api,
    _key: tempfile::TempDir,
}

impl Nodes {
    async fn start(redis: &Redis) -> Self {
        let key = tempfile::tempdir().expect("a directory");
        let settings = [redis.setting(), shared_key(key.path())];
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let node = || Builder::new(&settings).with_javascript().with_api().start();
        let (here, there) = (node().await, node().await);
        let api = here.api().await;
        let api_there = Api {
            port: there.api_port,
            ..api.clone()
        };
        Self {
            here,
            there,
            api,
            api_there,
            _key: key,
        }
    }

    /// Deploys a worker that both nodes serve.
    async fn serve(&self, name: &str) {
        self.here.serve_script(name, WORKER).await;
        self.there.until_routed(&host(name)).await;
    }

    /// How many events the other node has sent.
    async fn relayed(&self) -> f64 {
        let metric = "cirque_tail_events_total{result=\"relayed\"}";
        self.there.metric(metric).await
    }

    /// Has a worker answer at the other node until a tail shows it; then nothing is under way.
    async fn until_shown(&self, hostname: &str, tail: &mut Tail) {
        let before = self.relayed().await;
        until("the other node hears of the tail", async || {
            self.there.get(hostname, "/until").await;
            self.relayed().await > before
        })
        .await;
        self.there.get(hostname, "/shown").await;
        let mut shown = 1.0;
        while tail.path().await != "/shown" {
            shown += 1.0;
        }
        // What has come is counted soon after it was sent.
        self.until_relayed(before + shown).await;
    }

    async fn until_relayed(&self, count: f64) {
        let what = format!("{count} events were sent");
        until(&what, async || self.relayed().await >= count).await;
        assert_eq!(self.relayed().await, count);
    }
}

#[tokio::test]
async fn a_tail_shows_what_happens_on_every_node() {
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    nodes.serve("production/shop").await;
    let mut tail = Tail::of(&nodes.api, "watched", json!([])).await;
    nodes.until_shown("watched.test", &mut tail).await;
    nodes.there.get("watched.test", "/logs").await;
    let event = tail.event().await;
    assert_eq!(event["scriptName"], "watched");
    assert_eq!(event["logs"][0]["message"][0], "hello { a: 1 } [ 2 ]");
    assert_eq!(event["event"]["response"]["status"], 201);
    // Of this node as before, and of nobody else.
    nodes.there.get("shop.test", "/").await;
    nodes.here.get("shop.test", "/").await;
    nodes.here.get("watched.test", "/here").await;
    assert_eq!(tail.path().await, "/here");
}

#[tokio::test]
async fn what_a_filter_takes_out_never_leaves_its_node() {
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    nodes.serve("sampled").await;
    let filters = json!([{ "method": ["GET"] }, { "query": "careful" }]);
    let mut tail = Tail::of(&nodes.api, "watched", filters).await;
    let mut sent = 0.0;
    until("the other node hears of the tail", async || {
        nodes.there.get("watched.test", "/logs").await;
        sent = nodes.relayed().await;
        sent > 0.0
    })
    .await;
    for _ in 0..20 {
        nodes.there.get("watched.test", "/").await;
        nodes.there.post("watched.test", "/logs", "").await;
    }
    nodes.there.get("watched.test", "/logs?last").await;
    let mut shown = 1.0;
    loop {
        let event = tail.event().await;
        assert_eq!(event["event"]["request"]["method"], "GET");
        assert_eq!(event["event"]["response"]["status"], 201);
        let url = event["event"]["request"]["url"].to_string();
        if url.contains("last") {
            break;
        }
        shown += 1.0;
    }
    nodes.until_relayed(shown).await;

    // Of what passes a share, where it happens.
    let rate = json!([{ "sampling_rate": 0.1 }]);
    let mut sampled = Tail::of(&nodes.api, "sampled", rate).await;
    let before = nodes.relayed().await;
    until("the other node hears of the tail", async || {
        nodes.there.get("sampled.test", "/until").await;
        nodes.relayed().await > before
    })
    .await;
    let before = nodes.relayed().await;
    for n in 0..100 {
        nodes.there.get("sampled.test", &format!("/{n}")).await;
    }
    until("the share was sent", async || {
        nodes.relayed().await >= before + 10.0
    })
    .await;
    for _ in 0..10 {
        while sampled.path().await == "/until" {}
    }
    assert_eq!(nodes.relayed().await, before + 10.0);
}

#[tokio::test]
async fn a_tail_is_read_listed_and_closed_at_any_node() {
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    let (here, there) = (&nodes.api, &nodes.api_there);
    let path = tails(here, "watched");
    let opened = open(here, "watched", json!([])).await;
    let url = opened["url"].as_str().expect("a URL");
    let secret = url.rsplit('/').next().expect("a secret");
    for key in redis.keys("cirque:tail*").await {
        assert!(!key.contains(secret), "the secret is in the store");
        let value = redis.get(&key).await;
        let value = String::from_utf8_lossy(&value);
        assert!(!value.contains(secret), "the secret is in the store");
    }
    for api in [here, there] {
        let listed = api.get(&path).await.result();
        let (id, expires_at) = (&opened["id"], &opened["expires_at"]);
        assert_eq!(listed, json!([{ "id": id, "expires_at": expires_at }]));
    }
    // Its request came to one node, its WebSocket to the other.
    let mut first = Tail::at(there, url).await.expect("a tail");
    nodes.there.get("watched.test", "/read").await;
    assert_eq!(first.path().await, "/read");
    // A client that comes back elsewhere takes over.
    let mut second = Tail::at(here, url).await.expect("a tail");
    assert_eq!(first.end().await, 1000);
    nodes.until_shown("watched.test", &mut second).await;
    let mut third = Tail::at(there, url).await.expect("a tail");
    assert_eq!(second.end().await, 1000);
    nodes.there.get("watched.test", "/again").await;
    assert_eq!(third.path().await, "/again");

    let one = format!("{path}/{}", opened["id"].as_str().expect("an id"));
    here.delete(&one).await.result();
    assert_eq!(third.end().await, 1000, "closed at the other node");
    for api in [here, there] {
        assert_eq!(Tail::at(api, url).await.err(), Some(404));
        assert_eq!(api.get(&path).await.result(), json!([]));
    }
}

#[tokio::test]
async fn the_bound_on_tails_is_that_of_all_nodes() {
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    for n in 0..10 {
        let api = [&nodes.api, &nodes.api_there][n % 2];
        open(api, "watched", json!([])).await;
    }
    for api in [&nodes.api, &nodes.api_there] {
        let refused = api.json("POST", &tails(api, "watched"), json!({})).await;
        assert_eq!(refused.failure(), (409, 10035));
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_tail_that_is_closed() {
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    nodes.serve("other").await;
    let mut tail = Tail::of(&nodes.api, "watched", json!([])).await;
    nodes.until_shown("watched.test", &mut tail).await;
    drop(tail);
    until("nobody says that it is read", async || {
        redis.keys("cirque:tail-read:*").await.is_empty()
    })
    .await;
    // The other node hears of this one after it has heard that the first is over.
    let mut other = Tail::of(&nodes.api, "other", json!([])).await;
    nodes.until_shown("other.test", &mut other).await;
    let before = nodes.relayed().await;
    for _ in 0..10 {
        nodes.there.get("watched.test", "/").await;
    }
    nodes.there.get("other.test", "/last").await;
    assert_eq!(other.path().await, "/last");
    nodes.until_relayed(before + 1.0).await;
    let channels = redis.run(&["PUBSUB", "CHANNELS"]).await;
    let channels: Vec<String> = redis::from_redis_value(channels).expect("names");
    assert_eq!(channels.len(), 1, "{channels:?}");
}

#[tokio::test]
async fn readers_that_never_read_slow_nobody_elsewhere_and_are_told_what_they_missed() {
    const REQUESTS: u64 = 300;
    let redis = Redis::start().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    nodes.serve("marker").await;
    let mut slow = Vec::new();
    for _ in 0..10 {
        slow.push(Tail::of(&nodes.api, "watched", json!([])).await);
    }
    until("all of them are told of", async || {
        redis.keys("cirque:tail-read:*").await.len() == 10
    })
    .await;
    // The other node hears of them in order.
    let mut marker = Tail::of(&nodes.api, "marker", json!([])).await;
    nodes.until_shown("marker.test", &mut marker).await;
    for _ in 0..REQUESTS {
        assert_eq!(nodes.there.get("watched.test", "/much").await.status, 200);
    }
    for tail in &mut slow {
        let (mut seen, mut missed) = (0, 0);
        while seen + missed < REQUESTS {
            let event = tail.event().await;
            match event["event"]["type"].as_str() {
                Some(kind) => {
                    assert_eq!(kind, "overload");
                    missed += event["event"]["dropped"].as_u64().expect("a number");
                }
                None => seen += 1,
            }
        }
        assert_eq!(seen + missed, REQUESTS);
        assert!(missed > 0, "all {seen} events fitted");
    }
    let dropped = "cirque_tail_events_total{result=\"dropped\"}";
    assert!(nodes.there.metric(dropped).await > 0.0);
}

#[tokio::test]
async fn a_tail_of_the_own_node_goes_on_without_redis_and_the_others_come_back_with_it() {
    let mut redis = Redis::durable().await;
    let nodes = Nodes::start(&redis).await;
    nodes.serve("watched").await;
    let mut tail = Tail::of(&nodes.api, "watched", json!([])).await;
    nodes.until_shown("watched.test", &mut tail).await;
    nodes.here.get("watched.test", "/").await;
    assert_eq!(tail.path().await, "/");
    redis.kill();
    nodes
        .here
        .until_logged(&["tails show this node alone"])
        .await;
    nodes.here.get("watched.test", "/alone").await;
    assert_eq!(tail.path().await, "/alone");
    let before = nodes.relayed().await;
    redis.resume_process().await;
    // The other node may tell first of what it could not send.
    until("the other node hears of the tail again", async || {
        nodes.there.get("watched.test", "/back").await;
        nodes.relayed().await > before
    })
    .await;
    loop {
        let event = tail.event().await;
        let url = event["event"]["request"]["url"].as_str();
        match url {
            Some(url) if url.ends_with("/back") => break,
            Some(url) => assert!(url.ends_with("/until"), "{url}"),
            None => assert_eq!(event["event"]["type"], Value::from("overload")),
        }
    }
}
