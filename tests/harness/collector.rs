//! A collector: takes what is sent to it as OTLP, read by OpenTelemetry's own types.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::origin::Origin;
use super::until;

/// A collector; it ends with its test.
pub(crate) struct Collector {
    origin: Origin,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
    resource: Vec<KeyValue>,
    /// The header of each request.
    heads: Vec<String>,
    /// What the next requests are answered with, instead of being taken.
    answers: VecDeque<Vec<u8>>,
}

impl Collector {
    /// A collector that takes everything.
    pub(crate) async fn start() -> Self {
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let origin = Origin::answering(move |request| take(&shared, request)).await;
        Self { origin, state }
    }

    /// The settings of an edge that sends everything to it at once.
    pub(crate) fn settings(&self) -> Vec<String> {
        [
            &format!("otlp.endpoint={}", self.origin.url()),
            "otlp.interval_ms=10",
            "traces.enabled=true",
            "traces.ratio=1",
        ]
        .map(str::to_owned)
        .into()
    }

    /// Answers the next requests with these bytes each, and takes nothing of them.
    pub(crate) fn answer(&self, answers: &[&str]) {
        let answers = answers.iter().map(|answer| answer.as_bytes().to_vec());
        self.state.lock().expect("a state").answers.extend(answers);
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.state.lock().expect("a state").heads.len()
    }

    /// The header of the first request.
    pub(crate) fn head(&self) -> String {
        self.state.lock().expect("a state").heads[0].clone()
    }

    /// What the sender says of itself.
    pub(crate) fn resource(&self, key: &str) -> String {
        text(&self.state.lock().expect("a state").resource, key)
    }

    /// The spans so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.state.lock().expect("a state").spans.clone()
    }

    /// The log records so far.
    pub(crate) fn logs(&self) -> Vec<LogRecord> {
        self.state.lock().expect("a state").logs.clone()
    }

    /// The trace of the request to this path, once it has so many spans.
    pub(crate) async fn trace(&self, path: &str, spans: usize) -> Trace {
        let mut found = None;
        until(&format!("{path} has {spans} spans"), async || {
            let all = self.spans();
            let is_root = |span: &&Span| text(&span.attributes, "url.path") == path;
            let root = all.iter().find(is_root);
            let trace = root.map(|root| Trace {
                spans: all
                    .iter()
                    .filter(|span| span.trace_id == root.trace_id)
                    .cloned()
                    .collect(),
            });
            found = trace.filter(|trace| trace.spans.len() >= spans);
            found.is_some()
        })
        .await;
        found.expect("it was waited for")
    }
}

/// The spans of one trace.
pub(crate) struct Trace {
    pub(crate) spans: Vec<Span>,
}

impl Trace {
    /// The only span of this name.
    pub(crate) fn span(&self, name: &str) -> &Span {
        let mut found = self.spans.iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("no {name}: {self}"));
        assert!(found.next().is_none(), "several {name}: {self}");
        span
    }

    /// The names of a span and of those above it, from the root on.
    pub(crate) fn path(&self, span: &Span) -> String {
        let above = self.spans.iter();
        let above = above
            .filter(|above| above.span_id == span.parent_span_id)
            .map(|above| self.path(above) + " > ");
        above.chain([span.name.clone()]).collect()
    }

    /// The paths of all spans, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.spans.iter().map(|span| self.path(span)).collect();
        paths.sort();
        paths
    }

    /// `traceparent` of what a span sends.
    pub(crate) fn parent(&self, span: &Span) -> String {
        let flags = span.flags & 0xff;
        format!(
            "00-{}-{}-{flags:02x}",
            hex(&span.trace_id),
            hex(&span.span_id)
        )
    }
}

impl std::fmt::Display for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#?}", self.paths())
    }
}

/// An attribute as text; empty when there is none.
pub(crate) fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    let value = found.and_then(|found| found.value.clone()?.value);
    match value {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(other) => panic!("{key}: {other:?}"),
        None => String::new(),
    }
}

/// Bytes as digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn take(state: &Mutex<State>, request: &[u8]) -> Vec<u8> {
    let mut state = state.lock().expect("a state");
    let end = request.windows(4).position(|end| end == b"\r\n\r\n");
    let (head, body) = request.split_at(end.expect("a header") + 4);
    let head = String::from_utf8_lossy(head).to_lowercase();
    state.heads.push(head.clone());
    if let Some(answer) = state.answers.pop_front() {
        return answer;
    }
    let mut message = Vec::new();
    match head.contains("content-encoding: gzip") {
        true => {
            let mut unpacked = flate2::read::GzDecoder::new(body);
            unpacked.read_to_end(&mut message).expect("gzip");
        }
        false => message.extend_from_slice(body),
    }
    let message = &message[..];
    assert!(head.contains("content-type: application/x-protobuf"));
    if head.starts_with("post /v1/traces ") {
        let message = ExportTraceServiceRequest::decode(message).expect("OTLP");
        for resource in message.resource_spans {
            state.resource = resource.resource.expect("a resource").attributes;
            let scopes = resource.scope_spans.into_iter();
            state.spans.extend(scopes.flat_map(|scope| scope.spans));
        }
    } else {
        assert!(head.starts_with("post /v1/logs "), "{head}");
        let message = ExportLogsServiceRequest::decode(message).expect("OTLP");
        for resource in message.resource_logs {
            state.resource = resource.resource.expect("a resource").attributes;
            let scopes = resource.scope_logs.into_iter();
            state
                .logs
                .extend(scopes.flat_map(|scope| scope.log_records));
        }
    }
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n".to_vec()
}
