//! Data points of `analytics_engine` bindings.

use serde::Serialize;
use thiserror::Error;

/// Blobs, and doubles, of one point.
///
/// Source: Cloudflare docs, "Workers Analytics Engine: limits", for these and the next ones.
const VALUES_MAX: usize = 20;
/// Bytes of its blobs together.
const BLOBS_BYTES_MAX: usize = 16 << 10;
/// Its indexes.
const INDEXES_MAX: usize = 1;
/// Bytes of its index.
const INDEX_BYTES_MAX: usize = 96;
/// Points that one invocation may write.
pub const POINTS_MAX: u32 = 250;

/// What a worker writes of one event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// What the point is sampled by elsewhere, and found by.
    pub index: Option<Blob>,
    /// Texts.
    pub blobs: Vec<Option<Blob>>,
    /// Numbers; null for what JSON has no number for.
    pub doubles: Vec<f64>,
}

/// A text, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Blob {
    /// A text.
    Text(String),
    /// Bytes that are no UTF-8.
    Bytes {
        /// In base64.
        base64: String,
    },
}

/// A point that cannot be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("writeDataPoint(): {0}")]
pub struct InvalidPoint(String);

impl Point {
    /// A point of these values.
    ///
    /// # Errors
    /// [`InvalidPoint`], in Cloudflare's words where they are known.
    pub fn new(
        indexes: Vec<Option<Vec<u8>>>,
        blobs: Vec<Option<Vec<u8>>>,
        doubles: Vec<f64>,
    ) -> Result<Self, InvalidPoint> {
        let check = |is_within: bool, text: &dyn Fn() -> String| match is_within {
            true => Ok(()),
            false => Err(InvalidPoint(text())),
        };
        let bytes = |blobs: &[Option<Vec<u8>>]| blobs.iter().flatten().map(Vec::len).sum::<usize>();
        check(indexes.len() <= INDEXES_MAX, &|| {
            format!("Maximum of {INDEXES_MAX} indexes supported.")
        })?;
        check(bytes(&indexes) <= INDEX_BYTES_MAX, &|| {
            format!("Size of indexes[0] exceeds {INDEX_BYTES_MAX} bytes.")
        })?;
        check(blobs.len() <= VALUES_MAX, &|| {
            format!("Maximum of {VALUES_MAX} blobs supported.")
        })?;
        check(bytes(&blobs) <= BLOBS_BYTES_MAX, &|| {
            format!("Cumulative size of blobs exceeds {BLOBS_BYTES_MAX} bytes.")
        })?;
        check(doubles.len() <= VALUES_MAX, &|| {
            format!("Maximum of {VALUES_MAX} doubles supported.")
        })?;
        let read = |blob: Option<Vec<u8>>| blob.map(Blob::new);
        Ok(Self {
            index: indexes.into_iter().next().and_then(read),
            blobs: blobs.into_iter().map(read).collect(),
            doubles,
        })
    }
}

impl InvalidPoint {
    /// One more than an invocation may write.
    pub fn too_many() -> Self {
        Self(format!(
            "Maximum of {POINTS_MAX} data points per invocation supported."
        ))
    }
}

impl Blob {
    fn new(bytes: Vec<u8>) -> Self {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes {
                base64: STANDARD.encode(error.as_bytes()),
            },
        }
    }
}
