//! Connections: what they may carry, how many there may be, and how long they may wait.

use super::harness::wire::Wire;
use super::harness::{Edge, until};

const GET: &str = "GET / HTTP/1.1\r\nhost: hello.test\r\n\r\n";
const HELLO: &str = "Hello, World!\n";

async fn edge_with(settings: &[&str]) -> Edge {
    let edge = Edge::with(settings).await;
    edge.serve("hello", "hello").await;
    edge.serve("read-all", "read-all").await;
    edge
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let edge = edge_with(&[]).await;
    edge.serve("inspect", "inspect").await;
    let mut wire = Wire::open(edge.port).await;
    let mut all = String::new();
    for n in 0..20 {
        let method = ["GET", "PUT", "OPTIONS *"][n % 2];
        all +=
            &format!("{method} /{n} HTTP/1.1\r\nhost: inspect.test\r\ncontent-length: 2\r\n\r\nhi");
    }
    wire.send(all).await;
    for n in 0..20 {
        let answer = wire.response().await;
        assert_eq!(answer.json()["path_with_query"], format!("/{n}"));
    }
}

#[tokio::test]
async fn what_is_unusual_and_clear_is_served() {
    let edge = edge_with(&[]).await;
    for request in [
        "GET / HTTP/1.1\r\nHOST: HELLO.TEST.\r\n\r\n",
        "GET / HTTP/1.1\r\nhost:hello.test:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: \t hello.test \t\r\n\r\n",
        "GET http://hello.test/ HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "GET http://hello.test/a?b HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "GET //a/../b;c?d HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "GET /a?http://b HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "PROPFIND / HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "M-SEARCH / HTTP/1.1\r\nhost: hello.test\r\n\r\n",
        "DELETE / HTTP/1.1\r\nhost: hello.test\r\ncontent-length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: hello.test\r\ncontent-length: 2\r\n\r\nhi",
        "POST / HTTP/1.1\r\nhost: hello.test\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nhost: hello.test\r\n\r\n",
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(request).await;
        let answer = wire.response().await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, HELLO),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn http_1_0_is_served_and_its_connection_closed() {
    let edge = edge_with(&[]).await;
    edge.serve("echo", "echo").await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.0\r\nhost: hello.test\r\n\r\n")
        .await;
    let all = wire.read_to_end().await;
    assert!(
        all.starts_with("HTTP/1.") && all.contains(" 200 OK\r\n"),
        "{all}"
    );
    assert!(all.ends_with("\r\n\r\nHello, World!\n"), "{all}");
    // A body of unknown length ends with the connection: chunks are not known there.
    let mut wire = Wire::open(edge.port).await;
    let body = "x".repeat(100_000);
    wire.send(format!(
        "POST / HTTP/1.0\r\nhost: echo.test\r\ncontent-length: 100000\r\n\r\n{body}"
    ))
    .await;
    let all = wire.read_to_end().await;
    let (head, echoed) = all.split_once("\r\n\r\n").expect("a header");
    assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
    assert_eq!(echoed, body);
}

#[tokio::test]
async fn a_chunked_request_is_the_last_on_its_connection() {
    let edge = edge_with(&[]).await;
    let post = "POST / HTTP/1.1\r\nhost: read-all.test\r\ntransfer-encoding: chunked\r\n\r\n";
    for (chunks, is_whole) in [
        ("3\r\nabc\r\n0\r\n\r\n", true),
        ("3;a=b\r\nabc\r\n0\r\n\r\n", true),
        ("0\r\nx-trailer: 1\r\n\r\n", true),
        ("003\r\nabc\r\n0\r\n\r\n", true),
        // Each of these has been read in two ways by someone.
        ("\r\n\r\n", false),
        (";x\r\n\r\n", false),
        ("3\nabc\n0\n\n", false),
        ("3\r\nabcd\r\n0\r\n\r\n", false),
        ("+3\r\nabc\r\n0\r\n\r\n", false),
        ("0x3\r\nabc\r\n0\r\n\r\n", false),
        ("-1\r\nabc\r\n0\r\n\r\n", false),
        ("g\r\nabc\r\n0\r\n\r\n", false),
        ("ffffffffffffffff\r\nabc\r\n0\r\n\r\n", false),
        ("10000000000000003\r\nabc\r\n0\r\n\r\n", false),
        ("3;a\nb\r\nabc\r\n0\r\n\r\n", false),
    ] {
        let mut wire = Wire::open(edge.port).await;
        let _ = wire.try_send(format!("{post}{chunks}{GET}")).await;
        let all = wire.read_to_end().await;
        assert!(!all.contains(HELLO), "{chunks:?}: {all}");
        assert!(all.matches("HTTP/1.1 ").count() <= 1, "{chunks:?}: {all}");
        assert!(
            !is_whole || all.starts_with("HTTP/1.1 200 OK"),
            "{chunks:?}: {all}"
        );
    }
}

#[tokio::test]
async fn a_body_may_be_so_long_and_no_longer() {
    let edge = edge_with(&["limits.body_bytes=1000"]).await;
    let origin = super::harness::origin::Origin::echo().await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    for hostname in ["read-all.test", "plain.test"] {
        for (bytes, status) in [(1_000, 200), (1_001, 413), (100_000, 413)] {
            let body = "x".repeat(bytes);
            let start = format!("POST / HTTP/1.1\r\nhost: {hostname}\r\n");
            for framed in [
                format!("content-length: {bytes}\r\n\r\n{body}"),
                format!("transfer-encoding: chunked\r\n\r\n{bytes:x}\r\n{body}\r\n0\r\n\r\n"),
            ] {
                let mut wire = Wire::open(edge.port).await;
                let _ = wire.try_send(format!("{start}{framed}")).await;
                let answer = wire.response().await;
                assert_eq!(answer.status, status, "{hostname}: {bytes} bytes");
                assert!(status == 200 || wire.is_closed().await);
            }
        }
    }
}

#[tokio::test]
async fn an_expectation_is_met_when_the_worker_reads() {
    let edge = edge_with(&[]).await;
    edge.serve("ignore-body", "ignore-body").await;
    let post = "POST / HTTP/1.1\r\nhost: read-all.test\r\nexpect: 100-Continue\r\ncontent-length: 2\r\n\r\n";
    let mut wire = Wire::open(edge.port).await;
    wire.send(post).await;
    assert_eq!(
        wire.read_until("\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    wire.send("hi").await;
    assert!(wire.response().await.text().starts_with("2 "));

    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: hello.test\r\nexpect: tea\r\n\r\n")
        .await;
    assert_eq!(wire.response().await.status, 417);
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn an_error_has_no_body_for_head() {
    let edge = edge_with(&["limits.uri_bytes=100"]).await;
    edge.serve("trap", "trap").await;
    let long = format!("/{}", "p".repeat(200));
    for (hostname, target, status) in [
        ("unknown.test", "/", 404),
        ("trap.test", "/", 500),
        ("hello.test", &long, 414),
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "HEAD {target} HTTP/1.1\r\nhost: {hostname}\r\n\r\n{GET}"
        ))
        .await;
        let head = wire.read_until("\r\n\r\n").await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        if !wire.is_closed().await {
            assert_eq!(wire.response().await.text(), HELLO, "after {status}");
        }
    }
}

#[tokio::test]
async fn a_visitor_who_does_not_finish_a_header_is_let_go() {
    let edge = edge_with(&[
        "limits.header_timeout_ms=300",
        "limits.keepalive_timeout_ms=600000",
    ])
    .await;
    // Not a byte, some bytes, and a byte now and then.
    assert!(Wire::open(edge.port).await.is_closed().await);
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: hello").await;
    assert!(wire.is_closed().await);
    let mut wire = Wire::open(edge.port).await;
    wire.send(GET).await;
    assert_eq!(wire.response().await.text(), HELLO);
    wire.send("GET / HT").await;
    assert!(wire.is_closed().await, "also the second request's");
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: hello.test\r\nx: ").await;
    until(
        "a visitor who sends a byte now and then is let go",
        async || wire.try_send("x").await.is_err(),
    )
    .await;
    until("no connection is left", async || {
        edge.metric("cirque_connections").await == 0.0
    })
    .await;
}

#[tokio::test]
async fn a_connection_waits_so_long_for_its_next_request() {
    let edge = edge_with(&[
        "limits.keepalive_timeout_ms=300",
        "limits.header_timeout_ms=60000",
    ])
    .await;
    let mut wire = Wire::open(edge.port).await;
    for _ in 0..3 {
        wire.send(GET).await;
        assert_eq!(wire.response().await.text(), HELLO);
    }
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn a_connection_carries_so_many_requests() {
    let edge = edge_with(&["limits.keepalive_requests=3"]).await;
    let mut wire = Wire::open(edge.port).await;
    wire.send(GET.repeat(5)).await;
    let all = wire.read_to_end().await;
    assert_eq!(all.matches(HELLO).count(), 3, "{all}");
}

#[tokio::test]
async fn a_visitor_who_sends_a_body_too_slowly_is_let_go() {
    let body = "POST / HTTP/1.1\r\nhost: read-all.test\r\ncontent-length: 100000\r\n\r\nabc";
    for settings in [
        ["limits.body_timeout_ms=300", "limits.rate_grace_ms=60000"],
        [
            "limits.rate_bytes_per_second=100000",
            "limits.rate_grace_ms=300",
        ],
    ] {
        let edge = edge_with(&settings).await;
        let mut wire = Wire::open(edge.port).await;
        wire.send(body).await;
        let all = wire.read_to_end().await;
        assert!(all.is_empty() || all.starts_with("HTTP/1.1 408 "), "{all}");
        edge.until_idle().await;
        let mut wire = Wire::open(edge.port).await;
        wire.send(body).await;
        until(
            "a visitor who sends a byte now and then is let go",
            async || wire.try_send("x").await.is_err(),
        )
        .await;
        edge.until_idle().await;
        assert_eq!(edge.post("read-all.test", "/", "hi").await.status, 200);
    }
}

#[tokio::test]
async fn a_visitor_who_does_not_read_is_let_go() {
    // Also one who has read fast before: that earns nobody an hour of silence.
    for rate in [240, 1_000_000_000] {
        let edge = edge_with(&[
            "limits.rate_grace_ms=300",
            &format!("limits.rate_bytes_per_second={rate}"),
            "limits.wall_ms=300000",
        ])
        .await;
        edge.serve("big", "big").await;
        let mut wire = Wire::open(edge.port).await;
        wire.send("GET /?bytes=1000000000 HTTP/1.1\r\nhost: big.test\r\n\r\n")
            .await;
        wire.read_until("\r\n\r\n").await;
        until("the connection is given up", async || {
            edge.metric("cirque_connections").await == 0.0
        })
        .await;
        edge.until_idle().await;
    }
}

#[tokio::test]
async fn so_many_connections_are_open_at_a_time_and_no_more() {
    for setting in ["limits.connections=3", "limits.connections_per_address=3"] {
        let edge = edge_with(&[setting]).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            until("there is room", async || {
                edge.metric("cirque_connections").await < 3.0
            })
            .await;
            let mut wire = Wire::open(edge.port).await;
            wire.send(GET).await;
            assert_eq!(wire.response().await.text(), HELLO);
            open.push(wire);
        }
        let refused = edge.metric("cirque_connections_refused_total").await;
        let mut wire = Wire::open(edge.port).await;
        let _ = wire.try_send(GET).await;
        assert_eq!(wire.read_to_end().await, "", "{setting}");
        assert_eq!(
            edge.metric("cirque_connections_refused_total").await,
            refused + 1.0
        );
        open.pop();
        until("there is room again", async || {
            let mut wire = Wire::open(edge.port).await;
            let _ = wire.try_send(GET).await;
            !wire.is_closed().await
        })
        .await;
    }
}
