//! One script: uploaded, read, deleted.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Shared;
use super::auth::Caller;
use super::body::Query;
use super::envelope::{Done, Envelope, Thing};
use super::errors::{ApiError, codes};
use super::form::Form;
use super::target::Target;
use crate::control::scripts::Upload;
use crate::control::upload::{self, Entry, Keep, Metadata};
use crate::model::bundle::{Bundle, Syntax};
use crate::model::script::Kind;
use crate::model::{REGULAR, Script};

/// A script as clients see it.
///
/// Source: Cloudflare API, "Workers for Platforms: upload a Worker module".
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScriptObject {
    id: String,
    tag: String,
    tags: Vec<String>,
    etag: String,
    deployment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    startup_time_ms: Option<u64>,
    created_on: String,
    modified_on: String,
    handlers: Vec<String>,
    has_modules: bool,
    has_assets: bool,
    usage_model: String,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
    last_deployed_from: &'static str,
    logpush: bool,
    #[schema(value_type = Object)]
    placement: Value,
    #[schema(value_type = Vec<Object>)]
    tail_consumers: Value,
    #[schema(value_type = Object)]
    observability: Value,
    #[schema(value_type = Object)]
    limits: Value,
    migration_tag: Option<String>,
    pipeline_hash: Option<String>,
    mutable_pipeline_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatch_namespace: Option<String>,
}

impl ScriptObject {
    pub(super) fn new(namespace: &str, name: &str, script: &Script) -> Self {
        let setting = |name: &str| script.settings.get(name).cloned().unwrap_or_default();
        Self {
            id: name.to_owned(),
            tag: script.id.clone(),
            tags: script.tags.clone(),
            etag: script.code.to_string(),
            deployment_id: script.version.clone(),
            startup_time_ms: None,
            created_on: script.created_on.clone(),
            modified_on: script.modified_on.clone(),
            handlers: script.handlers.clone(),
            has_modules: script.has_modules,
            has_assets: script.assets.is_some(),
            usage_model: setting("usage_model")
                .as_str()
                .unwrap_or("standard")
                .to_owned(),
            compatibility_date: script.compatibility_date.clone(),
            compatibility_flags: script.compatibility_flags.clone(),
            // Else wrangler asks its user whether to overwrite what was edited elsewhere.
            last_deployed_from: "wrangler",
            logpush: setting("logpush").as_bool().unwrap_or(false),
            placement: match setting("placement") {
                Value::Null => json!({}),
                placement => placement,
            },
            tail_consumers: match setting("tail_consumers") {
                Value::Null => json!([]),
                consumers => consumers,
            },
            observability: match setting("observability") {
                Value::Null => json!({ "enabled": false }),
                observability => observability,
            },
            limits: serde_json::to_value(script.limits).unwrap_or_default(),
            migration_tag: None,
            pipeline_hash: None,
            mutable_pipeline_id: None,
            dispatch_namespace: (namespace != REGULAR).then(|| namespace.to_owned()),
        }
    }

    fn of(target: &Target, script: &Script) -> Self {
        Self::new(target.tenant.namespace(), target.tenant.worker(), script)
    }
}

/// Uploads a script: its modules with what is said of them, or what is said alone.
///
/// Takes multipart/form-data with a part `metadata` and a part for each module, or the script itself as the body.
#[utoipa::path(
    put, path = "/{script}",
    params(("bindings_inherit" = Option<String>, Query, description = "`strict`: a binding to inherit has to be there")),
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<ScriptObject>))
)]
pub(super) async fn put(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    query: Query,
    request: Request<Body>,
) -> Result<Done<ScriptObject>, ApiError> {
    let form = Form::read(&api, request).await?;
    let upload = upload_of(form, query.get("bindings_inherit") == Some("strict"))?;
    caller.may_say(upload.metadata.bindings.as_deref(), false)?;
    caller.may_tell(&upload.metadata.settings)?;
    let done = api
        .control
        .put_script(&target.tenant, upload, caller.name())
        .await?;
    let mut object = ScriptObject::of(&target, &done.script);
    object.startup_time_ms = Some(done.startup_ms);
    Ok(Done(object))
}

/// An upload's form as what it means.
pub(super) fn upload_of(form: Form, is_strict: bool) -> Result<Upload, ApiError> {
    let Some(metadata) = form.metadata else {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            codes::MISSING,
            "the upload has no part named \"metadata\"; it is JSON, as in {\"main_module\": \"worker.js\"}",
        ));
    };
    let metadata = Metadata::parse(metadata)?;
    let code = upload::code(&metadata, form.parts)?;
    Ok(Upload {
        metadata,
        code,
        is_strict,
    })
}

