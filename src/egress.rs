//! The only way out for guests: resolve, refuse private addresses on the address actually dialled, connect, send.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hickory_resolver::TokioResolver;
use http::{Request, Response, Uri, header};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ipnet::IpNet;
use moka::sync::Cache;
use thiserror::Error;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::conf::EgressConf;
use crate::model::TenantId;

/// Tenants whose connections are kept at a time; a tenant beyond it connects anew.
const CLIENTS_MAX: u64 = 10_000;
/// HTTP's own ports; all others below 1024 belong to services that speak something else.
const PORTS_BELOW_1024: [u16; 2] = [80, 443];

/// What an outgoing body may fail with.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;
/// A request's body on its way out.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Sends guests' requests.
///
/// Connections are pooled per tenant, so that nothing an origin sends on one tenant's connection can
/// ever be read by another.
pub struct Egress {
    clients: Cache<TenantId, Client<HttpsConnector<Dialler>, Body>>,
    dialler: Dialler,
    tls: Arc<rustls::ClientConfig>,
    conf: EgressConf,
}

/// Why a request could not be sent.
#[derive(Debug, Error)]
pub enum EgressError {
    /// The address is private, and not among `egress.allow_addresses`.
    #[error("{0} is not a public address, and `egress.allow_addresses` does not allow it")]
    Prohibited(IpAddr),
    /// The port belongs to no HTTP service.
    #[error("port {0} is not for HTTP: guests reach ports 80, 443 and those from 1024")]
    Port(u16),
    /// The URL has no host, or one that is none.
    #[error("the URL has no usable host")]
    Host,
    /// The name does not resolve.
    #[error("{name} does not resolve: {reason}")]
    Dns {
        /// The name.
        name: String,
        /// What the resolver said.
        reason: String,
    },
    /// No address of the host takes connections.
    #[error("the host refuses connections: {0}")]
    Refused(std::io::Error),
    /// Connecting took too long.
    #[error("no connection within {} ms", .0.as_millis())]
    ConnectTimeout(Duration),
    /// The response did not begin in time.
    #[error("no response within {} ms", .0.as_millis())]
    ResponseTimeout(Duration),
    /// TLS failed.
    #[error("TLS with the host failed: {0}")]
    Tls(String),
    /// The connection broke, or what came was no HTTP.
    #[error("the exchange failed: {0}")]
    Exchange(String),
}

/// Settings of `egress` that cannot be used.
#[derive(Debug, Error)]
pub enum EgressSetupError {
    /// The certificate authorities cannot be read.
    #[error("`egress.ca_file` {path}: {reason}")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// The system's resolver settings cannot be read.
#[derive(Debug, Error)]
#[error("the system's resolver settings cannot be read: {0}")]
pub struct ResolverError(String);

/// A resolver by the system's settings, with a cache of its own.
///
/// # Errors
/// [`ResolverError`] when those cannot be read.
pub fn resolver() -> Result<Arc<TokioResolver>, ResolverError> {
    let built = TokioResolver::builder_tokio().and_then(hickory_resolver::ResolverBuilder::build);
    built
        .map(Arc::new)
        .map_err(|e| ResolverError(e.to_string()))
}

impl Egress {
    /// Makes the way out; `own` are this process' addresses that guests must not reach.
    ///
    /// # Errors
    /// [`EgressSetupError`] when authorities cannot be read.
    pub fn new(
        conf: &EgressConf,
        resolver: Arc<TokioResolver>,
        allow: Vec<IpNet>,
        own: Vec<SocketAddr>,
    ) -> Result<Self, EgressSetupError> {
        Ok(Self {
            clients: Cache::new(CLIENTS_MAX),
            dialler: Dialler {
                resolver,
                allow: allow.into(),
                own: own.into(),
                timeout: Duration::from_millis(conf.connect_timeout_ms),
            },
            tls: Arc::new(tls_config(&conf.ca_file)?),
            conf: conf.clone(),
        })
    }

