//! Header lists: arrays of [name, value]. Checking and searching them character by character in JavaScript is most of what
//! a small Response costs.

use rquickjs::qjs;

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL, Text, Thrown, UNDEFINED, Value, is_string};

pub const OPS: Table = table![
    append_header,
    default_header,
    fill_headers,
    get_header,
    has_header,
    set_header,
    delete_header,
    lowered_headers
];

/// (list, name, value)
fn append_header(js: Js, arguments: Arguments) -> Answer {
    append(js, arguments.at(0), arguments.at(1), arguments.at(2))?;
    Ok(UNDEFINED)
}

/// (list, name, value): unless there is a header of the name; name and value are ours.
fn default_header(js: Js, arguments: Arguments) -> Answer {
    let (list, name) = (arguments.at(0), arguments.at(1));
    let mut is_there = false;
    each_match(js, list, &js.text(name)?, |_, _| {
        is_there = true;
        Ok(())
    })?;
    if !is_there {
        push(js, list, name, js.share(arguments.at(2)))?;
    }
    Ok(UNDEFINED)
}

/// (list, object) → true when the object was a plain record of texts, which is now in the list
fn fill_headers(js: Js, arguments: Arguments) -> Answer {
    let (list, object) = (arguments.at(0), arguments.at(1));
    let mut names: *mut qjs::JSPropertyEnum = std::ptr::null_mut();
    let mut count = 0;
    let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
    // SAFETY: QuickJS gives an array of `count` names, which is freed below; a proxy's traps have been ruled out.
    unsafe {
        if qjs::JS_IsProxy(object) {
            return Ok(js.new_bool(false));
        }
        if qjs::JS_GetOwnPropertyNames(js.0, &mut names, &mut count, object, flags) < 0 {
            return Err(Thrown);
        }
        let mut filled = Ok(true);
        for index in 0..count as usize {
            let atom = (*names.add(index)).atom;
            filled = filled.and_then(|is_plain| Ok(is_plain && fill_one(js, list, object, atom)?));
        }
        qjs::JS_FreePropertyEnum(js.0, names, count);
        Ok(js.new_bool(filled?))
    }
}

fn fill_one(js: Js, list: Value, object: Value, atom: qjs::JSAtom) -> Result<bool, Thrown> {
    // SAFETY: both values are owned here, and freed.
    unsafe {
        let name = js.checked(qjs::JS_AtomToString(js.0, atom))?;
        let mut value = js.checked(qjs::JS_GetProperty(js.0, object, atom))?;
        if !is_string(value) {
            let text = js.checked(qjs::JS_ToString(js.0, value));
            js.free(value);
            value = text?;
        }
        append(js, list, name, value)?;
        js.free(name);
        js.free(value);
    }
    Ok(true)
}

/// (list, name) → the value, those of several headers joined, or null
fn get_header(js: Js, arguments: Arguments) -> Answer {
    let list = arguments.at(0);
    let name = checked_name(js, arguments.at(1))?;
    let mut found: Option<String> = None;
    let mut only = NULL;
    each_match(js, list, &name, |pair, _| {
        let value = js.at(pair, 1)?;
        match &mut found {
            // One value is the usual case, and needs no copy.
            None => {
                found = Some(js.text(value)?.to_string());
                only = value;
                return Ok(());
            }
            Some(values) => {
                values.push_str(", ");
                values.push_str(&js.text(value)?);
                js.free(only);
                only = NULL;
            }
        }
        js.free(value);
        Ok(())
    })?;
    match found {
        Some(values) if crate::js::is_nullish(only) => js.string(&values),
        _ => Ok(only),
    }
}

/// (list, name)
fn has_header(js: Js, arguments: Arguments) -> Answer {
    let name = checked_name(js, arguments.at(1))?;
    let mut is_there = false;
    each_match(js, arguments.at(0), &name, |_, _| {
        is_there = true;
        Ok(())
    })?;
    Ok(js.new_bool(is_there))
}

/// (list, name, value): the first header of the name gets the value, the others go.
fn set_header(js: Js, arguments: Arguments) -> Answer {
    let list = arguments.at(0);
    let name = checked_name(js, arguments.at(1))?;
    let value = checked_value(js, arguments.at(2))?;
    let mut matches = Vec::new();
    each_match(js, list, &name, |pair, index| {
        if matches.is_empty() {
            js.put(pair, 1, js.share(value))?;
        }
        matches.push(index);
        Ok(())
    })?;
    match matches.split_first() {
        None => push(js, list, arguments.at(1), value)?,
        Some((_, others)) => {
            js.free(value);
            remove(js, list, others)?;
        }
    }
    Ok(UNDEFINED)
}

