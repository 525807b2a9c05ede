//! A guest's outgoing requests: counted, bounded, and sent through [`Egress`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

use super::component::FORBIDDEN_HEADERS;
use crate::egress::{Egress, EgressError};
use crate::limiter::Tenant;
use crate::model::Limit;

/// One invocation's way out.
pub(super) struct Outbound {
    egress: Arc<Egress>,
    tenant: Arc<Tenant>,
    requests_left: u32,
    /// Made at the first request: most invocations send none.
    connections: Option<Arc<Semaphore>>,
    connections_max: usize,
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
            requests_left: requests_max,
            connections: None,
            connections_max,
        }
    }

    /// Takes one request off the budget.
    fn admit(&mut self) -> Result<Arc<Semaphore>, Error> {
        let Some(left) = self.requests_left.checked_sub(1) else {
            self.tenant.metrics.limit_exceeded(Limit::Subrequests);
            return Err(Error::InternalError(Some("Too many subrequests.".into())));
        };
        self.requests_left = left;
        Ok(self
            .connections
            .get_or_insert_with(|| Arc::new(Semaphore::new(self.connections_max)))
            .clone())
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
        let connections = match self.admit() {
            Ok(connections) => connections,
            Err(error) => return Box::new(async { Err(error) }),
        };
        let (egress, tenant) = (self.egress.clone(), self.tenant.clone());
        let first_byte = options.and_then(|options| options.first_byte_timeout);
        Box::new(async move {
            // As on Cloudflare, a request beyond the bound waits for one that is under way.
            let permit = connections
                .acquire_owned()
                .await
                .map_err(|_| Error::InternalError(None))?;
            let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
            let response = egress
                .fetch(&tenant.id, request, first_byte)
                .await
                .map_err(outward)?;
            let response = response.map(|body| {
                Held {
                    body,
                    _permit: permit,
                }
                .boxed_unsync()
            });
            Ok((response, Box::new(async { Ok(()) }) as Box<_>))
        })
    }
}

/// A response's body, which holds its place among the connections until it is read or dropped.
struct Held {
    body: Incoming,
    _permit: OwnedSemaphorePermit,
}

impl Body for Held {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body)
            .poll_frame(cx)
            .map_err(Error::Hyper)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the guest is told.
fn outward(error: EgressError) -> Error {
    tracing::debug!(%error, "an outgoing request failed");
    match error {
        EgressError::Prohibited(_) => Error::DestinationIpProhibited,
        EgressError::Port(_) => Error::HttpRequestDenied,
        EgressError::Host => Error::HttpRequestUriInvalid,
        EgressError::Dns { .. } => Error::DnsError {
            rcode: None,
            info_code: None,
        },
        EgressError::Refused(_) => Error::ConnectionRefused,
        EgressError::ConnectTimeout(_) => Error::ConnectionTimeout,
        EgressError::ResponseTimeout(_) => Error::HttpResponseTimeout,
        EgressError::Tls(_) => Error::TlsCertificateError,
        EgressError::Exchange(_) => Error::ConnectionTerminated,
    }
}
