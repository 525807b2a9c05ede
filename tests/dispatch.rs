//! Workers that call workers: dispatchers, service bindings, and what they share.

use super::harness::origin::Origin;
use super::harness::wire::Wire;
use super::harness::{Edge, request, until};

/// Cloudflare's own example: the first label of the hostname is the user worker's name.
const BY_SUBDOMAIN: &str = "export default {
  async fetch(request, env) {
    try {
      let workerName = new URL(request.url).host.split('.')[0];
      let userWorker = env.DISPATCHER.get(workerName);
      return await userWorker.fetch(request);
    } catch (e) {
      if (e.message.startsWith('Worker not found')) {
        return new Response('', { status: 404 });
      }
      return new Response(e.message, { status: 500 });
    }
  }
};";

const DISPATCHER: &str = r#"{"main_module":"worker.js","bindings":[{"type":"dispatch_namespace","name":"DISPATCHER","namespace":"production"}]}"#;

/// An edge whose every hostname without a record of its own leads to this dispatcher.
async fn dispatching(code: &str, metadata: &str, settings: &[&str]) -> Edge {
    let edge = Edge::javascript_with(settings).await;
    let output = edge.deploy_modules("dispatcher", &[("worker.js", code)], metadata);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{message}");
    lead(&edge, "*", "dispatcher").await;
    edge
}

/// Leads a hostname to a dispatcher. It says 404 as well: what counts is who says it.
async fn lead(edge: &Edge, hostname: &str, dispatcher: &str) {
    edge.cirque(&["route", hostname, dispatcher]);
    until("the dispatcher answers", async || {
        let hostname = hostname.replace('*', "nobody.test");
        !edge.get(&hostname, "/").await.text().contains("No site")
    })
    .await;
}

/// Deploys a user worker into the namespace; it becomes known when it is first asked for.
fn user(edge: &Edge, name: &str, code: &str) {
    with_metadata(edge, &format!("production/{name}"), code, "{}");
}

fn with_metadata(edge: &Edge, name: &str, code: &str, metadata: &str) {
    let output = edge.deploy_modules(name, &[("worker.js", code)], metadata);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {message}");
}

/// A worker whose handler has this body.
fn handler(body: &str) -> String {
    format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}")
}

#[tokio::test]
async fn a_dispatcher_hands_the_request_to_the_worker_it_names() {
    let edge = dispatching(BY_SUBDOMAIN, DISPATCHER, &[]).await;
    user(
        &edge,
        "shop",
        &handler(
            "return new Response(`shop: ${request.method} ${request.url} ${request.headers.get('x-a')} ${await request.text()}`,
               { status: 201, headers: { 'x-from': 'shop' } })",
        ),
    );
    user(
        &edge,
        "broken",
        &handler("throw new RangeError('out of stock')"),
    );
    let answer = request(
        edge.port,
        "POST",
        "shop.platform.test",
        "/cart?item=1",
        &[("x-a", "b")],
        b"content".to_vec(),
    )
    .await;
    assert_eq!((answer.status, answer.header("x-from")), (201, "shop"));
    assert_eq!(
        answer.text(),
        "shop: POST http://shop.platform.test/cart?item=1 b content"
    );
    let missing = edge.get("unknown.platform.test", "/").await;
    assert_eq!((missing.status, missing.text().as_str()), (404, ""));
    let broken = edge.get("broken.platform.test", "/").await;
    assert_eq!(
        (broken.status, broken.text().as_str()),
        (500, "out of stock")
    );
    // Both are counted, each once.
    let requests = |tenant: &str, class: &str| {
        format!("cirque_requests_total{{status=\"{class}\",tenant=\"{tenant}\"}}")
    };
    assert_eq!(edge.metric(&requests("production/shop", "2xx")).await, 1.0);
    assert_eq!(
        edge.metric(&requests("production/broken", "5xx")).await,
        1.0
    );
    assert_eq!(edge.metric(&requests("dispatcher", "2xx")).await, 1.0);
    edge.until_idle().await;
}

