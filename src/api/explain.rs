//! What would happen to a request, and why: Cirque's own endpoint.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::body::Query;
use super::envelope::{Done, Envelope, Thing};
use super::errors::ApiError;
use crate::control::explain::{Explanation, Question};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get))
}

/// What would happen to a request, and why. Nothing is sent, and nothing changes.
#[utoipa::path(
    get, path = "/accounts/{account_id}/workers/explain",
    params(
        ("url" = String, Query, description = "a hostname, or a URL"),
        ("method" = Option<String>, Query, description = "`GET` when nobody says"),
        ("header" = Option<Vec<String>>, Query, description = "a header field, as in `accept: text/html`; may come several times"),
    ),
    responses((status = 200, body = Envelope<Thing>))
)]
async fn get(State(api): State<Shared>, query: Query) -> Result<Done<Explanation>, ApiError> {
    let target = query.get("url").ok_or_else(|| {
        ApiError::body("`url` is missing: a hostname, or a URL, as in url=app.customer.com")
    })?;
    let question = Question::new(target, query.get("method"), &query.all("header"))?;
    Ok(Done(api.control.explain(&question).await?))
}
