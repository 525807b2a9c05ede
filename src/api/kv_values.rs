//! Values of key-value namespaces: one by one as they are, and many at a time as JSON.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Json, Path, Query, json as from_json, read};
use super::envelope::{Done, Envelope, Thing};
use super::errors::ApiError;
use super::{Api, Shared, form};
use crate::control::ControlError;
use crate::kv::value;
use crate::model::KvKey;
use crate::model::kv::{InvalidKv, METADATA_BYTES_MAX, READ_KEYS_MAX, check_metadata};
use crate::store::values::Change;

/// Pairs of one bulk write.
///
/// Source: Cloudflare API, "Write multiple key-value pairs".
const PAIRS_MAX: usize = 10_000;
/// What a form has around a value and its metadata.
const FORM_BYTES: usize = 16 << 10;
/// Values that are taken in, or given out, at a time: each is in memory as a whole.
pub(super) const VALUES: usize = 4;
/// Bulk writes at a time.
pub(super) const BULKS: usize = 1;
/// Bytes of several values that are read together, as for workers.
const MANY_BYTES_MAX: usize = 25 << 20;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(get, put, delete))
        .routes(routes!(get_metadata))
        .routes(routes!(put_many, delete_many))
        .routes(routes!(post_delete_many))
        .routes(routes!(get_many))
}

/// A metadata's JSON; nothing when there is none.
pub(super) fn metadata(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

fn key(path: &Path) -> Result<KvKey, ApiError> {
    Ok(KvKey::new(path.part("key")).map_err(ControlError::Kv)?)
}

async fn turn(
    places: &tokio::sync::Semaphore,
) -> Result<tokio::sync::SemaphorePermit<'_>, ApiError> {
    let turn = places.acquire().await;
    turn.map_err(|_| ApiError::body("the edge ends"))
}

/// A value, as it was put. The header `expiration` says when it ends, in seconds since 1970.
#[utoipa::path(
    get, path = "/{kv_namespace}/values/{*key}",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"))
)]
async fn get(State(api): State<Shared>, path: Path) -> Result<Response, ApiError> {
    let _turn = turn(&api.kv_values).await?;
    let (id, key) = (path.part("kv_namespace"), key(&path)?);
    let value = api.control.kv_value(id, &key).await?;
    let mut headers = HeaderMap::new();
    let plain = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, plain);
    if value.expiration != 0 {
        headers.insert("expiration", value.expiration.into());
    }
    Ok((headers, value.bytes).into_response())
}

/// Puts a value: the body as it is, or multipart/form-data with `value` and `metadata`.
#[utoipa::path(
    put, path = "/{kv_namespace}/values/{*key}",
    params(
        ("expiration" = Option<f64>, Query, description = "when it ends, in seconds since 1970"),
        ("expiration_ttl" = Option<f64>, Query, description = "in how many seconds it ends, at least 60"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Envelope<Thing>))
)]
async fn put(
    State(api): State<Shared>,
    path: Path,
    query: Query,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let key = key(&path)?;
    let number = |name| query.get(name).map(|text| text.parse().unwrap_or(f64::NAN));
    let (expiration, ttl) = (number("expiration"), number("expiration_ttl"));
    let _turn = turn(&api.kv_values).await?;
    let (bytes, metadata) = body(&api, request).await?;
    check(&api, &bytes, metadata.as_deref())?;
    let value = value(bytes, metadata, expiration, ttl).map_err(ControlError::Kv)?;
    let changes = [Change::Put(key.into_string(), value)];
    let id = path.part("kv_namespace");
    api.control.change_kv(id, &changes).await?;
    Ok(Done(Value::Null))
}

/// Deletes a value, if it is there.
#[utoipa::path(
    delete, path = "/{kv_namespace}/values/{*key}",
    responses((status = 200, body = Envelope<Thing>))
)]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let changes = [Change::Delete(key(&path)?.into_string())];
    let id = path.part("kv_namespace");
    api.control.change_kv(id, &changes).await?;
    Ok(Done(Value::Null))
}

