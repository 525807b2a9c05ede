//! AES in the modes aws-lc-rs has: CBC with PKCS#7 padding, counter mode, and single blocks for GCM
//! and key wrapping.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, EncryptingKey,
    EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;

use super::Failure;

/// One block, the unit of all of AES.
pub(super) type Block = [u8; 16];

/// A key made ready for one of the modes.
///
/// # Errors
///
/// `OperationError` when it is not 16, 24 or 32 bytes long.
pub(super) fn unbound(key: &[u8]) -> Result<UnboundCipherKey, Failure> {
    let algorithm: &'static Algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return Err(Failure::operation("invalid key length")),
    };
    UnboundCipherKey::new(algorithm, key).map_err(|_| Failure::operation("invalid key"))
}

pub(super) fn encrypt_cbc(key: &[u8], iv: Block, mut data: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(unbound(key)?).map_err(encryption_failed)?;
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(&mut data, context)
        .map_err(encryption_failed)?;
    Ok(data)
}

/// All reasons to fail look alike, so that there is nothing to ask an oracle.
pub(super) fn decrypt_cbc(key: &[u8], iv: Block, mut data: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(unbound(key)?).map_err(decryption_failed)?;
    if data.is_empty() || !data.len().is_multiple_of(16) {
        return Err(decryption_failed(Unspecified));
    }
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let length = key
        .decrypt(&mut data, context)
        .map_err(decryption_failed)?
        .len();
    data.truncate(length);
    Ok(data)
}

/// Counter mode, where only the last `counter_bits` (1..=128) of the block count and the rest is a
/// nonce.
///
/// The library counts with all 128 bits; so the data is cut where the narrower counter wraps, at
/// most once.
///
/// # Errors
///
/// `OperationError` when the counter has no such width, or would come round to where it began
/// (W3C Web Cryptography API §25.7).
pub(super) fn ctr(
    key: &[u8],
    counter: Block,
    counter_bits: u32,
    mut data: Vec<u8>,
) -> Result<Vec<u8>, Failure> {
    if !(1..=128).contains(&counter_bits) {
        return Err(Failure::operation(
            "the counter length must be 1 to 128 bits",
        ));
    }
    let key = EncryptingKey::ctr(unbound(key)?).map_err(encryption_failed)?;
    let mask = u128::MAX >> (128 - counter_bits);
    let start = u128::from_be_bytes(counter);
    // One less than the number of blocks there are, respectively that fit before the wrap: 2^128
    // has no room.
    let last_block = (data.len().div_ceil(16) as u128).saturating_sub(1);
    let last_before_wrap = mask - (start & mask);
    if last_block > mask {
        return Err(Failure::operation("the counter would repeat"));
    }
    let cut = if last_block > last_before_wrap {
        (last_before_wrap as usize + 1) * 16
    } else {
        data.len()
    };
    let (before, after) = data.split_at_mut(cut);
    for (part, counter) in [(before, start), (after, start & !mask)] {
        let context = EncryptionContext::Iv128(FixedLength::from(counter.to_be_bytes()));
        if !part.is_empty() {
            key.less_safe_encrypt(part, context)
                .map_err(encryption_failed)?;
        }
    }
    Ok(data)
}

/// Encrypts single blocks.
pub(super) struct BlockEncryption(EncryptingKey);

impl BlockEncryption {
    pub(super) fn new(key: &[u8]) -> Result<Self, Failure> {
        EncryptingKey::ecb(unbound(key)?)
            .map(Self)
            .map_err(encryption_failed)
    }

    pub(super) fn apply(&self, block: &mut Block) -> Result<(), Failure> {
        self.0
            .less_safe_encrypt(block, EncryptionContext::None)
            .map(|_| ())
            .map_err(encryption_failed)
    }
}

/// Decrypts single blocks.
pub(super) struct BlockDecryption(DecryptingKey);

impl BlockDecryption {
    pub(super) fn new(key: &[u8]) -> Result<Self, Failure> {
        DecryptingKey::ecb(unbound(key)?)
            .map(Self)
            .map_err(decryption_failed)
    }

    pub(super) fn apply(&self, block: &mut Block) -> Result<(), Failure> {
        self.0
            .decrypt(block, DecryptionContext::None)
            .map(|_| ())
            .map_err(decryption_failed)
    }
}

fn encryption_failed(_: Unspecified) -> Failure {
    Failure::operation("Encryption failed")
}

fn decryption_failed(_: Unspecified) -> Failure {
    Failure::operation("Decryption failed")
}
