//! What operators read: the log of events, and one access record for each request.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::conf::{LogConf, LogFormat};
use crate::metrics::Metrics;

/// Access records waiting to be written; beyond it they are dropped and counted, so that a log that
/// cannot keep up never slows a visitor down.
const PENDING_BYTES_MAX: usize = 8 << 20;
/// A batch is written when it is this large, or this old.
const BATCH_BYTES: usize = 64 << 10;
const BATCH_AGE: Duration = Duration::from_millis(100);

/// Pingora logs each failed handshake and each broken connection as an error; on a public port
/// those are the visitors' doing.
const QUIET: [&str; 4] = [
    "pingora_core=warn",
    "pingora_core::services::listening=off",
    "pingora_proxy=off",
    "pingora_core::protocols=off",
];

/// The filter in `log.level` cannot be read.
#[derive(Debug, Error)]
#[error("`log.level` is {level:?}, which is no filter: write info, warn or cirque=debug")]
pub struct InvalidFilter {
    level: String,
}

/// Sends `tracing` and `log` events to standard error.
///
/// # Errors
/// [`InvalidFilter`] when `log.level` cannot be read.
pub fn start(conf: &LogConf) -> Result<(), InvalidFilter> {
    let invalid = || InvalidFilter {
        level: conf.level.clone(),
    };
    let mut filter = EnvFilter::try_new(&conf.level).map_err(|_| invalid())?;
    for directive in QUIET {
        filter = filter.add_directive(directive.parse().map_err(|_| invalid())?);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start (tests run several edges in one process) keeps the first subscriber.
    let _ = match conf.format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .try_init(),
        LogFormat::Text => builder
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
    };
    Ok(())
}

/// One request, as it is written to standard output: one JSON object a line.
///
/// It never holds a query string, a body, a header's value or a token.
#[derive(Serialize)]
pub struct AccessRecord<'a> {
    /// When the request's header was complete, milliseconds since 1970.
    pub time_ms: u128,
    /// This request, in log lines and in the answer.
    pub request_id: &'a str,
    /// The visitor's address.
    pub client: &'a str,
    /// The canonical hostname; empty when there was none.
    pub hostname: &'a str,
    /// The tenant that answered, `origin`, or nothing.
    pub tenant: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path without its query.
    pub path: &'a str,
    /// The protocol.
    pub protocol: &'a str,
    /// The status sent; 0 when none was.
    pub status: u16,
    /// What went wrong, as a name; empty when nothing did.
    pub error: &'a str,
    /// Body bytes received.
    pub bytes_received: u64,
    /// Body bytes sent.
    pub bytes_sent: u64,
    /// Wall time in microseconds.
    pub duration_us: u128,
    /// CPU time of the guest in microseconds.
    pub cpu_us: u128,
}

/// Writes access records in batches from a thread of its own.
pub struct AccessLog {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    metrics: Arc<Metrics>,
}

struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    is_closed: bool,
}

impl AccessLog {
    /// Starts the writer; `None` where access records are off.
    pub fn start(conf: &LogConf, metrics: Arc<Metrics>) -> Option<Self> {
        if !conf.access {
            return None;
        }
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            wake: Condvar::new(),
        });
        let job = shared.clone();
        let writer = std::thread::Builder::new()
            .name("access-log".into())
            .spawn(move || job.run())
            .ok()?;
        Some(Self {
            shared,
            writer: Mutex::new(Some(writer)),
            metrics,
        })
    }

    /// Hands a record to the writer; drops and counts it when the writer cannot keep up.
    pub fn write(&self, record: &AccessRecord<'_>) {
        let mut pending = self
            .shared
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if pending.bytes.len() >= PENDING_BYTES_MAX {
            self.metrics.access_dropped.inc();
            return;
        }
        let was_below = pending.bytes.len() < BATCH_BYTES;
        // Writing to memory cannot fail, and every field is plain.
        let _ = serde_json::to_writer(&mut pending.bytes, record);
        pending.bytes.push(b'\n');
        if was_below && pending.bytes.len() >= BATCH_BYTES {
            self.shared.wake.notify_one();
        }
    }
}

impl AccessLog {
    /// Writes out what is pending, and ends the writer; for the end of the process.
    pub fn close(&self) {
        self.shared
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_closed = true;
        self.shared.wake.notify_one();
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // Its panic has been reported by its own thread.
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut batch = Vec::new();
        loop {
            let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            let is_small =
                |pending: &mut Pending| pending.bytes.len() < BATCH_BYTES && !pending.is_closed;
            let waited = self.wake.wait_timeout_while(pending, BATCH_AGE, is_small);
            let (mut pending, _) = waited.unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut batch, &mut pending.bytes);
            let is_closed = pending.is_closed;
            drop(pending);
            if !batch.is_empty() {
                // Nobody reads standard output any more: there is no better place to say so.
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(&batch).and_then(|()| out.flush());
                batch.clear();
            }
            if is_closed {
                return;
            }
        }
    }
}
