//! Functions of our own: the ways between the module's functions and the engine.

use wasm_encoder::{BlockType, Function, Instruction as I, ValType};
use wasmparser::FuncType;

use super::super::body::Body;
use super::super::emit::{self, Layout, SLOT_BYTES, load, lowered, number, store, write};
use super::super::{Kind, refused};
use super::{NO_PLACE, global_type};
use crate::runtime::checks::Refusal;

/// What a call of the engine may take of the stack.
const ENGINE_FRAME_BYTES: u32 = 1_024;

/// A call that leaves the module, by way of the engine.
pub(super) struct Outside<'t> {
    pub params: &'t [wasmparser::ValType],
    pub results: &'t [wasmparser::ValType],
    pub function: u32,
    pub before: Vec<I<'static>>,
    /// Parameters that do not go into slots.
    pub extra: u32,
}

impl Outside<'_> {
    pub(super) fn call(&self, layout: &Layout<'_, '_>) -> Function {
        let slots = self.params.len() as u32 + self.extra;
        let bytes = self.params.len().max(self.results.len()) as u64 * SLOT_BYTES;
        let results: Vec<ValType> = self.results.iter().map(|ty| lowered(*ty)).collect();
        let mut function = Function::new([(1, ValType::I32)]);
        emit::open(&mut function);
        write(
            &mut function,
            &[
                I::GlobalGet(emit::SLOTS),
                I::LocalTee(slots),
                number(bytes as u32),
                I::I32Add,
                I::GlobalGet(emit::SHARED),
                load(ValType::I32, emit::SHARED_END),
                I::I32GtU,
                I::GlobalGet(emit::DEPTH),
                number(ENGINE_FRAME_BYTES),
                I::I32LtS,
                I::I32Or,
                I::BrIf(emit::landing(Kind::Stack)),
            ],
        );
        for (index, ty) in (0_u32..).zip(self.params) {
            let offset = u64::from(index) * SLOT_BYTES;
            let value = [
                I::LocalGet(slots),
                I::LocalGet(index),
                store(lowered(*ty), offset),
            ];
            write(&mut function, &value);
        }
        write(
            &mut function,
            &[
                I::GlobalGet(emit::SHARED),
                I::LocalGet(slots),
                number(bytes as u32),
                I::I32Add,
                store(ValType::I32, emit::SHARED_SLOTS),
                I::GlobalGet(emit::SHARED),
                I::GlobalGet(emit::DEPTH),
                number(ENGINE_FRAME_BYTES),
                I::I32Sub,
                store(ValType::I32, emit::SHARED_DEPTH),
            ],
        );
        write(&mut function, &self.before);
        write(
            &mut function,
            &[
                I::LocalGet(slots),
                I::Call(self.function),
                I::GlobalSet(emit::UNWIND),
                // What came back into this module meanwhile has moved it on.
                I::LocalGet(slots),
                I::GlobalSet(emit::SLOTS),
                I::Call(layout.reload()),
                I::GlobalGet(emit::UNWIND),
                I::BrIf(emit::LEAVE),
            ],
        );
        for (index, ty) in (0_u32..).zip(&results) {
            let offset = u64::from(index) * SLOT_BYTES;
            write(&mut function, &[I::LocalGet(slots), load(*ty, offset)]);
        }
        emit::close(&mut function, &results);
        function
    }
}

/// Reads again where memory and tables are.
pub(super) fn reload(layout: &Layout<'_, '_>) -> Function {
    let mut function = Function::new([]);
    if layout.shape.memory.is_some() {
        write(
            &mut function,
            &[
                I::GlobalGet(emit::MEMORY),
                load(ValType::I32, 0),
                I::GlobalSet(emit::BASE),
                I::GlobalGet(emit::MEMORY),
                load(ValType::I64, 8),
                I::GlobalSet(emit::LIMIT),
            ],
        );
    }
    for table in 0..layout.shape.tables.len() as u32 {
        write(
            &mut function,
            &[
                I::GlobalGet(layout.table(table)),
                load(ValType::I32, 0),
                I::GlobalSet(layout.elements(table)),
                I::GlobalGet(layout.table(table)),
                load(ValType::I32, 4),
                I::GlobalSet(layout.length(table)),
            ],
        );
    }
    function.instruction(&I::End);
    function
}