    /// Sends a tenant's request; the answer's body streams.
    ///
    /// The request is made anew from its parts: host, port and framing come from the URL and the body, never
    /// from headers that the guest wrote.
    ///
    /// # Errors
    /// [`EgressError`], each variant its own case.
    pub async fn fetch(
        &self,
        tenant: &TenantId,
        request: Request<Body>,
        first_byte_timeout: Option<Duration>,
    ) -> Result<Response<Incoming>, EgressError> {
        let (mut parts, body) = request.into_parts();
        parts.headers.remove(header::HOST);
        parts.version = http::Version::HTTP_11;
        let configured = Duration::from_millis(self.conf.first_byte_timeout_ms);
        let timeout = first_byte_timeout.map_or(configured, |asked| asked.min(configured));
        let client = self.clients.get_with_by_ref(tenant, || self.client());
        let sent = client.request(Request::from_parts(parts, body));
        // A zero timeout would fire before the request is polled once; wasi:http lets guests ask for it.
        let answered = tokio::time::timeout(timeout.max(Duration::from_millis(1)), sent).await;
        answered
            .map_err(|_| EgressError::ResponseTimeout(timeout))?
            .map_err(egress_error)
    }

    fn client(&self) -> Client<HttpsConnector<Dialler>, Body> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(self.tls.as_ref().clone())
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(self.dialler.clone());
        Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(self.conf.idle_per_host)
            .pool_idle_timeout(Duration::from_millis(self.conf.idle_timeout_ms))
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(connector)
    }
}

/// Resolves and connects; the one place where a guest's connection begins.
#[derive(Clone)]
struct Dialler {
    resolver: Arc<TokioResolver>,
    allow: Arc<[IpNet]>,
    own: Arc<[SocketAddr]>,
    timeout: Duration,
}

impl Dialler {
    async fn connect(&self, uri: &Uri) -> Result<TcpStream, EgressError> {
        let host = uri.host().ok_or(EgressError::Host)?;
        let port = uri
            .port_u16()
            .unwrap_or(if uri.scheme_str() == Some("https") {
                443
            } else {
                80
            });
        if port < 1024 && !PORTS_BELOW_1024.contains(&port) {
            return Err(EgressError::Port(port));
        }
        let literal = host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'))
            .unwrap_or(host);
        let addresses = match literal.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(host).await?,
        };
        // One private address among public ones is a rebinding attempt, so it spoils the whole set.
        for address in &addresses {
            self.check(*address, port)?;
        }
        let mut refused = EgressError::Host;
        for address in addresses {
            #[expect(clippy::disallowed_methods, reason = "this is the way out")]
            let connected = TcpStream::connect((address, port)).await;
            match connected {
                Ok(stream) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => refused = EgressError::Refused(error),
            }
        }
        Err(refused)
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, EgressError> {
        let fail = |reason: String| EgressError::Dns {
            name: name.to_owned(),
            reason,
        };
        let found = self
            .resolver
            .lookup_ip(name)
            .await
            .map_err(|e| fail(e.to_string()))?;
        let addresses: Vec<IpAddr> = found.iter().collect();
        match addresses.is_empty() {
            true => Err(fail("it has no address".into())),
            false => Ok(addresses),
        }
    }

    fn check(&self, address: IpAddr, port: u16) -> Result<(), EgressError> {
        // Where the packets end up, however the address is spelled.
        let effective = match address {
            IpAddr::V6(v6) => embedded_v4(v6).map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let is_public = is_public(effective);
        let is_own = self.own.iter().any(|own| {
            let is_there =
                own.ip().to_canonical() == effective || own.ip().is_unspecified() && !is_public;
            own.port() == port && is_there
        });
        let is_allowed = is_public || self.allow.iter().any(|net| net.contains(&effective));
        match is_allowed && !is_own {
            true => Ok(()),
            false => Err(EgressError::Prohibited(address)),
        }
    }
}

impl Service<Uri> for Dialler {
    type Response = TokioIo<TcpStream>;
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, EgressError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialler = self.clone();
        Box::pin(async move {
            let connected = tokio::time::timeout(dialler.timeout, dialler.connect(&uri)).await;
            connected
                .map_err(|_| EgressError::ConnectTimeout(dialler.timeout))?
                .map(TokioIo::new)
        })
    }
}

