//! Sends what waits to the collector: OTLP over HTTP, repeated as the protocol says, lost with a count when that does not help.
//!
//! Source: OpenTelemetry, "OTLP specification", sections on OTLP/HTTP.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::logs::{LogRecord, LogRecords};
use super::message::{Batch, Resource, Signal};
use super::queue::Queue;
use super::{Tracer, numbers};
use crate::conf::{self, Collector, Conf};
use crate::egress::{Egress, ResponseBody};
use crate::metrics::Metrics;
use crate::model::TenantId;

/// The first pause before a request is repeated, and the longest; each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Bytes of an answer that are read; a collector says little.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// How long the end of the process waits for the collector.
const LAST: Duration = Duration::from_secs(5);

/// Why records cannot be sent.
#[derive(Debug, Error)]
pub enum ExportSetupError {
    /// The file with header fields cannot be read.
    #[error("`otlp.headers_file` {path}: {source}")]
    HeadersFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of it is no header field.
    #[error("`otlp.headers_file` {path}: line {line} is no header; write `name: value`")]
    Header {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The address with a path added is none.
    #[error("`otlp.endpoint`: {0} is no address")]
    Endpoint(String),
}

/// What sends spans and log records, each kind if it is wanted.
pub struct Exporters {
    tracer: Option<Arc<Tracer>>,
    records: Option<Arc<LogRecords>>,
    spans_waiting: Arc<Queue<Batch>>,
    records_waiting: Arc<Queue<LogRecord>>,
    /// Held by whoever waits for their end, so that another one who does waits, too.
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Exporters {
    /// Begins to send over `http`, on the runtime that this is called on.
    ///
    /// # Errors
    /// [`ExportSetupError`], which says what is wrong.
    pub fn start(
        conf: &Conf,
        collector: &Collector,
        http: Egress,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, ExportSetupError> {
        let link = Arc::new(Link {
            http,
            pool: TenantId::regular("otlp").expect("a name"),
            headers: headers(conf, collector)?,
            resource: resource(conf, collector),
            gzip: conf.otlp.gzip,
            timeout: Duration::from_millis(conf.otlp.timeout_ms),
            retry: Duration::from_millis(conf.otlp.retry_ms),
            interval: Duration::from_millis(conf.otlp.interval_ms),
        });
        let bytes = conf.otlp.queue_bytes;
        let spans = Arc::new(Queue::new(bytes, metrics.spans.clone()));
        let records = Arc::new(Queue::new(bytes, metrics.log_records.clone()));
        let mut tasks = Vec::new();
        let tracer = match conf.traces.enabled {
            true => {
                tasks.push(begin(&link, &spans, collector)?);
                let tracer = Tracer::new(&conf.traces, spans.clone(), metrics.clone());
                Some(Arc::new(tracer))
            }
            false => None,
        };
        let sender = match conf.log.otlp {
            true => {
                tasks.push(begin(&link, &records, collector)?);
                Some(Arc::new(LogRecords::new(records.clone())))
            }
            false => None,
        };
        Ok(Self {
            tracer,
            records: sender,
            spans_waiting: spans,
            records_waiting: records,
            tasks: Mutex::new(tasks),
        })
    }

    /// What begins traces, where they are wanted.
    pub fn tracer(&self) -> Option<Arc<Tracer>> {
        self.tracer.clone()
    }

    /// Where log records go, where they are wanted.
    pub fn records(&self) -> Option<Arc<LogRecords>> {
        self.records.clone()
    }

    /// Sends what waits, and takes nothing more; for the end of the process, which waits for it for a moment.
    pub async fn last(&self) {
        self.spans_waiting.close();
        self.records_waiting.close();
        let mut tasks = self.tasks.lock().await;
        // Their panics have been reported by themselves.
        let all = futures::future::join_all(tasks.drain(..));
        let _ = tokio::time::timeout(LAST, all).await;
    }
}

/// The way to the collector.
struct Link {
    http: Egress,
    pool: TenantId,
    headers: HeaderMap,
    resource: Resource,
    gzip: bool,
    timeout: Duration,
    retry: Duration,
    interval: Duration,
}

/// Sends one kind of records.
struct Exporter<T> {
    link: Arc<Link>,
    queue: Arc<Queue<T>>,
    uri: Uri,
}

/// What became of a request.
enum Sent {
    /// The collector has it, but for so many records.
    Taken(u64),
    /// The collector does not want it.
    Refused(String),
    /// It may succeed later, after so long if the collector said so.
    Later(String, Option<Duration>),
}

fn begin<T: Signal>(
    link: &Arc<Link>,
    queue: &Arc<Queue<T>>,
    collector: &Collector,
) -> Result<JoinHandle<()>, ExportSetupError> {
    let base = collector.endpoint.as_str().trim_end_matches('/');
    let uri = format!("{base}{}", T::PATH);
    let exporter = Exporter {
        link: link.clone(),
        queue: queue.clone(),
        uri: Uri::try_from(&uri).map_err(|_| ExportSetupError::Endpoint(uri))?,
    };
    Ok(tokio::spawn(exporter.run()))
}

impl<T: Signal> Exporter<T> {
    async fn run(self) {
        let mut was_taken = true;
        while let Some(batch) = self.queue.next(self.link.interval).await {
            let records = batch.iter().map(T::records).sum();
            let result = self.deliver(batch, records).await;
            // Once for each time that the collector goes away: what is lost is counted.
            if let (true, Err(error)) = (was_taken, &result) {
                tracing::warn!(collector = %self.uri, error, "the collector does not take what is sent to it");
            }
            if !was_taken && result.is_ok() {
                tracing::info!(collector = %self.uri, "the collector takes what is sent to it again");
            }
            was_taken = result.is_ok();
        }
    }

    /// Sends a batch until it is taken, refused, or too old.
    async fn deliver(&self, batch: Vec<T>, records: u64) -> Result<(), String> {
        let link = &*self.link;
        let (queue, deadline) = (&self.queue, Instant::now() + link.retry);
        let body = link.pack(T::encode(batch, &link.resource));
        let (mut pause, longest) = PAUSES;
        loop {
            let is_last = queue.is_closed();
            let (reason, asked) = match link.send::<T>(&self.uri, body.clone()).await {
                Sent::Taken(rejected) => {
                    queue.count("refused", rejected.min(records));
                    queue.count("sent", records.saturating_sub(rejected));
                    return Ok(());
                }
                Sent::Refused(reason) => {
                    queue.count("refused", records);
                    return Err(reason);
                }
                Sent::Later(reason, asked) => (reason, asked),
            };
            // Nodes that lost their collector together must not come back together.
            let wait = asked.unwrap_or_else(|| pause.mul_f64(0.5 + rand::random::<f64>() / 2.0));
            // A collector may name a time that no clock reaches.
            let again = Instant::now().checked_add(wait);
            if is_last || again.is_none_or(|again| again > deadline) {
                queue.count("failed", records);
                return Err(reason);
            }
            pause = longest.min(pause * 2);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // The process ends: now or never.
                () = queue.closed() => {}
            }
        }
    }
}

impl Link {
    fn pack(&self, message: Vec<u8>) -> Bytes {
        if !self.gzip {
            return message.into();
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing to memory does not fail.
        let _ = packed.write_all(&message);
        packed.finish().unwrap_or_default().into()
    }

    async fn send<T: Signal>(&self, uri: &Uri, body: Bytes) -> Sent {
        match tokio::time::timeout(self.timeout, self.exchange::<T>(uri, body)).await {
            Ok(sent) => sent,
            Err(_) => {
                let reason = format!("no answer within {} ms", self.timeout.as_millis());
                Sent::Later(reason, None)
            }
        }
    }

    async fn exchange<T: Signal>(&self, uri: &Uri, body: Bytes) -> Sent {
        let body = Full::new(body).map_err(|never| match never {});
        let mut request = Request::post(uri)
            .body(body.boxed_unsync())
            .expect("a URI that was read makes a request");
        let fields = request.headers_mut();
        fields.clone_from(&self.headers);
        let plain = HeaderValue::from_static;
        fields.insert(header::CONTENT_TYPE, plain("application/x-protobuf"));
        fields.insert(header::USER_AGENT, plain(USER_AGENT));
        if self.gzip {
            fields.insert(header::CONTENT_ENCODING, plain("gzip"));
        }
        let response = match self.http.fetch(&self.pool, request, None).await {
            Ok(response) => response,
            Err(error) => return Sent::Later(error.to_string(), None),
        };
        let status = response.status();
        match status {
            status if status.is_success() => Sent::Taken(rejected::<T>(response).await),
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                let after = retry_after(response.headers());
                Sent::Later(format!("it answered with {status}"), after)
            }
            status => Sent::Refused(format!("it answered with {status}")),
        }
    }
}

/// How many records the collector did not take. What is no answer of OTLP's says nothing; they were taken all the same.
async fn rejected<T: Signal>(response: Response<ResponseBody>) -> u64 {
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX);
    match body.collect().await {
        Ok(answer) => T::rejected(answer.to_bytes()),
        Err(_) => 0,
    }
}

/// How long the collector wants to be left alone: seconds, or until a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

const USER_AGENT: &str = concat!("cirque/", env!("CARGO_PKG_VERSION"));

fn headers(conf: &Conf, collector: &Collector) -> Result<HeaderMap, ExportSetupError> {
    let mut headers = collector.headers.clone();
    let path = &conf.otlp.headers_file;
    if path.is_empty() {
        return Ok(headers);
    }
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).map_err(|source| ExportSetupError::HeadersFile {
        path: path.clone(),
        source,
    })?;
    let lines = text.lines().enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) = conf::header(line).ok_or_else(|| ExportSetupError::Header {
            path: path.clone(),
            line: at + 1,
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// What names this process to the collector.
///
/// Source: OpenTelemetry semantic conventions, "Resource".
fn resource(conf: &Conf, collector: &Collector) -> Resource {
    let node = match conf.otlp.node.as_str() {
        "" => rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        node => node.to_owned(),
    };
    let own = [
        ("service.name", conf.otlp.service_name.clone()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", format!("{:032x}", numbers::trace())),
        ("host.name", node),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    Resource::new(own.into_iter().chain(collector.attributes.clone()))
}
