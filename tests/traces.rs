//! Traces: what a collector is told of a request, whom the request tells, and what becomes of it all when the collector is away.

use cirque::conf::{Conf, Sources};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::json;

use super::harness::collector::{Collector, Trace, hex, text};
use super::harness::link::Link;
use super::harness::origin::Origin;
use super::harness::{Edge, free_port, kv, until};

const OUTWARD: &str = r#"egress.allow_addresses=["127.0.0.0/8"]"#;
/// Some visitor's own trace.
const VISITORS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const VISITORS_TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A trace that a worker makes up.
const FORGED: &str = "00-11111111111111111111111111111111-2222222222222222-01";

/// An edge whose requests are all traced, with JavaScript.
async fn edge(collector: &Collector, settings: &[&str]) -> Edge {
    let own = collector.settings();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    Edge::javascript_with(&[&own[..], &[OUTWARD], settings].concat()).await
}

/// The same without JavaScript.
async fn plain_edge(collector: &Collector, settings: &[&str]) -> Edge {
    let own = collector.settings();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    Edge::with(&[&own[..], &[OUTWARD], settings].concat()).await
}

fn deploy(edge: &Edge, name: &str, body: &str, metadata: &str) {
    // The question whether its hostname leads to it does nothing else.
    let code = format!(
        "export default {{ async fetch(request, env, ctx) {{
           if (request.method === 'OPTIONS') return new Response('ready');
           {body}
         }} }}"
    );
    let output = edge.deploy_modules(name, &[("worker.js", &code)], metadata);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {message}");
}

/// Deploys a worker and leads its own hostname to it.
async fn serve(edge: &Edge, name: &str, body: &str) {
    deploy(edge, name, body, "{}");
    let host = format!("{name}.test");
    edge.cirque(&["route", &host, name]);
    edge.until_routed(&host).await;
}

/// A dispatcher for `shop.test`, a user worker that fetches, and an outbound worker.
async fn platform(edge: &Edge, origin: &Origin) {
    deploy(
        edge,
        "policy",
        "console.log('on its way'); return fetch(request)",
        "{}",
    );
    let dispatcher = "const outbound = { customer: 'shop' };
        return env.DISPATCHER.get('shop', {}, { outbound }).fetch(request)";
    let metadata = r#"{"main_module":"worker.js","bindings":[{"type":"dispatch_namespace","name":"DISPATCHER","namespace":"production",
        "outbound":{"service":"policy","parameters":["customer"]}}]}"#;
    deploy(edge, "dispatcher", dispatcher, metadata);
    let user = format!(
        "console.warn('selling');
         const seen = request.headers.get('traceparent');
         const answer = await fetch('{}/stock?token=secret', {{ method: 'POST', body: 'a secret' }});
         return new Response(seen + '\\n' + await answer.text())",
        origin.url()
    );
    deploy(edge, "production/shop", &user, "{}");
    edge.cirque(&["route", "shop.test", "dispatcher"]);
    edge.until_routed("shop.test").await;
}

