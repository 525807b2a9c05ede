//! Visitors' TLS: which certificate for which name, and the handshake.
//!
//! A handshake begins by reading what the visitor says; only then, and only for a name that is known, does it cost any
//! cryptography. Certificates are read from the store when somebody first asks for their name, so neither a start nor
//! the memory depends on how many there are.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{Acceptor, NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::{StartHandshake, TlsStream};

use crate::conf::Tls;
use crate::metrics::Metrics;
use crate::model::custom_hostname::TlsSettings;
use crate::model::{Hostname, HostnamePattern};
use crate::secrets::Keyring;
use crate::store::keys;
use crate::store::known::{Found, Known};

mod challenge;
mod served;
mod settings;

pub use challenge::Challenge;
pub use served::{Served, Stored};

/// The protocol of tls-alpn-01 (RFC 8737 §3).
pub const ACME_ALPN: &[u8] = b"acme-tls/1";
/// A fatal `unrecognized_name` (RFC 6066 §3) as it goes over the wire, before anything is encrypted.
const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];
/// How long all who ask for a certificate at the same time share one question to the store.
const FLIGHT: Duration = Duration::from_millis(100);
/// Names asked for at the same time.
const FLIGHTS_MAX: u64 = 10_000;
/// Combinations of settings whose foundations are kept.
const SETTINGS_MAX: usize = 1_000;
/// How often the files of the edge's own certificate are looked at.
const RELOAD: Duration = Duration::from_secs(30);

/// Why there is no door.
#[derive(Debug, Error)]
pub enum TlsSetupError {
    /// The edge's own certificate cannot be used.
    #[error("the certificate `tls.certificate_file` with `tls.key_file`: {0}")]
    Certificate(String),
    /// The authorities of visitors' certificates cannot be used.
    #[error("`tls.client_ca_file` {path}: {reason}")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// There is no randomness.
    #[error("the system gives no random numbers")]
    Random,
}

/// Why a visitor got no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no certificate for the name, or nothing there.
    UnknownName,
    /// Visitor and edge could not agree, or the visitor left.
    Failed,
    /// It was a certificate authority, and has seen what it came for.
    Challenge,
}

impl Refused {
    /// Its name in metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::UnknownName => "unknown_name",
            Self::Failed => "failed",
            Self::Challenge => "challenge",
        }
    }
}

/// What was agreed on with a visitor.
pub struct Facts {
    sni: Option<Hostname>,
    served: Arc<Served>,
}

/// Where visitors come in over TLS.
pub struct Door {
    certificates: Arc<Known<Stored>>,
    challenges: Arc<Known<Challenge>>,
    keyring: Arc<Keyring>,
    provider: Arc<CryptoProvider>,
    ticketer: Arc<dyn ProducesTickets>,
    verifier: Arc<dyn ClientCertVerifier>,
    needs_1_3: bool,
    /// What is shown to visitors whose name has no certificate of its own.
    default: ArcSwapOption<Served>,
    foundations: Mutex<HashMap<TlsSettings, Arc<ServerConfig>>>,
    flights: moka::future::Cache<String, [Option<Arc<Stored>>; 2]>,
    metrics: Arc<Metrics>,
}

impl Door {
    /// A door with these settings, which finds certificates and challenges here.
    ///
    /// # Errors
    /// [`TlsSetupError`], which says what to do.
    pub fn new(
        conf: &Tls,
        certificates: Arc<Known<Stored>>,
        challenges: Arc<Known<Challenge>>,
        keyring: Arc<Keyring>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, TlsSetupError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let default = match conf.certificate_file.as_str() {
            "" => None,
            _ => Some(Arc::new(own(conf, &provider)?)),
        };
        Ok(Self {
            certificates,
            challenges,
            keyring,
            ticketer: rustls::crypto::aws_lc_rs::Ticketer::new()
                .map_err(|_| TlsSetupError::Random)?,
            verifier: verifier(&conf.client_ca_file, &provider)?,
            provider,
            needs_1_3: conf.min_version == "1.3",
            default: ArcSwapOption::from(default),
            foundations: Mutex::default(),
            flights: moka::future::Cache::builder()
                .max_capacity(FLIGHTS_MAX)
                .time_to_live(FLIGHT)
                .build(),
            metrics,
        })
    }

