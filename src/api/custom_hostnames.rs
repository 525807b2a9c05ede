//! Custom hostnames: customers' own domains in front of this edge.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Path, Query};
use super::custom_hostname_body::Fields;
use super::custom_hostname_object::shown;
use super::envelope::{Done, DoneAs, Envelope, Listed, Thing};
use super::errors::ApiError;
use super::{Api, Shared};
use crate::control::ControlError;
use crate::control::custom_hostnames::NewHostname;
use crate::control::hostname_list::{HostnameFilter, HostnameOrder, name_to_find};
use crate::control::hostname_rules::HostnameError;
use crate::model::CustomHostname;
use crate::model::custom_hostname::delegation_uuid;

/// Custom hostnames of a page, and what a page has when nobody says.
const PAGE: usize = 20;
const PAGE_MAX: usize = 1_000;
/// How long an answer waits for what a certificate authority wants to see.
const VALIDATION_WAIT: Duration = Duration::from_secs(3);
/// How often it looks.
const VALIDATION_LOOK: Duration = Duration::from_millis(50);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(quota))
        .routes(routes!(
            get_fallback,
            put_fallback,
            patch_fallback,
            delete_fallback
        ))
        .routes(routes!(get, edit, delete))
        .routes(routes!(put_certificate, delete_certificate))
}

pub(super) fn zone_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(delegation))
}

/// Claims a hostname.
#[utoipa::path(post, path = "", request_body = Thing, responses((status = 201, body = Envelope<Thing>)))]
async fn create(
    State(api): State<Shared>,
    path: Path,
    body: Fields,
) -> Result<DoneAs<Value>, ApiError> {
    let new = NewHostname {
        zone: path.part("zone_id").to_owned(),
        hostname: body
            .needed("hostname")
            .map_err(ControlError::from)?
            .to_owned(),
        said: body.change().map_err(ControlError::from)?,
        ..NewHostname::default()
    };
    let made = Box::pin(api.control.create_custom_hostname(new)).await?;
    let made = with_validation(&api, made).await?;
    let object = shown(&api.control, &made);
    Ok(DoneAs(StatusCode::CREATED, made.hostname, object))
}

