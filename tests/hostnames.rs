//! Custom hostnames on their way: from a record to a proof of control, and to the worker.

use serde_json::{Value, json};

use super::harness::pebble::Names;
use super::harness::platform::{Platform, is_certified};
use super::harness::{Builder, until};

#[tokio::test]
async fn a_record_written_by_hand_gets_its_certificate() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let found = platform.until(name, is_certified).await;
    assert_eq!(found["status"], "active", "{found}");
    assert_eq!(found["ownership"]["proof"], "operator", "{found}");
    // The command line finds it where its own are.
    let shown = platform.edge.cirque(&["hostname", "show", name]);
    assert!(shown.contains("\"status\": \"active\""), "{shown}");
    assert_eq!(found["ssl"]["certificates"][0]["hosts"], json!([name]));

    let tls = platform.tls().await;
    for alpn in ["h2", "http/1.1"] {
        let answer = tls.get(name, alpn, "/").await.expect("TLS");
        assert_eq!(answer.status, 200, "{alpn}");
    }
    // Nobody else's name is answered, before any cryptography.
    let refused = tls.get("other.customer.test", "h2", "/").await;
    assert!(refused.is_err_and(|e| e.contains("UnrecognisedName")));
    let unknown = r#"cirque_tls_handshakes_total{result="unknown_name"}"#;
    assert_eq!(platform.edge.metric(unknown).await, 1.0);
}

#[tokio::test]
async fn a_pending_hostname_is_served_once_it_points_here() {
    let platform = Platform::start(&[]).await;
    let name = "app.customer.test";
    let record = json!({ "worker": "hello", "status": "pending", "ssl": { "method": "http" } });
    platform.write(name, &record).await;
    let found = platform
        .until(name, |found| {
            !found["ownership"]["errors"][0].is_null() && !found["ssl"]["errors"][0].is_null()
        })
        .await;
    assert_eq!(found["status"], "pending", "{found}");
    assert_eq!(found["ssl"]["status"], "pending_validation", "{found}");
    assert_eq!(
        found["ownership"]["errors"][0],
        "custom hostname does not CNAME to this zone."
    );
    let shown = &found["ssl"]["records"][0];
    let url = shown["http_url"].as_str().expect("an address").to_owned();
    let answer = platform.edge.get(name, "/").await;
    assert_eq!(answer.status, 530);
    assert!(answer.text().contains("1016"), "{}", answer.text());
    // What the authority will look for is there already, whatever the hostname leads to.
    let path = url
        .strip_prefix(&format!("http://{name}"))
        .expect("its own");
    assert_eq!(
        platform.edge.get(name, path).await.text(),
        shown["http_body"]
    );

    platform.names.alias(name, "edge.platform.test").await;
    platform.wake(name).await;
    let found = platform
        .until(name, |found| {
            is_certified(found) && found["status"] == "active"
        })
        .await;
    assert_eq!(found["ownership"]["proof"], "cname", "{found}");
    until("it is served", async || {
        platform.edge.get(name, "/").await.status == 200
    })
    .await;
    let tls = platform.tls().await;
    assert_eq!(tls.get(name, "h2", "/").await.expect("TLS").status, 200);
    assert_eq!(
        platform.edge.get(name, path).await.status,
        200,
        "the worker's own answer"
    );
}

