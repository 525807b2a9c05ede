//! What exists: tenants, hostnames, scripts, routes, limits. Plain data; never any I/O.

pub mod binding;
pub mod bundle;
pub mod hostname;
pub mod limits;
pub mod route;
pub mod script;
pub mod tenant;

pub use binding::Binding;
pub use bundle::Bundle;
pub use hostname::{Hostname, HostnamePattern};
pub use limits::{Limit, Limits, ScriptLimits};
pub use route::{Origin, Route};
pub use script::{CodeHash, Script};
pub use tenant::{REGULAR, TenantId};
