//! Certificate signing requests, of a zone or of the account.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Path, Query};
use super::custom_hostname_body::Fields;
use super::envelope::{Done, DoneAs, Envelope, Listed, Thing};
use super::errors::ApiError;
use super::{Api, Shared};
use crate::control::ControlError;
use crate::control::csrs::{Asked, Csr, owner_account, owner_zone};
use crate::control::hostname_rules::{self, HostnameError};

/// Requests of a page, and what a page has when nobody says.
const PAGE: usize = 20;
const PAGE_MAX: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
}

fn owner(api: &Api, path: &Path) -> Result<String, ApiError> {
    match path.part("zone_id") {
        "" => Ok(owner_account(&api.account)),
        zone => {
            let zone = hostname_rules::zone(zone).map_err(ControlError::from)?;
            Ok(owner_zone(zone))
        }
    }
}

fn shown(csr: &Csr) -> Value {
    let mut object = json!(csr.asked);
    object["id"] = csr.id.as_str().into();
    object["csr"] = csr.csr.as_str().into();
    object["created_at"] = csr.created_at.as_str().into();
    object
}

/// Makes a key and a signing request for it; the key is never shown.
#[utoipa::path(post, path = "", request_body = Thing, responses((status = 201, body = Envelope<Thing>)))]
async fn create(
    State(api): State<Shared>,
    path: Path,
    Fields(mut body): Fields,
) -> Result<DoneAs<Value>, ApiError> {
    body.retain(|_, value| !value.is_null());
    let asked = serde_json::from_value::<Asked>(Value::Object(body));
    let asked =
        asked.map_err(|error| ControlError::from(HostnameError::Shape(error.to_string())))?;
    let csr = api.control.create_csr(&owner(&api, &path)?, asked).await?;
    Ok(DoneAs(StatusCode::CREATED, csr.id.clone(), shown(&csr)))
}

/// Lists signing requests.
#[utoipa::path(
    get, path = "",
    params(
        ("page" = Option<usize>, Query), ("per_page" = Option<usize>, Query, description = "1 to 1000; 20 when nobody says"),
        ("order" = Option<String>, Query, description = "`name` or `created_at`"),
        ("direction" = Option<String>, Query, description = "`asc` or `desc`"),
    ),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn list(
    State(api): State<Shared>,
    path: Path,
    query: Query,
) -> Result<Listed<Vec<Value>>, ApiError> {
    let per_page = query.number("per_page", PAGE, PAGE_MAX)?;
    let page = query.number("page", 1, usize::MAX)?;
    let mut all = api.control.csrs(&owner(&api, &path)?).await?;
    if query.get("order") == Some("name") {
        all.sort_by(|a, b| a.asked.name.cmp(&b.asked.name));
    }
    if query.get("direction") == Some("desc") {
        all.reverse();
    }
    let skipped = (page - 1).saturating_mul(per_page);
    let items: Vec<Value> = all.iter().skip(skipped).take(per_page).map(shown).collect();
    let info = json!({
        "page": page, "per_page": per_page, "count": items.len(), "total_count": all.len(),
        "total_pages": all.len().div_ceil(per_page),
    });
    Ok(Listed(items, info))
}

/// A signing request.
#[utoipa::path(get, path = "/{custom_csr}", responses((status = 200, body = Envelope<Thing>)))]
async fn get(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let id = path.part("custom_csr");
    let csr = api.control.csr(&owner(&api, &path)?, id).await?;
    Ok(Done(shown(&csr)))
}

/// Removes a signing request with its key.
#[utoipa::path(delete, path = "/{custom_csr}", responses((status = 200, body = Envelope<Thing>)))]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let id = path.part("custom_csr");
    api.control.delete_csr(&owner(&api, &path)?, id).await?;
    Ok(Done(json!({ "id": id })))
}
