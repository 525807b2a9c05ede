//! Certificates and their keys: read, checked and told of before anything is served with them.
//!
//! Nothing here keeps a key or shows one: errors name what is wrong, never what was given.

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

use crate::model::HostnamePattern;
use crate::model::custom_hostname::CertificateSummary;

mod request;

pub use request::{KeyType, RequestError, Subject, signing_request};

/// Certificates of one chain.
const CHAIN_MAX: usize = 10;
/// Bytes of a chain or key, as PEM.
const PEM_BYTES_MAX: usize = 64 << 10;
/// The smallest RSA key that is served; browsers refuse smaller ones.
///
/// Source: CA/Browser Forum, Baseline Requirements §6.1.5.
const RSA_BITS_MIN: usize = 2_048;

/// The extension that promises features of TLS; OCSP stapling is the one there is.
const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// The extension of certificates that answer tls-alpn-01.
const ACME_IDENTIFIER: &str = "1.3.6.1.5.5.7.1.31";

/// A certificate that can be served, with its key.
pub struct Checked {
    /// The chain, PEM, the leaf first and each signed by the one after it.
    pub certificate: String,
    /// The private key, PEM.
    pub key: Zeroizing<String>,
    /// The leaf without its key.
    pub summary: CertificateSummary,
    /// Whether the leaf's key is an RSA key.
    pub is_rsa: bool,
    /// When it ends, in seconds since 1970.
    pub not_after: i64,
}

/// Why a certificate cannot be served.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum BadCertificate {
    /// Nothing is there.
    #[error("no certificate was given; it is PEM, and begins with -----BEGIN CERTIFICATE-----")]
    Empty,
    /// It is no certificate.
    #[error("the certificate cannot be read: {0}")]
    Unreadable(String),
    /// The key is none.
    #[error(
        "the private key cannot be read; it is PEM without a passphrase: PKCS#8, or an RSA or EC key"
    )]
    Key,
    /// The key belongs to another certificate.
    #[error("the private key is not that of the certificate")]
    OtherKey,
    /// Too many certificates, or too long.
    #[error(
        "a chain has at most {CHAIN_MAX} certificates and {} KiB",
        PEM_BYTES_MAX >> 10
    )]
    TooLarge,
    /// Its time is over.
    #[error("the certificate expired on {0}")]
    Expired(String),
    /// Its time has not come.
    #[error("the certificate is not valid before {0}")]
    NotYet(String),
    /// An RSA key that is too short.
    #[error("the certificate's RSA key has {0} bits; at least {RSA_BITS_MIN} are needed")]
    Weak(usize),
    /// A kind of key that is not served.
    #[error("the certificate's key is neither an RSA nor an ECDSA key")]
    KeyKind,
    /// A signature nobody trusts.
    #[error("the certificate is signed with {0}; it has to be SHA-256 or better")]
    Signature(String),
    /// Visitors are told to expect what the edge does not send.
    #[error(
        "the certificate promises a stapled OCSP response (TLS feature \"must staple\", RFC 7633), which this edge does not send; ask its authority for one without"
    )]
    MustStaple,
    /// Some of its members are of another chain.
    #[error("the certificates do not belong together: none of them signed {0:?}")]
    Chain(String),
    /// No leaf, or several.
    #[error("a chain has one certificate that is no authority's; this one has {0}")]
    Leaves(usize),
}

/// Reads a chain and its key, and checks that they can be served.
///
/// # Errors
/// [`BadCertificate`], which says what is wrong.
pub fn check(chain_pem: &str, key_pem: &str) -> Result<Checked, BadCertificate> {
    let ders = parse(chain_pem)?;
    let ordered = order(&ders)?;
    let leaf = read(&ordered[0])?;
    for der in &ordered {
        let certificate = read(der)?;
        let name = signature(&certificate);
        // What signs itself is trusted for what it is, whatever its signature.
        if is_weak(&name) && certificate.subject() != certificate.issuer() {
            return Err(BadCertificate::Signature(name));
        }
    }
    let name = signature(&leaf);
    if is_weak(&name) {
        return Err(BadCertificate::Signature(name));
    }
    let mut extensions = leaf.extensions().iter();
    if extensions.any(|extension| extension.oid.to_id_string() == TLS_FEATURE) {
        return Err(BadCertificate::MustStaple);
    }
    let is_rsa = is_rsa(&leaf)?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let validity = leaf.validity();
    if validity.not_after.timestamp() <= now {
        return Err(BadCertificate::Expired(time(
            validity.not_after.timestamp(),
        )));
    }
    if validity.not_before.timestamp() > now {
        return Err(BadCertificate::NotYet(time(
            validity.not_before.timestamp(),
        )));
    }
    if key_pem.len() > PEM_BYTES_MAX {
        return Err(BadCertificate::TooLarge);
    }
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| BadCertificate::Key)?;
    // The key alone: a file may hold other things beside it.
    let kept = key_text(&key).ok_or(BadCertificate::Key)?;
    let provider = aws_lc_rs::default_provider();
    let loaded = provider.key_provider.load_private_key(key);
    let loaded = loaded.map_err(|_| BadCertificate::Key)?;
    CertifiedKey::new(ordered.clone(), loaded)
        .keys_match()
        .map_err(|_| BadCertificate::OtherKey)?;
    Ok(Checked {
        certificate: ordered.iter().map(|der| pem("CERTIFICATE", der)).collect(),
        key: kept,
        summary: summary(&ordered[0], &leaf),
        is_rsa,
        not_after: validity.not_after.timestamp(),
    })
}

