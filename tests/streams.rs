//! Bodies with backpressure, visitors who leave, and what runs on after the response.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::harness::origin::Origin;
use super::harness::wire::Wire;
use super::harness::{Edge, until};

const MIB: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_body_passes_through_a_worker_in_little_memory() {
    const BODY_BYTES: usize = 200 << 20;
    let edge = Edge::with(&["limits.cpu_ms=30000", "limits.wall_ms=300000"]).await;
    edge.serve("echo", "echo").await;
    let warm = edge.post("echo.test", "/", vec![1; 1 << 20]).await;
    assert_eq!(warm.body.len(), 1 << 20);
    let before = edge.resident_bytes();

    let (mut reader, mut writer) = Wire::open(edge.port).await.split();
    let head =
        format!("POST / HTTP/1.1\r\nhost: echo.test\r\ncontent-length: {BODY_BYTES}\r\n\r\n");
    let sent = Arc::<AtomicUsize>::default();
    let counted = sent.clone();
    let sending = tokio::spawn(async move {
        writer.send(head).await;
        let chunk = vec![b'x'; 1 << 20];
        while counted.load(Ordering::Relaxed) < BODY_BYTES {
            writer.send(&chunk).await;
            counted.fetch_add(chunk.len(), Ordering::Relaxed);
        }
        writer
    });
    // Nobody reads: after what lies in buffers on the way, the sender stands still too.
    let mut last = 0;
    until("the sender stands still", async || {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let now = sent.load(Ordering::Relaxed);
        now > 0 && std::mem::replace(&mut last, now) == now
    })
    .await;
    assert!(
        last < BODY_BYTES / 2,
        "{last} bytes were taken from the sender"
    );
    assert!(edge.resident_bytes() < before + 64 * MIB);

    let head = reader.read_until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let (mut received, mut highest) = (0, 0);
    while received < BODY_BYTES {
        let chunk = reader.read().await;
        assert!(
            !chunk.is_empty(),
            "the body broke off after {received} bytes"
        );
        received += chunk.iter().filter(|byte| **byte == b'x').count();
        highest = highest.max(edge.resident_bytes());
    }
    assert_eq!(received, BODY_BYTES);
    assert!(
        highest < before + 64 * MIB,
        "{} MiB more than before",
        (highest - before) / MIB
    );
    drop(sending.await.expect("everything was sent"));
}

#[tokio::test]
async fn a_response_waits_for_a_reader_who_stops() {
    let edge = Edge::with(&["limits.cpu_ms=30000", "limits.wall_ms=300000"]).await;
    edge.serve("big", "big").await;
    let before = edge.resident_bytes();
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /?bytes=1000000000 HTTP/1.1\r\nhost: big.test\r\n\r\n")
        .await;
    wire.read_until("\r\n\r\n").await;
    let mut used = -1.0;
    until("the guest stands still", async || {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let now = edge.cpu_seconds();
        let before = std::mem::replace(&mut used, now);
        now - before < 0.05
    })
    .await;
    assert_eq!(edge.metric("cirque_invocations").await, 1.0);
    assert!(edge.resident_bytes() < before + 64 * MIB);
    // Others are served beside it.
    assert_eq!(edge.get("big.test", "/?bytes=27").await.body.len(), 27);
    drop(wire);
    edge.until_idle().await;
}

#[tokio::test]
async fn a_body_of_any_length_is_whole() {
    let edge = Edge::with(&["limits.cpu_ms=10000"]).await;
    edge.serve("big", "big").await;
    edge.serve("read-all", "read-all").await;
    for bytes in [0, 1, 65_535, 65_536, 65_537, 1 << 20, 10_000_001] {
        let answer = edge.get("big.test", &format!("/?bytes={bytes}")).await;
        assert_eq!(answer.body.len(), bytes);
        let pattern = b"abcdefghijklmnopqrstuvwxyz\n".iter().cycle();
        assert!(answer.body.iter().eq(pattern.take(bytes)), "{bytes}");
        let length = answer.header("content-length");
        assert!(length.is_empty() || length == bytes.to_string(), "{length}");

        let hash = answer
            .body
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let read = edge.post("read-all.test", "/", answer.body).await;
        assert_eq!(read.text(), format!("{bytes} {hash:016x}\n"));
    }
}