/// A script's details; of a regular worker its code, as Cloudflare answers.
#[utoipa::path(get, path = "/{script}", responses((status = 200, body = Envelope<Thing>)))]
pub(super) async fn get(State(api): State<Shared>, target: Target) -> Result<Response, ApiError> {
    if target.tenant.namespace() == REGULAR {
        return get_content(State(api), target).await;
    }
    let script = api.control.script(&target.tenant).await?;
    let object = ScriptObject::of(&target, &script);
    Ok(Done(json!({
        "dispatch_namespace": target.tenant.namespace(),
        "created_on": script.created_on,
        "modified_on": script.modified_on,
        "script": object,
    }))
    .into_response())
}

/// Deletes a script; it stops answering at once.
#[utoipa::path(
    delete, path = "/{script}", params(("force" = Option<bool>, Query)),
    responses((status = 200, body = Envelope<Thing>))
)]
pub(super) async fn delete(
    State(api): State<Shared>,
    target: Target,
) -> Result<Done<Value>, ApiError> {
    api.control.delete_script(&target.tenant).await?;
    Ok(Done(Value::Null))
}

/// A script's code: the script itself, or its modules as multipart/form-data.
#[utoipa::path(
    get, path = "/{script}/content",
    responses((status = 200, description = "the code", body = Vec<u8>, content_type = "multipart/form-data"))
)]
pub(super) async fn get_content(
    State(api): State<Shared>,
    target: Target,
) -> Result<Response, ApiError> {
    let script = api.control.script(&target.tenant).await?;
    if !script.kind.has_code() {
        let (what, name) = ("code of", target.tenant.to_string());
        return Err(crate::control::ControlError::Nothing { what, name }.into());
    }
    let bytes = api.control.code(&script).await?;
    Ok(match script.kind {
        Kind::Component | Kind::Assets => {
            ([("content-type", "application/wasm")], bytes).into_response()
        }
        Kind::JavaScript => {
            let bundle: Bundle = serde_json::from_slice(&bytes)
                .map_err(|e| ApiError::body(format!("the stored code cannot be read: {e}")))?;
            modules(bundle, &script.code.to_string())
        }
    })
}

/// A script's code, as newer clients ask for it.
#[utoipa::path(
    get, path = "/{script}/content/v2",
    responses((status = 200, description = "the code", body = Vec<u8>, content_type = "multipart/form-data"))
)]
pub(super) async fn get_content_v2(
    state: State<Shared>,
    target: Target,
) -> Result<Response, ApiError> {
    get_content(state, target).await
}

fn modules(bundle: Bundle, etag: &str) -> Response {
    let syntax = bundle.syntax;
    let mut modules = bundle.modules;
    if syntax == Syntax::ServiceWorker && modules.len() == 1 {
        let content = modules.remove(0).content;
        let content_type = content.content_type(syntax);
        return ([("content-type", content_type)], content.into_bytes()).into_response();
    }
    let boundary = format!("cirque-{etag}");
    let mut body = Vec::new();
    for module in modules {
        // A name may have what a header may not.
        let name = module.name.replace(['"', '\r', '\n'], "_");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {}\r\n\r\n",
            module.content.content_type(syntax)
        );
        body.extend(head.into_bytes());
        body.extend(module.content.into_bytes());
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let main = bundle.main.replace(['\r', '\n'], "_");
    let main = axum::http::HeaderValue::from_str(&main).ok();
    let mut response = ([("content-type", content_type)], body).into_response();
    if let Some(main) = main {
        response.headers_mut().insert("cf-entrypoint", main);
    }
    response
}

/// Replaces a script's code; its bindings, tags and settings stay.
#[utoipa::path(
    put, path = "/{script}/content",
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<ScriptObject>))
)]
pub(super) async fn put_content(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    request: Request<Body>,
) -> Result<Done<ScriptObject>, ApiError> {
    let form = Form::read(&api, request).await?;
    let mut upload = upload_of(form, false)?;
    let before = api.control.script(&target.tenant).await?;
    if upload.code.is_none() {
        return Err(ApiError::body("the upload has no module"));
    }
    let said = &mut upload.metadata;
    said.bindings = Some(Vec::<Entry>::new());
    said.keep_bindings = Keep::All;
    said.limits = Some(before.limits);
    said.tags = None;
    said.assets = None;
    said.keep_assets = true;
    said.settings = before.settings.clone();
    said.compatibility_date = Some(before.compatibility_date.clone());
    said.compatibility_flags = Some(before.compatibility_flags.clone());
    let done = api
        .control
        .put_script(&target.tenant, upload, caller.name())
        .await?;
    let mut object = ScriptObject::of(&target, &done.script);
    object.startup_time_ms = Some(done.startup_ms);
    Ok(Done(object))
}
