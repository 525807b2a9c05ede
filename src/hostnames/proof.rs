//! Proofs that a hostname is its customer's, and meant to be here: what the DNS says, and what its own server does.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};

use super::{base, handshake};
use crate::conf::{Conf, EgressConf, EgressRules, HostnameRules, Parsed};
use crate::egress::{self, Egress, EgressSetupError, Own, Reach, ResolverError};
use crate::metrics::Metrics;
use crate::model::{CustomHostname, HostnamePattern, TenantId};

/// Where Cloudflare looks for a hostname's token.
///
/// Source: Cloudflare docs, "Pre-validation: HTTP tokens".
const TOKEN_PATH: &str = "/.well-known/cf-custom-hostname-challenge/";
/// Before a hostname where its token is looked for in the DNS.
///
/// Source: Cloudflare docs, "Pre-validation: TXT records".
const TOKEN_LABEL: &str = "_cf-custom-hostname.";
/// Who looks for tokens.
const USER_AGENT: &str = "Cirque Hostname Verification";
/// The longest token that is read, or answer to a challenge.
const TOKEN_BYTES_MAX: usize = 1 << 10;
/// CNAMEs that are followed.
const ALIASES_MAX: usize = 8;
/// Time for a server to show a token.
const FETCH: Duration = Duration::from_secs(10);

/// What was found.
pub(super) enum Verdict {
    /// It is its customer's, by this proof.
    Proven(&'static str),
    /// Nothing proves it; what is missing.
    Missing(Vec<String>),
    /// It could not be found out; why.
    Unknown(Vec<String>),
}

/// Looks for proofs.
pub(super) struct Proofs {
    resolver: Arc<TokioResolver>,
    egress: Egress,
    rules: HostnameRules,
    http_port: u16,
    https_port: u16,
    reach: Reach,
    timeout: Duration,
    /// Whose connections these are.
    pool: TenantId,
}

/// What there is of a kind under a name.
enum Found<T> {
    There(Vec<T>),
    Nothing,
    /// Nobody could tell.
    Failed(String),
}

/// Asks the server of the settings, and keeps nothing: a proof counts when it is there.
pub(super) fn resolver(
    conf: &Conf,
    rules: &HostnameRules,
) -> Result<Arc<TokioResolver>, ResolverError> {
    let conf = EgressConf {
        dns_records_max: 0,
        dns_ttl_s_max: 0,
        dns_timeout_ms: conf.dns.timeout_ms,
        ..conf.egress.clone()
    };
    let servers = EgressRules {
        dns_servers: rules.resolver.into_iter().collect(),
        ..EgressRules::default()
    };
    egress::resolver(&conf, &servers)
}

impl Proofs {
    pub(super) fn new(
        conf: &Conf,
        parsed: &Parsed,
        own: Vec<Own>,
        resolver: Arc<TokioResolver>,
        metrics: &Metrics,
    ) -> Result<Self, EgressSetupError> {
        let port = conf.hostnames.http_port;
        // A customer names the host: it is as little trusted as a worker's.
        let rules = EgressRules {
            allow_hosts: Vec::new(),
            allow_ports: vec![port..=port],
            ..parsed.egress.clone()
        };
        Ok(Self {
            egress: Egress::new(&conf.egress, rules, resolver.clone(), own, metrics)?,
            resolver,
            rules: parsed.hostnames.clone(),
            http_port: port,
            https_port: conf.hostnames.https_port,
            reach: Reach::new(parsed),
            timeout: Duration::from_millis(conf.dns.timeout_ms),
            pool: TenantId::regular("hostnames").expect("a name"),
        })
    }

    /// Looks for any proof at all.
    pub(super) async fn look(
        &self,
        hostname: &CustomHostname,
        pattern: &HostnamePattern,
    ) -> Verdict {
        let Some(name) = base(pattern) else {
            return Verdict::Missing(vec!["A wildcard for everything cannot be proven.".into()]);
        };
        let token = hostname.ownership.token.as_str();
        // Who has one name below a wildcard, or the name above it, does not have all of them.
        let is_wildcard = matches!(pattern, HostnamePattern::Below(_));
        let record = format!("{TOKEN_LABEL}{name}");
        let path = format!("{TOKEN_PATH}{}", hostname.id);
        let others = async {
            match is_wildcard {
                true => (Err(String::new()), Found::Nothing),
                false => tokio::join!(self.fetch(name, &path), self.points_here(name)),
            }
        };
        let (txt, (http, here)) = tokio::join!(self.texts(&record), others);
        let mut failed = Vec::new();
        match txt {
            Found::There(texts) if texts.iter().any(|text| text.trim() == token) => {
                return Verdict::Proven("txt");
            }
            Found::Failed(reason) => failed.push(reason),
            _ => {}
        }
        if http.is_ok_and(|body| body.trim() == token) {
            return Verdict::Proven("http");
        }
        match here {
            Found::There(how) if !hostname.ownership.is_contested => {
                return Verdict::Proven(how.first().copied().unwrap_or("cname"));
            }
            Found::There(_) => {
                return Verdict::Missing(vec![
                    "Another zone had this hostname: that it points here proves nothing until the ownership validation token is found."
                        .into(),
                ]);
            }
            Found::Failed(reason) => failed.push(reason),
            Found::Nothing => {}
        }
        if !failed.is_empty() {
            return Verdict::Unknown(failed);
        }
        if is_wildcard {
            return Verdict::Missing(vec![
                "The pre-generated ownership validation token was not found; a wildcard is proven by its TXT record alone."
                    .into(),
            ]);
        }
        Verdict::Missing(vec![
            "custom hostname does not CNAME to this zone.".into(),
            "None of the A or AAAA records are owned by this account and the pre-generated ownership validation token was not found."
                .into(),
        ])
    }

