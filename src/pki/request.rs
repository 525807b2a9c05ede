//! Certificate signing requests: a key that never leaves, and what an authority is asked to sign.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use thiserror::Error;
use zeroize::Zeroizing;

/// The kinds of keys that requests are made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyType {
    /// RSA with 2048 bits.
    #[default]
    Rsa2048,
    /// ECDSA on P-256.
    P256v1,
}

/// Whom a certificate is asked for; what is empty is left out.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Two letters.
    pub country: String,
    /// State or province.
    pub state: String,
    /// City.
    pub locality: String,
    /// Who.
    pub organization: String,
    /// Which part of it.
    pub organizational_unit: String,
    /// The first name.
    pub common_name: String,
    /// All names that the certificate is to cover.
    pub sans: Vec<String>,
}

/// A request could not be made.
#[derive(Debug, Error)]
#[error("the signing request could not be made: {0}")]
pub struct RequestError(rcgen::Error);

/// Makes a key and a signing request: the request and the key, both PEM.
///
/// # Errors
/// [`RequestError`] when a name cannot stand in a certificate.
pub fn signing_request(
    subject: &Subject,
    kind: KeyType,
) -> Result<(String, Zeroizing<String>), RequestError> {
    let algorithm = match kind {
        KeyType::Rsa2048 => &rcgen::PKCS_RSA_SHA256,
        KeyType::P256v1 => &rcgen::PKCS_ECDSA_P256_SHA256,
    };
    let key = KeyPair::generate_for(algorithm).map_err(RequestError)?;
    let mut params = CertificateParams::new(subject.sans.clone()).map_err(RequestError)?;
    params.distinguished_name = DistinguishedName::new();
    for (kind, text) in [
        (DnType::CountryName, &subject.country),
        (DnType::StateOrProvinceName, &subject.state),
        (DnType::LocalityName, &subject.locality),
        (DnType::OrganizationName, &subject.organization),
        (DnType::OrganizationalUnitName, &subject.organizational_unit),
        (DnType::CommonName, &subject.common_name),
    ] {
        if !text.is_empty() {
            params.distinguished_name.push(kind, text.as_str());
        }
    }
    let request = params.serialize_request(&key).map_err(RequestError)?;
    let pem = request.pem().map_err(RequestError)?;
    Ok((pem, Zeroizing::new(key.serialize_pem())))
}
