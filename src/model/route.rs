//! Where a hostname leads.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::hostname::{Hostname, InvalidHostname};
use super::tenant::{InvalidName, TenantId};

/// Where a hostname leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A worker answers; with what the operator says of the hostname, as JSON.
    Worker(TenantId, Option<Arc<str>>),
    /// An existing origin answers; the edge proxies, and keeps responses if this says so, or the settings do.
    Origin(Origin, Option<bool>),
}

/// A plain HTTP origin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether the edge speaks TLS to it.
    pub is_tls: bool,
    /// Its name or address, as dialled and as verified in its certificate.
    pub host: Hostname,
    /// Its port.
    pub port: u16,
}

/// A hostname record as it lies in the store: `{"namespace","worker"}`, `{"worker"}` or `{"origin"}`.
///
/// Fields this version does not know are kept out of the way, so that a newer writer does no harm.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RouteRecord {
    /// The dispatch namespace; without it the worker is a regular one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The worker's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// `http://host:port` or `https://host:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Whether responses of the origin are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// What the worker finds in `request.cf.hostMetadata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A hostname record that leads nowhere; says why.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidRoute {
    /// A name that cannot be used.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// An origin that cannot be used.
    #[error(transparent)]
    Origin(#[from] InvalidOrigin),
    /// Both a worker and an origin, or neither.
    #[error("a hostname leads to either a `worker` or an `origin`; this record has {0}")]
    Ambiguous(&'static str),
    /// A namespace without a worker in it.
    #[error("`namespace` needs a `worker` beside it")]
    NoWorker,
}

/// An origin URL that cannot be used; says why.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InvalidOrigin {
    /// Another scheme than http or https.
    #[error("an origin begins with http:// or https://")]
    Scheme,
    /// The host part is no hostname.
    #[error("the origin's host is not valid: {0}")]
    Host(#[from] InvalidHostname),
    /// A path, query or user name, which an origin does not have.
    #[error("an origin is scheme, host and port only: no path, query or user name")]
    Surplus,
}

impl TryFrom<RouteRecord> for Route {
    type Error = InvalidRoute;

    fn try_from(record: RouteRecord) -> Result<Self, InvalidRoute> {
        let metadata = record.metadata.map(|metadata| metadata.to_string().into());
        match (record.namespace, record.worker, record.origin) {
            (None, None, Some(origin)) => Ok(Self::Origin(Origin::parse(&origin)?, record.cache)),
            (None, Some(worker), None) => Ok(Self::Worker(TenantId::regular(&worker)?, metadata)),
            (Some(namespace), Some(worker), None) => {
                Ok(Self::Worker(TenantId::new(&namespace, &worker)?, metadata))
            }
            (Some(_), None, None) => Err(InvalidRoute::NoWorker),
            (None, None, None) => Err(InvalidRoute::Ambiguous("neither")),
            (_, _, Some(_)) => Err(InvalidRoute::Ambiguous("both")),
        }
    }
}

impl From<&Route> for RouteRecord {
    fn from(route: &Route) -> Self {
        match route {
            Route::Worker(tenant, metadata) => Self {
                namespace: (tenant.namespace() != super::REGULAR)
                    .then(|| tenant.namespace().to_owned()),
                worker: Some(tenant.worker().to_owned()),
                origin: None,
                cache: None,
                metadata: metadata
                    .as_ref()
                    .and_then(|metadata| serde_json::from_str(metadata).ok()),
            },
            Route::Origin(origin, cache) => Self {
                origin: Some(origin.to_string()),
                cache: *cache,
                ..Self::default()
            },
        }
    }
}

impl Origin {
    /// Reads `http://host[:port]` or `https://host[:port]`.
    ///
    /// # Errors
    /// [`InvalidOrigin`], which says what is wrong.
    pub fn parse(url: &str) -> Result<Self, InvalidOrigin> {
        let (is_tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            (None, None) => return Err(InvalidOrigin::Scheme),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(InvalidOrigin::Surplus);
        }
        let host = Hostname::from_host(authority.as_bytes())?;
        let digits = match authority.rfind(']') {
            Some(bracket) => authority[bracket + 1..].strip_prefix(':'),
            None => authority.split_once(':').map(|(_, port)| port),
        };
        let default = if is_tls { 443 } else { 80 };
        let port = digits
            .filter(|d| !d.is_empty())
            .map_or(Ok(default), str::parse)
            .map_err(|_| InvalidHostname::Port)?;
        if port == 0 {
            return Err(InvalidHostname::Port.into());
        }
        Ok(Self { is_tls, host, port })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(json: &str) -> Result<Route, InvalidRoute> {
        Route::try_from(serde_json::from_str::<RouteRecord>(json).expect("JSON"))
    }

    #[test]
    fn a_record_leads_to_one_place() {
        assert_eq!(
            route(r#"{"namespace":"production","worker":"shop"}"#),
            Ok(Route::Worker(
                TenantId::new("production", "shop").expect("valid"),
                None
            ))
        );
        assert_eq!(
            route(r#"{"worker":"a","metadata":{"plan":1}}"#),
            Ok(Route::Worker(
                TenantId::regular("a").expect("valid"),
                Some(r#"{"plan":1}"#.into())
            ))
        );
        assert!(
            matches!(route(r#"{"origin":"https://a.example"}"#), Ok(Route::Origin(o, None)) if o.is_tls && o.port == 443)
        );
    }

    #[test]
    fn a_record_that_leads_nowhere_or_to_two_places_is_refused() {
        for json in [
            r#"{}"#,
            r#"{"namespace":"a"}"#,
            r#"{"worker":"a","origin":"http://b"}"#,
            r#"{"origin":"ftp://b"}"#,
            r#"{"origin":"http://b/path"}"#,
            r#"{"origin":"http://u@b"}"#,
            r#"{"origin":"http://b:0"}"#,
            r#"{"origin":"http://"}"#,
            r#"{"worker":"a:b"}"#,
            r#"{"namespace":"_","worker":"a"}"#,
        ] {
            assert!(route(json).is_err(), "{json}");
        }
    }

    #[test]
    fn origins_are_written_as_they_are_read() {
        for url in [
            "http://127.0.0.1:9000",
            "https://a.example:443",
            "http://[::1]:9000",
        ] {
            assert_eq!(
                Origin::parse(url).map(|o| o.to_string()),
                Ok(url.to_owned())
            );
        }
    }
}
