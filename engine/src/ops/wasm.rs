//! What js/webassembly.js stands on. Modules, instances, memories, tables and globals are numbers there.

use super::{Arguments, Table, table};
use crate::js::{Answer, Class, Js, NULL, Thrown, UNDEFINED, Value, is_nullish};
use crate::wasm::parts::{GLOBALS, Global, MEMORIES, Memory, TABLES, Table as Elements};
use crate::wasm::{self, Made, OUTLINES, function, values};

pub const OPS: Table = table![
    wasm_validate,
    wasm_define,
    wasm_instantiate,
    wasm_function,
    wasm_signature,
    wasm_imported,
    wasm_memory,
    wasm_pages,
    wasm_buffer,
    wasm_grow,
    wasm_table,
    wasm_length,
    wasm_get,
    wasm_set,
    wasm_grow_table,
    wasm_global,
    wasm_read,
    wasm_write,
];

/// (bytes) → whether they are a module
fn wasm_validate(js: Js, arguments: Arguments) -> Answer {
    Ok(js.new_bool(crate::host::validate(js.bytes(arguments.at(0))?)))
}

/// (outline as JSON) → module
fn wasm_define(js: Js, arguments: Arguments) -> Answer {
    let text = js.text(arguments.at(0))?;
    match wasm::define(&text) {
        Some(number) => Ok(js.new_number(number as f64)),
        None => Err(js.throw(Class::Plain, "the module's outline cannot be read")),
    }
}

/// (module, functions, memory or null, tables, cells or values of the globals, a letter for each, or - for a cell) → instance
fn wasm_instantiate(js: Js, arguments: Arguments) -> Answer {
    let functions = owned(js, arguments.at(1))?;
    let mut tables = Vec::new();
    for table in owned(js, arguments.at(3))? {
        tables.push(js.number(table)? as usize);
    }
    let letters = js.text(arguments.at(5))?.to_string();
    let mut globals = Vec::new();
    for (letter, value) in letters.bytes().zip(owned(js, arguments.at(4))?) {
        // SAFETY: looks at the tag.
        let is_missing = unsafe { rquickjs::qjs::JS_IsUndefined(value) };
        globals.push(match letter {
            b'-' => [js.number(value)? as u64, 0],
            _ if is_missing => [0, 0],
            letter => values::to_wasm(js, letter, value)?,
        });
        js.free(value);
    }
    let memory = arguments.at(2);
    let made = Made {
        outline: arguments.u32(js, 0)? as usize,
        functions,
        memory: match is_nullish(memory) {
            true => None,
            false => Some(js.number(memory)? as usize),
        },
        tables,
        globals,
    };
    wasm::instantiate(js, made).map(|instance| js.new_number(instance as f64))
}

/// The values of an array; owned.
fn owned(js: Js, list: Value) -> Result<Vec<Value>, Thrown> {
    (0..js.length(list)?).map(|index| js.at(list, index)).collect()
}

/// (instance, function's index) → the exported function
fn wasm_function(js: Js, arguments: Arguments) -> Answer {
    let (instance, number) = (arguments.u32(js, 0)? as usize, arguments.u32(js, 1)?);
    let outline = wasm::INSTANCES.borrow()[instance].outline();
    match outline.place_of(number) {
        Some(place) => function::of_place(js, instance, place),
        None => Ok(UNDEFINED),
    }
}

/// (value) → the signature of an exported function, or null
fn wasm_signature(js: Js, arguments: Arguments) -> Answer {
    match function::target(arguments.at(0)) {
        Some((instance, place)) => {
            let outline = wasm::INSTANCES.borrow()[instance].outline();
            js.string(&outline.signature(place).text())
        }
        None => Ok(NULL),
    }
}

/// (module, imported function's index) → its signature
fn wasm_imported(js: Js, arguments: Arguments) -> Answer {
    let outline = OUTLINES.borrow()[arguments.u32(js, 0)? as usize];
    let signature = outline.imported(arguments.u32(js, 1)?);
    js.string(&signature.map(|it| it.text()).unwrap_or_default())
}

fn maximum(js: Js, arguments: Arguments, index: usize) -> Result<Option<u32>, Thrown> {
    match is_nullish(arguments.at(index)) {
        true => Ok(None),
        false => arguments.u32(js, index).map(Some),
    }
}

fn number_or_null(js: Js, number: Option<usize>) -> Answer {
    Ok(number.map_or(NULL, |number| js.new_number(number as f64)))
}

