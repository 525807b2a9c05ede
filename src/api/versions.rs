//! Versions of a worker, and deployments: which of them serves.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde_json::{Map, Value, json};

use super::Shared;
use super::auth::Caller;
use super::body::{Json, Query};
use super::envelope::{Done, Envelope, Thing};
use super::errors::ApiError;
use super::form::Form;
use super::scripts::upload_of;
use super::target::Target;
use crate::control::versions::{Deployment, Version};
use crate::control::{ControlError, dashed};
use crate::model::{Binding, Script};

/// The versions that are kept, the newest first.
#[utoipa::path(
    get, path = "/{script}/versions", params(("deployable" = Option<bool>, Query)),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn list(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    api.control.script(&target.tenant).await?;
    let history = api.control.history(&target.tenant).await?;
    let items: Vec<Value> = history.versions.iter().map(shown).collect();
    Ok(Done(json!({ "items": items })))
}

/// Uploads a version that does not serve yet.
#[utoipa::path(
    post, path = "/{script}/versions", params(("bindings_inherit" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn upload(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    query: Query,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let form = Form::read(&api, request).await?;
    let upload = upload_of(form, query.get("bindings_inherit") == Some("strict"))?;
    caller.may_say(upload.metadata.bindings.as_deref(), false)?;
    caller.may_tell(&upload.metadata.settings)?;
    let (script, version, startup_ms) = api
        .control
        .upload_version(&target.tenant, upload, caller.name())
        .await?;
    let mut answer = detailed(&version, &script);
    answer["startup_time_ms"] = startup_ms.into();
    Ok(Done(answer))
}

/// One version.
#[utoipa::path(get, path = "/{script}/versions/{version}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn get(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    let id = target.path.part("version");
    let (version, script) = api.control.version(&target.tenant, id).await?;
    Ok(Done(detailed(&version, &script)))
}

/// What was deployed, the newest first; that one serves.
#[utoipa::path(get, path = "/{script}/deployments", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn deployments(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    api.control.script(&target.tenant).await?;
    let history = api.control.history(&target.tenant).await?;
    let all: Vec<Value> = history.deployments.iter().map(deployment).collect();
    Ok(Done(json!({ "deployments": all })))
}

/// Has a version serve: `{"strategy": "percentage", "versions": [{"version_id", "percentage": 100}]}`.
#[utoipa::path(
    post, path = "/{script}/deployments", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn deploy(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    Json(body): Json<Map<String, Value>>,
) -> Result<Done<Value>, ApiError> {
    let versions = body.get("versions").and_then(Value::as_array);
    let [version] = versions.map_or(&[][..], Vec::as_slice) else {
        return Err(one_version().into());
    };
    if version["percentage"]
        .as_f64()
        .is_some_and(|part| part < 100.0)
    {
        return Err(one_version().into());
    }
    let Some(id) = version["version_id"].as_str() else {
        return Err(ApiError::body("`versions[0].version_id` is missing"));
    };
    let annotations = match body.get("annotations") {
        Some(Value::Object(annotations)) => annotations.clone(),
        _ => Map::new(),
    };
    let done = api
        .control
        .deploy_version(&target.tenant, id, annotations, caller.name())
        .await?;
    Ok(Done(deployment(&done)))
}

fn one_version() -> ControlError {
    ControlError::Unsupported(
        "one version serves at a time here: name one version in `versions`, with a percentage of 100".into(),
    )
}

fn shown(version: &Version) -> Value {
    json!({
        "id": dashed(&version.id),
        "number": version.number,
        "metadata": {
            "author_email": version.by,
            "created_on": version.created_on,
            "modified_on": version.created_on,
            "source": "wrangler",
            "hasPreview": false,
        },
        "annotations": version.annotations,
    })
}

fn detailed(version: &Version, script: &Script) -> Value {
    let mut all = shown(version);
    all["resources"] = json!({
        "bindings": script.bindings.iter().map(Binding::public).collect::<Vec<_>>(),
        "script": {
            "etag": script.code.to_string(),
            "handlers": script.handlers,
            "last_deployed_from": "wrangler",
        },
        "script_runtime": {
            "compatibility_date": script.compatibility_date,
            "compatibility_flags": script.compatibility_flags,
            "usage_model": "standard",
            "limits": script.limits,
        },
    });
    all
}

fn deployment(deployment: &Deployment) -> Value {
    json!({
        "id": dashed(&deployment.id),
        "source": "wrangler",
        "strategy": "percentage",
        "author_email": deployment.by,
        "created_on": deployment.created_on,
        "annotations": deployment.annotations,
        "versions": [{ "version_id": dashed(&deployment.version), "percentage": 100 }],
    })
}
