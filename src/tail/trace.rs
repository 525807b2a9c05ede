//! One invocation that somebody watches: what it was asked, what it logged, how it ended.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Batches, Tail, redact};
use crate::model::{Limit, REGULAR, Script, TenantId};

/// Lines of one invocation; what it logs beyond is left out.
const LINES_MAX: usize = 256;
/// Bytes of what one invocation logs; Cloudflare cuts there too.
const LOG_BYTES_MAX: usize = 256 << 10;
/// Uncaught exceptions of one invocation.
const EXCEPTIONS_MAX: usize = 16;

/// Why a worker ran.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// For a request.
    Request {
        /// What was asked.
        request: Request,
        /// What was answered; nothing when there was no answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        response: Option<Response>,
    },
    /// At one of its times, as JSON.
    Scheduled(Value),
    /// To be told what became of other workers.
    #[serde(rename_all = "camelCase")]
    Tail {
        /// Whose events it was given.
        consumed_events: Vec<Value>,
    },
}

/// What was asked, without what is nobody's to read.
#[derive(Debug, Serialize)]
pub struct Request {
    url: String,
    method: String,
    headers: serde_json::Map<String, Value>,
    #[serde(skip_serializing_if = "Value::is_null")]
    cf: Value,
    /// URL and headers as they are, for consumers alone.
    #[serde(skip)]
    unredacted: Option<Value>,
}

/// What was answered.
#[derive(Debug, Serialize)]
pub struct Response {
    status: u16,
}

impl Event {
    /// A request; `cf` is what the worker knows of its visitor, null for nothing. `is_whole`: consumers also get what
    /// nobody else is shown.
    pub fn request(
        url: &str,
        method: &Method,
        headers: &HeaderMap,
        cf: Value,
        is_whole: bool,
    ) -> Self {
        let unredacted = is_whole.then(|| {
            let headers = fields(headers, |_, value| String::from_utf8_lossy(value));
            serde_json::json!({ "url": url, "headers": headers })
        });
        Self::Request {
            request: Request {
                url: redact::url(url),
                method: method.as_str().to_owned(),
                headers: fields(headers, redact::header),
                cf,
                unredacted,
            },
            response: None,
        }
    }

    /// What a consumer is told, as JSON: `{"tail": [item, …]}`.
    ///
    /// Source: Cloudflare docs, "Tail Handler: TraceItem"; workerd's types call this `TraceItemTailEventInfo`.
    pub fn told(event: &str) -> Self {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        let items = event["tail"].as_array().into_iter().flatten();
        let name = |item: &Value| serde_json::json!({ "scriptName": item["scriptName"] });
        Self::Tail {
            consumed_events: items.map(name).collect(),
        }
    }
}

/// Header fields as an object; several of one name stand in one text.
fn fields<'a>(
    headers: &'a HeaderMap,
    shown: impl Fn(&str, &'a [u8]) -> Cow<'a, str>,
) -> serde_json::Map<String, Value> {
    let field = |name: &http::HeaderName| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| shown(name.as_str(), value.as_bytes()))
            .collect();
        (name.as_str().to_owned(), values.join(", ").into())
    };
    headers.keys().map(field).collect()
}

/// How an invocation ended, in Cloudflare's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Well.
    Ok,
    /// Its visitor left.
    Canceled,
    /// It failed.
    Exception,
    /// It used up its CPU time.
    ExceededCpu,
    /// It used up its memory.
    ExceededMemory,
    /// Nobody knows; never sent, but asked for.
    Unknown,
    /// There is no such worker; never sent, but asked for.
    ScriptNotFound,
    /// Its visitor left while it was answering; never sent, but asked for.
    ResponseStreamDisconnected,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// `console.debug`.
    Debug,
    /// `console.log`, and standard output.
    Log,
    /// `console.info`.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, and standard error.
    Error,
}

#[derive(Debug, Serialize)]
struct Line {
    message: [String; 1],
    level: Level,
    timestamp: u64,
}

