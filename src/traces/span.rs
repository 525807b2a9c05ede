//! Spans under way, and what is kept of them until it is known whether their trace is sent.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Request};

use super::context::{SpanContext, SpanId, TRACEPARENT, TRACESTATE, TraceId};
use super::{Begin, Tracer, numbers};

/// Attributes of a span; all of ours together are fewer.
const ATTRIBUTES_MAX: usize = 32;
/// Bytes of a text in an attribute.
const TEXT_BYTES_MAX: usize = 512;

/// Which side of an exchange a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Neither: it happens in this process.
    Internal,
    /// The one that is asked.
    Server,
    /// The one that asks.
    Client,
}

/// An attribute's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(mut text: String) -> Self {
        if text.len() > TEXT_BYTES_MAX {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
            text.shrink_to_fit();
        }
        Self::Text(Cow::Owned(text))
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// A place in a trace, below which spans begin.
#[derive(Clone)]
pub struct Scope {
    recording: Arc<Recording>,
    id: SpanId,
}

/// A span under way; it ends when it is dropped.
pub struct Span {
    scope: Scope,
    parent: Option<SpanId>,
    began: Instant,
    /// Nothing where nobody will read it.
    told: Option<Mutex<Told>>,
}

/// What is said of a span.
struct Told {
    name: &'static str,
    kind: Kind,
    attributes: Vec<(&'static str, Value)>,
    failure: Option<Cow<'static, str>>,
    link: Option<SpanContext>,
}

/// A span that has ended.
pub(super) struct Ended {
    pub id: SpanId,
    pub parent: Option<SpanId>,
    pub name: &'static str,
    pub kind: Kind,
    pub began_ns: u64,
    pub ended_ns: u64,
    pub attributes: Vec<(&'static str, Value)>,
    pub failure: Option<Cow<'static, str>>,
    pub link: Option<SpanContext>,
}

impl Ended {
    /// About what it holds in memory.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.attributes.iter().map(|(_, value)| match value {
            Value::Text(Cow::Owned(text)) => text.len(),
            Value::Text(Cow::Borrowed(_)) | Value::Number(_) => 0,
        });
        let attributes = self.attributes.capacity() * size_of::<(&str, Value)>();
        size_of::<Self>() + attributes + texts.sum::<usize>()
    }
}

/// The spans of one request. Each of them holds it; when the last one is gone, what is left is sent or forgotten.
pub(super) struct Recording {
    tracer: Arc<Tracer>,
    trace: TraceId,
    root: SpanId,
    /// The root's parent is in another process.
    pub has_remote_parent: bool,
    is_sampled: bool,
    has_failed: AtomicBool,
    state: Option<HeaderValue>,
    began: Instant,
    began_ns: u64,
    /// Spans that were begun.
    begun: AtomicU32,
    /// Spans that were left out.
    left_out: AtomicU32,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    ended: Vec<Ended>,
    /// Whether they are sent, once that is known.
    is_sent: Option<bool>,
}

impl Recording {
    /// A trace's first span here.
    pub(super) fn begin(tracer: &Arc<Tracer>, begin: Begin, kind: Kind) -> Span {
        let root = SpanId(numbers::next());
        let now = (Instant::now(), numbers::now_ns());
        let before = u64::try_from(now.0.saturating_duration_since(begin.began).as_nanos());
        let recording = Arc::new(Self {
            tracer: tracer.clone(),
            trace: begin.trace,
            root,
            has_remote_parent: begin.parent.is_some(),
            is_sampled: begin.is_sampled,
            has_failed: AtomicBool::new(false),
            state: begin.state,
            began: begin.began,
            began_ns: now.1.saturating_sub(before.unwrap_or(0)),
            begun: AtomicU32::new(1),
            left_out: AtomicU32::new(0),
            kept: Mutex::default(),
        });
        let told = recording.told("", kind, begin.link);
        Span {
            parent: begin.parent,
            began: begin.began,
            told,
            scope: Scope {
                recording,
                id: root,
            },
        }
    }

    fn told(
        &self,
        name: &'static str,
        kind: Kind,
        link: Option<SpanContext>,
    ) -> Option<Mutex<Told>> {
        let is_read = self.is_sampled || self.tracer.keeps_errors();
        is_read.then(|| {
            Mutex::new(Told {
                name,
                kind,
                attributes: Vec::new(),
                failure: None,
                link,
            })
        })
    }

    fn ns(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began).as_nanos();
        self.began_ns
            .saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
    }

    fn end(&self, span: Ended) {
        let is_root = span.id == self.root;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match self.tracer.hold() {
            true => kept.ended.push(span),
            false => drop(self.left_out.fetch_add(1, Ordering::Relaxed)),
        }
        // What goes on beyond the answer need not keep the rest waiting.
        if is_root {
            self.send(&mut kept, false);
        }
    }

    /// Sends what has ended, if it is known that it is to be sent, or this is the end.
    fn send(&self, kept: &mut Kept, is_end: bool) {
        let has_failed = self.has_failed.load(Ordering::Relaxed);
        let is_sent = *kept
            .is_sent
            .get_or_insert_with(|| self.is_sampled || has_failed && self.tracer.admit_failure());
        if !is_sent && !is_end {
            // It may fail yet.
            if !has_failed {
                kept.is_sent = None;
            }
            return;
        }
        let ended = std::mem::take(&mut kept.ended);
        self.tracer.release(ended.len());
        if is_sent {
            let left_out = self.left_out.swap(0, Ordering::Relaxed);
            self.tracer.offer(super::message::Batch {
                trace: self.trace,
                root: self.root,
                has_remote_parent: self.has_remote_parent,
                state: self.state.clone(),
                is_sampled: self.is_sampled,
                spans: ended,
                left_out,
            });
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut kept = self
            .kept
            .get_mut()
            .map(std::mem::take)
            .unwrap_or_else(|poisoned| std::mem::take(poisoned.into_inner()));
        if !kept.ended.is_empty() || *self.left_out.get_mut() > 0 {
            self.send(&mut kept, true);
        }
    }
}

