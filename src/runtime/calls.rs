//! Workers that call workers: through a binding, or because an outbound worker stands before the network.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty, Full};
use serde::Deserialize;
use serde_json::{Map, Value};
use wasmtime_wasi_http::{Error, WasiBody};

use super::outbound::Way;
use super::{Called, RequestBody, Runtime, Worker, WorkerError};
use crate::assets::Head;
use crate::bindings::{self, OutboundBinding};
use crate::cache;
use crate::metrics::BindingCall;
use crate::model::namespace::DefaultOutbound;
use crate::model::tenant::InvalidName;
use crate::model::{Limit, ScriptLimits, TenantId};

/// An outbound worker, and what it finds in its `env`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// A regular worker.
    pub worker: TenantId,
    /// Its parameters, by name.
    pub params: Map<String, Value>,
}

impl Policy {
    /// A namespace's own.
    ///
    /// # Errors
    /// [`InvalidName`] when it names no worker.
    pub(super) fn of(outbound: &DefaultOutbound) -> Result<Self, InvalidName> {
        Ok(Self {
            worker: TenantId::regular(&outbound.service)?,
            params: outbound.params.clone(),
        })
    }

    /// A binding's, with the parameters that a call gives it. What the binding does not name is not passed on.
    fn with(binding: &OutboundBinding, mut given: Map<String, Value>) -> Self {
        let params = binding.params.iter();
        Self {
            worker: binding.worker.clone(),
            params: params.filter_map(|name| given.remove_entry(name)).collect(),
        }
    }
}

/// What a call says beside its request.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// Limits, which only lower what the worker has.
    #[serde(default)]
    pub limits: ScriptLimits,
    /// Parameters for the outbound worker.
    #[serde(default)]
    pub outbound: Map<String, Value>,
    /// The worker's `ctx.props`.
    #[serde(default)]
    pub props: Option<Value>,
}

/// The worker that a call is for.
#[derive(Clone)]
pub(super) enum Target {
    /// Another worker.
    Worker(Arc<Callee>),
    /// The caller's own static assets.
    Assets,
}

/// Which worker, and how it is called.
pub(super) struct Callee {
    worker: TenantId,
    limits: ScriptLimits,
    /// What its own requests pass; without one what its namespace says.
    policy: Option<Arc<Policy>>,
    /// It stands before the network for whoever calls it, with these parameters.
    params: Option<Arc<Policy>>,
    /// Where what it fetches is kept, when that is for its caller.
    cache: Option<cache::Place>,
    entrypoint: String,
    props: String,
}

impl Target {
    /// The worker behind a binding.
    ///
    /// # Errors
    /// What the caller is told.
    pub(super) fn of(
        binding: &str,
        to: &bindings::Callee,
        worker: &str,
        options: Options,
    ) -> Result<Self, CallError> {
        let props = options.props.map(|props| props.to_string());
        Ok(Self::Worker(Arc::new(match to {
            bindings::Callee::Dispatch {
                namespace,
                outbound,
            } => Callee {
                // A name that nobody can have belongs to nobody.
                worker: TenantId::new(namespace, worker).map_err(|_| CallError::NotFound)?,
                limits: options.limits,
                policy: outbound
                    .as_ref()
                    .map(|binding| Arc::new(Policy::with(binding, options.outbound))),
                params: None,
                cache: None,
                entrypoint: String::new(),
                props: props.unwrap_or_default(),
            },
            bindings::Callee::Service { worker, entrypoint } => Callee {
                worker: worker.clone(),
                limits: options.limits,
                policy: None,
                params: None,
                cache: None,
                entrypoint: entrypoint.clone(),
                props: props.unwrap_or_default(),
            },
            bindings::Callee::Assets => return Ok(Self::Assets),
            bindings::Callee::Kv(_)
            | bindings::Callee::Rate(_)
            | bindings::Callee::Dataset(_)
            | bindings::Callee::Nowhere => {
                let message = format!("the binding {binding} leads to no worker");
                return Err(CallError::Binding(message));
            }
        })))
    }