    /// Whether the DNS leads a hostname to this edge, and how.
    async fn points_here(&self, name: &str) -> Found<&'static str> {
        if let Some(target) = &self.rules.target {
            let mut at = name.to_owned();
            for _ in 0..ALIASES_MAX {
                match self.alias(&at).await {
                    Found::There(next) => {
                        let Some(next) = next.into_iter().next() else {
                            break;
                        };
                        if next == target.as_str() {
                            return Found::There(vec!["cname"]);
                        }
                        at = next;
                    }
                    Found::Nothing => break,
                    Found::Failed(reason) => return Found::Failed(reason),
                }
            }
        }
        let mut ours = self.rules.addresses.clone();
        if let Some(target) = &self.rules.target
            && let Found::There(addresses) = self.addresses(target.as_str()).await
        {
            // Some servers of names put the addresses in the alias' place.
            ours.extend(addresses);
        }
        if ours.is_empty() {
            return Found::Nothing;
        }
        match self.addresses(name).await {
            Found::There(found) if found.iter().any(|address| ours.contains(address)) => {
                Found::There(vec!["address"])
            }
            Found::There(_) | Found::Nothing => Found::Nothing,
            Found::Failed(reason) => Found::Failed(reason),
        }
    }

    /// The values of a name's TXT records.
    pub(super) async fn values(&self, name: &str) -> Result<Vec<String>, String> {
        match self.texts(name).await {
            Found::There(texts) => Ok(texts),
            Found::Nothing => Ok(Vec::new()),
            Found::Failed(reason) => Err(reason),
        }
    }

    async fn texts(&self, name: &str) -> Found<String> {
        self.records(name, RecordType::TXT, |data| match data {
            RData::TXT(txt) => Some(
                txt.txt_data
                    .iter()
                    .map(|part| String::from_utf8_lossy(part))
                    .collect(),
            ),
            _ => None,
        })
        .await
    }

    async fn alias(&self, name: &str) -> Found<String> {
        self.records(name, RecordType::CNAME, |data| match data {
            RData::CNAME(alias) => {
                let alias = alias.0.to_ascii().to_ascii_lowercase();
                Some(alias.trim_end_matches('.').to_owned())
            }
            _ => None,
        })
        .await
    }

    async fn addresses(&self, name: &str) -> Found<IpAddr> {
        let (v4, v6) = tokio::join!(
            self.records(name, RecordType::A, RData::ip_addr),
            self.records(name, RecordType::AAAA, RData::ip_addr),
        );
        match (v4, v6) {
            (Found::There(mut v4), Found::There(v6)) => {
                v4.extend(v6);
                Found::There(v4)
            }
            (Found::There(found), _) | (_, Found::There(found)) => Found::There(found),
            (Found::Failed(reason), _) | (_, Found::Failed(reason)) => Found::Failed(reason),
            (Found::Nothing, Found::Nothing) => Found::Nothing,
        }
    }

    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Found<T> {
        // Absolute: no search list makes another name of it.
        let asked = self.resolver.lookup(format!("{name}."), kind);
        let Ok(answered) = tokio::time::timeout(self.timeout, asked).await else {
            return Found::Failed(format!(
                "The DNS did not answer for {name} ({kind}) in time."
            ));
        };
        match answered {
            Ok(lookup) => {
                let found: Vec<T> = lookup
                    .answers()
                    .iter()
                    .filter_map(|record| read(&record.data))
                    .collect();
                match found.is_empty() {
                    true => Found::Nothing,
                    false => Found::There(found),
                }
            }
            Err(error) if error.is_no_records_found() => Found::Nothing,
            Err(error) => Found::Failed(format!("The DNS failed for {name} ({kind}): {error}")),
        }
    }

    /// The digest in the certificate that a hostname's own server shows for tls-alpn-01, if there is one.
    pub(super) async fn shown(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let addresses = match self.addresses(name).await {
            Found::There(addresses) => addresses,
            Found::Nothing => return Err("it has no address".into()),
            Found::Failed(reason) => return Err(reason),
        };
        let mut last = Err("it leads to no public address".into());
        for address in addresses {
            if !self.reach.admits_address(address, self.https_port) {
                continue;
            }
            last = handshake::make(name, SocketAddr::new(address, self.https_port)).await;
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// What a hostname's own server has at a path, over plain HTTP.
    pub(super) async fn fetch(&self, name: &str, path: &str) -> Result<String, String> {
        let authority = match self.http_port {
            80 => name.to_owned(),
            port => format!("{name}:{port}"),
        };
        let request = Request::builder()
            .uri(format!("http://{authority}{path}"))
            .header(header::USER_AGENT, USER_AGENT)
            .body(
                Full::new(Bytes::new())
                    .map_err(|never| match never {})
                    .boxed_unsync(),
            )
            .map_err(|e| e.to_string())?;
        let exchange = async {
            let response = self.egress.fetch(&self.pool, request, Some(FETCH)).await;
            let response = response.map_err(|e| e.to_string())?;
            let status = response.status();
            if !status.is_success() {
                return Err(format!("it answered {status}"));
            }
            let body = Limited::new(response.into_body(), TOKEN_BYTES_MAX);
            let body = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
            Ok(String::from_utf8_lossy(&body).into_owned())
        };
        match tokio::time::timeout(FETCH, exchange).await {
            Ok(result) => result,
            Err(_) => Err("it did not answer in time".into()),
        }
    }
}
