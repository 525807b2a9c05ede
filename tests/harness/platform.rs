//! A platform whose customers bring their own domains: an edge, a name server, a certificate authority.

use serde_json::{Value, json};

use super::pebble::{Names, Pebble};
use super::redis::Redis;
use super::{Builder, Edge, PATIENCE, free_port};
use crate::tls::Tls;

/// An edge with everything that custom hostnames need; customers point theirs at `edge.platform.test`.
pub(crate) struct Platform {
    pub(crate) redis: Redis,
    pub(crate) names: Names,
    pub(crate) pebble: Pebble,
    pub(crate) edge: Edge,
    pub(crate) https: u16,
}

impl Platform {
    pub(crate) async fn start(settings: &[&str]) -> Self {
        Self::with(Pebble::new(), settings).await
    }

    pub(crate) async fn with(mut pebble: Pebble, settings: &[&str]) -> Self {
        let (redis, names) = (Redis::start().await, Names::start().await);
        names.address("edge.platform.test").await;
        let https = free_port();
        let edge = builder(&redis, &names, &pebble, https, settings)
            .with_api()
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
    pub(crate) async fn write(&self, hostname: &str, record: &Value) {
        let key = format!("cirque:hostname:{hostname}");
        self.redis.set(&key, record.to_string()).await;
    }

    /// The custom hostname that was made of a record.
    pub(crate) async fn read(&self, hostname: &str) -> Option<Value> {
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
    pub(crate) async fn until(&self, hostname: &str, is: impl Fn(&Value) -> bool) -> Value {
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
    pub(crate) async fn wake(&self, hostname: &str) {
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
    pub(crate) async fn expire(&self, hostname: &str) {
        let mut object = self.read(hostname).await.expect("it is there");
        object["ssl"]["renew_at"] = json!(1);
        let id = object["id"].as_str().expect("an id").to_owned();
        self.redis
            .set(&format!("cirque:custom-hostname:{id}"), object.to_string())
            .await;
        self.wake(hostname).await;
    }

    pub(crate) async fn tls(&self) -> Tls {
        Tls::trusting(self.https, &self.pebble.root().await)
    }
}

/// An edge of such a platform, with these settings beside its own.
pub(crate) fn builder(
    redis: &Redis,
    names: &Names,
    pebble: &Pebble,
    https: u16,
    settings: &[&str],
) -> Builder {
    let mut builder = Builder::new(&[])
        .with(&redis.setting())
        .with(&names.setting())
        .with(&format!("listen.https=127.0.0.1:{https}"))
        // What the world sees as port 443.
        .with(&format!("hostnames.https_port={https}"))
        .with("hostnames.target=edge.platform.test")
        .with(r#"egress.allow_addresses=["127.0.0.0/8"]"#);
    for setting in pebble.settings() {
        builder = builder.with(&setting);
    }
    for setting in settings {
        builder = builder.with(setting);
    }
    builder
}

/// Whether a hostname has its certificate.
pub(crate) fn is_certified(hostname: &Value) -> bool {
    hostname["ssl"]["status"] == "active"
}
