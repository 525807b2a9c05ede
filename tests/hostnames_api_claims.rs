//! Whose a custom hostname is: several claims, quotas, what is not served, and who may change anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::redis::Redis;
use super::harness::until;
use super::hostnames_api::{
    OTHER, ZONE, create, done, edit, id, made, names, path, path_in, start,
};

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
            serde_json::from_slice(&text).expect("JSON")
        })
    };
    let stored = async |id: &str| -> Value {
        let text = redis.find(&format!("cirque:custom-hostname:{id}")).await;
        serde_json::from_slice(&text.expect("it is there")).expect("JSON")
    };
    // Of two that nobody has proven the newer leads.
    let first = claim(ZONE, "a.customer.test").await;
    assert_eq!(record("a.customer.test").await["custom"], *first);
    let second = claim(OTHER, "a.customer.test").await;
    assert_eq!(record("a.customer.test").await["custom"], *second);
    assert_eq!(record("a.customer.test").await["status"], "pending");
    // All zones are pointed at by one name, so pointing here proves neither.
    for id in [&first, &second] {
        assert_eq!(stored(id).await["ownership"]["is_contested"], true);
    }
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
    let trusted = ["--zone", third, "--trusted", "--no-ssl"];
    edge.cirque(&[&["hostname", "add", "d.customer.test"], &trusted[..]].concat());
    edge.cirque(&["hostname", "remove", "d.customer.test", "--zone", third]);
    let same = claim(third, "d.customer.test").await;
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
    left.extend(redis.keys("cirque:kept-*").await);
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
async fn a_removal_or_a_claim_that_was_interrupted_is_ended() {
    let redis = Redis::start().await;
    let (_edge, api) = start(&[&redis.setting()]).await;
    // As a node leaves it that ends after the first step of a removal.
    let interrupted = async |name: &str| {
        let id = id(&made(&api, json!({ "hostname": name })).await);
        let key = format!("cirque:custom-hostname:{id}");
        let mut object: Value = serde_json::from_slice(&redis.get(&key).await).expect("JSON");
        object["status"] = json!("deleted");
        redis.set(&key, object.to_string()).await;
        id
    };
    let before = interrupted("a.customer.test").await;
    let one = path(&format!("/{before}"));
    assert_eq!(api.get(&one).await.failure(), (404, 1_436));
    let edited = edit(&api, &before, json!({ "custom_metadata": { "a": 1 } })).await;
    assert_eq!(edited.failure(), (404, 1_436));
    assert_eq!(names(&api, "").await, Vec::<String>::new());
    // Its zone may have it again at once.
    let after = id(&made(&api, json!({ "hostname": "a.customer.test" })).await);
    assert_ne!(before, after);
    let gone = format!("cirque:custom-hostname:{before}");
    assert_eq!(redis.find(&gone).await, None);
    let record = redis.get("cirque:hostname:a.customer.test").await;
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["custom"], *after);
    assert_eq!(names(&api, "").await, ["a.customer.test"]);
    // Whoever was told that it failed removes it again.
    let before = interrupted("b.customer.test").await;
    let removed = api.delete(&path(&format!("/{before}"))).await;
    assert_eq!(removed.status, 200);
    let left = redis.keys("cirque:*b.customer.test*").await;
    assert_eq!(left, Vec::<String>::new());
    let gone = format!("cirque:custom-hostname:{before}");
    assert_eq!(redis.find(&gone).await, None);
    // A claim that ended before it was listed.
    let lost = id(&made(&api, json!({ "hostname": "c.customer.test" })).await);
    let set = format!("cirque:custom-hostnames:{ZONE}");
    let member = format!("c.customer.test {lost}");
    redis.run(&["ZREM", &set, &member]).await;
    assert_eq!(names(&api, "").await, ["a.customer.test"]);
    let again = create(&api, json!({ "hostname": "c.customer.test" })).await;
    assert_eq!(again.failure(), (409, 1_406));
    assert_eq!(
        names(&api, "").await,
        ["a.customer.test", "c.customer.test"]
    );
}
