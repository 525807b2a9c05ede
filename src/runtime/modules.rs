//! Loaded workers: bounded in bytes, each loaded once however many requests wait for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use thiserror::Error;
use tokio::sync::OnceCell;
use wasmtime::Engine;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::artifacts::{Artifacts, Code, Form, Found};
use super::checks::Refusal;
use super::compiler::{CompileError, Compiler, Job};
use super::component::{self, Host};
use super::javascript::{self, JavaScript};
use crate::assets::AssetError;
use crate::metrics::Metrics;
use crate::model::bundle::Content;
use crate::model::script::Kind;
use crate::model::{Bundle, CodeHash};
use crate::store::KeyValue;
use crate::store::records::{self, CodeError};

/// How long code that was refused is not compiled again.
const REFUSED_FOR: Duration = Duration::from_secs(60);
const REFUSED_MAX: u64 = 10_000;
/// What a loaded module holds beside its mapped code.
const MODULE_BYTES: u64 = 64 << 10;

/// Code that is ready to be instantiated.
pub(super) struct Module {
    pub code: Loaded,
    bytes: u64,
}

/// Code of either kind, linked; imports were checked once, here.
pub(super) enum Loaded {
    Component(ProxyPre<Host>),
    JavaScript(javascript::Worker),
}

/// Why a module could not be loaded.
#[derive(Debug, Error, Clone)]
pub enum LoadError {
    /// The uploaded bytes could not be had.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// They could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The disk failed.
    #[error("the artifacts on disk: {0}")]
    Disk(String),
    /// Too many bytes are in memory at the moment.
    #[error("too many bytes of static assets are being sent")]
    Busy,
}

impl From<AssetError> for LoadError {
    fn from(error: AssetError) -> Self {
        match error {
            AssetError::Content(error) => Self::Code(error),
            AssetError::Busy => Self::Busy,
        }
    }
}

/// Loads modules from this node's disk, or compiles them.
pub(super) struct ModuleCache {
    loaded: Cache<CodeHash, Arc<Module>>,
    refused: moka::sync::Cache<CodeHash, Refusal>,
    parts: Arc<Parts>,
}

struct Parts {
    maker: Maker,
    javascript: OnceCell<Arc<JavaScript>>,
    store: Arc<dyn KeyValue>,
}

impl ModuleCache {
    /// A cache of at most `bytes_max` bytes of code.
    pub(super) fn new(
        bytes_max: u64,
        engine: Engine,
        artifacts: Artifacts,
        compiler: Compiler,
        store: Arc<dyn KeyValue>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let evicted = metrics.clone();
        let weigh =
            |_: &CodeHash, module: &Arc<Module>| u32::try_from(module.bytes).unwrap_or(u32::MAX);
        let loaded = Cache::builder()
            .max_capacity(bytes_max)
            .weigher(weigh)
            .eviction_listener(move |_, module: Arc<Module>, _| {
                evicted
                    .modules_bytes
                    .sub(i64::try_from(module.bytes).unwrap_or(i64::MAX));
            })
            .build();
        let refused = moka::sync::Cache::builder()
            .max_capacity(REFUSED_MAX)
            .time_to_live(REFUSED_FOR)
            .build();
        Self {
            loaded,
            refused,
            parts: Arc::new(Parts {
                maker: Maker {
                    engine,
                    artifacts: Arc::new(artifacts),
                    compiler,
                    metrics,
                },
                javascript: OnceCell::new(),
                store,
            }),
        }
    }

    /// Counts a module that was found without asking here.
    pub(super) fn count_hit(&self) {
        self.parts.maker.metrics.modules_hits.inc();
    }

    /// Whether a module is in memory.
    pub(super) fn has(&self, code: &CodeHash) -> bool {
        self.loaded.contains_key(code)
    }

    /// Makes ready what JavaScript workers share.
    ///
    /// # Errors
    /// [`LoadError`], each variant its own case.
    pub(super) async fn warm(&self) -> Result<(), LoadError> {
        let Parts {
            maker, javascript, ..
        } = &*self.parts;
        javascript
            .get_or_try_init(|| maker.javascript())
            .await
            .map(drop)?;
        maker.base().await.map(drop)
    }

