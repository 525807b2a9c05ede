//! Encryption and decryption: which cipher is asked for, then its file.

use serde::Deserialize;

use super::digest::Hash;
use super::keys::Key;
use super::{Bytes, Failure, Reply, aes, arguments, gcm, rsa};

/// The options of both operations. Lengths are in bits.
#[derive(Deserialize)]
#[serde(
    tag = "algorithm",
    deny_unknown_fields,
    rename_all_fields = "camelCase"
)]
pub(super) enum Cipher {
    #[serde(rename = "RSA-OAEP")]
    RsaOaep { hash: String, label: Bytes },
    #[serde(rename = "AES-CBC")]
    AesCbc { iv: Bytes, length: usize },
    #[serde(rename = "AES-CTR")]
    AesCtr {
        counter: Bytes,
        ctr_length: u32,
        key_length: usize,
    },
    #[serde(rename = "AES-GCM")]
    AesGcm {
        iv: Bytes,
        additional_data: Option<Bytes>,
        length: usize,
        tag_length: usize,
    },
    /// AES-OCB, ChaCha20-Poly1305 and whatever comes.
    #[serde(other)]
    Unsupported,
}

/// Whether what `encrypt` makes of these arguments differs from one time to the next.
pub(super) fn is_random(bytes: &[u8]) -> bool {
    arguments::<(Key, Cipher, Bytes)>(bytes)
        .is_ok_and(|(_, cipher, _)| matches!(cipher, Cipher::RsaOaep { .. }))
}

pub(super) fn encrypt((key, cipher, data): (Key, Cipher, Bytes)) -> Result<Reply, Failure> {
    Ok(Reply::bytes(match cipher {
        Cipher::RsaOaep { hash, label } => {
            rsa::encrypt_oaep(&key, Hash::named(&hash)?, &label, &data)?
        }
        Cipher::AesCbc { iv, length } => {
            aes::encrypt_cbc(secret(&key, length)?, block("iv", &iv)?, data.0)?
        }
        Cipher::AesCtr {
            counter,
            ctr_length,
            key_length,
        } => aes::ctr(
            secret(&key, key_length)?,
            block("counter", &counter)?,
            ctr_length,
            data.0,
        )?,
        Cipher::AesGcm {
            iv,
            additional_data,
            length,
            tag_length,
        } => {
            let additional_data = additional_data.as_deref().unwrap_or_default();
            gcm::seal(
                secret(&key, length)?,
                &iv,
                additional_data,
                tag_length,
                data.0,
            )?
        }
        Cipher::Unsupported => return Err(unsupported()),
    }))
}

pub(super) fn decrypt((key, cipher, data): (Key, Cipher, Bytes)) -> Result<Reply, Failure> {
    Ok(Reply::bytes(match cipher {
        Cipher::RsaOaep { hash, label } => {
            rsa::decrypt_oaep(&key, Hash::named(&hash)?, &label, &data)?
        }
        Cipher::AesCbc { iv, length } => {
            aes::decrypt_cbc(secret(&key, length)?, block("iv", &iv)?, data.0)?
        }
        Cipher::AesCtr {
            counter,
            ctr_length,
            key_length,
        } => aes::ctr(
            secret(&key, key_length)?,
            block("counter", &counter)?,
            ctr_length,
            data.0,
        )?,
        Cipher::AesGcm {
            iv,
            additional_data,
            length,
            tag_length,
        } => {
            let additional_data = additional_data.as_deref().unwrap_or_default();
            gcm::open(
                secret(&key, length)?,
                &iv,
                additional_data,
                tag_length,
                data.0,
            )?
        }
        Cipher::Unsupported => return Err(unsupported()),
    }))
}

/// The key's bytes, which are as long as its algorithm says.
fn secret(key: &Key, bits: usize) -> Result<&[u8], Failure> {
    let secret = key.secret()?;
    if secret.len().checked_mul(8) == Some(bits) {
        Ok(secret)
    } else {
        Err(Failure::operation("invalid key length"))
    }
}

fn block(what: &str, bytes: &[u8]) -> Result<[u8; 16], Failure> {
    bytes
        .try_into()
        .map_err(|_| Failure::operation(format!("the {what} must be 16 bytes")))
}

fn unsupported() -> Failure {
    Failure::not_supported("this cipher is not supported")
}