/// Waits a moment for what the authority wants to see, so that clients need no second request to know it.
async fn with_validation(api: &Api, made: CustomHostname) -> Result<CustomHostname, ApiError> {
    let is_asked = |hostname: &CustomHostname| {
        hostname
            .ssl
            .as_ref()
            .is_some_and(|ssl| !ssl.is_custom && ssl.records.is_empty() && ssl.errors.is_empty())
    };
    if api.conf.acme.directory.is_empty() || !is_asked(&made) {
        return Ok(made);
    }
    let until = Instant::now() + VALIDATION_WAIT;
    let mut seen = made;
    while is_asked(&seen) && Instant::now() < until {
        tokio::time::sleep(VALIDATION_LOOK).await;
        let found = api.control.custom_hostname(&seen.zone, &seen.id).await;
        match found {
            Ok(found) => seen = found,
            // Somebody has removed it already; it was made all the same.
            Err(ControlError::Hostname(HostnameError::Missing)) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(seen)
}

/// Lists custom hostnames, in the order of their names when nobody says.
#[utoipa::path(
    get, path = "",
    params(
        ("page" = Option<usize>, Query), ("per_page" = Option<usize>, Query, description = "1 to 1000; 20 when nobody says"),
        ("id" = Option<String>, Query, description = "not together with a hostname"),
        ("hostname" = Option<String>, Query), ("hostname.exact" = Option<String>, Query),
        ("hostname.contain" = Option<String>, Query), ("hostname.startsWith" = Option<String>, Query),
        ("hostname_status" = Option<String>, Query), ("ssl_status" = Option<String>, Query),
        ("ssl" = Option<u8>, Query, description = "1: with a certificate; 0: without"),
        ("wildcard" = Option<bool>, Query), ("certificate_authority" = Option<String>, Query),
        ("custom_origin_server" = Option<String>, Query),
        ("order" = Option<String>, Query, description = "`ssl` or `ssl_status`"),
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
    let filter = filter(&query).map_err(ControlError::from)?;
    let order = match query.get("order") {
        Some("ssl") => HostnameOrder::Ssl,
        Some("ssl_status") => HostnameOrder::SslStatus,
        _ => HostnameOrder::Hostname,
    };
    let is_descending = query.get("direction") == Some("desc");
    let zone = path.part("zone_id");
    let found = api
        .control
        .custom_hostnames(zone, &filter, (order, is_descending), page, per_page)
        .await?;
    let items: Vec<Value> = found
        .items
        .iter()
        .map(|one| shown(&api.control, one))
        .collect();
    let info = json!({
        "page": page, "per_page": per_page, "count": items.len(), "total_count": found.total,
        "total_pages": found.total.div_ceil(per_page),
    });
    Ok(Listed(items, info))
}

fn filter(query: &Query) -> Result<HostnameFilter, HostnameError> {
    let owned = |name: &str| query.get(name).map(str::to_owned);
    // The newest name of a parameter wins over the oldest.
    let exact = query.get("hostname.exact").or(query.get("hostname"));
    let contain = query.get("hostname.contain");
    let starts_with = query.get("hostname.startsWith");
    let is_part = |text: &str| {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*');
        text.len() <= 253 && text.chars().all(is_plain)
    };
    if !contain.is_none_or(is_part) {
        return Err(HostnameError::Setting {
            field: "hostname.contain",
            allowed: "a part of a hostname",
        });
    }
    let id = owned("id");
    if id.is_some() && (exact.is_some() || contain.is_some() || starts_with.is_some()) {
        return Err(HostnameError::Setting {
            field: "id",
            allowed: "not used together with filters of the hostname",
        });
    }
    Ok(HostnameFilter {
        id,
        exact: exact.map(name_to_find),
        contain: contain.map(str::to_lowercase),
        starts_with: starts_with.map(str::to_lowercase),
        status: owned("hostname_status"),
        ssl_status: owned("ssl_status"),
        has_ssl: query.get("ssl").map(|ssl| matches!(ssl, "1" | "true")),
        wildcard: query.get("wildcard").map(|wildcard| wildcard == "true"),
        certificate_authority: owned("certificate_authority"),
        origin: owned("custom_origin_server").map(|origin| origin.to_lowercase()),
    })
}

/// A custom hostname.
#[utoipa::path(get, path = "/{custom_hostname}", responses((status = 200, body = Envelope<Thing>)))]
async fn get(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let (zone, id) = (path.part("zone_id"), path.part("custom_hostname"));
    let found = api.control.custom_hostname(zone, id).await?;
    Ok(Done(shown(&api.control, &found)))
}

/// Changes a custom hostname; what is not said stays. If nothing changes, it is checked again from the beginning.
#[utoipa::path(
    patch, path = "/{custom_hostname}", request_body = Thing,
    responses((status = 202, body = Envelope<Thing>))
)]
async fn edit(
    State(api): State<Shared>,
    path: Path,
    body: Fields,
) -> Result<DoneAs<Value>, ApiError> {
    let (zone, id) = (path.part("zone_id"), path.part("custom_hostname"));
    let change = body.change().map_err(ControlError::from)?;
    let changed = Box::pin(api.control.change_custom_hostname(zone, id, &change)).await?;
    let object = shown(&api.control, &changed);
    Ok(DoneAs(StatusCode::ACCEPTED, changed.hostname, object))
}

/// Removes a custom hostname with its certificates.
#[utoipa::path(delete, path = "/{custom_hostname}", responses((status = 200, body = Thing)))]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Response, ApiError> {
    let (zone, id) = (path.part("zone_id"), path.part("custom_hostname"));
    let removed = api.control.delete_custom_hostname(zone, id).await?;
    Ok(bare(StatusCode::OK, &removed))
}

/// What Cloudflare's package does not unwrap, as it looks wrapped and unwrapped.
fn bare(status: StatusCode, hostname: &CustomHostname) -> Response {
    let mut body = json!({
        "id": hostname.id, "result": { "id": hostname.id }, "success": true, "errors": [], "messages": [],
    });
    body["hostname"] = hostname.hostname.as_str().into();
    let mut response = (status, axum::Json(body)).into_response();
    let subject = super::envelope::Subject(hostname.hostname.clone());
    response.extensions_mut().insert(subject);
    response
}

