//! Custom hostnames on their way: from a record to a certificate that visitors accept.

use serde_json::{Value, json};

use super::harness::pebble::{Names, Pebble};
use super::harness::redis::Redis;
use super::harness::{Builder, Edge, free_port, until};
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
        let last = std::cell::RefCell::new(Value::Null);
        let reached = async || match self.read(hostname).await {
            Some(found) => {
                *last.borrow_mut() = found;
                is(&last.borrow())
            }
            None => false,
        };
        until(&format!("{hostname} is as it should be"), reached).await;
        last.into_inner()
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
    let found = platform.until(name, is_certified).await;
    assert_eq!(found["status"], "active", "{found}");
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
    let found = platform.until(name, is_certified).await;
    assert_eq!(found["ownership"]["proof"], "txt", "{found}");
    // One certificate for the name and those below it.
    let tls = platform.tls().await;
    for host in [name, "a.www.customer.test"] {
        tls.handshake(host).await.expect("TLS");
    }
    assert!(tls.handshake("a.b.www.customer.test").await.is_err());
}
