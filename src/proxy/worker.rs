//! Answering from a worker: the request in, the response out, both as streams with backpressure.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Version, header};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use pingora::http::ResponseHeader;
use pingora::proxy::Session;

use super::Edge;
use super::context::{Answered, ClientText, Context};
use super::errors::Failure;
use super::guard;
use super::traced;
use crate::model::TenantId;
use crate::runtime::{self, Body, RequestBody, RequestBodySender, Visit, WorkerError};

/// Has the tenant's worker answer the request.
pub(super) async fn answer(
    edge: &Edge,
    tenant: &TenantId,
    session: &mut Session,
    ctx: &mut Context,
) -> Result<(), Failure> {
    let (mut feed, body) = match session.is_body_empty() {
        true => (Feed::done(), RequestBody::Empty),
        false => {
            let (sender, body) = RequestBody::streamed();
            (Feed::new(sender, session), body)
        }
    };
    let mut request = request(session, body)?;
    let visit = visit(edge, session, ctx, request.headers_mut());
    let response = {
        let fetch = edge.runtime.fetch(tenant, request, visit);
        let mut fetch = std::pin::pin!(fetch);
        // Most workers answer in their first poll, before anything of the visitor's connection is looked at.
        match futures::poll!(fetch.as_mut()) {
            std::task::Poll::Ready(response) => response?,
            std::task::Poll::Pending => loop {
                tokio::select! {
                    biased;
                    response = &mut fetch => break response?,
                    fed = feed.step(session, ctx, edge.body_bytes_max) => fed?,
                }
            },
        }
    };
    let (parts, body) = response.into_parts();
    ctx.answered = Answered::Worker {
        id: tenant.clone(),
        tenant: Some(body.tenant().clone()),
    };
    ctx.begin_response();
    respond(session, ctx, &mut feed, parts, body, edge.body_bytes_max).await
}

/// A response's body, whoever gives it.
pub(super) trait Answer: HttpBody<Data = Bytes, Error: Into<Failure>> + Unpin {
    /// CPU time that it took so far.
    fn cpu(&self) -> Duration;
    /// Nobody reads it any more.
    fn let_go(self);
}

impl Answer for Body {
    fn cpu(&self) -> Duration {
        self.cpu()
    }

    fn let_go(self) {
        self.let_go();
    }
}

/// Sends a response to the visitor.
pub(super) async fn respond(
    session: &mut Session,
    ctx: &mut Context,
    feed: &mut Feed,
    parts: http::response::Parts,
    mut body: impl Answer,
    body_bytes_max: u64,
) -> Result<(), Failure> {
    // A 1xx would leave the visitor waiting for the response proper, and 101 hand the connection to nobody.
    if !(200..=599).contains(&parts.status.as_u16()) {
        let what = format!(
            "status {}; a response has one from 200 to 599",
            parts.status.as_u16()
        );
        return Err(WorkerError::Refused(what).into());
    }
    let request = session.req_header();
    let has_body = request.method != Method::HEAD
        && parts.status != StatusCode::NO_CONTENT
        && parts.status != StatusCode::NOT_MODIFIED;
    let version = request.version;
    let mut early = Early::default();
    if has_body {
        early.gather(&mut body)?;
    }
    let has_length = parts.headers.contains_key(header::CONTENT_LENGTH);
    let count = parts.headers.len();
    // Names in lower case, as the guest's are: keeping another case costs a second map.
    let mut header = ResponseHeader::build_no_case(parts.status, Some(count + 4))?;
    let mut last = None;
    for (name, value) in parts.headers {
        // A map handed over names a field once, before the first of its values.
        last = name.or(last);
        if let Some(name) = &last {
            header.append_header(name.clone(), value)?;
        }
    }
    if parts.status == StatusCode::NO_CONTENT {
        // RFC 9110 §8.6: a lenient reader would wait for that many bytes.
        header.remove_header(&header::CONTENT_LENGTH);
    }
    if has_body && !has_length {
        if early.is_whole {
            header.insert_header(header::CONTENT_LENGTH, early.bytes)?;
        } else if version == Version::HTTP_11 {
            header.insert_header(header::TRANSFER_ENCODING, "chunked")?;
        }
    }
    ctx.finish(&mut header)?;
    visitor(
        session
            .as_downstream_mut()
            .write_response_header(Box::new(header))
            .await,
    )?;
    for chunk in early.chunks {
        visitor(
            session
                .as_downstream_mut()
                .write_response_body(chunk, false)
                .await,
        )?;
    }
    ctx.cpu = body.cpu();
    if early.is_whole || !has_body {
        visitor(
            session
                .as_downstream_mut()
                .write_response_body(Bytes::new(), true)
                .await,
        )?;
        body.let_go();
        return Ok(());
    }
    loop {
        let frame = loop {
            tokio::select! {
                biased;
                frame = body.frame() => break frame,
                fed = feed.step(session, ctx, body_bytes_max) => fed?,
            }
        };
        ctx.cpu = body.cpu();
        match frame {
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    visitor(
                        session
                            .as_downstream_mut()
                            .write_response_body(bytes, false)
                            .await,
                    )?;
                }
            }
            Some(Err(error)) => return Err(error.into()),
            None => {
                visitor(
                    session
                        .as_downstream_mut()
                        .write_response_body(Bytes::new(), true)
                        .await,
                )?;
                return Ok(());
            }
        }
    }
}