/// What there is to say of a chain's leaf.
///
/// # Errors
/// [`BadCertificate`] when it cannot be read.
pub fn summarise(chain_pem: &str) -> Result<CertificateSummary, BadCertificate> {
    let ders = parse(chain_pem)?;
    let ordered = order(&ders)?;
    Ok(summary(&ordered[0], &read(&ordered[0])?))
}

/// When a chain's leaf ends, in seconds since 1970.
///
/// # Errors
/// [`BadCertificate`] when it cannot be read.
pub fn not_after(chain_pem: &str) -> Result<i64, BadCertificate> {
    let ders = parse(chain_pem)?;
    let ordered = order(&ders)?;
    Ok(read(&ordered[0])?.validity().not_after.timestamp())
}

/// Whether names of a certificate cover a hostname, or all that a wildcard stands for one label below.
///
/// Source: RFC 6125 §6.4.3: a star stands for exactly one label.
pub fn covers(hosts: &[String], pattern: &HostnamePattern) -> bool {
    let name = pattern.to_string();
    hosts.iter().any(|host| {
        let host = host.to_ascii_lowercase();
        let is_below = || {
            let (_, above) = name.split_once('.')?;
            Some(host.strip_prefix("*.")? == above)
        };
        host == name || (!name.starts_with("*.") && is_below() == Some(true))
    })
}

/// The certificates of a chain, as they stand in it.
/// The digest in a certificate's `acmeIdentifier` (RFC 8737 §3), if it has one.
pub fn acme_identifier(leaf: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let leaf = read(leaf).ok()?;
    let mut extensions = leaf.extensions().iter();
    let found = extensions.find(|extension| extension.oid.to_id_string() == ACME_IDENTIFIER)?;
    // An OCTET STRING of 32 bytes.
    found.value.strip_prefix(&[4, 32]).map(<[u8]>::to_vec)
}

fn parse(chain_pem: &str) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    if chain_pem.trim().is_empty() {
        return Err(BadCertificate::Empty);
    }
    if chain_pem.len() > PEM_BYTES_MAX {
        return Err(BadCertificate::TooLarge);
    }
    let mut ders = Vec::new();
    for der in CertificateDer::pem_slice_iter(chain_pem.as_bytes()) {
        let der = der.map_err(|_| BadCertificate::Unreadable("it is no PEM".into()))?;
        if ders.len() == CHAIN_MAX {
            return Err(BadCertificate::TooLarge);
        }
        if !ders.contains(&der) {
            ders.push(der);
        }
    }
    match ders.is_empty() {
        true => Err(BadCertificate::Unreadable(
            "it is no PEM that begins with -----BEGIN CERTIFICATE-----".into(),
        )),
        false => Ok(ders),
    }
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, BadCertificate> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err(BadCertificate::Unreadable(
            "something follows it in its block".into(),
        )),
        Err(_) => Err(BadCertificate::Unreadable("it is no X.509".into())),
    }
}

