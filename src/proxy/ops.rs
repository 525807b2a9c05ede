//! The operators' door: metrics, health, readiness. It never listens where visitors do.

use std::sync::Arc;

use async_trait::async_trait;
use http::{Response, StatusCode, header};
use pingora::apps::http_app::ServeHttp;
use pingora::protocols::http::ServerSession;
use tokio::sync::watch;

use crate::metrics::Metrics;
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

    fn ready(&self) -> (StatusCode, &'static str, Vec<u8>) {
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

const TEXT: &str = "text/plain; charset=utf-8";
/// Prometheus' text format, version 0.0.4.
const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[async_trait]
impl ServeHttp for Ops {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        let request = session.req_header();
        let is_read = matches!(request.method, http::Method::GET | http::Method::HEAD);
        let (status, media, body) = match request.uri.path() {
            _ if !is_read => (
                StatusCode::METHOD_NOT_ALLOWED,
                TEXT,
                b"only GET is served here\n".to_vec(),
            ),
            "/metrics" => (StatusCode::OK, METRICS_TEXT, self.metrics.render()),
            "/healthz" => (StatusCode::OK, TEXT, b"ok\n".to_vec()),
            "/readyz" => self.ready(),
            _ => (
                StatusCode::NOT_FOUND,
                TEXT,
                b"here are /metrics, /healthz and /readyz\n".to_vec(),
            ),
        };
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, media)
            .header(header::CONTENT_LENGTH, body.len());
        response.body(body).unwrap_or_default()
    }
}
