//! What the child process makes for JavaScript: the engine's machine code, the image of the engine with the web
//! platform loaded, and the image of a worker after its top level has run.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use wasmtime::{Engine, Extern, ExternType, Instance, Memory, Module, Store, UpdateDeadline};

use super::image::{self, Buffer};
use super::loading::{self, Host, cpu_used};
use super::source_maps::Maps;
use super::wire::Writer;
use super::{API, ENGINE, node, wasm};
use crate::model::bundle::{Content, Syntax};
use crate::model::{Bundle, CodeHash};
use crate::runtime::checks::Refusal;
use crate::runtime::checks::script::Fault;

/// How often it is looked at whether a top level has used its CPU time up.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// More ticks than this process lives.
const NEVER: u64 = u64::MAX / 2;
/// Room for a request's head in every image; a larger one makes the engine look for more.
const BUFFER_BYTES: u32 = 16 << 10;

/// Why there is no image.
#[derive(Debug, Error)]
pub(in crate::runtime) enum Failed {
    /// The worker's doing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Ours.
    #[error("{0:#}")]
    Engine(#[from] wasmtime::Error),
}

/// The engine's machine code.
pub(in crate::runtime) fn engine_code(engine: &Engine) -> Result<Vec<u8>, Failed> {
    let code = image::code_only(ENGINE).map_err(wasmtime::Error::from)?;
    Ok(Module::new(engine, code)?.serialize()?)
}

/// The image of the engine with the web platform loaded, which every worker begins with.
pub(in crate::runtime) fn base(engine: &Engine, code: &Path) -> Result<Vec<u8>, Failed> {
    let code = load(engine, code)?;
    let mut run = Run::new(engine, &code, usize::MAX, |store, ty| {
        let memory = Memory::new(&mut *store, ty)?;
        for (address, bytes) in image::data(ENGINE)? {
            memory.write(&mut *store, address, bytes)?;
        }
        Ok(memory)
    })?;
    run.give("init", API, Duration::MAX)?;
    run.image(engine, &code, &[], &[])
}

/// The image of a worker after its top level has run.
pub(in crate::runtime) fn worker(
    engine: &Engine,
    code: &Path,
    base: &Path,
    wasm: &[PathBuf],
    bundle: &[u8],
    memory_bytes_max: usize,
    start: Duration,
) -> Result<Vec<u8>, Failed> {
    let bundle: Bundle =
        serde_json::from_slice(bundle).map_err(|e| Refusal::NotABundle(e.to_string()))?;
    let (code, base) = (load(engine, code)?, load(engine, base)?);
    let wasm: wasmtime::Result<Vec<Module>> = wasm.iter().map(|path| load(engine, path)).collect();
    let wasm = wasm?;
    let mut run = Run::new(engine, &code, memory_bytes_max, |store, _| {
        let functions: Vec<Extern> = base
            .imports()
            .filter_map(|import| {
                Some(loading::function(store, import.name(), import.ty().func()?).into())
            })
            .collect();
        let image = Instance::new(&mut *store, &base, &functions)?;
        let memory = image.get_memory(&mut *store, image::MEMORY);
        memory.ok_or_else(|| wasmtime::Error::msg("the image has no memory"))
    })?;
    run.store.data_mut().wasm = wasm;
    let message = message(&bundle, memory_bytes_max as u64)?;
    let loaded = run.give("load", &message, start);
    let host = run.store.data_mut();
    if let Err(error) = loaded {
        return Err(match host {
            Host {
                is_out_of_time: true,
                ..
            } => Refusal::StartTime(start.as_millis() as u64),
            Host { memory, .. } if memory.was_refused => {
                Refusal::StartMemory((memory_bytes_max >> 20) as u64)
            }
            _ => Refusal::StartTrap(error.root_cause().to_string()),
        }
        .into());
    }
    let report: Report = serde_json::from_slice(&host.report)
        .map_err(|e| wasmtime::Error::msg(format!("the engine's report cannot be read: {e}")))?;
    if let Some(fault) = report.error.filter(|fault| fault.kind != "no_handler") {
        return Err(Refusal::Script(Box::new(placed(fault, &bundle))).into());
    }
    if report.handlers.is_empty() && report.entrypoints.is_empty() {
        return Err(Refusal::NoScriptHandler.into());
    }
    let facts = facts(&report.handlers, bundle.syntax);
    let hashes: Vec<CodeHash> = bundle.wasm().map(|(_, code)| CodeHash::of(code)).collect();
    run.image(engine, &code, &facts, &hashes)
}

/// What is known of a worker beside its memory; it travels with the image, as the names of exports.
fn facts(handlers: &[String], syntax: Syntax) -> Vec<String> {
    // An export has its name to itself.
    let handlers: BTreeSet<_> = handlers.iter().take(HANDLERS_MAX).collect();
    let facts = handlers
        .into_iter()
        .map(|name| format!("{}{name}", image::HANDLER));
    let syntax = (syntax == Syntax::Modules).then(|| image::HAS_MODULES.to_owned());
    facts.chain(syntax).collect()
}

/// More than there are; the report comes from the sandbox.
const HANDLERS_MAX: usize = 20;

/// A fault with the line it points at, as its author wrote it when there is a source map.
fn placed(fault: Fault, bundle: &Bundle) -> Fault {
    let maps = Maps::of(bundle);
    let stack = fault.stack.as_deref().map(|stack| maps.text(stack));
    let original = match (&fault.file, fault.line, fault.column) {
        (Some(file), Some(line), Some(column)) => maps.original(file, line, column),
        _ => None,
    };
    match original {
        Some(original) => Fault {
            file: Some(original.file),
            line: Some(original.line),
            column: Some(original.column),
            source: original.text,
            stack,
            ..fault
        },
        None => Fault { stack, ..fault }.with_source(bundle),
    }
}

/// What the engine says of a worker's top level.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    handlers: Vec<String>,
    #[serde(default)]
    entrypoints: serde_json::Map<String, serde_json::Value>,
    error: Option<Fault>,
}

