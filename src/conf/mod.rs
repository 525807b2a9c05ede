//! What operators set: TOML, then the environment (`CIRQUE_<TABLE>__<KEY>`), then flags.
//!
//! Every key has a default that can be written in TOML, so `conf/edge.toml` shows them all as they
//! are without a file, and a test holds it against this one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::{Table, Value};

use crate::model::Limits;
use crate::model::kv::VALUE_BYTES_MAX;

mod defaults;
mod egress;
mod hostnames;
mod keys;
mod otlp;
mod store_url;

pub use egress::EgressRules;
pub use hostnames::{AcmeConf, DnsConf, HostnameRules, HostnamesConf, TLS_ALPN, Tls};
pub use otlp::{Collector, ContextRule, OtlpConf, TracesConf, header};
pub use store_url::StoreUrl;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conf {
    /// Where the edge listens.
    pub listen: Listen,
    /// How visitors are spoken to over TLS.
    pub tls: Tls,
    /// Where records lie.
    pub store: Store,
    /// What workers and visitors may use up.
    pub limits: LimitsConf,
    /// How workers run.
    pub runtime: RuntimeConf,
    /// Static assets.
    pub assets: AssetsConf,
    /// Key-value namespaces.
    pub kv: KvConf,
    /// What workers may reach.
    pub egress: EgressConf,
    /// What is kept of responses.
    pub cache: CacheConf,
    /// Plain origins.
    pub origins: OriginsConf,
    /// Custom hostnames.
    pub hostnames: HostnamesConf,
    /// Certificate authorities.
    pub acme: AcmeConf,
    /// The DNS that proofs are looked for in.
    pub dns: DnsConf,
    /// The control API.
    pub api: ApiConf,
    /// What secrets are sealed with.
    pub secrets: SecretsConf,
    /// What is written to the log.
    pub log: LogConf,
    /// The collector.
    pub otlp: OtlpConf,
    /// Which requests are traced.
    pub traces: TracesConf,
    /// What tenants use up.
    pub usage: UsageConf,
}

/// Addresses to listen on; an empty text means none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listen {
    /// Visitors, plain HTTP/1.1.
    pub http: String,
    /// Visitors, TLS with HTTP/1.1 and HTTP/2.
    pub https: String,
    /// Operators: metrics, health, readiness. Never reachable for visitors.
    pub ops: String,
    /// The control API, plain HTTP. Never reachable for visitors.
    pub api: String,
    /// Which of `http` and `https` are behind a load balancer that begins each connection with PROXY protocol, version 2.
    pub proxy_protocol: Vec<String>,
}

/// Where records lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Store {
    /// `redis://`, `rediss://`, `redis+sentinel://`, `redis+cluster://` or `file:<path>`; empty: a file in `data_dir`.
    pub url: String,
    /// The node's own directory: embedded store, compiled code, snapshot, upgrade socket.
    pub data_dir: PathBuf,
    /// How long one question to the store may take.
    pub timeout_ms: u64,
    /// Hostname and script records kept in memory, each.
    pub records_max: u64,
    /// Names known not to exist, kept in memory.
    pub unknown_max: u64,
    /// The longest record that is read.
    pub record_bytes_max: usize,
    /// How long a store that came back empty must be quiet before what is missing counts as deleted.
    pub settle_ms: u64,
}

