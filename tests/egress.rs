//! The way out: where guests may go, how often, and with what.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::harness::origin::Origin;
use super::harness::{Edge, Response};

/// An origin that counts what reaches it.
async fn counting() -> (Origin, Arc<AtomicUsize>) {
    let seen = Arc::<AtomicUsize>::default();
    let count = seen.clone();
    let origin = Origin::answering(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nreached".to_vec()
    });
    (origin.await, seen)
}

async fn fetch(edge: &Edge, url: &str) -> Response {
    edge.get_with("fetch.test", "/", &[("x-fetch", url)]).await
}

#[tokio::test]
async fn a_guest_reaches_no_private_address_in_any_spelling() {
    let (origin, seen) = counting().await;
    let port = origin.port;
    // Names are resolved first, and there may be nobody to ask.
    let edge = Edge::with(&["egress.connect_timeout_ms=2000", "limits.wall_ms=20000"]).await;
    edge.serve("fetch", "fetch").await;
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.2",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "user@127.0.0.1",
        "1.1.1.1@127.0.0.1",
    ] {
        let answer = fetch(&edge, &format!("http://{host}:{port}/")).await;
        assert_eq!(answer.status, 502, "{host}: {}", answer.text());
        assert!(
            answer.text().starts_with("fetch failed: "),
            "{host}: {}",
            answer.text()
        );
    }
    assert_eq!(seen.load(Ordering::Relaxed), 0, "something got through");
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "localhost",
    ] {
        let text = fetch(&edge, &format!("http://{host}:{port}/")).await.text();
        assert!(text.contains("DestinationIpProhibited"), "{host}: {text}");
    }
}

#[tokio::test]
async fn a_guest_reaches_what_is_allowed_and_never_the_edges_own_door() {
    let (origin, seen) = counting().await;
    let settings = [
        "egress.allow_addresses=127.0.0.0/8,::1",
        "egress.connect_timeout_ms=2000",
    ];
    let edge = Edge::with(&settings).await;
    edge.serve("fetch", "fetch").await;
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let answer = fetch(&edge, &format!("http://{host}:{}/", origin.port)).await;
        assert_eq!(answer.text(), "reached", "{host}");
    }
    assert_eq!(seen.load(Ordering::Relaxed), 3);
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ] {
        let url = format!("http://{host}:{}/metrics", edge.ops_port);
        let answer = fetch(&edge, &url).await;
        assert_eq!(answer.status, 502, "{host}: {}", answer.text());
        assert!(
            answer.text().contains("DestinationIpProhibited"),
            "{host}: {}",
            answer.text()
        );
    }
    // 127.0.0.0/8 is allowed, the unspecified address is not, though it leads to the same place.
    let url = format!("http://0.0.0.0:{}/", origin.port);
    assert_eq!(fetch(&edge, &url).await.status, 502);
    for port in [1, 22, 25, 53, 110, 1023] {
        let text = fetch(&edge, &format!("http://127.0.0.1:{port}/"))
            .await
            .text();
        assert!(text.contains("HttpRequestDenied"), "{port}: {text}");
    }
    for url in [
        "http://127.0.0.1/",
        "http://127.0.0.1:443/",
        "http://127.0.0.1:1024/",
    ] {
        let text = fetch(&edge, url).await.text();
        assert!(text.contains("ConnectionRefused"), "{url}: {text}");
    }
}

