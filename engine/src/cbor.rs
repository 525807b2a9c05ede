//! CBOR (RFC 8949) for arguments and results of the host's operations: the shapes that README.md names, and no others.

use rquickjs::qjs;

use crate::js::{Answer, Class, Js, NULL, Thrown, UNDEFINED, Value, is_string};

pub fn encode(js: Js, value: Value) -> Result<Vec<u8>, Thrown> {
    let mut out = Vec::new();
    write(js, value, &mut out, 0)?;
    Ok(out)
}

pub fn decode(js: Js, bytes: &[u8]) -> Answer {
    if bytes.is_empty() {
        return Ok(UNDEFINED);
    }
    let mut rest = bytes;
    read(js, &mut rest, 0)
}

/// Deeper is a mistake of ours, and would eat the stack.
const DEEPEST: u32 = 64;

mod major {
    pub const UNSIGNED: u8 = 0;
    pub const NEGATIVE: u8 = 1;
    pub const BYTES: u8 = 2;
    pub const TEXT: u8 = 3;
    pub const ARRAY: u8 = 4;
    pub const MAP: u8 = 5;
    pub const SIMPLE: u8 = 7;
}

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL_BYTE: u8 = 0xf6;
const UNDEFINED_BYTE: u8 = 0xf7;
const FLOAT64: u8 = 0xfb;

fn write(js: Js, value: Value, out: &mut Vec<u8>, depth: u32) -> Result<(), Thrown> {
    if depth > DEEPEST {
        return Err(js.throw(Class::Range, "The value is nested too deeply"));
    }
    // SAFETY: the functions of qjs here look at the value's tag and class.
    unsafe {
        if qjs::JS_IsUndefined(value) {
            out.push(UNDEFINED_BYTE);
        } else if qjs::JS_IsNull(value) {
            out.push(NULL_BYTE);
        } else if qjs::JS_IsBool(value) {
            out.push(if js.is_true(value) { TRUE } else { FALSE });
        } else if qjs::JS_IsNumber(value) {
            number(js.number(value)?, out);
        } else if is_string(value) {
            let text = js.text(value)?;
            head(major::TEXT, text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        } else if qjs::JS_IsArrayBuffer(value) || qjs::JS_GetTypedArrayType(value) >= 0 {
            let bytes = js.bytes(value)?;
            head(major::BYTES, bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        } else if qjs::JS_IsArray(value) {
            let count = js.length(value)?;
            head(major::ARRAY, count.into(), out);
            for index in 0..count {
                let element = js.at(value, index)?;
                write(js, element, out, depth + 1)?;
                js.free(element);
            }
        } else if qjs::JS_IsObject(value) {
            map(js, value, out, depth)?;
        } else {
            return Err(js.throw(Class::Type, "The value cannot be given to the host"));
        }
    }
    Ok(())
}

fn map(js: Js, object: Value, out: &mut Vec<u8>, depth: u32) -> Result<(), Thrown> {
    let mut names: *mut qjs::JSPropertyEnum = std::ptr::null_mut();
    let mut count = 0;
    let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
    // SAFETY: QuickJS gives an array of `count` names, which is freed below.
    unsafe {
        if qjs::JS_GetOwnPropertyNames(js.0, &mut names, &mut count, object, flags) < 0 {
            return Err(Thrown);
        }
        head(major::MAP, count.into(), out);
        let mut result = Ok(());
        for index in 0..count as usize {
            let name = (*names.add(index)).atom;
            result = result.and_then(|()| {
                let key = js.checked(qjs::JS_AtomToString(js.0, name))?;
                write(js, key, out, depth + 1)?;
                js.free(key);
                let element = js.checked(qjs::JS_GetProperty(js.0, object, name))?;
                write(js, element, out, depth + 1)?;
                js.free(element);
                Ok(())
            });
        }
        qjs::JS_FreePropertyEnum(js.0, names, count);
        result
    }
}

fn number(number: f64, out: &mut Vec<u8>) {
    let is_whole = number.fract() == 0.0
        && number.abs() <= 9_007_199_254_740_991.0
        && !(number == 0.0 && number.is_sign_negative());
    if !is_whole {
        out.push(FLOAT64);
        out.extend_from_slice(&number.to_be_bytes());
    } else if number < 0.0 {
        head(major::NEGATIVE, (-1.0 - number) as u64, out);
    } else {
        head(major::UNSIGNED, number as u64, out);
    }
}

fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    match argument {
        0..24 => out.push(major | argument as u8),
        24..0x100 => out.extend_from_slice(&[major | 24, argument as u8]),
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend_from_slice(&(argument as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend_from_slice(&(argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&argument.to_be_bytes());
        }
    }
}

fn read(js: Js, rest: &mut &[u8], depth: u32) -> Answer {
    let malformed = || js.throw(Class::Type, "The host's answer is malformed");
    let first = *rest.split_off_first().ok_or_else(malformed)?;
    if depth > DEEPEST {
        return Err(malformed());
    }
    let (major, info) = (first >> 5, first & 31);
    if major == major::SIMPLE {
        return match first {
            FALSE => Ok(js.new_bool(false)),
            TRUE => Ok(js.new_bool(true)),
            NULL_BYTE => Ok(NULL),
            UNDEFINED_BYTE => Ok(UNDEFINED),
            FLOAT64 => {
                let bytes = rest.split_off(..8).ok_or_else(malformed)?;
                Ok(js.new_number(f64::from_be_bytes(
                    bytes.try_into().map_err(|_| malformed())?,
                )))
            }
            _ => Err(malformed()),
        };
    }
    let argument = match info {
        0..24 => u64::from(info),
        24..28 => {
            let bytes = rest.split_off(..1 << (info - 24)).ok_or_else(malformed)?;
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        }
        _ => return Err(malformed()),
    };
    match major {
        major::UNSIGNED => Ok(js.new_number(argument as f64)),
        major::NEGATIVE => Ok(js.new_number(-1.0 - argument as f64)),
        major::BYTES => js.new_bytes(rest.split_off(..argument as usize).ok_or_else(malformed)?),
        major::TEXT => {
            let bytes = rest.split_off(..argument as usize).ok_or_else(malformed)?;
            js.string(std::str::from_utf8(bytes).map_err(|_| malformed())?)
        }
        major::ARRAY => {
            let array = js.new_array()?;
            for index in 0..argument as u32 {
                js.put(array, index, read(js, rest, depth + 1)?)?;
            }
            Ok(array)
        }
        major::MAP => {
            let object = js.new_object()?;
            for _ in 0..argument {
                let key = read(js, rest, depth + 1)?;
                let value = read(js, rest, depth + 1)?;
                // SAFETY: QuickJS takes the value over; the key is ours to free.
                unsafe {
                    let name = qjs::JS_ValueToAtom(js.0, key);
                    qjs::JS_DefinePropertyValue(
                        js.0,
                        object,
                        name,
                        value,
                        qjs::JS_PROP_C_W_E as i32,
                    );
                    qjs::JS_FreeAtom(js.0, name);
                }
                js.free(key);
            }
            Ok(object)
        }
        _ => Err(malformed()),
    }
}
