//! Custom hostnames: a customer's own domain, what is wanted of it, and how far it has come.
//!
//! Words are Cloudflare's (Cloudflare for SaaS, "Hostname validation" and "SSL/TLS: certificate statuses").

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hostname::{HostnamePattern, InvalidHostname};
use super::route::{RouteRecord, WantedSsl};

/// Whether a custom hostname is served, and why not.
///
/// Source: Cloudflare docs, "Hostname validation: status".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostnameStatus {
    /// It is served.
    #[default]
    Active,
    /// Control over it is not proven yet.
    Pending,
    /// It does not point here any more, was never proven in time, or somebody else has proven it since.
    Moved,
    /// The operator does not serve it.
    Blocked,
    /// It is being removed.
    Deleted,
}

/// What happens to a custom hostname.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostnameEvent {
    /// Control over it was proven.
    Proven,
    /// The schedule of checks ended without a proof.
    GivenUp,
    /// It has not pointed here for as long as the settings allow.
    Left,
    /// Another claim to the same hostname was proven.
    TakenOver,
    /// It is on the operator's list of hostnames that are not served.
    Denied,
    /// Somebody asks for it to be checked anew.
    Refreshed,
    /// Somebody removes it, or it has been moved for as long as the settings keep it.
    Removed,
}

impl HostnameStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Pending,
        Self::Moved,
        Self::Blocked,
        Self::Deleted,
    ];

    /// The status after an event. This is the one table of what can follow what.
    pub fn after(self, event: HostnameEvent) -> Self {
        use HostnameEvent::{Denied, GivenUp, Left, Proven, Refreshed, Removed, TakenOver};
        match (self, event) {
            // Nothing comes back from here; a new claim is a new custom hostname.
            (Self::Deleted, _) | (_, Removed) => Self::Deleted,
            (_, Denied) => Self::Blocked,
            // Only who asks for a new check leaves the list of the denied.
            (Self::Blocked, Refreshed) => Self::Pending,
            (Self::Blocked, _) => Self::Blocked,
            (_, Proven) => Self::Active,
            (_, TakenOver) => Self::Moved,
            (Self::Active, Left) => Self::Moved,
            // What is served stays served while it is checked again.
            (Self::Active, GivenUp | Refreshed) => Self::Active,
            (Self::Pending, GivenUp) => Self::Moved,
            (Self::Pending, Left | Refreshed) => Self::Pending,
            (Self::Moved, Refreshed) => Self::Pending,
            (Self::Moved, GivenUp | Left) => Self::Moved,
        }
    }

    /// Its documented name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Moved => "moved",
            Self::Blocked => "blocked",
            Self::Deleted => "deleted",
        }
    }

    /// Whether it is [`HostnameStatus::Active`].
    pub fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// A custom hostname, as it lies in the store under its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomHostname {
    /// A UUID.
    pub id: String,
    /// The id of the zone it was made in.
    pub zone: String,
    /// The hostname or wildcard, in canonical form.
    pub hostname: String,
    /// Whether it is served.
    pub status: HostnameStatus,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When the status last changed, in seconds since 1970.
    #[serde(default)]
    pub changed_at: i64,
    /// Whether it was made of a record that somebody wrote by hand: it goes when that goes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_by_hand: bool,
    /// Counts changes of what is wanted; the hostname's record says which of them it was made from.
    #[serde(default)]
    pub revision: u64,
    /// Where it leads.
    #[serde(default)]
    pub wanted: Wanted,
    /// How control over it is proven.
    pub ownership: Ownership,
    /// Its certificate; without it the hostname is served over plain HTTP, or with whatever certificate covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl: Option<Ssl>,
}

impl CustomHostname {
    /// The hostname or wildcard.
    ///
    /// # Errors
    /// [`InvalidHostname`] for a record that somebody wrote by hand.
    pub fn pattern(&self) -> Result<HostnamePattern, InvalidHostname> {
        HostnamePattern::parse(&self.hostname)
    }

