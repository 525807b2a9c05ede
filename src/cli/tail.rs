//! `cirque tail`.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use futures::{SinkExt, StreamExt};
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::CliError;
use super::remote::{Remote, RemoteArguments, client};
use crate::model::TenantId;
use crate::model::tenant::InvalidName;
use crate::tail::Scope;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque tail production/shop                        one user worker; also shop --namespace production
  cirque tail --namespace production                 all of a dispatch namespace
  cirque tail --namespace production --tag premium   those of its workers that have a tag
  cirque tail dispatcher --status error --format json")]
pub(super) struct Arguments {
    /// [<namespace>/]<name>
    #[arg(required_unless_present = "namespace")]
    worker: Option<String>,
    /// The dispatch namespace: of the worker, or to watch as a whole
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Only workers of the namespace that have this tag
    #[arg(
        long,
        value_name = "TAG",
        requires = "namespace",
        conflicts_with = "worker"
    )]
    tag: Option<String>,
    /// How events are printed
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    format: Format,
    /// Only what ended so; may be given several times
    #[arg(long, value_enum)]
    status: Vec<Status>,
    /// Only requests with this method; may be given several times
    #[arg(long)]
    method: Vec<String>,
    /// Only requests with this header, as in x-shop or x-shop:shoes
    #[arg(long, value_name = "NAME[:TEXT]")]
    header: Option<String>,
    /// Only requests from this address, or from your own (self); may be given several times
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<String>,
    /// Only what has logged this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only this share, as in 0.1
    #[arg(long, value_name = "SHARE")]
    sampling_rate: Option<f64>,
    #[command(flatten)]
    remote: RemoteArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line for each event, log line and exception
    Pretty,
    /// A JSON object on each line
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    /// It ended well
    Ok,
    /// It failed
    Error,
    /// Its visitor left
    Canceled,
}

