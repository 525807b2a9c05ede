//! Log records for the collector: what each request came to, and what workers log.

use std::sync::Arc;

use super::context::SpanContext;
use super::numbers;
use super::queue::Queue;
use super::span::Value;
use crate::logs::AccessRecord;

/// Where log records go.
pub struct LogRecords(Arc<Queue<LogRecord>>);

/// One log record.
pub struct LogRecord {
    pub(super) time_ns: u64,
    pub(super) severity: Severity,
    /// What kind of record it is.
    pub(super) event: &'static str,
    pub(super) text: String,
    /// The span that it belongs to.
    pub(super) context: Option<SpanContext>,
    pub(super) attributes: Vec<(&'static str, Value)>,
}

/// How important a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// `console.debug`.
    Debug,
    /// `console.log` and `console.info`, and requests that did not fail.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, what nobody caught, and requests that failed.
    Error,
}

impl LogRecords {
    pub(super) fn new(queue: Arc<Queue<LogRecord>>) -> Self {
        Self(queue)
    }

    /// Sends what a request came to, or loses it.
    pub fn access(&self, record: &AccessRecord<'_>, context: Option<SpanContext>) {
        let text = |text: &str| Value::from(text.to_owned());
        let mut attributes = vec![
            ("cirque.request_id", text(record.request_id)),
            ("client.address", text(record.client)),
            ("server.address", text(record.hostname)),
            ("http.request.method", text(record.method)),
            ("url.path", text(record.path)),
            ("http.response.status_code", record.status.into()),
            ("http.request.body.size", record.bytes_received.into()),
            ("http.response.body.size", record.bytes_sent.into()),
            ("cirque.duration_us", number(record.duration_us)),
            ("cirque.cpu_us", number(record.cpu_us)),
        ];
        let optional = [
            ("cirque.tenant", record.tenant),
            ("error.type", record.error),
        ];
        let there = optional.iter().filter(|(_, value)| !value.is_empty());
        attributes.extend(there.map(|(name, value)| (*name, text(value))));
        self.0.offer(LogRecord {
            time_ns: number_of(record.time_ms).saturating_mul(1_000_000),
            severity: match record.status >= 500 {
                true => Severity::Error,
                false => Severity::Info,
            },
            event: "cirque.access",
            text: format!(
                "{} {}{} {}",
                record.method, record.hostname, record.path, record.status
            ),
            context,
            attributes,
        });
    }

    /// Sends a line that a worker logged, or loses it.
    pub fn line(
        &self,
        tenant: &str,
        request_id: &str,
        severity: Severity,
        line: &str,
        context: Option<SpanContext>,
    ) {
        self.0.offer(LogRecord {
            time_ns: numbers::now_ns(),
            severity,
            event: "cirque.worker",
            text: line.to_owned(),
            context,
            attributes: vec![
                ("cirque.tenant", tenant.to_owned().into()),
                ("cirque.request_id", request_id.to_owned().into()),
            ],
        });
    }
}

fn number_of(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn number(number: u128) -> Value {
    number_of(number).into()
}
