//! Tails: opened, listed and ended like any record, and read over a WebSocket.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{self, Path};
use super::envelope::{Done, Envelope, Thing};
use super::errors::{ApiError, codes};
use super::target::Target;
use super::{Api, BASE, Shared};
use crate::control::tails::tail_id;
use crate::tail::{Filters, Opened, Read, Reader, Scope, TooManyReaders};

/// What wrangler speaks; it accepts nothing else.
const PROTOCOL: &str = "trace-v1";
/// Bytes of a list of filters.
const FILTERS_BYTES_MAX: usize = 64 << 10;
/// Bytes of a message from a reader, who has nothing to say but pings.
const MESSAGE_BYTES_MAX: usize = 4 << 10;
/// How often a reader is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// A reader that takes nothing for so long is let go.
const SEND_MAX: Duration = Duration::from_secs(60);
/// How long a reader is waited for that is told of the end.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// What has no script in its path: a tail's events.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read))
}

/// The tails of dispatch namespaces, below their paths; Cirque's own.
pub(super) fn namespace_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_of_namespace, open_of_namespace))
        .routes(routes!(close_of_namespace))
}

/// Whether a request reads a tail. It shows no token: its path is the tail's own secret.
pub(super) fn is_read(method: &Method, path: &str) -> bool {
    *method == Method::GET && path.starts_with("/tails/")
}

/// A path as it may be logged: without a tail's secret.
pub(super) fn shown_path(path: &str) -> &str {
    const TAILS: &str = "/client/v4/tails/";
    path.find(TAILS)
        .map_or(path, |at| &path[..at + TAILS.len()])
}

/// Where a client reaches the API, as it sees it.
#[derive(Clone)]
pub(super) struct Place(String);

impl Place {
    /// What the settings say, or else what the request says.
    pub(super) fn of(api: &Api, uri: &Uri, headers: &HeaderMap) -> Self {
        let text = |name: header::HeaderName| headers.get(name)?.to_str().ok();
        let set = api.conf.api.public_url.trim_end_matches('/');
        if !set.is_empty() {
            return Self(set.strip_suffix(BASE).unwrap_or(set).to_owned());
        }
        let proto = headers.get("x-forwarded-proto");
        let scheme = match proto.is_some_and(|proto| proto == "https") {
            true => "https",
            false => "http",
        };
        let authority = uri.authority().map(|authority| authority.as_str());
        let host = text(header::HOST).or(authority).unwrap_or_default();
        // Whatever stands before the API's base is a proxy's.
        let before = uri.path().find(BASE).map(|at| &uri.path()[..at]);
        Self(format!("{scheme}://{host}{}", before.unwrap_or_default()))
    }

    fn socket(&self, key: &str) -> String {
        let rest = match self.0.split_once("://") {
            Some(("https", rest)) => format!("wss://{rest}"),
            Some((_, rest)) => format!("ws://{rest}"),
            None => format!("ws://{}", self.0),
        };
        format!("{rest}{BASE}/tails/{key}")
    }
}

/// Opens a tail of a worker: `{"filters": […]}`, or nothing. Its URL is a WebSocket's, and is shown only here.
#[utoipa::path(
    post, path = "/{script}/tails", request_body = Option<Thing>,
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn open(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let scope = Scope::worker(&target.tenant);
    begin(&api, &caller, request, |_| Ok(scope)).await
}

/// Opens a tail of all workers of a dispatch namespace, or with `"tag"` beside the filters of those that have a tag.
#[utoipa::path(
    post, path = "/{namespace}/tails", request_body = Option<Thing>,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn open_of_namespace(
    State(api): State<Shared>,
    caller: Caller,
    path: Path,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    begin(&api, &caller, request, |asked| {
        let tag = match &asked["tag"] {
            Value::Null => None,
            Value::String(tag) => Some(tag.clone()),
            _ => return Err(ApiError::body("`tag` is a string, as in \"premium\"")),
        };
        Ok(Scope::namespace(path.part("namespace"), tag))
    })
    .await
}

async fn begin(
    api: &Shared,
    caller: &Caller,
    request: Request<Body>,
    scope: impl FnOnce(&Value) -> Result<Scope, ApiError>,
) -> Result<Done<Value>, ApiError> {
    let place = request.extensions().get::<Place>().cloned();
    let bytes = body::read(api, request.into_body(), FILTERS_BYTES_MAX).await?;
    let asked = match bytes.is_empty() {
        true => Value::Null,
        false => body::json(&bytes)?,
    };
    let filters = Filters::read(&asked, &caller.actor.ip);
    let filters = filters.map_err(|error| ApiError::body(error.to_string()))?;
    let is_read = |id: &str| api.tails.own(id).is_some();
    let opened = api.control.open_tail(scope(&asked)?, filters, is_read);
    let (opened, key) = opened.await?;
    let mut shown = shown(&opened);
    shown["url"] = place.map(|place| place.socket(&key)).into();
    Ok(Done(shown))
}

