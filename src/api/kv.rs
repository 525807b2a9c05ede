//! Key-value namespaces, and the keys in them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::envelope::{Done, DoneTo, Envelope, Listed, Thing};
use super::errors::ApiError;
use super::listing::{cursor, seal_cursor};
use super::{Shared, kv_values};
use crate::model::KvNamespace;
use crate::model::kv::page;

/// Namespaces of a page, and what a page has when nobody says.
///
/// Source: Cloudflare API, "List Namespaces"; wrangler asks for more than Cloudflare's own most.
const PAGE: usize = 20;
const PAGE_MAX: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, rename, delete))
        .routes(routes!(list_keys))
        .merge(kv_values::routes())
}

/// A key-value namespace.
#[derive(Debug, Serialize, ToSchema)]
struct NamespaceObject {
    id: String,
    title: String,
    /// Keys may be percent-encoded in paths.
    supports_url_encoding: bool,
}

impl NamespaceObject {
    fn new(id: &str, namespace: KvNamespace) -> Self {
        Self {
            id: id.to_owned(),
            title: namespace.title,
            supports_url_encoding: true,
        }
    }
}

/// What is said of a namespace.
#[derive(Debug, Deserialize, ToSchema)]
struct NamespaceBody {
    /// What people call it; no two have the same.
    title: String,
}

/// Lists key-value namespaces.
#[utoipa::path(
    get, path = "",
    params(
        ("page" = Option<usize>, Query), ("per_page" = Option<usize>, Query, description = "1 to 1000; 20 when nobody says"),
        ("order" = Option<String>, Query, description = "`id` or `title`"),
        ("direction" = Option<String>, Query, description = "`asc` or `desc`"),
    ),
    responses((status = 200, body = Envelope<Vec<NamespaceObject>>))
)]
async fn list(
    State(api): State<Shared>,
    query: Query,
) -> Result<Listed<Vec<NamespaceObject>>, ApiError> {
    let per_page = query.number("per_page", PAGE, PAGE_MAX)?;
    let page = query.number("page", 1, usize::MAX)?;
    let mut all = api.control.kv_namespaces().await?;
    if query.get("order") == Some("title") {
        all.sort_by(|(_, a), (_, b)| a.title.cmp(&b.title));
    }
    if query.get("direction") == Some("desc") {
        all.reverse();
    }
    let total = all.len();
    let skipped = (page - 1).saturating_mul(per_page);
    let shown: Vec<_> = all
        .into_iter()
        .skip(skipped)
        .take(per_page)
        .map(|(id, namespace)| NamespaceObject::new(&id, namespace))
        .collect();
    let info = json!({
        "page": page, "per_page": per_page, "count": shown.len(), "total_count": total,
        "total_pages": total.div_ceil(per_page),
    });
    Ok(Listed(shown, info))
}

/// Makes a key-value namespace.
#[utoipa::path(
    post, path = "", request_body = NamespaceBody,
    responses((status = 200, body = Envelope<NamespaceObject>))
)]
async fn create(
    State(api): State<Shared>,
    caller: Caller,
    Json(body): Json<NamespaceBody>,
) -> Result<DoneTo<NamespaceObject>, ApiError> {
    let made = api
        .control
        .create_kv_namespace(&body.title, caller.name())
        .await?;
    let (id, namespace) = made;
    let object = NamespaceObject::new(&id, namespace);
    Ok(DoneTo(id, object))
}

/// A key-value namespace.
#[utoipa::path(get, path = "/{kv_namespace}", responses((status = 200, body = Envelope<NamespaceObject>)))]
async fn get(State(api): State<Shared>, path: Path) -> Result<Done<NamespaceObject>, ApiError> {
    let id = path.part("kv_namespace");
    let namespace = api.control.kv_namespace(id).await?;
    Ok(Done(NamespaceObject::new(id, namespace)))
}

/// Gives a key-value namespace another title.
#[utoipa::path(
    put, path = "/{kv_namespace}", request_body = NamespaceBody,
    responses((status = 200, body = Envelope<NamespaceObject>))
)]
async fn rename(
    State(api): State<Shared>,
    path: Path,
    Json(body): Json<NamespaceBody>,
) -> Result<Done<NamespaceObject>, ApiError> {
    let id = path.part("kv_namespace");
    let namespace = api.control.rename_kv_namespace(id, &body.title).await?;
    Ok(Done(NamespaceObject::new(id, namespace)))
}

/// Deletes a key-value namespace with everything in it, also when workers are bound to it.
#[utoipa::path(delete, path = "/{kv_namespace}", responses((status = 200, body = Envelope<Thing>)))]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let id = path.part("kv_namespace");
    api.control.delete_kv_namespace(id).await?;
    Ok(Done(Value::Null))
}

/// Lists keys, in the order of their bytes.
#[utoipa::path(
    get, path = "/{kv_namespace}/keys",
    params(
        ("prefix" = Option<String>, Query), ("limit" = Option<usize>, Query, description = "1 to 1000; 1000 when nobody says"),
        ("cursor" = Option<String>, Query, description = "`result_info.cursor` of the page before"),
    ),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn list_keys(
    State(api): State<Shared>,
    path: Path,
    query: Query,
) -> Result<Listed<Vec<Value>>, ApiError> {
    let id = path.part("kv_namespace");
    let limit = query
        .get("limit")
        .map(|text| text.parse().unwrap_or(f64::NAN));
    let limit = page(limit).map_err(crate::control::ControlError::Kv)?;
    let prefix = query.get("prefix").unwrap_or("");
    let place = format!("kv {id} {prefix}");
    let after = cursor(&api, &place, &query)?;
    let page = api.control.kv_keys(id, prefix, &after, limit).await?;
    let next = match (page.is_complete, page.keys.last()) {
        (false, Some(last)) => last.key.clone(),
        _ => String::new(),
    };
    let keys: Vec<Value> = page
        .keys
        .into_iter()
        .map(|listed| {
            let mut key = json!({ "name": listed.key });
            if listed.expiration != 0 {
                key["expiration"] = listed.expiration.into();
            }
            if let Some(metadata) = kv_values::metadata(&listed.metadata) {
                key["metadata"] = metadata;
            }
            key
        })
        .collect();
    let info = json!({ "count": keys.len(), "cursor": seal_cursor(&api, &place, &next) });
    Ok(Listed(keys, info))
}