#[tokio::test]
async fn tokens_in_the_dns_prove_a_hostname_before_it_points_here() {
    let platform = Platform::start(&[]).await;
    let name = "www.customer.test";
    let record = json!({ "worker": "hello", "status": "pending", "ssl": { "method": "txt", "wildcard": true } });
    platform.write(name, &record).await;
    let found = platform
        .until(name, |found| {
            found["ssl"]["records"]
                .as_array()
                .is_some_and(|r| r.len() == 2)
        })
        .await;
    let token = found["ownership"]["token"].as_str().expect("a token");
    platform
        .names
        .text(&format!("_cf-custom-hostname.{name}"), token)
        .await;
    for shown in found["ssl"]["records"].as_array().expect("records") {
        assert_eq!(shown["txt_name"], format!("_acme-challenge.{name}"));
        let value = shown["txt_value"].as_str().expect("a value");
        platform
            .names
            .text(&format!("_acme-challenge.{name}"), value)
            .await;
    }
    platform.wake(name).await;
    let found = platform
        .until(name, |found| {
            is_certified(found) && found["status"] == "active"
        })
        .await;
    assert_eq!(found["ownership"]["proof"], "txt", "{found}");
    // One certificate for the name and those below it.
    let tls = platform.tls().await;
    for host in [name, "a.www.customer.test"] {
        tls.handshake(host).await.expect("TLS");
    }
    assert!(tls.handshake("a.b.www.customer.test").await.is_err());
}

#[tokio::test]
async fn the_dns_that_does_not_answer_proves_nothing_either_way() {
    let platform = Platform::start(&["hostnames.moved_after_s=1", "hostnames.recheck_s=1"]).await;
    let name = "app.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    let record = json!({ "worker": "hello", "status": "pending" });
    platform.write(name, &record).await;
    platform
        .until(name, |found| found["status"] == "active")
        .await;
    platform.names.clear("clear-cname", name).await;
    platform.names.fail(name).await;
    let found = platform
        .until(name, |found| !found["ownership"]["errors"][0].is_null())
        .await;
    assert_eq!(found["status"], "active", "{found}");
    assert_eq!(found["ownership"]["away_since"], Value::Null, "{found}");
    platform.names.clear("clear-servfail", name).await;
    // Now the DNS says that it is elsewhere, and goes on saying so.
    let found = platform
        .until(name, |found| found["status"] == "moved")
        .await;
    assert_eq!(
        found["ownership"]["errors"]
            .as_array()
            .expect("reasons")
            .len(),
        2
    );
    until("it is not served", async || {
        platform.edge.get(name, "/").await.status == 530
    })
    .await;
    let again = json!({ "worker": "hello", "status": "pending" });
    platform.names.alias(name, "edge.platform.test").await;
    platform.write(name, &again).await;
    platform
        .until(name, |found| found["status"] == "active")
        .await;
}

