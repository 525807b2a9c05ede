//! Key-value namespaces: made, renamed, deleted with everything in them.
//!
//! A namespace that is deleted is one write: it takes nothing and gives nothing from then on. Its values are removed
//! afterwards, some at a time, by whichever node comes to it.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;

use super::upload::Entry;
use super::{ATTEMPTS, Control, ControlError, json, now, random_id};
use crate::bindings::Callee;
use crate::kv::{self, KvError, Page};
use crate::model::kv::check_title;
use crate::model::{Binding, KvKey, KvNamespace};
use crate::store::values::{Change, Found, Stored};
use crate::store::{Write, keys};

/// How often is looked for deleted namespaces that nobody removes the values of.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

impl Control {
    /// Makes a namespace; its id beside it.
    ///
    /// # Errors
    /// [`ControlError::KvTitle`] when another has the title, [`ControlError::Kv`] for a title nobody can have.
    pub async fn create_kv_namespace(
        &self,
        title: &str,
        by: &str,
    ) -> Result<(String, KvNamespace), ControlError> {
        check_title(title)?;
        let most = self.conf.kv.namespaces_max;
        let ids = self.store.members(keys::KV_NAMESPACES, "", most).await?;
        if ids.len() >= most {
            return Err(ControlError::Invalid(format!(
                "there are {most} key-value namespaces already; delete one, or raise `kv.namespaces_max`"
            )));
        }
        let id = random_id()?;
        self.take_title(title, &id).await?;
        let namespace = KvNamespace {
            title: title.to_owned(),
            created_on: now(),
            created_by: by.to_owned(),
        };
        self.store
            .write(&[
                Write::Add(keys::KV_NAMESPACES.to_owned(), id.clone()),
                Write::Put(keys::kv_namespace(&id), json(&namespace)),
            ])
            .await?;
        Ok((id, namespace))
    }

    /// All namespaces by id, in the order of their ids.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn kv_namespaces(&self) -> Result<Vec<(String, KvNamespace)>, ControlError> {
        let ids = self.kv_ids().await?;
        let records: Vec<String> = ids.iter().map(|id| keys::kv_namespace(id)).collect();
        let found = self.store.get(&records).await?;
        let read = |bytes: Option<Bytes>| serde_json::from_slice(&bytes?).ok();
        let all = ids.into_iter().zip(found.into_iter().map(read));
        Ok(all.filter_map(|(id, found)| Some((id, found?))).collect())
    }

    /// The namespace of this id.
    ///
    /// # Errors
    /// [`ControlError::NoKvNamespace`] when there is none.
    pub async fn kv_namespace(&self, id: &str) -> Result<KvNamespace, ControlError> {
        Ok(self.open_kv_namespace(id).await?.0)
    }

    async fn open_kv_namespace(&self, id: &str) -> Result<(KvNamespace, Bytes), ControlError> {
        let found = match crate::model::kv::is_id(id) {
            true => self.read(&keys::kv_namespace(id)).await?,
            false => None,
        };
        found.ok_or(ControlError::NoKvNamespace)
    }

    /// Gives a namespace another title.
    ///
    /// # Errors
    /// [`ControlError::KvTitle`] when another has the title, [`ControlError::NoKvNamespace`] when there is no such one.
    pub async fn rename_kv_namespace(
        &self,
        id: &str,
        title: &str,
    ) -> Result<KvNamespace, ControlError> {
        check_title(title)?;
        for _ in 0..ATTEMPTS {
            let (mut namespace, bytes) = self.open_kv_namespace(id).await?;
            if namespace.title == title {
                return Ok(namespace);
            }
            self.take_title(title, id).await?;
            let before = std::mem::replace(&mut namespace.title, title.to_owned());
            let key = keys::kv_namespace(id);
            let put = Write::Put(key.clone(), json(&namespace));
            if self.store.write_if(&[(key, Some(bytes))], &[put]).await? {
                self.give_title(&before, id).await?;
                return Ok(namespace);
            }
        }
        Err(ControlError::Busy)
    }

    /// Deletes a namespace with everything in it, whoever is bound to it, as Cloudflare does: a worker that is finds
    /// nothing in it from now on, and its next upload is refused until it names another.
    ///
    /// # Errors
    /// [`ControlError::NoKvNamespace`] when there is none.
    pub async fn delete_kv_namespace(&self, id: &str) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let (namespace, bytes) = self.open_kv_namespace(id).await?;
            let key = keys::kv_namespace(id);
            let gone = [
                Write::Delete(key.clone()),
                Write::Put(keys::kv_gone(id), json(&namespace)),
            ];
            if self.store.write_if(&[(key, Some(bytes))], &gone).await? {
                self.give_title(&namespace.title, id).await?;
                self.kv_deleted.notify_one();
                return Ok(());
            }
        }
        Err(ControlError::Busy)
    }

    /// Removes what is left of deleted namespaces, for as long as the process runs.
    pub async fn sweep_kv_namespaces(&self) {
        loop {
            if let Err(error) = self.sweep_deleted_kv().await {
                tracing::warn!(%error, "the values of deleted key-value namespaces could not be removed; trying again");
            }
            // Waking up late costs memory in the store, nothing else.
            let _ = tokio::time::timeout(SWEEP_INTERVAL, self.kv_deleted.notified()).await;
        }
    }

    /// Removes what is left of deleted namespaces.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked; what was removed stays so.
    pub async fn sweep_deleted_kv(&self) -> Result<(), ControlError> {
        let ids = self.kv_ids().await?;
        let gone: Vec<String> = ids.iter().map(|id| keys::kv_gone(id)).collect();
        let found = self.store.get(&gone).await?;
        for (id, _) in ids.iter().zip(found).filter(|(_, gone)| gone.is_some()) {
            while self.store.sweep(id).await? {}
            let forget = [
                Write::Remove(keys::KV_NAMESPACES.to_owned(), id.clone()),
                Write::Delete(keys::kv_gone(id)),
            ];
            self.store.write(&forget).await?;
        }
        Ok(())
    }

    async fn kv_ids(&self) -> Result<Vec<String>, ControlError> {
        let all = self.store.members(keys::KV_NAMESPACES, "", usize::MAX >> 1);
        Ok(all.await?)
    }

    /// Makes a title this namespace's, unless another has it.
    async fn take_title(&self, title: &str, id: &str) -> Result<(), ControlError> {
        let key = keys::kv_title(title);
        let found = self
            .store
            .get(std::slice::from_ref(&key))
            .await?
            .pop()
            .flatten();
        if let Some(owner) = &found {
            let owner = String::from_utf8_lossy(owner);
            // Whoever took it may have been interrupted before there was a namespace, or before the old title was given back.
            match self.open_kv_namespace(&owner).await {
                Ok((namespace, _)) if namespace.title == title => {
                    return Err(ControlError::KvTitle);
                }
                Ok(_) | Err(ControlError::NoKvNamespace) => {}
                Err(error) => return Err(error),
            }
        }
        let put = Write::Put(key.clone(), Bytes::copy_from_slice(id.as_bytes()));
        match self.store.write_if(&[(key, found)], &[put]).await? {
            true => Ok(()),
            false => Err(ControlError::KvTitle),
        }
    }

    async fn give_title(&self, title: &str, id: &str) -> Result<(), ControlError> {
        let key = keys::kv_title(title);
        let ours = Bytes::copy_from_slice(id.as_bytes());
        let expected = [(key.clone(), Some(ours))];
        self.store
            .write_if(&expected, &[Write::Delete(key)])
            .await?;
        Ok(())
    }
}

