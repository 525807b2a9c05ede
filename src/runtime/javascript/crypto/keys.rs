//! Keys on their way through: what JavaScript stores for one, and the three operations that make,
//! read and write them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::digest::Hash;
use super::ec::Curve;
use super::{Bytes, Failure, Reply, basics, ec, ec_keys, rsa, rsa_keys};

/// A key as JavaScript stores it: `{type, data}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    #[serde(rename = "type")]
    pub(super) kind: KeyKind,
    /// A secret as it is; RSA as PKCS#8 or SPKI; EC as PKCS#8 or an uncompressed point; the OKP
    /// keys as 32 bytes.
    pub(super) data: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KeyKind {
    Secret,
    Private,
    Public,
    /// 32 bytes whose owner knows what they are (Ed25519, X25519), or a secret.
    Raw,
}

impl Key {
    /// The bytes of a symmetric key.
    ///
    /// # Errors
    ///
    /// `InvalidAccessError` when it is a private or public key.
    pub(super) fn secret(&self) -> Result<&[u8], Failure> {
        match self.kind {
            KeyKind::Secret | KeyKind::Raw => Ok(&self.data),
            KeyKind::Private | KeyKind::Public => {
                Err(Failure::invalid_access("expected secret key"))
            }
        }
    }

    /// The encoded private key.
    ///
    /// # Errors
    ///
    /// `InvalidAccessError` when it is another kind of key.
    pub(super) fn private(&self) -> Result<&[u8], Failure> {
        match self.kind {
            KeyKind::Private => Ok(&self.data),
            KeyKind::Secret | KeyKind::Public | KeyKind::Raw => {
                Err(Failure::invalid_access("expected private key"))
            }
        }
    }
}

/// What `op_crypto_import_key` returns.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Imported {
    pub(super) raw_data: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) modulus_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public_exponent: Option<Bytes>,
}

/// What to make.
#[derive(Deserialize)]
#[serde(
    tag = "algorithm",
    deny_unknown_fields,
    rename_all_fields = "camelCase"
)]
pub(super) enum Generate {
    #[serde(rename = "RSA")]
    Rsa {
        modulus_length: u32,
        public_exponent: Bytes,
    },
    #[serde(rename = "EC")]
    Ec { named_curve: String },
    #[serde(rename = "AES")]
    Aes { length: u32 },
    #[serde(rename = "HMAC")]
    Hmac { hash: String, length: Option<u32> },
}

/// No HMAC key needs to be longer: one longer than a block of its hash is hashed down anyway (RFC
/// 2104 §2).
const HMAC_KEY_BITS_MAX: u32 = 8 * 1024 * 8;

pub(super) fn generate((what,): (Generate,)) -> Result<Reply, Failure> {
    Ok(Reply::bytes(match what {
        Generate::Rsa {
            modulus_length,
            public_exponent,
        } => rsa::generate(modulus_length, &public_exponent)?,
        Generate::Ec { named_curve } => ec::generate(Curve::named(&named_curve)?)?,
        Generate::Aes { length } => match length {
            128 | 192 | 256 => basics::random(length as usize / 8)?,
            _ => return Err(Failure::operation("Invalid AES key length")),
        },
        Generate::Hmac { hash, length: None } => basics::random(Hash::named(&hash)?.block_bytes())?,
        Generate::Hmac {
            hash,
            length: Some(length),
        } => {
            Hash::named(&hash)?;
            if length == 0 || length % 8 != 0 || length > HMAC_KEY_BITS_MAX {
                return Err(Failure::operation("Invalid HMAC key length"));
            }
            basics::random(length as usize / 8)?
        }
    }))
}

/// The algorithm of a key to import or export.
#[derive(Deserialize)]
enum Family {
    #[serde(rename = "RSASSA-PKCS1-v1_5", alias = "RSA-PSS", alias = "RSA-OAEP")]
    Rsa,
    #[serde(rename = "ECDSA", alias = "ECDH")]
    Ec,
    #[serde(rename = "AES", alias = "HMAC")]
    Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ImportOptions {
    algorithm: Family,
    named_curve: Option<String>,
    /// JavaScript sends it for RSA; the key does not hold it.
    #[serde(rename = "hash")]
    _hash: Option<String>,
}

/// A key in one of its formats. The members of a JSON Web Key that say what it is for were
/// JavaScript's to check.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum KeyData {
    Spki(Bytes),
    Pkcs8(Bytes),
    Raw(Bytes),
    JwkSecret { k: String },
    JwkPublicRsa { n: String, e: String },
    JwkPrivateRsa(Box<rsa_keys::PrivateMembers>),
    JwkPublicEc { x: String, y: String },
    JwkPrivateEc { x: String, y: String, d: String },
}

pub(super) fn import((options, data): (ImportOptions, KeyData)) -> Result<Reply, Failure> {
    let imported = match options.algorithm {
        Family::Rsa => rsa_keys::import(data)?,
        Family::Ec => key(ec_keys::import(curve(options.named_curve)?, data)?),
        Family::Secret => match data {
            KeyData::JwkSecret { k } => key(Key {
                kind: KeyKind::Secret,
                data: Bytes(base64url(&k, "key")?),
            }),
            KeyData::Raw(data) => key(Key {
                kind: KeyKind::Secret,
                data,
            }),
            _ => return Err(Failure::not_supported("unsupported format")),
        },
    };
    Ok(Reply::Imported(imported))
}

fn key(raw_data: Key) -> Imported {
    Imported {
        raw_data,
        modulus_length: None,
        public_exponent: None,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ExportOptions {
    format: Format,
    algorithm: Family,
    named_curve: Option<String>,
}

/// The form a key is wanted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Raw,
    Pkcs8,
    Spki,
    JwkPublic,
    JwkPrivate,
    JwkSecret,
}

pub(super) fn export((options, key): (ExportOptions, Key)) -> Result<Reply, Failure> {
    match options.algorithm {
        Family::Rsa => rsa_keys::export(options.format, &key),
        Family::Ec => ec_keys::export(curve(options.named_curve)?, options.format, &key),
        Family::Secret if options.format == Format::JwkSecret => {
            Ok(members([("k", key.secret()?)]))
        }
        Family::Secret => Err(Failure::not_supported("unsupported format")),
    }
}

fn curve(name: Option<String>) -> Result<Curve, Failure> {
    Curve::named(&name.ok_or_else(|| Failure::type_error("Missing argument namedCurve"))?)
}

/// The members of a JSON Web Key.
pub(super) fn members<const N: usize>(members: [(&'static str, &[u8]); N]) -> Reply {
    let encoded = members.map(|(name, bytes)| (name, BASE64_URL_SAFE_NO_PAD.encode(bytes)));
    Reply::Members(BTreeMap::from(encoded))
}

/// Reads a member of a JSON Web Key. Padding and stray last bits are forgiven, as Deno does: keys
/// in the wild have them.
///
/// # Errors
///
/// `DataError` that names `what`.
pub(super) fn base64url(text: &str, what: &str) -> Result<Vec<u8>, Failure> {
    const FORGIVING: GeneralPurpose = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    FORGIVING
        .decode(text)
        .map_err(|_| Failure::data(format!("invalid {what}")))
}
