//! The control API: namespaces, scripts, tags, secrets, tokens, through its own door, seen at the visitors'.

use serde_json::{Value, json};

use super::harness::api::{Api, shared_key};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, until};

async fn edge() -> Edge {
    Builder::new(&[]).with_api().start().await
}

/// Leads `<name>.test` to a worker of a namespace, and waits until it answers.
async fn lead(edge: &Edge, name: &str, worker: &str) {
    let host = format!("{name}.test");
    edge.cirque(&["route", &host, worker]);
    edge.until_routed(&host).await;
}

fn names(list: &Value) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn a_namespace_lives_from_its_creation_to_its_deletion() {
    let edge = edge().await;
    let api = edge.api().await;
    let made = api
        .json("POST", &api.dispatch(""), json!({ "name": "production" }))
        .await
        .result();
    assert_eq!(made["namespace_name"], "production");
    assert_eq!(made["name"], "production");
    assert_eq!(made["namespace_id"].as_str().expect("an id").len(), 36);
    let again = api
        .json("POST", &api.dispatch(""), json!({ "name": "production" }))
        .await;
    assert_eq!(again.failure(), (409, 100_120));
    assert_eq!(again.headers["x-should-retry"], "false");

    api.component(&edge, "production/shop", "hello", json!({ "tags": ["a"] }))
        .await
        .result();
    lead(&edge, "shop", "production/shop").await;
    assert_eq!(edge.get("shop.test", "/").await.status, 200);
    let one = api.get(&api.dispatch("/production")).await.result();
    assert_eq!(one["script_count"], 1);

    // Its workers, and the hostnames that lead to them, go with it to another name.
    let moved = api
        .json(
            "PUT",
            &api.dispatch("/production"),
            json!({ "name": "live", "trusted_workers": true }),
        )
        .await
        .result();
    assert_eq!(moved["namespace_name"], "live");
    assert_eq!(moved["namespace_id"], made["namespace_id"]);
    assert_eq!(moved["trusted_workers"], true);
    assert_eq!(moved["script_count"], 1);
    assert_eq!(
        api.get(&api.dispatch("/production")).await.failure(),
        (404, 100_119)
    );
    until("the moved worker answers", async || {
        edge.get("shop.test", "/").await.status == 200
    })
    .await;
    let listed = api.get(&api.dispatch("")).await.result();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));

    // With it go all of its workers, at once.
    let gone = api.delete(&api.dispatch("/live")).await;
    assert_eq!(gone.result(), Value::Null);
    until("its worker is gone", async || {
        edge.get("shop.test", "/").await.status == 404
    })
    .await;
    assert_eq!(
        api.get(&api.dispatch("/live")).await.failure(),
        (404, 100_119)
    );
    assert_eq!(
        api.get(&api.dispatch("/live/scripts/shop")).await.failure(),
        (404, 100_119)
    );
    // A new one of the name begins empty.
    api.namespace("live").await;
    assert_eq!(
        api.get(&api.dispatch("/live/scripts")).await.result(),
        json!([])
    );
    assert_eq!(edge.get("shop.test", "/").await.status, 404);
}

