//! What a worker may use up: past a limit it ends with Cloudflare's code, and nobody else notices.

use super::harness::steady::Steady;
use super::harness::wire::Wire;
use super::harness::{Edge, Response, request, until};

const HELLO: &str = "Hello, World!\n";

#[track_caller]
fn is_error(answer: &Response, status: u16, code: u16, text: &str) {
    let expected = format!("error code: {code}\n{text}\nrequest id: ");
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().starts_with(&expected), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-cirque-request-id").len(), 16);
    let may_help = status == 503 || status == 429;
    assert_eq!(
        answer.header("retry-after"),
        if may_help { "1" } else { "" }
    );
}

const CPU: &str = "Worker exceeded CPU time limit.";
const MEMORY: &str = "Worker exceeded memory limit.";
const WALL: &str = "Worker exceeded wall time limit.";
const EXCEPTION: &str = "Worker threw exception.";

async fn exceeded(edge: &Edge, tenant: &str, limit: &str) -> f64 {
    let name = format!("cirque_limits_exceeded_total{{limit=\"{limit}\",tenant=\"{tenant}\"}}");
    edge.metric(&name).await
}

#[tokio::test]
async fn a_worker_that_computes_too_long_is_stopped() {
    let edge = Edge::start().await;
    edge.serve("hello", "hello").await;
    for guest in ["spin", "loop", "start-loop"] {
        edge.serve(guest, guest).await;
        let before = exceeded(&edge, guest, "cpu").await;
        let answer = edge.get(&format!("{guest}.test"), "/").await;
        is_error(&answer, 503, 1102, CPU);
        assert_eq!(exceeded(&edge, guest, "cpu").await, before + 1.0, "{guest}");
    }
    let within = edge.get("spin.test", "/?ms=5").await;
    assert_eq!((within.status, within.text().as_str()), (200, "spun\n"));
    let used = edge
        .metric(r#"cirque_cpu_seconds_total{tenant="spin"}"#)
        .await;
    assert!(used > 0.05, "{used} s of CPU time were counted");
    edge.until_idle().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

#[tokio::test]
async fn a_script_has_its_own_cpu_time_up_to_the_ceiling() {
    let edge = Edge::with(&["limits.cpu_ms=10000", "limits.cpu_ms_max=20000"]).await;
    edge.serve_with("less", "spin", r#"{"limits":{"cpu_ms":20}}"#)
        .await;
    is_error(&edge.get("less.test", "/?ms=9000").await, 503, 1102, CPU);

    let edge = Edge::with(&["limits.cpu_ms=20", "limits.cpu_ms_max=1000"]).await;
    edge.serve_with("more", "spin", r#"{"limits":{"cpu_ms":800}}"#)
        .await;
    assert_eq!(edge.get("more.test", "/?ms=300").await.text(), "spun\n");
    is_error(&edge.get("more.test", "/").await, 503, 1102, CPU);
    edge.serve_with("most", "spin", r#"{"limits":{"cpu_ms":4000000000}}"#)
        .await;
    assert_eq!(edge.get("most.test", "/?ms=300").await.text(), "spun\n");
    is_error(&edge.get("most.test", "/").await, 503, 1102, CPU);
}

#[tokio::test]
async fn a_worker_that_takes_too_much_memory_is_stopped() {
    let edge = Edge::with(&["limits.cpu_ms=20000"]).await;
    edge.serve("allocate", "allocate").await;
    edge.serve_with("more", "allocate", r#"{"limits":{"memory_mb":200}}"#)
        .await;
    edge.serve_with("most", "allocate", r#"{"limits":{"memory_mb":4000}}"#)
        .await;
    edge.serve_with("less", "allocate", r#"{"limits":{"memory_mb":10}}"#)
        .await;
    for (name, mb, fits) in [
        ("allocate", 100, true),
        ("allocate", 128, false),
        ("more", 190, true),
        ("more", 200, false),
        ("most", 240, true),
        ("most", 256, false),
        ("less", 5, true),
        ("less", 10, false),
    ] {
        let answer = edge
            .get(&format!("{name}.test"), &format!("/?mb={mb}"))
            .await;
        match fits {
            true => assert_eq!(answer.text(), "allocated\n", "{name} with {mb} MiB"),
            false => is_error(&answer, 503, 1102, MEMORY),
        }
    }
    assert_eq!(exceeded(&edge, "allocate", "memory").await, 1.0);
    edge.serve("memory-grow", "memory-grow").await;
    is_error(&edge.get("memory-grow.test", "/").await, 503, 1102, MEMORY);
}

#[tokio::test]
async fn memory_that_workers_have_used_is_given_back() {
    let edge = Edge::with(&["limits.cpu_ms=20000", "runtime.keep_resident_kb=256"]).await;
    edge.serve("allocate", "allocate").await;
    let visit = async || {
        let all = (0..6).map(|_| edge.get("allocate.test", "/?mb=100"));
        for answer in futures::future::join_all(all).await {
            assert_eq!(answer.text(), "allocated\n");
        }
    };
    visit().await;
    edge.until_idle().await;
    let before = edge.resident_bytes();
    for _ in 0..3 {
        visit().await;
    }
    edge.until_idle().await;
    until("the memory is given back", async || {
        edge.resident_bytes() < before + (32 << 20)
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_waits_too_long_is_stopped() {
    let edge = Edge::with(&["limits.wall_ms=200", "limits.wall_ms_max=200"]).await;
    edge.serve_with("less", "sleep", r#"{"limits":{"wall_ms":50}}"#)
        .await;
    edge.serve_with("most", "sleep", r#"{"limits":{"wall_ms":4000000}}"#)
        .await;
    for name in ["less", "most"] {
        let hostname = format!("{name}.test");
        is_error(&edge.get(&hostname, "/?ms=600000").await, 503, 1102, WALL);
        assert_eq!(edge.get(&hostname, "/?ms=1").await.text(), "slept\n");
        assert_eq!(exceeded(&edge, name, "wall").await, 1.0);
    }
    edge.until_idle().await;
}

#[tokio::test]
async fn a_worker_that_fails_gives_an_error_and_nothing_of_its_inside() {
    let edge = Edge::with(&["runtime.instances=4"]).await;
    edge.serve("hello", "hello").await;
    for guest in [
        "trap",
        "panic",
        "silent",
        "error-response",
        "recurse",
        "recursion",
        "divide",
        "out-of-bounds",
        "many-fields",
        "table-grow",
    ] {
        edge.serve(guest, guest).await;
        let hostname = format!("{guest}.test");
        // More often than there are sandboxes: each is given back.
        for _ in 0..10 {
            let answer = edge.get(&hostname, "/").await;
            is_error(&answer, 500, 1101, EXCEPTION);
            assert_eq!(answer.text().lines().count(), 3, "{}", answer.text());
        }
        assert_eq!(
            edge.get("hello.test", "/").await.text(),
            HELLO,
            "after {guest}"
        );
    }
    edge.until_logged(&["tenant=\"panic\"", "deliberate"]).await;
    edge.until_logged(&[
        "a worker failed",
        "hostname=\"silent.test\"",
        "without a response",
    ])
    .await;
    assert!(
        !edge.log().contains("panicked at src"),
        "the host stays calm"
    );
}

#[tokio::test]
async fn an_error_is_a_page_for_a_browser() {
    let edge = Edge::start().await;
    edge.serve("trap", "trap").await;
    let answer = edge
        .get_with("trap.test", "/", &[("accept", "text/html,*/*")])
        .await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let id = answer.header("x-cirque-request-id");
    assert!(
        answer.text().contains("<h1>Error 1101</h1>"),
        "{}",
        answer.text()
    );
    assert!(
        answer.text().contains(&format!("Request {id}<")),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_response_that_a_worker_could_not_finish_never_looks_whole() {
    let edge = Edge::start().await;
    edge.serve("partial", "partial").await;
    edge.serve_with("big", "big", r#"{"limits":{"cpu_ms":20}}"#)
        .await;
    let big = edge.get("big.test", "/?bytes=100000000000").await;
    assert_eq!(big.status, 200);
    assert!(big.is_broken && !big.body.is_empty());
    // What failed before a byte was sent may still be told.
    for _ in 0..20 {
        let partial = edge.get("partial.test", "/").await;
        match partial.status {
            200 => assert!(partial.is_broken, "{}", partial.text()),
            _ => is_error(&partial, 500, 1101, EXCEPTION),
        }
    }
    // A chunked response has no last chunk then.
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /?bytes=100000000000 HTTP/1.1\r\nhost: big.test\r\n\r\n")
        .await;
    let mut last = Vec::new();
    loop {
        let chunk = wire.read().await;
        if chunk.is_empty() {
            break;
        }
        last.extend_from_slice(&chunk);
        last.drain(..last.len().saturating_sub(100));
    }
    let last = String::from_utf8_lossy(&last).into_owned();
    assert!(!last.ends_with("\r\n0\r\n\r\n"), "{last}");
    edge.until_idle().await;
}

/// Connections that keep a worker busy for as long as they are kept.
async fn occupy(edge: &Edge, hostname: &str, count: usize) -> Vec<Wire> {
    let before = edge.metric("cirque_invocations").await;
    let mut wires = Vec::new();
    for _ in 0..count {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!(
            "GET /?ms=600000 HTTP/1.1\r\nhost: {hostname}\r\n\r\n"
        ))
        .await;
        wires.push(wire);
    }
    until("all of them run", async || {
        edge.metric("cirque_invocations").await == before + count as f64
    })
    .await;
    wires
}

#[tokio::test]
async fn a_worker_serves_so_many_requests_at_a_time_and_no_more() {
    let edge = Edge::with(&["limits.wall_ms=300000"]).await;
    edge.serve_with("sleep", "sleep", r#"{"limits":{"concurrency":3}}"#)
        .await;
    edge.serve("other", "sleep").await;
    edge.until_idle().await;
    let busy = occupy(&edge, "sleep.test", 3).await;
    let refused = edge.get("sleep.test", "/").await;
    let text = "The worker is serving as many requests as it may. Please try again shortly.";
    is_error(&refused, 429, 1015, text);
    assert_eq!(exceeded(&edge, "sleep", "concurrency").await, 1.0);
    assert_eq!(edge.get("other.test", "/").await.text(), "slept\n");
    drop(busy);
    edge.until_idle().await;
    assert_eq!(edge.get("sleep.test", "/").await.text(), "slept\n");
}

#[tokio::test]
async fn the_edge_serves_so_many_invocations_at_a_time_and_no_more() {
    let edge = Edge::with(&["runtime.instances=3", "limits.wall_ms=300000"]).await;
    edge.serve("sleep", "sleep").await;
    edge.serve("hello", "hello").await;
    edge.until_idle().await;
    let busy = occupy(&edge, "sleep.test", 3).await;
    let text = "The edge is serving as many requests as it can. Please try again shortly.";
    is_error(&edge.get("hello.test", "/").await, 503, 1015, text);
    assert_eq!(exceeded(&edge, "hello", "instances").await, 1.0);
    drop(busy);
    edge.until_idle().await;
    assert_eq!(edge.get("hello.test", "/").await.text(), HELLO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_workers_are_answered_in_a_storm_of_bad_ones() {
    let edge = Edge::with(&["runtime.instances=20"]).await;
    edge.serve("hello", "hello").await;
    let bad = [
        "trap",
        "panic",
        "recurse",
        "spin",
        "memory-grow",
        "many-fields",
    ];
    for guest in bad {
        edge.serve(guest, guest).await;
    }
    let good = Steady::visits(edge.port, &["hello.test"], HELLO);
    let storm = (0..8).map(|_| {
        let port = edge.port;
        tokio::spawn(async move {
            for guest in bad.iter().cycle().take(30) {
                let hostname = format!("{guest}.test");
                let answer = request(port, "GET", &hostname, "/", &[], Vec::new()).await;
                assert!(answer.status >= 500, "{guest}: {}", answer.status);
            }
        })
    });
    for attacker in futures::future::join_all(storm).await {
        attacker.expect("every attack was answered");
    }
    good.until_more(20).await;
    good.was_always_answered().await;
    edge.until_idle().await;
    assert!(!edge.log().contains("the host panicked"));
}

#[tokio::test]
async fn an_invocation_finds_nothing_of_an_earlier_one() {
    // So few sandboxes that each is used over and over, by both.
    let edge = Edge::with(&["runtime.instances=2", "limits.cpu_ms=20000"]).await;
    edge.serve("allocate", "allocate").await;
    edge.serve("leftovers", "leftovers").await;
    for round in 0..50 {
        assert_eq!(edge.get("allocate.test", "/?mb=8").await.status, 200);
        assert_eq!(edge.get("leftovers.test", "/").await.status, 500, "{round}");
    }
    until("everything is recorded", async || {
        edge.access().len() >= 102
    })
    .await;
    let of_leftovers = |record: &serde_json::Value| record["hostname"] == "leftovers.test";
    let records: Vec<_> = edge.access().into_iter().filter(of_leftovers).collect();
    // It traps when it finds something, and has no response to give when it does not.
    for record in records {
        assert!(
            matches!(
                record["error"].as_str(),
                Some("worker_no_response" | "unknown_host")
            ),
            "{record}"
        );
    }
}

/// A worker whose handler has this body, with these limits.
async fn limited(edge: &Edge, name: &str, limits: &str, body: &str) {
    let code = format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}");
    let metadata = format!(r#"{{"main_module":"worker.js","limits":{limits}}}"#);
    edge.serve_modules(name, &[("worker.js", &code)], &metadata)
        .await;
}

#[tokio::test]
async fn a_worker_gets_so_many_requests_a_second() {
    let edge = Edge::javascript().await;
    limited(
        &edge,
        "slow",
        r#"{"requests_per_second":3}"#,
        "return new Response('ok')",
    )
    .await;
    let mut refused = None;
    for _ in 0..50 {
        let answer = edge.get("slow.test", "/").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("50 requests came within seconds");
    is_error(
        &refused,
        429,
        1015,
        "The worker gets more requests than it may. Please try again shortly.",
    );
    assert!(exceeded(&edge, "slow", "rate").await >= 1.0);
    until("it is served again", async || {
        edge.get("slow.test", "/").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_worker_gets_and_gives_bodies_of_a_size() {
    let edge = Edge::javascript().await;
    let limits = r#"{"request_bytes":1000,"response_bytes":2000}"#;
    limited(
        &edge,
        "small",
        limits,
        "const bytes = request.method === 'GET' ? Number(new URL(request.url).searchParams.get('bytes')) : (await request.bytes()).length;
         if (request.headers.has('x-stream')) {
           let left = bytes;
           return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(1); const n = Math.min(left, 100); left -= n; if (n === 0) c.close(); else c.enqueue(new Uint8Array(n)); } }));
         }
         return new Response(new Uint8Array(bytes))",
    )
    .await;
    assert_eq!(
        edge.post("small.test", "/", vec![1; 1000]).await.body.len(),
        1000
    );
    let answer = edge.post("small.test", "/", vec![1; 1001]).await;
    assert_eq!(answer.status, 413);
    assert!(
        answer
            .text()
            .starts_with("The request's body is too large for the worker."),
        "{}",
        answer.text()
    );
    // A body whose length nobody said beforehand.
    let mut wire = Wire::open(edge.port).await;
    wire.send("POST / HTTP/1.1\r\nhost: small.test\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.send(format!(
        "3e8\r\n{}\r\n1\r\nx\r\n0\r\n\r\n",
        "x".repeat(1000)
    ))
    .await;
    assert_eq!(wire.response().await.status, 413);
    assert_eq!(exceeded(&edge, "small", "request_bytes").await, 2.0);

    assert_eq!(
        edge.get("small.test", "/?bytes=2000").await.body.len(),
        2000
    );
    let answer = edge.get("small.test", "/?bytes=2001").await;
    is_error(&answer, 503, 1102, "Worker exceeded response size limit.");
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /?bytes=2001 HTTP/1.1\r\nhost: small.test\r\nx-stream: 1\r\n\r\n")
        .await;
    let text = wire.read_to_end().await;
    assert!(
        text.starts_with("HTTP/1.1 200") && !text.ends_with("0\r\n\r\n"),
        "it looks whole: {text:?}"
    );
    assert_eq!(exceeded(&edge, "small", "response_bytes").await, 2.0);
    edge.until_idle().await;
}

#[tokio::test]
async fn a_response_that_stands_still_is_broken_off() {
    let edge = Edge::javascript().await;
    let body = "return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(10)) }, async pull() { await scheduler.wait(20_000) } }))";
    limited(&edge, "still", r#"{"body_idle_ms":50}"#, body).await;
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET / HTTP/1.1\r\nhost: still.test\r\n\r\n")
        .await;
    let text = wire.read_to_end().await;
    assert!(
        text.starts_with("HTTP/1.1 200") && !text.ends_with("0\r\n\r\n"),
        "{text:?}"
    );
    assert!(exceeded(&edge, "still", "body_idle").await >= 1.0);
    edge.until_idle().await;
}

#[tokio::test]
async fn what_runs_on_after_the_response_is_ended() {
    let edge = Edge::javascript().await;
    let body = "ctx.waitUntil(scheduler.wait(20_000).then(() => console.log('never'))); return new Response('ok')";
    limited(&edge, "later", r#"{"wait_until_ms":50}"#, body).await;
    assert_eq!(edge.get("later.test", "/").await.text(), "ok");
    edge.until_idle().await;
    assert!(exceeded(&edge, "later", "wait_until").await >= 1.0);
    edge.until_logged(&["later", "ran on for too long"]).await;
    assert!(!edge.log().contains("never"));
}

#[tokio::test]
async fn a_worker_has_so_many_requests_under_way_and_others_wait() {
    let most = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let now = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (seen, count) = (most.clone(), now.clone());
    let origin = super::harness::origin::Origin::handling(move |mut wire: Wire| {
        let (seen, count) = (seen.clone(), count.clone());
        async move {
            use std::sync::atomic::Ordering::SeqCst;
            while wire.request().await.is_some() {
                let here = count.fetch_add(1, SeqCst) + 1;
                seen.fetch_max(here, SeqCst);
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                count.fetch_sub(1, SeqCst);
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await;
            }
        }
    })
    .await;
    let edge = Edge::javascript_with(&[r#"egress.allow_addresses=["127.0.0.0/8"]"#]).await;
    let body = format!(
        "const all = await Promise.all(Array.from({{ length: 8 }}, async () => (await fetch('{}')).text())); return new Response(all.join(''))",
        origin.url()
    );
    limited(&edge, "two", r#"{"outgoing_connections":2}"#, &body).await;
    assert_eq!(edge.get("two.test", "/").await.text(), "ok".repeat(8));
    assert_eq!(most.load(std::sync::atomic::Ordering::SeqCst), 2);
    assert!(exceeded(&edge, "two", "connections").await >= 1.0);
}

#[tokio::test]
async fn a_suspended_tenant_is_stopped_at_once_also_where_it_runs() {
    let edge = Edge::javascript().await;
    let code = "export default { async fetch(request) {
        const path = new URL(request.url).pathname;
        if (path === '/wait') await scheduler.wait(25_000);
        if (path === '/loop') for (;;);
        return new Response('ok') } }";
    for name in ["production/shop", "production/other"] {
        let output = edge.deploy_modules(
            name,
            &[("worker.js", code)],
            r#"{"main_module":"worker.js","limits":{"cpu_ms":30000}}"#,
        );
        assert!(output.status.success());
        let host = format!("{}.test", name.split('/').next_back().expect("a name"));
        edge.cirque(&["route", &host, name]);
        edge.until_routed(&host).await;
    }
    let mut running = Vec::new();
    for path in ["/wait", "/loop"] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(format!("GET {path} HTTP/1.1\r\nhost: shop.test\r\n\r\n"))
            .await;
        running.push(wire);
    }
    until("both run", async || {
        edge.metric("cirque_invocations").await == 2.0
    })
    .await;
    edge.cirque(&["suspend", "production/shop"]);
    for mut wire in running {
        let answer = wire.response().await;
        assert_eq!(answer.status, 403);
        assert!(
            answer.text().starts_with("This site is suspended."),
            "{}",
            answer.text()
        );
    }
    edge.until_idle().await;
    assert_eq!(edge.get("shop.test", "/").await.status, 403);
    assert_eq!(edge.get("other.test", "/").await.status, 200);
    // An upload does not start it again.
    assert!(
        edge.deploy_modules(
            "production/shop",
            &[("worker.js", &code.replace("ok", "new"))],
            "{}"
        )
        .status
        .success()
    );
    assert_eq!(edge.get("shop.test", "/").await.status, 403);
    edge.cirque(&["resume", "production/shop"]);
    until("it runs again", async || {
        edge.get("shop.test", "/").await.text() == "new"
    })
    .await;

    edge.cirque(&["suspend", "production/"]);
    until("nothing of the namespace runs", async || {
        edge.get("shop.test", "/").await.status == 403
            && edge.get("other.test", "/").await.status == 403
    })
    .await;
    edge.cirque(&["resume", "production/"]);
    until("all of it runs", async || {
        edge.get("shop.test", "/").await.status == 200
            && edge.get("other.test", "/").await.status == 200
    })
    .await;
    // Whatever else somebody writes there, it was not that the worker should run.
    edge.put_record("cirque:namespace:{production}", r#"{"status":"paused"}"#);
    until("it does not run", async || {
        edge.get("shop.test", "/").await.status == 403
    })
    .await;
    let output = edge.try_cirque(&["suspend", "production/nobody"]);
    assert!(
        !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("cirque list")
    );
}
