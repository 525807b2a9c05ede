//! ECDSA and ECDH on P-256, P-384 and P-521.
//!
//! A private key is PKCS#8, a public one an uncompressed point (SEC 1 §2.3.3). The public key of a
//! generated pair comes as the private one, for JavaScript stores the pair once.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair, UnparsedPublicKey,
};
use der::asn1::ObjectIdentifier;

use super::Failure;
use super::digest::Hash;
use super::keys::{Key, KeyKind};

/// A curve of NIST's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// # Errors
    ///
    /// `NotSupportedError` for all other names.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "P-256" => Ok(Self::P256),
            "P-384" => Ok(Self::P384),
            "P-521" => Ok(Self::P521),
            _ => Err(Failure::not_supported(format!(
                "Unsupported named curve {name}"
            ))),
        }
    }

    /// RFC 5480 §2.1.1.1.
    pub(super) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        }
    }

    /// How long a coordinate or a private key is.
    pub(super) fn field_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The library signs on each curve with the hash of its strength; [`Self::prehash`] brings the
    /// others in.
    fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }

    pub(super) fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::P521 => &ECDSA_P521_SHA512_FIXED,
        }
    }

    fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
        }
    }

    /// Reads a private key.
    ///
    /// # Errors
    ///
    /// `DataError` when it is malformed, for another curve, or its public half is not its own.
    pub(super) fn pair(self, pkcs8: &[u8]) -> Result<EcdsaKeyPair, Failure> {
        EcdsaKeyPair::from_pkcs8(self.signing(), pkcs8)
            .map_err(|_| Failure::data("invalid key data"))
    }

    /// Puts a private key and its point together.
    ///
    /// # Errors
    ///
    /// `DataError` when they do not belong together.
    pub(super) fn pair_of(self, private: &[u8], point: &[u8]) -> Result<EcdsaKeyPair, Failure> {
        EcdsaKeyPair::from_private_key_and_public_key(self.signing(), private, point)
            .map_err(|_| Failure::data("invalid JWK private key"))
    }

    /// The point of a key of either half.
    ///
    /// # Errors
    ///
    /// `InvalidAccessError` when it is a secret, `DataError` when it is malformed.
    pub(super) fn point(self, key: &Key) -> Result<Vec<u8>, Failure> {
        match key.kind {
            KeyKind::Public => Ok(key.data.to_vec()),
            KeyKind::Private => Ok(self.pair(&key.data)?.public_key().as_ref().to_vec()),
            KeyKind::Secret | KeyKind::Raw => Err(Failure::invalid_access("expected public key")),
        }
    }

    /// Hashes with any hash, and makes the result as long as that of the curve's own.
    ///
    /// ECDSA takes the hash as a number, of which it uses the first bits, as many as the curve has
    /// (FIPS 186-5 §6.4.1, step 2). So a longer hash may be cut to the curve's and a shorter one
    /// led in by zeros: the number is the same.
    fn prehash(self, hash: Hash, data: &[u8]) -> Result<Digest, Failure> {
        let own = match self {
            Self::P256 => &digest::SHA256,
            Self::P384 => &digest::SHA384,
            Self::P521 => &digest::SHA512,
        };
        let mut hashed = hash.digest(data);
        hashed.truncate(own.output_len());
        let mut number = vec![0; own.output_len() - hashed.len()];
        number.append(&mut hashed);
        Digest::import_less_safe(&number, own).map_err(|_| Failure::operation("Failed to hash"))
    }
}

pub(super) fn generate(curve: Curve) -> Result<Vec<u8>, Failure> {
    let failed = |_| Failure::operation("Failed to generate EC key");
    let pair = EcdsaKeyPair::generate(curve.signing()).map_err(failed)?;
    Ok(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec())
}

/// The signature is `r ‖ s` (IEEE P1363), not DER.
pub(super) fn sign(curve: Curve, key: &Key, hash: Hash, data: &[u8]) -> Result<Vec<u8>, Failure> {
    let pair = curve.pair(key.private()?)?;
    let signature = pair
        .sign_digest(&curve.prehash(hash, data)?)
        .map_err(|_| Failure::operation("Failed to sign"))?;
    Ok(signature.as_ref().to_vec())
}

pub(super) fn verify(
    curve: Curve,
    key: &Key,
    hash: Hash,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, Failure> {
    let point = curve.point(key)?;
    let key = UnparsedPublicKey::new(curve.verification(), &point);
    Ok(key
        .verify_digest(&curve.prehash(hash, data)?, signature)
        .is_ok())
}

/// The shared secret: the x coordinate, whole.
pub(super) fn agree(curve: Curve, private: &Key, public: &Key) -> Result<Vec<u8>, Failure> {
    let failed = || Failure::operation("Failed to derive bits");
    let point = curve.point(public)?;
    let private = PrivateKey::from_private_key_der(curve.agreement(), private.private()?)
        .map_err(|_| failed())?;
    let public = agreement::UnparsedPublicKey::new(curve.agreement(), &point);
    agreement::agree(&private, public, failed(), |secret| Ok(secret.to_vec()))
}
