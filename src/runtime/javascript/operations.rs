//! What a worker can ask of its host: requests, to the network and to other workers.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde::Deserialize;
use url::Url;
use wasmtime_wasi_http::{Error, WasiBody};

use super::crypto;
use super::streams::{Coding, Source, whole};
use super::wire::{Malformed, Reader, Writer};
use crate::cache;
use crate::model::Limit;
use crate::runtime::caches::{self, FromCache, Opened};
use crate::runtime::calls::{CallError, Options};
use crate::runtime::component::FORBIDDEN_HEADERS;
use crate::runtime::outbound::{SendError, Sender};

/// The numbers of the operations that take time.
pub(super) const FETCH: u32 = 1;
pub(super) const CALL: u32 = 2;
pub(super) const CACHE: u32 = 3;
/// Redirects that one fetch follows (Fetch standard, "HTTP-redirect fetch").
const REDIRECTS_MAX: usize = 20;

/// What an operation gives: a message for the engine, and a body to read; or why it failed.
pub(super) type Outcome = Result<(Vec<u8>, Option<Source>), Failed>;

/// Why an operation failed.
pub(super) struct Failed {
    /// What the engine makes an error of.
    pub text: String,
    /// The limit that another worker ran into.
    pub limit: Option<Limit>,
}

impl From<String> for Failed {
    fn from(text: String) -> Self {
        Self { text, limit: None }
    }
}

impl From<SendError> for Failed {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Call(error) => {
                let (name, message) = error.parts();
                Self {
                    text: format!("\0{name}\0{message}"),
                    limit: error.limit(),
                }
            }
            error => error.to_string().into(),
        }
    }
}

/// Operations that give their result at once. A long one asks now and then whether it may go on.
///
/// # Errors
/// A text for the worker: an exception's name, a colon and its message.
pub(super) fn call(
    operation: u32,
    arguments: &[u8],
    may_go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<u8>, String> {
    crypto::call(operation, arguments, may_go_on).map_err(|failure| failure.to_string())
}

/// Whether such an operation may take longer than about a millisecond.
pub(super) fn is_slow(operation: u32, arguments: &[u8]) -> bool {
    crypto::is_slow(operation, arguments)
}

/// Whether such an operation's result follows from its arguments alone.
pub(super) fn is_pure(operation: u32, arguments: &[u8]) -> bool {
    crypto::is_pure(operation, arguments)
}

/// A `fetch` that is to be sent.
pub(super) struct Fetch {
    method: Method,
    url: String,
    headers: HeaderMap,
    redirect: Redirect,
    wishes: String,
    pub body: FetchBody,
    /// The body, when it is not whole yet.
    pub stream: Option<WasiBody>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Redirect {
    Follow,
    Error,
    Manual,
}

/// Where a fetch's body comes from.
pub(super) enum FetchBody {
    None,
    Whole(Bytes),
    /// The worker writes it.
    Written,
    /// It is what this source gives.
    Source(u32),
}

/// The worker that a call is for.
pub(super) struct Callee<'a> {
    pub binding: &'a str,
    pub worker: &'a str,
    options: &'a str,
}

impl<'a> Callee<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            binding: reader.text()?,
            worker: reader.text()?,
            options: reader.text()?,
        })
    }

    /// # Errors
    /// What is wrong with them.
    pub(super) fn options(&self) -> Result<Options, CallError> {
        match self.options {
            "" => Ok(Options::default()),
            json => serde_json::from_str(json).map_err(|e| CallError::Binding(e.to_string())),
        }
    }
}

/// What a worker does with a cache of its own.
pub(super) struct CacheCall {
    /// `None` for the one that needs no name.
    name: Option<String>,
    action: CacheAction,
}

enum CacheAction {
    Match,
    Put(Response<()>),
    Delete,
}

/// A response as the engine writes it beside its body.
#[derive(Deserialize)]
struct PutResponse {
    status: u16,
    fields: Vec<(String, String)>,
}

