//! What a custom hostname may be, where it may lead, and what may be said of it: each text is read once, here.

use std::net::{IpAddr, Ipv4Addr};

use psl::Psl as _;
use serde_json::Value;
use thiserror::Error;

use crate::conf::HostnameRules;
use crate::egress::Reach;
use crate::model::hostname::InvalidHostname;
use crate::model::route::{InvalidOrigin, SNI_OF_REQUEST};
use crate::model::{Hostname, HostnamePattern, Origin};
use crate::pki::BadCertificate;

/// Bytes of a custom hostname's metadata, as JSON.
///
/// Source: Cloudflare docs, "Custom metadata": 4 KB.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// Characters of a zone's id.
const ZONE_MAX: usize = 64;
/// Characters of a text that is only kept, such as an authority's name.
const NAME_MAX: usize = 64;

/// Why a custom hostname, or something that belongs to one, is not as it is wanted.
#[derive(Debug, Error)]
pub enum HostnameError {
    /// Not a zone's id.
    #[error("the zone's id has 1 to {ZONE_MAX} letters, digits, `-` and `_`")]
    Zone,
    /// What is sent is not of the shape that is needed.
    #[error("{0}")]
    Shape(String),
    /// Metadata that is too long, or no object.
    #[error("`custom_metadata` is a JSON object of at most {METADATA_BYTES_MAX} bytes: {0}")]
    Metadata(String),
    /// No hostname.
    #[error("invalid custom hostname: {0}")]
    Invalid(String),
    /// An internationalised name that is none.
    #[error("invalid custom hostname: {0}")]
    Idna(InvalidHostname),
    /// A name that everybody registers under.
    #[error(
        "invalid custom hostname: {0} is a public suffix, which nobody has for himself; name a hostname below it"
    )]
    PublicSuffix(String),
    /// The zone has it already.
    #[error("Duplicate custom hostname found.{0}")]
    Duplicate(&'static str),
    /// There is none of this id.
    #[error("The custom hostname was not found.")]
    Missing,
    /// Not an id.
    #[error("the id of a custom hostname is a UUID, as `0d89c70d-ad9f-4843-b99f-6cc0252067e9`")]
    Id,
    /// The zone has as many as it may.
    #[error(
        "the zone has {0} custom hostnames, as many as it may; the operator sets `hostnames.zone_max`"
    )]
    Quota(u64),
    /// No origin.
    #[error("invalid custom origin server: {0}")]
    Origin(InvalidOrigin),
    /// An origin that is not for everybody to name.
    #[error(
        "invalid custom origin server: {0} is no public address, or the edge's own; the operator allows networks with \
         `egress.allow_addresses`, and names any origin with `cirque hostname add` beside the store"
    )]
    OriginAddress(Hostname),
    /// A wildcard as origin.
    #[error("invalid custom origin server: a wildcard is no server")]
    OriginWildcard,
    /// No name for the origin's TLS.
    #[error("`custom_origin_sni` is a hostname or `{SNI_OF_REQUEST}`: {0}")]
    OriginSni(String),
    /// A fallback origin that is not set.
    #[error("the zone has no fallback origin")]
    NoFallback,
    /// A value of `ssl.settings` that does not exist, or of `ssl` itself.
    #[error("`{field}` is {allowed}")]
    Setting {
        /// Its name.
        field: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// An authority that mails.
    #[error(
        "`ssl.method` is `http` or `txt`; validation by mail is not offered, since the authorities that are asked by ACME have none"
    )]
    Method,
    /// A wildcard cannot be validated by HTTP.
    #[error(
        "a certificate for a wildcard is validated by `txt` alone: set `ssl.method` to `txt`, or upload a certificate"
    )]
    WildcardMethod,
    /// A certificate that cannot be served.
    #[error(transparent)]
    Certificate(#[from] BadCertificate),
    /// A certificate of another name.
    #[error("the certificate does not cover {0}; it covers {1}")]
    NotCovered(String, String),
    /// One or two certificates, of different kinds.
    #[error("a pack has one certificate, or two: one with an RSA key, one with an ECDSA key")]
    Pack,
    /// The last one.
    #[error("the last certificate of a pack stays; upload another in its place")]
    LastCertificate,
    /// A certificate that is not there.
    #[error("the custom hostname has no certificate {0:?} that was uploaded")]
    NoCertificate(String),
    /// A replacement of the other kind.
    #[error(
        "an RSA certificate is replaced by an RSA certificate, an ECDSA certificate by an ECDSA certificate"
    )]
    OtherKind,
    /// Not an id of a signing request.
    #[error("the id of a certificate signing request is a UUID")]
    CsrId,
    /// No such signing request.
    #[error("The certificate signing request was not found.")]
    NoCsr,
    /// A signing request that cannot be made.
    #[error("{0}")]
    Csr(String),
}

