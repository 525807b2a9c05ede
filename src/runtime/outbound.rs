//! A guest's outgoing requests: counted, bounded, and sent through [`Egress`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

use super::component::FORBIDDEN_HEADERS;
use crate::egress::{Egress, EgressError, ResponseBody, ResponseBodyError};
use crate::limiter::Tenant;
use crate::model::Limit;

/// One invocation's way out.
pub(super) struct Outbound {
    egress: Arc<Egress>,
    tenant: Arc<Tenant>,
    requests_max: u32,
    connections_max: usize,
    /// Made at the first request: most invocations send none.
    sender: Option<Sender>,
}

impl Outbound {
    /// A way out for at most `requests_max` requests.
    pub(super) fn new(
        egress: Arc<Egress>,
        tenant: Arc<Tenant>,
        requests_max: u32,
        connections_max: usize,
    ) -> Self {
        Self {
            egress,
            tenant,
            requests_max,
            connections_max,
            sender: None,
        }
    }

    /// What sends this invocation's requests.
    pub(super) fn sender(&mut self) -> Sender {
        let made = self.sender.get_or_insert_with(|| Sender {
            egress: self.egress.clone(),
            tenant: self.tenant.clone(),
            requests_left: Arc::new(AtomicU32::new(self.requests_max)),
            connections: Arc::new(Semaphore::new(self.connections_max)),
        });
        made.clone()
    }
}

/// Sends an invocation's requests; its clones share the budget.
#[derive(Clone)]
pub(super) struct Sender {
    egress: Arc<Egress>,
    tenant: Arc<Tenant>,
    requests_left: Arc<AtomicU32>,
    connections: Arc<Semaphore>,
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The invocation has sent as many as it may.
    #[error("Too many subrequests.")]
    TooMany,
    /// The invocation is over.
    #[error("the invocation is over")]
    Over,
    /// It could not be sent.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

impl Sender {
    /// Sends a request that takes the configured time to be answered at most.
    pub(super) async fn send(
        &self,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, SendError> {
        self.admit()?;
        self.send_admitted(request, None).await
    }

    /// Takes one request off the budget.
    fn admit(&self) -> Result<(), SendError> {
        let take = |left: u32| left.checked_sub(1);
        let taken = self
            .requests_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map(drop).map_err(|_| {
            self.tenant.metrics.limit_exceeded(Limit::Subrequests);
            SendError::TooMany
        })
    }

    async fn send_admitted(
        &self,
        request: Request<WasiBody>,
        first_byte: Option<Duration>,
    ) -> Result<Response<WasiBody>, SendError> {
        // As on Cloudflare, a request beyond the bound waits for one that is under way.
        let connections = self.connections.clone();
        let permit = connections
            .acquire_owned()
            .await
            .map_err(|_| SendError::Over)?;
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        let response = self
            .egress
            .fetch(&self.tenant.id, request, first_byte)
            .await?;
        Ok(response.map(|body| {
            Held {
                body,
                _permit: permit,
            }
            .boxed_unsync()
        }))
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
        let sender = self.sender();
        if let Err(error) = sender.admit() {
            return Box::new(async { Err(outward(error)) });
        }
        let first_byte = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            let response = sender
                .send_admitted(request, first_byte)
                .await
                .map_err(outward)?;
            Ok((response, Box::new(async { Ok(()) }) as Box<_>))
        })
    }
}

/// A response's body, which holds its place among the connections until it is read or dropped.
struct Held {
    body: ResponseBody,
    _permit: OwnedSemaphorePermit,
}

impl Body for Held {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(cx).map_err(broken_off)
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
        SendError::TooMany => return Error::InternalError(Some(error.to_string())),
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
