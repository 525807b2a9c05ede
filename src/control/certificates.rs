//! Certificates of custom hostnames: what is wanted of them, and those that are uploaded.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::hostname_rules::{self, HostnameError};
use super::{Control, ControlError, random_uuid};
use crate::model::custom_hostname::{
    CertificateRecord, Certificates, Chain, Ssl, SslMethod, SslStatus, TlsSettings,
};
use crate::model::{CustomHostname, HostnamePattern};
use crate::pki::{self, Checked};
use crate::store::custom_hostnames as records;
use crate::tls::place;

/// Certificates of one pack: one of each kind of key.
const PACK_MAX: usize = 2;
/// Cipher suites of TLS up to 1.2 by their OpenSSL names; those that no listener here speaks any more are known too.
///
/// Source: Cloudflare docs, "Cipher suites: supported cipher suites by protocol".
const CIPHERS: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
    "DES-CBC3-SHA",
];

/// What is said of a certificate; what is absent stays.
#[derive(Default)]
pub struct SslChange {
    /// How control is proven to the authority.
    pub method: Option<SslMethod>,
    /// Whether it covers the names below the hostname too.
    pub wildcard: Option<bool>,
    /// Kept for clients.
    pub bundle_method: Option<String>,
    /// Which authority is asked.
    pub certificate_authority: Option<String>,
    /// Settings of the listener, each by its name; `null` takes one back.
    pub settings: Map<String, Value>,
    /// Certificates that are served from now on, instead of those that were.
    pub uploads: Vec<Upload>,
    /// The signing request whose key belongs to the one that comes without.
    pub custom_csr_id: Option<String>,
}

/// A certificate that somebody brings.
#[derive(Default)]
pub struct Upload {
    /// The chain, PEM.
    pub certificate: String,
    /// Its key, PEM; without it that of a signing request.
    pub key: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for SslChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never a key.
        f.debug_struct("SslChange").finish_non_exhaustive()
    }
}

/// What is to be done about the certificates of a custom hostname after it was written.
pub(super) enum WantedCertificates {
    /// Nothing.
    AsTheyAre,
    /// The listener's settings are others, or the names below are not to be covered any more.
    Settings(TlsSettings),
    /// These are served.
    These(Box<Certificates>),
    /// None are.
    None,
}

/// Has the authority asked again, unless there is nothing to ask for.
pub(super) fn refresh(hostname: &mut CustomHostname, now_s: i64) {
    let Some(ssl) = &mut hostname.ssl else { return };
    if ssl.is_custom || ssl.status == SslStatus::Active {
        return;
    }
    ssl.attempts = 0;
    ssl.next_at = now_s;
    ssl.errors.clear();
    if matches!(
        ssl.status,
        SslStatus::InitializingTimedOut
            | SslStatus::ValidationTimedOut
            | SslStatus::IssuanceTimedOut
            | SslStatus::Expired
            | SslStatus::Deleted
    ) {
        restart(ssl, now_s);
    }
}

/// Begins anew with the authority. Certificates that are there stay in use meanwhile.
fn restart(ssl: &mut Ssl, now_s: i64) {
    ssl.status = SslStatus::Initializing;
    ssl.order = None;
    ssl.records.clear();
    ssl.errors.clear();
    ssl.attempts = 0;
    ssl.refusals = 0;
    ssl.next_at = now_s;
}

