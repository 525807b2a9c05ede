//! The host's side of one JavaScript invocation: the functions that the engine imports (engine/README.md).
//!
//! Nothing that comes from the engine's memory is trusted: every address, length and text is checked here.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::StreamExt;
use futures::future::{AbortHandle, Abortable};
use futures::stream::FuturesUnordered;
use http::{Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::Sleep;
use wasmtime::{Caller, Engine, Instance, Linker, Memory, Module};
use wasmtime_wasi_http::WasiBody;

use super::operations::{self, Outcome};
use super::streams::{self, Coding, Read, Room, Sink, Source};
use super::visitor::Visitor;
use super::wasm;
use super::wire::{Malformed, Reader};
use crate::runtime::WorkerError;
use crate::runtime::component::FORBIDDEN_HEADERS;
use crate::runtime::invocation::ScriptHead;
use crate::runtime::meter::MemoryLimit;
use crate::runtime::outbound::Outbound;
use crate::runtime::tenant_log::{Level, TenantLog};

/// The visitor's own handle.
const VISITOR: u32 = 0;
/// Operations and streams that one invocation may have open.
const HANDLES_MAX: usize = 1_000;
/// Handles are numbered in 24 bits.
const HANDLE_LAST: u32 = (1 << 24) - 1;
/// Random bytes that one call may ask for.
const RANDOM_BYTES_MAX: u32 = 1 << 20;
/// Instances of WebAssembly modules that one invocation may call: they come from a pool that all share.
const LINKED_MAX: usize = 20;
/// What a worker may have validated in one call, which nothing interrupts: some milliseconds.
const VALIDATED_BYTES_MAX: u32 = 256 << 10;
/// What one line of the log may bring; longer ones are cut.
const LOG_BYTES_MAX: usize = 64 << 10;

/// One invocation, as the host sees it.
pub(in crate::runtime) struct Host {
    /// The engine's memory, once it is there.
    memory: Option<Memory>,
    /// The engine, and the modules that the worker imports.
    wasm: Option<(Instance, Arc<[Module]>)>,
    /// Instances of those.
    linked: usize,
    pub(in crate::runtime) limit: MemoryLimit,
    log: TenantLog,
    outbound: Outbound,
    head: Option<ScriptHead>,
    visitor: Arc<Visitor>,
    sources: Vec<(u32, Source)>,
    sinks: Vec<(u32, Sink)>,
    operations: FuturesUnordered<Operation>,
    aborts: Vec<(u32, AbortHandle)>,
    last_handle: u32,
    /// Ready, but not taken yet: one that did not fit into the engine's buffer, ends of sources that are gone.
    ready: VecDeque<Event>,
    /// The result of the last `call`.
    result: Vec<u8>,
    now_us: f64,
}

type Operation = Abortable<Pin<Box<dyn Future<Output = (u32, Outcome)> + Send>>>;

/// What an engine waits for.
enum Event {
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
    fn parts(&self) -> (u8, u32, &[u8]) {
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
    pub(in crate::runtime) fn new(
        log: TenantLog,
        outbound: Outbound,
        limit: MemoryLimit,
        head: ScriptHead,
        body: Option<WasiBody>,
        visitor: Arc<Visitor>,
    ) -> Self {
        Self {
            memory: None,
            wasm: None,
            linked: 0,
            limit,
            log,
            outbound,
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

    fn sink(&mut self, handle: u32) -> Option<&mut Sink> {
        let found = self.sinks.iter_mut().find(|(sink, _)| *sink == handle);
        found.map(|(_, sink)| sink)
    }

    /// Begins an operation; its outcome comes as an event.
    fn begin(
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
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
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
                Err(message) => Event::Failed(handle, message),
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
    fn is_idle(&self) -> bool {
        self.ready.is_empty()
            && self.operations.is_empty()
            && !self.sources.iter().any(|(_, source)| source.is_wanted)
            && !self.sinks.iter().any(|(_, sink)| sink.is_full)
            && !self.visitor.is_kept()
    }
}

/// The functions that the engine imports.
pub(in crate::runtime) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "respond", respond)?;
    linker.func_wrap("host", "write", write)?;
    linker.func_wrap("host", "finish", finish)?;
    linker.func_wrap("host", "read", read)?;
    linker.func_wrap("host", "start", start)?;
    linker.func_wrap("host", "cancel", cancel)?;
    linker.func_wrap_async("host", "wait", |caller, arguments| {
        Box::new(wait(caller, arguments))
    })?;
    linker.func_wrap_async("host", "link", |caller, arguments| {
        Box::new(link(caller, arguments))
    })?;
    linker.func_wrap("host", "validate", validate)?;
    linker.func_wrap("host", "call", call)?;
    linker.func_wrap("host", "result", result)?;
    linker.func_wrap("host", "random", random)?;
    linker.func_wrap("host", "log", log)?;
    linker.func_wrap("host", "fail", fail)?;
    linker.func_wrap("host", "keep", |caller: Caller<'_, Host>, flags: u32| {
        caller.data().visitor.keep(flags);
    })?;
    linker.func_wrap("host", "report", |_: u32, _: u32| {})?;
    linker.func_wrap(
        "env",
        "__rquickjs_host_now_us",
        |caller: Caller<'_, Host>| caller.data().now_us,
    )?;
    Ok(linker)
}

/// A piece of the engine's memory, and the host beside it.
fn memory<'a>(
    caller: &'a mut Caller<'_, Host>,
    address: u32,
    length: u32,
) -> wasmtime::Result<(&'a mut [u8], &'a mut Host)> {
    let memory = caller.data().memory.ok_or_else(|| malformed("memory"))?;
    let (bytes, host) = memory.data_and_store_mut(caller);
    let piece = bytes
        .get_mut(address as usize..)
        .and_then(|rest| rest.get_mut(..length as usize));
    Ok((piece.ok_or_else(|| malformed("an address"))?, host))
}

fn malformed(what: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("the engine passed {what} that cannot be"))
}

