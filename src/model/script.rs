//! A script: an uploaded worker with everything that was said about it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::assets::Assets;
use super::binding::Binding;
use super::limits::ScriptLimits;
use super::status::Status;
use super::tenant::TenantId;

/// A script record as it lies in the store. One written by hand needs `code` alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// The uploaded bytes, by content.
    pub code: CodeHash,
    /// What kind of worker the bytes are.
    #[serde(default)]
    pub kind: Kind,
    /// What it may hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bindings: Vec<Binding>,
    /// What it may use up.
    #[serde(default, skip_serializing_if = "ScriptLimits::is_empty")]
    pub limits: ScriptLimits,
    /// Whether it runs.
    #[serde(default, skip_serializing_if = "Status::is_active")]
    pub status: Status,
    /// The operator's labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// 32 hex digits that stay the same from version to version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// 32 hex digits that are new with each version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// When it was first uploaded, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_on: String,
    /// The times it is run at, cron expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crons: Vec<String>,
    /// The events it handles, as an upload found them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<String>,
    /// It is made of JavaScript modules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_modules: bool,
    /// When it was last written, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified_on: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified_by: String,
    /// The day whose behaviour it was written for, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compatibility_date: String,
    /// Single behaviours that are turned on or off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compatibility_flags: Vec<String>,
    /// Its static assets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<Assets>,
    /// Settings that are kept and given back: `tail_consumers`, which [`Script::tail_consumers`] reads, and others that
    /// change nothing here (`logpush`, `observability`, `placement`, `usage_model`, `annotations`, …).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
}

impl Script {
    /// A first version of these bytes, which asks for nothing.
    pub fn new(code: CodeHash, kind: Kind) -> Self {
        Self {
            code,
            kind,
            bindings: Vec::new(),
            limits: ScriptLimits::default(),
            status: Status::Active,
            tags: Vec::new(),
            crons: Vec::new(),
            handlers: Vec::new(),
            has_modules: false,
            id: String::new(),
            version: String::new(),
            created_on: String::new(),
            modified_on: String::new(),
            modified_by: String::new(),
            compatibility_date: String::new(),
            compatibility_flags: Vec::new(),
            assets: None,
            settings: Map::new(),
        }
    }
}

/// Tail consumers of one script.
pub const TAIL_CONSUMERS_MAX: usize = 10;

impl Script {
    /// The workers that are told what became of its invocations.
    pub fn tail_consumers(&self) -> impl Iterator<Item = TenantId> {
        let consumers = self
            .settings
            .get("tail_consumers")
            .and_then(Value::as_array);
        let consumers = consumers.into_iter().flatten();
        // One that means nothing was refused at its upload, or written by hand.
        consumers
            .filter_map(|consumer| tail_consumer(consumer).ok())
            .take(TAIL_CONSUMERS_MAX)
    }

    /// Whether a browser that opens a page is answered by the assets, also when they have no such file.
    ///
    /// Source: Cloudflare docs, "Compatibility flags": `assets_navigation_prefers_asset_serving`, from 2025-04-01.
    pub fn navigation_prefers_assets(&self) -> bool {
        let has = |name: &str| self.compatibility_flags.iter().any(|flag| flag == name);
        let is_since = self.compatibility_date.as_str() >= "2025-04-01";
        has("assets_navigation_prefers_asset_serving")
            || (is_since && !has("assets_navigation_has_no_effect"))
    }
}

/// Reads one of `tail_consumers`: `{"service": "watcher"}`, with `namespace` for a user worker.
///
/// Source: Cloudflare API, "Workers: upload a module", `metadata.tail_consumers`.
///
/// # Errors
/// What is wrong with it.
pub fn tail_consumer(value: &Value) -> Result<TenantId, String> {
    let text = |name: &str| match &value[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text.as_str())),
        _ => Err(format!("its `{name}` is a string")),
    };
    let service = text("service")?.ok_or("it needs a `service`, the name of a worker")?;
    let tenant = match text("namespace")? {
        Some(namespace) => TenantId::new(namespace, service),
        None => TenantId::regular(service),
    };
    tenant.map_err(|error| error.to_string())
}

/// What kind of worker a script's bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A WASI 0.2 component that exports `wasi:http/incoming-handler`.
    #[default]
    Component,
    /// A [`Bundle`](super::Bundle) of JavaScript modules.
    JavaScript,
    /// None: static assets answer alone, and `code` is the hash of nothing.
    Assets,
}

impl Kind {
    /// Whether there is code to run.
    pub fn has_code(self) -> bool {
        self != Self::Assets
    }
}

/// The SHA-256 of uploaded bytes, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeHash([u8; 32]);

/// Text that is no SHA-256.
#[derive(Debug, Error)]
#[error("a code hash is 64 hexadecimal digits")]
pub struct InvalidCodeHash;

impl CodeHash {
    /// The hash of these bytes.
    pub fn of(code: &[u8]) -> Self {
        Self(Sha256::digest(code).into())
    }
}

impl fmt::Display for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CodeHash {
    type Err = InvalidCodeHash;

    fn from_str(text: &str) -> Result<Self, InvalidCodeHash> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidCodeHash);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| InvalidCodeHash)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidCodeHash)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for CodeHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CodeHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_hash_is_written_as_it_is_read() {
        let hash = CodeHash::of(b"abc");
        assert_eq!(
            hash.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(hash.to_string().parse::<CodeHash>().expect("hex"), hash);
        assert!(
            "+1".repeat(32).parse::<CodeHash>().is_err(),
            "from_str_radix takes a sign"
        );
    }
}