/// (list, name)
fn delete_header(js: Js, arguments: Arguments) -> Answer {
    let list = arguments.at(0);
    let name = checked_name(js, arguments.at(1))?;
    let mut matches = Vec::new();
    each_match(js, list, &name, |_, index| {
        matches.push(index);
        Ok(())
    })?;
    remove(js, list, &matches)?;
    Ok(UNDEFINED)
}

/// (list) → [name in lower case, value] in the order of the names, headers of one name joined except set-cookie
fn lowered_headers(js: Js, arguments: Arguments) -> Answer {
    let list = arguments.at(0);
    let mut entries: Vec<(String, String)> = Vec::new();
    for index in 0..js.length(list)? {
        let pair = js.at(list, index)?;
        let (name, value) = (js.at(pair, 0)?, js.at(pair, 1)?);
        let (lower, text) = (
            js.text(name)?.to_ascii_lowercase(),
            js.text(value)?.to_string(),
        );
        match entries
            .iter_mut()
            .find(|(other, _)| *other == lower && lower != "set-cookie")
        {
            Some((_, values)) => {
                if !values.is_empty() {
                    values.push_str(", ");
                }
                values.push_str(&text);
            }
            None => entries.push((lower, text)),
        }
        js.free(name);
        js.free(value);
        js.free(pair);
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let sorted = js.new_array()?;
    for (index, (name, value)) in entries.iter().enumerate() {
        let pair = js.new_array_of(&[js.string(name)?, js.string(value)?])?;
        js.put(sorted, index as u32, pair)?;
    }
    Ok(sorted)
}

/// A later header of a name is spelled like the first (Fetch §2.2.2).
fn append(js: Js, list: Value, name: Value, value: Value) -> Result<(), Thrown> {
    let text = checked_name(js, name)?;
    let value = checked_value(js, value)?;
    let mut spelling = None;
    each_match(js, list, &text, |pair, _| {
        if spelling.is_none() {
            spelling = Some(js.at(pair, 0)?);
        }
        Ok(())
    })?;
    push(js, list, spelling.unwrap_or(name), value)?;
    if let Some(spelling) = spelling {
        js.free(spelling);
    }
    Ok(())
}

/// Borrows the name, takes the value over.
fn push(js: Js, list: Value, name: Value, value: Value) -> Result<(), Thrown> {
    let pair = js.new_array_of(&[js.share(name), value])?;
    js.put(list, js.length(list)?, pair)
}

/// Calls with each pair of the name, and its index.
fn each_match(
    js: Js,
    list: Value,
    name: &str,
    mut then: impl FnMut(Value, u32) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    for index in 0..js.length(list)? {
        let pair = js.at(list, index)?;
        let other = js.at(pair, 0)?;
        if js.text(other)?.eq_ignore_ascii_case(name) {
            then(pair, index)?;
        }
        js.free(other);
        js.free(pair);
    }
    Ok(())
}

fn remove(js: Js, list: Value, indexes: &[u32]) -> Result<(), Thrown> {
    if indexes.is_empty() {
        return Ok(());
    }
    let (count, mut kept) = (js.length(list)?, 0);
    for index in 0..count {
        if !indexes.contains(&index) {
            js.put(list, kept, js.at(list, index)?)?;
            kept += 1;
        }
    }
    // SAFETY: shortens an array.
    match unsafe { qjs::JS_SetLength(js.0, list, kept.into()) } {
        -1 => Err(Thrown),
        _ => Ok(()),
    }
}

/// A token (RFC 9110 §5.6.2).
fn checked_name(js: Js, name: Value) -> Result<Text, Thrown> {
    let text = js.text(name)?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_token) {
        return Err(js.throw(Class::Type, &format!("Invalid header name: \"{}\"", &*text)));
    }
    Ok(text)
}

/// Without white space around it; owned.
fn checked_value(js: Js, value: Value) -> Answer {
    let text = js.text(value)?;
    if !text.is_ascii() && text.chars().any(|unit| unit as u32 > 0xff) {
        return Err(js.throw(
            Class::Type,
            &format!("The header value \"{}\" is not a valid ByteString", &*text),
        ));
    }
    let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
    if trimmed
        .bytes()
        .any(|byte| matches!(byte, b'\r' | b'\n' | 0))
    {
        return Err(js.throw(
            Class::Type,
            &format!("Invalid header value: \"{}\"", &*text),
        ));
    }
    if trimmed.len() == text.len() {
        Ok(js.share(value))
    } else {
        js.string(trimmed)
    }
}