impl CacheCall {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let name = serde_json::from_str(reader.text()?).map_err(|_| Malformed)?;
        let (action, response) = (reader.text()?, reader.text()?);
        let action = match action {
            "match" => CacheAction::Match,
            "delete" => CacheAction::Delete,
            "put" => {
                let put: PutResponse = serde_json::from_str(response).map_err(|_| Malformed)?;
                let mut response = Response::new(());
                *response.status_mut() = StatusCode::from_u16(put.status).map_err(|_| Malformed)?;
                for (name, value) in put.fields {
                    // Each character is a byte.
                    let value: Vec<u8> = value.chars().map(|c| c as u8).collect();
                    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed)?;
                    let value = HeaderValue::from_bytes(&value).map_err(|_| Malformed)?;
                    if !FORBIDDEN_HEADERS(&name) {
                        response.headers_mut().append(name, value);
                    }
                }
                CacheAction::Put(response)
            }
            _ => return Err(Malformed),
        };
        Ok(Self { name, action })
    }

    /// The name of the cache that is meant.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Does it; `fetch` holds the request, and the body of a response that is put.
    pub(super) async fn run(self, fetch: Fetch, opened: Opened) -> Outcome {
        let mut url = Url::parse(&fetch.url).map_err(|e| format!("{:?}: {e}", fetch.url))?;
        url.set_fragment(None);
        let address = cache::address(&url);
        let mut request = Request::new(());
        *request.method_mut() = fetch.method;
        *request.headers_mut() = fetch.headers;
        let Opened {
            cache,
            place,
            usage,
            span: _span,
        } = opened;
        let said = |is_yes: bool| {
            let mut response = Writer::default();
            response.u16(is_yes.into()).text(b"").text(b"").u8(0).u8(0);
            response.headers(&HeaderMap::new());
            Ok((response.0, None))
        };
        match self.action {
            CacheAction::Match => {
                if request.method() != Method::HEAD {
                    *request.method_mut() = Method::GET;
                }
                match cache.look_up(&place, &request, &address) {
                    Some(response) => {
                        let response = response.map(|body| {
                            let usage = Some(usage);
                            let body = FromCache { body, usage };
                            let body = body.map_err(|e| Error::InternalError(Some(e.to_string())));
                            body.boxed_unsync()
                        });
                        Ok(answer(response, &url, false))
                    }
                    None => said(false),
                }
            }
            CacheAction::Delete => said(cache.forget(&place, &address)),
            CacheAction::Put(mut response) => {
                let is_passed_on = matches!(fetch.body, FetchBody::Source(_));
                let fields = response.headers_mut();
                if !is_passed_on {
                    // What the worker has read was decoded, and may have another length.
                    fields.remove(header::CONTENT_LENGTH);
                    if Coding::of(fields).is_some() {
                        fields.remove(header::CONTENT_ENCODING);
                    }
                }
                let body = match fetch.body {
                    FetchBody::Whole(bytes) => whole(bytes),
                    _ => fetch.stream.unwrap_or_else(|| whole(Bytes::new())),
                };
                let body = body.map_err(Into::into).boxed_unsync();
                let response = response.map(|()| body);
                let kept = cache.keep(&place, &request, &address, response).await;
                said(kept.map_err(|error| error.to_string())?)
            }
        }
    }
}

impl Fetch {
    pub(super) fn read(mut reader: Reader<'_>) -> Result<Self, Malformed> {
        let method = Method::from_bytes(reader.bytes()?).map_err(|_| Malformed)?;
        let url = reader.text()?.to_owned();
        let headers = reader.headers(|name| FORBIDDEN_HEADERS(name))?;
        let redirect = match reader.u8()? {
            0 => Redirect::Follow,
            1 => Redirect::Error,
            2 => Redirect::Manual,
            _ => return Err(Malformed),
        };
        let wishes = reader.text()?.to_owned();
        let body = match reader.u8()? {
            0 => FetchBody::None,
            1 => FetchBody::Whole(Bytes::copy_from_slice(reader.bytes()?)),
            2 => FetchBody::Written,
            3 => FetchBody::Source(reader.u32()?),
            _ => return Err(Malformed),
        };
        Ok(Self {
            method,
            url,
            headers,
            redirect,
            wishes,
            body,
            stream: None,
        })
    }