/// Cloudflare's other example: the first part of the path is the user worker's name, and nothing is caught.
#[tokio::test]
async fn a_dispatcher_goes_by_the_path() {
    let code = "export default {
      async fetch(request, env) {
        const path = new URL(request.url).pathname.split('/').filter(Boolean);
        if (path.length === 0) return new Response('invalid path', { status: 400 });
        if (request.headers.get('authorization') !== 'Bearer known') return new Response('who are you?', { status: 401 });
        const userWorker = env.DISPATCHER.get(path[0]);
        return userWorker.fetch(request);
      },
    };";
    let edge = dispatching(code, DISPATCHER, &[]).await;
    user(
        &edge,
        "shop",
        &handler("return new Response('shop ' + new URL(request.url).pathname)"),
    );
    let known = [("authorization", "Bearer known")];
    assert_eq!(edge.get("a.test", "/").await.status, 400);
    assert_eq!(edge.get("a.test", "/shop/cart").await.status, 401);
    let answer = edge.get_with("a.test", "/shop/cart", &known).await;
    assert_eq!(answer.text(), "shop /shop/cart");
    let missing = edge.get_with("a.test", "/nobody", &known).await;
    assert!(
        missing.status == 500 && missing.text().contains("1101"),
        "{}",
        missing.text()
    );
    edge.until_logged(&["Worker not found"]).await;
}

#[tokio::test]
async fn a_limit_of_the_user_worker_reaches_the_dispatcher_and_then_the_visitor() {
    let edge = dispatching(BY_SUBDOMAIN, DISPATCHER, &["limits.cpu_ms=200"]).await;
    user(&edge, "loop", &handler("for (;;);"));
    user(
        &edge,
        "memory",
        &handler("const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));"),
    );
    let origin = Origin::echo().await;
    let many = format!(
        "for (let i = 0; i < 100; i++) await fetch('{}'); return new Response()",
        origin.url()
    );
    user(&edge, "many", &handler(&many));
    for (name, message) in [
        ("loop", "Worker exceeded CPU time limit."),
        ("memory", "Worker exceeded memory limit."),
    ] {
        let answer = edge.get(&format!("{name}.test"), "/").await;
        assert_eq!((answer.status, answer.text().as_str()), (500, message));
    }
    // The dispatcher does not pay for it.
    let exceeded =
        |tenant| format!("cirque_limits_exceeded_total{{limit=\"cpu\",tenant=\"{tenant}\"}}");
    assert_eq!(edge.metric(&exceeded("production/loop")).await, 1.0);
    assert_eq!(edge.metric(&exceeded("dispatcher")).await, 0.0);

    // Uncaught: the page says whose limit it was.
    let code =
        handler("return env.DISPATCHER.get('loop', {}, { limits: { cpuMs: 20 } }).fetch(request)");
    with_metadata(&edge, "careless", &code, DISPATCHER);
    edge.cirque(&["route", "careless.test", "careless"]);
    edge.until_routed("careless.test").await;
    let page = edge.get("careless.test", "/").await;
    assert_eq!(page.status, 503);
    assert!(
        page.text().contains("1102") && page.text().contains("CPU"),
        "{}",
        page.text()
    );
    let code = handler("return env.DISPATCHER.get('no/body').fetch(request)");
    with_metadata(&edge, "careless", &code, DISPATCHER);
    until("the new version serves", async || {
        edge.get("careless.test", "/").await.text().contains("1101")
    })
    .await;
}

