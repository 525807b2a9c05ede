//! The typed records: how each kind is read and written.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::known::Record;
use super::{KeyValue, StoreError, Write, keys};
use crate::model::route::RouteRecord;
use crate::model::{CodeHash, HostnamePattern, Namespace, Origin, Route, Script, Zone};

impl Record for Route {
    const KIND: &'static str = "hostname";
    const PREFIX: &'static str = keys::HOSTNAME;

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let record: RouteRecord = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        Self::try_from(record).map_err(|e| e.to_string())
    }
}

/// Where custom hostnames of a zone lead that say nothing of their own.
pub struct Fallback(pub Option<Arc<Route>>);

impl Record for Fallback {
    const KIND: &'static str = "zone";
    const PREFIX: &'static str = keys::ZONE;

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let zone: Zone = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let Some(fallback) = zone.fallback_origin else {
            return Ok(Self(None));
        };
        let origin = Origin::of_server(&fallback.origin).map_err(|e| e.to_string())?;
        Ok(Self(Some(Arc::new(Route::Origin(origin, None)))))
    }
}

impl Record for Script {
    const KIND: &'static str = "script";
    const PREFIX: &'static str = keys::SCRIPT;

    fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }
}

impl Record for Namespace {
    const KIND: &'static str = "namespace";
    const PREFIX: &'static str = keys::NAMESPACE;
    // A namespace needs no record, and only workers that exist ask for it: no visitor makes its name up.
    const ABSENT_FOR: Duration = Duration::from_secs(365 * 24 * 3600);

    fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }
}

/// Uploaded bytes could not be had.
#[derive(Debug, Error, Clone)]
pub enum CodeError {
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A script names bytes that are not there.
    #[error("the store has no code {0}")]
    Missing(CodeHash),
    /// The bytes are not those the hash stands for.
    #[error("the code stored as {0} is not what was uploaded")]
    Damaged(CodeHash),
}

/// Leads a hostname or wildcard somewhere.
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub async fn put_route(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    route: &Route,
) -> Result<(), StoreError> {
    let value = json(&RouteRecord::from(route));
    store
        .write(&[Write::Put(keys::hostname(pattern), value)])
        .await
}

/// The uploaded bytes of this hash, checked against it.
///
/// # Errors
/// [`CodeError`], each variant its own case.
pub async fn code(store: &dyn KeyValue, hash: &CodeHash) -> Result<Bytes, CodeError> {
    content(store, keys::code(hash), hash).await
}

/// A static asset, or a list of them, checked against its hash.
///
/// # Errors
/// [`CodeError`], each variant its own case.
pub async fn asset(store: &dyn KeyValue, hash: &CodeHash) -> Result<Bytes, CodeError> {
    content(store, keys::asset(hash), hash).await
}

async fn content(store: &dyn KeyValue, key: String, hash: &CodeHash) -> Result<Bytes, CodeError> {
    let found = store.get(&[key]).await?;
    let bytes = found
        .into_iter()
        .next()
        .flatten()
        .ok_or(CodeError::Missing(*hash))?;
    match CodeHash::of(&bytes) == *hash {
        true => Ok(bytes),
        false => Err(CodeError::Damaged(*hash)),
    }
}

fn json(record: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(record)
        .expect("records have text keys and plain values")
        .into()
}
