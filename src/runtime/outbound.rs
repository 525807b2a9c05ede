//! A guest's outgoing requests: counted, bounded, and sent to another worker or through
//! [`Egress`](crate::egress::Egress).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

use super::caches::{FromCache, Network, Opened};
use super::calls::{CallError, Options, Policy, Target};
use super::component::FORBIDDEN_HEADERS;
use super::tree::{Budget, Place};
use super::{Runtime, Worker};
use crate::bindings::Callee;
use crate::cache::{self, Upstream, Wishes};
use crate::egress::{EgressError, ResponseBodyError};
use crate::kv::{self, Kv};
use crate::metrics::BindingCall;
use crate::model::point::{InvalidPoint, POINTS_MAX, Point};
use crate::model::{Limit, Limits, REGULAR};
use crate::traces::{Kind, Span};

/// One invocation's way out: to other workers, and to the network.
pub(super) struct Outbound {
    runtime: Arc<Runtime>,
    worker: Arc<Worker>,
    place: Place,
    policy: Option<Arc<Policy>>,
    limits: Limits,
    /// Made at the first request: most invocations send none.
    way: Option<Arc<Way>>,
    /// Where a component's next request goes, when not to the network.
    next: Option<Target>,
    /// The cache of who is fetched for, when that is another.
    cache: Option<cache::Place>,
    /// Data points that were written.
    points: u32,
}

/// What all requests of an invocation share.
pub(super) struct Way {
    pub runtime: Arc<Runtime>,
    pub worker: Arc<Worker>,
    pub place: Place,
    /// What stands before the network, for the workers that this one calls.
    pub policy: Option<Arc<Policy>>,
    /// The same as what this one's own requests go to.
    outbound: Option<Target>,
    pub budget: Arc<Budget>,
    pub connections: Arc<Semaphore>,
    /// Where responses are kept.
    cache: Option<cache::Place>,
}

impl Outbound {
    /// A way out within these limits.
    pub(super) fn new(
        runtime: Arc<Runtime>,
        worker: Arc<Worker>,
        place: Place,
        policy: Option<Arc<Policy>>,
        limits: Limits,
        cache: Option<cache::Place>,
    ) -> Self {
        Self {
            runtime,
            worker,
            place,
            policy,
            limits,
            way: None,
            next: None,
            cache,
            points: 0,
        }
    }

    /// What sends this invocation's requests to the network.
    pub(super) fn sender(&mut self) -> Sender {
        Sender {
            target: None,
            way: self.way().clone(),
        }
    }

    /// What sends requests to the worker behind a binding.
    ///
    /// # Errors
    /// What the guest is told when it leads to none.
    pub(super) fn sender_to(
        &mut self,
        binding: &str,
        worker: &str,
        options: Options,
    ) -> Result<Sender, CallError> {
        Ok(Sender {
            target: Some(self.target(binding, worker, options)?),
            way: self.way().clone(),
        })
    }

    /// The worker behind a binding.
    ///
    /// # Errors
    /// What the guest is told when there is none.
    pub(super) fn target(
        &self,
        binding: &str,
        worker: &str,
        options: Options,
    ) -> Result<Target, CallError> {
        let mut callees = self.worker.bindings.callees.iter();
        let callee = callees.find(|(name, _)| name == binding);
        let missing = || CallError::Binding(format!("there is no binding {binding}"));
        let (_, callee) = callee.ok_or_else(missing)?;
        Target::of(binding, callee, worker, options)
    }

    /// One of the worker's own caches; each use counts as a request.
    ///
    /// # Errors
    /// What the guest is told when it cannot have it.
    pub(super) fn open_cache(&mut self, name: Option<&str>) -> Result<Opened, String> {
        self.way().admit().map_err(|error| error.to_string())?;
        let caches = self.worker.caches.as_ref();
        let caches = caches.ok_or("there are no caches on this edge: `cache.memory_mb` is 0")?;
        let metrics = &self.worker.tenant.metrics;
        metrics.binding_called(BindingCall::Cache);
        Ok(Opened {
            cache: self.runtime.cache.clone(),
            place: caches.open(name)?,
            usage: self.worker.tenant.usage.clone(),
            span: self.begin("cache"),
        })
    }

