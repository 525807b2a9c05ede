//! A request's body on its way to the guest, one chunk at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use wasmtime_wasi_http::{Error, WasiBody};

use super::meter::Meter;
use crate::ledger::Counters;
use crate::model::Limit;

/// Chunks that wait for the guest; more would only be memory that a slow guest holds.
const CHUNKS: usize = 1;

/// A request's body.
pub enum RequestBody {
    /// There is none.
    Empty,
    /// It comes chunk by chunk.
    Streamed(mpsc::Receiver<Bytes>),
    /// Another worker sends it, and whose bytes they are then. (The door counts what visitors send.)
    Passed(WasiBody, Option<Arc<Counters>>),
}

/// The end that is fed.
pub struct RequestBodySender(mpsc::Sender<Bytes>);

impl RequestBody {
    /// A body, and the end that feeds it.
    pub fn streamed() -> (RequestBodySender, Self) {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        (RequestBodySender(sender), Self::Streamed(receiver))
    }

    /// Another worker's body.
    pub(super) fn passed(body: WasiBody) -> Self {
        match body.is_end_stream() {
            true => Self::Empty,
            false => Self::Passed(body, None),
        }
    }
}

impl RequestBody {
    /// The same body, of which a guest gets so many bytes.
    pub(super) fn bounded(self, bytes_max: u64, meter: &Arc<Meter>) -> Self {
        if bytes_max == u64::MAX || matches!(self, Self::Empty) {
            return self;
        }
        let bounded = Bounded {
            body: self,
            left: bytes_max,
            meter: meter.clone(),
        };
        Self::Passed(bounded.boxed_unsync(), None)
    }

    /// The same body, counted for who receives it if another worker sends it.
    pub(super) fn counted(self, usage: &Arc<Counters>) -> Self {
        match self {
            Self::Passed(body, _) => Self::Passed(body, Some(usage.clone())),
            body => body,
        }
    }
}

/// A body that ends with an error when it is too long.
struct Bounded {
    body: RequestBody,
    left: u64,
    meter: Arc<Meter>,
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
            _ => 0,
        };
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                Poll::Ready(frame)
            }
            None => {
                self.left = 0;
                self.meter.exceed(Limit::RequestBytes);
                let message = Limit::RequestBytes.message().to_owned();
                Poll::Ready(Some(Err(Error::InternalError(Some(message)))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl RequestBodySender {
    /// Waits until the guest takes another chunk; `None` when it takes no more.
    pub async fn ready(&self) -> Option<mpsc::Permit<'_, Bytes>> {
        self.0.reserve().await.ok()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Streamed(chunks) => chunks
                .poll_recv(cx)
                .map(|chunk| chunk.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Passed(body, usage) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                if let (Some(usage), Some(Ok(frame))) = (usage, &frame) {
                    usage.received(frame.data_ref().map_or(0, Bytes::len) as u64);
                }
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Streamed(_) => false,
            Self::Passed(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Streamed(_) => SizeHint::default(),
            Self::Passed(body, _) => body.size_hint(),
        }
    }
}