pub(super) fn tail(arguments: &Arguments) -> Result<(), CliError> {
    let scope = scope(arguments)?;
    let remote = Remote::from(&arguments.remote)?.ok_or_else(|| {
        CliError::Other(
            "a tail is read from a running edge: say which with --api and --token".into(),
        )
    })?;
    let (id, url) = remote.open_tail(&scope, &filters(arguments))?;
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let tokio = tokio.map_err(|e| CliError::Other(format!("the command could not start: {e}")))?;
    let ended = tokio.block_on(async {
        tokio::select! {
            ended = read(&url, arguments.format, scope.worker.is_none()) => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    // It may be over already, and ends by itself otherwise.
    let _ = remote.close_tail(&scope, &id);
    ended
}

/// What is to be watched.
fn scope(arguments: &Arguments) -> Result<Scope, CliError> {
    let invalid = |e: InvalidName| CliError::Other(e.to_string());
    let tenant = match (&arguments.worker, &arguments.namespace) {
        (Some(worker), None) => TenantId::parse(worker),
        (Some(worker), Some(namespace)) => TenantId::new(namespace, worker),
        (None, namespace) => {
            let namespace = namespace.as_deref().unwrap_or_default();
            // Any worker's name does to have the namespace's checked.
            TenantId::new(namespace, "any").map_err(invalid)?;
            return Ok(Scope::namespace(namespace, arguments.tag.clone()));
        }
    };
    Ok(Scope::worker(&tenant.map_err(invalid)?))
}

/// The filters as the API takes them.
fn filters(arguments: &Arguments) -> Vec<Value> {
    let mut filters = Vec::new();
    if let Some(rate) = arguments.sampling_rate {
        filters.push(json!({ "sampling_rate": rate }));
    }
    if !arguments.status.is_empty() {
        let outcomes = arguments.status.iter().flat_map(|status| match status {
            Status::Ok => &["ok"][..],
            Status::Error => &["exception", "exceededCpu", "exceededMemory", "unknown"],
            Status::Canceled => &["canceled"],
        });
        filters.push(json!({ "outcome": outcomes.collect::<Vec<_>>() }));
    }
    if !arguments.method.is_empty() {
        filters.push(json!({ "method": arguments.method }));
    }
    if let Some(header) = &arguments.header {
        filters.push(match header.split_once(':') {
            Some((key, query)) => json!({ "header": { "key": key.trim(), "query": query.trim() } }),
            None => json!({ "header": { "key": header.trim() } }),
        });
    }
    if !arguments.ip.is_empty() {
        filters.push(json!({ "client_ip": arguments.ip }));
    }
    if let Some(text) = &arguments.search {
        filters.push(json!({ "query": text }));
    }
    filters
}

/// Prints events until the tail is over, or nobody reads what is printed.
async fn read(url: &str, format: Format, is_of_many: bool) -> Result<(), CliError> {
    let failed = |e: &dyn std::fmt::Display| CliError::Other(format!("the tail broke off: {e}"));
    let mut socket = connect(url).await?;
    loop {
        let event = match socket.next().await {
            Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
            Some(Ok(Message::Close(frame))) => {
                // Sends the answer.
                let _ = socket.flush().await;
                let is_over = frame.is_some_and(|frame| frame.code == CloseCode::Normal);
                return match is_over {
                    true => Ok(()),
                    false => Err(failed(&"the edge closed it")),
                };
            }
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(failed(&error)),
            None => return Err(failed(&"the connection ended")),
        };
        let text = match format {
            Format::Json => event,
            Format::Pretty => {
                let event = serde_json::from_str(&event).map_err(|e| failed(&e))?;
                pretty(&event, is_of_many).join("\n")
            }
        };
        if writeln!(std::io::stdout(), "{text}").is_err() {
            return Ok(());
        }
    }
}

/// Opens the WebSocket (RFC 6455 §4.1).
async fn connect(
    url: &str,
) -> Result<WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>, CliError> {
    let failed =
        |e: &dyn std::fmt::Display| CliError::Other(format!("the tail cannot be read: {e}"));
    let mut nonce = [0; 16];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| failed(&"there is no randomness"))?;
    let request = Request::get(url.replacen("ws", "http", 1))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", STANDARD.encode(nonce))
        .header("sec-websocket-protocol", "trace-v1")
        .body(Full::default())
        .map_err(|e| failed(&e))?;
    let client = client().map_err(|e| failed(&e))?;
    let answer = client.request(request).await.map_err(|e| failed(&e))?;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(failed(&format!("the edge answers {}", answer.status())));
    }
    let upgraded = hyper::upgrade::on(answer).await.map_err(|e| failed(&e))?;
    Ok(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await)
}

/// An event as lines for a person; of one worker of many with its name.
fn pretty(event: &Value, is_of_many: bool) -> Vec<String> {
    let text = |value: &Value| plain(value.as_str().unwrap_or_default());
    let each = |field: &str| event[field].as_array().into_iter().flatten();
    let what = &event["event"];
    let time_ms = event["eventTimestamp"].as_i64().unwrap_or(0);
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time_ms) * 1_000_000);
    let time = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    let time = time.unwrap_or_default();
    if let Some(message) = what["message"].as_str() {
        return vec![format!("{time} {}", plain(message))];
    }
    let subject = match what["request"].is_object() {
        true => format!(
            "{} {}",
            text(&what["request"]["method"]),
            text(&what["request"]["url"])
        ),
        false => match what["consumedEvents"].as_array() {
            Some(events) => format!("tail of {} events", events.len()),
            None => format!("cron {:?}", text(&what["cron"])),
        },
    };
    let status = what["response"]["status"].as_u64();
    let status = status.map_or(String::new(), |status| format!(" {status}"));
    let worker = match is_of_many {
        true => format!("[{}] ", text(&event["scriptName"])),
        false => String::new(),
    };
    let mut lines = vec![format!(
        "{time} {worker}{subject} - {}{status}, {} ms CPU",
        text(&event["outcome"]),
        event["cpuTime"]
    )];
    for line in each("logs") {
        let parts = line["message"].as_array().into_iter().flatten();
        let parts: Vec<String> = parts.map(text).collect();
        lines.push(format!("  ({}) {}", text(&line["level"]), parts.join(" ")));
    }
    for exception in each("exceptions") {
        lines.push(match exception["stack"].as_str() {
            Some(stack) => format!("  {}", plain(stack)),
            None => format!(
                "  {}: {}",
                text(&exception["name"]),
                text(&exception["message"])
            ),
        });
    }
    if event["truncated"] == true {
        lines.push("  (what it logged beyond this is left out)".to_owned());
    }
    lines
}

/// What a worker or visitor has written, without what would make a terminal do something.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // A further line of the same text.
            '\n' => shown.push_str("\n    "),
            '\t' => shown.push(c),
            c if c.is_control() => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}
