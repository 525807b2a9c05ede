//! A tenant's WebAssembly module, rewritten so that it lives inside the engine's memory.
//!
//! JavaScript sees a module's memory as an `ArrayBuffer`, and QuickJS sees nothing but its own linear memory; and what a
//! worker's top level leaves behind is an image of that memory. So the module gets no memory, table or shared global of
//! its own: those lie in the engine's memory, at addresses that the engine chooses, and every access is made relative to
//! them and checked against their length ([`body`]). The engine and the rewritten module call each other directly, as
//! two modules that are linked; the host does nothing but link them, when the module is first called in a request.
//!
//! Nothing may unwind through the engine. So a rewritten module does not trap: it notes why, and returns from function to
//! function until it is back at the engine, which throws. The same way leads an exception of JavaScript through it.
//!
//! # What lies where
//!
//! The engine makes a *control block* for each instance, and gives its address as the global `cirque.control`; all fields
//! are `u32`: entry · memory · first handle · shared · then for each table the address of its descriptor · then, at the next
//! multiple of 16, for each global 16 bytes: its value, or the address of its cell if it is shared ([`Global::is_cell`]).
//! A memory's descriptor is base `u32`, unused `u32`, length in bytes `u64`; a table's is elements `u32`, length `u32`.
//! `shared` is what all instances have in common: where the slots begin that may be used, how much stack is left, where the
//! slots end.
//!
//! References are numbers: null is 0. A function's handle is the instance's first handle and the function's place
//! ([`Shape::places`]); what a handle of something external means only the engine knows.
//!
//! The one export `enter(operation, place, slots) -> u32` does what [`operation`] names: it gives 0 or a [`Kind`].

mod access;
mod body;
mod emit;
mod glue;
mod link;
mod outline;
mod shape;

pub(super) use link::{link, link_here};
pub(super) use outline::outline;

use wasmtime::{Engine, Module};

use crate::runtime::checks::Refusal;
use shape::Shape;

/// Modules in one worker: each is compiled, and mapped wherever the worker is loaded.
pub(in crate::runtime) const MODULES_MAX: usize = 16;

/// Raised when the same module is rewritten in another way: what was compiled before is then compiled again.
pub(super) const VERSION: u32 = 1;

/// What the rewritten module exports.
const ENTER: &str = "enter";
/// Where it imports the engine's functions from; their names are the engine's exports.
const ENGINE: &str = "engine";
/// The memory and the control block.
const CIRQUE: &str = "cirque";

/// What `enter` can do.
mod operation {
    /// Writes the globals that the module holds itself into the control block.
    pub(super) const SAVE: u32 = 0;
    /// Reads them from there.
    pub(super) const RESTORE: u32 = 1;
    /// Runs what instantiation runs: initial values, segments, the start function.
    pub(super) const START: u32 = 2;
    /// This and the number of a signature: calls the function at a place, with arguments and results in slots.
    pub(super) const CALL: u32 = 3;
}

/// Why a module did not go on; 1 is an exception of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Memory = 2,
    Table = 3,
    Signature = 4,
    Unreachable = 5,
    DivisionByZero = 6,
    Overflow = 7,
    RemainderByZero = 8,
    Conversion = 9,
    Stack = 10,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Memory,
        Self::Table,
        Self::Signature,
        Self::Unreachable,
        Self::DivisionByZero,
        Self::Overflow,
        Self::RemainderByZero,
        Self::Conversion,
        Self::Stack,
    ];
}

/// The machine code of a module, rewritten.
///
/// # Errors
/// [`Refusal::WasmModule`] when it is no module, or one that cannot run here.
pub(in crate::runtime) fn compile(
    engine: &Engine,
    code: &[u8],
    memory_bytes_max: u64,
) -> Result<Vec<u8>, Refusal> {
    let shape = Shape::read(code, memory_bytes_max)?;
    let rewritten = glue::module(&shape)?;
    let failed = |error: wasmtime::Error| refused(format!("it cannot be compiled: {error:#}"));
    let module = Module::new(engine, rewritten).map_err(failed)?;
    module.serialize().map_err(failed)
}

/// Whether bytes are a module that could run here.
pub(super) fn is_valid(code: &[u8]) -> bool {
    wasmparser::Parser::is_core_wasm(code)
        && wasmparser::Validator::new_with_features(crate::runtime::engine::module_features())
            .validate_all(code)
            .is_ok()
}

/// The name is added by who knows it.
fn refused(why: impl Into<String>) -> Refusal {
    Refusal::WasmModule {
        name: String::new(),
        why: why.into(),
    }
}

impl From<wasmparser::BinaryReaderError> for Refusal {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        refused(format!(
            "it is not valid: {} (at byte {})",
            error.message(),
            error.offset()
        ))
    }
}
