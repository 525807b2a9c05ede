//! What `require` in CommonJS parts stands on.

use super::{Arguments, Table, table};
use crate::js::{Answer, Js};
use crate::modules::{self, BUNDLE, Kind};

pub const OPS: Table = table![resolve_module, is_commonjs, module_value, compile_commonjs];

/// (who requires, specifier) → name
fn resolve_module(js: Js, arguments: Arguments) -> Answer {
    let (importer, specifier) = (
        js.text(arguments.at(0))?.to_string(),
        js.text(arguments.at(1))?.to_string(),
    );
    js.string(&modules::resolve(js, &importer, &specifier)?)
}

fn is_commonjs(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(0))?;
    Ok(js.new_bool(
        BUNDLE
            .borrow()
            .part(&name)
            .is_some_and(|part| part.kind == Kind::CommonJs),
    ))
}

/// (name) → what a part that is no ES module is worth
fn module_value(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(0))?.to_string();
    modules::value_of(js, &name)
}

/// (name) → the function (exports, require, module) around the part's source
fn compile_commonjs(js: Js, arguments: Arguments) -> Answer {
    let name = js.text(arguments.at(0))?.to_string();
    modules::compile_commonjs(js, &name)
}
