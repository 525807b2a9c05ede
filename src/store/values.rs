//! Values of key-value namespaces: larger than records, some with an end, listed in the order of their keys.
//!
//! They belong to workers, so they are neither kept in memory with the records nor in the snapshot, and a namespace that is
//! not there takes none.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::StoreError;
use crate::model::kv::METADATA_BYTES_MAX;

/// A value up to this size comes with the first question; a longer one is asked for on its own.
pub const SMALL_BYTES: usize = 64 << 10;
/// Bytes before the metadata: version, end, length of the value, length of the metadata.
const FIXED_BYTES: usize = 1 + 8 + 4 + 2;
/// Bytes that tell everything but the value itself.
pub(super) const HEAD_BYTES: usize = FIXED_BYTES + METADATA_BYTES_MAX;
const VERSION: u8 = 1;

/// A value, with what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The value.
    pub bytes: Bytes,
    /// JSON; empty when there is none.
    pub metadata: Box<str>,
    /// When it ends, in seconds since 1970; 0: never.
    pub expiration: u64,
}

/// What lies under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A value, whole.
    Small(Stored),
    /// A value of so many bytes, more than [`SMALL_BYTES`].
    Large(usize),
}

/// One change to a namespace's values.
#[derive(Clone, Debug)]
pub enum Change {
    /// Sets a value.
    Put(String, Stored),
    /// Removes a value, if it is there.
    Delete(String),
}

impl Change {
    /// The key it changes.
    pub fn key(&self) -> &str {
        match self {
            Self::Put(key, _) | Self::Delete(key) => key,
        }
    }

    /// Bytes that it moves.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Put(key, stored) => key.len() + stored.bytes.len(),
            Self::Delete(key) => key.len(),
        }
    }
}

/// What became of a [`Values::swap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// The value is set.
    Done,
    /// Something else lies there.
    Differs,
    /// There is no such namespace.
    NoNamespace,
}

/// A key of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// Its value's metadata, JSON; empty when there is none.
    pub metadata: Box<str>,
    /// When its value ends, in seconds since 1970; 0: never.
    pub expiration: u64,
}

/// Keeps the values of namespaces. A namespace is known by its id; where its record is not there, it has no values and
/// takes none.
#[async_trait]
pub trait Values: Send + Sync {
    /// What lies under these keys, in their order, unless it has ended; `None` when there is no such namespace.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn find(
        &self,
        namespace: &str,
        keys: &[String],
    ) -> Result<Option<Vec<Option<Found>>>, StoreError>;

    /// A value of any size.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn fetch(&self, namespace: &str, key: &str) -> Result<Option<Stored>, StoreError>;

    /// Does all of these, in order; some at a time are done together, and what was done before an error stays. Returns
    /// whether there is such a namespace.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn change(&self, namespace: &str, changes: &[Change]) -> Result<bool, StoreError>;

    /// Sets a value if `before` lies under its key, or nothing where that is none, in one step.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked, does not answer in time, or refuses.
    async fn swap(
        &self,
        namespace: &str,
        key: &str,
        before: Option<&Stored>,
        value: Stored,
    ) -> Result<Swapped, StoreError>;

    /// The keys that begin with `prefix`, in the order of their bytes, after `after`; at most `limit` of them. `None` when
    /// there is no such namespace.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn keys(
        &self,
        namespace: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Option<Vec<Listed>>, StoreError>;

    /// Removes some of the values, whether or not there is such a namespace; whether there may be more.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be asked or does not answer in time.
    async fn sweep(&self, namespace: &str) -> Result<bool, StoreError>;
}

impl Stored {
    /// Whether it has ended by this time.
    pub fn has_ended(&self, now: u64) -> bool {
        has_ended(self.expiration, now)
    }

    /// As one string of bytes: what is said of it comes first.
    pub(super) fn encode(&self) -> Bytes {
        let mut bytes =
            BytesMut::with_capacity(FIXED_BYTES + self.metadata.len() + self.bytes.len());
        bytes.extend_from_slice(&[VERSION]);
        bytes.extend_from_slice(&self.expiration.to_be_bytes());
        // Both are bounded well below where they are taken in.
        bytes.extend_from_slice(
            &u32::try_from(self.bytes.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        let metadata = u16::try_from(self.metadata.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&metadata.to_be_bytes());
        bytes.extend_from_slice(self.metadata.as_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes.freeze()
    }
}

/// Whether what ends then has ended by now.
pub(super) fn has_ended(expiration: u64, now: u64) -> bool {
    expiration != 0 && expiration <= now
}

/// What stands before a value.
pub(super) struct Head {
    pub metadata: Box<str>,
    pub expiration: u64,
    /// Bytes of the value.
    pub size: usize,
    /// Where it begins.
    pub at: usize,
}

impl Head {
    /// Reads it; `None` when it is none, as of a key that was written by hand.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (expiration, rest) = rest.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let metadata = std::str::from_utf8(rest.get(..length)?).ok()?;
        (*version == VERSION).then(|| Self {
            metadata: metadata.into(),
            expiration: u64::from_be_bytes(*expiration),
            size: u32::from_be_bytes(*size) as usize,
            at: FIXED_BYTES + length,
        })
    }

    /// The value behind it, when these bytes hold all of it.
    pub(super) fn value(self, bytes: &Bytes) -> Found {
        match bytes.len() == self.at + self.size {
            true => Found::Small(Stored {
                bytes: bytes.slice(self.at..),
                metadata: self.metadata,
                expiration: self.expiration,
            }),
            false => Found::Large(self.size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_was_written() {
        for (bytes, metadata, expiration) in [
            (&b""[..], "", 0),
            (b"value", "", 7),
            (b"\0\xff", "{\"a\":\"\\u00e4\"}", u64::MAX),
        ] {
            let stored = Stored {
                bytes: Bytes::from_static(bytes),
                metadata: metadata.into(),
                expiration,
            };
            let encoded = stored.encode();
            let head = Head::decode(&encoded).expect("a head");
            assert_eq!(head.value(&encoded), Found::Small(stored));
            let cut = encoded.slice(..encoded.len() - bytes.len());
            let head = Head::decode(&cut).expect("a head");
            assert_eq!(head.size, bytes.len());
        }
        for bytes in [&b""[..], b"plain", &[1; 15], &[0; 40]] {
            assert!(Head::decode(bytes).is_none(), "{bytes:?}");
        }
    }
}