#[derive(Debug, Serialize)]
struct Exception {
    name: String,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    stack: String,
    timestamp: u64,
}

/// Who is told of an invocation.
pub struct Watchers {
    /// Tails that are read.
    pub tails: Vec<Arc<Tail>>,
    /// What waits for workers that consume its events.
    pub consumers: Vec<Arc<Batches>>,
    /// How deep in its tree of invocations it is.
    pub depth: u8,
}

/// Gathers what is told of an invocation. Each of its parts holds it; when the last one is gone, the watchers are told.
pub struct Trace {
    watchers: Watchers,
    tenant: TenantId,
    script: Arc<Script>,
    began: Instant,
    began_ms: u64,
    gathered: Mutex<Gathered>,
}

struct Gathered {
    event: Event,
    lines: Vec<Line>,
    line_bytes: usize,
    is_truncated: bool,
    exceptions: Vec<Exception>,
    /// Why it failed, as far as no exception says so.
    failure: Option<String>,
    limit: Option<Limit>,
    /// Its code ran to its end, or it failed: nobody cut it short.
    has_ended: bool,
    cpu: Duration,
}

impl Trace {
    /// An invocation begins.
    pub fn begin(
        watchers: Watchers,
        tenant: TenantId,
        script: Arc<Script>,
        event: Event,
    ) -> Arc<Self> {
        Arc::new(Self {
            watchers,
            tenant,
            script,
            began: Instant::now(),
            began_ms: now_ms(),
            gathered: Mutex::new(Gathered {
                event,
                lines: Vec::new(),
                line_bytes: 0,
                is_truncated: false,
                exceptions: Vec::new(),
                failure: None,
                limit: None,
                has_ended: false,
                cpu: Duration::ZERO,
            }),
        })
    }

    /// It logged a text.
    pub fn log(&self, level: Level, text: &str) {
        let mut gathered = self.lock();
        let bytes = gathered.line_bytes + text.len();
        if gathered.lines.len() >= LINES_MAX || bytes > LOG_BYTES_MAX {
            gathered.is_truncated = true;
            return;
        }
        gathered.line_bytes = bytes;
        gathered.lines.push(Line {
            message: [text.to_owned()],
            level,
            timestamp: now_ms(),
        });
    }

    /// Not all that it logs is taken any more.
    pub fn truncate(&self) {
        self.lock().is_truncated = true;
    }

    /// It threw what nobody caught: name, message and stack as JavaScript writes them.
    pub fn throw(&self, text: &str) {
        let mut gathered = self.lock();
        gathered.has_ended = true;
        if gathered.exceptions.len() < EXCEPTIONS_MAX {
            gathered.exceptions.push(exception(text));
        }
    }

    /// It answered.
    pub fn answer(&self, status: StatusCode) {
        if let Event::Request { response, .. } = &mut self.lock().event {
            *response = Some(Response {
                status: status.as_u16(),
            });
        }
    }

    /// Its code has ended; `failure` says why it did not end well.
    pub fn end(&self, failure: Option<String>) {
        let mut gathered = self.lock();
        gathered.has_ended = true;
        if gathered.failure.is_none() {
            gathered.failure = failure;
        }
    }

    /// It ran into a limit; the first one stands.
    pub fn exceed(&self, limit: Limit) {
        self.lock().limit.get_or_insert(limit);
    }

