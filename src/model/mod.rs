//! What exists: tenants, hostnames, scripts, routes, limits, tokens. Plain data; never any I/O.

pub mod assets;
pub mod audit;
pub mod binding;
pub mod bundle;
pub mod cache;
pub mod cron;
pub mod custom_hostname;
pub mod hostname;
pub mod kv;
pub mod limits;
pub mod message;
pub mod namespace;
pub mod point;
pub mod rate;
pub mod route;
pub mod script;
pub mod status;
pub mod tag;
pub mod tenant;
pub mod token;

pub use assets::{Assets, AssetsConfig};
pub use audit::AuditRecord;
pub use binding::Binding;
pub use bundle::Bundle;
pub use cache::{CacheOwner, Purge, PurgeLog};
pub use custom_hostname::{CertificateRecord, CustomHostname, HostnameStatus, Zone};
pub use hostname::{Hostname, HostnamePattern};
pub use kv::{KvKey, KvNamespace};
pub use limits::{Limit, Limits, ScriptLimits};
pub use namespace::Namespace;
pub use route::{Origin, Route};
pub use script::{CodeHash, Script};
pub use status::Status;
pub use tag::TagFilter;
pub use tenant::{REGULAR, TenantId};
pub use token::Token;
