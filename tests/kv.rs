//! Key-value namespaces as JavaScript workers have them, in Cloudflare's words.

use serde_json::{Value, json};

use super::harness::Edge;
use super::harness::api::Api;
use super::harness::kv::edge;
use super::harness::redis::Redis;
use super::harness::until;

/// One call and what comes of it: method, arguments, expected.
type Case = (&'static str, Value, Value);

/// A worker with an empty namespace.
async fn shell(settings: &[&str]) -> (Edge, Api, String) {
    let edge = edge(settings).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    (edge, api, id)
}

async fn run(edge: &Edge, cases: &[Case]) {
    for (method, args, expected) in cases {
        let answer = edge.ask("shell", "KV", method, args.clone()).await;
        assert_eq!(answer, *expected, "{method} {args}");
    }
}

fn gives(result: Value) -> Value {
    json!({ "result": result })
}

fn throws(error: &str) -> Value {
    json!({ "error": error })
}

fn nothing() -> Value {
    gives(json!({ "$undefined": true }))
}

fn reads_and_writes() -> Vec<Case> {
    vec![
        ("get", json!(["a"]), gives(json!(null))),
        ("put", json!(["a", "{\"b\":1}"]), nothing()),
        ("get", json!(["a"]), gives(json!("{\"b\":1}"))),
        ("get", json!(["a", "text"]), gives(json!("{\"b\":1}"))),
        ("get", json!(["a", "json"]), gives(json!({ "b": 1 }))),
        (
            "get",
            json!(["a", { "type": "json", "cacheTtl": 30 }]),
            gives(json!({ "b": 1 })),
        ),
        (
            "get",
            json!(["a", "stream"]),
            gives(json!({ "$stream": "{\"b\":1}" })),
        ),
        (
            "put",
            json!(["bytes", { "$buffer": [0, 255, 128] }]),
            nothing(),
        ),
        (
            "get",
            json!(["bytes", "arrayBuffer"]),
            gives(json!({ "$buffer": [0, 255, 128] })),
        ),
        ("put", json!(["bytes", { "$view": [1, 2] }]), nothing()),
        (
            "get",
            json!(["bytes", { "type": "arrayBuffer" }]),
            gives(json!({ "$buffer": [1, 2] })),
        ),
        (
            "put",
            json!(["streamed", { "$stream": "as it came" }]),
            nothing(),
        ),
        ("get", json!(["streamed"]), gives(json!("as it came"))),
        ("put", json!(["empty", ""]), nothing()),
        ("get", json!(["empty"]), gives(json!(""))),
        (
            "get",
            json!(["empty", "arrayBuffer"]),
            gives(json!({ "$buffer": [] })),
        ),
        // A key is a text, whatever it is given as; a byte order mark is part of a value.
        ("put", json!([7, "\u{feff}seven"]), nothing()),
        ("get", json!(["7"]), gives(json!("\u{feff}seven"))),
        (
            "get",
            json!([["a", "nobody", "7"]]),
            gives(
                json!({ "$map": [["a", "{\"b\":1}"], ["nobody", null], ["7", "\u{feff}seven"]] }),
            ),
        ),
        (
            "get",
            json!([["a", "nobody"], "json"]),
            gives(json!({ "$map": [["a", { "b": 1 }], ["nobody", null]] })),
        ),
        ("delete", json!(["a"]), nothing()),
        ("delete", json!(["a"]), nothing()),
        ("get", json!(["a"]), gives(json!(null))),
        ("put", json!(["big", { "$zeros": 1_000_000 }]), nothing()),
        (
            "get",
            json!(["big", "arrayBuffer"]),
            gives(json!({ "$bytes": 1_000_000 })),
        ),
        ("put", json!(["big", { "$zeros": 26_214_400 }]), nothing()),
        (
            "get",
            json!(["big", "arrayBuffer"]),
            gives(json!({ "$bytes": 26_214_400 })),
        ),
        ("delete", json!(["big"]), nothing()),
    ]
}

#[tokio::test]
async fn values_are_read_as_they_were_put() {
    let (edge, ..) = shell(&[]).await;
    run(&edge, &reads_and_writes()).await;
}

#[tokio::test]
async fn values_in_redis_are_read_as_they_were_put() {
    let redis = Redis::start().await;
    let (edge, ..) = shell(&[&redis.setting()]).await;
    run(&edge, &reads_and_writes()).await;
}

#[tokio::test]
async fn metadata_comes_with_its_value() {
    let (edge, ..) = shell(&[]).await;
    let found = async |key: Value| {
        let args = json!([key, "text"]);
        let mut answer = edge.ask("shell", "KV", "getWithMetadata", args).await;
        let found = answer["result"].take();
        assert!(!found.is_null(), "{answer}");
        found
    };
    let metadata = json!({ "a": [1, "ä"] });
    let args = json!(["a", "1", { "metadata": metadata }]);
    run(
        &edge,
        &[
            ("put", args, nothing()),
            ("put", json!(["b", "2"]), nothing()),
        ],
    )
    .await;
    let whole = |cached: &str| json!({ "value": "1", "metadata": metadata, "cacheStatus": cached });
    assert_eq!(found(json!("a")).await, whole("MISS"));
    // The feed of changes brings one's own, too: from then on it is read from memory.
    until("the value is in memory", async || {
        found(json!("a")).await == whole("HIT")
    })
    .await;
    let nobody = json!({ "value": null, "metadata": null, "cacheStatus": "MISS" });
    assert_eq!(found(json!("nobody")).await, nobody);
    let both = found(json!(["a", "b"])).await;
    for (at, key, value, metadata) in [(0, "a", "1", &metadata), (1, "b", "2", &json!(null))] {
        let entry = &both["$map"][at];
        assert_eq!(
            (&entry[0], &entry[1]["value"]),
            (&json!(key), &json!(value))
        );
        assert_eq!(&entry[1]["metadata"], metadata);
    }
    // Without metadata a put takes away what there was.
    run(&edge, &[("put", json!(["a", "1"]), nothing())]).await;
    assert_eq!(found(json!("a")).await["metadata"], json!(null));
}

fn listings() -> Vec<Case> {
    let puts =
        ["b/2", "a", "b/1", "Z", "ä", "b/10"].map(|key| ("put", json!([key, "x"]), nothing()));
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| json!({ "name": name }))
            .collect::<Value>()
    };
    let whole = |keys: &[&str]| {
        gives(json!({ "keys": names(keys), "list_complete": true, "cacheStatus": null }))
    };
    let mut cases = puts.to_vec();
    cases.extend([
        // In the order of their bytes.
        (
            "list",
            json!([]),
            whole(&["Z", "a", "b/1", "b/10", "b/2", "ä"]),
        ),
        (
            "list",
            json!([{ "prefix": "b/" }]),
            whole(&["b/1", "b/10", "b/2"]),
        ),
        (
            "list",
            json!([{ "prefix": "b/1", "limit": 2 }]),
            whole(&["b/1", "b/10"]),
        ),
        (
            "list",
            json!([{ "prefix": "nobody", "cursor": null }]),
            whole(&[]),
        ),
        ("delete", json!(["b/10"]), nothing()),
        ("list", json!([{ "prefix": "b/" }]), whole(&["b/1", "b/2"])),
    ]);
    cases
}

