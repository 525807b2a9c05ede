//! What is known of one request while it is served, and its one record at the end.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use http::HeaderValue;
use http::header::STRICT_TRANSPORT_SECURITY;
use pingora::http::ResponseHeader;
use pingora::prelude::Result;
use pingora::proxy::Session;

use super::connection::Pace;
use super::traced::{self, Spans};
use crate::ledger::Counters;
use crate::limiter::Tenant;
use crate::logs::{AccessLog, AccessRecord};
use crate::metrics::{Metrics, TenantMetrics};
use crate::model::{Hostname, Route, TenantId};
use crate::traces::{LogRecords, Scope, SpanContext};

/// One request.
pub struct Context {
    began: Instant,
    /// How long it took until the answer's header was there.
    first_byte: Option<Duration>,
    id: [u8; 16],
    /// The canonical hostname, once the guard has passed it.
    pub hostname: Option<Hostname>,
    /// Where it was routed.
    pub answered: Answered,
    /// The route, for Pingora's upstream path.
    pub route: Option<Arc<Route>>,
    /// The connection's pace.
    pub pace: Option<Arc<Pace>>,
    /// What went wrong, as a name.
    pub failure: Option<&'static str>,
    /// Body bytes received.
    pub bytes_received: u64,
    /// CPU time of the guest.
    pub cpu: Duration,
    /// Connections tried.
    pub attempts: usize,
    /// What the operator says of the hostname, as JSON.
    pub host_metadata: Option<Arc<str>>,
    /// `Strict-Transport-Security`, for responses that have none.
    pub hsts: Option<HeaderValue>,
    /// Its spans, where requests are traced.
    pub(super) spans: Option<Box<Spans>>,
}

/// Who answers.
pub enum Answered {
    /// Nobody: it was refused before.
    Nobody,
    /// A worker; with its counters once it has answered.
    Worker {
        /// The tenant.
        id: TenantId,
        /// The tenant with its counters.
        tenant: Option<Arc<Tenant>>,
    },
    /// A plain origin.
    Origin,
}

impl Context {
    /// A request that begins now.
    pub(super) fn begin() -> Self {
        Self {
            began: Instant::now(),
            first_byte: None,
            id: next_id(),
            hostname: None,
            answered: Answered::Nobody,
            route: None,
            pace: None,
            failure: None,
            bytes_received: 0,
            cpu: Duration::ZERO,
            attempts: 0,
            host_metadata: None,
            hsts: None,
            spans: None,
        }
    }

    /// Adds to a response what the edge says on every one.
    pub(super) fn finish(&mut self, response: &mut ResponseHeader) -> Result<()> {
        self.first_byte = Some(self.began.elapsed());
        match &self.hsts {
            Some(hsts) if !response.headers.contains_key(STRICT_TRANSPORT_SECURITY) => {
                response.insert_header(STRICT_TRANSPORT_SECURITY, hsts.clone())
            }
            _ => Ok(()),
        }
    }

    /// When it began.
    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// The request's name in logs, in answers and for workers.
    pub fn id(&self) -> &str {
        std::str::from_utf8(&self.id).unwrap_or("")
    }

    /// The place in its trace, below which spans begin.
    pub(super) fn scope(&self) -> Option<&Scope> {
        self.spans.as_ref().map(|spans| spans.scope())
    }

    /// From here on the visitor owes a body.
    pub fn begin_body(&self) {
        if let Some(pace) = &self.pace {
            pace.begin_body();
        }
    }

    /// From here on the edge owes an answer.
    pub fn begin_response(&self) {
        if let Some(pace) = &self.pace {
            pace.begin_response();
        }
    }

