//! The rewritten module, section by section.

mod functions;

use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction as I, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

use functions::{Outside, enter_function, enter_start, fill, places, reload, restore, save, start};

use super::emit::{self, Layout, lowered, number, write};
use super::shape::Shape;
use super::{CIRQUE, ENGINE, ENTER, body, operation};
use crate::runtime::checks::Refusal;

/// Types of our own, behind the module's.
struct Types {
    /// For each of the engine's functions.
    imports: Vec<u32>,
    nothing: u32,
    /// (place, slots) -> 0 or a kind
    entry: u32,
    /// (operation, place, slots) -> 0 or a kind
    enter: u32,
    /// (address, value, count)
    fill: u32,
    /// (address, count)
    places: u32,
    /// For each signature: the same with a handle behind the parameters.
    foreign: Vec<u32>,
}

/// The module, rewritten.
///
/// # Errors
/// [`Refusal::WasmModule`]
pub(super) fn module(shape: &Shape<'_>) -> Result<Vec<u8>, Refusal> {
    let layout = Layout::new(shape);
    let mut type_section = TypeSection::new();
    let types = types(shape, &mut type_section);
    let (functions, code) = functions(&layout, &types)?;
    let mut module = Module::new();
    module
        .section(&type_section)
        .section(&imports(&types))
        .section(&functions);
    // Functions with a handle, then what `enter` can do.
    let entered: Vec<u32> = [emit::SAVE, emit::RESTORE, emit::ENTER_START]
        .into_iter()
        .chain((0..shape.signatures.len() as u32).map(|signature| emit::ENTER + signature))
        .map(|helper| layout.helper(helper))
        .collect();
    let placed: Vec<u32> = shape
        .places
        .iter()
        .map(|function| layout.function(*function))
        .chain(entered)
        .collect();
    let length = placed.len() as u64;
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: length,
        maximum: Some(length),
        table64: false,
        shared: false,
    });
    let mut exports = ExportSection::new();
    let enter = layout.helper(emit::ENTER + shape.signatures.len() as u32);
    exports.export(ENTER, ExportKind::Func, enter);
    let mut elements = ElementSection::new();
    elements.active(
        Some(0),
        &ConstExpr::i32_const(0),
        Elements::Functions(placed.into()),
    );
    let data = data(shape);
    module
        .section(&tables)
        .section(&globals(&layout))
        .section(&exports)
        .section(&elements)
        .section(&DataCountSection { count: data.len() })
        .section(&code)
        .section(&data);
    Ok(module.finish())
}

fn types(shape: &Shape<'_>, section: &mut TypeSection) -> Types {
    let mut count = 0;
    let mut add = |params: Vec<ValType>, results: Vec<ValType>| {
        section.ty().function(params, results);
        count += 1;
        count - 1
    };
    let all = |types: &[wasmparser::ValType]| types.iter().map(|ty| lowered(*ty)).collect();
    for ty in &shape.types {
        add(all(ty.params()), all(ty.results()));
    }
    let i32s = |count: u32| vec![ValType::I32; count as usize];
    Types {
        imports: emit::IMPORTS
            .iter()
            .map(|(_, params)| add(i32s(*params), i32s(1)))
            .collect(),
        nothing: add(i32s(0), i32s(0)),
        entry: add(i32s(2), i32s(1)),
        enter: add(i32s(3), i32s(1)),
        fill: add(i32s(3), i32s(0)),
        places: add(i32s(2), i32s(0)),
        foreign: shape
            .signatures
            .iter()
            .map(|ty| {
                let mut params: Vec<ValType> = all(ty.params());
                params.push(ValType::I32);
                add(params, all(ty.results()))
            })
            .collect(),
    }
}

fn imports(types: &Types) -> ImportSection {
    let mut imports = ImportSection::new();
    for ((name, _), ty) in emit::IMPORTS.iter().zip(&types.imports) {
        imports.import(ENGINE, name, EntityType::Function(*ty));
    }
    imports.import(
        CIRQUE,
        "memory",
        MemoryType {
            minimum: 0,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        },
    );
    let ty = GlobalType {
        val_type: ValType::I32,
        mutable: false,
        shared: false,
    };
    imports.import(CIRQUE, "control", ty);
    imports
}

