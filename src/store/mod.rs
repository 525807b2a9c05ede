//! Records and the feed of their changes, in Redis or in a file on this node.
//!
//! The store knows keys and bytes; the typed records over it say what they mean. The data plane only
//! reads here, the command line and the API only write. It never holds a request: what a node has
//! served it keeps (see [`known`]).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::conf::{Conf, StoreUrl};

pub mod custom_hostnames;
pub mod embedded;
mod embedded_values;
pub mod keys;
pub mod known;
pub mod nodes;
pub mod records;
pub mod redis;
mod redis_nodes;
mod redis_values;
pub mod snapshot;
pub mod values;

pub use nodes::Nodes;
pub use values::Values;

/// A key-value store that tells of its changes.
#[async_trait]
pub trait KeyValue: Values + Send + Sync {
    /// The values of these keys, in their order; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError>;

    /// The keys that begin with `prefix`, in order, after `after`; at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// Does all of these, in order, and all or none of them where the store can (one Redis server, or a file).
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn write(&self, changes: &[Write]) -> Result<(), StoreError>;

    /// Does all of these if every one of these keys holds what is expected of it (`None`: is not there), else nothing;
    /// returns whether it did. In a Redis Cluster all keys of a call share one hash tag.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn write_if(
        &self,
        expected: &[(String, Option<Bytes>)],
        changes: &[Write],
    ) -> Result<bool, StoreError>;

    /// The members of a set after `after`, in order of their bytes; at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn members(
        &self,
        set: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// How many members each of these sets has.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn counts(&self, sets: &[String]) -> Result<Vec<u64>, StoreError>;

    /// Whether no key begins with any of these prefixes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn is_empty(&self, prefixes: &[&str]) -> Result<bool, StoreError>;

    /// Begins to tell of changes below these prefixes, from now on.
    fn watch(self: Arc<Self>, prefixes: &'static [&'static str]) -> Feed;

    /// What nodes that share this store tell each other through it; `None` for a store that one node has to itself.
    fn nodes(self: Arc<Self>) -> Option<Arc<dyn Nodes>> {
        None
    }
}

/// One change to write.
#[derive(Clone, Debug)]
pub enum Write {
    /// Sets a key.
    Put(String, Bytes),
    /// Removes a key, if it is there.
    Delete(String),
    /// Puts a member into the ordered set under a key.
    Add(String, String),
    /// Takes a member out of a set.
    Remove(String, String),
    /// Keeps so many members of a set, the first ones.
    Trim(String, usize),
}

impl Write {
    /// The key it changes.
    pub fn key(&self) -> &str {
        match self {
            Self::Put(key, _)
            | Self::Delete(key)
            | Self::Add(key, _)
            | Self::Remove(key, _)
            | Self::Trim(key, _) => key,
        }
    }
}

/// What the store tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The feed runs from here on; what was read before may be out of date.
    Up,
    /// The feed is lost; changes are not heard of until the next `Up`.
    Down,
    /// These keys were written or removed.
    Changed(Vec<String>),
    /// Any key may have changed.
    ChangedAll,
}

/// A running feed of changes; it ends when it is dropped.
pub struct Feed {
    events: mpsc::Receiver<Event>,
    task: JoinHandle<()>,
}

impl Feed {
    /// The next event; `None` when the feed has ended for good.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// How many events wait.
    pub fn waiting(&self) -> usize {
        self.events.len()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why the store could not do what it was asked for.
#[derive(Debug, Error, Clone)]
pub enum StoreError {
    /// There is no connection at the moment.
    #[error("the store cannot be reached{}", if .0.is_empty() { String::new() } else { format!(": {}", .0) })]
    Unreachable(String),
    /// It did not answer in time.
    #[error("the store did not answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// It answered with an error.
    #[error("the store refused: {0}")]
    Refused(String),
    /// The file behind the embedded store failed.
    #[error("the store's file {path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What the system or SQLite said.
        message: String,
    },
}

/// Opens the store that the settings name.
///
/// # Errors
/// [`StoreError`] when the embedded store's file cannot be opened, or a URL is none that the client knows. A
/// Redis that is away is no error: the store connects when it is there.
pub fn open(conf: &Conf, url: &StoreUrl) -> Result<Arc<dyn KeyValue>, StoreError> {
    let timeout = Duration::from_millis(conf.store.timeout_ms);
    Ok(match url {
        StoreUrl::Embedded(path) => Arc::new(embedded::Embedded::open(path)?),
        _ => Arc::new(redis::Redis::open(url, timeout)?),
    })
}
