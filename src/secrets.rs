//! Keeps secrets sealed: AES-256-GCM under keys from a file or the environment, each secret bound to its place.
//!
//! A secret that is copied to another script's record does not open there. Whoever has the store alone has no secret,
//! no token, and can make no cursor.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use thiserror::Error;

use crate::conf::Conf;
use crate::model::binding::Secret;

const KEY_BYTES: usize = 32;
/// Begins every sealed text: which way it was sealed.
const FORMAT: &str = "v1";
/// The longest key file that is read.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// The keys that secrets are sealed with: the first one seals, all of them open.
pub struct Keyring {
    keys: ArcSwap<Vec<Key>>,
    /// The file they come from, and when it was last written.
    file: Option<(PathBuf, Mutex<Option<SystemTime>>)>,
    /// Where they come from, for messages.
    source: String,
}

struct Key {
    id: String,
    bytes: [u8; KEY_BYTES],
    aead: RandomizedNonceKey,
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error(
        "{path}: {source}; it holds the keys of the secrets: set `secrets.key_file` to a file that this user may read"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is there is no key.
    #[error(
        "{0}: a key is 32 bytes as base64, one on each line; `openssl rand -base64 32` makes one"
    )]
    Shape(String),
    /// Others may read it.
    #[error("{0}: others than its owner may read it; chmod 600 it")]
    Readable(PathBuf),
}

/// Why a secret does not open.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// Its key is not here.
    #[error("the secret was sealed with the key {key}, which {place} does not hold")]
    UnknownKey {
        /// The key's id.
        key: String,
        /// Where keys are looked for.
        place: String,
    },
    /// It was changed, or belongs somewhere else.
    #[error("the secret was changed, or was sealed for another worker or name")]
    Damaged,
    /// The system gives no random numbers.
    #[error("the secret could not be sealed")]
    Unsealable,
}

/// A random UUID (RFC 9562, version 4).
///
/// # Errors
/// [`SealError::Unsealable`] when the system gives no random numbers.
pub fn random_uuid() -> Result<String, SealError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SealError::Unsealable)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let number = u128::from_be_bytes(bytes);
    let digits = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    Ok(parts.join("-"))
}

impl Keyring {
    /// The keys that the settings name; without a setting those in the data directory, made there when missing.
    ///
    /// # Errors
    /// [`KeyError`], which says what to do.
    pub fn open(conf: &Conf) -> Result<Self, KeyError> {
        if !conf.secrets.key.is_empty() {
            return Ok(Self::new(
                parse(&conf.secrets.key, "secrets.key")?,
                "secrets.key",
            ));
        }
        let path = match conf.secrets.key_file.as_str() {
            "" => {
                let path = conf.store.data_dir.join("secrets.key");
                make(&path)?;
                path
            }
            path => path.into(),
        };
        let (keys, written) = read(&path)?;
        let mut keyring = Self::new(keys, &path.display().to_string());
        keyring.file = Some((path, Mutex::new(written)));
        Ok(keyring)
    }

    fn new(keys: Vec<Key>, source: &str) -> Self {
        Self {
            keys: ArcSwap::from_pointee(keys),
            file: None,
            source: source.into(),
        }
    }

    /// Reads the file again if it was written since; whether it was.
    pub fn reload(&self) -> bool {
        let Some((path, last)) = &self.file else {
            return false;
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = std::fs::metadata(path)
            .and_then(|about| about.modified())
            .ok();
        if now == *last {
            return false;
        }
        match read(path) {
            Ok((keys, written)) => {
                self.keys.store(Arc::new(keys));
                *last = written;
                true
            }
            Err(error) => {
                *last = now;
                tracing::error!(%error, "the keys of the secrets cannot be read again; those from before stay in use");
                false
            }
        }
    }

    /// The id of the key that seals: 8 hex digits.
    pub fn sealing_key(&self) -> String {
        self.keys.load()[0].id.clone()
    }

    /// Whether a key is here.
    pub fn has(&self, id: &str) -> bool {
        let has = || self.keys.load().iter().any(|key| key.id == id);
        has() || (self.reload() && has())
    }

    /// Where the keys come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Seals a text for one place: what is sealed for `place` opens for `place` alone.
    ///
    /// # Errors
    /// [`SealError::Unsealable`] when the system gives no random numbers.
    pub fn seal(&self, place: &str, text: &str) -> Result<String, SealError> {
        let keys = self.keys.load();
        let key = &keys[0];
        let mut sealed = text.as_bytes().to_vec();
        let nonce = key
            .aead
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| SealError::Unsealable)?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.extend(sealed);
        Ok(format!(
            "{FORMAT}.{}.{}",
            key.id,
            URL_SAFE_NO_PAD.encode(bytes)
        ))
    }