/// Reads a zone's id.
///
/// # Errors
/// [`HostnameError::Zone`].
pub fn zone(text: &str) -> Result<&str, HostnameError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match (1..=ZONE_MAX).contains(&text.len()) && text.bytes().all(is_plain) {
        true => Ok(text),
        false => Err(HostnameError::Zone),
    }
}

/// Reads a hostname or wildcard that somebody wants as a custom hostname.
///
/// # Errors
/// [`HostnameError`], which says why it cannot be one.
pub fn hostname(text: &str, rules: &HostnameRules) -> Result<HostnamePattern, HostnameError> {
    let invalid = |why: &str| HostnameError::Invalid(why.to_owned());
    if text == "*" {
        return Err(invalid("`*` is every hostname there is"));
    }
    let pattern = HostnamePattern::parse(text).map_err(|error| match error {
        InvalidHostname::Idna => HostnameError::Idna(error),
        error => invalid(&error.to_string()),
    })?;
    let name = match &pattern {
        HostnamePattern::Exact(name) | HostnamePattern::Below(name) => name.as_str(),
        HostnamePattern::Any => return Err(invalid("`*` is every hostname there is")),
    };
    if pattern.to_string().len() > 253 {
        return Err(invalid("a hostname has at most 253 characters"));
    }
    if is_address(name) {
        return Err(invalid("an IP address is no hostname"));
    }
    if name.contains('_') {
        return Err(invalid("a hostname has only letters, digits, `-` and `.`"));
    }
    if is_public_suffix(name) {
        return Err(HostnameError::PublicSuffix(name.to_owned()));
    }
    if !name.contains('.') {
        return Err(invalid(
            "a hostname has at least two parts, as in app.example.com",
        ));
    }
    if rules.is_own(name) {
        return Err(invalid(
            "it is the operator's own, or below a domain of the operator's",
        ));
    }
    Ok(pattern)
}

/// Whether a name is an address in any spelling that a client would take for one: its last part is a number.
///
/// Source: WHATWG URL, "ends in a number checker".
fn is_address(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    name.starts_with('[') || is_number || is_hex || name.parse::<Ipv4Addr>().is_ok()
}

/// Whether a name is one that everybody registers under. A top-level domain that nobody knows is none.
fn is_public_suffix(name: &str) -> bool {
    let suffix = psl::List.suffix(name.as_bytes());
    suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == name.as_bytes())
}

/// Reads metadata; `null` and an empty object are none.
///
/// # Errors
/// [`HostnameError::Metadata`].
pub fn metadata(value: &Value) -> Result<Option<Value>, HostnameError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(fields) if fields.is_empty() => Ok(None),
        Value::Object(_) => match value.to_string().len() {
            bytes if bytes > METADATA_BYTES_MAX => {
                Err(HostnameError::Metadata(format!("it has {bytes}")))
            }
            _ => Ok(Some(value.clone())),
        },
        _ => Err(HostnameError::Metadata("it is no object".into())),
    }
}

/// Reads a custom origin server or a fallback origin, as it is kept: a hostname or address, or `http(s)://host[:port]`.
///
/// # Errors
/// [`HostnameError::Origin`], [`HostnameError::OriginWildcard`].
pub fn origin(text: &str) -> Result<String, HostnameError> {
    if text.contains('*') {
        return Err(HostnameError::OriginWildcard);
    }
    // An IPv6 address is written without brackets where nothing follows it.
    let text = match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => text.to_owned(),
    };
    Origin::of_server(&text).map_err(HostnameError::Origin)?;
    // Names are one in any case.
    Ok(text.trim_end_matches('/').to_ascii_lowercase())
}

/// Holds an origin that [`origin`] has read against where those may be that are not named by the operator.
///
/// # Errors
/// [`HostnameError::OriginAddress`].
pub fn within_reach(origin: &str, reach: &Reach) -> Result<(), HostnameError> {
    let origin = Origin::of_server(origin).map_err(HostnameError::Origin)?;
    match reach.admits(&origin) {
        true => Ok(()),
        false => Err(HostnameError::OriginAddress(origin.host)),
    }
}

/// Reads the name for the origin's TLS.
///
/// # Errors
/// [`HostnameError::OriginSni`].
pub fn origin_sni(text: &str) -> Result<String, HostnameError> {
    if text == SNI_OF_REQUEST {
        return Ok(text.to_owned());
    }
    match Hostname::parse(text) {
        Ok(name) if !is_address(name.as_str()) => Ok(name.to_string()),
        Ok(_) => Err(HostnameError::OriginSni("an address is no name".into())),
        Err(error) => Err(HostnameError::OriginSni(error.to_string())),
    }
}

/// Reads a text that is only kept.
///
/// # Errors
/// [`HostnameError::Setting`].
pub fn kept(field: &'static str, text: &str) -> Result<String, HostnameError> {
    match text.len() <= NAME_MAX && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(HostnameError::Setting {
            field,
            allowed: "a name of at most 64 characters",
        }),
    }
}

