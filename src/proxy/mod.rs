//! The visitors' door: Pingora's phases, in the order they run.
//!
//! A worker answers in `request_filter`; a route to a plain origin goes on to Pingora's own upstream
//! path. What stands here is the order of things; each step has a file of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::modules::http::HttpModules;
use pingora::prelude::{Error, ErrorType, HttpPeer, Result};
use pingora::proxy::{FailToProxy, ProxyHttp, Session};

use crate::conf::Conf;
use crate::logs::AccessLog;
use crate::metrics::Metrics;
use crate::model::Route;
use crate::router::{RouteError, Router};
use crate::runtime::{Runtime, VIA};
use crate::store::known::Known;
use crate::tls::Challenge;
use crate::traces::{LogRecords, Tracer};

mod cached;
pub mod connection;
pub mod context;
mod errors;
mod guard;
pub mod ops;
mod origin;
mod tls;
mod traced;
mod wellknown;
mod worker;

pub use cached::CachedOrigins;
use connection::Pace;
use context::{Answered, Context};
use errors::Failure;
use guard::Guard;
pub use origin::Origins;

/// Everything a visitor's request meets.
pub struct Edge {
    guard: Guard,
    router: Arc<Router>,
    runtime: Arc<Runtime>,
    origins: Origins,
    cached: CachedOrigins,
    challenges: Arc<Known<Challenge>>,
    redirects: bool,
    hsts: Option<HeaderValue>,
    metrics: Arc<Metrics>,
    access: Option<Arc<AccessLog>>,
    tracer: Option<Arc<Tracer>>,
    records: Option<Arc<LogRecords>>,
    body_bytes_max: u64,
}

/// What the door is put together from.
pub struct Parts {
    /// Finds where hostnames lead.
    pub router: Arc<Router>,
    /// Runs workers.
    pub runtime: Arc<Runtime>,
    /// Reaches plain origins.
    pub origins: Origins,
    /// Reaches those whose responses are kept.
    pub cached: CachedOrigins,
    /// What certificate authorities look for.
    pub challenges: Arc<Known<Challenge>>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// Where access records go.
    pub access: Option<Arc<AccessLog>>,
    /// What begins traces, where they are wanted.
    pub tracer: Option<Arc<Tracer>>,
    /// Where access records go, too, where they are wanted there.
    pub records: Option<Arc<LogRecords>>,
}

impl Edge {
    /// Puts the door together.
    pub fn new(conf: &Conf, parts: Parts) -> Self {
        let Parts {
            router,
            runtime,
            origins,
            cached,
            challenges,
            metrics,
            access,
            tracer,
            records,
        } = parts;
        Self {
            guard: Guard::new(&conf.limits),
            router,
            runtime,
            origins,
            cached,
            challenges,
            redirects: conf.tls.redirect,
            hsts: (conf.tls.hsts_max_age_s > 0).then(|| {
                let text = format!("max-age={}", conf.tls.hsts_max_age_s);
                HeaderValue::try_from(text).expect("digits are a header's value")
            }),
            metrics,
            access,
            tracer,
            records,
            body_bytes_max: match conf.limits.body_bytes {
                0 => u64::MAX,
                bytes => bytes,
            },
        }
    }

    /// Guard, routing, and the worker's answer; `false` for a route to a plain origin.
    async fn serve(&self, session: &mut Session, ctx: &mut Context) -> Result<bool, Failure> {
        let admitted = self.guard.check(session).inspect_err(|refusal| {
            self.metrics
                .refused
                .with_label_values(&[refusal.label()])
                .inc();
        })?;
        if admitted
            .content_length
            .is_some_and(|bytes| bytes > self.body_bytes_max)
        {
            return Err(Failure::BodyTooLarge);
        }
        let hostname = ctx.hostname.insert(admitted.hostname);
        match tls::facts(session) {
            Some((door, facts)) if !door.is_good_for(facts, hostname) => {
                return Err(Failure::Misdirected);
            }
            Some(_) => ctx.hsts = self.hsts.clone(),
            // What proves control over a hostname comes before whatever the hostname leads to.
            None => {
                if wellknown::answer(self, session, ctx).await? {
                    return Ok(true);
                }
            }
        }
        let hostname = ctx.hostname.as_ref().expect("it was put there above");
        let route = self.router.route(hostname).await?;
        // A request without a body owes nothing more: from here on the visitor is the one who waits.
        match session.is_body_empty() {
            true => ctx.begin_response(),
            false => ctx.begin_body(),
        }
        match &*route {
            Route::Worker(tenant, metadata) => {
                ctx.host_metadata = metadata.clone();
                ctx.answered = Answered::Worker {
                    id: tenant.clone(),
                    tenant: None,
                };
                worker::answer(self, tenant, session, ctx).await?;
                Ok(true)
            }
            Route::Origin(origin, is_kept) => {
                // It goes along, should the way lead back here; one that a visitor made up does not.
                let via = session.req_header().headers.get(VIA);
                if via.is_some_and(|via| self.runtime.via(via).is_none()) {
                    session.req_header_mut().remove_header(VIA);
                }
                ctx.answered = Answered::Origin;
                if cached::answer(self, origin, *is_kept, session, ctx).await? {
                    return Ok(true);
                }
                ctx.route = Some(route);
                Ok(false)
            }
            // The router has resolved these.
            Route::Zone(..) | Route::Inactive(_) | Route::Custom(..) => {
                Err(RouteError::NoOrigin.into())
            }
        }
    }
}

#[async_trait]
impl ProxyHttp for Edge {
    type CTX = Context;

    fn new_ctx(&self) -> Context {
        Context::begin()
    }

