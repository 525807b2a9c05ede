//! Regular workers: what only those have, which are outside any dispatch namespace, and what wrangler asks about them.

use axum::extract::State;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::envelope::{Done, Envelope, Listed, Thing};
use super::errors::{ApiError, codes};
use super::scripts::ScriptObject;
use super::target::Target;
use crate::control::ControlError;
use crate::control::domains::{DomainKind, NewDomain};
use crate::model::{REGULAR, Script, TenantId};

/// Regular workers of a list; there are dispatchers and outbound workers among them, not tenants.
const LISTED_MAX: usize = 10_000;

/// The list of regular workers.
pub(super) fn list_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What only a regular worker has.
pub(super) fn script_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(subdomain, set_subdomain))
        .routes(routes!(schedules, set_schedules))
        .routes(routes!(set_routes))
        .routes(routes!(changeset))
        .routes(routes!(records))
}

/// What lies beside the scripts.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(service, delete_service))
        .routes(routes!(account_subdomain))
        .routes(routes!(worker, patch_worker))
        .routes(routes!(queues))
        .routes(routes!(objects))
}

/// Lists regular workers.
#[utoipa::path(get, path = "", responses((status = 200, body = Envelope<Vec<ScriptObject>>)))]
async fn list(State(api): State<Shared>) -> Result<Listed<Vec<ScriptObject>>, ApiError> {
    let page = api.control.scripts(REGULAR, None, "", LISTED_MAX).await?;
    let all: Vec<ScriptObject> = page
        .items
        .iter()
        .map(|(name, script)| ScriptObject::new(REGULAR, name, script))
        .collect();
    let count = all.len();
    Ok(Listed(
        all,
        json!({ "count": count, "total_count": count, "page": 1, "per_page": count }),
    ))
}

/// A worker as wrangler asks for it before it deploys.
#[utoipa::path(get, path = "/workers/services/{script}", responses((status = 200, body = Envelope<Thing>)))]
async fn service(State(api): State<Shared>, target: Target) -> Result<Done<Value>, ApiError> {
    let script = api
        .control
        .script(&target.tenant)
        .await
        .map_err(no_service)?;
    let name = target.tenant.worker();
    let environment = json!({
        "environment": "production",
        "created_on": script.created_on,
        "modified_on": script.modified_on,
        "script": ScriptObject::new(REGULAR, name, &script),
    });
    Ok(Done(json!({
        "id": name,
        "created_on": script.created_on,
        "modified_on": script.modified_on,
        "default_environment": environment,
        "environments": [environment],
    })))
}

/// Deletes a worker, as `wrangler delete` does.
#[utoipa::path(
    delete, path = "/workers/services/{script}", params(("force" = Option<bool>, Query)),
    responses((status = 200, body = Envelope<Thing>))
)]
async fn delete_service(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    api.control
        .delete_script(&target.tenant)
        .await
        .map_err(no_service)?;
    Ok(Done(Value::Null))
}

fn no_service(error: ControlError) -> ApiError {
    let is_missing = matches!(error, ControlError::NoScript(_));
    let mut error = ApiError::from(error);
    if is_missing {
        error.code = codes::SERVICE_NOT_FOUND;
    }
    error
}

/// The name below which workers would answer on Cloudflare; here hostnames are led to workers.
#[utoipa::path(get, path = "/workers/subdomain", responses((status = 200, body = Envelope<Thing>)))]
async fn account_subdomain() -> Done<Value> {
    Done(json!({ "subdomain": "cirque" }))
}

/// Whether a worker answers below the account's name: none does here.
#[utoipa::path(get, path = "/{script}/subdomain", responses((status = 200, body = Envelope<Thing>)))]
async fn subdomain(State(api): State<Shared>, target: Target) -> Result<Done<Value>, ApiError> {
    api.control.script(&target.tenant).await?;
    Ok(Done(json!({ "enabled": false, "previews_enabled": false })))
}

/// Asked for by wrangler at every deploy. There is nothing to turn on: hostnames are led to workers.
#[utoipa::path(
    post, path = "/{script}/subdomain", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn set_subdomain(
    state: State<Shared>,
    target: Target,
    Json(_): Json<Value>,
) -> Result<Done<Value>, ApiError> {
    subdomain(state, target).await
}