/// Whether a text is a UUID.
pub fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> HostnameRules {
        HostnameRules {
            own: vec![Hostname::parse("platform.example").expect("valid")],
            target: Some(Hostname::parse("edge.example.net").expect("valid")),
            ..HostnameRules::default()
        }
    }

    #[test]
    fn malformed_hostnames_are_refused() {
        let long = |labels: usize| format!("{}com", "abcdefg.".repeat(labels));
        let label = format!("{}.example.com", "a".repeat(64));
        let too_long = format!("{}{}", "a.", long(31) + "e.f");
        assert_eq!(too_long.len(), 256);
        let just_too_long = format!("{}.{}com", "a".repeat(62), "abcdefg.".repeat(23) + "abc.");
        assert_eq!(just_too_long.len(), 254);
        for text in [
            "",
            " ",
            ".",
            "..",
            "*",
            "*.",
            ".example.com",
            "example..com",
            "shop .example.com",
            " shop.example.com",
            "shop.example.com ",
            "shop.example.com\n",
            "shop\t.example.com",
            "shop\0.example.com",
            &label,
            &too_long,
            &just_too_long,
            "1.2.3.4",
            "127.1",
            "127.0.0.1.",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "shop.123",
            "shop.0x1",
            "::1",
            "[::1]",
            "2001:db8::1",
            "[2001:db8::1]",
            "my_shop.example.com",
            "_acme-challenge.example.com",
            "-shop.example.com",
            "shop-.example.com",
            "shop.-example.com",
            "http://shop.example.com",
            "https://shop.example.com",
            "shop.example.com/path",
            "shop.example.com/",
            "shop.example.com?x",
            "shop.example.com#x",
            "shop.example.com:443",
            "user@shop.example.com",
            "shop.*.example.com",
            "*shop.example.com",
            "shop*.example.com",
            "*.*.example.com",
            "**.example.com",
            "*.1.2.3.4",
            "localhost",
            "com",
            "co.uk",
            "github.io",
            "*.com",
            "*.co.uk",
            "*.localhost",
            "xn--a.example.com",
            "\u{fffd}.example.com",
            "a\u{200b}b..example.com",
            "shop,example.com",
            "shop;example.com",
            "shop%2eexample.com",
            "shop\\example.com",
            "platform.example",
            "shop.platform.example",
            "SHOP.Platform.Example.",
            "*.platform.example",
            "edge.example.net",
            "a.edge.example.net",
            "*.1.2.3.4.5.6.7.8.example",
        ] {
            assert!(hostname(text, &rules()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_hostname_has_one_canonical_name() {
        let longest = format!("{}.{}com", "a".repeat(61), "abcdefg.".repeat(23) + "abc.");
        assert_eq!(longest.len(), 253);
        for (text, name) in [
            ("app.example.com", "app.example.com"),
            ("App.Example.COM.", "app.example.com"),
            ("example.com", "example.com"),
            ("example.test", "example.test"),
            ("shop.nobodys-tld", "shop.nobodys-tld"),
            ("*.example.com", "*.example.com"),
            ("*.Example.Com", "*.example.com"),
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
            ("B\u{dc}CHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("example.co.uk", "example.co.uk"),
            ("shop.github.io", "shop.github.io"),
            ("1.example.com", "1.example.com"),
            ("notplatform.example", "notplatform.example"),
            (&longest, &longest),
        ] {
            let found = hostname(text, &rules()).map(|pattern| pattern.to_string());
            assert_eq!(found.ok().as_deref(), Some(name), "{text:?}");
        }
    }

    #[test]
    fn an_origin_is_a_server() {
        for (text, kept) in [
            ("origin.example.com", Some("origin.example.com")),
            ("Origin.Example.com:8443", Some("origin.example.com:8443")),
            ("http://10.0.0.7:8000/", Some("http://10.0.0.7:8000")),
            ("2001:db8::1", Some("[2001:db8::1]")),
            ("10.0.0.7", Some("10.0.0.7")),
            ("*.example.com", None),
            ("", None),
            ("origin.example.com/path", None),
            ("ftp://origin.example.com", None),
            ("a b", None),
            ("origin.example.com:0", None),
        ] {
            assert_eq!(origin(text).ok().as_deref(), kept, "{text:?}");
        }
    }

    #[test]
    fn metadata_has_four_kilobytes() {
        let of = |bytes: usize| serde_json::json!({ "a": "x".repeat(bytes - 8) });
        assert_eq!(of(4_096).to_string().len(), 4_096);
        assert!(metadata(&of(4_096)).is_ok());
        assert!(metadata(&of(4_097)).is_err());
        for other in [serde_json::json!([]), serde_json::json!("a"), 1.into()] {
            assert!(metadata(&other).is_err());
        }
    }
}
