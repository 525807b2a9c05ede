//! The control API: namespaces, scripts, tags, secrets, tokens, through its own door, seen at the visitors'.

use serde_json::{Value, json};

use super::harness::api::Api;
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
    let bindings = json!([
        { "type": "plain_text", "name": "PLAIN", "text": "one" },
        { "type": "json", "name": "DATA", "json": { "a": 1 } },
        { "type": "secret_text", "name": "SECRET", "text": "hush-hush" },
        { "type": "kv_namespace", "name": "KV", "namespace_id": "abc" },
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
        json!({ "type": "kv_namespace", "name": "KV", "namespace_id": "abc" })
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
