//! The tags of a script.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde_json::Value;

use super::auth::Caller;
use super::body::{Query, json, read};
use super::envelope::{Done, Envelope, Thing};
use super::errors::ApiError;
use super::listing::filter;
use super::target::Target;
use super::{Api, Shared};

/// Bytes of a list of tags.
const BODY_BYTES_MAX: usize = 64 << 10;

/// The tags of a script; with a filter, whether it passes.
#[utoipa::path(
    get, path = "/{script}/tags",
    params(("tags" = Option<String>, Query, description = "`<tag>:yes` or `<tag>:no`, several separated by commas")),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn get(
    State(api): State<Shared>,
    target: Target,
    query: Query,
) -> Result<Done<Value>, ApiError> {
    let filter = filter(&query)?;
    let script = api.control.script(&target.tenant).await?;
    Ok(Done(match filter {
        Some(filter) => filter.passes(&script.tags).into(),
        None => script.tags.into(),
    }))
}

/// Replaces the tags of a script.
#[utoipa::path(
    put, path = "/{script}/tags", request_body = Vec<String>,
    responses((status = 200, body = Envelope<Vec<String>>))
)]
pub(super) async fn put(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    request: Request<Body>,
) -> Result<Done<Vec<String>>, ApiError> {
    let tags = listed(&api, request).await?;
    let change = |_| tags.clone();
    let script = api
        .control
        .change_tags(&target.tenant, caller.name(), change)
        .await?;
    Ok(Done(script.tags))
}

/// Gives a script a tag; one it has already stays.
#[utoipa::path(put, path = "/{script}/tags/{tag}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn add(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    let tag = target.path.part("tag");
    let change = |mut tags: Vec<String>| {
        tags.push(tag.to_owned());
        tags
    };
    api.control
        .change_tags(&target.tenant, caller.name(), change)
        .await?;
    Ok(Done(Value::Null))
}

/// Takes a tag from a script, if it has it.
#[utoipa::path(delete, path = "/{script}/tags/{tag}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn remove(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    let tag = target.path.part("tag");
    let change = |mut tags: Vec<String>| {
        tags.retain(|other| other != tag);
        tags
    };
    api.control
        .change_tags(&target.tenant, caller.name(), change)
        .await?;
    Ok(Done(Value::Null))
}

/// A list of tags. Cloudflare's older pages show it with single quotes, which is no JSON, and people copy that.
async fn listed(api: &Api, request: Request<Body>) -> Result<Vec<String>, ApiError> {
    let bytes = read(api, request.into_body(), BODY_BYTES_MAX).await?;
    if let Ok(tags) = serde_json::from_slice::<Option<Vec<String>>>(&bytes) {
        return Ok(tags.unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&bytes);
    let inner = text
        .trim()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let quoted = |item: &str| {
        let item = item.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        (!item.contains(['\'', '"'])).then(|| item.to_owned())
    };
    let tags = inner.and_then(|inner| inner.split(',').map(quoted).collect::<Option<Vec<_>>>());
    match tags {
        Some(tags) => Ok(tags),
        // What JSON's parser says of it.
        None => json::<Vec<String>>(&bytes),
    }
}
