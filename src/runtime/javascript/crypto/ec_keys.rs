//! Keys of NIST's curves in and out: raw, SPKI, PKCS#8, JSON Web Key.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, PublicKeyX509Der};
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey};
use der::asn1::ObjectIdentifier;

use super::ec::Curve;
use super::keys::{Format, Key, KeyData, KeyKind, base64url, members};
use super::{Bytes, Failure, Reply, containers};

/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// What an uncompressed point begins with.
const UNCOMPRESSED: u8 = 0x04;

/// Reads a key and checks that it is one: on the curve, and if private, of one piece.
///
/// # Errors
///
/// `DataError` when it is not, `NotSupportedError` for a format EC keys have not.
pub(super) fn import(curve: Curve, data: KeyData) -> Result<Key, Failure> {
    let (kind, data) = match data {
        KeyData::Raw(point) => (KeyKind::Public, checked_point(curve, &point)?),
        KeyData::Spki(der) => {
            let point =
                containers::public_key(&der, containers::with_oid(EC_PUBLIC_KEY, &curve.oid()))?
                    .to_vec();
            (KeyKind::Public, checked_point(curve, &point)?)
        }
        KeyData::Pkcs8(der) => {
            containers::private_key(&der, containers::with_oid(EC_PUBLIC_KEY, &curve.oid()))?;
            (KeyKind::Private, normalised(&curve.pair(&der)?)?)
        }
        KeyData::JwkPublicEc { x, y } => (
            KeyKind::Public,
            checked_point(curve, &jwk_point(curve, &x, &y)?)?,
        ),
        KeyData::JwkPrivateEc { x, y, d } => {
            let pair = curve.pair_of(&coordinate(curve, &d)?, &jwk_point(curve, &x, &y)?)?;
            (KeyKind::Private, normalised(&pair)?)
        }
        KeyData::JwkSecret { .. } | KeyData::JwkPublicRsa { .. } | KeyData::JwkPrivateRsa(_) => {
            return Err(Failure::not_supported("unsupported format"));
        }
    };
    Ok(Key {
        kind,
        data: Bytes(data),
    })
}

/// Writes a key.
///
/// # Errors
///
/// `InvalidAccessError` when a private key is wanted from a public one, `NotSupportedError` for a
/// format EC keys have not.
pub(super) fn export(curve: Curve, format: Format, key: &Key) -> Result<Reply, Failure> {
    match format {
        Format::Raw => Ok(Reply::bytes(curve.point(key)?)),
        Format::Spki => {
            let algorithm = curve.oid();
            let algorithm = containers::with_oid(EC_PUBLIC_KEY, &algorithm);
            Ok(Reply::bytes(containers::spki(
                algorithm,
                &curve.point(key)?,
            )?))
        }
        Format::Pkcs8 => Ok(Reply::bytes(normalised(&curve.pair(key.private()?)?)?)),
        Format::JwkPublic => {
            let point = curve.point(key)?;
            let (x, y) = coordinates(curve, &point)?;
            Ok(members([("x", x), ("y", y)]))
        }
        Format::JwkPrivate => {
            let pair = curve.pair(key.private()?)?;
            let private: EcPrivateKeyBin<'static> = pair
                .private_key()
                .as_be_bytes()
                .map_err(|_| Failure::operation("Failed to export key"))?;
            let (x, y) = coordinates(curve, pair.public_key().as_ref())?;
            Ok(members([("x", x), ("y", y), ("d", private.as_ref())]))
        }
        Format::JwkSecret => Err(Failure::not_supported("unsupported format")),
    }
}

/// PKCS#8 as the library writes it, the public key inside, whatever was there before.
fn normalised(pair: &EcdsaKeyPair) -> Result<Vec<u8>, Failure> {
    let document = pair
        .to_pkcs8v1()
        .map_err(|_| Failure::operation("Failed to export key"))?;
    Ok(document.as_ref().to_vec())
}

/// The point, uncompressed, if it is on the curve.
fn checked_point(curve: Curve, point: &[u8]) -> Result<Vec<u8>, Failure> {
    let invalid = || Failure::data("invalid elliptic curve point");
    // The library would also take an SPKI here, or the odd "hybrid" form.
    let length = match point.first() {
        Some(&UNCOMPRESSED) => 1 + 2 * curve.field_bytes(),
        Some(2 | 3) => 1 + curve.field_bytes(),
        _ => return Err(invalid()),
    };
    if point.len() != length {
        return Err(invalid());
    }
    let parsed = ParsedPublicKey::new(curve.verification(), point).map_err(|_| invalid())?;
    if length == 1 + 2 * curve.field_bytes() {
        return Ok(point.to_vec());
    }
    let der: PublicKeyX509Der<'static> = parsed.as_der().map_err(|_| invalid())?;
    Ok(containers::public_key(
        der.as_ref(),
        containers::with_oid(EC_PUBLIC_KEY, &curve.oid()),
    )?
    .to_vec())
}

fn jwk_point(curve: Curve, x: &str, y: &str) -> Result<Vec<u8>, Failure> {
    Ok([
        &[UNCOMPRESSED][..],
        &coordinate(curve, x)?,
        &coordinate(curve, y)?,
    ]
    .concat())
}

/// A number of a JSON Web Key, which has all its leading zeros (RFC 7518 §6.2).
fn coordinate(curve: Curve, text: &str) -> Result<Vec<u8>, Failure> {
    let bytes = base64url(text, "b64 coordinate")?;
    if bytes.len() == curve.field_bytes() {
        Ok(bytes)
    } else {
        Err(Failure::data("invalid b64 coordinate"))
    }
}

fn coordinates(curve: Curve, point: &[u8]) -> Result<(&[u8], &[u8]), Failure> {
    match point.split_first() {
        Some((&UNCOMPRESSED, both)) if both.len() == 2 * curve.field_bytes() => {
            Ok(both.split_at(curve.field_bytes()))
        }
        _ => Err(Failure::data("invalid key data")),
    }
}