    /// The record that the edges serve it by.
    pub fn record(&self) -> RouteRecord {
        let Wanted {
            namespace,
            worker,
            origin,
            origin_public_only,
            origin_sni,
            origin_ca,
            cache,
            metadata,
        } = self.wanted.clone();
        // A record leads to one place; a worker of its own is nearer than an origin.
        let origin = origin.filter(|_| worker.is_none());
        RouteRecord {
            namespace: namespace.filter(|_| worker.is_some()),
            worker,
            origin_public_only: origin_public_only && origin.is_some(),
            origin_sni: origin_sni.filter(|_| origin.is_some()),
            origin_ca: origin_ca.filter(|_| origin.is_some()),
            cache,
            origin: origin.map(|origin| match origin.contains("://") {
                true => origin,
                false => format!("https://{origin}"),
            }),
            metadata,
            status: (!self.status.is_active()).then_some(self.status),
            ssl: self.ssl.as_ref().map(|ssl| WantedSsl {
                method: ssl.method,
                wildcard: ssl.wildcard,
                certificate_authority: ssl.certificate_authority.clone(),
                settings: ssl.settings.clone(),
            }),
            zone: Some(self.zone.clone()),
            custom: Some(self.id.clone()),
            revision: Some(self.revision),
        }
    }

    /// The wildcard that its certificate covers too, if it is to.
    pub fn below(&self) -> Option<HostnamePattern> {
        let is_wanted = self.ssl.as_ref().is_some_and(|ssl| ssl.wildcard);
        match self.pattern().ok()? {
            HostnamePattern::Exact(name) if is_wanted => Some(HostnamePattern::Below(name)),
            _ => None,
        }
    }

    /// Lets something happen to it.
    pub fn pass(&mut self, event: HostnameEvent, now: i64) {
        let after = self.status.after(event);
        if after != self.status {
            self.status = after;
            self.changed_at = now;
            // What is published is told apart from what somebody wrote by it.
            self.revision += 1;
        }
    }
}

/// A zone's id: 32 hex digits that stand for its name.
pub fn zone_id(name: &str) -> String {
    let text = format!("zone {}", name.to_ascii_lowercase());
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// The id of the zone of hostnames that name none: those of the command line, and records written by hand.
pub fn default_zone() -> String {
    zone_id("default")
}

/// What stands between a hostname and the delegated zone, so that one zone's delegations are none of another's: 16 hex
/// digits that stand for the zone's id.
pub fn delegation_uuid(zone: &str) -> String {
    blake3::hash(format!("delegation {zone}").as_bytes()).to_hex()[..16].to_owned()
}

/// Where a custom hostname leads; with nothing here, where its zone does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The dispatch namespace of `worker`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The worker that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The custom origin server: a hostname, or `http(s)://host[:port]`. Without a scheme it is reached as the visitor
    /// reached the edge's TLS: over https at port 443.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Whether the origin may only be at addresses of the public network, or those the operator allows: somebody else
    /// than the operator named it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub origin_public_only: bool,
    /// The name that is sent to the origin in TLS and looked for in its certificate; `:request_host_header:` for the
    /// request's own. Without it the origin's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_sni: Option<String>,
    /// Authorities that the origin's certificate may come from, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_ca: Option<String>,
    /// Whether responses of the origin are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// What workers find in `request.cf.hostMetadata`: JSON of at most 4 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// How control over a custom hostname is proven, and what was found so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ownership {
    /// The value of the TXT record and the body of the HTTP token: a UUID.
    pub token: String,
    /// Checks since the schedule began.
    #[serde(default)]
    pub attempts: u32,
    /// When the last check was, in seconds since 1970; 0 before the first.
    #[serde(default)]
    pub checked_at: i64,
    /// When it is checked next, in seconds since 1970; 0 when it is not.
    #[serde(default)]
    pub next_at: i64,
    /// What was found missing, as the API's `verification_errors`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What proved it: `txt`, `http`, `cname`, `address`, or `operator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Since when an active hostname has not pointed here, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_since: Option<i64>,
    /// Another zone had this hostname a while ago: that it points here proves nothing then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_contested: bool,
}