    /// The CPU time it used.
    pub fn use_cpu(&self, cpu: Duration) {
        self.lock().cpu = cpu;
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let wall = self.began.elapsed();
        let gathered = self
            .gathered
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // What a limit or the sandbox ended threw nothing by itself.
        let failure = match gathered.limit {
            Some(limit) => Some(limit.message().to_owned()),
            None => gathered.failure.take(),
        };
        if let Some(failure) = failure
            && gathered.exceptions.is_empty()
        {
            gathered.exceptions.push(exception(&failure));
        }
        let outcome = match gathered.limit {
            Some(Limit::Cpu) => Outcome::ExceededCpu,
            Some(Limit::Memory) => Outcome::ExceededMemory,
            _ if !gathered.exceptions.is_empty() => Outcome::Exception,
            _ if !gathered.has_ended => Outcome::Canceled,
            _ => Outcome::Ok,
        };
        let ended = Ended {
            outcome,
            tenant: &self.tenant,
            script: &self.script,
            began_ms: self.began_ms,
            wall,
            gathered,
            text: OnceCell::new(),
            consumed: OnceCell::new(),
        };
        for tail in &self.watchers.tails {
            tail.offer(&ended);
        }
        for consumer in &self.watchers.consumers {
            consumer.offer(&ended, self.watchers.depth);
        }
    }
}

/// An invocation that has ended, as filters look at it.
pub(super) struct Ended<'a> {
    pub(super) outcome: Outcome,
    tenant: &'a TenantId,
    script: &'a Script,
    began_ms: u64,
    wall: Duration,
    gathered: &'a Gathered,
    text: OnceCell<Arc<str>>,
    consumed: OnceCell<Arc<str>>,
}

impl Ended<'_> {
    /// The method; empty for what is no request.
    pub(super) fn method(&self) -> &str {
        match &self.gathered.event {
            Event::Request { request, .. } => &request.method,
            Event::Scheduled(_) | Event::Tail { .. } => "",
        }
    }

    /// A header as it is shown.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        match &self.gathered.event {
            Event::Request { request, .. } => {
                request.headers.get(&name.to_ascii_lowercase())?.as_str()
            }
            Event::Scheduled(_) | Event::Tail { .. } => None,
        }
    }

    /// Whether one of its lines contains a text.
    pub(super) fn has_logged(&self, text: &str) -> bool {
        let lines = self.gathered.lines.iter();
        lines
            .flat_map(|line| &line.message)
            .any(|line| line.contains(text))
    }

    /// The event as it is sent.
    ///
    /// Source: Cloudflare docs, "Tail Handler: TraceItem".
    pub(super) fn text(&self) -> Arc<str> {
        let text = || self.item().to_string().into();
        self.text.get_or_init(text).clone()
    }

    /// The event as consumers are given it.
    pub(super) fn consumed(&self) -> Arc<str> {
        let text = || {
            let mut item = self.item();
            if let Event::Request { request, .. } = &self.gathered.event
                && let Some(unredacted) = &request.unredacted
            {
                item["event"]["request"]["unredacted"] = unredacted.clone();
            }
            item.to_string().into()
        };
        self.consumed.get_or_init(text).clone()
    }

    fn item(&self) -> Value {
        let namespace = match self.tenant.namespace() {
            REGULAR => Value::Null,
            namespace => namespace.into(),
        };
        serde_json::json!({
            "outcome": self.outcome,
            "scriptName": self.tenant.worker(),
            "dispatchNamespace": namespace,
            "scriptTags": self.script.tags,
            "scriptVersion": { "id": self.script.version },
            "executionModel": "stateless",
            "entrypoint": null,
            "truncated": self.gathered.is_truncated,
            "cpuTime": millis(self.gathered.cpu),
            "wallTime": millis(self.wall),
            "eventTimestamp": self.began_ms,
            "event": self.gathered.event,
            "logs": self.gathered.lines,
            "exceptions": self.gathered.exceptions,
            "diagnosticsChannelEvents": [],
        })
    }
}

fn exception(text: &str) -> Exception {
    let (title, stack) = text.split_once("\n    at ").unwrap_or((text, ""));
    let is_name = |name: &&str| {
        let mut letters = name.chars();
        name.len() <= 64 && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let (name, message) = match title.split_once(": ") {
        Some((name, message)) if is_name(&name) => (name, message),
        _ => ("Error", title),
    };
    Exception {
        name: name.to_owned(),
        message: message.to_owned(),
        stack: match stack.is_empty() {
            true => String::new(),
            false => text.to_owned(),
        },
        timestamp: now_ms(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    millis(since.unwrap_or_default())
}
