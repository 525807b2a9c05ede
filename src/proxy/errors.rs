//! The one mapping from what went wrong to what a visitor sees.
//!
//! Codes are Cloudflare's (Cloudflare docs: "Cloudflare 1xxx errors") where it has one for the case.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use pingora::http::ResponseHeader;
use pingora::prelude::{Error, ErrorSource, ErrorType, Result};
use pingora::proxy::Session;

use super::context::Context;
use super::guard::Refusal;
use crate::model::Limit;
use crate::router::RouteError;
use crate::runtime::compiler::CompileError;
use crate::runtime::{LoadError, WorkerError};
use crate::store::records::CodeError;

/// How long a visitor is asked to wait where waiting helps.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a request was not answered.
#[derive(Debug)]
pub(super) enum Failure {
    /// The guard refused it.
    Refused(Refusal),
    /// Its body is too large.
    BodyTooLarge,
    /// It came over a connection that was made for another hostname.
    Misdirected,
    /// Its hostname leads nowhere.
    Route(RouteError),
    /// Its worker did not answer.
    Worker(WorkerError),
    /// Its origin could not be reached.
    OriginUnreachable,
    /// Its origin did not answer in time.
    OriginTimeout,
    /// Its origin answered with something that is no response.
    OriginInvalid,
    /// The visitor left, or was too slow.
    VisitorGone,
    /// Anything in the proxy itself.
    Internal,
}

/// The status of error 1016, outside of those that are registered.
///
/// Source: Cloudflare docs, "Error 530".
fn not_routable() -> StatusCode {
    StatusCode::from_u16(530).expect("a number below 1000")
}

impl From<RouteError> for Failure {
    fn from(error: RouteError) -> Self {
        Self::Route(error)
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        Self::Worker(error)
    }
}

impl From<Box<Error>> for Failure {
    fn from(error: Box<Error>) -> Self {
        of_proxy(&error)
    }
}

/// What an error of Pingora's stands for.
pub(super) fn of_proxy(error: &Error) -> Failure {
    match (error.esource(), error.etype()) {
        (_, ErrorType::HTTPStatus(413)) => Failure::BodyTooLarge,
        (
            ErrorSource::Upstream,
            ErrorType::ConnectTimedout | ErrorType::ReadTimedout | ErrorType::WriteTimedout,
        ) => Failure::OriginTimeout,
        (
            ErrorSource::Upstream,
            ErrorType::InvalidHTTPHeader | ErrorType::H1Error | ErrorType::H2Error,
        ) => Failure::OriginInvalid,
        (ErrorSource::Upstream, _) => Failure::OriginUnreachable,
        (ErrorSource::Downstream, _) => Failure::VisitorGone,
        (_, ErrorType::ConnectTimedout) => Failure::OriginTimeout,
        (
            _,
            ErrorType::ConnectRefused
            | ErrorType::ConnectNoRoute
            | ErrorType::ConnectError
            | ErrorType::InvalidCert
            | ErrorType::UnknownError,
        ) => Failure::OriginUnreachable,
        _ => Failure::Internal,
    }
}

