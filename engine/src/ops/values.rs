//! What JavaScript cannot tell by itself about a value.

use rquickjs::qjs;

use super::{Arguments, Table, table};
use crate::js::{Answer, Js};

pub const OPS: Table = table![is_array_buffer, is_proxy, proxy_target, promise_state];

fn is_array_buffer(js: Js, arguments: Arguments) -> Answer {
    // SAFETY: looks at the class.
    Ok(js.new_bool(unsafe { qjs::JS_IsArrayBuffer(arguments.at(0)) }))
}

fn is_proxy(js: Js, arguments: Arguments) -> Answer {
    // SAFETY: looks at the class.
    Ok(js.new_bool(unsafe { qjs::JS_IsProxy(arguments.at(0)) }))
}

/// What a proxy stands before, so that looking at one runs no code of it.
fn proxy_target(js: Js, arguments: Arguments) -> Answer {
    // SAFETY: gives an owned value, or throws for what is no proxy.
    js.checked(unsafe { qjs::JS_GetProxyTarget(js.0, arguments.at(0)) })
}

/// (promise) → [state, result]: 0 pending, 1 fulfilled, 2 rejected; null for what is no promise
fn promise_state(js: Js, arguments: Arguments) -> Answer {
    let promise = arguments.at(0);
    // SAFETY: looks at the class; the result is owned.
    unsafe {
        let state = qjs::JS_PromiseState(js.0, promise);
        if state < 0 {
            return Ok(crate::js::NULL);
        }
        let pair = js.new_array()?;
        js.put(pair, 0, js.new_number(state.into()))?;
        js.put(pair, 1, qjs::JS_PromiseResult(js.0, promise))?;
        Ok(pair)
    }
}