/// What is said of a value; null when nothing is.
#[utoipa::path(
    get, path = "/{kv_namespace}/metadata/{*key}",
    responses((status = 200, body = Envelope<Thing>))
)]
async fn get_metadata(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let _turn = turn(&api.kv_values).await?;
    let (id, key) = (path.part("kv_namespace"), key(&path)?);
    let value = api.control.kv_value(id, &key).await?;
    Ok(Done(metadata(&value.metadata).unwrap_or_default()))
}

/// A pair of a bulk write.
#[derive(Debug, Deserialize, ToSchema)]
struct Pair {
    key: String,
    value: String,
    /// When it ends, in seconds since 1970.
    expiration: Option<f64>,
    /// In how many seconds it ends, at least 60.
    expiration_ttl: Option<f64>,
    #[schema(value_type = Object)]
    metadata: Option<Value>,
    /// The value is base64.
    #[serde(default)]
    base64: bool,
}

/// Puts many values, at most 10,000.
#[utoipa::path(
    put, path = "/{kv_namespace}/bulk", request_body = Vec<Pair>,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn put_many(
    State(api): State<Shared>,
    path: Path,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let id = path.part("kv_namespace");
    api.control.kv_namespace(id).await?;
    let _turn = turn(&api.kv_bulks).await?;
    let pairs: Vec<Pair> = {
        let bytes = read(&api, request.into_body(), api.conf.kv.bulk_bytes_max).await?;
        from_json(&bytes)?
    };
    few_enough(pairs.len())?;
    let changes = pairs.into_iter().map(|pair| change(&api, pair));
    let changes = changes.collect::<Result<Vec<Change>, _>>()?;
    api.control.change_kv(id, &changes).await?;
    Ok(Done(written(changes.len())))
}

fn change(api: &Api, pair: Pair) -> Result<Change, ApiError> {
    let of_pair = |mut error: ApiError| {
        let shown: String = pair.key.chars().take(64).collect();
        error.message = format!("key {shown:?}: {}", error.message);
        error
    };
    let make = || {
        let key = KvKey::new(pair.key.clone()).map_err(ControlError::Kv)?;
        let bytes = match pair.base64 {
            false => Bytes::copy_from_slice(pair.value.as_bytes()),
            true => STANDARD
                .decode(pair.value.as_bytes())
                .map_err(|_| ApiError::body("the value is not base64"))?
                .into(),
        };
        let metadata = pair.metadata.as_ref().map(Value::to_string);
        check(api, &bytes, metadata.as_deref())?;
        let value = value(bytes, metadata, pair.expiration, pair.expiration_ttl);
        let value = value.map_err(ControlError::Kv)?;
        Ok(Change::Put(key.into_string(), value))
    };
    make().map_err(of_pair)
}

/// Deletes many values: an array of keys.
#[utoipa::path(
    delete, path = "/{kv_namespace}/bulk", request_body = Vec<String>,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn delete_many(
    State(api): State<Shared>,
    path: Path,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let id = path.part("kv_namespace");
    api.control.kv_namespace(id).await?;
    let _turn = turn(&api.kv_bulks).await?;
    let bytes = read(&api, request.into_body(), api.conf.kv.bulk_bytes_max).await?;
    let keys: Vec<String> = from_json(&bytes)?;
    few_enough(keys.len())?;
    let deletion = |key| Ok(Change::Delete(KvKey::new(key)?.into_string()));
    let changes: Result<Vec<Change>, InvalidKv> = keys.into_iter().map(deletion).collect();
    let changes = changes.map_err(ControlError::Kv)?;
    api.control.change_kv(id, &changes).await?;
    Ok(Done(written(changes.len())))
}

/// The same: Cloudflare's newer name for it.
#[utoipa::path(
    post, path = "/{kv_namespace}/bulk/delete", request_body = Vec<String>,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn post_delete_many(
    api: State<Shared>,
    path: Path,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    delete_many(api, path, request).await
}

/// Which values are read together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    /// At most 100 of them.
    keys: Vec<String>,
    /// `text`, or `json`: the values are parsed.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Whether each comes with what is said of it.
    #[serde(default)]
    with_metadata: bool,
}

