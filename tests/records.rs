//! Records that cannot be read: the last good one stays in use, and the operator is told.

use super::harness::redis::Redis;
use super::harness::{Edge, until};

const HELLO: &str = "Hello, World!\n";

/// What is written in a record's place, and words of the reason that the log gives.
fn poisons() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let huge = format!(r#"{{"worker":"hello","filler":"{}"}}"#, "x".repeat(5_000));
    vec![
        ("empty", text(""), "EOF"),
        ("junk", text("hello"), "expected value"),
        ("cut", text(r#"{"worker":"hel"#), "EOF"),
        (
            "binary",
            vec![0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28],
            "expected value",
        ),
        (
            "bad-utf8",
            b"{\"worker\":\"hel\xc3\x28\"}".to_vec(),
            "unicode",
        ),
        (
            "surplus",
            text(r#"{"worker":"hello"}{"worker":"hello"}"#),
            "trailing",
        ),
        ("number", text("42"), "invalid type"),
        ("null", text("null"), "invalid type"),
        ("list", text("[1,2]"), "invalid type"),
        ("nothing", text("{}"), "neither"),
        ("wrong-type", text(r#"{"worker":42}"#), "invalid type"),
        (
            "both",
            text(r#"{"worker":"hello","origin":"http://127.0.0.1:1"}"#),
            "both",
        ),
        (
            "alone",
            text(r#"{"namespace":"production"}"#),
            "needs a `worker`",
        ),
        ("bad-name", text(r#"{"worker":"a/../b"}"#), "cannot be used"),
        (
            "bad-origin",
            text(r#"{"origin":"ftp://127.0.0.1"}"#),
            "http://",
        ),
        (
            "deep",
            format!(r#"{{"x":{}"#, "[".repeat(3_000)).into_bytes(),
            "EOF",
        ),
        ("huge", huge.into_bytes(), "store.record_bytes_max"),
    ]
}

const REJECTED_HOSTNAMES: &str = r#"cirque_records_rejected_total{kind="hostname"}"#;
const REJECTED_SCRIPTS: &str = r#"cirque_records_rejected_total{kind="script"}"#;

async fn edge_on(redis: &Redis) -> Edge {
    Edge::with(&[&redis.setting(), "store.record_bytes_max=4096"]).await
}

#[tokio::test]
async fn a_hostname_answers_by_its_last_good_record_whatever_is_put_in_its_place() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    edge.serve("count", "count").await;
    for (name, _, _) in poisons() {
        let hostname = format!("{name}.poison.test");
        redis
            .set(
                &format!("cirque:hostname:{hostname}"),
                r#"{"worker":"hello"}"#,
            )
            .await;
        edge.until_routed(&hostname).await;
    }
    for (name, poison, reason) in poisons() {
        let hostname = format!("{name}.poison.test");
        let key = format!("cirque:hostname:{hostname}");
        let before = edge.metric(REJECTED_HOSTNAMES).await;
        redis.set(&key, &poison).await;
        edge.until_logged(&["WARN", &key, reason, "the last good one stays in use"])
            .await;
        assert!(edge.metric(REJECTED_HOSTNAMES).await > before, "{name}");
        assert_eq!(edge.get(&hostname, "/").await.text(), HELLO, "{name}");

        redis.set(&key, r#"{"worker":"count"}"#).await;
        until("the mended record counts", async || {
            edge.get(&hostname, "/").await.text() == "1\n"
        })
        .await;
    }
}

#[tokio::test]
async fn a_hostname_answers_by_its_last_good_record_when_its_key_holds_another_type() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    // RENAME puts the list in the record's place in one step: the key is never away.
    redis.run(&["RPUSH", "list", "hello"]).await;
    redis
        .run(&["RENAME", "list", "cirque:hostname:hello.test"])
        .await;
    edge.until_logged(&["WARN", "cirque:hostname:hello.test"])
        .await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
    assert!(edge.metric(REJECTED_HOSTNAMES).await > 0.0);
}

#[tokio::test]
async fn a_hostname_whose_record_was_never_good_gets_an_error_and_the_edge_goes_on() {
    let redis = Redis::start().await;
    let mut edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    for (name, poison, _) in poisons() {
        let hostname = format!("{name}.poison.test");
        let key = format!("cirque:hostname:{hostname}");
        redis.set(&key, &poison).await;
        let answer = edge.get(&hostname, "/").await;
        assert_eq!(answer.status, 500, "{name}");
        assert!(
            answer
                .text()
                .starts_with("error code: 1022\nThis hostname is not configured correctly."),
            "{name}: {}",
            answer.text()
        );
        edge.until_logged(&["WARN", &key]).await;
        redis.set(&key, r#"{"worker":"hello"}"#).await;
        until("the mended record counts", async || {
            edge.get(&hostname, "/").await.text() == HELLO
        })
        .await;
    }
    assert!(edge.is_running());
}

#[tokio::test]
async fn a_poisoned_record_does_not_hide_behind_a_wildcard() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    edge.cirque(&["route", "*.wild.test", "hello"]);
    edge.until_routed("other.wild.test").await;
    // It was meant to lead elsewhere: the wildcard's worker is another tenant's.
    redis.set("cirque:hostname:own.wild.test", "junk").await;
    assert_eq!(edge.get("own.wild.test", "/").await.status, 500);
    assert_eq!(edge.get("other.wild.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn a_worker_runs_by_its_last_good_record_whatever_is_put_in_its_place() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    edge.serve("count", "count").await;
    let key = "cirque:script:{_}:hello";
    let good = String::from_utf8(redis.get(key).await).expect("JSON");
    let other = redis.get("cirque:script:{_}:count").await;
    let filler = format!(r#""modified_on":"{}"#, "x".repeat(5_000));
    for (poison, reason) in [
        (String::new(), "EOF"),
        ("junk".into(), "expected value"),
        ("{}".into(), "missing field `code`"),
        (r#"{"code":"abc"}"#.into(), "64 hexadecimal digits"),
        (
            good.replace("component", "javascript"),
            "unknown variant `javascript`",
        ),
        (
            good.replace(r#""kind":"#, r#""limits":{"cpu_ms":-1},"kind":"#),
            "invalid value",
        ),
        (
            good.replace(
                r#""kind":"#,
                r#""bindings":[{"type":"kv","name":"A"}],"kind":"#,
            ),
            "a type that nobody knows",
        ),
        (
            good.replace(r#""modified_on":""#, &filler),
            "store.record_bytes_max",
        ),
    ] {
        assert_ne!(poison, good, "the poison for {reason:?}");
        let before = edge.metric(REJECTED_SCRIPTS).await;
        redis.set(key, &poison).await;
        edge.until_logged(&["WARN", key, reason]).await;
        assert!(edge.metric(REJECTED_SCRIPTS).await > before, "{reason}");
        assert_eq!(edge.get("hello.test", "/").await.text(), HELLO, "{reason}");

        // The same record under a name that never had a good one.
        redis.set("cirque:script:{_}:new", &poison).await;
        redis
            .set("cirque:hostname:new.test", r#"{"worker":"new"}"#)
            .await;
        until("the new hostname is routed", async || {
            edge.get("new.test", "/").await.status == 500
        })
        .await;
        let text = edge.get("new.test", "/").await.text();
        assert!(
            text.starts_with("error code: 1101\nThe worker is not configured correctly."),
            "{text}"
        );
        redis
            .run(&["DEL", "cirque:script:{_}:new", "cirque:hostname:new.test"])
            .await;
        until("the new hostname is gone", async || {
            edge.get("new.test", "/").await.status == 404
        })
        .await;
    }
    redis.set(key, &other).await;
    until("the mended record counts", async || {
        edge.get("hello.test", "/").await.text() == "1\n"
    })
    .await;
}

#[tokio::test]
async fn a_poisoned_record_is_still_served_by_its_last_good_one_after_a_restart() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.serve("hello", "hello").await;
    redis.set("cirque:hostname:hello.test", "junk").await;
    redis.set("cirque:script:{_}:hello", "junk").await;
    edge.until_logged(&["cirque:script:{_}:hello"]).await;
    let edge = edge.restart().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn fields_of_a_later_version_do_no_harm() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    edge.deploy("production/hello", "hello");
    let script =
        String::from_utf8(redis.get("cirque:script:{production}:hello").await).expect("JSON");
    let later = script.replacen('{', r#"{"colour":"red","nested":{"a":[1,null]},"#, 1);
    redis.set("cirque:script:{production}:hello", &later).await;
    redis
        .set(
            "cirque:hostname:hello.test",
            r#"{"worker":"hello","colour":"red","nested":{"a":[1,null]},"namespace":"production"}"#,
        )
        .await;
    edge.until_routed("hello.test").await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
    assert_eq!(edge.metric(REJECTED_HOSTNAMES).await, 0.0);
    assert_eq!(edge.metric(REJECTED_SCRIPTS).await, 0.0);
}

#[tokio::test]
async fn what_names_a_worker_or_code_that_is_not_there_says_so_and_mends_itself() {
    let redis = Redis::start().await;
    let edge = edge_on(&redis).await;
    redis
        .set("cirque:hostname:early.test", r#"{"worker":"early"}"#)
        .await;
    let answer = edge.get("early.test", "/").await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.text().contains("Worker not found."),
        "{}",
        answer.text()
    );

    let missing = format!(r#"{{"code":"{}"}}"#, "ab".repeat(32));
    redis.set("cirque:script:{_}:early", &missing).await;
    until("the record without its code is seen", async || {
        edge.get("early.test", "/").await.status == 500
    })
    .await;
    let text = edge.get("early.test", "/").await.text();
    assert!(
        text.starts_with("error code: 1101\nThe worker could not be loaded."),
        "{text}"
    );
    redis
        .set(&format!("cirque:code:{}", "ab".repeat(32)), "other bytes")
        .await;
    assert_eq!(edge.get("early.test", "/").await.status, 500);
    edge.until_logged(&["is not what was uploaded"]).await;

    edge.deploy("early", "hello");
    until("the worker answers", async || {
        edge.get("early.test", "/").await.text() == HELLO
    })
    .await;
}