#[tokio::test]
async fn a_namespaces_limits_are_what_its_workers_get_that_ask_for_nothing() {
    let edge = edge().await;
    let api = edge.api().await;
    let body = json!({ "name": "n", "limits": { "cpu_ms": 10 } });
    api.json("POST", &api.dispatch(""), body).await.result();
    api.component(&edge, "n/spin", "spin", json!({}))
        .await
        .result();
    lead(&edge, "spin", "n/spin").await;
    assert_eq!(edge.get("spin.test", "/?ms=200").await.status, 503);
    api.json(
        "PATCH",
        &api.dispatch("/n"),
        json!({ "limits": { "cpu_ms": 5000 } }),
    )
    .await
    .result();
    until("the new limit holds", async || {
        edge.get("spin.test", "/?ms=50").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_new_version_serves_at_once_and_a_bad_one_changes_nothing() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("n").await;
    let first = api
        .component(&edge, "n/a", "hello", json!({ "tags": ["x"] }))
        .await
        .result();
    assert_eq!(first["id"], "a");
    assert_eq!(first["deployment_id"].as_str().expect("an id").len(), 32);
    assert_eq!(first["tag"].as_str().expect("a tag").len(), 32);
    assert!(first["startup_time_ms"].is_number());
    lead(&edge, "a", "n/a").await;
    assert_eq!(edge.get("a.test", "/").await.text(), "Hello, World!\n");

    let path = api.dispatch("/n/scripts/a");
    let bad = api
        .upload(
            &path,
            json!({ "main_module": "w.wasm" }),
            &[("w.wasm", "application/wasm", b"\0asm\x01\0\0\0")],
        )
        .await;
    assert_eq!(bad.failure(), (400, 10_021));
    assert!(
        bad.message().contains("core WebAssembly module"),
        "{}",
        bad.message()
    );
    assert_eq!(edge.get("a.test", "/").await.text(), "Hello, World!\n");

    let second = api
        .component(&edge, "n/a", "echo", json!({}))
        .await
        .result();
    assert_eq!(second["tag"], first["tag"], "it is the same worker");
    assert_ne!(second["deployment_id"], first["deployment_id"]);
    assert_eq!(second["tags"], json!(["x"]), "tags that nobody names stay");
    until("the new version serves", async || {
        edge.post("a.test", "/", "ping").await.text() == "ping"
    })
    .await;

    let details = api.get(&path).await.result();
    assert_eq!(details["dispatch_namespace"], "n");
    assert_eq!(details["script"]["etag"], second["etag"]);
    let content = api.get(&format!("{path}/content")).await;
    assert_eq!(content.headers["content-type"], "application/wasm");
    assert!(content.body.starts_with(b"\0asm"));

    assert_eq!(api.delete(&path).await.result(), Value::Null);
    until("it is gone", async || {
        edge.get("a.test", "/").await.status == 404
    })
    .await;
    assert_eq!(api.get(&path).await.failure(), (404, 10_092));
    assert_eq!(api.delete(&path).await.failure(), (404, 10_092));
}

#[tokio::test]
async fn bindings_are_kept_inherited_and_replaced_as_cloudflare_does() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("n").await;
    let path = api.dispatch("/n/scripts/a");
    let values = api.kv_namespace("values").await;
    let bindings = json!([
        { "type": "plain_text", "name": "PLAIN", "text": "one" },
        { "type": "json", "name": "DATA", "json": { "a": 1 } },
        { "type": "secret_text", "name": "SECRET", "text": "hush-hush" },
        { "type": "kv_namespace", "name": "KV", "namespace_id": values },
        { "type": "d1", "name": "DB", "database_id": "def" },
    ]);
    api.component(&edge, "n/a", "config", json!({ "bindings": bindings }))
        .await
        .result();
    let all = api.get(&format!("{path}/bindings")).await.result();
    let found: Vec<&str> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|b| b["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(found, ["PLAIN", "DATA", "SECRET", "KV", "DB"]);
    assert!(!all.to_string().contains("hush"));
    assert_eq!(
        all[3],
        json!({ "type": "kv_namespace", "name": "KV", "namespace_id": values })
    );

    // Named by type they stay, others go.
    let metadata = json!({
        "bindings": [{ "type": "plain_text", "name": "NEW", "text": "two" }, { "type": "inherit", "name": "RENAMED", "old_name": "SECRET" }],
        "keep_bindings": ["kv_namespace"],
    });
    api.component(&edge, "n/a", "config", metadata)
        .await
        .result();
    let all = api.get(&format!("{path}/bindings")).await.result();
    let found: Vec<&str> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|b| b["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(found, ["NEW", "RENAMED", "KV"]);

    // What is not there is passed over, or, strictly, an error that changes nothing.
    let metadata =
        json!({ "bindings": [{ "type": "inherit", "name": "NOBODY" }], "keep_bindings": true });
    api.component(&edge, "n/a", "config", metadata.clone())
        .await
        .result();
    let file =
        std::fs::read(super::harness::built("config", edge.directory.path())).expect("a component");
    let mut strict = metadata;
    strict["main_module"] = "w.wasm".into();
    let refused = api
        .upload(
            &format!("{path}?bindings_inherit=strict"),
            strict,
            &[("w.wasm", "application/wasm", &file)],
        )
        .await;
    assert_eq!(refused.failure(), (400, 10_057));
    let all = api.get(&format!("{path}/bindings")).await.result();
    assert_eq!(all.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn secrets_are_sealed_never_shown_and_reach_their_worker() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("n").await;
    api.component(&edge, "n/a", "config", json!({}))
        .await
        .result();
    lead(&edge, "a", "n/a").await;
    let path = api.dispatch("/n/scripts/a/secrets");
    let put = json!({ "name": "GREETING", "text": "open-sesame", "type": "secret_text" });
    assert_eq!(
        api.json("PUT", &path, put).await.result(),
        json!({ "name": "GREETING", "type": "secret_text" })
    );
    until("the worker has it", async || {
        edge.get("a.test", "/").await.text().contains("open-sesame")
    })
    .await;
    assert_eq!(
        api.get(&path).await.result(),
        json!([{ "name": "GREETING", "type": "secret_text" }])
    );
    assert_eq!(
        api.get(&format!("{path}/GREETING")).await.result()["name"],
        "GREETING"
    );

    let bulk = json!({ "secrets": { "A": { "type": "secret_text", "text": "hidden-a" }, "GREETING": null } });
    let answer = api
        .json("PATCH", &api.dispatch("/n/scripts/a/secrets-bulk"), bulk)
        .await
        .result();
    assert_eq!(
        answer["secrets"],
        json!([{ "name": "A", "type": "secret_text" }])
    );
    until("the worker has lost it", async || {
        !edge.get("a.test", "/").await.text().contains("open-sesame")
    })
    .await;
    // All of them, or none.
    let bulk =
        json!({ "secrets": { "B": { "type": "secret_text", "text": "b" }, "NOBODY": null } });
    assert_eq!(
        api.json("PATCH", &api.dispatch("/n/scripts/a/secrets-bulk"), bulk)
            .await
            .failure(),
        (404, 10_056)
    );
    assert_eq!(
        api.get(&path).await.result(),
        json!([{ "name": "A", "type": "secret_text" }])
    );
    assert_eq!(
        api.delete(&format!("{path}/A?url_encoded=true"))
            .await
            .result(),
        Value::Null
    );
    assert_eq!(
        api.delete(&format!("{path}/A")).await.failure(),
        (404, 10_056)
    );

    api.json(
        "PUT",
        &path,
        json!({ "name": "LAST", "text": "sealed-away", "type": "secret_text" }),
    )
    .await
    .result();
    let everywhere = [
        edge.log(),
        edge.ops("/metrics").await.text(),
        api.get(&api.dispatch("/n/scripts/a/settings"))
            .await
            .json
            .to_string(),
    ];
    for text in everywhere {
        for secret in ["open-sesame", "hidden-a", "sealed-away", &api.token] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    for file in ["store.db", "store.db-wal"] {
        let bytes =
            std::fs::read(edge.directory.path().join("data").join(file)).unwrap_or_default();
        for secret in ["open-sesame", "sealed-away", &api.token] {
            assert!(
                memchr::memmem::find(&bytes, secret.as_bytes()).is_none(),
                "{secret} in {file}"
            );
        }
    }

    // A new key seals them anew; the old one may go afterwards.
    edge.cirque(&["secrets", "rotate"]);
    let keys = edge.directory.path().join("data/secrets.key");
    let text = std::fs::read_to_string(&keys).expect("keys");
    assert_eq!(text.lines().count(), 2);
    let edge = edge.restart().await;
    assert!(edge.get("a.test", "/").await.text().contains("sealed-away"));
}

#[tokio::test]
async fn tags_are_listed_filtered_and_deleted_by() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("n").await;
    for (name, tags) in [
        ("a", json!(["free", "eu"])),
        ("b", json!(["pro", "eu"])),
        ("c", json!(["pro"])),
        ("d", json!([])),
    ] {
        api.component(
            &edge,
            &format!("n/{name}"),
            "hello",
            json!({ "tags": tags }),
        )
        .await
        .result();
    }
    let list = async |query: &str| {
        names(
            &api.get(&api.dispatch(&format!("/n/scripts{query}")))
                .await
                .result(),
        )
    };
    assert_eq!(list("").await, ["a", "b", "c", "d"]);
    assert_eq!(list("/").await, ["a", "b", "c", "d"]);
    assert_eq!(list("?tags=eu:yes").await, ["a", "b"]);
    assert_eq!(list("?tags=eu%3Ayes,pro%3Ano").await, ["a"]);
    assert_eq!(list("?tags=eu:no").await, ["c", "d"]);
    assert_eq!(list("?tags=:pro:yes&limit=:1").await, ["b"]);

    let page = api.get(&api.dispatch("/n/scripts?limit=3")).await;
    let info = page.json["result_info"].clone();
    assert_eq!(info["total_count"], 4);
    assert_eq!(page.json["result"][0]["tags"], json!(["free", "eu"]));
    let cursor = info["cursor"].as_str().expect("a cursor");
    // What was deleted or added in between harms no one who was there throughout.
    api.delete(&api.dispatch("/n/scripts/b")).await.result();
    assert_eq!(list(&format!("?limit=3&cursor={cursor}")).await, ["d"]);
    let forged = api.get(&api.dispatch("/n/scripts?cursor=AAAA")).await;
    assert_eq!(forged.failure(), (400, 10_026));
    let other = api
        .get(&api.dispatch(&format!("/n/scripts?tags=eu:yes&cursor={cursor}")))
        .await;
    assert_eq!(
        other.failure(),
        (400, 10_026),
        "a cursor belongs to its list"
    );

    let tags = api.dispatch("/n/scripts/a/tags");
    assert_eq!(api.get(&tags).await.result(), json!(["free", "eu"]));
    assert_eq!(
        api.get(&format!("{tags}?tags=free:yes,pro:no"))
            .await
            .result(),
        json!(true)
    );
    assert_eq!(
        api.get(&format!("{tags}?tags=pro:yes")).await.result(),
        json!(false)
    );
    // As an older page of Cloudflare's shows it.
    let single = api
        .send(
            "PUT",
            &tags,
            &[("content-type", "application/javascript")],
            b"['TAG1', 'TAG2', 'TAG3']".to_vec(),
        )
        .await;
    assert_eq!(single.result(), json!(["TAG1", "TAG2", "TAG3"]));
    assert_eq!(
        api.send("PUT", &format!("{tags}/x%2Fy"), &[], Vec::new())
            .await
            .result(),
        Value::Null
    );
    assert_eq!(
        api.delete(&format!("{tags}/TAG2")).await.result(),
        Value::Null
    );
    assert_eq!(
        api.delete(&format!("{tags}/TAG2")).await.result(),
        Value::Null
    );
    assert_eq!(
        api.get(&tags).await.result(),
        json!(["TAG1", "TAG3", "x/y"])
    );
    assert_eq!(list("?tags=free:yes").await, Vec::<String>::new());
    assert_eq!(list("?tags=x/y:yes").await, ["a"]);

    for (query, failure) in [
        ("", (400, 10_026)),
        ("?tags=", (400, 100_135)),
        ("?tags=pro", (400, 100_135)),
        ("?tags=pro:maybe", (400, 100_135)),
        ("?all=yes", (400, 10_026)),
        ("?tags=pro:yes&all=true", (400, 10_026)),
    ] {
        assert_eq!(
            api.delete(&api.dispatch(&format!("/n/scripts{query}")))
                .await
                .failure(),
            failure,
            "{query}"
        );
    }
    assert_eq!(list("").await, ["a", "c", "d"]);
    let deleted = api
        .delete(&api.dispatch("/n/scripts?tags=pro:no&limit=1"))
        .await
        .result();
    assert_eq!(
        deleted,
        json!({ "deleted": [{ "id": "a" }], "deleted_count": 1, "has_more": true })
    );
    let deleted = api
        .delete(&api.dispatch("/n/scripts?tags=pro:no"))
        .await
        .result();
    assert_eq!(deleted["deleted_count"], 1);
    assert_eq!(deleted["has_more"], false);
    assert_eq!(list("").await, ["c"]);
}

#[tokio::test]
async fn scripts_written_by_hand_are_listed_too() {
    let edge = edge().await;
    let api = edge.api().await;
    let deployed = edge.directory.path().join("m.json");
    std::fs::write(&deployed, r#"{"tags":["t"]}"#).expect("a file");
    edge.cirque(&[
        "deploy",
        "hand/made",
        &super::harness::built("hello", edge.directory.path()),
        "--metadata",
        &deployed.to_string_lossy(),
    ]);
    until("it is listed", async || {
        let listed = api.get(&api.dispatch("/hand/scripts?tags=t:yes")).await;
        listed.status == 200 && listed.json["result"][0]["id"] == "made"
    })
    .await;
    assert_eq!(
        api.get(&api.dispatch("")).await.result()[0]["namespace_name"],
        "hand"
    );
}

#[tokio::test]
async fn a_token_opens_what_it_is_for_until_it_is_revoked() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("mine").await;
    api.namespace("other").await;
    api.component(&edge, "other/a", "hello", json!({}))
        .await
        .result();
    let verify = "/client/v4/user/tokens/verify";
    assert_eq!(api.get(verify).await.result()["status"], "active");
    // As Cloudflare's older keys are shown.
    let headers = [
        ("x-auth-email", "a@example.com"),
        ("x-auth-key", api.token.as_str()),
    ];
    assert_eq!(
        api.raw("GET", verify, &headers, Vec::new()).await.status,
        200
    );

    let reader = edge
        .api_with(&["token", "create", "reader", "--access", "read"])
        .await;
    assert_eq!(
        reader
            .get(&reader.dispatch(""))
            .await
            .result()
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let refused = reader
        .json("POST", &reader.dispatch(""), json!({ "name": "x" }))
        .await;
    assert_eq!(refused.failure(), (403, 9_109));

    let bound = edge
        .api_with(&["token", "create", "bound", "--namespace", "mine"])
        .await;
    bound
        .component(&edge, "mine/a", "hello", json!({}))
        .await
        .result();
    let listed = bound.get(&bound.dispatch("")).await.result();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    // What is another's does not exist, in the very words of what does not exist.
    for path in [
        "/other",
        "/other/scripts",
        "/other/scripts/a",
        "/other/scripts/a/secrets",
    ] {
        let (theirs, nobodys) = (
            bound.dispatch(path),
            bound.dispatch(&path.replace("other", "nobody")),
        );
        let (theirs, nobodys) = (bound.get(&theirs).await, bound.get(&nobodys).await);
        assert_eq!(theirs.failure(), (404, 100_119), "{path}");
        assert_eq!(
            theirs.message().replace("other", "nobody"),
            nobodys.message()
        );
    }
    assert_eq!(
        bound.delete(&bound.dispatch("/mine")).await.failure(),
        (403, 9_109)
    );
    assert_eq!(
        bound.get(&bound.workers("/scripts")).await.failure(),
        (403, 9_109)
    );
    assert_eq!(
        bound
            .get(&bound.workers("/scripts/a/settings"))
            .await
            .failure(),
        (404, 10_007)
    );

    // Nor does it give its workers a way out of its namespace, or start what was stopped.
    for binding in [
        json!({ "type": "service", "name": "B", "service": "admin" }),
        json!({ "type": "dispatch_namespace", "name": "B", "namespace": "other" }),
        json!({ "type": "dispatch_namespace", "name": "B", "namespace": "mine", "outbound": { "service": "admin" } }),
    ] {
        let said = json!({ "bindings": [binding] });
        let upload = bound
            .component(&edge, "mine/a", "hello", said.clone())
            .await;
        assert_eq!(upload.failure(), (403, 9_109), "{said}");
        let settings = bound.dispatch("/mine/scripts/a/settings");
        let patched = bound.json("PATCH", &settings, said.clone()).await;
        assert_eq!(patched.failure(), (403, 9_109), "{said}");
    }
    let within =
        json!({ "bindings": [{ "type": "dispatch_namespace", "name": "B", "namespace": "mine" }] });
    bound
        .component(&edge, "mine/a", "hello", within)
        .await
        .result();
    edge.cirque(&["suspend", "mine/a"]);
    let settings = bound.dispatch("/mine/scripts/a/script-settings");
    let resumed = bound
        .json("PATCH", &settings, json!({ "status": "active" }))
        .await;
    assert_eq!(resumed.failure(), (403, 9_109));
    let path = api.dispatch("/mine/scripts/a/script-settings");
    let resumed = api
        .json("PATCH", &path, json!({ "status": "active" }))
        .await;
    assert_eq!(resumed.result()["status"], "active");

    let listed = edge.cirque(&["token", "list"]);
    assert!(
        listed.contains("reader") && listed.contains("mine") && !listed.contains(&api.token),
        "{listed}"
    );
    edge.cirque(&["token", "revoke", "bound"]);
    assert_eq!(bound.get(verify).await.failure(), (401, 1_000));
    assert_eq!(
        bound.get(&bound.dispatch("/mine")).await.failure(),
        (401, 10_000)
    );
    let again = edge.try_cirque(&["token", "revoke", "bound"]);
    assert!(!again.status.success());
}

#[tokio::test]
async fn the_first_start_shows_a_token_once() {
    let edge = edge().await;
    until("a token is shown", async || {
        edge.log().contains("first token")
    })
    .await;
    let log = edge.log();
    let token = log
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("cirque_"))
        .expect("a token");
    let api = Api {
        port: edge.api_port,
        account: String::new(),
        token: token.to_owned(),
    };
    assert_eq!(
        api.get("/client/v4/user").await.result()["username"],
        "first"
    );
    let edge = edge.restart().await;
    assert_eq!(edge.log().matches("first token").count(), 1);
    let account = |api: Value| api[0]["id"].clone();
    let api = Api {
        port: edge.api_port,
        ..api
    };
    assert_eq!(
        account(api.get("/client/v4/accounts").await.result())
            .as_str()
            .map(str::len),
        Some(32)
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_soon_not_even_looked_at() {
    let edge = Builder::new(&["api.failures_per_minute=3"])
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let user = "/client/v4/user";
    for (headers, status) in [
        (&[][..], 401),
        (&[("authorization", "Basic YTpi")], 400),
        (&[("authorization", "Bearer")], 400),
        (&[("x-auth-key", "k")], 400),
        (&[("authorization", "Bearer wrong")], 401),
        (&[("x-auth-email", "a@b"), ("x-auth-key", "wrong")], 401),
        (&[("authorization", "Bearer wronger")], 401),
    ] {
        assert_eq!(
            api.raw("GET", user, headers, Vec::new()).await.failure(),
            (status, 10_000),
            "{headers:?}"
        );
    }
    let blocked = api
        .raw(
            "GET",
            user,
            &[("authorization", "Bearer wrong")],
            Vec::new(),
        )
        .await;
    assert_eq!(blocked.failure(), (429, 971));
    assert!(edge.metric("cirque_api_credentials_refused_total").await >= 3.0);
}

#[tokio::test]
async fn every_change_leaves_a_record() {
    let edge = edge().await;
    let api = edge.api().await;
    api.namespace("n").await;
    api.component(&edge, "n/a", "hello", json!({}))
        .await
        .result();
    api.json(
        "PUT",
        &api.dispatch("/n/scripts/a/secrets"),
        json!({ "name": "S", "text": "hush", "type": "secret_text" }),
    )
    .await
    .result();
    api.delete(&api.dispatch("/n/scripts/nobody"))
        .await
        .failure();
    let path = format!("/client/v4/accounts/{}/audit_logs", api.account);
    let page = api.get(&format!("{path}?per_page=3")).await;
    let records = page.json["result"].as_array().expect("a list").clone();
    let told = |record: &Value| {
        (
            record["action"]["type"].clone(),
            record["action"]["result"].clone(),
            record["resource"]["type"].clone(),
            record["resource"]["id"].clone(),
        )
    };
    assert_eq!(
        told(&records[0]),
        (
            json!("delete"),
            json!(false),
            json!("script"),
            json!("n/nobody")
        )
    );
    assert_eq!(
        told(&records[1]),
        (json!("put"), json!(true), json!("secret"), json!("n/a:S"))
    );
    assert_eq!(
        told(&records[2]),
        (json!("put"), json!(true), json!("script"), json!("n/a"))
    );
    assert_eq!(records[0]["actor"]["ip"], "127.0.0.1");
    assert!(!page.json.to_string().contains("hush"));
    let cursor = page.json["result_info"]["cursor"]
        .as_str()
        .expect("a cursor");
    let rest = api.get(&format!("{path}?cursor={cursor}")).await.result();
    assert_eq!(
        told(&rest[0]),
        (json!("create"), json!(true), json!("namespace"), json!("n"))
    );
    // The command line is one of those who change things.
    assert_eq!(rest[1]["interface"], "CLI");
    edge.until_logged(&["audit", "n/a", "secret"]).await;
}

#[tokio::test]
async fn the_description_names_every_route() {
    let edge = edge().await;
    let api = edge.api().await;
    for path in ["/openapi.json", "/client/v4/openapi.json"] {
        let answer = api.raw("GET", path, &[], Vec::new()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json["openapi"], "3.1.0");
        let paths = answer.json["paths"].as_object().expect("paths");
        assert!(paths.len() > 30, "{}", paths.len());
        // Each of them is answered by a handler: what is missing is a thing, not a route.
        for (path, operations) in paths {
            let account = path.replace("{account_id}", &api.account);
            let concrete = account.replace(['{', '}'], "");
            for method in operations.as_object().expect("operations").keys() {
                let answer = api
                    .send(
                        &method.to_uppercase(),
                        &format!("/client/v4{concrete}"),
                        &[],
                        b"{}".to_vec(),
                    )
                    .await;
                let code = answer.json["errors"][0]["code"].as_u64();
                assert!(
                    !matches!(code, Some(7_003 | 10_405)),
                    "{method} {path}: {:?}",
                    answer.json
                );
                assert!(answer.status < 500, "{method} {path}: {:?}", answer.json);
            }
        }
    }
}

#[tokio::test]
async fn what_one_node_changes_another_serves_and_lists() {
    let redis = Redis::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    // Nodes on one store share the key of its secrets.
    let setting = shared_key(directory.path());
    let settings = [&*redis.setting(), &setting];
    let one = Builder::new(&settings).with_api().start().await;
    let other = Builder::new(&settings).with_api().start().await;
    let api = one.api().await;
    let there = Api {
        port: other.api_port,
        ..api.clone()
    };
    api.namespace("n").await;
    api.component(&one, "n/a", "config", json!({ "tags": ["x"] }))
        .await
        .result();
    one.cirque(&["route", "a.test", "n/a"]);
    until("the other node serves it", async || {
        other.get("a.test", "/").await.status == 200
    })
    .await;
    let listed = there.get(&there.dispatch("/n/scripts?tags=x:yes")).await;
    assert_eq!(names(&listed.result()), ["a"]);
    let put = json!({ "name": "S", "text": "shared", "type": "secret_text" });
    there
        .json("PUT", &there.dispatch("/n/scripts/a/secrets"), put)
        .await
        .result();
    for edge in [&one, &other] {
        until("the secret arrives", async || {
            edge.get("a.test", "/").await.text().contains("shared")
        })
        .await;
    }
    // Pages go on where they ended, whichever node answers.
    for name in ["b", "c", "d"] {
        api.component(&one, &format!("n/{name}"), "hello", json!({}))
            .await
            .result();
    }
    let page = api.get(&api.dispatch("/n/scripts?limit=2")).await;
    let cursor = page.json["result_info"]["cursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    let rest = there
        .get(&there.dispatch(&format!("/n/scripts?limit=2&cursor={cursor}")))
        .await;
    assert_eq!(names(&rest.result()), ["c", "d"]);
    // A record written by hand is listed, and one removed by hand is not.
    let record = redis.get("cirque:script:{n}:b").await;
    redis.set("cirque:script:{n}:z", record).await;
    redis.run(&["DEL", "cirque:script:{n}:b"]).await;
    until("the list follows", async || {
        names(&api.get(&api.dispatch("/n/scripts")).await.result()) == ["a", "c", "d", "z"]
    })
    .await;
    let deleted = api
        .delete(&api.dispatch("/n/scripts?tags=x:no"))
        .await
        .result();
    assert_eq!(deleted["deleted_count"], 3);
    // Revoked at one node, a token opens nothing at the other.
    one.cirque(&["token", "revoke", "test"]);
    assert_eq!(there.get("/client/v4/user").await.failure(), (401, 10_000));
    let again = other.api_with(&["token", "create", "again"]).await;
    again.delete(&again.dispatch("/n")).await.result();
    for edge in [&one, &other] {
        until("it is gone", async || {
            edge.get("a.test", "/").await.status == 404
        })
        .await;
    }
}

#[tokio::test]
async fn without_its_store_the_api_refuses_and_the_edge_serves_on() {
    let mut redis = Redis::durable().await;
    let settings = [&*redis.setting(), "store.timeout_ms=300"];
    let edge = Builder::new(&settings).with_api().start().await;
    let api = edge.api().await;
    api.namespace("n").await;
    api.component(&edge, "n/a", "hello", json!({}))
        .await
        .result();
    lead(&edge, "a", "n/a").await;
    redis.kill();
    // Nobody knows whether the token still holds.
    until("the absence is noticed", async || {
        api.get("/client/v4/user").await.status == 503
    })
    .await;
    assert_eq!(api.get(&api.dispatch("/n")).await.failure(), (503, 10_002));
    assert_eq!(
        api.delete(&api.dispatch("/n/scripts/a")).await.failure(),
        (503, 10_002)
    );
    assert_eq!(edge.get("a.test", "/").await.status, 200);
    redis.resume_process().await;
    until("the store is back", async || {
        api.get(&api.dispatch("/n/scripts/a")).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_node_with_another_key_makes_no_secrets_that_nobody_opens() {
    let redis = Redis::start().await;
    let one = Builder::new(&[&redis.setting()]).with_api().start().await;
    let _ = one.api().await;
    let other = tempfile::tempdir().expect("a directory");
    let output = std::process::Command::new(super::harness::CIRQUE)
        .args(["--set", &redis.setting()])
        .args([
            "--set",
            &format!("store.data_dir={}", other.path().display()),
        ])
        .args(["token", "create", "lost"])
        .output()
        .expect("the binary under test runs");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{message}");
    assert!(message.contains("copy the key file"), "{message}");
}

#[tokio::test]
async fn a_regular_workers_versions_domains_and_routes() {
    let edge = Builder::new(&[]).with_javascript().with_api().start().await;
    let api = edge.api().await;
    let code = |word: &str| format!("export default {{ fetch: () => new Response('{word}') }};");
    let metadata = json!({ "main_module": "w.js", "annotations": { "workers/message": "first" } });
    let js = "application/javascript+module";
    let path = api.workers("/scripts/w");
    api.upload(&path, metadata, &[("w.js", js, code("one").as_bytes())])
        .await
        .result();
    let domain = json!({ "hostname": "app.test", "service": "w", "zone_name": "test", "environment": "production" });
    let made = api
        .json("PUT", &api.workers("/domains"), domain)
        .await
        .result();
    edge.until_routed("app.test").await;
    assert_eq!(edge.get("app.test", "/").await.text(), "one");
    assert_eq!(edge.get("other.test", "/").await.status, 404);

    // A version serves when it is deployed, not before; and an older one may serve again.
    let (content_type, body) = super::harness::api::form(
        r#"{"main_module":"w.js"}"#,
        &[("w.js", js, code("two").as_bytes())],
    );
    let versions = format!("{path}/versions");
    let second = api
        .send("POST", &versions, &[("content-type", &content_type)], body)
        .await
        .result();
    assert_eq!(second["number"], 2);
    assert_eq!(edge.get("app.test", "/").await.text(), "one");
    let listed = api.get(&versions).await.result();
    let first = listed["items"][1]["id"].clone();
    assert_eq!(
        listed["items"][1]["annotations"]["workers/message"],
        "first"
    );
    let deploy = async |id: &Value| {
        let body = json!({ "strategy": "percentage", "versions": [{ "version_id": id, "percentage": 100 }] });
        api.json("POST", &format!("{path}/deployments"), body)
            .await
            .result()
    };
    deploy(&second["id"]).await;
    until("the second serves", async || {
        edge.get("app.test", "/").await.text() == "two"
    })
    .await;
    deploy(&first).await;
    until("the first serves again", async || {
        edge.get("app.test", "/").await.text() == "one"
    })
    .await;
    let history = api.get(&format!("{path}/deployments")).await.result();
    assert_eq!(history["deployments"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        history["deployments"][0]["versions"][0]["version_id"],
        first
    );

    // Every hostname that nothing else covers.
    let zone = api.get("/client/v4/zones?name=example.com").await.result();
    let zone = zone[0]["id"].as_str().expect("an id").to_owned();
    let routes = format!("/client/v4/zones/{zone}/workers/routes");
    let route = api
        .json("POST", &routes, json!({ "pattern": "*/*", "script": "w" }))
        .await
        .result();
    until("all hostnames answer", async || {
        edge.get("other.test", "/").await.text() == "one"
    })
    .await;
    assert_eq!(api.get(&routes).await.result()[0]["pattern"], "*/*");
    let id = route["id"].as_str().expect("an id");
    api.delete(&format!("{routes}/{id}")).await.result();
    until("they answer no more", async || {
        edge.get("other.test", "/").await.status == 404
    })
    .await;
    let id = made["id"].as_str().expect("an id");
    api.delete(&api.workers(&format!("/domains/{id}")))
        .await
        .result();
    until("nor does the domain", async || {
        edge.get("app.test", "/").await.status == 404
    })
    .await;
    api.delete(&api.workers("/services/w?force=true"))
        .await
        .result();
    assert_eq!(api.get(&versions).await.failure(), (404, 10_007));
}

#[tokio::test]
async fn scripts_are_uploaded_in_every_way_clients_have_written_them() {
    let edge = Builder::new(&[]).with_javascript().with_api().start().await;
    let api = edge.api().await;
    api.namespace("n").await;
    let module = "export default { fetch: (r, env) => new Response('module ' + (env.WHO ?? '')) };";
    let service =
        "addEventListener('fetch', (event) => event.respondWith(new Response('service')));";
    let part = |disposition: &str, kind: &str, body: &str| {
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!("Content-Type: {kind}\r\n")
        };
        format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n{body}\r\n")
    };
    let end = "--B--\r\n";
    let form = "multipart/form-data; boundary=B";
    let metadata =
        r#"{"main_module":"w.mjs","bindings":[{"type":"plain_text","name":"WHO","text":"x"}]}"#;
    let brackets = [
        ("main_module", "w.mjs"),
        ("bindings][][type", "plain_text"),
        ("bindings][][name", "WHO"),
        ("bindings][][text", "x"),
        ("limits][cpu_ms", "40"),
    ]
    .map(|(name, value)| part(&format!("name=\"metadata[{name}]\""), "", value))
    .concat();
    let cases: Vec<(&str, &str, String, &str)> = vec![
        (
            "a script alone",
            "application/javascript",
            service.into(),
            "service",
        ),
        (
            "a script alone, as text",
            "text/javascript; charset=utf-8",
            service.into(),
            "service",
        ),
        (
            "a module alone",
            "application/javascript+module",
            module.into(),
            "module ",
        ),
        (
            "a module that says it is a script",
            "application/javascript",
            module.into(),
            "module ",
        ),
        (
            "metadata as a field",
            form,
            part("name=\"metadata\"", "", metadata)
                + &part(
                    "name=\"w.mjs\"; filename=\"w.mjs\"",
                    "application/javascript+module",
                    module,
                )
                + end,
            "module x",
        ),
        (
            "metadata as a file",
            form,
            part(
                "name=\"metadata\"; filename=\"metadata.json\"",
                "application/json",
                metadata,
            ) + &part(
                "name=\"script\"; filename=\"w.mjs\"",
                "application/javascript+module",
                module,
            ) + end,
            "module x",
        ),
        (
            "the module in a field of another name",
            form,
            part(
                "name=\"metadata\"; filename=\"blob\"",
                "application/json",
                metadata,
            ) + &part(
                "name=\"0\"; filename=\"w.mjs\"",
                "application/javascript+module",
                module,
            ) + end,
            "module x",
        ),
        (
            "a module as curl sends what it does not know",
            form,
            part("name=\"metadata\"", "", metadata)
                + &part(
                    "name=\"w.mjs\"; filename=\"w.mjs\"",
                    "application/octet-stream",
                    module,
                )
                + end,
            "module x",
        ),
        (
            "single fields under the wrong content type",
            "application/javascript",
            brackets
                + &part(
                    "name=\"files[]\"; filename=\"w.mjs\"",
                    "application/javascript+module",
                    module,
                )
                + end,
            "module x",
        ),
        (
            "a service worker in a form",
            form,
            part("name=\"metadata\"", "", r#"{"body_part":"script"}"#)
                + &part(
                    "name=\"script\"; filename=\"s.js\"",
                    "application/javascript",
                    service,
                )
                + end,
            "service",
        ),
        (
            "a name with ./",
            form,
            part("name=\"metadata\"", "", r#"{"main_module":"./w.js"}"#)
                + &part(
                    "name=\"w.js\"; filename=\"w.js\"",
                    "application/javascript+module",
                    "import t from './t.txt'; export default { fetch: () => new Response(t) };",
                )
                + &part(
                    "name=\"./t.txt\"; filename=\"./t.txt\"",
                    "text/plain",
                    "text",
                )
                + end,
            "text",
        ),
    ];
    for (n, (what, content_type, body, answer)) in cases.into_iter().enumerate() {
        let name = format!("s{n}");
        let path = api.dispatch(&format!("/n/scripts/{name}"));
        let put = api
            .send(
                "PUT",
                &path,
                &[("content-type", content_type)],
                body.into_bytes(),
            )
            .await;
        assert_eq!(put.json["success"], true, "{what}: {:?}", put.json);
        lead(&edge, &name, &format!("n/{name}")).await;
        assert_eq!(
            edge.get(&format!("{name}.test"), "/").await.text(),
            answer,
            "{what}"
        );
    }
    let limits = api
        .get(&api.dispatch("/n/scripts/s8/settings"))
        .await
        .result();
    assert_eq!(limits["limits"]["cpu_ms"], 40);
    // Metadata alone changes what it names, and keeps the code.
    let path = api.dispatch("/n/scripts/s4");
    let only = part(
        "name=\"metadata\"",
        "",
        r#"{"main_module":"w.mjs","limits":{"cpu_ms":30,"memory_mb":64}}"#,
    ) + end;
    let put = api
        .send("PUT", &path, &[("content-type", form)], only.into_bytes())
        .await
        .result();
    assert_eq!(put["limits"], json!({ "cpu_ms": 30, "memory_mb": 64 }));
    assert_eq!(edge.get("s4.test", "/").await.text(), "module x");
    // And content alone changes the code, and keeps the rest.
    let only = part("name=\"metadata\"", "", r#"{"main_module":"w.mjs"}"#)
        + &part(
            "name=\"w.mjs\"; filename=\"w.mjs\"",
            "application/javascript+module",
            "export default { fetch: (r, env) => new Response('new ' + env.WHO) };",
        )
        + end;
    let put = api
        .send(
            "PUT",
            &format!("{path}/content"),
            &[("content-type", form)],
            only.into_bytes(),
        )
        .await
        .result();
    assert_eq!(put["limits"]["cpu_ms"], 30);
    until("the new code serves", async || {
        edge.get("s4.test", "/").await.text() == "new x"
    })
    .await;
    let content = api.get(&format!("{path}/content")).await;
    assert!(String::from_utf8_lossy(&content.body).contains("'new '"));
    assert_eq!(content.headers["cf-entrypoint"], "w.mjs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_works_from_afar() {
    let edge = Builder::new(&[]).with_javascript().with_api().start().await;
    let api = edge.api().await;
    let directory = edge.directory.path();
    let worker = directory.join("w.js");
    std::fs::write(
        &worker,
        "export default { fetch: () => new Response('afar') };",
    )
    .expect("a file");
    let url = format!("http://127.0.0.1:{}", edge.api_port);
    let far = |arguments: &[&str]| {
        std::process::Command::new(super::harness::CIRQUE)
            .args(arguments)
            .args(["--api", &url, "--token", &api.token])
            .current_dir(directory)
            .output()
            .expect("the binary under test runs")
    };
    let run = async |arguments: &[&str]| {
        let output = tokio::task::block_in_place(|| far(arguments));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = run(&["deploy", "n/w", "w.js"]).await;
    assert!(said.contains("deployed n/w, which handles fetch"), "{said}");
    run(&["deploy", "w", "w.js"]).await;
    run(&["route", "w.test", "w"]).await;
    edge.until_routed("w.test").await;
    assert_eq!(edge.get("w.test", "/").await.text(), "afar");
    let listed = run(&["list"]).await;
    for line in ["worker    n/w", "worker    w ", "hostname  w.test  w"] {
        assert!(listed.contains(line), "{line}: {listed}");
    }
    run(&["delete", "worker", "n/w"]).await;
    assert!(!run(&["list"]).await.contains("n/w"));
    std::fs::write(&worker, "export default {").expect("a file");
    let refused = far(&["deploy", "n/w", "w.js"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("w.js:1:") && said.contains("10021"),
        "{said}"
    );
    // What points other clients here.
    edge.cirque(&["init", "--file", &directory.join(".env").to_string_lossy()]);
    let lines = std::fs::read_to_string(directory.join(".env")).expect("a file");
    assert!(
        lines.contains(&format!("CLOUDFLARE_API_BASE_URL={url}/client/v4")),
        "{lines}"
    );
    assert!(
        lines.contains(&format!("CLOUDFLARE_ACCOUNT_ID={}", api.account)),
        "{lines}"
    );
    let again = edge.try_cirque(&["init", "--file", &directory.join(".env").to_string_lossy()]);
    assert!(
        !again.status.success(),
        "a file that is there is left alone"
    );
}

#[tokio::test]
async fn answers_are_compressed_and_carry_an_id() {
    let edge = edge().await;
    let api = edge.api().await;
    let path = "/client/v4/accounts";
    let gzip = [("accept-encoding", "gzip")];
    let packed = api.send("GET", path, &gzip, Vec::new()).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
    let mut text = String::new();
    let mut decoder = flate2::read::GzDecoder::new(&*packed.body);
    std::io::Read::read_to_string(&mut decoder, &mut text).expect("gzip");
    let plain = api.get(path).await;
    assert!(!plain.headers.contains_key("content-encoding"));
    let unpacked: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(unpacked, plain.json);
    let ids = [&packed, &plain].map(|answer| answer.headers["cf-ray"].clone());
    assert_ne!(ids[0], ids[1]);
    let refused = api.get(&api.dispatch("/nobody")).await;
    assert_eq!(refused.status, 404);
    assert!(refused.headers.contains_key("cf-ray"));
}
