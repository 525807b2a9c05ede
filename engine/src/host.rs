//! What the host offers, in safe wrappers. The contract is in README.md.

/// Begins the response. What the body is depends on `kind`.
pub fn respond(kind: u32, head: &[u8], body: &[u8]) {
    // SAFETY: the host reads the two slices before it returns.
    unsafe {
        import::respond(
            kind,
            head.as_ptr(),
            head.len(),
            body.as_ptr() as usize,
            body.len(),
        )
    }
}

/// Begins the response with the bytes of a source handle as its body.
pub fn respond_with_source(head: &[u8], source: u32) {
    // SAFETY: as above; kind 2 takes a handle where the others take an address.
    unsafe { import::respond(2, head.as_ptr(), head.len(), source as usize, 0) }
}

pub fn write(sink: u32, bytes: &[u8]) -> u32 {
    // SAFETY: the host copies the bytes before it returns.
    unsafe { import::write(sink, bytes.as_ptr(), bytes.len()) }
}

pub fn finish(sink: u32, is_ok: bool, why: &str) {
    // SAFETY: as above.
    unsafe { import::finish(sink, is_ok as u32, why.as_ptr(), why.len()) }
}

pub fn read(source: u32) {
    // SAFETY: takes no memory.
    unsafe { import::read(source) }
}

pub fn start(operation: u32, arguments: &[u8]) -> u32 {
    // SAFETY: the host copies the arguments before it returns.
    unsafe { import::start(operation, arguments.as_ptr(), arguments.len()) }
}

pub fn cancel(handle: u32) {
    // SAFETY: takes no memory.
    unsafe { import::cancel(handle) }
}

/// What `wait` returned; the payload is in the buffer unless it was too small.
pub struct Event {
    pub kind: u32,
    pub handle: u32,
    pub len: usize,
}

pub fn wait(buffer: &mut [u8], timeout_ms: f64) -> Event {
    // SAFETY: the host writes at most the buffer's length.
    let event = unsafe { import::wait(buffer.as_mut_ptr(), buffer.len(), timeout_ms) } as u64;
    Event {
        kind: (event >> 56) as u32,
        handle: (event >> 32) as u32 & 0xff_ffff,
        len: event as u32 as usize,
    }
}

/// A synchronous operation of the host: its result, or the text of its error.
pub fn call(operation: u32, arguments: &[u8]) -> Result<Vec<u8>, String> {
    // SAFETY: the host copies the arguments before it returns.
    let len = unsafe { import::call(operation, arguments.as_ptr(), arguments.len()) };
    let (is_ok, len) = if len >= 0 {
        (true, len)
    } else {
        (false, -1 - len)
    };
    let mut result = vec![0; len as usize];
    if len > 0 {
        // SAFETY: the host writes the length that it has just named.
        unsafe { import::result(result.as_mut_ptr()) };
    }
    if is_ok {
        Ok(result)
    } else {
        Err(String::from_utf8_lossy(&result).into_owned())
    }
}

pub fn random(bytes: &mut [u8]) {
    // SAFETY: the host fills exactly the slice.
    unsafe { import::random(bytes.as_mut_ptr(), bytes.len()) }
}

pub fn log(level: u32, line: &str) {
    // SAFETY: the host copies the line before it returns.
    unsafe { import::log(level, line.as_ptr(), line.len()) }
}

pub fn fail(kind: u32, why: &str) {
    // SAFETY: as above.
    unsafe { import::fail(kind, why.as_ptr(), why.len()) }
}

pub fn keep(flags: u32) {
    // SAFETY: takes no memory.
    unsafe { import::keep(flags) }
}

pub fn report(json: &str) {
    // SAFETY: the host copies the text before it returns.
    unsafe { import::report(json.as_ptr(), json.len()) }
}

/// Links an instance's code with this module; gives where in this module's table its entry is.
pub fn link(module: u32, control: u32) -> u32 {
    // SAFETY: the host reads no memory; what it links does, as this module's own code does.
    unsafe { import::link(module, control) }
}

/// Whether bytes are a module that could run here.
pub fn validate(bytes: &[u8]) -> bool {
    // SAFETY: the host reads the bytes before it returns.
    unsafe { import::validate(bytes.as_ptr(), bytes.len()) != 0 }
}

/// µs since 1970; stands still between two returns of `wait`, and is 0 while a worker is being loaded.
pub fn now_us() -> f64 {
    // SAFETY: takes no memory.
    unsafe { clock::__rquickjs_host_now_us() }
}

mod clock {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn __rquickjs_host_now_us() -> f64;
    }
}

mod import {
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        pub fn respond(kind: u32, head: *const u8, head_len: usize, body: usize, body_len: usize);
        pub fn write(sink: u32, ptr: *const u8, len: usize) -> u32;
        pub fn finish(sink: u32, is_ok: u32, ptr: *const u8, len: usize);
        pub fn read(source: u32);
        pub fn start(op: u32, ptr: *const u8, len: usize) -> u32;
        pub fn cancel(handle: u32);
        pub fn wait(ptr: *mut u8, cap: usize, timeout_ms: f64) -> i64;
        pub fn call(op: u32, ptr: *const u8, len: usize) -> i64;
        pub fn result(ptr: *mut u8);
        pub fn random(ptr: *mut u8, len: usize);
        pub fn log(level: u32, ptr: *const u8, len: usize);
        pub fn fail(kind: u32, ptr: *const u8, len: usize);
        pub fn keep(flags: u32);
        pub fn report(ptr: *const u8, len: usize);
        pub fn link(module: u32, control: u32) -> u32;
        pub fn validate(ptr: *const u8, len: usize) -> u32;
    }
}