#[tokio::test]
async fn a_call_can_lower_limits_and_not_raise_them() {
    let origin = Origin::echo().await;
    let code = handler(
        "const limits = JSON.parse(request.headers.get('x-limits'));
         try { return await env.DISPATCHER.get('worker', {}, { limits }).fetch(request) }
         catch (e) { return new Response(`${e.name}: ${e.message}`, { status: 500 }) }",
    );
    let settings = [r#"egress.allow_addresses=["127.0.0.0/8"]"#];
    let edge = dispatching(&code, DISPATCHER, &settings).await;
    let fetches = format!(
        "let n = 0; try {{ for (; n < 10; n++) await fetch('{}') }} catch (e) {{ return new Response(n + ' ' + e.message) }}
         return new Response(String(n))",
        origin.url()
    );
    with_metadata(
        &edge,
        "production/worker",
        &handler(&fetches),
        r#"{"main_module":"worker.js","limits":{"subrequests":5}}"#,
    );
    let ask = async |limits: &str| {
        edge.get_with("a.test", "/", &[("x-limits", limits)])
            .await
            .text()
    };
    // The dispatcher's first question was whether there is such a worker; the edge hears that there is one now.
    until("the worker is known", async || {
        ask("{}").await != "Error: Worker not found"
    })
    .await;
    assert_eq!(ask(r#"{"subRequests":2}"#).await, "2 Too many subrequests.");
    assert_eq!(ask(r#"{"subRequests":9}"#).await, "5 Too many subrequests.");
    assert_eq!(ask("{}").await, "5 Too many subrequests.");
    assert!(
        ask(r#"{"subrequests":2}"#)
            .await
            .starts_with("TypeError: There is no limit subrequests")
    );
    assert!(
        ask(r#"{"cpuMs":"2"}"#)
            .await
            .starts_with("TypeError: The limit cpuMs")
    );
    assert!(
        ask(r#"{"cpuMs":-1}"#)
            .await
            .starts_with("TypeError: The limit cpuMs")
    );
}

#[tokio::test]
async fn one_budget_is_shared_by_the_whole_tree() {
    let origin = Origin::echo().await;
    // Five calls of a worker that sends ten requests: the dispatcher has eight for all of them.
    let code = handler(
        "let done = 0;
         for (let i = 0; i < 5; i++) {
           try { done += Number(await (await env.DISPATCHER.get('worker').fetch(request.url)).text()) } catch (e) { return new Response(done + ' ' + e.message) }
         }
         return new Response(String(done))",
    );
    let metadata = DISPATCHER.replace(
        "\"bindings\"",
        "\"limits\":{\"subrequests\":8},\"bindings\"",
    );
    let settings = [r#"egress.allow_addresses=["127.0.0.0/8"]"#];
    let edge = dispatching(&code, &metadata, &settings).await;
    let fetches = format!(
        "let n = 0; try {{ for (; n < 3; n++) await (await fetch('{}')).text() }} catch {{}} return new Response(String(n))",
        origin.url()
    );
    user(&edge, "worker", &handler(&fetches));
    // 1 + 3 and 1 + 3; the third call finds nothing left.
    until("the worker is known", async || {
        edge.get("a.test", "/").await.text() != "0 Worker not found"
    })
    .await;
    assert_eq!(
        edge.get("a.test", "/").await.text(),
        "6 Too many subrequests."
    );
}

#[tokio::test]
async fn workers_call_each_other_sixteen_deep_and_no_deeper() {
    let code = handler(
        "const depth = Number(request.headers.get('x-depth') ?? 0) + 1;
         const headers = new Headers(request.headers); headers.set('x-depth', String(depth));
         try { return await env.SELF.fetch(request.url, { headers }) }
         catch (e) { return new Response(`${depth} ${e.message}`) }",
    );
    let metadata = r#"{"main_module":"worker.js","bindings":[{"type":"service","name":"SELF","service":"dispatcher"}]}"#;
    let edge = dispatching(&code, metadata, &[]).await;
    let text = edge.get("a.test", "/").await.text();
    assert!(
        text.starts_with("16 Subrequest depth limit exceeded."),
        "{text}"
    );
    let label = "cirque_limits_exceeded_total{limit=\"depth\",tenant=\"dispatcher\"}";
    let before = edge.metric(label).await;
    edge.get("a.test", "/").await;
    assert_eq!(edge.metric(label).await - before, 1.0);
    with_metadata(
        &edge,
        "dispatcher",
        &handler("return env.SELF.fetch(request)"),
        metadata,
    );
    until("the new version serves", async || {
        let page = edge.get("a.test", "/").await;
        page.status == 508 && page.text().contains("1019")
    })
    .await;
    edge.until_idle().await;
}

#[tokio::test]
async fn a_worker_that_fetches_its_own_hostname_goes_on_where_it_was() {
    let edge = Edge::javascript_with(&[r#"egress.allow_addresses=["127.0.0.0/8"]"#]).await;
    // An edge's own addresses are out of reach; a load balancer in front of it is not.
    let balancer = forwarder(edge.port).await;
    let code = handler(&format!(
        "const depth = Number(new URL(request.url).searchParams.get('depth') ?? 0) + 1;
         const forged = {{ headers: {{ 'x-cirque-via': '0000000000000000.0.9999.99999.00000000000000000000000000000000' }} }};
         const seen = request.headers.get('x-cirque-via');
         if (seen !== null) return new Response('it sees ' + seen);
         const answer = await fetch('http://127.0.0.1:{balancer}/?depth=' + depth, forged);
         return new Response(answer.status === 200 ? await answer.text() : `${{depth}} ${{answer.status}}`)"
    ));
    edge.serve_script("loop", &code).await;
    edge.cirque(&["route", "127.0.0.1", "loop"]);
    edge.until_routed("127.0.0.1").await;
    for forged in [
        "",
        "0000000000000000.0.9999.99999.00000000000000000000000000000000",
        "x",
    ] {
        let answer = edge
            .get_with("loop.test", "/", &[("x-cirque-via", forged)])
            .await;
        assert_eq!(answer.text(), "16 508", "{forged:?}");
    }
    // And its budget goes along: 3 requests, however they are sent.
    let code = handler(&format!(
        "try {{ const answer = await fetch('http://127.0.0.1:{balancer}/'); return new Response('1' + await answer.text()) }}
         catch (e) {{ return new Response('0 ' + e.message) }}"
    ));
    with_metadata(
        &edge,
        "loop",
        &code,
        r#"{"main_module":"worker.js","limits":{"subrequests":3}}"#,
    );
    until("the new version serves", async || {
        edge.get("loop.test", "/").await.text() == "1110 Too many subrequests."
    })
    .await;
}

/// A port that leads to another one.
async fn forwarder(to: u16) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut there = tokio::net::TcpStream::connect(("127.0.0.1", to))
                    .await
                    .expect("the edge");
                let _ = tokio::io::copy_bidirectional(&mut from, &mut there).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn bodies_stream_through_both_workers() {
    let edge = dispatching(BY_SUBDOMAIN, DISPATCHER, &[]).await;
    user(&edge, "echo", &handler("return new Response(request.body)"));
    user(
        &edge,
        "upper",
        &handler(
            "const { readable, writable } = new TransformStream({ transform(chunk, c) { c.enqueue(chunk.map((b) => b ^ 0x20)) } });
             ctx.waitUntil(request.body.pipeTo(writable)); return new Response(readable)",
        ),
    );
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
    let before = edge.resident_bytes();
    let echoed = edge.post("echo.test", "/", body.clone()).await;
    assert!(echoed.body == body, "{} bytes came back", echoed.body.len());
    let upper: Vec<u8> = body.iter().map(|b| b ^ 0x20).collect();
    assert!(edge.post("upper.test", "/", body).await.body == upper);
    let after = edge.resident_bytes();
    assert!(
        after < before + (64 << 20),
        "{before} {after}: a body was gathered"
    );
}

#[tokio::test]
async fn a_service_binding_calls_a_regular_worker_and_its_named_exports() {
    let metadata = r#"{"main_module":"worker.js","bindings":[
        {"type":"service","name":"API","service":"api","environment":"production"},
        {"type":"service","name":"ADMIN","service":"api","entrypoint":"Admin"},
        {"type":"service","name":"NOBODY","service":"nobody"},
        {"type":"service","name":"WRONG","service":"api","entrypoint":"Nothing"}]}"#;
    let code = handler(
        "const name = new URL(request.url).pathname.slice(1);
         try { return await env[name].fetch('https://internal/path', { method: 'PUT', body: 'x' }) }
         catch (e) { return new Response(`${e.name}: ${e.message}`) }",
    );
    let edge = dispatching(&code, metadata, &[]).await;
    with_metadata(
        &edge,
        "api",
        "import { WorkerEntrypoint } from 'cloudflare:workers';
         export default { async fetch(request) { return new Response(`api ${request.method} ${request.url} ${await request.text()}`) } };
         export class Admin extends WorkerEntrypoint { fetch(request) { return new Response(`admin ${request.method}`) } }",
        r#"{"main_module":"worker.js"}"#,
    );
    assert_eq!(
        edge.get("a.test", "/API").await.text(),
        "api PUT https://internal/path x"
    );
    assert_eq!(edge.get("a.test", "/ADMIN").await.text(), "admin PUT");
    assert_eq!(
        edge.get("a.test", "/NOBODY").await.text(),
        "Error: Worker not found"
    );
    let text = edge.get("a.test", "/WRONG").await.text();
    assert!(
        text.starts_with("Error: ") && text.contains("no handler"),
        "{text}"
    );
}

#[tokio::test]
async fn a_binding_that_leads_nowhere_says_so_when_it_is_used() {
    let metadata = r#"{"main_module":"worker.js","bindings":[
        {"type":"durable_object_namespace","name":"ROOM","class_name":"Room"},
        {"type":"queue","name":"QUEUE","queue_name":"orders"}]}"#;
    let code = handler(
        "const known = 'ROOM' in env && 'QUEUE' in env && typeof env.QUEUE;
         try { await env.QUEUE.send({ a: 1 }) } catch (e) { return new Response(`${known} ${e.message}`) }",
    );
    let edge = dispatching(&code, metadata, &[]).await;
    assert_eq!(
        edge.get("a.test", "/").await.text(),
        "object env.QUEUE cannot be used: bindings of type \"queue\" lead nowhere on this edge"
    );
}

#[tokio::test]
async fn only_workers_that_the_operator_trusts_see_what_the_edge_knows_of_the_visitor() {
    let show = handler("return Response.json(request.cf ?? null)");
    let edge = dispatching(BY_SUBDOMAIN, DISPATCHER, &[]).await;
    edge.put_record(
        "cirque:hostname:meta.test",
        r#"{"worker":"show","metadata":{"worker_name":"shop","plan":7}}"#,
    );
    with_metadata(&edge, "show", &show, r#"{"main_module":"worker.js"}"#);
    user(&edge, "show", &show);
    edge.until_routed("meta.test").await;
    let seen: serde_json::Value = edge.get("meta.test", "/").await.json();
    assert_eq!(seen["httpProtocol"], "HTTP/1.1");
    assert_eq!(seen["hostMetadata"]["worker_name"], "shop");
    assert_eq!(edge.get("show.test", "/").await.text(), "null");
    edge.put_record(
        "cirque:namespace:{production}",
        r#"{"trusted_workers":true}"#,
    );
    until("the namespace is trusted", async || {
        edge.get("show.test", "/").await.text() == r#"{"httpProtocol":"HTTP/1.1"}"#
    })
    .await;
}

#[tokio::test]
async fn a_visitor_who_leaves_takes_the_whole_tree_along() {
    let edge = dispatching(BY_SUBDOMAIN, DISPATCHER, &[]).await;
    user(
        &edge,
        "wait",
        &handler("await scheduler.wait(25_000); return new Response()"),
    );
    user(
        &edge,
        "endless",
        &handler(
            "return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(5); c.enqueue(new Uint8Array(10)) } }))",
        ),
    );
    // A dispatcher that has handed the answer on has ended itself.
    for (name, running) in [("wait", 2.0), ("endless", 1.0)] {
        let mut wire = Wire::open(edge.port).await;
        wire.send(&format!("GET / HTTP/1.1\r\nhost: {name}.test\r\n\r\n"))
            .await;
        until("it runs", async || {
            edge.metric("cirque_invocations").await == running
        })
        .await;
        drop(wire);
        edge.until_idle().await;
    }
}

/// A dispatcher and a user worker, each as a component or as JavaScript.
#[tokio::test]
async fn components_and_javascript_call_each_other() {
    let edge = Edge::javascript().await;
    let metadata = r#"{"bindings":[
        {"type":"dispatch_namespace","name":"DISPATCHER","namespace":"production"},
        {"type":"service","name":"API","service":"api"}]}"#;
    edge.deploy_with("component", "dispatch", metadata);
    lead(&edge, "component.test", "component").await;
    let code = handler(
        "const worker = request.headers.get('x-worker');
         try { return await env.DISPATCHER.get(worker).fetch(request) }
         catch (e) { return new Response(e.message, { status: e.message === 'Worker not found' ? 404 : 500 }) }",
    );
    with_metadata(
        &edge,
        "script",
        &code,
        &metadata.replacen('{', r#"{"main_module":"worker.js","#, 1),
    );
    lead(&edge, "script.test", "script").await;
    edge.deploy("production/echo", "echo");
    edge.deploy("production/spin", "spin");
    edge.deploy("production/trap", "trap");
    user(
        &edge,
        "script",
        &handler("return new Response(`${request.method} ${request.url} ${await request.text()}`)"),
    );
    user(
        &edge,
        "throws",
        &handler("throw new TypeError('not today')"),
    );
    with_metadata(
        &edge,
        "api",
        &handler("return new Response('the api')"),
        r#"{"main_module":"worker.js"}"#,
    );
    for dispatcher in ["component.test", "script.test"] {
        let ask = async |worker: &str| {
            let headers = [("x-worker", worker), ("x-cpu-ms", "20")];
            request(
                edge.port,
                "POST",
                dispatcher,
                "/path?ms=60000",
                &headers,
                b"content".to_vec(),
            )
            .await
        };
        until("the workers are known", async || {
            ask("throws").await.status != 404
        })
        .await;
        assert_eq!(ask("echo").await.text(), "content", "{dispatcher}");
        let path = format!("POST http://{dispatcher}/path?ms=60000 content");
        assert_eq!(ask("script").await.text(), path, "{dispatcher}");
        assert_eq!(ask("nobody").await.status, 404, "{dispatcher}");
        let threw = ask("throws").await;
        assert_eq!(
            (threw.status, threw.text().as_str()),
            (500, "not today"),
            "{dispatcher}"
        );
        assert_eq!(
            ask("spin").await.text(),
            "Worker exceeded CPU time limit.",
            "{dispatcher}"
        );
        assert_eq!(
            ask("trap").await.text(),
            "The Worker failed.",
            "{dispatcher}"
        );
    }
    let served = edge
        .get_with("component.test", "/", &[("x-service", "API")])
        .await;
    assert_eq!(served.text(), "the api");
    let wrong = edge
        .get_with("component.test", "/", &[("x-service", "DISPATCHER")])
        .await;
    assert_eq!(wrong.status, 404);
    edge.until_idle().await;
}

#[tokio::test]
async fn a_dispatcher_calls_several_workers_in_one_request() {
    let code = handler(
        "const names = ['a', 'b', 'missing', 'c', 'loop'];
         const all = await Promise.allSettled(names.map((name) => env.DISPATCHER.get(name, { place: name }).fetch(request.url)));
         const texts = await Promise.all(all.map(async (one) => one.status === 'fulfilled' ? one.value.text() : one.reason.message));
         return new Response(texts.join('\\n'), { headers: { 'x-sanitised': String(all[0].value.headers.has('x-secret')) } })",
    );
    let edge = dispatching(&code, DISPATCHER, &["limits.cpu_ms=300"]).await;
    for name in ["a", "b", "c"] {
        user(
            &edge,
            name,
            &handler(
                "await scheduler.wait(30); return new Response(`${ctx.props.place} ${JSON.stringify(env)}`, { headers: { 'x-secret': '1' } })",
            ),
        );
    }
    user(&edge, "loop", &handler("for (;;);"));
    let expected = "a {}\nb {}\nWorker not found\nc {}\nWorker exceeded CPU time limit.";
    until("the workers are known", async || {
        edge.get("any.test", "/").await.text() == expected
    })
    .await;
    assert_eq!(
        edge.get("any.test", "/").await.header("x-sanitised"),
        "true"
    );
    edge.until_idle().await;
}

#[tokio::test]
async fn nothing_but_http_crosses_between_workers() {
    // What one worker does to its built-ins, to what it is given or to what it answers is not seen by the other.
    let code = handler(
        "const before = [Object.prototype.polluted, [].polluted, typeof Response.json].join();
         const answer = await env.DISPATCHER.get('evil').fetch(request);
         const text = await answer.text();
         return new Response([before, Object.prototype.polluted, answer.constructor === Response, answer.headers.get('x-a'), answer.evil, text].join(' '))",
    );
    let edge = dispatching(&code, DISPATCHER, &[]).await;
    user(
        &edge,
        "evil",
        "Object.prototype.polluted = 'yes'; Array.prototype.polluted = 'yes';
         Response.json = undefined; Promise.prototype.then = new Proxy(Promise.prototype.then, {});
         export default { fetch(request, env, ctx) {
           const response = new Response('evil', { headers: { 'x-a': 'b' } });
           response.evil = 'yes';
           Object.defineProperty(response, 'status', { get() { throw new Error('status') } });
           return response;
         } }",
    );
    until("the worker is known", async || {
        edge.get("a.test", "/").await.text() == ",,function  true b  evil"
    })
    .await;
}
