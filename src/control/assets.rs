//! Static assets on their way in: a list of files, then the files that are not here yet, then the worker they belong to.
//!
//! Uploaders name a file by a hash of their own making, which nobody can check. It is therefore good for one script alone,
//! and files are kept by our own hash: who names another tenant's file has to bring it.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use time::OffsetDateTime;

use super::upload::AssetsSaid;
use super::{Actor, Control, ControlError, json};
use crate::model::assets::{AssetFile, Assets, RunWorkerFirst, Site};
use crate::model::{CodeHash, REGULAR, TenantId};
use crate::store::records::{self, CodeError};
use crate::store::{Write, keys};

/// What a token's seal is for.
const PURPOSE: &str = "cirque 2026-11 assets session";
/// How long a session is good for; Cloudflare's completion tokens are for as long.
const LIFE_S: i64 = 3_600;
/// The longest token that is read.
const TOKEN_BYTES_MAX: usize = 4 << 10;
/// What one request of an upload brings: files, and bytes of them unless one file has more.
const BUCKET_FILES: usize = 200;
const BUCKET_BYTES: u64 = 8 << 20;
/// Bytes of a file's path, and hex digits of its uploader's hash.
const PATH_BYTES_MAX: usize = 1_024;
const HASH_CHARACTERS_MAX: usize = 64;
/// Bytes of a content type.
const TYPE_BYTES_MAX: usize = 255;
/// A script whose uploads have come to more files than this many times `assets.files_max` begins anew.
const KNOWN_TIMES: u64 = 10;
/// Members of a set in one round trip.
const PAGE: usize = 5_000;

/// A token that stands for no session.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidSession {
    /// Nobody here made it.
    #[error("the token is none that an assets upload session here gave out")]
    Forged,
    /// Its time is over, or its list is gone.
    #[error("the assets upload session is over; begin another")]
    Over,
    /// It is good for another script.
    #[error("the token is for the assets of {0}, not of this worker")]
    Other(String),
    /// Files are missing.
    #[error("the file {0:?} and perhaps others have not been uploaded; upload every bucket first")]
    Unfinished(String),
}

/// What a token says, in the form of a JSON Web Token, which clients look into for its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The account.
    account: String,
    /// The script.
    script: String,
    /// The list of files, by content.
    manifest: CodeHash,
    /// The token of the API that began it.
    token_id: String,
    token_name: String,
    iat: i64,
    exp: i64,
}

/// A list of files as its uploader made it, by path.
type Manifest = BTreeMap<String, Declared>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Declared {
    hash: String,
    size: u64,
}

/// A file as it comes.
pub struct NewFile {
    /// Its uploader's hash.
    pub hash: String,
    /// As the part says; empty when it says nothing.
    pub content_type: String,
    /// Its bytes.
    pub content: Bytes,
}

/// A file that was uploaded for a script.
struct Known {
    content: CodeHash,
    /// `None`: nobody has said; empty: it has none.
    content_type: Option<String>,
}

/// The content type that stands for none.
///
/// Source: Cloudflare docs, "Direct uploads".
const NO_TYPE: &str = "application/null";

impl Session {
    /// The script, as `namespace/name`.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// Who began it: the id and the name of a token.
    pub fn token(&self) -> (&str, &str) {
        (&self.token_id, &self.token_name)
    }
}

impl Control {
    /// Begins to upload files for a script: a token, and the uploaders' hashes of those that are not here yet.
    ///
    /// # Errors
    /// [`ControlError`] that names the file and what is wrong with it.
    pub async fn begin_assets(
        &self,
        tenant: &TenantId,
        manifest: Value,
        actor: &Actor,
    ) -> Result<(String, Vec<Vec<String>>), ControlError> {
        if tenant.namespace() != REGULAR {
            self.open_namespace(tenant.namespace()).await?;
        }
        let manifest = self.manifest(manifest)?;
        let set = keys::files(tenant);
        let known_max = KNOWN_TIMES * self.conf.assets.files_max as u64;
        let counts = self.store.counts(std::slice::from_ref(&set)).await?;
        if counts.iter().any(|count| *count > known_max) {
            self.store.write(&[Write::Trim(set, 0)]).await?;
        }
        let known = self.files(tenant).await?;
        let mut missing: Vec<&Declared> = manifest
            .values()
            .filter(|file| !known.contains_key(*file))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let bytes = json(&manifest);
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let session = Session {
            account: self.account().await?.id,
            script: tenant.to_string(),
            manifest: CodeHash::of(&bytes),
            token_id: actor.id.clone(),
            token_name: actor.name.clone(),
            iat: now,
            exp: now + LIFE_S,
        };
        let put = Write::Put(keys::asset(&session.manifest), bytes);
        let buckets = buckets(&missing);
        self.store.write(&[put]).await?;
        Ok((self.seal_session(&session), buckets))
    }

