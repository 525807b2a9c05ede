//! Settings of what is sent to a collector: where it is, and what of requests it gets.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Conf, ConfError};

/// Where records go that are sent as OTLP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OtlpConf {
    /// The collector's address, to which `/v1/traces` and `/v1/logs` are added; empty: nothing is sent.
    pub endpoint: String,
    /// Header fields of each request to it, `name: value`.
    pub headers: Vec<String>,
    /// A file with more of them, one on each line.
    pub headers_file: String,
    /// A PEM file with authorities trusted beside the system's.
    pub ca_file: String,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// Time for one request.
    pub timeout_ms: u64,
    /// How long a request that may succeed later is repeated.
    pub retry_ms: u64,
    /// How long records wait for others to be sent with.
    pub interval_ms: u64,
    /// Bytes of the spans, and of the log records, that wait for the collector.
    pub queue_bytes: usize,
    /// `service.name`.
    pub service_name: String,
    /// `host.name`; empty: the machine's.
    pub node: String,
    /// Further attributes of the resource, `name=value`.
    pub attributes: Vec<String>,
}

/// Which requests are traced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TracesConf {
    /// Whether requests are traced at all.
    pub enabled: bool,
    /// The share of requests whose spans are sent, 0 to 1.
    pub ratio: f64,
    /// Whether the spans of requests that fail are sent, too.
    pub errors: bool,
    /// How many of these within a second.
    pub errors_per_second: u32,
    /// What becomes of the trace that a visitor's request says it belongs to.
    pub context: ContextRule,
    /// Spans of one request.
    pub spans_max: u32,
}

/// What becomes of the trace that a visitor's request says it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContextRule {
    /// A new trace begins, with a link to it.
    #[default]
    Restart,
    /// It goes on; whether it is sent is decided here.
    Continue,
    /// It goes on, and is sent if the visitor says so.
    Trust,
}

impl Default for OtlpConf {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            headers: Vec::new(),
            headers_file: String::new(),
            ca_file: String::new(),
            gzip: true,
            // Source: OpenTelemetry, "OTLP exporter configuration".
            timeout_ms: 10_000,
            retry_ms: 60_000,
            interval_ms: 1_000,
            queue_bytes: 8 << 20,
            service_name: "cirque".into(),
            node: String::new(),
            attributes: Vec::new(),
        }
    }
}

impl Default for TracesConf {
    fn default() -> Self {
        Self {
            enabled: false,
            ratio: 0.01,
            errors: true,
            errors_per_second: 100,
            context: ContextRule::Restart,
            spans_max: 128,
        }
    }
}

/// The strict values behind `otlp`.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where the collector is.
    pub endpoint: Url,
    /// `otlp.headers`.
    pub headers: HeaderMap,
    /// `otlp.attributes`.
    pub attributes: Vec<(String, String)>,
}

/// The most spans that one request may have: what a trace's viewer can still show.
const SPANS_MAX: u32 = 10_000;

impl Conf {
    /// The collector, if there is one; everything that needs it is off without.
    pub(super) fn collector(
        &self,
        fail: &impl Fn(&str, String) -> ConfError,
    ) -> Result<Option<Collector>, ConfError> {
        let traces = &self.traces;
        if !(0.0..=1.0).contains(&traces.ratio) {
            let message = format!("is {}; write a share from 0 to 1", traces.ratio);
            return Err(fail("traces.ratio", message));
        }
        if !(1..=SPANS_MAX).contains(&traces.spans_max) {
            let message = format!("is {}; write 1 to {SPANS_MAX}", traces.spans_max);
            return Err(fail("traces.spans_max", message));
        }
        for (key, value) in [
            ("otlp.timeout_ms", self.otlp.timeout_ms),
            ("otlp.interval_ms", self.otlp.interval_ms),
            ("otlp.queue_bytes", self.otlp.queue_bytes as u64),
        ] {
            if value == 0 {
                return Err(fail(key, "is 0; write at least 1".into()));
            }
        }
        let text = &self.otlp.endpoint;
        if text.is_empty() {
            for (key, is_on) in [
                ("traces.enabled", traces.enabled),
                ("log.otlp", self.log.otlp),
            ] {
                if is_on {
                    let message = "is true, but there is nowhere to send to; set `otlp.endpoint`";
                    return Err(fail(key, message.into()));
                }
            }
        }
        let mut headers = HeaderMap::new();
        for line in &self.otlp.headers {
            // It may be a secret, so it is not shown.
            let message = "has what is no header; write each as \"name: value\"";
            let (name, value) = header(line).ok_or_else(|| fail("otlp.headers", message.into()))?;
            headers.append(name, value);
        }
        let mut attributes = Vec::new();
        for text in &self.otlp.attributes {
            let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| {
                let message = format!("has {text:?}, which is no attribute; write \"name=value\"");
                fail("otlp.attributes", message)
            })?;
            attributes.push((name.to_owned(), value.to_owned()));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let endpoint = endpoint(text).map_err(|message| fail("otlp.endpoint", message))?;
        Ok(Some(Collector {
            endpoint,
            headers,
            attributes,
        }))
    }
}

/// A header field as it is written in a setting or a file.
pub fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::from_bytes(name.trim().as_bytes()).ok()?, value))
}

fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // What is no URL may hold a password all the same.
    let url = url.ok_or("is no address of a collector; write \"http://127.0.0.1:4318\"")?;
    if !url.username().is_empty() || url.password().is_some() {
        let message = "has a name or a password in it; write them into `otlp.headers_file`";
        return Err(message.into());
    }
    match url.query().is_some() || url.fragment().is_some() {
        true => Err("has a query; write only the address that paths are added to".into()),
        false => Ok(url),
    }
}
