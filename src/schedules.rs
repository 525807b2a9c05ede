//! Cron triggers: at each minute one node of all runs the workers whose time has come.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::model::cron::Cron;
use crate::model::{Script, TenantId};
use crate::runtime::Runtime;
use crate::store::known::Known;
use crate::store::{KeyValue, StoreError, Write, keys};

/// Workers read in one round trip.
const BATCH: usize = 500;
const MINUTE: Duration = Duration::from_secs(60);

/// Runs workers at their times.
pub struct Schedules {
    /// Where the list of them lies.
    pub store: Arc<dyn KeyValue>,
    /// Their records.
    pub scripts: Arc<Known<Script>>,
    /// What runs them.
    pub runtime: Arc<Runtime>,
}

impl Schedules {
    /// Waits for each minute, for as long as the process runs. A minute that nobody was there for is not made up for.
    pub async fn run(self) {
        loop {
            let now = since_1970();
            let minute = now.as_secs() / MINUTE.as_secs() + 1;
            let begins = Duration::from_secs(minute * MINUTE.as_secs());
            tokio::time::sleep(begins.saturating_sub(now)).await;
            if let Err(error) = self.minute(minute).await {
                tracing::warn!(%error, "the workers of this minute's cron triggers are not run: the store cannot be asked");
            }
        }
    }

    async fn minute(&self, minute: u64) -> Result<(), StoreError> {
        let names = self.store.members(keys::CRONS, "", usize::MAX >> 1).await?;
        if names.is_empty() || !self.claim(minute).await? {
            return Ok(());
        }
        for names in names.chunks(BATCH) {
            let tenants = names.iter().filter_map(|name| TenantId::regular(name).ok());
            let tenants: Vec<TenantId> = tenants.collect();
            let records: Vec<String> = tenants.iter().map(keys::script).collect();
            let scripts = self.scripts.load(&records).await;
            for (tenant, script) in tenants.into_iter().zip(scripts) {
                if let Ok(Some(script)) = script {
                    self.begin(&tenant, &script, minute);
                }
            }
        }
        Ok(())
    }

    /// Whether this node is the one that runs the minute's workers: the first to say so.
    async fn claim(&self, minute: u64) -> Result<bool, StoreError> {
        let key = [keys::CRONS_MINUTE.to_owned()];
        let before = self.store.get(&key).await?.pop().flatten();
        let done = before
            .as_ref()
            .and_then(|bytes| std::str::from_utf8(bytes).ok()?.parse::<u64>().ok());
        if done.is_some_and(|done| done >= minute) {
            return Ok(false);
        }
        let [key] = key;
        let put = Write::Put(key.clone(), Bytes::from(minute.to_string()));
        self.store.write_if(&[(key, before)], &[put]).await
    }

    fn begin(&self, tenant: &TenantId, script: &Script, minute: u64) {
        for text in &script.crons {
            if !Cron::parse(text).is_ok_and(|cron| cron.has(minute)) {
                continue;
            }
            let (runtime, tenant, text) = (self.runtime.clone(), tenant.clone(), text.clone());
            tokio::spawn(async move {
                let ran = runtime.schedule(&tenant, &text, minute * 60_000).await;
                match ran {
                    Ok(()) => tracing::info!(%tenant, cron = text, "a worker ran at its time"),
                    Err(error) => {
                        tracing::info!(%tenant, cron = text, %error, "a worker failed that was run at its time");
                    }
                }
            });
        }
    }
}

fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
