//! The scripts of a namespace: listed and deleted by tags, page by page.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::body::{Path, Query};
use super::envelope::{Done, Envelope, Listed, Thing};
use super::errors::ApiError;
use super::scripts::ScriptObject;
use crate::model::TagFilter;

/// Scripts of a page, and what a page has when nobody says.
const PAGE_MAX: usize = 1_000;
/// Scripts deleted by one request.
const DELETED_MAX: usize = 1_000;
/// What a cursor's seal is for.
const PURPOSE: &str = "cirque 2026-11 cursor";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, delete))
}

/// Lists the scripts of a dispatch namespace.
#[utoipa::path(
    get, path = "",
    params(
        ("limit" = Option<usize>, Query, description = "1 to 1000; 1000 when nobody says"),
        ("cursor" = Option<String>, Query, description = "`result_info.cursor` of the page before"),
        ("tags" = Option<String>, Query, description = "`<tag>:yes` or `<tag>:no`, several separated by commas"),
    ),
    responses((status = 200, body = Envelope<Vec<ScriptObject>>))
)]
async fn list(
    State(api): State<Shared>,
    path: Path,
    query: Query,
) -> Result<Listed<Vec<ScriptObject>>, ApiError> {
    let namespace = path.part("namespace");
    api.control.namespace(namespace).await?;
    let filter = filter(&query)?;
    let limit = query.number("limit", PAGE_MAX, PAGE_MAX)?;
    let place = format!("scripts {namespace} {}", query.get("tags").unwrap_or(""));
    let after = cursor(&api, &place, &query)?;
    let page = api
        .control
        .scripts(namespace, filter.as_ref(), &after, limit)
        .await?;
    let total = api
        .control
        .count_scripts(namespace, filter.as_ref())
        .await?;
    let items: Vec<ScriptObject> = page
        .items
        .iter()
        .map(|(name, script)| ScriptObject::new(namespace, name, script))
        .collect();
    let info = json!({
        "count": items.len(),
        "per_page": limit,
        "total_count": total,
        "cursor": seal_cursor(&api, &place, page.next.as_deref().unwrap_or("")),
    });
    Ok(Listed(items, info))
}

/// Deletes the scripts of a dispatch namespace that pass a filter; `has_more` says to ask again.
///
/// Without a filter nothing is deleted, unless `all=true` asks for just that.
#[utoipa::path(
    delete, path = "",
    params(
        ("tags" = Option<String>, Query, description = "`<tag>:yes` or `<tag>:no`, several separated by commas"),
        ("limit" = Option<usize>, Query, description = "1 to 1000"),
        ("all" = Option<bool>, Query, description = "`true`: every script; Cirque's own"),
    ),
    responses((status = 200, body = Envelope<Thing>))
)]
async fn delete(
    State(api): State<Shared>,
    path: Path,
    query: Query,
) -> Result<Done<Value>, ApiError> {
    let namespace = path.part("namespace");
    api.control.namespace(namespace).await?;
    let filter = match (query.has("tags"), query.get("all")) {
        (true, None) => Some(query.get("tags").unwrap_or("").parse::<TagFilter>())
            .transpose()
            .map_err(crate::control::ControlError::Filter)?,
        (false, Some("true")) => None,
        _ => {
            return Err(ApiError::body(
                "say what to delete: `tags=<tag>:yes`, or `all=true` for every script of the namespace",
            ));
        }
    };
    let limit = query.number("limit", DELETED_MAX, DELETED_MAX)?;
    let (deleted, has_more) = api
        .control
        .delete_scripts(namespace, filter.as_ref(), limit)
        .await?;
    let ids: Vec<Value> = deleted.iter().map(|name| json!({ "id": name })).collect();
    Ok(Done(json!({
        "deleted_count": ids.len(),
        "deleted": ids,
        "has_more": has_more,
    })))
}

/// `tags`, if it says anything.
pub(super) fn filter(query: &Query) -> Result<Option<TagFilter>, ApiError> {
    let text = query.get("tags").filter(|text| *text != ":");
    let filter = text.map(str::parse).transpose();
    Ok(filter.map_err(crate::control::ControlError::Filter)?)
}

/// What a page goes on after. A cursor is good for the list it was made for alone.
pub(super) fn cursor(api: &Shared, place: &str, query: &Query) -> Result<String, ApiError> {
    let text = query.get("cursor").unwrap_or("");
    // Cloudflare's older pages write placeholders as `cursor=:<CURSOR>`, and people keep the colon.
    let text = text.strip_prefix(':').unwrap_or(text);
    if text.is_empty() {
        return Ok(String::new());
    }
    let forged = || ApiError::body("the cursor is none that this list gave out; begin without one");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| forged())?;
    let text = String::from_utf8(bytes).map_err(|_| forged())?;
    let (seal, after) = text.split_once(' ').ok_or_else(forged)?;
    match seals(api, place, after).iter().any(|ours| ours == seal) {
        true => Ok(after.to_owned()),
        false => Err(forged()),
    }
}

/// The cursor for what comes after; empty at the end.
pub(super) fn seal_cursor(api: &Shared, place: &str, after: &str) -> String {
    if after.is_empty() {
        return String::new();
    }
    let seal = seals(api, place, after).swap_remove(0);
    URL_SAFE_NO_PAD.encode(format!("{seal} {after}"))
}

fn seals(api: &Shared, place: &str, after: &str) -> Vec<String> {
    let text = format!("{place}\n{after}");
    let mut seals = api.control.keyring.hashes(PURPOSE, &text);
    seals.iter_mut().for_each(|seal| seal.truncate(16));
    seals
}
