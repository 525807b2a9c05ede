//! Key-value namespaces: what may be a key, a value, its end.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Bytes of a key.
///
/// Source, of this and what follows: Cloudflare docs, Workers KV limits.
pub const KEY_BYTES_MAX: usize = 512;
/// Bytes of a value.
pub const VALUE_BYTES_MAX: usize = 25 << 20;
/// Bytes of a value's metadata, as JSON.
pub const METADATA_BYTES_MAX: usize = 1_024;
/// Keys that one read asks for.
pub const READ_KEYS_MAX: usize = 100;
/// Keys of one page of a list, and what a page has when nobody says.
pub const LIST_KEYS_MAX: usize = 1_000;
/// Characters of a namespace's title.
pub const TITLE_MAX: usize = 512;
/// The shortest time that a value lives, in seconds.
const TTL_MIN: u64 = 60;
/// The shortest time that a reader may ask a value to be cached, in seconds.
const CACHE_TTL_MIN: f64 = 30.0;
/// The end of the year 9999, in seconds since 1970: what ends later never does.
const FOREVER: u64 = 253_402_300_799;

/// A namespace's record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvNamespace {
    /// What people call it; no two have the same.
    pub title: String,
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_on: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_by: String,
}

/// Something that cannot be in a namespace, in Cloudflare's words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidKv {
    /// No key.
    #[error("Key name cannot be empty.")]
    NoKey,
    /// A path's own words.
    #[error("\"{0}\" is not allowed as a key name.")]
    Dots(&'static str),
    /// A key that is too long.
    #[error("UTF-8 encoded length of {0} exceeds key length limit of {KEY_BYTES_MAX}.")]
    KeyTooLong(usize),
    /// A value that is too long.
    #[error("Value length of {0} exceeds limit of {1}.")]
    ValueTooLong(usize, usize),
    /// Metadata that is too long.
    #[error("Metadata length of {0} exceeds limit of {METADATA_BYTES_MAX}.")]
    MetadataTooLong(usize),
    /// Metadata that is no JSON.
    #[error("Metadata must be valid JSON.")]
    Metadata,
    /// An end that is no time to come.
    #[error(
        "Invalid expiration of {0}. Please specify integer greater than the current number of seconds since the UNIX epoch."
    )]
    Expiration(String),
    /// An end that comes too soon.
    #[error(
        "Invalid expiration of {0}. Expiration times must be at least {TTL_MIN} seconds in the future."
    )]
    TooSoon(String),
    /// A time to live that is none.
    #[error("Invalid expiration_ttl of {0}. Please specify integer greater than 0.")]
    Ttl(String),
    /// A time to live that is too short.
    #[error("Invalid expiration_ttl of {0}. Expiration TTL must be at least {TTL_MIN}.")]
    TtlTooShort(String),
    /// A time to be cached that is too short.
    #[error("Invalid cache_ttl of {0}. Cache TTL must be at least {CACHE_TTL_MIN}.")]
    CacheTtl(String),
    /// A page of no length.
    #[error("Invalid key_count_limit of {0}. Please specify an integer greater than 0.")]
    LimitTooLow(String),
    /// A page that is too long.
    #[error(
        "Invalid key_count_limit of {0}. Please specify an integer less than or equal to {LIST_KEYS_MAX}."
    )]
    LimitTooHigh(String),
    /// A cursor that no list gave out.
    #[error("Invalid cursor. Begin without one.")]
    Cursor,
    /// Too many keys at a time.
    #[error("You can request a maximum of {READ_KEYS_MAX} keys")]
    TooManyKeys,
    /// A title nobody can have.
    #[error("the title of a namespace is a text of 1 to {TITLE_MAX} characters")]
    Title,
}

impl InvalidKv {
    /// HTTP's status for it, as Cloudflare's store answers.
    pub fn status(&self) -> u16 {
        match self {
            Self::KeyTooLong(_) => 414,
            Self::ValueTooLong(..) | Self::MetadataTooLong(_) => 413,
            _ => 400,
        }
    }

    /// Whether it is a mistake in a program rather than in its data.
    pub fn is_type_error(&self) -> bool {
        matches!(self, Self::NoKey | Self::Dots(_))
    }
}

/// A key that can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KvKey(String);