    /// Begins the span of what the invocation asks for.
    fn begin(&self, name: &'static str) -> Option<Span> {
        let scope = self.place.scope.as_ref();
        scope.map(|scope| scope.child(Kind::Internal, name))
    }

    /// Whether a binding leads to a key-value namespace.
    pub(super) fn has_kv(&self, binding: &str) -> bool {
        let mut callees = self.worker.bindings.callees.iter();
        callees.any(|(name, callee)| name == binding && matches!(callee, Callee::Kv(_)))
    }

    /// The key-value namespace behind a binding, for one operation, which a trace shows by this name.
    ///
    /// # Errors
    /// [`SendError`] when there is none, or as many were sent as may be.
    pub(super) fn kv(
        &mut self,
        binding: &str,
        operation: &'static str,
    ) -> Result<Namespace, SendError> {
        let mut callees = self.worker.bindings.callees.iter();
        let found = callees.find_map(|(name, callee)| match callee {
            Callee::Kv(id) if name == binding => Some(id.clone()),
            _ => None,
        });
        let id = found.ok_or_else(|| {
            CallError::Binding(format!("there is no key-value namespace {binding}"))
        })?;
        self.way().admit()?;
        let span = self.begin(operation);
        let way = self.way();
        let metrics = &way.worker.tenant.metrics;
        metrics.binding_called(BindingCall::Kv);
        Ok(Namespace {
            kv: way.runtime.kv.clone(),
            id,
            share: way.worker.kv_share.clone(),
            connections: way.connections.clone(),
            _span: span,
        })
    }

    /// Counts a key of a `ratelimit` binding, and says whether it is let through.
    ///
    /// # Errors
    /// What the guest is told when there is no such binding.
    pub(super) fn admit(&self, binding: &str, key: &str) -> Result<bool, CallError> {
        let worker = &*self.worker;
        let mut callees = worker.bindings.callees.iter();
        let found = callees.find_map(|(name, callee)| match callee {
            Callee::Rate(rate) if name == binding => Some(rate),
            _ => None,
        });
        let rate =
            found.ok_or_else(|| CallError::Binding(format!("there is no rate limit {binding}")))?;
        let metrics = &worker.tenant.metrics;
        metrics.binding_called(BindingCall::RateLimit);
        // Counters of the account are for its own workers; those of a user worker for nobody else.
        let owner = match worker.is_regular() {
            true => REGULAR,
            false => &worker.tenant.label,
        };
        Ok(self.runtime.rates.admit(owner, rate, key))
    }

    /// Hands a data point to the log, or loses it.
    ///
    /// # Errors
    /// What the guest is told when there is no such binding, or it has written too many.
    pub(super) fn write(&mut self, binding: &str, point: &Point) -> Result<(), CallError> {
        let worker = &*self.worker;
        let mut callees = worker.bindings.callees.iter();
        let found = callees.find_map(|(name, callee)| match callee {
            Callee::Dataset(dataset) if name == binding => Some(dataset.as_ref().unwrap_or(name)),
            _ => None,
        });
        let dataset =
            found.ok_or_else(|| CallError::Binding(format!("there is no dataset {binding}")))?;
        if self.points == POINTS_MAX {
            return Err(CallError::Binding(InvalidPoint::too_many().to_string()));
        }
        self.points += 1;
        let metrics = &worker.tenant.metrics;
        metrics.binding_called(BindingCall::Dataset);
        self.runtime
            .shared
            .analytics
            .write(&worker.tenant.label, dataset, point);
        Ok(())
    }

    /// Has a component's next request go to a worker.
    pub(super) fn set_next(&mut self, target: Option<Target>) {
        self.next = target;
    }