/// What workers (defaults and ceilings) and visitors may use up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsConf {
    /// CPU time of an invocation.
    pub cpu_ms: u64,
    /// The most a script may ask for.
    pub cpu_ms_max: u64,
    /// Memory of an invocation.
    pub memory_mb: u64,
    /// The most a script may ask for; it sizes the sandboxes' address space.
    pub memory_mb_max: u64,
    /// Wall time of an invocation.
    pub wall_ms: u64,
    /// The most a script may ask for.
    pub wall_ms_max: u64,
    /// Outgoing requests of an invocation, with those of all workers that it calls.
    pub subrequests: u64,
    /// The most a script may ask for.
    pub subrequests_max: u64,
    /// Invocations of one worker at a time.
    pub concurrency: u64,
    /// The most a script may ask for.
    pub concurrency_max: u64,
    /// Requests a second of one worker; 0: no bound.
    pub requests_per_second: u64,
    /// The most a script may ask for; 0: no bound.
    pub requests_per_second_max: u64,
    /// The largest body of a request to a worker; 0: no bound.
    pub request_bytes: u64,
    /// The most a script may ask for; 0: no bound.
    pub request_bytes_max: u64,
    /// The largest body of a worker's response; 0: no bound.
    pub response_bytes: u64,
    /// The most a script may ask for; 0: no bound.
    pub response_bytes_max: u64,
    /// Bytes an invocation may write to its log.
    pub log_bytes: u64,
    /// The most a script may ask for.
    pub log_bytes_max: u64,
    /// Outgoing requests of an invocation under way at a time; others wait.
    pub outgoing_connections: u64,
    /// The most a script may ask for.
    pub outgoing_connections_max: u64,
    /// How long an invocation may run on after its response.
    pub wait_until_ms: u64,
    /// The most a script may ask for.
    pub wait_until_ms_max: u64,
    /// How long a worker's response may stand still.
    pub body_idle_ms: u64,
    /// The most a script may ask for.
    pub body_idle_ms_max: u64,
    /// CPU time of a JavaScript worker's top level, at its upload.
    pub start_ms: u64,
    /// The largest upload.
    pub code_bytes_max: usize,
    /// Visitors' connections at a time.
    pub connections: usize,
    /// Connections at a time from one IPv4 address or one IPv6 /64.
    pub connections_per_address: usize,
    /// Header fields of a request.
    pub header_fields: usize,
    /// Bytes of a request's header section.
    pub header_bytes: usize,
    /// Bytes of a request's target.
    pub uri_bytes: usize,
    /// Time for a whole request header, from its first byte (from accept, on a new connection).
    pub header_timeout_ms: u64,
    /// How long an idle connection is kept.
    pub keepalive_timeout_ms: u64,
    /// Requests on one connection.
    pub keepalive_requests: u32,
    /// The largest request body; 0: no bound.
    pub body_bytes: u64,
    /// Time for a whole request body.
    pub body_timeout_ms: u64,
    /// The slowest a visitor may send a body or read a response, after `rate_grace_ms`.
    pub rate_bytes_per_second: u64,
    /// How long a visitor may stay below that rate.
    pub rate_grace_ms: u64,
}

/// How workers run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuntimeConf {
    /// Threads that serve visitors; 0: one for each core.
    pub threads: usize,
    /// Whether threads that serve take work from each other.
    pub work_stealing: bool,
    /// Threads for guests that compute longer than their first slice; 0: one for each core.
    pub heavy_threads: usize,
    /// How much those threads give way to the others, 0 to 19.
    pub heavy_nice: i32,
    /// Whether the JavaScript engine is made ready at the start.
    pub javascript: bool,
    /// Invocations at a time, of all workers together.
    pub instances: u32,
    /// Memory each of them may keep resident for the next one.
    pub keep_resident_kb: usize,
    /// Compiled code in memory.
    pub modules_mb: u64,
    /// Compiled code on disk.
    pub artifacts_mb: u64,
    /// Compilations at a time.
    pub compilers: usize,
    /// CPU time of one compilation.
    pub compile_cpu_s: u64,
    /// Memory of one compilation.
    pub compile_memory_mb: u64,
    /// Wall time of one compilation.
    pub compile_timeout_s: u64,
    /// How long SIGTERM waits for what runs.
    pub drain_timeout_s: u64,
}

/// Static assets of workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetsConf {
    /// Files of one worker.
    pub files_max: usize,
    /// The largest of them.
    pub file_bytes_max: u64,
    /// Files and lists of them in memory.
    pub memory_mb: u64,
    /// Files and lists of them on disk, for when Redis is away.
    pub disk_mb: u64,
}

/// Key-value namespaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KvConf {
    /// Namespaces of the account.
    pub namespaces_max: usize,
    /// The largest value; at most 25 MiB.
    pub value_bytes_max: usize,
    /// Values kept in memory, those that are not there included.
    pub cache_mb: u64,
    /// The largest body of a bulk write.
    pub bulk_bytes_max: usize,
}