/// What the guest has to say without waiting: most say everything, so that the length is known.
#[derive(Default)]
struct Early {
    chunks: Vec<Bytes>,
    bytes: usize,
    is_whole: bool,
}

/// Gathering ends here, so that a guest which writes without end is streamed like any other.
const EARLY_BYTES_MAX: usize = 64 << 10;

impl Early {
    /// Takes what is there. A guest that has failed by now can still be answered for with a page.
    fn gather(&mut self, body: &mut impl Answer) -> Result<(), Failure> {
        while self.bytes < EARLY_BYTES_MAX {
            match body.frame().now_or_never() {
                Some(Some(Ok(frame))) => {
                    let Ok(chunk) = frame.into_data() else {
                        continue;
                    };
                    self.bytes += chunk.len();
                    self.chunks.push(chunk);
                }
                Some(Some(Err(error))) => return Err(error.into()),
                Some(None) => {
                    self.is_whole = true;
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Whatever goes wrong between the edge and the visitor is the visitor's doing.
fn visitor<T>(result: pingora::Result<T>) -> Result<T, Failure> {
    result.map_err(|_| Failure::VisitorGone)
}

/// The visitor's body on its way to the guest.
pub(super) struct Feed {
    sender: Option<RequestBodySender>,
    /// Read ahead of the guest, so that a visitor who leaves is noticed while the guest takes its time.
    ahead: Option<Bytes>,
    expects_continue: bool,
}

impl Feed {
    pub(super) fn done() -> Self {
        Self {
            sender: None,
            ahead: None,
            expects_continue: false,
        }
    }

    fn new(sender: RequestBodySender, session: &Session) -> Self {
        let expects_continue = session.get_header(header::EXPECT).is_some();
        Self {
            sender: Some(sender),
            ahead: None,
            expects_continue,
        }
    }

    /// Moves one chunk on, or waits for the visitor to leave; safe to be dropped at any point.
    pub(super) async fn step(
        &mut self,
        session: &mut Session,
        ctx: &mut Context,
        body_bytes_max: u64,
    ) -> Result<(), Failure> {
        let downstream = session.as_downstream_mut();
        let Some(sender) = &self.sender else {
            if !downstream.is_body_done() {
                // The guest wants no more of it; what comes is left unread, and the connection closed at the end.
                return std::future::pending().await;
            }
            // Nothing is left to read: this ends only when the visitor leaves.
            return visitor(downstream.read_body_or_idle(true).await).map(drop);
        };
        if self.ahead.is_some() {
            let is_taken = match sender.ready().await {
                Some(permit) => {
                    permit.send(self.ahead.take().unwrap_or_default());
                    true
                }
                None => false,
            };
            if !is_taken {
                // The guest reads no further.
                (self.ahead, self.sender) = (None, None);
            }
            return Ok(());
        }
        if downstream.is_body_done() {
            self.sender = None;
            ctx.begin_response();
            return Ok(());
        }
        if std::mem::take(&mut self.expects_continue) && downstream.response_written().is_none() {
            visitor(downstream.write_continue_response().await)?;
        }
        self.ahead = visitor(downstream.read_body_or_idle(false).await)?;
        ctx.bytes_received += self.ahead.as_ref().map_or(0, |chunk| chunk.len() as u64);
        match ctx.bytes_received > body_bytes_max {
            true => Err(Failure::BodyTooLarge),
            false => Ok(()),
        }
    }
}

/// The request as the worker sees it.
fn request(session: &Session, body: RequestBody) -> Result<Request<RequestBody>, Failure> {
    let visitor = session.req_header();
    let mut request = Request::new(body);
    *request.method_mut() = visitor.method.clone();
    *request.headers_mut() = visitor.headers.clone();
    let path = visitor.uri.path_and_query().cloned();
    let mut uri = http::uri::Parts::default();
    uri.path_and_query = path;
    *request.uri_mut() = http::Uri::from_parts(uri).map_err(|_| Failure::Internal)?;
    let headers = request.headers_mut();
    if !headers.contains_key(header::HOST)
        && let Some(authority) = visitor.uri.authority()
    {
        let value = HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Internal)?;
        headers.insert(header::HOST, value);
    }
    strip_nominated(headers);
    forwarded(session, |name, value| drop(headers.insert(name, value)));
    Ok(request)
}

/// Drops what `Connection` names: it was for this hop only (RFC 9110 §7.6.1). The guard has refused requests
/// that name what every hop needs.
pub(super) fn strip_nominated(headers: &mut http::HeaderMap) {
    if !headers.contains_key(header::CONNECTION) {
        return;
    }
    let nominated: Vec<HeaderName> = guard::nominated(headers)
        .filter_map(|name| HeaderName::from_bytes(name).ok())
        .collect();
    for name in nominated {
        headers.remove(name);
    }
}

/// Who the visitor is, as the edge knows it; what the visitor wrote there itself is replaced.
pub(super) fn forwarded(session: &Session, mut set: impl FnMut(HeaderName, HeaderValue)) {
    use std::fmt::Write;
    let mut client = ClientText::default();
    if let Some(address) = session.client_addr().and_then(|address| address.as_inet())
        && write!(client, "{}", address.ip()).is_ok()
        && let Ok(value) = HeaderValue::from_str(client.as_str())
    {
        set(HeaderName::from_static("x-forwarded-for"), value);
    }
    let proto = if is_tls(session) { "https" } else { "http" };
    set(
        HeaderName::from_static("x-forwarded-proto"),
        HeaderValue::from_static(proto),
    );
}

/// What workers may learn of the visitor's request; takes off what only edges tell each other.
fn visit(edge: &Edge, session: &Session, ctx: &Context, headers: &mut http::HeaderMap) -> Visit {
    let via = headers.remove(runtime::VIA);
    traced::take_over(ctx, headers);
    let digest = session.digest();
    let tls = digest.and_then(|digest| digest.ssl_digest.as_ref());
    Visit {
        id: ctx.id().into(),
        began: ctx.began(),
        is_tls: tls.is_some(),
        http: match session.req_header().version {
            Version::HTTP_2 => "HTTP/2",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
        tls: tls.map(|tls| (tls.version.clone(), tls.cipher.clone())),
        host_metadata: ctx.host_metadata.clone(),
        via: via.and_then(|via| edge.runtime.via(&via)),
        scope: ctx.scope().cloned(),
    }
}

/// Whether the visitor came over TLS.
pub(super) fn is_tls(session: &Session) -> bool {
    session
        .digest()
        .is_some_and(|digest| digest.ssl_digest.is_some())
}