    /// The outbound worker, for the requests of `caller`.
    pub(super) fn outbound(policy: &Arc<Policy>, caller: &Worker) -> Self {
        let id = &caller.tenant.id;
        let props = serde_json::json!({ "namespace": id.namespace(), "worker": id.worker() });
        Self::Worker(Arc::new(Callee {
            worker: policy.worker.clone(),
            limits: ScriptLimits::default(),
            policy: None,
            params: Some(policy.clone()),
            cache: caller
                .caches
                .as_ref()
                .map(|caches| caches.of_outbound(&policy.worker)),
            entrypoint: String::new(),
            props: props.to_string(),
        }))
    }
}

/// Why another worker did not answer, for the worker that called it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// There is no such worker.
    NotFound,
    /// The binding does not lead to one.
    Binding(String),
    /// It ran into a limit.
    Limit(Limit),
    /// It threw: the error's name and message.
    Threw(String, String),
    /// Anything else; says what may be said.
    Failed(&'static str),
}

impl CallError {
    /// The error's name and message as JavaScript has them.
    pub(super) fn parts(&self) -> (&str, &str) {
        match self {
            // Cloudflare's documentation compares with these words.
            Self::NotFound => ("Error", "Worker not found"),
            Self::Binding(what) => ("TypeError", what),
            Self::Limit(limit) => ("Error", limit.message()),
            Self::Threw(name, message) => (name, message),
            Self::Failed(what) => ("Error", what),
        }
    }

    /// The limit behind it.
    pub(super) fn limit(&self) -> Option<Limit> {
        match self {
            Self::Limit(limit) => Some(*limit),
            _ => None,
        }
    }
}

impl std::error::Error for CallError {}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.parts().1)
    }
}

impl From<WorkerError> for CallError {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::NotFound(_) => Self::NotFound,
            WorkerError::Limit(limit) | WorkerError::Callee(limit) => Self::Limit(limit),
            WorkerError::Exception(title) => {
                let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric());
                match title.split_once(": ") {
                    Some((name, message)) if is_name(name) => {
                        Self::Threw(name.to_owned(), message.to_owned())
                    }
                    _ => Self::Threw("Error".to_owned(), title),
                }
            }
            WorkerError::Suspended => Self::Failed("The Worker is suspended."),
            WorkerError::StoreAway => Self::Failed("The Worker cannot be looked up at the moment."),
            WorkerError::NeverSettled => {
                Self::Failed("The Worker's code had hung and would never have given a response.")
            }
            WorkerError::Unreadable
            | WorkerError::Secret(_)
            | WorkerError::Outbound(_)
            | WorkerError::Load(_) => Self::Failed("The Worker could not be loaded."),
            WorkerError::Trap(_)
            | WorkerError::NoResponse
            | WorkerError::Refused(_)
            | WorkerError::Body(_)
            | WorkerError::Host(_) => Self::Failed("The Worker failed."),
        }
    }
}

