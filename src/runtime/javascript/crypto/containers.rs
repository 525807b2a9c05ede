//! The two containers of keys: `SubjectPublicKeyInfo` (RFC 5280 §4.1) and `PrivateKeyInfo` (PKCS#8,
//! RFC 5208).

use der::Encode;
use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use pkcs8::PrivateKeyInfoRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::Failure;

/// The key inside an SPKI which says exactly `algorithm`.
///
/// # Errors
///
/// `DataError` when it is malformed or for another algorithm.
pub(super) fn public_key<'a>(
    der: &'a [u8],
    algorithm: AlgorithmIdentifierRef<'_>,
) -> Result<&'a [u8], Failure> {
    let info =
        SubjectPublicKeyInfoRef::try_from(der).map_err(|_| Failure::data("invalid SPKI data"))?;
    if info.algorithm != algorithm {
        return Err(Failure::data("the SPKI data is for another algorithm"));
    }
    info.subject_public_key
        .as_bytes()
        .ok_or_else(|| Failure::data("invalid SPKI data"))
}

/// The key inside a PKCS#8 which says exactly `algorithm`.
///
/// # Errors
///
/// `DataError` when it is malformed or for another algorithm.
pub(super) fn private_key<'a>(
    der: &'a [u8],
    algorithm: AlgorithmIdentifierRef<'_>,
) -> Result<&'a [u8], Failure> {
    let info =
        PrivateKeyInfoRef::try_from(der).map_err(|_| Failure::data("invalid PKCS#8 data"))?;
    if info.algorithm != algorithm {
        return Err(Failure::data("the PKCS#8 data is for another algorithm"));
    }
    Ok(info.private_key.as_bytes())
}

/// An SPKI around a public key.
///
/// # Errors
///
/// `OperationError` when the key is too long to encode.
pub(super) fn spki(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<Vec<u8>, Failure> {
    let encode = || {
        SubjectPublicKeyInfoRef {
            algorithm,
            subject_public_key: BitStringRef::from_bytes(key)?,
        }
        .to_der()
    };
    encode().map_err(|_: der::Error| Failure::operation("Failed to export key"))
}

/// A PKCS#8 around a private key.
///
/// # Errors
///
/// `OperationError` when the key is too long to encode.
pub(super) fn pkcs8(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<Vec<u8>, Failure> {
    let encode = || PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key)?).to_der();
    encode().map_err(|_: der::Error| Failure::operation("Failed to export key"))
}

/// An algorithm that needs no parameters.
pub(super) const fn plain(oid: der::asn1::ObjectIdentifier) -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef {
        oid,
        parameters: None,
    }
}

/// An algorithm whose parameter is an object identifier.
pub(super) fn with_oid<'a>(
    oid: der::asn1::ObjectIdentifier,
    parameter: &'a der::asn1::ObjectIdentifier,
) -> AlgorithmIdentifierRef<'a> {
    AlgorithmIdentifierRef {
        oid,
        parameters: Some(AnyRef::from(parameter)),
    }
}
