//! What operators read: the log of events, one access record for each request, and what workers write of their own.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus::IntCounter;
use serde::Serialize;
use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::conf::{LogConf, LogFormat};
use crate::metrics::Metrics;
use crate::model::point::Point;

/// Bytes of lines waiting to be written; beyond it they are dropped and counted, so that a log that
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
    /// Its trace, 32 hex digits; empty where requests are not traced.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub trace_id: &'a str,
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

/// Writes access records to a file, or to standard output.
pub struct AccessLog(Lines);

impl AccessLog {
    /// Starts the writer; `None` where access records are off.
    ///
    /// # Errors
    /// When `log.access_file` cannot be opened.
    pub fn start(conf: &LogConf, metrics: &Metrics) -> std::io::Result<Option<Self>> {
        if !conf.access {
            return Ok(None);
        }
        let out = Out::to(&conf.access_file)?;
        let dropped = metrics.access_dropped.clone();
        Ok(Lines::start("access-log", out, dropped).map(Self))
    }

    /// Goes on in a new file, after what is pending, where the old one was renamed.
    pub fn reopen(&self) {
        self.0.reopen();
    }

    /// Hands a record to the writer; drops and counts it when the writer cannot keep up.
    pub fn write(&self, record: &AccessRecord<'_>) {
        self.0.write(record);
    }

    /// Writes out what is pending, and ends the writer; for the end of the process.
    pub fn close(&self) {
        self.0.close();
    }
}

/// One data point of a worker, as it is written: one JSON object a line.
#[derive(Serialize)]
struct PointRecord<'a> {
    /// Milliseconds since 1970.
    when: u128,
    tenant: &'a str,
    dataset: &'a str,
    #[serde(flatten)]
    point: &'a Point,
}

/// Writes workers' data points to a file, or to standard output.
pub struct AnalyticsLog(Option<Lines>);

impl AnalyticsLog {
    /// Starts the writer.
    ///
    /// # Errors
    /// When `log.analytics_file` cannot be opened.
    pub fn start(conf: &LogConf, metrics: &Metrics) -> std::io::Result<Self> {
        let out = Out::to(&conf.analytics_file)?;
        let dropped = metrics.points_dropped.clone();
        Ok(Self(Lines::start("analytics", out, dropped)))
    }

    /// Hands a point to the writer; drops and counts it when the writer cannot keep up.
    pub fn write(&self, tenant: &str, dataset: &str, point: &Point) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        if let Some(lines) = &self.0 {
            lines.write(&PointRecord {
                when: since.unwrap_or_default().as_millis(),
                tenant,
                dataset,
                point,
            });
        }
    }

    /// Goes on in a new file, after what is pending, where the old one was renamed.
    pub fn reopen(&self) {
        if let Some(lines) = &self.0 {
            lines.reopen();
        }
    }

    /// Writes out what is pending, and ends the writer; for the end of the process.
    pub fn close(&self) {
        if let Some(lines) = &self.0 {
            lines.close();
        }
    }
}

/// Lines that a thread of its own writes in batches.
struct Lines {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    dropped: IntCounter,
}

struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    is_reopened: bool,
    is_closed: bool,
}

/// Where lines go.
enum Out {
    Standard,
    File(File, PathBuf),
}

impl Out {
    /// The file, or standard output for an empty name.
    fn to(path: &Path) -> std::io::Result<Self> {
        Ok(match path.as_os_str().is_empty() {
            true => Self::Standard,
            false => Self::File(append(path)?, path.to_owned()),
        })
    }

    /// Opens the file by its name once more.
    fn reopen(&mut self) {
        let Self::File(file, path) = self else { return };
        match append(path) {
            Ok(new) => *file = new,
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "a log cannot be opened anew, and goes on where it was");
            }
        }
    }

    fn write(&mut self, batch: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Standard => {
                let mut out = std::io::stdout().lock();
                out.write_all(batch)?;
                out.flush()
            }
            Self::File(file, _) => file.write_all(batch),
        }
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    File::options().create(true).append(true).open(path)
}

impl Lines {
    fn start(name: &str, out: Out, dropped: IntCounter) -> Option<Self> {
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            wake: Condvar::new(),
        });
        let (job, lost) = (shared.clone(), dropped.clone());
        let thread = std::thread::Builder::new().name(name.into());
        let writer = thread.spawn(move || job.run(out, &lost)).ok()?;
        Some(Self {
            shared,
            writer: Mutex::new(Some(writer)),
            dropped,
        })
    }

    fn write(&self, record: &impl Serialize) {
        let mut pending = self.shared.lock();
        if pending.bytes.len() >= PENDING_BYTES_MAX {
            self.dropped.inc();
            return;
        }
        let before = pending.bytes.len();
        // Writing to memory cannot fail, and every field is plain.
        let _ = serde_json::to_writer(&mut pending.bytes, record);
        pending.bytes.push(b'\n');
        let is_full = before < BATCH_BYTES && pending.bytes.len() >= BATCH_BYTES;
        if before == 0 || is_full {
            self.shared.wake.notify_one();
        }
    }

    fn reopen(&self) {
        self.shared.lock().is_reopened = true;
        self.shared.wake.notify_one();
    }

    fn close(&self) {
        self.shared.lock().is_closed = true;
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
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut out: Out, lost: &IntCounter) {
        let mut batch = Vec::new();
        loop {
            let pending = self.lock();
            let is_urgent = |pending: &Pending| pending.is_closed || pending.is_reopened;
            let is_empty = |pending: &mut Pending| pending.bytes.is_empty() && !is_urgent(pending);
            let waited = self.wake.wait_while(pending, is_empty);
            let pending = waited.unwrap_or_else(PoisonError::into_inner);
            let is_small =
                |pending: &mut Pending| pending.bytes.len() < BATCH_BYTES && !is_urgent(pending);
            let waited = self.wake.wait_timeout_while(pending, BATCH_AGE, is_small);
            let (mut pending, _) = waited.unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut batch, &mut pending.bytes);
            let is_closed = pending.is_closed;
            let is_reopened = std::mem::take(&mut pending.is_reopened);
            drop(pending);
            if !batch.is_empty() {
                // A full disk, or nobody who reads any more: there is no better place to say so.
                if out.write(&batch).is_err() {
                    let lines = batch.iter().filter(|byte| **byte == b'\n').count();
                    lost.inc_by(lines as u64);
                }
                batch.clear();
            }
            // What came before the call belongs to the old file.
            if is_reopened {
                out.reopen();
            }
            if is_closed {
                return;
            }
        }
    }
}
