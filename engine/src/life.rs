//! The life of one request in the engine: what it waits for, and the loop that leads it there.

use rquickjs::qjs;

use crate::errors::Described;
use crate::hooks::HOOKS;
use crate::host::{self, Event};
use crate::js::{Js, Value};
use crate::single::Single;
use crate::timers::Timers;

pub static LIFE: Single<Life> = Single::new(Life::new());

/// Runs until the response has been given, its body written, and no promise of `waitUntil` is open.
pub fn run(js: Js) {
    loop {
        run_jobs(js);
        if LIFE.borrow().is_over() {
            return;
        }
        if !turn(js) {
            return give_up();
        }
    }
}

/// Waits for one event, and does what it and the timers bring; false when nothing can come. An operation that cannot return
/// before a promise is settled calls this while JavaScript runs (ops/html.rs).
pub fn turn(js: Js) -> bool {
    let wait_ms = LIFE.borrow().timers.wait_ms();
    if wait_ms < 0.0 && !LIFE.borrow().awaits_anything() {
        return false;
    }
    LIFE.borrow().tell_host_what_to_keep();
    let newest = LIFE.borrow().timers.newest();
    let event = wait(wait_ms);
    deliver(js, event);
    run_jobs(js);
    run_timers(js, newest);
    true
}

/// Runs what promises have made ready, until nothing is; only then is it known which rejections nobody handles.
pub fn run_jobs(js: Js) {
    loop {
        loop {
            let mut context = std::ptr::null_mut();
            // SAFETY: runs one job; a negative result leaves its exception pending.
            match unsafe { qjs::JS_ExecutePendingJob(qjs::JS_GetRuntime(js.0), &mut context) } {
                0 => break,
                1.. => {}
                _ => log_uncaught(js, js.catch()),
            }
        }
        let rejections = std::mem::take(&mut LIFE.borrow().rejections);
        if rejections.is_empty() {
            return;
        }
        for (promise, reason) in rejections {
            HOOKS
                .borrow()
                .call(js, |hooks| hooks.rejected, &[promise, reason]);
            js.free(promise);
            js.free(reason);
        }
    }
}

/// QuickJS tells of each rejection, and again when a handler is attached later.
pub unsafe extern "C" fn track_rejection(
    context: *mut qjs::JSContext,
    promise: Value,
    reason: Value,
    is_handled: bool,
    _: *mut std::ffi::c_void,
) {
    let js = Js(context);
    let rejections = &mut LIFE.borrow().rejections;
    if !is_handled {
        rejections.push((js.share(promise), js.share(reason)));
    } else if let Some(place) = rejections
        .iter()
        .position(|(other, _)| is_same(*other, promise))
    {
        let (promise, reason) = rejections.remove(place);
        js.free(promise);
        js.free(reason);
    }
}

/// Somebody looks at the promise's end, though not from JavaScript.
pub fn handled(js: Js, promise: Value) {
    // SAFETY: called as QuickJS calls it; neither value is kept.
    unsafe {
        track_rejection(
            js.0,
            promise,
            crate::js::UNDEFINED,
            true,
            std::ptr::null_mut(),
        )
    }
}

/// An exception that nothing caught goes to the tenant's log; takes the value over.
pub fn log_uncaught(js: Js, exception: Value) {
    host::log(
        LEVEL_ERROR,
        &format!("Uncaught {}", Described::of(js, exception).text()),
    );
    js.free(exception);
}

const LEVEL_ERROR: u32 = 4;

/// What a request has open.
pub struct Life {
    pub is_loading: bool,
    pub is_signal_heard: bool,
    pub timers: Timers,
    pub request: Request,
    has_responded: bool,
    is_body_open: bool,
    open_promises: i32,
    /// One entry for each event that must come: an operation that has been started, a chunk asked for, a full sink.
    awaited: Vec<u32>,
    rejections: Vec<(Value, Value)>,
    kept: u32,
}

/// What of the request's head is read only when somebody asks. It stays in the exchange buffer for as long as `handle` runs.
pub struct Request {
    pub headers: &'static [u8],
    pub cf: &'static str,
}

impl Life {
    const fn new() -> Self {
        Self {
            is_loading: true,
            is_signal_heard: false,
            timers: Timers::new(),
            request: Request {
                headers: &[],
                cf: "",
            },
            has_responded: false,
            is_body_open: false,
            open_promises: 0,
            awaited: Vec::new(),
            rejections: Vec::new(),
            kept: 0,
        }
    }

