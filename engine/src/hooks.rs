//! The functions of our JavaScript that Rust calls.

use crate::js::{Js, Thrown, UNDEFINED, Value};
use crate::life::log_uncaught;
use crate::single::Single;

pub static HOOKS: Single<Hooks> = Single::new(Hooks::none());

/// Each is owned for as long as the module lives.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// (is module syntax, options as JSON): before a worker's code runs.
    pub configure: Value,
    /// (namespace of the main module) → the report as JSON: after it has run.
    pub loaded: Value,
    /// (method, URL, has a body, env as JSON, bindings to others as JSON, entrypoint, props as JSON): a request begins.
    pub handle: Value,
    /// (kind, handle, payload): an event of the host's `wait`.
    pub event: Value,
    /// (number): a timer is due.
    pub timer: Value,
    /// (promise, reason): a rejection that nobody handles.
    pub rejected: Value,
    /// (name) → the exports of a CommonJS module.
    pub require: Value,
    /// What `import … from "cloudflare:workers"` gives.
    pub workers: Value,
    /// What Node's modules stand on.
    pub node: Value,
    /// (outline as JSON) → the WebAssembly.Module of a part.
    pub module: Value,
    /// (kind) → throws what a trap is.
    pub trap: Value,
    /// (anything that can be iterated, how many) → an array.
    pub list: Value,
}

impl Hooks {
    const fn none() -> Self {
        Self {
            configure: UNDEFINED,
            loaded: UNDEFINED,
            handle: UNDEFINED,
            event: UNDEFINED,
            timer: UNDEFINED,
            rejected: UNDEFINED,
            require: UNDEFINED,
            workers: UNDEFINED,
            node: UNDEFINED,
            module: UNDEFINED,
            trap: UNDEFINED,
            list: UNDEFINED,
        }
    }

    /// Takes them from the object that the API's script has filled.
    pub fn take(js: Js, object: Value) -> Result<Self, Thrown> {
        Ok(Self {
            configure: js.get(object, c"configure")?,
            loaded: js.get(object, c"loaded")?,
            handle: js.get(object, c"handle")?,
            event: js.get(object, c"event")?,
            timer: js.get(object, c"timer")?,
            rejected: js.get(object, c"rejected")?,
            require: js.get(object, c"require")?,
            workers: js.get(object, c"workers")?,
            node: js.get(object, c"node")?,
            module: js.get(object, c"module")?,
            trap: js.get(object, c"trap")?,
            list: js.get(object, c"list")?,
        })
    }

    /// Calls one; what it throws (a tenant may have broken what it uses) is logged, and nothing else happens.
    pub fn call(&self, js: Js, which: fn(&Self) -> Value, arguments: &[Value]) {
        match js.call(which(self), arguments) {
            Ok(result) => js.free(result),
            Err(Thrown) => log_uncaught(js, js.catch()),
        }
    }
}