    /// The session that a token stands for.
    ///
    /// # Errors
    /// [`InvalidSession`] when it stands for none any more, or never did.
    pub fn session(&self, account: &str, token: &str) -> Result<Session, InvalidSession> {
        let forged = InvalidSession::Forged;
        if token.len() > TOKEN_BYTES_MAX {
            return Err(forged);
        }
        let (signed, seal) = token.rsplit_once('.').ok_or(forged.clone())?;
        let (_, payload) = signed.split_once('.').ok_or(forged.clone())?;
        let is_ours = || {
            let seals = self.keyring.hashes(PURPOSE, signed);
            let is =
                |ours: &String| verify_slices_are_equal(ours.as_bytes(), seal.as_bytes()).is_ok();
            seals.iter().any(is)
        };
        // It may have been sealed with a key that came since.
        let is_ours = is_ours() || (self.keyring.reload() && is_ours());
        if !is_ours {
            return Err(forged);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload);
        let session = payload.ok().and_then(|p| serde_json::from_slice(&p).ok());
        let session: Session = session.ok_or(forged.clone())?;
        if session.account != account {
            return Err(forged);
        }
        match session.exp > OffsetDateTime::now_utc().unix_timestamp() {
            true => Ok(session),
            false => Err(InvalidSession::Over),
        }
    }

    /// Takes files of a session in; once all of its list are here, the token that a worker is deployed with.
    ///
    /// # Errors
    /// [`ControlError`] that names the file and what is wrong with it; then none of these is kept.
    pub async fn put_assets(
        &self,
        session: &Session,
        files: Vec<NewFile>,
    ) -> Result<Option<String>, ControlError> {
        let tenant = TenantId::parse(&session.script)?;
        let manifest = self.session_manifest(session).await?;
        let sizes: HashMap<&str, u64> = manifest
            .values()
            .map(|file| (file.hash.as_str(), file.size))
            .collect();
        let mut known = self.files(&tenant).await?;
        let (mut contents, mut members) = (Vec::new(), Vec::new());
        for file in files {
            let (shown, declared) = check_file(&file, &sizes)?;
            if known.contains_key(&declared) {
                continue;
            }
            let content = CodeHash::of(&file.content);
            let content_type = match file.content_type.as_str() {
                "" => None,
                NO_TYPE => Some(String::new()),
                other if other.len() <= TYPE_BYTES_MAX && HeaderValue::from_str(other).is_ok() => {
                    Some(other.to_owned())
                }
                _ => {
                    return Err(ControlError::Invalid(format!(
                        "the content type of the file {shown:?} is none"
                    )));
                }
            };
            contents.push(Write::Put(keys::asset(&content), file.content));
            let said = match &content_type {
                None => "?".to_owned(),
                Some(said) => format!("={said}"),
            };
            let member = format!("{} {} {content} {said}", declared.hash, declared.size);
            members.push(Write::Add(keys::files(&tenant), member));
            let file = Known {
                content,
                content_type,
            };
            known.insert(declared, file);
        }
        // The files first: what is known is there.
        if !contents.is_empty() {
            self.store.write(&contents).await?;
            self.store.write(&members).await?;
        }
        // Of requests side by side the last one finds what the others brought.
        let known = self.files(&tenant).await?;
        let is_whole = manifest.values().all(|file| known.contains_key(file));
        Ok(is_whole.then(|| self.seal_session(session)))
    }

