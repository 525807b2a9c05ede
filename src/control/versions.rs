//! Versions of a worker, and which of them serves.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::scripts::Upload;
use super::{ATTEMPTS, Control, ControlError, dashed, json, now, random_id};
use crate::model::{Script, TenantId};
use crate::store::{Write, keys};

/// Versions of one worker that are kept, and deployments that are remembered.
const KEPT: usize = 20;

/// The versions of a worker that are kept, the newest first, and what was deployed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct History {
    /// Versions, the newest first.
    pub versions: Vec<Version>,
    /// Deployments, the newest first: the first one serves.
    pub deployments: Vec<Deployment>,
    /// How many versions there ever were.
    pub count: u64,
}

/// One version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// 32 hex digits.
    pub id: String,
    /// Counts from 1.
    pub number: u64,
    /// When it was uploaded, RFC 3339.
    pub created_on: String,
    /// Who uploaded it.
    pub by: String,
    /// What was said of it: `workers/message`, `workers/tag`, ….
    #[serde(default)]
    pub annotations: Map<String, Value>,
}

/// One deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// 32 hex digits.
    pub id: String,
    /// The version that serves.
    pub version: String,
    /// When, RFC 3339.
    pub created_on: String,
    /// Who deployed it.
    pub by: String,
    /// What was said of it.
    #[serde(default)]
    pub annotations: Map<String, Value>,
}

impl Control {
    /// The history of a worker.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn history(&self, tenant: &TenantId) -> Result<History, ControlError> {
        let found = self.read(&keys::deployments(tenant)).await?;
        Ok(found.map(|(history, _)| history).unwrap_or_default())
    }

    /// Uploads a version that does not serve yet.
    ///
    /// # Errors
    /// [`ControlError`] of the upload.
    pub async fn upload_version(
        &self,
        tenant: &TenantId,
        upload: Upload,
        by: &str,
    ) -> Result<(Script, Version, u64), ControlError> {
        let annotations = annotations(&upload);
        let (script, startup_ms) = self.compose_version(tenant, upload, by).await?;
        let version = self
            .keep_version(tenant, &script, by, annotations, false)
            .await?;
        Ok((script, version, startup_ms))
    }

    /// A version that is kept.
    ///
    /// # Errors
    /// [`ControlError::NoVersion`] when there is none.
    pub async fn version(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<(Version, Script), ControlError> {
        let id = id.replace('-', "");
        let history = self.history(tenant).await?;
        let version = history
            .versions
            .into_iter()
            .find(|version| version.id == id);
        let record = self.read::<Script>(&keys::version(tenant, &id)).await?;
        match (version, record) {
            (Some(version), Some((script, _))) => Ok((version, script)),
            _ => Err(ControlError::NoVersion(dashed(&id))),
        }
    }

    /// Has a version serve from now on.
    ///
    /// # Errors
    /// [`ControlError::NoVersion`] when there is none.
    pub async fn deploy_version(
        &self,
        tenant: &TenantId,
        id: &str,
        annotations: Map<String, Value>,
        by: &str,
    ) -> Result<Deployment, ControlError> {
        let (version, mut script) = self.version(tenant, id).await?;
        for _ in 0..ATTEMPTS {
            let found = self.found(tenant).await?;
            if let Some((before, _)) = &found {
                // Tags belong to the worker, not to its version.
                script.tags.clone_from(&before.tags);
                script.id.clone_from(&before.id);
                script.created_on.clone_from(&before.created_on);
            }
            script.modified_on = now();
            if self.save(tenant, found, &script).await? {
                let deployment = Deployment {
                    id: random_id()?,
                    version: version.id,
                    created_on: script.modified_on,
                    by: by.to_owned(),
                    annotations,
                };
                let kept = deployment.clone();
                self.change_history(tenant, move |history| {
                    history.deployments.insert(0, kept.clone());
                    Vec::new()
                })
                .await?;
                return Ok(deployment);
            }
        }
        Err(ControlError::Busy)
    }

    /// Keeps a version in the history, deployed or not.
    pub(super) async fn keep_version(
        &self,
        tenant: &TenantId,
        script: &Script,
        by: &str,
        annotations: Map<String, Value>,
        is_deployed: bool,
    ) -> Result<Version, ControlError> {
        let mut version = Version {
            id: script.version.clone(),
            number: 0,
            created_on: script.modified_on.clone(),
            by: by.to_owned(),
            annotations: annotations.clone(),
        };
        let deployment = Deployment {
            id: random_id()?,
            version: script.version.clone(),
            created_on: script.modified_on.clone(),
            by: by.to_owned(),
            annotations,
        };
        let record = Write::Put(keys::version(tenant, &version.id), json(script));
        self.store.write(&[record]).await?;
        let template = version.clone();
        let history = self
            .change_history(tenant, move |history| {
                history.count += 1;
                let number = history.count;
                history.versions.insert(
                    0,
                    Version {
                        number,
                        ..template.clone()
                    },
                );
                if is_deployed {
                    history.deployments.insert(0, deployment.clone());
                }
                let serving = history.deployments.first().map(|d| d.version.clone());
                let old = history.versions.iter().skip(KEPT).map(|v| v.id.clone());
                let old: Vec<_> = old.filter(|id| Some(id) != serving.as_ref()).collect();
                history
                    .versions
                    .retain(|version| !old.contains(&version.id));
                old
            })
            .await?;
        version.number = history.count;
        Ok(version)
    }

    /// Changes a worker's history; the versions that the change returns are removed.
    async fn change_history(
        &self,
        tenant: &TenantId,
        change: impl Fn(&mut History) -> Vec<String>,
    ) -> Result<History, ControlError> {
        let key = keys::deployments(tenant);
        for _ in 0..ATTEMPTS {
            let found: Option<(History, Bytes)> = self.read(&key).await?;
            let (mut history, before) = match found {
                Some((history, bytes)) => (history, Some(bytes)),
                None => (History::default(), None),
            };
            let old = change(&mut history);
            history.deployments.truncate(KEPT);
            let mut changes = vec![Write::Put(key.clone(), json(&history))];
            changes.extend(
                old.iter()
                    .map(|id| Write::Delete(keys::version(tenant, id))),
            );
            if self
                .store
                .write_if(&[(key.clone(), before)], &changes)
                .await?
            {
                return Ok(history);
            }
        }
        Err(ControlError::Busy)
    }

    /// Changes the record of every version that is kept.
    pub(super) async fn change_versions(
        &self,
        tenant: &TenantId,
        change: impl Fn(&mut Script) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        for version in self.history(tenant).await?.versions {
            let key = keys::version(tenant, &version.id);
            if let Some((mut script, _)) = self.read::<Script>(&key).await? {
                change(&mut script)?;
                self.store.write(&[Write::Put(key, json(&script))]).await?;
            }
        }
        Ok(())
    }

    /// Removes a worker's history.
    pub(super) async fn delete_versions(&self, tenant: &TenantId) -> Result<(), ControlError> {
        let history = self.history(tenant).await?;
        if history.versions.is_empty() {
            return Ok(());
        }
        let mut changes = vec![Write::Delete(keys::deployments(tenant))];
        let versions = history.versions.iter();
        changes.extend(versions.map(|version| Write::Delete(keys::version(tenant, &version.id))));
        Ok(self.store.write(&changes).await?)
    }
}

/// `annotations` of an upload's metadata.
pub(super) fn annotations(upload: &Upload) -> Map<String, Value> {
    match upload.metadata.settings.get("annotations") {
        Some(Value::Object(annotations)) => annotations.clone(),
        _ => Map::new(),
    }
}
