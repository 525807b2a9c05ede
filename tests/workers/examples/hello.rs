//! Answers "Hello, World!" with as few calls to the host as a complete response takes. The
//! benchmarks' smallest component: no std, so that it imports only `wasi:http` and `wasi:io`.

#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Hello;
wasip2::http::proxy::export!(Hello);

impl Guest for Hello {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let fields = Fields::new();
        let _ = fields.append("content-type", b"text/plain");
        let response = OutgoingResponse::new(fields);
        let Ok(body) = response.body() else {
            wasm32::unreachable()
        };
        ResponseOutparam::set(out, Ok(response));
        let Ok(stream) = body.write() else {
            wasm32::unreachable()
        };
        // A new body has room for so little: `check_write` is asked because the interface
        // demands it before a write.
        let _ = stream.check_write();
        let _ = stream.write(b"Hello, World!\n");
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}

/// The host allocates only to hand over the text of an error, and an instance answers once: 4 KiB
/// that are never given back.
struct Bump;

const HEAP_BYTES: usize = 4096;
static mut HEAP: [u64; HEAP_BYTES / 8] = [0; HEAP_BYTES / 8];
static mut USED: usize = 0;

#[global_allocator]
static ALLOCATOR: Bump = Bump;

// SAFETY: a component instance has one thread, and `alloc` never hands out a byte twice.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe {
            let start = USED.next_multiple_of(layout.align());
            if start + layout.size() > HEAP_BYTES {
                return core::ptr::null_mut();
            }
            USED = start + layout.size();
            (&raw mut HEAP).cast::<u8>().add(start)
        }
    }

    unsafe fn dealloc(&self, _start: *mut u8, _layout: Layout) {}
}

/// Where the host asks for memory, in the canonical ABI; with std it is libc that exports it.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    _old: *mut u8,
    _old_bytes: usize,
    align: usize,
    bytes: usize,
) -> *mut u8 {
    let Ok(layout) = Layout::from_size_align(bytes, align) else {
        wasm32::unreachable()
    };
    let start = unsafe { ALLOCATOR.alloc(layout) };
    if start.is_null() {
        wasm32::unreachable()
    } else {
        start
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}