    /// The assets that a token stands for, served as their upload says.
    pub(super) async fn take_assets(
        &self,
        tenant: &TenantId,
        token: &str,
        said: &AssetsSaid,
    ) -> Result<Assets, ControlError> {
        let session = self.session(&self.account().await?.id, token)?;
        if session.script != tenant.to_string() {
            return Err(InvalidSession::Other(session.script).into());
        }
        let known = self.files(tenant).await?;
        let file = |(path, declared): (String, Declared)| {
            let Some(known) = known.get(&declared) else {
                return Err(InvalidSession::Unfinished(path));
            };
            let file = AssetFile {
                content: known.content,
                size: declared.size,
                content_type: match &known.content_type {
                    None => Some(guessed(&path)),
                    Some(said) => Some(said.clone()).filter(|said| !said.is_empty()),
                },
            };
            Ok((path, file))
        };
        let manifest = self.session_manifest(&session).await?;
        let files = manifest.into_iter().map(file).collect::<Result<_, _>>()?;
        self.put_site(
            Site {
                files,
                ..Site::default()
            },
            said,
        )
        .await
    }

    /// The same files, served as an upload says.
    pub(super) async fn configure_assets(
        &self,
        before: &Assets,
        said: &AssetsSaid,
    ) -> Result<Assets, ControlError> {
        let bytes = records::asset(&*self.store, &before.site).await;
        let bytes = bytes.map_err(|error| match error {
            CodeError::Store(error) => ControlError::Store(error),
            error => ControlError::Compiler(error.to_string()),
        })?;
        let site = serde_json::from_slice(&bytes).map_err(|e| ControlError::Record {
            key: keys::asset(&before.site),
            reason: e.to_string(),
        })?;
        self.put_site(site, said).await
    }

    async fn put_site(&self, mut site: Site, said: &AssetsSaid) -> Result<Assets, ControlError> {
        said.headers.clone_into(&mut site.headers);
        said.redirects.clone_into(&mut site.redirects);
        let bytes = json(&site);
        let site = CodeHash::of(&bytes);
        self.store
            .write(&[Write::Put(keys::asset(&site), bytes)])
            .await?;
        Ok(Assets {
            site,
            config: said.config.clone(),
        })
    }

    /// Reads a list of files.
    fn manifest(&self, value: Value) -> Result<Manifest, ControlError> {
        let manifest: Manifest = serde_json::from_value(value).map_err(|e| {
            ControlError::Invalid(format!(
                "`manifest` is an object, as in {{\"/index.html\": {{\"hash\": \"0123…\", \"size\": 12}}}}: {e}"
            ))
        })?;
        let conf = &self.conf.assets;
        if manifest.len() > conf.files_max {
            return Err(ControlError::TooLarge(format!(
                "the manifest has {} files; a worker has at most {} (`assets.files_max`)",
                manifest.len(),
                conf.files_max
            )));
        }
        let mut sizes: HashMap<&str, u64> = HashMap::new();
        for (path, file) in &manifest {
            let shown: String = path.chars().take(128).collect();
            let wrong = |what: &str| {
                ControlError::Invalid(format!("the file {shown:?} of the manifest {what}"))
            };
            check_path(path).map_err(wrong)?;
            let is_hash = (1..=HASH_CHARACTERS_MAX).contains(&file.hash.len())
                && file.hash.bytes().all(|b| b.is_ascii_hexdigit());
            if !is_hash {
                return Err(wrong("has a `hash` that is not 1 to 64 hexadecimal digits"));
            }
            if file.size > conf.file_bytes_max {
                return Err(ControlError::TooLarge(format!(
                    "the file {shown:?} has {} bytes; one has at most {} (`assets.file_bytes_max`)",
                    file.size, conf.file_bytes_max
                )));
            }
            if *sizes.entry(&file.hash).or_insert(file.size) != file.size {
                return Err(wrong("has the hash of another file, but another size"));
            }
        }
        Ok(manifest)
    }

    async fn session_manifest(&self, session: &Session) -> Result<Manifest, ControlError> {
        let bytes = records::asset(&*self.store, &session.manifest).await;
        let bytes = bytes.map_err(|error| match error {
            CodeError::Store(error) => ControlError::Store(error),
            CodeError::Missing(_) | CodeError::Damaged(_) => InvalidSession::Over.into(),
        })?;
        serde_json::from_slice(&bytes).map_err(|_| InvalidSession::Over.into())
    }

