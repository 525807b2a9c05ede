//! The host's side of a worker's top level, in the child: there is nobody to answer, and nothing to reach.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Caller, Func, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder};

use super::{operations, wasm};

/// What the engine calls while a worker is loaded, and what is known of that.
pub(super) struct Host {
    pub(super) memory: Limited,
    pub(super) report: Vec<u8>,
    /// The result of the last `call`.
    pub(super) result: Vec<u8>,
    /// CPU time of this process at which the worker's is used up.
    pub(super) cpu_end: Duration,
    pub(super) engine_memory: Option<Memory>,
    pub(super) engine_instance: Option<Instance>,
    /// Machine code of the modules that the worker imports.
    pub(super) wasm: Vec<Module>,
    pub(super) is_out_of_time: bool,
}

impl Host {
    /// A host that grants so much memory.
    pub(super) fn new(memory_bytes_max: usize) -> Self {
        let limits = StoreLimitsBuilder::new()
            .memory_size(memory_bytes_max)
            .build();
        Self {
            memory: Limited {
                limits,
                was_refused: false,
            },
            report: Vec::new(),
            result: Vec::new(),
            cpu_end: Duration::MAX,
            engine_memory: None,
            engine_instance: None,
            wasm: Vec::new(),
            is_out_of_time: false,
        }
    }
}

/// Notes whether the limit was met.
pub(super) struct Limited {
    limits: StoreLimits,
    pub(super) was_refused: bool,
}

impl wasmtime::ResourceLimiter for Limited {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let is_granted = self.limits.memory_growing(current, desired, maximum)?;
        self.was_refused |= !is_granted;
        Ok(is_granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }
}

/// One of the functions that the engine imports.
pub(super) fn function(store: &mut Store<Host>, name: &str, ty: &wasmtime::FuncType) -> Func {
    match name {
        "report" => Func::wrap(store, report),
        "call" => Func::wrap(store, call),
        "result" => Func::wrap(store, result),
        "link" => Func::wrap(store, link),
        "validate" => Func::wrap(store, validate),
        // The text of a top level's log has nowhere to go: no request, no tenant.
        "log" => Func::wrap(store, |_: u32, _: u32, _: u32| {}),
        "__rquickjs_host_now_us" => Func::wrap(store, || 0.0_f64),
        name => {
            let text = format!("the engine called {name} while a worker was loaded");
            Func::new(store, ty.clone(), move |_, _, _| {
                Err(wasmtime::Error::msg(text.clone()))
            })
        }
    }
}

fn report(mut caller: Caller<'_, Host>, address: u32, length: u32) -> wasmtime::Result<()> {
    let (text, host) = piece(&mut caller, address, length)?;
    host.report = text.to_vec();
    Ok(())
}

/// Cloudflare's words for what needs a request.
const DISALLOWED: &str = "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a \
    timeout, and generating random values are not allowed within global scope. Perform it within a handler instead.";

/// What follows from its arguments alone may go into the image; chance may not, since all requests would share it.
fn call(
    mut caller: Caller<'_, Host>,
    operation: u32,
    address: u32,
    length: u32,
) -> wasmtime::Result<i64> {
    let (arguments, host) = piece(&mut caller, address, length)?;
    let cpu_end = host.cpu_end;
    let done = match operations::is_pure(operation, arguments) {
        true => operations::call(operation, arguments, &mut || cpu_used() < cpu_end),
        false => Err(DISALLOWED.to_owned()),
    };
    let is_well = done.is_ok();
    host.result = done.unwrap_or_else(String::into_bytes);
    let length = i64::try_from(host.result.len())?;
    Ok(if is_well { length } else { -1 - length })
}

fn result(mut caller: Caller<'_, Host>, address: u32) -> wasmtime::Result<()> {
    let result = std::mem::take(&mut caller.data_mut().result);
    let length = u32::try_from(result.len())?;
    piece(&mut caller, address, length)?
        .0
        .copy_from_slice(&result);
    Ok(())
}

fn validate(mut caller: Caller<'_, Host>, address: u32, length: u32) -> wasmtime::Result<u32> {
    let (code, _) = piece(&mut caller, address, length)?;
    Ok(wasm::is_valid(code).into())
}

/// A piece of the engine's memory, and the host beside it.
fn piece<'a>(
    caller: &'a mut Caller<'_, Host>,
    address: u32,
    length: u32,
) -> wasmtime::Result<(&'a mut [u8], &'a mut Host)> {
    let memory = caller.data().engine_memory;
    let memory = memory.ok_or_else(|| wasmtime::Error::msg("there is no memory yet"))?;
    let (bytes, host) = memory.data_and_store_mut(caller);
    let piece = bytes
        .get_mut(address as usize..)
        .and_then(|rest| rest.get_mut(..length as usize));
    let piece = piece.ok_or_else(|| wasmtime::Error::msg("an address outside memory"))?;
    Ok((piece, host))
}

fn link(mut caller: Caller<'_, Host>, module: u32, control: u32) -> wasmtime::Result<u32> {
    let host = caller.data();
    let parts = host.wasm.get(module as usize).cloned();
    let parts = parts.zip(host.engine_instance).zip(host.engine_memory);
    let ((module, engine), memory) =
        parts.ok_or_else(|| wasmtime::Error::msg("there is no such module"))?;
    wasm::link_here(&mut caller, &module, engine, memory, control)
}

/// CPU time of this process.
pub(super) fn cpu_used() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or(0),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}