#[tokio::test]
async fn a_body_that_the_worker_ignores_does_not_reach_the_next_request() {
    let edge = Edge::start().await;
    edge.serve("ignore-body", "ignore-body").await;
    edge.serve("hello", "hello").await;
    // A body that looks like a request, short enough to be read away and too long for it.
    let smuggled = "GET / HTTP/1.1\r\nhost: ignore-body.test\r\n\r\n";
    for repeats in [1, 1_000, 200_000] {
        let body = smuggled.repeat(repeats);
        let mut wire = Wire::open(edge.port).await;
        let head = format!(
            "POST / HTTP/1.1\r\nhost: ignore-body.test\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let next = "GET / HTTP/1.1\r\nhost: hello.test\r\nconnection: close\r\n\r\n";
        // The edge may close before it has read all.
        let _ = wire.try_send(format!("{head}{body}{next}")).await;
        let answer = wire.response().await;
        assert_eq!(answer.text(), "ignored\n");
        let rest = wire.read_to_end().await;
        assert!(
            rest.is_empty()
                || rest.starts_with("HTTP/1.1 200 OK") && rest.contains("\r\nHello, World!\n"),
            "after {repeats}: {rest}"
        );
        assert!(!rest.contains("ignored"), "after {repeats}: {rest}");
    }
}

/// Has a visitor ask, waits until the guest runs, and until the visitor's leaving has ended it.
async fn leave(edge: &Edge, request: &str) {
    edge.until_idle().await;
    let mut wire = Wire::open(edge.port).await;
    wire.send(request).await;
    until("the guest runs", async || {
        edge.metric("cirque_invocations").await == 1.0
    })
    .await;
    drop(wire);
    edge.until_idle().await;
}

#[tokio::test]
async fn a_visitor_who_leaves_takes_the_invocation_along() {
    let edge = Edge::with(&["limits.wall_ms=300000", "limits.cpu_ms=30000"]).await;
    for guest in ["sleep", "spin", "big"] {
        edge.serve(guest, guest).await;
        let target = "/?ms=200000&bytes=1000000000000";
        leave(
            &edge,
            &format!("GET {target} HTTP/1.1\r\nhost: {guest}.test\r\n\r\n"),
        )
        .await;
        let post = format!("POST {target} HTTP/1.1\r\nhost: {guest}.test\r\n");
        leave(&edge, &format!("{post}content-length: 3\r\n\r\nabc")).await;
    }
    for guest in ["read-all", "echo"] {
        edge.serve(guest, guest).await;
        let post = format!("POST / HTTP/1.1\r\nhost: {guest}.test\r\n");
        leave(&edge, &format!("{post}content-length: 1000\r\n\r\nabc")).await;
        leave(
            &edge,
            &format!("{post}transfer-encoding: chunked\r\n\r\n3\r\nab"),
        )
        .await;
    }
}

#[tokio::test]
async fn a_visitor_who_leaves_in_the_middle_of_a_body_takes_the_invocation_along() {
    let edge = Edge::with(&["limits.wall_ms=300000"]).await;
    edge.serve("sleep", "sleep").await;
    let request =
        "POST /?ms=200000 HTTP/1.1\r\nhost: sleep.test\r\ncontent-length: 1000\r\n\r\nabc";
    leave(&edge, request).await;
}

#[tokio::test]
async fn a_visitor_who_leaves_is_no_error_of_the_edge() {
    let edge = Edge::with(&["limits.wall_ms=300000"]).await;
    edge.serve("read-all", "read-all").await;
    edge.serve("sleep", "sleep").await;
    let post = "POST / HTTP/1.1\r\nhost: read-all.test\r\ncontent-length: 1000\r\n\r\nabc";
    leave(&edge, post).await;
    leave(
        &edge,
        "GET /?ms=200000 HTTP/1.1\r\nhost: sleep.test\r\n\r\n",
    )
    .await;
    let of_visits = |record: &serde_json::Value| record["method"] != "OPTIONS";
    until("both are recorded", async || {
        edge.access().into_iter().filter(of_visits).count() == 2
    })
    .await;
    for record in edge.access().into_iter().filter(of_visits) {
        assert_eq!(record["error"], "visitor_gone", "{record}");
        assert_eq!(record["status"], 0, "{record}");
    }
    assert!(!edge.log().contains("ERROR"), "nobody has to act");
}

/// Numbers that look random, and are the same in each run.
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    }
}

