//! Scripts: uploaded, read, changed, listed, deleted.

use std::collections::HashSet;
use std::time::Instant;

use bytes::Bytes;

use super::upload::{Code, Entry, Keep, Metadata};
use super::{ATTEMPTS, Control, ControlError, json, now, random_id, versions};
use crate::bindings;
use crate::model::assets::{Assets, RunWorkerFirst};
use crate::model::bundle::Bundle;
use crate::model::cron::{CRONS_MAX, Cron};
use crate::model::script::Kind;
use crate::model::{Binding, CodeHash, REGULAR, Script, Status, TagFilter, TenantId, tag};
use crate::runtime;
use crate::store::{Write, keys, records};

/// Records read in one round trip.
const BATCH: usize = 500;

/// An upload: what is said, and the code unless only that is to change.
pub struct Upload {
    /// What is said of it.
    pub metadata: Metadata,
    /// The code.
    pub code: Option<Code>,
    /// Whether it is an error to inherit a binding that is not there.
    pub is_strict: bool,
}

/// A script that was uploaded.
pub struct Uploaded {
    /// As it is now.
    pub script: Script,
    /// How long its check took.
    pub startup_ms: u64,
}

/// Code that was found good and lies in the store.
pub(super) struct Stored {
    hash: CodeHash,
    kind: Kind,
    handlers: Vec<String>,
    has_modules: bool,
}

/// An upload that was found good.
struct Checked {
    upload: Upload,
    code: Option<Stored>,
    assets: Option<Assets>,
    version: String,
    id: String,
    startup_ms: u64,
}

/// Some scripts of a namespace.
pub struct Page {
    /// Their names with their records, in order.
    pub items: Vec<(String, Script)>,
    /// The name to go on after, when there are more.
    pub next: Option<String>,
}

impl Control {
    /// Uploads a worker: checks it, and puts it in the place of what was there, all of it or nothing.
    ///
    /// # Errors
    /// [`ControlError`]; what was there is untouched then.
    pub async fn put_script(
        &self,
        tenant: &TenantId,
        upload: Upload,
        by: &str,
    ) -> Result<Uploaded, ControlError> {
        let checked = self.check(tenant, upload).await?;
        for _ in 0..ATTEMPTS {
            let found = self.found(tenant).await?;
            let before = found.as_ref().map(|(script, _)| script);
            let script = self.compose(tenant, &checked, before, by).await?;
            if self.save(tenant, found, &script).await? {
                if tenant.namespace() == REGULAR {
                    let annotations = versions::annotations(&checked.upload);
                    self.keep_version(tenant, &script, by, annotations, true)
                        .await?;
                }
                let startup_ms = checked.startup_ms;
                return Ok(Uploaded { script, startup_ms });
            }
        }
        Err(ControlError::Busy)
    }

    /// Checks an upload, and makes of it what [`Control::put_script`] would put in place.
    pub(super) async fn compose_version(
        &self,
        tenant: &TenantId,
        upload: Upload,
        by: &str,
    ) -> Result<(Script, u64), ControlError> {
        let checked = self.check(tenant, upload).await?;
        let found = self.found(tenant).await?;
        let before = found.as_ref().map(|(script, _)| script);
        let script = self.compose(tenant, &checked, before, by).await?;
        Ok((script, checked.startup_ms))
    }