/// A worker as newer clients ask for it.
#[utoipa::path(get, path = "/workers/workers/{script}", responses((status = 200, body = Envelope<Thing>)))]
async fn worker(State(api): State<Shared>, target: Target) -> Result<Done<Value>, ApiError> {
    let script = api
        .control
        .script(&target.tenant)
        .await
        .map_err(no_service)?;
    let observability = script.settings.get("observability").cloned();
    Ok(Done(json!({
        "id": script.id,
        "name": target.tenant.worker(),
        "created_on": script.created_on,
        "updated_on": script.modified_on,
        "subdomain": { "enabled": false, "previews_enabled": false },
        "tags": script.tags,
        "logpush": script.settings.get("logpush").cloned().unwrap_or(false.into()),
        "observability": observability.unwrap_or_else(|| json!({ "enabled": false })),
        "tail_consumers": script.settings.get("tail_consumers").cloned().unwrap_or_else(|| json!([])),
    })))
}

/// Changes a worker's tags, as newer clients do.
#[utoipa::path(
    patch, path = "/workers/workers/{script}", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn patch_worker(
    state: State<Shared>,
    caller: Caller,
    target: Target,
    body: Json<Value>,
) -> Result<Done<Value>, ApiError> {
    let api = state.0.clone();
    let again = Target {
        tenant: target.tenant.clone(),
        path: Path::default(),
    };
    super::settings::patch_script(state, caller, target, body).await?;
    worker(State(api), again).await
}

/// The times that a worker runs at.
#[utoipa::path(get, path = "/{script}/schedules", responses((status = 200, body = Envelope<Thing>)))]
async fn schedules(State(api): State<Shared>, target: Target) -> Result<Done<Value>, ApiError> {
    let script = api.control.script(&target.tenant).await?;
    Ok(Done(shown_schedules(&script)))
}

/// Sets the times that a worker runs at, and no others: `[{"cron": "*/5 * * * *"}]`, in UTC.
#[utoipa::path(
    put, path = "/{script}/schedules", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn set_schedules(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    Json(body): Json<Value>,
) -> Result<Done<Value>, ApiError> {
    let crons = body.as_array().and_then(|entries| {
        let crons = entries
            .iter()
            .map(|entry| entry["cron"].as_str().map(str::to_owned));
        crons.collect::<Option<Vec<_>>>()
    });
    let message = "the body is an array, as in [{\"cron\": \"*/5 * * * *\"}]";
    let crons = crons.ok_or_else(|| ApiError::body(message))?;
    let changed = api.control.set_crons(&target.tenant, caller.name(), crons);
    Ok(Done(shown_schedules(&changed.await?)))
}

fn shown_schedules(script: &Script) -> Value {
    let one = |cron: &String| json!({ "cron": cron, "created_on": script.created_on, "modified_on": script.modified_on });
    json!({ "schedules": script.crons.iter().map(one).collect::<Vec<_>>() })
}

/// Leads the hostnames of these routes, and no others, to a worker: `[{"pattern", "zone_name"}]`.
#[utoipa::path(
    put, path = "/{script}/routes", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn set_routes(
    State(api): State<Shared>,
    target: Target,
    Json(body): Json<Value>,
) -> Result<Done<Value>, ApiError> {
    let entries = body
        .as_array()
        .ok_or_else(|| ApiError::body("the body is an array, as in [{\"pattern\": \"*/*\"}]"))?;
    let new = entries.iter().map(|entry| {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        let pattern = text("pattern").or_else(|| entry.as_str().map(str::to_owned));
        let zone_name = text("zone_name").unwrap_or_default();
        Ok(NewDomain {
            kind: DomainKind::Route,
            pattern: pattern.ok_or_else(|| ApiError::body("a route has no `pattern`"))?,
            service: target.tenant.worker().to_owned(),
            zone_id: match (text("zone_id"), &*zone_name) {
                (Some(id), _) => id,
                (None, "") => String::new(),
                (None, name) => crate::control::purge::zone_id(name),
            },
            zone_name,
        })
    });
    let new = new.collect::<Result<Vec<_>, ApiError>>()?;
    let made = replace(&api, &target.tenant, DomainKind::Route, new).await?;
    let patterns: Vec<Value> = made
        .iter()
        .map(|route| route.pattern.clone().into())
        .collect();
    Ok(Done(patterns.into()))
}

