//! Custom hostnames through the control API: made, listed, changed and removed.

use serde_json::{Value, json};

use super::harness::api::{Answer, Api};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge};

pub(crate) const ZONE: &str = "023e105f4ecef8ad9ca31a8372d0c353";
pub(crate) const OTHER: &str = "zone-of-another";

/// The path of a zone's custom hostnames.
pub(crate) fn path(rest: &str) -> String {
    path_in(ZONE, rest)
}

pub(crate) fn path_in(zone: &str, rest: &str) -> String {
    format!("/client/v4/zones/{zone}/custom_hostnames{rest}")
}

/// The result of an answer that has this status.
pub(crate) fn done(answer: &Answer, status: u16) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(
        (answer.status, &answer.json["success"]),
        (status, &json!(true)),
        "{text}"
    );
    answer.json["result"].clone()
}

/// An object without what the edge finds out about it meanwhile.
fn steady(mut object: Value) -> Value {
    let fields = object.as_object_mut().expect("an object");
    fields.remove("verification_errors");
    if let Some(ssl) = fields.get_mut("ssl").and_then(Value::as_object_mut) {
        ssl.remove("validation_errors");
    }
    object
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

/// Origins of these tests are on this machine.
pub(crate) const PRIVATE: &str = r#"egress.allow_addresses=["127.0.0.0/8"]"#;

pub(crate) async fn start(settings: &[&str]) -> (Edge, Api) {
    let edge = Builder::new(settings).with_api().start().await;
    let api = edge.api().await;
    (edge, api)
}

pub(crate) async fn create(api: &Api, body: Value) -> Answer {
    api.json("POST", &path(""), body).await
}

/// Makes one, which has to succeed.
pub(crate) async fn made(api: &Api, body: Value) -> Value {
    done(&create(api, body).await, 201)
}

pub(crate) async fn edit(api: &Api, id: &str, body: Value) -> Answer {
    api.json("PATCH", &path(&format!("/{id}")), body).await
}

pub(crate) async fn names(api: &Api, query: &str) -> Vec<String> {
    let answer = api.get(&path(query)).await;
    let found = done(&answer, 200);
    let found = found.as_array().expect("a list").iter();
    found
        .map(|one| one["hostname"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_custom_hostname_lives_and_dies_in_either_store() {
    let redis = Redis::start().await;
    for settings in [vec![], vec![redis.setting()]] {
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let (_edge, api) = start(&settings).await;
        let body = json!({
            "hostname": "App.Customer.test.",
            "ssl": { "method": "txt", "type": "dv", "settings": { "http2": "on", "min_tls_version": "1.2" } },
            "custom_metadata": { "plan": "pro", "seats": 3 },
        });
        let created = made(&api, body).await;
        let id = id(&created);
        assert_eq!(created["hostname"], "app.customer.test");
        assert_eq!(created["status"], "pending");
        assert_eq!(
            created["custom_metadata"],
            json!({ "plan": "pro", "seats": 3 })
        );
        assert_eq!(created["ssl"]["status"], "initializing");
        assert_eq!(created["ssl"]["method"], "txt");
        assert_eq!(created["ssl"]["type"], "dv");
        assert_eq!(created["ssl"]["wildcard"], false);
        assert_eq!(created["ssl"]["bundle_method"], "ubiquitous");
        let txt = &created["ownership_verification"];
        assert_eq!(txt["type"], "txt");
        assert_eq!(txt["name"], "_cf-custom-hostname.app.customer.test");
        let http = &created["ownership_verification_http"];
        assert_eq!(http["http_body"], txt["value"]);
        let url = format!("http://app.customer.test/.well-known/cf-custom-hostname-challenge/{id}");
        assert_eq!(http["http_url"], url);
        assert!(
            created["created_at"]
                .as_str()
                .expect("a time")
                .ends_with('Z')
        );
        for absent in ["custom_origin_server", "verification_errors"] {
            assert!(created.get(absent).is_none(), "{created}");
        }
        for absent in [
            "certificates",
            "validation_records",
            "issuer",
            "certificate_authority",
        ] {
            assert!(created["ssl"].get(absent).is_none(), "{created}");
        }
        let one = path(&format!("/{id}"));
        assert_eq!(steady(api.get(&one).await.result()), created);
        // A merge: what is not said stays, in the settings too.
        let changed = edit(&api, &id, json!({ "custom_metadata": { "plan": "free" } })).await;
        let changed = done(&changed, 202);
        assert_eq!(changed["custom_metadata"], json!({ "plan": "free" }));
        assert_eq!(steady(changed)["ssl"], created["ssl"]);
        let body = json!({ "ssl": { "settings": { "tls_1_3": "off" } } });
        let changed = done(&edit(&api, &id, body).await, 202);
        let settings = json!({ "http2": "on", "min_tls_version": "1.2", "tls_1_3": "off" });
        assert_eq!(changed["ssl"]["settings"], settings);
        assert_eq!(changed["ssl"]["method"], "txt");
        let origin = json!({ "custom_origin_server": "Origin.Customer.test", "custom_origin_sni": ":request_host_header:" });
        let changed = done(&edit(&api, &id, origin).await, 202);
        assert_eq!(changed["custom_origin_server"], "origin.customer.test");
        assert_eq!(changed["custom_metadata"], json!({ "plan": "free" }));
        let nothing = json!({ "custom_metadata": null, "custom_origin_server": null, "custom_origin_sni": null, "ssl": null });
        let changed = done(&edit(&api, &id, nothing).await, 202);
        for absent in [
            "custom_metadata",
            "custom_origin_server",
            "custom_origin_sni",
            "ssl",
        ] {
            assert!(changed.get(absent).is_none(), "{changed}");
        }
        // What changes nothing is an order to look again.
        let again = done(&edit(&api, &id, json!({})).await, 202);
        assert_eq!(steady(again), steady(changed));

        let removed = api.delete(&one).await;
        let bare = &removed.json;
        assert_eq!(
            (removed.status, &bare["id"], &bare["result"]["id"]),
            (200, &json!(id), &json!(id))
        );
        assert_eq!(bare["success"], true);
        for answer in [
            api.get(&one).await,
            api.delete(&one).await,
            edit(&api, &id, json!({})).await,
        ] {
            assert_eq!(answer.failure(), (404, 1_436));
        }
        assert!(names(&api, "").await.is_empty());
        // Nothing of it is in the way of the next.
        made(&api, json!({ "hostname": "app.customer.test" })).await;
    }
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_end_with_an_empty_page() {
    let (_edge, api) = start(&[]).await;
    for n in 0..25 {
        let ssl = match n % 3 {
            0 => Value::Null,
            1 => json!({ "method": "http", "certificate_authority": "google" }),
            _ => json!({ "method": "txt", "wildcard": true }),
        };
        let body = json!({ "hostname": format!("c{n:02}.customer.test"), "ssl": ssl });
        made(&api, body).await;
    }
    made(
        &api,
        json!({ "hostname": "b.other.test", "custom_origin_server": "o.test" }),
    )
    .await;
    let first = api.get(&path("")).await;
    let info =
        json!({ "page": 1, "per_page": 20, "count": 20, "total_count": 26, "total_pages": 2 });
    assert_eq!(first.json["result_info"], info);
    let mut all = Vec::new();
    for page in 1.. {
        let found = names(&api, &format!("?page={page}&per_page=10")).await;
        if found.is_empty() {
            assert_eq!(page, 4);
            break;
        }
        all.extend(found);
    }
    assert_eq!(all.len(), 26);
    assert!(all.is_sorted());
    let c01 = api.get(&path("?hostname=c01.customer.test")).await.result();
    let id = c01[0]["id"].as_str().expect("an id");
    for (query, expected) in [
        ("?hostname=c01.customer.test", 1),
        ("?hostname=C01.customer.test.", 1),
        ("?hostname.exact=c01.customer.test", 1),
        ("?hostname.exact=c01.customer", 0),
        ("?hostname.contain=customer", 25),
        ("?hostname.contain=OTHER", 1),
        ("?hostname.startsWith=c1", 10),
        ("?hostname.startsWith=c1&hostname.contain=9", 1),
        ("?hostname_status=pending", 26),
        ("?hostname_status=active", 0),
        ("?ssl_status=initializing&per_page=50", 16),
        ("?ssl=0&per_page=50", 10),
        ("?ssl=1&per_page=50", 16),
        ("?wildcard=true", 8),
        ("?wildcard=true&hostname.contain=c02", 1),
        ("?certificate_authority=google", 8),
        ("?custom_origin_server=o.test", 1),
        (&format!("?id={id}"), 1),
        (&format!("?id={id}&page=2"), 0),
        ("?id=0d89c70d-ad9f-4843-b99f-6cc0252067e9", 0),
    ] {
        let answer = api.get(&path(query)).await;
        let total = answer.json["result_info"]["total_count"].as_u64();
        let count = names(&api, query).await.len() as u64;
        let is_all = total == Some(expected) && count == expected.min(20).max(count);
        assert!(
            is_all || query.ends_with("page=2"),
            "{query}: {total:?} {count}"
        );
        assert_eq!(count == 0, expected == 0, "{query}");
    }
    let last = names(&api, "?direction=desc&per_page=1").await;
    assert_eq!(last, ["c24.customer.test"]);
    let with_first = names(&api, "?order=ssl&direction=desc&per_page=16").await;
    assert!(!with_first.contains(&"c00.customer.test".to_owned()));
    let without_first = names(&api, "?order=ssl_status&per_page=10").await;
    assert!(without_first.contains(&"b.other.test".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_its_code() {
    let (_edge, api) = start(&["hostnames.own=[\"platform.test\"]"]).await;
    let fits = json!({ "a": "x".repeat(4_088) });
    let too_much = json!({ "a": "x".repeat(4_089) });
    assert_eq!(too_much.to_string().len(), 4_097);
    made(
        &api,
        json!({ "hostname": "fits.customer.test", "custom_metadata": fits }),
    )
    .await;
    let there = made(&api, json!({ "hostname": "there.customer.test" })).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "hostname": "new.customer.test" });
        body[name] = value;
        body
    };
    let ssl = |ssl: Value| with("ssl", ssl);
    let settings =
        |settings: Value| ssl(json!({ "method": "http", "type": "dv", "settings": settings }));
    for (body, status, code) in [
        (json!([]), 400, 1_400),
        (json!({}), 400, 1_400),
        (json!({ "hostname": 7 }), 400, 1_400),
        (with("custom_metadata", json!([])), 400, 1_401),
        (with("custom_metadata", json!("text")), 400, 1_401),
        (with("custom_metadata", too_much), 400, 1_401),
        (json!({ "hostname": "" }), 400, 1_407),
        (json!({ "hostname": "1.2.3.4" }), 400, 1_407),
        (json!({ "hostname": "a b.test" }), 400, 1_407),
        (json!({ "hostname": "a_b.customer.test" }), 400, 1_407),
        (json!({ "hostname": "shop.platform.test" }), 400, 1_407),
        (json!({ "hostname": "xn--a.customer.test" }), 400, 1_408),
        (json!({ "hostname": "co.uk" }), 400, 1_410),
        (json!({ "hostname": "*.com" }), 400, 1_410),
        (json!({ "hostname": "there.customer.test" }), 409, 1_406),
        (json!({ "hostname": "THERE.customer.test." }), 409, 1_406),
        (with("custom_origin_server", json!("a b")), 400, 1_415),
        (
            with("custom_origin_server", json!("ftp://a.test")),
            400,
            1_415,
        ),
        (
            with("custom_origin_server", json!("a.test/path")),
            400,
            1_415,
        ),
        (with("custom_origin_server", json!("10.0.0.7")), 400, 1_415),
        (with("custom_origin_server", json!("::1")), 400, 1_415),
        (
            with("custom_origin_server", json!("http://127.0.0.1:8000")),
            400,
            1_415,
        ),
        (
            with("custom_origin_server", json!("http://2852039166/")),
            400,
            1_415,
        ),
        (
            with("custom_origin_server", json!("http://localhost")),
            400,
            1_415,
        ),
        (with("custom_origin_server", json!("*.a.test")), 400, 1_420),
        (with("custom_origin_server", json!(1)), 400, 1_400),
        (with("custom_origin_sni", json!("a b")), 400, 1_415),
        (with("custom_origin_sni", json!("10.0.0.1")), 400, 1_415),
        (settings(json!({ "http2": "maybe" })), 400, 1_422),
        (settings(json!({ "http2": true })), 400, 1_422),
        (settings(json!({ "tls_1_2_only": 1 })), 400, 1_423),
        (settings(json!({ "tls_1_3": "zrt" })), 400, 1_424),
        (settings(json!({ "min_tls_version": "1.4" })), 400, 1_425),
        (settings(json!({ "ciphers": ["NULL"] })), 400, 1_442),
        (settings(json!({ "ciphers": "AES128-SHA" })), 400, 1_442),
        (
            settings(json!({ "min_tls_version": "1.3", "ciphers": ["AES128-SHA"] })),
            400,
            1_443,
        ),
        (settings(json!([])), 400, 1_434),
        (ssl(json!("dv")), 400, 1_434),
        (ssl(json!({ "wildcard": "yes" })), 400, 1_434),
        (ssl(json!({ "method": "email", "type": "dv" })), 400, 1_432),
        (ssl(json!({ "method": "smoke" })), 400, 1_432),
        (ssl(json!({ "type": "ev" })), 400, 1_433),
        (ssl(json!({ "bundle_method": "best" })), 400, 1_449),
        (ssl(json!({ "certificate_authority": "a b" })), 400, 1_434),
        (
            ssl(json!({ "method": "http", "wildcard": true })),
            400,
            1_448,
        ),
        (ssl(json!({ "custom_key": "k" })), 400, 1_427),
        (
            ssl(json!({ "custom_certificate": "", "custom_key": "k" })),
            400,
            1_427,
        ),
        (
            ssl(json!({ "custom_certificate": "none", "custom_key": "k" })),
            400,
            1_426,
        ),
        (ssl(json!({ "custom_cert_bundle": [] })), 400, 1_444),
        (
            ssl(json!({ "custom_cert_bundle": [{}, {}, {}] })),
            400,
            1_444,
        ),
    ] {
        let answer = create(&api, body.clone()).await;
        assert_eq!(
            answer.failure(),
            (status, code),
            "{body}: {}",
            answer.message()
        );
        let stop = answer
            .headers
            .get("x-should-retry")
            .map(|value| value.as_bytes());
        assert_eq!(stop, (status == 409).then_some(&b"false"[..]), "{body}");
    }
    let id = id(&there);
    for (method, rest, body, failure) in [
        ("POST", String::new(), "{", (400, 1_400)),
        ("POST", String::new(), "", (400, 1_400)),
        ("PATCH", format!("/{id}"), "not JSON", (400, 1_400)),
        (
            "PATCH",
            format!("/{id}"),
            r#"{"ssl":{"method":"email"}}"#,
            (400, 1_432),
        ),
        (
            "PATCH",
            format!("/{id}"),
            r#"{"custom_metadata":7}"#,
            (400, 1_401),
        ),
        ("GET", "/nothing".into(), "", (400, 1_435)),
        ("PATCH", "/1234".into(), "{}", (400, 1_435)),
        ("DELETE", "/1234".into(), "", (400, 1_435)),
        (
            "GET",
            "/0d89c70d-ad9f-4843-b99f-6cc0252067e9".into(),
            "",
            (404, 1_436),
        ),
        ("GET", "?hostname.contain=%20".into(), "", (400, 1_437)),
        ("GET", format!("?id={id}&hostname=a"), "", (400, 1_438)),
        ("GET", "?per_page=0".into(), "", (400, 10_026)),
        ("PUT", "/fallback_origin".into(), "{}", (400, 1_400)),
        (
            "PUT",
            "/fallback_origin".into(),
            r#"{"origin":"http://127.0.0.1:8000"}"#,
            (400, 1_415),
        ),
        (
            "PUT",
            "/fallback_origin".into(),
            r#"{"origin":"*.a.test"}"#,
            (400, 1_420),
        ),
        (
            "PUT",
            "/fallback_origin".into(),
            r#"{"origin":"a b"}"#,
            (400, 1_415),
        ),
        ("GET", "/fallback_origin".into(), "", (404, 1_551)),
        ("DELETE", "/fallback_origin".into(), "", (404, 1_551)),
    ] {
        let answer = api.send(method, &path(&rest), &[], body.into()).await;
        assert_eq!(
            answer.failure(),
            failure,
            "{method} {rest} {body}: {}",
            answer.message()
        );
    }
    for zone in ["a%20b", "a.b", &"z".repeat(65), "%C3%BC"] {
        let body = json!({ "hostname": "a.customer.test" });
        let answer = api.json("POST", &path_in(zone, ""), body).await;
        assert_eq!(answer.failure(), (400, 1_402), "{zone}");
        assert_eq!(
            api.get(&path_in(zone, "")).await.failure(),
            (400, 1_402),
            "{zone}"
        );
    }
    // Another zone's is none of this one's.
    assert_eq!(
        api.get(&path_in(OTHER, &format!("/{id}"))).await.failure(),
        (404, 1_436)
    );
    assert_eq!(
        names(&api, "").await,
        ["fits.customer.test", "there.customer.test"]
    );
}

#[tokio::test]
async fn bodies_are_read_as_older_pages_send_them() {
    let (_edge, api) = start(&[PRIVATE]).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = r#"{"hostname":"app.example.com","ssl":{"method":"http","type":"dv"},"custom_metadata":{"customer_id":"12345"}}"#;
    let answer = api.send("POST", &path(""), &form, body.into()).await;
    let id = id(&done(&answer, 201));
    let body = r#"{"custom_metadata":{"redirect_to_https":true}}"#;
    let answer = api
        .send("PATCH", &path(&format!("/{id}/")), &form, body.into())
        .await;
    assert_eq!(
        done(&answer, 202)["custom_metadata"],
        json!({ "redirect_to_https": true })
    );
    let fallback = path("/fallback_origin");
    let body = r#"{"origin":"proxy-fallback.example.com"}"#;
    let answer = api.send("PATCH", &fallback, &form, body.into()).await;
    let set = done(&answer, 200);
    assert_eq!(
        (&set["origin"], &set["status"]),
        (&json!("proxy-fallback.example.com"), &json!("active"))
    );
    assert_eq!(set["errors"], json!([]));
    assert_eq!(api.get(&fallback).await.result(), set);
    let set = api
        .json(
            "PUT",
            &fallback,
            json!({ "origin": "http://127.0.0.1:8000" }),
        )
        .await
        .result();
    assert_eq!(set["origin"], "http://127.0.0.1:8000");
    assert_eq!(
        api.delete(&fallback).await.result()["origin"],
        set["origin"]
    );
    assert_eq!(api.get(&fallback).await.failure(), (404, 1_551));
    // What clients look at before.
    let zone = api.get(&format!("/client/v4/zones/{ZONE}")).await.result();
    assert_eq!(zone["id"], ZONE);
    let uuid = |answer: Value| answer["uuid"].as_str().expect("a text").to_owned();
    let ours = uuid(
        api.get(&format!("/client/v4/zones/{ZONE}/dcv_delegation/uuid"))
            .await
            .result(),
    );
    let theirs = uuid(
        api.get(&format!("/client/v4/zones/{OTHER}/dcv_delegation/uuid"))
            .await
            .result(),
    );
    assert!(ours.len() == 16 && ours != theirs, "{ours} {theirs}");
}
