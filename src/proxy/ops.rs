//! The operators' door: metrics, health, readiness. It never listens where visitors do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Response, StatusCode, header};
use pingora::apps::http_app::ServeHttp;
use pingora::protocols::http::ServerSession;
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::model::TenantId;
use crate::store::known::{Health, Trust};

/// Answers operators.
pub struct Ops {
    metrics: Arc<Metrics>,
    trust: Arc<Trust>,
    ready: watch::Receiver<bool>,
}

impl Ops {
    /// Tells of these counters and this store.
    pub fn new(metrics: Arc<Metrics>, trust: Arc<Trust>, ready: watch::Receiver<bool>) -> Self {
        Self {
            metrics,
            trust,
            ready,
        }
    }

    fn ready(&self) -> Page {
        let store = match self.trust.health() {
            Health::Starting => "not heard of yet",
            Health::Live => "live",
            Health::Away => "away: serving what is known",
            Health::Emptied => "emptied: serving what is known",
        };
        match *self.ready.borrow() {
            true => (
                StatusCode::OK,
                TEXT,
                format!("ready\nstore: {store}\n").into_bytes(),
            ),
            false => (
                StatusCode::SERVICE_UNAVAILABLE,
                TEXT,
                format!("not ready\nstore: {store}\n").into_bytes(),
            ),
        }
    }
}

impl Ops {
    /// Everything, or all of one tenant. Written on a thread of its own: with many tenants that takes a while, and whether the edge
    /// is well is asked here, too.
    async fn metrics(&self, tenant: Option<TenantId>) -> Page {
        let metrics = self.metrics.clone();
        let written = tokio::task::spawn_blocking(move || match tenant {
            None => Ok(metrics.render()),
            Some(tenant) => metrics.render_tenant(&tenant).ok_or(tenant),
        });
        match written.await {
            Ok(Ok(text)) => (StatusCode::OK, METRICS_TEXT, text),
            Ok(Err(tenant)) => missing(format!(
                "this node has counted nothing for {tenant}: no request has come to it here, or none for so long that it was forgotten\n"
            )),
            Err(error) => {
                tracing::error!(%error, "metrics cannot be written");
                let text = b"metrics cannot be written; the log says why\n".to_vec();
                (StatusCode::INTERNAL_SERVER_ERROR, TEXT, text)
            }
        }
    }

    async fn tenant(&self, name: &str) -> Page {
        match TenantId::parse(name) {
            Ok(tenant) => self.metrics(Some(tenant)).await,
            Err(error) => missing(format!(
                "{name:?} is no tenant: {error}; write /metrics/tenant/<namespace>/<worker>, or /metrics/tenant/<worker> for a regular worker\n"
            )),
        }
    }
}

/// Status, content type and body.
type Page = (StatusCode, &'static str, Vec<u8>);

fn missing(text: String) -> Page {
    (StatusCode::NOT_FOUND, TEXT, text.into_bytes())
}

/// Whoever has not taken an answer by then gets no more of it: it would lie in memory for ever.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

const TEXT: &str = "text/plain; charset=utf-8";
/// Prometheus' text format, version 0.0.4.
const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[async_trait]
impl ServeHttp for Ops {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        session.set_write_timeout(Some(WRITE_TIMEOUT));
        let request = session.req_header();
        let is_read = matches!(request.method, http::Method::GET | http::Method::HEAD);
        let (status, media, body) = match request.uri.path() {
            _ if !is_read => (
                StatusCode::METHOD_NOT_ALLOWED,
                TEXT,
                b"only GET is served here\n".to_vec(),
            ),
            "/metrics" => self.metrics(None).await,
            "/healthz" => (StatusCode::OK, TEXT, b"ok\n".to_vec()),
            "/readyz" => self.ready(),
            path => match path.strip_prefix("/metrics/tenant/") {
                Some(name) => self.tenant(name).await,
                None => missing(
                    "here are /metrics, /metrics/tenant/<namespace>/<worker>, /healthz and /readyz\n"
                        .to_owned(),
                ),
            },
        };
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, media)
            .header(header::CONTENT_LENGTH, body.len());
        response.body(body).unwrap_or_default()
    }
}
