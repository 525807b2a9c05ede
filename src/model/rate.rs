//! What a `ratelimit` binding lets through.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes of a `namespace_id`.
const ID_BYTES_MAX: usize = 64;

/// So many times within a period, for each key.
///
/// Source: Cloudflare docs, "Rate Limiting" (Workers runtime APIs, bindings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Which counters: bindings that name the same share them.
    pub namespace_id: String,
    /// How often a key is let through.
    pub limit: u32,
    /// Within how many seconds, 10 or 60.
    pub period_s: u64,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    namespace_id: Value,
    #[serde(default)]
    simple: Value,
}

impl Rate {
    /// Reads a binding's fields.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(fields: &Map<String, Value>) -> Result<Self, String> {
        let Fields {
            namespace_id,
            simple,
        } = Fields::deserialize(fields).map_err(|e| e.to_string())?;
        let namespace_id = match namespace_id {
            Value::String(id) if (1..=ID_BYTES_MAX).contains(&id.len()) => id,
            // A configuration may say it without quotes.
            Value::Number(id) => id.to_string(),
            _ => return Err("`namespace_id` names its counters, as in \"1001\"".to_owned()),
        };
        let limit = simple.get("limit").and_then(Value::as_u64);
        let limit = limit.and_then(|limit| u32::try_from(limit).ok());
        let Some(limit) = limit.filter(|limit| *limit > 0) else {
            return Err("`simple.limit` is a whole number above 0, as in 100".to_owned());
        };
        let Some(period_s @ (10 | 60)) = simple.get("period").and_then(Value::as_u64) else {
            return Err("`simple.period` is 10 or 60, in seconds".to_owned());
        };
        Ok(Self {
            namespace_id,
            limit,
            period_s,
        })
    }
}
