//! One JavaScript invocation as the host sees it: what it reads, writes and waits for, and the events that come of it
//! (engine/README.md). What the engine calls stands in [`super::imports`].

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::StreamExt;
use futures::future::{AbortHandle, Abortable};
use futures::stream::FuturesUnordered;
use wasmtime::{Instance, Memory, Module};
use wasmtime_wasi_http::WasiBody;

use super::log::Log;
use super::operations::Outcome;
use super::slow::SlowOperations;
use super::streams::{Read, Room, Sink, Source};
use super::visitor::Visitor;
use crate::model::Limit;
use crate::runtime::invocation::ScriptHead;
use crate::runtime::meter::{MemoryLimit, Meter};
use crate::runtime::outbound::Outbound;

/// The visitor's own handle.
pub(super) const VISITOR: u32 = 0;
/// Operations and streams that one invocation may have open.
const HANDLES_MAX: usize = 1_000;
/// Handles are numbered in 24 bits.
const HANDLE_LAST: u32 = (1 << 24) - 1;

/// One invocation, as the host sees it.
pub(in crate::runtime) struct Host {
    /// The engine's memory, once it is there.
    pub(super) memory: Option<Memory>,
    /// The engine, and the modules that the worker imports.
    pub(super) wasm: Option<(Instance, Arc<[Module]>)>,
    /// Instances of those.
    pub(super) linked: usize,
    pub(in crate::runtime) limit: MemoryLimit,
    pub(super) meter: Arc<Meter>,
    pub(super) log: Log,
    pub(super) slow: SlowOperations,
    pub(super) outbound: Outbound,
    /// The limit that a worker which was called ran into, last.
    pub(super) callee_limit: Option<Limit>,
    pub(super) head: Option<ScriptHead>,
    pub(super) visitor: Arc<Visitor>,
    pub(super) sources: Vec<(u32, Source)>,
    pub(super) sinks: Vec<(u32, Sink)>,
    operations: FuturesUnordered<Operation>,
    pub(super) aborts: Vec<(u32, AbortHandle)>,
    last_handle: u32,
    /// Ready, but not taken yet: one that did not fit into the engine's buffer, ends of sources that are gone.
    pub(super) ready: VecDeque<Event>,
    /// The result of the last `call`.
    pub(super) result: Vec<u8>,
    pub(super) now_us: f64,
}

/// What an invocation's host is made of.
pub(in crate::runtime) struct Parts {
    pub log: Log,
    pub slow: SlowOperations,
    pub outbound: Outbound,
    pub meter: Arc<Meter>,
    pub limit: MemoryLimit,
    pub visitor: Arc<Visitor>,
}

type Operation = Abortable<Pin<Box<dyn Future<Output = (u32, Outcome)> + Send>>>;

/// What an engine waits for.
pub(super) enum Event {
    Timeout,
    Done(u32, Vec<u8>),
    Failed(u32, String),
    Chunk(u32, Bytes),
    End(u32),
    Writable(u32),
    Abort,
    Closed(u32),
}

impl Event {
    /// Its number, its handle and what belongs to it.
    pub(super) fn parts(&self) -> (u8, u32, &[u8]) {
        match self {
            Self::Timeout => (0, VISITOR, &[]),
            Self::Done(handle, payload) => (1, *handle, payload),
            Self::Failed(handle, message) => (2, *handle, message.as_bytes()),
            Self::Chunk(handle, chunk) => (3, *handle, chunk),
            Self::End(handle) => (4, *handle, &[]),
            Self::Writable(handle) => (5, *handle, &[]),
            Self::Abort => (6, VISITOR, &[]),
            Self::Closed(handle) => (7, *handle, &[]),
        }
    }
}

impl Host {
    /// The host's side of a new invocation.
    pub(in crate::runtime) fn new(parts: Parts, head: ScriptHead, body: Option<WasiBody>) -> Self {
        let Parts {
            log,
            slow,
            outbound,
            meter,
            limit,
            visitor,
        } = parts;
        Self {
            memory: None,
            wasm: None,
            linked: 0,
            limit,
            meter,
            log,
            slow,
            outbound,
            callee_limit: None,
            head: Some(head),
            visitor,
            sources: body
                .map(|body| (VISITOR, Source::new(body, None)))
                .into_iter()
                .collect(),
            sinks: Vec::new(),
            operations: FuturesUnordered::new(),
            aborts: Vec::new(),
            last_handle: VISITOR,
            ready: VecDeque::new(),
            result: Vec::new(),
            now_us: now_us(),
        }
    }

