//! Key-value namespaces while things go wrong: the store away, slow or killed, several who write, values that end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::harness::api::shared_key;
use super::harness::kv::edge;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, request, until};

async fn get(edge: &Edge, worker: &str, key: &str) -> Value {
    edge.ask(worker, "KV", "get", json!([key])).await
}

async fn put(edge: &Edge, worker: &str, key: &str, value: &str) -> Value {
    edge.ask(worker, "KV", "put", json!([key, value])).await
}

fn gives(value: impl Into<Value>) -> Value {
    json!({ "result": value.into() })
}

fn done() -> Value {
    gives(json!({ "$undefined": true }))
}

const AWAY: &str = "503 The store cannot be asked at the moment.";

/// Waits until the edge has heard of all changes so far: what it reads from now on stays in memory.
async fn heard(edge: &Edge, redis: &Redis) {
    put(edge, "shell", "marker", "v").await;
    assert_eq!(get(edge, "shell", "marker").await, gives("v"));
    let keys = redis.keys("cirque:kv*marker").await;
    assert_eq!(keys.len(), 1, "{keys:?}");
    redis.run(&["DEL", &keys[0]]).await;
    // Changes are heard of in their order.
    until("the last change is heard of", async || {
        get(edge, "shell", "marker").await == gives(Value::Null)
    })
    .await;
}

#[tokio::test]
async fn what_is_in_memory_is_read_while_redis_is_away_and_writes_fail_clearly() {
    let mut redis = Redis::durable().await;
    let edge = edge(&[&redis.setting(), "store.timeout_ms=200"]).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    put(&edge, "shell", "known", "v").await;
    put(&edge, "shell", "unread", "v").await;
    heard(&edge, &redis).await;
    for (key, value) in [("known", json!("v")), ("nobody", json!(null))] {
        assert_eq!(get(&edge, "shell", key).await, gives(value.clone()));
    }
    // Stopped, it answers nobody; killed, it is not there at all.
    for how in ["stopped", "killed"] {
        match how {
            "stopped" => redis.signal(Signal::STOP),
            _ => redis.kill(),
        }
        let answer = put(&edge, "shell", "known", "new").await;
        assert_eq!(
            answer,
            json!({ "error": format!("Error: KV PUT failed: {AWAY}") }),
            "{how}"
        );
        assert_eq!(get(&edge, "shell", "known").await, gives("v"), "{how}");
        assert_eq!(
            get(&edge, "shell", "nobody").await,
            gives(Value::Null),
            "{how}"
        );
        let unread = get(&edge, "shell", "unread").await;
        assert_eq!(
            unread,
            json!({ "error": format!("Error: KV GET failed: {AWAY}") }),
            "{how}"
        );
        let list = edge.ask("shell", "KV", "list", json!([])).await;
        assert_eq!(
            list,
            json!({ "error": format!("Error: KV GET failed: {AWAY}") }),
            "{how}"
        );
        if how == "stopped" {
            redis.signal(Signal::CONT);
            until("the store is back", async || {
                put(&edge, "shell", "back", "v").await == done()
            })
            .await;
            // What timed out may have been done: asked for again, it is what the store says.
            until("what was in memory is asked for again", async || {
                get(&edge, "shell", "unread").await == gives("v")
            })
            .await;
            put(&edge, "shell", "known", "v").await;
            // It was read meanwhile.
            put(&edge, "shell", "unread", "v").await;
            heard(&edge, &redis).await;
            get(&edge, "shell", "known").await;
            get(&edge, "shell", "nobody").await;
        }
    }
    redis.resume_process().await;
    until("the store is back", async || {
        put(&edge, "shell", "known", "new").await == done()
    })
    .await;
    assert_eq!(get(&edge, "shell", "known").await, gives("new"));
}

