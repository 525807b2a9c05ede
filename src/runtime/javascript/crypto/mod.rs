//! The host side of Web Cryptography: what `00_crypto.js` calls through `core.ops.op_crypto_*`.
//!
//! Each operation is one synchronous, stateless call: a number, its arguments as one CBOR array,
//! its result as one CBOR value. The arguments come from an untrusted guest, so each is parsed into
//! a strict type before anything else; nothing here panics on them, keeps a key, or does work
//! without a bound. The table of operations is in [`call`].
//!
//! aws-lc-rs does the cryptography: it alone covers RSA whole and in constant time (the `rsa` crate
//! has RUSTSEC-2023-0071, ring neither OAEP nor key generation) and P-521 besides. RustCrypto fills
//! in: sha1, sha2 and md-5 hash because their state can be put into bytes for `DigestStream`, ghash
//! serves the GCM that aws-lc-rs has not (IVs other than 96 bits), the `der` family reads keys.

mod aes;
mod basics;
mod cbor;
mod cipher;
mod containers;
mod derive;
mod digest;
mod ec;
mod ec_keys;
mod gcm;
mod key_wrap;
mod keys;
mod okp;
mod rsa;
mod rsa_keys;
mod signature;
#[cfg(test)]
mod tests;

use cbor::{Bytes, Nothing, Reply, arguments};
use okp::Okp;

/// A sentence or two.
const MESSAGE_CHARS_MAX: usize = 300;

/// What JavaScript is told when an operation fails.
///
/// `name` is a DOMException name (`OperationError`, `DataError`, `NotSupportedError`,
/// `InvalidAccessError`, `SyntaxError`, `QuotaExceededError`) or `TypeError`, which is no
/// DOMException.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub(super) struct Failure {
    /// Which exception to throw.
    pub name: &'static str,
    /// Its text, 300 characters at most. It may quote the guest's own arguments.
    pub message: String,
}

impl Failure {
    fn operation(message: impl Into<String>) -> Self {
        Self {
            name: "OperationError",
            message: message.into(),
        }
    }

    fn data(message: impl Into<String>) -> Self {
        Self {
            name: "DataError",
            message: message.into(),
        }
    }

    fn not_supported(message: impl Into<String>) -> Self {
        Self {
            name: "NotSupportedError",
            message: message.into(),
        }
    }

    fn invalid_access(message: impl Into<String>) -> Self {
        Self {
            name: "InvalidAccessError",
            message: message.into(),
        }
    }

    fn quota(message: impl Into<String>) -> Self {
        Self {
            name: "QuotaExceededError",
            message: message.into(),
        }
    }

    /// A message can quote a name, and a name can be as long as the guest's memory.
    fn shortened(mut self) -> Self {
        if let Some((end, _)) = self.message.char_indices().nth(MESSAGE_CHARS_MAX) {
            self.message.truncate(end);
        }
        self
    }

    fn type_error(message: impl Into<String>) -> Self {
        Self {
            name: "TypeError",
            message: message.into(),
        }
    }
}

/// Runs one operation of Web Cryptography. `op` is its number, `arguments` one CBOR array; the
/// result is one CBOR value.
///
/// Most take microseconds; [`is_slow`] says which do not. PBKDF2 asks `may_go_on` every few
/// thousand hashes, and fails when it may not.
///
/// # Errors
///
/// [`Failure`] with `TypeError` when the number is unknown or the arguments are not what the
/// operation takes, otherwise with what the standard prescribes for the situation (W3C Web
/// Cryptography API, "Operations" of each algorithm).
pub(super) fn call(
    op: u32,
    bytes: &[u8],
    may_go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<u8>, Failure> {
    dispatch(op, bytes, may_go_on)
        .and_then(Reply::into_cbor)
        .map_err(Failure::shortened)
}

/// Arguments above this take longer than about a millisecond to read and to hash.
const SLOW_BYTES: usize = 512 << 10;

/// Whether an operation may take longer than about a millisecond: private RSA operations take up to
/// 5 ms with 4096 bits, making such a key about a second, PBKDF2 tenths of one.
pub(super) fn is_slow(op: u32, bytes: &[u8]) -> bool {
    // The algorithm's name is one of the arguments. Data that looks like it only takes the longer way.
    let names = |name: &str| memchr::memmem::find(bytes, name.as_bytes()).is_some();
    bytes.len() > SLOW_BYTES
        || match op {
            20 | 21 | 30 | 33 | 36 => names("RSA"),
            34 => names("PBKDF2"),
            _ => false,
        }
}

/// Whether an operation's result follows from its arguments alone: it may be in a worker's image.
pub(super) fn is_pure(op: u32, bytes: &[u8]) -> bool {
    match op {
        3..=5 | 10..=12 | 21 | 22 | 31 | 33..=36 | 41..=47 | 51..=56 | 100 => true,
        30 => !signature::is_random(bytes),
        32 => !cipher::is_random(bytes),
        _ => false,
    }
}

fn dispatch(op: u32, bytes: &[u8], may_go_on: &mut dyn FnMut() -> bool) -> Result<Reply, Failure> {
    match op {
        1 => basics::random_values(arguments(bytes)?),
        2 => basics::random_uuid(arguments(bytes)?),
        3 => basics::base64url_encode(arguments(bytes)?),
        4 => basics::base64url_decode(arguments(bytes)?),
        5 => basics::timing_safe_equal(arguments(bytes)?),
        10 => digest::digest(arguments(bytes)?),
        11 => digest::update(arguments(bytes)?),
        12 => digest::finish(arguments(bytes)?),
        20 => keys::generate(arguments(bytes)?),
        21 => keys::import(arguments(bytes)?),
        22 => keys::export(arguments(bytes)?),
        30 => signature::sign(arguments(bytes)?),
        31 => signature::verify(arguments(bytes)?),
        32 => cipher::encrypt(arguments(bytes)?),
        33 => cipher::decrypt(arguments(bytes)?),
        34 => derive::bits(arguments(bytes)?, may_go_on),
        35 => key_wrap::wrap(arguments(bytes)?),
        36 => key_wrap::unwrap(arguments(bytes)?),
        40 => okp::generate(Okp::Ed25519, arguments(bytes)?),
        41 => okp::sign(arguments(bytes)?),
        42 => okp::verify(arguments(bytes)?),
        43 => okp::import_spki(Okp::Ed25519, arguments(bytes)?),
        44 => okp::import_pkcs8(Okp::Ed25519, arguments(bytes)?),
        45 => okp::export_spki(Okp::Ed25519, arguments(bytes)?),
        46 => okp::export_pkcs8(Okp::Ed25519, arguments(bytes)?),
        47 => okp::public_key(Okp::Ed25519, arguments(bytes)?),
        50 => okp::generate(Okp::X25519, arguments(bytes)?),
        51 => okp::public_key(Okp::X25519, arguments(bytes)?),
        52 => okp::derive(arguments(bytes)?),
        53 => okp::import_spki(Okp::X25519, arguments(bytes)?),
        54 => okp::import_pkcs8(Okp::X25519, arguments(bytes)?),
        55 => okp::export_spki(Okp::X25519, arguments(bytes)?),
        56 => okp::export_pkcs8(Okp::X25519, arguments(bytes)?),
        100 => basics::unsupported(arguments(bytes)?),
        _ => Err(Failure::type_error(format!("unknown operation {op}"))),
    }
}
