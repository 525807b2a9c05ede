//! The listener: connections, deadlines, and what happens to every request before and after its handler.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;

use super::envelope::Subject;
use super::errors::{ApiError, FailedWith, codes};
use super::{BASE, Shared, routes};
use crate::control::hex;

/// How long an accept that failed is not tried again: there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The longest path that is read.
const PATH_BYTES_MAX: usize = 4 << 10;
/// Bytes of a request's header section.
const HEADER_BYTES_MAX: usize = 64 << 10;

struct Door {
    api: Shared,
    router: Router,
    description: OpenApi,
    requests: Semaphore,
}

/// Answers at this address until the process ends.
pub(super) async fn serve(api: Shared, address: SocketAddr) {
    let listener = listen(address).await;
    let (router, description) = routes();
    let router = router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(CompressionLayer::new())
        .with_state(api.clone());
    let conf = &api.conf.api;
    let connections = Arc::new(Semaphore::new(conf.connections));
    let header_timeout = Duration::from_millis(conf.header_timeout_ms);
    let door = Arc::new(Door {
        requests: Semaphore::new(conf.requests),
        router,
        description,
        api,
    });
    tracing::info!(%address, account = door.api.account, "the control API answers");
    loop {
        // Whoever comes when all seats are taken waits in the system's queue.
        let Ok(seat) = connections.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(converse(door.clone(), stream, peer, header_timeout, seat));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the control API could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Listens, as soon as nobody else does: at an upgrade the predecessor has the address until it ends.
async fn listen(address: SocketAddr) -> TcpListener {
    let mut is_told = false;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) => {
                if !std::mem::replace(&mut is_told, true) {
                    tracing::warn!(%error, %address, "the control API cannot listen yet; trying until it can");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(
    door: Arc<Door>,
    stream: TcpStream,
    peer: SocketAddr,
    header_timeout: Duration,
    _seat: OwnedSemaphorePermit,
) {
    // Small answers leave at once.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let door = door.clone();
        async move { Ok::<_, Infallible>(door.answer(request.map(Body::new), peer.ip()).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_BYTES_MAX as u32)
        .keep_alive_interval(header_timeout)
        .keep_alive_timeout(header_timeout);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the control API broke off");
    }
}

impl Door {
    /// One request, from its path to its audit.
    async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response {
        let began = Instant::now();
        let method = request.method().clone();
        let id = request_id();
        let shown = super::tails::shown_path(request.uri().path());
        let shown = shown.chars().take(256).collect::<String>();
        // A handler that panics costs its own request.
        let answering = std::panic::AssertUnwindSafe(self.decide(request, peer, &id));
        let answered = answering.catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| {
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                codes::INTERNAL,
                "internal error",
            )
            .into_response()
        });
        let headers = response.headers_mut();
        if let Ok(ray) = HeaderValue::from_str(&format!("{}-CIR", &id[..16])) {
            headers.insert(HeaderName::from_static("cf-ray"), ray);
        }
        let status = response.status();
        let class = match status.as_u16() / 100 {
            1 | 2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.api
            .metrics
            .api_requests
            .with_label_values(&[class])
            .inc();
        tracing::debug!(
            %method, path = shown, status = status.as_u16(), %peer, request_id = id,
            duration_ms = began.elapsed().as_millis() as u64, "a request to the control API"
        );
        response
    }

    async fn decide(&self, mut request: Request<Body>, peer: IpAddr, id: &str) -> Response {
        if request.method() == Method::GET
            && let Some(page) = super::hostname_status::page_of(request.uri().path())
        {
            let page = page.to_owned();
            return super::hostname_status::answer(&self.api, &page).await;
        }
        let path = match place(request.uri().path()) {
            Ok(path) => path,
            Err(error) => return error.into_response(),
        };
        let method = request.method().clone();
        if path == "/openapi.json" && matches!(method, Method::GET | Method::HEAD) {
            return axum::Json(&self.description).into_response();
        }
        let Ok(_turn) = self.requests.acquire().await else {
            return ApiError::no_route(&path).into_response();
        };
        if super::tails::is_read(&method, &path) {
            return self.pass(request, &path).await;
        }
        let authenticated = match super::assets::is_upload(&method, &path) {
            true => {
                let opened = self.api.authenticate_session(request.headers(), peer, id);
                opened.map(|(caller, session)| {
                    request.extensions_mut().insert(session);
                    caller
                })
            }
            false => self.api.authenticate(request.headers(), peer, id).await,
        };
        let caller = match authenticated {
            Ok(caller) => caller,
            Err(mut error) => {
                // Whoever asks whether a token is good is told in words of its own.
                if path.ends_with("/tokens/verify") && error.code == codes::AUTHENTICATION {
                    error.code = codes::INVALID_TOKEN;
                    error.message = "Invalid API Token".into();
                }
                return error.into_response();
            }
        };
        let response = match self.api.authorize(&caller, &method, &path) {
            Ok(()) => {
                let place = super::tails::Place::of(&self.api, request.uri(), request.headers());
                request.extensions_mut().insert(place);
                request.extensions_mut().insert(caller.clone());
                self.pass(request, &path).await
            }
            Err(error) => error.into_response(),
        };
        if !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS) {
            let (resource, name) = super::description::resource(&path);
            let name = match response.extensions().get::<Subject>() {
                Some(Subject(subject)) => subject.clone(),
                None => name,
            };
            let failed = response.extensions().get::<FailedWith>();
            let result = match failed {
                Some(FailedWith(code)) => format!("refused {code}"),
                None => "ok".to_owned(),
            };
            let action = match method {
                Method::POST => "create",
                Method::PUT => "put",
                Method::PATCH => "update",
                _ => "delete",
            };
            self.api
                .control
                .note(&caller.actor, action, resource, &name, &result)
                .await;
        }
        response
    }
}

impl Door {
    /// Has a request's handler answer it, under the path without what stands before.
    async fn pass(&self, mut request: Request<Body>, path: &str) -> Response {
        let query = request.uri().query().map(|query| format!("?{query}"));
        let target = format!("{path}{}", query.unwrap_or_default());
        match target.parse::<Uri>() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(_) => return ApiError::no_route(path).into_response(),
        }
        let answered = self.router.clone().oneshot(request).await;
        answered.unwrap_or_else(|never| match never {})
    }
}

/// The path below the API's base, whatever stands before that, without doubled or trailing slashes.
fn place(path: &str) -> Result<String, ApiError> {
    if path.len() > PATH_BYTES_MAX {
        return Err(ApiError::no_route(path));
    }
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let base: Vec<&str> = BASE.split('/').skip(1).collect();
    let at = segments
        .windows(base.len())
        .position(|window| window == base);
    match at {
        Some(at) => {
            let segments = &segments[at + base.len()..];
            match segments {
                // A key may begin and end with a slash, and have several in a row.
                [
                    "accounts",
                    _,
                    "storage",
                    "kv",
                    "namespaces",
                    _,
                    "values" | "metadata",
                    _,
                    ..,
                ] => {
                    let before = segments[..7].join("/");
                    let key = behind(path, at + base.len() + 7);
                    Ok(format!("/{before}/{key}"))
                }
                _ => Ok(format!("/{}", segments.join("/"))),
            }
        }
        None if segments == ["openapi.json"] => Ok("/openapi.json".into()),
        None => Err(ApiError::no_route(path)),
    }
}

/// What stands behind so many segments of a path and one slash, as it is.
fn behind(path: &str, segments: usize) -> &str {
    let mut rest = path;
    for _ in 0..segments {
        rest = rest.trim_start_matches('/');
        rest = &rest[rest.find('/').unwrap_or(rest.len())..];
    }
    rest.strip_prefix('/').unwrap_or(rest)
}

async fn unknown(uri: Uri) -> ApiError {
    ApiError::no_route(&format!("{BASE}{}", uri.path()))
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        codes::METHOD,
        format!("{method} is not something that can be done here"),
    )
}

fn request_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness ids repeat, which only makes a log harder to read.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    hex(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_behind_any_prefix() {
        for (path, found) in [
            ("/client/v4/accounts", "/accounts"),
            ("//client//v4//accounts//", "/accounts"),
            ("/edge/api/client/v4/user/", "/user"),
            ("/client/v4", "/"),
            ("/client/v4/a%2Fb", "/a%2Fb"),
            (
                "//client/v4/accounts/a/storage/kv/namespaces/n//values//a//b/",
                "/accounts/a/storage/kv/namespaces/n/values//a//b/",
            ),
            (
                "/client/v4/accounts/a/storage/kv/namespaces/n/metadata/values/n",
                "/accounts/a/storage/kv/namespaces/n/metadata/values/n",
            ),
            (
                "/client/v4/accounts/a/storage/kv/namespaces/n/values/",
                "/accounts/a/storage/kv/namespaces/n/values",
            ),
        ] {
            assert_eq!(place(path).expect(path), found);
        }
        for path in ["/", "/client", "/v4/client", "/client/v5/user"] {
            assert!(place(path).is_err(), "{path}");
        }
    }
}
