//! JavaScript values as the operations see them: thin over QuickJS's own interface, because a call from JavaScript into an
//! operation happens several times in every request.

use std::borrow::Cow;
use std::ffi::CString;
use std::ops::Deref;

use rquickjs::qjs;

/// A value that somebody else owns, or that is handed over: which one stands in each function's sentence.
pub type Value = qjs::JSValue;

/// A JavaScript exception is pending.
#[derive(Debug)]
pub struct Thrown;

/// What an operation returns: an owned value.
pub type Answer = Result<Value, Thrown>;

/// The context that JavaScript runs in.
#[derive(Clone, Copy)]
pub struct Js(pub *mut qjs::JSContext);

pub const UNDEFINED: Value = qjs::JS_UNDEFINED;
pub const NULL: Value = qjs::JS_NULL;

impl Js {
    /// The string's text; lone surrogates become U+FFFD, as the web's USVString wants.
    pub fn text(self, value: Value) -> Result<Text, Thrown> {
        let mut len = 0;
        // SAFETY: the value lives as long as the call; QuickJS gives a pointer with the length it names, or null.
        let at = unsafe { qjs::JS_ToCStringLen2(self.0, &mut len, value, false) };
        if at.is_null() {
            return Err(Thrown);
        }
        // SAFETY: as above; Text frees it.
        let bytes = unsafe { std::slice::from_raw_parts(at.cast::<u8>(), len as usize) };
        let repaired = match std::str::from_utf8(bytes) {
            Ok(_) => None,
            Err(_) => Some(repair(bytes)),
        };
        Ok(Text {
            js: self,
            at,
            len: len as usize,
            repaired,
        })
    }

    /// The bytes of a Uint8Array or an ArrayBuffer. They are valid until JavaScript runs again.
    pub fn bytes<'a>(self, value: Value) -> Result<&'a mut [u8], Thrown> {
        let mut len = 0;
        // SAFETY: QuickJS checks the class; it throws and gives null when it is neither or detached.
        let at = unsafe {
            if qjs::JS_IsArrayBuffer(value) {
                qjs::JS_GetArrayBuffer(self.0, &mut len, value)
            } else {
                qjs::JS_GetUint8Array(self.0, &mut len, value)
            }
        };
        if len == 0 && !self.is_exception_pending() {
            return Ok(&mut []);
        }
        if at.is_null() {
            return Err(Thrown);
        }
        // SAFETY: the buffer is `len` bytes long and stays while JavaScript does not run.
        Ok(unsafe { std::slice::from_raw_parts_mut(at, len as usize) })
    }

    /// The elements of a Uint32Array.
    pub fn numbers<'a>(self, value: Value) -> Result<&'a mut [u32], Thrown> {
        let (mut offset, mut len, mut width) = (0, 0, 0);
        // SAFETY: QuickJS checks the class; the buffer value is released at once, the array keeps it alive.
        unsafe {
            let buffer =
                qjs::JS_GetTypedArrayBuffer(self.0, value, &mut offset, &mut len, &mut width);
            if qjs::JS_IsException(buffer) || width != 4 {
                return Err(Thrown);
            }
            let mut size = 0;
            let at = qjs::JS_GetArrayBuffer(self.0, &mut size, buffer);
            qjs::JS_FreeValue(self.0, buffer);
            if at.is_null() {
                return Err(Thrown);
            }
            Ok(std::slice::from_raw_parts_mut(
                at.add(offset as usize).cast(),
                len as usize / 4,
            ))
        }
    }

    pub fn number(self, value: Value) -> Result<f64, Thrown> {
        let mut number = 0.0;
        // SAFETY: converts; throws when it cannot.
        match unsafe { qjs::JS_ToFloat64(self.0, &mut number, value) } {
            0 => Ok(number),
            _ => Err(Thrown),
        }
    }

    pub fn is_true(self, value: Value) -> bool {
        // SAFETY: never throws for the values the glue passes.
        unsafe { qjs::JS_ToBool(self.0, value) == 1 }
    }

