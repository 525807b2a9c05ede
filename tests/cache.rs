//! What is kept of responses: what workers fetch, and what they put into caches of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::harness::origin::Origin;
use super::harness::wire::Wire;
use super::harness::{Edge, Response, request, until};

const OUTWARD: &[&str] = &[r#"egress.allow_addresses=["127.0.0.0/8"]"#];

/// An origin that says how often it was asked, with the header fields that the path names: `/a/cache-control:max-age=60/...`.
async fn counting() -> Origin {
    let asked = Arc::<AtomicUsize>::default();
    Origin::answering(move |request| {
        let count = asked.fetch_add(1, Ordering::SeqCst) + 1;
        let text = String::from_utf8_lossy(request);
        let target = text.split(' ').nth(1).unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        let mut status = "200 OK";
        let mut fields = String::new();
        for part in path.split('/') {
            let part = part.replace("%20", " ").replace("%22", "\"");
            match part.split_once(':') {
                Some(("status", code)) => status = Box::leak(format!("{code} X").into_boxed_str()),
                Some((name, value)) => fields += &format!("{name}: {value}\r\n"),
                None => {}
            }
        }
        let lower = text.to_ascii_lowercase();
        if lower.contains("if-none-match: \"same\"") {
            return format!("HTTP/1.1 304 Not Modified\r\n{fields}x-count: {count}\r\n\r\n").into();
        }
        let body = match text.starts_with("HEAD") {
            true => String::new(),
            false => format!("answer {count}"),
        };
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n{body}").into()
    })
    .await
}

/// A worker that passes every request on to the origin, with the options that its query gives as JSON.
async fn passing(edge: &Edge, name: &str, origin: &Origin) {
    let code = format!(
        "export default {{ async fetch(request) {{
           const url = new URL(request.url);
           const options = url.search ? JSON.parse(decodeURIComponent(url.search.slice(1))) : {{}};
           return fetch(new Request('{}' + url.pathname, request), options);
         }} }}",
        origin.url()
    );
    edge.serve_script(name, &code).await;
}

fn state(answer: &Response) -> String {
    format!("{} {}", answer.header("cf-cache-status"), answer.text())
}

async fn ask(edge: &Edge, path: &str, fields: &[(&str, &str)]) -> Response {
    request(edge.port, "GET", "shop.test", path, fields, Vec::new()).await
}

#[tokio::test]
async fn what_a_worker_fetches_is_kept_as_long_as_it_says() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    passing(&edge, "shop", &origin).await;
    for (path, states) in [
        (
            "/cache-control:max-age=60",
            ["MISS answer 1", "HIT answer 1"],
        ),
        (
            "/cache-control:no-store",
            ["BYPASS answer 2", "BYPASS answer 3"],
        ),
        ("/plain", ["DYNAMIC answer 4", "DYNAMIC answer 5"]),
        (
            "/cache-control:private,max-age=60",
            ["BYPASS answer 6", "BYPASS answer 7"],
        ),
        (
            "/cache-control:max-age=60/set-cookie:a=b",
            ["BYPASS answer 8", "BYPASS answer 9"],
        ),
        (
            "/cache-control:max-age=60/vary:*",
            ["BYPASS answer 10", "BYPASS answer 11"],
        ),
        (
            "/cdn-cache-control:max-age=60/cache-control:no-store",
            ["MISS answer 12", "HIT answer 12"],
        ),
        (
            "/status:404/cache-control:max-age=60",
            ["MISS answer 13", "HIT answer 13"],
        ),
    ] {
        for state_now in states {
            let answer = ask(&edge, path, &[]).await;
            assert_eq!(state(&answer), state_now, "{path}");
            let is_old = !answer.header("age").is_empty();
            assert_eq!(is_old, state_now.starts_with("HIT"), "{path}: age");
        }
    }
    let metric = r#"cirque_cache_requests_total{result="hit",tenant="shop"}"#;
    assert_eq!(edge.metric(metric).await, 3.0);
}

