//! Signing and verifying: which scheme is asked for, then its file. HMAC is short enough to live
//! here.

use aws_lc_rs::hmac;
use serde::Deserialize;

use super::digest::Hash;
use super::ec::Curve;
use super::keys::Key;
use super::{Bytes, Failure, Reply, arguments, ec, rsa};

/// The options of both operations; `signature` belongs to `verify`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Options {
    algorithm: String,
    hash: String,
    salt_length: Option<u32>,
    named_curve: Option<String>,
    signature: Option<Bytes>,
}

/// A scheme with all it needs.
enum Scheme {
    Pkcs1(Hash),
    Pss(Hash, u32),
    Ecdsa(Hash, Curve),
    Hmac(Hash),
}

impl Options {
    fn scheme(&self) -> Result<Scheme, Failure> {
        let hash = Hash::named(&self.hash)?;
        match (self.algorithm.as_str(), self.salt_length, &self.named_curve) {
            ("RSASSA-PKCS1-v1_5", _, _) => Ok(Scheme::Pkcs1(hash)),
            ("RSA-PSS", Some(salt_bytes), _) => Ok(Scheme::Pss(hash, salt_bytes)),
            ("RSA-PSS", None, _) => Err(Failure::type_error("Missing argument saltLength")),
            ("ECDSA", _, Some(curve)) => Ok(Scheme::Ecdsa(hash, Curve::named(curve)?)),
            ("ECDSA", _, None) => Err(Failure::type_error("Missing argument namedCurve")),
            ("HMAC", _, _) => Ok(Scheme::Hmac(hash)),
            (other, _, _) => Err(Failure::not_supported(format!(
                "signatures with {other} are not supported"
            ))),
        }
    }
}

pub(super) fn sign((key, options, data): (Key, Options, Bytes)) -> Result<Reply, Failure> {
    Ok(Reply::bytes(match options.scheme()? {
        Scheme::Pkcs1(hash) => rsa::sign_pkcs1(&key, hash, &data)?,
        Scheme::Pss(hash, salt_bytes) => rsa::sign_pss(&key, hash, salt_bytes, &data)?,
        Scheme::Ecdsa(hash, curve) => ec::sign(curve, &key, hash, &data)?,
        Scheme::Hmac(hash) => {
            let key = hmac::Key::new(hash.hmac(), key.secret()?);
            hmac::sign(&key, &data).as_ref().to_vec()
        }
    }))
}

/// Whether what `sign` makes of these arguments differs from one time to the next.
pub(super) fn is_random(bytes: &[u8]) -> bool {
    arguments::<(Key, Options, Bytes)>(bytes)
        .is_ok_and(|(_, options, _)| matches!(&*options.algorithm, "ECDSA" | "RSA-PSS"))
}

pub(super) fn verify((key, options, data): (Key, Options, Bytes)) -> Result<Reply, Failure> {
    let signature = options
        .signature
        .as_deref()
        .ok_or_else(|| Failure::type_error("Missing argument signature"))?;
    Ok(Reply::Bool(match options.scheme()? {
        Scheme::Pkcs1(hash) => rsa::verify_pkcs1(&key, hash, &data, signature)?,
        Scheme::Pss(hash, salt_bytes) => rsa::verify_pss(&key, hash, salt_bytes, &data, signature)?,
        Scheme::Ecdsa(hash, curve) => ec::verify(curve, &key, hash, &data, signature)?,
        Scheme::Hmac(hash) => {
            let key = hmac::Key::new(hash.hmac(), key.secret()?);
            hmac::verify(&key, &data, signature).is_ok()
        }
    }))
}
