//! QuickJS as one WebAssembly module that all JavaScript workers share: what the host calls. The contract is in README.md.

mod cbor;
mod codec;
mod errors;
mod hooks;
mod host;
mod js;
mod life;
mod load;
mod memory;
mod modules;
mod ops;
mod places;
mod random;
mod runtime;
mod single;
mod slab;
mod timers;
mod wasm;

use codec::Reader;
use hooks::HOOKS;
use life::{LIFE, Request};
use single::Single;

/// What the host and the engine write to each other.
static BUFFER: Single<Vec<u8>> = Single::new(Vec::new());

/// In the image, so that most requests' heads need no other.
const BUFFER_BYTES: usize = 16 << 10;

/// Once, in a child process: sets the runtime up and evaluates the API, whose text lies in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn init(len: usize) {
    runtime::start_library();
    let text = take_buffer(len);
    let (code, heat) = memory::in_work(|| {
        let heat = runtime::heat_of(&text);
        (runtime::compile(text), heat)
    });
    memory::heat(heat);
    let js = runtime::start();
    runtime::evaluate_api(js, &code);
    drop(code);
    memory::cool();
    memory::wipe();
    runtime::collect(js);
    *BUFFER.borrow() = vec![0; BUFFER_BYTES];
}

/// The exchange buffer, at least `len` bytes long. Its address stays until the next call with a larger `len`.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(len: usize) -> *mut u8 {
    let buffer = BUFFER.borrow();
    if buffer.len() < len {
        // A bundle is no part of the image; a request's head may lie where everything of a request lies.
        *buffer = memory::in_work(|| vec![0; len]);
    }
    buffer.as_mut_ptr()
}

/// Once per worker, in a child process: evaluates the bundle in the buffer, and reports.
#[unsafe(no_mangle)]
pub extern "C" fn load(len: usize) {
    let bundle = take_buffer(len);
    let js = runtime::js();
    let report = load::evaluate(js, bundle);
    host::report(&report);
    drop(report);
    wasm::settle();
    runtime::collect(js);
    *BUFFER.borrow() = vec![0; BUFFER_BYTES];
    runtime::close_image(js, memory::settle());
}

/// Once per request, in a fresh instance: the request's head lies in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn handle(len: usize) {
    let buffer = &BUFFER.borrow()[..];
    let mut head = Reader(&buffer[..len.min(buffer.len())]);
    let has_body = head.u8() != 0;
    let (method, url) = (head.bytes(), head.str());
    let headers = head.pairs();
    let (cf, env, callees) = (head.str(), head.str(), head.str());
    let (entrypoint, props) = (head.str(), head.str());
    LIFE.borrow().begin(Request { headers, cf });
    let js = runtime::js();
    let text = |text: &str| {
        if text.is_empty() {
            Ok(js::UNDEFINED)
        } else {
            js.string(text)
        }
    };
    if let (Ok(method), Ok(url), Ok(env), Ok(callees), Ok(entrypoint), Ok(props)) = (
        js.isomorphic(method),
        js.string(url),
        text(env),
        text(callees),
        text(entrypoint),
        text(props),
    ) {
        HOOKS.borrow().call(
            js,
            |hooks| hooks.handle,
            &[method, url, js.new_bool(has_body), env, callees, entrypoint, props],
        );
    }
    life::run(js);
}

/// The stack is `[0, stack_bytes)`; it is dead between calls.
#[unsafe(no_mangle)]
pub extern "C" fn stack_bytes() -> u32 {
    runtime::STACK_BYTES
}

/// How much of the memory belongs in an image, after `init` and after `load`. What lies above is zero and may be cut off.
#[unsafe(no_mangle)]
pub extern "C" fn image_bytes() -> u32 {
    memory::image_bytes() as u32
}

/// For the build (transform/heat.mjs), before `init`: the address of a table of where each allocation of `init` lies.
#[unsafe(no_mangle)]
pub extern "C" fn trace() -> usize {
    memory::trace()
}

/// The buffer's first `len` bytes; it is gone afterwards, so that nothing of them stays in the image.
fn take_buffer(len: usize) -> Vec<u8> {
    let mut bytes = std::mem::take(BUFFER.borrow());
    bytes.truncate(len);
    bytes
}
