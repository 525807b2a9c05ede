//! What a worker may hold, in the shape of Cloudflare's upload metadata.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// One entry of a script's `bindings`.
///
/// Source: Cloudflare API, "Workers for Platforms: upload a Worker module", `metadata.bindings`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "Raw")]
pub enum Binding {
    /// A text anyone may read back.
    PlainText {
        /// The variable's name.
        name: String,
        /// Its value.
        text: String,
    },
    /// A JSON value; a component reads its text.
    Json {
        /// The variable's name.
        name: String,
        /// Its value.
        json: Value,
    },
    /// A text that is never shown again.
    SecretText {
        /// The variable's name.
        name: String,
        /// Its value.
        secret: Secret,
    },
    /// A key that is never shown again.
    SecretKey {
        /// The variable's name.
        name: String,
        /// `algorithm`, `format` and `usages`, as they were given.
        about: Map<String, Value>,
        /// The key, as JSON with `key_base64` or `key_jwk`.
        secret: Secret,
    },
    /// What the worker may know of its own version.
    VersionMetadata {
        /// The variable's name.
        name: String,
    },
    /// A binding to something that workers cannot reach on this edge: kept as it was given.
    Kept {
        /// One of [`KEPT`].
        kind: &'static str,
        /// The variable's name.
        name: String,
        /// The rest of it.
        fields: Map<String, Value>,
    },
}

/// A secret's value.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// As it was given; a record written by hand may hold it so.
    Plain(String),
    /// As it is kept.
    Sealed(String),
}

/// Never the value: it would end up in a log.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Types that are kept but lead nowhere on this edge, each with the fields it needs; of alternatives one is needed.
///
/// Source: the `bindings` of Cloudflare's API description.
pub const KEPT: &[(&str, &[&str])] = &[
    ("ai", &[]),
    ("ai_search", &[]),
    ("ai_search_namespace", &[]),
    ("analytics_engine", &[]),
    ("artifacts", &[]),
    ("assets", &[]),
    ("browser", &[]),
    ("browser_rendering", &[]),
    ("d1", &["id|database_id"]),
    ("data_blob", &["part"]),
    ("dispatch_namespace", &["namespace"]),
    ("durable_object_namespace", &["class_name|namespace_id"]),
    ("flagship", &[]),
    ("hyperdrive", &["id"]),
    ("images", &[]),
    ("k2", &[]),
    ("kv_namespace", &["namespace_id"]),
    ("media", &[]),
    ("messaging", &[]),
    ("mtls_certificate", &["certificate_id"]),
    ("pipelines", &["pipeline"]),
    ("queue", &["queue_name"]),
    ("r2_bucket", &["bucket_name"]),
    ("ratelimit", &[]),
    ("secrets_store_secret", &["store_id", "secret_name"]),
    ("send_email", &[]),
    ("service", &["service"]),
    ("tail_consumer", &["service"]),
    ("text_blob", &["part"]),
    ("vectorize", &["index_name"]),
    ("vpc_network", &[]),
    ("vpc_service", &["service_id"]),
    ("wasm_module", &["part"]),
    ("workflow", &["workflow_name"]),
];

/// A binding whose shape is none.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidShape {
    /// Nobody knows the type.
    #[error("the binding {name:?} is of a type that nobody knows, {kind:?}")]
    Type {
        /// The binding.
        name: String,
        /// Its type.
        kind: String,
    },
    /// A field is missing or of another type.
    #[error("the binding {name:?} of type {kind} needs {field}")]
    Field {
        /// The binding.
        name: String,
        /// Its type.
        kind: &'static str,
        /// What it lacks.
        field: &'static str,
    },
}

impl Binding {
    /// The name the worker finds it under.
    pub fn name(&self) -> &str {
        match self {
            Self::PlainText { name, .. }
            | Self::Json { name, .. }
            | Self::SecretText { name, .. }
            | Self::SecretKey { name, .. }
            | Self::VersionMetadata { name }
            | Self::Kept { name, .. } => name,
        }
    }

