//! The platform's outbound worker: everything a user worker asks of the network passes it.

use super::harness::origin::Origin;
use super::harness::{Edge, request, until};

const OUTWARD: &str = r#"egress.allow_addresses=["127.0.0.0/8"]"#;

/// Cloudflare's own example, with what the origin is told added: it says whose request it forwards.
const POLICY: &str = "export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === '/blocked') return new Response('blocked for ' + env.customer, { status: 403 });
    if (url.pathname === '/throw') throw new RangeError('refused for ' + env.customer);
    const headers = new Headers(request.headers);
    headers.set('x-customer', env.customer ?? 'nobody');
    headers.set('x-plan', JSON.stringify(env.params_object ?? null));
    headers.set('x-caller', `${ctx.props.namespace}/${ctx.props.worker}`);
    headers.set('x-own', env.OWN ?? '');
    return fetch(new Request(request, { headers }));
  },
};";

fn deploy(edge: &Edge, name: &str, code: &str, metadata: &str) {
    let output = edge.deploy_modules(name, &[("worker.js", code)], metadata);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {message}");
}

fn handler(body: &str) -> String {
    format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}")
}

/// An edge with the outbound worker, and a dispatcher for every hostname whose first label names the user worker.
async fn edge() -> Edge {
    let edge = Edge::javascript_with(&[OUTWARD]).await;
    let own = r#"{"main_module":"worker.js","bindings":[{"type":"plain_text","name":"OWN","text":"mine"}]}"#;
    deploy(&edge, "policy", POLICY, own);
    let dispatcher = handler(
        "const name = new URL(request.url).host.split('.')[0];
         const outbound = { customer: name, params_object: { plan: 7 }, undeclared: 1 };
         try { return await env.DISPATCHER.get(name, {}, { outbound }).fetch(request) }
         catch (e) { return new Response(`${e.name}: ${e.message}`, { status: 500 }) }",
    );
    let metadata = r#"{"main_module":"worker.js","bindings":[{"type":"dispatch_namespace","name":"DISPATCHER","namespace":"production",
        "outbound":{"worker":{"service":"policy","environment":"production"},"params":[{"name":"customer"},{"name":"params_object"}]}}]}"#;
    deploy(&edge, "dispatcher", &dispatcher, metadata);
    edge
}

/// Leads every other hostname to the dispatcher, once all user workers are there.
async fn open(edge: &Edge) {
    edge.cirque(&["route", "*", "dispatcher"]);
    until("the dispatcher answers", async || {
        !edge
            .get("nobody.test", "/")
            .await
            .text()
            .contains("No site")
    })
    .await;
}