    /// Reads the edge's own certificate again whenever its files are written.
    pub async fn follow_files(self: Arc<Self>, conf: Tls) {
        if conf.certificate_file.is_empty() {
            return;
        }
        let written = || -> Option<(SystemTime, SystemTime)> {
            let of = |path: &str| fs::metadata(path).and_then(|about| about.modified()).ok();
            Some((of(&conf.certificate_file)?, of(&conf.key_file)?))
        };
        let mut last = written();
        loop {
            tokio::time::sleep(RELOAD).await;
            let now = written();
            if now.is_none() || now == last {
                continue;
            }
            match own(&conf, &self.provider) {
                Ok(served) => {
                    self.default.store(Some(Arc::new(served)));
                    tracing::info!(
                        path = conf.certificate_file,
                        "the edge's own certificate was read again"
                    );
                }
                // Key and chain are written one after the other.
                Err(error) => tracing::warn!(%error, "the certificate from before stays in use"),
            }
            last = now;
        }
    }

    /// Takes a visitor in. `is_known` is asked for names that only the edge's own certificate is left for.
    ///
    /// # Errors
    /// [`Refused`], each variant its own case.
    pub async fn accept<S>(
        &self,
        stream: S,
        is_known: impl AsyncFnOnce(&Hostname) -> bool,
    ) -> Result<(TlsStream<S>, Facts), Refused>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let accepting = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let start = accepting.await.map_err(|_| Refused::Failed)?;
        let hello = start.client_hello();
        let sni = match hello.server_name() {
            None => None,
            Some(name) => match Hostname::from_host(name.as_bytes()) {
                Ok(name) => Some(name),
                Err(_) => return Err(refuse(start).await),
            },
        };
        let is_challenge = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_ALPN));
        if is_challenge {
            return match sni {
                Some(name) => Err(self.challenge(start, &name).await),
                None => Err(refuse(start).await),
            };
        }
        let served = match &sni {
            Some(name) => match self.find(name).await {
                Some(served) => Some(served),
                None => match self.default.load_full() {
                    Some(default) if is_known(name).await => Some(default),
                    _ => None,
                },
            },
            None => self.default.load_full(),
        };
        let Some(served) = served else {
            return Err(refuse(start).await);
        };
        let config = served.config(|settings| self.foundation(settings));
        let stream = start
            .into_stream(config)
            .await
            .map_err(|_| Refused::Failed)?;
        Ok((stream, Facts { sni, served }))
    }

    /// Whether a request for this hostname belongs on a connection: the visitor has seen a certificate for it, under the
    /// settings that the hostname has.
    ///
    /// Source: RFC 9110 §7.4, RFC 9113 §9.1.1.
    pub fn is_good_for(&self, facts: &Facts, hostname: &Hostname) -> bool {
        if facts.sni.as_ref() == Some(hostname) {
            return true;
        }
        let keys = certificate_keys(hostname);
        let own = keys
            .iter()
            .find_map(|key| match self.certificates.peek(key) {
                Found::Present(stored) => Some(stored),
                _ => None,
            });
        let is_as_wanted = own.is_none_or(|own| own.settings() == facts.served.settings());
        is_as_wanted && facts.served.covers(hostname)
    }

    /// The certificate of a name: its own, else that of the wildcard above it.
    async fn find(&self, name: &Hostname) -> Option<Arc<Served>> {
        let keys = certificate_keys(name);
        let mut found: [Option<Arc<Stored>>; 2] = [None, None];
        let mut is_unknown = false;
        for (found, key) in found.iter_mut().zip(&keys) {
            match self.certificates.peek(key) {
                Found::Present(stored) => {
                    *found = Some(stored);
                    break;
                }
                Found::Absent => {}
                Found::Unknown => {
                    is_unknown = true;
                    break;
                }
            }
        }
        if is_unknown {
            let load = async {
                let loaded = self.certificates.load(&keys).await;
                let mut loaded = loaded.into_iter().map(|found| found.ok().flatten());
                [loaded.next().flatten(), loaded.next().flatten()]
            };
            found = self.flights.get_with_by_ref(&keys[0], load).await;
        }
        found.iter().zip(&keys).find_map(|(stored, key)| {
            let place = key.strip_prefix(keys::CERTIFICATE)?;
            stored
                .as_ref()?
                .served(place, &self.keyring, &self.provider)
        })
    }

    /// What all connections with these settings have in common.
    fn foundation(&self, wanted: &TlsSettings) -> Arc<ServerConfig> {
        let mut foundations = self
            .foundations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = foundations.get(wanted) {
            return found.clone();
        }
        let (versions, provider) = settings::spoken(wanted, self.needs_1_3, &self.provider);
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("each version that is spoken has a cipher suite");
        let mut config = builder
            .with_client_cert_verifier(self.verifier.clone())
            .with_cert_resolver(Arc::new(served::Nothing));
        config.alpn_protocols = settings::protocols(wanted);
        // A session goes on by what the visitor brings along; nothing is kept for it here.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = self.ticketer.clone();
        let config = Arc::new(config);
        if foundations.len() >= SETTINGS_MAX {
            foundations.clear();
        }
        foundations.insert(wanted.clone(), config.clone());
        config
    }

    /// Shows a certificate authority what it looks for (RFC 8737), and nothing else.
    async fn challenge<S>(&self, start: StartHandshake<S>, name: &Hostname) -> Refused
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let found = self
            .challenges
            .get(&keys::alpn_challenge(name.as_str()))
            .await;
        let Ok(Some(challenge)) = found else {
            return refuse(start).await;
        };
        let Some(served) = challenge.certificate(name, &self.provider) else {
            return refuse(start).await;
        };
        // Authorities show no certificate, and come once: no ticket of theirs is good for anything.
        let builder = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .expect("each version that is spoken has a cipher suite");
        let mut config = builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(served));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![ACME_ALPN.to_vec()];
        if let Ok(mut stream) = start.into_stream(Arc::new(config)).await {
            // The authority has what it wants once the handshake is done.
            let _ = stream.shutdown().await;
        }
        Refused::Challenge
    }

    /// Counts how a handshake ended, and what it was.
    pub fn count(&self, result: Result<&Facts, Refused>, is_resumed: bool) {
        let label = match result {
            Ok(_) if is_resumed => "resumed",
            Ok(_) => "full",
            Err(refused) => refused.label(),
        };
        self.metrics
            .tls_handshakes
            .with_label_values(&[label])
            .inc();
    }
}

