//! Purging caches: of a zone's hostnames as on Cloudflare, and of one worker.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::body::{Json, Path};
use super::envelope::{Done, Envelope, Thing};
use super::errors::ApiError;
use super::target::Target;
use crate::control::{ControlError, purge};
use crate::model::Purge;

/// What is to be forgotten: one of these.
///
/// Source: Cloudflare's API, "Purge Cached Content".
#[derive(Debug, Default, Deserialize, ToSchema)]
struct PurgeBody {
    /// All there is.
    purge_everything: Option<bool>,
    /// URLs, or objects with a `url`; whatever a response varies by, all of it is forgotten.
    files: Option<Vec<File>>,
    /// Tags, from `Cache-Tag` or `cf.cacheTags`.
    tags: Option<Vec<String>>,
    /// Hosts of URLs.
    hosts: Option<Vec<String>>,
    /// Beginnings of URLs, without their scheme.
    prefixes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum File {
    Url(String),
    Object { url: String },
}

impl PurgeBody {
    fn purges(self) -> Result<Vec<Purge>, ApiError> {
        let Self {
            purge_everything,
            files,
            tags,
            hosts,
            prefixes,
        } = self;
        if purge_everything == Some(true) {
            return Ok(vec![Purge::Everything]);
        }
        let files = files.into_iter().flatten().map(|file| match file {
            File::Url(url) | File::Object { url } => purge::url(&url),
        });
        let each = |list: Option<Vec<String>>, read: fn(&str) -> Result<Purge, ControlError>| {
            list.into_iter().flatten().map(move |item| read(&item))
        };
        let all: Result<Vec<Purge>, ControlError> = files
            .chain(each(tags, purge::tag))
            .chain(each(hosts, purge::host))
            .chain(each(prefixes, purge::prefix))
            .collect();
        let all = all?;
        match all.len() {
            0 => Err(ApiError::nothing_to_purge()),
            1..=purge::PURGES_MAX => Ok(all),
            _ => Err(ApiError::body(format!(
                "a request purges at most {} things; send several",
                purge::PURGES_MAX
            ))),
        }
    }
}

pub(super) fn zone_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(zone))
}

pub(super) fn script_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(script))
}

/// Has all nodes forget responses behind a zone's hostnames.
#[utoipa::path(
    post, path = "/zones/{zone_id}/purge_cache", request_body = PurgeBody,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn zone(
    State(api): State<Shared>,
    path: Path,
    Json(body): Json<PurgeBody>,
) -> Result<Done<Value>, ApiError> {
    let zone = path.part("zone_id");
    api.control.purge_zone(zone, &body.purges()?).await?;
    Ok(Done(json!({ "id": zone })))
}

/// Has all nodes forget responses that a worker fetched, or keeps itself.
#[utoipa::path(
    post, path = "/{script}/purge_cache", request_body = PurgeBody,
    responses((status = 200, body = Envelope<Thing>))
)]
async fn script(
    State(api): State<Shared>,
    target: Target,
    Json(body): Json<PurgeBody>,
) -> Result<Done<Value>, ApiError> {
    let purges = body.purges()?;
    api.control.purge_worker(&target.tenant, &purges).await?;
    Ok(Done(json!({ "id": target.tenant.worker() })))
}