#[tokio::test]
async fn what_points_at_itself_or_says_too_much_is_no_proof() {
    let platform = Platform::start(&[]).await;
    let loops = [
        "loop.customer.test",
        "long.customer.test",
        "token.customer.test",
    ];
    platform
        .names
        .alias("loop.customer.test", "pool.customer.test")
        .await;
    platform
        .names
        .alias("pool.customer.test", "loop.customer.test")
        .await;
    for n in 0..20 {
        let next = format!("l{}.customer.test", n + 1);
        let name = if n == 0 {
            "long.customer.test".to_owned()
        } else {
            format!("l{n}.customer.test")
        };
        platform.names.alias(&name, &next).await;
    }
    platform
        .names
        .alias("l20.customer.test", "edge.platform.test")
        .await;
    for _ in 0..2 {
        let huge = "x".repeat(250);
        platform
            .names
            .text("_cf-custom-hostname.token.customer.test", &huge)
            .await;
    }
    for name in loops {
        platform
            .write(name, &json!({ "worker": "hello", "status": "pending" }))
            .await;
    }
    for name in loops {
        let found = platform
            .until(name, |found| found["ownership"]["attempts"] == 1)
            .await;
        assert_eq!(found["status"], "pending", "{name}: {found}");
    }
    // Among all that, the token is seen.
    let token = platform
        .read("token.customer.test")
        .await
        .expect("it is there");
    let token = token["ownership"]["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    platform
        .names
        .text("_cf-custom-hostname.token.customer.test", &token)
        .await;
    platform.wake("token.customer.test").await;
    platform
        .until("token.customer.test", |found| found["status"] == "active")
        .await;
}

#[tokio::test]
async fn a_record_may_be_changed_and_removed_by_hand() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    platform.until(name, is_certified).await;
    let key = format!("cirque:hostname:{name}");
    let mut record: Value = serde_json::from_slice(&platform.redis.get(&key).await).expect("JSON");
    record["metadata"] = json!({ "plan": "gold" });
    record["ssl"]["settings"] = json!({ "http2": "off" });
    platform.write(name, &record).await;
    let found = platform
        .until(name, |found| found["wanted"]["metadata"]["plan"] == "gold")
        .await;
    assert_eq!(found["ssl"]["status"], "active", "{found}");
    let tls = platform.tls().await;
    until("the listener follows", async || {
        tls.get(name, "h2", "/").await.is_err()
    })
    .await;
    let id = found["id"].as_str().expect("an id").to_owned();
    // Long since, it was made.
    let mut aged = found.clone();
    aged["changed_at"] = json!(1);
    platform
        .redis
        .set(&format!("cirque:custom-hostname:{id}"), aged.to_string())
        .await;
    platform.redis.run(&["DEL", &key]).await;
    until("nothing of it is left", async || {
        let found = platform.redis.run(&["KEYS", &format!("*{name}*")]).await;
        let keys: Vec<String> = redis::from_redis_value(found).expect("keys are text");
        keys.iter().all(|key| key.starts_with("cirque:released:"))
    })
    .await;
    assert!(
        platform
            .redis
            .find(&format!("cirque:custom-hostname:{id}"))
            .await
            .is_none()
    );
    assert!(tls.handshake(name).await.is_err());
}

#[tokio::test]
async fn a_record_that_was_removed_while_nobody_looked_does_not_come_back() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let mut object = platform.until(name, is_certified).await;
    let Platform {
        redis,
        names,
        pebble,
        edge,
        https: _,
    } = platform;
    let stopped = edge.stop().await;
    let id = object["id"].as_str().expect("an id").to_owned();
    object["changed_at"] = json!(1);
    object["ownership"]["next_at"] = json!(1);
    let key = format!("cirque:custom-hostname:{id}");
    redis.set(&key, object.to_string()).await;
    let due = format!("0000000001 {id}");
    let set = "cirque:custom-hostnames-due";
    redis.run(&["ZADD", set, "0", &due]).await;
    let record = format!("cirque:hostname:{name}");
    redis.run(&["DEL", &record]).await;
    let edge = stopped.start().await;
    until("its custom hostname goes with it", async || {
        redis.find(&key).await.is_none()
    })
    .await;
    assert!(redis.find(&record).await.is_none());
    let certificate = format!("cirque:certificate:{name}");
    assert!(redis.find(&certificate).await.is_none());
    drop((edge, names, pebble));
}

