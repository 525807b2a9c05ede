//! Bits derived from a secret: HKDF, PBKDF2, ECDH.

use std::num::NonZeroU32;

use aws_lc_rs::{hkdf, pbkdf2};
use serde::Deserialize;

use super::digest::Hash;
use super::ec::{self, Curve};
use super::keys::Key;
use super::{Bytes, Failure, Reply};

/// Cloudflare's bound (Cloudflare docs: Web Crypto, PBKDF2).
const ITERATIONS_MAX: u32 = 100_000;
/// Each block of output costs all iterations again, so the bound on them alone would bound nothing.
/// Eight blocks at full price are more than any algorithm's key takes (HMAC with SHA-512: 1024
/// bits, seven blocks of SHA-1).
const HMACS_MAX: u64 = 8 * ITERATIONS_MAX as u64;

/// What to derive with. Lengths are in bits.
#[derive(Deserialize)]
#[serde(
    tag = "algorithm",
    deny_unknown_fields,
    rename_all_fields = "camelCase"
)]
pub(super) enum Derivation {
    #[serde(rename = "HKDF")]
    Hkdf {
        hash: String,
        info: Bytes,
        length: usize,
    },
    #[serde(rename = "PBKDF2")]
    Pbkdf2 {
        hash: String,
        iterations: u32,
        length: usize,
    },
    /// Gives the whole secret whatever the length: JavaScript cuts it.
    #[serde(rename = "ECDH")]
    Ecdh {
        named_curve: String,
        #[serde(rename = "length")]
        _length: usize,
    },
    #[serde(other)]
    Unsupported,
}

type Arguments = (Key, Option<Key>, Derivation, Option<Bytes>);

pub(super) fn bits((key, public, derivation, salt): Arguments) -> Result<Reply, Failure> {
    let salt = || {
        salt.as_deref()
            .ok_or_else(|| Failure::type_error("Missing argument salt"))
    };
    Ok(Reply::bytes(match derivation {
        Derivation::Hkdf { hash, info, length } => derive_hkdf(
            Hash::named(&hash)?,
            key.secret()?,
            salt()?,
            &info,
            bytes(length)?,
        )?,
        Derivation::Pbkdf2 {
            hash,
            iterations,
            length,
        } => derive_pbkdf2(
            Hash::named(&hash)?,
            key.secret()?,
            salt()?,
            iterations,
            bytes(length)?,
        )?,
        Derivation::Ecdh { named_curve, .. } => {
            let public = public.ok_or_else(|| Failure::type_error("Missing argument publicKey"))?;
            ec::agree(Curve::named(&named_curve)?, &key, &public)?
        }
        Derivation::Unsupported => {
            return Err(Failure::not_supported("this derivation is not supported"));
        }
    }))
}

fn bytes(bits: usize) -> Result<usize, Failure> {
    if bits == 0 || !bits.is_multiple_of(8) {
        return Err(Failure::operation(
            "the length must be a multiple of 8 bits, and not zero",
        ));
    }
    Ok(bits / 8)
}

/// How long the output is to be, as the library wants to be told.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive_hkdf(
    hash: Hash,
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    length: usize,
) -> Result<Vec<u8>, Failure> {
    let algorithm = match hash {
        Hash::Sha1 => hkdf::HKDF_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hkdf::HKDF_SHA256,
        Hash::Sha384 => hkdf::HKDF_SHA384,
        Hash::Sha512 => hkdf::HKDF_SHA512,
    };
    let too_large = |_| Failure::operation("The length provided for HKDF is too large");
    let extracted = hkdf::Salt::new(algorithm, salt).extract(secret);
    let info = [info];
    let expanded = extracted.expand(&info, Length(length)).map_err(too_large)?;
    let mut out = vec![0; length];
    expanded.fill(&mut out).map_err(too_large)?;
    Ok(out)
}

fn derive_pbkdf2(
    hash: Hash,
    secret: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Result<Vec<u8>, Failure> {
    let rounds = NonZeroU32::new(iterations)
        .ok_or_else(|| Failure::operation("iterations must not be zero"))?;
    if iterations > ITERATIONS_MAX {
        return Err(Failure::not_supported(format!(
            "PBKDF2 iteration counts above {ITERATIONS_MAX} are not supported (requested {iterations})"
        )));
    }
    let blocks = length.div_ceil(hash.output_bytes()) as u64;
    if blocks.saturating_mul(iterations.into()) > HMACS_MAX {
        return Err(Failure::not_supported(format!(
            "PBKDF2 with {iterations} iterations for {length} bytes is not supported: ask for fewer of either"
        )));
    }
    let algorithm = match hash {
        Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let mut out = vec![0; length];
    pbkdf2::derive(algorithm, rounds, salt, secret, &mut out);
    Ok(out)
}
