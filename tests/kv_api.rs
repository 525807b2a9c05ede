//! Key-value namespaces through the control API, as Cloudflare's clients ask for them.

use serde_json::{Value, json};

use super::harness::api::{Api, form};
use super::harness::kv::edge;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, until};

async fn plain(settings: &[&str]) -> (Edge, Api) {
    let edge = Builder::new(settings).with_api().start().await;
    let api = edge.api().await;
    (edge, api)
}

#[tokio::test]
async fn namespaces_are_made_listed_renamed_and_deleted() {
    let (_edge, api) = plain(&["kv.namespaces_max=3"]).await;
    let create = async |title: Value| {
        api.json("POST", &api.kv(""), json!({ "title": title }))
            .await
    };
    let made = create(json!("first")).await.result();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        made,
        json!({ "id": id, "title": "first", "supports_url_encoding": true })
    );
    assert_eq!(id.len(), 32);
    let taken = create(json!("first")).await;
    assert_eq!(taken.failure(), (400, 10_014));
    assert_eq!(
        taken.message(),
        "a namespace with this account ID and title already exists"
    );
    for title in [json!(""), json!(" "), json!("x".repeat(513)), json!(7)] {
        assert_eq!(create(title.clone()).await.status, 400, "{title}");
    }
    assert_eq!(api.get(&api.kv(&format!("/{id}"))).await.result(), made);

    let rename = async |id: &str, title: &str| {
        api.json("PUT", &api.kv(&format!("/{id}")), json!({ "title": title }))
            .await
    };
    assert_eq!(rename(&id, "renamed").await.result()["title"], "renamed");
    assert_eq!(rename(&id, "renamed").await.result()["title"], "renamed");
    // The old title is free again, the new one is not.
    let other = api.kv_namespace("first").await;
    assert_eq!(rename(&other, "renamed").await.failure(), (400, 10_014));
    api.kv_namespace("a third").await;
    assert_eq!(create(json!("too many")).await.failure(), (400, 10_026));

    let page = async |query: &str| {
        let answer = api.get(&api.kv(query)).await;
        let titles: Vec<String> = answer.json["result"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["title"].as_str().expect("a title").to_owned())
            .collect();
        (titles, answer.json["result_info"].clone())
    };
    let (titles, info) = page("?per_page=2&order=title&direction=asc").await;
    assert_eq!(titles, ["a third", "first"]);
    assert_eq!(
        info,
        json!({ "page": 1, "per_page": 2, "count": 2, "total_count": 3, "total_pages": 2 })
    );
    assert_eq!(page("?per_page=2&page=2&order=title").await.0, ["renamed"]);
    assert_eq!(page("?per_page=2&page=3&order=title").await.0, [""; 0]);
    assert_eq!(
        page("?order=title&direction=desc").await.0,
        ["renamed", "first", "a third"]
    );

    let path = api.kv(&format!("/{id}"));
    assert_eq!(api.delete(&path).await.result(), Value::Null);
    for answer in [
        api.get(&path).await,
        api.delete(&path).await,
        rename(&id, "x").await,
    ] {
        assert_eq!(answer.failure(), (404, 10_013));
        assert_eq!(answer.message(), "namespace not found");
    }
    assert_eq!(
        api.get(&api.kv("/..%2Fx/keys")).await.failure(),
        (404, 10_013)
    );
    until("the place of the deleted one is free", async || {
        create(json!("renamed")).await.status == 200
    })
    .await;
    let audit = api
        .get(&format!("/client/v4/accounts/{}/audit_logs", api.account))
        .await;
    assert!(
        audit.json.to_string().contains("kv_namespace"),
        "{:?}",
        audit.json
    );
}