/// What workers may reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EgressConf {
    /// The only hosts that workers may reach, names or `*.example.com`; empty: all.
    pub allow_hosts: Vec<String>,
    /// Hosts that workers may not reach.
    pub deny_hosts: Vec<String>,
    /// Ports that workers may reach, numbers or `1024-65535`.
    pub allow_ports: Vec<String>,
    /// Private addresses and networks that workers may reach all the same.
    pub allow_addresses: Vec<String>,
    /// Addresses and networks that workers may not reach.
    pub deny_addresses: Vec<String>,
    /// Servers that resolve names; empty: the system's.
    pub dns_servers: Vec<String>,
    /// Time to resolve a name.
    pub dns_timeout_ms: u64,
    /// Answers kept in memory.
    pub dns_records_max: u64,
    /// How long an answer is kept at most.
    pub dns_ttl_s_max: u64,
    /// Time to connect, TLS included.
    pub connect_timeout_ms: u64,
    /// Time to the first byte of the response, from the last that moved of the request.
    pub first_byte_timeout_ms: u64,
    /// Longest silence within a body, either way.
    pub body_idle_timeout_ms: u64,
    /// Time for a whole exchange.
    pub total_timeout_ms: u64,
    /// Header fields of a response over HTTP/1.1.
    pub header_fields: usize,
    /// Bytes of a response's header section.
    pub header_bytes: usize,
    /// The largest response body; 0: no bound.
    pub response_bytes: u64,
    /// Connections of all workers together.
    pub connections: usize,
    /// Connections of one worker.
    pub connections_per_worker: usize,
    /// Idle connections one worker keeps to one host.
    pub idle_per_host: usize,
    /// How long they are kept.
    pub idle_timeout_ms: u64,
    /// A PEM file with authorities trusted beside the system's.
    pub ca_file: String,
}

/// What is kept of responses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheConf {
    /// Responses kept in memory, of all owners together; 0: none.
    pub memory_mb: u64,
    /// What one worker, or one origin, may have of it.
    pub owner_mb: u64,
    /// Responses of one worker or origin.
    pub owner_entries: usize,
    /// The largest body that is kept.
    pub object_bytes_max: u64,
    /// Whether what plain origins answer is kept, unless a hostname's record says otherwise.
    pub origins: bool,
    /// Whether each deployment of a worker begins with an empty cache.
    pub fresh_on_deploy: bool,
}

/// Plain origins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OriginsConf {
    /// Time to connect, TLS included.
    pub connect_timeout_ms: u64,
    /// Longest silence of an origin within a response.
    pub read_timeout_ms: u64,
    /// Longest silence of an upgraded (WebSocket) connection.
    pub upgraded_timeout_ms: u64,
    /// Idle connections kept, all origins together.
    pub idle_connections: usize,
    /// How long they are kept.
    pub idle_timeout_ms: u64,
    /// A PEM file with authorities trusted instead of the system's.
    pub ca_file: String,
    /// A PEM file with the certificate chain that origins are shown.
    pub client_certificate_file: String,
    /// A PEM file with its key.
    pub client_key_file: String,
}

/// The control API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiConf {
    /// The account's id, 32 hexadecimal digits; empty: made at the first start, and kept in the store.
    pub account_id: String,
    /// The address under which clients reach the API, as they see it; empty: what their request says.
    pub public_url: String,
    /// The largest upload of a script, as it comes over the wire.
    pub script_bytes_max: usize,
    /// Time for a whole request body.
    pub body_timeout_ms: u64,
    /// Time for a whole request header.
    pub header_timeout_ms: u64,
    /// Requests answered at a time; further ones wait.
    pub requests: usize,
    /// Connections at a time; further ones wait.
    pub connections: usize,
    /// Requests with wrong credentials that one address may make in a minute.
    pub failures_per_minute: u32,
}

/// What secrets are sealed with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretsConf {
    /// A file with keys, one on each line; empty: `secrets.key` in the data directory, made when missing.
    pub key_file: String,
    /// The keys themselves, for the environment; wins over the file.
    pub key: String,
}

/// What is written to the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogConf {
    /// A tracing filter: `info`, `warn`, `cirque=debug`, ….
    pub level: String,
    /// How it is written.
    pub format: LogFormat,
    /// Whether each request leaves an access record.
    pub access: bool,
    /// The file that access records are appended to; empty: standard output.
    pub access_file: PathBuf,
    /// Whether access records, and what workers log, are sent to the collector.
    pub otlp: bool,
    /// The file that workers' data points are appended to; empty: standard output.
    pub analytics_file: PathBuf,
    /// Tenants with metrics of their own at a time: those with most requests, and some of those with most trouble. All others are
    /// counted together, as `other`.
    pub tenants_max: usize,
    /// How often it is decided anew which tenants those are: at least what lies between two readings of the metrics.
    pub tenants_interval_s: u64,
}