/// The leaf first, each followed by the one that signed it.
fn order(ders: &[CertificateDer<'static>]) -> Result<Vec<CertificateDer<'static>>, BadCertificate> {
    let certificates = ders.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut left: Vec<usize> = (0..ders.len()).collect();
    let leaves: Vec<usize> = left
        .iter()
        .copied()
        .filter(|index| !certificates[*index].is_ca())
        .collect();
    let [leaf] = leaves[..] else {
        return Err(BadCertificate::Leaves(leaves.len()));
    };
    let mut ordered = vec![ders[leaf].clone()];
    left.retain(|index| *index != leaf);
    let mut last = &certificates[leaf];
    while !left.is_empty() {
        let signer = left.iter().position(|index| {
            let signer = &certificates[*index];
            signer.subject() == last.issuer()
                && last.verify_signature(Some(signer.public_key())).is_ok()
        });
        let Some(at) = signer else {
            let name = last.subject().to_string().chars().take(128).collect();
            return Err(BadCertificate::Chain(name));
        };
        let index = left.remove(at);
        ordered.push(ders[index].clone());
        last = &certificates[index];
    }
    Ok(ordered)
}

fn is_rsa(leaf: &X509Certificate<'_>) -> Result<bool, BadCertificate> {
    match leaf.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            // The first byte of a modulus is zero where its first bit would make it negative.
            let modulus = key.modulus.iter().skip_while(|byte| **byte == 0);
            let bits = modulus.count() * 8;
            match bits < RSA_BITS_MIN {
                true => Err(BadCertificate::Weak(bits)),
                false => Ok(true),
            }
        }
        Ok(PublicKey::EC(_)) => Ok(false),
        _ => Err(BadCertificate::KeyKind),
    }
}

fn summary(der: &CertificateDer<'_>, leaf: &X509Certificate<'_>) -> CertificateSummary {
    let fingerprint = Sha256::digest(der);
    let mut id = [0; 16];
    id.copy_from_slice(&fingerprint[..16]);
    let issuer = leaf.issuer();
    let attribute = issuer
        .iter_organization()
        .chain(issuer.iter_common_name())
        .find_map(|attribute| attribute.as_str().ok());
    CertificateSummary {
        id: uuid(id),
        issuer: attribute.map_or_else(|| issuer.to_string(), str::to_owned),
        serial_number: leaf.tbs_certificate.serial.to_string(),
        signature: signature(leaf),
        hosts: hosts(leaf),
        uploaded_on: time(OffsetDateTime::now_utc().unix_timestamp()),
        expires_on: time(leaf.validity().not_after.timestamp()),
        fingerprint_sha256: hex(&fingerprint),
    }
}

/// The DNS names of a certificate. Its common name is none of them.
///
/// Source: RFC 6125 §6.4.4; no browser looks at common names any more.
fn hosts(leaf: &X509Certificate<'_>) -> Vec<String> {
    let names = leaf.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names);
    let dns = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    dns.collect()
}

/// How a certificate is signed, as Cloudflare names it; the object identifier of what has no name here.
fn signature(certificate: &X509Certificate<'_>) -> String {
    let oid = certificate.signature_algorithm.algorithm.to_id_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.4" => "MD5WithRSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA1WithRSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA256WithRSA",
        "1.2.840.113549.1.1.12" => "SHA384WithRSA",
        "1.2.840.113549.1.1.13" => "SHA512WithRSA",
        "1.2.840.10045.4.1" => "ECDSAWithSHA1",
        "1.2.840.10045.4.3.2" => "ECDSAWithSHA256",
        "1.2.840.10045.4.3.3" => "ECDSAWithSHA384",
        "1.2.840.10045.4.3.4" => "ECDSAWithSHA512",
        "1.3.101.112" => "Ed25519",
        other => other,
    };
    name.to_owned()
}

fn is_weak(signature: &str) -> bool {
    !matches!(
        signature,
        "RSASSA-PSS"
            | "SHA256WithRSA"
            | "SHA384WithRSA"
            | "SHA512WithRSA"
            | "ECDSAWithSHA256"
            | "ECDSAWithSHA384"
            | "ECDSAWithSHA512"
            | "Ed25519"
    )
}

fn key_text(key: &PrivateKeyDer<'_>) -> Option<Zeroizing<String>> {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        PrivateKeyDer::Pkcs8(_) => "PRIVATE KEY",
        _ => return None,
    };
    Some(Zeroizing::new(pem(label, key.secret_der())))
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(der));
    // All of it at once: a text that grows leaves copies behind.
    let mut pem = String::with_capacity(text.len() + text.len() / 64 + 2 * label.len() + 40);
    pem.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// A time in seconds since 1970, as RFC 3339 has it.
pub fn time(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Bytes as a UUID (RFC 9562, version 8: made of something of one's own).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes);
    let parts = [
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    ];
    parts.join("-")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
