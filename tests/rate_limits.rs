//! Rate limits that workers ask for themselves: `env.RL.limit({ key })`.

use serde_json::{Value, json};

use super::harness::api::Api;
use super::harness::kv::edge;
use super::harness::{Edge, host, until};

fn binding(name: &str, namespace_id: &str, limit: u64) -> Value {
    // A window of a minute: no test takes so long between two requests.
    json!({ "type": "ratelimit", "name": name, "namespace_id": namespace_id, "simple": { "limit": limit, "period": 60 } })
}

/// Serves the shell under a label with these bindings.
async fn serve(edge: &Edge, api: &Api, script: &str, label: &str, bindings: Value) {
    api.try_shell(script, bindings).await.result();
    edge.cirque(&["route", &host(label), script]);
    until("the shell answers", async || {
        edge.get(&host(label), "/").await.text() == "ready"
    })
    .await;
}

/// Asks so often, in requests of their own; how often it was let through.
async fn let_through(edge: &Edge, label: &str, binding: &str, key: &str, times: usize) -> usize {
    let mut count = 0;
    for _ in 0..times {
        let answer = edge
            .ask(label, binding, "limit", json!([{ "key": key }]))
            .await;
        match &answer["result"]["success"] {
            Value::Bool(is_in) => count += usize::from(*is_in),
            _ => panic!("{answer}"),
        }
    }
    count
}

#[tokio::test]
async fn a_key_is_let_through_as_often_as_its_binding_says() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let bindings = json!([binding("RL", "1", 3), binding("OTHER", "2", 1)]);
    serve(&edge, &api, "shell", "shell", bindings).await;
    assert_eq!(let_through(&edge, "shell", "RL", "a", 5).await, 3);
    assert_eq!(let_through(&edge, "shell", "RL", "b", 5).await, 3);
    assert_eq!(let_through(&edge, "shell", "OTHER", "a", 2).await, 1);
    assert_eq!(let_through(&edge, "shell", "RL", "", 4).await, 3);
    let long = "k".repeat(100_000);
    assert_eq!(let_through(&edge, "shell", "RL", &long, 4).await, 3);
    // It is no request of the worker's, so no budget ends it.
    let many = edge
        .ask_times("shell", "RL", "limit", json!([{ "key": "c" }]), 200)
        .await;
    assert_eq!(many, json!({ "result": { "success": false } }));
    for (args, got) in [
        (json!([]), "undefined"),
        (json!([{}]), "undefined"),
        (json!([null]), "undefined"),
        (json!(["a"]), "undefined"),
        (json!([{ "key": 7 }]), "number"),
        (json!([{ "key": null }]), "null"),
    ] {
        let answer = edge.ask("shell", "RL", "limit", args.clone()).await;
        let says = format!(
            "TypeError: env.RL.limit({{ key: … }}) needs what is to be counted as `key`, a string; got {got}"
        );
        assert_eq!(answer, json!({ "error": says }), "{args}");
    }
}

#[tokio::test]
async fn tenants_never_share_counters_and_regular_workers_do() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    api.namespace("customers").await;
    let bindings = json!([binding("RL", "1", 2)]);
    for (script, label) in [
        ("customers/one", "one"),
        ("customers/two", "two"),
        ("first", "first"),
        ("second", "second"),
    ] {
        serve(&edge, &api, script, label, bindings.clone()).await;
    }
    assert_eq!(let_through(&edge, "one", "RL", "k", 3).await, 2);
    assert_eq!(let_through(&edge, "two", "RL", "k", 3).await, 2);
    assert_eq!(let_through(&edge, "first", "RL", "k", 1).await, 1);
    assert_eq!(let_through(&edge, "second", "RL", "k", 3).await, 1);
    // A new version goes on with the counters.
    serve(&edge, &api, "customers/one", "one", bindings).await;
    assert_eq!(let_through(&edge, "one", "RL", "k", 1).await, 0);
}

#[tokio::test]
async fn a_rate_limit_that_cannot_be_meant_is_refused_at_upload() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let simple = |limit: Value, period: Value| json!({ "limit": limit, "period": period });
    for (namespace_id, simple, says) in [
        (json!("1"), simple(json!(1), json!(30)), "10 or 60"),
        (json!("1"), simple(json!(1), json!("60")), "10 or 60"),
        (json!("1"), simple(json!(1), Value::Null), "10 or 60"),
        (json!("1"), simple(json!(0), json!(60)), "above 0"),
        (json!("1"), simple(json!(-1), json!(60)), "above 0"),
        (json!("1"), Value::Null, "above 0"),
        (
            Value::Null,
            simple(json!(1), json!(60)),
            "`namespace_id` names its counters",
        ),
    ] {
        let binding = json!({ "type": "ratelimit", "name": "RL", "namespace_id": namespace_id, "simple": simple });
        let answer = api.try_shell("shell", json!([binding])).await;
        assert_eq!(answer.status, 400, "{binding}");
        let message = answer.message();
        assert!(
            message.contains("\"RL\"") && message.contains(says),
            "{binding}: {message}"
        );
    }
}
