//! The functions that the engine imports (engine/README.md).
//!
//! Nothing that comes from the engine's memory is trusted: every address, length and text is checked here.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::Sleep;
use wasmtime::{Caller, Engine, Linker};

use super::bindings;
use super::host::{Event, Host, VISITOR, now_us};
use super::kv;
use super::operations;
use super::streams::{self, Coding, Room};
use super::wasm;
use super::wire::{Malformed, Reader};
use crate::model::Limit;
use crate::runtime::WorkerError;
use crate::runtime::component::FORBIDDEN_HEADERS;
use crate::runtime::outbound::SendError;
use crate::runtime::tenant_log::Level;

/// Random bytes that one call may ask for.
const RANDOM_BYTES_MAX: u32 = 1 << 20;
/// Instances of WebAssembly modules that one invocation may call: they come from a pool that all share.
const LINKED_MAX: usize = 20;
/// What a worker may have validated in one call, which nothing interrupts: some milliseconds.
const VALIDATED_BYTES_MAX: u32 = 256 << 10;
/// What one line of the log may bring; longer ones are cut.
const LOG_BYTES_MAX: usize = 64 << 10;

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
    linker.func_wrap_async("host", "call", |caller, arguments| {
        Box::new(call(caller, arguments))
    })?;
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
    if kv::is_ours(operation) {
        return kv::start(host, operation, message);
    }
    let mut reader = Reader(message);
    let (mut callee, mut cache) = (None, None);
    match operation {
        operations::FETCH => {}
        operations::CALL => callee = Some(operations::Callee::read(&mut reader)?),
        operations::CACHE => cache = Some(operations::CacheCall::read(&mut reader)?),
        _ => return Err(malformed("an operation")),
    }
    let sender = match callee {
        None => Ok(host.outbound.sender()),
        Some(callee) => callee.options().and_then(|options| {
            host.outbound
                .sender_to(callee.binding, callee.worker, options)
        }),
    };
    let mut fetch = operations::Fetch::read(reader)?;
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
    let handle = match cache {
        Some(cache) => {
            let opened = host.outbound.open_cache(cache.name());
            host.begin(async move { cache.run(fetch, opened?).await })
        }
        None => host.begin(async move {
            let sender = sender.map_err(SendError::Call)?;
            fetch.run(sender).await
        }),
    }?;
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

/// Suspends only for what is slow.
async fn call(
    mut caller: Caller<'_, Host>,
    (operation, address, length): (u32, u32, u32),
) -> wasmtime::Result<i64> {
    let (arguments, host) = memory(&mut caller, address, length)?;
    let done = match operations::is_slow(operation, arguments) {
        _ if bindings::is_ours(operation) => bindings::call(host, operation, arguments)?,
        false => operations::call(operation, arguments, &mut || true),
        true => {
            let slow = host.slow.clone();
            let turn = slow.turn().await?;
            // Copied only now: of those who wait for a turn nothing is held twice.
            let arguments = memory(&mut caller, address, length)?.0.to_vec();
            let work = move |may_go_on: &mut dyn FnMut() -> bool| {
                operations::call(operation, &arguments, may_go_on)
            };
            slow.run(turn, work).await?
        }
    };
    let is_well = done.is_ok();
    let host = caller.data_mut();
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
    host.log.write(level, text);
    Ok(())
}

/// QuickJS' words.
const OUT_OF_MEMORY: &str = "out of memory";

fn fail(
    mut caller: Caller<'_, Host>,
    kind: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<()> {
    let (text, host) = memory(&mut caller, address, length)?;
    let text = String::from_utf8_lossy(text.get(..LOG_BYTES_MAX).unwrap_or(text)).into_owned();
    host.log.write(Level::Uncaught, text.as_bytes());
    let error = match kind {
        1 => WorkerError::NeverSettled,
        // The engine throws when it gets no more memory, and nobody caught that.
        _ if host.limit.was_refused && text.contains(OUT_OF_MEMORY) => {
            host.meter.exceed(Limit::Memory);
            WorkerError::Limit(Limit::Memory)
        }
        _ => {
            let title = text.lines().next().unwrap_or_default();
            // It did not catch what the worker that it called ran into.
            let limit = host
                .callee_limit
                .filter(|limit| title.ends_with(limit.message()));
            limit.map_or_else(
                || WorkerError::Exception(title.to_owned()),
                WorkerError::Callee,
            )
        }
    };
    if let Some(head) = host.head.take() {
        let _ = head.send(Err(error));
    }
    Ok(())
}
