//! What tenants used up: Cirque's own endpoint.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shared;
use super::auth::Caller;
use super::body::Query;
use super::envelope::{Envelope, Listed, Thing};
use super::errors::ApiError;
use super::listing::{cursor, seal_cursor};
use crate::control::ControlError;
use crate::control::usage::{self, Question, Row, TENANTS_MAX, Whose};
use crate::model::{REGULAR, TenantId};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get))
}

/// What tenants used up from one day to another, both included, in UTC.
#[utoipa::path(
    get, path = "/accounts/{account_id}/workers/usage",
    params(
        ("from" = Option<String>, Query, description = "the first day, as 2026-11-01; the first of the month of `to` when nobody says"),
        ("to" = Option<String>, Query, description = "the last day; today when nobody says"),
        ("by" = Option<String>, Query, description = "`day` or `total`; `total` when nobody says"),
        ("namespace" = Option<String>, Query, description = "a dispatch namespace; `_`: the regular workers"),
        ("script" = Option<String>, Query, description = "one script, in `namespace` or a regular worker"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; `Accept: text/csv` means csv, too"),
        ("limit" = Option<usize>, Query, description = "tenants of a page, 1 to 1000; fewer when there are many days"),
        ("cursor" = Option<String>, Query, description = "`result_info.cursor`, or the field `cursor` of a CSV answer, of the page before"),
    ),
    responses((status = 200, body = Envelope<Vec<Thing>>))
)]
async fn get(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let whose = whose(&caller, &query)?;
    let question = Question::new(query.get("from"), query.get("to"), query.get("by"), whose)?;
    let is_csv = is_csv(&headers, &query)?;
    let limit = query.number("limit", TENANTS_MAX, TENANTS_MAX)?;
    let place = format!("usage {question:?}");
    let after = cursor(&api, &place, &query)?;
    let page = usage::page(&*api.control.store, &question, &after, limit).await?;
    let next = seal_cursor(&api, &place, page.next.as_deref().unwrap_or(""));
    if is_csv {
        let text = usage::csv(question.is_by_day, &page.rows);
        let mut response = text.into_response();
        let fields = response.headers_mut();
        let csv = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        fields.insert(header::CONTENT_TYPE, csv);
        if let Ok(next) = HeaderValue::from_str(&next)
            && !next.is_empty()
        {
            fields.insert("cursor", next);
        }
        return Ok(response);
    }
    let info = json!({
        "count": page.rows.len(),
        "from": question.from.to_string(),
        "to": question.to.to_string(),
        "cursor": next,
    });
    let rows: Vec<Value> = page.rows.iter().map(object).collect();
    Ok(Listed(rows, info).into_response())
}

/// Whose usage is asked for, within what the caller may see.
fn whose(caller: &Caller, query: &Query) -> Result<Whose, ApiError> {
    let own = caller.token.namespace.as_deref();
    let namespace = query.get("namespace");
    if let Some(namespace) = namespace
        && !caller.sees_namespace(namespace)
    {
        return Err(ApiError::no_namespace(namespace));
    }
    let namespace = namespace.or(own);
    let Some(script) = query.get("script") else {
        return Ok(namespace.map_or(Whose::All, |name| Whose::Namespace(name.to_owned())));
    };
    let tenant = match namespace {
        None | Some(REGULAR) => TenantId::regular(script),
        Some(namespace) => TenantId::new(namespace, script),
    };
    Ok(Whose::Worker(tenant.map_err(ControlError::Name)?))
}

fn is_csv(headers: &HeaderMap, query: &Query) -> Result<bool, ApiError> {
    match query.get("format") {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(ApiError::body("`format` is `json` or `csv`")),
        None => {
            let accepted = headers.get_all(header::ACCEPT).iter();
            let accepted = accepted.filter_map(|value| value.to_str().ok());
            let mut kinds = accepted.flat_map(|value| value.split(','));
            let kind = kinds.find_map(|kind| match kind.split(';').next()?.trim() {
                "text/csv" => Some(true),
                "application/json" => Some(false),
                _ => None,
            });
            Ok(kind.unwrap_or_default())
        }
    }
}

fn object(row: &Row) -> Value {
    let amounts = &row.amounts;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    put("namespace", row.tenant.namespace().into());
    put("script", row.tenant.worker().into());
    if let Some(day) = row.day {
        put("day", day.to_string().into());
    }
    put("requests", amounts.requests.into());
    put("cpu_ms", amounts.cpu_ms().into());
    put("gb_s", amounts.gb_s().into());
    put("bytes_in", amounts.bytes_in.into());
    put("bytes_out", amounts.bytes_out.into());
    put("subrequests", amounts.subrequests.into());
    put("cache_bytes", amounts.cache_bytes.into());
    put("exceptions", amounts.exceptions.into());
    put("limited", amounts.limited.into());
    Value::Object(object)
}