impl Failure {
    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => match refusal {
                Refusal::LineEnds
                | Refusal::Host
                | Refusal::Target
                | Refusal::Framing
                | Refusal::Connection => StatusCode::BAD_REQUEST,
                Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
                Refusal::Expectation => StatusCode::EXPECTATION_FAILED,
                Refusal::TargetTooLong => StatusCode::URI_TOO_LONG,
                Refusal::HeaderTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            },
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Route(error) => match error {
                RouteError::UnknownHost => StatusCode::NOT_FOUND,
                RouteError::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
                RouteError::Unreadable => StatusCode::INTERNAL_SERVER_ERROR,
                RouteError::Inactive(_) | RouteError::NoOrigin => not_routable(),
            },
            Self::Worker(error) => match error {
                WorkerError::NotFound(_) => StatusCode::NOT_FOUND,
                WorkerError::Suspended => StatusCode::FORBIDDEN,
                WorkerError::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
                WorkerError::Limit(limit) | WorkerError::Callee(limit) => match limit {
                    Limit::Concurrency | Limit::Rate => StatusCode::TOO_MANY_REQUESTS,
                    Limit::RequestBytes => StatusCode::PAYLOAD_TOO_LARGE,
                    Limit::Cpu
                    | Limit::Memory
                    | Limit::Wall
                    | Limit::Instances
                    | Limit::Subrequests
                    | Limit::Connections
                    | Limit::ResponseBytes
                    | Limit::WaitUntil
                    | Limit::BodyIdle
                    | Limit::Log => StatusCode::SERVICE_UNAVAILABLE,
                    Limit::Depth => StatusCode::LOOP_DETECTED,
                },
                WorkerError::Load(
                    LoadError::Code(CodeError::Store(_)) | LoadError::Disk(_) | LoadError::Busy,
                ) => StatusCode::SERVICE_UNAVAILABLE,
                WorkerError::Load(LoadError::Compile(CompileError::Failed(_))) => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                WorkerError::Load(LoadError::Code(
                    CodeError::Missing(_) | CodeError::Damaged(_),
                ))
                | WorkerError::Load(LoadError::Compile(CompileError::Refused(_)))
                | WorkerError::Unreadable
                | WorkerError::Secret(_)
                | WorkerError::Outbound(_)
                | WorkerError::Exception(_)
                | WorkerError::NeverSettled
                | WorkerError::Trap(_)
                | WorkerError::NoResponse
                | WorkerError::Refused(_)
                | WorkerError::Body(_)
                | WorkerError::Host(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::OriginUnreachable | Self::OriginInvalid => StatusCode::BAD_GATEWAY,
            Self::OriginTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::VisitorGone => StatusCode::BAD_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Cloudflare's code, where it has one for the case.
    fn code(&self) -> Option<u16> {
        match self {
            Self::Worker(error) => match error {
                WorkerError::Limit(limit) | WorkerError::Callee(limit) => match limit {
                    Limit::Concurrency | Limit::Rate | Limit::Instances => Some(1015),
                    Limit::RequestBytes => None,
                    Limit::Depth => Some(1019),
                    _ => Some(1102),
                },
                WorkerError::NotFound(_) | WorkerError::StoreAway | WorkerError::Suspended => None,
                WorkerError::Unreadable
                | WorkerError::Secret(_)
                | WorkerError::Outbound(_)
                | WorkerError::Load(_)
                | WorkerError::Exception(_)
                | WorkerError::NeverSettled
                | WorkerError::Trap(_)
                | WorkerError::NoResponse
                | WorkerError::Refused(_)
                | WorkerError::Body(_)
                | WorkerError::Host(_) => Some(1101),
            },
            Self::Route(RouteError::Unreadable) => Some(1022),
            Self::Route(RouteError::Inactive(_) | RouteError::NoOrigin) => Some(1016),
            Self::Route(RouteError::UnknownHost | RouteError::StoreAway)
            | Self::Refused(_)
            | Self::BodyTooLarge
            | Self::Misdirected
            | Self::OriginUnreachable
            | Self::OriginTimeout
            | Self::OriginInvalid
            | Self::VisitorGone
            | Self::Internal => None,
        }
    }

    /// The text for the visitor: it says what happened and nothing of the inside.
    fn public_text(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => match refusal {
                Refusal::LineEnds => {
                    "The request's lines do not end in CR LF, or it contains a NUL byte."
                }
                Refusal::Host => "The request needs exactly one valid Host.",
                Refusal::Target => {
                    "The request's target is not valid, or names another host than its Host."
                }
                Refusal::Method => "This method is not served here.",
                Refusal::Framing => {
                    "The length of the request's body can be read in more than one way."
                }
                Refusal::Connection => {
                    "Connection names a field that every hop needs, such as Host or Content-Length."
                }
                Refusal::Expectation => "Only the expectation 100-continue is understood.",
                Refusal::TargetTooLong => "The request's target is too long.",
                Refusal::HeaderTooLarge => "The request's header is too large.",
            },
            Self::BodyTooLarge => "The request's body is too large.",
            Self::Misdirected => {
                "This connection was made for another hostname; ask over a new one."
            }
            Self::Route(error) => match error {
                RouteError::UnknownHost => "No site is configured for this hostname.",
                RouteError::StoreAway => {
                    "This hostname cannot be looked up at the moment. Please try again shortly."
                }
                RouteError::Unreadable => "This hostname is not configured correctly.",
                RouteError::Inactive(_) => {
                    "This hostname is not active here yet, or not any more. Its owner sees in its status what is missing."
                }
                RouteError::NoOrigin => "This hostname leads nowhere: it has no origin.",
            },
            Self::Worker(error) => match error {
                WorkerError::NotFound(_) => "Worker not found.",
                WorkerError::Suspended => "This site is suspended.",
                WorkerError::StoreAway => {
                    "The worker cannot be looked up at the moment. Please try again shortly."
                }
                WorkerError::Limit(limit) | WorkerError::Callee(limit) => limit.message(),
                WorkerError::Load(_) => "The worker could not be loaded.",
                WorkerError::Unreadable | WorkerError::Secret(_) | WorkerError::Outbound(_) => {
                    "The worker is not configured correctly."
                }
                WorkerError::NeverSettled => "The script will never generate a response.",
                WorkerError::Exception(_)
                | WorkerError::Trap(_)
                | WorkerError::NoResponse
                | WorkerError::Refused(_)
                | WorkerError::Body(_)
                | WorkerError::Host(_) => "Worker threw exception.",
            },
            Self::OriginUnreachable => "The origin cannot be reached.",
            Self::OriginTimeout => "The origin did not answer in time.",
            Self::OriginInvalid => "The origin's answer is not valid HTTP.",
            Self::VisitorGone => "The connection was lost.",
            Self::Internal => "Something went wrong in the edge.",
        }
    }

    /// The metric's and the access record's label.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.label(),
            Self::BodyTooLarge => "body_too_large",
            Self::Misdirected => "misdirected",
            Self::Route(error) => match error {
                RouteError::UnknownHost => "unknown_host",
                RouteError::StoreAway => "store_away",
                RouteError::Unreadable => "route_unreadable",
                RouteError::Inactive(_) => "hostname_inactive",
                RouteError::NoOrigin => "hostname_without_origin",
            },
            Self::Worker(error) => error.label(),
            Self::OriginUnreachable => "origin_unreachable",
            Self::OriginTimeout => "origin_timeout",
            Self::OriginInvalid => "origin_invalid",
            Self::VisitorGone => "visitor_gone",
            Self::Internal => "internal",
        }
    }

    /// Whether there is nobody left to answer.
    pub(super) fn is_visitor_gone(&self) -> bool {
        matches!(self, Self::VisitorGone)
    }

    /// Whether the connection's state is in doubt, so that nothing more may be read from it.
    fn ends_connection(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::BodyTooLarge
                | Self::Misdirected
                | Self::VisitorGone
                | Self::Internal
        )
    }

    fn log(&self, ctx: &Context) {
        let (request_id, hostname) = (
            ctx.id(),
            ctx.hostname.as_ref().map_or("", |name| name.as_str()),
        );
        match self {
            Self::Worker(
                WorkerError::NotFound(_) | WorkerError::Limit(_) | WorkerError::StoreAway,
            ) => {}
            Self::Worker(error @ (WorkerError::Host(_) | WorkerError::Load(_))) => {
                tracing::error!(request_id, hostname, %error, "a worker could not be run");
            }
            Self::Worker(error) => {
                tracing::info!(target: "cirque::worker", request_id, hostname, %error, "a worker failed");
            }
            Self::Internal => {
                tracing::error!(request_id, hostname, "a request failed inside the edge")
            }
            _ => {}
        }
    }
}