impl Control {
    /// Puts what is said of a certificate into a custom hostname.
    pub(super) async fn apply_ssl(
        &self,
        hostname: &mut CustomHostname,
        pattern: &HostnamePattern,
        change: &SslChange,
        now_s: i64,
    ) -> Result<WantedCertificates, ControlError> {
        let is_new = hostname.ssl.is_none();
        let mut ssl = match hostname.ssl.take() {
            Some(ssl) => ssl,
            None => Ssl {
                id: random_uuid()?,
                bundle_method: "ubiquitous".into(),
                ..Ssl::default()
            },
        };
        let was = ssl.clone();
        ssl.wildcard = change.wildcard.unwrap_or(ssl.wildcard);
        let is_wildcard = ssl.wildcard || matches!(pattern, HostnamePattern::Below(_));
        match change.method {
            Some(method) => ssl.method = method,
            // Nothing else would do.
            None if is_new && is_wildcard => ssl.method = SslMethod::Txt,
            None => {}
        }
        if let Some(method) = &change.bundle_method {
            ssl.bundle_method.clone_from(method);
        }
        if let Some(authority) = &change.certificate_authority {
            ssl.certificate_authority =
                hostname_rules::kept("ssl.certificate_authority", authority)?;
        }
        ssl.settings = settings(&ssl.settings, &change.settings)?;
        let mut wanted = WantedCertificates::AsTheyAre;
        if !change.uploads.is_empty() {
            let certificates = self.upload(hostname, pattern, &mut ssl, change).await?;
            wanted = WantedCertificates::These(Box::new(certificates));
        } else if ssl.settings != was.settings || was.wildcard && !ssl.wildcard {
            wanted = WantedCertificates::Settings(ssl.settings.clone());
        }
        if !ssl.is_custom {
            if is_wildcard && ssl.method == SslMethod::Http {
                return Err(HostnameError::WildcardMethod.into());
            }
            let is_other = ssl.wildcard != was.wildcard
                || ssl.certificate_authority != was.certificate_authority;
            let is_to_be_proven = ssl.method != was.method && ssl.status != SslStatus::Active;
            if is_new || is_other || is_to_be_proven {
                restart(&mut ssl, now_s);
            }
        } else if ssl.wildcard && !was.wildcard && change.uploads.is_empty() {
            let covered: Vec<String> = hosts(&ssl);
            for below in self::below(pattern) {
                is_covered(&covered, &below)?;
            }
        }
        hostname.ssl = Some(ssl);
        Ok(wanted)
    }

    /// Does what a change says of a custom hostname's certificates.
    pub(super) async fn certify(
        &self,
        hostname: &CustomHostname,
        wanted: WantedCertificates,
    ) -> Result<(), ControlError> {
        let store = &*self.store;
        match wanted {
            WantedCertificates::AsTheyAre => {}
            WantedCertificates::Settings(settings) => {
                records::put_settings(store, hostname, &settings).await?;
            }
            WantedCertificates::These(certificates) => {
                records::put_certificates(store, hostname, &certificates).await?;
            }
            WantedCertificates::None => records::remove_certificates(store, hostname).await?,
        }
        Ok(())
    }

    /// Checks what is uploaded, and seals it for its place.
    async fn upload(
        &self,
        hostname: &CustomHostname,
        pattern: &HostnamePattern,
        ssl: &mut Ssl,
        change: &SslChange,
    ) -> Result<Certificates, ControlError> {
        let mut checked = Vec::new();
        for upload in &change.uploads {
            let of_request;
            let key = match (&upload.key, &change.custom_csr_id) {
                (Some(key), _) => key,
                (None, Some(id)) => {
                    of_request = self.csr_key(&hostname.zone, id).await?;
                    &of_request
                }
                (None, None) => {
                    return Err(HostnameError::Certificate(pki::BadCertificate::Key).into());
                }
            };
            checked.push(check(&upload.certificate, key, pattern, ssl.wildcard)?);
        }
        let is_pack = match &checked[..] {
            [_] => true,
            [first, second] => first.is_rsa != second.is_rsa,
            _ => false,
        };
        if !is_pack || checked.len() > PACK_MAX {
            return Err(HostnameError::Pack.into());
        }
        ssl.custom_csr_id.clone_from(&change.custom_csr_id);
        uploaded(ssl, &checked);
        self.sealed(hostname, pattern, ssl, &checked)
    }