/// Puts key after key until the edge is gone.
async fn write_on(port: u16, acknowledged: Arc<Mutex<Vec<String>>>) {
    for n in 0.. {
        let key = format!("k{n}");
        let body = json!({ "binding": "KV", "method": "put", "args": [key, key] });
        let body = body.to_string().into_bytes();
        let answer = request(port, "POST", "shell.test", "/", &[], body).await;
        assert_eq!(answer.text(), done().to_string());
        acknowledged.lock().expect("a list").push(key);
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let writing = tokio::spawn(write_on(edge.port, acknowledged.clone()));
    let count = || acknowledged.lock().expect("a list").len();
    until("some writes are acknowledged", async || count() > 40).await;
    // In the middle of the next.
    edge.signal(Signal::KILL);
    writing.await.expect_err("its connection broke off");
    let edge = edge.crash().await.with_javascript().start().await;
    let acknowledged = std::mem::take(&mut *acknowledged.lock().expect("a list"));
    for key in acknowledged {
        assert_eq!(get(&edge, "shell", &key).await, gives(key));
    }
}

#[tokio::test]
async fn a_change_on_one_node_is_seen_on_the_other() {
    let redis = Redis::start().await;
    let shared = tempfile::tempdir().expect("a directory");
    let (store, key) = (redis.setting(), shared_key(shared.path()));
    let one = edge(&[&store, &key]).await;
    let other = edge(&[&store, &key]).await;
    let api = one.api().await;
    let id = api.kv_namespace("values").await;
    one.shell(&api, "shell", &[("KV", &id)]).await;
    other.until_routed("shell.test").await;
    for round in 0..20 {
        let (writer, reader) = if round % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        // The reader knows the value before, also that there is none.
        get(reader, "shell", "k").await;
        let value = format!("value {round}");
        assert_eq!(put(writer, "shell", "k", &value).await, done());
        assert_eq!(
            get(writer, "shell", "k").await,
            gives(value.clone()),
            "one's own write is seen at once"
        );
        until("the other node hears of it", async || {
            get(reader, "shell", "k").await == gives(value.clone())
        })
        .await;
    }
    // By hand, or by an end that Redis came to.
    redis.run(&["DEL", &format!("cirque:kv:{{{id}}}:k")]).await;
    for edge in [&one, &other] {
        until("the value is gone", async || {
            get(edge, "shell", "k").await == gives(Value::Null)
        })
        .await;
    }
}

#[tokio::test]
async fn a_value_that_has_ended_is_not_there() {
    let redis = Redis::start().await;
    let edge = edge(&[&redis.setting()]).await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "shell", &[("KV", &id)]).await;
    let options = json!({ "expirationTtl": 60 });
    edge.ask("shell", "KV", "put", json!(["ends", "v", options]))
        .await;
    put(&edge, "shell", "stays", "v").await;
    assert_eq!(get(&edge, "shell", "ends").await, gives("v"));
    let (value, keys) = (
        format!("cirque:kv:{{{id}}}:ends"),
        format!("cirque:kv-keys:{{{id}}}"),
    );
    let left: i64 = redis::from_redis_value(redis.run(&["TTL", &value]).await).expect("a number");
    assert!((1..=60).contains(&left), "{left}");
    // A minute is long: the value ends now instead.
    redis.run(&["PEXPIRE", &value, "1"]).await;
    until("the value has ended", async || {
        get(&edge, "shell", "ends").await == gives(Value::Null)
    })
    .await;
    let listed = edge.ask("shell", "KV", "list", json!([])).await;
    assert_eq!(listed["result"]["keys"], json!([{ "name": "stays" }]));
    let members: Vec<String> =
        redis::from_redis_value(redis.run(&["ZRANGE", &keys, "0", "-1"]).await).expect("keys");
    assert_eq!(members, ["stays"], "the list has forgotten it");
}

/// Two workers with the same keys in namespaces of their own, held against what each should have.
#[tokio::test]
async fn random_operations_of_two_tenants_never_cross() {
    let redis = Redis::start().await;
    let setting = redis.setting();
    for settings in [&[][..], &[setting.as_str()]] {
        let edge = edge(settings).await;
        let api = edge.api().await;
        api.namespace("n").await;
        let mut models: [BTreeMap<String, String>; 2] = Default::default();
        for (who, title) in ["a", "b"].iter().enumerate() {
            let id = api.kv_namespace(title).await;
            edge.shell(&api, &format!("n/t{who}"), &[("KV", &id)]).await;
        }
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: u64| {
            // xorshift: the same every time, so that a failure can be had again.
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        for step in 0..400 {
            let who = next(2) as usize;
            let (worker, model) = (format!("n/t{who}"), &mut models[who]);
            let key = ["k", "k:", "{k}", "k}:k", "ä", "k\u{0}", "%2F"][next(7) as usize].to_owned();
            match next(6) {
                0 | 1 => {
                    let value = format!("{who} {step}");
                    assert_eq!(put(&edge, &worker, &key, &value).await, done());
                    model.insert(key, value);
                }
                2 => {
                    assert_eq!(
                        edge.ask(&worker, "KV", "delete", json!([key])).await,
                        done()
                    );
                    model.remove(&key);
                }
                3 | 4 => {
                    let expected = gives(model.get(&key).cloned().map_or(Value::Null, Value::from));
                    assert_eq!(get(&edge, &worker, &key).await, expected, "step {step}");
                }
                _ => {
                    let listed = edge.ask(&worker, "KV", "list", json!([])).await;
                    let expected: Vec<Value> =
                        model.keys().map(|name| json!({ "name": name })).collect();
                    assert_eq!(
                        listed["result"]["keys"],
                        Value::from(expected),
                        "step {step}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_namespace_is_emptied_also_after_a_crash() {
    let redis = Redis::start().await;
    let shared = tempfile::tempdir().expect("a directory");
    let settings = [redis.setting(), shared_key(shared.path())];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let edge = Builder::new(&settings).with_api().start().await;
    let api = edge.api().await;
    let id = api.kv_namespace("values").await;
    let pairs: Vec<Value> = (0..2_000)
        .map(|n| json!({ "key": n.to_string(), "value": "v" }))
        .collect();
    api.json("PUT", &api.kv(&format!("/{id}/bulk")), pairs.into())
        .await
        .result();
    // As it is when whoever deletes it is killed right after the deletion counts.
    let record = redis.get(&format!("cirque:kv-namespace:{{{id}}}")).await;
    let builder = edge.crash().await;
    redis.set(&format!("cirque:kv-gone:{{{id}}}"), record).await;
    redis
        .run(&["DEL", &format!("cirque:kv-namespace:{{{id}}}")])
        .await;
    let _edge = builder.start().await;
    until("nothing is left", async || {
        let left: Vec<String> =
            redis::from_redis_value(redis.run(&["KEYS", &format!("*{id}*")]).await).expect("keys");
        left.is_empty()
    })
    .await;
}
