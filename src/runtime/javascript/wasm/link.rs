//! Links an instance's code with the engine: when the instance is first called.

use wasmtime::{
    AsContextMut, Extern, ExternType, Func, Global, GlobalType, Instance, Memory, Module,
    Mutability, Ref, Table, Val, ValType,
};

use super::{ENGINE, ENTER};

/// The engine's table, where its functions' addresses lead.
const TABLE: &str = "__indirect_function_table";

/// What a module imports, in its order.
///
/// # Errors
/// When the engine is another one than the module was rewritten for.
fn imports(
    mut store: impl AsContextMut,
    module: &Module,
    engine: Instance,
    memory: Memory,
    control: u32,
) -> wasmtime::Result<Vec<Extern>> {
    let mut imports = Vec::with_capacity(module.imports().len());
    for import in module.imports() {
        imports.push(match import.ty() {
            ExternType::Func(_) if import.module() == ENGINE => {
                let function = engine.get_func(&mut store, import.name());
                function.ok_or_else(another)?.into()
            }
            ExternType::Memory(_) => memory.into(),
            ExternType::Global(_) => {
                let ty = GlobalType::new(ValType::I32, Mutability::Const);
                Global::new(&mut store, ty, Val::I32(control.cast_signed()))?.into()
            }
            _ => return Err(another()),
        });
    }
    Ok(imports)
}

fn entry(
    mut store: impl AsContextMut,
    instance: Instance,
    engine: Instance,
) -> wasmtime::Result<(Table, Func)> {
    let entry = instance.get_func(&mut store, ENTER).ok_or_else(another)?;
    let table = engine.get_table(&mut store, TABLE).ok_or_else(another)?;
    Ok((table, entry))
}

/// Gives where in the engine's table the instance's entry is.
///
/// # Errors
/// When there is no room for an instance, or the engine does not fit.
pub(in crate::runtime::javascript) async fn link<T: Send + 'static>(
    mut store: impl AsContextMut<Data = T> + Send,
    module: &Module,
    engine: Instance,
    memory: Memory,
    control: u32,
) -> wasmtime::Result<u32> {
    let imports = imports(&mut store, module, engine, memory, control)?;
    let instance = Instance::new_async(&mut store, module, &imports).await?;
    let (table, entry) = entry(&mut store, instance, engine)?;
    let place = table
        .grow_async(&mut store, 1, Ref::Func(Some(entry)))
        .await?;
    Ok(u32::try_from(place)?)
}

/// The same where nothing waits: while an image is made.
///
/// # Errors
/// As [`link`].
pub(in crate::runtime::javascript) fn link_here(
    mut store: impl AsContextMut,
    module: &Module,
    engine: Instance,
    memory: Memory,
    control: u32,
) -> wasmtime::Result<u32> {
    let imports = imports(&mut store, module, engine, memory, control)?;
    let instance = Instance::new(&mut store, module, &imports)?;
    let (table, entry) = entry(&mut store, instance, engine)?;
    let place = table.grow(&mut store, 1, Ref::Func(Some(entry)))?;
    Ok(u32::try_from(place)?)
}

fn another() -> wasmtime::Error {
    wasmtime::Error::msg("the module and the engine do not belong together")
}
