//! Cloudflare's envelope, which every answer wears.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The envelope of an answer.
///
/// Source: Cloudflare API, "Getting started", the shape of responses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Envelope<T> {
    /// The answer itself.
    pub result: T,
    /// Whether it was done.
    pub success: bool,
    /// What went wrong; empty when nothing did.
    pub errors: Vec<Problem>,
    /// What else there is to say.
    pub messages: Vec<Problem>,
    /// Where a page lies in its list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_info: Option<Value>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Cloudflare's code.
    pub code: u32,
    /// What it means here.
    pub message: String,
}

/// A successful answer.
pub(super) struct Done<T>(pub T);

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, self.0, None)
    }
}

/// What a request was about, where its path does not say.
#[derive(Clone)]
pub(super) struct Subject(pub String);

/// A successful answer to a request whose path does not say what it is about.
pub(super) struct DoneTo<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for DoneTo<T> {
    fn into_response(self) -> Response {
        let mut response = answer(StatusCode::OK, self.1, None);
        response.extensions_mut().insert(Subject(self.0));
        response
    }
}

/// A successful answer with a status of its own, to a request whose path does not say what it is about.
pub(super) struct DoneAs<T>(pub StatusCode, pub String, pub T);

impl<T: Serialize> IntoResponse for DoneAs<T> {
    fn into_response(self) -> Response {
        let mut response = answer(self.0, self.2, None);
        response.extensions_mut().insert(Subject(self.1));
        response
    }
}

/// A page of a list.
pub(super) struct Listed<T>(pub T, pub Value);

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, self.0, Some(self.1))
    }
}

/// An answer that failed.
pub(super) fn refusal(status: StatusCode, code: u32, message: String) -> Response {
    let body = json!({
        "result": null,
        "success": false,
        "errors": [{ "code": code, "message": message }],
        "messages": [],
    });
    (status, axum::Json(body)).into_response()
}

fn answer(status: StatusCode, result: impl Serialize, result_info: Option<Value>) -> Response {
    let envelope = Envelope {
        result,
        success: true,
        errors: Vec::new(),
        messages: Vec::new(),
        result_info,
    };
    (status, axum::Json(envelope)).into_response()
}

/// Stands in the description for an object whose fields differ from case to case.
#[derive(ToSchema)]
pub(super) struct Thing {}