#[tokio::test]
async fn a_worker_says_what_it_wants_of_the_cache() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    passing(&edge, "shop", &origin).await;
    let with = |path: &str, options: &str| {
        let options: String = options.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("{path}?{options}")
    };
    for (path, options, expected) in [
        (
            "/cache-control:no-store",
            r#"{"cf":{"cacheTtl":60}}"#,
            "MISS answer 1",
        ),
        (
            "/cache-control:no-store",
            r#"{"cf":{"cacheTtl":60}}"#,
            "HIT answer 1",
        ),
        (
            "/everything",
            r#"{"cf":{"cacheEverything":true}}"#,
            "MISS answer 2",
        ),
        (
            "/everything",
            r#"{"cf":{"cacheEverything":true}}"#,
            "HIT answer 2",
        ),
        (
            "/other",
            r#"{"cf":{"cacheEverything":true,"cacheKey":"http://k/"}}"#,
            "MISS answer 3",
        ),
        (
            "/another",
            r#"{"cf":{"cacheEverything":true,"cacheKey":"http://k/"}}"#,
            "HIT answer 3",
        ),
        (
            "/status:404",
            r#"{"cf":{"cacheTtlByStatus":{"404":60,"200-299":-1}}}"#,
            "MISS answer 4",
        ),
        (
            "/status:404",
            r#"{"cf":{"cacheTtlByStatus":{"404":60,"200-299":-1}}}"#,
            "HIT answer 4",
        ),
        ("/everything", r#"{"cache":"no-store"}"#, "BYPASS answer 5"),
        ("/everything", r#"{"cache":"no-cache"}"#, "DYNAMIC answer 6"),
        (
            "/a/cache-control:max-age=60",
            r#"{"cf":{"cacheTtl":-1}}"#,
            "BYPASS answer 7",
        ),
    ] {
        let answer = ask(&edge, &with(path, options), &[]).await;
        assert_eq!(state(&answer), expected, "{path} {options}");
    }
    for options in [
        r#"{"cf":{"cacheTtl":"60"}}"#,
        r#"{"cf":{"cacheKey":1}}"#,
        r#"{"cf":{"cacheTags":"a"}}"#,
        r#"{"cf":{"cacheTtlByStatus":{"abc":1}}}"#,
        r#"{"cf":{"cacheEverything":1}}"#,
    ] {
        let answer = ask(&edge, &with("/wrong", options), &[]).await;
        assert_eq!(answer.status, 500, "{options}: {}", answer.text());
    }
    assert_eq!(origin.requests(), 7, "what is wrong is not sent");
}

#[tokio::test]
async fn a_stale_response_is_confirmed_or_fetched_anew() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    // The origin reads its paths as they are written.
    let path = "/cache-control:max-age=0/etag:\"same\"";
    let code = format!(
        "export default {{ fetch: () => fetch('{}{path}') }}",
        origin.url()
    );
    edge.serve_script("shop", &code).await;
    // Waiting for its hostname has asked already.
    for _ in 0..2 {
        let answer = ask(&edge, "/", &[]).await;
        assert_eq!(state(&answer), "REVALIDATED answer 1");
        let count = origin.requests().to_string();
        assert_eq!(answer.header("x-count"), count, "the 304's fields count");
    }
}

