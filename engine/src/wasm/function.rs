//! Exported functions: objects of a class of their own that can be called.

use std::ffi::c_int;

use rquickjs::qjs;

use super::values::{self, EXTERNALS};
use super::{INSTANCES, Instance, SLOT_BYTES, STACK, Signature, enter, find, operation, shared, trap};
use crate::hooks::HOOKS;
use crate::js::{Answer, Class, Js, NULL, Thrown, UNDEFINED, Value};
use crate::single::Single;

static CLASS: Single<qjs::JSClassID> = Single::new(0);

/// Once, before anything else.
pub fn install(js: Js) -> Result<(), Thrown> {
    let class = CLASS.borrow();
    // SAFETY: the definition is copied, and its name lives for ever.
    unsafe {
        let runtime = qjs::JS_GetRuntime(js.0);
        qjs::JS_NewClassID(runtime, class);
        let definition = qjs::JSClassDef {
            class_name: c"Function".as_ptr(),
            finalizer: None,
            gc_mark: None,
            call: Some(call),
            exotic: std::ptr::null_mut(),
        };
        if qjs::JS_NewClass(runtime, *class, &definition) != 0 {
            return Err(Thrown);
        }
        let function = js.checked(qjs::JS_NewCFunction2(
            js.0,
            None,
            c"".as_ptr(),
            0,
            qjs::JSCFunctionEnum_JS_CFUNC_generic,
            0,
        ))?;
        let prototype = js.checked(qjs::JS_GetPrototype(js.0, function))?;
        js.free(function);
        qjs::JS_SetClassProto(js.0, *class, prototype);
    }
    Ok(())
}

/// The function's handle; 0 for null, None for what is no exported function.
pub fn handle(value: Value) -> Option<u32> {
    if value == NULL {
        return Some(0);
    }
    // SAFETY: gives what was set, or null when it is of another class.
    let handle = unsafe { qjs::JS_GetOpaque(value, *CLASS.borrow()) } as u32;
    (handle != 0).then_some(handle)
}

/// The instance and place of an exported function.
pub fn target(value: Value) -> Option<(usize, u32)> {
    handle(value).filter(|handle| *handle != 0).and_then(find)
}

/// The function's object; owned.
pub fn of_handle(js: Js, handle: u32) -> Answer {
    match find(handle) {
        Some((instance, place)) if handle != 0 => of_place(js, instance, place),
        _ => Ok(NULL),
    }
}

/// The object of a place, always the same; owned.
pub fn of_place(js: Js, instance: usize, place: u32) -> Answer {
    let found: &mut Instance = &mut INSTANCES.borrow()[instance];
    let outline = found.outline();
    let number = outline.function(place);
    // An exported function that is imported stays the one it was.
    if let Some(import) = found.imports.get(number as usize)
        && handle(*import).is_some_and(|handle| handle != 0)
    {
        return Ok(js.share(*import));
    }
    if found.functions.is_empty() {
        found.functions = vec![UNDEFINED; outline.places.len()];
    }
    let made = found.functions[place as usize];
    // SAFETY: looks at the tag.
    if !unsafe { qjs::JS_IsUndefined(made) } {
        return Ok(js.share(made));
    }
    let handle = found.first + place;
    let length = outline.signature(place).params.len();
    // SAFETY: the handle is a number where QuickJS keeps an address for us.
    let object = unsafe {
        let object = js.checked(qjs::JS_NewObjectClass(js.0, *CLASS.borrow()))?;
        qjs::JS_SetOpaque(object, handle as usize as *mut _);
        object
    };
    define(js, object, c"length", js.new_number(length as f64))?;
    define(js, object, c"name", js.string(&number.to_string())?)?;
    INSTANCES.borrow()[instance].functions[place as usize] = js.share(object);
    Ok(object)
}

fn define(js: Js, object: Value, name: &std::ffi::CStr, value: Value) -> Result<(), Thrown> {
    let flags = qjs::JS_PROP_CONFIGURABLE as c_int;
    // SAFETY: QuickJS takes the value over.
    match unsafe { qjs::JS_DefinePropertyValueStr(js.0, object, name.as_ptr(), value, flags) } {
        -1 => Err(Thrown),
        _ => Ok(()),
    }
}

