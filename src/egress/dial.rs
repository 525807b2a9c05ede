//! Names to addresses, addresses to connections; the one place where a guest's connection begins.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use prometheus::IntGauge;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tower_service::Service;
use url::Host;

use super::EgressError;
use super::body::Wait;
use super::policy::Policy;
use crate::conf::{EgressConf, EgressRules};

/// Addresses of one host that are tried: whoever has more does not mean them all to be.
const ADDRESSES_MAX: usize = 6;
/// How often a question is asked within `egress.dns_timeout_ms`.
const QUESTIONS: u32 = 2;
/// How long a name that does not exist is taken not to.
const UNKNOWN_TTL: Duration = Duration::from_secs(10);

/// The system's resolver settings cannot be read, or not be used.
#[derive(Debug, Error)]
#[error("the system's resolver settings cannot be used: {0}; set `egress.dns_servers`")]
pub struct ResolverError(String);

/// A resolver by the settings, or else the system's, with a bounded cache of its own.
///
/// # Errors
/// [`ResolverError`] when the system's are needed and cannot be read.
pub fn resolver(
    conf: &EgressConf,
    rules: &EgressRules,
) -> Result<Arc<TokioResolver>, ResolverError> {
    let failed = |error: hickory_resolver::net::NetError| ResolverError(error.to_string());
    let mut builder = match rules.dns_servers.as_slice() {
        [] => TokioResolver::builder_tokio().map_err(failed)?,
        servers => {
            let servers = servers.iter().map(|address| {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                let connections = connections.map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                NameServerConfig::new(address.ip(), true, connections.into())
            });
            let servers = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
            TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    // Answers beyond 512 bytes, without another connection.
    options.edns0 = true;
    options.cache_size = conf.dns_records_max;
    options.positive_max_ttl = Some(Duration::from_secs(conf.dns_ttl_s_max));
    options.negative_max_ttl = Some(UNKNOWN_TTL);
    options.timeout = Duration::from_millis(conf.dns_timeout_ms) / QUESTIONS;
    options.attempts = QUESTIONS as usize - 1;
    builder.build().map(Arc::new).map_err(failed)
}

/// Resolves, checks and connects.
#[derive(Clone)]
pub(super) struct Dialler {
    pub resolver: Arc<TokioResolver>,
    pub policy: Policy,
    pub connect_timeout: Duration,
    pub dns_timeout: Duration,
}

impl Dialler {
    async fn connect(&self, uri: &Uri) -> Result<TcpStream, EgressError> {
        let deadline = Instant::now() + self.connect_timeout;
        let host = Host::parse(uri.host().unwrap_or_default()).map_err(|_| EgressError::Host)?;
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let mut addresses = match host {
            Host::Ipv4(v4) => vec![v4.into()],
            Host::Ipv6(v6) => vec![v6.into()],
            Host::Domain(name) => self.resolve(&name).await?,
        };
        // One private address among public ones is a rebinding attempt, so it spoils the whole set.
        for address in &addresses {
            self.policy.check_address(*address, port)?;
        }
        self.check_names(&addresses, port).await?;
        addresses.truncate(ADDRESSES_MAX);
        let mut refused = EgressError::Host;
        for (index, address) in addresses.iter().enumerate() {
            // Each gets its part of the time that is left: one that swallows packets leaves some to the next.
            let left = deadline.saturating_duration_since(Instant::now());
            let part = left / (addresses.len() - index) as u32;
            #[expect(clippy::disallowed_methods, reason = "this is the way out")]
            let connected = tokio::time::timeout(part, TcpStream::connect((*address, port)));
            match connected.await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => refused = EgressError::Refused(error.into()),
                Err(_) => refused = EgressError::ConnectTimeout(self.connect_timeout),
            }
        }
        Err(refused)
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, EgressError> {
        let fail = |reason: String| EgressError::Dns {
            name: name.to_owned(),
            reason,
        };
        let found = tokio::time::timeout(self.dns_timeout, self.resolver.lookup_ip(name));
        let found = found.await.map_err(|_| {
            let after = self.dns_timeout.as_millis();
            fail(format!("no answer within {after} ms"))
        })?;
        let addresses: Vec<IpAddr> = found.map_err(|e| fail(e.to_string()))?.iter().collect();
        match addresses.is_empty() {
            true => Err(fail("it has no address".into())),
            false => Ok(addresses),
        }
    }

    /// The edge's own places that go by a name are looked up only for who asks for their port.
    async fn check_names(&self, addresses: &[IpAddr], port: u16) -> Result<(), EgressError> {
        for name in self.policy.own_names(port) {
            // Where the name leads nowhere, there is nothing to keep a guest from.
            let own = self.resolve(name).await.unwrap_or_default();
            let found = addresses.iter().find(|address| {
                own.iter()
                    .any(|own| own.to_canonical() == address.to_canonical())
            });
            if let Some(address) = found {
                return Err(EgressError::Own(*address));
            }
        }
        Ok(())
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
        Box::pin(async move { dialler.connect(&uri).await.map(TokioIo::new) })
    }
}

/// Makes a worker's connections, TLS included, as many as it and all workers together may have.
#[derive(Clone)]
pub(super) struct Connector {
    pub inner: HttpsConnector<Dialler>,
    /// Places that were waited for.
    pub next: Arc<Mutex<Option<Places>>>,
    /// Free places of this worker.
    pub own: Arc<Semaphore>,
    /// Free places of all.
    pub all: Arc<Semaphore>,
    pub open: IntGauge,
    pub connect_timeout: Duration,
    pub write_timeout: Duration,
}

type Stream = <HttpsConnector<Dialler> as Service<Uri>>::Response;

/// What a connection takes: a place of its worker and one of all.
pub(super) type Places = (OwnedSemaphorePermit, OwnedSemaphorePermit);

impl Connector {
    fn places(&self) -> Option<Places> {
        let next = self
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        next.or_else(|| {
            let own = self.own.clone().try_acquire_owned().ok()?;
            Some((own, self.all.clone().try_acquire_owned().ok()?))
        })
    }

    async fn connect(mut self, uri: Uri) -> Result<Held, EgressError> {
        let Some(places) = self.places() else {
            return Err(EgressError::TooManyConnections(self.connect_timeout));
        };
        let stream = tokio::time::timeout(self.connect_timeout, self.inner.call(uri)).await;
        let stream = stream
            .map_err(|_| EgressError::ConnectTimeout(self.connect_timeout))?
            .map_err(|error| EgressError::of(error.as_ref()))?;
        self.open.inc();
        Ok(Held {
            stream,
            write_timeout: self.write_timeout,
            wait: Wait::default(),
            open: self.open,
            _places: places,
        })
    }
}

impl Service<Uri> for Connector {
    type Response = Held;
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<Held, EgressError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// An open connection in its places; one whose other end stops reading is given up, or it would stay for ever.
pub(super) struct Held {
    stream: Stream,
    write_timeout: Duration,
    wait: Wait,
    open: IntGauge,
    _places: Places,
}

impl Held {
    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = write(Pin::new(&mut self.stream), cx);
        if written.is_ready() {
            self.wait.is_over();
            return written;
        }
        let timeout = self.write_timeout;
        ready!(self.wait.poll(cx, || Instant::now() + timeout));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.open.dec();
    }
}

impl Connection for Held {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl Read for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl Write for Held {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written(cx, |stream, cx| stream.poll_write_vectored(cx, buffers))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.written(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.written(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}
