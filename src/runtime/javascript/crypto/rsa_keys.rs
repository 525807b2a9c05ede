//! RSA keys in and out: SPKI, PKCS#8, JSON Web Key.

use std::borrow::Cow;

use aws_lc_rs::rsa::KeyPair;
use der::asn1::UintRef;
use der::{Decode, Encode};
use pkcs1::{ALGORITHM_ID, RsaPrivateKey, RsaPublicKey};
use serde::Deserialize;

use super::keys::{Format, Imported, Key, KeyData, KeyKind, base64url, members};
use super::{Bytes, Failure, Reply, containers};

type Private<'a> = RsaPrivateKey<UintRef<'a>>;
type Public<'a> = RsaPublicKey<UintRef<'a>>;

/// What we import: the smallest is Cloudflare's bound, the largest OpenSSL's.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 256..=16_384;
/// What aws-lc-rs computes with.
const USABLE_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// The members of a private JSON Web Key, all in base64url.
#[derive(Deserialize)]
pub(super) struct PrivateMembers {
    n: String,
    e: String,
    d: String,
    p: String,
    q: String,
    dp: String,
    dq: String,
    qi: String,
}

/// Reads a key. One that we can use is checked to be of one piece.
///
/// # Errors
///
/// `DataError` when it is malformed or inconsistent, `NotSupportedError` for a format RSA keys have
/// not, a modulus out of bounds or more than two primes.
pub(super) fn import(data: KeyData) -> Result<Imported, Failure> {
    match data {
        KeyData::Spki(der) => import_public(public_of_spki(&der)?),
        KeyData::JwkPublicRsa { n, e } => {
            let (n, e) = (base64url(&n, "modulus")?, base64url(&e, "public exponent")?);
            import_public(RsaPublicKey {
                modulus: number(&n, "modulus")?,
                public_exponent: number(&e, "public exponent")?,
            })
        }
        KeyData::Pkcs8(der) => import_private(&private_of_pkcs8(&der)?),
        KeyData::JwkPrivateRsa(jwk) => {
            let n = base64url(&jwk.n, "modulus")?;
            let e = base64url(&jwk.e, "public exponent")?;
            let d = base64url(&jwk.d, "private exponent")?;
            let p = base64url(&jwk.p, "first prime factor")?;
            let q = base64url(&jwk.q, "second prime factor")?;
            let dp = base64url(&jwk.dp, "first CRT exponent")?;
            let dq = base64url(&jwk.dq, "second CRT exponent")?;
            let qi = base64url(&jwk.qi, "CRT coefficient")?;
            import_private(&RsaPrivateKey {
                modulus: number(&n, "modulus")?,
                public_exponent: number(&e, "public exponent")?,
                private_exponent: number(&d, "private exponent")?,
                prime1: number(&p, "first prime factor")?,
                prime2: number(&q, "second prime factor")?,
                exponent1: number(&dp, "first CRT exponent")?,
                exponent2: number(&dq, "second CRT exponent")?,
                coefficient: number(&qi, "CRT coefficient")?,
                other_prime_infos: None,
            })
        }
        KeyData::Raw(_)
        | KeyData::JwkSecret { .. }
        | KeyData::JwkPublicEc { .. }
        | KeyData::JwkPrivateEc { .. } => Err(Failure::not_supported("unsupported format")),
    }
}

/// Writes a key.
///
/// # Errors
///
/// `InvalidAccessError` when a private key is wanted from a public one, `NotSupportedError` for a
/// format RSA keys have not.
pub(super) fn export(format: Format, key: &Key) -> Result<Reply, Failure> {
    match format {
        Format::Spki => Ok(Reply::bytes(spki(key)?.into_owned())),
        Format::Pkcs8 => Ok(Reply::bytes(encode_private(&private_of_pkcs8(
            key.private()?,
        )?)?)),
        Format::JwkPublic => {
            let spki = spki(key)?;
            let public = public_of_spki(&spki)?;
            Ok(members([
                ("n", public.modulus.as_bytes()),
                ("e", public.public_exponent.as_bytes()),
            ]))
        }
        Format::JwkPrivate => {
            let private = private_of_pkcs8(key.private()?)?;
            Ok(members([
                ("n", private.modulus.as_bytes()),
                ("e", private.public_exponent.as_bytes()),
                ("d", private.private_exponent.as_bytes()),
                ("p", private.prime1.as_bytes()),
                ("q", private.prime2.as_bytes()),
                ("dp", private.exponent1.as_bytes()),
                ("dq", private.exponent2.as_bytes()),
                ("qi", private.coefficient.as_bytes()),
            ]))
        }
        Format::Raw | Format::JwkSecret => Err(Failure::not_supported("unsupported format")),
    }
}

