//! Key-value namespaces as components have them: `wasi:keyvalue`.

use serde_json::json;

use super::harness::api::Api;
use super::harness::kv::edge;
use super::harness::redis::Redis;
use super::harness::{Edge, built, host, until};

/// Serves the guest with one namespace as `KV`, and a JavaScript worker with the same; the namespace's id.
async fn serve(edge: &Edge) -> (Api, String) {
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    let code = std::fs::read(built("keyvalue", edge.directory.path())).expect("a component");
    let metadata = json!({
        "main_module": "worker.wasm",
        "bindings": [
            { "type": "kv_namespace", "name": "KV", "namespace_id": id },
            { "type": "plain_text", "name": "TEXT", "text": "no bucket" },
        ],
    });
    let path = api.workers("/scripts/component");
    let module = ("worker.wasm", "application/wasm", &*code);
    api.upload(&path, metadata, &[module]).await.result();
    edge.cirque(&["route", &host("component"), "component"]);
    until("the component answers", async || {
        edge.get(&host("component"), "/").await.text() == "ready"
    })
    .await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    (api, id)
}

async fn asked(edge: &Edge, path: &str) -> (u16, String) {
    let answer = edge.get(&host("component"), path).await;
    (answer.status, answer.text())
}

async fn run(edge: &Edge, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(
            asked(edge, path).await,
            (200, (*expected).to_owned()),
            "{path}"
        );
    }
}

const CASES: &[(&str, &str)] = &[
    ("/get/KV/a", "nothing"),
    ("/exists/KV/a", "false"),
    ("/set/KV/a/one", "()"),
    ("/get/KV/a", "one"),
    ("/exists/KV/a", "true"),
    ("/delete/KV/a", "()"),
    ("/delete/KV/a", "()"),
    ("/get/KV/a", "nothing"),
    ("/zeros/KV/big/1000000", "true"),
    // Batches.
    ("/fill/KV/3", "()"),
    (
        "/get-many/KV/k0000,nobody,k0002",
        "k0000=v nobody=nothing k0002=v",
    ),
    ("/delete-many/KV/k0000,nobody", "()"),
    ("/list/KV", "[(3, Some(\"big\"))]"),
    // Numbers.
    ("/increment/KV/n/5", "5"),
    ("/increment/KV/n/-7", "-2"),
    ("/get/KV/n", "-2"),
    // Swaps.
    ("/swap/KV/s/first", "swapped"),
    ("/swap/KV/s/second", "swapped"),
    ("/get/KV/s", "second"),
    ("/race/KV/s/third", "second faster swapped third"),
    ("/race/KV/none/third", "nothing faster swapped third"),
];

#[tokio::test]
async fn a_component_has_what_the_interface_says() {
    let edge = edge(&[]).await;
    serve(&edge).await;
    run(&edge, CASES).await;
}

#[tokio::test]
async fn a_component_has_what_the_interface_says_in_redis() {
    let redis = Redis::start().await;
    let edge = edge(&[&redis.setting()]).await;
    serve(&edge).await;
    run(&edge, CASES).await;
}

#[tokio::test]
async fn components_and_scripts_read_each_others_values() {
    let edge = edge(&[]).await;
    serve(&edge).await;
    let args = json!(["shared", "41", { "metadata": { "m": 1 } }]);
    edge.ask("shell", "KV", "put", args).await;
    assert_eq!(asked(&edge, "/increment/KV/shared/1").await.1, "42");
    let found = edge
        .ask("shell", "KV", "getWithMetadata", json!(["shared"]))
        .await;
    assert_eq!(found["result"]["value"], "42");
    assert_eq!(found["result"]["metadata"], json!({ "m": 1 }));
    // Set anew it has none any more.
    run(&edge, &[("/set/KV/shared/x", "()")]).await;
    let found = edge
        .ask("shell", "KV", "getWithMetadata", json!(["shared"]))
        .await;
    assert_eq!(found["result"]["metadata"], json!(null));
}

#[tokio::test]
async fn what_a_component_cannot_do_with_a_bucket_it_is_told() {
    let edge = edge(&["limits.subrequests=30", "kv.value_bytes_max=1000000"]).await;
    let (api, id) = serve(&edge).await;
    for path in ["/get/NOBODY/a", "/get/TEXT/a", "/get/values/a"] {
        let expected = (404, "no such store".to_owned());
        assert_eq!(asked(&edge, path).await, expected, "{path}");
    }
    let refused = async |path: &str, says: &str| {
        let (status, text) = asked(&edge, path).await;
        assert!(status == 500 && text.contains(says), "{path}: {text}");
    };
    refused("/set/KV//value", "empty").await;
    refused(&format!("/get/KV/{}", "k".repeat(513)), "512").await;
    refused("/zeros/KV/big/1000001", "exceeds limit").await;
    run(&edge, &[("/set/KV/word/text", "()")]).await;
    refused("/increment/KV/word/1", "no whole number").await;
    run(
        &edge,
        &[(
            "/increment/KV/most/9223372036854775807",
            "9223372036854775807",
        )],
    )
    .await;
    refused("/increment/KV/most/1", "no whole number").await;
    let many = vec!["k"; 101].join(",");
    refused(&format!("/get-many/KV/{many}"), "at most 100 keys").await;
    // Each operation counts as a request.
    run(&edge, &[("/fill/KV/30", "()")]).await;
    refused("/fill/KV/31", "Too many subrequests").await;
    api.delete(&api.kv(&format!("/{id}"))).await.result();
    until("the namespace is gone", async || {
        asked(&edge, "/set/KV/a/b").await == (404, "no such store".to_owned())
    })
    .await;
}

/// Nobody's addition is lost, in either store.
#[tokio::test]
async fn additions_at_the_same_time_all_count() {
    let redis = Redis::start().await;
    for settings in [vec![], vec![redis.setting()]] {
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let edge = edge(&settings).await;
        serve(&edge).await;
        let adding = (0..8).map(async |_| {
            for _ in 0..5 {
                let (status, text) = asked(&edge, "/increment/KV/sum/1").await;
                assert_eq!(status, 200, "{text}");
            }
        });
        futures::future::join_all(adding).await;
        run(&edge, &[("/get/KV/sum", "40")]).await;
    }
}