#[tokio::test]
async fn a_customer_is_shown_what_is_missing_and_who_must_act() {
    let names = Names::start().await;
    names.address("edge.platform.test").await;
    let edge = Builder::new(&["hostnames.target=edge.platform.test"])
        .with(&names.setting())
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    let path = "/client/v4/zones/default/custom_hostnames";
    let body = json!({ "hostname": "app.customer.test" });
    let made = api.json("POST", path, body).await.json["result"].clone();
    let page = made["status_page"].as_str().expect("an address");
    let page = page
        .strip_prefix(&format!("http://127.0.0.1:{}", edge.api_port))
        .expect("the API's own");
    // Without a token, as a customer has it.
    let get = async |path: &str| {
        super::harness::request(edge.api_port, "GET", "localhost", path, &[], Vec::new()).await
    };
    let shown = get(page).await;
    let text = shown.text();
    assert_eq!(shown.status, 200, "{text}");
    for part in [
        "You must act",
        "<td>CNAME</td><td>app.customer.test</td><td>edge.platform.test</td>",
        "_cf-custom-hostname.app.customer.test",
        made["ownership_verification"]["value"]
            .as_str()
            .expect("a token"),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        shown
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(get(&format!("/behind/a/proxy{page}")).await.status, 200);
    // Another's page cannot be guessed, nor can anything else be read this way.
    let id = made["id"].as_str().expect("an id");
    let other = page.replace(id, "0c1e5d5e-0000-4000-8000-000000000000");
    for bad in [
        other.as_str(),
        &page[..page.len() - 1],
        "/.well-known/cirque/hostname-status/",
    ] {
        let answer = get(bad).await;
        assert_eq!(answer.status, 404, "{bad}");
        assert!(!answer.text().contains("customer"), "{bad}");
    }
    names.alias("app.customer.test", "edge.platform.test").await;
    let same = format!("{path}/{id}");
    api.json("PATCH", &same, json!({})).await;
    until("nobody has to act", async || {
        get(page).await.text().contains("Nobody has to do anything")
    })
    .await;
    api.json("DELETE", &same, json!({})).await;
    assert_eq!(get(page).await.status, 404);
}

#[tokio::test]
async fn a_claim_below_another_zones_wildcard_takes_nothing_away() {
    let names = Names::start().await;
    names.address("edge.platform.test").await;
    // The customer's wildcard in the DNS is meant for the zone that has it.
    let name = "app.customer.test";
    names.alias(name, "edge.platform.test").await;
    let edge = Builder::new(&["hostnames.target=edge.platform.test"])
        .with(&names.setting())
        .with_api()
        .start()
        .await;
    let api = edge.api().await;
    edge.deploy("hello", "hello");
    let add = "hostname add *.customer.test --zone a --worker hello --trusted --no-ssl";
    edge.cirque(&add.split(' ').collect::<Vec<_>>());
    until("the wildcard is served", async || {
        edge.get(name, "/").await.status == 200
    })
    .await;
    let path = "/client/v4/zones/b/custom_hostnames";
    let made = api.json("POST", path, json!({ "hostname": name })).await;
    let made = made.json["result"].clone();
    let same = format!("{path}/{}", made["id"].as_str().expect("an id"));
    until("it was looked for", async || {
        let found = api.get(&same).await.result();
        assert_eq!(found["status"], "pending", "{found}");
        !found["verification_errors"][0].is_null()
    })
    .await;
    assert_eq!(edge.get(name, "/").await.status, 200);
    let token = made["ownership_verification"]["value"]
        .as_str()
        .expect("a token");
    names
        .text(&format!("_cf-custom-hostname.{name}"), token)
        .await;
    api.json("PATCH", &same, json!({})).await;
    until("it is the other zone's", async || {
        api.get(&same).await.result()["status"] == "active"
    })
    .await;
    // Which leads nowhere: a foreign wildcard's worker is not its own.
    until("it leads where its zone does", async || {
        edge.get(name, "/").await.status == 530
    })
    .await;
    assert_eq!(edge.get("other.customer.test", "/").await.status, 200);
}

#[tokio::test]
async fn a_wildcard_is_proven_by_its_record_alone() {
    let platform = Platform::start(&[]).await;
    for name in [
        "customer.test",
        "any.customer.test",
        "cirque-check.customer.test",
    ] {
        platform.names.alias(name, "edge.platform.test").await;
    }
    let wildcard = "*.customer.test";
    let record = json!({ "worker": "hello", "status": "pending" });
    platform.write(wildcard, &record).await;
    let found = platform
        .until(wildcard, |found| found["ownership"]["attempts"] == 1)
        .await;
    assert_eq!(found["status"], "pending", "{found}");
    let token = found["ownership"]["token"].as_str().expect("a token");
    platform
        .names
        .text("_cf-custom-hostname.customer.test", token)
        .await;
    platform.wake(wildcard).await;
    platform
        .until(wildcard, |found| found["status"] == "active")
        .await;
}
