//! Arithmetic that can trap: it is looked at first.

use wasm_encoder::Instruction as I;
use wasmparser::Operator as O;

use super::super::Kind;
use super::{A, B, Body, F, G, L, M};
use crate::runtime::checks::Refusal;

impl Body<'_, '_, '_> {
    pub(super) fn divide_32(&mut self, operator: O<'_>) -> Result<(), Refusal> {
        let (a, b) = (self.local(A), self.local(B));
        self.write(&[I::LocalSet(b), I::LocalSet(a), I::LocalGet(b), I::I32Eqz]);
        self.leave_if(by_zero(&operator));
        if matches!(operator, O::I32DivS) {
            self.write(&[
                I::LocalGet(b),
                I::I32Const(-1),
                I::I32Eq,
                I::LocalGet(a),
                I::I32Const(i32::MIN),
                I::I32Eq,
                I::I32And,
            ]);
            self.leave_if(Kind::Overflow);
        }
        self.write(&[I::LocalGet(a), I::LocalGet(b)]);
        self.same(operator)
    }

    pub(super) fn divide_64(&mut self, operator: O<'_>) -> Result<(), Refusal> {
        let (a, b) = (self.local(L), self.local(M));
        self.write(&[I::LocalSet(b), I::LocalSet(a), I::LocalGet(b), I::I64Eqz]);
        self.leave_if(by_zero(&operator));
        if matches!(operator, O::I64DivS) {
            self.write(&[
                I::LocalGet(b),
                I::I64Const(-1),
                I::I64Eq,
                I::LocalGet(a),
                I::I64Const(i64::MIN),
                I::I64Eq,
                I::I32And,
            ]);
            self.leave_if(Kind::Overflow);
        }
        self.write(&[I::LocalGet(a), I::LocalGet(b)]);
        self.same(operator)
    }

    /// What is in range is converted without a trap; NaN is in no range.
    pub(super) fn truncate_32(&mut self, operator: &O<'_>) {
        let value = self.local(F);
        let (above, least, below, convert) = match operator {
            O::I32TruncF32S => (
                I::F32Ge,
                -2_147_483_648.0,
                2_147_483_648.0,
                I::I32TruncSatF32S,
            ),
            O::I32TruncF32U => (I::F32Gt, -1.0, 4_294_967_296.0, I::I32TruncSatF32U),
            O::I64TruncF32S => (
                I::F32Ge,
                -9_223_372_036_854_775_808.0,
                9_223_372_036_854_775_808.0,
                I::I64TruncSatF32S,
            ),
            _ => (
                I::F32Gt,
                -1.0,
                18_446_744_073_709_551_616.0,
                I::I64TruncSatF32U,
            ),
        };
        self.write(&[
            I::LocalTee(value),
            I::F32Const(f32::into(least)),
            above,
            I::LocalGet(value),
            I::F32Const(f32::into(below)),
            I::F32Lt,
            I::I32And,
            I::I32Eqz,
        ]);
        self.leave_if(Kind::Conversion);
        self.write(&[I::LocalGet(value), convert]);
    }

    pub(super) fn truncate_64(&mut self, operator: &O<'_>) {
        let value = self.local(G);
        let (above, least, below, convert) = match operator {
            O::I32TruncF64S => (
                I::F64Gt,
                -2_147_483_649.0,
                2_147_483_648.0,
                I::I32TruncSatF64S,
            ),
            O::I32TruncF64U => (I::F64Gt, -1.0, 4_294_967_296.0, I::I32TruncSatF64U),
            O::I64TruncF64S => (
                I::F64Ge,
                -9_223_372_036_854_775_808.0,
                9_223_372_036_854_775_808.0,
                I::I64TruncSatF64S,
            ),
            _ => (
                I::F64Gt,
                -1.0,
                18_446_744_073_709_551_616.0,
                I::I64TruncSatF64U,
            ),
        };
        self.write(&[
            I::LocalTee(value),
            I::F64Const(f64::into(least)),
            above,
            I::LocalGet(value),
            I::F64Const(f64::into(below)),
            I::F64Lt,
            I::I32And,
            I::I32Eqz,
        ]);
        self.leave_if(Kind::Conversion);
        self.write(&[I::LocalGet(value), convert]);
    }
}

fn by_zero(operator: &O<'_>) -> Kind {
    match operator {
        O::I32DivS | O::I32DivU | O::I64DivS | O::I64DivU => Kind::DivisionByZero,
        _ => Kind::RemainderByZero,
    }
}
