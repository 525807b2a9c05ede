//! Bodies: bounded in bytes and time, and read as JSON whatever they say they are.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::auth::Caller;
use super::errors::{ApiError, codes};
use super::{Api, Shared};

/// Bytes of a JSON body.
const JSON_BYTES_MAX: usize = 1 << 20;

/// A body as JSON. Cloudflare's own clients send JSON under four content types, so none is asked for.
pub(super) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, api: &Shared) -> Result<Self, ApiError> {
        let bytes = read(api, request.into_body(), JSON_BYTES_MAX).await?;
        json(&bytes).map(Self)
    }
}

/// Reads JSON.
///
/// # Errors
/// [`ApiError`] that says where it stops being what is needed.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = match bytes.is_empty() {
            true => "the request has no body; it needs JSON".to_owned(),
            false => format!("Could not parse the request's body as JSON: {error}"),
        };
        ApiError::body(text)
    })
}

/// A whole body, within the deadline and a bound.
///
/// # Errors
/// [`ApiError`]: 413 beyond the bound, 408 beyond the deadline.
pub(super) async fn read(api: &Api, body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let deadline = Duration::from_millis(api.conf.api.body_timeout_ms);
    let collected = tokio::time::timeout(deadline, Limited::new(body, bytes_max).collect()).await;
    let collected = collected.map_err(|_| {
        ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            codes::BODY,
            format!(
                "the request's body did not come within {} s",
                deadline.as_secs()
            ),
        )
    })?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            codes::TOO_LARGE,
            format!("the request's body is larger than {bytes_max} bytes"),
        )),
        Err(_) => Err(ApiError::body("the request's body broke off")),
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                codes::AUTHENTICATION,
                "Authentication error",
            )
        })
    }
}

/// The parts of a path, decoded.
#[derive(Default)]
pub(super) struct Path(Vec<(String, String)>);

impl Path {
    /// The part of this name; empty when the path has none.
    pub(super) fn part(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(part, _)| part == name);
        found.map_or("", |(_, value)| value)
    }
}

impl FromRequestParts<Shared> for Path {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Self, ApiError> {
        let shown = parts.uri.path().to_owned();
        let raw = RawPathParams::from_request_parts(parts, api).await;
        // What is not UTF-8 once decoded names nothing.
        let raw = raw.map_err(|_| ApiError::no_route(&shown))?;
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(Self(raw.iter().map(own).collect()))
    }
}

/// The parameters behind the question mark; of several of one name the last.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// A parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(parameter, _)| parameter == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// All parameters of this name, in order.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(parameter, _)| parameter == name);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Whether a parameter is there, empty or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(parameter, _)| parameter == name)
    }

    /// A parameter that is a whole number within bounds.
    ///
    /// # Errors
    /// [`ApiError`] that names it when it is not.
    pub(super) fn number(&self, name: &str, default: usize, max: usize) -> Result<usize, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        // Cloudflare's older pages write placeholders as `limit=:<LIMIT>`, and people keep the colon.
        match text.strip_prefix(':').unwrap_or(text).parse::<usize>() {
            Ok(number) if number >= 1 => Ok(number.min(max)),
            _ => Err(ApiError::body(format!(
                "`{name}` is a whole number, 1 to {max}"
            ))),
        }
    }
}

impl FromRequestParts<Shared> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or("").as_bytes();
        Ok(Self(
            url::form_urlencoded::parse(query).into_owned().collect(),
        ))
    }
}