#[tokio::test]
async fn a_trace_has_a_span_for_each_who_took_part() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let settings = [
        "log.otlp=true",
        "otlp.headers=[\"x-team: blue\"]",
        "otlp.node=edge-7",
        "otlp.attributes=[\"deployment.environment.name=test\"]",
    ];
    let edge = edge(&collector, &settings).await;
    platform(&edge, &origin).await;
    let answer = edge.get("shop.test", "/buy?token=secret").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // Nobody has called the user worker before, so its code is loaded.
    let trace = collector.trace("/buy", 8).await;
    assert_eq!(
        trace.paths(),
        [
            "GET",
            "GET > worker",
            "GET > worker > user worker",
            "GET > worker > user worker > load module",
            "GET > worker > user worker > outbound worker",
            "GET > worker > user worker > outbound worker > cache",
            "GET > worker > user worker > outbound worker > cache > POST",
            "GET > worker > user worker > outbound worker > load module",
        ]
    );
    // Who is asked learns whom it comes from.
    let told = answer.text().to_lowercase();
    let (seen, asked) = told.split_once('\n').expect("two parts");
    assert_eq!(seen, trace.parent(trace.span("user worker")));
    let egress = trace.span("POST");
    let sent = format!("traceparent: {}", trace.parent(egress));
    assert!(asked.contains(&sent), "{sent} in {asked}");
    assert!(!asked.contains("tracestate"), "{asked}");
    // Names and attributes as OpenTelemetry wants them.
    let root = trace.span("GET");
    assert_eq!(root.kind, SpanKind::Server as i32);
    assert!(root.parent_span_id.is_empty() && root.status.is_none());
    for (key, value) in [
        ("http.request.method", "GET"),
        ("url.scheme", "http"),
        ("url.path", "/buy"),
        ("server.address", "shop.test"),
        ("client.address", "127.0.0.1"),
        ("http.response.status_code", "200"),
        ("network.protocol.version", "1.1"),
        ("cirque.tenant", "dispatcher"),
        ("error.type", ""),
    ] {
        assert_eq!(text(&root.attributes, key), value, "{key}");
    }
    assert_eq!(egress.kind, SpanKind::Client as i32);
    for (key, value) in [
        ("http.request.method", "POST"),
        ("server.address", "127.0.0.1"),
        ("server.port", &origin.port.to_string()),
        ("url.full", &format!("{}/stock", origin.url())),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(text(&egress.attributes, key), value, "{key}");
    }
    let user = trace.span("user worker");
    assert_eq!(text(&user.attributes, "cirque.tenant"), "production/shop");
    assert_eq!(text(&user.attributes, "cirque.namespace"), "production");
    let cpu: u64 = text(&user.attributes, "cirque.cpu_us")
        .parse()
        .expect("CPU");
    assert!(cpu > 0);
    assert_eq!(
        text(&trace.span("cache").attributes, "cirque.cache.status"),
        "DYNAMIC"
    );
    for span in &trace.spans {
        assert!(span.start_time_unix_nano > 1_700_000_000_000_000_000);
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
        assert!(span.start_time_unix_nano >= root.start_time_unix_nano);
    }
    // Nothing of a query or a body is in it.
    assert!(!format!("{:?}", trace.spans).contains("secret"));
    // Who sends it says so.
    assert!(collector.head().contains("x-team: blue"));
    for (key, value) in [
        ("service.name", "cirque"),
        ("host.name", "edge-7"),
        ("deployment.environment.name", "test"),
    ] {
        assert_eq!(collector.resource(key), value);
    }
    // Records and lines lead to it.
    let id = hex(&root.trace_id);
    until("the access record is written", async || {
        edge.access().iter().any(|record| record["trace_id"] == *id)
    })
    .await;
    edge.until_logged(&["selling", &id]).await;
    until("the collector has the log records", async || {
        let logs = collector.logs().into_iter();
        let ours = logs.filter(|log| log.trace_id == root.trace_id);
        ours.count() == 3
    })
    .await;
    let logs = collector.logs();
    let of = |event: &str, span: &[u8]| {
        let log = logs
            .iter()
            .find(|log| log.event_name == event && log.span_id == span);
        let log = log.unwrap_or_else(|| panic!("{event}: {logs:?}"));
        let body = json!(format!("{:?}", log.body)).to_string();
        (body, log.severity_text.clone(), log.attributes.clone())
    };
    let (body, severity, attributes) = of("cirque.worker", &user.span_id);
    assert!(body.contains("selling") && severity == "WARN");
    assert_eq!(text(&attributes, "cirque.tenant"), "production/shop");
    let outbound = &trace.span("outbound worker").span_id;
    assert!(of("cirque.worker", outbound).0.contains("on its way"));
    let (body, severity, attributes) = of("cirque.access", &root.span_id);
    assert!(body.contains("GET shop.test/buy 200") && severity == "INFO");
    assert_eq!(text(&attributes, "url.path"), "/buy");
    assert!(!format!("{logs:?}").contains("secret"));
    until("what was sent is counted", async || {
        edge.metric(r#"cirque_spans_total{result="sent"}"#).await >= 6.0
            && edge
                .metric(r#"cirque_log_records_total{result="sent"}"#)
                .await
                >= 3.0
    })
    .await;
}

#[tokio::test]
async fn a_visitors_trace_is_linked_to_or_goes_on() {
    let collector = Collector::start().await;
    let seen = "return new Response(request.headers.get('traceparent') + ' ' + request.headers.get('tracestate'))";
    let headers = [("traceparent", VISITORS), ("tracestate", "vendor=1")];
    for (rule, goes_on) in [("restart", false), ("trust", true)] {
        let edge = edge(&collector, &[&format!("traces.context={rule}")]).await;
        serve(&edge, "seen", seen).await;
        let path = format!("/{rule}");
        let answer = edge.get_with("seen.test", &path, &headers).await.text();
        let trace = collector.trace(&path, 2).await;
        let root = trace.span("GET");
        assert_eq!(hex(&root.trace_id) == VISITORS_TRACE, goes_on);
        let state = if goes_on { "vendor=1" } else { "null" };
        let worker = trace.parent(trace.span("worker"));
        assert_eq!(answer, format!("{worker} {state}"));
        match goes_on {
            true => {
                assert_eq!(hex(&root.parent_span_id), "b7ad6b7169203331");
                assert_eq!(root.trace_state, "vendor=1");
                assert!(root.links.is_empty());
            }
            false => {
                assert!(root.parent_span_id.is_empty() && root.trace_state.is_empty());
                assert_eq!(hex(&root.links[0].trace_id), VISITORS_TRACE);
                assert_eq!(hex(&root.links[0].span_id), "b7ad6b7169203331");
            }
        }
        // A visitor who says that his is not sent is believed where he is trusted.
        let unsampled = VISITORS.replace("-01", "-00");
        let headers = [("traceparent", unsampled.as_str())];
        let answer = edge.get_with("seen.test", "/quiet", &headers).await.text();
        assert_eq!(answer.contains("-00 "), goes_on, "{answer}");
    }
}

#[tokio::test]
async fn failures_are_sent_whatever_the_share() {
    let collector = Collector::start().await;
    let settings = ["traces.ratio=0", "limits.cpu_ms=50"];
    let edge = edge(&collector, &settings).await;
    let body = "switch (new URL(request.url).pathname) {
          case '/throws': throw new RangeError('a secret');
          case '/spins': for (;;) {}
          case '/fails': return new Response('no', { status: 503 });
          case '/refuses': return new Response('no', { status: 404 });
          case '/later': ctx.waitUntil(scheduler.wait(1).then(() => { for (;;) {} }));
        }
        return new Response(request.headers.get('traceparent'))";
    serve(&edge, "worker", body).await;
    for path in ["/fine", "/refuses"] {
        let answer = edge.get("worker.test", path).await;
        // Everybody is told that it is not sent.
        assert!(answer.status == 404 || answer.text().ends_with("-00"));
    }
    for (path, status, reason) in [
        ("/throws", 500, "worker_exception"),
        ("/spins", 503, "limit_cpu"),
        ("/fails", 503, ""),
        ("/later", 200, "limit_cpu"),
    ] {
        assert_eq!(edge.get("worker.test", path).await.status, status, "{path}");
        let trace = collector.trace(path, 2).await;
        let (root, worker) = (trace.span("GET"), trace.span("worker"));
        assert_eq!(text(&worker.attributes, "error.type"), reason, "{path}");
        let failed = root.status.as_ref();
        let failed = failed.is_some_and(|status| status.code == StatusCode::Error as i32);
        // What fails after its answer is nothing that the visitor was told.
        assert_eq!(failed, status >= 500, "{path}");
        if status >= 500 {
            let reason = if reason.is_empty() { "503" } else { reason };
            assert_eq!(text(&root.attributes, "error.type"), reason);
        }
        assert!(!format!("{:?}", trace.spans).contains("secret"));
    }
    let spans = collector.spans();
    let paths = spans.iter().map(|span| text(&span.attributes, "url.path"));
    let unasked: Vec<_> = paths
        .filter(|path| path == "/fine" || path == "/refuses")
        .collect();
    assert!(unasked.is_empty(), "{unasked:?}");
}

