//! The one runtime and context, and what is in them before any worker is.

use std::ffi::{CString, c_int};

use rquickjs::{Context, Runtime, qjs};

use crate::errors::{API, Described};
use crate::hooks::{HOOKS, Hooks};
use crate::js::{Js, Thrown};
use crate::single::Single;
use crate::{host, life, modules, ops};

/// The linker gets the same number from build.sh (`-zstack-size`). QuickJS counts on this stack only, but each of its
/// frames also takes room on the host's own, about three times as much at worst (c/before.h): with 256 KiB here and 1 MiB
/// there deep recursion is a RangeError, never a trap.
pub const STACK_BYTES: u32 = 327_680;
const JAVASCRIPT_STACK_BYTES: usize = 256 << 10;

static CONTEXT: Single<Option<Js>> = Single::new(None);

/// The context. Calling this before `init` is the host's mistake, and traps.
pub fn js() -> Js {
    CONTEXT.borrow().expect("the host calls init first")
}

/// The C library's beginnings. Because this is called here, the linker does not wrap every export in a call of it and of the
/// library's end.
pub fn start_library() {
    // SAFETY: once, before anything else.
    unsafe { __wasm_call_ctors() };
    // A panic is a mistake of ours, and ends the instance: the log should say where.
    std::panic::set_hook(Box::new(|panic| host::log(4, &panic.to_string())));
}

/// The last line of our script may say which allocations are hot (src/memory.rs): of each kind the bytes they have together,
/// and differences of their numbers.
pub fn heat_of(text: &[u8]) -> [(Vec<u32>, usize); 2] {
    let last = text
        .trim_ascii_end()
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let list = last.strip_prefix(b"//# heat=").unwrap_or_default();
    let mut kinds = list.split(|byte| *byte == b';').map(|kind| {
        let mut values = kind
            .split(|byte| *byte == b',')
            .filter_map(|digits| u32::from_str_radix(str::from_utf8(digits).ok()?, 36).ok());
        let bytes = values.next().unwrap_or_default();
        let numbers = values.scan(0, |number, difference| {
            *number += difference;
            Some(*number)
        });
        (numbers.collect(), bytes as usize)
    });
    std::array::from_fn(|_| kinds.next().unwrap_or_default())
}

/// Compiles our script in a runtime of its own, so that only the code is left of it: no text, and none of the compiler's
/// structures. Empty when it does not compile, which the report says.
pub fn compile(text: Vec<u8>) -> Vec<u8> {
    let (_runtime, _context, js) = new_context();
    match try_compile(js, text) {
        Ok(code) => code,
        Err(Thrown) => {
            report(js);
            Vec::new()
        }
    }
}

pub fn start() -> Js {
    let (runtime, context, js) = new_context();
    // They live for as long as the module does.
    std::mem::forget(context);
    std::mem::forget(runtime);
    *CONTEXT.borrow() = Some(js);
    modules::install(js);
    // SAFETY: the function follows QuickJS's rules for it.
    unsafe {
        let runtime = qjs::JS_GetRuntime(js.0);
        qjs::JS_SetHostPromiseRejectionTracker(
            runtime,
            Some(life::track_rejection),
            std::ptr::null_mut(),
        );
    }
    js
}

fn new_context() -> (Runtime, Context, Js) {
    let runtime = Runtime::new().expect("memory for the runtime");
    runtime.set_max_stack_size(JAVASCRIPT_STACK_BYTES);
    let context = Context::full(&runtime).expect("memory for the context");
    let js = Js(context.as_raw().as_ptr());
    (runtime, context, js)
}

unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// Runs our script. It finds the operations in a global that is gone afterwards, and leaves its hooks in them.
pub fn evaluate_api(js: Js, code: &[u8]) {
    if let Err(Thrown) = try_evaluate_api(js, code) {
        report(js);
    }
}

fn report(js: Js) {
    let exception = js.catch();
    host::report(&Described::of(js, exception).report("exception", None));
    js.free(exception);
}

