//! One invocation: polled where the visitor is served until it has used a slice, then on the heavy threads.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::task::coop::unconstrained;
use tokio::time::Sleep;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

use super::javascript::Visitor;
use super::meter::Meter;
use super::{Shared, WorkerError, traced, watched};
use crate::limiter::{Permit, Tenant};
use crate::model::{Limit, Limits};
use crate::tail::Trace;
use crate::traces::{Span, micros};

/// How a guest's code ended.
pub(super) type Ended = Result<(), WorkerError>;
/// The guest, ready to be polled: instantiation, the call, and the store's end.
pub(super) type GuestFuture = Pin<Box<dyn Future<Output = Ended> + Send>>;
/// Where a JavaScript worker's response goes.
pub(super) type ScriptHead = oneshot::Sender<Result<Response<WasiBody>, WorkerError>>;

/// Where the guest's response arrives.
pub(super) enum Head {
    /// From a component, by `response-outparam`.
    Component(oneshot::Receiver<Result<Response<WasiBody>, ErrorCode>>),
    /// From JavaScript.
    Script(oneshot::Receiver<Result<Response<WasiBody>, WorkerError>>),
}

impl Head {
    /// The response, or why there is none; `None` when the guest let go of its way to answer.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Response<WasiBody>, WorkerError>>> {
        // tokio would call a channel empty whose task has used up its turn, and a response that is there would be
        // taken for one that never comes.
        match self {
            Self::Component(head) => pin!(unconstrained(head)).poll(cx).map(|answer| {
                let answer = answer.ok()?;
                Some(answer.map_err(|code| WorkerError::Refused(format!("{code:?}"))))
            }),
            Self::Script(head) => pin!(unconstrained(head)).poll(cx).map(Result::ok),
        }
    }
}

/// A running guest with its limits; dropping it ends the guest.
pub(super) struct Guest {
    place: Place,
    shared: Arc<Shared>,
    meter: Arc<Meter>,
    /// For a guest that can be told that its visitor left.
    visitor: Option<Arc<Visitor>>,
    /// How long it may run on after its response.
    wait_until: Duration,
    trace: Option<Arc<Trace>>,
    span: Option<Arc<Span>>,
}

/// How long a guest may run.
pub(super) struct Times {
    /// In all.
    pub wall: Duration,
    /// After its response.
    pub wait_until: Duration,
}

/// Who takes part in an invocation from outside.
pub(super) struct Others {
    /// The visitor, for a guest that can be told when he leaves.
    pub visitor: Option<Arc<Visitor>>,
    /// While somebody watches the worker.
    pub trace: Option<Arc<Trace>>,
    /// Where requests are traced.
    pub span: Option<Arc<Span>>,
}

enum Place {
    /// On the task that serves the visitor.
    Here(Metered),
    /// On the heavy threads.
    Moved(AbortOnDrop),
    /// Nowhere any more.
    Ended,
}

impl Guest {
    pub(super) fn new(
        shared: Arc<Shared>,
        tenant: Arc<Tenant>,
        meter: Arc<Meter>,
        permit: Permit,
        times: Times,
        others: Others,
        future: GuestFuture,
    ) -> Self {
        let Others {
            visitor,
            trace,
            span,
        } = others;
        tenant.metrics.instance_started();
        let metered = Metered {
            future: Some(future),
            tenant,
            meter: meter.clone(),
            wall: times.wall,
            began: Instant::now(),
            end: None,
            trace: trace.clone(),
            span: span.clone(),
            _permit: permit,
        };
        Self {
            place: Place::Here(metered),
            shared,
            meter,
            visitor,
            wait_until: times.wait_until,
            trace,
            span,
        }
    }