/// The keys of a name's own certificate, and of that of the wildcard right above it.
fn certificate_keys(name: &Hostname) -> Vec<String> {
    let own = format!("{}{name}", keys::CERTIFICATE);
    let above = name.as_str().split_once('.');
    let above = above.map(|(_, above)| format!("{}*.{above}", keys::CERTIFICATE));
    std::iter::once(own).chain(above).collect()
}

/// Says that nobody of this name is here; costs no cryptography.
async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(start: StartHandshake<S>) -> Refused {
    let mut io = start.io;
    // The visitor may be gone already.
    let _ = io.write_all(&UNRECOGNIZED_NAME).await;
    let _ = io.shutdown().await;
    Refused::UnknownName
}

/// The edge's own certificate.
fn own(conf: &Tls, provider: &Arc<CryptoProvider>) -> Result<Served, TlsSetupError> {
    let fail = |path: &str, reason: &dyn std::fmt::Display| {
        TlsSetupError::Certificate(format!("{path}: {reason}"))
    };
    let read = |path: &str| fs::read(path).map_err(|e: io::Error| fail(path, &e));
    let chain = read(&conf.certificate_file)?;
    let chain: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(&chain).collect();
    let chain = chain.map_err(|e| fail(&conf.certificate_file, &e))?;
    if chain.is_empty() {
        return Err(fail(&conf.certificate_file, &"holds no certificate"));
    }
    let key = zeroize::Zeroizing::new(read(&conf.key_file)?);
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|e| fail(&conf.key_file, &e))?;
    let served = Served::new(vec![(chain, key)], TlsSettings::default(), provider);
    served.map_err(|e| fail(&conf.key_file, &e))
}

fn verifier(
    path: &str,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsSetupError> {
    if path.is_empty() {
        return Ok(WebPkiClientVerifier::no_client_auth());
    }
    let fail = |reason: String| TlsSetupError::Authorities {
        path: path.to_owned(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(PathBuf::from(path)).map_err(|e| fail(e.to_string()))?
    {
        roots
            .add(certificate.map_err(|e| fail(e.to_string()))?)
            .map_err(|e| fail(e.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|e| fail(e.to_string()))
}

/// The place that the key of a certificate is sealed for.
pub fn place(pattern: &HostnamePattern) -> String {
    served::place(&pattern.to_string())
}