    fn init_downstream_modules(&self, _: &mut HttpModules) {
        // Pingora's own would add compression, which is asked at each phase although it is off.
    }

    fn on_connection_reuse(
        &self,
        _: &mut Session,
        ctx: &mut Context,
        connection: Box<dyn std::any::Any + Send + Sync>,
    ) {
        // `connection` hands its pace to every request, the first one too.
        ctx.pace = connection.downcast::<Arc<Pace>>().ok().map(|pace| *pace);
    }

    async fn request_filter(&self, session: &mut Session, ctx: &mut Context) -> Result<bool> {
        // Our own deadlines run on the connection; Pingora's are for each read alone.
        session.set_read_timeout(None);
        session.set_pipelining_enabled(true);
        // A worker that answers while the body still comes does not cost the connection; one that does not read it
        // to its end has the rest read for it, for a moment.
        session.set_close_on_response_before_downstream_finish(false);
        session.set_total_drain_timeout(Some(DRAIN_TIMEOUT));
        traced::begin(self, session, ctx);
        match self.serve(session, ctx).await {
            Ok(is_answered) => Ok(is_answered),
            Err(failure) => {
                ctx.failure = Some(failure.label());
                errors::answer(failure, session, ctx).await?;
                Ok(true)
            }
        }
    }

    async fn upstream_peer(
        &self,
        session: &mut Session,
        ctx: &mut Context,
    ) -> Result<Box<HttpPeer>> {
        let Some(Route::Origin(origin, _)) = ctx.route.as_deref() else {
            return Error::e_explain(ErrorType::InternalError, "a worker's route has no origin");
        };
        let origin = origin.clone();
        traced::begin_origin(session, ctx, &origin);
        self.origins
            .peer(
                &origin,
                ctx.hostname.as_ref(),
                session.is_upgrade_req(),
                ctx.attempts,
            )
            .await
    }

    async fn request_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<bytes::Bytes>,
        is_end: bool,
        ctx: &mut Context,
    ) -> Result<()> {
        ctx.bytes_received += body.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if ctx.bytes_received > self.body_bytes_max {
            let what = "the body is longer than limits.body_bytes";
            return Error::e_explain(ErrorType::HTTPStatus(413), what);
        }
        if is_end {
            ctx.begin_response();
        }
        Ok(())
    }

    async fn upstream_request_filter(
        &self,
        session: &mut Session,
        request: &mut RequestHeader,
        ctx: &mut Context,
    ) -> Result<()> {
        origin::prepare(session, request, ctx)
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        ctx: &mut Context,
    ) -> Result<()> {
        ctx.begin_response();
        traced::origin_answered(ctx, response.status.as_u16());
        if let Some(Route::Origin(origin, is_kept)) = ctx.route.as_deref() {
            self.cached
                .note_change(origin, *is_kept, session, ctx, response);
        }
        origin::clean(response);
        ctx.finish(response)
    }

    fn fail_to_connect(
        &self,
        _: &mut Session,
        _: &HttpPeer,
        ctx: &mut Context,
        mut error: Box<Error>,
    ) -> Box<Error> {
        // Nothing was sent yet, so another attempt, at the next address, is always safe.
        ctx.attempts += 1;
        error.set_retry(ctx.attempts < CONNECT_ATTEMPTS);
        error
    }

    async fn fail_to_proxy(
        &self,
        session: &mut Session,
        error: &Error,
        ctx: &mut Context,
    ) -> FailToProxy {
        let failure = errors::of_proxy(error);
        // A response that was broken off on purpose has said why already.
        ctx.failure.get_or_insert(failure.label());
        traced::origin_failed(ctx, failure.label());
        tracing::debug!(%error, request_id = ctx.id(), "a request failed");
        let code = failure.status().as_u16();
        if session.response_written().is_none() && !failure.is_visitor_gone() {
            // The visitor may be gone by now; there is nobody else to tell.
            let _ = errors::answer(failure, session, ctx).await;
        }
        FailToProxy {
            error_code: code,
            can_reuse_downstream: false,
        }
    }

    fn suppress_error_log(&self, _: &Session, _: &Context, _: &Error) -> bool {
        // The access record names the failure.
        true
    }

    async fn logging(&self, session: &mut Session, _: Option<&Error>, ctx: &mut Context) {
        let (access, records) = (self.access.as_deref(), self.records.as_deref());
        ctx.end(session, &self.metrics, access, records);
    }

    fn persist_connection_context(
        &self,
        _: &Session,
        ctx: &Context,
    ) -> Option<Box<dyn std::any::Any + Send + Sync>> {
        ctx.pace.clone().map(|pace| Box::new(pace) as _)
    }
}

/// How long a connection is kept for the rest of a body that nobody wants.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// How often connecting to an origin is tried; `max_retries` of Pingora's is as many.
pub const CONNECT_ATTEMPTS: usize = 3;

/// A minimal page for benches: what Pingora itself costs in this very program.
pub struct Bare;

/// What [`Bare`] answers.
const BARE_BODY: &[u8] = b"Hello, World!\n";

#[async_trait]
impl ProxyHttp for Bare {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn request_filter(&self, session: &mut Session, (): &mut ()) -> Result<bool> {
        let mut header = ResponseHeader::build(200, Some(3))?;
        header.insert_header(http::header::CONTENT_TYPE, "text/plain")?;
        header.insert_header(http::header::CONTENT_LENGTH, BARE_BODY.len().to_string())?;
        session
            .write_response_header(Box::new(header), false)
            .await?;
        session
            .write_response_body(Some(bytes::Bytes::from_static(BARE_BODY)), true)
            .await?;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> Result<Box<HttpPeer>> {
        Error::e_explain(ErrorType::InternalError, "the bare page has no origin")
    }
}
