//! What can be read in two ways is refused, and nothing more is read from that connection.

use super::harness::wire::Wire;
use super::harness::{Edge, origin::Origin};

const HELLO: &str = "Hello, World!\n";

/// An edge with a worker, and an origin that must not hear of anything that is refused.
async fn edge_and_origin() -> (Edge, Origin) {
    let origin = Origin::echo().await;
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    (edge, origin)
}

/// Sends a request, and behind it one that would be answered if the connection were read on.
async fn exchange(edge: &Edge, request: &[u8]) -> String {
    let mut wire = Wire::open(edge.port).await;
    let behind = b"GET /behind HTTP/1.1\r\nhost: hello.test\r\n\r\n";
    // The edge may close before all is sent.
    let _ = wire.try_send([request, behind].concat()).await;
    wire.read_to_end().await
}

/// Every request is refused with this status, or with a closed connection where the bytes are no HTTP at all.
async fn are_refused(status: u16, requests: &[&str]) {
    let (edge, origin) = edge_and_origin().await;
    let asked = origin.connections();
    for text in requests {
        for hostname in ["hello.test", "plain.test"] {
            let request = text.replace("HOST", hostname);
            let answer = exchange(&edge, request.as_bytes()).await;
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&expected), "{request:?}: {answer:?}");
            assert_eq!(
                answer.matches("HTTP/1.1 ").count(),
                1,
                "{request:?}: {answer}"
            );
        }
    }
    assert_eq!(
        origin.connections(),
        asked,
        "a refused request reached the origin"
    );
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn a_request_has_exactly_one_valid_host() {
    let two_colons = "GET / HTTP/1.1\r\nhost: HOST:80:80\r\n\r\n";
    are_refused(
        400,
        &[
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\nhost:\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nhost: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nHost: other.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST other.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST,other.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST/path\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST?query\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST#part\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\\other.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST:port\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST:99999\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST:-1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST:+80\r\n\r\n",
            two_colons,
            "GET / HTTP/1.1\r\nhost: user@HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: http://HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: .HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST..\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: hello..test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: -HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: *.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: [::1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: [HOST]\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: h\u{e9}llo.test\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST%2e\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_target_is_a_path_or_names_the_host_itself() {
    are_refused(
        400,
        &[
            "GET http://other.test/ HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET https://other.test/ HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET http://user@HOST/ HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET http://HOST@other.test/ HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET ftp://HOST/ HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET HOST:443 HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET path HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET path/more HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET * HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET ?query HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET /#part HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET /a#b?c HTTP/1.1\r\nhost: HOST\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn methods_that_are_not_served_are_refused() {
    are_refused(
        405,
        &[
            "TRACE / HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "get / HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "Get / HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "G_T / HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "G3T / HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nhost: HOST\r\n\r\n",
        ],
    )
    .await;
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    let connect = exchange(
        &edge,
        b"CONNECT hello.test:443 HTTP/1.1\r\nhost: hello.test:443\r\n\r\n",
    )
    .await;
    assert!(connect.starts_with("HTTP/1.1 40"), "{connect}");
    assert_eq!(connect.matches("HTTP/1.1 ").count(), 1, "{connect}");
    let refused = edge
        .metric(r#"cirque_requests_refused_total{reason="method"}"#)
        .await;
    assert!(refused <= 1.0, "{refused}");
}

#[tokio::test]
async fn a_bodys_length_leaves_no_doubt() {
    are_refused(
        400,
        &[
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5\r\ncontent-length: 0\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5, 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5,6\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: +5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: -5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 0005\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 00\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 0x5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5.0\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5;\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length:\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: five\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 18446744073709551616\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 99999999999999999999999\r\n\r\nhello",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: identity\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked;a=b\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding:\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.0\r\nhost: HOST\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn lines_end_in_one_way_only() {
    are_refused(
        400,
        &[
            "GET / HTTP/1.1\nhost: HOST\n\n",
            "GET / HTTP/1.1\r\nhost: HOST\n\r\n",
            "GET / HTTP/1.1\nhost: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx: a\nb: c\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx: a\rb: c\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx: a\r\n\tb\r\n\r\n",
            "GET / HTTP/1.1\r\n host: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost : HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx : a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx\ty: a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx: a\0b\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx\0: a\r\n\r\n",
            "GET /\0 HTTP/1.1\r\nhost: HOST\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\nx\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: HOST\r\n: a\r\n\r\n",
            "GET / HTTP/1.1 \r\nhost: HOST\r\n\r\n",
            "GET / HTTP/1.2\r\nhost: HOST\r\n\r\n",
            "GET / HTTP/2.0\r\nhost: HOST\r\n\r\n",
            "GET / http/1.1\r\nhost: HOST\r\n\r\n",
            "GET /\r\nhost: HOST\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_header_has_its_bounds() {
    let settings = [
        "limits.header_fields=10",
        "limits.header_bytes=2000",
        "limits.uri_bytes=100",
    ];
    let edge = Edge::with(&settings).await;
    edge.serve("hello", "hello").await;
    let fields = |count: usize| "x: y\r\n".repeat(count);
    let path = |bytes: usize| format!("/{}", "p".repeat(bytes - 1));
    let start = "GET / HTTP/1.1\r\nhost: hello.test\r\n";
    let value = |bytes: usize| format!("{start}x: {}\r\n\r\n", "v".repeat(bytes - start.len() - 7));
    for (request, status) in [
        (format!("{start}{}\r\n", fields(9)), 200),
        (format!("{start}{}\r\n", fields(10)), 431),
        (format!("{start}{}\r\n", fields(200)), 431),
        (value(2_000), 200),
        (value(2_001), 431),
        (value(15_000), 431),
        (
            format!("GET {} HTTP/1.1\r\nhost: hello.test\r\n\r\n", path(100)),
            200,
        ),
        (
            format!("GET {} HTTP/1.1\r\nhost: hello.test\r\n\r\n", path(101)),
            414,
        ),
        (
            format!("GET {} HTTP/1.1\r\nhost: hello.test\r\n\r\n", path(1_900)),
            414,
        ),
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(&request).await;
        let answer = wire.response().await;
        assert_eq!(
            answer.status,
            status,
            "{} bytes: {}",
            request.len(),
            answer.text()
        );
        assert_eq!(answer.header("connection") == "close", status != 200);
        assert!(status == 200 || wire.is_closed().await);
    }
    // Far beyond the bound nobody is answered, and nothing is kept.
    let mut wire = Wire::open(edge.port).await;
    let _ = wire.try_send(value(500_000)).await;
    let all = wire.read_to_end().await;
    assert!(all.is_empty() || all.starts_with("HTTP/1.1 4"), "{all}");
}

#[tokio::test]
async fn refusals_are_counted_and_recorded_by_their_reason() {
    let (edge, _origin) = edge_and_origin().await;
    for (request, reason) in [
        (
            "GET / HTTP/1.1\r\nx: a\nhost: hello.test\r\n\r\n",
            "line_ends",
        ),
        ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", "host"),
        ("GET /#a HTTP/1.1\r\nhost: hello.test\r\n\r\n", "target"),
        ("TRACE / HTTP/1.1\r\nhost: hello.test\r\n\r\n", "method"),
        (
            "GET / HTTP/1.1\r\nhost: hello.test\r\ncontent-length: 00\r\n\r\n",
            "framing",
        ),
        (
            "GET / HTTP/1.1\r\nhost: hello.test\r\nexpect: tea\r\n\r\n",
            "expectation",
        ),
    ] {
        let answer = exchange(&edge, request.as_bytes()).await;
        let name = format!("cirque_requests_refused_total{{reason=\"{reason}\"}}");
        assert_eq!(edge.metric(&name).await, 1.0, "{reason}");
        super::harness::until("the refusal is recorded", async || {
            edge.access().iter().any(|record| record["error"] == reason)
        })
        .await;
        let records = edge.access();
        let record = records.iter().find(|record| record["error"] == reason);
        let record = record.expect("a record");
        let status = record["status"].as_u64().expect("a number");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        let id = record["request_id"].as_str().expect("text");
        assert!(answer.contains(&format!("request id: {id}\n")), "{answer}");
        assert_eq!(record["tenant"], "");
    }
}