    fn way(&mut self) -> &Arc<Way> {
        let Self {
            runtime,
            worker,
            place,
            policy,
            limits,
            way,
            next: _,
            cache,
            points: _,
        } = self;
        way.get_or_insert_with(|| {
            Arc::new(Way {
                budget: Arc::new(Budget::new(limits.subrequests, place.above.clone())),
                connections: Arc::new(connections(limits.outgoing_connections)),
                runtime: runtime.clone(),
                worker: worker.clone(),
                place: place.clone(),
                outbound: policy
                    .as_ref()
                    .map(|policy| Target::outbound(policy, worker)),
                policy: policy.clone(),
                cache: match cache.take() {
                    Some(place) => Some(place),
                    None => worker.caches.as_ref().map(|caches| caches.http.clone()),
                },
            })
        })
    }
}

impl Way {
    /// Takes one request off the budget.
    fn admit(&self) -> Result<(), SendError> {
        let tenant = &self.worker.tenant;
        if self.budget.take() {
            tenant.usage.subrequest();
            return Ok(());
        }
        tenant.metrics.limit_exceeded(Limit::Subrequests);
        Err(SendError::TooMany)
    }
}

/// A key-value namespace, for one operation, which counts as a request.
pub(super) struct Namespace {
    pub kv: Arc<Kv>,
    pub id: Arc<str>,
    /// What the worker's large values hold.
    pub share: kv::Share,
    connections: Arc<Semaphore>,
    /// Ends with the operation.
    _span: Option<Span>,
}

impl Namespace {
    /// A place among the outgoing requests that may be under way.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, SendError> {
        let turn = self.connections.clone().acquire_owned().await;
        turn.map_err(|_| SendError::Over)
    }
}

fn connections(most: u64) -> Semaphore {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Semaphore::new(most.min(Semaphore::MAX_PERMITS))
}

/// Sends an invocation's requests.
#[derive(Clone)]
pub(super) struct Sender {
    way: Arc<Way>,
    /// Where to; without one to the network, by way of the outbound worker if there is one.
    target: Option<Target>,
}

/// Why a request was not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum SendError {
    /// As many were sent as may be.
    #[error("{}", Limit::Subrequests.message())]
    TooMany,
    /// The invocation is over.
    #[error("the invocation is over")]
    Over,
    /// It could not be sent.
    #[error(transparent)]
    Egress(#[from] EgressError),
    /// Another worker did not answer it.
    #[error("{0}")]
    Call(#[from] CallError),
}

impl Sender {
    /// Sends a request that takes the configured time to be answered at most.
    pub(super) async fn send(
        &self,
        request: Request<WasiBody>,
        wishes: Wishes,
    ) -> Result<Response<WasiBody>, SendError> {
        self.way.admit()?;
        self.send_admitted(request, None, wishes).await
    }

    async fn send_admitted(
        &self,
        request: Request<WasiBody>,
        first_byte: Option<Duration>,
        wishes: Wishes,
    ) -> Result<Response<WasiBody>, SendError> {
        let way = &self.way;
        if let Some(target) = &self.target {
            return Ok(way.runtime.call(target, way, request).await?);
        }
        if let Some(outbound) = &way.outbound {
            let permit = way.connection().await?;
            let response = way.runtime.call(outbound, way, request).await?;
            return Ok(response.map(|body| Held::new(body, permit, None).boxed_unsync()));
        }
        let scope = way.place.scope.as_ref();
        let span = scope.filter(|_| way.cache.is_some());
        let span = span.map(|scope| scope.child(Kind::Internal, "cache"));
        let network = Network {
            way: way.clone(),
            first_byte,
            scope: span.as_ref().map(Span::scope).or(scope).cloned(),
        };
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        let sent = match &way.cache {
            Some(place) => {
                let address = Url::parse(&request.uri().to_string());
                let address = address.map(|url| cache::address(&url)).unwrap_or_default();
                let cache = &way.runtime.cache;
                let upstream = Arc::new(network);
                cache
                    .fetch(place, &address, request, wishes, upstream)
                    .await
            }
            None => network.send(request).await,
        };
        let response = sent.map_err(|failure| match failure.downcast_ref::<SendError>() {
            Some(error) => error.clone(),
            None => SendError::Over,
        })?;
        if let Some((span, status)) = span.zip(cache::status(&response)) {
            span.set("cirque.cache.status", status.word());
        }
        let usage = match way.cache.is_some() && cache::was_there(&response) {
            true => Some(way.worker.tenant.usage.clone()),
            false => None,
        };
        Ok(response.map(|body| FromCache { body, usage }.map_err(body_error).boxed_unsync()))
    }
}

/// What the guest is told of a body that broke off.
fn body_error(error: cache::BodyError) -> Error {
    match error.downcast::<ResponseBodyError>() {
        Ok(error) => broken_off(*error),
        Err(error) => Error::InternalError(Some(error.to_string())),
    }
}

/// A response, and what is left to do for its connection.
type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for Outbound {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        FORBIDDEN_HEADERS.clone()
    }

    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        FORBIDDEN_HEADERS(name)
    }

    fn set_host_header(&mut self) -> bool {
        // The client writes it from the URL.
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let sender = Sender {
            target: self.next.take(),
            way: self.way().clone(),
        };
        if let Err(error) = sender.way.admit() {
            return Box::new(async { Err(outward(error)) });
        }
        let first_byte = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            let response = sender
                .send_admitted(request, first_byte, Wishes::default())
                .await
                .map_err(outward)?;
            Ok((response, Box::new(async { Ok(()) }) as Box<_>))
        })
    }
}

