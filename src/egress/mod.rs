//! The only way out for guests: hold a request against the operator's lists, resolve, refuse private addresses on the
//! address actually dialled, connect, send.

use std::error::Error as StdError;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hickory_resolver::TokioResolver;
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use moka::sync::Cache;
use prometheus::{IntCounterVec, IntGauge};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::conf::{EgressConf, EgressRules, OriginsConf};
use crate::metrics::Metrics;
use crate::model::TenantId;

mod address;
mod body;
mod dial;
mod message;
mod policy;
mod tls;

pub use address::is_public;
pub use body::{ResponseBody, ResponseBodyError};
pub use dial::{ResolverError, resolver};
pub use message::OwnFields;
pub use policy::{Own, Reach};
pub use tls::{ClientCertificate, EgressSetupError};

use body::{Bounds, Progress, Upload};
use dial::{Connector, Dialler, Places};
use policy::Policy;

/// Workers whose connections are kept at a time; one beyond it connects anew.
const WORKERS_MAX: u64 = 10_000;
/// What a response that nobody reads may hold in memory: one of a connection's streams over HTTP/2, and all of them.
const WINDOW_BYTES: (u32, u32) = (256 << 10, 1 << 20);
/// How long an HTTP/2 connection with requests under way may be silent before it is asked whether it lives, and how
/// long it has to say so.
const PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// Header fields that hyper reads without asking for memory first.
const FIELDS_UNALLOCATED: usize = 100;
/// The longest that an exchange with an origin may take: as long as it goes on.
const ORIGIN_TOTAL_MS: u64 = 24 * 3_600 * 1_000;
/// Connections to origins; visitors are bounded elsewhere.
const ORIGIN_CONNECTIONS: usize = 100_000;
/// How often idle connections are given up while someone waits for a place.
const RELIEF_INTERVAL: Duration = Duration::from_millis(50);

/// What an outgoing body may fail with.
pub type BodyError = Box<dyn StdError + Send + Sync>;
/// A request's body on its way out.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Sends guests' requests.
///
/// Connections are pooled per tenant, so that nothing an origin sends on one tenant's connection can
/// ever be read by another.
pub struct Egress {
    workers: Cache<TenantId, Arc<Worker>>,
    dialler: Dialler,
    tls: Arc<rustls::ClientConfig>,
    conf: EgressConf,
    /// Free places for connections of all workers.
    places: Arc<Semaphore>,
    open: IntGauge,
    failed: IntCounterVec,
    began: Instant,
    /// Milliseconds from `began` to when idle connections were last given up.
    relieved_ms: AtomicU64,
    speaks_http2: bool,
}

type WorkerClient = Client<Connector, Upload>;

/// One worker's connections.
struct Worker {
    client: ArcSwap<WorkerClient>,
    /// Free places for them.
    places: Arc<Semaphore>,
}

/// Why a request could not be sent; what ends in a code is the operator's will.
#[derive(Clone, Debug, Error)]
pub enum EgressError {
    /// The address is private, and not among `egress.allow_addresses`.
    #[error(
        "{0} is not a public address, and `egress.allow_addresses` does not allow it (error code: 1024)"
    )]
    Prohibited(IpAddr),
    /// The address is among `egress.deny_addresses`.
    #[error("`egress.deny_addresses` does not allow {0} (error code: 1024)")]
    AddressDenied(IpAddr),
    /// The address is the edge's own.
    #[error("{0} is the edge itself or its store at this port (error code: 1024)")]
    Own(IpAddr),
    /// The host is among `egress.deny_hosts`.
    #[error("`egress.deny_hosts` does not allow {0} (error code: 1021)")]
    HostDenied(Box<str>),
    /// The host is not among `egress.allow_hosts`.
    #[error("{0} is not among `egress.allow_hosts` (error code: 1021)")]
    HostNotAllowed(Box<str>),
    /// The port is not among `egress.allow_ports`.
    #[error("port {0} is not among `egress.allow_ports` (error code: 1021)")]
    Port(u16),
    /// The URL has no host, or one that is none.
    #[error("the URL has no usable host")]
    Host,
    /// The method asks for no resource.
    #[error("{0} is no method that a worker can send")]
    Method(Method),
    /// The name does not resolve.
    #[error("{name} does not resolve: {reason}")]
    Dns {
        /// The name.
        name: String,
        /// What the resolver said.
        reason: String,
    },
    /// The worker, or all workers together, hold as many connections as they may.
    #[error("no connection was free within {} ms: `egress.connections_per_worker` and `egress.connections` allow no more", .0.as_millis())]
    TooManyConnections(Duration),
    /// No address of the host takes connections.
    #[error("the host refuses connections: {0}")]
    Refused(Arc<std::io::Error>),
    /// Connecting took too long.
    #[error("no connection within {} ms", .0.as_millis())]
    ConnectTimeout(Duration),
    /// The response did not begin in time.
    #[error("no response within {} ms", .0.as_millis())]
    ResponseTimeout(Duration),
    /// The response did not begin before the exchange had to be over.
    #[error("no response within the {} ms of `egress.total_timeout_ms`", .0.as_millis())]
    TotalTimeout(Duration),
    /// The response says that it is too long.
    #[error("the response is longer than the {0} bytes that `egress.response_bytes` allows")]
    ResponseTooLarge(u64),
    /// TLS failed.
    #[error("TLS with the host failed: {0}")]
    Tls(String),
    /// The connection broke, or what came was no HTTP.
    #[error("the exchange failed: {0}")]
    Exchange(String),
}

