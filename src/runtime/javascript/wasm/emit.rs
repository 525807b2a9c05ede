//! Where everything is in the rewritten module, and short ways to write code.

use wasm_encoder::{BlockType, Function, Instruction as I, MemArg, ValType};

use super::Kind;
use super::shape::Shape;

/// The engine's functions, in the order in which they are imported: name, parameters. Each gives an `i32`.
pub(super) const IMPORTS: [(&str, u32); 4] = [
    // (control, which import, slots) -> 0 or a kind
    ("wasm_call", 3),
    // (control, signature, handle, slots) -> 0 or a kind
    ("wasm_indirect", 4),
    // (control, pages) -> pages before, or -1
    ("wasm_memory_grow", 2),
    // (control, table, reference, by) -> length before, or -1
    ("wasm_table_grow", 4),
];
pub(super) const CALL_IMPORT: u32 = 0;
pub(super) const CALL_HANDLE: u32 = 1;
pub(super) const GROW_MEMORY: u32 = 2;
pub(super) const GROW_TABLE: u32 = 3;

/// Globals of the rewritten module: the first is imported.
pub(super) const CONTROL: u32 = 0;
pub(super) const BASE: u32 = 1;
/// The memory's length, an `i64`.
pub(super) const LIMIT: u32 = 2;
/// Why functions return: 0, or a kind.
pub(super) const UNWIND: u32 = 3;
/// How much stack is left.
pub(super) const DEPTH: u32 = 4;
/// Where slots are free.
pub(super) const SLOTS: u32 = 5;
pub(super) const HANDLES: u32 = 6;
pub(super) const MEMORY: u32 = 7;
pub(super) const SHARED: u32 = 8;
const TABLES: u32 = 9;

/// Fields of a control block, in bytes.
pub(super) const CONTROL_MEMORY: u64 = 4;
pub(super) const CONTROL_HANDLES: u64 = 8;
pub(super) const CONTROL_SHARED: u64 = 12;
pub(super) const CONTROL_TABLES: u64 = 16;
/// Fields of what instances share.
pub(super) const SHARED_SLOTS: u64 = 0;
pub(super) const SHARED_DEPTH: u64 = 4;
pub(super) const SHARED_END: u64 = 8;

/// The bytes of a global in a control block, and of one argument in slots.
pub(super) const VALUE_BYTES: u64 = 16;
pub(super) const SLOT_BYTES: u64 = 16;

/// Where things are that depend on how many there are.
pub(super) struct Layout<'s, 'a> {
    pub shape: &'s Shape<'a>,
    globals: u32,
    data_flags: u32,
    element_flags: u32,
    pub globals_total: u32,
}

impl<'s, 'a> Layout<'s, 'a> {
    pub(super) fn new(shape: &'s Shape<'a>) -> Self {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let globals = TABLES + 3 * count(shape.tables.len());
        let data_flags = globals + count(shape.globals.len());
        let element_flags = data_flags + count(shape.data.len());
        Self {
            globals,
            data_flags,
            element_flags,
            globals_total: element_flags + count(shape.elements.len()),
            shape,
        }
    }

    pub(super) fn function(&self, function: u32) -> u32 {
        IMPORTS.len() as u32 + function
    }

    /// The function that reads again what may have moved.
    pub(super) fn reload(&self) -> u32 {
        self.function(self.shape.functions.len() as u32)
    }

    /// Calls what has another instance's handle, or none.
    pub(super) fn foreign(&self, signature: u32) -> u32 {
        self.reload() + 1 + signature
    }

    /// The helpers come after those.
    pub(super) fn helper(&self, number: u32) -> u32 {
        self.foreign(self.shape.signatures.len() as u32) + number
    }

    pub(super) fn table(&self, table: u32) -> u32 {
        TABLES + 3 * table
    }

    pub(super) fn elements(&self, table: u32) -> u32 {
        self.table(table) + 1
    }

    pub(super) fn length(&self, table: u32) -> u32 {
        self.table(table) + 2
    }

    pub(super) fn global(&self, global: u32) -> u32 {
        self.globals + global
    }

    /// Not 0 when the segment has been dropped.
    pub(super) fn data_flag(&self, data: u32) -> u32 {
        self.data_flags + data
    }

