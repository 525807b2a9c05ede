//! The only place that spells a key. They are public: operators write them by hand.

use crate::model::{CacheOwner, CodeHash, HostnamePattern, TenantId};

/// Before each hostname or wildcard.
pub const HOSTNAME: &str = "cirque:hostname:";
/// Before each script.
pub const SCRIPT: &str = "cirque:script:";
/// Before each dispatch namespace.
pub const NAMESPACE: &str = "cirque:namespace:";
/// Before uploaded bytes, by content.
pub const CODE: &str = "cirque:code:";
/// Before static assets and their lists, by content.
pub const ASSET: &str = "cirque:asset:";
/// The account and what all nodes share.
pub const ACCOUNT: &str = "cirque:account";
/// The dispatch namespaces' names, a set.
pub const NAMESPACES: &str = "cirque:namespaces";
/// The hashes of all tokens, a set.
pub const TOKENS: &str = "cirque:tokens";
/// What was changed, a set, the newest first.
pub const AUDIT: &str = "cirque:audit";
/// The hostnames that regular workers have as domains or routes, a set.
pub const DOMAINS: &str = "cirque:domains";
/// The names of regular workers that run at times, a set.
pub const CRONS: &str = "cirque:crons:{_}";
/// The last minute whose workers were run, in minutes since 1970.
pub const CRONS_MINUTE: &str = "cirque:crons-minute:{_}";
/// Before what is to be forgotten by caches.
pub const PURGE: &str = "cirque:purge:";
/// Before each key-value namespace.
pub const KV_NAMESPACE: &str = "cirque:kv-namespace:";
/// Before each value of a key-value namespace.
pub const KV: &str = "cirque:kv:";
/// The ids of the key-value namespaces, a set; one that is deleted stays until its values are gone.
pub const KV_NAMESPACES: &str = "cirque:kv-namespaces";
/// The prefixes whose changes an edge follows.
pub const FOLLOWED: &[&str] = &[HOSTNAME, SCRIPT, NAMESPACE, PURGE, KV_NAMESPACE, KV];
/// The prefixes of what an edge cannot be without: where all of it is gone, the store has lost it.
pub const RECORDS: &[&str] = &[HOSTNAME, SCRIPT, NAMESPACE];

/// What is to be forgotten of an owner's cached responses.
pub fn purge(owner: &CacheOwner) -> String {
    format!("{PURGE}{owner}")
}

/// Where a hostname or wildcard leads.
pub fn hostname(pattern: &HostnamePattern) -> String {
    format!("{HOSTNAME}{pattern}")
}

/// A domain or route of a regular worker: how it came to be.
pub fn domain(pattern: &HostnamePattern) -> String {
    format!("cirque:domain:{pattern}")
}

/// A namespace; the braces keep all that belongs to one on one node of a Redis Cluster.
pub fn namespace(name: &str) -> String {
    format!("{NAMESPACE}{{{name}}}")
}

/// A script.
pub fn script(tenant: &TenantId) -> String {
    format!("{SCRIPT}{{{}}}:{}", tenant.namespace(), tenant.worker())
}

/// The names of a namespace's scripts, a set.
pub fn scripts(namespace: &str) -> String {
    format!("cirque:scripts:{{{namespace}}}")
}

/// The names of the scripts of a namespace that have a tag, a set.
pub fn tagged(namespace: &str, tag: &str) -> String {
    format!("cirque:tagged:{{{namespace}}}:{tag}")
}

/// One version of a script.
pub fn version(tenant: &TenantId, id: &str) -> String {
    format!(
        "cirque:version:{{{}}}:{}:{id}",
        tenant.namespace(),
        tenant.worker()
    )
}

/// The versions of a script that are kept, and which of them serves.
pub fn deployments(tenant: &TenantId) -> String {
    format!(
        "cirque:deployments:{{{}}}:{}",
        tenant.namespace(),
        tenant.worker()
    )
}

/// The files that were uploaded for a script, a set: the uploader's own hash of each, and what it stands for. No script
/// knows those of another.
pub fn files(tenant: &TenantId) -> String {
    format!(
        "cirque:files:{{{}}}:{}",
        tenant.namespace(),
        tenant.worker()
    )
}

/// A token, by its keyed hash.
pub fn token(hash: &str) -> String {
    format!("cirque:token:{hash}")
}

/// The namespace whose record lies under this key.
pub fn namespace_name(key: &str) -> Option<&str> {
    key.strip_prefix(NAMESPACE)?
        .strip_prefix('{')?
        .strip_suffix('}')
}

/// The tenant whose script lies under this key.
pub fn script_tenant(key: &str) -> Option<TenantId> {
    let (namespace, worker) = key
        .strip_prefix(SCRIPT)?
        .strip_prefix('{')?
        .split_once("}:")?;
    TenantId::parse(&format!("{namespace}/{worker}")).ok()
}

/// A key-value namespace; as above, the braces keep all that belongs to one on one node.
pub fn kv_namespace(id: &str) -> String {
    format!("{KV_NAMESPACE}{{{id}}}")
}

/// A key-value namespace that is deleted, whose values are being removed.
pub fn kv_gone(id: &str) -> String {
    format!("cirque:kv-gone:{{{id}}}")
}

/// The key-value namespace that has a title.
pub fn kv_title(title: &str) -> String {
    format!("cirque:kv-title:{title}")
}

/// Before the values of a key-value namespace.
pub fn kv_values(id: &str) -> String {
    format!("{KV}{{{id}}}:")
}

/// A value of a key-value namespace.
pub fn kv_value(id: &str, key: &str) -> String {
    format!("{KV}{{{id}}}:{key}")
}

/// The keys of a key-value namespace, a set.
pub fn kv_keys(id: &str) -> String {
    format!("cirque:kv-keys:{{{id}}}")
}

/// Those of them that end, a set in the order of their ends.
pub fn kv_ends(id: &str) -> String {
    format!("cirque:kv-ends:{{{id}}}")
}

/// A static asset, or a list of them.
pub fn asset(hash: &CodeHash) -> String {
    format!("{ASSET}{hash}")
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
