//! Uploads of static assets: a list of files, then those of them that are not here yet.
//!
//! Source: Cloudflare docs, "Static assets: direct uploads".

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{Query, json, read};
use super::envelope::{Done, DoneAs, Envelope};
use super::errors::ApiError;
use super::target::Target;
use super::{Api, Shared};
use crate::control::assets::{NewFile, Session, bucket_bytes_max};

/// Uploads that are read at a time; clients send three.
pub(super) const UPLOADS: usize = 8;
/// Bytes of a list of files: 20,000 of them with paths of some 200 bytes.
const MANIFEST_BYTES_MAX: usize = 16 << 20;
/// Files of one request.
const FILES_MAX: usize = 1_000;

/// What lies beside the scripts.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(upload))
}

/// Whether a request shows the token of a session instead of one of the API.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    *method == Method::POST
        && matches!(segments[..], ["accounts", _, "workers", "assets", "upload"])
}

/// A session of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Begun {
    /// What files are uploaded with; once there are none to upload, what a worker is deployed with.
    jwt: String,
    /// The hashes of the files to upload, in portions of one request each.
    buckets: Vec<Vec<String>>,
}

/// What came of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Received {
    /// What a worker is deployed with, once all files are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt: Option<String>,
}

#[derive(Deserialize)]
struct Beginning {
    manifest: Value,
}

/// Begins to upload static assets: `{"manifest": {"/index.html": {"hash", "size"}}}`.
#[utoipa::path(
    post, path = "/{script}/assets-upload-session", request_body = super::envelope::Thing,
    responses((status = 200, body = Envelope<Begun>))
)]
pub(super) async fn begin(
    State(api): State<Shared>,
    caller: Caller,
    target: Target,
    request: Request<Body>,
) -> Result<Done<Begun>, ApiError> {
    let bytes = read(&api, request.into_body(), MANIFEST_BYTES_MAX).await?;
    let beginning: Beginning = json(&bytes)?;
    let (jwt, buckets) = api
        .control
        .begin_assets(&target.tenant, beginning.manifest, &caller.actor)
        .await?;
    Ok(Done(Begun { jwt, buckets }))
}

/// Uploads static assets: multipart/form-data with a part for each file, named by its hash. Its bearer token is that of
/// the session. The answer is 201 with the token for the deployment once all files of the session are here, 202 before.
#[utoipa::path(
    post, path = "/workers/assets/upload",
    params(("base64" = Option<bool>, Query, description = "`true`: the parts are base64")),
    request_body(content = Vec<u8>, content_type = "multipart/form-data"),
    responses((status = 201, body = Envelope<Received>), (status = 202, body = Envelope<Received>))
)]
async fn upload(
    State(api): State<Shared>,
    Extension(session): Extension<Session>,
    query: Query,
    request: Request<Body>,
) -> Result<DoneAs<Received>, ApiError> {
    let turn = api.asset_uploads.acquire().await;
    let _turn = turn.map_err(|_| ApiError::body("the edge ends"))?;
    let is_base64 = query.get("base64") == Some("true");
    let files = files(&api, request, is_base64).await?;
    let jwt = api.control.put_assets(&session, files).await?;
    let status = match jwt {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::ACCEPTED,
    };
    Ok(DoneAs(
        status,
        session.script().to_owned(),
        Received { jwt },
    ))
}

/// The files of a request.
async fn files(
    api: &Api,
    request: Request<Body>,
    is_base64: bool,
) -> Result<Vec<NewFile>, ApiError> {
    let (head, body) = request.into_parts();
    let given = head.headers.get("content-type");
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or("");
    let boundary = multer::parse_boundary(given).map_err(|_| {
        ApiError::body(
            "the request is not multipart/form-data with a boundary; send a part for each file, named by its hash",
        )
    })?;
    let bytes = read(api, body, bucket_bytes_max(&api.conf)).await?;
    let stream = futures::stream::once(std::future::ready(Ok::<_, std::io::Error>(bytes)));
    let mut parts = multer::Multipart::new(stream, boundary);
    let broken = |error: multer::Error| {
        ApiError::body(format!("the multipart body cannot be read: {error}"))
    };
    let mut files = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        if files.len() == FILES_MAX {
            return Err(ApiError::body(format!(
                "an upload has at most {FILES_MAX} files"
            )));
        }
        let hash = part.name().unwrap_or("").to_owned();
        let content_type = part.headers().get("content-type");
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or("").to_owned();
        let content = part.bytes().await.map_err(broken)?;
        let content = match is_base64 {
            false => content,
            true => Bytes::from(STANDARD.decode(content.trim_ascii()).map_err(|_| {
                let shown: String = hash.chars().take(64).collect();
                ApiError::body(format!("the file {shown:?} is not base64"))
            })?),
        };
        files.push(NewFile {
            hash,
            content_type,
            content,
        });
    }
    match files.is_empty() {
        true => Err(ApiError::body("the upload has no file")),
        false => Ok(files),
    }
}
