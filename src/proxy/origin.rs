//! Routes to plain origins, on Pingora's own upstream path.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use http::header;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::{Error, ErrorType, HttpPeer, OrErr, Result};
use pingora::protocols::ALPN;
use pingora::proxy::Session;

use super::context::Context;
use super::worker::forwarded;
use crate::conf::OriginsConf;
use crate::model::Origin;

/// How origins are reached.
pub struct Origins {
    resolver: Arc<TokioResolver>,
    conf: OriginsConf,
}

impl Origins {
    /// Reaches origins by these settings.
    pub fn new(conf: &OriginsConf, resolver: Arc<TokioResolver>) -> Self {
        Self {
            resolver,
            conf: conf.clone(),
        }
    }

    /// Where to connect for this origin; each further attempt tries its next address.
    pub(super) async fn peer(
        &self,
        origin: &Origin,
        is_upgrade: bool,
        attempt: usize,
    ) -> Result<Box<HttpPeer>> {
        let name = origin.host.as_str();
        let literal = name
            .strip_prefix('[')
            .and_then(|n| n.strip_suffix(']'))
            .unwrap_or(name);
        let address = match literal.parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) => self.resolve(name, attempt).await?,
        };
        let mut peer = HttpPeer::new(
            SocketAddr::new(address, origin.port),
            origin.is_tls,
            literal.to_owned(),
        );
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

    async fn resolve(&self, name: &str, attempt: usize) -> Result<IpAddr> {
        let found = self.resolver.lookup_ip(name).await;
        let found = found.or_err(ErrorType::ConnectNoRoute, "resolving the origin")?;
        let mut addresses: Vec<IpAddr> = found.iter().collect();
        // An IPv6 address that leads nowhere is the commonest fault of the two.
        addresses.sort_by_key(IpAddr::is_ipv6);
        let chosen = addresses.get(attempt % addresses.len().max(1)).copied();
        chosen.ok_or_else(|| {
            Error::explain(
                ErrorType::ConnectNoRoute,
                "the origin's name has no address",
            )
        })
    }
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