    async fn check(&self, tenant: &TenantId, upload: Upload) -> Result<Checked, ControlError> {
        let began = Instant::now();
        // Told before minutes are spent on a compiler.
        let is_new = self.found(tenant).await?.is_none();
        let assets = match &upload.metadata.assets {
            Some(said) => match &said.jwt {
                Some(token) => Some(self.take_assets(tenant, token, said).await?),
                None => None,
            },
            None => None,
        };
        let code = match &upload.code {
            Some(code) => Some(self.store_code(code).await?),
            None if upload.metadata.is_assets_alone() => Some(Stored::nothing()),
            None if is_new => return Err(ControlError::NoCode(tenant.to_string())),
            None => None,
        };
        Ok(Checked {
            upload,
            code,
            assets,
            version: random_id()?,
            id: random_id()?,
            startup_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    async fn compose(
        &self,
        tenant: &TenantId,
        checked: &Checked,
        before: Option<&Script>,
        by: &str,
    ) -> Result<Script, ControlError> {
        let metadata = &checked.upload.metadata;
        let mut script = match (&checked.code, before) {
            (Some(stored), _) => Script {
                handlers: stored.handlers.clone(),
                has_modules: stored.has_modules,
                ..Script::new(stored.hash, stored.kind)
            },
            (None, Some(before)) => before.clone(),
            (None, None) => return Err(ControlError::NoCode(tenant.to_string())),
        };
        // What the operator has stopped no upload starts again.
        script.status = before.map_or_else(Status::default, |before| before.status);
        script.crons = before.map_or_else(Vec::new, |before| before.crons.clone());
        let has_code = checked.code.is_some();
        // Without code only what is named changes.
        if has_code || metadata.bindings.is_some() {
            self.check_kv(metadata.bindings.as_deref().unwrap_or_default())
                .await?;
            let stay = before.map_or(&[][..], |before| &before.bindings);
            let entries = metadata.bindings.clone().unwrap_or_default();
            let is_strict = checked.upload.is_strict;
            script.bindings =
                self.merge(tenant, entries, stay, &metadata.keep_bindings, is_strict)?;
        }
        script.assets = self.kept_assets(checked, before).await?;
        if !script.kind.has_code() {
            check_alone(&script, tenant)?;
        }
        script.limits = match metadata.limits {
            Some(limits) => limits,
            None => script.limits,
        };
        script.tags = match (&metadata.tags, before) {
            (Some(tags), _) => tags.clone(),
            (None, Some(before)) => before.tags.clone(),
            (None, None) => Vec::new(),
        };
        self.check_consumers(tenant, &metadata.settings).await?;
        script.settings.extend(metadata.settings.clone());
        if has_code || metadata.compatibility_date.is_some() {
            script.compatibility_date = metadata.compatibility_date.clone().unwrap_or_default();
        }
        if has_code || metadata.compatibility_flags.is_some() {
            script.compatibility_flags = metadata.compatibility_flags.clone().unwrap_or_default();
        }
        if let (false, Some(before)) = (has_code, before) {
            self.follow_compatibility(before, &mut script).await?;
        }
        script.id = match before {
            Some(before) if !before.id.is_empty() => before.id.clone(),
            _ => checked.id.clone(),
        };
        script.version = checked.version.clone();
        script.modified_on = now();
        by.clone_into(&mut script.modified_by);
        script.created_on = match before {
            Some(before) if !before.created_on.is_empty() => before.created_on.clone(),
            _ => script.modified_on.clone(),
        };
        Ok(script)
    }

    /// The static assets that a script has after an upload.
    async fn kept_assets(
        &self,
        checked: &Checked,
        before: Option<&Script>,
    ) -> Result<Option<Assets>, ControlError> {
        if let Some(assets) = &checked.assets {
            return Ok(Some(assets.clone()));
        }
        let metadata = &checked.upload.metadata;
        let stay = before
            .filter(|_| metadata.keep_assets || checked.code.is_none())
            .and_then(|before| before.assets.as_ref());
        let said = metadata.assets.as_ref().filter(|said| said.has_config);
        match (stay, said) {
            (Some(stay), Some(said)) => Ok(Some(self.configure_assets(stay, said).await?)),
            (stay, None) => Ok(stay.cloned()),
            (None, Some(_)) => Err(ControlError::Invalid(
                "`assets` says how static assets are served, but there are none: give the `jwt` of an upload session, or \
                 `keep_assets` for those that the worker has"
                    .into(),
            )),
        }
    }

    /// The script of a tenant.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] or [`ControlError::NoNamespace`] when there is none.
    pub async fn script(&self, tenant: &TenantId) -> Result<Script, ControlError> {
        let found = self.found(tenant).await?;
        let (script, _) = found.ok_or_else(|| ControlError::NoScript(tenant.to_string()))?;
        Ok(script)
    }

    /// Changes a script's record; the change may be made again when somebody else was faster.
    ///
    /// # Errors
    /// [`ControlError`] of the change itself, or when there is no such script.
    pub async fn change_script(
        &self,
        tenant: &TenantId,
        by: &str,
        change: impl Fn(&mut Script) -> Result<(), ControlError>,
    ) -> Result<Script, ControlError> {
        let version = random_id()?;
        for _ in 0..ATTEMPTS {
            let found = self.found(tenant).await?;
            let (before, bytes) =
                found.ok_or_else(|| ControlError::NoScript(tenant.to_string()))?;
            let mut script = before.clone();
            change(&mut script)?;
            if script == before {
                return Ok(script);
            }
            self.follow_compatibility(&before, &mut script).await?;
            script.version = version.clone();
            script.modified_on = now();
            by.clone_into(&mut script.modified_by);
            if self.save(tenant, Some((before, bytes)), &script).await? {
                return Ok(script);
            }
        }
        Err(ControlError::Busy)
    }

    /// New bindings over those there were.
    ///
    /// # Errors
    /// [`ControlError`] that names the binding.
    pub fn merge(
        &self,
        tenant: &TenantId,
        entries: Vec<Entry>,
        before: &[Binding],
        keep: &Keep,
        is_strict: bool,
    ) -> Result<Vec<Binding>, ControlError> {
        let mut bindings = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::New(binding) => bindings.push(self.seal_binding(tenant, binding)?),
                Entry::Inherit { name, old_name } => {
                    match before.iter().find(|binding| binding.name() == old_name) {
                        Some(binding) if name == old_name => bindings.push(binding.clone()),
                        Some(binding) => {
                            let revealed = self.reveal_binding(tenant, binding.clone())?;
                            bindings.push(self.seal_binding(tenant, revealed.renamed(&name))?);
                        }
                        None if is_strict => return Err(ControlError::Inherit(old_name)),
                        None => {}
                    }
                }
            }
        }
        let names: HashSet<String> = bindings.iter().map(|b| b.name().to_owned()).collect();
        bindings.extend(
            before
                .iter()
                .filter(|binding| keep.keeps(binding.kind()) && !names.contains(binding.name()))
                .cloned(),
        );
        bindings::check(&bindings)?;
        Ok(bindings)
    }

    /// The bytes a script was uploaded as.
    ///
    /// # Errors
    /// [`ControlError`] when they are not there.
    pub async fn code(&self, script: &Script) -> Result<Bytes, ControlError> {
        let code = records::code(&*self.store, &script.code).await;
        code.map_err(|error| match error {
            records::CodeError::Store(error) => error.into(),
            error => ControlError::Compiler(error.to_string()),
        })
    }

    /// Deletes a script; it stops answering at once.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] or [`ControlError::NoNamespace`] when there is none.
    pub async fn delete_script(&self, tenant: &TenantId) -> Result<(), ControlError> {
        self.found(tenant).await?;
        self.remove_script(tenant).await
    }

    /// Deletes a script, whether or not its namespace has a record.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] when there is none.
    pub async fn remove_script(&self, tenant: &TenantId) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let found = self.read::<Script>(&keys::script(tenant)).await?;
            let (script, bytes) =
                found.ok_or_else(|| ControlError::NoScript(tenant.to_string()))?;
            let expected = [(keys::script(tenant), Some(bytes))];
            let changes = removal(tenant, &script);
            if self.store.write_if(&expected, &changes).await? {
                return self.delete_versions(tenant).await;
            }
        }
        Err(ControlError::Busy)
    }

    /// Some scripts of a namespace after a name, in order; of those that pass the filter, if there is one.
    ///
    /// Every script that exists throughout a walk from page to page is met once.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn scripts(
        &self,
        namespace: &str,
        filter: Option<&TagFilter>,
        after: &str,
        limit: usize,
    ) -> Result<Page, ControlError> {
        let set = self.smallest_set(namespace, filter).await?;
        let mut items: Vec<(String, Script)> = Vec::new();
        let mut after = after.to_owned();
        loop {
            let names = self.store.members(&set, &after, BATCH).await?;
            let Some(last) = names.last().cloned() else {
                return Ok(Page { items, next: None });
            };
            let found = self.read_scripts(namespace, &names).await?;
            for (name, script) in names.into_iter().zip(found) {
                // What only a set knows was removed by hand, or while we read.
                let Some(script) = script else { continue };
                if filter.is_some_and(|filter| !filter.passes(&script.tags)) {
                    continue;
                }
                if items.len() == limit {
                    let next = items.last().map(|(name, _)| name.clone());
                    return Ok(Page { items, next });
                }
                items.push((name, script));
            }
            after = last;
        }
    }

    /// How many scripts a namespace has, or how many have a tag.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn count_scripts(
        &self,
        namespace: &str,
        filter: Option<&TagFilter>,
    ) -> Result<u64, ControlError> {
        match filter {
            None => Ok(self.counts(&[keys::scripts(namespace)]).await?[0]),
            Some(filter) => match (&filter.with[..], &filter.without[..]) {
                ([tag], []) => Ok(self.counts(&[keys::tagged(namespace, tag)]).await?[0]),
                _ => {
                    let (mut count, mut after) = (0, String::new());
                    loop {
                        let page = self.scripts(namespace, Some(filter), &after, BATCH).await?;
                        count += page.items.len() as u64;
                        match page.next {
                            Some(next) => after = next,
                            None => return Ok(count),
                        }
                    }
                }
            },
        }
    }

    async fn counts(&self, sets: &[String]) -> Result<Vec<u64>, ControlError> {
        let mut counts = self.store.counts(sets).await?;
        counts.resize(sets.len(), 0);
        Ok(counts)
    }

    /// Deletes the scripts of a namespace that pass a filter, at most so many; their names, and whether there are more.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked; what was deleted before stays deleted.
    pub async fn delete_scripts(
        &self,
        namespace: &str,
        filter: Option<&TagFilter>,
        limit: usize,
    ) -> Result<(Vec<String>, bool), ControlError> {
        let mut deleted: Vec<String> = Vec::new();
        loop {
            let room = limit - deleted.len();
            let page = self.scripts(namespace, filter, "", room.min(BATCH)).await?;
            if page.items.is_empty() {
                return Ok((deleted, false));
            }
            let has_more = page.next.is_some();
            let (mut expected, mut changes, mut names) = (Vec::new(), Vec::new(), Vec::new());
            for (name, script) in page.items {
                let tenant = tenant(namespace, &name)?;
                expected.push((keys::script(&tenant), Some(json(&script))));
                changes.extend(removal(&tenant, &script));
                names.push(name);
            }
            if self.store.write_if(&expected, &changes).await? {
                deleted.extend(names);
            } else {
                // One of them was changed meanwhile, or written by hand in other words.
                for name in names {
                    match self.delete_script(&tenant(namespace, &name)?).await {
                        Ok(()) => deleted.push(name),
                        Err(ControlError::NoScript(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            if !has_more {
                return Ok((deleted, false));
            }
            if deleted.len() >= limit {
                return Ok((deleted, true));
            }
        }
    }

    /// Replaces the times that a worker runs at.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for what is no time, or more of them than may be.
    pub async fn set_crons(
        &self,
        tenant: &TenantId,
        by: &str,
        crons: Vec<String>,
    ) -> Result<Script, ControlError> {
        if crons.len() > CRONS_MAX {
            let message = format!("a worker has at most {CRONS_MAX} cron triggers");
            return Err(ControlError::Invalid(message));
        }
        for cron in &crons {
            Cron::parse(cron).map_err(|e| ControlError::Invalid(e.to_string()))?;
        }
        let change = |script: &mut Script| {
            let is_handled = script.handlers.iter().any(|handler| handler == "scheduled");
            if !crons.is_empty() && !is_handled {
                return Err(ControlError::Invalid(
                    "the worker has no handler for `scheduled`; export one, and set its times again"
                        .to_owned(),
                ));
            }
            script.crons.clone_from(&crons);
            Ok(())
        };
        self.change_script(tenant, by, change).await
    }

    /// Replaces a script's tags.
    ///
    /// # Errors
    /// [`ControlError`] of the tags, or when there is no such script.
    pub async fn change_tags(
        &self,
        tenant: &TenantId,
        by: &str,
        change: impl Fn(Vec<String>) -> Vec<String>,
    ) -> Result<Script, ControlError> {
        let change = |script: &mut Script| {
            script.tags = tag::check(change(std::mem::take(&mut script.tags)))?;
            Ok(())
        };
        self.change_script(tenant, by, change).await
    }

    /// The script as it is, with the bytes of its record; `None` when there is none in a namespace that exists.
    pub(super) async fn found(
        &self,
        tenant: &TenantId,
    ) -> Result<Option<(Script, Bytes)>, ControlError> {
        if tenant.namespace() != REGULAR {
            self.open_namespace(tenant.namespace()).await?;
        }
        self.read(&keys::script(tenant)).await
    }

    /// Writes a script if neither it nor its namespace has changed since it was found.
    pub(super) async fn save(
        &self,
        tenant: &TenantId,
        found: Option<(Script, Bytes)>,
        script: &Script,
    ) -> Result<bool, ControlError> {
        let record = json(script);
        let max = self.conf.store.record_bytes_max;
        if record.len() > max {
            return Err(ControlError::TooLarge(format!(
                "bindings and settings of the worker have {} bytes; at most {max} are allowed (`store.record_bytes_max`)",
                record.len()
            )));
        }
        let bytes = found.as_ref().map(|(_, bytes)| bytes.clone());
        let mut expected = vec![(keys::script(tenant), bytes)];
        if tenant.namespace() != REGULAR {
            let (_, bytes) = self.open_namespace(tenant.namespace()).await?;
            expected.push((keys::namespace(tenant.namespace()), Some(bytes)));
        }
        let (namespace, name) = (tenant.namespace(), tenant.worker());
        let mut changes = vec![
            Write::Put(keys::script(tenant), record),
            Write::Add(keys::scripts(namespace), name.into()),
        ];
        let had_crons = found
            .as_ref()
            .is_some_and(|(script, _)| !script.crons.is_empty());
        match (had_crons, script.crons.is_empty()) {
            (true, true) => changes.push(Write::Remove(keys::CRONS.into(), name.into())),
            (_, false) => changes.push(Write::Add(keys::CRONS.into(), name.into())),
            (false, true) => {}
        }
        let before = found.map_or(Vec::new(), |(script, _)| script.tags);
        for tag in before.iter().filter(|tag| !script.tags.contains(tag)) {
            changes.push(Write::Remove(keys::tagged(namespace, tag), name.into()));
        }
        for tag in &script.tags {
            changes.push(Write::Add(keys::tagged(namespace, tag), name.into()));
        }
        Ok(self.store.write_if(&expected, &changes).await?)
    }

    /// Checks code on this node alone.
    ///
    /// # Errors
    /// [`ControlError`] with what its author has to mend.
    pub async fn check_code(&self, code: &Code) -> Result<(), ControlError> {
        let (kind, bytes) = (code.kind, &code.bytes);
        runtime::prepare(&self.conf, kind, bytes, self.metrics.clone()).await?;
        Ok(())
    }

    /// Checks code on this node and writes it into the store; what is checked already costs little.
    async fn store_code(&self, code: &Code) -> Result<Stored, ControlError> {
        let turn = self.compilers.acquire().await;
        let _turn = turn.map_err(|e| ControlError::Compiler(e.to_string()))?;
        let prepared =
            runtime::prepare(&self.conf, code.kind, &code.bytes, self.metrics.clone()).await?;
        let put = Write::Put(
            keys::code(&prepared.hash),
            Bytes::copy_from_slice(&code.bytes),
        );
        self.store.write(&[put]).await?;
        Ok(Stored {
            hash: prepared.hash,
            kind: code.kind,
            handlers: prepared.handlers.clone(),
            has_modules: prepared.has_modules,
        })
    }

    /// A JavaScript worker's compatibility date and flags are part of its code: when they change alone, the code follows.
    async fn follow_compatibility(
        &self,
        before: &Script,
        script: &mut Script,
    ) -> Result<(), ControlError> {
        let is_same = before.compatibility_date == script.compatibility_date
            && before.compatibility_flags == script.compatibility_flags;
        if is_same || script.kind != Kind::JavaScript {
            return Ok(());
        }
        let bytes = self.code(before).await?;
        let mut bundle: Bundle =
            serde_json::from_slice(&bytes).map_err(|e| ControlError::Record {
                key: keys::code(&before.code),
                reason: e.to_string(),
            })?;
        bundle.compatibility_date = script.compatibility_date.clone();
        bundle.compatibility_flags = script.compatibility_flags.clone();
        let code = Code {
            kind: Kind::JavaScript,
            bytes: bundle.to_bytes(),
        };
        script.code = self.store_code(&code).await?.hash;
        Ok(())
    }

    /// The set to walk: of the tags a script must have, the one that the fewest have.
    async fn smallest_set(
        &self,
        namespace: &str,
        filter: Option<&TagFilter>,
    ) -> Result<String, ControlError> {
        let with = filter.map_or(&[][..], |filter| &filter.with);
        let sets: Vec<String> = with
            .iter()
            .map(|tag| keys::tagged(namespace, tag))
            .collect();
        let counts = self.counts(&sets).await?;
        let smallest = sets.into_iter().zip(counts).min_by_key(|(_, count)| *count);
        Ok(smallest.map_or_else(|| keys::scripts(namespace), |(set, _)| set))
    }

    async fn read_scripts(
        &self,
        namespace: &str,
        names: &[String],
    ) -> Result<Vec<Option<Script>>, ControlError> {
        let key = |name: &String| Ok(keys::script(&tenant(namespace, name)?));
        let keys = names
            .iter()
            .map(key)
            .collect::<Result<Vec<_>, ControlError>>()?;
        let values = self.store.get(&keys).await?;
        // A record that cannot be read is no script to list; the edge says so when it meets it.
        let read = |value: Option<Bytes>| serde_json::from_slice(&value?).ok();
        Ok(values.into_iter().map(read).collect())
    }
}

/// Whether a worker without code makes sense.
fn check_alone(script: &Script, tenant: &TenantId) -> Result<(), ControlError> {
    let Some(assets) = &script.assets else {
        return Err(ControlError::NoCode(tenant.to_string()));
    };
    match assets.config.run_worker_first == RunWorkerFirst::default() {
        true => Ok(()),
        false => Err(ControlError::Refused(
            "`run_worker_first` needs a worker, but the upload has static assets alone; add a main_module, or leave it out"
                .into(),
        )),
    }
}

impl Stored {
    /// No code at all.
    fn nothing() -> Self {
        Self {
            hash: CodeHash::of(&[]),
            kind: Kind::Assets,
            handlers: Vec::new(),
            has_modules: false,
        }
    }
}

/// What takes a script out of the store.
pub(super) fn removal(tenant: &TenantId, script: &Script) -> Vec<Write> {
    let (namespace, name) = (tenant.namespace(), tenant.worker());
    let mut changes = vec![
        Write::Delete(keys::script(tenant)),
        Write::Remove(keys::scripts(namespace), name.into()),
        Write::Trim(keys::files(tenant), 0),
    ];
    for tag in &script.tags {
        changes.push(Write::Remove(keys::tagged(namespace, tag), name.into()));
    }
    changes
}

/// A script of a namespace, or a regular one.
pub(super) fn tenant(namespace: &str, name: &str) -> Result<TenantId, ControlError> {
    match namespace {
        REGULAR => Ok(TenantId::regular(name)?),
        namespace => Ok(TenantId::new(namespace, name)?),
    }
}