#[tokio::test]
async fn every_fetch_of_a_user_worker_passes_the_outbound_worker() {
    let (edge, origin) = (edge().await, Origin::echo().await);
    let code = format!(
        "const path = new URL(request.url).pathname;
         try {{
           const answer = await fetch('{}' + path, {{ method: 'POST', body: 'content', headers: {{ 'x-customer': 'forged' }} }});
           return new Response(answer.body, answer);
         }} catch (e) {{ return new Response(`${{e.name}}: ${{e.message}}`) }}",
        origin.url()
    );
    deploy(&edge, "production/shop", &handler(&code), "{}");
    deploy(
        &edge,
        "production/later",
        &handler(&format!(
            "ctx.waitUntil(scheduler.wait(50).then(() => fetch('{}/later'))); return new Response('soon')",
            origin.url()
        )),
        "{}",
    );
    edge.deploy("production/component", "fetch");
    open(&edge).await;
    let told = edge.get("shop.test", "/path").await.text().to_lowercase();
    for line in [
        "post /path http/1.1",
        "x-customer: shop",
        r#"x-plan: {"plan":7}"#,
        "x-caller: production/shop",
        "x-own: mine",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(
        told.ends_with("content") && !told.contains("forged"),
        "{told}"
    );
    let blocked = edge.get("shop.test", "/blocked").await;
    assert_eq!(
        (blocked.status, blocked.text().as_str()),
        (403, "blocked for shop")
    );
    // What it throws is what the fetch is rejected with.
    assert_eq!(
        edge.get("shop.test", "/throw").await.text(),
        "RangeError: refused for shop"
    );

    let url = format!("{}/from-component", origin.url());
    let told = edge
        .get_with("component.test", "/", &[("x-fetch", &url)])
        .await
        .text()
        .to_lowercase();
    assert!(
        told.contains("x-customer: component") && told.contains("/from-component"),
        "{told}"
    );
    let url = format!("{}/throw", origin.url());
    let told = edge
        .get_with("component.test", "/", &[("x-fetch", &url)])
        .await;
    assert!(
        told.status == 502 && told.text().contains("refused for component"),
        "{}",
        told.text()
    );

    let before = origin.requests();
    assert_eq!(edge.get("later.test", "/").await.text(), "soon");
    until("the request after the answer came", async || {
        origin.requests() == before + 1
    })
    .await;
    edge.until_idle().await;
}

#[tokio::test]
async fn a_redirect_passes_the_outbound_worker_again() {
    let edge = edge().await;
    let origin = Origin::answering(|request| {
        let text = String::from_utf8_lossy(request).to_lowercase();
        let body = if text.contains("x-customer: redirected") { "seen" } else { "direct" };
        match text.starts_with("get /first") {
            true => format!("HTTP/1.1 302 Found\r\nlocation: /blocked\r\nx-told: {body}\r\ncontent-length: 0\r\n\r\n"),
            false => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        }
        .into_bytes()
    })
    .await;
    let code = format!(
        "const answer = await fetch('{}/first', {{ redirect: request.headers.get('x-redirect') }});
         return new Response(`${{answer.status}} ${{answer.redirected}} ${{answer.headers.get('x-told')}} ${{await answer.text()}}`)",
        origin.url()
    );
    deploy(&edge, "production/redirected", &handler(&code), "{}");
    open(&edge).await;
    let ask = async |how: &str| {
        edge.get_with("redirected.test", "/", &[("x-redirect", how)])
            .await
            .text()
    };
    assert_eq!(ask("follow").await, "403 true null blocked for redirected");
    assert_eq!(ask("manual").await, "302 false seen ");
}

#[tokio::test]
async fn an_outbound_worker_that_fails_lets_nothing_through() {
    let (edge, origin) = (edge().await, Origin::echo().await);
    let code = handler(&format!(
        "try {{ return await fetch('{}') }} catch (e) {{ return new Response(`${{e.name}}: ${{e.message}}`) }}",
        origin.url()
    ));
    deploy(&edge, "production/shop", &code, "{}");
    open(&edge).await;
    assert_eq!(edge.get("shop.test", "/").await.status, 200);
    let fails_closed = async |message: &str| {
        until("the new policy is in force", async || {
            edge.get("shop.test", "/").await.text().contains(message)
        })
        .await;
        let before = origin.requests();
        edge.get("shop.test", "/").await;
        assert_eq!(origin.requests(), before, "{message}");
    };
    for (policy, message) in [
        ("for (;;);", "Error: Worker exceeded CPU time limit."),
        ("return 1", "The handler did not return a Response"),
        (
            "await new Promise(() => {})",
            "would never have given a response",
        ),
    ] {
        deploy(&edge, "policy", &handler(policy), "{}");
        fails_closed(message).await;
    }
    edge.cirque(&["delete", "worker", "policy"]);
    fails_closed("Error: The outbound Worker does not exist.").await;
}

#[tokio::test]
async fn a_namespace_has_an_outbound_worker_of_its_own() {
    let (edge, origin) = (edge().await, Origin::echo().await);
    let code = handler(&format!("return fetch('{}/direct')", origin.url()));
    deploy(&edge, "production/shop", &code, "{}");
    let plain = r#"{"main_module":"worker.js","bindings":[{"type":"dispatch_namespace","name":"D","namespace":"production"}]}"#;
    deploy(
        &edge,
        "plain",
        &handler("return env.D.get('shop').fetch(request)"),
        plain,
    );
    edge.cirque(&["route", "shop.test", "production/shop"]);
    edge.cirque(&["route", "plain.test", "plain"]);
    open(&edge).await;
    let told = async |host: &str| edge.get(host, "/").await.text().to_lowercase();
    assert!(!told("shop.test").await.contains("x-customer"));
    edge.put_record(
        "cirque:namespace:{production}",
        r#"{"outbound":{"service":"policy","params":{"customer":"by default"}}}"#,
    );
    for host in ["shop.test", "plain.test"] {
        until("the namespace's outbound worker is in force", async || {
            told(host).await.contains("x-customer: by default")
        })
        .await;
        assert!(told(host).await.contains("x-caller: production/shop"));
    }
    // A dispatcher's own choice comes first.
    edge.cirque(&["delete", "hostname", "shop.test"]);
    until("the dispatcher answers", async || {
        told("shop.test").await.contains("x-customer: shop")
    })
    .await;
    // One that is none fails closed.
    edge.put_record(
        "cirque:namespace:{production}",
        r#"{"outbound":{"service":"no such"}}"#,
    );
    until("the namespace is unusable", async || {
        edge.get("plain.test", "/").await.status == 500
    })
    .await;
}

#[tokio::test]
async fn an_outbound_worker_can_be_a_component() {
    let (edge, origin) = (
        Edge::javascript_with(&[OUTWARD]).await,
        Origin::echo().await,
    );
    edge.deploy("policy", "config");
    let metadata = r#"{"main_module":"worker.js","bindings":[{"type":"dispatch_namespace","name":"D","namespace":"production",
        "outbound":{"service":"policy","parameters":["customer"]}}]}"#;
    let dispatcher = handler(
        "return env.D.get('shop', {}, { outbound: { customer: 'component' } }).fetch(request)",
    );
    deploy(&edge, "dispatcher", &dispatcher, metadata);
    deploy(
        &edge,
        "production/shop",
        &handler(&format!("return fetch('{}')", origin.url())),
        "{}",
    );
    open(&edge).await;
    let answer = request(edge.port, "GET", "shop.test", "/", &[], Vec::new()).await;
    assert!(answer.text().contains("component"), "{}", answer.text());
}
