//! What the engine has to know of a module: the JSON that takes the module's place in its bundle.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wasmparser::{ExternalKind, FuncType, ValType};

use super::refused;
use super::shape::Shape;
use crate::runtime::checks::Refusal;

/// Custom sections that are of no use at run time and may be larger than the code.
const DEBUG: [&str; 3] = [".debug", "name", "sourceMappingURL"];
/// What all others together may have; the rest is left out.
const CUSTOM_BYTES_MAX: usize = 256 << 10;

/// The outline of a module that has been compiled; `number` says which of the worker's it is.
///
/// # Errors
/// [`Refusal::WasmModule`]
pub(in crate::runtime::javascript) fn outline(
    code: &[u8],
    number: usize,
    memory_bytes_max: u64,
) -> Result<String, Refusal> {
    let shape = Shape::read(code, memory_bytes_max)?;
    let signatures: Vec<Value> = shape.signatures.iter().map(signature).collect();
    let imports: Result<Vec<Value>, Refusal> = shape
        .imports
        .iter()
        .map(|import| {
            Ok(json!([
                import.module,
                import.name,
                kind(import.kind)?,
                import.index
            ]))
        })
        .collect();
    let exports: Result<Vec<Value>, Refusal> = shape
        .exports
        .iter()
        .map(|export| Ok(json!([export.name, kind(export.kind)?, export.index])))
        .collect();
    let tables: Vec<Value> = shape
        .tables
        .iter()
        .map(|table| json!([letter(table.element), table.initial, table.maximum]))
        .collect();
    let globals: Vec<Value> = shape
        .globals
        .iter()
        .map(|global| json!([letter(global.ty), global.is_mutable, global.is_cell]))
        .collect();
    let functions = 0..shape.functions.len() as u32;
    let imported = functions.take(shape.imported_functions as usize);
    let mut custom_bytes = 0;
    let custom: Vec<Value> = shape
        .custom
        .iter()
        .filter(|(name, _)| !DEBUG.iter().any(|debug| name.starts_with(debug)))
        .filter(|(_, bytes)| {
            custom_bytes += bytes.len();
            custom_bytes <= CUSTOM_BYTES_MAX
        })
        .map(|(name, bytes)| json!([name, STANDARD.encode(bytes)]))
        .collect();
    let outline = json!({
        "number": number,
        "signatures": signatures,
        "imports": imports?,
        "exports": exports?,
        // The signatures of imported functions, and functions with a handle and theirs.
        "imported": imported.map(|it| shape.signature(it)).collect::<Vec<u32>>(),
        "places": shape.places,
        "placed": shape.places.iter().map(|it| shape.signature(*it)).collect::<Vec<u32>>(),
        "memory": shape.memory.map(|memory| json!([memory.initial, memory.maximum])),
        "tables": tables,
        "globals": globals,
        // Flags of segments come behind the globals.
        "flags": shape.data.len() + shape.elements.len(),
        "custom": custom,
    });
    Ok(outline.to_string())
}

/// `iI:f`: parameters, results.
fn signature(ty: &FuncType) -> Value {
    let letters = |types: &[ValType]| types.iter().map(|ty| letter(*ty)).collect::<String>();
    format!("{}:{}", letters(ty.params()), letters(ty.results())).into()
}

fn letter(ty: ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'I',
        ValType::F32 => 'f',
        ValType::F64 => 'F',
        ValType::V128 => 'v',
        ValType::Ref(ty) if ty.is_extern_ref() => 'e',
        ValType::Ref(_) => 'a',
    }
}

fn kind(kind: ExternalKind) -> Result<&'static str, Refusal> {
    match kind {
        ExternalKind::Func => Ok("function"),
        ExternalKind::Table => Ok("table"),
        ExternalKind::Memory => Ok("memory"),
        ExternalKind::Global => Ok("global"),
        _ => Err(refused("it uses exceptions, which are not supported")),
    }
}