/// Reads several values.
#[utoipa::path(
    post, path = "/{kv_namespace}/bulk/get", request_body = Wanted,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn get_many(
    State(api): State<Shared>,
    path: Path,
    Json(wanted): Json<Wanted>,
) -> Result<Done<Value>, ApiError> {
    if wanted.keys.len() > READ_KEYS_MAX {
        return Err(ControlError::Kv(InvalidKv::TooManyKeys).into());
    }
    let is_json = match wanted.kind.as_deref() {
        None | Some("text") => false,
        Some("json") => true,
        Some(_) => return Err(ApiError::body("`type` is text or json")),
    };
    let keys: Result<Vec<KvKey>, InvalidKv> = wanted.keys.into_iter().map(KvKey::new).collect();
    let keys = keys.map_err(ControlError::Kv)?;
    let _turn = turn(&api.kv_values).await?;
    let id = path.part("kv_namespace");
    let mut found = api.control.kv_values(id, &keys).await?;
    let bytes: usize = found.values().map(|value| value.bytes.len()).sum();
    if bytes > MANY_BYTES_MAX {
        let message = format!("these values have more than {MANY_BYTES_MAX} bytes; ask for fewer");
        return Err(ControlError::TooLarge(message).into());
    }
    let mut values = BTreeMap::new();
    for key in keys {
        let key = key.into_string();
        let Some(value) = found.remove(&key) else {
            values.entry(key).or_insert(Value::Null);
            continue;
        };
        let text = String::from_utf8_lossy(&value.bytes);
        let shown = match is_json {
            false => Value::from(text),
            true => from_json(text.as_bytes())?,
        };
        let entry = match wanted.with_metadata {
            false => shown,
            true => {
                let mut entry = json!({ "value": shown, "metadata": metadata(&value.metadata) });
                if value.expiration != 0 {
                    entry["expiration"] = value.expiration.into();
                }
                entry
            }
        };
        values.insert(key, entry);
    }
    Ok(Done(json!({ "values": values })))
}

fn few_enough(pairs: usize) -> Result<(), ApiError> {
    match pairs > PAIRS_MAX {
        true => Err(ApiError::body(format!(
            "at most {PAIRS_MAX} keys at a time"
        ))),
        false => Ok(()),
    }
}

fn written(count: usize) -> Value {
    json!({ "successful_key_count": count, "unsuccessful_keys": [] })
}

fn check(api: &Api, value: &[u8], metadata: Option<&str>) -> Result<(), ApiError> {
    let most = api.conf.kv.value_bytes_max;
    if value.len() > most {
        return Err(ControlError::Kv(InvalidKv::ValueTooLong(value.len(), most)).into());
    }
    let checked = metadata.map_or(Ok(()), check_metadata);
    Ok(checked.map_err(ControlError::Kv)?)
}

/// A value and what is said of it, whichever way they come.
async fn body(api: &Api, request: Request<Body>) -> Result<(Bytes, Option<String>), ApiError> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or("");
    let bytes = read(api, body, api.conf.kv.value_bytes_max + FORM_BYTES).await?;
    let Ok(boundary) = multer::parse_boundary(kind) else {
        return Ok((bytes, None));
    };
    let broken = |error: multer::Error| {
        ApiError::body(format!("the multipart body cannot be read: {error}"))
    };
    let stream = futures::stream::once(std::future::ready(Ok::<_, std::io::Error>(bytes)));
    let mut parts = multer::Multipart::new(stream, boundary);
    let (mut value, mut metadata, mut fields) = (None, None, Vec::new());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or("").to_owned();
        let content = part.bytes().await.map_err(broken)?;
        let text = || String::from_utf8_lossy(&content).into_owned();
        match name.as_str() {
            "value" => value = Some(content),
            "metadata" => metadata = Some(text()),
            _ if name.starts_with("metadata[") && content.len() <= METADATA_BYTES_MAX => {
                fields.push((name, text()));
            }
            _ => {}
        }
    }
    if !fields.is_empty() && metadata.is_none() {
        let fields: Vec<&(String, String)> = fields.iter().collect();
        metadata = Some(form::tree("metadata", &fields)?.to_string());
    }
    let value = value.ok_or_else(|| ApiError::body("the form has no part named `value`"))?;
    Ok((value, metadata.filter(|text| !text.is_empty())))
}
