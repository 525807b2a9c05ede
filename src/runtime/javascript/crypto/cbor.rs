//! CBOR in and out: strict arguments, and the few shapes of a result.
//!
//! ciborium rather than minicbor: it is already in our tree, its licence is on our list (minicbor's
//! BlueOak-1.0.0 is not), and the options of Web Cryptography are maps with text keys, which
//! minicbor's derive does not know. The price is one copy of the data, a thousandth of what hashing
//! it costs.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::Failure;

/// Parses the argument array of an operation; `T` is a tuple. Too few, too many and trailing bytes
/// are refused.
///
/// # Errors
///
/// `TypeError` when the bytes are not exactly one `T`.
pub(super) fn arguments<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // A definite array of fewer than 24: ciborium would not look for the end of an indefinite one.
    if !matches!(bytes.first(), Some(0x80..=0x97)) {
        return Err(Failure::type_error("invalid arguments: not an array"));
    }
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).map_err(|error| {
        Failure::type_error(match error {
            ciborium::de::Error::Semantic(_, message) => format!("invalid arguments: {message}"),
            ciborium::de::Error::RecursionLimitExceeded => {
                "invalid arguments: nested too deeply".to_owned()
            }
            ciborium::de::Error::Io(_) | ciborium::de::Error::Syntax(_) => {
                "invalid arguments: malformed CBOR".to_owned()
            }
        })
    })?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(Failure::type_error("invalid arguments: more than expected"))
    }
}

/// The arguments of an operation that has none: the unit would be null, not an empty array.
pub(super) type Nothing = [u8; 0];

/// A byte string, and nothing else: neither a text nor an array of numbers passes for one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Says how long it is, not what it holds: it may be a key.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strict;

        impl Visitor<'_> for Strict {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }

        deserializer.deserialize_byte_buf(Strict)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// The result of an operation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Reply {
    Bytes(Bytes),
    Text(String),
    Bool(bool),
    /// "No": the shim turns it into what its operation returns then.
    Null,
    /// A private key and its public one.
    Pair(Bytes, Bytes),
    /// The members of a JSON Web Key.
    Members(BTreeMap<&'static str, String>),
    Imported(super::keys::Imported),
}

impl Reply {
    pub(super) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(Bytes(bytes.into()))
    }

    /// A byte string, or null.
    pub(super) fn bytes_or_null(bytes: Option<impl Into<Vec<u8>>>) -> Self {
        bytes.map_or(Self::Null, Self::bytes)
    }

    /// Encodes it.
    ///
    /// # Errors
    ///
    /// `OperationError` if the encoder fails, which it has no reason to.
    pub(super) fn into_cbor(self) -> Result<Vec<u8>, Failure> {
        // Room for the bytes and their header, so that a large result is written once.
        let mut out = match &self {
            Self::Bytes(bytes) => Vec::with_capacity(bytes.len() + 9),
            Self::Text(_)
            | Self::Bool(_)
            | Self::Null
            | Self::Pair(..)
            | Self::Members(_)
            | Self::Imported(_) => Vec::new(),
        };
        ciborium::into_writer(&self, &mut out)
            .map_err(|_| Failure::operation("the result cannot be encoded"))?;
        Ok(out)
    }
}