impl Egress {
    /// Makes the way out; `own` are the places of this process that guests must not reach.
    ///
    /// # Errors
    /// [`EgressSetupError`] when authorities cannot be read.
    pub fn new(
        conf: &EgressConf,
        rules: EgressRules,
        resolver: Arc<TokioResolver>,
        own: Vec<Own>,
        metrics: &Metrics,
    ) -> Result<Self, EgressSetupError> {
        Ok(Self {
            workers: Cache::new(WORKERS_MAX),
            dialler: Dialler {
                resolver,
                policy: Policy::new(rules, own),
                connect_timeout: Duration::from_millis(conf.connect_timeout_ms),
                dns_timeout: Duration::from_millis(conf.dns_timeout_ms),
            },
            tls: Arc::new(tls::config(&conf.ca_file, true, None)?),
            places: Arc::new(Semaphore::new(conf.connections)),
            open: metrics.egress_connections.clone(),
            failed: metrics.egress_failed.clone(),
            began: Instant::now(),
            relieved_ms: AtomicU64::new(0),
            speaks_http2: true,
            conf: conf.clone(),
        })
    }

    /// Makes the way to plain origins: any port, and any address that is within `reach`, or any at all for origins that the
    /// operator names; and no HTTP/2, since a request there is for another host than the one that is dialled.
    ///
    /// # Errors
    /// [`EgressSetupError`] when authorities cannot be read.
    pub fn for_origins(
        conf: &OriginsConf,
        names: &EgressConf,
        resolver: Arc<TokioResolver>,
        shown: Option<&ClientCertificate>,
        reach: Option<&Reach>,
        metrics: &Metrics,
    ) -> Result<Self, EgressSetupError> {
        let conf = EgressConf {
            connect_timeout_ms: conf.connect_timeout_ms,
            first_byte_timeout_ms: conf.read_timeout_ms,
            body_idle_timeout_ms: conf.read_timeout_ms,
            total_timeout_ms: ORIGIN_TOTAL_MS,
            response_bytes: 0,
            connections: ORIGIN_CONNECTIONS,
            connections_per_worker: ORIGIN_CONNECTIONS,
            idle_per_host: conf.idle_connections,
            idle_timeout_ms: conf.idle_timeout_ms,
            ca_file: conf.ca_file.clone(),
            ..names.clone()
        };
        let tls = tls::config(&conf.ca_file, conf.ca_file.is_empty(), shown)?;
        let mut egress = Self {
            tls: Arc::new(tls),
            open: metrics.origin_connections.clone(),
            failed: metrics.origin_failed.clone(),
            speaks_http2: false,
            ..Self::new(&conf, everywhere(), resolver, Vec::new(), metrics)?
        };
        if let Some(Reach(policy)) = reach {
            egress.dialler.policy = policy.clone();
        }
        Ok(egress)
    }

    /// Makes a way to servers that the operator names, at any address, trusting these authorities beside the system's.
    ///
    /// # Errors
    /// [`EgressSetupError`] when authorities cannot be read.
    pub fn to_anywhere(
        ca_file: &str,
        conf: &EgressConf,
        resolver: Arc<TokioResolver>,
        metrics: &Metrics,
    ) -> Result<Self, EgressSetupError> {
        let conf = EgressConf {
            ca_file: ca_file.to_owned(),
            ..conf.clone()
        };
        Self::new(&conf, everywhere(), resolver, Vec::new(), metrics)
    }

    /// Sends a tenant's request; the answer's body streams.
    ///
    /// The request is made anew from its parts: host, port and framing come from the URL and the body, never
    /// from headers that the guest wrote. What the response says about its connection, or in the edge's name, is
    /// taken off.
    ///
    /// # Errors
    /// [`EgressError`], each variant its own case.
    pub async fn fetch(
        &self,
        tenant: &TenantId,
        request: Request<Body>,
        first_byte_timeout: Option<Duration>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let fetched = self.exchange(tenant, request, first_byte_timeout).await;
        fetched.inspect_err(|error| self.failed.with_label_values(&[error.reason()]).inc())
    }

