//! What a guest writes to standard output and error: whole lines in the operator's log, up to its limit.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal as WasiIsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::Visit;
use crate::limiter::Tenant;
use crate::model::Limit;
use crate::tail::{self, Trace};
use crate::traces::{LogRecords, Scope, Severity};

/// A line is cut here, so that a guest without line ends cannot fill memory.
const LINE_BYTES_MAX: usize = 8 << 10;

/// The log of one invocation; both of its streams share the limit.
#[derive(Clone)]
pub(super) struct TenantLog(Arc<Shared>);

struct Shared {
    tenant: Arc<Tenant>,
    visit: Arc<Visit>,
    told: Told,
    left: Mutex<usize>,
}

/// Who is told of what a worker logs, beside the log.
pub(super) struct Told {
    /// While somebody watches the worker.
    pub trace: Option<Arc<Trace>>,
    /// The invocation's place in a trace.
    pub scope: Option<Scope>,
    /// The collector.
    pub records: Option<Arc<LogRecords>>,
}

impl TenantLog {
    /// A log that takes `bytes_max` bytes.
    pub(super) fn new(tenant: Arc<Tenant>, visit: Arc<Visit>, bytes_max: u64, told: Told) -> Self {
        Self(Arc::new(Shared {
            tenant,
            visit,
            told,
            left: Mutex::new(usize::try_from(bytes_max).unwrap_or(usize::MAX)),
        }))
    }

    /// One of its streams.
    pub(super) fn stream(&self, name: &'static str) -> LogStream {
        LogStream {
            log: self.clone(),
            name,
        }
    }

    /// What the limit leaves of a message that a JavaScript worker logs.
    pub(super) fn admit<'a>(&self, message: &'a [u8]) -> Option<&'a [u8]> {
        let taken = self.take(message.len());
        let message = message.get(..taken)?;
        (taken > 0 || message.is_empty()).then_some(message)
    }

    /// Writes a message that was admitted; it may have several lines.
    pub(super) fn line(&self, level: Level, message: &str) {
        self.write(level.name(), level.severity(), message);
        if let Some(trace) = &self.0.told.trace {
            match level.shown() {
                Some(level) => trace.log(level, message),
                None => trace.throw(message),
            }
        }
    }

    fn write(&self, stream: &'static str, severity: Severity, message: &str) {
        let Shared {
            tenant,
            visit,
            told,
            ..
        } = &*self.0;
        let trace_id = told.scope.as_ref().map(Scope::trace);
        let trace_id = trace_id.map(tracing::field::display);
        tracing::info!(target: "cirque::worker", tenant = &*tenant.label, request_id = &*visit.id, trace_id, stream, "{message}");
        if let Some(records) = &told.records {
            let context = told.scope.as_ref().map(Scope::context);
            records.line(&tenant.label, &visit.id, severity, message, context);
        }
    }

    /// How much of these bytes may still be written.
    fn take(&self, wanted: usize) -> usize {
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = wanted.min(*left);
        if taken < wanted
            && let Some(trace) = &self.0.told.trace
        {
            trace.truncate();
        }
        if taken < wanted && *left > 0 {
            self.0.tenant.metrics.limit_exceeded(Limit::Log);
            tracing::info!(
                target: "cirque::worker", tenant = &*self.0.tenant.label, request_id = &*self.0.visit.id,
                "the log of this request is full; the rest is dropped"
            );
        }
        *left -= taken;
        taken
    }
}

/// How important a message of `console` is.
#[derive(Clone, Copy)]
pub(super) enum Level {
    Debug,
    Log,
    Info,
    Warn,
    Error,
    /// What nobody caught.
    Uncaught,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Log => "log",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error | Self::Uncaught => "error",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Debug => Severity::Debug,
            Self::Log | Self::Info => Severity::Info,
            Self::Warn => Severity::Warn,
            Self::Error | Self::Uncaught => Severity::Error,
        }
    }

    /// As a tail shows it; what nobody caught is no line there.
    fn shown(self) -> Option<tail::Level> {
        match self {
            Self::Debug => Some(tail::Level::Debug),
            Self::Log => Some(tail::Level::Log),
            Self::Info => Some(tail::Level::Info),
            Self::Warn => Some(tail::Level::Warn),
            Self::Error => Some(tail::Level::Error),
            Self::Uncaught => None,
        }
    }
}

/// Standard output or standard error of one invocation.
pub(super) struct LogStream {
    log: TenantLog,
    name: &'static str,
}

impl WasiIsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Lines {
            log: self.log.clone(),
            name: self.name,
            open: Vec::new(),
        })
    }
}

/// Gathers a line, then hands it on.
struct Lines {
    log: TenantLog,
    name: &'static str,
    open: Vec<u8>,
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let taken = self.log.take(bytes.len());
        for part in bytes[..taken].split_inclusive(|b| *b == b'\n') {
            let room = LINE_BYTES_MAX - self.open.len();
            self.open.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") || self.open.len() >= LINE_BYTES_MAX {
                self.end_line();
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(LINE_BYTES_MAX)
    }
}

#[async_trait::async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

impl Lines {
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.open);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = String::from_utf8_lossy(line);
        let (level, severity) = match self.name {
            "stderr" => (tail::Level::Error, Severity::Error),
            _ => (tail::Level::Log, Severity::Info),
        };
        self.log.write(self.name, severity, &line);
        if let Some(trace) = &self.log.0.told.trace {
            trace.log(level, &line);
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.open.is_empty() {
            self.end_line();
        }
    }
}