    /// Its `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PlainText { .. } => "plain_text",
            Self::Json { .. } => "json",
            Self::SecretText { .. } => "secret_text",
            Self::SecretKey { .. } => "secret_key",
            Self::VersionMetadata { .. } => "version_metadata",
            Self::Kept { kind, .. } => kind,
        }
    }

    /// This binding under another name.
    pub fn renamed(mut self, to: &str) -> Self {
        match &mut self {
            Self::PlainText { name, .. }
            | Self::Json { name, .. }
            | Self::SecretText { name, .. }
            | Self::SecretKey { name, .. }
            | Self::VersionMetadata { name }
            | Self::Kept { name, .. } => to.clone_into(name),
        }
        self
    }

    /// The secret in it.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::SecretText { secret, .. } | Self::SecretKey { secret, .. } => Some(secret),
            Self::PlainText { .. }
            | Self::Json { .. }
            | Self::VersionMetadata { .. }
            | Self::Kept { .. } => None,
        }
    }

    /// The secret in it, to be changed.
    pub fn secret_mut(&mut self) -> Option<&mut Secret> {
        match self {
            Self::SecretText { secret, .. } | Self::SecretKey { secret, .. } => Some(secret),
            Self::PlainText { .. }
            | Self::Json { .. }
            | Self::VersionMetadata { .. }
            | Self::Kept { .. } => None,
        }
    }

    /// What may be shown of it: everything but a secret's value.
    pub fn public(&self) -> Value {
        let mut raw = Raw::from(self.clone());
        for hidden in ["text", "sealed", "key_base64", "key_jwk"] {
            if self.secret().is_some() {
                raw.fields.remove(hidden);
            }
        }
        let mut all = Map::new();
        all.insert("type".into(), raw.kind.into());
        all.insert("name".into(), raw.name.into());
        all.extend(raw.fields);
        Value::Object(all)
    }
}

impl<'de> Deserialize<'de> for Binding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer)?
            .try_into()
            .map_err(serde::de::Error::custom)
    }
}

/// A binding as JSON has it.
#[derive(Clone, Serialize, Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl TryFrom<Raw> for Binding {
    type Error = InvalidShape;

    fn try_from(raw: Raw) -> Result<Self, InvalidShape> {
        let Raw {
            kind,
            name,
            mut fields,
        } = raw;
        let needs = |name: &str, kind, field| InvalidShape::Field {
            name: name.chars().take(64).collect(),
            kind,
            field,
        };
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Ok(match kind.as_str() {
            "plain_text" => {
                let text = text(fields.remove("text"));
                let text = text.ok_or_else(|| needs(&name, "plain_text", "`text`, a string"))?;
                Self::PlainText { name, text }
            }
            "json" => match fields.remove("json") {
                Some(json) => Self::Json { name, json },
                None => return Err(needs(&name, "json", "`json`")),
            },
            "secret_text" => {
                let sealed = text(fields.remove("sealed")).map(Secret::Sealed);
                let secret = sealed.or_else(|| text(fields.remove("text")).map(Secret::Plain));
                let secret =
                    secret.ok_or_else(|| needs(&name, "secret_text", "`text`, a string"))?;
                Self::SecretText { name, secret }
            }
            "secret_key" => {
                let secret =
                    match text(fields.remove("sealed")) {
                        Some(sealed) => Secret::Sealed(sealed),
                        None => Secret::Plain(secret_key(&mut fields).ok_or_else(|| {
                            needs(&name, "secret_key", "`key_base64` or `key_jwk`")
                        })?),
                    };
                Self::SecretKey {
                    name,
                    about: fields,
                    secret,
                }
            }
            "version_metadata" => Self::VersionMetadata { name },
            other => {
                let known = KEPT.iter().find(|(kind, _)| *kind == other);
                let Some((kind, needed)) = known else {
                    return Err(InvalidShape::Type {
                        name: name.chars().take(64).collect(),
                        kind: other.chars().take(64).collect(),
                    });
                };
                for alternatives in *needed {
                    let is_there = |field| fields.get(field).is_some_and(Value::is_string);
                    if !alternatives.split('|').any(is_there) {
                        return Err(needs(&name, kind, alternatives));
                    }
                }
                Self::Kept { kind, name, fields }
            }
        })
    }
}

