//! Dispatch namespaces.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::auth::Caller;
use super::body::{Json, Path};
use super::envelope::{Done, DoneTo, Envelope, Thing};
use super::errors::ApiError;
use crate::control::namespaces::NamespaceChange;
use crate::control::upload;
use crate::model::namespace::DefaultOutbound;
use crate::model::{Namespace, Status};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, put, patch, delete))
}

/// A dispatch namespace as clients see it, under both of the names that Cloudflare has given its fields over time.
#[derive(Debug, Serialize, ToSchema)]
struct NamespaceObject {
    namespace_id: String,
    namespace_name: String,
    id: String,
    name: String,
    script_count: u64,
    trusted_workers: bool,
    /// What its workers get that ask for nothing themselves; Cirque's own.
    #[schema(value_type = Object)]
    limits: Value,
    /// What its workers' requests pass by default: `service` and `params`; Cirque's own.
    #[schema(value_type = Option<Object>)]
    outbound: Option<DefaultOutbound>,
    /// `active` or `suspended`; Cirque's own.
    #[schema(value_type = String)]
    status: Status,
    created_on: String,
    created_by: String,
    modified_on: String,
    modified_by: String,
}

impl NamespaceObject {
    fn new(name: &str, namespace: Namespace, script_count: u64) -> Self {
        Self {
            namespace_id: namespace.id.clone(),
            namespace_name: name.to_owned(),
            id: namespace.id,
            name: name.to_owned(),
            script_count,
            trusted_workers: namespace.trusted_workers,
            limits: serde_json::to_value(namespace.limits).unwrap_or_default(),
            outbound: namespace.outbound,
            status: namespace.status,
            created_on: namespace.created_on,
            created_by: namespace.created_by,
            modified_on: namespace.modified_on,
            modified_by: namespace.modified_by,
        }
    }
}

/// What can be said of a namespace.
#[derive(Debug, Deserialize, ToSchema)]
struct NamespaceBody {
    /// Its name.
    name: Option<String>,
    /// Whether its workers are the operator's own.
    trusted_workers: Option<bool>,
    /// What its workers get that ask for nothing themselves; Cirque's own.
    #[schema(value_type = Object)]
    limits: Option<Value>,
    /// What its workers' requests pass unless whoever calls them says otherwise: `{"service": "policy", "params": {…}}`, or
    /// null for nothing; Cirque's own.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    outbound: Option<Value>,
    /// `active`, or `suspended`: none of its workers runs; Cirque's own.
    status: Option<String>,
}

/// Null is a value; nothing at all is none.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl NamespaceBody {
    fn change(self) -> Result<NamespaceChange, ApiError> {
        Ok(NamespaceChange {
            name: self.name,
            trusted_workers: self.trusted_workers,
            limits: self.limits.map(upload::limits).transpose()?,
            outbound: self.outbound.map(upload::outbound).transpose()?,
            status: self.status.as_deref().map(upload::status).transpose()?,
        })
    }
}

/// Lists dispatch namespaces.
#[utoipa::path(get, path = "", responses((status = 200, body = Envelope<Vec<NamespaceObject>>)))]
async fn list(
    State(api): State<Shared>,
    caller: Caller,
) -> Result<Done<Vec<NamespaceObject>>, ApiError> {
    let all = api.control.namespaces().await?;
    let seen = all
        .into_iter()
        .filter(|(name, ..)| caller.sees_namespace(name));
    Ok(Done(
        seen.map(|(name, namespace, count)| NamespaceObject::new(&name, namespace, count))
            .collect(),
    ))
}

/// Makes a dispatch namespace.
#[utoipa::path(
    post, path = "", request_body = NamespaceBody,
    responses((status = 200, body = Envelope<NamespaceObject>))
)]
async fn create(
    State(api): State<Shared>,
    caller: Caller,
    Json(body): Json<NamespaceBody>,
) -> Result<DoneTo<NamespaceObject>, ApiError> {
    let change = body.change()?;
    let Some(name) = change.name.clone() else {
        return Err(ApiError::body("`name` is missing"));
    };
    let made = api
        .control
        .create_namespace(&name, change, caller.name())
        .await?;
    let object = NamespaceObject::new(&name, made, 0);
    Ok(DoneTo(name, object))
}

/// A dispatch namespace.
#[utoipa::path(get, path = "/{namespace}", responses((status = 200, body = Envelope<NamespaceObject>)))]
async fn get(State(api): State<Shared>, path: Path) -> Result<Done<NamespaceObject>, ApiError> {
    let name = path.part("namespace");
    let namespace = api.control.namespace(name).await?;
    let count = api.control.count_scripts(name, None).await?;
    Ok(Done(NamespaceObject::new(name, namespace, count)))
}

/// Renames a dispatch namespace, or sets what it is.
#[utoipa::path(
    put, path = "/{namespace}", request_body = NamespaceBody,
    responses((status = 200, body = Envelope<NamespaceObject>))
)]
async fn put(
    state: State<Shared>,
    caller: Caller,
    path: Path,
    body: Json<NamespaceBody>,
) -> Result<Done<NamespaceObject>, ApiError> {
    patch(state, caller, path, body).await
}

/// Changes what is named of a dispatch namespace; the rest stays.
#[utoipa::path(
    patch, path = "/{namespace}", request_body = NamespaceBody,
    responses((status = 200, body = Envelope<NamespaceObject>))
)]
async fn patch(
    State(api): State<Shared>,
    caller: Caller,
    path: Path,
    Json(body): Json<NamespaceBody>,
) -> Result<Done<NamespaceObject>, ApiError> {
    let name = path.part("namespace");
    let (name, namespace) = api
        .control
        .change_namespace(name, body.change()?, caller.name())
        .await?;
    let count = api.control.count_scripts(&name, None).await?;
    Ok(Done(NamespaceObject::new(&name, namespace, count)))
}

/// Deletes a dispatch namespace with all its scripts; they stop answering at once.
#[utoipa::path(delete, path = "/{namespace}", responses((status = 200, body = Envelope<Thing>)))]
async fn delete(State(api): State<Shared>, path: Path) -> Result<Done<Value>, ApiError> {
    api.control.delete_namespace(path.part("namespace")).await?;
    Ok(Done(Value::Null))
}
