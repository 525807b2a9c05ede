//! What a worker may hold: checked when it is uploaded, opened for its requests.
//!
//! A binding never reaches beyond the script that declared it.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;
use wasmtime_wasi_config::WasiConfigVariables;

use crate::model::binding::Secret;
use crate::model::{Binding, Script, TenantId};
use crate::secrets::{Keyring, SealError};

mod callee;

pub use callee::{Callee, OutboundBinding};

/// Bindings of one script; Cloudflare's bound for a Worker on a paid plan is the same.
const BINDINGS_MAX: usize = 1_000;
/// The longest value of one binding, in bytes; Cloudflare allows 5 KB, a component's configuration may be longer.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// A script's bindings, opened: ready to be handed to any number of invocations.
#[derive(Clone)]
pub struct Bindings {
    /// Environment variables (`wasi:cli/environment`).
    pub environment: Arc<[(String, String)]>,
    /// The same names and values for `wasi:config/store`.
    pub config: Arc<WasiConfigVariables>,
    /// `env` of a JavaScript worker, as a JSON object; empty when there is nothing in it.
    pub json: Arc<str>,
    /// What it can call, by name.
    pub callees: Arc<[(String, Callee)]>,
    /// The names and types of those, and keys, as a JSON object; empty when there are none.
    pub callees_json: Arc<str>,
}

impl Bindings {
    /// These, and a component's parameters as an outbound worker: of two values under one name the parameter counts.
    pub fn with(&self, params: &serde_json::Map<String, Value>) -> Self {
        let given = params
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)));
        let kept = self.environment.iter();
        let kept = kept.filter(|(name, _)| !params.contains_key(name)).cloned();
        let environment: Vec<_> = kept.chain(given).collect();
        Self {
            config: Arc::new(environment.iter().cloned().collect()),
            environment: environment.into(),
            ..self.clone()
        }
    }
}

