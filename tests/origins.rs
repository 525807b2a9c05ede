//! Routes to plain origins.

use super::harness::origin::Origin;
use super::harness::{Edge, free_port};

#[tokio::test]
async fn an_origin_gets_the_visitors_request_and_the_edges_word_on_who_he_is() {
    let edge = Edge::start().await;
    let origin = Origin::echo().await;
    edge.cirque(&["route", "old.test", &origin.url()]);
    edge.until_routed("old.test").await;
    let forged = [
        ("x-forwarded-for", "6.6.6.6"),
        ("x-cirque-forged", "1"),
        ("x-kept", "2"),
    ];
    let answer = edge.get_with("old.test", "/a%20b?c=d", &forged).await;
    assert_eq!((answer.status, answer.header("x-origin")), (200, "echo"));
    let seen = answer.text().to_lowercase();
    assert!(seen.starts_with("get /a%20b?c=d http/1.1\r\n"), "{seen}");
    for line in [
        "host: old.test\r\n",
        "x-forwarded-for: 127.0.0.1\r\n",
        "x-forwarded-proto: http\r\n",
        "x-kept: 2\r\n",
    ] {
        assert!(seen.contains(line), "{line:?} is not in {seen}");
    }
    assert!(
        !seen.contains("6.6.6.6") && !seen.contains("forged"),
        "{seen}"
    );
}

#[tokio::test]
async fn connections_to_an_origin_are_kept() {
    let edge = Edge::with(&["runtime.threads=1"]).await;
    let origin = Origin::echo().await;
    edge.cirque(&["route", "old.test", &origin.url()]);
    edge.until_routed("old.test").await;
    for _ in 0..20 {
        assert_eq!(edge.get("old.test", "/").await.status, 200);
    }
    assert_eq!(
        origin.connections(),
        1,
        "each of the visitors had a connection of his own"
    );
}

#[tokio::test]
async fn an_origin_that_is_not_there_is_a_bad_gateway_and_a_silent_one_a_timeout() {
    let edge = Edge::with(&["origins.read_timeout_ms=200"]).await;
    edge.cirque(&[
        "route",
        "gone.test",
        &format!("http://127.0.0.1:{}", free_port()),
    ]);
    edge.until_routed("gone.test").await;
    let answer = edge.get("gone.test", "/").await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(
        answer.text().contains("The origin cannot be reached."),
        "{}",
        answer.text()
    );

    let silent = Origin::answering(|_| Vec::new()).await;
    edge.cirque(&["route", "silent.test", &silent.url()]);
    edge.until_routed("silent.test").await;
    let answer = edge.get("silent.test", "/").await;
    assert_eq!(answer.status, 504, "{}", answer.text());
}
