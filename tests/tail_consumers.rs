//! Tail consumers: workers that are told what became of others, after the others have ended.

use serde_json::{Value, json};

use super::harness::api::Api;
use super::harness::{Builder, Edge, host, until};

/// Says in its own log what it is told, a line for each item.
const CONSUMER: &str = r#"
export default {
  async tail(events, env, ctx) {
    ctx.waitUntil(Promise.resolve());
    for (const item of events) {
      const request = item.event.request;
      const whole = request?.getUnredacted();
      console.log("told " + JSON.stringify({
        item,
        keys: request === undefined ? [] : Object.keys(request),
        secret: whole?.headers["x-api-key"],
        url: whole?.url,
        same: whole?.getUnredacted() === whole,
        at: Number.isFinite(item.eventTimestamp) && Number.isFinite(item.cpuTime) && Number.isFinite(item.wallTime),
      }));
    }
  }
}"#;

const PRODUCER: &str = r#"
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    console.log("at", pathname);
    if (pathname === "/throws") throw new RangeError("not here");
    ctx.waitUntil(Promise.resolve().then(() => console.warn("afterwards")));
    return new Response("made", { status: 201 });
  }
}"#;

async fn edge(settings: &[&str]) -> Edge {
    let mut all = vec!["limits.cpu_ms=1000"];
    all.extend_from_slice(settings);
    Builder::new(&all)
        .with_javascript()
        .with_api()
        .start()
        .await
}

