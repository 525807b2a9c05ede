//! Keeps the sets that lists are made from true when somebody writes or removes a script's key by hand.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::model::{Namespace, Script};
use crate::store::known::Follow;
use crate::store::{KeyValue, StoreError, Write, keys};

/// Keys looked at in one round trip.
const BATCH: usize = 500;
/// Batches of changed keys that may wait; beyond, all keys are looked through.
const QUEUE: usize = 64;
/// How long after a failure it is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Follows the store's changes, on nodes that serve the API; the work is done apart, so that no edge waits for it.
pub struct Index {
    changed: mpsc::Sender<Vec<String>>,
    all: Arc<tokio::sync::Notify>,
}

impl Index {
    /// An index of this store; its work ends with it.
    pub fn start(store: Arc<dyn KeyValue>) -> Self {
        let (changed, inbox) = mpsc::channel(QUEUE);
        let all = Arc::new(tokio::sync::Notify::new());
        tokio::spawn(work(store, inbox, all.clone()));
        Self { changed, all }
    }
}

#[async_trait]
impl Follow for Index {
    async fn change(&self, keys: &[String]) -> Result<(), StoreError> {
        let is_ours =
            |key: &&String| key.starts_with(keys::SCRIPT) || key.starts_with(keys::NAMESPACE);
        let ours: Vec<String> = keys.iter().filter(is_ours).cloned().collect();
        if !ours.is_empty() && self.changed.try_send(ours).is_err() {
            self.all.notify_one();
        }
        Ok(())
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.all.notify_one();
        Ok(())
    }

    fn knows_any(&self) -> bool {
        false
    }
}

async fn work(
    store: Arc<dyn KeyValue>,
    mut inbox: mpsc::Receiver<Vec<String>>,
    all: Arc<tokio::sync::Notify>,
) {
    loop {
        let keys = tokio::select! {
            keys = inbox.recv() => match keys {
                Some(keys) => Some(keys),
                None => return,
            },
            () = all.notified() => None,
        };
        let result = match keys {
            Some(keys) => take_in(&*store, &keys).await,
            None => take_in_all(&*store).await,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "the lists of workers could not be brought up to date; trying again");
            tokio::time::sleep(RETRY).await;
            all.notify_one();
        }
    }
}

async fn take_in_all(store: &dyn KeyValue) -> Result<(), StoreError> {
    for prefix in [keys::SCRIPT, keys::NAMESPACE] {
        let found = store.list(prefix, "", usize::MAX >> 1).await?;
        take_in(store, &found).await?;
    }
    Ok(())
}

async fn take_in(store: &dyn KeyValue, keys: &[String]) -> Result<(), StoreError> {
    for batch in keys.chunks(BATCH) {
        let values = store.get(batch).await?;
        let mut namespaces = Vec::new();
        for (key, value) in batch.iter().zip(values) {
            if let Some(tenant) = keys::script_tenant(key) {
                let changes = script(tenant.namespace(), tenant.worker(), value.as_deref());
                // Whoever changes it meanwhile is heard of, and taken in after this.
                store.write_if(&[(key.clone(), value)], &changes).await?;
            } else if let Some(name) = keys::namespace_name(key)
                && value.is_some_and(|bytes| serde_json::from_slice::<Namespace>(&bytes).is_ok())
            {
                namespaces.push(Write::Add(keys::NAMESPACES.to_owned(), name.to_owned()));
            }
        }
        if !namespaces.is_empty() {
            store.write(&namespaces).await?;
        }
    }
    Ok(())
}

/// The sets that a script belongs to. A set it no longer belongs to is found out by whoever walks it.
fn script(namespace: &str, name: &str, record: Option<&[u8]>) -> Vec<Write> {
    let set = keys::scripts(namespace);
    let Some(record) = record else {
        return vec![Write::Remove(set, name.into())];
    };
    let mut changes = vec![Write::Add(set, name.into())];
    let tags = serde_json::from_slice::<Script>(record).map(|script| script.tags);
    let sets = tags.unwrap_or_default().into_iter();
    changes.extend(sets.map(|tag| Write::Add(keys::tagged(namespace, &tag), name.into())));
    changes
}
