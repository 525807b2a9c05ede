//! What the edge answers itself over plain HTTP, whatever a hostname leads to.

use bytes::Bytes;
use http::{Method, StatusCode, header};
use pingora::http::ResponseHeader;
use pingora::proxy::Session;

use super::Edge;
use super::context::Context;
use super::errors::Failure;
use crate::store::keys;

/// Where certificate authorities look for tokens (RFC 8555 §8.3).
const ACME: &str = "/.well-known/acme-challenge/";
/// The longest token that is looked for.
const TOKEN_BYTES_MAX: usize = 128;

/// Answers a certificate authority, and sends everybody else to https where the settings say so; false for neither.
pub(super) async fn answer(
    edge: &Edge,
    session: &mut Session,
    ctx: &mut Context,
) -> Result<bool, Failure> {
    let request = session.req_header();
    let path = request.uri.path();
    if let Some(token) = path.strip_prefix(ACME)
        && is_token(token)
        && matches!(request.method, Method::GET | Method::HEAD)
    {
        let found = edge.challenges.get(&keys::http_challenge(token)).await;
        if let Ok(Some(challenge)) = found {
            let text = Bytes::copy_from_slice(challenge.0.as_bytes());
            respond(session, ctx, StatusCode::OK, None, text).await?;
            return Ok(true);
        }
    }
    // A proof of control that a hostname's owner keeps at its origin is looked for over plain HTTP.
    if !edge.redirects || path.starts_with("/.well-known/") {
        return Ok(false);
    }
    let Some(hostname) = &ctx.hostname else {
        return Ok(false);
    };
    let target = request.uri.path_and_query().map_or("/", |t| t.as_str());
    let location = format!("https://{hostname}{target}");
    respond(
        session,
        ctx,
        StatusCode::PERMANENT_REDIRECT,
        Some(location),
        Bytes::new(),
    )
    .await?;
    Ok(true)
}

/// RFC 8555 §8.3: base64url.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= TOKEN_BYTES_MAX
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

async fn respond(
    session: &mut Session,
    ctx: &Context,
    status: StatusCode,
    location: Option<String>,
    body: Bytes,
) -> Result<(), Failure> {
    ctx.begin_response();
    let mut response = ResponseHeader::build(status, Some(4))?;
    response.insert_header(header::CONTENT_TYPE, "text/plain")?;
    response.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    if let Some(location) = location {
        response.insert_header(header::LOCATION, location)?;
    }
    let is_head = session.req_header().method == Method::HEAD;
    let ends = is_head || body.is_empty();
    session
        .write_response_header(Box::new(response), ends)
        .await?;
    if !ends {
        session.write_response_body(Some(body), true).await?;
    }
    Ok(())
}