/// Answers with the failure's page; an error when the visitor has gone.
pub(super) async fn answer(
    failure: Failure,
    session: &mut Session,
    ctx: &mut Context,
) -> Result<()> {
    failure.log(ctx);
    if session.response_written().is_some() || failure.is_visitor_gone() {
        // Half a response cannot be taken back: break it off, so that nobody takes it for whole.
        return Error::e_explain(ErrorType::WriteError, "the response broke off").map_err(
            |mut error| {
                error.as_down();
                error
            },
        );
    }
    ctx.begin_response();
    let wants_html = session
        .get_header(header::ACCEPT)
        .is_some_and(|accept| memchr::memmem::find(accept.as_bytes(), b"text/html").is_some());
    let (media, page) = page(&failure, ctx.id(), wants_html);
    let mut response = ResponseHeader::build(failure.status(), Some(8))?;
    response.insert_header(header::CONTENT_TYPE, media)?;
    response.insert_header(header::CONTENT_LENGTH, page.len().to_string())?;
    response.insert_header(header::CACHE_CONTROL, "no-store")?;
    response.insert_header("x-cirque-request-id", ctx.id())?;
    ctx.finish(&mut response)?;
    if failure.status() == StatusCode::SERVICE_UNAVAILABLE
        || failure.status() == StatusCode::TOO_MANY_REQUESTS
    {
        response.insert_header(header::RETRY_AFTER, RETRY_AFTER.as_secs().to_string())?;
    }
    if failure.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header(
            header::ALLOW,
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        )?;
    }
    if failure.ends_connection() {
        session.set_keepalive(None);
    }
    let is_head = session.req_header().method == http::Method::HEAD;
    session
        .write_response_header(Box::new(response), is_head)
        .await?;
    let body = if is_head {
        Bytes::new()
    } else {
        Bytes::from(page)
    };
    session.write_response_body(Some(body), true).await
}

fn page(failure: &Failure, request_id: &str, wants_html: bool) -> (&'static str, String) {
    let text = failure.public_text();
    let status = failure.status();
    let number = failure
        .code()
        .map_or(String::new(), |code| format!("error code: {code}\n"));
    if !wants_html {
        return (
            "text/plain; charset=utf-8",
            format!("{number}{text}\nrequest id: {request_id}\n"),
        );
    }
    let title = match failure.code() {
        Some(code) => format!("Error {code}"),
        None => format!(
            "{} {}",
            status.as_u16(),
            status.canonical_reason().unwrap_or("")
        ),
    };
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color:#222}}\
         h1{{font-size:1.6rem;margin:0 0 .5rem}}small{{color:#666}}</style></head>\
         <body><h1>{title}</h1><p>{text}</p><small>Request {request_id}</small></body></html>\n"
    );
    ("text/html; charset=utf-8", html)
}