/// The certificate that is wanted for a custom hostname, and how far it has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ssl {
    /// A UUID.
    #[serde(default)]
    pub id: String,
    /// How control is proven to the certificate authority.
    #[serde(default)]
    pub method: SslMethod,
    /// Where it stands.
    #[serde(default)]
    pub status: SslStatus,
    /// Whether the certificate covers the names below the hostname too.
    #[serde(default)]
    pub wildcard: bool,
    /// Which authority is asked: a name of `acme.authorities`; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate_authority: String,
    /// `ubiquitous`, `optimal` or `force`; kept for clients.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bundle_method: String,
    /// Settings of the TLS listener for this hostname.
    #[serde(default)]
    pub settings: TlsSettings,
    /// Whether its certificate was uploaded, so that none is asked for.
    #[serde(default)]
    pub is_custom: bool,
    /// The signing request an uploaded certificate was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_csr_id: Option<String>,
    /// What must be in place for the authority to see; empty before it was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<ValidationRecord>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// The certificates in use: one, or one of each kind of key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateSummary>,
    /// Attempts since the schedule began.
    #[serde(default)]
    pub attempts: u32,
    /// When something is to be done next, in seconds since 1970; 0 for nothing.
    #[serde(default)]
    pub next_at: i64,
    /// The order under way, as the authority names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Orders that were refused since the last certificate; after each the next authority is asked.
    #[serde(default)]
    pub refusals: u32,
    /// The authority that made the certificate in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<String>,
    /// The name of the certificate in use at its authority (RFC 9773 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ari: Option<String>,
    /// When it is renewed if its authority has no wish, in seconds since 1970.
    #[serde(default)]
    pub renew_at: i64,
}

/// An order that a certificate authority works on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The authority: a name of `acme.authorities`.
    pub authority: String,
    /// The order's address there.
    pub url: String,
    /// When it was made, in seconds since 1970.
    pub made_at: i64,
    /// The key that the certificate is asked for with, PEM, sealed for the order's address; none before it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// How control over a hostname is proven to a certificate authority (`ssl.method`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SslMethod {
    /// http-01 or tls-alpn-01, which the edge answers by itself.
    #[default]
    Http,
    /// dns-01: a TXT record, or a delegation.
    Txt,
}

/// Where a certificate stands (`ssl.status`).
///
/// Source: Cloudflare docs, "Certificate statuses: custom hostnames".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SslStatus {
    /// The authority has not been asked yet.
    #[default]
    Initializing,
    /// The authority waits for its proof.
    PendingValidation,
    /// The authority makes the certificate.
    PendingIssuance,
    /// The certificate is being written.
    PendingDeployment,
    /// It is served.
    Active,
    /// The authority could not be asked for too long.
    InitializingTimedOut,
    /// The proof was not there for too long.
    ValidationTimedOut,
    /// The authority did not make it in time.
    IssuanceTimedOut,
    /// Its time is over.
    Expired,
    /// The hostname is being removed.
    Deleted,
}

/// What a certificate authority must see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValidationRecord {
    /// Where it stands: `pending`, `valid`.
    #[serde(default)]
    pub status: String,
    /// The TXT record's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txt_name: Option<String>,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txt_value: Option<String>,
    /// The address of the HTTP token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_url: Option<String>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_body: Option<String>,
}

/// Settings of the TLS listener for one hostname; what is absent is as the edge's own settings have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TlsSettings {
    /// `on` or `off`: whether HTTP/2 is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http2: Option<String>,
    /// `on` or `off`: whether TLS 1.3 is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_1_3: Option<String>,
    /// `1.0` to `1.3`; below 1.2 means 1.2, the lowest that is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tls_version: Option<String>,
    /// Cipher suites of TLS 1.2, by their OpenSSL names; empty for all that are spoken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ciphers: Vec<String>,
    /// `on` or `off`; kept for clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_hints: Option<String>,
}

