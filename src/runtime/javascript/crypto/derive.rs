//! Bits derived from a secret: HKDF, PBKDF2, ECDH.

use aws_lc_rs::hkdf;
use serde::Deserialize;
use sha2::Digest;

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

pub(super) fn bits(
    (key, public, derivation, salt): Arguments,
    may_go_on: &mut dyn FnMut() -> bool,
) -> Result<Reply, Failure> {
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
            may_go_on,
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
    may_go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<u8>, Failure> {
    if iterations == 0 {
        return Err(Failure::operation("iterations must not be zero"));
    }
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
    let rounds = Rounds {
        secret,
        salt,
        iterations,
        block_bytes: hash.block_bytes(),
    };
    match hash {
        Hash::Sha1 => rounds.run::<sha1::Sha1>(length, may_go_on),
        Hash::Sha256 => rounds.run::<sha2::Sha256>(length, may_go_on),
        Hash::Sha384 => rounds.run::<sha2::Sha384>(length, may_go_on),
        Hash::Sha512 => rounds.run::<sha2::Sha512>(length, may_go_on),
    }
    .ok_or_else(|| Failure::operation("the derivation was stopped"))
}

/// PBKDF2 (RFC 8018 §5.2), which can be stopped on its way: no library's can.
struct Rounds<'a> {
    secret: &'a [u8],
    salt: &'a [u8],
    iterations: u32,
    block_bytes: usize,
}

/// Of HMACs between two questions; a millisecond's worth.
const SLICE: u32 = 2_000;

impl Rounds<'_> {
    fn run<D: Digest + Clone>(
        &self,
        length: usize,
        may_go_on: &mut dyn FnMut() -> bool,
    ) -> Option<Vec<u8>> {
        let (inner, outer) = self.keyed::<D>();
        // RFC 2104, with the key's two blocks hashed once.
        let hmac = |parts: &[&[u8]]| {
            let mut inner = inner.clone();
            for part in parts {
                inner.update(part);
            }
            outer.clone().chain_update(inner.finalize()).finalize()
        };
        let mut out = vec![0; length];
        let mut since_asked = 0;
        for (number, block) in (1_u32..).zip(out.chunks_mut(<D as Digest>::output_size())) {
            let mut last = hmac(&[self.salt, &number.to_be_bytes()]);
            let mut sum = last.clone();
            for _ in 1..self.iterations {
                since_asked += 1;
                if since_asked == SLICE {
                    since_asked = 0;
                    if !may_go_on() {
                        return None;
                    }
                }
                last = hmac(&[&last]);
                sum.iter_mut()
                    .zip(&last)
                    .for_each(|(sum, byte)| *sum ^= byte);
            }
            block.copy_from_slice(sum.get(..block.len())?);
        }
        Some(out)
    }

    fn keyed<D: Digest + Clone>(&self) -> (D, D) {
        let mut key = vec![0; self.block_bytes];
        let hashed;
        let secret = match self.secret.len() > self.block_bytes {
            true => {
                hashed = D::digest(self.secret);
                &*hashed
            }
            false => self.secret,
        };
        for (place, byte) in key.iter_mut().zip(secret) {
            *place = *byte;
        }
        let padded = |pad: u8| {
            let block: Vec<u8> = key.iter().map(|byte| byte ^ pad).collect();
            D::new_with_prefix(block)
        };
        (padded(0x36), padded(0x5c))
    }
}
