//! Runs workers: a fresh sandbox for each request, within its limits.
//!
//! It knows nothing of the proxy, and never compiles: finished artifacts come from [`modules`], which has
//! them made by a child process.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use http::{Request, Response};
use moka::sync::Cache;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use wasmtime::Engine;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use crate::bindings::{self, Bindings};
use crate::conf::Conf;
use crate::egress::Egress;
use crate::limiter::{Limiter, Permit, Tenant};
use crate::metrics::Metrics;
use crate::model::namespace::State;
use crate::model::script::Kind;
use crate::model::{CodeHash, Limit, Limits, Namespace, REGULAR, Script, TenantId};
use crate::secrets::{Keyring, SealError};
use crate::store::known::{Found, Known, Record, Unavailable};
use crate::store::{KeyValue, keys};

pub mod artifacts;
pub mod checks;
pub mod compiler;
mod component;
pub mod engine;
mod invocation;
pub mod javascript;
mod meter;
mod modules;
mod outbound;
mod request_body;
mod tenant_log;

pub use invocation::Body;
pub use modules::LoadError;
pub use request_body::{RequestBody, RequestBodySender};

use invocation::{Ended, Guest, GuestFuture, Head, Invocation};
use meter::{MemoryLimit, Meter};
use modules::{Loaded, Maker, Module, ModuleCache};
use outbound::Outbound;
use tenant_log::TenantLog;

/// Workers whose bindings and limits are kept ready.
const WORKERS_MAX: u64 = 100_000;

/// Runs workers.
pub struct Runtime {
    engine: Engine,
    modules: ModuleCache,
    scripts: Arc<Known<Script>>,
    namespaces: Arc<Known<Namespace>>,
    keyring: Arc<Keyring>,
    workers: Cache<TenantId, Arc<Worker>>,
    limiter: Arc<Limiter>,
    egress: Arc<Egress>,
    shared: Arc<Shared>,
    defaults: Limits,
    ceilings: Limits,
    connections_max: usize,
}

/// What every invocation needs to know of the process.
struct Shared {
    metrics: Arc<Metrics>,
    /// Where guests go that have used up a slice.
    heavy: Handle,
    /// Where the host does what takes long for them.
    slow: Arc<javascript::Slow>,
    source_maps: Arc<javascript::SourceMaps>,
}

/// A worker, ready for requests.
struct Worker {
    /// The keys of its record and of its namespace's.
    key: String,
    namespace_key: String,
    script: Arc<Script>,
    /// Its namespace; regular workers have none, and a namespace needs no record.
    namespace: Option<Arc<Namespace>>,
    tenant: Arc<Tenant>,
    limits: Limits,
    bindings: Bindings,
    /// Its code, while the cache holds it.
    module: ArcSwap<Weak<Module>>,
    invocations: AtomicU32,
}

/// Of this many invocations one asks the cache for its module, so that the cache knows what is in use.
const MODULE_TOUCH: u32 = 64;

impl Worker {
    /// Its code, by way of the cache only as often as the cache needs to see that it is in use.
    async fn module(&self, modules: &ModuleCache) -> Result<Arc<Module>, LoadError> {
        let turn = self.invocations.fetch_add(1, Ordering::Relaxed);
        if !turn.is_multiple_of(MODULE_TOUCH)
            && let Some(module) = self.module.load().upgrade()
        {
            modules.count_hit();
            return Ok(module);
        }
        let module = modules.load(self.script.code, self.script.kind).await?;
        self.module.store(Arc::new(Arc::downgrade(&module)));
        Ok(module)
    }
}

