//! Domains and routes of regular workers: hostnames that lead to them.

use serde::{Deserialize, Serialize};

use super::{Control, ControlError, json, now, stable_id};
use crate::model::route::RouteRecord;
use crate::model::{HostnamePattern, Route, TenantId};
use crate::store::{Write, keys};

/// How a hostname came to lead to a regular worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// 32 hex digits.
    pub id: String,
    /// Whether it is a domain or a route.
    pub kind: DomainKind,
    /// The hostname or wildcard.
    pub hostname: String,
    /// A route's pattern as it was given, `*.example.com/*`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// The worker; a route without one leads nowhere on purpose.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The zone's id.
    #[serde(default)]
    pub zone_id: String,
    /// The zone's name.
    #[serde(default)]
    pub zone_name: String,
    /// When it was made, RFC 3339.
    pub created_on: String,
}

/// Cloudflare's two ways to lead a hostname to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainKind {
    /// `workers/domains`: the worker is the hostname's origin.
    Domain,
    /// `workers/routes`: a pattern in a zone.
    Route,
}

/// A domain or route to make.
#[derive(Clone, Debug)]
pub struct NewDomain {
    /// Which of the two.
    pub kind: DomainKind,
    /// The hostname, or a route's pattern.
    pub pattern: String,
    /// The worker.
    pub service: String,
    /// The zone's id.
    pub zone_id: String,
    /// The zone's name.
    pub zone_name: String,
}

impl Control {
    /// Leads a hostname to a regular worker, wherever it led before.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] when there is no such worker, [`ControlError::Invalid`] for a pattern that is none.
    pub async fn put_domain(&self, new: NewDomain) -> Result<Domain, ControlError> {
        let hostname = match new.kind {
            DomainKind::Domain => parse(&new.pattern)?,
            DomainKind::Route => route_hostname(&new.pattern)?,
        };
        let worker = TenantId::regular(&new.service)?;
        self.script(&worker).await?;
        let domain = Domain {
            id: stable_id(&format!("{:?} {hostname}", new.kind)),
            kind: new.kind,
            hostname: hostname.to_string(),
            pattern: match new.kind {
                DomainKind::Domain => String::new(),
                DomainKind::Route => new.pattern,
            },
            service: new.service,
            zone_id: new.zone_id,
            zone_name: new.zone_name,
            created_on: now(),
        };
        let record = RouteRecord::from(&Route::Worker(worker, None));
        let changes = [
            Write::Put(keys::domain(&hostname), json(&domain)),
            Write::Add(keys::DOMAINS.to_owned(), hostname.to_string()),
            Write::Put(keys::hostname(&hostname), json(&record)),
        ];
        self.store.write(&changes).await?;
        Ok(domain)
    }

    /// All domains and routes, in the order of their hostnames.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn domains(&self) -> Result<Vec<Domain>, ControlError> {
        let names = self
            .store
            .members(keys::DOMAINS, "", usize::MAX >> 1)
            .await?;
        let parsed = names
            .iter()
            .filter_map(|name| HostnamePattern::parse(name).ok());
        let records: Vec<String> = parsed.map(|hostname| keys::domain(&hostname)).collect();
        let found = self.store.get(&records).await?;
        let read = |bytes: Option<bytes::Bytes>| serde_json::from_slice(&bytes?).ok();
        Ok(found.into_iter().filter_map(read).collect())
    }

    /// The domain or route of this id.
    ///
    /// # Errors
    /// [`ControlError::Nothing`] when there is none.
    pub async fn domain(&self, id: &str) -> Result<Domain, ControlError> {
        let all = self.domains().await?;
        let found = all.into_iter().find(|domain| domain.id == id);
        found.ok_or_else(|| ControlError::Nothing {
            what: "domain or route",
            name: id.chars().take(64).collect(),
        })
    }

    /// Takes a domain or route away; its hostname leads nowhere, unless somebody has led it elsewhere since.
    ///
    /// # Errors
    /// [`ControlError::Nothing`] when there is none.
    pub async fn delete_domain(&self, id: &str) -> Result<Domain, ControlError> {
        let domain = self.domain(id).await?;
        let hostname = parse(&domain.hostname)?;
        let (key, record) = (keys::hostname(&hostname), keys::domain(&hostname));
        let forget = [
            Write::Delete(record),
            Write::Remove(keys::DOMAINS.to_owned(), domain.hostname.clone()),
        ];
        self.store.write(&forget).await?;
        if let Some((route, bytes)) = self.read::<RouteRecord>(&key).await?
            && route.namespace.is_none()
            && route.worker.as_deref() == Some(&domain.service)
        {
            self.store
                .write_if(&[(key.clone(), Some(bytes))], &[Write::Delete(key)])
                .await?;
        }
        Ok(domain)
    }
}

fn parse(hostname: &str) -> Result<HostnamePattern, ControlError> {
    HostnamePattern::parse(hostname).map_err(|error| {
        let shown: String = hostname.chars().take(64).collect();
        ControlError::Invalid(format!("{shown:?}: {error}"))
    })
}

/// The hostname of a route's pattern. Cirque routes whole hostnames, so a pattern has no path of its own.
///
/// Source: Cloudflare docs, Workers, "Routes": `*/*` is every hostname.
fn route_hostname(pattern: &str) -> Result<HostnamePattern, ControlError> {
    let bare = pattern
        .strip_prefix("https://")
        .or_else(|| pattern.strip_prefix("http://"))
        .unwrap_or(pattern);
    let (host, path) = bare.split_once('/').unwrap_or((bare, "*"));
    if !matches!(path, "*" | "") {
        let shown: String = pattern.chars().take(128).collect();
        return Err(ControlError::Unsupported(format!(
            "the route {shown:?} is for a part of a hostname; Cirque leads whole hostnames (`<hostname>/*`), and a \
             dispatch worker tells paths apart"
        )));
    }
    parse(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routes_pattern_is_a_whole_hostname() {
        for (pattern, hostname) in [
            ("example.com/*", "example.com"),
            ("https://example.com/*", "example.com"),
            ("*.example.com/*", "*.example.com"),
            ("example.com", "example.com"),
            ("example.com/", "example.com"),
            ("*/*", "*"),
        ] {
            let found = route_hostname(pattern).expect(pattern).to_string();
            assert_eq!(found, hostname, "{pattern}");
        }
        for pattern in ["example.com/api/*", "*example.com/*", "", "/*", "a b/*"] {
            assert!(route_hostname(pattern).is_err(), "{pattern}");
        }
    }
}