    /// The module of this code.
    ///
    /// # Errors
    /// [`LoadError`], each variant its own case.
    pub(super) async fn load(&self, hash: CodeHash, kind: Kind) -> Result<Arc<Module>, LoadError> {
        if let Some(module) = self.loaded.get(&hash).await {
            self.parts.maker.metrics.modules_hits.inc();
            return Ok(module);
        }
        self.parts.maker.metrics.modules_misses.inc();
        if let Some(refusal) = self.refused.get(&hash) {
            return Err(CompileError::Refused(refusal).into());
        }
        // On a task of its own: a visitor who leaves must not throw a compilation away that others wait for.
        let parts = self.parts.clone();
        let loading = async move {
            let loaded = tokio::spawn(async move { parts.load(hash, kind).await }).await;
            loaded.map_err(|e| LoadError::Disk(e.to_string()))?
        };
        let result = self
            .loaded
            .try_get_with(hash, loading)
            .await
            .map_err(Arc::unwrap_or_clone);
        if let Err(LoadError::Compile(CompileError::Refused(refusal))) = &result {
            self.refused.insert(hash, refusal.clone());
        }
        result
    }
}

impl Parts {
    async fn load(&self, hash: CodeHash, kind: Kind) -> Result<Arc<Module>, LoadError> {
        let upload = records::code(&*self.store, &hash);
        let (code, bytes) = match kind {
            Kind::Component => {
                let made = self
                    .maker
                    .make(hash, Form::Component, Job::Component, upload)
                    .await?;
                let (Code::Component(component), bytes) = made else {
                    return Err(LoadError::Disk(format!(
                        "the artifact of {hash} is no component"
                    )));
                };
                let pre = component::link(&self.maker.engine, &component)
                    .map_err(CompileError::Refused)?;
                (Loaded::Component(pre), bytes)
            }
            Kind::JavaScript => {
                let javascript = self
                    .javascript
                    .get_or_try_init(|| self.maker.javascript())
                    .await?;
                // An image is mapped from its file: what the kernel holds of it, it can drop.
                let (image, wasm) = self.maker.worker(hash, upload).await?;
                let bytes = wasm.iter().map(|(_, bytes)| bytes).sum();
                let wasm = wasm.into_iter().map(|(module, _)| module).collect();
                let worker = javascript::Worker::new(javascript.clone(), &image, wasm)
                    .map_err(|e| LoadError::Disk(format!("the image of {hash}: {e:#}")))?;
                (Loaded::JavaScript(worker), bytes)
            }
            Kind::Assets => return Err(CodeError::Missing(hash).into()),
        };
        let bytes = bytes + MODULE_BYTES;
        self.maker
            .metrics
            .modules_bytes
            .add(i64::try_from(bytes).unwrap_or(i64::MAX));
        Ok(Arc::new(Module { code, bytes }))
    }
}

/// Makes artifacts where there are none, and loads them.
pub(super) struct Maker {
    pub engine: Engine,
    pub artifacts: Arc<Artifacts>,
    pub compiler: Compiler,
    pub metrics: Arc<Metrics>,
}

impl Maker {
    /// The JavaScript engine; made once per node, and again when the engine is another.
    async fn javascript(&self) -> Result<Arc<JavaScript>, LoadError> {
        let (code, _) = self.engine_code().await?;
        let javascript = JavaScript::new(&self.engine, code);
        javascript
            .map(Arc::new)
            .map_err(|e| LoadError::Disk(format!("the JavaScript engine: {e:#}")))
    }

    /// The files that a worker's image is made with: on disk, and what they should be.
    async fn base(&self) -> Result<(PathBuf, PathBuf), LoadError> {
        let (engine_name, base_name) = (javascript::engine_name(), javascript::base_name());
        self.engine_code().await?;
        let engine = self.artifacts.path(&engine_name);
        let job = Job::Base {
            engine: engine.clone(),
        };
        self.make(base_name, Form::Module, job, nothing()).await?;
        Ok((engine, self.artifacts.path(&base_name)))
    }

    async fn engine_code(&self) -> Result<(wasmtime::Module, u64), LoadError> {
        let made = self
            .make(
                javascript::engine_name(),
                Form::Module,
                Job::Engine,
                nothing(),
            )
            .await?;
        module(made)
    }

    /// The image of a JavaScript worker, and the machine code of the modules that it imports.
    ///
    /// # Errors
    /// [`LoadError`], each variant its own case.
    pub(super) async fn worker(
        &self,
        bundle: CodeHash,
        upload: impl Future<Output = Result<Bytes, CodeError>>,
    ) -> Result<(wasmtime::Module, Vec<Weighed>), LoadError> {
        let name = javascript::worker_name(&bundle);
        if let Some(found) = self.on_disk(name, Form::Module).await? {
            let (image, _) = module(found)?;
            let wanted = javascript::wasm_modules(&image);
            let mut found = Vec::with_capacity(wanted.len());
            for hash in &wanted {
                let name = javascript::wasm_name(hash);
                found.extend(self.on_disk(name, Form::Module).await?.map(module));
            }
            if found.len() == wanted.len() {
                return Ok((image, found.into_iter().collect::<Result<_, _>>()?));
            }
            // The disk has been swept of one of them.
            return Ok((image, self.wasm(&upload.await?).await?.1));
        }
        let upload = upload.await?;
        let (wasm, modules) = self.wasm(&upload).await?;
        let (engine, base) = self.base().await?;
        let job = Job::Script { engine, base, wasm };
        let made = self
            .make(name, Form::Module, job, std::future::ready(Ok(upload)))
            .await?;
        Ok((module(made)?.0, modules))
    }

