//! Which instructions touch memory, and how much of it.

use wasm_encoder::ValType;
use wasmparser::Operator as O;

/// An access to memory: the address is below its other operand, when there is one.
pub(super) struct Access {
    /// The static part of the address.
    pub offset: u64,
    pub bytes: u64,
    /// The operand above the address.
    pub operand: Option<ValType>,
}

/// What an instruction does to memory, when it loads or stores.
pub(super) fn of(operator: &O<'_>) -> Option<Access> {
    use ValType::{F32, F64, I32, I64, V128};
    let (memarg, bytes, operand) = match operator {
        O::I32Load8S { memarg }
        | O::I32Load8U { memarg }
        | O::I64Load8S { memarg }
        | O::I64Load8U { memarg }
        | O::V128Load8Splat { memarg } => (memarg, 1, None),
        O::I32Load16S { memarg }
        | O::I32Load16U { memarg }
        | O::I64Load16S { memarg }
        | O::I64Load16U { memarg }
        | O::V128Load16Splat { memarg } => (memarg, 2, None),
        O::I32Load { memarg }
        | O::F32Load { memarg }
        | O::I64Load32S { memarg }
        | O::I64Load32U { memarg }
        | O::V128Load32Splat { memarg }
        | O::V128Load32Zero { memarg } => (memarg, 4, None),
        O::I64Load { memarg }
        | O::F64Load { memarg }
        | O::V128Load8x8S { memarg }
        | O::V128Load8x8U { memarg }
        | O::V128Load16x4S { memarg }
        | O::V128Load16x4U { memarg }
        | O::V128Load32x2S { memarg }
        | O::V128Load32x2U { memarg }
        | O::V128Load64Splat { memarg }
        | O::V128Load64Zero { memarg } => (memarg, 8, None),
        O::V128Load { memarg } => (memarg, 16, None),
        O::I32Store8 { memarg } => (memarg, 1, Some(I32)),
        O::I32Store16 { memarg } => (memarg, 2, Some(I32)),
        O::I32Store { memarg } => (memarg, 4, Some(I32)),
        O::I64Store8 { memarg } => (memarg, 1, Some(I64)),
        O::I64Store16 { memarg } => (memarg, 2, Some(I64)),
        O::I64Store32 { memarg } => (memarg, 4, Some(I64)),
        O::I64Store { memarg } => (memarg, 8, Some(I64)),
        O::F32Store { memarg } => (memarg, 4, Some(F32)),
        O::F64Store { memarg } => (memarg, 8, Some(F64)),
        O::V128Store { memarg } => (memarg, 16, Some(V128)),
        O::V128Load8Lane { memarg, .. } | O::V128Store8Lane { memarg, .. } => {
            (memarg, 1, Some(V128))
        }
        O::V128Load16Lane { memarg, .. } | O::V128Store16Lane { memarg, .. } => {
            (memarg, 2, Some(V128))
        }
        O::V128Load32Lane { memarg, .. } | O::V128Store32Lane { memarg, .. } => {
            (memarg, 4, Some(V128))
        }
        O::V128Load64Lane { memarg, .. } | O::V128Store64Lane { memarg, .. } => {
            (memarg, 8, Some(V128))
        }
        _ => return None,
    };
    Some(Access {
        offset: memarg.offset,
        bytes,
        operand,
    })
}
