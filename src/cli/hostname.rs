//! `cirque hostname`: customers' own domains.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::remote::{Remote, RemoteArguments};
use super::{CliError, Global, cli_user, say};
use crate::api::shown_custom_hostname;
use crate::control::certificates::SslChange;
use crate::control::custom_hostnames::{HostnameChange, NewHostname};
use crate::control::hostname_list::{HostnameFilter, HostnameOrder, name_to_find};
use crate::control::hostname_rules::HostnameError;
use crate::control::{Control, ControlError, zones};
use crate::model::TenantId;
use crate::model::custom_hostname::SslMethod;

/// Custom hostnames that are asked for at a time.
const PAGE: usize = 1_000;
/// How often `wait` looks.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cirque hostname add shop.customer.com --worker production/shop --trusted
  cirque hostname add app.customer.com --metadata '{\"plan\":\"pro\"}'
  cirque hostname add old.customer.com --origin https://origin.example.com --no-ssl
  cirque hostname wait app.customer.com --timeout 600
  cirque hostname list

Without --zone they are in the zone of the command line, whose id stands for the name `default`.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The id of the zone they are in
    #[arg(long, global = true, value_name = "ID")]
    zone: Option<String>,
    #[command(flatten)]
    remote: RemoteArguments,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Claim a hostname for a customer
    Add(Add),
    /// List custom hostnames
    List,
    /// Show one with everything that is known of it, as JSON
    Show {
        /// The hostname
        hostname: String,
    },
    /// Remove one with its certificates
    Remove {
        /// The hostname
        hostname: String,
    },
    /// Wait until one is served, and its certificate is there; say who has to act meanwhile
    Wait {
        /// The hostname
        hostname: String,
        /// Give up after so many seconds
        #[arg(long, default_value_t = 300, value_name = "SECONDS")]
        timeout: u64,
    },
}

#[derive(Args, Debug)]
struct Add {
    /// The hostname, or a wildcard as in *.customer.com
    hostname: String,
    /// What workers find in request.cf.hostMetadata
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    /// [<namespace>/]<name> of the worker that answers; without it the zone says who does
    #[arg(long, conflicts_with = "origin", value_name = "NAME")]
    worker: Option<String>,
    /// The origin that answers
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// How the certificate authority is shown who has the hostname: http or txt
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Ask for no certificate
    #[arg(long, conflicts_with_all = ["method", "wildcard"])]
    no_ssl: bool,
    /// The certificate covers the names below the hostname too
    #[arg(long)]
    wildcard: bool,
    /// You say that the customer has control over it: it is served at once
    #[arg(long)]
    trusted: bool,
}

/// Where custom hostnames are worked on.
enum Place<'a> {
    Store(&'a Global),
    Api(Remote),
}

pub(super) fn hostname(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let place = match Remote::from(&arguments.remote)? {
        Some(remote) => Place::Api(remote),
        None => Place::Store(global),
    };
    let zone = arguments.zone.clone().unwrap_or_else(zones::default_zone);
    match &arguments.action {
        Action::Add(add) => {
            let made = place.add(&zone, add)?;
            say(&format!("added {}", text(&made, "hostname")));
            for line in to_do(&made, place.target()) {
                say(&line);
            }
            Ok(())
        }
        Action::List => place.list(&zone),
        Action::Show { hostname } => {
            let found = place.find(&zone, hostname)?;
            let pretty = serde_json::to_string_pretty(&found);
            say(&pretty.unwrap_or_else(|_| found.to_string()));
            Ok(())
        }
        Action::Remove { hostname } => {
            place.remove(&zone, hostname)?;
            say(&format!("removed {hostname}"));
            Ok(())
        }
        Action::Wait { hostname, timeout } => {
            place.wait(&zone, hostname, Duration::from_secs(*timeout))
        }
    }
}

