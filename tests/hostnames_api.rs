//! Custom hostnames through the control API and the command line, and what visitors see of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::api::{Answer, Api};
use super::harness::origin::Origin;
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, until};

const ZONE: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const OTHER: &str = "zone-of-another";

/// The path of a zone's custom hostnames.
pub(crate) fn path(rest: &str) -> String {
    path_in(ZONE, rest)
}

fn path_in(zone: &str, rest: &str) -> String {
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

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

pub(crate) async fn start(settings: &[&str]) -> (Edge, Api) {
    let edge = Builder::new(settings).with_api().start().await;
    let api = edge.api().await;
    (edge, api)
}

pub(crate) async fn create(api: &Api, body: Value) -> Answer {
    api.json("POST", &path(""), body).await
}

/// Makes one, which has to succeed.
async fn made(api: &Api, body: Value) -> Value {
    done(&create(api, body).await, 201)
}

async fn edit(api: &Api, id: &str, body: Value) -> Answer {
    api.json("PATCH", &path(&format!("/{id}")), body).await
}

async fn names(api: &Api, query: &str) -> Vec<String> {
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
        assert_eq!(api.get(&one).await.result(), created);
        // A merge: what is not said stays, in the settings too.
        let changed = edit(&api, &id, json!({ "custom_metadata": { "plan": "free" } })).await;
        let changed = done(&changed, 202);
        assert_eq!(changed["custom_metadata"], json!({ "plan": "free" }));
        assert_eq!(changed["ssl"], created["ssl"]);
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
        assert_eq!(done(&edit(&api, &id, json!({})).await, 202), changed);

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
    let (_edge, api) = start(&[]).await;
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

#[tokio::test]
async fn several_zones_may_claim_one_hostname_and_one_has_it() {
    let redis = Redis::start().await;
    let (edge, api) = start(&[&redis.setting()]).await;
    let claim = async |zone: &str, name: &str| {
        let answer = api
            .json("POST", &path_in(zone, ""), json!({ "hostname": name }))
            .await;
        id(&done(&answer, 201))
    };
    let record = async |name: &str| -> Value {
        let text = redis.find(&format!("cirque:hostname:{name}")).await;
        text.map_or(Value::Null, |text| {
            serde_json::from_str(&text).expect("JSON")
        })
    };
    let stored = async |id: &str| -> Value {
        let text = redis.find(&format!("cirque:custom-hostname:{id}")).await;
        serde_json::from_str(&text.expect("it is there")).expect("JSON")
    };
    // Of two that nobody has proven the newer leads.
    let first = claim(ZONE, "a.customer.test").await;
    assert_eq!(record("a.customer.test").await["custom"], *first);
    let second = claim(OTHER, "a.customer.test").await;
    assert_eq!(record("a.customer.test").await["custom"], *second);
    assert_eq!(record("a.customer.test").await["status"], "pending");
    edit(&api, &first, json!({ "custom_metadata": { "a": 1 } })).await;
    assert_eq!(record("a.customer.test").await["custom"], *second);
    api.delete(&path_in(OTHER, &format!("/{second}"))).await;
    assert_eq!(
        record("a.customer.test").await["custom"],
        *first,
        "the other one had waited"
    );
    // One that is active stays, and who claims it has to prove more than that it points here.
    edge.cirque(&[
        "hostname",
        "add",
        "b.customer.test",
        "--zone",
        OTHER,
        "--trusted",
        "--no-ssl",
    ]);
    let held = record("b.customer.test").await["custom"].clone();
    let late = claim(ZONE, "b.customer.test").await;
    assert_eq!(record("b.customer.test").await["custom"], held);
    assert_eq!(stored(&late).await["ownership"]["is_contested"], true);
    assert_eq!(stored(&late).await["status"], "pending");
    // The operator says whose it is.
    let third = "zone-3";
    edge.cirque(&[
        "hostname",
        "add",
        "b.customer.test",
        "--zone",
        third,
        "--trusted",
        "--no-ssl",
    ]);
    let before = held.as_str().expect("an id");
    assert_eq!(stored(before).await["status"], "moved");
    let shown = api
        .get(&path_in(OTHER, &format!("/{before}")))
        .await
        .result();
    assert_eq!(shown["status"], "moved");
    assert!(
        shown["verification_errors"][0]
            .as_str()
            .is_some_and(|text| text.contains("Another zone"))
    );
    let now = record("b.customer.test").await;
    assert_eq!((&now["zone"], now.get("status")), (&json!(third), None));
    // What was somebody's is not simply the next one's.
    edge.cirque(&["hostname", "remove", "b.customer.test", "--zone", third]);
    assert_eq!(
        record("b.customer.test").await["status"],
        "pending",
        "a claim that waits answers 1016"
    );
    let later = claim("zone-4", "b.customer.test").await;
    assert_eq!(stored(&later).await["ownership"]["is_contested"], true);
    let same = claim(third, "b.customer.test").await;
    assert_eq!(stored(&same).await["ownership"].get("is_contested"), None);
    // What the operator wrote himself is nobody's to claim.
    redis
        .set(
            "cirque:hostname:c.customer.test",
            r#"{"origin":"http://127.0.0.1:1"}"#,
        )
        .await;
    let answer = create(&api, json!({ "hostname": "c.customer.test" })).await;
    assert_eq!(answer.failure(), (409, 1_406));
    assert_eq!(
        record("c.customer.test").await,
        json!({ "origin": "http://127.0.0.1:1" })
    );
    // All of them are gone, and nothing is left of them but who had what.
    for (zone, id) in [
        (ZONE, &first),
        (ZONE, &late),
        (OTHER, &before.to_owned()),
        ("zone-4", &later),
        (third, &same),
    ] {
        assert_eq!(
            api.delete(&path_in(zone, &format!("/{id}"))).await.status,
            200
        );
    }
    let mut left: Vec<String> = redis.keys("cirque:*hostname*").await;
    left.extend(redis.keys("cirque:claims*").await);
    left.retain(|key| !key.ends_with("-due") && !key.ends_with("-lease"));
    assert_eq!(left, ["cirque:hostname:c.customer.test"]);
}

#[tokio::test]
async fn a_zone_has_no_more_than_its_quota_however_they_come() {
    let (_edge, api) = start(&["hostnames.zone_max=5"]).await;
    let quota = async || api.get(&path("/quota")).await.result();
    assert_eq!(
        quota().await,
        json!({ "allocated": 5, "used": 0, "exceeded": false, "hard_cap": 5 })
    );
    let all = (0..12).map(|n| {
        let api = api.clone();
        // The same name twice, each time.
        tokio::spawn(async move {
            create(
                &api,
                json!({ "hostname": format!("q{}.customer.test", n / 2) }),
            )
            .await
        })
    });
    let mut statuses = Vec::new();
    for answer in all.collect::<Vec<_>>() {
        let answer = answer.await.expect("an answer");
        statuses.push(answer.status);
        assert!(
            answer.status == 201 || [(403, 1_405), (409, 1_406)].contains(&answer.failure()),
            "{}",
            answer.message()
        );
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        5,
        "{statuses:?}"
    );
    assert_eq!(names(&api, "").await.len(), 5);
    assert_eq!(quota().await["used"], 5);
    let distinct: BTreeSet<String> = names(&api, "").await.into_iter().collect();
    assert_eq!(distinct.len(), 5);
    let first = api.get(&path("")).await.result()[0]["id"].clone();
    api.delete(&path(&format!("/{}", first.as_str().expect("an id"))))
        .await;
    made(&api, json!({ "hostname": "last.customer.test" })).await;
    // Each zone has its own.
    let answer = api
        .json("POST", &path_in(OTHER, ""), json!({ "hostname": "x.test" }))
        .await;
    done(&answer, 201);
}

#[tokio::test]
async fn what_the_operator_does_not_serve_is_blocked_until_he_does() {
    let (edge, api) = start(&[r#"hostnames.denied=["*.evil.test"]"#]).await;
    let blocked = made(&api, json!({ "hostname": "shop.evil.test" })).await;
    assert_eq!(blocked["status"], "blocked");
    let why = blocked["verification_errors"][0].as_str().expect("a text");
    assert!(why.contains("does not serve"), "{why}");
    let id = id(&blocked);
    assert_eq!(
        done(&edit(&api, &id, json!({})).await, 202)["status"],
        "blocked"
    );
    until("visitors are told", async || {
        edge.get("shop.evil.test", "/").await.status == 530
    })
    .await;
    let said = edge.try_cirque(&["hostname", "add", "more.evil.test", "--trusted", "--no-ssl"]);
    assert!(
        String::from_utf8_lossy(&said.stdout).contains("blocked"),
        "{said:?}"
    );
    let edge = edge.stop().await.with("hostnames.denied=[]").start().await;
    let api = edge.api().await;
    assert_eq!(
        done(&edit(&api, &id, json!({})).await, 202)["status"],
        "pending"
    );
}

#[tokio::test]
async fn visitors_reach_what_is_active_and_are_told_of_what_is_not() {
    let origin = Origin::answering(|_| {
        "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nfallback"
            .to_owned()
            .into()
    })
    .await;
    let edge = Builder::new(&["limits.cpu_ms=1000"])
        .with_javascript()
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let code =
        "export default { fetch: (request) => Response.json(request.cf.hostMetadata ?? null) }";
    edge.serve_script("shop", code).await;
    edge.cirque(&[
        "hostname",
        "add",
        "shop.customer.test",
        "--worker",
        "shop",
        "--metadata",
        r#"{"plan":"pro"}"#,
        "--trusted",
        "--no-ssl",
    ]);
    until("the worker answers", async || {
        edge.get("shop.customer.test", "/").await.text() == r#"{"plan":"pro"}"#
    })
    .await;
    let waiting = made(&api, json!({ "hostname": "waits.customer.test" })).await;
    until("the hostname is known", async || {
        edge.get("waits.customer.test", "/").await.status == 530
    })
    .await;
    let page = edge.get("waits.customer.test", "/").await;
    assert!(page.text().contains("1016"), "{}", page.text());
    // Its zone says where the others lead: nowhere, to an origin, to a worker that stands before all of them.
    edge.cirque(&[
        "hostname",
        "add",
        "plain.customer.test",
        "--zone",
        ZONE,
        "--trusted",
        "--no-ssl",
    ]);
    until("nothing is behind it", async || {
        edge.get("plain.customer.test", "/").await.status == 530
    })
    .await;
    let fallback = path("/fallback_origin");
    api.json("PUT", &fallback, json!({ "origin": origin.url() }))
        .await
        .result();
    until("the fallback origin answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "fallback"
    })
    .await;
    assert_eq!(edge.get("waits.customer.test", "/").await.status, 530);
    edge.cirque(&["route", "*.customer.test", "shop"]);
    until("the worker answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "null"
    })
    .await;
    let found = api
        .get(&path("?hostname=plain.customer.test"))
        .await
        .result();
    let body = json!({ "custom_metadata": { "seats": [1, 2] } });
    done(&edit(&api, &id(&found[0]), body).await, 202);
    until("the metadata arrives", async || {
        edge.get("plain.customer.test", "/").await.text() == r#"{"seats":[1,2]}"#
    })
    .await;
    let body = json!({ "custom_origin_server": origin.url() });
    done(&edit(&api, &id(&found[0]), body).await, 202);
    until("its own origin answers", async || {
        edge.get("plain.customer.test", "/").await.text() == "fallback"
    })
    .await;
    api.delete(&path(&format!("/{}", id(&found[0])))).await;
    until("the wildcard has it again", async || {
        edge.get("plain.customer.test", "/").await.text() == "null"
    })
    .await;
    assert_eq!(waiting["status"], "pending");
}

#[tokio::test]
async fn tokens_do_no_more_than_they_may() {
    let (edge, api) = start(&[]).await;
    let one = id(&made(&api, json!({ "hostname": "a.customer.test" })).await);
    let one = path(&format!("/{one}"));
    let reader = edge
        .api_with(&["token", "create", "reader", "--access", "read"])
        .await;
    assert_eq!(
        reader.get(&one).await.result()["hostname"],
        "a.customer.test"
    );
    let create_body = json!({ "hostname": "b.customer.test" });
    assert_eq!(
        create(&reader, create_body.clone()).await.failure(),
        (403, 9_109)
    );
    assert_eq!(
        reader.json("PATCH", &one, json!({})).await.failure(),
        (403, 9_109)
    );
    assert_eq!(reader.delete(&one).await.failure(), (403, 9_109));
    api.namespace("production").await;
    let bound = edge
        .api_with(&["token", "create", "bound", "--namespace", "production"])
        .await;
    for answer in [
        bound.get(&one).await,
        bound.get(&path("")).await,
        create(&bound, create_body).await,
        bound.delete(&one).await,
        bound.get(&path("/fallback_origin")).await,
        bound
            .get(&format!("/client/v4/zones/{ZONE}/custom_csrs"))
            .await,
        bound
            .get(&format!(
                "/client/v4/accounts/{}/custom_csrs",
                bound.account
            ))
            .await,
    ] {
        assert_eq!(answer.failure(), (403, 9_109));
    }
    // Who did what stands in the audit.
    let audit = format!("/client/v4/accounts/{}/audit_logs", api.account);
    let records = api.get(&audit).await.result();
    let made = records.as_array().expect("a list").iter().find(|record| {
        record["resource"]["id"] == "a.customer.test" && record["action"]["type"] == "create"
    });
    let made = made.expect("the note");
    assert_eq!(made["resource"]["type"], "custom_hostname");
    assert_eq!(made["actor"]["email"], "test");
}

#[tokio::test]
async fn the_command_line_manages_hostnames_beside_the_store_and_through_the_api() {
    let (edge, api) = start(&["hostnames.target=edge.platform.test"]).await;
    let url = format!("http://127.0.0.1:{}", edge.api_port);
    let remote = ["--api", &url, "--token", &api.token];
    for place in [&[][..], &remote[..]] {
        let run = |arguments: &[&str]| {
            let all: Vec<&str> = ["hostname"]
                .iter()
                .chain(arguments)
                .chain(place)
                .copied()
                .collect();
            edge.try_cirque(&all)
        };
        let ok = |arguments: &[&str]| {
            let output = run(arguments);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{arguments:?}: {error}");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let fails = |arguments: &[&str], says: &str| {
            let output = run(arguments);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !output.status.success() && error.contains(says),
                "{arguments:?}: {error}"
            );
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let said = ok(&[
            "add",
            "app.customer.test",
            "--metadata",
            r#"{"a":1}"#,
            "--method",
            "txt",
            "--wildcard",
        ]);
        assert!(said.contains("added app.customer.test"), "{said}");
        assert!(
            said.contains("TXT    _cf-custom-hostname.app.customer.test"),
            "{said}"
        );
        if place.is_empty() {
            assert!(
                said.contains("CNAME  app.customer.test  edge.platform.test"),
                "{said}"
            );
            assert!(said.contains("acme.directory"), "{said}");
        }
        fails(&["add", "app.customer.test"], "Duplicate");
        fails(&["add", "b.customer.test", "--metadata", "{"], "no JSON");
        fails(
            &["add", "b.customer.test", "--method", "email"],
            "`http` or `txt`",
        );
        fails(&["add", "co.uk"], "public suffix");
        ok(&[
            "add",
            "b.customer.test",
            "--origin",
            "http://127.0.0.1:8000",
            "--no-ssl",
        ]);
        let listed = ok(&["list"]);
        assert_eq!(
            listed,
            "app.customer.test  pending  certificate initializing\nb.customer.test  pending  no certificate\n"
        );
        assert_eq!(ok(&["list", "--zone", OTHER]), "");
        let shown: Value = serde_json::from_str(&ok(&["show", "APP.customer.test"])).expect("JSON");
        assert_eq!(shown["custom_metadata"], json!({ "a": 1 }));
        assert_eq!(shown["ssl"]["wildcard"], true);
        let said = fails(
            &["wait", "b.customer.test", "--timeout", "0"],
            "is not served after 0 s",
        );
        assert!(said.contains("waits for its owner"), "{said}");
        fails(
            &["show", "nobody.customer.test"],
            "no custom hostname nobody.customer.test",
        );
        fails(&["remove", "nobody.customer.test"], "no custom hostname");
        ok(&["remove", "app.customer.test"]);
        ok(&["remove", "b.customer.test"]);
        assert_eq!(ok(&["list"]), "");
        match place.is_empty() {
            true => {
                ok(&["add", "c.customer.test", "--trusted", "--no-ssl"]);
                assert_eq!(
                    ok(&["wait", "c.customer.test"]),
                    "c.customer.test is served\n"
                );
            }
            false => {
                fails(&["add", "d.customer.test", "--trusted"], "beside the store");
                assert_eq!(
                    ok(&["wait", "c.customer.test"]),
                    "c.customer.test is served\n"
                );
            }
        }
        if !place.is_empty() {
            ok(&["remove", "c.customer.test"]);
        }
    }
}