/// Whether an address belongs to the public internet.
///
/// Source: the IANA special-purpose address registries (RFC 6890). IPv4 inside IPv6 (mapped, NAT64, 6to4)
/// counts as the IPv4 address in it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 175, 48)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is global unicast; of it, these are set aside.
    let is_special = matches!(
        (segments[0], segments[1]),
        (0x2001, 0x0000..=0x01ff | 0x0db8) | (0x2620, 0x004f) | (0x3fff, 0x0000..=0x0fff)
    );
    segments[0] & 0xe000 == 0x2000 && !is_special
}

fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, h, l] => Some(low(h, l)),
        [0x64, 0xff9b, 0, 0, 0, 0, h, l] => Some(low(h, l)),
        [0x2002, h, l, ..] => Some(low(h, l)),
        _ => None,
    }
}

/// Finds our own error inside the client's.
fn egress_error(error: legacy::Error) -> EgressError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if let Some(ours) = cause.downcast_ref::<EgressError>() {
            return ours.again();
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return EgressError::Tls(tls.to_string());
        }
        // An `io::Error` names what it wraps as its payload, not as its source.
        let payload = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(ours) = payload.and_then(|inner| inner.downcast_ref::<EgressError>()) {
            return ours.again();
        }
        if let Some(tls) = payload.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return EgressError::Tls(tls.to_string());
        }
        source = cause.source();
    }
    let deepest =
        std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source()).last();
    EgressError::Exchange(deepest.map_or_else(|| error.to_string(), ToString::to_string))
}

impl EgressError {
    /// The same error, from behind a reference.
    fn again(&self) -> Self {
        match self {
            Self::Prohibited(address) => Self::Prohibited(*address),
            Self::Port(port) => Self::Port(*port),
            Self::Host => Self::Host,
            Self::Dns { name, reason } => Self::Dns {
                name: name.clone(),
                reason: reason.clone(),
            },
            Self::Refused(error) => {
                Self::Refused(std::io::Error::new(error.kind(), error.to_string()))
            }
            Self::ConnectTimeout(after) => Self::ConnectTimeout(*after),
            Self::ResponseTimeout(after) => Self::ResponseTimeout(*after),
            Self::Tls(reason) => Self::Tls(reason.clone()),
            Self::Exchange(reason) => Self::Exchange(reason.clone()),
        }
    }
}

fn tls_config(ca_file: &str) -> Result<rustls::ClientConfig, EgressSetupError> {
    let mut roots = rustls::RootCertStore::empty();
    // A machine without a certificate store can still serve; its guests' TLS fetches then fail with a clear error.
    let (added, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        tracing::warn!(
            "the system has no certificate authorities; guests cannot reach https origins"
        );
    }
    if !ca_file.is_empty() {
        let fail = |reason: String| EgressSetupError::Authorities {
            path: ca_file.to_owned(),
            reason,
        };
        use rustls::pki_types::pem::PemObject;
        let certificates = rustls::pki_types::CertificateDer::pem_file_iter(ca_file)
            .map_err(|e| fail(e.to_string()))?;
        for certificate in certificates {
            roots
                .add(certificate.map_err(|e| fail(e.to_string()))?)
                .map_err(|e| fail(e.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("ring supports TLS 1.2 and 1.3");
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_private_in_every_spelling() {
        for text in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "::7f00:1",
            "fec0::1",
            "3fff::1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }
}