    /// Polls the guest; `Ready` once, when its code has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let ended = match &mut self.place {
            Place::Here(metered) => match Pin::new(metered).poll(cx) {
                Poll::Ready(ended) => ended,
                Poll::Pending if self.meter.is_heavy() => {
                    self.shared.metrics.invocations_moved.inc();
                    self.move_to(&self.shared.heavy.clone());
                    return self.poll(cx);
                }
                Poll::Pending => return Poll::Pending,
            },
            Place::Moved(AbortOnDrop(Some(task))) => match ready!(Pin::new(task).poll(cx)) {
                Ok(ended) => ended,
                Err(error) => Err(WorkerError::Host(error.to_string())),
            },
            Place::Moved(AbortOnDrop(None)) | Place::Ended => return Poll::Pending,
        };
        self.place = Place::Ended;
        Poll::Ready(ended)
    }

    /// Moves the guest, unless it has moved or ended already.
    fn move_to(&mut self, runtime: &Handle) {
        self.place = match std::mem::replace(&mut self.place, Place::Ended) {
            Place::Here(metered) => Place::Moved(AbortOnDrop(Some(runtime.spawn(metered)))),
            other => other,
        };
    }

    /// Lets the guest run on after its response, on the heavy threads, within its limits.
    pub(super) fn detach(mut self) {
        self.visitor = None;
        self.let_run();
    }

    fn let_run(&mut self) {
        self.meter.let_go();
        self.move_to(&self.shared.heavy.clone());
        let Place::Moved(AbortOnDrop(task)) = &mut self.place else {
            return;
        };
        // A task whose handle is dropped runs on; its own limits end it.
        if let Some(mut task) = task.take() {
            let (meter, wait_until) = (self.meter.clone(), self.wait_until);
            self.shared.heavy.spawn(async move {
                if tokio::time::timeout(wait_until, &mut task).await.is_err() {
                    meter.exceed(Limit::WaitUntil);
                    task.abort();
                }
            });
        }
    }
}

impl Drop for Guest {
    /// Whoever waited for the guest is gone. It ends with them, unless it has asked to be told.
    fn drop(&mut self) {
        if let Some(visitor) = self.visitor.take()
            && visitor.is_kept()
            && !matches!(self.place, Place::Ended)
        {
            self.let_run();
            visitor.leave();
        }
    }
}