/// Why a worker did not answer.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// No script has this name.
    #[error("there is no worker {0}")]
    NotFound(TenantId),
    /// There may be one, but the store is away.
    #[error("the store is away, and this node has not run the worker before")]
    StoreAway,
    /// Its record cannot be read.
    #[error("the worker's record cannot be read")]
    Unreadable,
    /// One of its secrets does not open on this node.
    #[error(transparent)]
    Secret(#[from] SealError),
    /// Its code could not be loaded.
    #[error("the worker's code could not be loaded: {0}")]
    Load(#[from] LoadError),
    /// It ran into a limit.
    #[error("the worker exceeded its {} limit", .0.label())]
    Limit(Limit),
    /// Its JavaScript threw.
    #[error("the worker threw: {0}")]
    Exception(String),
    /// Its JavaScript waits for what cannot come.
    #[error("the worker will never answer: its promise waits for nothing that can still happen")]
    NeverSettled,
    /// It trapped.
    #[error("the worker trapped: {0}")]
    Trap(String),
    /// It ended without a response.
    #[error("the worker ended without a response")]
    NoResponse,
    /// It answered with an error.
    #[error("the worker answered with {0}")]
    Refused(String),
    /// Its body broke off.
    #[error("the worker's body broke off: {0}")]
    Body(String),
    /// The host failed.
    #[error("the sandbox failed: {0}")]
    Host(String),
}

/// What the runtime is made of.
pub struct Parts {
    /// The engine that serves.
    pub engine: Engine,
    /// Compiled code on disk.
    pub artifacts: artifacts::Artifacts,
    /// The records.
    pub store: Arc<dyn KeyValue>,
    /// Scripts among them.
    pub scripts: Arc<Known<Script>>,
    /// Dispatch namespaces among them.
    pub namespaces: Arc<Known<Namespace>>,
    /// What opens secrets.
    pub keyring: Arc<Keyring>,
    /// Admission.
    pub limiter: Arc<Limiter>,
    /// The way out.
    pub egress: Arc<Egress>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The threads for guests that compute.
    pub heavy: Handle,
}

impl Runtime {
    /// Puts the runtime together.
    pub fn new(conf: &Conf, parts: Parts) -> Self {
        let Parts {
            engine,
            artifacts,
            store,
            scripts,
            namespaces,
            keyring,
            limiter,
            egress,
            metrics,
            heavy,
        } = parts;
        let compiler = compiler::Compiler::new(
            compiler::Bounds::new(conf),
            conf.runtime.compilers,
            metrics.clone(),
        );
        let bytes_max = conf.runtime.modules_mb << 20;
        let source_maps = Arc::new(javascript::SourceMaps::new(store.clone()));
        Self {
            modules: ModuleCache::new(
                bytes_max,
                engine.clone(),
                artifacts,
                compiler,
                store,
                metrics.clone(),
            ),
            engine,
            scripts,
            namespaces,
            keyring,
            workers: Cache::new(WORKERS_MAX),
            limiter,
            egress,
            shared: Arc::new(Shared {
                metrics,
                slow: Arc::new(javascript::Slow::new(heavy.clone())),
                heavy,
                source_maps,
            }),
            defaults: conf.limits.defaults(),
            ceilings: conf.limits.ceilings(),
            connections_max: conf.egress.connections_per_invocation,
        }
    }

    /// Makes the JavaScript engine ready, so that no visitor waits for that.
    pub async fn warm(&self) {
        if let Err(error) = self.modules.warm().await {
            tracing::warn!(%error, "the JavaScript engine could not be made ready; the first worker that needs it tries again");
        }
    }

    /// Has a tenant's worker answer a request.
    ///
    /// The request's URI is its path and query; its `Host` header is the authority that the worker sees.
    ///
    /// # Errors
    /// [`WorkerError`], each variant its own answer.
    pub async fn fetch(
        &self,
        tenant: &TenantId,
        request: Request<RequestBody>,
        is_tls: bool,
        request_id: &str,
    ) -> Result<Response<Body>, WorkerError> {
        let worker = self.worker(tenant).await?;
        let limit = |limit| {
            worker.tenant.metrics.limit_exceeded(limit);
            WorkerError::Limit(limit)
        };
        let permit = self
            .limiter
            .admit(&worker.tenant, &worker.limits)
            .map_err(limit)?;
        let module = worker.module(&self.modules).await?;
        let response = self
            .invoke(&worker, module, permit, request, is_tls, request_id)
            .response()
            .await;
        response.inspect_err(|error| {
            if let WorkerError::Limit(limit) = error {
                worker.tenant.metrics.limit_exceeded(*limit);
            }
        })
    }

    /// The worker as its record describes it now.
    async fn worker(&self, id: &TenantId) -> Result<Arc<Worker>, WorkerError> {
        let known = self.workers.get(id);
        let (key, namespace_key) = match &known {
            Some(worker) => {
                // The hot path: neither record has changed since.
                if let Found::Present(script) = self.scripts.peek(&worker.key)
                    && Arc::ptr_eq(&worker.script, &script)
                    && self.has_same_namespace(worker)
                {
                    return Ok(worker.clone());
                }
                (worker.key.clone(), worker.namespace_key.clone())
            }
            None => (keys::script(id), keys::namespace(id.namespace())),
        };
        let namespace = self.namespace(id, &namespace_key).await?;
        let script = read(&self.scripts, &key).await?;
        let script = script.ok_or_else(|| WorkerError::NotFound(id.clone()))?;
        // A new version keeps the tenant's counters: invocations of the old one still run.
        let tenant = known.map(|worker| worker.tenant.clone());
        let limits = match &namespace {
            Some(namespace) => script.limits.or(&namespace.limits),
            None => script.limits,
        };
        let worker = Arc::new(Worker {
            key,
            namespace_key,
            tenant: tenant
                .unwrap_or_else(|| Arc::new(Tenant::new(id.clone(), &self.shared.metrics))),
            limits: limits.resolve(&self.defaults, &self.ceilings),
            bindings: bindings::open(id, &script, &self.keyring)?,
            module: ArcSwap::from_pointee(Weak::new()),
            invocations: AtomicU32::new(0),
            script,
            namespace,
        });
        self.workers.insert(id.clone(), worker.clone());
        Ok(worker)
    }

    /// Whether nothing has happened to a worker's namespace.
    fn has_same_namespace(&self, worker: &Worker) -> bool {
        if worker.tenant.id.namespace() == REGULAR {
            return true;
        }
        match (
            self.namespaces.peek(&worker.namespace_key),
            &worker.namespace,
        ) {
            (Found::Present(now), Some(then)) => Arc::ptr_eq(&now, then),
            (Found::Absent, None) => true,
            _ => false,
        }
    }

    /// The worker's namespace, if it has a record; a deleted one has no workers.
    async fn namespace(
        &self,
        id: &TenantId,
        key: &str,
    ) -> Result<Option<Arc<Namespace>>, WorkerError> {
        if id.namespace() == REGULAR {
            return Ok(None);
        }
        let found = match self.namespaces.peek(key) {
            Found::Present(namespace) => Some(namespace),
            // Also while the store is away: what is known serves.
            Found::Absent => None,
            Found::Unknown => read(&self.namespaces, key).await?,
        };
        match found {
            Some(namespace) if namespace.state == State::Deleted => {
                Err(WorkerError::NotFound(id.clone()))
            }
            None => {
                self.namespaces.keep_absent(key);
                Ok(None)
            }
            found => Ok(found),
        }
    }

    fn invoke(
        &self,
        worker: &Worker,
        module: Arc<Module>,
        permit: Permit,
        request: Request<RequestBody>,
        is_tls: bool,
        request_id: &str,
    ) -> Invocation {
        let tenant = worker.tenant.clone();
        let meter = Arc::new(Meter::new(&worker.limits));
        let log = TenantLog::new(tenant.clone(), request_id.into(), worker.limits.log_bytes);
        let outbound = Outbound::new(
            self.egress.clone(),
            tenant.clone(),
            worker.limits.subrequests,
            self.connections_max,
        );
        let memory = MemoryLimit::new(worker.limits.memory_bytes);
        let engine = self.engine.clone();
        let (guest, head, visitor) = match &module.code {
            Loaded::Component(_) => {
                let host = component::Host::new(worker.bindings.clone(), log, outbound, memory);
                let (sender, head) = oneshot::channel();
                let guest = component(engine, module, host, meter.clone(), request, is_tls, sender);
                (guest, Head::Component(head), None)
            }
            Loaded::JavaScript(_) => {
                let (sender, head) = oneshot::channel();
                let visitor = Arc::new(javascript::Visitor::default());
                let (parts, body) = request.into_parts();
                let body = javascript::body(body);
                let message = javascript::Head {
                    is_tls,
                    has_body: body.is_some(),
                    environment: &worker.bindings.json,
                    request: &Request::from_parts(parts, ()),
                }
                .message();
                let maps = self.shared.source_maps.clone();
                let parts = javascript::Parts {
                    log: javascript::Log::new(log, maps, worker.script.code),
                    slow: self.shared.slow.of(tenant.clone(), meter.clone()),
                    outbound,
                    limit: memory,
                    visitor: visitor.clone(),
                };
                let host = javascript::Host::new(parts, sender, body);
                let guest = script(engine, module, host, meter.clone(), message);
                (guest, Head::Script(head), Some(visitor))
            }
        };
        let wall = worker.limits.wall;
        Invocation {
            guest: Guest::new(
                self.shared.clone(),
                tenant.clone(),
                meter,
                permit,
                wall,
                visitor,
                guest,
            ),
            tenant,
            head,
        }
    }
}

/// A record, from memory or the store; `None` when there is none.
async fn read<R: Record>(known: &Known<R>, key: &str) -> Result<Option<Arc<R>>, WorkerError> {
    match known.peek(key) {
        Found::Present(record) => return Ok(Some(record)),
        Found::Absent if known.is_live() => return Ok(None),
        Found::Absent => return Err(WorkerError::StoreAway),
        Found::Unknown => {}
    }
    let found = known.load(&[key.to_owned()]).await.pop();
    match found.unwrap_or(Err(Unavailable::StoreAway)) {
        Ok(record) => Ok(record),
        Err(Unavailable::StoreAway) => Err(WorkerError::StoreAway),
        Err(Unavailable::Unreadable) => Err(WorkerError::Unreadable),
    }
}

/// A component's invocation, from its instantiation to its end.
fn component(
    engine: Engine,
    module: Arc<Module>,
    host: component::Host,
    meter: Arc<Meter>,
    request: Request<RequestBody>,
    is_tls: bool,
    sender: oneshot::Sender<Result<Response<WasiBody>, ErrorCode>>,
) -> GuestFuture {
    Box::pin(async move {
        let Loaded::Component(pre) = &module.code else {
            return Err(WorkerError::Host("the module is of another kind".into()));
        };
        let mut store = component::store(&engine, host, meter.clone());
        // Dropped before the store: whoever sees the body end sees why, also when a host call panics.
        let mut unless_well = FailUnlessWell {
            meter: &meter,
            is_well: false,
        };
        let run = async {
            let scheme = if is_tls { Scheme::Https } else { Scheme::Http };
            let request = store
                .data_mut()
                .http()
                .new_incoming_request(scheme, request)?;
            let outparam = store.data_mut().http().new_response_outparam(sender)?;
            let proxy = pre.instantiate_async(&mut store).await?;
            proxy
                .wasi_http_incoming_handler()
                .call_handle(&mut store, request, outparam)
                .await
        };
        let result = run.await;
        let ended = judge(result, &meter, store.data().memory.was_refused);
        unless_well.is_well = ended.is_ok();
        ended
    })
}

/// A JavaScript worker's invocation.
fn script(
    engine: Engine,
    module: Arc<Module>,
    host: javascript::Host,
    meter: Arc<Meter>,
    message: Vec<u8>,
) -> GuestFuture {
    Box::pin(async move {
        let Loaded::JavaScript(worker) = &module.code else {
            return Err(WorkerError::Host("the module is of another kind".into()));
        };
        let mut store = wasmtime::Store::new(&engine, host);
        store.limiter(|host| &mut host.limit);
        meter::bound(&mut store, meter.clone());
        let mut unless_well = FailUnlessWell {
            meter: &meter,
            is_well: false,
        };
        let result = worker.run(&mut store, &message).await;
        let ended = judge(result, &meter, store.data().limit.was_refused);
        unless_well.is_well = ended.is_ok();
        ended
    })
}

/// Notes a guest's failure before its store is dropped.
struct FailUnlessWell<'a> {
    meter: &'a Meter,
    is_well: bool,
}