    /// The text that was sealed for this place.
    ///
    /// # Errors
    /// [`SealError`], each variant its own case.
    pub fn open_sealed(&self, place: &str, sealed: &str) -> Result<String, SealError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORMAT), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Damaged);
        };
        let unknown = || SealError::UnknownKey {
            key: id.chars().take(8).collect(),
            place: self.source.clone(),
        };
        if !self.has(id) {
            return Err(unknown());
        }
        let keys = self.keys.load();
        let key = keys.iter().find(|key| key.id == id).ok_or_else(unknown)?;
        let damaged = |_| SealError::Damaged;
        let mut bytes = URL_SAFE_NO_PAD
            .decode(bytes)
            .map_err(|_| SealError::Damaged)?;
        if bytes.len() < NONCE_LEN {
            return Err(SealError::Damaged);
        }
        let mut text = bytes.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(damaged)?;
        let place = Aad::from(place.as_bytes());
        let opened = key.aead.open_in_place(nonce, place, &mut text);
        let length = opened.map_err(damaged)?.len();
        text.truncate(length);
        String::from_utf8(text).map_err(|_| SealError::Damaged)
    }

    /// The text of a secret, whichever way its record holds it.
    ///
    /// # Errors
    /// [`SealError`], each variant its own case.
    pub fn reveal(&self, place: &str, secret: &Secret) -> Result<String, SealError> {
        match secret {
            Secret::Plain(text) => Ok(text.clone()),
            Secret::Sealed(sealed) => self.open_sealed(place, sealed),
        }
    }

    /// A keyed hash of a text by every key, that of the sealing key first: 64 hex digits each.
    pub fn hashes(&self, purpose: &'static str, text: &str) -> Vec<String> {
        let hash = |key: &Key| {
            let derived = blake3::derive_key(purpose, &key.bytes);
            blake3::keyed_hash(&derived, text.as_bytes())
                .to_hex()
                .to_string()
        };
        self.keys.load().iter().map(hash).collect()
    }
}

impl Key {
    fn parse(line: &str) -> Option<Self> {
        let bytes: [u8; KEY_BYTES] = STANDARD.decode(line).ok()?.try_into().ok()?;
        Some(Self {
            id: blake3::hash(&bytes).to_hex()[..8].to_owned(),
            aead: RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()?,
            bytes,
        })
    }
}

/// The keys of a file, and when it was last written.
fn read(path: &Path) -> Result<(Vec<Key>, Option<SystemTime>), KeyError> {
    let failed = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Readable(path.to_owned()));
    }
    let mut text = String::new();
    let read = Read::by_ref(&mut file)
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text);
    read.map_err(failed)?;
    Ok((
        parse(&text, &path.display().to_string())?,
        about.modified().ok(),
    ))
}

fn parse(text: &str, source: &str) -> Result<Vec<Key>, KeyError> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = lines
        .map(|line| Key::parse(line).ok_or_else(|| KeyError::Shape(source.into())))
        .collect::<Result<Vec<_>, _>>()?;
    match keys.is_empty() {
        true => Err(KeyError::Shape(source.into())),
        false => Ok(keys),
    }
}

/// A new key, as a line of a key file.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_key() -> std::io::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| std::io::Error::other("no random numbers"))?;
    Ok(STANDARD.encode(bytes))
}

/// Puts a new key before the others of a file, which stays whole whatever happens.
///
/// # Errors
/// [`KeyError::File`] when the file cannot be written.
pub fn add_key(path: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let add = || {
        let others = std::fs::read_to_string(path)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        write!(file, "{}\n{others}", new_key()?)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    add().map_err(failed)
}

/// Makes the file with a first key, unless it is there.
fn make(path: &Path) -> Result<(), KeyError> {
    let made = || {
        if let Some(directory) = path.parent() {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o755)
                .create(directory)?;
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{}", new_key()?)?;
        file.sync_all()
    };
    match made() {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(KeyError::File {
            path: path.to_owned(),
            source: error,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[&str]) -> Keyring {
        Keyring::new(parse(&keys.join("\n"), "test").expect("keys"), "test")
    }

    #[test]
    fn a_secret_opens_in_its_place_alone() {
        let (old, new) = (new_key().expect("random"), new_key().expect("random"));
        let before = ring(&[&old]);
        let sealed = before.seal("a/b:X", "hush").expect("sealed");
        assert!(!sealed.contains("hush"));
        assert_ne!(sealed, before.seal("a/b:X", "hush").expect("sealed"));
        let after = ring(&[&new, &old]);
        assert_eq!(after.open_sealed("a/b:X", &sealed), Ok("hush".into()));
        assert_eq!(after.open_sealed("a/c:X", &sealed), Err(SealError::Damaged));
        let unknown = ring(&[&new]).open_sealed("a/b:X", &sealed);
        assert!(matches!(unknown, Err(SealError::UnknownKey { .. })));
        for damaged in ["", "v1", "v1.x", "v2.a.b", &sealed[..sealed.len() - 2]] {
            assert!(after.open_sealed("a/b:X", damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "\n# none\n", "AAAA", "not base64 at all"] {
            assert!(parse(text, "test").is_err(), "{text:?}");
        }
    }
}
