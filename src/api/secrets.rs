//! The secrets of a script: put and deleted; of what is there only names can be read.

use axum::extract::State;
use serde_json::{Map, Value, json};

use super::Shared;
use super::auth::Caller;
use super::body::Json;
use super::envelope::{Done, DoneTo, Envelope, Thing};
use super::errors::ApiError;
use super::target::Target;
use crate::control::ControlError;
use crate::control::secrets::SecretChange;
use crate::model::Binding;

/// The names of a script's secrets.
#[utoipa::path(get, path = "/{script}/secrets", responses((status = 200, body = Envelope<Vec<Thing>>)))]
pub(super) async fn list(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Vec<Value>>, ApiError> {
    let script = api.control.script(&target.tenant).await?;
    let secrets = script
        .bindings
        .iter()
        .filter(|binding| binding.secret().is_some());
    Ok(Done(secrets.map(shown).collect()))
}

/// The name of one secret.
#[utoipa::path(get, path = "/{script}/secrets/{secret}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn get(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    let name = target.path.part("secret");
    let script = api.control.script(&target.tenant).await?;
    let mut secrets = script
        .bindings
        .iter()
        .filter(|binding| binding.secret().is_some());
    let found = secrets.find(|binding| binding.name() == name);
    let found = found.ok_or_else(|| ControlError::NoSecret(name.to_owned()))?;
    Ok(Done(shown(found)))
}

/// Puts a secret, in the place of one of its name.
#[utoipa::path(
    put, path = "/{script}/secrets", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn put(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    Json(body): Json<Map<String, Value>>,
) -> Result<DoneTo<Value>, ApiError> {
    let binding = secret(body, None)?;
    let answer = shown(&binding);
    let subject = format!("{}:{}", target.tenant, binding.name());
    let changes = [SecretChange::Put(binding)];
    api.control
        .change_secrets(&target.tenant, &changes, caller.name())
        .await?;
    Ok(DoneTo(subject, answer))
}

/// Deletes a secret.
#[utoipa::path(
    delete, path = "/{script}/secrets/{secret}", params(("url_encoded" = Option<bool>, Query)),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn delete(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    let changes = [SecretChange::Delete(target.path.part("secret").to_owned())];
    api.control
        .change_secrets(&target.tenant, &changes, caller.name())
        .await?;
    Ok(Done(Value::Null))
}

/// Puts and deletes several secrets, all of them or none: `{"secrets": {"A": {"type", "text"}, "B": null}}`.
#[utoipa::path(
    patch, path = "/{script}/secrets-bulk", request_body = Thing,
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn bulk(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Done<Value>, ApiError> {
    let Some(Value::Object(secrets)) = body.remove("secrets") else {
        return Err(ApiError::body(
            "`secrets` is an object of secrets by name, null for those to delete",
        ));
    };
    let change = |(name, value): (String, Value)| match value {
        Value::Null => Ok(SecretChange::Delete(name)),
        Value::Object(fields) => secret(fields, Some(name)).map(SecretChange::Put),
        _ => Err(ApiError::body(format!(
            "`secrets.{name}` is an object or null"
        ))),
    };
    let changes = secrets
        .into_iter()
        .map(change)
        .collect::<Result<Vec<_>, _>>()?;
    let script = api
        .control
        .change_secrets(&target.tenant, &changes, caller.name())
        .await?;
    let secrets = script
        .bindings
        .iter()
        .filter(|binding| binding.secret().is_some());
    Ok(Done(json!({
        "id": script.version,
        "secrets": secrets.map(shown).collect::<Vec<_>>(),
    })))
}

/// A secret as its binding.
fn secret(mut fields: Map<String, Value>, name: Option<String>) -> Result<Binding, ApiError> {
    if let Some(name) = name {
        fields.insert("name".into(), name.into());
    }
    if !fields.get("name").is_some_and(Value::is_string) {
        return Err(ApiError::body("`name` is missing"));
    }
    fields.entry("type").or_insert_with(|| "secret_text".into());
    // Nobody brings a secret that is sealed already.
    fields.remove("sealed");
    let binding: Result<Binding, _> = serde_json::from_value(Value::Object(fields));
    let binding = binding.map_err(|error| ApiError::body(error.to_string()))?;
    match binding.secret() {
        Some(_) => Ok(binding),
        None => Err(ApiError::body("`type` is secret_text or secret_key")),
    }
}

fn shown(binding: &Binding) -> Value {
    binding.public()
}