impl Drop for FailUnlessWell<'_> {
    fn drop(&mut self) {
        if !self.is_well {
            self.meter.fail();
        }
    }
}

/// What the guest's end means.
fn judge(result: wasmtime::Result<()>, meter: &Meter, memory_was_refused: bool) -> Ended {
    let Err(error) = result else { return Ok(()) };
    if let Some(limit) = meter.exceeded() {
        return Err(WorkerError::Limit(limit));
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Err(WorkerError::Limit(Limit::Instances));
    }
    if memory_was_refused {
        return Err(WorkerError::Limit(Limit::Memory));
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return match exit.0 {
            0 => Ok(()),
            code => Err(WorkerError::Trap(format!("it called exit with {code}"))),
        };
    }
    Err(WorkerError::Trap(error.root_cause().to_string()))
}

/// The threads for guests that compute: they give way to those that serve.
///
/// # Errors
/// When the system gives no threads.
pub fn heavy_threads(conf: &Conf) -> std::io::Result<tokio::runtime::Runtime> {
    let nice = conf.runtime.heavy_nice;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(conf.runtime.heavy_threads())
        .thread_name("heavy")
        // Guests that yield keep the queue full; without this, I/O would be looked at every 61st poll.
        .event_interval(8)
        .on_thread_start(move || {
            // On Linux niceness belongs to a thread. Refused, all threads are equal, which is slower, not wrong.
            let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), nice);
        })
        .enable_all()
        .build()
}