#[tokio::test]
async fn stale_responses_serve_while_the_origin_is_slow_or_gone() {
    let failing = Arc::<AtomicUsize>::default();
    let (count, fails) = (Arc::<AtomicUsize>::default(), failing.clone());
    let origin = Origin::answering(move |_| {
        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
        let status = match fails.load(Ordering::SeqCst) {
            0 => "200 OK",
            _ => "503 Gone",
        };
        let told = "max-age=1, stale-while-revalidate=1, stale-if-error=600";
        let body = format!("answer {n}");
        format!(
            "HTTP/1.1 {status}\r\ncache-control: {told}\r\nage: 1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into()
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    passing(&edge, "shop", &origin).await;
    assert_eq!(state(&ask(&edge, "/", &[]).await), "MISS answer 1");
    // It came stale, and may be used for a second while it is fetched anew.
    let second = state(&ask(&edge, "/", &[]).await);
    assert!(
        ["UPDATING answer 1", "EXPIRED answer 2"].contains(&second.as_str()),
        "{second}"
    );
    until("it was fetched anew", async || origin.requests() >= 2).await;
    failing.store(1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let last = state(&ask(&edge, "/", &[]).await);
    assert!(last.starts_with("STALE answer "), "{last}");
}

#[tokio::test]
async fn many_who_ask_at_once_cost_the_origin_one_request() {
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let origin = Origin::handling(move |mut wire: Wire| {
        let count = count.clone();
        async move {
            while wire.request().await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
                wire.send(
                    "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: 8\r\n\r\nhal",
                )
                .await;
                tokio::time::sleep(Duration::from_millis(500)).await;
                wire.send("f and h").await;
            }
        }
    })
    .await;
    let edge = Edge::javascript_with(OUTWARD).await;
    passing(&edge, "shop", &origin).await;
    let visits: Vec<_> = (0..20)
        .map(|_| {
            let port = edge.port;
            tokio::spawn(
                async move { request(port, "GET", "shop.test", "/", &[], Vec::new()).await },
            )
        })
        .collect();
    for visit in visits {
        assert_eq!(visit.await.expect("an answer").text(), "half and");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // One who leaves in the middle loses nothing for those who come later.
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /left HTTP/1.1\r\nhost: shop.test\r\n\r\n")
        .await;
    until("the origin was asked", async || {
        asked.load(Ordering::SeqCst) == 2
    })
    .await;
    drop(wire);
    until("it is kept", async || {
        let answer = request(edge.port, "GET", "shop.test", "/left", &[], Vec::new()).await;
        answer.header("cf-cache-status") == "HIT"
    })
    .await;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn parts_and_conditions_are_answered_from_what_is_kept() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    let path = "/cache-control:max-age=60/etag:\"v1\"/last-modified:Mon,%2001%20Jan%202024%2000:00:00%20GMT";
    let code = format!(
        "export default {{ fetch: (request) => fetch('{}{path}', {{ headers: request.headers, method: request.method }}) }}",
        origin.url()
    );
    edge.serve_script("shop", &code).await;
    // Waiting for its hostname was an OPTIONS.
    assert_eq!(state(&ask(&edge, "/", &[]).await), "MISS answer 2");
    // A part is served once all of it is there, which may be a moment after the visitor has had it.
    until("it is all there", async || {
        edge.metric(r#"cirque_cache_bytes{tenant="shop"}"#).await > 0.0
    })
    .await;
    for (field, status, text) in [
        (("range", "bytes=0-2"), 206, "ans"),
        (("range", "bytes=-1"), 206, "2"),
        (("range", "bytes=99-"), 416, ""),
        (("range", "lines=1-2"), 200, "answer 2"),
        (("if-none-match", "\"v1\""), 304, ""),
        (("if-none-match", "\"v2\", W/\"v1\""), 304, ""),
        (("if-none-match", "\"v2\""), 200, "answer 2"),
        (
            ("if-modified-since", "Tue, 02 Jan 2024 00:00:00 GMT"),
            304,
            "",
        ),
        (
            ("if-modified-since", "Sun, 31 Dec 2023 00:00:00 GMT"),
            200,
            "answer 2",
        ),
    ] {
        let answer = ask(&edge, "/", &[field]).await;
        assert_eq!(answer.status, status, "{field:?}: {}", answer.text());
        assert_eq!(answer.text(), text, "{field:?}");
        assert_eq!(answer.header("cf-cache-status"), "HIT", "{field:?}");
    }
    let head = request(edge.port, "HEAD", "shop.test", "/", &[], Vec::new()).await;
    assert_eq!(head.header("content-length"), "8");
    // What changes it has it forgotten.
    request(edge.port, "POST", "shop.test", "/", &[], Vec::new()).await;
    let after = state(&ask(&edge, "/", &[]).await);
    assert!(after.starts_with("MISS answer "), "{after}");
}

#[tokio::test]
async fn a_response_is_kept_for_each_thing_it_varies_by() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    passing(&edge, "shop", &origin).await;
    let path = "/cache-control:max-age=60/vary:x-kind";
    for (kind, expected) in [
        ("a", "MISS answer 1"),
        ("b", "MISS answer 2"),
        ("a", "HIT answer 1"),
        ("b", "HIT answer 2"),
    ] {
        let answer = ask(&edge, path, &[("x-kind", kind)]).await;
        assert_eq!(state(&answer), expected, "{kind}");
    }
    let fields: Vec<String> = (0..17).map(|n| format!("x-{n}")).collect();
    let bomb = format!("/cache-control:max-age=60/vary:{}", fields.join(","));
    for _ in 0..2 {
        let answer = ask(&edge, &bomb, &[]).await;
        assert_eq!(answer.header("cf-cache-status"), "BYPASS");
    }
}

#[tokio::test]
async fn tenants_never_meet_in_a_cache() {
    let (edge, origin) = (Edge::javascript_with(OUTWARD).await, counting().await);
    let code = format!(
        "export default {{ async fetch(request) {{
           const url = '{}/same/cache-control:max-age=60';
           const cache = await caches.open('same');
           const kept = await cache.match(url);
           if (new URL(request.url).pathname === '/put') await cache.put(url, new Response('of ' + request.url));
           const fetched = await fetch(url);
           return new Response((kept ? await kept.text() : 'nothing') + ' ' + await fetched.text());
         }} }}",
        origin.url()
    );
    for name in ["one/shop", "two/shop", "shop", "one/other"] {
        let output = edge.deploy_modules(name, &[("worker.js", &code)], "{}");
        assert!(output.status.success());
        let host = format!("{}.test", name.replace('/', "-"));
        edge.cirque(&["route", &host, name]);
        edge.until_routed(&host).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    for host in [
        "one-shop.test",
        "two-shop.test",
        "shop.test",
        "one-other.test",
    ] {
        let text = edge.get(host, "/put").await.text();
        assert!(text.starts_with("nothing answer "), "{host}: {text}");
        assert!(seen.insert(text), "{host} saw another's");
    }
    for host in [
        "one-shop.test",
        "two-shop.test",
        "shop.test",
        "one-other.test",
    ] {
        let text = edge.get(host, "/").await.text();
        assert!(
            text.starts_with(&format!("of http://{host}/put answer ")),
            "{host}: {text}"
        );
    }
}

/// What a worker's caches do, one expression each, with what it gives.
const CACHE_API: &[(&str, &str)] = &[
    ("await cache.match('http://a/')", "undefined"),
    (
        "await cache.put('http://a/', new Response('one', { headers: { 'x-a': '1' } }))",
        "undefined",
    ),
    ("(await cache.match('http://a/')).headers.get('x-a')", "1"),
    (
        "await (await cache.match(new Request('http://a/#part'))).text()",
        "one",
    ),
    (
        "(await cache.match('http://a/')).headers.get('cf-cache-status')",
        "HIT",
    ),
    (
        "(await (await caches.open('other')).match('http://a/'))",
        "undefined",
    ),
    (
        "await cache.match(new Request('http://a/', { method: 'POST' }))",
        "undefined",
    ),
    (
        "await (await cache.match(new Request('http://a/', { method: 'POST' }), { ignoreMethod: true })).text()",
        "one",
    ),
    (
        "(await cache.match(new Request('http://a/', { headers: { range: 'bytes=1-' } }))).status",
        "206",
    ),
    (
        "await cache.put('http://b/', new Response('x', { headers: { 'cache-control': 'no-store' } }))",
        "undefined",
    ),
    ("await cache.match('http://b/')", "undefined"),
    (
        "await cache.put('http://c/', new Response('x', { headers: { 'set-cookie': 'a=b' } }))",
        "undefined",
    ),
    ("await cache.match('http://c/')", "undefined"),
    (
        "await cache.put('http://c/', new Response('x', { headers: { 'set-cookie': 'a=b', 'cache-control': 'private=Set-Cookie, max-age=9' } }))",
        "undefined",
    ),
    (
        "(await cache.match('http://c/')).headers.get('set-cookie')",
        "null",
    ),
    (
        "await cache.put('http://d/', new Response(new Response('streamed').body))",
        "undefined",
    ),
    ("await (await cache.match('http://d/')).text()", "streamed"),
    (
        "await cache.put('http://e/', new Response('e', { headers: { etag: '\"e\"' } }))",
        "undefined",
    ),
    (
        "(await cache.match(new Request('http://e/', { headers: { 'if-none-match': '\"e\"' } }))).status",
        "304",
    ),
    ("await cache.delete('http://a/')", "true"),
    ("await cache.delete('http://a/')", "false"),
    ("await cache.match('http://a/')", "undefined"),
    (
        "await cache.put(new Request('http://a/', { method: 'POST' }), new Response('x'))",
        "TypeError: Cannot cache response to non-GET request.",
    ),
    (
        "await cache.put('http://a/', new Response('x', { status: 206 }))",
        "TypeError: Cannot cache response to a range request (206 Partial Content).",
    ),
    (
        "await cache.put('http://a/', new Response('x', { headers: { vary: 'a, *' } }))",
        "TypeError: Cannot cache response with 'Vary: *' header.",
    ),
    (
        "await cache.put('http://a/', 'x')",
        "TypeError: cache.put() needs a Response",
    ),
    (
        "await cache.match()",
        "TypeError: cache.match() needs a Request or a URL",
    ),
    (
        "await cache.match('no url')",
        "TypeError: Invalid URL: 'no url'",
    ),
    (
        "await caches.open()",
        "TypeError: caches.open() needs a name",
    ),
    ("new Cache()", "TypeError: Illegal constructor"),
    (
        "caches instanceof CacheStorage && cache instanceof Cache",
        "true",
    ),
];

#[tokio::test]
async fn a_worker_has_caches_of_its_own() {
    let edge = Edge::javascript().await;
    let code = "export default { async fetch(request, env) {
        const cache = await caches.open('test');
        const steps = await request.json();
        const results = [];
        for (const step of steps) {
          try { results.push(String(await STEPS[step](cache))); } catch (e) { results.push(String(e)); }
        }
        return Response.json(results);
      } };";
    let steps: Vec<String> = CACHE_API
        .iter()
        .map(|(step, _)| format!("async (cache) => ({step})"))
        .collect();
    let code = format!("const STEPS = [{}];\n{code}", steps.join(",\n"));
    edge.serve_script("caches", &code).await;
    let all: Vec<usize> = (0..CACHE_API.len()).collect();
    let body = serde_json::to_vec(&all).expect("JSON");
    let answer = request(edge.port, "POST", "caches.test", "/", &[], body).await;
    let results: Vec<String> = serde_json::from_slice(&answer.body).expect("JSON");
    for ((step, expected), found) in CACHE_API.iter().zip(results) {
        assert_eq!(found, *expected, "{step}");
    }
}