#[tokio::test]
async fn keys_are_listed_in_order_and_page_by_page() {
    let redis = Redis::start().await;
    let setting = redis.setting();
    for settings in [&[][..], &[setting.as_str()]] {
        let (edge, ..) = shell(settings).await;
        run(&edge, &listings()).await;
        let (mut cursor, mut walked) = (json!(null), Vec::new());
        loop {
            let args = json!([{ "limit": 2, "cursor": cursor }]);
            let page = edge.ask("shell", "KV", "list", args).await["result"].take();
            let keys = page["keys"].as_array().expect("keys");
            walked.extend(
                keys.iter()
                    .map(|key| key["name"].as_str().expect("a name").to_owned()),
            );
            if page["list_complete"] == true {
                assert_eq!(page.get("cursor"), None);
                break;
            }
            assert_eq!(keys.len(), 2);
            cursor = page["cursor"].clone();
        }
        assert_eq!(walked, ["Z", "a", "b/1", "b/2", "ä"]);
        let ends = 4_000_000_000_u64;
        let args = json!(["ends", "x", { "expiration": ends, "metadata": { "m": 1 } }]);
        run(&edge, &[("put", args, nothing())]).await;
        let page = edge
            .ask("shell", "KV", "list", json!([{ "prefix": "e" }]))
            .await;
        let listed = json!([{ "name": "ends", "expiration": ends, "metadata": { "m": 1 } }]);
        assert_eq!(page["result"]["keys"], listed);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_cloudflares_words() {
    let (edge, ..) = shell(&[]).await;
    let (long, many) = ("k".repeat(513), vec!["k"; 101]);
    let put = |options: Value| json!(["k", "v", options]);
    run(
        &edge,
        &[
            ("get", json!([""]), throws("TypeError: Key name cannot be empty.")),
            ("put", json!([".", "v"]), throws("TypeError: \".\" is not allowed as a key name.")),
            ("delete", json!([".."]), throws("TypeError: \"..\" is not allowed as a key name.")),
            ("get", json!([long]), throws("Error: KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.")),
            ("put", json!([long, "v"]), throws("Error: KV PUT failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.")),
            ("get", json!(["k", "xml"]), throws("TypeError: Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\".")),
            ("get", json!(["k", { "cacheTtl": 29 }]), throws("Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.")),
            ("get", json!([["k"], "stream"]), throws("TypeError: \"stream\" is not a valid type for several keys. Use \"json\" or \"text\"")),
            ("get", json!([many]), throws("Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys")),
            ("put", json!(["k", 7]), throws("TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.")),
            ("put", json!(["k", null]), throws("TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.")),
            ("put", put(json!({ "expirationTtl": 59 })), throws("Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.")),
            ("put", put(json!({ "expirationTtl": 0 })), throws("Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.")),
            ("put", put(json!({ "expirationTtl": "soon" })), throws("Error: KV PUT failed: 400 Invalid expiration_ttl of NaN. Please specify integer greater than 0.")),
            ("put", put(json!({ "expiration": 1 })), throws("Error: KV PUT failed: 400 Invalid expiration of 1. Please specify integer greater than the current number of seconds since the UNIX epoch.")),
            ("put", put(json!({ "metadata": "x".repeat(1_023) })), throws("Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.")),
            ("put", put(json!({ "metadata": "x".repeat(1_022) })), nothing()),
            ("put", json!(["k", { "$zeros": 26_214_401 }]), throws("Error: KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.")),
            ("list", json!([{ "limit": 0 }]), throws("Error: KV GET failed: 400 Invalid key_count_limit of 0. Please specify an integer greater than 0.")),
            ("list", json!([{ "limit": 1001 }]), throws("Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than or equal to 1000.")),
            ("list", json!([{ "cursor": "made up" }]), throws("Error: KV GET failed: 400 Invalid cursor. Begin without one.")),
            ("get", json!(["k"]), gives(json!("v"))),
        ],
    )
    .await;
}

#[tokio::test]
async fn operations_count_as_requests() {
    let (edge, ..) = shell(&["limits.subrequests=3"]).await;
    let three = edge.ask_times("shell", "KV", "get", json!(["k"]), 3).await;
    assert_eq!(three, gives(json!(null)));
    let four = edge.ask_times("shell", "KV", "get", json!(["k"]), 4).await;
    let error = four["error"].as_str().expect("an error");
    assert!(error.contains("Too many subrequests"), "{error}");
}

/// Bindings alone lead to a namespace: two workers with the same keys under the same binding's name.
#[tokio::test]
async fn a_worker_reaches_what_its_bindings_name_and_nothing_else() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    api.namespace("tenants").await;
    let (one, other) = (
        api.kv_namespace("one").await,
        api.kv_namespace("other").await,
    );
    edge.shell(&api, "tenants/one", &[("KV", &one)]).await;
    edge.shell(&api, "tenants/other", &[("KV", &other), ("SHARED", &one)])
        .await;
    edge.shell(&api, "tenants/none", &[]).await;
    let ask = async |who: &str, binding: &str, method: &str, args: Value| {
        edge.ask(&format!("tenants/{who}"), binding, method, args)
            .await
    };
    for (who, binding, value) in [("one", "KV", "mine"), ("other", "KV", "yours")] {
        assert_eq!(
            ask(who, binding, "put", json!(["k", value])).await,
            nothing()
        );
    }
    for (who, binding, value) in [
        ("one", "KV", "mine"),
        ("other", "KV", "yours"),
        ("other", "SHARED", "mine"),
    ] {
        assert_eq!(
            ask(who, binding, "get", json!(["k"])).await,
            gives(json!(value)),
            "{who} {binding}"
        );
    }
    let error = ask("none", "KV", "get", json!(["k"])).await;
    assert!(
        error["error"]
            .as_str()
            .is_some_and(|text| text.starts_with("TypeError")),
        "{error}"
    );
}

/// What Cloudflare's documentation says of a service-worker script: a binding is a global.
#[tokio::test]
async fn a_service_worker_finds_its_namespace_as_a_global() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    let script = b"addEventListener('fetch', (event) => event.respondWith(answer()));
        async function answer() { await KV.put('k', 'v'); return new Response(await KV.get('k', { type: 'stream' })); }";
    let metadata = json!({ "body_part": "script", "bindings": [{ "type": "kv_namespace", "name": "KV", "namespace_id": id }] });
    let path = api.workers("/scripts/classic");
    api.upload(
        &path,
        metadata,
        &[("script", "application/javascript", script)],
    )
    .await
    .result();
    edge.cirque(&["route", "classic.test", "classic"]);
    edge.until_routed("classic.test").await;
    assert_eq!(edge.get("classic.test", "/").await.text(), "v");
}