impl KvKey {
    /// Takes a key.
    ///
    /// # Errors
    /// [`InvalidKv`] when nothing can be kept under it.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidKv> {
        let text = text.into();
        match text.as_str() {
            "" => Err(InvalidKv::NoKey),
            "." => Err(InvalidKv::Dots(".")),
            ".." => Err(InvalidKv::Dots("..")),
            long if long.len() > KEY_BYTES_MAX => Err(InvalidKv::KeyTooLong(long.len())),
            _ => Ok(Self(text)),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// When a value ends, in seconds since 1970, from what was asked for; 0: never. A time to live wins over an end.
///
/// # Errors
/// [`InvalidKv`] when it has ended already, or ends too soon.
pub fn ending(expiration: Option<f64>, ttl: Option<f64>, now: u64) -> Result<u64, InvalidKv> {
    let whole = |number: f64| (number.is_finite() && number >= 1.0).then(|| number.floor() as u64);
    if let Some(given) = ttl {
        let ttl = whole(given).ok_or_else(|| InvalidKv::Ttl(given.to_string()))?;
        return match ttl < TTL_MIN {
            true => Err(InvalidKv::TtlTooShort(given.to_string())),
            false => Ok(now.saturating_add(ttl).min(FOREVER)),
        };
    }
    let Some(given) = expiration else {
        return Ok(0);
    };
    match whole(given) {
        None => Err(InvalidKv::Expiration(given.to_string())),
        Some(end) if end <= now => Err(InvalidKv::Expiration(given.to_string())),
        Some(end) if end < now + TTL_MIN => Err(InvalidKv::TooSoon(given.to_string())),
        Some(end) => Ok(end.min(FOREVER)),
    }
}

/// Whether a value may be cached for so long, as far as its reader says. Here it is always as fresh as the store tells.
///
/// # Errors
/// [`InvalidKv::CacheTtl`] below half a minute.
pub fn check_cache_ttl(given: Option<f64>) -> Result<(), InvalidKv> {
    match given {
        Some(ttl) if ttl.is_nan() || ttl < CACHE_TTL_MIN => {
            Err(InvalidKv::CacheTtl(ttl.to_string()))
        }
        _ => Ok(()),
    }
}

/// How many keys a page of a list has.
///
/// # Errors
/// [`InvalidKv`] for none, and for more than there may be.
pub fn page(given: Option<f64>) -> Result<usize, InvalidKv> {
    match given {
        None => Ok(LIST_KEYS_MAX),
        Some(limit) if limit.is_nan() || limit < 1.0 => {
            Err(InvalidKv::LimitTooLow(limit.to_string()))
        }
        Some(limit) if limit > LIST_KEYS_MAX as f64 => {
            Err(InvalidKv::LimitTooHigh(limit.to_string()))
        }
        Some(limit) => Ok(limit as usize),
    }
}

/// Whether a value may have this metadata, a JSON text.
///
/// # Errors
/// [`InvalidKv`] when it is too long, or no JSON.
pub fn check_metadata(json: &str) -> Result<(), InvalidKv> {
    if json.len() > METADATA_BYTES_MAX {
        return Err(InvalidKv::MetadataTooLong(json.len()));
    }
    serde_json::from_str::<serde::de::IgnoredAny>(json)
        .map(|_| ())
        .map_err(|_| InvalidKv::Metadata)
}

/// Whether a namespace can be called so.
///
/// # Errors
/// [`InvalidKv::Title`] when it cannot.
pub fn check_title(title: &str) -> Result<(), InvalidKv> {
    match title.trim().is_empty() || title.chars().count() > TITLE_MAX {
        true => Err(InvalidKv::Title),
        false => Ok(()),
    }
}

/// Whether this could be a namespace's id: 32 lower-case hex digits.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_when_it_was_asked_to() {
        let now = 1_000_000;
        for (expiration, ttl, ends) in [
            (None, None, Ok(0)),
            (None, Some(60.0), Ok(now + 60)),
            (Some(now as f64 + 60.9), None, Ok(now + 60)),
            // The time to live wins.
            (Some(1.0), Some(61.0), Ok(now + 61)),
            (None, Some(1e300), Ok(FOREVER)),
            (None, Some(59.0), Err(InvalidKv::TtlTooShort("59".into()))),
            (None, Some(0.0), Err(InvalidKv::Ttl("0".into()))),
            (None, Some(f64::NAN), Err(InvalidKv::Ttl("NaN".into()))),
            (Some(-1.0), None, Err(InvalidKv::Expiration("-1".into()))),
            (
                Some(999_999.0),
                None,
                Err(InvalidKv::Expiration("999999".into())),
            ),
            (
                Some(1_000_001.0),
                None,
                Err(InvalidKv::TooSoon("1000001".into())),
            ),
        ] {
            assert_eq!(
                super::ending(expiration, ttl, now),
                ends,
                "{expiration:?} {ttl:?}"
            );
        }
    }

    #[test]
    fn a_key_is_what_cloudflare_takes() {
        for (text, result) in [
            ("a", Ok(())),
            ("a/../b", Ok(())),
            ("", Err(InvalidKv::NoKey)),
            (".", Err(InvalidKv::Dots("."))),
            ("..", Err(InvalidKv::Dots(".."))),
        ] {
            assert_eq!(KvKey::new(text).map(|_| ()), result, "{text}");
        }
        assert!(KvKey::new("ä".repeat(256)).is_ok());
        assert_eq!(KvKey::new("ä".repeat(257)), Err(InvalidKv::KeyTooLong(514)));
    }
}