#[tokio::test]
async fn without_traces_nothing_is_added_to_anything() {
    let origin = Origin::echo().await;
    let edge = Edge::javascript_with(&[OUTWARD]).await;
    let body = format!(
        "const sent = await (await fetch('{}')).text();
         return new Response(JSON.stringify([...request.headers]) + sent)",
        origin.url()
    );
    serve(&edge, "worker", &body).await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    for host in ["worker.test", "plain.test"] {
        let told = edge.get(host, "/").await.text().to_lowercase();
        assert!(!told.contains("trace"), "{told}");
        // What a visitor says goes to whom it is meant for.
        let headers = [("traceparent", VISITORS), ("tracestate", "vendor=1")];
        let told = edge.get_with(host, "/", &headers).await.text();
        assert!(told.contains(VISITORS) && told.contains("vendor=1"));
        assert_eq!(told.matches(VISITORS_TRACE).count(), 1, "{told}");
    }
    until("access records are written", async || {
        edge.access().len() >= 4
    })
    .await;
    for record in edge.access() {
        assert!(record.get("trace_id").is_none(), "{record}");
    }
}

#[tokio::test]
async fn plain_origins_are_asked_in_the_trace() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let edge = plain_edge(&collector, &[]).await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.put_record(
        "cirque:hostname:cached.test",
        &json!({ "origin": origin.url(), "cache": true }).to_string(),
    );
    let gone = format!("http://127.0.0.1:{}", free_port());
    edge.cirque(&["route", "gone.test", &gone]);
    for host in ["plain.test", "cached.test", "gone.test"] {
        edge.until_routed(host).await;
    }
    for (host, path, expected) in [
        ("plain.test", "/plain", &["GET", "GET > GET"][..]),
        (
            "cached.test",
            "/cached",
            &["GET", "GET > cache", "GET > cache > GET"],
        ),
    ] {
        let headers = [("traceparent", VISITORS), ("tracestate", "vendor=1")];
        let told = edge.get_with(host, path, &headers).await.text();
        let trace = collector.trace(path, expected.len()).await;
        assert_eq!(trace.paths(), expected);
        let egress = trace.spans.iter();
        let egress = egress
            .clone()
            .find(|span| span.kind == SpanKind::Client as i32)
            .expect("a client's span");
        let sent = trace.parent(egress);
        assert!(told.contains(&sent), "{sent} in {told}");
        assert!(!told.contains(VISITORS) && !told.contains("vendor=1"));
        let url = format!("{}{path}", origin.url());
        assert_eq!(text(&egress.attributes, "url.full"), url);
        assert_eq!(text(&egress.attributes, "http.response.status_code"), "200");
    }
    assert_eq!(edge.get("gone.test", "/gone").await.status, 502);
    let trace = collector.trace("/gone", 2).await;
    assert_eq!(trace.paths(), ["GET", "GET > GET"]);
    for span in &trace.spans {
        assert_eq!(text(&span.attributes, "error.type"), "origin_unreachable");
    }
}