/// A bundle as the engine reads it.
fn message(bundle: &Bundle, memory_bytes_max: u64) -> Result<Vec<u8>, Refusal> {
    let options = serde_json::json!({
        "compatibility_date": bundle.compatibility_date,
        "compatibility_flags": bundle.compatibility_flags,
        "bound": bundle.bound,
    });
    let node = node::modules(bundle);
    let mut modules = Vec::new();
    let mut wasm_modules = 0;
    for module in &bundle.modules {
        let (kind, content) = match &module.content {
            Content::Module(text) => (0, Cow::from(text.as_bytes())),
            Content::CommonJs(text) => (1, text.as_bytes().into()),
            Content::Text(text) => (2, text.as_bytes().into()),
            Content::Data(bytes) => (3, bytes.into()),
            Content::Json(text) => (4, text.as_bytes().into()),
            Content::Wasm(code) => {
                let outline = wasm::outline(code, wasm_modules, memory_bytes_max)?;
                wasm_modules += 1;
                (5, outline.into_bytes().into())
            }
            Content::SourceMap(_) => continue,
        };
        modules.push((&module.name, kind, content));
    }
    let mut message = Writer::default();
    message
        .u8(match bundle.syntax {
            Syntax::Modules => 0,
            Syntax::ServiceWorker => 1,
        })
        .text(options.to_string().as_bytes())
        .text(bundle.main.as_bytes())
        .u32(modules.len() + node.len());
    for (name, source) in &node {
        message.u8(0).text(name.as_bytes()).text(source.as_bytes());
    }
    for (name, kind, content) in modules {
        message.u8(kind).text(name.as_bytes()).text(&content);
    }
    Ok(message.0)
}

/// The engine at work in the child.
struct Run {
    store: Store<Host>,
    memory: Memory,
    instance: Instance,
}