#[tokio::test]
async fn visitors_who_leave_at_any_point_do_no_harm() {
    let origin = Origin::echo().await;
    let allow = "egress.allow_addresses=127.0.0.1";
    let edge = Edge::with(&[allow, "limits.wall_ms=300000", "limits.cpu_ms=30000"]).await;
    for guest in ["echo", "big", "sleep", "fetch", "read-all", "hello"] {
        edge.serve(guest, guest).await;
    }
    edge.until_idle().await;
    let requests: Vec<String> = ["echo", "big", "sleep", "fetch", "read-all"]
        .iter()
        .map(|guest| {
            // A guest that does not read is not told of the end of a body.
            let body = "x".repeat(if *guest == "sleep" { 0 } else { 100_000 });
            format!(
                "POST /?ms=100000&bytes=10000000 HTTP/1.1\r\nhost: {guest}.test\r\nx-fetch: {}/\r\n\
                 x-fetch-method: POST\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                origin.url(),
                body.len()
            )
        })
        .collect();
    let mut below = numbers();
    for round in 0..200 {
        let request = &requests[round % requests.len()];
        let mut wire = Wire::open(edge.port).await;
        // Some leave while they send, some while they read.
        let sent = if round % 2 == 0 {
            below(request.len())
        } else {
            request.len()
        };
        let _ = wire.try_send(&request[..sent]).await;
        if sent == request.len() && !request.contains("sleep.test") {
            let goal = below(200_000);
            let mut received = 0;
            while received < goal {
                let chunk = wire.read().await;
                received += chunk.len();
                if chunk.is_empty() {
                    break;
                }
            }
        }
        drop(wire);
    }
    edge.until_idle().await;
    until("every connection is closed", async || {
        // The question itself comes in through another door.
        edge.metric("cirque_connections").await == 0.0
    })
    .await;
    assert_eq!(edge.get("hello.test", "/").await.text(), "Hello, World!\n");
    assert!(!edge.log().contains("panicked"));
}

#[tokio::test]
async fn a_worker_goes_on_after_its_response_within_its_limits() {
    let (asked, seen) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let count = seen.clone();
    let origin = Origin::answering(move |request| {
        assert!(request.starts_with(b"GET /after HTTP/1.1\r\n"));
        count.fetch_add(1, Ordering::Relaxed);
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()
    })
    .await;
    let edge = Edge::with(&["egress.allow_addresses=127.0.0.1", "limits.wall_ms=20000"]).await;
    edge.serve("wait-until", "wait-until").await;
    edge.serve_with("short", "wait-until", r#"{"limits":{"wall_ms":100}}"#)
        .await;
    edge.until_idle().await;
    let after = format!("{}/after", origin.url());
    // Its connection closes at once, and it works on all the same.
    for _ in 0..5 {
        asked.fetch_add(1, Ordering::Relaxed);
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "GET /?ms=300 HTTP/1.1\r\nhost: wait-until.test\r\nx-after: {after}\r\nconnection: close\r\n\r\n"
        ))
        .await;
        assert_eq!(wire.response().await.text(), "done\n");
        assert!(wire.is_closed().await);
        drop(wire);
    }
    until("the guests have asked", async || {
        seen.load(Ordering::Relaxed) == asked.load(Ordering::Relaxed)
    })
    .await;
    edge.until_idle().await;

    let answer = edge
        .get_with("short.test", "/?ms=600000", &[("x-after", &after)])
        .await;
    assert_eq!(answer.text(), "done\n");
    assert!(!answer.is_broken);
    edge.until_idle().await;
    assert_eq!(
        seen.load(Ordering::Relaxed),
        5,
        "it was stopped before it asked"
    );
}

#[tokio::test]
async fn a_worker_may_take_longer_than_a_visitor() {
    let settings = [
        "limits.rate_grace_ms=100",
        "limits.body_timeout_ms=200",
        "limits.header_timeout_ms=200",
    ];
    let edge = Edge::with(&settings).await;
    edge.serve("sleep", "sleep").await;
    for request in [
        "GET /?ms=1000 HTTP/1.1\r\nhost: sleep.test\r\n\r\n",
        "POST /?ms=1000 HTTP/1.1\r\nhost: sleep.test\r\ncontent-length: 3\r\n\r\nabc",
        "POST /?ms=1000 HTTP/1.1\r\nhost: sleep.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(request).await;
        let answer = wire.response().await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "slept\n"),
            "{request:?}"
        );
    }
}
