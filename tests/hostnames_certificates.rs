//! Certificates of custom hostnames: how they come from a real authority, and what happens when it fails.

use serde_json::{Value, json};

use super::harness::pebble::{Names, Pebble};
use super::harness::platform::{Platform, builder, is_certified};
use super::harness::redis::Redis;
use super::harness::{Edge, PATIENCE, free_port, until};
use super::tls::Tls;

#[tokio::test]
async fn two_nodes_ask_for_a_certificate_once() {
    let platform = Platform::start(&[]).await;
    let key = platform.edge.directory.path().join("data/secrets.key");
    let second = free_port();
    let other = builder(
        &platform.redis,
        &platform.names,
        &platform.pebble,
        second,
        &[],
    )
    .with(&format!("secrets.key_file={}", key.display()))
    .start()
    .await;
    let names: Vec<String> = (0..6).map(|n| format!("n{n}.customer.test")).collect();
    for name in &names {
        platform.names.alias(name, "edge.platform.test").await;
        platform
            .write(name, &json!({ "worker": "hello", "ssl": {} }))
            .await;
    }
    for name in &names {
        platform.until(name, is_certified).await;
    }
    // Both serve what one of them has asked for.
    let root = platform.pebble.root().await;
    for port in [platform.https, second] {
        let tls = Tls::trusting(port, &root);
        for name in &names {
            tls.handshake(name).await.expect("TLS");
        }
    }
    let log = platform.pebble.log();
    assert_eq!(
        log.matches("Issued certificate").count(),
        names.len(),
        "{log}"
    );
    assert_eq!(log.matches("Added order").count(), names.len(), "{log}");
    // The other goes on when one is gone.
    let Platform {
        redis,
        names: dns,
        edge,
        ..
    } = &platform;
    edge.signal(rustix::process::Signal::KILL);
    dns.text("_cf-custom-hostname.late.customer.test", "-")
        .await;
    let record = json!({ "worker": "hello", "status": "pending" });
    redis
        .set("cirque:hostname:late.customer.test", record.to_string())
        .await;
    platform
        .until("late.customer.test", |found| {
            found["ownership"]["attempts"] == 1
        })
        .await;
    drop(other);
}

#[tokio::test]
async fn an_authority_that_turns_requests_away_is_asked_again() {
    let pebble = Pebble::new()
        .with("PEBBLE_WFE_NONCEREJECT", "60")
        .with("PEBBLE_VA_NOSLEEP", "0")
        .with("PEBBLE_VA_SLEEPTIME", "1");
    let platform = Platform::with(pebble, &[]).await;
    let name = "slow.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let began = std::time::Instant::now();
    while !platform
        .read(name)
        .await
        .is_some_and(|found| is_certified(&found))
    {
        assert!(
            began.elapsed() < PATIENCE,
            "{:?}",
            platform.read(name).await
        );
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        // Not in an hour, as outside of tests.
        platform.wake(name).await;
    }
}

#[tokio::test]
async fn the_next_authority_is_asked_where_one_refuses() {
    // The first looks at a port where nobody is.
    let mut second = Pebble::new();
    let (redis, names) = (Redis::start().await, Names::start().await);
    names.address("edge.platform.test").await;
    let (mut first, https) = (Pebble::new(), free_port());
    let roots = tempfile::tempdir().expect("a directory");
    let both = roots.path().join("both.pem");
    let read = |pebble: &Pebble| std::fs::read_to_string(pebble.ca()).expect("a file");
    std::fs::write(&both, format!("{}{}", read(&first), read(&second))).expect("a file");
    let edge = builder(&redis, &names, &first, https, &[])
        .with(&format!("acme.ca_file={}", both.display()))
        .with(&format!("acme.further_directories=[\"{}\"]", second.url()))
        .start()
        .await;
    first.start(&names, free_port(), free_port()).await;
    second.start(&names, edge.port, https).await;
    edge.deploy("hello", "hello");
    let platform = Platform {
        redis,
        names,
        pebble: second,
        edge,
        https,
    };
    let name = "twice.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let found = platform
        .until(name, |found| found["ssl"]["refusals"] == 1)
        .await;
    let reason = found["ssl"]["errors"][0].as_str().expect("a reason");
    assert!(
        reason.contains("localhost") && reason.len() > 20,
        "{reason}"
    );
    assert!(found["ssl"]["next_at"].as_i64() > found["ownership"]["checked_at"].as_i64());
    platform.wake(name).await;
    platform.until(name, is_certified).await;
    platform.tls().await.handshake(name).await.expect("TLS");
}

