//! A function's code: what it does to memory, tables, globals and other functions is written anew.

mod bulk;
mod numbers;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{BlockType, Function, Instruction as I, ValType};
use wasmparser::{FunctionBody, Operator as O, OperatorsReader};

use super::emit::{self, Layout, load, number, store, write};
use super::{Kind, access, refused};
use crate::runtime::checks::Refusal;

/// Locals behind a function's own.
const A: u32 = 0;
const B: u32 = 1;
const C: u32 = 2;
const H: u32 = 3;
/// How much stack this function leaves to those it calls.
const D: u32 = 4;
const L: u32 = 5;
const M: u32 = 6;
const F: u32 = 7;
const G: u32 = 8;
const V: u32 = 9;
pub(super) const TEMPORARIES: [(u32, ValType); 5] = [
    (5, ValType::I32),
    (2, ValType::I64),
    (1, ValType::F32),
    (1, ValType::F64),
    (1, ValType::V128),
];

/// What a call takes of the stack beside its values. Of those the compiler keeps few on the stack, but may keep all.
const FRAME_BYTES: u32 = 64;
const VALUE_BYTES: u32 = 8;

/// Instructions that stay what they are, with types and numbers of the rewritten module.
struct Same<'l, 's, 'a>(&'l Layout<'s, 'a>);

impl Reencode for Same<'_, '_, '_> {
    type Error = std::convert::Infallible;

    fn val_type(&mut self, ty: wasmparser::ValType) -> Result<ValType, Error<Self::Error>> {
        Ok(emit::lowered(ty))
    }

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(self.0.function(function))
    }
}

/// A function while it is written.
pub(super) struct Body<'l, 's, 'a> {
    layout: &'l Layout<'s, 'a>,
    pub function: Function,
    /// Blocks that are open, the function's own not counted.
    depth: u32,
    temporaries: u32,
    is_leaf: bool,
    cost: u32,
}

/// The rewritten code of a function.
///
/// # Errors
/// [`Refusal::WasmModule`]
pub(super) fn rewrite(
    layout: &Layout<'_, '_>,
    ty: u32,
    body: &FunctionBody<'_>,
) -> Result<Function, Refusal> {
    let ty = layout.shape.type_of(ty)?;
    let mut locals = Vec::new();
    let mut count = ty.params().len() as u32;
    for local in body.get_locals_reader()? {
        let (number, ty) = local?;
        count += number;
        locals.push((number, emit::lowered(ty)));
    }
    locals.extend(TEMPORARIES);
    let mut is_leaf = true;
    for operator in body.get_operators_reader()? {
        is_leaf &= !matches!(
            operator?,
            O::Call { .. }
                | O::CallIndirect { .. }
                | O::ReturnCall { .. }
                | O::ReturnCallIndirect { .. }
        );
    }
    let mut written = Body {
        layout,
        function: Function::new(locals),
        depth: 0,
        temporaries: count,
        is_leaf,
        cost: FRAME_BYTES + count * VALUE_BYTES,
    };
    written.begin();
    written.code(body.get_operators_reader()?)?;
    let results: Vec<ValType> = ty.results().iter().map(|ty| emit::lowered(*ty)).collect();
    emit::close(&mut written.function, &results);
    Ok(written.function)
}

impl<'l, 's, 'a> Body<'l, 's, 'a> {
    /// A function of our own without parameters, results and locals.
    pub(super) fn of_our_own(layout: &'l Layout<'s, 'a>) -> Self {
        let mut body = Self {
            layout,
            function: Function::new(TEMPORARIES),
            depth: 0,
            temporaries: 0,
            is_leaf: false,
            cost: FRAME_BYTES,
        };
        body.begin();
        body
    }

    fn begin(&mut self) {
        emit::open(&mut self.function);
        if self.is_leaf {
            return;
        }
        let depth = self.local(D);
        self.write(&[
            I::GlobalGet(emit::DEPTH),
            number(self.cost),
            I::I32Sub,
            I::LocalTee(depth),
            I::GlobalSet(emit::DEPTH),
            I::LocalGet(depth),
            I::I32Const(0),
            I::I32LtS,
        ]);
        self.leave_if(Kind::Stack);
    }

