//! What nodes that share a store tell each other beside its records. Nothing of it is kept.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::StoreError;

/// Is called with a channel and a message, and must not wait.
pub type Heard = Arc<dyn Fn(&str, &[u8]) + Send + Sync>;

/// Keys that end by themselves, and channels.
#[async_trait]
pub trait Nodes: Send + Sync {
    /// Sets a key that ends by itself.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn put_for(&self, key: &str, value: Bytes, lifetime: Duration) -> Result<(), StoreError>;

    /// Tells all who listen to a channel.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn tell(&self, channel: &str, message: &[u8]) -> Result<(), StoreError>;

    /// Begins to listen, to no channel yet, until it is dropped. Whoever listens finds out by `check` that nothing comes
    /// any more.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be reached.
    async fn listen(&self, heard: Heard) -> Result<Box<dyn Listener>, StoreError>;
}

/// Listens to channels.
#[async_trait]
pub trait Listener: Send {
    /// Listens to a channel too.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost.
    async fn begin(&mut self, channel: &str) -> Result<(), StoreError>;

    /// Listens to a channel no more.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost.
    async fn end(&mut self, channel: &str) -> Result<(), StoreError>;

    /// Whether it still hears.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost.
    async fn check(&mut self) -> Result<(), StoreError>;
}