#[tokio::test]
async fn values_are_put_and_read_one_by_one() {
    let redis = Redis::start().await;
    let setting = redis.setting();
    for settings in [&[][..], &[setting.as_str()]] {
        let (_edge, api) = plain(settings).await;
        let id = api.kv_namespace("values").await;
        let at = |rest: &str| api.kv(&format!("/{id}{rest}"));
        let put = async |key: &str, body: &[u8]| {
            api.send("PUT", &at(&format!("/values/{key}")), &[], body.to_vec())
                .await
        };
        // Both ways to write a key, whatever it has in it.
        for (encoded, raw) in [
            ("a%2Fb", "a/b"),
            ("%2F%2Fodd%2F", "//odd/"),
            ("100%25", "100%25"),
            ("%C3%A4%20x", "%C3%A4%20x"),
        ] {
            assert_eq!(put(encoded, raw.as_bytes()).await.result(), Value::Null);
            let read = api.get(&at(&format!("/values/{raw}"))).await;
            assert_eq!(
                (read.status, &read.body[..]),
                (200, raw.as_bytes()),
                "{raw}"
            );
        }
        let listed = api.get(&at("/keys")).await.result();
        assert_eq!(
            listed,
            json!([{ "name": "//odd/" }, { "name": "100%" }, { "name": "a/b" }, { "name": "ä x" }])
        );

        let bytes = [0, 255, 1];
        put("bytes", &bytes).await.result();
        let read = api.get(&at("/values/bytes")).await;
        assert_eq!(read.body[..], bytes);
        assert_eq!(read.headers["content-type"], "application/octet-stream");
        assert!(read.headers.get("expiration").is_none());
        assert_eq!(api.get(&at("/metadata/bytes")).await.result(), Value::Null);

        // A form, with metadata as text and as fields; and an end.
        let (kind, body) = form(r#"{"m":1}"#, &[("value", "text/plain", b"formed")]);
        let path = at("/values/formed?expiration=4000000000");
        api.send("PUT", &path, &[("content-type", &kind)], body)
            .await
            .result();
        let read = api.get(&at("/values/formed")).await;
        assert_eq!(
            (&read.body[..], &read.headers["expiration"]),
            (&b"formed"[..], &"4000000000".parse().expect("a value"))
        );
        assert_eq!(
            api.get(&at("/metadata/formed")).await.result(),
            json!({ "m": 1 })
        );
        let fields = "--B\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nv\r\n\
                      --B\r\nContent-Disposition: form-data; name=\"metadata[a]\"\r\n\r\none\r\n--B--\r\n";
        let kind = [("content-type", "multipart/form-data; boundary=B")];
        api.send("PUT", &at("/values/fields"), &kind, fields.into())
            .await
            .result();
        assert_eq!(
            api.get(&at("/metadata/fields")).await.result(),
            json!({ "a": "one" })
        );

        assert_eq!(api.delete(&at("/values/bytes")).await.result(), Value::Null);
        assert_eq!(api.delete(&at("/values/bytes")).await.result(), Value::Null);
        for path in ["/values/bytes", "/metadata/bytes"] {
            let missing = api.get(&at(path)).await;
            assert_eq!(
                (missing.failure(), missing.message().as_str()),
                ((404, 10_009), "key not found")
            );
        }
    }
}

#[tokio::test]
async fn many_values_are_written_read_and_deleted_at_once() {
    let redis = Redis::start().await;
    let setting = redis.setting();
    for settings in [&[][..], &[setting.as_str()]] {
        let (_edge, api) = plain(settings).await;
        let id = api.kv_namespace("values").await;
        let at = |rest: &str| api.kv(&format!("/{id}{rest}"));
        let mut pairs: Vec<Value> = (0..1_200)
            .map(|n| json!({ "key": format!("k{n:04}"), "value": n.to_string() }))
            .collect();
        pairs.push(json!({ "key": "base64", "value": "AP8=", "base64": true }));
        pairs.push(json!({ "key": "meta", "value": "{\"a\":1}", "metadata": { "m": [1] }, "expiration_ttl": 600 }));
        let put = api.json("PUT", &at("/bulk"), pairs.into()).await.result();
        assert_eq!(
            put,
            json!({ "successful_key_count": 1_202, "unsuccessful_keys": [] })
        );
        assert_eq!(api.get(&at("/values/base64")).await.body[..], [0, 255]);

        let mut walked = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api
                .get(&at(&format!("/keys?prefix=k&limit=500&cursor={cursor}")))
                .await;
            let info = page.json["result_info"].clone();
            let keys = page.json["result"].as_array().expect("keys").clone();
            assert_eq!(info["count"], keys.len());
            walked.extend(keys);
            cursor = info["cursor"].as_str().expect("a cursor").to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(walked.len(), 1_200);
        assert!(walked.is_sorted_by_key(|key| key["name"].as_str().expect("a name").to_owned()));
        // A cursor is good for its own list.
        let first = api.get(&at("/keys?prefix=k&limit=1")).await;
        let cursor = first.json["result_info"]["cursor"]
            .as_str()
            .expect("a cursor");
        assert_eq!(
            api.get(&at(&format!("/keys?cursor={cursor}")))
                .await
                .failure(),
            (400, 10_026)
        );

        let get = async |body: Value| api.json("POST", &at("/bulk/get"), body).await;
        let found = get(json!({ "keys": ["k0001", "nobody"] })).await.result();
        assert_eq!(found, json!({ "values": { "k0001": "1", "nobody": null } }));
        let found = get(json!({ "keys": ["meta"], "type": "json", "withMetadata": true }))
            .await
            .result();
        let entry = &found["values"]["meta"];
        assert_eq!(
            (&entry["value"], &entry["metadata"]),
            (&json!({ "a": 1 }), &json!({ "m": [1] }))
        );
        assert!(entry["expiration"].is_u64());

        let deleted = api
            .json("DELETE", &at("/bulk"), json!(["k0000", "nobody"]))
            .await
            .result();
        assert_eq!(deleted["successful_key_count"], 2);
        api.json("POST", &at("/bulk/delete"), json!(["k0001"]))
            .await
            .result();
        assert_eq!(
            api.get(&at("/keys?prefix=k000&limit=1")).await.json["result"][0]["name"],
            "k0002"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let (_edge, api) = plain(&["kv.value_bytes_max=1000", "kv.bulk_bytes_max=100000"]).await;
    let id = api.kv_namespace("values").await;
    let at = |rest: &str| api.kv(&format!("/{id}{rest}"));
    let put = async |rest: &str, body: Vec<u8>| {
        api.send("PUT", &at(&format!("/values/{rest}")), &[], body)
            .await
    };
    let long = "k".repeat(513);
    for (rest, bytes, failure) in [
        ("k", 1_001, (413, 10_027)),
        ("k", 1 << 20, (413, 10_027)),
        (&long, 1, (414, 10_026)),
        ("..", 1, (400, 10_026)),
        ("k?expiration_ttl=59", 1, (400, 10_026)),
        ("k?expiration=soon", 1, (400, 10_026)),
        ("k?expiration=1", 1, (400, 10_026)),
    ] {
        assert_eq!(
            put(rest, vec![0; bytes]).await.failure(),
            failure,
            "{rest} {bytes}"
        );
    }
    for (metadata, failure) in [
        ("{", (400, 10_026)),
        (&format!("\"{}\"", "x".repeat(1_023)), (413, 10_027)),
    ] {
        let (kind, body) = form(metadata, &[("value", "text/plain", b"v")]);
        let answer = api
            .send("PUT", &at("/values/k"), &[("content-type", &kind)], body)
            .await;
        assert_eq!(answer.failure(), failure, "{metadata}");
    }
    let many: Vec<Value> = (0..10_001).map(|n| n.to_string().into()).collect();
    for (method, path, body) in [
        (
            "PUT",
            "/bulk",
            json!([{ "key": "a", "value": "1" }, { "key": "", "value": "2" }]),
        ),
        (
            "PUT",
            "/bulk",
            json!([{ "key": "a", "value": "1" }, { "key": "b", "value": "x".repeat(1_001) }]),
        ),
        (
            "PUT",
            "/bulk",
            json!([{ "key": "a", "value": "1" }, { "key": "b", "value": "%", "base64": true }]),
        ),
        ("PUT", "/bulk", json!([{ "key": "a" }])),
        ("PUT", "/bulk", json!({ "key": "a", "value": "1" })),
        (
            "PUT",
            "/bulk",
            json!([{ "key": "a", "value": "x".repeat(100_000) }]),
        ),
        ("DELETE", "/bulk", many.into()),
        ("POST", "/bulk/get", json!({ "keys": vec!["a"; 101] })),
        (
            "POST",
            "/bulk/get",
            json!({ "keys": ["a"], "type": "stream" }),
        ),
    ] {
        let answer = api.json(method, &at(path), body).await;
        assert!(
            [400, 413].contains(&answer.status),
            "{method} {path}: {:?}",
            answer.json
        );
        answer.failure();
    }
    for query in ["limit=0", "limit=1001", "limit=x", "cursor=made-up"] {
        assert_eq!(
            api.get(&at(&format!("/keys?{query}"))).await.status,
            400,
            "{query}"
        );
    }
    assert_eq!(api.get(&at("/keys")).await.result(), json!([]));
    let nobody = "0".repeat(32);
    for (method, rest) in [
        ("GET", "/keys"),
        ("GET", "/values/k"),
        ("PUT", "/values/k"),
        ("DELETE", "/values/k"),
        ("GET", "/metadata/k"),
    ] {
        let answer = api
            .send(
                method,
                &api.kv(&format!("/{nobody}{rest}")),
                &[],
                Vec::new(),
            )
            .await;
        assert_eq!(answer.failure(), (404, 10_013), "{method} {rest}");
    }
}

#[tokio::test]
async fn a_binding_names_a_namespace_that_is_there() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    let bind = |id: &str| json!([{ "type": "kv_namespace", "name": "KV", "namespace_id": id }]);
    for id in ["0123", &"0".repeat(32), "../x"] {
        let answer = api.try_shell("worker", bind(id)).await;
        assert_eq!(answer.failure(), (400, 10_041));
        assert!(
            answer
                .message()
                .starts_with(&format!("KV namespace '{id}' not found")),
            "{}",
            answer.message()
        );
    }
    let id = api.kv_namespace("values").await;
    edge.shell(&api, "worker", &[("KV", &id)]).await;
    edge.ask("worker", "KV", "put", json!(["k", "v"])).await;
    edge.ask("worker", "KV", "get", json!(["k"])).await;

    // A namespace goes whoever is bound to it; what is in memory of it goes too.
    api.delete(&api.kv(&format!("/{id}"))).await.result();
    until("the worker hears of it", async || {
        edge.ask("worker", "KV", "get", json!(["k"])).await
            == json!({ "error": "Error: KV GET failed: 404 Namespace not found." })
    })
    .await;
    let put = edge.ask("worker", "KV", "put", json!(["k", "v"])).await;
    assert_eq!(
        put,
        json!({ "error": "Error: KV PUT failed: 404 Namespace not found." })
    );
    assert_eq!(
        api.try_shell("worker", bind(&id)).await.failure(),
        (400, 10_041)
    );
}

#[tokio::test]
async fn a_token_of_a_namespace_binds_nobodys_values() {
    let edge = edge(&[]).await;
    let api = edge.api().await;
    api.namespace("tenants").await;
    let id = api.kv_namespace("values").await;
    let bound = edge
        .api_with(&["token", "create", "bound", "--namespace", "tenants"])
        .await;
    let binding = json!([{ "type": "kv_namespace", "name": "KV", "namespace_id": id }]);
    let refused = bound.try_shell("tenants/worker", binding.clone()).await;
    assert_eq!(refused.failure(), (403, 9_109));
    for path in [
        "",
        &format!("/{id}"),
        &format!("/{id}/keys"),
        &format!("/{id}/values/k"),
    ] {
        assert_eq!(
            bound.get(&api.kv(path)).await.failure(),
            (403, 9_109),
            "{path}"
        );
    }
    // What an account's token has bound, it may keep.
    api.try_shell("tenants/worker", binding).await.result();
    let path = bound.dispatch("/tenants/scripts/worker");
    let metadata = json!({ "main_module": "worker.js", "keep_bindings": ["kv_namespace"] });
    let module = (
        "worker.js",
        "application/javascript+module",
        &b"export default { fetch() { return new Response() } }"[..],
    );
    bound.upload(&path, metadata, &[module]).await.result();
    assert_eq!(
        api.get(&format!("{path}/bindings")).await.result()[0]["namespace_id"],
        id
    );
}