impl Place<'_> {
    fn add(&self, zone: &str, add: &Add) -> Result<Value, CliError> {
        let other = |error: &dyn std::fmt::Display| CliError::Other(error.to_string());
        let metadata = add.metadata.as_deref().map(serde_json::from_str::<Value>);
        let metadata = metadata
            .transpose()
            .map_err(|error| CliError::Other(format!("--metadata is no JSON: {error}")))?;
        let method = match add.method.as_deref() {
            None => None,
            Some("http") => Some(SslMethod::Http),
            Some("txt") => Some(SslMethod::Txt),
            Some(_) => return Err(other(&HostnameError::Method)),
        };
        match self {
            Self::Api(remote) => {
                if add.worker.is_some() || add.trusted {
                    let why = "through the API a custom hostname leads where its zone does, or to --origin, and is \
                               proven by its owner; run this beside the store for --worker and --trusted";
                    return Err(CliError::Other(why.into()));
                }
                let mut body = json!({ "hostname": add.hostname });
                if let Some(metadata) = metadata {
                    body["custom_metadata"] = metadata;
                }
                if let Some(origin) = &add.origin {
                    body["custom_origin_server"] = json!(origin);
                }
                if !add.no_ssl {
                    body["ssl"] = json!({ "type": "dv", "wildcard": add.wildcard });
                    if let Some(method) = method {
                        body["ssl"]["method"] = json!(method);
                    }
                }
                let path = format!("/zones/{zone}/custom_hostnames");
                let mut made = remote.say(Method::POST, &path, Some(as_json(&body)))?;
                Ok(made["result"].take())
            }
            Self::Store(global) => {
                let worker = add.worker.as_deref().map(TenantId::parse);
                let new = NewHostname {
                    zone: zone.to_owned(),
                    hostname: add.hostname.clone(),
                    worker: worker.transpose().map_err(|error| other(&error))?,
                    is_trusted: add.trusted,
                    said: HostnameChange {
                        metadata: metadata.map(Some),
                        origin: add.origin.clone().map(Some),
                        is_operators: true,
                        ssl: (!add.no_ssl).then(|| {
                            Some(SslChange {
                                method,
                                wildcard: Some(add.wildcard),
                                ..SslChange::default()
                            })
                        }),
                        ..HostnameChange::default()
                    },
                };
                global.with_control(async |control| {
                    let made = Box::pin(control.create_custom_hostname(new)).await;
                    note(control, "create", &add.hostname, made.is_ok()).await;
                    Ok(shown_custom_hostname(control, &made?))
                })
            }
        }
    }

    fn find(&self, zone: &str, hostname: &str) -> Result<Value, CliError> {
        let missing = || {
            let shown: String = hostname.chars().take(128).collect();
            CliError::Other(format!("there is no custom hostname {shown} in this zone"))
        };
        match self {
            Self::Api(remote) => {
                let name: String =
                    url::form_urlencoded::byte_serialize(name_to_find(hostname).as_bytes())
                        .collect();
                let path = format!("/zones/{zone}/custom_hostnames?hostname.exact={name}");
                let mut found = remote.say(Method::GET, &path, None)?;
                found["result"]
                    .get_mut(0)
                    .map(Value::take)
                    .ok_or_else(missing)
            }
            Self::Store(global) => global.with_control(async |control| {
                match control.custom_hostname_named(zone, hostname).await {
                    Ok(found) => Ok(shown_custom_hostname(control, &found)),
                    Err(ControlError::Hostname(HostnameError::Missing)) => Err(missing()),
                    Err(error) => Err(error.into()),
                }
            }),
        }
    }

    fn list(&self, zone: &str) -> Result<(), CliError> {
        for page in 1.. {
            let items = match self {
                Self::Api(remote) => {
                    let path =
                        format!("/zones/{zone}/custom_hostnames?per_page={PAGE}&page={page}");
                    let mut found = remote.say(Method::GET, &path, None)?;
                    match found["result"].take() {
                        Value::Array(items) => items,
                        _ => Vec::new(),
                    }
                }
                Self::Store(global) => global.with_control(async |control| {
                    let order = (HostnameOrder::Hostname, false);
                    let filter = HostnameFilter::default();
                    let found = control
                        .custom_hostnames(zone, &filter, order, page, PAGE)
                        .await?;
                    let shown = |one| shown_custom_hostname(control, one);
                    Ok(found.items.iter().map(shown).collect())
                })?,
            };
            for item in &items {
                let certificate = match item["ssl"]["status"].as_str() {
                    Some(status) => format!("certificate {status}"),
                    None => "no certificate".to_owned(),
                };
                let (name, status) = (text(item, "hostname"), text(item, "status"));
                say(&format!("{name}  {status}  {certificate}"));
            }
            if items.len() < PAGE {
                break;
            }
        }
        Ok(())
    }

    fn remove(&self, zone: &str, hostname: &str) -> Result<(), CliError> {
        let found = self.find(zone, hostname)?;
        let id = text(&found, "id");
        match self {
            Self::Api(remote) => {
                let path = format!("/zones/{zone}/custom_hostnames/{id}");
                remote.say(Method::DELETE, &path, None)?;
                Ok(())
            }
            Self::Store(global) => global.with_control(async |control| {
                let removed = control.delete_custom_hostname(zone, id).await;
                note(control, "delete", hostname, removed.is_ok()).await;
                removed?;
                Ok(())
            }),
        }
    }

    fn wait(&self, zone: &str, hostname: &str, timeout: Duration) -> Result<(), CliError> {
        let until = Instant::now() + timeout;
        let mut said = Vec::new();
        loop {
            let found = self.find(zone, hostname)?;
            let left = to_do(&found, self.target());
            if left.is_empty() {
                say(&format!("{hostname} is served"));
                return Ok(());
            }
            if left != said {
                for line in &left {
                    say(line);
                }
                said = left;
            }
            if matches!(text(&found, "status"), "blocked" | "moved") {
                let status = text(&found, "status");
                return Err(CliError::Other(format!("{hostname} is {status}")));
            }
            if Instant::now() >= until {
                let waited = timeout.as_secs();
                return Err(CliError::Other(format!(
                    "{hostname} is not served after {waited} s; what is missing stands above"
                )));
            }
            let rest = until.saturating_duration_since(Instant::now());
            pause(LOOK.min(rest));
        }
    }

    /// The name that customers point theirs at, where the settings are at hand.
    fn target(&self) -> Option<String> {
        let Self::Store(global) = self else {
            return None;
        };
        let target = global.conf().ok()?.hostnames.target;
        Some(target).filter(|target| !target.is_empty())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command that waits has nothing else to do"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

async fn note(control: &Control, action: &str, hostname: &str, is_done: bool) {
    let result = if is_done { "ok" } else { "refused" };
    control
        .note(&cli_user(), action, "custom_hostname", hostname, result)
        .await;
}

fn as_json(body: &Value) -> (String, Vec<u8>) {
    ("application/json".into(), body.to_string().into())
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("")
}

/// What is missing until a hostname is served with its certificate, and who has to act; nothing when it is.
fn to_do(object: &Value, target: Option<String>) -> Vec<String> {
    let mut lines = Vec::new();
    let (name, status) = (text(object, "hostname"), text(object, "status"));
    let errors = object["verification_errors"].as_array();
    let errors = errors.into_iter().flatten().filter_map(Value::as_str);
    match status {
        "active" => {}
        "pending" => {
            let txt = &object["ownership_verification"];
            lines.push(format!(
                "{name} waits for its owner to prove control over it, by one of these:"
            ));
            if let Some(target) = target {
                lines.push(format!("  CNAME  {name}  {target}"));
            }
            lines.push(format!(
                "  TXT    {}  {}",
                text(txt, "name"),
                text(txt, "value")
            ));
            let http = &object["ownership_verification_http"];
            if !text(http, "http_url").is_empty() {
                let (url, body) = (text(http, "http_url"), text(http, "http_body"));
                lines.push(format!("  HTTP   {url}  {body}"));
            }
        }
        status => lines.push(format!("{name} is {status}")),
    }
    lines.extend(errors.map(|error| format!("  {error}")));
    let ssl = &object["ssl"];
    if ssl.is_object() && text(ssl, "status") != "active" {
        lines.push(format!("its certificate is {}", text(ssl, "status")));
        let records = ssl["validation_records"].as_array();
        for record in records.into_iter().flatten() {
            let (txt, http) = (text(record, "txt_name"), text(record, "http_url"));
            if !txt.is_empty() {
                lines.push(format!("  TXT    {txt}  {}", text(record, "txt_value")));
            }
            if !http.is_empty() {
                lines.push(format!(
                    "  HTTP   {http}, which this edge answers once {name} points at it"
                ));
            }
        }
        if text(ssl, "method") == "txt" {
            let delegations = ssl["dcv_delegation_records"].as_array();
            for record in delegations.into_iter().flatten() {
                let (cname, target) = (text(record, "cname"), text(record, "cname_target"));
                lines.push(format!(
                    "  CNAME  {cname}  {target}, once and for all instead"
                ));
            }
        }
        let errors = ssl["validation_errors"].as_array();
        for error in errors.into_iter().flatten() {
            lines.push(format!("  {}", text(error, "message")));
        }
    }
    lines
}