/// Does something to `count` words from an address on.
fn each_word(function: &mut Function, count: u32, word: &[I<'_>]) {
    write(
        function,
        &[
            I::Block(BlockType::Empty),
            I::Loop(BlockType::Empty),
            I::LocalGet(count),
            I::I32Eqz,
            I::BrIf(1),
        ],
    );
    write(function, word);
    write(
        function,
        &[
            I::LocalGet(0),
            number(4),
            I::I32Add,
            I::LocalSet(0),
            I::LocalGet(count),
            number(1),
            I::I32Sub,
            I::LocalSet(count),
            I::Br(0),
            I::End,
            I::End,
            I::End,
        ],
    );
}

pub(super) fn fill() -> Function {
    let mut function = Function::new([]);
    let word = [I::LocalGet(0), I::LocalGet(1), store(ValType::I32, 0)];
    each_word(&mut function, 2, &word);
    function
}

/// Makes handles of places.
pub(super) fn places() -> Function {
    let mut function = Function::new([(1, ValType::I32)]);
    let word = [
        I::LocalGet(0),
        I::I32Const(0),
        I::LocalGet(0),
        load(ValType::I32, 0),
        I::LocalTee(2),
        I::GlobalGet(emit::HANDLES),
        I::I32Add,
        I::LocalGet(2),
        number(NO_PLACE),
        I::I32Eq,
        I::Select,
        store(ValType::I32, 0),
    ];
    each_word(&mut function, 1, &word);
    function
}

pub(super) fn save(layout: &Layout<'_, '_>) -> Function {
    let mut function = Function::new([]);
    for global in layout.own_globals() {
        let ty = global_type(layout, global);
        write(
            &mut function,
            &[
                I::GlobalGet(emit::CONTROL),
                I::GlobalGet(global),
                store(ty, layout.value(global)),
            ],
        );
    }
    write(&mut function, &[I::I32Const(0), I::End]);
    function
}

pub(super) fn restore(layout: &Layout<'_, '_>) -> Function {
    let mut function = Function::new([]);
    let mut read = |ty: ValType, offset: u64, global: u32| {
        write(
            &mut function,
            &[
                I::GlobalGet(emit::CONTROL),
                load(ty, offset),
                I::GlobalSet(global),
            ],
        );
    };
    read(ValType::I32, emit::CONTROL_MEMORY, emit::MEMORY);
    read(ValType::I32, emit::CONTROL_HANDLES, emit::HANDLES);
    read(ValType::I32, emit::CONTROL_SHARED, emit::SHARED);
    for table in 0..layout.shape.tables.len() as u32 {
        let offset = emit::CONTROL_TABLES + 4 * u64::from(table);
        read(ValType::I32, offset, layout.table(table));
    }
    for global in layout.own_globals() {
        let ty = global_type(layout, global);
        read(ty, layout.value(global), global);
    }
    write(
        &mut function,
        &[I::Call(layout.reload()), I::I32Const(0), I::End],
    );
    function
}

/// What instantiation does, in the order of the standard (WebAssembly core, "Instantiation").
pub(super) fn start(layout: &Layout<'_, '_>) -> Result<Function, Refusal> {
    let shape = layout.shape;
    let mut body = Body::of_our_own(layout);
    for (index, global) in (0..).zip(&shape.globals) {
        if let Some(init) = &global.init {
            body.code(init.get_operators_reader())?;
            body.global_set(index)?;
        }
    }
    for (index, table) in (0..).zip(&shape.tables) {
        if let Some(init) = &table.init {
            body.write(&[I::GlobalGet(layout.elements(index))]);
            body.code(init.get_operators_reader())?;
            body.write(&[
                I::GlobalGet(layout.length(index)),
                I::Call(layout.helper(emit::FILL)),
            ]);
        }
    }
    for (index, element) in (0..).zip(&shape.elements) {
        if let Some((table, offset)) = &element.active {
            body.code(offset.get_operators_reader())?;
            body.write(&[I::I32Const(0), number(element.items.len() as u32)]);
            body.table_init(index, *table);
        }
        if element.active.is_some() || element.is_declared {
            body.write(&[I::I32Const(1), I::GlobalSet(layout.element_flag(index))]);
        }
    }
    for (index, data) in (0..).zip(&shape.data) {
        if let Some(offset) = &data.active {
            body.code(offset.get_operators_reader())?;
            body.write(&[I::I32Const(0), number(data.bytes.len() as u32)]);
            body.memory_init(index);
            body.write(&[I::I32Const(1), I::GlobalSet(layout.data_flag(index))]);
        }
    }
    if let Some(start) = shape.start {
        body.write(&[I::Call(layout.function(start))]);
    }
    emit::close(&mut body.function, &[]);
    Ok(body.function)
}

/// The engine comes in: with slots behind those it uses, and the stack that is left.
fn begin(layout: &Layout<'_, '_>, function: &mut Function, bytes: u64) {
    write(
        function,
        &[
            I::Call(layout.reload()),
            I::GlobalGet(emit::SHARED),
            load(ValType::I32, emit::SHARED_DEPTH),
            I::GlobalSet(emit::DEPTH),
            I::LocalGet(1),
            number(bytes as u32),
            I::I32Add,
            I::GlobalSet(emit::SLOTS),
        ],
    );
}

/// Gives why functions have returned, and forgets it.
fn leave(function: &mut Function) {
    write(
        function,
        &[
            I::GlobalGet(emit::UNWIND),
            I::I32Const(0),
            I::GlobalSet(emit::UNWIND),
            I::End,
        ],
    );
}

pub(super) fn enter_start(layout: &Layout<'_, '_>) -> Function {
    let mut function = Function::new([]);
    begin(layout, &mut function, 0);
    write(&mut function, &[I::Call(layout.helper(emit::START))]);
    leave(&mut function);
    function
}

pub(super) fn enter_function(
    layout: &Layout<'_, '_>,
    signature: u32,
    ty: &FuncType,
) -> Result<Function, Refusal> {
    let type_index = layout
        .shape
        .signature_of
        .iter()
        .position(|of| *of == signature);
    let type_index = type_index.ok_or_else(|| refused("a type is missing"))? as u32;
    let results: Vec<ValType> = ty.results().iter().map(|ty| lowered(*ty)).collect();
    let mut function = Function::new(results.iter().map(|ty| (1, *ty)));
    let bytes = ty.params().len().max(results.len()) as u64 * SLOT_BYTES;
    begin(layout, &mut function, bytes);
    for (index, ty) in (0..).zip(ty.params()) {
        let offset = index * SLOT_BYTES;
        write(&mut function, &[I::LocalGet(1), load(lowered(*ty), offset)]);
    }
    write(
        &mut function,
        &[
            I::LocalGet(0),
            I::CallIndirect {
                type_index,
                table_index: 0,
            },
        ],
    );
    // Behind the two parameters.
    for local in (0..results.len() as u32).rev() {
        function.instruction(&I::LocalSet(2 + local));
    }
    for (index, ty) in (0_u32..).zip(&results) {
        let offset = u64::from(index) * SLOT_BYTES;
        write(
            &mut function,
            &[I::LocalGet(1), I::LocalGet(2 + index), store(*ty, offset)],
        );
    }
    leave(&mut function);
    Ok(function)
}