    /// The files that were uploaded for a script.
    async fn files(&self, tenant: &TenantId) -> Result<HashMap<Declared, Known>, ControlError> {
        let set = keys::files(tenant);
        let (mut files, mut after) = (HashMap::new(), String::new());
        loop {
            let members = self.store.members(&set, &after, PAGE).await?;
            let Some(last) = members.last().cloned() else {
                return Ok(files);
            };
            files.extend(members.iter().filter_map(|member| read_member(member)));
            after = last;
        }
    }

    fn seal_session(&self, session: &Session) -> String {
        let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
        // No algorithm that others know: nobody else has to check it.
        let head = part(br#"{"alg":"BLAKE3","typ":"JWT"}"#);
        let signed = format!("{head}.{}", part(&json(session)));
        let seal = self.keyring.hashes(PURPOSE, &signed).swap_remove(0);
        format!("{signed}.{seal}")
    }
}

/// The hashes in portions that one request can bring.
fn buckets(missing: &[&Declared]) -> Vec<Vec<String>> {
    let mut buckets: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for file in missing {
        let has_room = |bucket: &&mut Vec<String>| {
            bucket.len() < BUCKET_FILES && bytes + file.size <= BUCKET_BYTES
        };
        match buckets.last_mut().filter(has_room) {
            Some(bucket) => {
                bucket.push(file.hash.clone());
                bytes += file.size;
            }
            None => {
                buckets.push(vec![file.hash.clone()]);
                bytes = file.size;
            }
        }
    }
    buckets
}

/// The largest body that a bucket can make: base64, with the parts' heads.
pub fn bucket_bytes_max(conf: &crate::conf::Conf) -> usize {
    let bytes = conf.assets.file_bytes_max.max(BUCKET_BYTES);
    usize::try_from(bytes / 3 * 4 + (1 << 20)).unwrap_or(usize::MAX)
}

/// Whether a URL can lead to a file, and nobody can read its path in two ways.
fn check_path(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') || path.len() < 2 {
        return Err("has a path that does not begin with `/` and a name");
    }
    if path.len() > PATH_BYTES_MAX {
        return Err("has a path of more than 1024 bytes");
    }
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Err("has a path with a backslash or a control character");
    }
    match path[1..]
        .split('/')
        .find(|part| matches!(*part, "" | "." | ".."))
    {
        Some("") => Err("has a path with an empty name in it"),
        Some(_) => Err("has a path with `.` or `..` in it"),
        None => Ok(()),
    }
}

/// A file as the manifest has it, if it does.
fn check_file(
    file: &NewFile,
    sizes: &HashMap<&str, u64>,
) -> Result<(String, Declared), ControlError> {
    let shown: String = file.hash.chars().take(64).collect();
    let Some(&size) = sizes.get(file.hash.as_str()) else {
        return Err(ControlError::Invalid(format!(
            "the file {shown:?} is not in the manifest of this session"
        )));
    };
    if file.content.len() as u64 != size {
        return Err(ControlError::Invalid(format!(
            "the file {shown:?} has {} bytes, but {size} in the manifest; is it base64, and `base64=true` in the query?",
            file.content.len()
        )));
    }
    let declared = Declared {
        hash: file.hash.clone(),
        size,
    };
    Ok((shown, declared))
}

fn read_member(member: &str) -> Option<(Declared, Known)> {
    let mut parts = member.splitn(4, ' ');
    let declared = Declared {
        hash: parts.next()?.to_owned(),
        size: parts.next()?.parse().ok()?,
    };
    let content = parts.next()?.parse().ok()?;
    let content_type = parts.next()?.strip_prefix('=').map(str::to_owned);
    Some((
        declared,
        Known {
            content,
            content_type,
        },
    ))
}

/// The content type of a file whose uploader names none, by its ending.
fn guessed(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    match guess.type_() {
        mime_guess::mime::TEXT => format!("{guess}; charset=utf-8"),
        _ => guess.to_string(),
    }
}

