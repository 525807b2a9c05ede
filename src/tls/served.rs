//! A certificate that is shown: read from its record, opened when somebody first asks for it.

use std::sync::{Arc, OnceLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::model::custom_hostname::TlsSettings;
use crate::model::{CertificateRecord, Hostname};
use crate::secrets::Keyring;
use crate::store::keys;
use crate::store::known::Record;

/// A certificate's record as it came from the store.
pub struct Stored {
    record: CertificateRecord,
    served: OnceLock<Option<Arc<Served>>>,
}

impl Record for Stored {
    const KIND: &'static str = "certificate";
    const PREFIX: &'static str = keys::CERTIFICATE;

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let record: CertificateRecord = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        match record.chains.is_empty() {
            true => Err("it has no chain".into()),
            false => Ok(Self {
                record,
                served: OnceLock::new(),
            }),
        }
    }
}

/// The place that a certificate's key is sealed for.
pub(super) fn place(pattern: &str) -> String {
    format!("certificate {pattern}")
}

impl Stored {
    /// The settings of its hostname.
    pub(super) fn settings(&self) -> &TlsSettings {
        &self.record.settings
    }

    /// The certificate with its key, if this node can open it.
    pub(super) fn served(
        &self,
        pattern: &str,
        keyring: &Keyring,
        provider: &Arc<CryptoProvider>,
    ) -> Option<Arc<Served>> {
        let open = || match self.open(pattern, keyring, provider) {
            Ok(served) => Some(Arc::new(served)),
            Err(reason) => {
                tracing::error!(pattern, reason, "a certificate cannot be used");
                None
            }
        };
        self.served.get_or_init(open).clone()
    }

    fn open(
        &self,
        pattern: &str,
        keyring: &Keyring,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Served, String> {
        let place = place(pattern);
        let pairs = self.record.chains.iter().map(|chain| {
            // Whoever writes a record by hand may leave the key as it is.
            let key = match chain.key.contains("-----BEGIN") {
                true => Ok(chain.key.clone()),
                false => keyring.open_sealed(&place, &chain.key),
            };
            let key = Zeroizing::new(key.map_err(|e| e.to_string())?);
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|e| e.to_string())?;
            let certificates: Result<Vec<_>, _> =
                CertificateDer::pem_slice_iter(chain.certificate.as_bytes()).collect();
            Ok((certificates.map_err(|e| e.to_string())?, key))
        });
        let pairs: Result<Vec<_>, String> = pairs.collect();
        Served::new(pairs?, self.record.settings.clone(), provider).map_err(|e| e.to_string())
    }
}

/// Certificates with their keys, for one name or wildcard: one, or one for each kind of key.
#[derive(Debug)]
pub struct Served {
    keys: Arc<Keys>,
    settings: TlsSettings,
    config: OnceLock<Arc<ServerConfig>>,
}

#[derive(Debug)]
struct Keys(Vec<Arc<CertifiedKey>>);

impl Served {
    /// Puts chains and keys together.
    ///
    /// # Errors
    /// What is wrong with a key, or that it is not its chain's.
    pub(super) fn new(
        pairs: Vec<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
        settings: TlsSettings,
        provider: &CryptoProvider,
    ) -> Result<Self, rustls::Error> {
        let keys = pairs
            .into_iter()
            .map(|(chain, key)| CertifiedKey::from_der(chain, key, provider).map(Arc::new));
        let mut keys: Vec<_> = keys.collect::<Result<_, _>>()?;
        // A signature with an elliptic curve costs a tenth of one with RSA.
        keys.sort_by_key(|key| key.key.algorithm() == rustls::SignatureAlgorithm::RSA);
        Ok(Self {
            keys: Arc::new(Keys(keys)),
            settings,
            config: OnceLock::new(),
        })
    }

    /// How a visitor is spoken to who is shown this.
    pub(super) fn config(
        &self,
        foundation: impl FnOnce(&TlsSettings) -> Arc<ServerConfig>,
    ) -> Arc<ServerConfig> {
        let make = || {
            let mut config = (*foundation(&self.settings)).clone();
            config.cert_resolver = self.keys.clone();
            Arc::new(config)
        };
        self.config.get_or_init(make).clone()
    }

    /// The settings it is shown under.
    pub(super) fn settings(&self) -> &TlsSettings {
        &self.settings
    }

    /// Whether it is good for a hostname.
    pub(super) fn covers(&self, hostname: &Hostname) -> bool {
        let Ok(name) = ServerName::try_from(hostname.as_str()) else {
            return false;
        };
        self.keys.0.iter().any(|key| {
            let leaf = key.cert.first().map(ParsedCertificate::try_from);
            leaf.is_some_and(|leaf| {
                leaf.is_ok_and(|leaf| rustls::client::verify_server_name(&leaf, &name).is_ok())
            })
        })
    }
}

impl ResolvesServerCert for Keys {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let schemes = hello.signature_schemes();
        let fits = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(schemes).is_some();
        self.0.iter().find(fits).cloned()
    }
}

/// Stands where a certificate is put before anything is spoken.
#[derive(Debug)]
pub(super) struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
