//! A dispatch namespace: a named collection of user workers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::limits::ScriptLimits;
use super::status::Status;

/// A namespace record as it lies in the store; a namespace without one has the defaults.
///
/// Source: Cloudflare API, "Workers for Platforms: dispatch namespaces"; `limits`, `outbound` and `state` are ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    /// A UUID.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Whether its workers are the operator's own: they see `request.cf` and share a cache.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusted_workers: bool,
    /// What its workers get that ask for nothing themselves.
    #[serde(default, skip_serializing_if = "ScriptLimits::is_empty")]
    pub limits: ScriptLimits,
    /// Whether its workers run.
    #[serde(default, skip_serializing_if = "Status::is_active")]
    pub status: Status,
    /// What its workers' requests pass, unless whoever calls them says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<DefaultOutbound>,
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_on: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified_on: String,
    /// Who changed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modified_by: String,
    /// Whether it is in use.
    #[serde(default, skip_serializing_if = "State::is_active")]
    pub state: State,
}

/// The outbound worker of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultOutbound {
    /// A regular worker's name.
    pub service: String,
    /// What it finds in its `env`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

/// Whether a namespace is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is.
    #[default]
    Active,
    /// It is deleted: none of its workers answers, and they are being removed.
    Deleted,
    /// Its workers are on their way to another name; they answer, but nothing can be changed.
    Moving(String),
}

impl State {
    /// Whether it is [`State::Active`].
    pub fn is_active(&self) -> bool {
        *self == Self::Active
    }
}