#[tokio::test]
async fn the_default_cache_is_for_who_is_trusted() {
    let edge = Edge::javascript().await;
    let code = "export default { async fetch() {
        await caches.default.put('http://a/', new Response('kept'));
        return new Response(await (await caches.default.match('http://a/')).text());
      } };";
    edge.serve_script("regular", code).await;
    assert_eq!(edge.get("regular.test", "/").await.text(), "kept");
    assert_eq!(edge.get("regular.test", "/").await.status, 200);
    let code = "const early = caches; export default { async fetch() {
        try { return new Response(typeof early.default); } catch (e) { return new Response(String(e)); }
      } };";
    let output = edge.deploy_modules("tenants/user", &[("worker.js", code)], "{}");
    assert!(output.status.success());
    edge.cirque(&["route", "user.test", "tenants/user"]);
    edge.until_routed("user.test").await;
    let text = edge.get("user.test", "/").await.text();
    assert!(
        text.starts_with("TypeError: caches.default is shared")
            && text.contains("caches.open(name)"),
        "{text}"
    );
}

#[tokio::test]
async fn who_keeps_too_much_loses_his_own() {
    let settings = [
        OUTWARD,
        &[
            "cache.memory_mb=64",
            "cache.owner_mb=1",
            "cache.object_bytes_max=300000",
        ],
    ]
    .concat();
    let edge = Edge::javascript_with(&settings).await;
    let code = "export default { async fetch(request) {
        const cache = await caches.open('big'), { searchParams } = new URL(request.url);
        const [put, size] = [searchParams.get('put'), Number(searchParams.get('size'))];
        if (put) await cache.put('http://a/' + put, new Response(new Uint8Array(size)));
        let kept = 0;
        for (let n = 0; n < 20; n++) if (await cache.match('http://a/' + n)) kept++;
        return new Response(String(kept));
      } };";
    for name in ["greedy", "modest"] {
        edge.serve_script(name, code).await;
    }
    assert_eq!(
        edge.get("modest.test", "/?put=1&size=100000").await.text(),
        "1"
    );
    let mut kept = String::new();
    for n in 0..20 {
        kept = edge
            .get("greedy.test", &format!("/?put={n}&size=200000"))
            .await
            .text();
    }
    let kept: usize = kept.parse().expect("a number");
    assert!((3..=5).contains(&kept), "{kept} of 200 kB in 1 MiB");
    assert_eq!(edge.get("modest.test", "/").await.text(), "1");
    assert_eq!(
        edge.get("modest.test", "/?put=2&size=400000").await.text(),
        "1",
        "too large"
    );
    let evicted = r#"cirque_cache_evicted_total{tenant="greedy"}"#;
    assert_eq!(edge.metric(evicted).await, (20 - kept) as f64);
    let bytes = edge.metric(r#"cirque_cache_bytes{tenant="greedy"}"#).await;
    assert!(bytes < (1 << 20) as f64 && bytes > 600_000.0, "{bytes}");
}

