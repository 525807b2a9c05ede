//! Hostname records that somebody wrote by hand: what they want is done like what the API asks for.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Keeper, now};
use crate::model::custom_hostname::{
    HostnameEvent, HostnameStatus, Ownership, Ssl, SslStatus, Wanted, default_zone,
};
use crate::model::route::RouteRecord;
use crate::model::{CustomHostname, HostnamePattern};
use crate::store::custom_hostnames::{self as records, RecordError};
use crate::store::known::Follow;
use crate::store::{StoreError, Write, keys};

/// Keys looked at in one round trip.
const BATCH: usize = 500;
/// Changed keys that are remembered; beyond, all are looked at.
const QUEUE: usize = 10_000;
/// How young a custom hostname may be whose record is not there yet.
const YOUNG_S: i64 = 60;

/// Records that were written since somebody looked.
#[derive(Default)]
pub struct Written {
    keys: Mutex<Changed>,
}

#[derive(Default)]
struct Changed {
    keys: BTreeSet<String>,
    is_all: bool,
}

impl Written {
    /// Has every record looked at.
    pub(super) fn look_at_all(&self) {
        self.lock().is_all = true;
    }

    /// Leaves what was written to another node.
    pub(super) fn forget(&self) {
        *self.lock() = Changed::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Changed> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Follow for Written {
    async fn change(&self, changed: &[String]) -> Result<(), StoreError> {
        let ours = changed.iter().filter(|key| key.starts_with(keys::HOSTNAME));
        let mut waiting = self.lock();
        waiting.keys.extend(ours.cloned());
        if waiting.keys.len() > QUEUE {
            waiting.keys.clear();
            waiting.is_all = true;
        }
        Ok(())
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.look_at_all();
        Ok(())
    }

    fn knows_any(&self) -> bool {
        false
    }
}

impl Keeper {
    /// Whether any record that was written since the last time asks for a custom hostname; reads only. Those that do not
    /// are forgotten.
    pub(super) async fn is_wanted_by_hand(&self) -> Result<bool, RecordError> {
        let changed = std::mem::take(&mut *self.by_hand.lock());
        let result = self.asks_any(&changed).await;
        if !matches!(result, Ok(false)) {
            let mut waiting = self.by_hand.lock();
            waiting.is_all |= changed.is_all;
            waiting.keys.extend(changed.keys);
        }
        result
    }

    async fn asks_any(&self, changed: &Changed) -> Result<bool, RecordError> {
        let some: Vec<String> = changed.keys.iter().cloned().collect();
        for batch in some.chunks(BATCH) {
            if self.asks(batch).await? {
                return Ok(true);
            }
        }
        if changed.is_all {
            let all = self.store.list(keys::HOSTNAME, "", usize::MAX >> 1).await?;
            for batch in all.chunks(BATCH) {
                if self.asks(batch).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn asks(&self, keys: &[String]) -> Result<bool, RecordError> {
        let records = self.store.get(keys).await?.into_iter().flatten();
        let mut records =
            records.filter_map(|bytes| serde_json::from_slice::<RouteRecord>(&bytes).ok());
        Ok(records.any(|record| record.custom.is_some() || is_asking(&record)))
    }

    /// Takes in what was written by hand since the last time.
    pub(super) async fn take_in(&self) -> Result<(), RecordError> {
        let changed = std::mem::take(&mut *self.by_hand.lock());
        let result = match changed.is_all {
            true => self.take_in_all().await,
            false => {
                let keys: Vec<String> = changed.keys.iter().cloned().collect();
                self.take_in_keys(&keys).await
            }
        };
        if result.is_err() {
            let mut waiting = self.by_hand.lock();
            waiting.is_all |= changed.is_all;
            waiting.keys.extend(changed.keys);
        }
        result
    }

    async fn take_in_all(&self) -> Result<(), RecordError> {
        // A list in parts would look through the whole store for each.
        let keys = self.store.list(keys::HOSTNAME, "", usize::MAX >> 1).await?;
        self.take_in_keys(&keys).await
    }

    async fn take_in_keys(&self, changed: &[String]) -> Result<(), RecordError> {
        for batch in changed.chunks(BATCH) {
            let values = self.store.get(batch).await?;
            for (key, value) in batch.iter().zip(values) {
                let name = key.strip_prefix(keys::HOSTNAME).unwrap_or(key);
                let Ok(pattern) = HostnamePattern::parse(name) else {
                    continue;
                };
                let taken = match value {
                    Some(bytes) => self.take_in_record(&pattern, &bytes).await,
                    None => self.take_out(&pattern).await,
                };
                match taken {
                    Err(RecordError::Store(error)) => return Err(error.into()),
                    Err(error) => tracing::warn!(key, %error, "a record cannot be taken in"),
                    Ok(()) => {}
                }
            }
        }
        Ok(())
    }

    /// Makes a custom hostname of a record that asks for one, or changes the one that it was made from.
    async fn take_in_record(
        &self,
        pattern: &HostnamePattern,
        bytes: &Bytes,
    ) -> Result<(), RecordError> {
        let Ok(record) = serde_json::from_slice::<RouteRecord>(bytes) else {
            return Ok(());
        };
        let now = now();
        match &record.custom {
            Some(id) => {
                let Some((hostname, _)) = records::read(&*self.store, id).await? else {
                    return Ok(());
                };
                let published = hostname.record();
                // An older record will be published anew; one of the same revision that says something else was changed.
                if record.revision != published.revision || says_the_same(&record, &published) {
                    return Ok(());
                }
                let changed = records::change(&*self.store, id, |hostname| {
                    adopt(hostname, &record, now);
                });
                if let Some(hostname) = changed.await? {
                    match &hostname.ssl {
                        Some(ssl) => {
                            records::put_settings(&*self.store, &hostname, &ssl.settings).await?;
                        }
                        None => records::remove_certificates(&*self.store, &hostname).await?,
                    }
                    self.store.write(&[records::wake(id, now)]).await?;
                }
            }
            None if is_asking(&record) => {
                let zone = record.zone.clone();
                let zone = zone.unwrap_or_else(default_zone);
                let there = records::claims(&*self.store, pattern).await?;
                let mine = there.into_iter().find(|claim| claim.zone == zone);
                let id = match mine {
                    Some(claim) => {
                        records::change(&*self.store, &claim.id, |hostname| {
                            adopt(hostname, &record, now);
                        })
                        .await?;
                        claim.id
                    }
                    None => {
                        let (Some(id), Some(token)) = (uuid(), uuid()) else {
                            return Ok(());
                        };
                        let mut hostname = CustomHostname {
                            id: id.clone(),
                            zone,
                            hostname: pattern.to_string(),
                            status: record.status.unwrap_or_default(),
                            created_at: crate::pki::time(now),
                            changed_at: now,
                            revision: 0,
                            is_by_hand: true,
                            wanted: Wanted::default(),
                            ownership: Ownership {
                                token,
                                // Whoever writes the store by hand vouches for it, unless he says otherwise.
                                proof: record.status.is_none().then(|| "operator".to_owned()),
                                ..Ownership::default()
                            },
                            ssl: None,
                        };
                        adopt(&mut hostname, &record, now);
                        if !hostname.status.is_active() {
                            let contested = records::is_contested(&*self.store, &hostname, now);
                            hostname.ownership.is_contested = contested.await?;
                        }
                        records::claim(&*self.store, &hostname, now).await?;
                        records::contest(&*self.store, &hostname).await?;
                        id
                    }
                };
                let Some((hostname, _)) = records::read(&*self.store, &id).await? else {
                    return Ok(());
                };
                // The record becomes the custom hostname's, if nobody has written it again meanwhile.
                let key = keys::hostname(pattern);
                let json = serde_json::to_vec(&hostname.record())
                    .expect("records have text keys and plain values");
                let put = Write::Put(key.clone(), json.into());
                let expected = [(key, Some(bytes.clone()))];
                self.store.write_if(&expected, &[put]).await?;
                self.store.write(&[records::wake(&id, now)]).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Whether somebody has removed the record that a custom hostname was made from, and nobody here has seen it.
    pub(super) async fn is_taken_out(
        &self,
        hostname: &CustomHostname,
        now: i64,
    ) -> Result<bool, RecordError> {
        // One that was just made has no record yet.
        if !hostname.is_by_hand || now - hostname.changed_at <= YOUNG_S {
            return Ok(false);
        }
        let Ok(pattern) = hostname.pattern() else {
            return Ok(false);
        };
        // While another claim goes, its record may be gone before this one's is there.
        let claims = self.store.members(&keys::claims(&pattern), "", 2).await?;
        Ok(claims.len() == 1
            && records::holder(&*self.store, &pattern).await? == records::Holder::Nobody)
    }

    /// Removes the custom hostname of a record that somebody removed.
    async fn take_out(&self, pattern: &HostnamePattern) -> Result<(), RecordError> {
        let now = now();
        for hostname in records::claims(&*self.store, pattern).await? {
            // One that was just made has no record yet.
            let held = hostname.is_by_hand && now - hostname.changed_at > YOUNG_S;
            if held && records::holder(&*self.store, pattern).await? == records::Holder::Nobody {
                let release = i64::try_from(self.conf.hostnames.release_s).unwrap_or(i64::MAX);
                let until = now.saturating_add(release);
                records::remove(&*self.store, &hostname, until).await?;
            }
        }
        Ok(())
    }
}

/// Whether somebody wrote a record for a custom hostname.
fn is_asking(record: &RouteRecord) -> bool {
    record.ssl.is_some() || record.status == Some(HostnameStatus::Pending)
}

/// Whether two records want the same.
fn says_the_same(one: &RouteRecord, other: &RouteRecord) -> bool {
    let wanted = |record: &RouteRecord| {
        (
            record.namespace.clone(),
            record.worker.clone(),
            record.origin.clone(),
            record.origin_public_only,
            record.origin_sni.clone(),
            record.origin_ca.clone(),
            record.cache,
            record.metadata.clone(),
            record.ssl.clone(),
            record.status.unwrap_or_default(),
        )
    };
    wanted(one) == wanted(other)
}

/// Takes over what a record wants.
fn adopt(hostname: &mut CustomHostname, record: &RouteRecord, now: i64) {
    hostname.revision += 1;
    hostname.wanted = Wanted {
        namespace: record.namespace.clone(),
        worker: record.worker.clone(),
        origin: record.origin.clone(),
        origin_public_only: record.origin_public_only,
        origin_sni: record.origin_sni.clone(),
        origin_ca: record.origin_ca.clone(),
        cache: record.cache,
        metadata: record.metadata.clone(),
    };
    let was_active = hostname.status.is_active();
    match record.status {
        None | Some(HostnameStatus::Active) => {
            hostname.pass(HostnameEvent::Refreshed, now);
            hostname.pass(HostnameEvent::Proven, now);
            if hostname.ownership.proof.is_none() {
                hostname.ownership.proof = Some("operator".into());
            }
        }
        Some(HostnameStatus::Pending) => {
            hostname.pass(HostnameEvent::Refreshed, now);
            hostname.ownership.next_at = now;
            hostname.ownership.attempts = 0;
        }
        Some(HostnameStatus::Moved) => hostname.pass(HostnameEvent::TakenOver, now),
        Some(HostnameStatus::Blocked | HostnameStatus::Deleted) => {
            hostname.pass(HostnameEvent::Denied, now);
        }
    }
    hostname.ssl = match (&record.ssl, hostname.ssl.take()) {
        (None, _) => None,
        (Some(wanted), there) => {
            let is_new = there.is_none();
            let mut ssl = there.unwrap_or_else(|| Ssl {
                id: uuid().unwrap_or_default(),
                status: SslStatus::Initializing,
                ..Ssl::default()
            });
            let changes_names = ssl.wildcard != wanted.wildcard || ssl.method != wanted.method;
            ssl.method = wanted.method;
            ssl.wildcard = wanted.wildcard;
            ssl.certificate_authority = wanted.certificate_authority.clone();
            ssl.settings = wanted.settings.clone();
            let is_back = !was_active && hostname.status.is_active() && ssl.next_at == 0;
            if is_new || changes_names || is_back {
                ssl.order = None;
                ssl.next_at = now;
            }
            Some(ssl)
        }
    };
}

/// A random UUID (RFC 9562, version 4).
fn uuid() -> Option<String> {
    crate::secrets::random_uuid().ok()
}