#[tokio::test]
async fn a_worker_that_fetches_through_the_front_door_stays_in_its_trace() {
    let collector = Collector::start().await;
    // A share of none: whoever goes on in a trace that is sent is sent with it.
    let edge = edge(&collector, &["traces.ratio=0", "traces.context=trust"]).await;
    // An edge's own addresses are out of reach; a load balancer in front of it is not.
    let balancer = Link::to(edge.port).await;
    let body = format!(
        "const path = new URL(request.url).pathname;
         if (path.endsWith('inner')) return new Response('inner');
         const headers = path === '/forged' ? {{ traceparent: '{FORGED}' }} : {{}};
         return fetch('http://127.0.0.1:{}' + path + '/inner', {{ headers }})",
        balancer.port
    );
    serve(&edge, "outer", &body).await;
    edge.cirque(&["route", "127.0.0.1", "outer"]);
    edge.until_routed("127.0.0.1").await;
    for path in ["/plain", "/forged"] {
        let headers = [("traceparent", VISITORS)];
        let answer = edge.get_with("outer.test", path, &headers).await;
        assert_eq!(answer.text(), "inner");
        let inner_path = format!("{path}/inner");
        until("the inner request is below the outer one", async || {
            let mut spans = collector.spans();
            spans.retain(|span| hex(&span.trace_id) == VISITORS_TRACE);
            let trace = Trace { spans };
            let mut inner = trace.spans.iter();
            let inner = inner.find(|span| text(&span.attributes, "url.path") == inner_path);
            inner.is_some_and(|inner| trace.path(inner) == "GET > worker > cache > GET > GET")
        })
        .await;
    }
    let forged = collector.spans().into_iter();
    let forged = forged.filter(|span| hex(&span.trace_id) == FORGED[3..35]);
    assert_eq!(forged.count(), 0);
}