#[tokio::test]
async fn an_origin_that_lies_spoils_nothing() {
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let origin = Origin::handling(move |mut wire: Wire| {
        let count = count.clone();
        async move {
            while let Some(request) = wire.request().await {
                let n = count.fetch_add(1, Ordering::SeqCst) + 1;
                let text = String::from_utf8_lossy(&request).into_owned();
                let fresh = "cache-control: max-age=600\r\n";
                let path = text.split(' ').nth(1).unwrap_or_default();
                let answer = match path {
                    "/short" => format!("HTTP/1.1 200 OK\r\n{fresh}content-length: 100\r\n\r\nshort"),
                    "/unasked" => format!("HTTP/1.1 304 Not Modified\r\n{fresh}etag: \"a\"\r\n\r\n"),
                    "/old" => format!("HTTP/1.1 200 OK\r\n{fresh}age: 99999999999\r\ncontent-length: 1\r\n\r\n{}", n % 10),
                    "/ages" => format!("HTTP/1.1 200 OK\r\n{fresh}age: 1, 2\r\ncontent-length: 1\r\n\r\n{}", n % 10),
                    "/flood" => format!("HTTP/1.1 200 OK\r\n{fresh}{}content-length: 1\r\n\r\nx", "a: b\r\n".repeat(5_000)),
                    "/lengths" => format!("HTTP/1.1 200 OK\r\n{fresh}content-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
                    "/chunks" => format!("HTTP/1.1 200 OK\r\n{fresh}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"),
                    "/endless" => {
                        let head = format!("HTTP/1.1 200 OK\r\n{fresh}transfer-encoding: chunked\r\n\r\n");
                        if wire.try_send(head).await.is_err() {
                            return;
                        }
                        let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
                        while wire.try_send(&chunk).await.is_ok() {
                            tokio::time::sleep(Duration::from_micros(100)).await;
                        }
                        return;
                    }
                    _ => "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood".to_owned(),
                };
                let ends = path != "/";
                if wire.try_send(answer).await.is_err() || ends {
                    return;
                }
            }
        }
    })
    .await;
    let settings = [OUTWARD, &["cache.object_bytes_max=100000"]].concat();
    let edge = Edge::javascript_with(&settings).await;
    passing(&edge, "shop", &origin).await;
    for path in [
        "/short", "/unasked", "/old", "/ages", "/flood", "/lengths", "/chunks",
    ] {
        let before = asked.load(Ordering::SeqCst);
        for n in 1..=2 {
            let answer = ask(&edge, path, &[]).await;
            assert_ne!(
                answer.header("cf-cache-status"),
                "HIT",
                "{path}: {}",
                answer.text()
            );
            assert!(
                asked.load(Ordering::SeqCst) >= before + n,
                "{path} was kept"
            );
            let is_failure = answer.status >= 500 || answer.is_broken || answer.status == 304;
            assert!(
                is_failure || ["/old", "/ages"].contains(&path),
                "{path}: {}",
                answer.status
            );
        }
    }
    let mut wire = Wire::open(edge.port).await;
    wire.send("GET /endless HTTP/1.1\r\nhost: shop.test\r\n\r\n")
        .await;
    let mut read = 0;
    while read < 500_000 {
        read += wire.read().await.len();
    }
    drop(wire);
    until("nobody fetches it any more", async || {
        edge.metric("cirque_invocations").await == 0.0
    })
    .await;
    assert_eq!(ask(&edge, "/", &[]).await.text(), "good");
    assert_eq!(
        edge.metric(r#"cirque_cache_bytes{tenant="shop"}"#).await,
        0.0
    );
}

#[tokio::test]
async fn a_component_keeps_responses_by_the_same_rules() {
    let edge = Edge::with(&["cache.object_bytes_max=1000"]).await;
    for name in ["one/keeper", "two/keeper"] {
        edge.deploy(name, "cache");
        let host = format!("{}.test", name.replace('/', "-"));
        edge.cirque(&["route", &host, name]);
        edge.until_routed(&host).await;
    }
    for (host, act, fields, body, status, expected) in [
        ("one", "match", &[][..], "", 200, "nothing"),
        ("one", "put", &[], "first", 200, "kept true"),
        ("one", "match", &[], "", 200, "200 first"),
        ("one", "match", &[("range", "bytes=1-2")], "", 200, "206 ir"),
        ("two", "match", &[], "", 200, "nothing"),
        (
            "one",
            "put",
            &[("x-cache-control", "no-store")],
            "second",
            200,
            "kept false",
        ),
        ("one", "match", &[], "", 200, "200 first"),
        (
            "one",
            "put",
            &[("x-status", "999999")],
            "x",
            200,
            "kept true",
        ),
        (
            "one",
            "put",
            &[("x-status", "99")],
            "x",
            500,
            "99 is no status",
        ),
        (
            "one",
            "put",
            &[("x-url", "ftp://a/")],
            "x",
            500,
            "\"ftp://a/\" is no URL with http or https",
        ),
        ("one", "delete", &[], "", 200, "gone true"),
        ("one", "delete", &[], "", 200, "gone false"),
        ("one", "match", &[], "", 200, "nothing"),
    ] {
        let mut all = vec![("x-do", act)];
        if !fields.iter().any(|(name, _)| *name == "x-url") {
            all.push(("x-url", "http://a/"));
        }
        all.extend_from_slice(fields);
        let host = format!("{host}-keeper.test");
        let answer = request(edge.port, "POST", &host, "/", &all, body.into()).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, expected),
            "{act} {fields:?}"
        );
    }
    let long = vec![b'x'; 2_000];
    let all = [("x-do", "put"), ("x-url", "http://long/")];
    let answer = request(edge.port, "POST", "one-keeper.test", "/", &all, long).await;
    assert_eq!(answer.text(), "kept false");
}
