//! What certificate authorities look for at this edge, whichever node they come to.

use std::sync::Arc;

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use crate::model::Hostname;
use crate::store::keys;
use crate::store::known::Record;

/// The longest answer.
const BYTES_MAX: usize = 4 << 10;

/// The answer to a challenge: a key authorization (RFC 8555 §8.1), or the values of TXT records, a line each.
pub struct Challenge(pub Box<str>);

impl Record for Challenge {
    const KIND: &'static str = "challenge";
    const PREFIX: &'static str = keys::CHALLENGE;

    fn read(bytes: &[u8]) -> Result<Self, String> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.len() <= BYTES_MAX && text.is_ascii() => Ok(Self(text.into())),
            _ => Err("it is no short ASCII text".into()),
        }
    }
}

impl Challenge {
    /// The certificate that answers tls-alpn-01 (RFC 8737 §3).
    pub(super) fn certificate(&self, name: &Hostname, provider: &CryptoProvider) -> Option<Shown> {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut params = CertificateParams::new(vec![name.to_string()]).ok()?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
        let key = KeyPair::generate().ok()?;
        let certificate = params.self_signed(&key).ok()?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = provider.key_provider.load_private_key(key).ok()?;
        // Not held against each other: the extension is critical, and checks of certificates do not know it.
        let shown = CertifiedKey::new(vec![certificate.der().clone()], key);
        Some(Shown(Arc::new(shown)))
    }
}

/// One certificate, for whoever asks.
#[derive(Debug)]
pub(super) struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_has_what_is_looked_for() {
        let challenge = Challenge("token.thumbprint".into());
        let name = Hostname::parse("app.example.com").expect("valid");
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let shown = challenge.certificate(&name, &provider).expect("made");
        let digest = Sha256::digest(b"token.thumbprint").to_vec();
        assert_eq!(crate::pki::acme_identifier(&shown.0.cert[0]), Some(digest));
    }
}
