//! Dispatch namespaces: made, renamed, deleted with everything in them.

use bytes::Bytes;

use super::{ATTEMPTS, Control, ControlError, json, now, random_uuid, scripts};
use crate::model::namespace::{DefaultOutbound, State};
use crate::model::route::RouteRecord;
use crate::model::{Namespace, ScriptLimits, Status, TenantId};
use crate::store::{Write, keys};

/// Scripts moved or deleted in one round trip.
const BATCH: usize = 500;

/// A change to a namespace; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct NamespaceChange {
    /// Its new name.
    pub name: Option<String>,
    /// Whether its workers are the operator's own.
    pub trusted_workers: Option<bool>,
    /// What its workers get that ask for nothing themselves.
    pub limits: Option<ScriptLimits>,
    /// What its workers' requests pass; `Some(None)` for nothing.
    pub outbound: Option<Option<DefaultOutbound>>,
    /// Whether its workers run.
    pub status: Option<Status>,
}

impl Control {
    /// Makes a namespace.
    ///
    /// # Errors
    /// [`ControlError::NamespaceExists`], or [`ControlError::Name`] for a name nobody can have.
    pub async fn create_namespace(
        &self,
        name: &str,
        change: NamespaceChange,
        by: &str,
    ) -> Result<Namespace, ControlError> {
        check(name)?;
        let key = keys::namespace(name);
        // A deletion that was interrupted is finished first, so that no old worker comes back to life.
        let before = self.read::<Namespace>(&key).await?;
        match before {
            Some((
                Namespace {
                    state: State::Deleted,
                    ..
                },
                _,
            )) => self.sweep(name).await?,
            Some(_) => return Err(ControlError::NamespaceExists(name.to_owned())),
            None => {}
        }
        let now = now();
        let namespace = Namespace {
            id: random_uuid()?,
            trusted_workers: change.trusted_workers.unwrap_or_default(),
            limits: change.limits.unwrap_or_default(),
            outbound: change.outbound.flatten(),
            status: change.status.unwrap_or_default(),
            created_on: now.clone(),
            created_by: by.to_owned(),
            modified_on: now,
            modified_by: by.to_owned(),
            state: State::Active,
        };
        let put = Write::Put(key.clone(), json(&namespace));
        if !self.store.write_if(&[(key, None)], &[put]).await? {
            return Err(ControlError::NamespaceExists(name.to_owned()));
        }
        // The list of names lies elsewhere in a Redis Cluster; a record without its name here is listed never, but works.
        self.store
            .write(&[Write::Add(keys::NAMESPACES.to_owned(), name.to_owned())])
            .await?;
        Ok(namespace)
    }