fn deploy(edge: &Edge, name: &str, code: &str, metadata: &Value) -> Result<(), String> {
    let output = edge.deploy_modules(name, &[("worker.js", code)], &metadata.to_string());
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Deploys a worker whose ends are told to another, and leads its hostname to it.
async fn serve(edge: &Edge, name: &str, code: &str, consumers: Value) {
    let metadata = json!({ "main_module": "worker.js", "tail_consumers": consumers });
    deploy(edge, name, code, &metadata).expect("a worker");
    edge.cirque(&["route", &host(name), name]);
    edge.until_routed(&host(name)).await;
}

fn consumer(edge: &Edge, name: &str, code: &str) {
    deploy(edge, name, code, &json!({ "main_module": "worker.js" })).expect("a worker");
}

/// What the consumer was told so far.
fn told(edge: &Edge) -> Vec<Value> {
    let log = edge.log();
    let lines = log.lines().filter_map(|line| line.split_once("told {"));
    let parsed = lines.map(|(_, json)| {
        let json = format!("{{{json}");
        let mut values = serde_json::Deserializer::from_str(&json).into_iter::<Value>();
        values.next().expect("JSON").expect("JSON")
    });
    parsed.collect()
}

/// What it was told of a path, once it was.
async fn told_of(edge: &Edge, path: &str) -> Value {
    let mut found = Value::Null;
    until(&format!("the consumer is told of {path}"), async || {
        let told = told(edge);
        let is_it = |told: &&Value| told["url"].as_str().is_some_and(|url| url.ends_with(path));
        match told.iter().find(is_it) {
            Some(told) => found = told.clone(),
            None => return false,
        }
        true
    })
    .await;
    found
}

async fn count(edge: &Edge, result: &str) -> f64 {
    let name = format!("cirque_tail_events_total{{result=\"{result}\"}}");
    edge.metric(&name).await
}

#[tokio::test]
async fn a_consumer_is_told_what_became_of_each_invocation() {
    let edge = edge(&[]).await;
    consumer(&edge, "watcher", CONSUMER);
    let consumers = json!([{ "service": "watcher", "environment": "production" }]);
    serve(&edge, "production/shop", PRODUCER, consumers.clone()).await;
    serve(&edge, "regular", PRODUCER, consumers.clone()).await;
    let api = edge.api().await;
    let tags = api.dispatch("/production/scripts/shop/tags");
    api.json("PUT", &tags, json!(["premium"])).await.result();
    let headers = [("x-api-key", "hush"), ("x-plain", "shown")];
    let path = "/a?token=hush";
    until("the tag is heard of", async || {
        edge.get_with("shop.test", path, &headers).await;
        told(&edge)
            .iter()
            .any(|told| told["item"]["scriptTags"] == json!(["premium"]))
    })
    .await;
    let told = told_of(&edge, "/a?token=hush").await;
    assert_eq!(told["at"], true, "{told}");
    assert_eq!(
        (&told["secret"], &told["same"]),
        (&json!("hush"), &json!(true))
    );
    assert!(!told["keys"].to_string().contains("unredacted"), "{told}");
    let item = &told["item"];
    assert_eq!(item["scriptName"], "shop");
    assert_eq!(item["dispatchNamespace"], "production");
    assert_eq!(item["outcome"], "ok");
    assert_eq!(item["event"]["response"]["status"], 201);
    let request = &item["event"]["request"];
    assert_eq!(request["url"], "http://shop.test/a?token=REDACTED");
    assert_eq!(request["headers"]["x-api-key"], "REDACTED");
    assert_eq!(request["headers"]["x-plain"], "shown");
    let logs = item["logs"].as_array().expect("lines").iter();
    let logs: Vec<_> = logs
        .map(|line| (&line["level"], &line["message"][0]))
        .collect();
    assert_eq!(
        logs,
        [
            (&json!("log"), &json!("at /a")),
            (&json!("warn"), &json!("afterwards"))
        ]
    );

    edge.get("regular.test", "/throws").await;
    let told = told_of(&edge, "/throws").await;
    assert_eq!(told["item"]["outcome"], "exception");
    assert_eq!(told["item"]["scriptName"], "regular");
    assert_eq!(told["item"]["exceptions"][0]["name"], "RangeError");
    assert_eq!(told["item"]["exceptions"][0]["message"], "not here");
    assert!(count(&edge, "consumed").await > 0.0);
    assert_eq!(count(&edge, "dropped").await, 0.0);
    // As the clients read it.
    let settings = api.dispatch("/production/scripts/shop/settings");
    assert_eq!(
        api.get(&settings).await.result()["tail_consumers"],
        consumers
    );
    // Who is told no more.
    let none = json!({ "tail_consumers": [] });
    let script = api.workers("/scripts/regular/script-settings");
    api.json("PATCH", &script, none).await.result();
    let mut n = 0;
    until("the change is heard of", async || {
        n += 1;
        let path = format!("/no-{n}");
        edge.get("regular.test", &path).await;
        edge.get("shop.test", &format!("/yes-{n}")).await;
        told_of(&edge, &format!("/yes-{n}")).await;
        let is_it = |told: &Value| told["url"].as_str().is_some_and(|url| url.ends_with(&path));
        !super::tail_consumers::told(&edge).iter().any(is_it)
    })
    .await;
}

#[tokio::test]
async fn nobody_waits_for_a_consumer_and_what_it_is_too_slow_for_is_counted() {
    let edge = edge(&["log.access=false"]).await;
    let slow = "export default { tail() { for (;;) {} } }";
    consumer(&edge, "slow", slow);
    let much = r#"export default { fetch() { console.log("x".repeat(60000)); return new Response("fine") } }"#;
    serve(&edge, "much", much, json!([{ "service": "slow" }])).await;
    for _ in 0..300 {
        assert_eq!(edge.get("much.test", "/").await.text(), "fine");
    }
    // Its limits end it, and what it was given is lost like what no longer fitted.
    until("all is accounted for", async || {
        count(&edge, "dropped").await >= 300.0
    })
    .await;
    assert_eq!(count(&edge, "consumed").await, 0.0);
    let limits = "cirque_limits_exceeded_total{limit=\"cpu\",tenant=\"slow\"}";
    assert!(edge.metric(limits).await > 0.0);
    edge.until_idle().await;
}

#[tokio::test]
async fn workers_that_are_told_of_each_other_come_to_an_end() {
    let edge = edge(&[]).await;
    // Each is told of the other, and calls it when it is.
    let code = |other: &str| {
        format!(
            r#"export default {{
              async fetch(request, env) {{ return new Response("fine") }},
              async tail(events, env) {{
                for (const item of events) console.log("depth of {other}: " + item.event.request?.url);
                if (env.OTHER) await env.OTHER.fetch("http://again/");
              }}
            }}"#
        )
    };
    consumer(&edge, "first", &code("second"));
    consumer(&edge, "second", &code("first"));
    for (name, other) in [("first", "second"), ("second", "first")] {
        let metadata = json!({
            "main_module": "worker.js",
            "tail_consumers": [{ "service": other }],
            "bindings": [{ "type": "service", "name": "OTHER", "service": other }],
        });
        deploy(&edge, name, &code(other), &metadata).expect("a worker");
    }
    edge.cirque(&["route", "first.test", "first"]);
    edge.until_routed("first.test").await;
    let depth =
        |tenant| format!("cirque_limits_exceeded_total{{limit=\"depth\",tenant=\"{tenant}\"}}");
    // Each call is told of at a greater depth, until there is none.
    until("the depth ends it", async || {
        edge.metric(&depth("first")).await + edge.metric(&depth("second")).await > 0.0
    })
    .await;
    edge.until_idle().await;
    let consumed = count(&edge, "consumed").await;
    assert!(consumed < 200.0, "{consumed}");
}