    pub(super) fn write(&mut self, code: &[I<'_>]) {
        write(&mut self.function, code);
    }

    pub(super) fn local(&self, temporary: u32) -> u32 {
        self.temporaries + temporary
    }

    /// Ends the function for this reason if the number on the stack is not 0.
    fn leave_if(&mut self, kind: Kind) {
        self.write(&[I::BrIf(self.depth + emit::landing(kind))]);
    }

    /// All operators up to the end of the function or expression, which is left out.
    pub(super) fn code(&mut self, mut reader: OperatorsReader<'_>) -> Result<(), Refusal> {
        while !reader.eof() {
            let operator = reader.read()?;
            if matches!(operator, O::End) && self.depth == 0 {
                break;
            }
            self.operator(operator)?;
        }
        Ok(())
    }

    fn operator(&mut self, operator: O<'_>) -> Result<(), Refusal> {
        if let Some(access) = access::of(&operator) {
            return self.access(&access, operator);
        }
        match operator {
            O::Block { .. } | O::Loop { .. } | O::If { .. } => self.depth += 1,
            O::End => self.depth -= 1,
            _ => {}
        }
        match operator {
            O::Unreachable => self.write(&[I::Br(self.depth + emit::landing(Kind::Unreachable))]),
            O::Br { relative_depth } => self.write(&[I::Br(self.label(relative_depth))]),
            O::BrIf { relative_depth } => self.write(&[I::BrIf(self.label(relative_depth))]),
            O::BrTable { ref targets } => {
                let labels: Result<Vec<u32>, _> = targets
                    .targets()
                    .map(|target| target.map(|target| self.label(target)))
                    .collect();
                let default = self.label(targets.default());
                self.write(&[I::BrTable(labels?.into(), default)]);
            }
            O::Call { function_index } => {
                self.write(&[I::Call(self.layout.function(function_index))]);
                self.after_call();
            }
            O::ReturnCall { function_index } => {
                self.before_tail_call();
                self.write(&[I::ReturnCall(self.layout.function(function_index))]);
            }
            O::CallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(type_index, table_index, false)?,
            O::ReturnCallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(type_index, table_index, true)?,
            O::RefNull { .. } => self.write(&[I::I32Const(0)]),
            O::RefIsNull => self.write(&[I::I32Eqz]),
            O::RefFunc { function_index } => {
                let place = self.layout.shape.place_of(function_index);
                let place = place.ok_or_else(|| refused("a function has no place"))?;
                self.write(&[I::GlobalGet(emit::HANDLES), number(place), I::I32Add]);
            }
            O::GlobalGet { global_index } => self.global_get(global_index)?,
            O::GlobalSet { global_index } => self.global_set(global_index)?,
            O::MemorySize { .. } => self.write(&[
                I::GlobalGet(emit::LIMIT),
                I::I64Const(16),
                I::I64ShrU,
                I::I32WrapI64,
            ]),
            O::MemoryGrow { .. } => {
                let pages = self.local(A);
                self.write(&[
                    I::LocalSet(pages),
                    I::GlobalGet(emit::CONTROL),
                    I::LocalGet(pages),
                    I::Call(emit::GROW_MEMORY),
                    I::Call(self.layout.reload()),
                ]);
            }
            O::MemoryFill { .. } => self.memory_fill(),
            O::MemoryCopy { .. } => self.memory_copy(),
            O::MemoryInit { data_index, .. } => self.memory_init(data_index),
            O::DataDrop { data_index } => {
                let flag = self.layout.data_flag(data_index);
                self.write(&[I::I32Const(1), I::GlobalSet(flag)]);
            }
            O::ElemDrop { elem_index } => {
                let flag = self.layout.element_flag(elem_index);
                self.write(&[I::I32Const(1), I::GlobalSet(flag)]);
            }
            O::TableGet { table } => {
                self.element(table);
                self.write(&[load(ValType::I32, 0)]);
            }
            O::TableSet { table } => {
                let value = self.local(B);
                self.write(&[I::LocalSet(value)]);
                self.element(table);
                self.write(&[I::LocalGet(value), store(ValType::I32, 0)]);
            }
            O::TableSize { table } => self.write(&[I::GlobalGet(self.layout.length(table))]),
            O::TableGrow { table } => {
                let (by, value) = (self.local(A), self.local(B));
                self.write(&[
                    I::LocalSet(by),
                    I::LocalSet(value),
                    I::GlobalGet(emit::CONTROL),
                    number(table),
                    I::LocalGet(value),
                    I::LocalGet(by),
                    I::Call(emit::GROW_TABLE),
                    I::Call(self.layout.reload()),
                ]);
            }
            O::TableFill { table } => self.table_fill(table),
            O::TableCopy {
                dst_table,
                src_table,
            } => self.table_copy(dst_table, src_table),
            O::TableInit { elem_index, table } => self.table_init(elem_index, table),
            O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => self.divide_32(operator)?,
            O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => self.divide_64(operator)?,
            O::I32TruncF32S | O::I32TruncF32U | O::I64TruncF32S | O::I64TruncF32U => {
                self.truncate_32(&operator);
            }
            O::I32TruncF64S | O::I32TruncF64U | O::I64TruncF64S | O::I64TruncF64U => {
                self.truncate_64(&operator);
            }
            other => self.same(other)?,
        }
        Ok(())
    }

    fn same(&mut self, operator: O<'_>) -> Result<(), Refusal> {
        let same = Same(self.layout)
            .instruction(operator)
            .map_err(|e| refused(format!("an instruction cannot be read: {e}")))?;
        self.write(&[same]);
        Ok(())
    }

    /// Only the function itself lies outside of the landings.
    fn label(&self, depth: u32) -> u32 {
        match depth == self.depth {
            true => depth + emit::LANDINGS,
            false => depth,
        }
    }

    /// Whatever was called may have to be left at once, and has counted the stack for itself.
    fn after_call(&mut self) {
        let depth = self.local(D);
        self.write(&[
            I::LocalGet(depth),
            I::GlobalSet(emit::DEPTH),
            I::GlobalGet(emit::UNWIND),
            I::BrIf(self.depth + emit::LEAVE),
        ]);
    }

    fn before_tail_call(&mut self) {
        let depth = self.local(D);
        self.write(&[
            I::LocalGet(depth),
            number(self.cost),
            I::I32Add,
            I::GlobalSet(emit::DEPTH),
        ]);
    }

    /// `address + offset + bytes > limit` leaves.
    fn check(&mut self, address: u32, beyond: u64) {
        self.write(&[
            I::LocalGet(address),
            I::I64ExtendI32U,
            I::I64Const(beyond.cast_signed()),
            I::I64Add,
            I::GlobalGet(emit::LIMIT),
            I::I64GtU,
        ]);
        self.leave_if(Kind::Memory);
    }

    fn access(&mut self, access: &access::Access, operator: O<'_>) -> Result<(), Refusal> {
        let address = self.local(A);
        let operand = access.operand.map(|ty| match ty {
            ValType::I64 => self.local(L),
            ValType::F32 => self.local(F),
            ValType::F64 => self.local(G),
            ValType::V128 => self.local(V),
            _ => self.local(B),
        });
        if let Some(operand) = operand {
            self.write(&[I::LocalSet(operand)]);
        }
        self.write(&[I::LocalSet(address)]);
        self.check(address, access.offset + access.bytes);
        self.write(&[I::LocalGet(address), I::GlobalGet(emit::BASE), I::I32Add]);
        if let Some(operand) = operand {
            self.write(&[I::LocalGet(operand)]);
        }
        self.same(operator)
    }

    fn call_indirect(&mut self, ty: u32, table: u32, is_tail: bool) -> Result<(), Refusal> {
        let signature = self.layout.shape.signature_of_type(ty);
        let run = self.layout.shape.runs.get(signature as usize).copied();
        let (first, count) = run.unwrap_or((0, 0));
        let (place, handle) = (self.local(A), self.local(H));
        self.element(table);
        self.write(&[load(ValType::I32, 0), I::LocalSet(handle)]);
        let foreign = self.layout.foreign(signature);
        if is_tail {
            self.before_tail_call();
        }
        if count == 0 {
            self.write(&[I::LocalGet(handle)]);
            if is_tail {
                self.write(&[I::ReturnCall(foreign)]);
            } else {
                self.write(&[I::Call(foreign)]);
                self.after_call();
            }
            return Ok(());
        }
        self.write(&[
            I::LocalGet(handle),
            I::GlobalGet(emit::HANDLES),
            number(first),
            I::I32Add,
            I::I32Sub,
            I::LocalTee(place),
            number(count),
            I::I32LtU,
            I::If(BlockType::FunctionType(ty)),
        ]);
        let to_place = [I::LocalGet(place), number(first), I::I32Add];
        let (call, tail_call) = (
            I::CallIndirect {
                type_index: ty,
                table_index: 0,
            },
            I::ReturnCallIndirect {
                type_index: ty,
                table_index: 0,
            },
        );
        self.write(&to_place);
        self.write(&[if is_tail { tail_call } else { call }, I::Else]);
        self.write(&[I::LocalGet(handle)]);
        self.write(&[if is_tail {
            I::ReturnCall(foreign)
        } else {
            I::Call(foreign)
        }]);
        self.write(&[I::End]);
        match is_tail {
            // Neither way comes here, which the validator cannot know.
            true => self.write(&[I::Unreachable]),
            false => self.after_call(),
        }
        Ok(())
    }

    pub(super) fn global_get(&mut self, global: u32) -> Result<(), Refusal> {
        let (found, place) = self.global(global)?;
        let (ty, is_cell) = (emit::lowered(found.ty), found.is_cell);
        self.write(&[I::GlobalGet(place)]);
        if is_cell {
            self.write(&[load(ty, 0)]);
        }
        Ok(())
    }

    pub(super) fn global_set(&mut self, global: u32) -> Result<(), Refusal> {
        let (found, place) = self.global(global)?;
        let (ty, is_cell) = (emit::lowered(found.ty), found.is_cell);
        if !is_cell {
            self.write(&[I::GlobalSet(place)]);
            return Ok(());
        }
        let value = match ty {
            ValType::I64 => self.local(L),
            ValType::F32 => self.local(F),
            ValType::F64 => self.local(G),
            ValType::V128 => self.local(V),
            _ => self.local(B),
        };
        self.write(&[
            I::LocalSet(value),
            I::GlobalGet(place),
            I::LocalGet(value),
            store(ty, 0),
        ]);
        Ok(())
    }

    fn global(&self, global: u32) -> Result<(&'l super::shape::Global<'a>, u32), Refusal> {
        let found = self.layout.shape.globals.get(global as usize);
        let found = found.ok_or_else(|| refused("a global is missing"))?;
        Ok((found, self.layout.global(global)))
    }
}