/// Gives a worker these hostnames and takes all others of that kind from it.
async fn replace(
    api: &Shared,
    worker: &TenantId,
    kind: DomainKind,
    new: Vec<NewDomain>,
) -> Result<Vec<crate::control::domains::Domain>, ApiError> {
    api.control.script(worker).await?;
    let before = api.control.domains().await?;
    // The new ones first: a hostname that stays is led somewhere all along.
    let mut made = Vec::with_capacity(new.len());
    for domain in new {
        made.push(api.control.put_domain(domain).await?);
    }
    for old in before {
        let is_ours = old.kind == kind && old.service == worker.worker();
        if is_ours && !made.iter().any(|domain| domain.hostname == old.hostname) {
            api.control.delete_domain(&old.id).await?;
        }
    }
    Ok(made)
}

/// What would change if a worker had these hostnames: `[{"hostname"}]`.
#[utoipa::path(
    post, path = "/{script}/domains/changeset", params(("replace_state" = Option<bool>, Query)),
    request_body = Thing, responses((status = 200, body = Envelope<Thing>))
)]
async fn changeset(
    State(api): State<Shared>,
    target: Target,
    query: Query,
    Json(body): Json<Vec<Value>>,
) -> Result<Done<Value>, ApiError> {
    let name = target.tenant.worker();
    let all = api.control.domains().await?;
    let wanted: Vec<&str> = body
        .iter()
        .filter_map(|entry| entry["hostname"].as_str())
        .collect();
    let (mut added, mut conflicting) = (Vec::new(), Vec::new());
    for hostname in &wanted {
        match all.iter().find(|domain| domain.hostname == *hostname) {
            Some(domain) if domain.service == name => {}
            Some(domain) => conflicting.push(super::domains::shown(domain)),
            None => added.push(json!({ "hostname": hostname, "service": name })),
        }
    }
    let is_gone =
        |hostname: &str| query.get("replace_state") == Some("true") && !wanted.contains(&hostname);
    let ours = all
        .iter()
        .filter(|d| d.service == name && d.kind == DomainKind::Domain);
    let removed = ours
        .filter(|d| is_gone(&d.hostname))
        .map(super::domains::shown);
    Ok(Done(json!({
        "added": added,
        "removed": removed.collect::<Vec<_>>(),
        "updated": [],
        "conflicting": conflicting,
    })))
}

/// Gives a worker these hostnames, and no others: `{"origins": [{"hostname"}]}`.
#[utoipa::path(
    put, path = "/{script}/domains/records", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn records(
    State(api): State<Shared>,
    target: Target,
    Json(body): Json<Value>,
) -> Result<Done<Value>, ApiError> {
    let origins = body["origins"].as_array().ok_or_else(|| {
        ApiError::body("`origins` is an array, as in [{\"hostname\": \"app.example.com\"}]")
    })?;
    let new = origins.iter().map(|origin| {
        let text = |name: &str| origin[name].as_str().unwrap_or("").to_owned();
        let (hostname, zone_name) = (text("hostname"), text("zone_name"));
        NewDomain {
            kind: DomainKind::Domain,
            service: target.tenant.worker().to_owned(),
            zone_id: match text("zone_id") {
                id if id.is_empty() => crate::control::purge::zone_id(&hostname),
                id => id,
            },
            pattern: hostname,
            zone_name,
        }
    });
    let made = replace(&api, &target.tenant, DomainKind::Domain, new.collect()).await?;
    Ok(Done(
        made.iter()
            .map(super::domains::shown)
            .collect::<Vec<_>>()
            .into(),
    ))
}

/// The queues there are: none, since nothing here consumes them.
#[utoipa::path(get, path = "/queues", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn queues() -> Done<Vec<Value>> {
    Done(Vec::new())
}

/// The namespaces of durable objects there are: none.
#[utoipa::path(get, path = "/workers/durable_objects/namespaces", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn objects() -> Done<Vec<Value>> {
    Done(Vec::new())
}
