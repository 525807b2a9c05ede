//! What a worker may hold, in the shape of Cloudflare's upload metadata.

use serde::{Deserialize, Serialize};

/// One entry of a script's `bindings`.
///
/// Source: Cloudflare API, "Workers for Platforms: upload a Worker module", `metadata.bindings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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
        json: serde_json::Value,
    },
    /// A text that is never shown again.
    SecretText {
        /// The variable's name.
        name: String,
        /// Its value.
        text: String,
    },
}

impl Binding {
    /// The name the worker finds it under.
    pub fn name(&self) -> &str {
        match self {
            Self::PlainText { name, .. }
            | Self::Json { name, .. }
            | Self::SecretText { name, .. } => name,
        }
    }

    /// The text a component finds under the name.
    pub fn text(&self) -> String {
        match self {
            Self::PlainText { text, .. } | Self::SecretText { text, .. } => text.clone(),
            Self::Json { json, .. } => json.to_string(),
        }
    }
}