    /// Makes a namespace unless it is there, as the command line does for whoever deploys into it.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn ensure_namespace(&self, name: &str, by: &str) -> Result<(), ControlError> {
        match self.open_namespace(name).await {
            Err(ControlError::NoNamespace(_)) => {
                match self
                    .create_namespace(name, NamespaceChange::default(), by)
                    .await
                {
                    Ok(_) | Err(ControlError::NamespaceExists(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            }
            found => found.map(|_| ()),
        }
    }

    /// The namespace of this name.
    ///
    /// # Errors
    /// [`ControlError::NoNamespace`] when there is none.
    pub async fn namespace(&self, name: &str) -> Result<Namespace, ControlError> {
        let found = self.read::<Namespace>(&keys::namespace(name)).await?;
        match found {
            Some((namespace, _)) if namespace.state != State::Deleted => Ok(namespace),
            _ => Err(ControlError::NoNamespace(name.to_owned())),
        }
    }

    /// A namespace in which something may be changed, with the bytes of its record.
    pub(super) async fn open_namespace(
        &self,
        name: &str,
    ) -> Result<(Namespace, Bytes), ControlError> {
        check(name)?;
        match self.read::<Namespace>(&keys::namespace(name)).await? {
            Some((namespace, bytes)) => match namespace.state.clone() {
                State::Active => Ok((namespace, bytes)),
                State::Deleted => Err(ControlError::NoNamespace(name.to_owned())),
                State::Moving(to) => Err(ControlError::NamespaceMoves(name.to_owned(), to)),
            },
            None => Err(ControlError::NoNamespace(name.to_owned())),
        }
    }

    /// All namespaces with the number of their scripts, in the order of their names.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn namespaces(&self) -> Result<Vec<(String, Namespace, u64)>, ControlError> {
        let names = self
            .store
            .members(keys::NAMESPACES, "", usize::MAX >> 1)
            .await?;
        let records: Vec<String> = names.iter().map(|name| keys::namespace(name)).collect();
        let sets: Vec<String> = names.iter().map(|name| keys::scripts(name)).collect();
        let found = self.store.get(&records).await?;
        let counts = self.store.counts(&sets).await?;
        let read = |bytes: Option<Bytes>| serde_json::from_slice::<Namespace>(&bytes?).ok();
        let all = names
            .into_iter()
            .zip(found.into_iter().map(read))
            .zip(counts);
        Ok(all
            .filter_map(|((name, namespace), count)| Some((name, namespace?, count)))
            .filter(|(_, namespace, _)| namespace.state != State::Deleted)
            .collect())
    }

    /// Changes a namespace; under a new name its scripts, and the hostnames that lead to them, go with it.
    ///
    /// # Errors
    /// [`ControlError`] when there is none, or the new name is taken.
    pub async fn change_namespace(
        &self,
        name: &str,
        change: NamespaceChange,
        by: &str,
    ) -> Result<(String, Namespace), ControlError> {
        for _ in 0..ATTEMPTS {
            let (mut namespace, bytes) = self.open_namespace(name).await?;
            if let Some(trusted) = change.trusted_workers {
                namespace.trusted_workers = trusted;
            }
            namespace.status = change.status.unwrap_or(namespace.status);
            if let Some(outbound) = &change.outbound {
                namespace.outbound.clone_from(outbound);
            }
            if let Some(limits) = change.limits {
                namespace.limits = limits;
            }
            namespace.modified_on = now();
            by.clone_into(&mut namespace.modified_by);
            let target = change.name.as_deref().unwrap_or(name);
            check(target)?;
            if target != name {
                if self.namespace(target).await.is_ok() {
                    return Err(ControlError::NamespaceExists(target.to_owned()));
                }
                namespace.state = State::Moving(target.to_owned());
            }
            let key = keys::namespace(name);
            let put = Write::Put(key.clone(), json(&namespace));
            if self.store.write_if(&[(key, Some(bytes))], &[put]).await? {
                if target != name {
                    namespace.state = State::Active;
                    self.move_namespace(name, target, &namespace).await?;
                }
                return Ok((target.to_owned(), namespace));
            }
        }
        Err(ControlError::Busy)
    }

    /// Deletes a namespace with all its scripts: none of them answers from now on.
    ///
    /// # Errors
    /// [`ControlError::NoNamespace`] when there is none.
    pub async fn delete_namespace(&self, name: &str) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let (mut namespace, bytes) = self.open_namespace(name).await?;
            namespace.state = State::Deleted;
            let key = keys::namespace(name);
            let put = Write::Put(key.clone(), json(&namespace));
            if self.store.write_if(&[(key, Some(bytes))], &[put]).await? {
                return self.sweep(name).await;
            }
        }
        Err(ControlError::Busy)
    }

    /// Goes on with deletions and moves that were interrupted.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn resume_namespaces(&self) -> Result<(), ControlError> {
        let names = self
            .store
            .members(keys::NAMESPACES, "", usize::MAX >> 1)
            .await?;
        for name in names {
            let Some((mut namespace, _)) = self.read::<Namespace>(&keys::namespace(&name)).await?
            else {
                continue;
            };
            match std::mem::take(&mut namespace.state) {
                State::Active => {}
                State::Deleted => self.sweep(&name).await?,
                State::Moving(target) => self.move_namespace(&name, &target, &namespace).await?,
            }
        }
        Ok(())
    }

    /// Removes the scripts of a deleted namespace, then its record.
    async fn sweep(&self, name: &str) -> Result<(), ControlError> {
        while self.delete_page(name).await? {}
        let key = keys::namespace(name);
        if let Some((
            Namespace {
                state: State::Deleted,
                ..
            },
            bytes,
        )) = self.read(&key).await?
        {
            self.store
                .write_if(&[(key.clone(), Some(bytes))], &[Write::Delete(key)])
                .await?;
        }
        let forget = Write::Remove(keys::NAMESPACES.to_owned(), name.to_owned());
        Ok(self.store.write(&[forget]).await?)
    }

    /// Removes some scripts of a deleted namespace; whether there may be more.
    async fn delete_page(&self, name: &str) -> Result<bool, ControlError> {
        let names = self.store.members(&keys::scripts(name), "", BATCH).await?;
        if names.is_empty() {
            return Ok(false);
        }
        let mut changes = Vec::new();
        for worker in &names {
            let tenant = TenantId::new(name, worker)?;
            match self
                .read::<crate::model::Script>(&keys::script(&tenant))
                .await
            {
                Ok(Some((script, _))) => changes.extend(scripts::removal(&tenant, &script)),
                // Whatever lies there goes, also what cannot be read.
                _ => changes.extend([
                    Write::Delete(keys::script(&tenant)),
                    Write::Remove(keys::scripts(name), worker.clone()),
                ]),
            }
        }
        self.store.write(&changes).await?;
        Ok(true)
    }

    /// Gives a namespace's scripts another namespace: first all are there too, then hostnames lead there, then the
    /// old ones go. Whatever interrupts it, it can be done again.
    async fn move_namespace(
        &self,
        from: &str,
        to: &str,
        namespace: &Namespace,
    ) -> Result<(), ControlError> {
        let put = Write::Put(keys::namespace(to), json(namespace));
        let name = Write::Add(keys::NAMESPACES.to_owned(), to.to_owned());
        self.store.write(&[put, name]).await?;
        let mut after = String::new();
        loop {
            let page = self.scripts(from, None, &after, BATCH).await?;
            let mut changes = Vec::new();
            for (worker, mut script) in page.items {
                let (old, new) = (TenantId::new(from, &worker)?, TenantId::new(to, &worker)?);
                self.reseal(&old, &new, &mut script.bindings)?;
                changes.push(Write::Put(keys::script(&new), json(&script)));
                changes.push(Write::Add(keys::scripts(to), worker.clone()));
                for tag in &script.tags {
                    changes.push(Write::Add(keys::tagged(to, tag), worker.clone()));
                }
            }
            self.store.write(&changes).await?;
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        self.lead_hostnames(from, to).await?;
        while self.delete_page(from).await? {}
        let gone = Write::Delete(keys::namespace(from));
        let forget = Write::Remove(keys::NAMESPACES.to_owned(), from.to_owned());
        Ok(self.store.write(&[gone, forget]).await?)
    }

    /// Leads every hostname of one namespace to another. Looks through all hostnames: a rename is rare.
    async fn lead_hostnames(&self, from: &str, to: &str) -> Result<(), ControlError> {
        let all = self.store.list(keys::HOSTNAME, "", usize::MAX >> 1).await?;
        for batch in all.chunks(BATCH) {
            let values = self.store.get(batch).await?;
            for (key, value) in batch.iter().zip(values) {
                let Some(bytes) = value else { continue };
                let Ok(record) = serde_json::from_slice::<RouteRecord>(&bytes) else {
                    continue;
                };
                if record.namespace.as_deref() != Some(from) {
                    continue;
                }
                // As a value, so that fields nobody here knows stay.
                let Ok(mut record) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
                    continue;
                };
                record["namespace"] = to.into();
                let expected = [(key.clone(), Some(bytes))];
                let put = Write::Put(key.clone(), json(&record));
                self.store.write_if(&expected, &[put]).await?;
            }
        }
        Ok(())
    }
}

/// Whether a namespace can have this name.
fn check(name: &str) -> Result<(), ControlError> {
    Ok(TenantId::new(name, "x").map(|_| ())?)
}
