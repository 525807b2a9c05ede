//! What nodes tell each other through Redis: keys with an expiry, and its channels.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::StoreError;
use super::nodes::{Heard, Listener, Nodes};
use super::redis::{Redis, store_error};

#[async_trait]
impl Nodes for Redis {
    async fn put_for(&self, key: &str, value: Bytes, lifetime: Duration) -> Result<(), StoreError> {
        let mut set = redis::cmd("SET");
        set.arg(key).arg(value.as_ref());
        set.arg("PX").arg(lifetime.as_millis() as u64);
        self.ask(&set).await
    }

    async fn tell(&self, channel: &str, message: &[u8]) -> Result<(), StoreError> {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(channel).arg(message);
        self.tell_over(&publish).await
    }

    async fn listen(&self, heard: Heard) -> Result<Box<dyn Listener>, StoreError> {
        let connection = self.connect_to_hear(move |channel, message| {
            if let Ok(channel) = std::str::from_utf8(channel) {
                heard(channel, message);
            }
        });
        Ok(Box::new(Hearing(connection.await?)))
    }
}

/// A connection that channels are heard over.
struct Hearing(redis::aio::MultiplexedConnection);

#[async_trait]
impl Listener for Hearing {
    async fn begin(&mut self, channel: &str) -> Result<(), StoreError> {
        self.0.subscribe(channel).await.map_err(store_error)
    }

    async fn end(&mut self, channel: &str) -> Result<(), StoreError> {
        self.0.unsubscribe(channel).await.map_err(store_error)
    }

    async fn check(&mut self) -> Result<(), StoreError> {
        let ping = redis::cmd("PING");
        let asked = ping.query_async::<()>(&mut self.0);
        asked.await.map_err(store_error)
    }
}
