//! The context that goes along with what runs later (transform/quickjs.mjs): what AsyncLocalStorage stands on.

use super::{Arguments, Table, table};
use crate::js::{Answer, Js, Value};

pub const OPS: Table = table![async_context, swap_async_context];

unsafe extern "C" {
    /// Owned. QuickJS keeps it for each job, and puts it back when the job runs.
    static mut engine_async_context: Value;
}

fn async_context(js: Js, _: Arguments) -> Answer {
    // SAFETY: one thread; the value is alive.
    Ok(js.share(unsafe { engine_async_context }))
}

/// (context) → the one before
fn swap_async_context(js: Js, arguments: Arguments) -> Answer {
    let next = js.share(arguments.at(0));
    // SAFETY: one thread; the old value is handed over.
    Ok(unsafe { std::mem::replace(&mut *&raw mut engine_async_context, next) })
}