#[tokio::test]
async fn a_guest_asks_so_many_times_and_no_more() {
    let (origin, seen) = counting().await;
    let settings = [
        "egress.allow_addresses=127.0.0.1",
        "limits.subrequests=5",
        "limits.subrequests_max=7",
    ];
    let edge = Edge::with(&settings).await;
    edge.serve("fetch", "fetch").await;
    edge.serve_with("less", "fetch", r#"{"limits":{"subrequests":2}}"#)
        .await;
    edge.serve_with("nothing", "fetch", r#"{"limits":{"subrequests":0}}"#)
        .await;
    edge.serve_with("most", "fetch", r#"{"limits":{"subrequests":4000}}"#)
        .await;
    for (name, allowed) in [("fetch", 5), ("less", 2), ("nothing", 0), ("most", 7)] {
        let before = seen.load(Ordering::Relaxed);
        let headers = [("x-fetch", origin.url()), ("x-fetch-count", "9".to_owned())];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = edge.get_with(&format!("{name}.test"), "/", &headers).await;
        let text = answer.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 9, "{name}: {text}");
        for (index, line) in lines.iter().enumerate() {
            match index < allowed {
                true => assert_eq!(*line, format!("{} 200", index + 1), "{name}"),
                false => assert!(line.contains("Too many subrequests."), "{name}: {line}"),
            }
        }
        assert_eq!(seen.load(Ordering::Relaxed) - before, allowed, "{name}");
        let exceeded =
            format!("cirque_limits_exceeded_total{{limit=\"subrequests\",tenant=\"{name}\"}}");
        assert_eq!(edge.metric(&exceeded).await, (9 - allowed) as f64, "{name}");
    }
}

#[tokio::test]
async fn what_a_guest_asks_is_framed_by_the_edge() {
    let origin = Origin::echo().await;
    let edge = Edge::with(&["egress.allow_addresses=127.0.0.1"]).await;
    edge.serve("fetch", "fetch").await;
    let url = format!("{}/path?query", origin.url());
    let headers = [
        ("x-fetch", url.as_str()),
        ("x-fetch-method", "PATCH"),
        ("x-fetch-header", "x-mine: 1"),
        ("content-type", "text/plain"),
    ];
    let answer = super::harness::request(
        edge.port,
        "POST",
        "fetch.test",
        "/",
        &headers,
        b"the body".to_vec(),
    )
    .await;
    let text = answer.text();
    assert!(text.starts_with("PATCH /path?query HTTP/1.1\r\n"), "{text}");
    let lower = text.to_lowercase();
    assert_eq!(lower.matches("\r\nhost: ").count(), 1, "{text}");
    assert!(
        lower.contains(&format!("\r\nhost: 127.0.0.1:{}\r\n", origin.port)),
        "{text}"
    );
    assert!(lower.contains("\r\nx-mine: 1\r\n"), "{text}");
    assert!(!lower.contains("x-fetch"), "{text}");

    for header in [
        "host: other.test",
        "connection: close",
        "transfer-encoding: gzip",
        "upgrade: h2c",
        "te: trailers",
        "keep-alive: 1",
        "proxy-authorization: x",
        "x-cirque-tenant: other",
    ] {
        let answer = edge
            .get_with(
                "fetch.test",
                "/",
                &[("x-fetch", &url), ("x-fetch-header", header)],
            )
            .await;
        let text = answer.text();
        assert_eq!(answer.status, 502, "{header}: {text}");
        assert!(text.contains("Forbidden"), "{header}: {text}");
    }
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told_to_the_guest() {
    let edge = Edge::with(&[
        "egress.allow_addresses=127.0.0.1",
        "egress.connect_timeout_ms=2000",
        "egress.first_byte_timeout_ms=100",
    ])
    .await;
    edge.serve("fetch", "fetch").await;
    let silent = Origin::handling(|mut wire| async move { wire.until_closed().await }).await;
    let garbled = Origin::answering(|_| b"nonsense\r\n\r\n".to_vec()).await;
    let closed = super::harness::free_port();
    for (url, expected) in [
        (silent.url(), "HttpResponseTimeout"),
        (garbled.url(), "ConnectionTerminated"),
        (format!("http://127.0.0.1:{closed}"), "ConnectionRefused"),
        (
            format!("https://127.0.0.1:{}", garbled.port),
            "fetch failed",
        ),
        ("ftp://127.0.0.1".to_owned(), "fetch failed"),
        ("http://".to_owned(), "fetch failed"),
        ("http://no-such-name.invalid".to_owned(), "fetch failed"),
    ] {
        let answer = fetch(&edge, &url).await;
        assert_eq!(answer.status, 502, "{url}");
        assert!(answer.text().contains(expected), "{url}: {}", answer.text());
    }
    // A body that the origin breaks off looks broken to the visitor too.
    let short = Origin::handling(|mut wire| async move {
        wire.request().await;
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
            .await;
    })
    .await;
    let answer = fetch(&edge, &short.url()).await;
    assert!(answer.is_broken || answer.status >= 500, "{answer:?}");
}
