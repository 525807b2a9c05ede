//! Values that are changed only if they are still what was seen.

use bytes::Bytes;

use super::{Kv, KvError, Read, Share};
use crate::model::KvKey;
use crate::store::keys;
use crate::store::values::{Stored, Swapped};

/// Others may change a number that often before whoever adds to it gives up.
const ATTEMPTS: usize = 32;

/// What lay under a key when somebody looked: its hash, for a value may be large.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seen(Option<[u8; 32]>);

impl Seen {
    /// What a read has found.
    pub fn of(read: &Read) -> Self {
        Self(read.value.as_ref().map(|stored| {
            let mut hash = blake3::Hasher::new();
            hash.update(&stored.expiration.to_le_bytes());
            hash.update(&(stored.metadata.len() as u64).to_le_bytes());
            hash.update(stored.metadata.as_bytes());
            hash.update(&stored.bytes);
            hash.finalize().into()
        }))
    }
}

impl Kv {
    /// Sets a value that is still what was seen; else says what lies there now. What is said of the value stays.
    ///
    /// # Errors
    /// [`KvError`], each variant its own case.
    pub async fn swap(
        &self,
        namespace: &str,
        key: &KvKey,
        seen: Seen,
        bytes: Bytes,
        share: &Share,
    ) -> Result<Result<(), Seen>, KvError> {
        let read = self.get(namespace, key, share).await?;
        if Seen::of(&read) == seen && self.replace(namespace, key, &read, bytes).await? {
            return Ok(Ok(()));
        }
        // What is in memory may be what was seen, and be over.
        self.cache.forget(&keys::kv_value(namespace, key.as_str()));
        let read = self.get(namespace, key, share).await?;
        Ok(Err(Seen::of(&read)))
    }

    /// Adds to a whole number, written in decimal digits; where there is none, to 0.
    ///
    /// # Errors
    /// [`KvError::NoNumber`] for other values and numbers beyond 64 bits, and the others.
    pub async fn increment(
        &self,
        namespace: &str,
        key: &KvKey,
        delta: i64,
        share: &Share,
    ) -> Result<i64, KvError> {
        for _ in 0..ATTEMPTS {
            let read = self.get(namespace, key, share).await?;
            let number = match &read.value {
                None => Some(0),
                Some(stored) => std::str::from_utf8(&stored.bytes)
                    .ok()
                    .and_then(|text| text.parse().ok()),
            };
            let sum = number.and_then(|number: i64| number.checked_add(delta));
            let sum = sum.ok_or(KvError::NoNumber)?;
            let digits = sum.to_string().into_bytes().into();
            if self.replace(namespace, key, &read, digits).await? {
                return Ok(sum);
            }
        }
        Err(KvError::Busy)
    }

    /// Puts a value in the place of the one that was read; whether that was still there.
    async fn replace(
        &self,
        namespace: &str,
        key: &KvKey,
        read: &Read,
        bytes: Bytes,
    ) -> Result<bool, KvError> {
        self.check_length(&bytes)?;
        let before = read.value.as_deref();
        let value = Stored {
            bytes,
            ..before.cloned().unwrap_or_default()
        };
        let swapped = self.store.swap(namespace, key.as_str(), before, value);
        let swapped = swapped.await;
        self.cache.forget(&keys::kv_value(namespace, key.as_str()));
        match swapped {
            Ok(Swapped::Done) => Ok(true),
            Ok(Swapped::Differs) => Ok(false),
            Ok(Swapped::NoNamespace) => Err(KvError::NoNamespace),
            Err(error) => {
                self.metrics.kv_writes_failed.inc();
                tracing::warn!(%error, namespace, "a value could not be written");
                Err(error.into())
            }
        }
    }
}
