//! Custom hostnames on their way: from a record to a certificate that visitors accept.

use serde_json::{Value, json};

use super::harness::pebble::{Names, Pebble};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, PATIENCE, free_port, until};
use super::tls::Tls;

/// An edge with everything that custom hostnames need; customers point theirs at `edge.platform.test`.
struct Platform {
    redis: Redis,
    names: Names,
    pebble: Pebble,
    edge: Edge,
    https: u16,
}

impl Platform {
    async fn start(settings: &[&str]) -> Self {
        Self::with(Pebble::new(), settings).await
    }

    async fn with(mut pebble: Pebble, settings: &[&str]) -> Self {
        let (redis, names) = (Redis::start().await, Names::start().await);
        names.address("edge.platform.test").await;
        let https = free_port();
        let edge = builder(&redis, &names, &pebble, https, settings)
            .start()
            .await;
        pebble.start(&names, edge.port, https).await;
        edge.deploy("hello", "hello");
        Self {
            redis,
            names,
            pebble,
            edge,
            https,
        }
    }

    /// Writes a hostname's record by hand.
    async fn write(&self, hostname: &str, record: &Value) {
        let key = format!("cirque:hostname:{hostname}");
        self.redis.set(&key, record.to_string()).await;
    }

    /// The custom hostname that was made of a record.
    async fn read(&self, hostname: &str) -> Option<Value> {
        let record = self
            .redis
            .find(&format!("cirque:hostname:{hostname}"))
            .await?;
        let record: Value = serde_json::from_slice(&record).expect("JSON");
        let id = record["custom"].as_str()?;
        let found = self
            .redis
            .find(&format!("cirque:custom-hostname:{id}"))
            .await?;
        Some(serde_json::from_slice(&found).expect("JSON"))
    }

    /// Waits until a custom hostname is as it should be.
    async fn until(&self, hostname: &str, is: impl Fn(&Value) -> bool) -> Value {
        let began = std::time::Instant::now();
        loop {
            let found = self.read(hostname).await;
            match found {
                Some(found) if is(&found) => return found,
                found if began.elapsed() > PATIENCE => {
                    panic!("{hostname} is not as it should be: {found:#?}")
                }
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
    }

    /// Has a custom hostname looked at now.
    async fn wake(&self, hostname: &str) {
        let found = self.read(hostname).await.expect("it is there");
        let id = found["id"].as_str().expect("an id");
        let mut object = found.clone();
        object["ownership"]["next_at"] = json!(1);
        if object["ssl"].is_object() {
            object["ssl"]["next_at"] = json!(1);
        }
        self.redis
            .set(&format!("cirque:custom-hostname:{id}"), object.to_string())
            .await;
        self.redis
            .run(&[
                "ZADD",
                "cirque:custom-hostnames-due",
                "0",
                &format!("0000000001 {id}"),
            ])
            .await;
    }

    /// Lets the time of a certificate's renewal come.
    async fn expire(&self, hostname: &str) {
        let mut object = self.read(hostname).await.expect("it is there");
        object["ssl"]["renew_at"] = json!(1);
        let id = object["id"].as_str().expect("an id").to_owned();
        self.redis
            .set(&format!("cirque:custom-hostname:{id}"), object.to_string())
            .await;
        self.wake(hostname).await;
    }

    async fn tls(&self) -> Tls {
        Tls::trusting(self.https, &self.pebble.root().await)
    }
}

fn builder(
    redis: &Redis,
    names: &Names,
    pebble: &Pebble,
    https: u16,
    settings: &[&str],
) -> Builder {
    let mut builder = Builder::new(settings)
        .with(&redis.setting())
        .with(&names.setting())
        .with(&format!("listen.https=127.0.0.1:{https}"))
        .with("hostnames.target=edge.platform.test")
        .with(r#"egress.allow_addresses=["127.0.0.0/8"]"#);
    for setting in pebble.settings() {
        builder = builder.with(&setting);
    }
    builder
}

fn is_certified(hostname: &Value) -> bool {
    hostname["ssl"]["status"] == "active"
}

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