fn globals(layout: &Layout<'_, '_>) -> GlobalSection {
    let mut globals = GlobalSection::new();
    for index in emit::BASE..layout.globals_total {
        let ty = global_type(layout, index);
        let zero = match ty {
            ValType::I64 => ConstExpr::i64_const(0),
            ValType::F32 => ConstExpr::f32_const(0.0.into()),
            ValType::F64 => ConstExpr::f64_const(0.0.into()),
            ValType::V128 => ConstExpr::v128_const(0),
            _ => ConstExpr::i32_const(0),
        };
        let ty = GlobalType {
            val_type: ty,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &zero);
    }
    globals
}

/// The type of a global of the rewritten module.
fn global_type(layout: &Layout<'_, '_>, index: u32) -> ValType {
    let own = index.checked_sub(layout.global(0));
    let own = own.and_then(|index| layout.shape.globals.get(index as usize));
    match own {
        Some(global) if !global.is_cell => lowered(global.ty),
        // A cell's address, a segment's flag.
        _ if index == emit::LIMIT => ValType::I64,
        _ => ValType::I32,
    }
}

/// The module's own data, then the places of its element segments. All are applied by code.
fn data(shape: &Shape<'_>) -> DataSection {
    let mut section = DataSection::new();
    for data in &shape.data {
        section.passive(data.bytes.iter().copied());
    }
    for element in &shape.elements {
        let places = element.items.iter().flat_map(|item| {
            let place = item.and_then(|function| shape.place_of(function));
            place.unwrap_or(NO_PLACE).to_le_bytes()
        });
        section.passive(places.collect::<Vec<u8>>());
    }
    section
}

/// In place of a function's place: null.
const NO_PLACE: u32 = u32::MAX;

/// All functions, in the order that [`Layout`] counts on.
fn functions(
    layout: &Layout<'_, '_>,
    types: &Types,
) -> Result<(FunctionSection, CodeSection), Refusal> {
    let shape = layout.shape;
    let (mut section, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut add = |ty: u32, function: &Function| {
        section.function(ty);
        code.function(function);
    };
    let imported = shape.imported_functions as usize;
    for (index, ty) in (0..).zip(shape.functions.iter().take(imported)) {
        let outside = Outside {
            params: shape.type_of(*ty)?.params(),
            results: shape.type_of(*ty)?.results(),
            function: emit::CALL_IMPORT,
            before: vec![I::GlobalGet(emit::CONTROL), number(index)],
            extra: 0,
        };
        add(*ty, &outside.call(layout));
    }
    let defined = shape.functions.iter().skip(imported);
    for (ty, body) in defined.zip(&shape.bodies) {
        add(*ty, &body::rewrite(layout, *ty, body)?);
    }
    add(types.nothing, &reload(layout));
    for (index, (ty, foreign)) in (0..).zip(shape.signatures.iter().zip(&types.foreign)) {
        let handle = ty.params().len() as u32;
        let outside = Outside {
            params: ty.params(),
            results: ty.results(),
            function: emit::CALL_HANDLE,
            before: vec![
                I::GlobalGet(emit::CONTROL),
                number(index),
                I::LocalGet(handle),
            ],
            extra: 1,
        };
        add(*foreign, &outside.call(layout));
    }
    add(types.fill, &fill());
    add(types.places, &places());
    add(types.entry, &save(layout));
    add(types.entry, &restore(layout));
    add(types.nothing, &start(layout)?);
    add(types.entry, &enter_start(layout));
    for (index, ty) in (0..).zip(&shape.signatures) {
        add(types.entry, &enter_function(layout, index, ty)?);
    }
    let first = shape.places.len() as u32;
    let mut enter = Function::new([]);
    write(
        &mut enter,
        &[
            I::LocalGet(1),
            I::LocalGet(2),
            I::LocalGet(0),
            number(first),
            I::I32Add,
            I::CallIndirect {
                type_index: types.entry,
                table_index: 0,
            },
            I::End,
        ],
    );
    add(types.enter, &enter);
    Ok((section, code))
}

const _: () = assert!(
    operation::SAVE == 0
        && operation::RESTORE == 1
        && operation::START == 2
        && operation::CALL == 3,
    "the order of what `enter` calls"
);
