//! Whole pieces of memory and tables.

use wasm_encoder::Instruction as I;

use super::super::Kind;
use super::super::emit::{self, number};
use super::{A, B, Body, C, H};

impl Body<'_, '_, '_> {
    /// `at + length > limit` leaves; all are locals.
    fn check_range(&mut self, at: u32, length: u32) {
        self.write(&[
            I::LocalGet(at),
            I::I64ExtendI32U,
            I::LocalGet(length),
            I::I64ExtendI32U,
            I::I64Add,
            I::GlobalGet(emit::LIMIT),
            I::I64GtU,
        ]);
        self.leave_if(Kind::Memory);
    }

    /// The same for what counts in an `i32`: a table, or a segment.
    fn check_count(&mut self, at: u32, length: u32, limit: I<'_>, kind: Kind) {
        self.write(&[
            I::LocalGet(at),
            I::I64ExtendI32U,
            I::LocalGet(length),
            I::I64ExtendI32U,
            I::I64Add,
            limit,
            I::I64ExtendI32U,
            I::I64GtU,
        ]);
        self.leave_if(kind);
    }

    fn take_three(&mut self) -> (u32, u32, u32) {
        let (a, b, c) = (self.local(A), self.local(B), self.local(C));
        self.write(&[I::LocalSet(c), I::LocalSet(b), I::LocalSet(a)]);
        (a, b, c)
    }

    pub(super) fn memory_fill(&mut self) {
        let (to, value, length) = self.take_three();
        self.check_range(to, length);
        self.write(&[
            I::LocalGet(to),
            I::GlobalGet(emit::BASE),
            I::I32Add,
            I::LocalGet(value),
            I::LocalGet(length),
            I::MemoryFill(0),
        ]);
    }

    pub(super) fn memory_copy(&mut self) {
        let (to, from, length) = self.take_three();
        self.check_range(to, length);
        self.check_range(from, length);
        self.write(&[
            I::LocalGet(to),
            I::GlobalGet(emit::BASE),
            I::I32Add,
            I::LocalGet(from),
            I::GlobalGet(emit::BASE),
            I::I32Add,
            I::LocalGet(length),
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
        ]);
    }

    pub(in super::super) fn memory_init(&mut self, data: u32) {
        let (to, from, length) = self.take_three();
        let bytes = self.layout.shape.data.get(data as usize);
        let bytes = bytes.map_or(0, |data| data.bytes.len() as u32);
        let left = self.local(H);
        self.left(self.layout.data_flag(data), bytes, left);
        self.check_range(to, length);
        self.check_count(from, length, I::LocalGet(left), Kind::Memory);
        self.write(&[
            I::LocalGet(to),
            I::GlobalGet(emit::BASE),
            I::I32Add,
            I::LocalGet(from),
            I::LocalGet(length),
            I::MemoryInit {
                mem: 0,
                data_index: data,
            },
        ]);
    }

    /// What is left of a segment: nothing, once it has been dropped.
    fn left(&mut self, flag: u32, length: u32, left: u32) {
        self.write(&[
            I::I32Const(0),
            number(length),
            I::GlobalGet(flag),
            I::Select,
            I::LocalSet(left),
        ]);
    }

    /// From an index on the stack to the element's address; uses A.
    pub(super) fn element(&mut self, table: u32) {
        let index = self.local(A);
        self.write(&[
            I::LocalTee(index),
            I::GlobalGet(self.layout.length(table)),
            I::I32GeU,
        ]);
        self.leave_if(Kind::Table);
        self.address(table, index);
    }

    fn address(&mut self, table: u32, index: u32) {
        self.write(&[
            I::GlobalGet(self.layout.elements(table)),
            I::LocalGet(index),
            I::I32Const(2),
            I::I32Shl,
            I::I32Add,
        ]);
    }

    pub(super) fn table_fill(&mut self, table: u32) {
        let (at, value, count) = self.take_three();
        let length = I::GlobalGet(self.layout.length(table));
        self.check_count(at, count, length, Kind::Table);
        self.address(table, at);
        self.write(&[
            I::LocalGet(value),
            I::LocalGet(count),
            I::Call(self.layout.helper(emit::FILL)),
        ]);
    }

    pub(super) fn table_copy(&mut self, to_table: u32, from_table: u32) {
        let (to, from, count) = self.take_three();
        let length = I::GlobalGet(self.layout.length(to_table));
        self.check_count(to, count, length, Kind::Table);
        let length = I::GlobalGet(self.layout.length(from_table));
        self.check_count(from, count, length, Kind::Table);
        self.address(to_table, to);
        self.address(from_table, from);
        self.write(&[
            I::LocalGet(count),
            I::I32Const(2),
            I::I32Shl,
            I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
        ]);
    }

    pub(in super::super) fn table_init(&mut self, element: u32, table: u32) {
        let (to, from, count) = self.take_three();
        let items = self.layout.shape.elements.get(element as usize);
        let items = items.map_or(0, |element| element.items.len() as u32);
        let left = self.local(H);
        self.left(self.layout.element_flag(element), items, left);
        let length = I::GlobalGet(self.layout.length(table));
        self.check_count(to, count, length, Kind::Table);
        self.check_count(from, count, I::LocalGet(left), Kind::Table);
        self.address(table, to);
        self.write(&[
            I::LocalGet(from),
            I::I32Const(2),
            I::I32Shl,
            I::LocalGet(count),
            I::I32Const(2),
            I::I32Shl,
            I::MemoryInit {
                mem: 0,
                data_index: self.layout.element_data(element),
            },
        ]);
        // Places become handles.
        self.address(table, to);
        self.write(&[
            I::LocalGet(count),
            I::Call(self.layout.helper(emit::PLACES)),
        ]);
    }
}
