//! The operations that the JavaScript stands on, each a function of one room below. They are properties of one object that
//! only our scripts see; a tenant's code never gets hold of it.

mod compression;
mod context;
mod encoding;
mod headers;
mod html;
mod io;
mod modules;
mod url;
mod urlpattern;
mod values;
mod wasm;

use std::ffi::{CString, c_int};

use rquickjs::qjs;

use crate::js::{Answer, Js, Thrown, UNDEFINED, Value};

/// Makes the object with all operations; owned.
pub fn install(js: Js) -> Answer {
    let native = js.new_object()?;
    for table in [
        headers::OPS,
        io::OPS,
        modules::OPS,
        values::OPS,
        url::OPS,
        encoding::OPS,
        compression::OPS,
        urlpattern::OPS,
        html::OPS,
        context::OPS,
        wasm::OPS,
    ] {
        for (name, function) in table {
            let name = CString::new(*name).unwrap_or_default();
            // SAFETY: makes a function object; the name is copied.
            let value = unsafe {
                qjs::JS_NewCFunction2(
                    js.0,
                    Some(*function),
                    name.as_ptr(),
                    0,
                    qjs::JSCFunctionEnum_JS_CFUNC_generic,
                    0,
                )
            };
            js.set(native, &name, js.checked(value)?)?;
        }
    }
    Ok(native)
}

/// A table of a room's operations.
type Table = &'static [(&'static str, Raw)];
type Raw = unsafe extern "C" fn(*mut qjs::JSContext, Value, c_int, *mut Value) -> Value;

/// The arguments of a call, borrowed from the caller. Those that are missing are undefined.
#[derive(Clone, Copy)]
struct Arguments<'a>(&'a [Value]);

impl Arguments<'_> {
    fn at(self, index: usize) -> Value {
        self.0.get(index).copied().unwrap_or(UNDEFINED)
    }

    fn u32(self, js: Js, index: usize) -> Result<u32, Thrown> {
        Ok(js.number(self.at(index))? as u32)
    }
}

fn enter(
    context: *mut qjs::JSContext,
    count: c_int,
    values: *mut Value,
    op: fn(Js, Arguments) -> Answer,
) -> Value {
    let arguments = match count {
        0 => &[][..],
        // SAFETY: QuickJS passes `count` values.
        _ => unsafe { std::slice::from_raw_parts(values, count as usize) },
    };
    op(Js(context), Arguments(arguments)).unwrap_or(qjs::JS_EXCEPTION)
}

/// The table of functions under the names that JavaScript calls them by.
macro_rules! table {
    ($($name:ident),* $(,)?) => {
        &[$((stringify!($name), {
            unsafe extern "C" fn raw(
                context: *mut rquickjs::qjs::JSContext,
                _this: crate::js::Value,
                count: std::ffi::c_int,
                values: *mut crate::js::Value,
            ) -> crate::js::Value {
                crate::ops::enter(context, count, values, $name)
            }
            raw
        })),*]
    };
}
use table;