    pub(super) fn element_flag(&self, element: u32) -> u32 {
        self.element_flags + element
    }

    /// The data segment that holds the places of an element segment.
    pub(super) fn element_data(&self, element: u32) -> u32 {
        self.shape.data.len() as u32 + element
    }

    /// Where in a control block a global or flag is, in bytes.
    pub(super) fn value(&self, global: u32) -> u64 {
        let tables = 4 * self.shape.tables.len() as u64;
        let first = (CONTROL_TABLES + tables).next_multiple_of(VALUE_BYTES);
        first + u64::from(global - self.globals) * VALUE_BYTES
    }

    /// The first global that belongs to the module, and the end.
    pub(super) fn own_globals(&self) -> std::ops::Range<u32> {
        self.globals..self.globals_total
    }
}

/// Helpers, by number.
pub(super) const FILL: u32 = 0;
pub(super) const PLACES: u32 = 1;
pub(super) const SAVE: u32 = 2;
pub(super) const RESTORE: u32 = 3;
pub(super) const START: u32 = 4;
pub(super) const ENTER_START: u32 = 5;
/// This and the number of a signature.
pub(super) const ENTER: u32 = 6;

/// The type of a value in the rewritten module.
pub(super) fn lowered(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::I32 | wasmparser::ValType::Ref(_) => ValType::I32,
    }
}

/// An address in the engine's memory.
pub(super) fn at(offset: u64) -> MemArg {
    MemArg {
        offset,
        // What tenants promise of their addresses says nothing about ours.
        align: 0,
        memory_index: 0,
    }
}

pub(super) fn load(ty: ValType, offset: u64) -> I<'static> {
    match ty {
        ValType::I64 => I::I64Load(at(offset)),
        ValType::F32 => I::F32Load(at(offset)),
        ValType::F64 => I::F64Load(at(offset)),
        ValType::V128 => I::V128Load(at(offset)),
        _ => I::I32Load(at(offset)),
    }
}

pub(super) fn store(ty: ValType, offset: u64) -> I<'static> {
    match ty {
        ValType::I64 => I::I64Store(at(offset)),
        ValType::F32 => I::F32Store(at(offset)),
        ValType::F64 => I::F64Store(at(offset)),
        ValType::V128 => I::V128Store(at(offset)),
        _ => I::I32Store(at(offset)),
    }
}

pub(super) fn zero(ty: ValType) -> I<'static> {
    match ty {
        ValType::I64 => I::I64Const(0),
        ValType::F32 => I::F32Const(0.0.into()),
        ValType::F64 => I::F64Const(0.0.into()),
        ValType::V128 => I::V128Const(0),
        _ => I::I32Const(0),
    }
}

pub(super) fn number(value: u32) -> I<'static> {
    I::I32Const(value.cast_signed())
}

pub(super) fn write(function: &mut Function, code: &[I<'_>]) {
    for instruction in code {
        function.instruction(instruction);
    }
}

/// Opens the blocks that a function's traps lead to; the code in between counts its labels from [`LANDINGS`].
pub(super) fn open(function: &mut Function) {
    for _ in 0..LANDINGS {
        function.instruction(&I::Block(BlockType::Empty));
    }
}

/// Closes them: each notes its kind, and the function returns nothing of worth.
pub(super) fn close(function: &mut Function, results: &[ValType]) {
    function.instruction(&I::Return);
    for (kind, more) in Kind::ALL.into_iter().zip((0..Kind::ALL.len() as u32).rev()) {
        write(
            function,
            &[
                I::End,
                number(kind as u32),
                I::GlobalSet(UNWIND),
                // Out of the last block, which only leads on.
                I::Br(more),
            ],
        );
    }
    function.instruction(&I::End);
    for ty in results {
        function.instruction(&zero(*ty));
    }
    function.instruction(&I::End);
}

/// One for each kind, and one around them.
pub(super) const LANDINGS: u32 = Kind::ALL.len() as u32 + 1;

/// The label of a kind, counted from inside all landings.
pub(super) fn landing(kind: Kind) -> u32 {
    kind as u32 - Kind::Memory as u32
}

/// The label that returns without another reason than there is.
pub(super) const LEAVE: u32 = LANDINGS - 1;