impl Run {
    fn new(
        engine: &Engine,
        code: &Module,
        memory_bytes_max: usize,
        memory: impl FnOnce(&mut Store<Host>, wasmtime::MemoryType) -> wasmtime::Result<Memory>,
    ) -> wasmtime::Result<Self> {
        let mut store = Store::new(engine, Host::new(memory_bytes_max));
        store.limiter(|host| &mut host.memory);
        store.set_epoch_deadline(NEVER);
        let ty = code
            .imports()
            .find_map(|import| import.ty().memory().cloned());
        let ty = ty.ok_or_else(|| wasmtime::Error::msg("the engine imports no memory"))?;
        let memory = memory(&mut store, ty)?;
        store.data_mut().engine_memory = Some(memory);
        let imports: Vec<Extern> = code
            .imports()
            .map(|import| match import.ty() {
                ExternType::Func(ty) => loading::function(&mut store, import.name(), &ty).into(),
                _ => memory.into(),
            })
            .collect();
        let instance = Instance::new(&mut store, code, &imports)?;
        store.data_mut().engine_instance = Some(instance);
        Ok(Self {
            store,
            memory,
            instance,
        })
    }

    /// Puts a message into the engine's buffer, and has a function of the engine take it, within this CPU time.
    fn give(&mut self, function: &str, message: &[u8], cpu_max: Duration) -> wasmtime::Result<()> {
        let length = u32::try_from(message.len())?;
        let address = self.buffer(length)?;
        self.memory
            .write(&mut self.store, address as usize, message)?;
        let cpu_end = cpu_used().saturating_add(cpu_max);
        self.store.data_mut().cpu_end = cpu_end;
        self.store.set_epoch_deadline(1);
        self.store.epoch_deadline_callback(move |mut store| {
            if cpu_used() < cpu_end {
                return Ok(UpdateDeadline::Continue(1));
            }
            store.data_mut().is_out_of_time = true;
            Ok(UpdateDeadline::Interrupt)
        });
        let function = self
            .instance
            .get_typed_func::<u32, ()>(&mut self.store, function)?;
        function.call(&mut self.store, length)
    }

    fn buffer(&mut self, bytes: u32) -> wasmtime::Result<u32> {
        let buffer = self
            .instance
            .get_typed_func::<u32, u32>(&mut self.store, "buffer")?;
        buffer.call(&mut self.store, bytes)
    }

    fn number(&mut self, function: &str) -> wasmtime::Result<usize> {
        let function = self
            .instance
            .get_typed_func::<(), u32>(&mut self.store, function)?;
        Ok(function.call(&mut self.store, ())? as usize)
    }

    /// The module of the memory as it is now.
    fn image(
        mut self,
        engine: &Engine,
        code: &Module,
        facts: &[String],
        wasm: &[CodeHash],
    ) -> Result<Vec<u8>, Failed> {
        self.store.set_epoch_deadline(NEVER);
        let address = self.buffer(BUFFER_BYTES)?;
        let stack = self.number("stack_bytes")?;
        let used = self.number("image_bytes")?;
        let memory = self.memory.data_mut(&mut self.store);
        let memory = memory
            .get_mut(..used)
            .ok_or_else(|| wasmtime::Error::msg("the engine's image ends outside memory"))?;
        // Dead between calls; what is left there would only make the image larger.
        if let Some(stack) = memory.get_mut(..stack) {
            stack.fill(0);
        }
        let buffer = Buffer {
            address,
            bytes: BUFFER_BYTES,
        };
        let module = image::module(memory, buffer, code, facts, wasm);
        Ok(Module::new(engine, module)?.serialize()?)
    }
}

/// Moves the epoch of the child's engine on for as long as the process lives.
pub(in crate::runtime) fn tick(engine: &Engine) {
    let engine = engine.clone();
    std::thread::spawn(move || {
        loop {
            #[expect(
                clippy::disallowed_methods,
                reason = "this thread does nothing but sleep and tick"
            )]
            std::thread::sleep(LOOK_EVERY);
            engine.increment_epoch();
        }
    });
}

fn load(engine: &Engine, path: &Path) -> wasmtime::Result<Module> {
    #[expect(
        unsafe_code,
        reason = "loading compiled code is the one unsafe act in the house"
    )]
    // SAFETY: the parent names files in its own private directory, whose keyed hash it has just checked, and which an
    // earlier child of the same program wrote.
    unsafe {
        Module::deserialize_file(engine, path)
    }
}