impl Scope {
    /// Begins a span below this place. One too many is not recorded: what begins below it stands below its parent.
    pub fn child(&self, kind: Kind, name: &'static str) -> Span {
        let recording = &self.recording;
        let is_left_out =
            recording.begun.fetch_add(1, Ordering::Relaxed) >= recording.tracer.spans_max();
        let (id, told) = match is_left_out {
            false => (SpanId(numbers::next()), recording.told(name, kind, None)),
            true => {
                recording.left_out.fetch_add(1, Ordering::Relaxed);
                (self.id, None)
            }
        };
        Span {
            parent: Some(self.id),
            began: Instant::now(),
            told,
            scope: Self {
                recording: recording.clone(),
                id,
            },
        }
    }

    /// Begins the span of a request that leaves this process, and has the request say so.
    pub fn exchange<B>(&self, request: &mut Request<B>) -> Span {
        let span = self.child(Kind::Client, method(request.method()));
        let uri = request.uri();
        span.set("http.request.method", known_method(request.method()));
        span.set_with("server.address", || {
            uri.host().unwrap_or_default().to_owned().into()
        });
        let is_tls = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let default = if is_tls { 443 } else { 80 };
        span.set_with("server.port", || uri.port_u16().unwrap_or(default).into());
        span.set_with("url.full", || {
            let scheme = if is_tls { "https" } else { "http" };
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            // User names and queries are nobody's to read.
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{}", uri.path()).into()
        });
        span.scope.pass_on(request.headers_mut());
        span
    }

    /// Has a request say which span it comes from. What names another trace is somebody's own, and stays.
    pub fn pass_on(&self, headers: &mut HeaderMap) {
        let state = match SpanContext::of(headers) {
            Some(said) if said.trace != self.recording.trace => return,
            // Who received our context may have added to the state.
            Some(_) => super::context::state(headers),
            None => self.recording.state.clone(),
        };
        headers.insert(TRACEPARENT, self.context().value());
        headers.remove(TRACESTATE);
        if let Some(state) = state {
            headers.insert(TRACESTATE, state);
        }
    }

    /// The header fields of a request that comes from here: `traceparent`, and `tracestate` where there is one.
    pub fn fields(&self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        self.pass_on(&mut fields);
        fields
    }

    /// This place, for others.
    pub fn context(&self) -> SpanContext {
        SpanContext {
            trace: self.recording.trace,
            span: self.id,
            is_sampled: self.recording.is_sampled,
        }
    }

    /// The trace.
    pub fn trace(&self) -> TraceId {
        self.recording.trace
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.context())
    }
}

impl Span {
    /// The place below it.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Says what it is called.
    pub fn rename(&self, name: &'static str) {
        self.tell(|told| told.name = name);
    }

    /// Adds an attribute.
    pub fn set(&self, name: &'static str, value: impl Into<Value>) {
        self.tell(|told| told.set(name, value.into()));
    }

    /// Adds an attribute that is made only if somebody will read it.
    pub fn set_with(&self, name: &'static str, value: impl FnOnce() -> Value) {
        self.tell(|told| told.set(name, value()));
    }

    /// Notes the status of the response.
    pub fn answer(&self, status: u16) {
        self.set("http.response.status_code", status);
    }

    /// Notes the status of a response to a request of ours; one that says that the request failed makes the span one that
    /// failed.
    ///
    /// Source: OpenTelemetry semantic conventions, "HTTP spans", status.
    pub fn answer_to_us(&self, status: u16) {
        self.answer(status);
        if status >= 400 {
            self.fail(status.to_string());
        }
    }

    /// It failed; the first reason stands.
    pub fn fail(&self, reason: impl Into<Cow<'static, str>>) {
        self.tell(|told| {
            told.failure.get_or_insert_with(|| reason.into());
        });
    }

    /// It failed in a way that has the whole trace sent.
    pub fn fail_trace(&self, reason: impl Into<Cow<'static, str>>) {
        self.scope
            .recording
            .has_failed
            .store(true, Ordering::Relaxed);
        self.fail(reason);
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        if let Some(told) = &self.told {
            change(&mut told.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Told {
    fn set(&mut self, name: &'static str, value: Value) {
        if let Some((_, known)) = self.attributes.iter_mut().find(|(n, _)| *n == name) {
            *known = value;
        } else if self.attributes.len() < ATTRIBUTES_MAX {
            self.attributes.push((name, value));
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(told) = self.told.take() else {
            return;
        };
        let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        let recording = &self.scope.recording;
        recording.end(Ended {
            id: self.scope.id,
            parent: self.parent,
            name: told.name,
            kind: told.kind,
            began_ns: recording.ns(self.began),
            ended_ns: recording.ns(Instant::now()),
            attributes: told.attributes,
            failure: told.failure,
            link: told.link,
        });
    }
}

/// A method as it may name a span: whatever a visitor makes up is one of few.
///
/// Source: OpenTelemetry semantic conventions, "HTTP spans".
pub fn method(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        "QUERY" => "QUERY",
        _ => "HTTP",
    }
}

/// The same for `http.request.method`.
pub fn known_method(of: &http::Method) -> &'static str {
    match method(of) {
        "HTTP" => "_OTHER",
        known => known,
    }
}

/// Microseconds, for an attribute.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
