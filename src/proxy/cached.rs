//! Plain origins whose responses are kept.
//!
//! What may be kept is asked for by a client of our own, once for all who want it; everything else takes Pingora's way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Poller, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Empty};
use moka::sync::Cache as Moka;
use pingora::http::ResponseHeader;
use pingora::proxy::Session;

use super::Edge;
use super::context::Context;
use super::errors::Failure;
use super::traced;
use super::worker::{self, Answer, Feed};
use crate::cache::{self, BodyError, Cache, Kind, Place, Upstream, Wishes};
use crate::egress::{Egress, EgressError, OwnFields};
use crate::model::{CacheOwner, Origin, TenantId};
use crate::runtime::VIA;
use crate::traces::{self, Scope};

/// Origins whose places in the cache are kept ready.
const ORIGINS_MAX: u64 = 10_000;

/// By these a visitor could have an origin answer for another URL than the one that its answer is kept under.
const UNKEYED: [&str; 9] = [
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-server",
    "x-host",
    "x-http-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// Origins behind the cache.
pub struct CachedOrigins {
    cache: Arc<Cache>,
    network: Arc<Network>,
    /// The way to origins that are not the operator's.
    customers: Arc<Network>,
    places: Moka<Origin, Place>,
    /// Whether responses are kept where a hostname's record does not say so.
    is_default: bool,
}

struct Network {
    egress: Egress,
    /// Connections need not be kept apart by hostname: an origin is the same for all of them.
    pool: TenantId,
}

#[async_trait]
impl Upstream for Network {
    async fn send(
        &self,
        mut request: Request<cache::Body>,
    ) -> Result<Response<cache::Body>, cache::Failure> {
        let scope = request.extensions_mut().remove::<Scope>();
        let span = scope.map(|scope| scope.exchange(&mut request));
        let sent = self.egress.fetch(&self.pool, request, None).await;
        if let Some(span) = &span {
            match &sent {
                Ok(response) => span.answer_to_us(response.status().as_u16()),
                Err(error) => span.fail(error.reason()),
            }
        }
        let response = sent.map_err(|error| Arc::new(error) as cache::Failure)?;
        Ok(response.map(|body| {
            body.map_err(|error| Box::new(error) as BodyError)
                .boxed_unsync()
        }))
    }
}

impl CachedOrigins {
    /// Keeps responses in this cache; the operator's origins are reached by `egress`, all others by `customers`.
    pub fn new(cache: Arc<Cache>, egress: Egress, customers: Egress, is_default: bool) -> Self {
        let network = |egress| {
            Arc::new(Network {
                egress,
                pool: TenantId::regular("origins").expect("a name"),
            })
        };
        Self {
            cache,
            network: network(egress),
            customers: network(customers),
            places: Moka::new(ORIGINS_MAX),
            is_default,
        }
    }

    /// Where responses of an origin are kept; `None` when they are not.
    fn place(&self, origin: &Origin, is_wanted: Option<bool>) -> Option<Place> {
        // Whom an origin's certificate is checked against belongs to each hostname, the client of this path to all.
        let is_special = origin.sni.is_some() || origin.ca.is_some();
        if !is_wanted.unwrap_or(self.is_default) || !self.cache.is_on() || is_special {
            return None;
        }
        let place = || {
            // A purge says which origin, not who named it.
            let origin = Origin {
                is_customers: false,
                ..origin.clone()
            };
            let owner = CacheOwner::Origin(origin);
            self.cache.place(&owner, Kind::Http, "")
        };
        Some(self.places.get_with_by_ref(origin, place))
    }

    /// Forgets what a visitor has changed at an origin.
    pub(super) fn note_change(
        &self,
        origin: &Origin,
        is_wanted: Option<bool>,
        session: &Session,
        ctx: &Context,
        response: &ResponseHeader,
    ) {
        let method = &session.req_header().method;
        if method.is_safe() {
            return;
        }
        if let Some(place) = self.place(origin, is_wanted)
            && let Some(address) = address(session, ctx)
        {
            let (status, fields) = (response.status, &response.headers);
            self.cache
                .note_change(&place, &address, method, status, fields);
        }
    }
}

/// Answers a visitor from the cache, or from the origin by way of it; false for what is not kept.
pub(super) async fn answer(
    edge: &Edge,
    origin: &Origin,
    is_wanted: Option<bool>,
    session: &mut Session,
    ctx: &mut Context,
) -> Result<bool, Failure> {
    let visitor = session.req_header();
    let is_read = visitor.method == Method::GET || visitor.method == Method::HEAD;
    if !is_read || !session.is_body_empty() || session.is_upgrade_req() {
        return Ok(false);
    }
    let origins = &edge.cached;
    let Some(place) = origins.place(origin, is_wanted) else {
        return Ok(false);
    };
    let Some(address) = address(session, ctx) else {
        return Ok(false);
    };
    let mut request = request(edge, origin, session, ctx)?;
    let span = ctx.scope();
    let span = span.map(|scope| scope.child(traces::Kind::Internal, "cache"));
    if let Some(span) = &span {
        request.extensions_mut().insert(span.scope().clone());
    }
    let upstream = match origin.is_customers {
        true => origins.customers.clone(),
        false => origins.network.clone(),
    };
    let fetched = origins
        .cache
        .fetch(&place, &address, request, Wishes::default(), upstream);
    let mut feed = Feed::done();
    let response = {
        let mut fetched = std::pin::pin!(fetched);
        loop {
            tokio::select! {
                biased;
                response = &mut fetched => break response,
                left = feed.step(session, ctx, edge.body_bytes_max) => left?,
            }
        }
    };
    let response = response.map_err(|failure| match failure.downcast_ref::<EgressError>() {
        Some(
            EgressError::ConnectTimeout(_)
            | EgressError::ResponseTimeout(_)
            | EgressError::TotalTimeout(_),
        ) => Failure::OriginTimeout,
        _ => Failure::OriginUnreachable,
    })?;
    if let Some((span, status)) = span.zip(cache::status(&response)) {
        span.set("cirque.cache.status", status.word());
    }
    ctx.begin_response();
    let (mut parts, body) = response.into_parts();
    // Only the edge may say it.
    parts.headers.remove(header::ALT_SVC);
    let bytes_max = edge.body_bytes_max;
    worker::respond(session, ctx, &mut feed, parts, Kept(body), bytes_max).await?;
    Ok(true)
}

/// A visitor's URL as it stands in the cache.
fn address(session: &Session, ctx: &Context) -> Option<String> {
    let scheme = match worker::is_tls(session) {
        true => "https",
        false => "http",
    };
    let path = session.req_header().uri.path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    Some(format!(
        "{scheme}://{}{path}",
        ctx.hostname.as_ref()?.as_str()
    ))
}

/// The visitor's request as the origin gets it.
fn request(
    edge: &Edge,
    origin: &Origin,
    session: &Session,
    ctx: &Context,
) -> Result<Request<cache::Body>, Failure> {
    let visitor = session.req_header();
    let path = visitor.uri.path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let uri = format!("{origin}{path}");
    let empty = Empty::<Bytes>::new().map_err(|never| match never {});
    let mut request = Request::new(empty.boxed_unsync());
    *request.method_mut() = visitor.method.clone();
    *request.uri_mut() = Uri::try_from(uri).map_err(|_| Failure::Internal)?;
    let fields = request.headers_mut();
    fields.clone_from(&visitor.headers);
    worker::strip_nominated(fields);
    for name in UNKEYED {
        fields.remove(name);
    }
    traced::take_over(ctx, fields);
    worker::forwarded(session, |name, value| drop(fields.insert(name, value)));
    let id = HeaderValue::from_str(ctx.id()).map_err(|_| Failure::Internal)?;
    fields.insert("x-request-id", id);
    // What the connection's client would take off: the host that is asked for, and where the request came from.
    let mut own = HeaderMap::new();
    let host = match fields.remove(header::HOST) {
        Some(host) => Some(host),
        None => ctx
            .hostname
            .as_ref()
            .and_then(|hostname| HeaderValue::from_str(hostname.as_str()).ok()),
    };
    own.extend(host.map(|host| (header::HOST, host)));
    let via = fields
        .remove(VIA)
        .filter(|via| edge.runtime.via(via).is_some());
    own.extend(via.map(|via| (header::HeaderName::from_static(VIA), via)));
    request.extensions_mut().insert(OwnFields(own));
    Ok(request)
}

/// A body that came from the cache or through it.
struct Kept(cache::Body);

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Poller<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let frame = Pin::new(&mut self.0).poll_frame(cx);
        frame.map_err(|_| Failure::OriginUnreachable)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Answer for Kept {
    fn cpu(&self) -> Duration {
        Duration::ZERO
    }

    fn let_go(self) {}
}
