//! What guests can do, and what becomes of those that do harm.

use super::harness::Edge;

#[tokio::test]
async fn a_body_streams_through_a_worker_both_ways() {
    let edge = Edge::start().await;
    edge.serve("echo", "echo").await;
    let body: Vec<u8> = (0..5_000_000u32).map(|n| n as u8).collect();
    let answer = edge.post("echo.test", "/", body.clone()).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body == body,
        "{} of {} bytes came back",
        answer.body.len(),
        body.len()
    );
}

#[tokio::test]
async fn each_request_has_a_sandbox_of_its_own() {
    let edge = Edge::start().await;
    edge.serve("count", "count").await;
    for _ in 0..20 {
        assert_eq!(edge.get("count.test", "/").await.text().trim(), "1");
    }
}
