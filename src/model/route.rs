//! Where a hostname leads.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::custom_hostname::{HostnameStatus, SslMethod, TlsSettings};
use super::hostname::{Hostname, InvalidHostname};
use super::tenant::{InvalidName, TenantId};

/// Where a hostname leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A worker answers; with what the operator says of the hostname, as JSON.
    Worker(TenantId, Option<Arc<str>>),
    /// An existing origin answers; the edge proxies, and keeps responses if this says so, or the settings do.
    Origin(Origin, Option<bool>),
    /// A custom hostname that leads where its zone (by id) does; with what is said of the hostname, as JSON.
    Zone(Box<str>, Option<Arc<str>>),
    /// A custom hostname that is not served.
    Inactive(HostnameStatus),
    /// Where a custom hostname of this zone leads: any of the others.
    Custom(Box<str>, Arc<Route>),
}

impl Route {
    /// Where it leads, whosever it is.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Custom(_, route) => route.plain(),
            route => route,
        }
    }
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
    /// The name in TLS, where it is not the host's.
    pub sni: Option<OriginSni>,
    /// Authorities its certificate may come from, PEM; without them those of the settings.
    pub ca: Option<Arc<str>>,
    /// Whether somebody else than the operator may have named it, so that it must not lead into his network.
    pub is_customers: bool,
}

/// The name that an origin is asked for in TLS, and that its certificate must have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OriginSni {
    /// The hostname that the visitor asked for.
    Request,
    /// Always this one.
    Name(Hostname),
}

/// How [`OriginSni::Request`] is written.
///
/// Source: Cloudflare docs, "Custom origin server: SNI rewrites".
pub const SNI_OF_REQUEST: &str = ":request_host_header:";

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
    /// Whether the origin must be at a public address, or one that `egress.allow_addresses` names.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub origin_public_only: bool,
    /// The name sent to the origin in TLS, where it is not the origin's own; or `:request_host_header:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_sni: Option<String>,
    /// Authorities that the origin's certificate may come from, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_ca: Option<String>,
    /// Whether it is served; absent, it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<HostnameStatus>,
    /// The certificate that is wanted for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl: Option<WantedSsl>,
    /// The id of its zone, which says where it leads if nothing here does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The id of the custom hostname that it was written for; absent where somebody wrote it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<String>,
    /// The revision of the custom hostname that it was written from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

/// The certificate that is wanted for a hostname, as its record says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WantedSsl {
    /// How control is proven to the certificate authority.
    #[serde(default)]
    pub method: SslMethod,
    /// Whether the certificate covers the names below the hostname too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wildcard: bool,
    /// Which authority is asked; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate_authority: String,
    /// Settings of the TLS listener for this hostname.
    #[serde(default)]
    pub settings: TlsSettings,
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
    /// A name for the origin's TLS that is none.
    #[error("`origin_sni` is a hostname, or `{SNI_OF_REQUEST}`: {0}")]
    Sni(InvalidHostname),
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
        let mut record = record;
        if record.custom.take().is_some()
            && let Some(zone) = record.zone.clone()
        {
            let route = Self::try_from(record)?;
            return Ok(Self::Custom(zone.into(), Arc::new(route)));
        }
        let status = record.status.unwrap_or_default();
        if !status.is_active() {
            return Ok(Self::Inactive(status));
        }
        let metadata = record.metadata.map(|metadata| metadata.to_string().into());
        match (record.namespace, record.worker, record.origin) {
            (None, None, Some(origin)) => {
                let mut origin = Origin::parse(&origin)?;
                origin.sni = match record.origin_sni.as_deref() {
                    None => None,
                    Some(SNI_OF_REQUEST) => Some(OriginSni::Request),
                    Some(name) => Some(OriginSni::Name(
                        Hostname::parse(name).map_err(InvalidRoute::Sni)?,
                    )),
                };
                origin.ca = record.origin_ca.map(Into::into);
                origin.is_customers = record.origin_public_only;
                Ok(Self::Origin(origin, record.cache))
            }
            (None, Some(worker), None) => Ok(Self::Worker(TenantId::regular(&worker)?, metadata)),
            (Some(namespace), Some(worker), None) => {
                Ok(Self::Worker(TenantId::new(&namespace, &worker)?, metadata))
            }
            (Some(_), None, None) => Err(InvalidRoute::NoWorker),
            (None, None, None) => match record.zone {
                Some(zone) => Ok(Self::Zone(zone.into(), metadata)),
                None => Err(InvalidRoute::Ambiguous("neither")),
            },
            (_, _, Some(_)) => Err(InvalidRoute::Ambiguous("both")),
        }
    }
}

impl From<&Route> for RouteRecord {
    fn from(route: &Route) -> Self {
        match route.plain() {
            Route::Custom(..) => Self::default(),
            Route::Worker(tenant, metadata) => Self {
                namespace: (tenant.namespace() != super::REGULAR)
                    .then(|| tenant.namespace().to_owned()),
                worker: Some(tenant.worker().to_owned()),
                metadata: parsed(metadata),
                ..Self::default()
            },
            Route::Origin(origin, cache) => Self {
                origin: Some(origin.to_string()),
                origin_public_only: origin.is_customers,
                cache: *cache,
                origin_sni: origin.sni.as_ref().map(|sni| match sni {
                    OriginSni::Request => SNI_OF_REQUEST.to_owned(),
                    OriginSni::Name(name) => name.to_string(),
                }),
                origin_ca: origin.ca.as_deref().map(str::to_owned),
                ..Self::default()
            },
            Route::Zone(zone, metadata) => Self {
                zone: Some(zone.to_string()),
                metadata: parsed(metadata),
                ..Self::default()
            },
            Route::Inactive(status) => Self {
                status: Some(*status),
                ..Self::default()
            },
        }
    }
}

fn parsed(metadata: &Option<Arc<str>>) -> Option<Value> {
    serde_json::from_str(metadata.as_deref()?).ok()
}

impl Origin {
    /// Reads what names an origin server through the API: a hostname or address, with or without port, which is spoken to
    /// over https; or as [`Origin::parse`].
    ///
    /// # Errors
    /// [`InvalidOrigin`], which says what is wrong.
    pub fn of_server(text: &str) -> Result<Self, InvalidOrigin> {
        let origin = match text.contains("://") {
            true => Self::parse(text),
            false => Self::parse(&format!("https://{text}")),
        }?;
        Ok(Self {
            is_customers: true,
            ..origin
        })
    }

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
        Ok(Self {
            is_tls,
            host,
            port,
            sni: None,
            ca: None,
            is_customers: false,
        })
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