/// What lies in namespaces.
impl Control {
    /// Values by key, unless they have ended.
    ///
    /// # Errors
    /// [`ControlError::NoKvNamespace`] when there is no such namespace.
    pub async fn kv_values(
        &self,
        id: &str,
        names: &[KvKey],
    ) -> Result<HashMap<String, Stored>, ControlError> {
        let names: Vec<String> = names.iter().map(|key| key.as_str().to_owned()).collect();
        let found = self.store.find(id, &names).await?;
        let found = found.ok_or(ControlError::NoKvNamespace)?;
        let mut values = HashMap::new();
        for (key, found) in names.into_iter().zip(found) {
            let value = match found {
                Some(Found::Small(value)) => Some(value),
                Some(Found::Large(_)) => self.store.fetch(id, &key).await?,
                None => None,
            };
            values.extend(value.map(|value| (key, value)));
        }
        Ok(values)
    }

    /// One value.
    ///
    /// # Errors
    /// [`ControlError::NoKvKey`] when there is none, [`ControlError::NoKvNamespace`] when there is no such namespace.
    pub async fn kv_value(&self, id: &str, key: &KvKey) -> Result<Stored, ControlError> {
        let found = self.kv_values(id, std::slice::from_ref(key)).await?;
        found.into_values().next().ok_or(ControlError::NoKvKey)
    }

    /// Sets and removes values, in order.
    ///
    /// # Errors
    /// [`ControlError::NoKvNamespace`] when there is no such namespace. After [`ControlError::Store`] some of it may have
    /// been done.
    pub async fn change_kv(&self, id: &str, changes: &[Change]) -> Result<(), ControlError> {
        match self.store.change(id, changes).await? {
            true => Ok(()),
            false => Err(ControlError::NoKvNamespace),
        }
    }

    /// A page of keys.
    ///
    /// # Errors
    /// [`ControlError::NoKvNamespace`] when there is no such namespace.
    pub async fn kv_keys(
        &self,
        id: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Page, ControlError> {
        let page = kv::list(&*self.store, id, prefix, after, limit).await;
        page.map_err(|error| match error {
            KvError::Store(error) => error.into(),
            KvError::Invalid(invalid) => invalid.into(),
            KvError::NoNamespace | KvError::TooMuch | KvError::NoNumber | KvError::Busy => {
                ControlError::NoKvNamespace
            }
        })
    }

    /// Whether every namespace that these bindings name is there.
    ///
    /// # Errors
    /// [`ControlError::KvBinding`] for the first that is not.
    pub async fn check_kv(&self, entries: &[Entry]) -> Result<(), ControlError> {
        for entry in entries {
            let Entry::New(Binding::Kept {
                kind: kind @ "kv_namespace",
                fields,
                ..
            }) = entry
            else {
                continue;
            };
            let named = fields.get("namespace_id").and_then(|id| id.as_str());
            let named = named.unwrap_or_default();
            let is_there = match Callee::of(kind, fields) {
                Ok(Callee::Kv(id)) => match self.kv_namespace(&id).await {
                    Ok(_) => true,
                    Err(ControlError::NoKvNamespace) => false,
                    Err(error) => return Err(error),
                },
                _ => false,
            };
            if !is_there {
                return Err(ControlError::KvBinding(named.chars().take(64).collect()));
            }
        }
        Ok(())
    }
}
