//! The small operations: random values, base64url, comparison in constant time, and the refusal by
//! name.

use aws_lc_rs::{constant_time, rand};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{Bytes, Failure, Nothing, Reply};

/// What one call of `getRandomValues` may ask for (W3C Web Cryptography API §10.1.1).
const RANDOM_BYTES_MAX: usize = 65_536;

pub(super) fn random_values((length,): (usize,)) -> Result<Reply, Failure> {
    if length > RANDOM_BYTES_MAX {
        return Err(Failure::quota(format!(
            "The ArrayBufferView's byte length ({length}) exceeds the number of bytes of entropy available via this \
             API ({RANDOM_BYTES_MAX})"
        )));
    }
    Ok(Reply::bytes(random(length)?))
}

/// A UUID of version 4 (RFC 9562 §5.4).
pub(super) fn random_uuid([]: Nothing) -> Result<Reply, Failure> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| Failure::operation("no random bytes"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    Ok(Reply::Text(
        [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ]
        .join("-"),
    ))
}

pub(super) fn base64url_encode((data,): (Bytes,)) -> Result<Reply, Failure> {
    Ok(Reply::Text(BASE64_URL_SAFE_NO_PAD.encode(&*data)))
}

pub(super) fn base64url_decode((text,): (String,)) -> Result<Reply, Failure> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Failure::data("invalid base64url"))?;
    Ok(Reply::bytes(bytes))
}

/// `crypto.subtle.timingSafeEqual` (Cloudflare docs: Web Crypto).
pub(super) fn timing_safe_equal((left, right): (Bytes, Bytes)) -> Result<Reply, Failure> {
    if left.len() != right.len() {
        return Err(Failure::type_error(
            "Input buffers must have the same byte length.",
        ));
    }
    Ok(Reply::Bool(
        constant_time::verify_slices_are_equal(&left, &right).is_ok(),
    ))
}

/// What is called for every operation we leave out; the shim sends its name.
pub(super) fn unsupported((name,): (String,)) -> Result<Reply, Failure> {
    Err(Failure::not_supported(format!("{name} is not supported")))
}

/// Random bytes from the library's generator.
///
/// # Errors
///
/// `OperationError` when the system gives none.
pub(super) fn random(length: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).map_err(|_| Failure::operation("no random bytes"))?;
    Ok(bytes)
}
