//! What is spoken with visitors of a hostname.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{CipherSuite, SupportedCipherSuite, SupportedProtocolVersion};

use crate::model::custom_hostname::TlsSettings;

/// The cipher suites of TLS 1.2 that are spoken, by the names that settings have.
///
/// Source: Cloudflare docs, "Custom hostnames: cipher suites", which are OpenSSL's names.
const CIPHERS: [(&str, CipherSuite); 6] = [
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
    (
        "ECDHE-RSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "ECDHE-RSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "ECDHE-RSA-CHACHA20-POLY1305",
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
];

const ONLY_1_3: &[&SupportedProtocolVersion] = &[&TLS13];
const ONLY_1_2: &[&SupportedProtocolVersion] = &[&TLS12];
const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// The protocols offered, the preferred one first.
pub(super) fn protocols(wanted: &TlsSettings) -> Vec<Vec<u8>> {
    match wanted.http2.as_deref() {
        Some("off") => vec![b"http/1.1".to_vec()],
        _ => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
    }
}

/// The versions spoken, and what with. Whatever is wanted, something is left to speak: what cannot be had is passed over.
pub(super) fn spoken(
    wanted: &TlsSettings,
    needs_1_3: bool,
    provider: &Arc<CryptoProvider>,
) -> (
    &'static [&'static SupportedProtocolVersion],
    Arc<CryptoProvider>,
) {
    let needs_1_3 = needs_1_3 || wanted.min_version_is_1_3();
    let provider = match wanted.ciphers.is_empty() {
        true => provider.clone(),
        false => {
            let mut chosen = (**provider).clone();
            chosen.cipher_suites.retain(|suite| match suite {
                SupportedCipherSuite::Tls12(_) => CIPHERS.iter().any(|(name, cipher)| {
                    *cipher == suite.suite() && wanted.ciphers.iter().any(|c| c == name)
                }),
                SupportedCipherSuite::Tls13(_) => true,
            });
            Arc::new(chosen)
        }
    };
    let has_1_2 = provider
        .cipher_suites
        .iter()
        .any(|suite| matches!(suite, SupportedCipherSuite::Tls12(_)));
    let is_1_3_off = wanted.tls_1_3.as_deref() == Some("off");
    let versions = match () {
        () if needs_1_3 || !has_1_2 => ONLY_1_3,
        () if is_1_3_off => ONLY_1_2,
        () => BOTH,
    };
    (versions, provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(wanted: &TlsSettings, needs_1_3: bool) -> usize {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (versions, provider) = spoken(wanted, needs_1_3, &provider);
        let built =
            rustls::ServerConfig::builder_with_provider(provider).with_protocol_versions(versions);
        assert!(built.is_ok(), "{wanted:?}");
        versions.iter().fold(0, |sum, version| {
            sum + if **version == TLS13 { 13 } else { 12 }
        })
    }

    #[test]
    fn whatever_is_wanted_something_is_spoken() {
        let text = |text: &str| Some(text.to_owned());
        let all = TlsSettings::default();
        assert_eq!(versions(&all, false), 25);
        assert_eq!(versions(&all, true), 13);
        for (min, expected) in [("1.0", 25), ("1.1", 25), ("1.2", 25), ("1.3", 13)] {
            let wanted = TlsSettings {
                min_tls_version: text(min),
                ..TlsSettings::default()
            };
            assert_eq!(versions(&wanted, false), expected, "{min}");
        }
        let off = TlsSettings {
            tls_1_3: text("off"),
            ..TlsSettings::default()
        };
        assert_eq!(versions(&off, false), 12);
        assert_eq!(versions(&off, true), 13);
        let old = TlsSettings {
            ciphers: vec!["AES128-SHA".into()],
            tls_1_3: text("off"),
            ..TlsSettings::default()
        };
        assert_eq!(versions(&old, false), 13);
        let one = TlsSettings {
            ciphers: vec!["ECDHE-RSA-AES128-GCM-SHA256".into()],
            tls_1_3: text("off"),
            ..TlsSettings::default()
        };
        assert_eq!(versions(&one, false), 12);
    }
}