    /// Counts and records the request; Pingora calls this once, however it ended.
    pub fn end(
        &mut self,
        session: &Session,
        metrics: &Metrics,
        access: Option<&AccessLog>,
        records: Option<&LogRecords>,
    ) {
        let duration = self.began.elapsed();
        let status = session
            .response_written()
            .map_or(0, |response| response.status.as_u16());
        if let Some(pace) = &self.pace {
            if pace.was_slow() {
                self.failure = Some("visitor_slow");
            }
            pace.begin_idle();
        }
        let label = match &self.answered {
            Answered::Nobody => {
                self.count(metrics.none(), status, duration);
                self.count_bytes(metrics.none().usage(Arc::default), session);
                ""
            }
            Answered::Origin => {
                self.count(metrics.origin(), status, duration);
                self.count_bytes(metrics.origin().usage(Arc::default), session);
                "origin"
            }
            Answered::Worker {
                tenant: Some(tenant),
                ..
            } => {
                self.count(&tenant.metrics, status, duration);
                self.count_bytes(&tenant.usage, session);
                &tenant.label
            }
            Answered::Worker { id, tenant: None } => {
                let own = metrics.tenant(id);
                self.count(&own, status, duration);
                // A worker that nobody has uploaded has none.
                let usage = own.known_usage().cloned();
                if let Some(usage) = usage.or_else(|| metrics.ledger.find(id)) {
                    self.count_bytes(&usage, session);
                }
                &id.to_string()
            }
        };
        let context = self.scope().map(Scope::context);
        if access.is_some() || records.is_some() {
            let record = (label, status, duration);
            self.record(session, record, context, access, records);
        }
        traced::end(session, self, status);
    }

    /// Writes the access record to wherever it is wanted.
    fn record(
        &self,
        session: &Session,
        (label, status, duration): (&str, u16, Duration),
        context: Option<SpanContext>,
        access: Option<&AccessLog>,
        records: Option<&LogRecords>,
    ) {
        let request = session.req_header();
        let mut client = ClientText::default();
        write_client(session, &mut client);
        let trace_id = context.map(|context| context.trace.to_string());
        let trace_id = trace_id.unwrap_or_default();
        let record = AccessRecord {
            time_ms: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |now| now.as_millis()),
            request_id: self.id(),
            trace_id: &trace_id,
            client: client.as_str(),
            hostname: self.hostname.as_ref().map_or("", |name| name.as_str()),
            tenant: label,
            method: request.method.as_str(),
            path: request.uri.path(),
            protocol: protocol(request.version),
            status,
            error: self.failure.unwrap_or(""),
            bytes_received: self.bytes_received,
            bytes_sent: session.body_bytes_sent() as u64,
            duration_us: duration.as_micros(),
            cpu_us: self.cpu.as_micros(),
        };
        if let Some(access) = access {
            access.write(&record);
        }
        if let Some(records) = records {
            records.access(&record, context);
        }
    }

    fn count(&self, metrics: &TenantMetrics, status: u16, duration: Duration) {
        metrics.answered(status, duration, self.first_byte);
    }

    fn count_bytes(&self, usage: &Counters, session: &Session) {
        usage.received(self.bytes_received);
        usage.sent(session.body_bytes_sent() as u64);
    }
}

fn protocol(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_2 => "HTTP/2",
        http::Version::HTTP_11 => "HTTP/1.1",
        http::Version::HTTP_10 => "HTTP/1.0",
        _ => "",
    }
}

/// Writes the visitor's address, where there is one.
pub(super) fn write_client(session: &Session, client: &mut ClientText) {
    if let Some(address) = session.client_addr().and_then(|address| address.as_inet()) {
        // The buffer holds any address.
        let _ = write!(client, "{}", address.ip());
    }
}

/// An IP address as text, without an allocation.
pub struct ClientText {
    bytes: [u8; 46],
    len: usize,
}

impl Default for ClientText {
    fn default() -> Self {
        Self {
            bytes: [0; 46],
            len: 0,
        }
    }
}

impl ClientText {
    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl Write for ClientText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Sixteen hex digits: unique in this process, and not the same after a restart.
fn next_id() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static START: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let start = *START.get_or_init(|| {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(std::process::id())
    });
    // An odd factor visits every value once, so neighbours do not look alike.
    let number = start.wrapping_add(
        NEXT.fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15),
    );
    let mut text = [0; 16];
    for (index, digit) in text.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (60 - 4 * index)) as usize & 0xf];
    }
    text
}
