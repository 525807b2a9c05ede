//! The only place that spells a key. They are public: operators write them by hand.

use crate::model::usage::Day;
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
/// Before each certificate that is served, by hostname or wildcard.
pub const CERTIFICATE: &str = "cirque:certificate:";
/// Before what a certificate authority looks for at this edge.
pub const CHALLENGE: &str = "cirque:challenge:";
/// Before each zone.
pub const ZONE: &str = "cirque:zone:";
/// Before each custom hostname, by its id.
pub const CUSTOM_HOSTNAME: &str = "cirque:custom-hostname:";
/// Before the certificates of a custom hostname that does not hold its hostname.
pub const KEPT_CERTIFICATES: &str = "cirque:kept-certificates:";
/// Before each signing request.
pub const CSR: &str = "cirque:csr:";
/// Before each account at a certificate authority.
pub const ACME_ACCOUNT: &str = "cirque:acme-account:";
/// When custom hostnames are looked at next, a set in the order of time: `<seconds, 10 digits> <id>`.
pub const CUSTOM_HOSTNAMES_DUE: &str = "cirque:custom-hostnames-due";
/// Which node looks after custom hostnames.
pub const CUSTOM_HOSTNAMES_LEASE: &str = "cirque:custom-hostnames-lease";
/// The orders at certificate authorities that began lately, a set in the order of time.
pub const ACME_ORDERS: &str = "cirque:acme-orders";
/// Before each value of a key-value namespace.
pub const KV: &str = "cirque:kv:";
/// The ids of the key-value namespaces, a set; one that is deleted stays until its values are gone.
pub const KV_NAMESPACES: &str = "cirque:kv-namespaces";
/// The days that something was used up on, a set; `<day> sum` for one whose reports were all put together.
pub const USAGE_DAYS: &str = "cirque:usage-days";
/// The hour in which reports of usage were last put together, in hours since 1970.
pub const USAGE_PASS: &str = "cirque:usage-pass";
/// The tails that are open, one list.
pub const TAILS: &str = "cirque:tails:{_}";
/// Before each tail that is read at the moment; such a key ends by itself.
pub const TAIL_READ: &str = "cirque:tail-read:";
/// Before each tail's channel, on which nodes send its events.
pub const TAIL_EVENTS: &str = "cirque:tail-events:";
/// The prefixes whose changes an edge follows.
pub const FOLLOWED: &[&str] = &[
    HOSTNAME,
    SCRIPT,
    NAMESPACE,
    PURGE,
    KV_NAMESPACE,
    KV,
    CERTIFICATE,
    CHALLENGE,
    ZONE,
    TAILS,
    TAIL_READ,
];
/// The prefixes of what an edge cannot be without: where all of it is gone, the store has lost it.
pub const RECORDS: &[&str] = &[HOSTNAME, SCRIPT, NAMESPACE, CERTIFICATE];

/// What is to be forgotten of an owner's cached responses.
pub fn purge(owner: &CacheOwner) -> String {
    format!("{PURGE}{owner}")
}

/// Where a hostname or wildcard leads.
pub fn hostname(pattern: &HostnamePattern) -> String {
    format!("{HOSTNAME}{pattern}")
}

/// A custom hostname.
pub fn custom_hostname(id: &str) -> String {
    format!("{CUSTOM_HOSTNAME}{id}")
}

/// The custom hostnames of a zone, a set: `<hostname> <id>`.
pub fn custom_hostnames(zone: &str) -> String {
    format!("cirque:custom-hostnames:{zone}")
}

/// The id of the custom hostname of a zone that has a hostname or wildcard: there is one.
pub fn custom_hostname_in(zone: &str, pattern: &HostnamePattern) -> String {
    format!("cirque:custom-hostname-in:{zone}:{pattern}")
}

/// The certificates of a custom hostname that does not hold its hostname (yet, or any more).
pub fn kept_certificates(id: &str) -> String {
    format!("{KEPT_CERTIFICATES}{id}")
}

/// The ids of the custom hostnames that claim one hostname or wildcard, a set.
pub fn claims(pattern: &HostnamePattern) -> String {
    format!("cirque:claims:{pattern}")
}

/// Who had a hostname before, and until when that counts.
pub fn released(pattern: &HostnamePattern) -> String {
    format!("cirque:released:{pattern}")
}

/// The certificate that is served for a hostname or wildcard.
pub fn certificate(pattern: &HostnamePattern) -> String {
    format!("{CERTIFICATE}{pattern}")
}

/// The answer to an http-01 challenge, by its token (RFC 8555 §8.3).
pub fn http_challenge(token: &str) -> String {
    format!("{CHALLENGE}http:{token}")
}

/// The answer to a tls-alpn-01 challenge, by its hostname (RFC 8737).
pub fn alpn_challenge(hostname: &str) -> String {
    format!("{CHALLENGE}alpn:{hostname}")
}

/// The answers to dns-01 challenges for a name below the delegated zone, a list (RFC 8555 §8.4).
pub fn dns_challenge(label: &str) -> String {
    format!("{CHALLENGE}dns:{label}")
}

/// Those of one registered domain.
pub fn acme_orders(domain: &str) -> String {
    format!("{ACME_ORDERS}:{domain}")
}

/// The account at a certificate authority, by the authority's name.
pub fn acme_account(authority: &str) -> String {
    format!("{ACME_ACCOUNT}{authority}")
}

/// A zone.
pub fn zone(id: &str) -> String {
    format!("{ZONE}{id}")
}

/// A certificate signing request that was made for somebody, by its id.
pub fn csr(id: &str) -> String {
    format!("{CSR}{id}")
}

/// The signing requests of a zone or account, a set of ids.
pub fn csrs(owner: &str) -> String {
    format!("cirque:csrs:{owner}")
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

/// Who used something up on a day, a set: `<namespace>/<name> <boot id>`, or `<namespace>/<name> sum`.
pub fn usage_day(day: Day) -> String {
    format!("{USAGE_DAYS}:{day}")
}

/// What a tenant used up on a day, as one process counted it (`boot`), or all of them (`sum`).
pub fn usage(tenant: &TenantId, day: Day, boot: &str) -> String {
    format!(
        "cirque:usage:{{{}}}:{}:{day}:{boot}",
        tenant.namespace(),
        tenant.worker()
    )
}

/// An open tail; the braces keep it beside the list of all.
pub fn tail(id: &str) -> String {
    format!("cirque:tail:{{_}}:{id}")
}

/// Who reads a tail at the moment.
pub fn tail_read(id: &str) -> String {
    format!("{TAIL_READ}{id}")
}

/// The channel of a tail.
pub fn tail_events(id: &str) -> String {
    format!("{TAIL_EVENTS}{id}")
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