/// An upload that was found good.
pub struct Prepared {
    /// Its name.
    pub hash: CodeHash,
    /// The events it handles.
    pub handlers: Vec<String>,
    /// It is made of JavaScript modules.
    pub has_modules: bool,
    /// What a node loads of it, as long as this value lives.
    pub artifact: std::path::PathBuf,
    /// Where artifacts are kept when this node's own directory cannot be written.
    _elsewhere: Option<tempfile::TempDir>,
}

/// Prepares code on this node before anything asks for it, and says what is wrong with it.
///
/// # Errors
/// [`LoadError`], with [`compiler::CompileError::Refused`] for what its author has to mend.
pub async fn prepare(
    conf: &Conf,
    kind: Kind,
    code: &[u8],
    metrics: Arc<Metrics>,
) -> Result<Prepared, LoadError> {
    let disk = |e: &dyn std::fmt::Display| LoadError::Disk(e.to_string());
    let engine = engine::compiling().map_err(|e| disk(&e))?;
    let open = |directory: &std::path::Path| {
        artifacts::Artifacts::open(directory, &engine, conf.runtime.artifacts_mb << 20)
    };
    let (artifacts, elsewhere) = match open(&conf.store.data_dir) {
        Ok(artifacts) => (artifacts, None),
        // An operator's own machine need not have a node's directory; every edge prepares for itself.
        Err(_) => {
            let directory = tempfile::tempdir().map_err(|e| disk(&e))?;
            (
                open(directory.path()).map_err(|e| disk(&e))?,
                Some(directory),
            )
        }
    };
    let maker = Maker {
        artifacts: Arc::new(artifacts),
        compiler: compiler::Compiler::new(compiler::Bounds::new(conf), 1, metrics.clone()),
        engine,
        metrics,
    };
    let hash = CodeHash::of(code);
    let upload = std::future::ready(Ok(bytes::Bytes::copy_from_slice(code)));
    let (name, (handlers, has_modules)) = match kind {
        Kind::Component => {
            let job = compiler::Job::Component;
            maker
                .make(hash, artifacts::Form::Component, job, upload)
                .await?;
            (hash, (vec!["fetch".to_owned()], false))
        }
        Kind::JavaScript => {
            let (image, _) = maker.worker(hash, upload).await?;
            (javascript::worker_name(&hash), javascript::facts(&image))
        }
    };
    Ok(Prepared {
        hash,
        handlers,
        has_modules,
        artifact: maker.artifacts.path(&name),
        _elsewhere: elsewhere,
    })
}