/// (pages, most pages or null) → memory, or null
fn wasm_memory(js: Js, arguments: Arguments) -> Answer {
    let maximum = maximum(js, arguments, 1)?;
    number_or_null(js, Memory::make(arguments.u32(js, 0)?, maximum))
}

/// (memory) → its pages
fn wasm_pages(js: Js, arguments: Arguments) -> Answer {
    let pages = MEMORIES.borrow()[arguments.u32(js, 0)? as usize].pages();
    Ok(js.new_number(pages.into()))
}

/// (memory) → the ArrayBuffer over it
fn wasm_buffer(js: Js, arguments: Arguments) -> Answer {
    let buffer = MEMORIES.borrow()[arguments.u32(js, 0)? as usize].buffer(js)?;
    Ok(js.share(buffer))
}

/// (memory, by) → pages before, or null
fn wasm_grow(js: Js, arguments: Arguments) -> Answer {
    let by = arguments.u32(js, 1)?;
    let grown = MEMORIES.borrow()[arguments.u32(js, 0)? as usize].grow(js, by);
    number_or_null(js, grown.map(|pages| pages as usize))
}

/// (is external, length, greatest length or null, value) → table, or null
fn wasm_table(js: Js, arguments: Arguments) -> Answer {
    let is_external = js.is_true(arguments.at(0));
    let (length, maximum) = (arguments.u32(js, 1)?, maximum(js, arguments, 2)?);
    let reference = reference(js, is_external, arguments, 3)?;
    number_or_null(js, Elements::make(is_external, length, maximum, reference))
}

fn reference(js: Js, is_external: bool, arguments: Arguments, index: usize) -> Result<u32, Thrown> {
    let letter = if is_external { b'e' } else { b'a' };
    values::to_wasm(js, letter, arguments.at(index)).map(|bits| bits[0] as u32)
}

/// (table) → its length
fn wasm_length(js: Js, arguments: Arguments) -> Answer {
    let length = TABLES.borrow()[arguments.u32(js, 0)? as usize].references().len();
    Ok(js.new_number(length as f64))
}

/// (table, index) → the element, or undefined when there is none
fn wasm_get(js: Js, arguments: Arguments) -> Answer {
    let table = &mut TABLES.borrow()[arguments.u32(js, 0)? as usize];
    let letter = if table.is_external { b'e' } else { b'a' };
    let reference = table.references().get(arguments.u32(js, 1)? as usize).copied();
    match reference {
        Some(reference) => values::to_js(js, letter, [reference.into(), 0]),
        None => Ok(UNDEFINED),
    }
}

/// (table, index, value) → whether there is such an element
fn wasm_set(js: Js, arguments: Arguments) -> Answer {
    let (number, index) = (arguments.u32(js, 0)? as usize, arguments.u32(js, 1)? as usize);
    let is_external = TABLES.borrow()[number].is_external;
    let reference = reference(js, is_external, arguments, 2)?;
    let element = TABLES.borrow()[number].references().get_mut(index);
    Ok(js.new_bool(element.map(|element| *element = reference).is_some()))
}

/// (table, by, value) → the length before, or null
fn wasm_grow_table(js: Js, arguments: Arguments) -> Answer {
    let (number, by) = (arguments.u32(js, 0)? as usize, arguments.u32(js, 1)?);
    let is_external = TABLES.borrow()[number].is_external;
    let reference = reference(js, is_external, arguments, 2)?;
    let grown = TABLES.borrow()[number].grow(by, reference);
    number_or_null(js, grown.map(|length| length as usize))
}

/// (letter, value or undefined) → cell
fn wasm_global(js: Js, arguments: Arguments) -> Answer {
    let letter = js.text(arguments.at(0))?.bytes().next().unwrap_or(b'i');
    let value = arguments.at(1);
    // SAFETY: looks at the tag.
    let bits = match unsafe { rquickjs::qjs::JS_IsUndefined(value) } && letter != b'e' {
        true => [0, 0],
        false => values::to_wasm(js, letter, value)?,
    };
    Ok(js.new_number(Global::make(letter, bits) as f64))
}

/// (cell) → its value
fn wasm_read(js: Js, arguments: Arguments) -> Answer {
    let cell = &GLOBALS.borrow()[arguments.u32(js, 0)? as usize];
    values::to_js(js, cell.letter, cell.bits)
}

/// (cell, value)
fn wasm_write(js: Js, arguments: Arguments) -> Answer {
    let number = arguments.u32(js, 0)? as usize;
    let letter = GLOBALS.borrow()[number].letter;
    let bits = values::to_wasm(js, letter, arguments.at(1))?;
    GLOBALS.borrow()[number].bits = bits;
    Ok(UNDEFINED)
}
