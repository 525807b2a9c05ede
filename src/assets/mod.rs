//! Static assets: files that are served beside a worker, or without one, and never by a sandbox.
//!
//! Which file answers is decided here from a site's list of files and its rules (`paths`, `redirects`, `headers`), with no
//! I/O. The lists and the files come from memory, this node's disk or the store, in that order; all are kept by content, so
//! nothing that is kept ever changes. It knows no worker and no visitor.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use moka::future::Cache;
use thiserror::Error;

use crate::conf::{Conf, StoreUrl};
use crate::metrics::Metrics;
use crate::model::assets::{self, RunWorkerFirst};
use crate::model::{AssetsConfig, CodeHash, message};
use crate::store::KeyValue;
use crate::store::records::{self, CodeError};

mod budget;
mod disk;
mod headers;
mod paths;
mod pattern;
mod preview;
mod redirects;
mod site;

pub use budget::Share;
pub use headers::HeaderRules;
pub use preview::status;
pub use redirects::RedirectRules;

use budget::Budget;
use disk::Disk;
use paths::Meaning;
use redirects::Led;
use site::{File, Site};

/// What something in memory holds beside its bytes.
const ENTRY_BYTES: usize = 200;
/// What a browser is told to do with a file unless a rule says otherwise: to keep it, and to ask each time.
///
/// Source: Cloudflare docs, "Static assets: headers", default headers.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// A rule of `_headers` or `_redirects` that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("Invalid {file} configuration: line {line} {reason}")]
pub struct InvalidRules {
    /// The file.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Why an asset could not be had.
#[derive(Clone, Debug, Error)]
pub enum AssetError {
    /// Its bytes are not there.
    #[error(transparent)]
    Content(#[from] CodeError),
    /// Visitors who read slowly hold too many others.
    #[error("too many bytes of static assets are being sent")]
    Busy,
}

/// Serves the assets of all workers.
pub struct Assets {
    held: Cache<(Form, CodeHash), Held>,
    budget: Budget,
    disk: Option<Arc<Disk>>,
    store: Arc<dyn KeyValue>,
}

/// What lies under a hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Site,
    File,
}

#[derive(Clone)]
enum Held {
    Site(Arc<Site>),
    File(Bytes),
}

/// What of a request counts. Its body stays with whoever has it: not every body can be looked at from several threads.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target; its authority may stand in `Host` instead.
    pub uri: &'a Uri,
    /// The header fields.
    pub headers: &'a HeaderMap,
}

impl<'a> Head<'a> {
    /// The head of a request.
    pub fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
        }
    }
}

/// Who answers when assets have nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// A worker. It gets all methods but GET and HEAD, too.
    Worker {
        /// The compatibility flag `assets_navigation_prefers_asset_serving`: to a browser that opens a page, assets say
        /// that there is none.
        navigates: bool,
    },
    /// Nobody: there is always an answer.
    Nobody,
}