/// A task that ends with whoever waits for it, unless it is let go.
struct AbortOnDrop(Option<JoinHandle<Ended>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// A running guest whose response has not come yet.
pub(super) struct Invocation {
    pub(super) tenant: Arc<Tenant>,
    pub(super) guest: Guest,
    pub(super) head: Head,
    /// What its response's body may have.
    pub(super) response_bytes: u64,
    /// How long the body may stand still.
    pub(super) body_idle: Duration,
}

impl Invocation {
    /// Drives the guest until its response begins.
    pub(super) async fn response(self) -> Result<Response<Body>, WorkerError> {
        let Self {
            tenant,
            mut guest,
            mut head,
            response_bytes,
            body_idle,
        } = self;
        let mut ended = None;
        let answer = std::future::poll_fn(|cx| {
            if ended.is_none()
                && let Poll::Ready(result) = guest.poll(cx)
            {
                ended = Some(result);
            }
            match head.poll(cx) {
                Poll::Pending if ended.is_some() => Poll::Ready(None),
                answer => answer,
            }
        })
        .await;
        match answer {
            Some(Ok(response)) => {
                let meter = guest.meter.clone();
                Ok(response.map(|frames| Body {
                    guest: Some(guest),
                    tenant,
                    meter,
                    ended,
                    frames: Some(frames),
                    left: response_bytes,
                    idle_max: body_idle,
                    idle: None,
                    called: None,
                }))
            }
            Some(Err(error)) => {
                // What it asked to be waited for goes on without the visitor.
                if let Some(visitor) = &guest.visitor
                    && visitor.is_kept()
                {
                    guest.detach();
                    return Err(error);
                }
                // What it could not do for its limits it had no right answer to.
                Err(match (&error, guest.meter.exceeded()) {
                    (WorkerError::Exception(_) | WorkerError::Refused(_), Some(limit)) => {
                        WorkerError::Limit(limit)
                    }
                    _ => error,
                })
            }
            // The guest dropped its way to answer; how it ends says why.
            None => {
                let ended = match ended {
                    Some(ended) => ended,
                    None => std::future::poll_fn(|cx| guest.poll(cx)).await,
                };
                Err(ended.err().unwrap_or(WorkerError::NoResponse))
            }
        }
    }
}

/// A response's body. Reading it drives the guest; dropping it before its end ends the guest.
///
/// Once the body has ended, a guest that still runs goes on by itself: that is its `waitUntil`.
pub struct Body {
    guest: Option<Guest>,
    tenant: Arc<Tenant>,
    meter: Arc<Meter>,
    ended: Option<Ended>,
    frames: Option<WasiBody>,
    /// Bytes that it may still have.
    left: u64,
    idle_max: Duration,
    /// Runs while a frame is waited for.
    idle: Option<Pin<Box<Sleep>>>,
    /// For a worker that another one called.
    called: Option<Called>,
}

/// What is counted of a call when its body is done with.
struct Called {
    status: u16,
    began: Instant,
    first_byte: Duration,
}

impl Body {
    /// Counts the answer for its tenant when the body is done with. (The door counts what visitors get.)
    pub(super) fn count(&mut self, status: u16, began: Instant) {
        self.called = Some(Called {
            status,
            began,
            first_byte: began.elapsed(),
        });
    }

    /// A body that is there already, which no guest stands behind.
    pub(super) fn whole(tenant: Arc<Tenant>, limits: &Limits, bytes: Bytes) -> Self {
        let frames = Full::new(bytes).map_err(|never| match never {});
        Self {
            guest: None,
            tenant,
            meter: Arc::new(Meter::new(limits)),
            ended: Some(Ok(())),
            frames: Some(WasiBody::new(frames)),
            left: u64::MAX,
            idle_max: limits.wall(),
            idle: None,
            called: None,
        }
    }

    /// Reads no further. The guest runs on by itself; what it still writes goes nowhere.
    pub fn let_go(mut self) {
        self.frames = None;
    }

    /// Whose answer it is.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// CPU time that the guest has used so far.
    pub fn cpu(&self) -> Duration {
        self.meter.used()
    }

    /// Ends the body, and its guest.
    fn exceed(&mut self, limit: Limit) -> WorkerError {
        self.tenant.metrics.limit_exceeded(limit);
        let error = WorkerError::Limit(limit);
        if let Some(guest) = &self.guest {
            if let Some(trace) = &guest.trace {
                trace.exceed(limit);
            }
            if let Some(span) = &guest.span {
                traced::fail(span, &error);
            }
        }
        self.frames = None;
        self.guest = None;
        error.count(&self.tenant.usage);
        error
    }

    /// Why the body broke off, if its guest did not end well.
    fn failure(&mut self, what: String) -> WorkerError {
        let failure = match self.ended.replace(Ok(())) {
            Some(Err(failure)) => failure,
            _ => {
                let exceeded = self.meter.exceeded();
                exceeded.map_or(WorkerError::Body(what), WorkerError::Limit)
            }
        };
        failure.count(&self.tenant.usage);
        failure
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = WorkerError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, WorkerError>>> {
        let this = &mut *self;
        if this.ended.is_none()
            && let Some(guest) = &mut this.guest
            && let Poll::Ready(ended) = guest.poll(cx)
        {
            this.ended = Some(ended);
        }
        let Some(frames) = &mut this.frames else {
            return Poll::Ready(None);
        };
        let Poll::Ready(frame) = Pin::new(frames).poll_frame(cx) else {
            let idle_max = this.idle_max;
            let idle = this
                .idle
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(idle_max)));
            ready!(idle.as_mut().poll(cx));
            return Poll::Ready(Some(Err(this.exceed(Limit::BodyIdle))));
        };
        this.idle = None;
        match frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                if this.called.is_some() {
                    this.tenant.usage.sent(bytes);
                }
                Poll::Ready(Some(match this.left.checked_sub(bytes) {
                    Some(left) => {
                        this.left = left;
                        Ok(frame)
                    }
                    None => Err(this.exceed(Limit::ResponseBytes)),
                }))
            }
            Some(Err(error)) => {
                this.frames = None;
                Poll::Ready(Some(Err(this.failure(error.to_string()))))
            }
            None => {
                this.frames = None;
                // A guest that fails takes its body with it, and a body that is gone looks like one that is complete.
                match this.meter.has_failed() {
                    true => Poll::Ready(Some(Err(this.failure("its guest failed".to_owned())))),
                    false => Poll::Ready(None),
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.frames
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(called) = self.called.take() {
            let duration = called.began.elapsed();
            let metrics = &self.tenant.metrics;
            metrics.answered(called.status, duration, Some(called.first_byte));
        }
        if self.frames.is_none()
            && self.ended.is_none()
            && let Some(guest) = self.guest.take()
        {
            guest.detach();
        }
    }
}

/// Measures each poll, and ends the guest at its wall-time limit.
struct Metered {
    future: Option<GuestFuture>,
    tenant: Arc<Tenant>,
    meter: Arc<Meter>,
    wall: Duration,
    began: Instant,
    /// What ends it from outside; set when it first has to wait: many never do.
    end: Option<Pin<Box<dyn Future<Output = WorkerError> + Send>>>,
    /// While somebody watches the worker.
    trace: Option<Arc<Trace>>,
    span: Option<Arc<Span>>,
    _permit: Permit,
}

impl Future for Metered {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        if this.tenant.is_suspended() {
            this.meter.fail();
            this.future = None;
            if let Some(trace) = &this.trace {
                trace.end(Some(watched::told(&WorkerError::Suspended)));
            }
            if let Some(span) = &this.span {
                traced::fail(span, &WorkerError::Suspended);
            }
            return Poll::Ready(Err(WorkerError::Suspended));
        }
        this.meter.begin();
        // A panic in a host call must cost this request only.
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        this.meter.end();
        let ended = match polled {
            Ok(Poll::Ready(ended)) => ended,
            Ok(Poll::Pending) => {
                let (wall, tenant) = (this.wall, &this.tenant);
                let end = this
                    .end
                    .get_or_insert_with(|| Box::pin(ended(wall, tenant.clone())));
                let error = ready!(end.as_mut().poll(cx));
                // Before the guest is dropped below, and its body with it.
                if let WorkerError::Limit(limit) = error {
                    this.meter.exceed(limit);
                }
                this.meter.fail();
                Err(error)
            }
            Err(panic) => Err(WorkerError::Host(panic_text(&*panic))),
        };
        if let Some(trace) = &this.trace {
            trace.end(ended.as_ref().err().map(watched::told));
        }
        if let (Some(span), Err(error)) = (&this.span, &ended) {
            traced::fail(span, error);
        }
        this.future = None;
        Poll::Ready(ended)
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let (cpu, memory) = (self.meter.used(), self.meter.memory_bytes());
        self.tenant.metrics.memory_used(memory);
        self.tenant
            .usage
            .invocation(cpu, memory, self.began.elapsed());
        if let Some(trace) = &self.trace {
            trace.use_cpu(cpu);
        }
        if let Some(span) = &self.span {
            span.set("cirque.cpu_us", micros(cpu));
            span.set("cirque.memory_bytes", memory);
        }
        let Some(limit) = self.meter.exceeded() else {
            return;
        };
        if let Some(trace) = &self.trace {
            trace.exceed(limit);
        }
        if let Some(span) = &self.span {
            traced::fail(span, &WorkerError::Limit(limit));
        }
        self.tenant.metrics.limit_exceeded(limit);
        // Whoever waits for an answer is told, which counts it.
        if self.meter.is_let_go() {
            self.tenant.usage.limited(limit);
        }
        if limit == Limit::WaitUntil {
            tracing::info!(
                tenant = &*self.tenant.label,
                "a worker ran on for too long after its response, and was ended"
            );
        }
    }
}

/// Waits until a guest has to end.
async fn ended(wall: Duration, tenant: Arc<Tenant>) -> WorkerError {
    tokio::select! {
        () = tokio::time::sleep(wall) => WorkerError::Limit(Limit::Wall),
        () = tenant.suspended() => WorkerError::Suspended,
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the host panicked: {}", text.unwrap_or("no message"))
}