#[tokio::test]
async fn what_a_worker_says_of_another_trace_stays() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let edge = edge(&collector, &[]).await;
    let body = format!(
        "const headers = new Headers(request.headers);
         const path = new URL(request.url).pathname;
         if (path === '/own') headers.set('traceparent', '{VISITORS}');
         if (path === '/added') headers.set('tracestate', 'worker=1');
         return fetch('{}', {{ headers }})",
        origin.url()
    );
    serve(&edge, "worker", &body).await;
    let told = edge.get("worker.test", "/own").await.text();
    assert!(told.contains(VISITORS), "{told}");
    for path in ["/passed", "/added"] {
        // What it passes on is of its own trace, and names the span that it leaves by.
        let told = edge.get("worker.test", path).await.text();
        let trace = collector.trace(path, 4).await;
        let egress = trace
            .spans
            .iter()
            .find(|span| trace.path(span).ends_with("cache > GET"));
        let sent = trace.parent(egress.expect("a client's span"));
        assert!(told.contains(&sent), "{sent} in {told}");
        assert_eq!(told.contains("worker=1"), path == "/added");
    }
}

#[tokio::test]
async fn components_are_traced_as_well() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let edge = plain_edge(&collector, &[]).await;
    edge.serve("inspect", "inspect").await;
    edge.serve("fetch", "fetch").await;
    let seen = edge.get("inspect.test", "/inspect").await.json();
    let trace = collector.trace("/inspect", 2).await;
    let own = trace.parent(trace.span("worker"));
    let seen = seen["headers"].as_array().expect("a list").iter();
    let seen: Vec<_> = seen.filter(|pair| pair[0] == "traceparent").collect();
    assert_eq!(seen, [&json!(["traceparent", own])]);
    let url = origin.url();
    let fields = [("x-fetch", url.as_str())];
    let told = edge.get_with("fetch.test", "/fetch", &fields).await.text();
    let trace = collector.trace("/fetch", 4).await;
    let last = "GET > worker > cache > GET";
    assert_eq!(
        trace.paths(),
        ["GET", "GET > worker", "GET > worker > cache", last]
    );
    let egress = trace.spans.iter();
    let egress = egress.clone().find(|span| trace.path(span) == last);
    let sent = trace.parent(egress.expect("a client's span"));
    assert!(told.contains(&sent), "{sent} in {told}");
}

#[tokio::test]
async fn a_flood_of_spans_ends_at_the_bound() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let settings = [
        "limits.subrequests=1000",
        "limits.cpu_ms=30000",
        "traces.spans_max=20",
    ];
    let edge = edge(&collector, &settings).await;
    let body = format!(
        "for (let i = 0; i < 100; i++) await Promise.all(Array.from({{ length: 10 }}, () => fetch('{}/' + i).then((answer) => answer.text())));
         return new Response('done')",
        origin.url()
    );
    serve(&edge, "worker", &body).await;
    assert_eq!(edge.get("worker.test", "/flood").await.text(), "done");
    let trace = collector.trace("/flood", 20).await;
    assert_eq!(trace.spans.len(), 20);
    let root = trace.spans.iter().find(|span| trace.path(span) == "GET");
    let root = root.expect("the edge's own span");
    // Two for each request were begun beside the edge's and the worker's.
    let left_out = text(&root.attributes, "cirque.spans_left_out");
    assert_eq!(left_out, "1982");
    until("they are counted", async || {
        edge.metric(r#"cirque_spans_total{result="left_out"}"#)
            .await
            == 1_982.0
    })
    .await;
    assert_eq!(origin.requests(), 1_000);
}