impl Assets {
    /// Serves from this store.
    ///
    /// # Errors
    /// When the directory for files cannot be made or read.
    pub fn open(
        conf: &Conf,
        url: &StoreUrl,
        store: Arc<dyn KeyValue>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let disk = match (url, conf.assets.disk_mb) {
            // The embedded store is on this node already.
            (StoreUrl::Embedded(_), _) | (_, 0) => None,
            (_, mb) => Some(Arc::new(Disk::open(&conf.store.data_dir, mb << 20)?)),
        };
        let weigh = |_: &(Form, CodeHash), held: &Held| {
            let bytes = match held {
                Held::Site(site) => site.bytes(),
                Held::File(bytes) => bytes.len(),
            };
            u32::try_from(bytes + ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        let cache_bytes = conf.assets.memory_mb << 20;
        let held = Cache::builder()
            .max_capacity(cache_bytes)
            .weigher(weigh)
            .build();
        Ok(Self {
            held,
            budget: Budget::new(cache_bytes, conf.assets.file_bytes_max, metrics),
            disk,
            store,
        })
    }

    /// Answers a request from a worker's assets, as a binding of type `assets` does: always, and never by the worker.
    ///
    /// `share` is what the worker's files hold in memory.
    ///
    /// # Errors
    /// [`AssetError`] when a file cannot be had.
    pub async fn fetch(
        &self,
        assets: &assets::Assets,
        share: &Share,
        request: Head<'_>,
    ) -> Result<Response<Bytes>, AssetError> {
        let site = self.site(assets).await?;
        let answer = decide(&site, &assets.config, request, Otherwise::Nobody, true);
        self.respond(answer.unwrap_or_else(Answer::not_found), share, request)
            .await
    }

    /// Answers a visitor's request, unless it is for the worker.
    ///
    /// # Errors
    /// [`AssetError`] when a file cannot be had.
    pub async fn answer(
        &self,
        assets: &assets::Assets,
        share: &Share,
        request: Head<'_>,
        otherwise: Otherwise,
    ) -> Result<Option<Response<Bytes>>, AssetError> {
        let Some((otherwise, falls_back)) = asked(&assets.config, request, otherwise) else {
            return Ok(None);
        };
        let site = self.site(assets).await?;
        match decide(&site, &assets.config, request, otherwise, falls_back) {
            Some(answer) => self.respond(answer, share, request).await.map(Some),
            None => Ok(None),
        }
    }

    async fn respond(
        &self,
        answer: Answer,
        share: &Share,
        request: Head<'_>,
    ) -> Result<Response<Bytes>, AssetError> {
        let body = match answer.body {
            Some((hash, size, range)) if request.method != Method::HEAD => {
                let bytes = self.file(hash, size, share).await?;
                // A list that was written by hand may say anything, and the head was made of it.
                if bytes.len() as u64 != size {
                    return Err(CodeError::Damaged(hash).into());
                }
                match range {
                    Some(range) => bytes.slice(range),
                    None => bytes,
                }
            }
            _ => Bytes::new(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    async fn site(&self, assets: &assets::Assets) -> Result<Arc<Site>, AssetError> {
        let hash = assets.site;
        let make = async {
            let bytes = self.bytes(&hash).await?;
            let made = blocking(move || {
                let site = serde_json::from_slice(&bytes).ok()?;
                Site::new(site).ok()
            });
            let site = made.await.ok_or(CodeError::Damaged(hash))?;
            Ok(Held::Site(Arc::new(site)))
        };
        match self.held(Form::Site, hash, make).await? {
            Held::Site(site) => Ok(site),
            Held::File(_) => Err(CodeError::Damaged(hash).into()),
        }
    }

    async fn file(&self, hash: CodeHash, size: u64, share: &Share) -> Result<Bytes, AssetError> {
        let make = async {
            let claim = self.budget.admit(share, size).ok_or(AssetError::Busy)?;
            let bytes = self.bytes(&hash).await?;
            Ok(Held::File(claim.hold(bytes)))
        };
        match self.held(Form::File, hash, make).await? {
            Held::File(bytes) => Ok(bytes),
            Held::Site(_) => Err(CodeError::Damaged(hash).into()),
        }
    }

    /// What is in memory, or is made: once for all who wait for it.
    async fn held(
        &self,
        form: Form,
        hash: CodeHash,
        make: impl Future<Output = Result<Held, AssetError>>,
    ) -> Result<Held, AssetError> {
        let made = self.held.try_get_with((form, hash), make).await;
        made.map_err(Arc::unwrap_or_clone)
    }

    /// Bytes from the disk or the store; either way they are what the hash stands for.
    async fn bytes(&self, hash: &CodeHash) -> Result<Bytes, CodeError> {
        let hash = *hash;
        let Some(disk) = self.disk.clone() else {
            return records::asset(&*self.store, &hash).await;
        };
        let on_disk = disk.clone();
        if let Some(bytes) = blocking(move || on_disk.load(&hash)).await {
            return Ok(bytes);
        }
        let bytes = records::asset(&*self.store, &hash).await?;
        let kept = bytes.clone();
        // A disk that is full costs only what it would have saved.
        let keep = move || {
            disk.keep(&hash, &kept).map_err(|error| {
            tracing::warn!(%error, "an asset could not be kept on disk; it is served from the store alone");
        }).ok()
        };
        blocking(keep).await;
        Ok(bytes)
    }
}

/// Work on the disk or of some milliseconds; `None` also when it failed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Option<T> + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok().flatten()
}

/// Who answers when the assets have nothing to say, and whether they say so of what is not there; `None` where they are not
/// asked at all.
fn asked(
    config: &AssetsConfig,
    request: Head<'_>,
    otherwise: Otherwise,
) -> Option<(Otherwise, bool)> {
    let Otherwise::Worker { navigates } = otherwise else {
        return Some((Otherwise::Nobody, true));
    };
    match turn(&config.run_worker_first, request.uri.path()) {
        Turn::Worker => None,
        Turn::Assets => Some((Otherwise::Nobody, true)),
        Turn::Either { falls_back } => {
            let mode = request.headers.get("sec-fetch-mode");
            let is_page = mode.is_some_and(|mode| mode == "navigate");
            Some((otherwise, falls_back || (navigates && is_page)))
        }
    }
}

/// Whose turn it is.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Worker,
    Assets,
    /// The assets' if they have an answer; with their answer to what is not there, or without.
    Either {
        falls_back: bool,
    },
}

fn turn(first: &RunWorkerFirst, path: &str) -> Turn {
    match first {
        RunWorkerFirst::All(true) => Turn::Worker,
        RunWorkerFirst::All(false) => Turn::Either { falls_back: false },
        RunWorkerFirst::Paths(globs) => {
            let covers = |glob: &str| pattern::covers(glob, path);
            let is_not = |glob: &String| glob.strip_prefix('!').is_some_and(covers);
            if globs.iter().any(is_not) {
                return Turn::Assets;
            }
            match globs.iter().any(|glob| covers(glob)) {
                true => Turn::Worker,
                false => Turn::Either { falls_back: true },
            }
        }
    }
}

/// An answer whose body is still to be had.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Which bytes, how many there are, and which part of them.
    body: Option<(CodeHash, u64, Option<std::ops::Range<usize>>)>,
}

impl Answer {
    fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: None,
        }
    }

    fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND)
    }

    /// Sends the visitor elsewhere; a place that no header can hold is none.
    fn redirect(status: StatusCode, to: &str) -> Self {
        let Ok(to) = HeaderValue::from_str(to) else {
            return Self::not_found();
        };
        let mut answer = Self::new(status);
        answer.headers.insert(header::LOCATION, to);
        answer
    }
}

/// What a site says to a request; `None` when that is for the worker.
fn decide(
    site: &Site,
    config: &AssetsConfig,
    request: Head<'_>,
    otherwise: Otherwise,
    falls_back: bool,
) -> Option<Answer> {
    let reads = matches!(*request.method, Method::GET | Method::HEAD);
    if !reads && otherwise != Otherwise::Nobody {
        return None;
    }
    let (path, query) = (request.uri.path(), request.uri.query());
    let mut answer = match site.redirects.lead(path, query) {
        Some(Led::Away(status, to)) => Answer::redirect(status, &to),
        Some(Led::Within(path)) => {
            let path = within(&config.base_path, &path).map(decoded);
            let file = path.and_then(|path| paths::file(site, config.html_handling, &path));
            match file {
                Some(file) if reads => serve(file, StatusCode::OK, request),
                Some(_) => not_allowed(),
                None => Answer::not_found(),
            }
        }
        None => {
            let below = within(&config.base_path, path);
            match below.and_then(|below| look(site, config, below, request, falls_back)) {
                Some(_) if !reads => not_allowed(),
                Some(answer) => answer,
                None if otherwise == Otherwise::Nobody => Answer::not_found(),
                None => return None,
            }
        }
    };
    let host = host(request.uri, request.headers);
    site.headers.apply(host, path, &mut answer.headers);
    Some(answer)
}

/// The answer of the files to a path below the base.
fn look(
    site: &Site,
    config: &AssetsConfig,
    below: &str,
    request: Head<'_>,
    falls_back: bool,
) -> Option<Answer> {
    let path = decoded(below);
    // Doubled slashes name the same file, which has one path.
    let single = collapsed(&path);
    let elsewhere = |to: &str| {
        let to = format!("{}{}", config.base_path, encoded(to));
        let to = redirects::location(&to, request.uri.query());
        Some(Answer::redirect(StatusCode::TEMPORARY_REDIRECT, &to))
    };
    match paths::meaning(site, config.html_handling, &single) {
        Meaning::File(_) if single != path => elsewhere(&single),
        Meaning::File(file) => Some(serve(file, StatusCode::OK, request)),
        Meaning::Elsewhere(to) => elsewhere(&to),
        Meaning::Nothing if falls_back => {
            let found = paths::fallback(site, config.not_found_handling, &single);
            found.map(|(file, is_answer)| match is_answer {
                true => serve(file, StatusCode::OK, request),
                false => serve(file, StatusCode::NOT_FOUND, request),
            })
        }
        Meaning::Nothing => None,
    }
}

