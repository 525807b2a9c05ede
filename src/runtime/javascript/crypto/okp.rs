//! Ed25519 and X25519 (RFC 8032, RFC 7748): keys of 32 bytes, which JavaScript holds as they are.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::signature::{self, ED25519, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use der::asn1::ObjectIdentifier;
use spki::AlgorithmIdentifierRef;

use super::keys::Key;
use super::{Bytes, Failure, Nothing, Reply, basics, containers};

const KEY_BYTES: usize = 32;
/// The DER before a key of 32 bytes in an OCTET STRING (RFC 8410 §7).
const OCTET_STRING: [u8; 2] = [0x04, KEY_BYTES as u8];

/// The two curves, or rather the two uses of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Okp {
    Ed25519,
    X25519,
}

impl Okp {
    /// RFC 8410 §3: no parameters.
    fn algorithm(self) -> AlgorithmIdentifierRef<'static> {
        containers::plain(match self {
            Self::Ed25519 => ObjectIdentifier::new_unwrap("1.3.101.112"),
            Self::X25519 => ObjectIdentifier::new_unwrap("1.3.101.110"),
        })
    }

    fn public(self, private: &[u8]) -> Result<Vec<u8>, Failure> {
        let invalid = || Failure::data("Invalid key data");
        match self {
            Self::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(private).map_err(|_| invalid())?;
                Ok(pair.public_key().as_ref().to_vec())
            }
            Self::X25519 => {
                let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| invalid())?;
                Ok(key
                    .compute_public_key()
                    .map_err(|_| invalid())?
                    .as_ref()
                    .to_vec())
            }
        }
    }
}

/// A private key, which is any 32 random bytes, and its public one.
pub(super) fn generate(okp: Okp, []: Nothing) -> Result<Reply, Failure> {
    let private = basics::random(KEY_BYTES)?;
    let public = okp.public(&private)?;
    Ok(Reply::Pair(Bytes(private), Bytes(public)))
}

pub(super) fn sign((key, data): (Key, Bytes)) -> Result<Reply, Failure> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&key.data)
        .map_err(|_| Failure::operation("Failed to sign"))?;
    let signature = pair
        .try_sign(&data)
        .map_err(|_| Failure::operation("Failed to sign"))?;
    Ok(Reply::bytes(signature.as_ref()))
}

pub(super) fn verify((key, data, signature): (Key, Bytes, Bytes)) -> Result<Reply, Failure> {
    let key = signature::UnparsedPublicKey::new(&ED25519, &*key.data);
    Ok(Reply::Bool(key.verify(&data, &signature).is_ok()))
}

/// The shared secret, or null when it is all zeros: then the peer's point had a small order (RFC
/// 7748 §6.1).
pub(super) fn derive((private, public): (Key, Key)) -> Result<Reply, Failure> {
    if private.data.len() != KEY_BYTES || public.data.len() != KEY_BYTES {
        return Err(Failure::data("Invalid key data"));
    }
    let private = PrivateKey::from_private_key(&X25519, &private.data)
        .map_err(|_| Failure::data("Invalid key data"))?;
    let public = UnparsedPublicKey::new(&X25519, &*public.data);
    let secret = agreement::agree(&private, public, (), |secret| Ok(secret.to_vec()));
    Ok(Reply::bytes_or_null(secret.ok()))
}

/// The key in an SPKI, or null when it is no such thing.
pub(super) fn import_spki(okp: Okp, (der,): (Bytes,)) -> Result<Reply, Failure> {
    let key = containers::public_key(&der, okp.algorithm())
        .ok()
        .filter(|key| key.len() == KEY_BYTES);
    Ok(Reply::bytes_or_null(key))
}

/// The key in a PKCS#8, or null when it is no such thing.
pub(super) fn import_pkcs8(okp: Okp, (der,): (Bytes,)) -> Result<Reply, Failure> {
    let key = containers::private_key(&der, okp.algorithm())
        .ok()
        .and_then(|key| key.strip_prefix(&OCTET_STRING))
        .filter(|key| key.len() == KEY_BYTES);
    Ok(Reply::bytes_or_null(key))
}

pub(super) fn export_spki(okp: Okp, (key,): (Bytes,)) -> Result<Reply, Failure> {
    if key.len() != KEY_BYTES {
        return Err(Failure::data("Invalid key data"));
    }
    Ok(Reply::bytes(containers::spki(okp.algorithm(), &key)?))
}

/// JavaScript sends the key after two bytes of its own, `04 22`, and mends the second in the
/// result; ours comes whole.
pub(super) fn export_pkcs8(okp: Okp, (prefixed,): (Bytes,)) -> Result<Reply, Failure> {
    let key = prefixed
        .get(OCTET_STRING.len()..)
        .filter(|key| key.len() == KEY_BYTES);
    let key = key.ok_or_else(|| Failure::data("Invalid key data"))?;
    Ok(Reply::bytes(containers::pkcs8(
        okp.algorithm(),
        &[&OCTET_STRING, key].concat(),
    )?))
}

/// The public key of a private one, in base64url: the member `x` of a JSON Web Key (RFC 8037 §2).
pub(super) fn public_key(okp: Okp, (private,): (Bytes,)) -> Result<Reply, Failure> {
    Ok(Reply::Text(
        BASE64_URL_SAFE_NO_PAD.encode(okp.public(&private)?),
    ))
}