impl TlsSettings {
    /// Whether nothing below TLS 1.3 is to be spoken.
    pub fn min_version_is_1_3(&self) -> bool {
        self.min_tls_version.as_deref() == Some("1.3")
    }
}

/// A certificate without its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CertificateSummary {
    /// A UUID.
    pub id: String,
    /// Who signed it.
    pub issuer: String,
    /// Its number, in decimal digits.
    pub serial_number: String,
    /// `ECDSAWithSHA256`, `SHA256WithRSA` and so on: how it was signed.
    pub signature: String,
    /// The names it covers.
    pub hosts: Vec<String>,
    /// RFC 3339.
    pub uploaded_on: String,
    /// RFC 3339.
    pub expires_on: String,
    /// SHA-256 of the certificate, lower-case hex digits.
    pub fingerprint_sha256: String,
}

/// What is served for one hostname or wildcard in TLS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// One chain, or one for each kind of key.
    pub chains: Vec<Chain>,
    /// Settings of the listener for this hostname.
    #[serde(default)]
    pub settings: TlsSettings,
    /// The custom hostname it belongs to; none where an operator put it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<String>,
}

/// A certificate with what leads up to its authority, and its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// PEM, the leaf first.
    pub certificate: String,
    /// The private key, PEM, sealed for the certificate's place.
    pub key: String,
}

/// The certificates of a custom hostname: what is served for itself, and for the names below it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificates {
    /// For itself.
    pub own: CertificateRecord,
    /// For the names below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<CertificateRecord>,
}

/// Who had a hostname before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Released {
    /// The zone's id.
    pub zone: String,
    /// Until when that counts, in seconds since 1970.
    pub until: i64,
}

/// A zone: what custom hostnames have in common that were made in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Where custom hostnames lead that name no origin of their own, if no worker answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_origin: Option<FallbackOrigin>,
}

/// The origin of custom hostnames that have none of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FallbackOrigin {
    /// A hostname, or `http(s)://host[:port]`.
    pub origin: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [HostnameEvent; 7] = [
        HostnameEvent::Proven,
        HostnameEvent::GivenUp,
        HostnameEvent::Left,
        HostnameEvent::TakenOver,
        HostnameEvent::Denied,
        HostnameEvent::Refreshed,
        HostnameEvent::Removed,
    ];

    proptest! {
        /// Whatever happens in whatever order: only a proof serves, nothing leaves `deleted`, and only a new check
        /// leaves `blocked`.
        #[test]
        fn no_history_serves_a_hostname_that_nobody_proved(events in prop::collection::vec(0..EVENTS.len(), 0..40)) {
            let mut status = HostnameStatus::Pending;
            for event in events.into_iter().map(|index| EVENTS[index]) {
                let before = status;
                status = before.after(event);
                if status.is_active() && !before.is_active() {
                    prop_assert_eq!(event, HostnameEvent::Proven);
                }
                match before {
                    HostnameStatus::Deleted => prop_assert_eq!(status, HostnameStatus::Deleted),
                    HostnameStatus::Blocked if status == HostnameStatus::Pending => {
                        prop_assert_eq!(event, HostnameEvent::Refreshed);
                    }
                    HostnameStatus::Blocked => {
                        prop_assert!(matches!(status, HostnameStatus::Blocked | HostnameStatus::Deleted));
                    }
                    _ => {}
                }
                if event == HostnameEvent::TakenOver {
                    prop_assert!(!status.is_active());
                }
            }
        }
    }

    #[test]
    fn every_status_is_written_as_it_is_named() {
        for status in HostnameStatus::ALL {
            assert_eq!(serde_json::to_value(status).expect("a text"), status.name());
        }
    }
}
