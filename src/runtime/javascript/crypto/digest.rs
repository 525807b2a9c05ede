//! Hashes: which there are, at once, and in pieces for `crypto.DigestStream`.
//!
//! A digest in pieces keeps its state in the guest, as bytes. A guest that forges them fools only
//! itself: a state is checked when it is read, and any that passes is one some message could have
//! led to.

use aws_lc_rs::hmac;
use sha2::Digest;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};

use super::{Bytes, Failure, Reply};

/// A hash that signatures, HMAC and key derivation may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Finds the hash with a name, as `normalizeAlgorithm` leaves it.
    ///
    /// # Errors
    ///
    /// `NotSupportedError` for all others, among them SHA-3 (which Deno has and Cloudflare has not)
    /// and MD5.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "SHA-1" => Ok(Self::Sha1),
            "SHA-256" => Ok(Self::Sha256),
            "SHA-384" => Ok(Self::Sha384),
            "SHA-512" => Ok(Self::Sha512),
            _ => Err(Failure::not_supported(format!(
                "hash {name} is not supported"
            ))),
        }
    }

    pub(super) fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1::Sha1::digest(data).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(data).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(data).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(data).to_vec(),
        }
    }

    pub(super) fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    pub(super) fn block_bytes(self) -> usize {
        self.hmac().digest_algorithm().block_len()
    }

    pub(super) fn output_bytes(self) -> usize {
        self.hmac().digest_algorithm().output_len()
    }
}

/// What `digest` takes: a [`enum@Hash`], or MD5, which Cloudflare allows here and nowhere else.
enum Digestible {
    Hash(Hash),
    Md5,
}

impl Digestible {
    fn named(name: &str) -> Result<Self, Failure> {
        if name == "MD5" {
            Ok(Self::Md5)
        } else {
            Hash::named(name).map(Self::Hash)
        }
    }
}

pub(super) fn digest((name, data): (String, Bytes)) -> Result<Reply, Failure> {
    Ok(Reply::bytes(match Digestible::named(&name)? {
        Digestible::Hash(hash) => hash.digest(&data),
        Digestible::Md5 => md5::Md5::digest(&*data).to_vec(),
    }))
}

pub(super) fn update(
    (name, state, chunk): (String, Option<Bytes>, Bytes),
) -> Result<Reply, Failure> {
    fn updated<D: Digest + SerializableState>(
        state: Option<Bytes>,
        chunk: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let mut digest = restored::<D>(state)?;
        digest.update(chunk);
        Ok(digest.serialize().to_vec())
    }
    Ok(Reply::bytes(match Digestible::named(&name)? {
        Digestible::Hash(Hash::Sha1) => updated::<sha1::Sha1>(state, &chunk),
        Digestible::Hash(Hash::Sha256) => updated::<sha2::Sha256>(state, &chunk),
        Digestible::Hash(Hash::Sha384) => updated::<sha2::Sha384>(state, &chunk),
        Digestible::Hash(Hash::Sha512) => updated::<sha2::Sha512>(state, &chunk),
        Digestible::Md5 => updated::<md5::Md5>(state, &chunk),
    }?))
}

pub(super) fn finish((name, state): (String, Option<Bytes>)) -> Result<Reply, Failure> {
    fn finished<D: Digest + SerializableState>(state: Option<Bytes>) -> Result<Vec<u8>, Failure> {
        Ok(restored::<D>(state)?.finalize().to_vec())
    }
    Ok(Reply::bytes(match Digestible::named(&name)? {
        Digestible::Hash(Hash::Sha1) => finished::<sha1::Sha1>(state),
        Digestible::Hash(Hash::Sha256) => finished::<sha2::Sha256>(state),
        Digestible::Hash(Hash::Sha384) => finished::<sha2::Sha384>(state),
        Digestible::Hash(Hash::Sha512) => finished::<sha2::Sha512>(state),
        Digestible::Md5 => finished::<md5::Md5>(state),
    }?))
}

/// The digest whose state was put away, or a new one.
fn restored<D: Digest + SerializableState>(state: Option<Bytes>) -> Result<D, Failure> {
    let Some(state) = state else {
        return Ok(D::new());
    };
    SerializedState::<D>::try_from(&*state)
        .ok()
        .and_then(|state| D::deserialize(&state).ok())
        .ok_or_else(|| Failure::type_error("invalid digest state"))
}
