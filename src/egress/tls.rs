//! Whom guests' TLS connections trust.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use crate::conf::OriginsConf;

/// Settings of `egress` that cannot be used.
#[derive(Debug, Error)]
pub enum EgressSetupError {
    /// The certificate authorities cannot be read.
    #[error("`egress.ca_file` {path}: {reason}")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The certificate for origins cannot be used.
    #[error("`origins.client_certificate_file` and `origins.client_key_file`: {path}: {reason}")]
    Certificate {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// A certificate that servers are shown which ask for one.
pub struct ClientCertificate {
    /// The chain, the certificate itself first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    /// Reads `origins.client_certificate_file` and its key; `None` where there is none.
    ///
    /// # Errors
    /// [`EgressSetupError`], which says what is wrong.
    pub fn of_origins(conf: &OriginsConf) -> Result<Option<Self>, EgressSetupError> {
        let path = &conf.client_certificate_file;
        if path.is_empty() {
            return Ok(None);
        }
        let fail = |path: &str, reason: String| EgressSetupError::Certificate {
            path: path.to_owned(),
            reason,
        };
        let chain = CertificateDer::pem_file_iter(path).map_err(|e| fail(path, e.to_string()))?;
        let chain: Result<Vec<_>, _> = chain.collect();
        let chain = chain.map_err(|e| fail(path, e.to_string()))?;
        let key = PrivateKeyDer::from_pem_file(&conf.client_key_file)
            .map_err(|e| fail(&conf.client_key_file, e.to_string()))?;
        let provider = rustls::crypto::ring::default_provider();
        rustls::sign::CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider)
            .map_err(|e| fail(path, e.to_string()))?;
        Ok(Some(Self { chain, key }))
    }
}

/// Trusts the authorities in a file, and the system's; shows a certificate where one is asked for.
pub(super) fn config(
    ca_file: &str,
    trusts_system: bool,
    shown: Option<&ClientCertificate>,
) -> Result<rustls::ClientConfig, EgressSetupError> {
    let mut roots = rustls::RootCertStore::empty();
    // A machine without a certificate store can still serve; its guests' TLS fetches then fail with a clear error.
    let added = match trusts_system {
        true => {
            let native = rustls_native_certs::load_native_certs().certs;
            roots.add_parsable_certificates(native).0
        }
        false => 0,
    };
    if added == 0 && trusts_system {
        tracing::warn!(
            "the system has no certificate authorities; guests cannot reach https origins"
        );
    }
    if !ca_file.is_empty() {
        let fail = |reason: String| EgressSetupError::Authorities {
            path: ca_file.to_owned(),
            reason,
        };
        let certificates =
            CertificateDer::pem_file_iter(ca_file).map_err(|e| fail(e.to_string()))?;
        for certificate in certificates {
            roots
                .add(certificate.map_err(|e| fail(e.to_string()))?)
                .map_err(|e| fail(e.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("ring supports TLS 1.2 and 1.3");
    let builder = builder.with_root_certificates(roots);
    match shown {
        None => Ok(builder.with_no_client_auth()),
        Some(shown) => builder
            .with_client_auth_cert(shown.chain.clone(), shown.key.clone_key())
            .map_err(|e| EgressSetupError::Certificate {
                path: "origins.client_certificate_file".into(),
                reason: e.to_string(),
            }),
    }
}