fn try_evaluate_api(js: Js, code: &[u8]) -> Result<(), Thrown> {
    crate::wasm::function::install(js)?;
    let native = ops::install(js)?;
    // SAFETY: the global object is owned here, and given back.
    let global = unsafe { qjs::JS_GetGlobalObject(js.0) };
    js.set(global, c"__native", js.share(native))?;
    js.free(run(js, code)?);
    life::run_jobs(js);
    let hooks = js.get(native, c"hooks")?;
    *HOOKS.borrow() = Hooks::take(js, hooks)?;
    js.free(hooks);
    // SAFETY: deletes one property of an object that is alive.
    unsafe {
        let name = qjs::JS_NewAtom(js.0, c"__native".as_ptr());
        qjs::JS_DeleteProperty(js.0, global, name, 0);
        qjs::JS_FreeAtom(js.0, name);
    }
    js.free(native);
    js.free(global);
    Ok(())
}

fn try_compile(js: Js, mut text: Vec<u8>) -> Result<Vec<u8>, Thrown> {
    let length = text.len();
    text.push(0);
    let file = CString::new(API).unwrap_or_default();
    let flags = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as c_int;
    // SAFETY: the text ends with a zero behind its length; the code is copied before it is freed.
    unsafe {
        let compiled = js.checked(qjs::JS_Eval(
            js.0,
            text.as_ptr().cast(),
            length as _,
            file.as_ptr(),
            flags,
        ))?;
        let (mut size, how) = (
            0,
            qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE,
        );
        let code = qjs::JS_WriteObject(js.0, &mut size, compiled, how as c_int);
        js.free(compiled);
        if code.is_null() {
            return Err(Thrown);
        }
        let copy = std::slice::from_raw_parts(code, size as usize).to_vec();
        qjs::js_free(js.0, code.cast());
        Ok(copy)
    }
}

fn run(js: Js, code: &[u8]) -> crate::js::Answer {
    // SAFETY: the code is what this engine has just written; JS_EvalFunction takes the function over.
    unsafe {
        let flags = qjs::JS_READ_OBJ_BYTECODE as c_int;
        let function = js.checked(qjs::JS_ReadObject(
            js.0,
            code.as_ptr(),
            code.len() as _,
            flags,
        ))?;
        js.checked(qjs::JS_EvalFunction(js.0, function))
    }
}

/// Compiles with a lower limit: a level of nesting in a source goes through fifteen functions of the parser, and takes far more
/// of the host's stack than of this one. (At request time tenants cannot compile: js/worker.js.)
pub fn compiling<T>(js: Js, compile: impl FnOnce() -> T) -> T {
    // SAFETY: sets a number.
    unsafe {
        let runtime = qjs::JS_GetRuntime(js.0);
        qjs::JS_SetMaxStackSize(runtime, COMPILER_STACK_BYTES);
        let compiled = compile();
        qjs::JS_SetMaxStackSize(runtime, JAVASCRIPT_STACK_BYTES as _);
        compiled
    }
}

const COMPILER_STACK_BYTES: qjs::size_t = 64 << 10;

/// Collects garbage, and puts the next collection far away: it would walk over the whole image and dirty all of it, for a
/// few kilobytes that end with the instance anyway.
pub fn collect(js: Js) {
    // SAFETY: no JavaScript runs.
    unsafe {
        let runtime = qjs::JS_GetRuntime(js.0);
        qjs::JS_RunGC(runtime);
        let mut usage = std::mem::zeroed();
        qjs::JS_ComputeMemoryUsage(runtime, &mut usage);
        qjs::JS_SetGCThreshold(runtime, usage.malloc_size as qjs::size_t + GARBAGE_BYTES);
    }
}

/// What lies below `end` stays as it is for as long as the instance lives (transform/quickjs.mjs).
pub fn close_image(js: Js, end: usize) {
    // SAFETY: no JavaScript runs.
    unsafe { engine_close_image(qjs::JS_GetRuntime(js.0), end) }
}

unsafe extern "C" {
    fn engine_close_image(runtime: *mut qjs::JSRuntime, end: usize);
}

const GARBAGE_BYTES: qjs::size_t = 8 << 20;
