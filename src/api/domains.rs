//! Domains and routes: hostnames that lead to regular workers. Zones are names alone here, since Cirque serves no DNS.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::body::{Json, Path, Query};
use super::envelope::{Done, DoneTo, Envelope, Listed, Thing};
use super::errors::ApiError;
use crate::control::ControlError;
use crate::control::domains::{Domain, DomainKind, NewDomain};
use crate::control::purge::zone_id;
use crate::model::Hostname;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(zones))
        .routes(routes!(zone))
        .routes(routes!(list_routes, create_route))
        .routes(routes!(get_route, put_route, delete_route))
        .routes(routes!(list, put))
        .routes(routes!(get, delete))
}

fn zone_object(api: &Shared, name: &str) -> Value {
    json!({
        "id": zone_id(name),
        "name": name,
        "status": "active",
        "type": "full",
        "paused": false,
        "account": { "id": api.account, "name": "Cirque" },
    })
}

/// The zones of workers' domains and routes; any name that is asked for is a zone.
#[utoipa::path(
    get, path = "/zones", params(("name" = Option<String>, Query), ("page" = Option<usize>, Query)),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn zones(State(api): State<Shared>, query: Query) -> Result<Listed<Vec<Value>>, ApiError> {
    let page = query.number("page", 1, usize::MAX)?;
    let mut names: Vec<String> = match query.get("name") {
        Some(name) => {
            let name = Hostname::parse(name).map_err(|e| ApiError::body(format!("`name`: {e}")))?;
            vec![name.as_str().to_owned()]
        }
        None => {
            let all = api
                .control
                .domains()
                .await?
                .into_iter()
                .map(|domain| domain.zone_name);
            all.filter(|name| !name.is_empty()).collect()
        }
    };
    names.sort();
    names.dedup();
    let total = names.len();
    let items: Vec<Value> = match page {
        1 => names.iter().map(|name| zone_object(&api, name)).collect(),
        _ => Vec::new(),
    };
    let info = json!({
        "page": page, "per_page": total.max(20), "count": items.len(), "total_count": total, "total_pages": 1,
    });
    Ok(Listed(items, info))
}

/// A zone that a domain, a route or a custom hostname has named.
#[utoipa::path(get, path = "/zones/{zone_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn zone(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let id = path.part("zone_id");
    let all = api.control.domains().await?;
    if let Some(found) = all.into_iter().find(|domain| domain.zone_id == id) {
        return Ok(Done(zone_object(&api, &found.zone_name)));
    }
    if !api.control.has_zone(id).await? {
        return Err(nothing("zone", id).into());
    }
    // Custom hostnames know their zone by its id alone.
    let mut zone = zone_object(&api, id);
    zone["id"] = id.into();
    Ok(Done(zone))
}

fn nothing(what: &'static str, name: &str) -> ControlError {
    ControlError::Nothing {
        what,
        name: name.chars().take(64).collect(),
    }
}

/// A route: `{"pattern": "*.example.com/*", "script": "dispatcher"}`.
#[derive(Debug, Deserialize, ToSchema)]
struct RouteBody {
    pattern: String,
    script: Option<String>,
}

impl RouteBody {
    fn domain(self, zone: &str) -> Result<NewDomain, ApiError> {
        let Some(service) = self.script.filter(|script| !script.is_empty()) else {
            return Err(ControlError::Unsupported(
                "a route without a script leads nowhere here: name a worker in `script`".into(),
            )
            .into());
        };
        Ok(NewDomain {
            kind: DomainKind::Route,
            pattern: self.pattern,
            service,
            zone_id: zone.to_owned(),
            zone_name: String::new(),
        })
    }
}

fn route_object(route: &Domain) -> Value {
    json!({ "id": route.id, "pattern": route.pattern, "script": route.service, "request_limit_fail_open": false })
}

/// The routes of a zone.
#[utoipa::path(get, path = "/zones/{zone_id}/workers/routes", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn list_routes(State(api): State<Shared>, path: Path) -> Result<Done<Vec<Value>>, ApiError> {
    let all = api.control.domains().await?;
    let ours = all
        .iter()
        .filter(|d| d.kind == DomainKind::Route && d.zone_id == path.part("zone_id"));
    Ok(Done(ours.map(route_object).collect()))
}

/// Leads the hostname of a route to a worker.
#[utoipa::path(
    post, path = "/zones/{zone_id}/workers/routes", request_body = RouteBody,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn create_route(
    State(api): State<Shared>,
    path: Path,
    Json(body): Json<RouteBody>,
) -> Result<DoneTo<Value>, ApiError> {
    let route = api
        .control
        .put_domain(body.domain(path.part("zone_id"))?)
        .await?;
    Ok(DoneTo(route.pattern.clone(), route_object(&route)))
}