    /// Seals chains for the places they are served at.
    fn sealed(
        &self,
        hostname: &CustomHostname,
        pattern: &HostnamePattern,
        ssl: &Ssl,
        checked: &[Checked],
    ) -> Result<Certificates, ControlError> {
        let record = |pattern: &HostnamePattern| {
            let chain = |checked: &Checked| {
                Ok::<_, ControlError>(Chain {
                    certificate: checked.certificate.clone(),
                    key: self.keyring.seal(&place(pattern), &checked.key)?,
                })
            };
            Ok::<_, ControlError>(CertificateRecord {
                chains: checked.iter().map(chain).collect::<Result<_, _>>()?,
                settings: ssl.settings.clone(),
                custom: Some(hostname.id.clone()),
            })
        };
        let below = match (ssl.wildcard, below(pattern).next()) {
            (true, Some(below)) => Some(record(&below)?),
            _ => None,
        };
        Ok(Certificates {
            own: record(pattern)?,
            below,
        })
    }

    /// Replaces one certificate of a pack by one of the same kind, or takes it away (`None`).
    ///
    /// # Errors
    /// [`ControlError::Hostname`], which says why it cannot be.
    pub async fn change_certificate(
        &self,
        zone: &str,
        id: &str,
        pack: &str,
        certificate: &str,
        upload: Option<&Upload>,
    ) -> Result<CustomHostname, ControlError> {
        let missing = || HostnameError::NoCertificate(certificate.chars().take(64).collect());
        let store = &*self.store;
        for _ in 0..super::ATTEMPTS {
            // Of one read, or what the keeper changes between two of them would be lost.
            let (mut hostname, before) = self.stored_custom_hostname(zone, id).await?;
            let pattern = super::custom_hostnames::pattern_of(&hostname)?;
            let served = records::certificates(store, &hostname).await?;
            let mut ssl = hostname.ssl.take().ok_or_else(missing)?;
            let at = ssl
                .certificates
                .iter()
                .position(|one| one.id == certificate);
            let at = at
                .filter(|_| ssl.is_custom && ssl.id == pack)
                .ok_or_else(missing)?;
            let served = served.ok_or_else(missing)?.own.chains;
            let mut all = Vec::new();
            for (index, chain) in served.iter().enumerate() {
                let key = self.keyring.open_sealed(&place(&pattern), &chain.key)?;
                let there = pki::check(&chain.certificate, &Zeroizing::new(key));
                match upload {
                    Some(upload) if index == at => {
                        let key = upload.key.as_ref();
                        let key =
                            key.ok_or(HostnameError::Certificate(pki::BadCertificate::Key))?;
                        let new = check(&upload.certificate, key, &pattern, ssl.wildcard)?;
                        // One that has expired is replaced by whatever comes.
                        if there.is_ok_and(|there| there.is_rsa != new.is_rsa) {
                            return Err(HostnameError::OtherKind.into());
                        }
                        all.push(new);
                    }
                    None if index == at => {}
                    _ => all.push(there.map_err(HostnameError::from)?),
                }
            }
            if all.is_empty() {
                return Err(HostnameError::LastCertificate.into());
            }
            uploaded(&mut ssl, &all);
            let certificates = self.sealed(&hostname, &pattern, &ssl, &all)?;
            hostname.ssl = Some(ssl);
            hostname.revision += 1;
            if records::replace(store, &before, &hostname).await? {
                let wanted = WantedCertificates::These(Box::new(certificates));
                self.certify(&hostname, wanted).await?;
                return Ok(hostname);
            }
        }
        Err(ControlError::Busy)
    }
}

fn uploaded(ssl: &mut Ssl, checked: &[Checked]) {
    ssl.is_custom = true;
    ssl.status = SslStatus::Active;
    ssl.certificates = checked.iter().map(|one| one.summary.clone()).collect();
    ssl.records.clear();
    ssl.errors.clear();
    ssl.order = None;
    // It is looked at once, to note when it ends.
    ssl.next_at = super::custom_hostnames::now_s();
}