impl Runtime {
    /// Has another worker answer a worker's request.
    ///
    /// The callee runs within the caller's poll, so that it ends with it; its CPU time is its own.
    pub(super) async fn call(
        self: &Arc<Self>,
        target: &Target,
        way: &Way,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        let metrics = &way.worker.tenant.metrics;
        let target = match target {
            Target::Worker(callee) => {
                metrics.binding_called(BindingCall::Worker);
                &**callee
            }
            Target::Assets => {
                metrics.binding_called(BindingCall::Assets);
                return self.own_asset(way, request).await;
            }
        };
        let began = Instant::now();
        let called = Called {
            place: way.place.below(way.budget.clone()),
            is_tls: request.uri().scheme() == Some(&http::uri::Scheme::HTTPS),
            limits: target.limits,
            policy: target.policy.clone(),
            inherited: way.policy.clone(),
            params: target.params.clone(),
            cache: target.cache.clone(),
            entrypoint: &target.entrypoint,
            props: &target.props,
            event: "",
            span: None,
            is_told: false,
        };
        let is_head = request.method() == Method::HEAD;
        let request = incoming(request)?;
        let answer = self.answer(&target.worker, request, called).await;
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                if !matches!(error, WorkerError::NotFound(_)) {
                    let metrics = self.shared.metrics.known_tenant(&target.worker);
                    let status = StatusCode::INTERNAL_SERVER_ERROR.as_u16();
                    metrics.answered(status, began.elapsed(), None);
                }
                return Err(match CallError::from(error) {
                    // Whoever asked a dispatcher for a worker must not take this for the answer.
                    CallError::NotFound if target.params.is_some() => {
                        CallError::Failed("The outbound Worker does not exist.")
                    }
                    error => error,
                });
            }
        };
        if !(200..=599).contains(&response.status().as_u16()) {
            return Err(CallError::Failed(
                "The Worker answered with a status that is none.",
            ));
        }
        let has_body = !is_head
            && response.status() != StatusCode::NO_CONTENT
            && response.status() != StatusCode::NOT_MODIFIED;
        let status = response.status().as_u16();
        Ok(response.map(|mut body| {
            body.count(status, began);
            match has_body {
                true => body
                    .map_err(|error| Error::InternalError(Some(error.to_string())))
                    .boxed_unsync(),
                false => {
                    body.let_go();
                    Empty::<Bytes>::new()
                        .map_err(|never| match never {})
                        .boxed_unsync()
                }
            }
        }))
    }
}

impl Runtime {
    /// The answer of a worker's own static assets.
    async fn own_asset(
        &self,
        way: &Way,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        let failed = CallError::Failed("The static assets cannot be read at the moment.");
        let Some(assets) = &way.worker.script.assets else {
            let message = "the Worker has no static assets".to_owned();
            return Err(CallError::Binding(message));
        };
        let answer = self
            .assets
            .fetch(assets, &way.worker.share, Head::of(&request))
            .await
            .map_err(|error| {
                tracing::warn!(%error, tenant = &*way.worker.tenant.label, "a static asset cannot be read");
                failed
            })?;
        Ok(answer.map(|bytes| {
            Full::new(bytes)
                .map_err(|never| match never {})
                .boxed_unsync()
        }))
    }
}

/// An outgoing request as the worker that it is for receives it.
fn incoming(request: Request<WasiBody>) -> Result<Request<RequestBody>, CallError> {
    let invalid = || CallError::Binding("the request has no usable URL".to_owned());
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().ok_or_else(invalid)?;
    // User names belong to the URL, not to the host.
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    let host = HeaderValue::from_str(host).map_err(|_| invalid())?;
    parts.headers.insert(header::HOST, host);
    // What the caller wrote there may be another body's.
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    let mut uri = http::uri::Parts::default();
    uri.path_and_query = parts.uri.path_and_query().cloned();
    parts.uri = Uri::from_parts(uri).map_err(|_| invalid())?;
    // A component's request has a body that may be empty, and a JavaScript worker could not pass on one that is there.
    let body = match parts.method == Method::GET || parts.method == Method::HEAD {
        true => RequestBody::Empty,
        false => RequestBody::passed(body),
    };
    Ok(Request::from_parts(parts, body))
}

/// The environment of an outbound worker: its bindings, and the parameters of whoever calls through it.
pub(super) fn with_params(environment: &str, params: &Map<String, Value>) -> String {
    let params = Value::Object(params.clone()).to_string();
    match (environment.strip_suffix('}'), params.as_str()) {
        (_, "{}") => environment.to_owned(),
        (None, _) => params,
        // Of two values under one name the later one counts.
        (Some(before), _) => format!("{before},{}", &params[1..]),
    }
}
