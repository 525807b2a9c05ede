//! Hostnames lead where their records say, at once, whoever wrote them.

use super::harness::redis::Redis;
use super::harness::{Edge, origin::Origin, until};

#[tokio::test]
async fn a_hostname_leads_to_its_worker_and_an_unknown_one_nowhere() {
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    let answer = edge.get("hello.test", "/").await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "Hello, World!\n")
    );
    let unknown = edge.get("unknown.test", "/").await;
    assert_eq!(unknown.status, 404);
    assert!(
        unknown
            .text()
            .contains("No site is configured for this hostname."),
        "{}",
        unknown.text()
    );
}

#[tokio::test]
async fn a_key_written_by_hand_is_live_at_once() {
    let redis = Redis::start().await;
    let edge = Edge::with(&[&redis.setting()]).await;
    edge.deploy("production/shop", "hello");
    edge.deploy("production/other", "count");
    assert_eq!(edge.get("shop.example.com", "/").await.status, 404);

    redis
        .set(
            "cirque:hostname:shop.example.com",
            r#"{"namespace":"production","worker":"shop"}"#,
        )
        .await;
    until("the new key answers", async || {
        edge.get("shop.example.com", "/").await.text() == "Hello, World!\n"
    })
    .await;
    redis
        .set(
            "cirque:hostname:shop.example.com",
            r#"{"namespace":"production","worker":"other"}"#,
        )
        .await;
    until("the changed key answers", async || {
        edge.get("shop.example.com", "/").await.text().trim() == "1"
    })
    .await;
    redis
        .run(&["DEL", "cirque:hostname:shop.example.com"])
        .await;
    until("the deleted key is gone", async || {
        edge.get("shop.example.com", "/").await.status == 404
    })
    .await;
}

#[tokio::test]
async fn the_exact_name_wins_and_then_the_longest_wildcard() {
    let edge = Edge::start().await;
    let (exact, near, far) = (
        Origin::echo().await,
        Origin::echo().await,
        Origin::echo().await,
    );
    edge.cirque(&["route", "a.b.example.com", &exact.url()]);
    edge.cirque(&["route", "*.b.example.com", &near.url()]);
    edge.cirque(&["route", "*.example.com", &far.url()]);
    edge.until_routed("a.b.example.com").await;
    for (hostname, origin) in [
        ("a.b.example.com", Some(&exact)),
        ("A.B.Example.COM.", Some(&exact)),
        ("x.b.example.com", Some(&near)),
        ("x.y.b.example.com", Some(&near)),
        ("x.example.com", Some(&far)),
        ("b.example.com", Some(&far)),
        ("example.com", None),
        ("com", None),
    ] {
        let answer = edge.get(hostname, "/").await;
        match origin {
            Some(origin) => {
                assert_eq!(answer.status, 200, "{hostname}");
                let is_there = edge
                    .cirque(&["list", "hostnames"])
                    .contains(&origin.port.to_string());
                assert!(
                    is_there && answer.header("x-origin") == "echo",
                    "{hostname}"
                );
            }
            None => assert_eq!(answer.status, 404, "{hostname}"),
        }
    }
}
