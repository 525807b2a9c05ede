//! Values between JavaScript and modules (WebAssembly JavaScript interface, "ToWebAssemblyValue" and "ToJSValue").

use std::collections::HashMap;

use rquickjs::qjs;

use super::function;
use super::parts::{GLOBALS, TABLES};
use crate::js::{Answer, Class, Js, NULL, Thrown, Value};
use crate::single::Single;

/// The bits of a value, as they lie in a slot.
pub fn to_wasm(js: Js, letter: u8, value: Value) -> Result<[u64; 2], Thrown> {
    let bits = match letter {
        b'i' => {
            let mut number = 0;
            // SAFETY: converts; throws when it cannot.
            match unsafe { qjs::JS_ToInt32(js.0, &mut number, value) } {
                0 => u64::from(number as u32),
                _ => return Err(Thrown),
            }
        }
        b'I' => {
            let mut number = 0;
            // SAFETY: as above.
            match unsafe { qjs::JS_ToBigInt64(js.0, &mut number, value) } {
                0 => number as u64,
                _ => return Err(Thrown),
            }
        }
        b'f' => u64::from((js.number(value)? as f32).to_bits()),
        b'F' => js.number(value)?.to_bits(),
        b'e' => u64::from(EXTERNALS.borrow().handle(js, value)),
        b'a' => match function::handle(value) {
            Some(handle) => u64::from(handle),
            None => {
                return Err(js.throw(
                    Class::Type,
                    "type incompatibility when transforming from/to JS: a function reference is null or an exported function",
                ));
            }
        },
        _ => return Err(no_vectors(js)),
    };
    Ok([bits, 0])
}

/// Owned.
pub fn to_js(js: Js, letter: u8, bits: [u64; 2]) -> Answer {
    let bits = bits[0];
    match letter {
        b'i' => Ok(js.new_number((bits as u32 as i32).into())),
        // SAFETY: makes a value.
        b'I' => js.checked(unsafe { qjs::JS_NewBigInt64(js.0, bits as i64) }),
        b'f' => Ok(js.new_number(f32::from_bits(bits as u32).into())),
        b'F' => Ok(js.new_number(f64::from_bits(bits))),
        b'e' => Ok(EXTERNALS.borrow().value(js, bits as u32)),
        b'a' => function::of_handle(js, bits as u32),
        _ => Err(no_vectors(js)),
    }
}

pub fn no_vectors(js: Js) -> Thrown {
    js.throw(
        Class::Type,
        "type incompatibility when transforming from/to JS: a vector cannot be passed",
    )
}

/// Values of JavaScript that modules hold.
pub static EXTERNALS: Single<Externals> = Single::new(Externals {
    values: Vec::new(),
    free: Vec::new(),
    handles: None,
    collect_at: COLLECT_AT,
});

/// So many are held before it is looked which of them nobody has any more.
const COLLECT_AT: usize = 1_000;

pub struct Externals {
    /// Owned; the handle is the index plus one.
    values: Vec<Option<Value>>,
    free: Vec<u32>,
    /// By the value's bits: the same object has the same handle.
    handles: Option<HashMap<Value, u32>>,
    collect_at: usize,
}

impl Externals {
    pub fn handle(&mut self, js: Js, value: Value) -> u32 {
        if value == NULL {
            return 0;
        }
        let handles = self.handles.get_or_insert_default();
        if let Some(handle) = handles.get(&value) {
            return *handle;
        }
        let handle = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() as u32
        });
        self.values[handle as usize - 1] = Some(js.share(value));
        handles.insert(value, handle);
        handle
    }

    /// Owned.
    fn value(&self, js: Js, handle: u32) -> Value {
        let held = (handle as usize).checked_sub(1).and_then(|index| self.values.get(index));
        held.copied().flatten().map_or(NULL, |value| js.share(value))
    }

    /// When no module runs, only tables and cells hold any.
    pub fn collect(&mut self, js: Js) {
        if self.values.len() - self.free.len() < self.collect_at {
            return;
        }
        let mut is_held = vec![false; self.values.len() + 1];
        let mut hold = |handle: u32| {
            if let Some(is_held) = is_held.get_mut(handle as usize) {
                *is_held = true;
            }
        };
        for table in TABLES.borrow().iter_mut().filter(|table| table.is_external) {
            table.references().iter().for_each(|handle| hold(*handle));
        }
        for global in GLOBALS.borrow().iter().filter(|global| global.letter == b'e') {
            hold(global.bits[0] as u32);
        }
        for (index, value) in self.values.iter_mut().enumerate() {
            if !is_held[index + 1]
                && let Some(value) = value.take()
            {
                self.free.push(index as u32 + 1);
                if let Some(handles) = &mut self.handles {
                    handles.remove(&value);
                }
                js.free(value);
            }
        }
        self.collect_at = COLLECT_AT + 2 * (self.values.len() - self.free.len());
    }
}