#[tokio::test]
async fn values_and_times_have_spans() {
    let collector = Collector::start().await;
    let own = collector.settings();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let edge = kv::edge(&own).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    let bindings = json!([{ "type": "kv_namespace", "name": "KV", "namespace_id": id }]);
    api.try_shell("shell", bindings).await.result();
    edge.cirque(&["route", "shell.test", "shell"]);
    edge.until_routed("shell.test").await;
    for (method, args) in [
        ("put", json!(["a secret", "another secret"])),
        ("get", json!(["a secret"])),
        ("delete", json!(["a secret"])),
        ("list", json!([])),
    ] {
        let body = json!({ "binding": "KV", "method": method, "args": args }).to_string();
        let path = format!("/{method}");
        let answer = edge.post("shell.test", &path, body).await.text();
        assert!(!answer.contains("error"), "{answer}");
        let trace = collector.trace(&path, 3).await;
        let name = format!("kv {method}");
        assert_eq!(
            trace.path(trace.span(&name)),
            format!("POST > worker > {name}")
        );
        assert!(!format!("{:?}", trace.spans).contains("secret"));
    }
}

/// What a collector that does not want them now says.
fn answer(status: &str, more: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{more}content-length: 0\r\n\r\n")
}

#[tokio::test]
async fn what_a_collector_cannot_take_now_is_sent_again() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let edge = plain_edge(&collector, &[]).await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    until("the first spans are there", async || {
        !collector.spans().is_empty()
    })
    .await;
    for refusal in [
        answer("503 Service Unavailable", ""),
        answer("429 Too Many Requests", "retry-after: 1\r\n"),
        answer(
            "502 Bad Gateway",
            "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
        ),
    ] {
        let before = collector.requests();
        collector.answer(&[&refusal, &refusal]);
        let path = format!("/{before}");
        assert_eq!(edge.get("plain.test", &path).await.status, 200);
        let trace = collector.trace(&path, 2).await;
        assert_eq!(trace.spans.len(), 2, "nothing was doubled: {trace}");
        assert!(collector.requests() >= before + 3);
    }
    for result in ["refused", "failed", "queue_full"] {
        let name = format!(r#"cirque_spans_total{{result="{result}"}}"#);
        assert_eq!(edge.metric(&name).await, 0.0, "{result}");
    }
}

#[tokio::test]
async fn what_a_collector_does_not_want_is_lost_and_counted() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let edge = plain_edge(&collector, &["otlp.retry_ms=1"]).await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    let count = async |result: &str| {
        let name = format!(r#"cirque_spans_total{{result="{result}"}}"#);
        edge.metric(&name).await
    };
    until("the first spans are there", async || {
        count("sent").await >= 1.0 && edge.metric("cirque_connections").await == 0.0
    })
    .await;
    // A partial success: one was not taken.
    let partial = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x0a\x02\x08\x01";
    let garbage = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<html>no!";
    let moved = answer(
        "307 Temporary Redirect",
        "location: http://127.0.0.1:9/\r\n",
    );
    for (said, result, spans) in [
        (&*answer("400 Bad Request", ""), "refused", 2.0),
        (&moved, "refused", 2.0),
        (&answer("503 Service Unavailable", ""), "failed", 2.0),
        (
            &answer("429 Too Many Requests", "retry-after: 99999\r\n"),
            "failed",
            2.0,
        ),
        ("no HTTP at all\r\n\r\n", "failed", 2.0),
        (partial, "refused", 1.0),
        (garbage, "sent", 2.0),
    ] {
        let before = count(result).await;
        collector.answer(&[said]);
        assert_eq!(edge.get("plain.test", "/").await.status, 200);
        until(&format!("{said:?} is counted"), async || {
            count(result).await == before + spans
        })
        .await;
    }
    assert_eq!(count("queue_full").await, 0.0);
    edge.until_logged(&["the collector does not take what is sent to it", "400"])
        .await;
}

