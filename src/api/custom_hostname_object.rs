//! Custom hostnames as clients see them: Cloudflare's fields, absent where there is nothing to say.

use serde_json::{Map, Value, json};

use super::{BASE, hostname_status};
use crate::conf::Conf;
use crate::control::Control;
use crate::model::custom_hostname::{CertificateSummary, Ssl, ValidationRecord, delegation_uuid};
use crate::model::{CustomHostname, HostnamePattern};

/// A custom hostname.
///
/// Source: Cloudflare API, "Custom hostnames: custom hostname details".
pub(crate) fn shown(control: &Control, hostname: &CustomHostname) -> Value {
    let conf = &control.conf;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(hostname.id));
    put("hostname", json!(hostname.hostname));
    if let Some(ssl) = &hostname.ssl {
        put("ssl", shown_ssl(conf, hostname, ssl));
    }
    let wanted = &hostname.wanted;
    if let Some(metadata) = &wanted.metadata {
        put("custom_metadata", metadata.clone());
    }
    if let Some(origin) = &wanted.origin {
        put("custom_origin_server", json!(origin));
    }
    if let Some(sni) = &wanted.origin_sni {
        put("custom_origin_sni", json!(sni));
    }
    put("status", json!(hostname.status.name()));
    let errors = &hostname.ownership.errors;
    if !errors.is_empty() && !hostname.status.is_active() {
        put("verification_errors", json!(errors));
    }
    if !hostname.status.is_active() {
        let name = hostname.hostname.trim_start_matches("*.");
        let token = &hostname.ownership.token;
        put(
            "ownership_verification",
            json!({ "type": "txt", "name": format!("_cf-custom-hostname.{name}"), "value": token }),
        );
        // A wildcard is no name that anybody could ask.
        if !hostname.hostname.starts_with('*') {
            let id = &hostname.id;
            let url = format!("http://{name}/.well-known/cf-custom-hostname-challenge/{id}");
            put(
                "ownership_verification_http",
                json!({ "http_url": url, "http_body": token }),
            );
        }
    }
    put("created_at", json!(hostname.created_at));
    put("status_page", json!(status_page(control, &hostname.id)));
    Value::Object(object)
}

/// Where the hostname's customer sees what is missing, without a token; a field of our own.
fn status_page(control: &Control, id: &str) -> String {
    let api = &control.conf.api.public_url;
    let base = match api.trim_end_matches('/') {
        "" => format!("http://{}", control.conf.listen.api),
        set => set.strip_suffix(BASE).unwrap_or(set).to_owned(),
    };
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    format!("{base}{}", hostname_status::path(&control.keyring, id, now))
}

fn shown_ssl(conf: &Conf, hostname: &CustomHostname, ssl: &Ssl) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(ssl.id));
    put("type", json!("dv"));
    put("method", json!(ssl.method));
    put("status", json!(ssl.status));
    put("settings", json!(ssl.settings));
    put("wildcard", json!(ssl.wildcard));
    put("bundle_method", json!(ssl.bundle_method));
    if !ssl.certificate_authority.is_empty() {
        put("certificate_authority", json!(ssl.certificate_authority));
    }
    if let Some(id) = &ssl.custom_csr_id {
        put("custom_csr_id", json!(id));
    }
    if let Some(first) = ssl.certificates.first() {
        put("hosts", json!(first.hosts));
        put("issuer", json!(first.issuer));
        put("serial_number", json!(first.serial_number));
        put("signature", json!(first.signature));
        put("uploaded_on", json!(first.uploaded_on));
        put("expires_on", json!(first.expires_on));
        let all: Vec<Value> = ssl.certificates.iter().map(shown_certificate).collect();
        put("certificates", Value::Array(all));
    }
    if !ssl.records.is_empty() {
        let records: Vec<Value> = ssl.records.iter().map(shown_record).collect();
        put("validation_records", Value::Array(records));
    }
    if !ssl.errors.is_empty() {
        let errors: Vec<Value> = ssl
            .errors
            .iter()
            .map(|error| json!({ "message": error }))
            .collect();
        put("validation_errors", Value::Array(errors));
    }
    if let Some(delegation) = delegation(conf, hostname).filter(|_| !ssl.is_custom) {
        put("dcv_delegation_records", json!([delegation]));
    }
    Value::Object(object)
}

/// Where the name that an authority looks at is pointed once, so that nobody has to touch it again.
fn delegation(conf: &Conf, hostname: &CustomHostname) -> Option<Value> {
    let zone = Some(&conf.dns.zone).filter(|zone| !zone.is_empty())?;
    let name = match hostname.pattern().ok()? {
        HostnamePattern::Exact(name) | HostnamePattern::Below(name) => name,
        HostnamePattern::Any => return None,
    };
    let target = format!("{name}.{}.{zone}", delegation_uuid(&hostname.zone));
    Some(json!({ "cname": format!("_acme-challenge.{name}"), "cname_target": target }))
}

fn shown_certificate(certificate: &CertificateSummary) -> Value {
    json!({
        "id": certificate.id,
        "issuer": certificate.issuer,
        "serial_number": certificate.serial_number,
        "signature": certificate.signature,
        "hosts": certificate.hosts,
        "uploaded_on": certificate.uploaded_on,
        "expires_on": certificate.expires_on,
        "fingerprint_sha256": certificate.fingerprint_sha256,
    })
}

fn shown_record(record: &ValidationRecord) -> Value {
    let mut object = json!({});
    let fields = [
        ("txt_name", &record.txt_name),
        ("txt_value", &record.txt_value),
        ("http_url", &record.http_url),
        ("http_body", &record.http_body),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            object[name] = json!(value);
        }
    }
    if !record.status.is_empty() {
        object["status"] = json!(record.status);
    }
    object
}
