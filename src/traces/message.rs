//! Spans and log records as OTLP's messages.

use bytes::Bytes;
use http::HeaderValue;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{self as logs, ResourceLogs, ScopeLogs, SeverityNumber};
use opentelemetry_proto::tonic::resource::v1 as resource;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, SpanFlags, Status, span, status,
};
use prost::Message;

use super::context::{SpanContext, SpanId, TraceId};
use super::logs::{LogRecord, Severity};
use super::span::{Ended, Kind, Value};

/// One kind of records.
pub(super) trait Signal: Send + Sized + 'static {
    /// Where the collector takes them.
    const PATH: &'static str;

    /// Records in it.
    fn records(&self) -> u64;

    /// About what it holds in memory; never 0.
    fn bytes(&self) -> usize;

    /// The message that carries several.
    fn encode(batch: Vec<Self>, resource: &Resource) -> Vec<u8>;

    /// Records that were not taken, by the collector's answer.
    fn rejected(answer: Bytes) -> u64;
}

/// What names this process.
pub(super) struct Resource(resource::Resource);

impl Resource {
    /// A resource with these attributes; of two with one name the later one counts.
    pub(super) fn new(attributes: impl Iterator<Item = (String, String)>) -> Self {
        let mut all: Vec<KeyValue> = Vec::new();
        for (key, value) in attributes {
            all.retain(|known| known.key != key);
            all.push(pair(key, any_value::Value::StringValue(value)));
        }
        Self(resource::Resource {
            attributes: all,
            ..resource::Resource::default()
        })
    }
}

/// Spans of one trace.
pub(super) struct Batch {
    pub trace: TraceId,
    /// The first of them all, which says of those that were left out.
    pub root: SpanId,
    pub has_remote_parent: bool,
    pub state: Option<HeaderValue>,
    pub is_sampled: bool,
    pub spans: Vec<Ended>,
    pub left_out: u32,
}

impl Signal for Batch {
    const PATH: &'static str = "/v1/traces";

    fn records(&self) -> u64 {
        self.spans.len() as u64
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.spans.iter().map(Ended::bytes).sum::<usize>()
    }

    fn encode(batch: Vec<Self>, resource: &Resource) -> Vec<u8> {
        let spans = batch.into_iter().flat_map(Self::into_messages).collect();
        let message = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(resource.0.clone()),
                scope_spans: vec![ScopeSpans {
                    scope: Some(scope()),
                    spans,
                    schema_url: String::new(),
                }],
                schema_url: String::new(),
            }],
        };
        message.encode_to_vec()
    }

    fn rejected(answer: Bytes) -> u64 {
        let answer = ExportTraceServiceResponse::decode(answer).unwrap_or_default();
        let rejected = answer.partial_success.map(|said| said.rejected_spans);
        u64::try_from(rejected.unwrap_or(0)).unwrap_or(0)
    }
}

impl Batch {
    fn into_messages(self) -> impl Iterator<Item = Span> {
        let Self {
            trace,
            root,
            has_remote_parent,
            state,
            is_sampled,
            spans,
            left_out,
        } = self;
        let state = state.map(|state| String::from_utf8_lossy(state.as_bytes()).into_owned());
        let state = state.unwrap_or_default();
        spans.into_iter().map(move |ended| {
            let is_root = ended.id == root;
            let mut attributes = attributes(ended.attributes);
            if is_root && left_out > 0 {
                let count = any_value::Value::IntValue(left_out.into());
                attributes.push(pair("cirque.spans_left_out".to_owned(), count));
            }
            let status = ended.failure.map(|reason| {
                let reason = any_value::Value::StringValue(reason.into_owned());
                attributes.push(pair("error.type".to_owned(), reason));
                Status {
                    code: status::StatusCode::Error.into(),
                    message: String::new(),
                }
            });
            Span {
                trace_id: trace.0.to_be_bytes().into(),
                span_id: ended.id.0.to_be_bytes().into(),
                parent_span_id: ended
                    .parent
                    .map(|parent| parent.0.to_be_bytes().into())
                    .unwrap_or_default(),
                trace_state: state.clone(),
                flags: flags(is_sampled, is_root && has_remote_parent),
                name: ended.name.to_owned(),
                kind: match ended.kind {
                    Kind::Internal => span::SpanKind::Internal,
                    Kind::Server => span::SpanKind::Server,
                    Kind::Client => span::SpanKind::Client,
                }
                .into(),
                start_time_unix_nano: ended.began_ns,
                end_time_unix_nano: ended.ended_ns,
                attributes,
                links: ended.link.map(link).into_iter().collect(),
                status,
                ..Span::default()
            }
        })
    }
}