fn secret_key(fields: &mut Map<String, Value>) -> Option<String> {
    let mut key = Map::new();
    for field in ["key_base64", "key_jwk"] {
        key.extend(fields.remove(field).map(|value| (field.to_owned(), value)));
    }
    (!key.is_empty()).then(|| Value::Object(key).to_string())
}

impl From<Binding> for Raw {
    fn from(binding: Binding) -> Self {
        let kind = binding.kind().to_owned();
        let name = binding.name().to_owned();
        let sealed = |secret| match secret {
            Secret::Plain(text) => ("text".to_owned(), Value::String(text)),
            Secret::Sealed(text) => ("sealed".to_owned(), Value::String(text)),
        };
        let fields = match binding {
            Binding::PlainText { text, .. } => Map::from_iter([("text".into(), text.into())]),
            Binding::Json { json, .. } => Map::from_iter([("json".into(), json)]),
            Binding::SecretText { secret, .. } => Map::from_iter([sealed(secret)]),
            Binding::SecretKey { about, secret, .. } => {
                let mut fields = about;
                match secret {
                    Secret::Plain(key) => {
                        if let Ok(Value::Object(key)) = serde_json::from_str(&key) {
                            fields.extend(key);
                        }
                    }
                    sealed_key => fields.extend([sealed(sealed_key)]),
                }
                fields
            }
            Binding::VersionMetadata { .. } => Map::new(),
            Binding::Kept { fields, .. } => fields,
        };
        Self { kind, name, fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Binding, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn a_binding_is_written_as_it_is_read() {
        for json in [
            r#"{"type":"plain_text","name":"A","text":"1"}"#,
            r#"{"type":"json","name":"A","json":{"b":[1]}}"#,
            r#"{"type":"secret_text","name":"A","sealed":"v1.x"}"#,
            r#"{"type":"secret_key","name":"A","algorithm":{"name":"HMAC"},"key_base64":"AA=="}"#,
            r#"{"type":"kv_namespace","name":"A","namespace_id":"1"}"#,
            r#"{"type":"d1","name":"A","database_id":"1"}"#,
            r#"{"type":"version_metadata","name":"A"}"#,
        ] {
            let binding = read(json).expect(json);
            let written: Value = serde_json::to_value(&binding).expect("JSON");
            assert_eq!(written, serde_json::from_str::<Value>(json).expect("JSON"));
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        for json in [
            r#"{"type":"secret_text","name":"A","text":"hush"}"#,
            r#"{"type":"secret_text","name":"A","sealed":"hush"}"#,
            r#"{"type":"secret_key","name":"A","key_base64":"hush","format":"raw"}"#,
            r#"{"type":"secret_key","name":"A","key_jwk":{"k":"hush"}}"#,
        ] {
            let binding = read(json).expect(json);
            assert!(!binding.public().to_string().contains("hush"), "{json}");
            assert!(!format!("{binding:?}").contains("hush"), "{json}");
        }
    }

    #[test]
    fn what_has_no_shape_is_refused_by_name() {
        for (json, says) in [
            (r#"{"type":"teapot","name":"A"}"#, "\"teapot\""),
            (
                r#"{"type":"kv_namespace","name":"A"}"#,
                "needs namespace_id",
            ),
            (r#"{"type":"d1","name":"A","id":1}"#, "needs id|database_id"),
            (
                r#"{"type":"plain_text","name":"A","text":1}"#,
                "`text`, a string",
            ),
            (r#"{"type":"json","name":"A"}"#, "needs `json`"),
            (
                r#"{"type":"secret_key","name":"A"}"#,
                "`key_base64` or `key_jwk`",
            ),
            (r#"{"name":"A"}"#, "`type`"),
            (r#"{"type":"json"}"#, "`name`"),
        ] {
            let error = read(json).expect_err(json);
            assert!(error.contains(says), "{json}: {error}");
        }
    }
}