    /// Sends it, and follows where it leads.
    pub(super) async fn run(mut self, sender: Sender) -> Outcome {
        let mut url = Url::parse(&self.url).map_err(|e| format!("{:?}: {e}", self.url))?;
        let mut wishes = caches::wishes(&self.wishes)?;
        let mut redirects = 0;
        loop {
            let request = self.request(&url)?;
            let response = sender.send(request, wishes.clone()).await?;
            let target = match is_redirect(response.status()) {
                true => location(&response),
                false => None,
            };
            let Some(target) = target else {
                return Ok(answer(response, &url, redirects > 0));
            };
            match self.redirect {
                Redirect::Manual => return Ok(answer(response, &url, redirects > 0)),
                Redirect::Error => {
                    let text = "the response is a redirect, and `redirect` is \"error\"";
                    return Err(text.to_owned().into());
                }
                Redirect::Follow if redirects == REDIRECTS_MAX => {
                    return Err("too many redirects".to_owned().into());
                }
                Redirect::Follow => {}
            }
            redirects += 1;
            let target = url
                .join(&target)
                .map_err(|e| format!("a redirect leads to {target:?}: {e}"))?;
            self.follow(response.status(), &url, &target)?;
            // What stands for the first URL does not stand for the next.
            wishes.key = None;
            url = target;
        }
    }

    /// The request as it goes out; a body that cannot be sent twice is handed over.
    fn request(&mut self, url: &Url) -> Result<Request<WasiBody>, String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "fetch cannot load {:?}: the scheme is neither http nor https",
                url.scheme()
            ));
        }
        let mut plain = url.clone();
        plain.set_fragment(None);
        // A request target has no place for them.
        let _ = plain.set_username("");
        let _ = plain.set_password(None);
        let uri: Uri = plain
            .as_str()
            .parse()
            .map_err(|e| format!("{:?}: {e}", plain.as_str()))?;
        let body = match &self.body {
            FetchBody::Whole(bytes) => whole(bytes.clone()),
            _ => self.stream.take().unwrap_or_else(|| whole(Bytes::new())),
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }

    /// Turns the request into the one that a redirect asks for.
    ///
    /// Source: Fetch standard, "HTTP-redirect fetch". Cookies are taken off with `Authorization`: a worker sets
    /// both by hand, for the host it named.
    fn follow(&mut self, status: StatusCode, from: &Url, to: &Url) -> Result<(), String> {
        let becomes_get = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            StatusCode::SEE_OTHER => self.method != Method::GET && self.method != Method::HEAD,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = FetchBody::None;
            for name in [
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
                header::CONTENT_TYPE,
                header::CONTENT_LENGTH,
            ] {
                self.headers.remove(name);
            }
        } else if matches!(self.body, FetchBody::Written | FetchBody::Source(_)) {
            return Err(
                "a redirect asks for the body again, and a stream cannot be sent twice".into(),
            );
        }
        if from.origin() != to.origin() {
            for name in [
                header::AUTHORIZATION,
                header::COOKIE,
                header::PROXY_AUTHORIZATION,
            ] {
                self.headers.remove(name);
            }
        }
        Ok(())
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn location(response: &Response<WasiBody>) -> Option<String> {
    let value = response.headers().get(header::LOCATION)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A response as the engine reads it, and its body.
fn answer(
    response: Response<WasiBody>,
    url: &Url,
    was_redirected: bool,
) -> (Vec<u8>, Option<Source>) {
    let (parts, body) = response.into_parts();
    let has_body = !body.is_end_stream();
    let mut message = Writer::default();
    message
        .u16(parts.status.as_u16())
        .text(
            parts
                .status
                .canonical_reason()
                .unwrap_or_default()
                .as_bytes(),
        )
        .text(url.as_str().as_bytes())
        .u8(was_redirected.into())
        .u8(has_body.into())
        .headers(&parts.headers);
    let source = has_body.then(|| Source::new(body, Coding::of(&parts.headers)));
    (message.0, source)
}
