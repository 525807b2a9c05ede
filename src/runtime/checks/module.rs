//! What is looked at before Cranelift sees a module that a JavaScript worker imports.

use wasmparser::{Parser, Payload, TypeRef, Validator};

use super::{Counts, Refusal};
use crate::runtime::engine;

/// Looks at a core module that a JavaScript worker imports.
///
/// # Errors
/// [`Refusal::WasmModule`] without the module's name.
pub(in crate::runtime) fn check_module(code: &[u8], memory_bytes_max: u64) -> Result<(), Refusal> {
    let refused = |why: String| Refusal::WasmModule {
        name: String::new(),
        why,
    };
    if !Parser::is_core_wasm(code) {
        let why = match code.starts_with(b"\0asm") {
            true => "it is a component; JavaScript can import core modules only",
            false => "it is not WebAssembly (it does not begin with `\\0asm`)",
        };
        return Err(refused(why.into()));
    }
    let mut counts = Counts {
        memory_bytes_max,
        ..Counts::default()
    };
    let mut memories = 0;
    for payload in Parser::new(0).parse_all(code) {
        let payload = payload?;
        if let Some(what) = unsupported(&payload, &mut memories)? {
            return Err(refused(format!("it uses {what}, which is not supported")));
        }
        counts.take(payload).map_err(|refusal| match refusal {
            Refusal::TooMuch { what, found, max } => {
                refused(format!("it has {found} {what}; at most {max} are allowed"))
            }
            Refusal::Invalid(why) => refused(format!("it is not valid: {why}")),
            other => other,
        })?;
    }
    let mut validator = Validator::new_with_features(engine::module_features());
    validator.validate_all(code)?;
    Ok(())
}

/// A proposal that tools can be told to do without, by its name.
fn unsupported(
    payload: &Payload<'_>,
    memories: &mut u32,
) -> Result<Option<&'static str>, wasmparser::BinaryReaderError> {
    let mut memory = |ty: wasmparser::MemoryType| {
        *memories += 1;
        match ty {
            _ if ty.shared => Some("threads (a shared memory)"),
            _ if ty.memory64 => Some("a 64-bit memory"),
            _ if ty.page_size_log2.is_some() => Some("a memory with a page size of its own"),
            _ if *memories > 1 => Some("several memories"),
            _ => None,
        }
    };
    match payload {
        Payload::ImportSection(section) => {
            for import in section.clone().into_imports() {
                let found = match import?.ty {
                    TypeRef::Memory(ty) => memory(ty),
                    TypeRef::Table(ty) if ty.table64 => Some("a 64-bit table"),
                    TypeRef::Tag(_) => Some("exceptions"),
                    _ => None,
                };
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Payload::MemorySection(section) => {
            for ty in section.clone() {
                if let Some(found) = memory(ty?) {
                    return Ok(Some(found));
                }
            }
        }
        Payload::TableSection(section) => {
            for table in section.clone() {
                if table?.ty.table64 {
                    return Ok(Some("a 64-bit table"));
                }
            }
        }
        Payload::TagSection(_) => return Ok(Some("exceptions")),
        Payload::TypeSection(section) => {
            for ty in section.clone().into_iter_err_on_gc_types() {
                if ty.is_err() {
                    return Ok(Some("garbage-collected types"));
                }
            }
        }
        _ => {}
    }
    Ok(None)
}