#[tokio::test]
async fn a_consumer_that_cannot_be_told_is_refused() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    consumer(&edge, "watcher", CONSUMER);
    consumer(&edge, "deaf", PRODUCER);
    edge.deploy("component", "hello");
    consumer(&edge, "production/own", CONSUMER);
    let worker =
        |consumers: &Value| json!({ "main_module": "worker.js", "tail_consumers": consumers });
    let many: Vec<Value> = (0..11).map(|_| json!({ "service": "watcher" })).collect();
    for (consumers, why) in [
        (json!("watcher"), "an array"),
        (json!([{}]), "needs a `service`"),
        (json!([{ "service": 5 }]), "is a string"),
        (json!([{ "service": "a b" }]), "cannot be used"),
        (
            json!([{ "service": "nobody" }]),
            "there is no worker nobody",
        ),
        (
            json!([{ "service": "watcher" }, { "service": "deaf" }]),
            "[1]` cannot be used: the worker deaf has no handler",
        ),
        (json!([{ "service": "component" }]), "has no handler"),
        (
            json!([{ "service": "own", "namespace": "nowhere" }]),
            "there is no",
        ),
        (json!(many), "at most 10"),
    ] {
        let said = deploy(&edge, "refused", PRODUCER, &worker(&consumers)).expect_err("a refusal");
        assert!(said.contains(why), "{consumers}: {said}");
        let path = api.workers("/scripts/watcher/script-settings");
        let patch = json!({ "tail_consumers": consumers });
        let refused = api.json("PATCH", &path, patch).await;
        assert_eq!(refused.failure().0, 400, "{consumers}");
    }
    let own = json!([{ "service": "watcher" }]);
    let said = deploy(&edge, "watcher", CONSUMER, &worker(&own)).expect_err("a refusal");
    assert!(said.contains("not told of itself"), "{said}");

    // Who works in one namespace tells nobody outside of it.
    let mut scoped: Api = edge
        .api_with(&["token", "create", "scoped", "--namespace", "production"])
        .await;
    scoped.account.clone_from(&api.account);
    let path = scoped.dispatch("/production/scripts/shop");
    let put = async |consumers: Value| {
        let module = (
            "worker.js",
            "application/javascript+module",
            PRODUCER.as_bytes(),
        );
        scoped.upload(&path, worker(&consumers), &[module]).await
    };
    assert_eq!(put(own.clone()).await.failure().0, 403);
    let inside = json!([{ "service": "own", "namespace": "production" }]);
    put(inside).await.result();
    let settings = format!("{path}/settings");
    let refused = scoped
        .json("PATCH", &settings, json!({ "tail_consumers": own }))
        .await;
    assert_eq!(refused.failure().0, 403);
}
