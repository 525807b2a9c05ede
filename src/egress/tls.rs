//! Whom guests' TLS connections trust.

use std::sync::Arc;

use thiserror::Error;

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
}

/// Trusts the authorities in a file, and the system's.
pub(super) fn config(
    ca_file: &str,
    trusts_system: bool,
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
        use rustls::pki_types::pem::PemObject;
        let certificates = rustls::pki_types::CertificateDer::pem_file_iter(ca_file)
            .map_err(|e| fail(e.to_string()))?;
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
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