impl From<Malformed> for wasmtime::Error {
    fn from(_: Malformed) -> Self {
        malformed("a message")
    }
}

/// How a response's body comes.
const INLINE: u32 = 0;
const STREAMED: u32 = 1;
const SOURCE: u32 = 2;
/// The worker has coded the body itself (`encodeBody: "manual"`).
const CODED: u32 = 0x100;

fn respond(
    mut caller: Caller<'_, Host>,
    kind: u32,
    head: u32,
    head_bytes: u32,
    body: u32,
    body_bytes: u32,
) -> wasmtime::Result<()> {
    let (head, _) = memory(&mut caller, head, head_bytes)?;
    let mut reader = Reader(head);
    let status = StatusCode::from_u16(reader.u16()?).map_err(|_| malformed("a status"))?;
    let _reason = reader.bytes()?;
    let mut headers = reader.headers(|name| FORBIDDEN_HEADERS(name))?;
    let (kind, is_coded) = (kind & !CODED, kind & CODED != 0);
    if kind == INLINE || kind == STREAMED {
        // A worker that makes a response of an origin's copies fields that are no longer true: the length counts what
        // is sent, and what the worker has read was decoded.
        headers.remove(header::CONTENT_LENGTH);
        if !is_coded && Coding::of(&headers).is_some() {
            headers.remove(header::CONTENT_ENCODING);
        }
    }
    let body = match kind {
        INLINE => {
            let (bytes, _) = memory(&mut caller, body, body_bytes)?;
            streams::whole(Bytes::copy_from_slice(bytes))
        }
        STREAMED => {
            let (sink, body) = streams::pipe();
            caller.data_mut().sinks.push((VISITOR, sink));
            body.boxed_unsync()
        }
        SOURCE => {
            let host = caller.data_mut();
            let index = host.sources.iter().position(|(handle, _)| *handle == body);
            match index {
                Some(index) => host.sources.swap_remove(index).1.into_body(),
                // It was read to its end, or had none.
                None => streams::whole(Bytes::new()),
            }
        }
        _ => streams::whole(Bytes::new()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let head = caller
        .data_mut()
        .head
        .take()
        .ok_or_else(|| malformed("a second response"))?;
    // A visitor who is gone needs none.
    let _ = head.send(Ok(response));
    Ok(())
}

fn write(
    mut caller: Caller<'_, Host>,
    sink: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<u32> {
    let (bytes, host) = memory(&mut caller, address, length)?;
    let Some(sink) = host.sink(sink) else {
        return Ok(2);
    };
    if bytes.is_empty() {
        return Ok(u32::from(sink.is_full));
    }
    Ok(match sink.write(Bytes::copy_from_slice(bytes))? {
        Room::Free => 0,
        Room::Full => 1,
        Room::Closed => 2,
    })
}

fn finish(
    mut caller: Caller<'_, Host>,
    sink: u32,
    is_whole: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<()> {
    let (why, host) = memory(&mut caller, address, length)?;
    let broken = (is_whole == 0).then(|| String::from_utf8_lossy(why).into_owned());
    if let Some(index) = host.sinks.iter().position(|(handle, _)| *handle == sink) {
        host.sinks.swap_remove(index).1.finish(broken);
    }
    Ok(())
}

fn read(mut caller: Caller<'_, Host>, source: u32) {
    let host = caller.data_mut();
    match host
        .sources
        .iter_mut()
        .find(|(handle, _)| *handle == source)
    {
        Some((_, source)) => source.is_wanted = true,
        // It was passed on, or has ended.
        None => host.ready.push_back(Event::End(source)),
    }
}

fn start(
    mut caller: Caller<'_, Host>,
    operation: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<u32> {
    let (message, host) = memory(&mut caller, address, length)?;
    if operation != operations::FETCH {
        return Err(malformed("an operation"));
    }
    let mut fetch = operations::Fetch::read(message)?;
    let mut sink = None;
    let body = match fetch.body {
        operations::FetchBody::None | operations::FetchBody::Whole(_) => None,
        operations::FetchBody::Written => {
            let (written, body) = streams::pipe();
            sink = Some(written);
            Some(body.boxed_unsync())
        }
        operations::FetchBody::Source(source) => {
            let index = host
                .sources
                .iter()
                .position(|(handle, _)| *handle == source);
            index.map(|index| host.sources.swap_remove(index).1.into_body())
        }
    };
    fetch.stream = body;
    let sender = host.outbound.sender();
    let handle = host.begin(fetch.run(sender))?;
    if let Some(sink) = sink {
        host.sinks.push((handle, sink));
    }
    Ok(handle)
}

fn cancel(mut caller: Caller<'_, Host>, handle: u32) {
    let host = caller.data_mut();
    if let Some(index) = host.aborts.iter().position(|(other, _)| *other == handle) {
        host.aborts.swap_remove(index).1.abort();
    }
    host.sources.retain(|(other, _)| *other != handle);
    host.sinks.retain(|(other, _)| *other != handle);
    host.ready.retain(|event| event.parts().1 != handle);
}

async fn wait(
    mut caller: Caller<'_, Host>,
    (address, capacity, timeout_ms): (u32, u32, f64),
) -> wasmtime::Result<i64> {
    if timeout_ms < 0.0 && caller.data().is_idle() {
        return Err(wasmtime::Error::msg(
            "the engine waits for what cannot come",
        ));
    }
    let mut timer = Timer::new(timeout_ms);
    let event = std::future::poll_fn(|cx| match caller.data_mut().poll_event(cx) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => timer.poll(cx).map(|()| Event::Timeout),
    })
    .await;
    caller.data_mut().now_us = now_us();
    let (kind, handle, payload) = event.parts();
    let length = u32::try_from(payload.len()).map_err(|_| malformed("a size"))?;
    let answer = i64::from(kind) << 56 | i64::from(handle) << 32 | i64::from(length);
    if length > capacity {
        caller.data_mut().ready.push_front(event);
    } else if length > 0 {
        memory(&mut caller, address, length)?
            .0
            .copy_from_slice(payload);
    }
    Ok(answer)
}

async fn link(
    mut caller: Caller<'_, Host>,
    (module, control): (u32, u32),
) -> wasmtime::Result<u32> {
    let host = caller.data();
    let (engine, module) = host
        .wasm
        .as_ref()
        .and_then(|(engine, modules)| Some((*engine, modules.get(module as usize)?.clone())))
        .ok_or_else(|| malformed("a module"))?;
    let memory = host.memory.ok_or_else(|| malformed("memory"))?;
    if host.linked == LINKED_MAX {
        return Ok(0);
    }
    caller.data_mut().linked += 1;
    wasm::link(&mut caller, &module, engine, memory, control).await
}

fn validate(mut caller: Caller<'_, Host>, address: u32, length: u32) -> wasmtime::Result<u32> {
    if length > VALIDATED_BYTES_MAX {
        return Err(malformed("a size"));
    }
    let (code, _) = memory(&mut caller, address, length)?;
    Ok(wasm::is_valid(code).into())
}

/// How long an engine waits.
enum Timer {
    Never,
    Now,
    Later(Pin<Box<Sleep>>),
}

/// Longer timers are waited for in pieces; no invocation lives that long.
const TIMER_MAX: Duration = Duration::from_secs(3_600);

impl Timer {
    fn new(timeout_ms: f64) -> Self {
        if timeout_ms < 0.0 || timeout_ms.is_nan() {
            return Self::Never;
        }
        let wait = Duration::try_from_secs_f64(timeout_ms / 1e3)
            .unwrap_or(TIMER_MAX)
            .min(TIMER_MAX);
        match wait.is_zero() {
            true => Self::Now,
            false => Self::Later(Box::pin(tokio::time::sleep(wait))),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Never => Poll::Pending,
            Self::Now => Poll::Ready(()),
            Self::Later(sleep) => sleep.as_mut().poll(cx),
        }
    }
}

fn call(
    mut caller: Caller<'_, Host>,
    operation: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<i64> {
    let (arguments, host) = memory(&mut caller, address, length)?;
    let done = operations::call(operation, arguments);
    let is_well = done.is_ok();
    host.result = done.unwrap_or_else(String::into_bytes);
    let length = i64::try_from(host.result.len())?;
    Ok(if is_well { length } else { -1 - length })
}

fn result(mut caller: Caller<'_, Host>, address: u32) -> wasmtime::Result<()> {
    let result = std::mem::take(&mut caller.data_mut().result);
    let length = u32::try_from(result.len())?;
    memory(&mut caller, address, length)?
        .0
        .copy_from_slice(&result);
    Ok(())
}

fn random(mut caller: Caller<'_, Host>, address: u32, length: u32) -> wasmtime::Result<()> {
    if length > RANDOM_BYTES_MAX {
        return Err(malformed("a size"));
    }
    let (mut rest, _) = memory(&mut caller, address, length)?;
    while !rest.is_empty() {
        let filled = rustix::rand::getrandom(&mut *rest, rustix::rand::GetRandomFlags::empty())?;
        rest = rest.get_mut(filled..).unwrap_or_default();
    }
    Ok(())
}

fn log(
    mut caller: Caller<'_, Host>,
    level: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<()> {
    let (text, host) = memory(&mut caller, address, length)?;
    let text = text.get(..LOG_BYTES_MAX).unwrap_or(text);
    let level = match level {
        0 => Level::Debug,
        1 => Level::Log,
        2 => Level::Info,
        3 => Level::Warn,
        _ => Level::Error,
    };
    host.log.console(level, text);
    Ok(())
}

fn fail(
    mut caller: Caller<'_, Host>,
    kind: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<()> {
    let (text, host) = memory(&mut caller, address, length)?;
    let text = String::from_utf8_lossy(text.get(..LOG_BYTES_MAX).unwrap_or(text)).into_owned();
    host.log.console(Level::Error, text.as_bytes());
    let error = match kind {
        1 => WorkerError::NeverSettled,
        _ => WorkerError::Exception(text.lines().next().unwrap_or_default().to_owned()),
    };
    if let Some(head) = host.head.take() {
        let _ = head.send(Err(error));
    }
    Ok(())
}

fn now_us() -> f64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Whole milliseconds, as on Cloudflare: a finer clock helps those who measure their neighbours.
    since.as_millis() as f64 * 1e3
}
