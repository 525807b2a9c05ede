//! RSA: PKCS#1 v1.5 and PSS signatures, OAEP, key generation.
//!
//! A private key is PKCS#8, a public one SPKI. The public key of a generated pair comes as the
//! private one, for JavaScript stores the pair once. aws-lc-rs has no signatures with SHA-1, but
//! for checking PKCS#1 v1.5 ones.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaParameters, RsaPssSaltLength,
    RsaSignatureEncoding, UnparsedPublicKey,
};

use super::digest::Hash;
use super::keys::Key;
use super::{Failure, rsa_keys};

/// Makes a key. The sizes are the library's, up to 4096 bits: each doubling costs tenfold.
///
/// # Errors
///
/// `OperationError` for an exponent other than 65537, `NotSupportedError` for another size.
pub(super) fn generate(modulus_bits: u32, public_exponent: &[u8]) -> Result<Vec<u8>, Failure> {
    let significant = public_exponent
        .iter()
        .position(|&byte| byte != 0)
        .unwrap_or(public_exponent.len());
    if public_exponent[significant..] != [1, 0, 1] {
        return Err(Failure::operation(
            "Bad public exponent: only 65537 is supported",
        ));
    }
    let size = match modulus_bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => {
            return Err(Failure::not_supported(format!(
                "RSA keys can be generated with 2048, 3072 or 4096 bits, not {modulus_bits}"
            )));
        }
    };
    let failed = |_| Failure::operation("Failed to generate RSA key");
    let der: Pkcs8V1Der<'static> = KeyPair::generate(size)
        .map_err(failed)?
        .as_der()
        .map_err(failed)?;
    Ok(der.as_ref().to_vec())
}

pub(super) fn sign_pkcs1(key: &Key, hash: Hash, data: &[u8]) -> Result<Vec<u8>, Failure> {
    let encoding = match hash {
        Hash::Sha1 => return Err(sha1_unsupported()),
        Hash::Sha256 => &RSA_PKCS1_SHA256,
        Hash::Sha384 => &RSA_PKCS1_SHA384,
        Hash::Sha512 => &RSA_PKCS1_SHA512,
    };
    sign(key, encoding, data)
}

pub(super) fn verify_pkcs1(
    key: &Key,
    hash: Hash,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, Failure> {
    let parameters = match hash {
        Hash::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
    };
    verify(key, parameters, data, signature)
}

/// # Errors
///
/// `OperationError` also when the salt is longer than the key has room for.
pub(super) fn sign_pss(
    key: &Key,
    hash: Hash,
    salt_bytes: u32,
    data: &[u8],
) -> Result<Vec<u8>, Failure> {
    let encodings = match hash {
        Hash::Sha1 => return Err(sha1_unsupported()),
        Hash::Sha256 => &PSS.sign_sha256,
        Hash::Sha384 => &PSS.sign_sha384,
        Hash::Sha512 => &PSS.sign_sha512,
    };
    let encoding = encodings
        .get(salt_bytes as usize)
        .ok_or_else(|| Failure::operation("the salt is too long"))?;
    sign(key, encoding, data)
}

pub(super) fn verify_pss(
    key: &Key,
    hash: Hash,
    salt_bytes: u32,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, Failure> {
    let parameters = match hash {
        Hash::Sha1 => return Err(sha1_unsupported()),
        Hash::Sha256 => &PSS.verify_sha256,
        Hash::Sha384 => &PSS.verify_sha384,
        Hash::Sha512 => &PSS.verify_sha512,
    };
    match parameters.get(salt_bytes as usize) {
        Some(parameters) => verify(key, parameters, data, signature),
        // No key we use has room for such a salt, so no signature has it.
        None => Ok(false),
    }
}

/// PSS with each length of salt. The library wants its parameters `'static` and the guest names the
/// length, so there is one of each: 6 tables of 1024 entries, 200 KB, made when the first is used.
struct Pss {
    sign_sha256: Vec<RsaSignatureEncoding>,
    sign_sha384: Vec<RsaSignatureEncoding>,
    sign_sha512: Vec<RsaSignatureEncoding>,
    verify_sha256: Vec<RsaParameters>,
    verify_sha384: Vec<RsaParameters>,
    verify_sha512: Vec<RsaParameters>,
}

static PSS: LazyLock<Pss> = LazyLock::new(|| {
    /// A key of 8192 bits, the largest we use, has room for 990 bytes beside SHA-256.
    fn table<T>(entry: impl Fn(RsaPssSaltLength) -> T) -> Vec<T> {
        (0..1024)
            .map(|bytes| entry(RsaPssSaltLength::Custom(bytes)))
            .collect()
    }
    Pss {
        sign_sha256: table(|salt| RSA_PSS_SHA256.with_pss_salt_length(salt)),
        sign_sha384: table(|salt| RSA_PSS_SHA384.with_pss_salt_length(salt)),
        sign_sha512: table(|salt| RSA_PSS_SHA512.with_pss_salt_length(salt)),
        verify_sha256: table(|salt| RSA_PSS_2048_8192_SHA256.with_pss_salt_length(salt)),
        verify_sha384: table(|salt| RSA_PSS_2048_8192_SHA384.with_pss_salt_length(salt)),
        verify_sha512: table(|salt| RSA_PSS_2048_8192_SHA512.with_pss_salt_length(salt)),
    }
});

fn sign(
    key: &Key,
    encoding: &'static RsaSignatureEncoding,
    data: &[u8],
) -> Result<Vec<u8>, Failure> {
    let pair = KeyPair::from_pkcs8(rsa_keys::usable_private(key)?)
        .map_err(|_| Failure::data("invalid key data"))?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), data, &mut signature)
        .map_err(|_| Failure::operation("Failed to sign"))?;
    Ok(signature)
}

fn verify(
    key: &Key,
    parameters: &'static RsaParameters,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, Failure> {
    let spki = rsa_keys::usable_public(key)?;
    Ok(UnparsedPublicKey::new(parameters, &spki)
        .verify(data, signature)
        .is_ok())
}

pub(super) fn encrypt_oaep(
    key: &Key,
    hash: Hash,
    label: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Failure> {
    let failed = || Failure::operation("Encryption failed");
    let key =
        PublicEncryptingKey::from_der(&rsa_keys::usable_public(key)?).map_err(|_| failed())?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| failed())?;
    let mut out = vec![0; key.ciphertext_size()];
    let length = key
        .encrypt(oaep(hash), data, &mut out, Some(label))
        .map_err(|_| failed())?
        .len();
    out.truncate(length);
    Ok(out)
}

pub(super) fn decrypt_oaep(
    key: &Key,
    hash: Hash,
    label: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Failure> {
    let failed = || Failure::operation("Decryption failed");
    let key =
        PrivateDecryptingKey::from_pkcs8(rsa_keys::usable_private(key)?).map_err(|_| failed())?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(|_| failed())?;
    let mut out = vec![0; key.min_output_size()];
    let length = key
        .decrypt(oaep(hash), data, &mut out, Some(label))
        .map_err(|_| failed())?
        .len();
    out.truncate(length);
    Ok(out)
}

fn oaep(hash: Hash) -> &'static OaepAlgorithm {
    match hash {
        Hash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        Hash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        Hash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        Hash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}

fn sha1_unsupported() -> Failure {
    Failure::not_supported("RSA signatures with SHA-1 are not supported")
}
