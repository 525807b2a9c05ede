//! Settings of visitors' TLS, and of custom hostnames: how control over them is proven, who certifies them.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Conf, ConfError};
use crate::model::{Hostname, HostnamePattern};

/// How http-01 (RFC 8555 §8.3) is named in `acme.challenges`.
const HTTP: &str = "http-01";
/// How tls-alpn-01 (RFC 8737) is named there.
pub const TLS_ALPN: &str = "tls-alpn-01";

/// How visitors are spoken to over TLS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tls {
    /// A PEM file with the certificate chain for hostnames that have none of their own.
    pub certificate_file: String,
    /// A PEM file with its key.
    pub key_file: String,
    /// `1.2` or `1.3`; a hostname may ask for more.
    pub min_version: String,
    /// A PEM file with authorities; every visitor must then show a certificate of theirs.
    pub client_ca_file: String,
    /// Whether plain HTTP is answered with a redirect to https.
    pub redirect: bool,
    /// `max-age` of `Strict-Transport-Security`; 0 for none.
    pub hsts_max_age_s: u64,
    /// Time for a whole handshake.
    pub handshake_timeout_ms: u64,
    /// Certificates of hostnames kept in memory; others are read when they are asked for.
    pub certificates_max: u64,
}

/// Custom hostnames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostnamesConf {
    /// The name that customers point theirs at (CNAME).
    pub target: String,
    /// The addresses of this edge, for names that cannot have a CNAME.
    pub addresses: Vec<String>,
    /// The operator's own domains: no custom hostname is there or below.
    pub own: Vec<String>,
    /// Hostnames and wildcards that are not served: `blocked`.
    pub denied: Vec<String>,
    /// Custom hostnames of one zone.
    pub zone_max: u64,
    /// How often an active hostname is looked at; 0 for never.
    pub recheck_s: u64,
    /// How long an active hostname may point elsewhere before it is `moved`; 0 for ever.
    pub moved_after_s: u64,
    /// How long a moved hostname is kept; 0 for ever.
    pub delete_moved_after_s: u64,
    /// How long the last owner's claim counts after it was removed.
    pub release_s: u64,
    /// The port that HTTP tokens are looked for at.
    pub http_port: u16,
    /// The port that certificates for tls-alpn-01 are looked for at.
    pub https_port: u16,
}

/// Certificate authorities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AcmeConf {
    /// The directory of an ACME authority; empty: no certificates are asked for.
    pub directory: String,
    /// Directories of further authorities, asked in this order when one before fails.
    pub further_directories: Vec<String>,
    /// A PEM file with the authorities that the directories' own certificates may come from, beside the system's.
    pub ca_file: String,
    /// Whom the authority may write to.
    pub email: String,
    /// The account that `directory` wants to be bound to: its key's id.
    pub eab_key_id: String,
    /// The key itself, base64url.
    pub eab_key: String,
    /// The challenges that the edge answers by itself, the preferred one first: `http-01`, `tls-alpn-01`.
    pub challenges: Vec<String>,
    /// Orders that may begin within an hour, of all nodes.
    pub orders_per_hour: u32,
    /// Orders that may begin within a week for one registered domain.
    pub orders_per_domain_per_week: u32,
    /// Orders under way at a time.
    pub orders: usize,
}

/// The DNS that proofs are looked for in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsConf {
    /// The server asked, `address:port`; empty: the system's.
    pub resolver: String,
    /// Time for one question.
    pub timeout_ms: u64,
    /// Where the responder for delegated challenges listens, UDP and TCP; empty: off.
    pub listen: String,
    /// The zone it answers for: customers point `_acme-challenge.<hostname>` at `<label>.<zone>`.
    pub zone: String,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certificate_file: String::new(),
            key_file: String::new(),
            min_version: "1.2".into(),
            client_ca_file: String::new(),
            redirect: false,
            hsts_max_age_s: 0,
            handshake_timeout_ms: 10_000,
            certificates_max: 20_000,
        }
    }
}

impl Default for HostnamesConf {
    fn default() -> Self {
        // Source: Cloudflare docs, "Hostname validation": moved hostnames are deleted after 7 days.
        Self {
            target: String::new(),
            addresses: Vec::new(),
            own: Vec::new(),
            denied: Vec::new(),
            zone_max: 1_000_000,
            recheck_s: 6 * 3_600,
            moved_after_s: 7 * 86_400,
            delete_moved_after_s: 7 * 86_400,
            release_s: 30 * 86_400,
            http_port: 80,
            https_port: 443,
        }
    }
}

impl Default for AcmeConf {
    fn default() -> Self {
        // Source: Let's Encrypt, "Rate limits": 300 orders for an account in 3 hours, 50 for a registered domain in 7 days.
        Self {
            directory: String::new(),
            further_directories: Vec::new(),
            ca_file: String::new(),
            email: String::new(),
            eab_key_id: String::new(),
            eab_key: String::new(),
            challenges: vec![HTTP.into(), TLS_ALPN.into()],
            orders_per_hour: 100,
            orders_per_domain_per_week: 50,
            orders: 10,
        }
    }
}

impl Default for DnsConf {
    fn default() -> Self {
        Self {
            resolver: String::new(),
            timeout_ms: 5_000,
            listen: String::new(),
            zone: String::new(),
        }
    }
}

/// The strict values behind the texts of `hostnames` and `dns`.
#[derive(Clone, Debug, Default)]
pub struct HostnameRules {
    /// `hostnames.target`.
    pub target: Option<Hostname>,
    /// `hostnames.addresses`.
    pub addresses: Vec<IpAddr>,
    /// `hostnames.own`.
    pub own: Vec<Hostname>,
    /// `hostnames.denied`.
    pub denied: Vec<HostnamePattern>,
    /// `dns.resolver`.
    pub resolver: Option<SocketAddr>,
    /// `dns.listen`.
    pub dns: Option<SocketAddr>,
    /// `dns.zone`.
    pub dns_zone: Option<Hostname>,
}

