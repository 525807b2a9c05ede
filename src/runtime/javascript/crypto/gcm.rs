//! AES-GCM (NIST SP 800-38D) with every IV and tag length Web Cryptography has.
//!
//! aws-lc-rs does the common case, a 96-bit IV and a full tag, in one fast pass. For the rest the
//! pieces are put together here: its counter mode, and ghash for the authentication.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

use super::Failure;
use super::aes::{self, Block, BlockEncryption};

const TAG_BYTES: usize = 16;
/// Longer IVs are allowed by the standard and used by nobody.
const IV_BYTES_MAX: usize = 65_536;

/// Encrypts, and appends the tag's first `tag_bits`.
///
/// # Errors
///
/// `OperationError` when a length is not one GCM has.
pub(super) fn seal(
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    tag_bits: usize,
    data: Vec<u8>,
) -> Result<Vec<u8>, Failure> {
    let tag_bytes = tag_bytes(tag_bits)?;
    if let Some(nonce) = nonce(iv) {
        let mut data = data;
        fast(key)?
            .seal_in_place_append_tag(nonce, Aad::from(aad), &mut data)
            .map_err(|_| Failure::operation("Encryption failed"))?;
        // A shorter tag is the beginning of the full one (SP 800-38D §7.1, step 6).
        data.truncate(data.len() - (TAG_BYTES - tag_bytes));
        return Ok(data);
    }
    let pieces = Pieces::new(key, iv)?;
    let mut data = pieces.apply_counter(data)?;
    let tag = pieces.tag(aad, &data)?;
    data.extend_from_slice(&tag[..tag_bytes]);
    Ok(data)
}

/// Checks the tag at the end of `data`, then decrypts the rest.
///
/// # Errors
///
/// `OperationError` when the tag is wrong or a length is not one GCM has.
pub(super) fn open(
    key: &[u8],
    iv: &[u8],
    aad: &[u8],
    tag_bits: usize,
    mut data: Vec<u8>,
) -> Result<Vec<u8>, Failure> {
    let failed = || Failure::operation("Decryption failed");
    let tag_bytes = tag_bytes(tag_bits)?;
    let length = data.len().checked_sub(tag_bytes).ok_or_else(failed)?;
    if tag_bytes == TAG_BYTES
        && let Some(nonce) = nonce(iv)
    {
        fast(key)?
            .open_in_place(nonce, Aad::from(aad), &mut data)
            .map_err(|_| failed())?;
        data.truncate(length);
        return Ok(data);
    }
    let pieces = Pieces::new(key, iv)?;
    let tag = data.split_off(length);
    let expected = pieces.tag(aad, &data)?;
    constant_time::verify_slices_are_equal(&expected[..tag_bytes], &tag).map_err(|_| failed())?;
    pieces.apply_counter(data)
}

fn tag_bytes(bits: usize) -> Result<usize, Failure> {
    match bits {
        32 | 64 | 96 | 104 | 112 | 120 | 128 => Ok(bits / 8),
        _ => Err(Failure::operation("invalid tag length")),
    }
}

fn nonce(iv: &[u8]) -> Option<Nonce> {
    Nonce::try_assume_unique_for_key(iv).ok()
}

fn fast(key: &[u8]) -> Result<LessSafeKey, Failure> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        24 => &AES_192_GCM,
        32 => &AES_256_GCM,
        _ => return Err(Failure::operation("invalid key length")),
    };
    let key = UnboundKey::new(algorithm, key).map_err(|_| Failure::operation("invalid key"))?;
    Ok(LessSafeKey::new(key))
}

/// GCM taken apart; the names are those of SP 800-38D.
struct Pieces<'a> {
    key: &'a [u8],
    /// Keyed with H, the encryption of a block of zeros.
    ghash: GHash,
    /// J0, the counter before the first.
    first_counter: Block,
}

impl<'a> Pieces<'a> {
    fn new(key: &'a [u8], iv: &[u8]) -> Result<Self, Failure> {
        if iv.is_empty() || iv.len() > IV_BYTES_MAX {
            return Err(Failure::operation("invalid initialization vector length"));
        }
        let mut h = Block::default();
        BlockEncryption::new(key)?.apply(&mut h)?;
        let ghash = GHash::new(&h.into());
        let first_counter = if let Ok(iv) = <&[u8; 12]>::try_from(iv) {
            let mut block = Block::default();
            block[..12].copy_from_slice(iv);
            block[15] = 1;
            block
        } else {
            hashed(ghash.clone(), &[], iv)
        };
        Ok(Self {
            key,
            ghash,
            first_counter,
        })
    }

    /// GCTR from the second counter on; its counter is the last 32 bits.
    fn apply_counter(&self, data: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let mut counter = self.first_counter;
        let (_, low) = counter
            .split_last_chunk_mut::<4>()
            .ok_or_else(|| Failure::operation("Encryption failed"))?;
        *low = u32::from_be_bytes(*low).wrapping_add(1).to_be_bytes();
        aes::ctr(self.key, counter, 32, data)
    }

    fn tag(&self, aad: &[u8], ciphertext: &[u8]) -> Result<Block, Failure> {
        let mut mask = self.first_counter;
        BlockEncryption::new(self.key)?.apply(&mut mask)?;
        let hash = hashed(self.ghash.clone(), aad, ciphertext);
        Ok((u128::from_be_bytes(mask) ^ u128::from_be_bytes(hash)).to_be_bytes())
    }
}

/// Two texts, each filled up with zeros to whole blocks, then both their lengths in bits.
fn hashed(mut ghash: GHash, first: &[u8], second: &[u8]) -> Block {
    let bits = |text: &[u8]| (text.len() as u64).wrapping_mul(8).to_be_bytes();
    let mut lengths = Block::default();
    lengths[..8].copy_from_slice(&bits(first));
    lengths[8..].copy_from_slice(&bits(second));
    ghash.update_padded(first);
    ghash.update_padded(second);
    ghash.update(&[lengths.into()]);
    ghash.finalize().into()
}