async fn route_of(api: &Shared, path: &Path) -> Result<Domain, ApiError> {
    let id = path.part("route_id");
    let route = api.control.domain(id).await?;
    match route.kind == DomainKind::Route && route.zone_id == path.part("zone_id") {
        true => Ok(route),
        false => Err(nothing("route", id).into()),
    }
}

/// A route.
#[utoipa::path(get, path = "/zones/{zone_id}/workers/routes/{route_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn get_route(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    Ok(Done(route_object(&route_of(&api, &path).await?)))
}

/// Changes a route.
#[utoipa::path(
    put, path = "/zones/{zone_id}/workers/routes/{route_id}", request_body = RouteBody,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn put_route(
    State(api): State<Shared>,
    path: Path,
    Json(body): Json<RouteBody>,
) -> Result<Done<Value>, ApiError> {
    let before = route_of(&api, &path).await?;
    let route = api
        .control
        .put_domain(body.domain(path.part("zone_id"))?)
        .await?;
    if route.id != before.id {
        api.control.delete_domain(&before.id).await?;
    }
    Ok(Done(route_object(&route)))
}

/// Takes a route away.
#[utoipa::path(delete, path = "/zones/{zone_id}/workers/routes/{route_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn delete_route(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let route = route_of(&api, &path).await?;
    api.control.delete_domain(&route.id).await?;
    Ok(Done(json!({ "id": route.id })))
}

/// A domain: `{"hostname": "app.example.com", "service": "dispatcher"}`.
#[derive(Debug, Deserialize, ToSchema)]
struct DomainBody {
    hostname: String,
    service: String,
    zone_id: Option<String>,
    zone_name: Option<String>,
}

/// A domain as clients see it.
pub(super) fn shown(domain: &Domain) -> Value {
    json!({
        "id": domain.id,
        "hostname": domain.hostname,
        "service": domain.service,
        "environment": "production",
        "zone_id": domain.zone_id,
        "zone_name": domain.zone_name,
    })
}

/// The domains of regular workers.
#[utoipa::path(
    get, path = "/accounts/{account_id}/workers/domains",
    params(
        ("hostname" = Option<String>, Query), ("service" = Option<String>, Query),
        ("zone_id" = Option<String>, Query), ("zone_name" = Option<String>, Query),
    ),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn list(State(api): State<Shared>, query: Query) -> Result<Done<Vec<Value>>, ApiError> {
    let all = api.control.domains().await?;
    let fits = |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted == value);
    let ours = all.iter().filter(|d| {
        d.kind == DomainKind::Domain
            && fits("hostname", &d.hostname)
            && fits("service", &d.service)
            && fits("zone_id", &d.zone_id)
            && fits("zone_name", &d.zone_name)
    });
    Ok(Done(ours.map(shown).collect()))
}

/// Leads a hostname to a regular worker.
#[utoipa::path(
    put, path = "/accounts/{account_id}/workers/domains", request_body = DomainBody,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn put(
    State(api): State<Shared>,
    Json(body): Json<DomainBody>,
) -> Result<DoneTo<Value>, ApiError> {
    let zone_name = body.zone_name.unwrap_or_default();
    let zone_id = body.zone_id.unwrap_or_else(|| match &*zone_name {
        "" => zone_id(&body.hostname),
        name => zone_id(name),
    });
    let new = NewDomain {
        kind: DomainKind::Domain,
        pattern: body.hostname,
        service: body.service,
        zone_id,
        zone_name,
    };
    let domain = api.control.put_domain(new).await?;
    Ok(DoneTo(domain.hostname.clone(), shown(&domain)))
}

async fn domain_of(api: &Shared, path: &Path) -> Result<Domain, ApiError> {
    let id = path.part("domain_id");
    let domain = api.control.domain(id).await?;
    match domain.kind {
        DomainKind::Domain => Ok(domain),
        DomainKind::Route => Err(nothing("domain", id).into()),
    }
}

/// A domain.
#[utoipa::path(get, path = "/accounts/{account_id}/workers/domains/{domain_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn get(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    Ok(Done(shown(&domain_of(&api, &path).await?)))
}

/// Takes a domain away from its worker.
#[utoipa::path(delete, path = "/accounts/{account_id}/workers/domains/{domain_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    let domain = domain_of(&api, &path).await?;
    api.control.delete_domain(&domain.id).await?;
    Ok(Done(Value::Null))
}
