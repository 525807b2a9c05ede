//! What whoever watches a worker is told of an invocation.

use http::{Request, Response, header};
use serde_json::Value;

use super::{Body, Called, Worker, WorkerError};
use crate::tail::{Event, Trace};

/// Why a worker runs; `is_whole`: with what only consumers may see.
pub(super) fn event<B>(
    worker: &Worker,
    request: &Request<B>,
    called: &Called<'_>,
    is_whole: bool,
) -> Event {
    if called.is_told {
        return Event::told(called.event);
    }
    if !called.event.is_empty() {
        return Event::Scheduled(serde_json::from_str(called.event).unwrap_or_default());
    }
    let scheme = if called.is_tls { "https" } else { "http" };
    let host = request.headers().get(header::HOST);
    let host = host.map_or("".into(), |host| String::from_utf8_lossy(host.as_bytes()));
    let url = format!("{scheme}://{host}{}", request.uri());
    // No more than the worker itself may know.
    let cf = match worker.is_trusted() {
        true => serde_json::from_str(&called.place.visit.cf()).unwrap_or_default(),
        false => Value::Null,
    };
    Event::request(&url, request.method(), request.headers(), cf, is_whole)
}

/// Notes how a worker answered.
pub(super) fn note(trace: &Trace, answer: &Result<Response<Body>, WorkerError>) {
    match answer {
        Ok(response) => trace.answer(response.status()),
        Err(error) => {
            if let WorkerError::Limit(limit) = error {
                trace.exceed(*limit);
            }
            trace.end(Some(told(error)));
        }
    }
}

/// What a tenant may read of an error; the operator's own text says more.
pub(super) fn told(error: &WorkerError) -> String {
    match error {
        WorkerError::Exception(title) => title.clone(),
        WorkerError::Limit(limit) | WorkerError::Callee(limit) => limit.message().to_owned(),
        WorkerError::Suspended
        | WorkerError::NeverSettled
        | WorkerError::Trap(_)
        | WorkerError::NoResponse
        | WorkerError::Refused(_)
        | WorkerError::Body(_) => error.to_string(),
        WorkerError::NotFound(_)
        | WorkerError::StoreAway
        | WorkerError::Unreadable
        | WorkerError::Secret(_)
        | WorkerError::Load(_)
        | WorkerError::Outbound(_) => "the worker could not be loaded".to_owned(),
        WorkerError::Host(_) => "the sandbox failed".to_owned(),
    }
}