/// Whether the worker may be asked first at all, and the globs can be read.
///
/// Source: Cloudflare API, `metadata.assets.config.run_worker_first`.
pub(super) fn check_globs(first: &RunWorkerFirst) -> Result<(), &'static str> {
    const GLOBS_MAX: usize = 100;
    const GLOB_BYTES_MAX: usize = 100;
    let RunWorkerFirst::Paths(globs) = first else {
        return Ok(());
    };
    if globs.len() > GLOBS_MAX {
        return Err("has more than 100 paths");
    }
    if globs.iter().any(|glob| glob.len() > GLOB_BYTES_MAX) {
        return Err("has a path of more than 100 bytes");
    }
    let plain = |glob: &String| glob.strip_prefix('!').unwrap_or(glob).starts_with('/');
    if !globs.iter().all(plain) {
        return Err("has a path that begins with neither `/` nor `!/`");
    }
    match globs.iter().any(|glob| glob.starts_with('/')) {
        true => Ok(()),
        false => Err("has no path for the worker, only such as begin with `!`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_time_and_account() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut conf = crate::conf::Conf::default();
        conf.store.data_dir = directory.path().into();
        let url = crate::conf::StoreUrl::Embedded(directory.path().join("store.db"));
        let store = crate::store::open(&conf, &url).expect("a store");
        let metrics = std::sync::Arc::new(crate::metrics::Metrics::new(0));
        let control = Control::open(&conf, store, metrics).expect("keys");
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let session = |exp| Session {
            account: "a".into(),
            script: "n/s".into(),
            manifest: CodeHash::of(b""),
            token_id: String::new(),
            token_name: String::new(),
            iat: now,
            exp,
        };
        let token = control.seal_session(&session(now + LIFE_S));
        let found = control.session("a", &token).expect("a session");
        assert_eq!(found.script(), "n/s");
        let wrong = |account: &str, token: &str| control.session(account, token).err();
        assert_eq!(wrong("b", &token), Some(InvalidSession::Forged));
        let over = control.seal_session(&session(now));
        assert_eq!(wrong("a", &over), Some(InvalidSession::Over));
        // A seal of another token's head and payload.
        let seal = token.rsplit('.').next().expect("a seal");
        let mixed = over.rsplit_once('.').expect("a seal").0;
        let mixed = format!("{mixed}.{seal}");
        assert_eq!(wrong("a", &mixed), Some(InvalidSession::Forged));
    }

    #[test]
    fn paths_that_can_be_read_in_two_ways_are_refused() {
        for path in [
            "/a",
            "/a b/é.html",
            "/.well-known/x",
            "/...",
            "/%2e%2e/a",
            "/a?b#c",
        ] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        let long = format!("/{}", "a".repeat(1_024));
        for path in [
            "", "/", "a", "//a", "/a/", "/a//b", "/../a", "/a/..", "/./a", "/a\\b", "/a\nb",
            "/a\0", &long,
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn buckets_hold_what_one_request_can_bring() {
        let file = |n: u64, size| Declared {
            hash: format!("{n:04x}"),
            size,
        };
        let small: Vec<_> = (0..450).map(|n| file(n, 1)).collect();
        let counts = |files: &[Declared]| -> Vec<usize> {
            buckets(&files.iter().collect::<Vec<_>>())
                .iter()
                .map(Vec::len)
                .collect()
        };
        assert_eq!(counts(&small), [200, 200, 50]);
        let large = [
            file(1, 7 << 20),
            file(2, 2 << 20),
            file(3, 25 << 20),
            file(4, 1),
        ];
        assert_eq!(counts(&large), [1, 1, 1, 1]);
        assert!(counts(&[]).is_empty());
    }

    #[test]
    fn a_known_file_is_read_as_it_was_written() {
        let content = CodeHash::of(b"a");
        for (said, content_type) in [
            ("?", None),
            ("=", Some("")),
            (
                "=text/html; charset=utf-8",
                Some("text/html; charset=utf-8"),
            ),
        ] {
            let (declared, known) =
                read_member(&format!("0a 7 {content} {said}")).expect("a member");
            assert_eq!((declared.hash.as_str(), declared.size), ("0a", 7));
            assert_eq!(known.content, content);
            assert_eq!(known.content_type.as_deref(), content_type);
        }
        assert_eq!(guessed("/a.css"), "text/css; charset=utf-8");
        assert_eq!(guessed("/a.woff2"), "font/woff2");
        assert_eq!(guessed("/a"), "application/octet-stream");
    }
}