    /// The modules that a worker imports: where their machine code lies, and it.
    async fn wasm(&self, upload: &Bytes) -> Result<(Vec<PathBuf>, Vec<Weighed>), LoadError> {
        let (mut paths, mut modules) = (Vec::new(), Vec::new());
        for (name, code) in wasm_parts(upload.clone()).await? {
            let artifact = javascript::wasm_name(&CodeHash::of(&code));
            let code = std::future::ready(Ok(code));
            let made = self.make(artifact, Form::Module, Job::Wasm, code).await;
            modules.push(module(made.map_err(|error| named(error, name))?)?);
            paths.push(self.artifacts.path(&artifact));
        }
        Ok((paths, modules))
    }

    /// An artifact from this node's disk, or made by a child.
    pub(super) async fn make(
        &self,
        name: CodeHash,
        form: Form,
        job: Job,
        upload: impl Future<Output = Result<Bytes, CodeError>>,
    ) -> Result<(Code, u64), LoadError> {
        if let Some(found) = self.on_disk(name, form).await? {
            return Ok(found);
        }
        let artifact = self.compiler.compile(&job, &upload.await?).await?;
        let artifacts = self.artifacts.clone();
        blocking(move || artifacts.keep(&name, &artifact)).await?;
        self.on_disk(name, form)
            .await?
            .ok_or_else(|| LoadError::Disk(format!("the artifact {name} is gone")))
    }

    async fn on_disk(&self, name: CodeHash, form: Form) -> Result<Option<(Code, u64)>, LoadError> {
        let (artifacts, engine) = (self.artifacts.clone(), self.engine.clone());
        let found = blocking(move || artifacts.load(&engine, &name, form)).await?;
        match found {
            Found::Loaded(code, bytes) => Ok(Some((code, bytes))),
            Found::Missing => Ok(None),
            Found::Damaged => {
                self.metrics.artifacts_damaged.inc();
                tracing::warn!(code = %name, "an artifact on disk is damaged; it is made anew");
                Ok(None)
            }
        }
    }
}

fn module((code, bytes): (Code, u64)) -> Result<(wasmtime::Module, u64), LoadError> {
    match code {
        Code::Module(module) => Ok((module, bytes)),
        Code::Component(_) => Err(LoadError::Disk("an artifact is no module".into())),
    }
}

/// Machine code and its bytes.
type Weighed = (wasmtime::Module, u64);

/// The WebAssembly modules in a worker's bundle, by name. What is wrong with the bundle its own child says.
async fn wasm_parts(upload: Bytes) -> Result<Vec<(String, Bytes)>, LoadError> {
    if memchr::memmem::find(&upload, br#""type":"wasm""#).is_none() {
        return Ok(Vec::new());
    }
    let parts = blocking(move || {
        let bundle = serde_json::from_slice::<Bundle>(&upload).ok();
        let modules = bundle.map(|bundle| bundle.modules).unwrap_or_default();
        let parts = modules
            .into_iter()
            .filter_map(|module| match module.content {
                Content::Wasm(code) => Some((module.name, Bytes::from(code))),
                _ => None,
            });
        Ok(parts.collect::<Vec<_>>())
    })
    .await?;
    match parts.get(javascript::wasm::MODULES_MAX) {
        None => Ok(parts),
        Some((name, _)) => Err(CompileError::Refused(Refusal::WasmModule {
            name: name.clone(),
            why: format!(
                "a worker has at most {} of them",
                javascript::wasm::MODULES_MAX
            ),
        })
        .into()),
    }
}

/// The same error with the module's name.
fn named(error: LoadError, name: String) -> LoadError {
    let LoadError::Compile(CompileError::Refused(refusal)) = error else {
        return error;
    };
    let why = match refusal {
        Refusal::WasmModule { why, .. } => why,
        Refusal::TooComplex(what) => {
            format!("it is too complex to compile: the compiler used up its {what}")
        }
        other => other.to_string(),
    };
    CompileError::Refused(Refusal::WasmModule { name, why }).into()
}

/// For what is made of the engine's own parts.
async fn nothing() -> Result<Bytes, CodeError> {
    Ok(Bytes::new())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, LoadError> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| LoadError::Disk(e.to_string()))?;
    done.map_err(|e| LoadError::Disk(e.to_string()))
}
