//! Routes to plain origins, on Pingora's own upstream path.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use http::header;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::{Error, ErrorType, HttpPeer, OkOrErr, OrErr, Result};
use pingora::protocols::ALPN;
use pingora::protocols::tls::CaType;
use pingora::proxy::Session;
use pingora::utils::tls::{CertKey, WrappedX509, parse_x509};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::ParsedCertificate;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::context::Context;
use super::traced;
use super::worker::forwarded;
use crate::conf::OriginsConf;
use crate::egress::{ClientCertificate, Reach};
use crate::model::route::OriginSni;
use crate::model::{Hostname, Origin};

/// Sets of authorities that are kept ready.
const AUTHORITIES_MAX: u64 = 10_000;

/// How origins are reached.
pub struct Origins {
    resolver: Arc<TokioResolver>,
    /// Where those may be that are not the operator's.
    reach: Reach,
    conf: OriginsConf,
    /// What origins are shown that ask for a certificate.
    certificate: Option<Arc<CertKey>>,
    authorities: moka::sync::Cache<Arc<str>, Option<Arc<CaType>>>,
}

impl Origins {
    /// Reaches origins by these settings, those that are not the operator's within `reach`, and shows them this certificate
    /// with its key if they ask for one.
    pub fn new(
        conf: &OriginsConf,
        resolver: Arc<TokioResolver>,
        reach: Reach,
        certificate: Option<&ClientCertificate>,
    ) -> Self {
        Self {
            resolver,
            reach,
            conf: conf.clone(),
            certificate: certificate.map(|shown| {
                let chain = shown.chain.iter().map(|der| der.to_vec()).collect();
                Arc::new(CertKey::new(chain, shown.key.secret_der().to_vec()))
            }),
            authorities: moka::sync::Cache::new(AUTHORITIES_MAX),
        }
    }

    /// The authorities of an origin's own, read once.
    fn authorities(&self, pem: &Arc<str>) -> Option<Arc<CaType>> {
        self.authorities.get_with_by_ref(pem, || {
            let ders: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
            let ders = ders.ok().filter(|ders| !ders.is_empty())?;
            // Pingora takes them as read, and would not survive others.
            let readable = |der: &CertificateDer<'_>| {
                ParsedCertificate::try_from(der).is_ok() && X509Certificate::from_der(der).is_ok()
            };
            let all = ders.iter().all(readable);
            let read = |der: CertificateDer<'_>| WrappedX509::new(der.to_vec(), parse_x509);
            all.then(|| ders.into_iter().map(read).collect())
        })
    }

    /// Where to connect for this origin; each further attempt tries its next address.
    pub(super) async fn peer(
        &self,
        origin: &Origin,
        hostname: Option<&Hostname>,
        is_upgrade: bool,
        attempt: usize,
    ) -> Result<Box<HttpPeer>> {
        let name = origin.host.as_str();
        let literal = name
            .strip_prefix('[')
            .and_then(|n| n.strip_suffix(']'))
            .unwrap_or(name);
        let addresses = match literal.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(name).await?,
        };
        if origin.is_customers {
            self.check(&addresses, origin.port).await?;
        }
        let address = addresses[attempt % addresses.len()];
        let sni = match (&origin.sni, hostname) {
            (Some(OriginSni::Name(name)), _) => name.as_str(),
            (Some(OriginSni::Request), Some(hostname)) => hostname.as_str(),
            _ => literal,
        };
        let mut peer = HttpPeer::new(
            SocketAddr::new(address, origin.port),
            origin.is_tls,
            sni.to_owned(),
        );
        if origin.is_tls {
            peer.client_cert_key.clone_from(&self.certificate);
        }
        if let Some(pem) = &origin.ca {
            let what = "the record's `origin_ca` holds no certificates";
            let authorities = self.authorities(pem);
            peer.options.ca = Some(authorities.or_err(ErrorType::InvalidCert, what)?);
            // A connection that these have vouched for is for those alone who asked for them.
            peer.group_key = seed(pem);
        }
        let options = &mut peer.options;
        let connect = Duration::from_millis(self.conf.connect_timeout_ms);
        options.connection_timeout = Some(connect);
        options.total_connection_timeout = Some(connect);
        let silence = if is_upgrade {
            self.conf.upgraded_timeout_ms
        } else {
            self.conf.read_timeout_ms
        };
        options.read_timeout = Some(Duration::from_millis(silence));
        options.write_timeout = Some(Duration::from_millis(silence));
        options.idle_timeout = Some(Duration::from_millis(self.conf.idle_timeout_ms));
        // An upgrade exists only in HTTP/1.1.
        if origin.is_tls && !is_upgrade {
            options.alpn = ALPN::H2H1;
        }
        Ok(Box::new(peer))
    }

    /// Refuses where an origin must not be that is not the operator's: who names it has its DNS, too.
    async fn check(&self, addresses: &[IpAddr], port: u16) -> Result<()> {
        let mut is_admitted = addresses
            .iter()
            .all(|address| self.reach.admits_address(*address, port));
        for own in self.reach.own_names(port) {
            // Where the name leads nowhere, there is nothing to keep anybody from.
            let own = self.resolve(own).await.unwrap_or_default();
            let is_own = |address: &IpAddr| {
                let canonical = address.to_canonical();
                own.iter().any(|own| own.to_canonical() == canonical)
            };
            is_admitted &= !addresses.iter().any(is_own);
        }
        let what =
            "the origin is at no public address, or at the edge's own; see egress.allow_addresses";
        is_admitted
            .then_some(())
            .or_err(ErrorType::ConnectNoRoute, what)
    }

    /// The addresses of a name, at least one.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>> {
        let found = self.resolver.lookup_ip(name).await;
        let found = found.or_err(ErrorType::ConnectNoRoute, "resolving the origin")?;
        let mut addresses: Vec<IpAddr> = found.iter().collect();
        // An IPv6 address that leads nowhere is the commonest fault of the two.
        addresses.sort_by_key(IpAddr::is_ipv6);
        let what = "the origin's name has no address";
        match addresses.is_empty() {
            true => Error::e_explain(ErrorType::ConnectNoRoute, what),
            false => Ok(addresses),
        }
    }
}

fn seed(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    u64::from_le_bytes(
        hash.as_bytes()[..8]
            .try_into()
            .expect("a hash has 32 bytes"),
    )
}

/// Makes the visitor's request the origin's: who the visitor is, and nothing meant for this hop.
pub(super) fn prepare(session: &Session, request: &mut RequestHeader, ctx: &Context) -> Result<()> {
    let mut result = Ok(());
    forwarded(session, |name, value| {
        if let Err(error) = request.insert_header(name, value) {
            result = Err(error);
        }
    });
    result?;
    request.insert_header("x-request-id", ctx.id())?;
    traced::pass_on(request, ctx)?;
    if let Some(hostname) = &ctx.hostname
        && !request.headers.contains_key(header::HOST)
    {
        request.insert_header(header::HOST, hostname.as_str())?;
    }
    Ok(())
}

/// Drops from an origin's response what only the edge may say.
pub(super) fn clean(response: &mut ResponseHeader) {
    response.remove_header("alt-svc");
}