#[tokio::test]
async fn certificates_go_on_while_their_authority_is_gone() {
    let mut platform = Platform::start(&[]).await;
    let (old, new) = ("old.customer.test", "new.customer.test");
    for name in [old, new] {
        platform.names.alias(name, "edge.platform.test").await;
    }
    platform
        .write(old, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let found = platform.until(old, is_certified).await;
    let root = platform.pebble.root().await;
    platform.pebble.kill();
    platform
        .write(new, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let waiting = platform
        .until(new, |found| !found["ssl"]["errors"][0].is_null())
        .await;
    assert_eq!(
        waiting["status"], "active",
        "it is served over plain HTTP: {waiting}"
    );
    assert_eq!(waiting["ssl"]["status"], "initializing", "{waiting}");
    // It is time to renew, and nobody is there.
    platform.expire(old).await;
    let found_after = platform
        .until(old, |found| !found["ssl"]["errors"][0].is_null())
        .await;
    assert_eq!(found_after["ssl"]["status"], "active", "{found_after}");
    assert_eq!(
        found_after["ssl"]["certificates"],
        found["ssl"]["certificates"]
    );
    let tls = Tls::trusting(platform.https, &root);
    assert_eq!(tls.get(old, "h2", "/").await.expect("TLS").status, 200);
    let text = found_after["ssl"]["errors"][0].as_str().expect("a reason");
    assert!(
        text.contains("asked again in") || text.contains("refuses"),
        "{text}"
    );
}

#[tokio::test]
async fn a_certificate_is_renewed_in_its_time() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let before = platform.until(name, is_certified).await;
    let renew_at = before["ssl"]["renew_at"].as_i64().expect("a time");
    let now = before["changed_at"].as_i64().expect("a time");
    assert!(renew_at > now + 86_400, "{before}");
    // Nothing is done before.
    platform.wake(name).await;
    let waited = platform
        .until(name, |found| found["ssl"]["next_at"].as_i64() > Some(1))
        .await;
    let serial = |found: &Value| found["ssl"]["certificates"][0]["serial_number"].clone();
    assert_eq!(serial(&waited), serial(&before));
    platform.expire(name).await;
    let after = platform
        .until(name, |found| serial(found) != serial(&before))
        .await;
    assert_eq!(after["ssl"]["status"], "active", "{after}");
    assert_eq!(after["ssl"]["order"], Value::Null, "{after}");
    platform.tls().await.handshake(name).await.expect("TLS");
}

#[tokio::test]
async fn nobody_orders_for_names_that_visitors_make_up() {
    let platform = Platform::start(&[]).await;
    platform
        .names
        .alias("real.customer.test", "edge.platform.test")
        .await;
    let tls = platform.tls().await;
    for n in 0..300 {
        assert!(
            tls.handshake(&format!("made-up-{n}.customer.test"))
                .await
                .is_err()
        );
    }
    let log = platform.pebble.log();
    assert!(
        !log.contains("Added order") && !log.contains("accounts in memory"),
        "{log}"
    );
    let log = platform
        .edge
        .metric(r#"cirque_tls_handshakes_total{result="unknown_name"}"#);
    assert_eq!(log.await, 300.0);
}

#[tokio::test]
async fn orders_beyond_the_budget_wait() {
    let platform = Platform::start(&["acme.orders_per_domain_per_week=2"]).await;
    let names = ["a.one.test", "b.one.test", "c.one.test", "a.two.test"];
    for name in names {
        platform.names.alias(name, "edge.platform.test").await;
        platform
            .write(name, &json!({ "worker": "hello", "ssl": {} }))
            .await;
        match name {
            "c.one.test" => {
                let found = platform
                    .until(name, |found| !found["ssl"]["errors"][0].is_null())
                    .await;
                let reason = found["ssl"]["errors"][0].as_str().expect("a reason");
                assert!(reason.contains("orders_per_domain_per_week"), "{reason}");
                let next = found["ssl"]["next_at"].as_i64().expect("a time");
                let now = found["changed_at"].as_i64().expect("a time");
                assert!(next > now + 6 * 86_400, "{found}");
            }
            _ => {
                platform.until(name, is_certified).await;
            }
        }
    }
}

#[tokio::test]
async fn delegated_challenges_are_answered_here() {
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use hickory_resolver::proto::rr::{RData, RecordType};
    let port = free_port();
    let platform = Platform::start(&[
        &format!("dns.listen=127.0.0.1:{port}"),
        "dns.zone=dcv.platform.test",
    ])
    .await;
    let name = "www.customer.test";
    let record = json!({ "worker": "hello", "ssl": { "method": "txt" } });
    platform.write(name, &record).await;
    let found = platform
        .until(name, |found| !found["ssl"]["records"][0].is_null())
        .await;
    let value = found["ssl"]["records"][0]["txt_value"]
        .as_str()
        .expect("a value");
    for connection in [ConnectionConfig::udp(), ConnectionConfig::tcp()] {
        let mut connection = connection;
        connection.port = port;
        let server = NameServerConfig::new([127, 0, 0, 1].into(), true, vec![connection]);
        let servers = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let resolver = hickory_resolver::TokioResolver::builder_with_config(
            servers,
            TokioRuntimeProvider::default(),
        );
        let resolver = resolver.build().expect("a resolver");
        let zone = found["zone"].as_str().expect("a zone");
        let uuid = cirque::model::custom_hostname::delegation_uuid(zone);
        let asked = format!("{name}.{uuid}.dcv.platform.test.");
        let texts = resolver
            .lookup(asked.as_str(), RecordType::TXT)
            .await
            .expect("an answer");
        let texts: Vec<String> = texts
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::TXT(text) => Some(text.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, [value]);
        for other in [
            &format!("other.{uuid}.dcv.platform.test."),
            // Another zone's.
            "www.customer.test.0123456789abcdef.dcv.platform.test.",
            "www.customer.test.abc123.dcv.platform.test.",
            "dcv.platform.test.",
            "customer.test.",
        ] {
            assert!(
                resolver.lookup(other, RecordType::TXT).await.is_err(),
                "{other}"
            );
        }
    }
}

#[tokio::test]
async fn certificates_are_served_on_when_their_keys_are_sealed_anew() {
    let platform = Platform::start(&[]).await;
    let name = "shop.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(
            name,
            &json!({ "worker": "hello", "ssl": { "method": "http" } }),
        )
        .await;
    platform.until(name, is_certified).await;
    let key = format!("cirque:certificate:{name}");
    let sealed = async || {
        let record: Value = serde_json::from_slice(&platform.redis.get(&key).await).expect("JSON");
        record["chains"][0]["key"]
            .as_str()
            .expect("a key")
            .to_owned()
    };
    let before = sealed().await;
    platform.edge.cirque(&["secrets", "rotate"]);
    let after = sealed().await;
    assert_ne!(before[..11], after[..11], "another key");
    // The old key is not needed any more.
    let file = platform.edge.directory.path().join("data/secrets.key");
    let keys = std::fs::read_to_string(&file).expect("keys");
    let first = keys
        .lines()
        .find(|line| !line.starts_with('#'))
        .expect("a key");
    std::fs::write(&file, format!("{first}\n")).expect("a file");
    let Platform {
        redis,
        names,
        mut pebble,
        edge,
        https: _,
    } = platform;
    let (https, again) = (free_port(), edge.stop().await);
    let edge = again
        .with(&format!("listen.https=127.0.0.1:{https}"))
        .start()
        .await;
    let root = pebble.root().await;
    pebble.kill();
    pebble.start(&names, edge.port, https).await;
    let tls = Tls::trusting(https, &root);
    until("it is served", async || tls.handshake(name).await.is_ok()).await;
    let account = redis.run(&["KEYS", "cirque:acme-account:*"]).await;
    let accounts: Vec<String> = redis::from_redis_value(account).expect("keys are text");
    let account = redis.get(&accounts[0]).await;
    assert_eq!(account[..11], after.as_bytes()[..11]);
}

#[tokio::test]
async fn a_hostname_that_answers_at_one_port_alone_is_proven_there() {
    let closed = format!("hostnames.http_port={}", free_port());
    for settings in [&[r#"acme.challenges=["tls-alpn-01"]"#][..], &[&closed]] {
        let platform = Platform::start(settings).await;
        let name = "alpn.customer.test";
        platform.names.alias(name, "edge.platform.test").await;
        platform
            .write(name, &json!({ "worker": "hello", "ssl": {} }))
            .await;
        platform.until(name, is_certified).await;
        let answer = platform.tls().await.get(name, "h2", "/").await;
        assert_eq!(answer.expect("TLS").status, 200);
        // The edge has looked before the authority did; nothing of it is left.
        let challenges = r#"cirque_tls_handshakes_total{result="challenge"}"#;
        assert!(platform.edge.metric(challenges).await >= 2.0);
        let left = platform.redis.keys("cirque:challenge:*").await;
        assert_eq!(left, Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_authority_is_not_told_to_look_where_another_server_answers() {
    // What the world sees as port 443 is somebody else's, and port 80 is nobody's.
    let other = Edge::start().await;
    let settings = [
        format!("hostnames.http_port={}", free_port()),
        format!("hostnames.https_port={}", other.port),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let platform = Platform::start(&settings).await;
    let name = "elsewhere.customer.test";
    platform.names.alias(name, "edge.platform.test").await;
    platform
        .write(name, &json!({ "worker": "hello", "ssl": {} }))
        .await;
    let found = platform
        .until(name, |found| found["ssl"]["attempts"] == 1)
        .await;
    let errors = found["ssl"]["errors"].to_string();
    assert!(errors.contains("cannot be fetched"), "{errors}");
    assert!(errors.contains("tls-alpn-01"), "{errors}");
    assert_eq!(found["ssl"]["refusals"], 0, "{found}");
}