/// What tenants use up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageConf {
    /// How often what was counted is written to the store; 0: nothing is counted.
    pub interval_s: u64,
    /// Days that usage is kept for.
    pub keep_days: u64,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For a person at a terminal.
    Text,
}

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub enum ConfError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{origin}: {message}")]
    Syntax {
        /// File and line, or variable, or flag.
        origin: String,
        /// What is wrong.
        message: String,
    },
    /// A key nobody knows.
    #[error("{origin}: there is no setting `{key}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// File and line, or variable, or flag.
        origin: String,
        /// The key as written.
        key: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// A value that cannot be used.
    #[error("{origin}: `{key}` {message}")]
    Value {
        /// File and line, or variable, or flag.
        origin: String,
        /// The key.
        key: String,
        /// What is wrong, and what to write instead.
        message: String,
    },
}

/// Where settings come from, in rising order of precedence.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    /// A TOML file; without one the built-in defaults.
    pub file: Option<&'a Path>,
    /// Environment variables; those not beginning with `CIRQUE_` are passed over.
    pub environment: Vec<(String, String)>,
    /// `table.key=value`, as given to `--set`.
    pub flags: Vec<String>,
}

impl Conf {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfError`], which names file and line (or variable, or flag), key, and what to do.
    pub fn load(sources: &Sources<'_>) -> Result<Self, ConfError> {
        let mut merged = keys::Merged::new(defaults());
        if let Some(path) = sources.file {
            let text = std::fs::read_to_string(path).map_err(|source| ConfError::Read {
                path: path.to_owned(),
                source,
            })?;
            merged.file(path, &text)?;
        }
        merged.environment(&sources.environment)?;
        merged.flags(&sources.flags)?;
        let conf: Self = merged.read()?;
        conf.parts(&|key| merged.origin(key))?;
        Ok(conf)
    }

    /// The strict values behind the texts; [`Conf::load`] has made sure that they exist.
    pub fn parsed(&self) -> Result<Parsed, ConfError> {
        self.parts(&|_| "settings".into())
    }

    fn parts(&self, origin: &dyn Fn(&str) -> String) -> Result<Parsed, ConfError> {
        let fail = |key: &str, message: String| ConfError::Value {
            origin: origin(key),
            key: key.into(),
            message,
        };
        let address = |key: &str, text: &str| {
            match text {
            "" => Ok(None),
            _ => text.parse::<SocketAddr>().map(Some).map_err(|_| {
                fail(key, format!("is {text:?}, which is no address; write one as \"127.0.0.1:8080\" or \"[::]:8080\""))
            }),
        }
        };
        let positive = |key: &str, value: u64| match value {
            0 => Err(fail(key, "is 0; write at least 1".into())),
            _ => Ok(()),
        };
        let below = |key: &str, value: u64, ceiling: u64| match value <= ceiling {
            true => positive(key, value),
            false => Err(fail(
                key,
                format!(
                    "is {value}, above its ceiling `{key}_max` = {ceiling}; lower one or raise the other"
                ),
            )),
        };
        let l = &self.limits;
        for ((name, default), (_, ceiling)) in l.defaults().each().zip(l.ceilings().each()) {
            // No outgoing requests at all is a choice.
            if name != "subrequests" || default > ceiling {
                below(&format!("limits.{name}"), default, ceiling)?;
            }
        }
        if l.memory_mb_max > 4096 {
            return Err(fail(
                "limits.memory_mb_max",
                "is above 4096, more than a 32-bit guest can address; write at most 4096".into(),
            ));
        }
        if l.header_bytes > 1 << 20 {
            return Err(fail(
                "limits.header_bytes",
                "is above 1048576, more than the parser takes; write at most 1048576".into(),
            ));
        }
        if l.header_fields > 256 {
            return Err(fail(
                "limits.header_fields",
                "is above 256, more than the parser takes; write at most 256".into(),
            ));
        }
        for (key, value) in [
            ("limits.start_ms", l.start_ms),
            ("limits.header_bytes", l.header_bytes as u64),
            ("limits.header_fields", l.header_fields as u64),
            ("limits.uri_bytes", l.uri_bytes as u64),
            ("limits.header_timeout_ms", l.header_timeout_ms),
            ("limits.keepalive_timeout_ms", l.keepalive_timeout_ms),
            ("limits.keepalive_requests", l.keepalive_requests.into()),
            ("limits.body_timeout_ms", l.body_timeout_ms),
            ("limits.connections", l.connections as u64),
            (
                "limits.connections_per_address",
                l.connections_per_address as u64,
            ),
            ("runtime.instances", self.runtime.instances.into()),
            ("runtime.modules_mb", self.runtime.modules_mb),
            ("runtime.compilers", self.runtime.compilers as u64),
            ("assets.files_max", self.assets.files_max as u64),
            ("assets.file_bytes_max", self.assets.file_bytes_max),
            ("assets.memory_mb", self.assets.memory_mb),
            ("kv.namespaces_max", self.kv.namespaces_max as u64),
            ("kv.value_bytes_max", self.kv.value_bytes_max as u64),
            ("kv.bulk_bytes_max", self.kv.bulk_bytes_max as u64),
            ("usage.keep_days", self.usage.keep_days),
            ("log.tenants_interval_s", self.log.tenants_interval_s),
            ("api.script_bytes_max", self.api.script_bytes_max as u64),
            ("api.body_timeout_ms", self.api.body_timeout_ms),
            ("api.header_timeout_ms", self.api.header_timeout_ms),
            ("api.requests", self.api.requests as u64),
            ("api.connections", self.api.connections as u64),
            ("store.timeout_ms", self.store.timeout_ms),
            ("store.records_max", self.store.records_max),
            (
                "egress.connections_per_worker",
                self.egress.connections_per_worker as u64,
            ),
            ("cache.owner_mb", self.cache.owner_mb),
            ("cache.owner_entries", self.cache.owner_entries as u64),
            ("cache.object_bytes_max", self.cache.object_bytes_max),
            ("egress.connections", self.egress.connections as u64),
            ("egress.dns_timeout_ms", self.egress.dns_timeout_ms),
            ("egress.connect_timeout_ms", self.egress.connect_timeout_ms),
            (
                "egress.first_byte_timeout_ms",
                self.egress.first_byte_timeout_ms,
            ),
            (
                "egress.body_idle_timeout_ms",
                self.egress.body_idle_timeout_ms,
            ),
            ("egress.total_timeout_ms", self.egress.total_timeout_ms),
            ("egress.header_fields", self.egress.header_fields as u64),
        ] {
            positive(key, value)?;
        }
        // A store takes values of up to 512 MiB.
        if self.assets.file_bytes_max > 256 << 20 {
            return Err(fail(
                "assets.file_bytes_max",
                "is above 268435456, more than a store should hold in one record".into(),
            ));
        }
        if self.kv.value_bytes_max > VALUE_BYTES_MAX {
            return Err(fail(
                "kv.value_bytes_max",
                format!("is above {VALUE_BYTES_MAX}, the most that a value may have"),
            ));
        }
        // One sandbox reserves 4 GiB of address space; a process has 128 TiB.
        if self.runtime.instances > 16_000 {
            return Err(fail(
                "runtime.instances",
                "is above 16000, more sandboxes than a process has address space for".into(),
            ));
        }
        if !(0..=19).contains(&self.runtime.heavy_nice) {
            return Err(fail(
                "runtime.heavy_nice",
                "is no niceness from 0 to 19".into(),
            ));
        }
        let id = &self.api.account_id;
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let is_account = id.len() == 32 && id.bytes().all(is_digit);
        if !id.is_empty() && !is_account {
            return Err(fail(
                "api.account_id",
                format!(
                    "is {id:?}, which is no account; write 32 hexadecimal digits, or leave it out"
                ),
            ));
        }
        if let Some(other) = self
            .listen
            .proxy_protocol
            .iter()
            .find(|listener| !matches!(listener.as_str(), "http" | "https"))
        {
            let message = format!("has {other:?}; write \"http\", \"https\", or both");
            return Err(fail("listen.proxy_protocol", message));
        }
        if self.origins.client_certificate_file.is_empty()
            != self.origins.client_key_file.is_empty()
        {
            let message = "and `origins.client_key_file` belong together: set both, or neither";
            return Err(fail("origins.client_certificate_file", message.into()));
        }
        if self.listen.http.is_empty() && self.listen.https.is_empty() {
            return Err(fail(
                "listen.http",
                "and `listen.https` are both empty; set at least one, or no visitor is heard"
                    .into(),
            ));
        }
        let url = match self.store.url.as_str() {
            "" => StoreUrl::Embedded(self.store.data_dir.join("store.db")),
            text => StoreUrl::parse(text).ok_or_else(|| {
                fail(
                    "store.url",
                    "is no address of a store; write redis://, rediss://, redis+sentinel:// or redis+cluster:// \
                     with host and port, or file:<path>"
                        .into(),
                )
            })?,
        };
        Ok(Parsed {
            http: address("listen.http", &self.listen.http)?,
            https: address("listen.https", &self.listen.https)?,
            ops: address("listen.ops", &self.listen.ops)?,
            api: address("listen.api", &self.listen.api)?,
            store: url,
            egress: self.egress.rules(&fail)?,
            collector: self.collector(&fail)?,
            hostnames: self.hostname_rules(&fail)?,
        })
    }
}

/// The strict values behind some of the texts in [`Conf`].
#[derive(Clone, Debug)]
pub struct Parsed {
    /// `listen.http`.
    pub http: Option<SocketAddr>,
    /// `listen.https`.
    pub https: Option<SocketAddr>,
    /// `listen.ops`.
    pub ops: Option<SocketAddr>,
    /// `listen.api`.
    pub api: Option<SocketAddr>,
    /// `store.url`.
    pub store: StoreUrl,
    /// The lists of `egress`.
    pub egress: EgressRules,
    /// `otlp`, where there is one.
    pub collector: Option<Collector>,
    /// `hostnames` and `dns`.
    pub hostnames: HostnameRules,
}

impl LimitsConf {
    /// What an invocation gets when its script asks for nothing.
    pub fn defaults(&self) -> Limits {
        Limits {
            cpu_ms: self.cpu_ms,
            memory_mb: self.memory_mb,
            wall_ms: self.wall_ms,
            subrequests: self.subrequests,
            concurrency: self.concurrency,
            requests_per_second: or_unbound(self.requests_per_second),
            request_bytes: or_unbound(self.request_bytes),
            response_bytes: or_unbound(self.response_bytes),
            log_bytes: self.log_bytes,
            outgoing_connections: self.outgoing_connections,
            wait_until_ms: self.wait_until_ms,
            body_idle_ms: self.body_idle_ms,
        }
    }

    /// The most a script may ask for.
    pub fn ceilings(&self) -> Limits {
        Limits {
            cpu_ms: self.cpu_ms_max,
            memory_mb: self.memory_mb_max,
            wall_ms: self.wall_ms_max,
            subrequests: self.subrequests_max,
            concurrency: self.concurrency_max,
            requests_per_second: or_unbound(self.requests_per_second_max),
            request_bytes: or_unbound(self.request_bytes_max),
            response_bytes: or_unbound(self.response_bytes_max),
            log_bytes: self.log_bytes_max,
            outgoing_connections: self.outgoing_connections_max,
            wait_until_ms: self.wait_until_ms_max,
            body_idle_ms: self.body_idle_ms_max,
        }
    }
}

fn or_unbound(amount: u64) -> u64 {
    match amount {
        0 => u64::MAX,
        amount => amount,
    }
}

impl RuntimeConf {
    /// Threads that serve visitors.
    pub fn threads(&self) -> usize {
        or_cores(self.threads)
    }

    /// Threads for guests that compute longer than their first slice.
    pub fn heavy_threads(&self) -> usize {
        or_cores(self.heavy_threads)
    }
}

fn or_cores(threads: usize) -> usize {
    match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}

/// Every key with its default.
fn defaults() -> Table {
    match Value::try_from(Conf::default()) {
        Ok(Value::Table(table)) => table,
        // Every field of `Conf` is a table, and every field of those a TOML value.
        _ => Table::new(),
    }
}
