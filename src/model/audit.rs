//! What is kept of every change that anyone made.

use serde::{Deserialize, Serialize};

/// One change: who, what, from where, and what came of it.
///
/// Source: Cloudflare API, "Audit logs", whose fields it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Tells it apart.
    pub id: String,
    /// When, RFC 3339.
    pub when: String,
    /// What was done: `create`, `update`, `delete`, `upload`, ….
    pub action: String,
    /// Whether it was done; a refusal has the error's code.
    pub result: String,
    /// The id of the token, or `cli`.
    pub actor: String,
    /// The token's name, or the user of the command line.
    pub actor_name: String,
    /// The address the request came from; empty for the command line.
    pub ip: String,
    /// What kind of thing was changed: `namespace`, `script`, `secret`, `tag`, `token`, `route`, ….
    pub resource: String,
    /// Its name, as `namespace/script` for what belongs to a script.
    pub resource_id: String,
    /// The request, as the answer's header named it.
    pub request_id: String,
}
