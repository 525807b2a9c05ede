//! Loaded modules: bounded in bytes, each loaded once however many requests wait for it.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use thiserror::Error;
use wasmtime::Engine;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::artifacts::{Artifacts, Found};
use super::checks::Refusal;
use super::compiler::{CompileError, Compiler};
use super::component::{self, Host};
use crate::metrics::Metrics;
use crate::model::CodeHash;
use crate::store::KeyValue;
use crate::store::records::{self, CodeError};

/// How long code that was refused is not compiled again.
const REFUSED_FOR: Duration = Duration::from_secs(60);
const REFUSED_MAX: u64 = 10_000;
/// What a loaded module holds beside its mapped code.
const MODULE_BYTES: u64 = 64 << 10;

/// Code that is ready to be instantiated.
pub(super) struct Module {
    /// Linked; imports were checked once, here.
    pub pre: ProxyPre<Host>,
    bytes: u64,
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
}

/// Loads modules from this node's disk, or compiles them.
pub(super) struct ModuleCache {
    loaded: Cache<CodeHash, Arc<Module>>,
    refused: moka::sync::Cache<CodeHash, Refusal>,
    parts: Arc<Parts>,
}

struct Parts {
    engine: Engine,
    artifacts: Artifacts,
    compiler: Compiler,
    store: Arc<dyn KeyValue>,
    metrics: Arc<Metrics>,
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
                engine,
                artifacts,
                compiler,
                store,
                metrics,
            }),
        }
    }

    /// Counts a module that was found without asking here.
    pub(super) fn count_hit(&self) {
        self.parts.metrics.modules_hits.inc();
    }

    /// The module of this code.
    ///
    /// # Errors
    /// [`LoadError`], each variant its own case.
    pub(super) async fn load(&self, hash: CodeHash) -> Result<Arc<Module>, LoadError> {
        if let Some(module) = self.loaded.get(&hash).await {
            self.parts.metrics.modules_hits.inc();
            return Ok(module);
        }
        self.parts.metrics.modules_misses.inc();
        if let Some(refusal) = self.refused.get(&hash) {
            return Err(CompileError::Refused(refusal).into());
        }
        // On a task of its own: a visitor who leaves must not throw a compilation away that others wait for.
        let parts = self.parts.clone();
        let loading = async move {
            let loaded = tokio::spawn(async move { parts.load(hash).await }).await;
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
    async fn load(self: Arc<Self>, hash: CodeHash) -> Result<Arc<Module>, LoadError> {
        if let Some(module) = self.from_disk(hash).await? {
            return Ok(module);
        }
        let code = records::code(&*self.store, &hash).await?;
        let artifact = self.compiler.compile(&code).await?;
        let this = self.clone();
        blocking(move || this.artifacts.keep(&hash, &artifact)).await?;
        self.from_disk(hash)
            .await?
            .ok_or_else(|| LoadError::Disk(format!("the artifact of {hash} is gone")))
    }

    async fn from_disk(self: &Arc<Self>, hash: CodeHash) -> Result<Option<Arc<Module>>, LoadError> {
        let this = self.clone();
        let found = blocking(move || this.artifacts.load(&this.engine, &hash)).await?;
        let (component, bytes) = match found {
            Found::Loaded(component, bytes) => (component, bytes),
            Found::Missing => return Ok(None),
            Found::Damaged => {
                self.metrics.artifacts_damaged.inc();
                tracing::warn!(code = %hash, "an artifact on disk is damaged; it is compiled anew");
                return Ok(None);
            }
        };
        let pre = component::link(&self.engine, &component).map_err(CompileError::Refused)?;
        let bytes = bytes + MODULE_BYTES;
        self.metrics
            .modules_bytes
            .add(i64::try_from(bytes).unwrap_or(i64::MAX));
        Ok(Some(Arc::new(Module { pre, bytes })))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, LoadError> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| LoadError::Disk(e.to_string()))?;
    done.map_err(|e| LoadError::Disk(e.to_string()))
}
