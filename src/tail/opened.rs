//! An open tail as its record describes it, for whichever node reads it or runs what it watches.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Filters;
use crate::model::{REGULAR, TenantId};

/// How long a tail lives; Cloudflare's live as long.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Tails of one worker, and of one namespace as a whole; Cloudflare's bound for a worker is the same.
pub const SCOPE_TAILS_MAX: usize = 10;
/// Tails of the account.
pub const OPEN_MAX: usize = 200;

/// What a tail watches: one worker, a dispatch namespace, or those of its workers that have a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The dispatch namespace; [`REGULAR`] for a regular worker.
    pub namespace: String,
    /// The one worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl Scope {
    /// One worker.
    pub fn worker(tenant: &TenantId) -> Self {
        Self {
            namespace: tenant.namespace().to_owned(),
            worker: Some(tenant.worker().to_owned()),
            tag: None,
        }
    }

    /// All user workers of a namespace, or those with a tag.
    pub fn namespace(name: &str, tag: Option<String>) -> Self {
        Self {
            namespace: name.to_owned(),
            worker: None,
            tag,
        }
    }

    /// Whether tails of both are counted, listed and closed together: of one worker, or of one namespace with its tags.
    pub fn counts_with(&self, other: &Self) -> bool {
        self.namespace == other.namespace && self.worker == other.worker
    }

    /// Whether a worker of its namespace, with these tags, is watched.
    pub(super) fn has(&self, tenant: &TenantId, tags: &[String]) -> bool {
        let is_worker = |worker: &String| worker == tenant.worker();
        self.worker.as_ref().is_none_or(is_worker)
            && self.tag.as_ref().is_none_or(|tag| tags.contains(tag))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.namespace.as_str(), &self.worker, &self.tag) {
            (REGULAR, Some(worker), _) => f.write_str(worker),
            (namespace, Some(worker), _) => write!(f, "{namespace}/{worker}"),
            (namespace, None, None) => f.write_str(namespace),
            (namespace, None, Some(tag)) => write!(f, "{namespace} with the tag {tag:?}"),
        }
    }
}

/// An open tail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// What names it.
    pub id: String,
    /// What it watches.
    pub scope: Scope,
    /// When it was opened, in seconds since 1970.
    pub opened_s: u64,
    /// What is shown of it.
    #[serde(default, skip_serializing_if = "Filters::is_empty")]
    pub filters: Filters,
}

impl Opened {
    /// When it ends, in seconds since 1970.
    pub fn expires_s(&self) -> u64 {
        self.opened_s + LIFETIME.as_secs()
    }

    /// How long it still lives; nothing when it has ended.
    pub fn left(&self) -> Duration {
        let left = self.expires_s().saturating_sub(now_s());
        // A clock that is behind gives nobody more than there is.
        Duration::from_secs(left).min(LIFETIME)
    }
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