    async fn exchange(
        &self,
        tenant: &TenantId,
        mut request: Request<Body>,
        first_byte_timeout: Option<Duration>,
    ) -> Result<Response<ResponseBody>, EgressError> {
        let target = message::rebuild(&mut request)?;
        let policy = &self.dialler.policy;
        policy.check_host(&target.host)?;
        policy.check_port(target.port)?;
        let began = Instant::now();
        let conf = &self.conf;
        let bounds = Bounds {
            idle: Duration::from_millis(conf.body_idle_timeout_ms),
            total: Duration::from_millis(conf.total_timeout_ms),
            bytes: conf.response_bytes,
        };
        let configured = Duration::from_millis(conf.first_byte_timeout_ms);
        // A zero timeout would fire before the request is polled once; wasi:http lets guests ask for it.
        let first_byte = first_byte_timeout
            .map_or(configured, |asked| asked.min(configured))
            .max(Duration::from_millis(1));
        let progress = Progress::new(began);
        let (parts, body) = request.into_parts();
        let upload = Upload::new(body, progress.clone(), bounds.idle);
        let worker = self.worker(tenant);
        let mut places = None;
        let response = loop {
            let client = match places.take() {
                None => worker.client.load_full(),
                taken => self.renew(&worker, taken),
            };
            let sent = client.request(Request::from_parts(parts.clone(), upload.share()));
            drop(client);
            match within(sent, &progress, first_byte, bounds, began).await {
                // It was not sent, and holds no pool that idle connections could be kept by.
                Err(EgressError::TooManyConnections(_)) => {
                    places = Some(self.places(&worker, began).await?);
                }
                sent => break sent?,
            }
        };
        let (mut parts, body) = response.into_parts();
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            let text = "the origin switched protocols, which nobody asked for";
            return Err(EgressError::Exchange(text.into()));
        }
        if bounds.bytes > 0 && body.size_hint().lower() > bounds.bytes {
            return Err(EgressError::ResponseTooLarge(bounds.bytes));
        }
        message::strip(&mut parts.headers);
        let body = ResponseBody::new(body, bounds, began, self.failed.clone());
        Ok(Response::from_parts(parts, body))
    }

    fn worker(&self, tenant: &TenantId) -> Arc<Worker> {
        self.workers.get_with_by_ref(tenant, || {
            let places = Arc::new(Semaphore::new(self.conf.connections_per_worker));
            Arc::new(Worker {
                client: ArcSwap::from_pointee(self.new_client(&places, None)),
                places,
            })
        })
    }

    /// Waits for a connection's places, for which idle connections give up theirs.
    async fn places(&self, worker: &Worker, began: Instant) -> Result<Places, EgressError> {
        let timeout = Duration::from_millis(self.conf.connect_timeout_ms);
        let (own, all) = (worker.places.clone(), self.places.clone());
        let mut taken = pin!(async {
            own.acquire_owned()
                .await
                .ok()
                .zip(all.acquire_owned().await.ok())
        });
        while began.elapsed() < timeout {
            self.renew(worker, None);
            if self.places.available_permits() == 0 {
                self.relieve();
            }
            // What is in use now may lie idle a moment later.
            if let Ok(Some(places)) = tokio::time::timeout(RELIEF_INTERVAL, &mut taken).await {
                return Ok(places);
            }
        }
        Err(EgressError::TooManyConnections(timeout))
    }

    /// Gives up a worker's idle connections: they end with the client that keeps them. The next one may be there already.
    fn renew(&self, worker: &Worker, next: Option<Places>) -> Arc<WorkerClient> {
        let client = Arc::new(self.new_client(&worker.places, next));
        worker.client.store(client.clone());
        client
    }

    /// Gives up everybody's idle connections.
    fn relieve(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.relieved_ms.load(Ordering::Relaxed);
        if now.saturating_sub(last) < RELIEF_INTERVAL.as_millis() as u64 {
            return;
        }
        let turn =
            self.relieved_ms
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        if turn.is_err() {
            return;
        }
        for (_, worker) in &self.workers {
            if worker.places.available_permits() < self.conf.connections_per_worker {
                self.renew(&worker, None);
            }
        }
    }

    fn new_client(&self, places: &Arc<Semaphore>, next: Option<Places>) -> WorkerClient {
        let conf = &self.conf;
        let builder = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(self.tls.as_ref().clone())
            .https_or_http()
            .enable_http1();
        let inner = match self.speaks_http2 {
            true => builder.enable_http2().wrap_connector(self.dialler.clone()),
            false => builder.wrap_connector(self.dialler.clone()),
        };
        let connector = Connector {
            inner,
            next: Arc::new(Mutex::new(next)),
            own: places.clone(),
            all: self.places.clone(),
            open: self.open.clone(),
            connect_timeout: Duration::from_millis(conf.connect_timeout_ms),
            write_timeout: Duration::from_millis(conf.body_idle_timeout_ms),
        };
        let mut client = Client::builder(TokioExecutor::new());
        if conf.header_fields != FIELDS_UNALLOCATED {
            client.http1_max_headers(conf.header_fields);
        }
        client
            .http1_max_buf_size(conf.header_bytes)
            .http2_max_header_list_size(u32::try_from(conf.header_bytes).unwrap_or(u32::MAX))
            .http2_initial_stream_window_size(WINDOW_BYTES.0)
            .http2_initial_connection_window_size(WINDOW_BYTES.1)
            .http2_keep_alive_interval(PING.0)
            .http2_keep_alive_timeout(PING.1)
            .pool_max_idle_per_host(conf.idle_per_host)
            .pool_idle_timeout(Duration::from_millis(conf.idle_timeout_ms))
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(connector)
    }
}

