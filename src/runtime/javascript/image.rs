//! The engine's code without its data, and a worker's memory as a module that holds nothing else.
//!
//! A fresh instance of that module is a worker's memory as its top level left it, mapped copy-on-write. The
//! module also passes the host's functions on, so that they are resolved once for each worker, not for each request.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, GlobalSection,
    GlobalType, ImportSection, MemorySection, MemoryType, Module, RawSection, TypeSection, ValType,
};
use wasmparser::{DataKind, Operator, Parser, Payload};
use wasmtime::ExternType;

use crate::model::CodeHash;

/// What is copied on write, and looked at when an image is made.
const PAGE: usize = 4 << 10;
const WASM_PAGE: usize = 64 << 10;

/// Names of what an image exports.
pub(super) const MEMORY: &str = "memory";
pub(super) const BUFFER_ADDRESS: &str = "buffer_address";
pub(super) const BUFFER_BYTES: &str = "buffer_bytes";

/// Before the name of each event that the worker handles.
pub(super) const HANDLER: &str = "handler ";
/// The worker is made of modules.
pub(super) const HAS_MODULES: &str = "has modules";

const START_SECTION: u8 = 8;
const DATA_SECTION: u8 = 11;
const DATA_COUNT_SECTION: u8 = 12;

/// The engine's sections but for its data, its start function and custom ones.
///
/// With an imported memory the linker makes a start function that zeroes what has no data: in an instance whose
/// memory is restored it would zero the worker.
pub(super) fn code_only(engine: &[u8]) -> Result<Vec<u8>, wasmparser::BinaryReaderError> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(engine) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        if ![0, START_SECTION, DATA_SECTION, DATA_COUNT_SECTION].contains(&id) {
            let data = engine.get(range).unwrap_or_default();
            module.section(&RawSection { id, data });
        }
    }
    Ok(module.finish())
}

/// The engine's own data: where each piece lies in memory.
pub(super) fn data(engine: &[u8]) -> Result<Vec<(usize, &[u8])>, wasmparser::BinaryReaderError> {
    let mut pieces = Vec::new();
    for payload in Parser::new(0).parse_all(engine) {
        let Payload::DataSection(section) = payload? else {
            continue;
        };
        for data in section {
            let data = data?;
            if let DataKind::Active { offset_expr, .. } = data.kind
                && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                && let Ok(address) = usize::try_from(value.cast_unsigned())
            {
                pieces.push((address, data.data));
            }
        }
    }
    Ok(pieces)
}

/// Where requests are written in a worker's memory.
#[derive(Clone, Copy)]
pub(super) struct Buffer {
    pub address: u32,
    pub bytes: u32,
}

/// What the names of exports begin with that only say which modules the worker imports.
const WASM: &str = "wasm:";

/// The modules that a worker imports, in the order of their numbers.
pub(in crate::runtime) fn wasm_modules(image: &wasmtime::Module) -> Vec<CodeHash> {
    let mut found: Vec<(usize, CodeHash)> = image
        .exports()
        .filter_map(|export| {
            let (number, hash) = export.name().strip_prefix(WASM)?.split_once(':')?;
            Some((number.parse().ok()?, hash.parse().ok()?))
        })
        .collect();
    found.sort_unstable_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, hash)| hash).collect()
}

/// The module of a memory that passes the engine's imported functions on.
///
/// Facts are names of exports that have no other meaning.
pub(super) fn module(
    memory: &[u8],
    buffer: Buffer,
    engine: &wasmtime::Module,
    facts: &[String],
    wasm: &[CodeHash],
) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    let mut exports = ExportSection::new();
    let mut functions = 0;
    for import in engine.imports() {
        let ExternType::Func(ty) = import.ty() else {
            continue;
        };
        types
            .ty()
            .function(ty.params().map(value_type), ty.results().map(value_type));
        imports.import(
            import.module(),
            import.name(),
            EntityType::Function(functions),
        );
        exports.export(import.name(), ExportKind::Func, functions);
        functions += 1;
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: memory.len().div_ceil(WASM_PAGE) as u64,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    exports.export(MEMORY, ExportKind::Memory, 0);
    let mut globals = GlobalSection::new();
    for (index, (name, value)) in (0..).zip([
        (BUFFER_ADDRESS, buffer.address),
        (BUFFER_BYTES, buffer.bytes),
    ]) {
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: false,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(value.cast_signed()));
        exports.export(name, ExportKind::Global, index);
    }
    for fact in facts {
        exports.export(fact, ExportKind::Global, 0);
    }
    for (number, hash) in wasm.iter().enumerate() {
        exports.export(&format!("{WASM}{number}:{hash}"), ExportKind::Global, 0);
    }
    let mut data = DataSection::new();
    for (address, bytes) in used(memory) {
        let address = i32::try_from(address).unwrap_or(i32::MAX);
        data.active(0, &ConstExpr::i32_const(address), bytes.iter().copied());
    }
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&memories)
        .section(&globals)
        .section(&exports)
        .section(&CodeSection::new())
        .section(&data);
    module.finish()
}

/// Runs of pages that hold anything but zeroes.
fn used(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (index, page) in memory.chunks(PAGE).enumerate() {
        if page.iter().all(|byte| *byte == 0) {
            continue;
        }
        let (from, to) = (index * PAGE, index * PAGE + page.len());
        match runs.last_mut() {
            Some((_, end)) if *end == from => *end = to,
            _ => runs.push((from, to)),
        }
    }
    runs.into_iter()
        .filter_map(|(from, to)| Some((from, memory.get(from..to)?)))
        .collect()
}

/// The engine's functions take and give plain numbers.
fn value_type(ty: wasmtime::ValType) -> ValType {
    match ty {
        wasmtime::ValType::I64 => ValType::I64,
        wasmtime::ValType::F32 => ValType::F32,
        wasmtime::ValType::F64 => ValType::F64,
        _ => ValType::I32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_with_content_are_kept() {
        let mut memory = vec![0; 6 * PAGE];
        memory[PAGE] = 1;
        memory[2 * PAGE + 7] = 2;
        memory[5 * PAGE + PAGE - 1] = 3;
        let runs: Vec<(usize, usize)> = used(&memory)
            .into_iter()
            .map(|(at, bytes)| (at / PAGE, bytes.len() / PAGE))
            .collect();
        assert_eq!(runs, [(1, 2), (5, 1)]);
    }

    #[test]
    fn code_is_kept_without_data_and_start() {
        let wasm = wat::parse_str(
            r#"(module (import "env" "memory" (memory 1)) (func $f) (start $f) (export "f" (func $f))
                (data (i32.const 8) "abc") (data (i32.const 100) "x"))"#,
        )
        .expect("WAT");
        let stripped = code_only(&wasm).expect("a module");
        wasmparser::Validator::new()
            .validate_all(&stripped)
            .expect("valid");
        let text: Vec<&str> = Parser::new(0)
            .parse_all(&stripped)
            .filter_map(|payload| match payload {
                Ok(Payload::StartSection { .. }) => Some("start"),
                Ok(Payload::DataSection(_)) => Some("data"),
                Ok(Payload::ExportSection(_)) => Some("exports"),
                _ => None,
            })
            .collect();
        assert_eq!(text, ["exports"]);
        assert_eq!(
            data(&wasm).expect("data"),
            [(8, &b"abc"[..]), (100, &b"x"[..])]
        );
    }
}
