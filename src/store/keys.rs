//! The only place that spells a key. They are public: operators write them by hand.

use crate::model::{CodeHash, HostnamePattern, TenantId};

/// Before each hostname or wildcard.
pub const HOSTNAME: &str = "cirque:hostname:";
/// Before each script.
pub const SCRIPT: &str = "cirque:script:";
/// Before uploaded bytes, by content.
pub const CODE: &str = "cirque:code:";
/// The prefixes whose changes an edge follows.
pub const FOLLOWED: &[&str] = &[HOSTNAME, SCRIPT];
/// Everything that is ours.
pub const ALL: &[&str] = &["cirque:"];

/// Where a hostname or wildcard leads.
pub fn hostname(pattern: &HostnamePattern) -> String {
    format!("{HOSTNAME}{pattern}")
}

/// A script; the braces keep a namespace's scripts on one node of a Redis Cluster.
pub fn script(tenant: &TenantId) -> String {
    format!("{SCRIPT}{{{}}}:{}", tenant.namespace(), tenant.worker())
}

/// The tenant whose script lies under this key.
pub fn script_tenant(key: &str) -> Option<TenantId> {
    let (namespace, worker) = key
        .strip_prefix(SCRIPT)?
        .strip_prefix('{')?
        .split_once("}:")?;
    TenantId::parse(&format!("{namespace}/{worker}")).ok()
}

/// Uploaded bytes.
pub fn code(hash: &CodeHash) -> String {
    format!("{CODE}{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_key_leads_back_to_its_tenant() {
        for text in ["production/shop", "shop"] {
            let tenant = TenantId::parse(text).expect("valid");
            assert_eq!(script_tenant(&script(&tenant)), Some(tenant));
        }
        assert_eq!(script_tenant("cirque:script:shop"), None);
    }
}