/// Rules that allow any address and port.
fn everywhere() -> EgressRules {
    let network = |text: &str| text.parse().expect("a network");
    EgressRules {
        allow_ports: vec![0..=u16::MAX],
        allow_addresses: vec![network("0.0.0.0/0"), network("::/0")],
        ..EgressRules::default()
    }
}

/// Waits for the response's first byte, anew with each piece of the request's body that goes out.
async fn within(
    sent: legacy::ResponseFuture,
    progress: &Progress,
    first_byte: Duration,
    bounds: Bounds,
    began: Instant,
) -> Result<Response<Incoming>, EgressError> {
    let total = began + bounds.total;
    let deadline = || total.min(progress.last() + first_byte);
    let (mut sent, mut alarm) = (pin!(sent), pin!(tokio::time::sleep_until(deadline())));
    loop {
        tokio::select! {
            biased;
            response = &mut sent => return response.map_err(|error| EgressError::of(&error)),
            () = &mut alarm => {}
        }
        let now = Instant::now();
        if now >= total {
            return Err(EgressError::TotalTimeout(bounds.total));
        }
        if now >= deadline() {
            return Err(EgressError::ResponseTimeout(first_byte));
        }
        alarm.as_mut().reset(deadline());
    }
}

impl EgressError {
    /// The metric's label.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Prohibited(_) => "address_private",
            Self::AddressDenied(_) => "address_denied",
            Self::Own(_) => "address_own",
            Self::HostDenied(_) | Self::HostNotAllowed(_) => "host",
            Self::Port(_) => "port",
            Self::Host => "url",
            Self::Method(_) => "method",
            Self::Dns { .. } => "dns",
            Self::TooManyConnections(_) => "connections",
            Self::Refused(_) => "refused",
            Self::ConnectTimeout(_) => "connect_timeout",
            Self::ResponseTimeout(_) => "first_byte_timeout",
            Self::TotalTimeout(_) => "total_timeout",
            Self::ResponseTooLarge(_) => "response_bytes",
            Self::Tls(_) => "tls",
            Self::Exchange(_) => "exchange",
        }
    }

    /// Whether nothing was sent, because the operator's rules or bounds are against it, or it was no request.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Prohibited(_)
            | Self::AddressDenied(_)
            | Self::Own(_)
            | Self::HostDenied(_)
            | Self::HostNotAllowed(_)
            | Self::Port(_)
            | Self::Host
            | Self::Method(_)
            | Self::TooManyConnections(_) => true,
            Self::Dns { .. }
            | Self::Refused(_)
            | Self::ConnectTimeout(_)
            | Self::ResponseTimeout(_)
            | Self::TotalTimeout(_)
            | Self::ResponseTooLarge(_)
            | Self::Tls(_)
            | Self::Exchange(_) => false,
        }
    }

    /// Finds our own error inside another's.
    fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut source = Some(error);
        let mut deepest = error;
        while let Some(cause) = source {
            if let Some(ours) = cause.downcast_ref::<Self>() {
                return ours.clone();
            }
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return Self::Tls(tls.to_string());
            }
            // An `io::Error` names what it wraps as its payload, not as its source.
            let payload = cause
                .downcast_ref::<std::io::Error>()
                .and_then(std::io::Error::get_ref);
            deepest = cause;
            source = match payload {
                Some(payload) => Some(payload as &(dyn StdError + 'static)),
                None => cause.source(),
            };
        }
        Self::Exchange(deepest.to_string())
    }
}
