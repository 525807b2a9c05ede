//! Purges as they come from the store: each node carries out what it has not seen, also what it missed while it was cut off.

use std::sync::Arc;

use async_trait::async_trait;

use super::Cache;
use crate::model::{CacheOwner, PurgeLog};
use crate::store::known::Follow;
use crate::store::{KeyValue, StoreError, keys};

/// Logs read in one round trip.
const BATCH: usize = 500;

/// Follows the purges in the store.
pub struct PurgeFollower {
    store: Arc<dyn KeyValue>,
    cache: Arc<Cache>,
}

impl PurgeFollower {
    /// Carries out on this cache what the store says.
    pub fn new(store: Arc<dyn KeyValue>, cache: Arc<Cache>) -> Self {
        Self { store, cache }
    }

    async fn carry_out(&self, owners: &[CacheOwner]) -> Result<(), StoreError> {
        for batch in owners.chunks(BATCH) {
            let keys: Vec<String> = batch.iter().map(keys::purge).collect();
            let logs = self.store.get(&keys).await?;
            for (owner, log) in batch.iter().zip(logs) {
                let Some(log) = log else { continue };
                match serde_json::from_slice::<PurgeLog>(&log) {
                    Ok(log) => self.cache.purge(owner, &log),
                    Err(error) => {
                        // Whoever wrote it meant something to go.
                        tracing::warn!(%owner, %error, "a purge cannot be read; all that was cached goes");
                        self.cache.forget_all(owner);
                    }
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Follow for PurgeFollower {
    async fn change(&self, keys: &[String]) -> Result<(), StoreError> {
        let owners = keys.iter().filter_map(|key| key.strip_prefix(keys::PURGE));
        let owners: Vec<_> = owners.filter_map(CacheOwner::parse).collect();
        self.carry_out(&owners).await
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.carry_out(&self.cache.owners()).await
    }

    fn knows_any(&self) -> bool {
        false
    }
}