impl HostnameRules {
    /// Whether a hostname is the operator's own, or below one.
    pub fn is_own(&self, hostname: &str) -> bool {
        self.own
            .iter()
            .chain(&self.target)
            .chain(&self.dns_zone)
            .any(|own| is_at_or_below(hostname, own.as_str()))
    }

    /// Whether the operator does not serve a hostname.
    pub fn is_denied(&self, pattern: &HostnamePattern) -> bool {
        let name = pattern.to_string();
        self.denied.iter().any(|denied| match denied {
            HostnamePattern::Exact(denied) => name == denied.as_str(),
            HostnamePattern::Below(below) => {
                name.len() > below.as_str().len() && is_at_or_below(&name, below.as_str())
            }
            HostnamePattern::Any => true,
        })
    }
}

fn is_at_or_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Conf {
    /// Reads what is said of TLS and custom hostnames.
    pub(super) fn hostname_rules(
        &self,
        fail: &dyn Fn(&str, String) -> ConfError,
    ) -> Result<HostnameRules, ConfError> {
        let name = |key: &str, text: &str| match text {
            "" => Ok(None),
            _ => Hostname::parse(text)
                .map(Some)
                .map_err(|e| fail(key, format!("is {text:?}, which is no hostname: {e}"))),
        };
        let socket = |key: &str, text: &str| {
            match text {
            "" => Ok(None),
            _ => text.parse().map(Some).map_err(|_| {
                let message = format!(
                    "is {text:?}, which is no address; write one as \"127.0.0.1:53\" or \"[::1]:53\""
                );
                fail(key, message)
            }),
        }
        };
        if !matches!(self.tls.min_version.as_str(), "1.2" | "1.3") {
            let message = format!("is {:?}; write \"1.2\" or \"1.3\"", self.tls.min_version);
            return Err(fail("tls.min_version", message));
        }
        if self.tls.certificate_file.is_empty() != self.tls.key_file.is_empty() {
            let message = "and `tls.key_file` belong together: set both, or neither";
            return Err(fail("tls.certificate_file", message.into()));
        }
        for (key, value) in [
            ("tls.handshake_timeout_ms", self.tls.handshake_timeout_ms),
            ("tls.certificates_max", self.tls.certificates_max),
            ("dns.timeout_ms", self.dns.timeout_ms),
            ("hostnames.http_port", self.hostnames.http_port.into()),
            ("hostnames.https_port", self.hostnames.https_port.into()),
            ("acme.orders", self.acme.orders as u64),
            ("acme.orders_per_hour", self.acme.orders_per_hour.into()),
            (
                "acme.orders_per_domain_per_week",
                self.acme.orders_per_domain_per_week.into(),
            ),
        ] {
            if value == 0 {
                return Err(fail(key, "is 0; write at least 1".into()));
            }
        }
        let is_known = |kind: &String| kind == HTTP || kind == TLS_ALPN;
        if self.acme.challenges.is_empty() || !self.acme.challenges.iter().all(is_known) {
            let message = format!(
                "is {:?}; write {HTTP:?}, {TLS_ALPN:?} or both, the preferred one first",
                self.acme.challenges
            );
            return Err(fail("acme.challenges", message));
        }
        if self.acme.eab_key_id.is_empty() != self.acme.eab_key.is_empty() {
            let message = "and `acme.eab_key` belong together: set both, or neither";
            return Err(fail("acme.eab_key_id", message.into()));
        }
        let first = ("acme.directory", &self.acme.directory);
        let further = self.acme.further_directories.iter();
        let further = further.map(|url| ("acme.further_directories", url));
        for (key, url) in std::iter::once(first).chain(further) {
            let is_usable = url::Url::parse(url).is_ok_and(|url| url.scheme() == "https");
            if !is_usable && (key != "acme.directory" || !url.is_empty()) {
                let message = format!(
                    "is {url:?}, which is no directory of an ACME authority; write one as \
                     \"https://acme-v02.api.letsencrypt.org/directory\""
                );
                return Err(fail(key, message));
            }
        }
        if self.acme.directory.is_empty() && !self.acme.further_directories.is_empty() {
            let message = "is empty, but `acme.further_directories` is not; name the first here";
            return Err(fail("acme.directory", message.into()));
        }
        let mut rules = HostnameRules {
            target: name("hostnames.target", &self.hostnames.target)?,
            resolver: socket("dns.resolver", &self.dns.resolver)?,
            dns: socket("dns.listen", &self.dns.listen)?,
            dns_zone: name("dns.zone", &self.dns.zone)?,
            ..HostnameRules::default()
        };
        if rules.dns.is_some() && rules.dns_zone.is_none() {
            let message = "is empty, but `dns.listen` is not; name the zone that is answered for";
            return Err(fail("dns.zone", message.into()));
        }
        for address in &self.hostnames.addresses {
            let parsed = address.parse().map_err(|_| {
                let message =
                    format!("has {address:?}, which is no address; write one as \"192.0.2.1\"");
                fail("hostnames.addresses", message)
            })?;
            rules.addresses.push(parsed);
        }
        for own in &self.hostnames.own {
            rules.own.extend(name("hostnames.own", own)?);
        }
        for denied in &self.hostnames.denied {
            let pattern = HostnamePattern::parse(denied).map_err(|e| {
                fail(
                    "hostnames.denied",
                    format!("has {denied:?}, which is no hostname: {e}"),
                )
            })?;
            rules.denied.push(pattern);
        }
        Ok(rules)
    }
}