/// QuickJS calls an object of the class.
unsafe extern "C" fn call(
    context: *mut qjs::JSContext,
    function: Value,
    _this: Value,
    count: c_int,
    values: *mut Value,
    flags: c_int,
) -> Value {
    let js = Js(context);
    let arguments = match count {
        0 => &[][..],
        // SAFETY: QuickJS passes `count` values.
        _ => unsafe { std::slice::from_raw_parts(values, count as usize) },
    };
    if flags & qjs::JS_CALL_FLAG_CONSTRUCTOR as c_int != 0 {
        js.throw(Class::Type, "an exported function is not a constructor");
        return qjs::JS_EXCEPTION;
    }
    match target(function) {
        Some((instance, place)) => call_in(js, instance, place, arguments).unwrap_or(qjs::JS_EXCEPTION),
        None => UNDEFINED,
    }
}

/// From JavaScript into an instance.
fn call_in(js: Js, instance: usize, place: u32, arguments: &[Value]) -> Answer {
    let outline = INSTANCES.borrow()[instance].outline();
    let signature = outline.signature(place);
    let slots = shared().slots;
    let bytes = signature.slot_bytes();
    if shared().end - slots < bytes {
        return Err(trap(js, STACK));
    }
    if signature.params.contains(&b'v') || signature.results.contains(&b'v') {
        return Err(values::no_vectors(js));
    }
    // Converting may run JavaScript that calls in, too.
    shared().slots = slots + bytes;
    let written = signature.params.iter().enumerate().try_for_each(|(index, letter)| {
        let value = arguments.get(index).copied().unwrap_or(UNDEFINED);
        values::to_wasm(js, *letter, value).map(|bits| write(slots, index, bits))
    });
    let result = written.and_then(|()| {
        let operation = operation::CALL + outline.placed[place as usize];
        enter(js, instance, operation, place, slots)?;
        results(js, signature, slots)
    });
    shared().slots = slots;
    if slots == super::first_slot() {
        EXTERNALS.borrow().collect(js);
    }
    result
}

fn results(js: Js, signature: &Signature, slots: u32) -> Answer {
    match signature.results[..] {
        [] => Ok(UNDEFINED),
        [letter] => values::to_js(js, letter, read(slots, 0)),
        ref letters => {
            let list = js.new_array()?;
            for (index, letter) in letters.iter().enumerate() {
                js.put(list, index as u32, values::to_js(js, *letter, read(slots, index))?)?;
            }
            Ok(list)
        }
    }
}

/// From an instance into JavaScript.
pub fn call_out(js: Js, function: Value, signature: &Signature, slots: u32) -> Result<(), Thrown> {
    if signature.params.contains(&b'v') || signature.results.contains(&b'v') {
        return Err(values::no_vectors(js));
    }
    let mut arguments = Vec::with_capacity(signature.params.len());
    for (index, letter) in signature.params.iter().enumerate() {
        arguments.push(values::to_js(js, *letter, read(slots, index))?);
    }
    let result = js.call(function, &arguments);
    arguments.iter().for_each(|argument| js.free(*argument));
    let result = result?;
    let written = match signature.results[..] {
        [] => Ok(()),
        [letter] => values::to_wasm(js, letter, result).map(|bits| write(slots, 0, bits)),
        ref letters => several(js, letters, result, slots),
    };
    js.free(result);
    written
}

/// Several results come as anything that can be iterated.
fn several(js: Js, letters: &[u8], result: Value, slots: u32) -> Result<(), Thrown> {
    let list = js.call(HOOKS.borrow().list, &[result, js.new_number(letters.len() as f64)])?;
    let written = letters.iter().enumerate().try_for_each(|(index, letter)| {
        let value = js.at(list, index as u32)?;
        let bits = values::to_wasm(js, *letter, value);
        js.free(value);
        bits.map(|bits| write(slots, index, bits))
    });
    js.free(list);
    written
}

fn write(slots: u32, index: usize, bits: [u64; 2]) {
    // SAFETY: there is room for as many slots as the signature has values.
    unsafe { *((slots + index as u32 * SLOT_BYTES) as *mut [u64; 2]) = bits }
}

fn read(slots: u32, index: usize) -> [u64; 2] {
    // SAFETY: as above.
    unsafe { *((slots + index as u32 * SLOT_BYTES) as *const [u64; 2]) }
}
