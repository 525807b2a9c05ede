//! Spans of invocations, and what they say of how one ended.

use std::sync::Arc;

use http::{Request, Response};

use super::{Body, Called, WorkerError};
use crate::model::{Limit, REGULAR, TenantId};
use crate::traces::{Kind, Span};

/// Begins the span of an invocation, which what it asks for stands below, and has its request say so.
pub(super) fn begin<B>(tenant: &TenantId, request: &mut Request<B>, called: &mut Called<'_>) {
    let Some(above) = &called.place.scope else {
        return;
    };
    let name = match called.params.is_some() {
        true => "outbound worker",
        false if tenant.namespace() == REGULAR => "worker",
        false => "user worker",
    };
    let span = above.child(Kind::Internal, name);
    span.set_with("cirque.tenant", || tenant.to_string().into());
    if tenant.namespace() != REGULAR {
        span.set_with("cirque.namespace", || tenant.namespace().to_owned().into());
    }
    span.set(
        "faas.trigger",
        if called.event.is_empty() {
            "http"
        } else {
            "timer"
        },
    );
    if called.event.is_empty() {
        span.scope().pass_on(request.headers_mut());
    }
    called.place.scope = Some(span.scope().clone());
    called.span = Some(Arc::new(span));
}

/// Notes how a worker answered.
pub(super) fn note(span: &Span, answer: &Result<Response<Body>, WorkerError>) {
    match answer {
        Ok(response) => span.answer(response.status().as_u16()),
        Err(error) => fail(span, error),
    }
}

/// Notes why an invocation failed; a trace in which one did is sent.
pub(super) fn fail(span: &Span, error: &WorkerError) {
    match error {
        // What was turned away did not fail: names that lead nowhere, what its owner has had stopped, and too many at a
        // time, of which there may be as many as somebody likes.
        WorkerError::NotFound(_)
        | WorkerError::Suspended
        | WorkerError::Limit(Limit::Rate | Limit::Concurrency) => span.fail(error.label()),
        _ => span.fail_trace(error.label()),
    }
}

impl WorkerError {
    /// A name for it, in access records and traces.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "worker_not_found",
            Self::Suspended => "worker_suspended",
            Self::StoreAway => "store_away",
            Self::Unreadable => "worker_unreadable",
            Self::Secret(_) => "worker_secret",
            Self::Outbound(_) => "worker_outbound",
            Self::Load(_) => "worker_load",
            Self::Callee(_) => "callee_limit",
            Self::Limit(limit) => limit_label(*limit),
            Self::Exception(_) => "worker_exception",
            Self::NeverSettled => "worker_never_settled",
            Self::Trap(_) => "worker_trap",
            Self::NoResponse => "worker_no_response",
            Self::Refused(_) => "worker_refused",
            Self::Body(_) => "worker_body",
            Self::Host(_) => "sandbox_failed",
        }
    }
}

/// The same for a limit.
pub(super) fn limit_label(limit: Limit) -> &'static str {
    match limit {
        Limit::Cpu => "limit_cpu",
        Limit::Memory => "limit_memory",
        Limit::Wall => "limit_wall",
        Limit::Subrequests => "limit_subrequests",
        Limit::Connections => "limit_connections",
        Limit::Concurrency => "limit_concurrency",
        Limit::Instances => "limit_instances",
        Limit::Log => "limit_log",
        Limit::Depth => "limit_depth",
        Limit::Rate => "limit_rate",
        Limit::RequestBytes => "limit_request_bytes",
        Limit::ResponseBytes => "limit_response_bytes",
        Limit::WaitUntil => "limit_wait_until",
        Limit::BodyIdle => "limit_body_idle",
    }
}