    /// A property by its number; owned.
    pub fn at(self, object: Value, index: u32) -> Answer {
        // SAFETY: reads a property, which may run a getter and throw.
        self.checked(unsafe { qjs::JS_GetPropertyUint32(self.0, object, index) })
    }

    /// A property by its name; owned.
    pub fn get(self, object: Value, name: &std::ffi::CStr) -> Answer {
        // SAFETY: as above.
        self.checked(unsafe { qjs::JS_GetPropertyStr(self.0, object, name.as_ptr()) })
    }

    /// Sets a property; takes the value over.
    pub fn set(self, object: Value, name: &std::ffi::CStr, value: Value) -> Result<(), Thrown> {
        // SAFETY: QuickJS frees the value whatever happens.
        match unsafe { qjs::JS_SetPropertyStr(self.0, object, name.as_ptr(), value) } {
            -1 => Err(Thrown),
            _ => Ok(()),
        }
    }

    pub fn length(self, array: Value) -> Result<u32, Thrown> {
        let mut length = 0;
        // SAFETY: reads a property, which may run a getter and throw.
        match unsafe { qjs::JS_GetLength(self.0, array, &mut length) } {
            -1 => Err(Thrown),
            _ => Ok(u32::try_from(length).unwrap_or(u32::MAX)),
        }
    }

    pub fn string(self, text: &str) -> Answer {
        // SAFETY: QuickJS copies the text.
        self.checked(unsafe { qjs::JS_NewStringLen(self.0, text.as_ptr().cast(), text.len() as _) })
    }

    /// A string with one code unit per byte, as header values are.
    pub fn isomorphic(self, bytes: &[u8]) -> Answer {
        if bytes.is_ascii() {
            // SAFETY: ASCII is UTF-8.
            return self.string(unsafe { std::str::from_utf8_unchecked(bytes) });
        }
        self.string(&bytes.iter().map(|byte| *byte as char).collect::<String>())
    }

    /// A string of UTF-16 code units, lone surrogates included.
    pub fn utf16(self, units: &[u16]) -> Answer {
        // SAFETY: QuickJS copies the units.
        self.checked(unsafe { qjs::JS_NewStringUTF16(self.0, units.as_ptr(), units.len() as _) })
    }

    /// A new Uint8Array with a copy of the bytes.
    pub fn new_bytes(self, bytes: &[u8]) -> Answer {
        // SAFETY: QuickJS copies the bytes.
        self.checked(unsafe { qjs::JS_NewUint8ArrayCopy(self.0, bytes.as_ptr(), bytes.len() as _) })
    }

    pub fn new_number(self, number: f64) -> Value {
        // SAFETY: makes a value that needs no memory.
        unsafe { qjs::JS_NewNumber(self.0, number) }
    }

    pub fn new_bool(self, is_true: bool) -> Value {
        if is_true { qjs::JS_TRUE } else { qjs::JS_FALSE }
    }

    pub fn new_array(self) -> Answer {
        // SAFETY: allocates.
        self.checked(unsafe { qjs::JS_NewArray(self.0) })
    }

    /// Takes the values over.
    pub fn new_array_of(self, values: &[Value]) -> Answer {
        // SAFETY: QuickJS takes the values over, whatever happens.
        self.checked(unsafe { qjs::JS_NewArrayFrom(self.0, values.len() as _, values.as_ptr()) })
    }

    pub fn new_object(self) -> Answer {
        // SAFETY: allocates.
        self.checked(unsafe { qjs::JS_NewObject(self.0) })
    }

    /// Appends at a known index; takes the value over. Defines the element, so that a setter on a prototype never sees it.
    pub fn put(self, array: Value, index: u32, value: Value) -> Result<(), Thrown> {
        // SAFETY: QuickJS frees the value whatever happens.
        match unsafe {
            qjs::JS_DefinePropertyValueUint32(
                self.0,
                array,
                index,
                value,
                qjs::JS_PROP_C_W_E as i32,
            )
        } {
            -1 => Err(Thrown),
            _ => Ok(()),
        }
    }