#[tokio::test]
async fn without_a_collector_requests_are_served_and_no_more_is_kept_than_may_be() {
    let origin = Origin::echo().await;
    // One that is not there, and one that never answers.
    let silent = Origin::handling(async |mut wire| wire.until_closed().await).await;
    for endpoint in [format!("http://127.0.0.1:{}", free_port()), silent.url()] {
        let mut edge = Edge::with(&[
            OUTWARD,
            &format!("otlp.endpoint={endpoint}"),
            "otlp.interval_ms=10",
            "otlp.queue_bytes=20000",
            "otlp.timeout_ms=200",
            "otlp.retry_ms=600",
            "traces.enabled=true",
            "traces.ratio=1",
            "log.otlp=true",
        ])
        .await;
        edge.cirque(&["route", "plain.test", &origin.url()]);
        edge.until_routed("plain.test").await;
        for _ in 0..200 {
            assert_eq!(edge.get("plain.test", "/").await.status, 200);
        }
        for metric in ["cirque_spans_total", "cirque_log_records_total"] {
            until(
                "what finds no room, or no collector, is counted",
                async || {
                    let of = async |result| {
                        edge.metric(&format!(r#"{metric}{{result="{result}"}}"#))
                            .await
                    };
                    of("queue_full").await > 0.0
                        && of("failed").await > 0.0
                        && of("sent").await == 0.0
                },
            )
            .await;
        }
        // It ends all the same.
        edge.signal(rustix::process::Signal::TERM);
        assert!(edge.ended().await.success());
    }
}

#[tokio::test]
async fn what_waits_is_sent_before_the_edge_ends() {
    let (collector, origin) = (Collector::start().await, Origin::echo().await);
    let mut edge = plain_edge(&collector, &["otlp.interval_ms=600000", "otlp.gzip=false"]).await;
    edge.cirque(&["route", "plain.test", &origin.url()]);
    edge.until_routed("plain.test").await;
    edge.get("plain.test", "/last").await;
    assert!(collector.spans().is_empty());
    edge.signal(rustix::process::Signal::TERM);
    assert!(edge.ended().await.success());
    collector.trace("/last", 2).await;
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named_and_secrets_in_them_are_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("edge.toml");
    for (text, expected) in [
        (
            "[traces]\nenabled = true",
            "edge.toml:2: `traces.enabled` is true, but there is nowhere to send to; set `otlp.endpoint`",
        ),
        ("[log]\notlp = true", "set `otlp.endpoint`"),
        (
            "[traces]\nratio = 2",
            "`traces.ratio` is 2; write a share from 0 to 1",
        ),
        (
            "[traces]\nratio = \"much\"",
            "`traces.ratio` is \"much\", but needs a number",
        ),
        (
            "[traces]\ncontext = \"believe\"",
            "`traces.context` cannot be used",
        ),
        ("[traces]\nspans_max = 0", "`traces.spans_max` is 0"),
        (
            "[otlp]\nendpoint = \"collector:4318\"",
            "`otlp.endpoint` is no address of a collector",
        ),
        (
            "[otlp]\nendpoint = \"http://me:secret@127.0.0.1\"",
            "write them into `otlp.headers_file`",
        ),
        (
            "[otlp]\nendpoint = \"http://127.0.0.1/?key=secret\"",
            "`otlp.endpoint` has a query",
        ),
        (
            "[otlp]\nheaders = [\"authorization secret\"]",
            "`otlp.headers` has what is no header",
        ),
        (
            "[otlp]\nattributes = [\"=x\"]",
            "`otlp.attributes` has \"=x\"",
        ),
        ("[otlp]\ntimeout_ms = 0", "`otlp.timeout_ms` is 0"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let sources = Sources {
            file: Some(&file),
            ..Sources::default()
        };
        let error = Conf::load(&sources).expect_err(text).to_string();
        assert!(
            error.contains(expected) && !error.contains("secret"),
            "{error}"
        );
    }
    let headers = directory.path().join("headers");
    std::fs::write(&headers, "x-team: blue\n\nauthorization Bearer secret\n").expect("a file");
    let edge = Edge::start().await;
    let output = edge.try_cirque(&[
        "run",
        "--set",
        "traces.enabled=true",
        "--set",
        "otlp.endpoint=http://127.0.0.1:4318",
        "--set",
        &format!("otlp.headers_file={}", headers.display()),
    ]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("line 3 is no header"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}
