//! The store goes away, hangs, comes back, comes back empty: what was served before is served all along.

use rustix::process::Signal;

use super::harness::link::Link;
use super::harness::redis::Redis;
use super::harness::steady::Steady;
use super::harness::{Builder, Edge, origin::Origin, request, until};

const HELLO: &str = "Hello, World!\n";
/// Requests that show that an edge goes on answering.
const SOME: usize = 50;

/// An edge on this store that notices soon when the store is away.
async fn edge_on(store: &str) -> Edge {
    Edge::with(&[store, "store.timeout_ms=200", "store.settle_ms=500"]).await
}

async fn until_unknown_names_are_away(edge: &Edge) {
    until("the store's absence is noticed", async || {
        edge.get("unknown.test", "/").await.status == 503
    })
    .await;
}

async fn until_unknown_names_are_not_found(edge: &Edge) {
    until("the store's return is noticed", async || {
        edge.get("unknown.test", "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn known_names_are_answered_while_redis_is_killed_and_away_and_back() {
    let mut redis = Redis::durable().await;
    let origin = Origin::echo().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("one", "hello").await;
    edge.serve("production/two", "hello").await;
    edge.cirque(&["route", "*.wild.test", "one"]);
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("a.wild.test").await;
    edge.until_routed("plain.test").await;
    let never_asked = "never-asked.test";
    edge.cirque(&["route", never_asked, "one"]);
    assert_eq!(edge.get("unknown.test", "/").await.status, 404);

    let names = ["one.test", "two.test", "a.wild.test"];
    let visitors = Steady::visits(edge.port, &names, HELLO);
    visitors.until_more(SOME).await;
    redis.kill();
    until_unknown_names_are_away(&edge).await;
    visitors.until_more(SOME).await;

    // Nobody knows whether these exist: that is no 404, and worth another try.
    for name in [never_asked, "unknown.test", "other.test", "b.wild.test"] {
        let answer = edge.get(name, "/").await;
        assert_eq!(answer.status, 503, "{name}");
        assert_eq!(answer.header("retry-after"), "1", "{name}");
        let text = answer.text();
        assert!(text.contains("cannot be looked up at the moment"), "{text}");
    }
    assert_eq!(edge.get("plain.test", "/").await.status, 200);
    assert_eq!(edge.metric("cirque_store_up").await, 0.0);
    let readiness = edge.ops("/readyz").await;
    assert_eq!(readiness.status, 200);
    assert!(readiness.text().contains("store: away"));

    redis.resume_process().await;
    until_unknown_names_are_not_found(&edge).await;
    assert_eq!(edge.metric("cirque_store_up").await, 1.0);
    assert_eq!(edge.metric("cirque_store_feed_lost_total").await, 1.0);
    visitors.until_more(SOME).await;
    visitors.was_always_answered().await;
    for name in [never_asked, "b.wild.test"] {
        assert_eq!(edge.get(name, "/").await.text(), HELLO, "{name}");
    }
    // The feed runs again, too.
    edge.cirque(&["delete", "hostname", "one.test"]);
    until("the change is seen", async || {
        edge.get("one.test", "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn known_names_are_answered_while_redis_hangs() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("one", "hello").await;
    edge.serve("two", "hello").await;
    let visitors = Steady::visits(edge.port, &["one.test", "two.test"], HELLO);
    visitors.until_more(SOME).await;

    redis.signal(Signal::STOP);
    until_unknown_names_are_away(&edge).await;
    visitors.until_more(SOME).await;
    until("the feed is given up", async || {
        edge.metric("cirque_store_up").await == 0.0
    })
    .await;
    visitors.until_more(SOME).await;

    redis.signal(Signal::CONT);
    until_unknown_names_are_not_found(&edge).await;
    visitors.until_more(SOME).await;
    visitors.was_always_answered().await;
}

// The link needs a thread of its own while a command runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_made_while_the_edge_could_not_hear_it_is_seen_afterwards() {
    let redis = Redis::start().await;
    let link = Link::to(redis.port).await;
    let edge = edge_on(&format!("store.url=redis://127.0.0.1:{}/", link.port)).await;
    for name in ["stays", "goes", "moves"] {
        edge.serve(name, "hello").await;
    }
    edge.serve("count", "count").await;
    edge.deploy("late", "hello");
    let record = redis.get("cirque:script:{_}:count").await;
    for clog in [false, true] {
        redis
            .set("cirque:hostname:goes.test", r#"{"worker":"goes"}"#)
            .await;
        redis
            .set("cirque:hostname:moves.test", r#"{"worker":"moves"}"#)
            .await;
        redis.run(&["DEL", "cirque:hostname:late.test"]).await;
        until("all is as in the beginning", async || {
            edge.get("goes.test", "/").await.text() == HELLO
                && edge.get("moves.test", "/").await.text() == HELLO
                && edge.get("late.test", "/").await.status == 404
        })
        .await;
        let visitors = Steady::visits(edge.port, &["stays.test"], HELLO);

        match clog {
            true => link.clog(),
            false => link.cut(),
        }
        until_unknown_names_are_away(&edge).await;
        redis.run(&["DEL", "cirque:hostname:goes.test"]).await;
        redis
            .set("cirque:hostname:moves.test", r#"{"worker":"count"}"#)
            .await;
        redis
            .set("cirque:hostname:late.test", r#"{"worker":"late"}"#)
            .await;
        redis.set("cirque:script:{_}:late", &record).await;
        until("the feed is given up", async || {
            edge.metric("cirque_store_up").await == 0.0
        })
        .await;
        visitors.until_more(SOME).await;
        // Last known is what is served, without the store.
        assert_eq!(edge.get("goes.test", "/").await.text(), HELLO);
        assert_eq!(edge.get("moves.test", "/").await.text(), HELLO);

        link.open();
        until("every change is seen", async || {
            edge.get("goes.test", "/").await.status == 404
                && edge.get("moves.test", "/").await.text() == "1\n"
                && edge.get("late.test", "/").await.text() == "1\n"
        })
        .await;
        visitors.was_always_answered().await;
    }
}

#[tokio::test]
async fn a_store_that_comes_back_empty_is_taken_to_have_lost_its_data() {
    let mut redis = Redis::start().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("kept", "hello").await;
    edge.serve("dropped", "hello").await;
    let records = redis.dump().await;
    let visitors = Steady::visits(edge.port, &["kept.test"], HELLO);
    visitors.until_more(SOME).await;

    redis.kill();
    redis.resume_process().await;
    until("the loss is noticed", async || {
        edge.metric("cirque_store_emptied").await == 1.0
    })
    .await;
    edge.until_logged(&["ERROR", "the store has lost all its records"])
        .await;
    visitors.until_more(SOME).await;
    assert_eq!(edge.get("dropped.test", "/").await.text(), HELLO);
    assert_eq!(edge.get("unknown.test", "/").await.status, 503);

    // One of the two is restored, and after a quiet time that is the new truth.
    for (key, value) in records.iter().filter(|(key, _)| !key.contains("dropped")) {
        redis.restore(key, value).await;
    }
    until("the restored state counts", async || {
        edge.get("dropped.test", "/").await.status == 404
    })
    .await;
    assert_eq!(edge.metric("cirque_store_emptied").await, 0.0);
    assert_eq!(edge.get("unknown.test", "/").await.status, 404);
    visitors.until_more(SOME).await;
    visitors.was_always_answered().await;
}

#[tokio::test]
async fn known_names_survive_a_flush_of_the_store_while_the_edge_listens() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("kept", "hello").await;
    edge.serve("dropped", "hello").await;
    let records = redis.dump().await;
    let visitors = Steady::visits(edge.port, &["kept.test"], HELLO);
    visitors.until_more(SOME).await;
    redis.run(&["FLUSHALL"]).await;
    until("the loss is noticed", async || {
        edge.metric("cirque_store_emptied").await == 1.0
    })
    .await;
    visitors.until_more(SOME).await;
    assert_eq!(edge.get("dropped.test", "/").await.text(), HELLO);
    for (key, value) in records.iter().filter(|(key, _)| !key.contains("dropped")) {
        redis.restore(key, value).await;
    }
    until("the restored state counts", async || {
        edge.get("dropped.test", "/").await.status == 404
    })
    .await;
    visitors.was_always_answered().await;
}

#[tokio::test]
async fn an_edge_that_starts_while_redis_is_away_serves_what_it_served_before() {
    let mut redis = Redis::durable().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("known", "hello").await;
    edge.serve("production/other", "count").await;
    edge.cirque(&["route", "*.wild.test", "known"]);
    edge.until_routed("asked.wild.test").await;
    let stopped = edge.stop().await;
    redis.kill();

    let edge = stopped.start().await;
    let visitors = Steady::visits(edge.port, &["known.test", "asked.wild.test"], HELLO);
    visitors.until_more(SOME).await;
    assert_eq!(edge.get("other.test", "/").await.text(), "1\n");
    for name in ["unknown.test", "never-asked.wild.test"] {
        assert_eq!(edge.get(name, "/").await.status, 503, "{name}");
    }
    assert!(edge.metric("cirque_records_unverified_total").await > 0.0);

    redis.resume_process().await;
    until_unknown_names_are_not_found(&edge).await;
    assert_eq!(edge.get("never-asked.wild.test", "/").await.text(), HELLO);
    visitors.was_always_answered().await;
    // What changes now is seen as ever.
    redis
        .set(
            "cirque:hostname:known.test",
            r#"{"namespace":"production","worker":"other"}"#,
        )
        .await;
    until("the change is seen", async || {
        edge.get("known.test", "/").await.text() == "1\n"
    })
    .await;
}

#[tokio::test]
async fn a_new_edge_is_not_ready_before_it_has_heard_from_its_store() {
    let mut redis = Redis::start().await;
    redis.kill();
    let edge = Builder::new(&[&redis.setting(), "store.timeout_ms=200"])
        .spawn(&[])
        .await;
    edge.until_logged(&["the store is away"]).await;
    let readiness = edge.ops("/readyz").await;
    assert_eq!(readiness.status, 503);
    assert!(readiness.text().starts_with("not ready\n"), "{readiness:?}");
    assert_eq!(edge.ops("/healthz").await.status, 200);
    assert_eq!(edge.get("any.test", "/").await.status, 503);

    redis.resume_process().await;
    until("the edge is ready", async || {
        edge.ops("/readyz").await.status == 200
    })
    .await;
    edge.serve("one", "hello").await;
    assert_eq!(edge.get("one.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn the_records_of_another_store_are_not_served_from_the_snapshot() {
    let (redis, mut other) = (Redis::start().await, Redis::start().await);
    let edge = edge_on(&redis.setting()).await;
    edge.serve("one", "hello").await;
    let stopped = edge.stop().await;
    other.kill();
    let edge = stopped.with(&other.setting()).spawn(&[]).await;
    edge.until_logged(&["the store is away"]).await;
    assert_eq!(edge.get("one.test", "/").await.status, 503);
}

#[tokio::test]
async fn a_command_says_that_the_store_is_away_and_changes_nothing() {
    let mut redis = Redis::durable().await;
    let edge = edge_on(&redis.setting()).await;
    edge.serve("one", "hello").await;
    redis.kill();
    for command in [
        &["route", "two.test", "one"][..],
        &["delete", "hostname", "one.test"],
        &["list"],
    ] {
        let output = edge.try_cirque(command);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{command:?}");
        assert!(message.contains("the store cannot be reached"), "{message}");
    }
    redis.resume_process().await;
    assert_eq!(
        edge.cirque(&["list", "hostnames"]),
        "hostname  one.test  one\n"
    );
    let answer = request(edge.port, "GET", "one.test", "/", &[], Vec::new()).await;
    assert_eq!(answer.text(), HELLO);
}