/// A file as the answer: whole, in part, or unchanged (RFC 9110 §13, §14).
fn serve(file: &File, status: StatusCode, request: Head<'_>) -> Answer {
    let mut answer = Answer::new(status);
    let fields = request.headers;
    let is_cacheable =
        !fields.contains_key(header::AUTHORIZATION) && !fields.contains_key(header::RANGE);
    if is_cacheable {
        answer.headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    }
    let tag = format!("\"{:.32}\"", file.content.to_string());
    let tag = HeaderValue::try_from(tag).ok();
    answer
        .headers
        .extend(tag.clone().map(|tag| (header::ETAG, tag)));
    if let (StatusCode::OK, Some(tag)) = (status, &tag)
        && message::is_known(fields, tag)
    {
        answer.status = StatusCode::NOT_MODIFIED;
        return answer;
    }
    let content_type = file.content_type.clone();
    answer
        .headers
        .extend(content_type.map(|value| (header::CONTENT_TYPE, value)));
    let size = usize::try_from(file.size).unwrap_or(usize::MAX);
    let mut length = size;
    let mut part = None;
    if status == StatusCode::OK {
        let bytes = HeaderValue::from_static("bytes");
        answer.headers.insert(header::ACCEPT_RANGES, bytes);
        match message::asked(request.method, fields, size, tag.as_ref()) {
            message::Asked::Whole => {}
            message::Asked::Part(range) => {
                answer.status = StatusCode::PARTIAL_CONTENT;
                let what = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                let what = HeaderValue::try_from(what).ok();
                answer
                    .headers
                    .extend(what.map(|what| (header::CONTENT_RANGE, what)));
                length = range.len();
                part = Some(range);
            }
            message::Asked::Nothing => {
                answer.status = StatusCode::RANGE_NOT_SATISFIABLE;
                let what = HeaderValue::try_from(format!("bytes */{size}")).ok();
                answer.headers.remove(header::CONTENT_TYPE);
                answer
                    .headers
                    .extend(what.map(|what| (header::CONTENT_RANGE, what)));
                return answer;
            }
        }
    }
    answer.headers.insert(header::CONTENT_LENGTH, length.into());
    answer.body = Some((file.content, file.size, part));
    answer
}

fn not_allowed() -> Answer {
    let mut answer = Answer::new(StatusCode::METHOD_NOT_ALLOWED);
    let methods = HeaderValue::from_static("GET, HEAD");
    answer.headers.insert(header::ALLOW, methods);
    answer
}

/// A path below the base; `None` when it lies elsewhere.
fn within<'a>(base: &str, path: &'a str) -> Option<&'a str> {
    match path.strip_prefix(base)? {
        "" => Some("/"),
        below if below.starts_with('/') => Some(below),
        _ => None,
    }
}

/// A path with its percent signs resolved, once; a part that is not UTF-8 then stays as it is.
fn decoded(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
        decoded.map_or_else(|_| part.to_owned(), std::borrow::Cow::into_owned)
    });
    parts.collect::<Vec<_>>().join("/")
}

fn collapsed(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !single.ends_with('/') {
            single.push(c);
        }
    }
    single
}

/// A decoded path as a URL has it.
fn encoded(path: &str) -> String {
    const SET: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    percent_encoding::utf8_percent_encode(path, SET).to_string()
}

/// The hostname a request is for, without a port.
fn host<'a>(uri: &'a Uri, fields: &'a HeaderMap) -> &'a str {
    if let Some(host) = uri.host() {
        return host;
    }
    let host = fields.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("");
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_whose_turn_it_is() {
        let paths = |globs: &[&str]| {
            RunWorkerFirst::Paths(globs.iter().map(|glob| (*glob).to_owned()).collect())
        };
        let api = paths(&["/api/*", "!/api/docs/*"]);
        for (first, path, expected) in [
            (RunWorkerFirst::All(true), "/", Turn::Worker),
            (
                RunWorkerFirst::All(false),
                "/",
                Turn::Either { falls_back: false },
            ),
            (api.clone(), "/api/a", Turn::Worker),
            (api.clone(), "/api/docs/a", Turn::Assets),
            (api, "/", Turn::Either { falls_back: true }),
        ] {
            assert_eq!(turn(&first, path), expected, "{first:?} {path}");
        }
    }

    #[test]
    fn paths_are_resolved_once() {
        assert_eq!(
            decoded("/a%20b/%2e%2e/c%2Fd/%ff/%2525"),
            "/a b/../c/d/%ff/%25"
        );
        assert_eq!(collapsed("//a///b/"), "/a/b/");
        assert_eq!(encoded("/a b/é.x"), "/a%20b/%C3%A9.x");
        assert_eq!(within("/docs", "/docs/a"), Some("/a"));
        assert_eq!(within("/docs", "/docs"), Some("/"));
        assert_eq!(within("/docs", "/docsa"), None);
        assert_eq!(within("", "/a"), Some("/a"));
    }
}
