//! The account and whoever asks: what clients look at before they do anything.

use axum::extract::State;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::auth::Caller;
use super::body::{Path, Query};
use super::envelope::{Done, Envelope, Listed, Thing};
use super::errors::ApiError;
use crate::control::stable_id;
use crate::model::AuditRecord;

/// Records of an audit's page.
const AUDIT_MAX: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(user))
        .routes(routes!(verify))
        .routes(routes!(verify_account))
        .routes(routes!(accounts))
        .routes(routes!(account))
        .routes(routes!(memberships))
        .routes(routes!(audit))
}

/// Who the token belongs to.
#[utoipa::path(get, path = "/user", responses((status = 200, body = Envelope<Thing>)))]
async fn user(caller: Caller) -> Done<Value> {
    let token = &caller.token;
    Done(json!({
        "id": stable_id(&token.id),
        "email": token.email.clone().unwrap_or_else(|| format!("{}@localhost", token.id)),
        "username": token.name,
        "first_name": null,
        "last_name": null,
        "two_factor_authentication_enabled": false,
        "suspended": false,
        "created_on": token.created_on,
        "modified_on": token.created_on,
    }))
}

/// Whether the token is good.
#[utoipa::path(get, path = "/user/tokens/verify", responses((status = 200, body = Envelope<Thing>)))]
async fn verify(caller: Caller) -> Done<Value> {
    let token = &caller.token;
    let mut result = json!({ "id": token.id, "status": "active" });
    if let Some(end) = &token.expires_on {
        result["expires_on"] = end.as_str().into();
    }
    Done(result)
}

/// Whether the token is good, as for tokens that an account owns.
#[utoipa::path(get, path = "/accounts/{account_id}/tokens/verify", responses((status = 200, body = Envelope<Thing>)))]
async fn verify_account(caller: Caller) -> Done<Value> {
    verify(caller).await
}

fn the_account(api: &Shared) -> Value {
    json!({
        "id": api.account,
        "name": "Cirque",
        "type": "standard",
        "settings": { "enforce_twofactor": false },
    })
}

/// The one account there is.
#[utoipa::path(get, path = "/accounts", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn accounts(State(api): State<Shared>, query: Query) -> Result<Listed<Vec<Value>>, ApiError> {
    one_page(&query, the_account(&api))
}

/// The account.
#[utoipa::path(get, path = "/accounts/{account_id}", responses((status = 200, body = Envelope<Thing>)))]
async fn account(State(api): State<Shared>) -> Done<Value> {
    Done(the_account(&api))
}

/// The accounts that the token's owner belongs to.
#[utoipa::path(get, path = "/memberships", responses((status = 200, body = Envelope<Vec<Thing>>)))]
async fn memberships(
    State(api): State<Shared>,
    query: Query,
) -> Result<Listed<Vec<Value>>, ApiError> {
    let membership = json!({
        "id": stable_id(&format!("membership {}", api.account)),
        "status": "accepted",
        "roles": ["Administrator"],
        "account": the_account(&api),
    });
    one_page(&query, membership)
}

/// A list of one, of which clients may ask for pages that are empty.
fn one_page(query: &Query, item: Value) -> Result<Listed<Vec<Value>>, ApiError> {
    let page = query.number("page", 1, usize::MAX)?;
    let per_page = query.number("per_page", 20, 1_000)?;
    let items = match page {
        1 => vec![item],
        _ => Vec::new(),
    };
    let info = json!({
        "page": page, "per_page": per_page, "count": items.len(), "total_count": 1, "total_pages": 1,
    });
    Ok(Listed(items, info))
}

/// What was changed, the newest first.
#[utoipa::path(
    get, path = "/accounts/{account_id}/audit_logs",
    params(("per_page" = Option<usize>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn audit(
    State(api): State<Shared>,
    _path: Path,
    query: Query,
) -> Result<Listed<Vec<Value>>, ApiError> {
    let limit = query.number("per_page", 100, AUDIT_MAX)?;
    let after = super::listing::cursor(&api, "audit", &query)?;
    let (records, next) = api.control.audit(&after, limit).await?;
    let info = json!({
        "count": records.len(),
        "per_page": limit,
        "cursor": super::listing::seal_cursor(&api, "audit", &next),
    });
    Ok(Listed(records.into_iter().map(shown).collect(), info))
}

/// Source: Cloudflare API, "Audit logs: get account audit logs".
fn shown(record: AuditRecord) -> Value {
    let is_done = record.result == "ok";
    json!({
        "id": record.id,
        "when": record.when,
        "action": { "type": record.action, "result": is_done, "info": record.result },
        "actor": {
            "id": record.actor,
            "email": record.actor_name,
            "ip": record.ip,
            "type": if record.actor == "cli" { "system" } else { "user" },
        },
        "interface": if record.actor == "cli" { "CLI" } else { "API" },
        "resource": { "type": record.resource, "id": record.resource_id },
        "metadata": { "request_id": record.request_id },
    })
}