/// A certificate that can be served for a hostname, and below it if that is wanted.
fn check(
    certificate: &str,
    key: &str,
    pattern: &HostnamePattern,
    is_wildcard: bool,
) -> Result<Checked, HostnameError> {
    let checked = pki::check(certificate, key)?;
    is_covered(&checked.summary.hosts, pattern)?;
    if is_wildcard {
        for below in below(pattern) {
            is_covered(&checked.summary.hosts, &below)?;
        }
    }
    Ok(checked)
}

fn is_covered(hosts: &[String], pattern: &HostnamePattern) -> Result<(), HostnameError> {
    match pki::covers(hosts, pattern) {
        true => Ok(()),
        false => {
            let names = match hosts {
                [] => "no name at all".to_owned(),
                hosts => hosts
                    .iter()
                    .take(10)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            Err(HostnameError::NotCovered(pattern.to_string(), names))
        }
    }
}

fn hosts(ssl: &Ssl) -> Vec<String> {
    let first = ssl.certificates.first();
    first.map(|first| first.hosts.clone()).unwrap_or_default()
}

fn below(pattern: &HostnamePattern) -> impl Iterator<Item = HostnamePattern> {
    let below = match pattern {
        HostnamePattern::Exact(name) => Some(HostnamePattern::Below(name.clone())),
        HostnamePattern::Below(_) | HostnamePattern::Any => None,
    };
    below.into_iter()
}

/// Settings of the listener with a change merged into them.
fn settings(
    before: &TlsSettings,
    change: &Map<String, Value>,
) -> Result<TlsSettings, HostnameError> {
    let mut after = before.clone();
    let switch = |field, value: &Value| match value {
        Value::Null => Ok(None),
        Value::String(text) if matches!(text.as_str(), "on" | "off") => Ok(Some(text.clone())),
        _ => Err(HostnameError::Setting {
            field,
            allowed: "`on` or `off`",
        }),
    };
    for (name, value) in change {
        match name.as_str() {
            "http2" => after.http2 = switch("ssl.settings.http2", value)?,
            "tls_1_3" => after.tls_1_3 = switch("ssl.settings.tls_1_3", value)?,
            "early_hints" => after.early_hints = switch("ssl.settings.early_hints", value)?,
            // An old name of `min_tls_version`.
            "tls_1_2_only" => {
                let wanted = switch("ssl.settings.tls_1_2_only", value)?;
                let least = wanted.filter(|wanted| wanted == "on").map(|_| "1.2".into());
                after.min_tls_version = least.or(after.min_tls_version);
            }
            "min_tls_version" => {
                after.min_tls_version = match value {
                    Value::Null => None,
                    Value::String(text)
                        if matches!(text.as_str(), "1.0" | "1.1" | "1.2" | "1.3") =>
                    {
                        Some(text.clone())
                    }
                    _ => {
                        return Err(HostnameError::Setting {
                            field: "ssl.settings.min_tls_version",
                            allowed: "`1.0`, `1.1`, `1.2` or `1.3`",
                        });
                    }
                }
            }
            "ciphers" => after.ciphers = ciphers(value)?,
            // What this version does not know does no harm.
            _ => {}
        }
    }
    if after.min_tls_version.as_deref() == Some("1.3") && !after.ciphers.is_empty() {
        return Err(HostnameError::Setting {
            field: "ssl.settings.ciphers with min_tls_version 1.3",
            allowed: "empty: TLS 1.3 has suites of its own, which are all spoken",
        });
    }
    Ok(after)
}

fn ciphers(value: &Value) -> Result<Vec<String>, HostnameError> {
    let invalid = || HostnameError::Setting {
        field: "ssl.settings.ciphers",
        allowed: "a list of cipher suites of TLS 1.2 by their OpenSSL names, as ECDHE-RSA-AES128-GCM-SHA256",
    };
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list,
        _ => return Err(invalid()),
    };
    let mut found: Vec<String> = Vec::new();
    for cipher in list {
        let name = cipher.as_str().ok_or_else(invalid)?;
        if !CIPHERS.contains(&name) {
            return Err(invalid());
        }
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}