    /// An instance may be asked to handle a second request: what is left of the first is of no interest.
    pub fn begin(&mut self, request: Request) {
        self.request = request;
        self.is_loading = false;
        self.is_signal_heard = false;
        self.has_responded = false;
        self.is_body_open = false;
        self.open_promises = 0;
        self.awaited.clear();
        self.timers = Timers::new();
        self.kept = 0;
    }

    pub fn responded(&mut self, is_whole: bool) {
        self.has_responded = true;
        self.is_body_open = !is_whole;
    }

    pub fn body_ended(&mut self) {
        self.is_body_open = false;
    }

    pub fn change_wait_until(&mut self, change: i32) {
        self.open_promises += change;
    }

    pub fn awaits(&mut self, handle: u32) {
        self.awaited.push(handle);
    }

    pub fn forgets(&mut self, handle: u32) {
        self.awaited.retain(|other| *other != handle);
    }

    fn came(&mut self, handle: u32) {
        if let Some(place) = self.awaited.iter().position(|other| *other == handle) {
            self.awaited.swap_remove(place);
        }
    }

    fn is_over(&self) -> bool {
        self.has_responded && !self.is_body_open && self.open_promises <= 0
    }

    fn awaits_anything(&self) -> bool {
        !self.awaited.is_empty()
    }

    fn tell_host_what_to_keep(&mut self) {
        let flags = u32::from(self.open_promises > 0) | u32::from(self.is_signal_heard) << 1;
        if flags != self.kept {
            self.kept = flags;
            host::keep(flags);
        }
    }
}

/// Nothing is left that could go on with the request: no operation, no timer.
fn give_up() {
    if !LIFE.borrow().has_responded {
        host::fail(
            NEVER_SETTLES,
            "The Worker's code had hung and would never have given a response",
        );
    } else if LIFE.borrow().is_body_open {
        host::finish(
            0,
            false,
            "The response's body can never end: nothing is left that could go on with it",
        );
    }
}

const NEVER_SETTLES: u32 = 1;

/// Payloads of events. Its pages are touched only by requests that wait.
static PAYLOAD: Single<Vec<u8>> = Single::new(Vec::new());
const PAYLOAD_BYTES: usize = 64 << 10;

fn wait(timeout_ms: f64) -> Event {
    let payload = PAYLOAD.borrow();
    if payload.is_empty() {
        payload.resize(PAYLOAD_BYTES, 0);
    }
    loop {
        let event = host::wait(payload, timeout_ms);
        if event.len <= payload.len() {
            return event;
        }
        payload.resize(event.len, 0);
    }
}

mod kind {
    pub const TIMEOUT: u32 = 0;
    pub const DONE: u32 = 1;
    pub const FAILED: u32 = 2;
    pub const CHUNK: u32 = 3;
    pub const ABORT: u32 = 6;
    pub const CLOSED: u32 = 7;
}

fn deliver(js: Js, event: Event) {
    match event.kind {
        kind::TIMEOUT => return,
        kind::ABORT => {}
        kind::FAILED | kind::CLOSED if event.handle != 0 => LIFE.borrow().forgets(event.handle),
        _ => LIFE.borrow().came(event.handle),
    }
    let payload = &PAYLOAD.borrow()[..event.len];
    let payload = match event.kind {
        kind::DONE | kind::CHUNK => js.new_bytes(payload),
        _ => js.string(&String::from_utf8_lossy(payload)),
    };
    let Ok(payload) = payload else {
        return log_uncaught(js, js.catch());
    };
    let (kind, handle) = (
        js.new_number(event.kind.into()),
        js.new_number(event.handle.into()),
    );
    HOOKS
        .borrow()
        .call(js, |hooks| hooks.event, &[kind, handle, payload]);
    js.free(payload);
}

fn run_timers(js: Js, newest: u32) {
    while let Some(number) = LIFE.borrow().timers.take_due(newest) {
        let number = js.new_number(number.into());
        HOOKS.borrow().call(js, |hooks| hooks.timer, &[number]);
        run_jobs(js);
        if LIFE.borrow().is_over() {
            return;
        }
    }
}

fn is_same(one: Value, other: Value) -> bool {
    // SAFETY: compares the addresses of two objects.
    unsafe { qjs::JS_VALUE_GET_PTR(one) == qjs::JS_VALUE_GET_PTR(other) }
}
