//! What caches are to forget, on every node.

use std::collections::BTreeSet;

use url::Url;

use super::{Control, ControlError, json};
use crate::cache;
use crate::model::route::RouteRecord;
use crate::model::{
    CacheOwner, Hostname, HostnamePattern, Origin, Purge, PurgeLog, REGULAR, Route, TenantId,
};
use crate::store::{Write, keys};

/// Things that one request may have forgotten.
pub const PURGES_MAX: usize = 500;
/// Hostnames that are looked at at a time.
const PAGE: usize = 500;

impl Control {
    /// Has all nodes forget something of a worker's responses.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] when there is no such worker.
    pub async fn purge_worker(
        &self,
        tenant: &TenantId,
        purges: &[Purge],
    ) -> Result<(), ControlError> {
        self.script(tenant).await?;
        self.purge(&CacheOwner::Worker(tenant.clone()), purges)
            .await?;
        let namespace = tenant.namespace();
        // Workers that are trusted share what they keep.
        if namespace != REGULAR
            && let Ok(record) = self.namespace(namespace).await
            && record.trusted_workers
        {
            let owner = CacheOwner::Namespace(namespace.to_owned());
            self.purge(&owner, purges).await?;
        }
        Ok(())
    }

    /// Has all nodes forget something of the responses of a zone's hostnames.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn purge_zone(&self, zone: &str, purges: &[Purge]) -> Result<(), ControlError> {
        let is_ours = |pattern: &HostnamePattern| {
            let name = pattern.to_string();
            let name = name.trim_start_matches("*.");
            let mut suffixes = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
            zone_id(name) == zone || suffixes.any(|suffix| zone_id(suffix) == zone)
        };
        let named = self.domains().await?.into_iter();
        let mut named: BTreeSet<String> = named
            .filter(|domain| domain.zone_id == zone)
            .map(|domain| domain.hostname)
            .collect();
        let set = keys::custom_hostnames(zone);
        let members = self.store.members(&set, "", usize::MAX >> 1).await?;
        let names = members.iter().filter_map(|member| member.split_once(' '));
        named.extend(names.map(|(name, _)| name.to_owned()));
        let mut after = String::new();
        let mut done = BTreeSet::new();
        loop {
            let keys = self.store.list(keys::HOSTNAME, &after, PAGE).await?;
            let Some(last) = keys.last() else {
                return Ok(());
            };
            after.clone_from(last);
            let patterns = keys.iter().filter_map(|key| {
                let pattern = HostnamePattern::parse(key.strip_prefix(keys::HOSTNAME)?).ok()?;
                (is_ours(&pattern) || named.contains(&pattern.to_string())).then_some(pattern)
            });
            for pattern in patterns.collect::<Vec<_>>() {
                self.purge_hostname(&pattern, purges, &mut done).await?;
            }
        }
    }

    /// Has all nodes forget something of the responses behind a hostname.
    ///
    /// # Errors
    /// [`ControlError::Nothing`] when the hostname leads nowhere.
    pub async fn purge_host(&self, host: &Hostname, purges: &[Purge]) -> Result<(), ControlError> {
        let pattern = HostnamePattern::Exact(host.clone());
        let is_there = self
            .purge_hostname(&pattern, purges, &mut BTreeSet::new())
            .await?;
        match is_there {
            true => Ok(()),
            false => Err(ControlError::Nothing {
                what: "hostname",
                name: host.to_string(),
            }),
        }
    }

    async fn purge_hostname(
        &self,
        pattern: &HostnamePattern,
        purges: &[Purge],
        workers: &mut BTreeSet<TenantId>,
    ) -> Result<bool, ControlError> {
        let Some((record, _)) = self.read::<RouteRecord>(&keys::hostname(pattern)).await? else {
            return Ok(false);
        };
        match Route::try_from(record).map(|route| route.plain().clone()) {
            Ok(Route::Worker(tenant, _)) => {
                // Several hostnames may lead to one worker, and a record may name one that is not there.
                if workers.insert(tenant.clone()) {
                    match self.purge_worker(&tenant, purges).await {
                        Err(ControlError::NoScript(_)) => {}
                        result => result?,
                    }
                }
            }
            Ok(Route::Origin(origin, _)) => {
                self.purge_origin(pattern, origin, purges).await?;
            }
            Ok(Route::Zone(zone, _)) => {
                // A worker that stands before the zone is purged by its own name.
                let fallback = self.fallback_origin(&zone).await;
                let origin = fallback.ok().map(|fallback| fallback.origin);
                let origin = origin.and_then(|origin| Origin::of_server(&origin).ok());
                let Some(origin) = origin else {
                    return Ok(false);
                };
                self.purge_origin(pattern, origin, purges).await?;
            }
            Ok(Route::Inactive(_) | Route::Custom(..)) | Err(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Has all nodes forget what an origin has answered for one hostname: others may lead to it too.
    async fn purge_origin(
        &self,
        pattern: &HostnamePattern,
        origin: Origin,
        purges: &[Purge],
    ) -> Result<(), ControlError> {
        let ours = purges.iter().map(|purge| match purge {
            Purge::Everything => Purge::Host(pattern.to_string()),
            other => other.clone(),
        });
        let ours: Vec<Purge> = ours.collect();
        self.purge(&CacheOwner::Origin(origin), &ours).await
    }

    async fn purge(&self, owner: &CacheOwner, purges: &[Purge]) -> Result<(), ControlError> {
        let key = keys::purge(owner);
        for _ in 0..super::ATTEMPTS {
            let found = self.store.get(std::slice::from_ref(&key)).await?;
            let before = found.into_iter().next().flatten();
            let log = before.as_ref().map(|bytes| serde_json::from_slice(bytes));
            // One that cannot be read begins anew, far beyond any number that a node may have seen.
            let mut log: PurgeLog = match log {
                None => PurgeLog::default(),
                Some(Ok(log)) => log,
                Some(Err(_)) => PurgeLog {
                    last: u64::MAX >> 1,
                    purges: vec![Purge::Everything],
                },
            };
            log.add(purges.iter().cloned());
            let put = Write::Put(key.clone(), json(&log));
            if self
                .store
                .write_if(&[(key.clone(), before)], &[put])
                .await?
            {
                return Ok(());
            }
        }
        Err(ControlError::Busy)
    }
}

pub use crate::model::custom_hostname::zone_id;

/// The URL that is to be forgotten, as it stands in caches.
///
/// # Errors
/// [`ControlError::Invalid`], which says what to write.
pub fn url(text: &str) -> Result<Purge, ControlError> {
    let url = Url::parse(text).ok().filter(|url| url.has_host());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| {
        invalid(
            text,
            "no URL; write it whole, as in https://example.com/logo.png",
        )
    })?;
    Ok(Purge::Url(cache::address(&url)))
}

/// The beginning of URLs that are to be forgotten: a host and a path, without a scheme.
///
/// # Errors
/// [`ControlError::Invalid`], which says what to write.
pub fn prefix(text: &str) -> Result<Purge, ControlError> {
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    let url = Url::parse(&format!("http://{bare}")).ok();
    let url = url.filter(|_| !bare.is_empty() && !bare.contains(['?', '#', '@']));
    let url = url.ok_or_else(|| {
        invalid(
            text,
            "no prefix; write a host and a path, as in example.com/images",
        )
    })?;
    let address: String = url.into();
    let address = address.trim_start_matches("http://");
    // A host alone is a prefix too.
    let address = match bare.contains('/') {
        true => address,
        false => address.trim_end_matches('/'),
    };
    Ok(Purge::Prefix(address.to_owned()))
}

/// The host whose responses are to be forgotten.
///
/// # Errors
/// [`ControlError::Invalid`], which says what to write.
pub fn host(text: &str) -> Result<Purge, ControlError> {
    let host = Hostname::parse(text);
    let host = host.map_err(|error| invalid(text, &format!("no hostname: {error}")))?;
    Ok(Purge::Host(host.to_string()))
}

/// The tag whose responses are to be forgotten.
///
/// # Errors
/// [`ControlError::Invalid`], which says what to write.
pub fn tag(text: &str) -> Result<Purge, ControlError> {
    let is_tag =
        !text.is_empty() && text.len() <= 1_024 && !text.contains([',', ' ']) && text.is_ascii();
    match is_tag {
        true => Ok(Purge::Tag(text.to_ascii_lowercase())),
        false => Err(invalid(
            text,
            "no tag; a tag has 1 to 1024 ASCII characters, none of them a comma or a space",
        )),
    }
}

fn invalid(text: &str, why: &str) -> ControlError {
    let shown: String = text.chars().take(128).collect();
    ControlError::Invalid(format!("{shown:?} is {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_forgotten_is_written_as_caches_write_it() {
        for (found, expected) in [
            (
                url("HTTPS://Example.com:443/a?b#c"),
                Purge::Url("https://example.com/a?b".into()),
            ),
            (
                prefix("Example.com/images"),
                Purge::Prefix("example.com/images".into()),
            ),
            (
                prefix("https://example.com/"),
                Purge::Prefix("example.com/".into()),
            ),
            (prefix("example.com"), Purge::Prefix("example.com".into())),
            (host("Example.com"), Purge::Host("example.com".into())),
            (tag("Blue"), Purge::Tag("blue".into())),
        ] {
            assert_eq!(found.expect("valid"), expected);
        }
        for found in [
            url("/a"),
            url("example.com/a"),
            url("ftp://example.com/"),
            prefix(""),
            prefix("a b"),
            prefix("example.com/?a"),
            host("a b"),
            host(""),
            tag(""),
            tag("a,b"),
            tag("a b"),
            tag("\u{e9}"),
        ] {
            assert!(matches!(found, Err(ControlError::Invalid(_))), "{found:?}");
        }
    }
}
