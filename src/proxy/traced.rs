//! Spans of a visitor's request: the one that the edge answers with, and the one that an origin is asked with.

use http::HeaderMap;
use pingora::http::RequestHeader;
use pingora::prelude::Result;
use pingora::proxy::Session;

use super::Edge;
use super::context::{Answered, ClientText, Context, write_client};
use crate::model::{Origin, REGULAR};
use crate::runtime::VIA;
use crate::traces::{Kind, Scope, Span, known_method, method};

/// The fields of W3C Trace Context.
const FIELDS: [&str; 2] = ["traceparent", "tracestate"];

/// The spans of one request.
pub(super) struct Spans {
    server: Span,
    /// What a plain origin is asked, on Pingora's way.
    origin: Option<Span>,
}

impl Spans {
    /// The place below the request.
    pub(super) fn scope(&self) -> &Scope {
        self.server.scope()
    }
}

/// Begins a request's span, where requests are traced.
pub(super) fn begin(edge: &Edge, session: &Session, ctx: &mut Context) {
    let Some(tracer) = &edge.tracer else { return };
    let headers = &session.req_header().headers;
    let own = headers.get(VIA).and_then(|via| edge.runtime.via(via));
    let own = own.and_then(|via| via.span);
    let server = tracer.serve(headers, own, ctx.began());
    server.rename(method(&session.req_header().method));
    let origin = None;
    ctx.spans = Some(Box::new(Spans { server, origin }));
}

/// Takes off what the visitor says of a trace: the request goes on in ours.
pub(super) fn take_over(ctx: &Context, headers: &mut HeaderMap) {
    if ctx.spans.is_some() {
        for name in FIELDS {
            headers.remove(name);
        }
    }
}

/// Begins the span of what an origin is asked; a further attempt goes on with it.
pub(super) fn begin_origin(session: &Session, ctx: &mut Context, origin: &Origin) {
    let attempts = ctx.attempts as u64;
    let Some(spans) = &mut ctx.spans else { return };
    if let Some(span) = &spans.origin {
        span.set("cirque.connect_attempts", attempts + 1);
        return;
    }
    let request = session.req_header();
    let span = spans.scope().child(Kind::Client, method(&request.method));
    span.set("http.request.method", known_method(&request.method));
    span.set_with("server.address", || origin.host.to_string().into());
    span.set("server.port", origin.port);
    span.set_with("url.full", || {
        format!("{origin}{}", request.uri.path()).into()
    });
    spans.origin = Some(span);
}

/// Has the request to an origin say which span it comes from.
pub(super) fn pass_on(request: &mut RequestHeader, ctx: &Context) -> Result<()> {
    let Some(span) = ctx.spans.as_ref().and_then(|spans| spans.origin.as_ref()) else {
        return Ok(());
    };
    for name in FIELDS {
        request.remove_header(name);
    }
    for (name, value) in &span.scope().fields() {
        request.insert_header(name.clone(), value.clone())?;
    }
    Ok(())
}

/// Notes what an origin answered.
pub(super) fn origin_answered(ctx: &Context, status: u16) {
    if let Some(span) = ctx.spans.as_ref().and_then(|spans| spans.origin.as_ref()) {
        span.answer_to_us(status);
    }
}

/// Notes that an origin did not answer.
pub(super) fn origin_failed(ctx: &Context, reason: &'static str) {
    if let Some(span) = ctx.spans.as_ref().and_then(|spans| spans.origin.as_ref()) {
        span.fail(reason);
    }
}

/// Ends a request's span, with what is known of it by now.
pub(super) fn end(session: &Session, ctx: &mut Context, status: u16) {
    let Some(spans) = ctx.spans.take() else {
        return;
    };
    let Spans { server, origin } = *spans;
    drop(origin);
    let request = session.req_header();
    server.set("http.request.method", known_method(&request.method));
    server.set_with("url.path", || request.uri.path().to_owned().into());
    let is_tls = super::worker::is_tls(session);
    server.set("url.scheme", if is_tls { "https" } else { "http" });
    if let Some(hostname) = &ctx.hostname {
        server.set_with("server.address", || hostname.as_str().to_owned().into());
    }
    server.set_with("client.address", || {
        let mut client = ClientText::default();
        write_client(session, &mut client);
        client.as_str().to_owned().into()
    });
    server.set(
        "network.protocol.version",
        match request.version {
            http::Version::HTTP_2 => "2",
            http::Version::HTTP_10 => "1.0",
            _ => "1.1",
        },
    );
    server.set_with("cirque.request_id", || ctx.id().to_owned().into());
    match &ctx.answered {
        Answered::Worker { id, .. } => {
            server.set_with("cirque.tenant", || id.to_string().into());
            if id.namespace() != REGULAR {
                server.set_with("cirque.namespace", || id.namespace().to_owned().into());
            }
        }
        Answered::Origin => server.set("cirque.tenant", "origin"),
        Answered::Nobody => {}
    }
    if status > 0 {
        server.answer(status);
    }
    // A visitor who leaves, or asks for what is not there, is no failure of ours.
    match (status, ctx.failure) {
        (500.., Some(reason)) => server.fail_trace(reason),
        (500.., None) => server.fail_trace(status.to_string()),
        // The answer had begun when it broke off.
        (200..400, Some(reason)) if reason != VISITOR_GONE && reason != VISITOR_SLOW => {
            server.fail_trace(reason);
        }
        _ => {}
    }
}

/// What the access record says of visitors who left, or took too long.
const VISITOR_GONE: &str = "visitor_gone";
const VISITOR_SLOW: &str = "visitor_slow";