/// A response's body, which holds its place among the connections until it is read or dropped.
pub(super) struct Held<B> {
    body: B,
    _permit: OwnedSemaphorePermit,
    /// Ends with the body.
    span: Option<Span>,
}

impl<B> Held<B> {
    pub(super) fn new(body: B, permit: OwnedSemaphorePermit, span: Option<Span>) -> Self {
        Self {
            body,
            _permit: permit,
            span,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Held<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let (Some(Err(_)), Some(span)) = (&frame, &self.span) {
            span.fail("broken_off");
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the guest is told.
fn outward(error: SendError) -> Error {
    tracing::debug!(%error, "an outgoing request failed");
    let error = match error {
        SendError::TooMany | SendError::Call(_) => {
            return Error::InternalError(Some(error.to_string()));
        }
        SendError::Over => return Error::InternalError(None),
        SendError::Egress(error) => error,
    };
    match error {
        EgressError::Prohibited(_) | EgressError::AddressDenied(_) | EgressError::Own(_) => {
            Error::DestinationIpProhibited
        }
        EgressError::Port(_)
        | EgressError::Method(_)
        | EgressError::HostDenied(_)
        | EgressError::HostNotAllowed(_) => Error::HttpRequestDenied,
        EgressError::Host => Error::HttpRequestUriInvalid,
        EgressError::Dns { .. } => Error::DnsError {
            rcode: None,
            info_code: None,
        },
        EgressError::Refused(_) => Error::ConnectionRefused,
        EgressError::TooManyConnections(_) => Error::ConnectionLimitReached,
        EgressError::ConnectTimeout(_) => Error::ConnectionTimeout,
        EgressError::ResponseTimeout(_) | EgressError::TotalTimeout(_) => {
            Error::HttpResponseTimeout
        }
        EgressError::ResponseTooLarge(most) => Error::HttpResponseBodySize(Some(most)),
        EgressError::Tls(_) => Error::TlsCertificateError,
        EgressError::Exchange(_) => Error::ConnectionTerminated,
    }
}

/// What the guest is told of a body that broke off.
fn broken_off(error: ResponseBodyError) -> Error {
    match error {
        ResponseBodyError::Idle(_) => Error::ConnectionReadTimeout,
        ResponseBodyError::Total(_) => Error::HttpResponseTimeout,
        ResponseBodyError::TooLarge(most) => Error::HttpResponseBodySize(Some(most)),
        ResponseBodyError::Broken(error) => Error::Hyper(error),
    }
}