/// How many custom hostnames a zone has, and may have.
#[utoipa::path(get, path = "/quota", responses((status = 200, body = Envelope<Thing>)))]
async fn quota(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let quota = api.control.hostname_quota(path.part("zone_id")).await?;
    Ok(Done(json!({
        "allocated": quota.allocated,
        "used": quota.used,
        "exceeded": quota.used > quota.allocated,
        "hard_cap": quota.allocated,
    })))
}

fn shown_fallback(origin: &crate::model::custom_hostname::FallbackOrigin) -> Value {
    json!({
        "origin": origin.origin,
        "status": "active",
        "errors": [],
        "created_at": origin.created_at,
        "updated_at": origin.updated_at,
    })
}

/// Where custom hostnames lead that name no origin, if no worker answers.
#[utoipa::path(get, path = "/fallback_origin", responses((status = 200, body = Envelope<Thing>)))]
async fn get_fallback(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let origin = api.control.fallback_origin(path.part("zone_id")).await?;
    Ok(Done(shown_fallback(&origin)))
}

/// Leads custom hostnames that name no origin to one.
#[utoipa::path(
    put, path = "/fallback_origin", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn put_fallback(
    State(api): State<Shared>,
    path: Path,
    body: Fields,
) -> Result<Done<Value>, ApiError> {
    let origin = body.needed("origin").map_err(ControlError::from)?;
    let zone = path.part("zone_id");
    let origin = api.control.put_fallback_origin(zone, origin).await?;
    Ok(Done(shown_fallback(&origin)))
}

/// The same, as Cloudflare's older pages write it.
#[utoipa::path(
    patch, path = "/fallback_origin", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn patch_fallback(
    state: State<Shared>,
    path: Path,
    body: Fields,
) -> Result<Done<Value>, ApiError> {
    put_fallback(state, path, body).await
}

/// Takes a zone's fallback origin away.
#[utoipa::path(delete, path = "/fallback_origin", responses((status = 200, body = Envelope<Thing>)))]
async fn delete_fallback(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let origin = api
        .control
        .delete_fallback_origin(path.part("zone_id"))
        .await?;
    Ok(Done(shown_fallback(&origin)))
}

/// Replaces one certificate that was uploaded.
#[utoipa::path(
    put, path = "/{custom_hostname}/certificate_pack/{certificate_pack}/certificates/{certificate}",
    request_body = Thing, responses((status = 202, body = Envelope<Thing>))
)]
async fn put_certificate(
    State(api): State<Shared>,
    path: Path,
    body: Fields,
) -> Result<DoneAs<Value>, ApiError> {
    let upload = body.upload().map_err(ControlError::from)?;
    let changed = Box::pin(api.control.change_certificate(
        path.part("zone_id"),
        path.part("custom_hostname"),
        path.part("certificate_pack"),
        path.part("certificate"),
        Some(&upload),
    ));
    let changed = changed.await?;
    let object = shown(&api.control, &changed);
    Ok(DoneAs(StatusCode::ACCEPTED, changed.hostname, object))
}

/// Removes one certificate that was uploaded; the last one stays.
#[utoipa::path(
    delete, path = "/{custom_hostname}/certificate_pack/{certificate_pack}/certificates/{certificate}",
    responses((status = 202, body = Thing))
)]
async fn delete_certificate(State(api): State<Shared>, path: Path) -> Result<Response, ApiError> {
    let changed = Box::pin(api.control.change_certificate(
        path.part("zone_id"),
        path.part("custom_hostname"),
        path.part("certificate_pack"),
        path.part("certificate"),
        None,
    ));
    Ok(bare(StatusCode::ACCEPTED, &changed.await?))
}

/// What stands between hostnames and the zone that their challenges are delegated to.
#[utoipa::path(get, path = "/zones/{zone_id}/dcv_delegation/uuid", responses((status = 200, body = Envelope<Thing>)))]
async fn delegation(path: Path) -> Result<Done<Value>, ApiError> {
    let zone = path.part("zone_id");
    crate::control::hostname_rules::zone(zone).map_err(ControlError::from)?;
    Ok(Done(json!({ "uuid": delegation_uuid(zone) })))
}