/// The tails of a worker.
#[utoipa::path(get, path = "/{script}/tails", responses((status = 200, body = Envelope<Vec<Thing>>)))]
pub(super) async fn list(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Vec<Value>>, ApiError> {
    let tails = api.control.tails(&Scope::worker(&target.tenant)).await?;
    Ok(Done(tails.iter().map(shown).collect()))
}

/// The tails of a dispatch namespace and of its tags.
#[utoipa::path(get, path = "/{namespace}/tails", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn list_of_namespace(
    State(api): State<Shared>,
    path: Path,
) -> Result<Done<Vec<Value>>, ApiError> {
    let scope = Scope::namespace(path.part("namespace"), None);
    let tails = api.control.tails(&scope).await?;
    Ok(Done(tails.iter().map(shown).collect()))
}

/// Ends a tail, and the connection of whoever reads it, on whichever node.
#[utoipa::path(delete, path = "/{script}/tails/{tail}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn close(State(api): State<Shared>, target: Target) -> Result<Response, ApiError> {
    end(&api, &Scope::worker(&target.tenant), &target.path).await
}

/// Ends a tail of a dispatch namespace or of one of its tags.
#[utoipa::path(delete, path = "/{namespace}/tails/{tail}", responses((status = 200, body = Envelope<Thing>)))]
async fn close_of_namespace(State(api): State<Shared>, path: Path) -> Result<Response, ApiError> {
    let scope = Scope::namespace(path.part("namespace"), None);
    end(&api, &scope, &path).await
}

async fn end(api: &Shared, scope: &Scope, path: &Path) -> Result<Response, ApiError> {
    let id = path.part("tail");
    if !api.control.close_tail(scope, id).await? {
        return Err(no_tail());
    }
    api.tails.end(id);
    // Cloudflare's package gives this whole answer to its caller, who looks for the id in it.
    let answer = json!({
        "id": id, "result": { "id": id }, "success": true, "errors": [], "messages": [],
    });
    Ok(axum::Json(answer).into_response())
}

/// The events of a tail, one JSON object in each message of a WebSocket, with the subprotocol `trace-v1`.
#[utoipa::path(
    get, path = "/tails/{key}", security(()),
    responses((status = 101, description = "The WebSocket follows"))
)]
async fn read(
    State(api): State<Shared>,
    path: Path,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let Ok(upgrade) = upgrade else {
        let message = "a tail is read over a WebSocket";
        return Err(ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            codes::BODY,
            message,
        ));
    };
    let key = path.part("key");
    let opened = match api.control.tail(key).await {
        Ok(found) => found.ok_or_else(no_tail)?,
        // Whoever comes back to a tail that is read here needs no store.
        Err(error) => match api.tails.own(&tail_id(key)) {
            Some(tail) => tail.opened.clone(),
            None => return Err(error.into()),
        },
    };
    let reader = api.tails.read(opened);
    let reader = reader.map_err(|error: TooManyReaders| {
        ApiError::new(StatusCode::CONFLICT, codes::BUSY, error.to_string())
    })?;
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        // wrangler's first message is not masked.
        .accept_unmasked_frames(true)
        .on_upgrade(move |socket| serve(socket, reader)))
}

/// Sends a tail's events until it is over, or its reader gone.
async fn serve(mut socket: WebSocket, reader: Reader) {
    let is_over = tokio::select! {
        () = reader.done() => true,
        is_over = send_all(&mut socket, &reader) => is_over,
    };
    drop(reader);
    if is_over {
        let frame = CloseFrame {
            code: close_code::NORMAL,
            reason: "the tail is over".into(),
        };
        let close = socket.send(Message::Close(Some(frame)));
        let _ = tokio::time::timeout(CLOSE_MAX, close).await;
    }
}

/// Ends when the tail does, which it says, when the connection does, or when nothing is taken any more.
async fn send_all(socket: &mut WebSocket, reader: &Reader) -> bool {
    let mut ping = tokio::time::interval(PING);
    // The first one is due at once.
    ping.reset();
    loop {
        let message = tokio::select! {
            event = reader.next() => match event {
                Some(Read::Event(event)) => Message::text(&*event),
                Some(Read::Dropped(count)) => Message::text(dropped(count)),
                None => return true,
            },
            said = socket.recv() => match said {
                // Pings are answered below; there is nothing else to be said.
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return false,
            },
            _ = ping.tick() => Message::Ping("cirque".into()),
        };
        match tokio::time::timeout(SEND_MAX, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return false,
        }
    }
}

/// Says that events were lost, as wrangler prints it.
fn dropped(count: u64) -> String {
    let now = OffsetDateTime::now_utc();
    let message = format!(
        "{count} events were dropped, because they came faster than they were read or sent"
    );
    json!({
        "outcome": "ok",
        "scriptName": null,
        "exceptions": [],
        "logs": [],
        "eventTimestamp": i64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0),
        "event": { "type": "overload", "message": message, "dropped": count },
    })
    .to_string()
}

fn shown(tail: &Opened) -> Value {
    let expires_s = i64::try_from(tail.expires_s()).unwrap_or(i64::MAX);
    let expires_at = OffsetDateTime::from_unix_timestamp(expires_s).ok();
    let expires_at = expires_at.and_then(|time| time.format(&Rfc3339).ok());
    let mut shown = json!({ "id": tail.id, "expires_at": expires_at });
    if let Some(tag) = &tail.scope.tag {
        shown["tag"] = tag.as_str().into();
    }
    shown
}

fn no_tail() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        codes::NOT_FOUND,
        "there is no such tail, or it is over",
    )
}
