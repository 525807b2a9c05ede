//! A JavaScript worker ready for requests, and one request's way through it.

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt;
use wasmtime::{
    Engine, Extern, ExternType, Instance, InstancePre, Linker, Memory, Module, ModuleExport, Store,
};

use super::host::Host;
use super::wire::Writer;
use super::{image, imports};
use crate::runtime::RequestBody;

/// The engine, loaded: shared by all workers of this node.
pub(in crate::runtime) struct JavaScript {
    code: Module,
    linker: Linker<Host>,
    handle: ModuleExport,
    buffer: ModuleExport,
}

impl JavaScript {
    /// # Errors
    /// When the module is not the engine.
    pub(in crate::runtime) fn new(engine: &Engine, code: Module) -> wasmtime::Result<Self> {
        let export = |name| {
            let found = code.get_export_index(name);
            found.ok_or_else(|| wasmtime::Error::msg(format!("the engine has no {name}")))
        };
        Ok(Self {
            linker: imports::linker(engine)?,
            handle: export("handle")?,
            buffer: export("buffer")?,
            code,
        })
    }
}

/// A worker whose image is loaded.
pub(in crate::runtime) struct Worker {
    image: InstancePre<Host>,
    memory: ModuleExport,
    buffer_address: ModuleExport,
    buffer_bytes: ModuleExport,
    /// What the engine imports, in its order.
    imports: Box<[Import]>,
    /// Machine code of the modules that the worker imports.
    wasm: Option<Arc<[Module]>>,
    javascript: Arc<JavaScript>,
}

enum Import {
    Memory,
    /// Passed on by the image.
    Function(ModuleExport),
}

/// What a worker learns of a request beside its body.
pub(in crate::runtime) struct Head<'a> {
    pub request: &'a Request<()>,
    pub is_tls: bool,
    pub has_body: bool,
    /// `env`, as JSON.
    pub environment: &'a str,
    /// Names and types of what it can call, as JSON.
    pub callees: &'a str,
    /// `request.cf`, as JSON; empty when it is undefined.
    pub cf: &'a str,
    /// The exported class that answers; empty for the default export.
    pub entrypoint: &'a str,
    /// `ctx.props`, as JSON.
    pub props: &'a str,
    /// What is no request, as JSON.
    pub event: &'a str,
}

impl Worker {
    /// # Errors
    /// When the module is no image of this engine.
    pub(in crate::runtime) fn new(
        javascript: Arc<JavaScript>,
        image: &Module,
        wasm: Vec<Module>,
    ) -> wasmtime::Result<Self> {
        let export = |name: &str| {
            let found = image.get_export_index(name);
            found.ok_or_else(|| wasmtime::Error::msg(format!("the image has no {name}")))
        };
        let imports: wasmtime::Result<_> = javascript
            .code
            .imports()
            .map(|import| match import.ty() {
                ExternType::Func(_) => Ok(Import::Function(export(import.name())?)),
                _ => Ok(Import::Memory),
            })
            .collect();
        Ok(Self {
            memory: export(image::MEMORY)?,
            buffer_address: export(image::BUFFER_ADDRESS)?,
            buffer_bytes: export(image::BUFFER_BYTES)?,
            imports: imports?,
            wasm: (!wasm.is_empty()).then(|| wasm.into()),
            image: javascript.linker.instantiate_pre(image)?,
            javascript,
        })
    }

    /// Handles one request in a fresh instance: when it returns, the worker has nothing left to do.
    ///
    /// # Errors
    /// When the guest traps, or is stopped.
    pub(in crate::runtime) async fn run(
        &self,
        store: &mut Store<Host>,
        head: &[u8],
    ) -> wasmtime::Result<()> {
        let image = self.image.instantiate_async(&mut *store).await?;
        let missing = || wasmtime::Error::msg("the image is not whole");
        let exported = |store: &mut Store<Host>, export| {
            image
                .get_module_export(&mut *store, export)
                .ok_or_else(missing)
        };
        let memory = exported(store, &self.memory)?
            .into_memory()
            .ok_or_else(missing)?;
        store.data_mut().set_memory(memory);
        let mut imports = Vec::with_capacity(self.imports.len());
        for import in &self.imports {
            imports.push(match import {
                Import::Memory => Extern::Memory(memory),
                Import::Function(export) => exported(store, export)?,
            });
        }
        let javascript = &*self.javascript;
        let engine = Instance::new_async(&mut *store, &javascript.code, &imports).await?;
        if let Some(wasm) = &self.wasm {
            store.data_mut().set_wasm(engine, wasm.clone());
        }
        let number = |store: &mut Store<Host>, export| {
            let global = exported(store, export)?.into_global().ok_or_else(missing)?;
            global
                .get(&mut *store)
                .i32()
                .map(i32::cast_unsigned)
                .ok_or_else(missing)
        };
        let length = u32::try_from(head.len())?;
        let address = match length <= number(store, &self.buffer_bytes)? {
            true => number(store, &self.buffer_address)?,
            false => {
                let buffer = function::<u32, u32>(&engine, store, &javascript.buffer)?;
                buffer.call_async(&mut *store, length).await?
            }
        };
        write(store, memory, address, head)?;
        let handle = function::<u32, ()>(&engine, store, &javascript.handle)?;
        handle.call_async(&mut *store, length).await
    }
}

fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
    engine: &Instance,
    store: &mut Store<Host>,
    export: &ModuleExport,
) -> wasmtime::Result<wasmtime::TypedFunc<P, R>> {
    let found = engine
        .get_module_export(&mut *store, export)
        .and_then(Extern::into_func);
    let function = found.ok_or_else(|| wasmtime::Error::msg("the engine is not whole"))?;
    function.typed(&mut *store)
}

fn write(
    store: &mut Store<Host>,
    memory: Memory,
    address: u32,
    bytes: &[u8],
) -> wasmtime::Result<()> {
    memory
        .write(&mut *store, address as usize, bytes)
        .map_err(Into::into)
}

impl Head<'_> {
    /// As the engine reads it.
    pub(in crate::runtime) fn message(&self) -> Vec<u8> {
        /// Most heads fit.
        const USUAL_BYTES: usize = 1 << 10;
        let headers = self.request.headers();
        let host = headers
            .get(http::header::HOST)
            .map_or(&b""[..], |host| host.as_bytes());
        let uri = self.request.uri();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let scheme: &[u8] = if self.is_tls { b"https://" } else { b"http://" };
        let mut message = Writer::with_capacity(USUAL_BYTES);
        message
            .u8(self.has_body.into())
            .text(self.request.method().as_str().as_bytes())
            .texts(&[scheme, host, path.as_bytes()])
            .headers(headers)
            .text(self.cf.as_bytes())
            .text(self.environment.as_bytes())
            .text(self.callees.as_bytes())
            .text(self.entrypoint.as_bytes())
            .text(self.props.as_bytes())
            .text(self.event.as_bytes());
        message.0
    }
}

/// A request's body as a source, unless there is none.
pub(in crate::runtime) fn body(body: RequestBody) -> Option<wasmtime_wasi_http::WasiBody> {
    match body {
        RequestBody::Empty => None,
        streamed @ RequestBody::Streamed(_) => Some(streamed.boxed_unsync()),
        RequestBody::Passed(body, None) => Some(body),
        body @ RequestBody::Passed(..) => Some(body.boxed_unsync()),
    }
}
