//! Bodies on their way out and in, each with a clock: neither side may keep the other waiting for ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use prometheus::IntCounterVec;
use thiserror::Error;
use tokio::time::{Instant, Sleep};

use super::message;
use super::{Body, BodyError};

/// Why a response's body broke off.
#[derive(Debug, Error)]
pub enum ResponseBodyError {
    /// The origin fell silent.
    #[error("the origin sent nothing for {} ms, as long as `egress.body_idle_timeout_ms` allows", .0.as_millis())]
    Idle(Duration),
    /// The exchange took too long.
    #[error("the response was not whole within {} ms, as long as `egress.total_timeout_ms` allows", .0.as_millis())]
    Total(Duration),
    /// The body is too long.
    #[error("the response is longer than the {0} bytes that `egress.response_bytes` allows")]
    TooLarge(u64),
    /// The connection broke, or what came was no HTTP.
    #[error("the exchange failed: {0}")]
    Broken(hyper::Error),
}

impl ResponseBodyError {
    /// The metric's label.
    fn reason(&self) -> &'static str {
        match self {
            Self::Idle(_) => "body_timeout",
            Self::Total(_) => "total_timeout",
            Self::TooLarge(_) => "response_bytes",
            Self::Broken(_) => "exchange",
        }
    }
}

/// When a request last moved, for whoever waits for the response.
pub(super) struct Progress {
    began: Instant,
    /// Milliseconds from then to the last piece of its body.
    last_ms: AtomicU64,
}

impl Progress {
    pub(super) fn new(began: Instant) -> Arc<Self> {
        Arc::new(Self {
            began,
            last_ms: AtomicU64::new(0),
        })
    }

    pub(super) fn last(&self) -> Instant {
        self.began + Duration::from_millis(self.last_ms.load(Ordering::Relaxed))
    }

    fn moved(&self) {
        let passed = self.began.elapsed().as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        self.last_ms.store(passed, Ordering::Relaxed);
    }
}

/// A clock that exists only while something is waited for.
#[derive(Default)]
pub(super) struct Wait(Option<Pin<Box<Sleep>>>);

impl Wait {
    /// Something came.
    pub(super) fn is_over(&mut self) {
        self.0 = None;
    }

    /// Nothing came; ready once `deadline` of the first such call has passed.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        deadline: impl FnOnce() -> Instant,
    ) -> Poll<()> {
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline())));
        sleep.as_mut().poll(cx)
    }
}

/// A request's body, which the guest must keep writing.
pub(super) struct Upload {
    /// Shared with whoever sends it: a request that was not sent is sent again.
    body: Arc<Mutex<Body>>,
    progress: Arc<Progress>,
    idle: Duration,
    wait: Wait,
}

impl Upload {
    pub(super) fn new(body: Body, progress: Arc<Progress>, idle: Duration) -> Self {
        Self {
            body: Arc::new(Mutex::new(body)),
            progress,
            idle,
            wait: Wait::default(),
        }
    }

    /// The same body once more; only one of them may be read.
    pub(super) fn share(&self) -> Self {
        Self {
            body: self.body.clone(),
            progress: self.progress.clone(),
            idle: self.idle,
            wait: Wait::default(),
        }
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut *self.body()).poll_frame(cx);
        if polled.is_ready() {
            self.wait.is_over();
            self.progress.moved();
            return polled;
        }
        let idle = self.idle;
        ready!(self.wait.poll(cx, || Instant::now() + idle));
        let text = format!(
            "the worker wrote nothing of its request's body for {} ms",
            idle.as_millis()
        );
        Poll::Ready(Some(Err(text.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}

/// What a response's body is held to.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub idle: Duration,
    pub total: Duration,
    /// 0: none.
    pub bytes: u64,
}

/// A response's body as it comes in.
pub struct ResponseBody {
    body: Incoming,
    bounds: Bounds,
    deadline: Instant,
    received: u64,
    wait: Wait,
    failed: IntCounterVec,
}

impl ResponseBody {
    /// The body of an exchange that began at `began`.
    pub(super) fn new(
        body: Incoming,
        bounds: Bounds,
        began: Instant,
        failed: IntCounterVec,
    ) -> Self {
        Self {
            body,
            bounds,
            deadline: began + bounds.total,
            received: 0,
            wait: Wait::default(),
            failed,
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ResponseBodyError>>> {
        // An origin that drips never lets the clock below run out.
        if Instant::now() >= self.deadline {
            return Poll::Ready(Some(Err(ResponseBodyError::Total(self.bounds.total))));
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            let (idle, last) = (self.bounds.idle, self.deadline);
            ready!(self.wait.poll(cx, || last.min(Instant::now() + idle)));
            return Poll::Ready(Some(Err(match Instant::now() >= last {
                true => ResponseBodyError::Total(self.bounds.total),
                false => ResponseBodyError::Idle(idle),
            })));
        };
        self.wait.is_over();
        let frame = match frame {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(ResponseBodyError::Broken(error)))),
            Some(Ok(frame)) => frame,
        };
        match frame.into_data() {
            Ok(data) => {
                self.received += data.len() as u64;
                let most = self.bounds.bytes;
                Poll::Ready(Some(match most > 0 && self.received > most {
                    true => Err(ResponseBodyError::TooLarge(most)),
                    false => Ok(Frame::data(data)),
                }))
            }
            Err(other) => Poll::Ready(other.into_trailers().ok().map(|mut trailers| {
                message::strip(&mut trailers);
                Ok(Frame::trailers(trailers))
            })),
        }
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = ResponseBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ResponseBodyError>>> {
        let polled = self.poll(cx);
        if let Poll::Ready(Some(Err(error))) = &polled {
            self.failed.with_label_values(&[error.reason()]).inc();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