    pub(super) fn set_memory(&mut self, memory: Memory) {
        self.memory = Some(memory);
    }

    pub(super) fn set_wasm(&mut self, engine: Instance, modules: Arc<[Module]>) {
        self.wasm = Some((engine, modules));
    }

    pub(super) fn sink(&mut self, handle: u32) -> Option<&mut Sink> {
        let found = self.sinks.iter_mut().find(|(sink, _)| *sink == handle);
        found.map(|(_, sink)| sink)
    }

    /// Begins an operation; its outcome comes as an event.
    pub(super) fn begin(
        &mut self,
        operation: impl Future<Output = Outcome> + Send + 'static,
    ) -> wasmtime::Result<u32> {
        let is_full = self.operations.len() + self.sources.len() >= HANDLES_MAX;
        if is_full || self.last_handle == HANDLE_LAST {
            return Err(wasmtime::Error::msg("too many operations at a time"));
        }
        self.last_handle += 1;
        let handle = self.last_handle;
        let (abort, registration) = AbortHandle::new_pair();
        let operation: Pin<Box<dyn Future<Output = (u32, Outcome)> + Send>> =
            Box::pin(async move { (handle, operation.await) });
        self.operations
            .push(Abortable::new(operation, registration));
        self.aborts.push((handle, abort));
        Ok(handle)
    }

    /// The next event, if one is ready.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.ready.pop_front() {
            return Poll::Ready(event);
        }
        if self.visitor.poll_gone(cx).is_ready() {
            return Poll::Ready(Event::Abort);
        }
        while let Poll::Ready(Some(ended)) = self.operations.poll_next_unpin(cx) {
            // Given up operations end here too.
            let Ok((handle, outcome)) = ended else {
                continue;
            };
            self.aborts.retain(|(other, _)| *other != handle);
            return Poll::Ready(match outcome {
                Ok((payload, source)) => {
                    self.sources.extend(source.map(|source| (handle, source)));
                    Event::Done(handle, payload)
                }
                Err(failed) => {
                    self.callee_limit = failed.limit.or(self.callee_limit);
                    Event::Failed(handle, failed.text)
                }
            });
        }
        let mut read = None;
        for (index, (handle, source)) in self.sources.iter_mut().enumerate() {
            if source.is_wanted
                && let Poll::Ready(found) = source.poll(cx)
            {
                source.is_wanted = false;
                read = Some((index, *handle, found));
                break;
            }
        }
        if let Some((index, handle, found)) = read {
            return Poll::Ready(match found {
                Read::Chunk(chunk) => Event::Chunk(handle, chunk),
                Read::End => {
                    self.sources.swap_remove(index);
                    Event::End(handle)
                }
                Read::Failed(message) => {
                    self.sources.swap_remove(index);
                    Event::Failed(handle, message)
                }
            });
        }
        for (handle, sink) in &mut self.sinks {
            if sink.is_full
                && let Poll::Ready(room) = sink.poll(cx)
            {
                return Poll::Ready(match room {
                    Room::Closed => Event::Closed(*handle),
                    Room::Free | Room::Full => Event::Writable(*handle),
                });
            }
        }
        Poll::Pending
    }

    /// Whether anything can still happen by itself.
    pub(super) fn is_idle(&self) -> bool {
        self.ready.is_empty()
            && self.operations.is_empty()
            && !self.sources.iter().any(|(_, source)| source.is_wanted)
            && !self.sinks.iter().any(|(_, sink)| sink.is_full)
            && !self.visitor.is_kept()
    }
}

pub(super) fn now_us() -> f64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Whole milliseconds, as on Cloudflare: a finer clock helps those who measure their neighbours.
    since.as_millis() as f64 * 1e3
}