    /// Calls a function with borrowed arguments; the result is owned.
    pub fn call(self, function: Value, arguments: &[Value]) -> Answer {
        // SAFETY: QuickJS borrows the arguments.
        self.checked(unsafe {
            qjs::JS_Call(
                self.0,
                function,
                UNDEFINED,
                arguments.len() as i32,
                arguments.as_ptr().cast_mut(),
            )
        })
    }

    pub fn free(self, value: Value) {
        // SAFETY: the caller owned it.
        unsafe { qjs::JS_FreeValue(self.0, value) }
    }

    pub fn share(self, value: Value) -> Value {
        // SAFETY: the caller has a value that is alive.
        unsafe { qjs::JS_DupValue(self.0, value) }
    }

    /// Takes the pending exception; owned.
    pub fn catch(self) -> Value {
        // SAFETY: leaves no exception pending.
        unsafe { qjs::JS_GetException(self.0) }
    }

    pub fn throw(self, class: Class, message: &str) -> Thrown {
        let message = CString::new(message.replace('\0', "\u{fffd}")).unwrap_or_default();
        // SAFETY: the format takes exactly one string. QuickJS cuts the message at 255 bytes.
        unsafe {
            match class {
                Class::Type => qjs::JS_ThrowTypeError(self.0, c"%s".as_ptr(), message.as_ptr()),
                Class::Range => qjs::JS_ThrowRangeError(self.0, c"%s".as_ptr(), message.as_ptr()),
                Class::Plain => qjs::JS_ThrowPlainError(self.0, c"%s".as_ptr(), message.as_ptr()),
            };
        }
        Thrown
    }

    pub fn checked(self, value: Value) -> Answer {
        // SAFETY: looks at the tag.
        if unsafe { qjs::JS_IsException(value) } {
            Err(Thrown)
        } else {
            Ok(value)
        }
    }

    pub fn is_exception_pending(self) -> bool {
        // SAFETY: looks.
        unsafe { qjs::JS_HasException(self.0) }
    }
}

/// The class of an exception that an operation throws.
#[derive(Clone, Copy)]
pub enum Class {
    Type,
    Range,
    Plain,
}

pub fn is_nullish(value: Value) -> bool {
    // SAFETY: looks at the tag.
    unsafe { qjs::JS_IsUndefined(value) || qjs::JS_IsNull(value) }
}

pub fn is_string(value: Value) -> bool {
    // SAFETY: looks at the tag.
    unsafe { qjs::JS_IsString(value) }
}

/// A string's text. For ASCII it is the string's own memory.
pub struct Text {
    js: Js,
    at: *const std::ffi::c_char,
    len: usize,
    repaired: Option<String>,
}

impl Text {
    /// The text as bytes, one per code unit; units above 0xff, which the classes have refused before, become `?`.
    pub fn isomorphic(&self) -> Cow<'_, [u8]> {
        if self.is_ascii() {
            return Cow::Borrowed(self.as_bytes());
        }
        Cow::Owned(
            self.chars()
                .map(|unit| u8::try_from(unit as u32).unwrap_or(b'?'))
                .collect(),
        )
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.repaired {
            Some(text) => text,
            // SAFETY: checked when it was made; the memory is held until it is dropped.
            None => unsafe {
                std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.at.cast(), self.len))
            },
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: it came from JS_ToCStringLen2.
        unsafe { qjs::JS_FreeCString(self.js.0, self.at) }
    }
}

/// QuickJS writes a lone surrogate as three bytes (ED A0..BF xx), which UTF-8 forbids.
fn repair(bytes: &[u8]) -> String {
    let mut fixed = bytes.to_vec();
    for at in 0..fixed.len().saturating_sub(2) {
        if fixed[at] == 0xed && fixed[at + 1] >= 0xa0 {
            fixed[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8_lossy(&fixed).into_owned()
}
