//! JavaScript workers: one engine that all share, and a worker's memory as data.
//!
//! The engine (`engine/`) is a core module that imports its memory and is compiled once per node. Deploying a worker
//! evaluates its top level in a child process and keeps the memory as an image ([`snapshot`]). A request gets an
//! instance of that image, copied on write, and an instance of the engine over it ([`worker`]). The engine speaks to
//! its host through a small interface of its own, described in engine/README.md ([`host`]).

use std::sync::LazyLock;

use crate::model::CodeHash;

mod arguments;
mod bindings;
mod crypto;
mod host;
mod image;
mod imports;
mod kv;
mod loading;
mod log;
mod node;
mod operations;
mod slow;
pub(super) mod snapshot;
pub mod source_maps;
mod streams;
mod visitor;
pub(super) mod wasm;
mod wire;
mod worker;

pub(super) use host::{Host, Parts};
pub(super) use image::wasm_modules;
pub(super) use log::Log;
pub(super) use slow::Slow;
pub(super) use source_maps::SourceMaps;
pub(super) use visitor::Visitor;
pub(super) use worker::{Head, JavaScript, Worker, body};

/// What an image says of its worker: the events it handles, and whether it is made of modules.
pub(super) fn facts(image: &wasmtime::Module) -> (Vec<String>, bool) {
    let names = || image.exports().map(|export| export.name());
    let handlers = names().filter_map(|name| name.strip_prefix(image::HANDLER));
    let has_modules = names().any(|name| name == image::HAS_MODULES);
    (handlers.map(str::to_owned).collect(), has_modules)
}

/// The engine: QuickJS-ng as a core module.
static ENGINE: &[u8] = include_bytes!("../../../engine/built/engine.wasm");
/// What the engine evaluates first: the web platform, and what leads a request through a worker.
static API: &[u8] = include_bytes!("../../../engine/built/api.js");

/// A name for the engine with all that belongs to it; images are bound to it.
static ENGINE_HASH: LazyLock<CodeHash> = LazyLock::new(|| {
    let node = node::MODULES.iter().map(|(_, source)| source.as_bytes());
    let parts = [ENGINE, API].into_iter().chain(node);
    let parts: Vec<String> = parts.map(|part| CodeHash::of(part).to_string()).collect();
    CodeHash::of(parts.concat().as_bytes())
});

/// Under which name an artifact that depends on the engine is kept.
fn artifact_name(part: &str) -> CodeHash {
    CodeHash::of(format!("{part} of engine {}", *ENGINE_HASH).as_bytes())
}

/// The name of the engine's machine code among the artifacts.
pub(super) fn engine_name() -> CodeHash {
    artifact_name("code")
}

/// The name of the image that every worker begins with.
pub(super) fn base_name() -> CodeHash {
    artifact_name("base")
}

/// The name of the machine code of a module that workers import.
pub(super) fn wasm_name(module: &CodeHash) -> CodeHash {
    artifact_name(&format!("module {module} rewritten {}", wasm::VERSION))
}

/// The name of a worker's image.
pub(super) fn worker_name(bundle: &CodeHash) -> CodeHash {
    artifact_name(&bundle.to_string())
}