/// A value as a variable has it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Bindings that cannot be used together.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidBinding {
    /// Too many of them.
    #[error("a script has at most {BINDINGS_MAX} bindings")]
    TooMany,
    /// Two under one name.
    #[error("two bindings are named {0:?}; give each its own name")]
    Twice(String),
    /// A name that is no variable's.
    #[error("{0:?} is no name for a binding: use letters, digits and `_`, and begin with no digit")]
    Name(String),
    /// A value that is too long.
    #[error("the binding {0:?} is longer than {VALUE_BYTES_MAX} bytes")]
    TooLong(String),
    /// One that leads to a worker, and cannot.
    #[error("the binding {name:?} of type {kind} cannot be used: {why}")]
    Callee {
        /// The binding.
        name: String,
        /// Its type.
        kind: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// Whether these bindings can be opened together.
///
/// # Errors
/// [`InvalidBinding`], which names the first that cannot.
pub fn check(bindings: &[Binding]) -> Result<(), InvalidBinding> {
    if bindings.len() > BINDINGS_MAX {
        return Err(InvalidBinding::TooMany);
    }
    let mut names = HashSet::new();
    for binding in bindings {
        let name = binding.name();
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        let is_name = name.chars().next().is_some_and(is_first)
            && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
        if !is_name {
            return Err(InvalidBinding::Name(name.chars().take(64).collect()));
        }
        if !names.insert(name) {
            return Err(InvalidBinding::Twice(name.to_owned()));
        }
        check_length(binding)?;
        if let Binding::Kept { kind, name, fields } = binding {
            let callee = Callee::of(kind, fields);
            callee.map_err(|why| InvalidBinding::Callee {
                name: name.clone(),
                kind,
                why,
            })?;
        }
    }
    Ok(())
}

/// Whether a binding's value is short enough.
///
/// # Errors
/// [`InvalidBinding::TooLong`] when it is not.
pub fn check_length(binding: &Binding) -> Result<(), InvalidBinding> {
    let length = match binding {
        Binding::PlainText { text, .. } => text.len(),
        Binding::Json { json, .. } => json.to_string().len(),
        // What is sealed was checked before.
        Binding::SecretText { secret, .. } | Binding::SecretKey { secret, .. } => match secret {
            Secret::Plain(text) => text.len(),
            Secret::Sealed(_) => 0,
        },
        Binding::VersionMetadata { .. } => 0,
        Binding::Kept { fields, .. } => fields.values().map(|v| v.to_string().len()).sum(),
    };
    match length <= VALUE_BYTES_MAX {
        true => Ok(()),
        false => Err(InvalidBinding::TooLong(binding.name().to_owned())),
    }
}

/// Where a secret is sealed for: it opens nowhere else.
pub fn place(tenant: &TenantId, name: &str) -> String {
    format!("{tenant}:{name}")
}

/// Opens just what this script declared.
///
/// # Errors
/// [`SealError`] when one of its secrets does not open here.
pub fn open(tenant: &TenantId, script: &Script, keyring: &Keyring) -> Result<Bindings, SealError> {
    let mut variables = Vec::with_capacity(script.bindings.len());
    let mut values = serde_json::Map::new();
    let mut callees = Vec::new();
    let mut kinds = serde_json::Map::new();
    for binding in &script.bindings {
        let name = binding.name().to_owned();
        let value: Value = match binding {
            Binding::PlainText { text, .. } => text.clone().into(),
            Binding::Json { json, .. } => json.clone(),
            Binding::SecretText { secret, .. } => {
                keyring.reveal(&place(tenant, &name), secret)?.into()
            }
            Binding::VersionMetadata { .. } => version(script),
            Binding::SecretKey { about, secret, .. } => {
                let secret = keyring.reveal(&place(tenant, &name), secret)?;
                kinds.insert(name, key(about, &secret));
                continue;
            }
            Binding::Kept { kind, fields, .. } => {
                // A record written by hand was not checked: what cannot be used says so when it is used.
                let callee = Callee::of(kind, fields).unwrap_or(Callee::Nowhere);
                kinds.insert(name.clone(), (*kind).into());
                callees.push((name, callee));
                continue;
            }
        };
        variables.push((name.clone(), plain(&value)));
        values.insert(name, value);
    }
    let text = |values: serde_json::Map<String, Value>| match values.is_empty() {
        true => String::new(),
        false => Value::Object(values).to_string(),
    };
    Ok(Bindings {
        json: text(values).into(),
        callees: callees.into(),
        callees_json: text(kinds).into(),
        config: Arc::new(variables.iter().cloned().collect()),
        environment: variables.into(),
    })
}

/// A key and what is said of it, for the engine to import.
fn key(about: &serde_json::Map<String, Value>, secret: &str) -> Value {
    let mut key = about.clone();
    // What is no object was written by hand, and the import says that there is no key.
    if let Ok(Value::Object(secret)) = serde_json::from_str(secret) {
        key.extend(secret);
    }
    key.insert("type".to_owned(), "secret_key".into());
    Value::Object(key)
}

/// Source: Cloudflare docs, "Version metadata binding".
fn version(script: &Script) -> Value {
    let tag = script
        .settings
        .get("annotations")
        .and_then(|a| a.get("workers/tag"));
    serde_json::json!({
        "id": script.version,
        "tag": tag.and_then(Value::as_str).unwrap_or_default(),
        "timestamp": script.modified_on,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, text: &str) -> Binding {
        Binding::PlainText {
            name: name.into(),
            text: text.into(),
        }
    }

    #[test]
    fn bindings_that_cannot_be_told_apart_are_refused() {
        assert_eq!(check(&[text("A", "1"), text("B", "2")]), Ok(()));
        assert_eq!(
            check(&[text("A", "1"), text("A", "2")]),
            Err(InvalidBinding::Twice("A".into()))
        );
        for name in ["", "1A", "A=B", "A\0", "Ä", "A B"] {
            assert_eq!(
                check(&[text(name, "1")]),
                Err(InvalidBinding::Name(name.into())),
                "{name:?}"
            );
        }
        assert_eq!(
            check(&[text("A", &"x".repeat(VALUE_BYTES_MAX + 1))]),
            Err(InvalidBinding::TooLong("A".into()))
        );
    }
}