fn link(to: SpanContext) -> span::Link {
    span::Link {
        trace_id: to.trace.0.to_be_bytes().into(),
        span_id: to.span.0.to_be_bytes().into(),
        flags: flags(to.is_sampled, true),
        ..span::Link::default()
    }
}

/// The trace's flags, and whether the parent is in another process.
fn flags(is_sampled: bool, is_remote: bool) -> u32 {
    let remote = match is_remote {
        true => SpanFlags::ContextIsRemoteMask as u32,
        false => 0,
    };
    u32::from(is_sampled) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
}

impl Signal for LogRecord {
    const PATH: &'static str = "/v1/logs";

    fn records(&self) -> u64 {
        1
    }

    fn bytes(&self) -> usize {
        let texts = self.attributes.iter().map(|(_, value)| match value {
            Value::Text(text) => text.len(),
            Value::Number(_) => 0,
        });
        let attributes = self.attributes.capacity() * size_of::<(&str, Value)>();
        size_of::<Self>() + self.text.len() + attributes + texts.sum::<usize>()
    }

    fn encode(batch: Vec<Self>, resource: &Resource) -> Vec<u8> {
        let message = ExportLogsServiceRequest {
            resource_logs: vec![ResourceLogs {
                resource: Some(resource.0.clone()),
                scope_logs: vec![ScopeLogs {
                    scope: Some(scope()),
                    log_records: batch.into_iter().map(Self::into_message).collect(),
                    schema_url: String::new(),
                }],
                schema_url: String::new(),
            }],
        };
        message.encode_to_vec()
    }

    fn rejected(answer: Bytes) -> u64 {
        let answer = ExportLogsServiceResponse::decode(answer).unwrap_or_default();
        let rejected = answer.partial_success.map(|said| said.rejected_log_records);
        u64::try_from(rejected.unwrap_or(0)).unwrap_or(0)
    }
}

impl LogRecord {
    fn into_message(self) -> logs::LogRecord {
        let (number, text) = match self.severity {
            Severity::Debug => (SeverityNumber::Debug, "DEBUG"),
            Severity::Info => (SeverityNumber::Info, "INFO"),
            Severity::Warn => (SeverityNumber::Warn, "WARN"),
            Severity::Error => (SeverityNumber::Error, "ERROR"),
        };
        let context = self.context;
        logs::LogRecord {
            time_unix_nano: self.time_ns,
            observed_time_unix_nano: self.time_ns,
            severity_number: number.into(),
            severity_text: text.to_owned(),
            body: Some(AnyValue {
                value: Some(any_value::Value::StringValue(self.text)),
            }),
            attributes: attributes(self.attributes),
            flags: context.is_some_and(|context| context.is_sampled).into(),
            trace_id: context
                .map(|context| context.trace.0.to_be_bytes().into())
                .unwrap_or_default(),
            span_id: context
                .map(|context| context.span.0.to_be_bytes().into())
                .unwrap_or_default(),
            event_name: self.event.to_owned(),
            ..logs::LogRecord::default()
        }
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

fn attributes(own: Vec<(&'static str, Value)>) -> Vec<KeyValue> {
    own.into_iter()
        .map(|(key, value)| {
            let value = match value {
                Value::Text(text) => any_value::Value::StringValue(text.into_owned()),
                Value::Number(number) => any_value::Value::IntValue(number),
            };
            pair(key.to_owned(), value)
        })
        .collect()
}

fn pair(key: String, value: any_value::Value) -> KeyValue {
    KeyValue {
        key,
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
