//! What is said of a script besides its code.

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
use super::target::Target;
use crate::control::upload::{self, Metadata};
use crate::model::{Binding, Script};

/// A script's settings with its bindings.
#[utoipa::path(get, path = "/{script}/settings", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn get(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    Ok(Done(shown(&api.control.script(&target.tenant).await?)))
}

/// Changes the settings that are named; the rest stays. Takes multipart/form-data with a part `settings`, or JSON.
#[utoipa::path(
    patch, path = "/{script}/settings",
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn patch(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    query: Query,
    request: Request<Body>,
) -> Result<Done<Value>, ApiError> {
    let form = Form::read(&api, request).await?;
    let said = form.settings.or(form.metadata);
    let said = said.ok_or_else(|| ApiError::body("the request has no part named \"settings\""))?;
    let is_strict = query.get("bindings_inherit") == Some("strict");
    let script = change(&api, &caller, &target, said, is_strict).await?;
    Ok(Done(shown(&script)))
}

/// The settings that belong to a script whichever version of it serves.
#[utoipa::path(get, path = "/{script}/script-settings", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn get_script(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    Ok(Done(script_settings(
        &api.control.script(&target.tenant).await?,
    )))
}

/// Changes the settings that belong to a script whichever version of it serves.
#[utoipa::path(
    patch, path = "/{script}/script-settings", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn patch_script(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    Json(mut said): Json<Value>,
) -> Result<Done<Value>, ApiError> {
    if let Some(fields) = said.as_object_mut() {
        fields.retain(|name, _| SCRIPT_SETTINGS.contains(&name.as_str()));
    }
    let script = change(&api, &caller, &target, said, false).await?;
    Ok(Done(script_settings(&script)))
}

/// The bindings of a script; of secrets their names alone.
#[utoipa::path(get, path = "/{script}/bindings", responses((status = 200, body = Envelope<Vec<Thing>>)))]
pub(super) async fn bindings(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Vec<Value>>, ApiError> {
    let script = api.control.script(&target.tenant).await?;
    Ok(Done(script.bindings.iter().map(Binding::public).collect()))
}

/// `status` is ours: `active` or `suspended`.
const SCRIPT_SETTINGS: [&str; 5] = [
    "logpush",
    "observability",
    "tail_consumers",
    "tags",
    "status",
];

async fn change(
    api: &Shared,
    caller: &Caller,
    target: &Target,
    said: Value,
    is_strict: bool,
) -> Result<Script, ApiError> {
    let mut said = said;
    let status = said.as_object_mut().and_then(|said| said.remove("status"));
    let status = status
        .map(|status| upload::status(status.as_str().unwrap_or_default()))
        .transpose()?;
    let said = Metadata::parse(said)?;
    caller.may_say(said.bindings.as_deref(), status.is_some())?;
    api.control
        .check_kv(said.bindings.as_deref().unwrap_or_default())
        .await?;
    let tenant = &target.tenant;
    caller.may_tell(&said.settings)?;
    api.control.check_consumers(tenant, &said.settings).await?;
    let change = |script: &mut Script| {
        if let Some(entries) = said.bindings.clone() {
            let keep = &said.keep_bindings;
            script.bindings =
                api.control
                    .merge(tenant, entries, &script.bindings, keep, is_strict)?;
        }
        if let Some(limits) = said.limits {
            script.limits = limits;
        }
        script.status = status.unwrap_or(script.status);
        if let Some(tags) = &said.tags {
            script.tags.clone_from(tags);
        }
        if let Some(date) = &said.compatibility_date {
            script.compatibility_date.clone_from(date);
        }
        if let Some(flags) = &said.compatibility_flags {
            script.compatibility_flags.clone_from(flags);
        }
        script.settings.extend(said.settings.clone());
        Ok(())
    };
    Ok(api
        .control
        .change_script(tenant, caller.name(), change)
        .await?)
}

fn script_settings(script: &Script) -> Value {
    let all = shown(script);
    let picked = SCRIPT_SETTINGS
        .iter()
        .map(|name| ((*name).to_owned(), all[*name].clone()));
    Value::Object(picked.collect::<Map<_, _>>())
}

fn shown(script: &Script) -> Value {
    let mut all = json!({
        "bindings": script.bindings.iter().map(Binding::public).collect::<Vec<_>>(),
        "compatibility_date": script.compatibility_date,
        "compatibility_flags": script.compatibility_flags,
        "limits": script.limits,
        "status": script.status,
        "tags": script.tags,
        "logpush": false,
        "observability": { "enabled": false },
        "placement": {},
        "tail_consumers": [],
        "usage_model": "standard",
        "migration_tag": null,
    });
    for (name, value) in &script.settings {
        all[name] = value.clone();
    }
    all
}