/// The PKCS#8 of a private key, if it is of a size to compute with.
///
/// # Errors
///
/// `NotSupportedError` when it is not, otherwise as [`Key::private`].
pub(super) fn usable_private(key: &Key) -> Result<&[u8], Failure> {
    let der = key.private()?;
    usable(bits(&private_of_pkcs8(der)?.modulus))?;
    Ok(der)
}

/// The SPKI of a key of either half, if it is of a size to compute with.
///
/// # Errors
///
/// `NotSupportedError` when it is not, `InvalidAccessError` when it is a secret, `DataError` when
/// it is malformed.
pub(super) fn usable_public(key: &Key) -> Result<Cow<'_, [u8]>, Failure> {
    let spki = spki(key)?;
    usable(bits(&public_of_spki(&spki)?.modulus))?;
    Ok(spki)
}

fn usable(bits: u32) -> Result<(), Failure> {
    if USABLE_BITS.contains(&bits) {
        return Ok(());
    }
    let (least, most) = USABLE_BITS.into_inner();
    Err(Failure::not_supported(format!(
        "RSA keys of {least} to {most} bits are supported, this one has {bits}"
    )))
}

/// The SPKI of a key of either half.
fn spki(key: &Key) -> Result<Cow<'_, [u8]>, Failure> {
    match key.kind {
        KeyKind::Public => Ok(Cow::Borrowed(&key.data)),
        KeyKind::Private => {
            let private = private_of_pkcs8(&key.data)?;
            let public = RsaPublicKey {
                modulus: private.modulus,
                public_exponent: private.public_exponent,
            };
            Ok(Cow::Owned(encode_public(&public)?))
        }
        KeyKind::Secret | KeyKind::Raw => Err(Failure::invalid_access("expected public key")),
    }
}

fn public_of_spki(der: &[u8]) -> Result<Public<'_>, Failure> {
    RsaPublicKey::from_der(containers::public_key(der, ALGORITHM_ID)?)
        .map_err(|_| Failure::data("invalid RSA public key"))
}

fn private_of_pkcs8(der: &[u8]) -> Result<Private<'_>, Failure> {
    let key: Private<'_> = RsaPrivateKey::from_der(containers::private_key(der, ALGORITHM_ID)?)
        .map_err(|_| Failure::data("invalid RSA private key"))?;
    if key.other_prime_infos.is_some() {
        return Err(Failure::not_supported(
            "RSA keys of more than two primes are not supported",
        ));
    }
    Ok(key)
}

fn import_public(key: Public<'_>) -> Result<Imported, Failure> {
    let der = encode_public(&key)?;
    imported(KeyKind::Public, der, &key.modulus, &key.public_exponent)
}

fn import_private(key: &Private<'_>) -> Result<Imported, Failure> {
    let der = encode_private(key)?;
    if USABLE_BITS.contains(&bits(&key.modulus)) {
        // Checks that the numbers belong together; PKCS#8 from us, so nothing else can be wrong.
        KeyPair::from_pkcs8(&der).map_err(|_| Failure::data("invalid RSA private key"))?;
    }
    imported(KeyKind::Private, der, &key.modulus, &key.public_exponent)
}

fn imported(
    kind: KeyKind,
    der: Vec<u8>,
    modulus: &UintRef<'_>,
    exponent: &UintRef<'_>,
) -> Result<Imported, Failure> {
    let bits = bits(modulus);
    if !MODULUS_BITS.contains(&bits) {
        let (least, most) = MODULUS_BITS.into_inner();
        return Err(Failure::not_supported(format!(
            "an RSA modulus has {least} to {most} bits here, this one {bits}"
        )));
    }
    Ok(Imported {
        raw_data: Key {
            kind,
            data: Bytes(der),
        },
        modulus_length: Some(bits),
        public_exponent: Some(Bytes(exponent.as_bytes().to_vec())),
    })
}

fn encode_public(key: &Public<'_>) -> Result<Vec<u8>, Failure> {
    let inner = key
        .to_der()
        .map_err(|_| Failure::data("invalid RSA public key"))?;
    containers::spki(ALGORITHM_ID, &inner)
}

fn encode_private(key: &Private<'_>) -> Result<Vec<u8>, Failure> {
    let inner = key
        .to_der()
        .map_err(|_| Failure::data("invalid RSA private key"))?;
    containers::pkcs8(ALGORITHM_ID, &inner)
}

fn number<'a>(bytes: &'a [u8], what: &str) -> Result<UintRef<'a>, Failure> {
    UintRef::new(bytes).map_err(|_| Failure::data(format!("invalid {what}")))
}

/// How many bits a number has, without its leading zeros.
fn bits(number: &UintRef<'_>) -> u32 {
    let bytes = number.as_bytes();
    let leading = bytes.first().map_or(8, |first| first.leading_zeros());
    u32::try_from(bytes.len())
        .unwrap_or(u32::MAX)
        .saturating_mul(8)
        .saturating_sub(leading)
}
